"""Providers that know a client by its key: Okta and Google."""

from __future__ import annotations

import re
import threading
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from ingest_assets.sandbox.identity.assertions import BadAssertionError, claims_of
from ingest_assets.sandbox.identity.calls import FORM, Answer, Call
from ingest_assets.sandbox.identity.clients import CLIENT_CREDENTIALS, Provider, bearer, error
from ingest_assets.sandbox.identity.directory import BOT, SCOPE, Directory
from ingest_assets.sandbox.identity.issuer import Issuer

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"

_GOOGLE_AUDIENCE = "https://oauth2.googleapis.com/token"  # whatever address a key's token_uri has

_OKTA_WORDS = {
    "malformed": "The client_assertion token is not a valid JWT or lacks a claim.",
    "signature": "The client_assertion signature is invalid.",
    "audience": "The audience claim for client_assertion must be the endpoint invoked for the request.",
    "expired": "The client_assertion token has expired.",
    "times": "The client_assertion token has an expiration too far into the future.",
    "issuer": "The issuer and subject claims of client_assertion must be the client_id.",
    "replayed": "The client_assertion token was already used.",
}
_GOOGLE_WORDS = {
    "malformed": "Bad Request",
    "signature": "Invalid JWT Signature.",
    "audience": "Invalid JWT: Failed audience check.",
    "issuer": "Invalid grant: account not found",
}
_GOOGLE_TIMES = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
    "Check your iat and exp values in the JWT claim."
)


class Okta(Provider):
    """An authorization server of Okta, and a client that signs what it asks for (private_key_jwt)."""

    name = "okta"
    host = "norrpost.okta.com"
    paths = re.compile(r"/oauth2/default/v1/token")

    def __init__(self, directory: Directory, issuer: Issuer) -> None:
        super().__init__(directory, issuer)
        self._lock = threading.Lock()
        self._used: set[str] = set()

    def answer(self, call: Call) -> Answer:
        """A token for the scopes that are asked for."""
        if call.method != "POST" or call.media_type != FORM:
            raise error(400, "invalid_request", "The request must be a POST of a form.")
        if call.text("grant_type") != CLIENT_CREDENTIALS:
            raise error(400, "unsupported_grant_type", "The authorization grant type is not supported.")
        if call.text("client_assertion_type") != _ASSERTION_TYPE:
            raise error(401, "invalid_client", "Client authentication failed: no client_assertion of a known type.")
        try:
            self._verify(call)
        except BadAssertionError as bad:
            raise error(401, "invalid_client", _OKTA_WORDS[bad.reason]) from None
        scopes = call.text("scope").split()
        if not scopes:
            words = "The authorization server resource does not have any configured default scopes."
            raise error(400, "invalid_scope", words)
        if set(scopes) != {SCOPE}:
            words = "One or more scopes are not configured for the authorization server resource."
            raise error(400, "invalid_scope", words)
        client_id = self.directory.client_id
        token = self.issuer.issue(
            BOT, f"{call.base}/oauth2/default", "api://default", sub=client_id, cid=client_id, scp=scopes
        )
        return bearer(token, self.issuer.lifetime, scope=" ".join(scopes))

    def _verify(self, call: Call) -> None:
        claims = claims_of(call.text("client_assertion"), self._key_of, f"{call.base}{call.path}")
        if claims.get("sub") != claims["iss"]:
            raise BadAssertionError("issuer")
        with self._lock:
            if claims.get("jti") in self._used:
                raise BadAssertionError("replayed")
            if claims.get("jti"):
                self._used.add(claims["jti"])

    def _key_of(self, claims: dict[str, Any]) -> rsa.RSAPrivateKey:
        if claims.get("iss") != self.directory.client_id:
            raise BadAssertionError("issuer")
        if claims["kid"] not in (None, self.directory.key_id):
            raise BadAssertionError("signature")
        return self.directory.key


class Google(Provider):
    """Google's token endpoint for service accounts, which answers with an ID token where an audience is named."""

    name = "google"
    host = "oauth2.googleapis.com"
    paths = re.compile(r"/token")

    def answer(self, call: Call) -> Answer:
        """An ID token."""
        if call.method != "POST" or call.media_type != FORM:
            raise error(400, "invalid_request", "Could not determine client ID from request.")
        if call.text("grant_type") != _JWT_BEARER:
            raise error(400, "unsupported_grant_type", f"Invalid grant_type: {call.text('grant_type')}")
        try:
            claims = claims_of(call.text("assertion"), self._key_of, _GOOGLE_AUDIENCE)
        except BadAssertionError as bad:
            raise error(400, "invalid_grant", _GOOGLE_WORDS.get(bad.reason, _GOOGLE_TIMES)) from None
        audience = claims.get("target_audience")
        if not isinstance(audience, str) or not audience:
            raise error(400, "invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        account = self.directory.account
        token = self.issuer.issue(BOT, "https://accounts.google.com", audience, email=account, email_verified=True)
        return Answer({"id_token": token})

    def _key_of(self, claims: dict[str, Any]) -> rsa.RSAPrivateKey:
        if claims.get("iss") != self.directory.account:
            raise BadAssertionError("issuer")
        if claims["kid"] not in (None, self.directory.key_id):
            raise BadAssertionError("signature")
        return self.directory.key
