"""From the recipe's words for signing on to a source of tokens; a library is imported when it is the one to use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pydantic import SecretStr

from ingest_assets.calls import Calls
from ingest_assets.openmetadata.auth import BotToken, TokenSource
from ingest_assets.openmetadata.auth.azure import AzureClient
from ingest_assets.openmetadata.auth.google import GoogleServiceAccount
from ingest_assets.openmetadata.auth.grants import Client
from ingest_assets.openmetadata.auth.keys import HOST_PORT, Keys
from ingest_assets.openmetadata.auth.login import LogIn, NoAuth
from ingest_assets.openmetadata.auth.oauth import ClientCredentials, SignedClient, base_of, is_cognito
from ingest_assets.openmetadata.auth.renewed import RenewedToken, SignOn
from ingest_assets.openmetadata.tls import Tls
from ingest_assets.recipe.server import OpenMetadataServerConfig, SecurityConfig


@dataclass(frozen=True)
class SignedOnServer:
    """The server that is signed on to.

    Attributes:
        host_port: Its address, as requests are built on it.
        tls: The certificates of both sides.
        extra_headers: Sent with each request to it.
        calls: Counts requests, and knows the run's deadline.
    """

    host_port: str
    tls: Tls
    extra_headers: Mapping[str, str] = field(repr=False)
    calls: Calls


def token_source(config: OpenMetadataServerConfig, jwt_token: str, server: SignedOnServer) -> TokenSource:
    """Where the tokens of a recipe come from.

    Args:
        config: The recipe's block.
        jwt_token: The bot's token or its file, which signs on alone; empty if there is none.
        server: The server.

    Raises:
        DependencyError: A library of the extra ``sso`` is not installed.
        RecipeError: A key or a certificate can't be used.
    """
    if jwt_token or config.auth_provider == "openmetadata":
        return BotToken(jwt_token)
    if config.auth_provider == "no-auth":
        return NoAuth()
    return RenewedToken(_SIGN_ONS[config.auth_provider](config, server), server.calls)


def _auth0(config: OpenMetadataServerConfig, server: SignedOnServer) -> SignOn:
    security = config.security_config
    domain = security.domain or ""
    base = base_of(domain)
    keys = Keys("auth0", "domain", audience="audience" if security.audience else "")
    if is_cognito(domain):
        # What the documentation calls Amazon Cognito; it knows scopes and no audience.
        endpoint, audience = f"{base}/oauth2/token", ""
    else:
        endpoint, audience = f"{base}/oauth/token", security.audience or f"{base}/api/v2/"
    client = _client(security, security.secret_key, audience)
    return ClientCredentials(endpoint, client, keys, server.calls, ca_file=config.ssl_config.ca_file)


def _custom_oidc(config: OpenMetadataServerConfig, server: SignedOnServer) -> SignOn:
    security = config.security_config
    endpoint = security.token_endpoint or ""
    keys = Keys(
        "custom-oidc",
        "tokenEndpoint" if endpoint else "domain",
        audience="audience" if security.audience else "",
    )
    return ClientCredentials(
        endpoint,
        _client(security, security.secret_key, security.audience or ""),
        keys,
        server.calls,
        issuer="" if endpoint else base_of(security.domain or ""),
        ca_file=config.ssl_config.ca_file,
    )


def _azure(config: OpenMetadataServerConfig, server: SignedOnServer) -> SignOn:
    security = config.security_config
    keys = Keys("azure", "authority", secret="clientSecret")  # noqa: S106  # the key's name
    client = _client(security, security.client_secret)
    return AzureClient(security.authority or "", client, keys, server.calls, ca_file=config.ssl_config.ca_file)


def _okta(config: OpenMetadataServerConfig, server: SignedOnServer) -> SignOn:
    security = config.security_config
    keys = Keys("okta", "orgURL", secret="privateKey", signs=True)  # noqa: S106  # the key's name
    client = _client(security, security.private_key)
    return SignedClient(security.org_url or "", client, keys, server.calls, ca_file=config.ssl_config.ca_file)


def _google(config: OpenMetadataServerConfig, server: SignedOnServer) -> SignOn:
    security = config.security_config
    keys = Keys("google", "secretKey", client="", audience="audience", signs=True)
    return GoogleServiceAccount(
        _secret(security.secret_key), security.audience or "", keys, server.calls, ca_file=config.ssl_config.ca_file
    )


def _basic(config: OpenMetadataServerConfig, server: SignedOnServer) -> SignOn:
    security = config.security_config
    return LogIn(
        server.host_port,
        security.email or "",
        _secret(security.password),
        Keys("basic", HOST_PORT, client="email", secret="password"),  # noqa: S106  # the key's name
        server.calls,
        tls=server.tls,
        extra_headers=server.extra_headers,
    )


def _client(security: SecurityConfig, secret: SecretStr | None, audience: str = "") -> Client:
    return Client(security.client_id or "", _secret(secret), security.scopes, audience)


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value else ""


_SIGN_ONS: Mapping[str, Callable[[OpenMetadataServerConfig, SignedOnServer], SignOn]] = {
    "auth0": _auth0,
    "azure": _azure,
    "basic": _basic,
    "custom-oidc": _custom_oidc,
    "google": _google,
    "okta": _okta,
}
"""Those that ask for a token; the others need a ``jwtToken``, which the recipe's model sees to."""
