"""What an identity provider's refusal means, and which key of the recipe to look at.

The errors are those of RFC 6749, section 5.2; Microsoft's numbers stand at the beginning of its descriptions
(``AADSTS7000215: Invalid client secret provided``) and say more than its errors do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any

from ingest_assets.errors import (
    AuthenticationError,
    IncompatibleServerError,
    InvalidAnswerError,
    RemoteError,
    UnavailableError,
)
from ingest_assets.openmetadata.auth.keys import Keys

_AZURE_NUMBER = re.compile(r"\bAADSTS(\d+)")
_TOO_MANY = 429
_UNAUTHORIZED = 401
_NOT_FOUND = 404
_LONGEST_WORDS = 300

_Advice = Callable[[Keys], str]


def _credentials(keys: Keys) -> str:
    return f"Check {keys.credentials}{', and the clock of this machine' if keys.signs else ''}."


def _address(keys: Keys) -> str:
    return f"Check {keys.named(keys.address)}."


def _scopes(keys: Keys) -> str:
    return f"Check {keys.named(keys.scopes)}, and which scopes the provider allows this client."


def _audience(keys: Keys) -> str:
    place = f"Check {keys.named(keys.audience)}, and allow" if keys.audience else "Allow"
    return f"{place} the client of {keys.named(keys.client)} to ask for tokens of that API at the provider."


def _grant_type(keys: Keys) -> str:
    return f"Allow the client of {keys.named(keys.client)} the grant client_credentials at the provider."


_BY_ERROR: Mapping[str, _Advice] = MappingProxyType(
    {
        "invalid_client": _credentials,
        "invalid_grant": _credentials,
        "unauthorized_client": _grant_type,
        "unsupported_grant_type": _grant_type,
        "invalid_scope": _scopes,
        "access_denied": _audience,
        "invalid_target": _audience,
        "invalid_tenant": _address,
    }
)
_BY_AZURE_NUMBER: Mapping[str, _Advice] = MappingProxyType(
    {
        "7000215": lambda keys: f"Check {keys.named(keys.secret)}: the secret's value is wanted, not its id.",
        "7000222": lambda keys: f"Make a new secret at the provider for {keys.named(keys.secret)}.",
        "700016": lambda keys: f"Check {keys.named(keys.client, keys.address)}: no such client in that tenant.",
        "90002": _address,
        "900023": _address,
        "70011": _scopes,
        "1002012": lambda keys: (
            f"Check {keys.named(keys.scopes)}: it must end in /.default, as in api://CLIENT/.default."
        ),
        "500011": _scopes,
    }
)


def error_of(status: int, content: bytes, keys: Keys, where: str, secrets: Collection[str]) -> RemoteError | None:
    """What an answer says went wrong; None if it is a JSON object that can be used.

    Args:
        status: HTTP status.
        content: The body.
        keys: The recipe's words.
        where: Who was asked, for the message.
        secrets: What must not get into a message, though the provider quotes it.
    """
    body = _json(content)
    if status == _TOO_MANY or status >= 500:  # noqa: PLR2004
        what = f"{keys.provider} is overloaded or failed ({status})."
        return UnavailableError(what, where=where, advice="Try again later.", status=status)
    if 300 <= status < 400:  # noqa: PLR2004
        what = f"{keys.provider} redirects ({status}), which is not followed: a secret must not go elsewhere."
        return IncompatibleServerError(what, where=where, advice=_address(keys), status=status)
    if isinstance(body, dict) and body.get("error") and status != _NOT_FOUND:
        return _refusal(status, body, keys, where, secrets)
    if status >= 400:  # noqa: PLR2004
        # Log-in of OpenMetadata itself, and gateways: no error of the RFC, but words.
        kind = AuthenticationError if status in (400, _UNAUTHORIZED, 403) else IncompatibleServerError
        advice = _address(keys) if kind is IncompatibleServerError else _credentials(keys)
        said = _words(body.get("message") or body.get("error") if isinstance(body, dict) else None, secrets)
        return kind(f"{keys.provider} refuses ({status}){said}.", where=where, advice=advice, status=status)
    if not isinstance(body, dict):
        return _no_json(status, content, keys, where)
    return None


def _no_json(status: int, content: bytes, keys: Keys, where: str) -> RemoteError:
    if content.lstrip()[:1] == b"{":
        return InvalidAnswerError(f"the answer of {keys.provider} is cut.", where=where, status=status)
    what = f"what answers is no token service of {keys.provider}: it answers no JSON."
    return IncompatibleServerError(what, where=where, advice=_address(keys), status=status)


def _refusal(status: int, body: Mapping[str, Any], keys: Keys, where: str, secrets: Collection[str]) -> RemoteError:
    error, said = str(body["error"]), _words(body.get("error_description"), secrets)
    number = _AZURE_NUMBER.search(said)
    advice = _BY_AZURE_NUMBER.get(number[1]) if number else None
    if advice is None:
        # Some call a wrong secret unauthorized_client or access_denied; the status tells it from a missing permission.
        advice = _credentials if status == _UNAUTHORIZED else _BY_ERROR.get(error, _anything)
    what = f"{keys.provider} refuses the sign-on: {_words(error, secrets).removeprefix(': ')}{said}."
    return AuthenticationError(what, where=where, advice=advice(keys), status=status)


def _anything(keys: Keys) -> str:
    return f"Check {keys.named(keys.client, keys.secret, keys.address)}."


def _words(said: object, secrets: Collection[str]) -> str:
    if not isinstance(said, str) or not said.strip():
        return ""
    for secret in secrets:
        said = said.replace(secret, "***")
    return f": {' '.join(said.split())[:_LONGEST_WORDS].rstrip('.')}"


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None
