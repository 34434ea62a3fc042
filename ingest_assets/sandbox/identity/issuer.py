"""The tokens of all providers: signed, remembered, expired and revoked."""

from __future__ import annotations

import secrets
import threading
import time
from functools import cached_property
from http import HTTPStatus
from typing import Any, NamedTuple

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from ingest_assets.sandbox.openmetadata.answers import Refused

_KEY_SIZE = 2048
_EXPONENT = 65537
_ALGORITHM = "RS256"


class _Issued(NamedTuple):
    user: str
    expires: float


def new_key() -> rsa.RSAPrivateKey:
    """A key pair; it takes a tenth of a second."""
    return rsa.generate_private_key(_EXPONENT, _KEY_SIZE)


class Issuer:
    """Signs tokens, and tells the OpenMetadata server whose they are.

    Attributes:
        lifetime: Seconds for which the next tokens are good.
    """

    def __init__(self) -> None:
        self.lifetime = 3600
        self._lock = threading.Lock()
        self._issued: dict[str, _Issued] = {}
        self._revoked: set[str] = set()

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return new_key()

    def issue(self, user: str, issuer: str, audience: str, **claims: Any) -> str:
        """A new token that OpenMetadata takes for ``user``'s."""
        now = int(time.time())
        times = {"iat": now, "exp": now + self.lifetime, "jti": secrets.token_hex(16)}
        with self._lock:
            token = jwt.encode(
                {"iss": issuer, "aud": audience, **times, **claims}, self._key, _ALGORITHM, {"kid": "sandbox"}
            )
            self._issued[token] = _Issued(user, now + self.lifetime)
        return token

    def holder(self, token: str) -> str | None:
        """The user behind a token; None if it is none of ours, or was revoked.

        Raises:
            Refused: It has expired (401).
        """
        with self._lock:
            issued = self._issued.get(token)
            if issued is None or token in self._revoked:
                return None
        if issued.expires <= time.time():
            raise Refused(HTTPStatus.UNAUTHORIZED, "Expired token!")
        return issued.user

    def expire(self) -> None:
        """Let all tokens that were issued so far be over."""
        with self._lock:
            self._issued = {token: issued._replace(expires=0) for token, issued in self._issued.items()}

    def revoke(self) -> None:
        """Let no token that was issued so far be known."""
        with self._lock:
            self._revoked.update(self._issued)

    def jwks(self) -> dict[str, Any]:
        """The public key, as providers publish it."""
        with self._lock:
            public = jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return {"keys": [{**public, "kid": "sandbox", "use": "sig", "alg": _ALGORITHM}]}
