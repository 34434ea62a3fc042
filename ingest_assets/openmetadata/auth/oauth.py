"""Client credentials by OAuth 2.0: auth0, Amazon Cognito, any OpenID provider, Okta. Speaks through authlib."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from ingest_assets.calls import Calls
from ingest_assets.errors import AuthenticationError, DependencyError, IncompatibleServerError, InvalidAnswerError
from ingest_assets.openmetadata.auth.exchange import TokenSession, sso_missing
from ingest_assets.openmetadata.auth.grants import Client, granted, server_side_advice
from ingest_assets.openmetadata.auth.keys import Keys
from ingest_assets.openmetadata.auth.private_keys import algorithm_of, private_key
from ingest_assets.openmetadata.auth.renewed import Granted

_POST, _BASIC = "client_secret_post", "client_secret_basic"
_PRIVATE_KEY = "private_key_jwt"
_COGNITO = (".amazoncognito.com", ".amazoncognito.com.cn")
_UNAUTHORIZED = 401


def base_of(domain: str) -> str:
    """The address of a provider from its domain, which people write with and without ``https://`` and a slash."""
    text = domain.strip().rstrip("/")
    return text if "://" in text else f"https://{text}"


def is_cognito(domain: str) -> bool:
    """Whether a domain is one that Amazon Cognito gives to a user pool."""
    return (urlsplit(base_of(domain)).hostname or "").endswith(_COGNITO)


class ClientCredentials:
    """A client id and its secret for a token.

    Args:
        endpoint: The token endpoint; empty: found by OpenID discovery.
        issuer: Where discovery begins, if ``endpoint`` is empty.
        client: Who asks.
        keys: The recipe's words.
        calls: Counts requests, and knows the run's deadline.
        ca_file: An authority that is trusted besides the usual ones.

    Raises:
        DependencyError: authlib is not installed.
    """

    def __init__(
        self, endpoint: str, client: Client, keys: Keys, calls: Calls, *, issuer: str = "", ca_file: str | None = None
    ) -> None:
        self._endpoint = endpoint
        self._issuer = issuer
        self._client = client
        self._keys = keys
        self._methods = [_POST, _BASIC]
        self._session = TokenSession(keys, calls, (client.secret,), ca_file)
        self._library = _authlib_client(keys.provider)

    @property
    def provider(self) -> str:
        """The recipe's ``authProvider``."""
        return self._keys.provider

    def grant(self) -> Granted:
        """Ask for a token, with the secret in the body, or in a header where the provider wants it there."""
        if not self._endpoint:
            self._discover()
        try:
            granted = self._ask()
        except AuthenticationError as error:
            if len(self._methods) == 1 or error.status != _UNAUTHORIZED:
                raise
            # A client may be set to one of the two places, and its provider says no more than "invalid_client".
            self._methods = self._methods[1:]
            granted = self._ask()
        self._methods = self._methods[:1]
        return granted

    def advice(self) -> str:
        """The server has to know the provider, and the client as a bot."""
        return server_side_advice(self._keys)

    def _ask(self) -> Granted:
        library = self._library(
            self._session, self._client.client_id, self._client.secret, token_endpoint_auth_method=self._methods[0]
        )
        return fetch(library, self._endpoint, self._client, self._keys)

    def _discover(self) -> None:
        address = f"{self._issuer}/.well-known/openid-configuration"
        found = self._session.get(address, headers={"Accept": "application/json"}).json()
        endpoint = found.get("token_endpoint")
        where = f"sign-on by {self.provider} at {address}"
        if not isinstance(endpoint, str) or urlsplit(endpoint).scheme not in {"https", urlsplit(self._issuer).scheme}:
            raise IncompatibleServerError(
                "the OpenID configuration names no token_endpoint to which a secret could be sent.",
                where=where,
                advice=f"Check {self._keys.named(self._keys.address)}, or give securityConfig.tokenEndpoint.",
            )
        told = found.get("token_endpoint_auth_methods_supported")
        if not isinstance(told, list) or not {_POST, _BASIC}.intersection(map(str, told)):
            # What OpenID Connect Discovery 1.0 (section 3) means where nothing is said.
            self._methods = [_BASIC, _POST]
        else:
            self._methods = [method for method in self._methods if method in told]
        self._endpoint = endpoint


class SignedClient:
    """A client id and a private key for a token (private_key_jwt, RFC 7523): Okta.

    Args:
        endpoint: The token endpoint, which is also the audience of what is signed.
        client: Who asks; its secret is the private key, as JWK or PEM.
        keys: The recipe's words.
        calls: Counts requests, and knows the run's deadline.
        ca_file: An authority that is trusted besides the usual ones.

    Raises:
        DependencyError: authlib is not installed.
        RecipeError: The key is none.
    """

    def __init__(self, endpoint: str, client: Client, keys: Keys, calls: Calls, *, ca_file: str | None = None) -> None:
        library = _authlib_client(keys.provider)
        from authlib.oauth2.rfc7523 import PrivateKeyJWT  # noqa: PLC0415  # of an extra

        key = private_key(client.secret, keys)
        headers = {"kid": key.kid} if key.kid else None
        self._signing = PrivateKeyJWT(endpoint, headers=headers, alg=algorithm_of(key))
        self._key = key
        self._endpoint = endpoint
        self._client = client
        self._keys = keys
        self._session = TokenSession(keys, calls, (client.secret,), ca_file)
        self._library = library

    @property
    def provider(self) -> str:
        """The recipe's ``authProvider``."""
        return self._keys.provider

    def grant(self) -> Granted:
        """Sign an assertion, and ask for a token with it."""
        library = self._library(
            self._session, self._client.client_id, self._key, token_endpoint_auth_method=_PRIVATE_KEY
        )
        library.register_client_auth_method(self._signing)
        return fetch(library, self._endpoint, self._client, self._keys)

    def advice(self) -> str:
        """The server has to know the provider, and the client as a bot."""
        return server_side_advice(self._keys)


def fetch(library: Any, endpoint: str, client: Client, keys: Keys) -> Granted:
    """What an authlib client gets at a token endpoint.

    Raises:
        AuthenticationError: The provider refuses.
        RemoteError: It can't be reached, or answers what can't be used.
    """
    wanted = {"scope": " ".join(client.scopes), "audience": client.audience}
    where = f"sign-on by {keys.provider} at {endpoint}"
    try:
        given = library.fetch_token(
            endpoint, grant_type="client_credentials", **{name: value for name, value in wanted.items() if value}
        )
    except (ValueError, TypeError):
        # An expires_in that is no number, e.g.; the library's words may quote the token.
        raise InvalidAnswerError(f"the answer of {keys.provider} can't be understood.", where=where) from None
    return granted(given, keys, where)


def _authlib_client(provider: str) -> Any:
    """Authlib's OAuth client, which puts credentials where requests want them.

    Raises:
        DependencyError: It is not installed.
    """
    try:
        from authlib.integrations.requests_client.oauth2_session import OAuth2ClientAuth  # noqa: PLC0415  # of an extra
        from authlib.oauth2.client import OAuth2Client  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise DependencyError(sso_missing(error, provider)) from None

    class _Client(OAuth2Client):  # type: ignore[misc]  # untyped
        client_auth_class = OAuth2ClientAuth

    return _Client
