"""Which keys of ``securityConfig`` each way to sign on needs, and which others it takes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ingest_assets.recipe.document import KeyPath, Tree

SERVER_CONFIG: KeyPath = ("workflowConfig", "openMetadataServerConfig")
SECURITY_CONFIG: KeyPath = (*SERVER_CONFIG, "securityConfig")
JWT_TOKEN = "jwtToken"  # noqa: S105  # the key's name

_BOT = "the token of the ingestion bot"


@dataclass(frozen=True)
class SignOnKeys:
    """The keys of one ``authProvider``.

    Attributes:
        needed: Groups of keys, one of each group must be given.
        taken: Keys that may be given besides.
        why: What else to know when one is missing.
    """

    needed: tuple[tuple[str, ...], ...]
    taken: tuple[str, ...] = ()
    why: str = ""

    def names(self) -> frozenset[str]:
        """All keys that mean something."""
        return frozenset(self.taken).union(*self.needed)


def _people(provider: str) -> SignOnKeys:
    return SignOnKeys(((JWT_TOKEN,),), why=f"{provider} signs people on, not programs: give {_BOT}")


SIGN_ONS: Mapping[str, SignOnKeys] = MappingProxyType(
    {
        "openmetadata": SignOnKeys(((JWT_TOKEN,),), why=_BOT),
        "no-auth": SignOnKeys(()),
        "basic": SignOnKeys((("email",), ("password",)), why=f"or give securityConfig.{JWT_TOKEN}, {_BOT}"),
        "auth0": SignOnKeys((("clientId",), ("secretKey",), ("domain",)), ("audience", "scopes")),
        "azure": SignOnKeys((("clientId",), ("clientSecret",), ("authority",), ("scopes",))),
        "custom-oidc": SignOnKeys((("clientId",), ("secretKey",), ("tokenEndpoint", "domain")), ("audience", "scopes")),
        "google": SignOnKeys((("secretKey",),), ("audience",)),
        "okta": SignOnKeys((("clientId",), ("orgURL",), ("privateKey",)), ("scopes",)),
        "aws-cognito": SignOnKeys(
            ((JWT_TOKEN,),),
            why=f"give {_BOT}, or sign on as a client of Cognito: authProvider: auth0 with the pool's domain",
        ),
        "ldap": _people("ldap"),
        "saml": _people("saml"),
    }
)
"""By ``authProvider``. Whatever it is, a ``jwtToken`` signs on alone: since 1.3, OpenMetadata's own client takes
nothing else, and ``authProvider`` only says how people sign on to the server."""


def missing_keys(provider: str, given: Collection[str]) -> str | None:
    """What a recipe lacks to sign on, in words; None if nothing.

    Args:
        provider: ``authProvider``.
        given: The keys of ``securityConfig`` that have a value.
    """
    if JWT_TOKEN in given:
        return None
    sign_on = SIGN_ONS[provider]
    lacking = [group for group in sign_on.needed if not any(name in given for name in group)]
    if not lacking:
        return None
    names = " and ".join(" or ".join(f"securityConfig.{name}" for name in group) for group in lacking)
    is_missing = "is missing or empty" if len(lacking) == 1 else "are missing or empty"
    return f"{names} {is_missing}: {sign_on.why or f'authProvider: {provider} signs on with it'}"


def provider_in(server_config: Tree) -> str | None:
    """``authProvider`` of a block as it stands in a file; None if that is left to a variable, or is none."""
    written = server_config.get("authProvider") if isinstance(server_config, dict) else None
    provider = written.strip().casefold() if isinstance(written, str) and written.strip() else "openmetadata"
    return provider if provider in SIGN_ONS else None


def given_in(server_config: Tree) -> tuple[str, ...]:
    """The keys of ``securityConfig`` that have a value in a file, or a variable that may have one."""
    config = server_config.get("securityConfig") if isinstance(server_config, dict) else None
    return tuple(name for name, value in config.items() if value) if isinstance(config, dict) else ()


def missing_in(server_config: Tree) -> str | None:
    """What a block as it stands in a file lacks to sign on, in words; None if nothing, or if that can't be known."""
    provider = provider_in(server_config)
    return None if provider is None else missing_keys(provider, given_in(server_config))


def unused_keys(provider: str, given: Collection[str]) -> Iterator[tuple[str, str]]:
    """Keys of ``securityConfig`` that have a value and mean nothing to ``provider``, each with the reason."""
    if JWT_TOKEN in given:
        yield from ((name, f"{JWT_TOKEN} signs on alone.") for name in given if name != JWT_TOKEN)
        return
    used = SIGN_ONS[provider].names()
    yield from ((name, f"authProvider: {provider} has no use for it.") for name in given if name not in used)
