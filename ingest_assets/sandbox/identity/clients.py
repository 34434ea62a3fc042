"""Providers that know a client by its secret: auth0, Amazon Cognito, Microsoft, Keycloak, OneLogin."""

from __future__ import annotations

import re
import secrets
import time
import uuid
from abc import ABC, abstractmethod
from datetime import datetime, timezone
from typing import Any, ClassVar

from ingest_assets.sandbox.identity.calls import FORM, JSON, Answer, Call, RefusalError
from ingest_assets.sandbox.identity.directory import BOT, REALM, SCOPE, Directory
from ingest_assets.sandbox.identity.issuer import Issuer

CLIENT_CREDENTIALS = "client_credentials"


class Provider(ABC):
    """One provider: its hosts, its paths, its rules and its words.

    Attributes:
        name: What requests to it are counted under.
        host: The host that it has for the sandbox's company.
        paths: What it answers.
    """

    name: ClassVar[str]
    host: ClassVar[str]
    paths: ClassVar[re.Pattern[str]]

    def __init__(self, directory: Directory, issuer: Issuer) -> None:
        self.directory = directory
        self.issuer = issuer

    @abstractmethod
    def answer(self, call: Call) -> Answer:
        """What a request brings.

        Raises:
            RefusalError: The request is wrong, or not allowed.
        """

    def is_client(self, client_id: str, secret: str) -> bool:
        """Whether they are those of the registered application."""
        known = self.directory
        return client_id == known.client_id and secrets.compare_digest(secret.encode(), known.secret.encode())


def error(status: int, code: str, description: str = "") -> RefusalError:
    """An error of RFC 6749, section 5.2."""
    return RefusalError(status, {"error": code, **({"error_description": description} if description else {})})


def bearer(token: str, lifetime: int, **more: Any) -> Answer:
    """A token, as RFC 6749 has it (section 5.1)."""
    return Answer({"access_token": token, "token_type": "Bearer", "expires_in": lifetime, **more})


class Auth0(Provider):
    """A tenant of auth0, with one API: its management API."""

    name = "auth0"
    host = "norrpost.eu.auth0.com"
    paths = re.compile(r"/oauth/token")

    def answer(self, call: Call) -> Answer:
        """A token for an API."""
        if call.method != "POST" or call.media_type not in (FORM, JSON):
            raise error(404, "not_found", "Not Found")
        grant_type = call.text("grant_type")
        if not grant_type:
            raise error(400, "invalid_request", "Missing required parameter: grant_type")
        if grant_type != CLIENT_CREDENTIALS:
            raise error(403, "unsupported_grant_type", f"Unsupported grant type: {grant_type}")
        who = call.credentials()
        if who is None or not self.is_client(who.client_id, who.secret):
            raise error(401, "access_denied", "Unauthorized")
        audience = call.text("audience")
        if not audience:
            words = "No audience parameter was provided, and no default audience has been configured"
            raise error(403, "access_denied", words)
        if audience != f"{call.base}/api/v2/":
            raise error(403, "access_denied", f"Service not found: {audience}")
        token = self.issuer.issue(BOT, f"{call.base}/", audience, sub=f"{who.client_id}@clients", azp=who.client_id)
        return bearer(token, self.issuer.lifetime, scope="read:users")


class Cognito(Provider):
    """The domain of a user pool of Amazon Cognito."""

    name = "cognito"
    host = "norrpost.auth.eu-north-1.amazoncognito.com"
    paths = re.compile(r"/oauth2/token")

    def answer(self, call: Call) -> Answer:
        """A token for the client's scopes, all of them if it names none."""
        if call.method != "POST":
            raise RefusalError(405, {"error": "method_not_allowed"})
        if call.media_type != FORM:
            raise error(400, "invalid_request")
        who = call.credentials()
        if who is None or not self.is_client(who.client_id, who.secret):
            raise error(400, "invalid_client")
        if call.text("grant_type") != CLIENT_CREDENTIALS:
            raise error(400, "unsupported_grant_type")
        if not set(call.text("scope").split()) <= {SCOPE}:
            raise error(400, "invalid_scope")
        pool = "https://cognito-idp.eu-north-1.amazonaws.com/eu-north-1_norrpost"
        claims = {"sub": who.client_id, "token_use": "access", "scope": SCOPE}
        token = self.issuer.issue(BOT, pool, who.client_id, **claims)
        return bearer(token, self.issuer.lifetime)


