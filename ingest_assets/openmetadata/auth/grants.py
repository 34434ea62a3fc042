"""What all ways to sign on share: who asks, and what an answer gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ingest_assets.errors import InvalidAnswerError
from ingest_assets.openmetadata.auth.keys import Keys
from ingest_assets.openmetadata.auth.renewed import Granted
from ingest_assets.openmetadata.auth.tokens import lifetime_of


@dataclass(frozen=True)
class Client:
    """Who asks for a token, and for which.

    Attributes:
        client_id: As the provider knows it.
        secret: Its secret, or its private key.
        scopes: What is asked for; the provider's defaults if empty.
        audience: Whom the token is for; not sent if empty.
    """

    client_id: str
    secret: str = field(repr=False)
    scopes: tuple[str, ...] = ()
    audience: str = ""


def granted(given: Mapping[str, Any], keys: Keys, where: str, name: str = "access_token") -> Granted:
    """The token of a token endpoint's answer.

    Raises:
        InvalidAnswerError: There is none.
    """
    token = given.get(name)
    if not isinstance(token, str) or not token or not (token.isascii() and token.isprintable() and " " not in token):
        raise InvalidAnswerError(f"the answer of {keys.provider} holds no {name}.", where=where)
    try:
        # Some say it as text.
        return Granted(token, float(given["expires_in"]))
    except (KeyError, TypeError, ValueError):
        return Granted(token, lifetime_of(token))


def server_side_advice(keys: Keys) -> str:
    """What to do when OpenMetadata refuses a token that its provider has just given."""
    return (
        f"{keys.provider} gave a token, and OpenMetadata does not take it: the server must trust this provider "
        "(authenticationConfiguration.publicKeyUrls), and its jwtPrincipalClaims must name a user of OpenMetadata, "
        f"best the bot, for the client of {keys.named(keys.client)}. Or use the bot's own token: authProvider: "
        "openmetadata and securityConfig.jwtToken."
    )
