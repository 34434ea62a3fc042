"""Signed assertions: their signature, audience and times, verified as providers do."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

_ALGORITHMS = ["RS256", "RS384", "RS512"]
_REQUIRED = ["iss", "aud", "iat", "exp"]
_LONGEST = 3600
_SKEW = 60


class BadAssertionError(Exception):
    """An assertion that does not hold.

    Attributes:
        reason: ``malformed``, ``signature``, ``audience``, ``expired``, ``times``, ``issuer`` or ``replayed``.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def claims_of(assertion: str, key: Callable[[dict[str, Any]], rsa.RSAPrivateKey], audience: str) -> dict[str, Any]:
    """The claims of an assertion whose signature, audience and times hold.

    Args:
        assertion: The JWT.
        key: The key of whoever its header and claims name; raises BadAssertionError if they name nobody.
        audience: Whom it must be meant for.

    Raises:
        BadAssertionError: It does not hold.
    """
    try:
        unverified = jwt.decode_complete(assertion, options={"verify_signature": False})
    except jwt.PyJWTError:
        raise BadAssertionError("malformed") from None
    signer = key({**unverified["payload"], "kid": unverified["header"].get("kid")})
    try:
        claims = jwt.decode(
            assertion, signer.public_key(), _ALGORITHMS, audience=audience, options={"require": _REQUIRED}
        )
    except jwt.InvalidSignatureError:
        raise BadAssertionError("signature") from None
    except jwt.InvalidAudienceError:
        raise BadAssertionError("audience") from None
    except jwt.ExpiredSignatureError:
        raise BadAssertionError("expired") from None
    except jwt.PyJWTError:
        raise BadAssertionError("malformed") from None
    if claims["exp"] > time.time() + _LONGEST + _SKEW or claims["iat"] > time.time() + _SKEW:
        raise BadAssertionError("times")
    return dict(claims)