class Azure(Provider):
    """Microsoft Entra ID, version 2.0 of its endpoints."""

    name = "azure"
    host = "login.microsoftonline.com"
    paths = re.compile(r"/(?P<tenant>[^/]+)/(?P<part>v2\.0/\.well-known/openid-configuration|oauth2/v2\.0/token)")

    def answer(self, call: Call) -> Answer:
        """The tenant's configuration, or a token."""
        found = self.paths.fullmatch(call.path)
        tenant = found["tenant"] if found else ""
        if tenant != self.directory.tenant:
            raise _aadsts(400, "invalid_tenant", 90002, f"Tenant '{tenant}' not found. Check the tenant id.")
        if call.path.endswith("openid-configuration"):
            return Answer(self._configuration(f"{call.base}/{tenant}"))
        if call.method != "POST" or call.media_type != FORM:
            raise _aadsts(400, "invalid_request", 900561, "The endpoint only accepts POST requests of a form.")
        return self._token(call, tenant)

    def _configuration(self, tenant: str) -> dict[str, Any]:
        return {
            "issuer": f"{tenant}/v2.0",
            "authorization_endpoint": f"{tenant}/oauth2/v2.0/authorize",
            "token_endpoint": f"{tenant}/oauth2/v2.0/token",
            "jwks_uri": f"{tenant}/discovery/v2.0/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        }

    def _token(self, call: Call, tenant: str) -> Answer:
        grant_type, scope, client_id = call.text("grant_type"), call.text("scope"), call.text("client_id")
        if grant_type != CLIENT_CREDENTIALS:
            raise _aadsts(400, "unsupported_grant_type", 70003, f"The app requested the grant '{grant_type}'.")
        if client_id != self.directory.client_id:
            words = f"Application with identifier '{client_id}' was not found in the directory '{tenant}'."
            raise _aadsts(400, "unauthorized_client", 700016, words)
        if not scope.endswith("/.default") or " " in scope:
            words = (
                f"The provided value for scope {scope} is not valid. Client credential flows must have a scope value "
                "with /.default suffixed to the resource identifier (application ID URI)."
            )
            raise _aadsts(400, "invalid_scope", 1002012, words)
        if scope != self.directory.azure_scope:
            words = f"The resource principal named {scope.removesuffix('/.default')} was not found in the tenant."
            raise _aadsts(400, "invalid_resource", 500011, words)
        who = call.credentials()
        if who is None or not self.is_client(who.client_id, who.secret):
            words = f"Invalid client secret provided for app '{client_id}'. Ensure it is the value, not the secret ID."
            raise _aadsts(401, "invalid_client", 7000215, words)
        audience = scope.removesuffix("/.default")
        token = self.issuer.issue(BOT, f"{call.base}/{tenant}/v2.0", audience, azp=client_id, tid=tenant)
        return bearer(token, self.issuer.lifetime, ext_expires_in=self.issuer.lifetime)


def _aadsts(status: int, code: str, number: int, words: str) -> RefusalError:
    trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
    moment = datetime.fromtimestamp(time.time(), timezone.utc).strftime("%Y-%m-%d %H:%M:%SZ")
    tail = f"Trace ID: {trace} Correlation ID: {correlation} Timestamp: {moment}"
    return RefusalError(
        status,
        {
            "error": code,
            "error_description": f"AADSTS{number}: {words} {tail}",
            "error_codes": [number],
            "timestamp": moment,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"https://login.microsoftonline.com/error?code={number}",
        },
    )


class Keycloak(Provider):
    """A realm of Keycloak, which takes a client's secret in the header or in the body."""

    name = "keycloak"
    host = "sso.norrpost.example"
    paths = re.compile(r"/realms/[^/]+/(\.well-known/openid-configuration|protocol/openid-connect/(token|certs))")
    methods: ClassVar[tuple[str, ...]] = ("client_secret_basic", "client_secret_post")

    def issuer_of(self, call: Call) -> str:
        """The issuer as the caller reaches it."""
        if not call.path.startswith(f"/realms/{REALM}/"):
            raise RefusalError(404, {"error": "Realm does not exist"})
        return f"{call.base}/realms/{REALM}"

    def endpoint(self, issuer: str, part: str) -> str:
        """Address of ``token`` or ``certs``."""
        return f"{issuer}/protocol/openid-connect/{part}"

    def answer(self, call: Call) -> Answer:
        """The OpenID configuration, the public keys, or a token."""
        issuer = self.issuer_of(call)
        if call.path.endswith("/certs"):
            return Answer(self.issuer.jwks())
        if call.path.endswith("openid-configuration"):
            return Answer(
                {
                    "issuer": issuer,
                    "token_endpoint": self.endpoint(issuer, "token"),
                    "jwks_uri": self.endpoint(issuer, "certs"),
                    "grant_types_supported": [CLIENT_CREDENTIALS],
                    "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
                }
            )
        if call.method != "POST" or call.media_type != FORM:
            raise error(400, "invalid_request", "Missing form parameter: grant_type")
        return self._token(call, issuer)

    def refused(self) -> RefusalError:
        """A wrong client, or a wrong secret."""
        return error(401, "unauthorized_client", "Invalid client or Invalid client credentials")

    def _token(self, call: Call, issuer: str) -> Answer:
        if not call.text("grant_type"):
            raise error(400, "invalid_request", "Missing form parameter: grant_type")
        if call.text("grant_type") != CLIENT_CREDENTIALS:
            raise error(400, "unsupported_grant_type", "Unsupported grant_type")
        who = call.credentials()
        method = {"header": "client_secret_basic", "body": "client_secret_post"}[who.place] if who else ""
        if who is None or method not in self.methods or not self.is_client(who.client_id, who.secret):
            raise self.refused()
        if not set(call.text("scope").split()) <= {SCOPE, "openid", "email", "profile"}:
            raise error(400, "invalid_scope", f"Invalid scopes: {call.text('scope')}")
        name = f"service-account-{who.client_id}"
        token = self.issuer.issue(BOT, issuer, "account", azp=who.client_id, preferred_username=name)
        return bearer(token, self.issuer.lifetime, scope="email profile")


class OneLogin(Keycloak):
    """An application at OneLogin that is set to take its secret in the header only; the configuration tells of both."""

    name = "onelogin"
    host = "norrpost.onelogin.com"
    paths = re.compile(r"/oidc/2/(\.well-known/openid-configuration|token|certs)")
    methods = ("client_secret_basic",)

    def issuer_of(self, call: Call) -> str:
        """The issuer as the caller reaches it."""
        return f"{call.base}/oidc/2"

    def endpoint(self, issuer: str, part: str) -> str:
        """Address of ``token`` or ``certs``."""
        return f"{issuer}/{part}"

    def refused(self) -> RefusalError:
        """A wrong client, a wrong secret, or the secret in the wrong place."""
        return error(401, "invalid_client", "client authentication failed")
