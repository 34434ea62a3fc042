"""What a token is to those who send it, and what can be read off it.

A token is handed to the transport and goes nowhere else: not into messages, not into ``repr``.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any, Protocol

JWT = re.compile(r"eyJ[\w-]*\.[\w-]+\.[\w-]*")


class TokenSource(Protocol):
    """Where the token of a request comes from. Implementations are shared among threads."""

    def token(self) -> str:
        """The token to send now.

        Raises:
            AuthenticationError: There is none.
        """
        ...

    def renew(self, refused: str) -> bool:
        """After a 401 on ``refused``: get a fresh token, and say whether it is another one."""
        ...

    def explain(self, refused: str) -> str:
        """Why the server may have refused a token, and what to do; never the token itself."""
        ...


def expires_at(token: str) -> float | None:
    """Seconds since the epoch at which a JWT expires; None if it never does, or isn't one. Verifies nothing."""
    return _moment(_claims(token), "exp")


def lifetime_of(token: str) -> float | None:
    """Seconds from a JWT's issue to its expiry, whatever the clock here says; None if it does not tell."""
    claims = _claims(token)
    issued, expiry = _moment(claims, "iat"), _moment(claims, "exp")
    return None if issued is None or expiry is None else expiry - issued


def _claims(token: str) -> Mapping[str, Any]:
    if not JWT.fullmatch(token):
        return {}
    payload = token.split(".")[1]
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (binascii.Error, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _moment(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    return float(value) if isinstance(value, int | float) else None
