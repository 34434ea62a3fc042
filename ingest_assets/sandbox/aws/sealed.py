"""Tokens that hold what they stand for: shard iterators, and page tokens that are sent without the listing's name."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

_SIGNATURE = 16


@dataclass(frozen=True)
class Sealed:
    """What a token stands for.

    Attributes:
        facts: As given when it was issued.
        issued: When.
    """

    facts: Mapping[str, Any]
    issued: datetime

    def age(self, now: datetime) -> float:
        """Seconds since it was issued."""
        return (now - self.issued).total_seconds()


class SealedTokens:
    """Issues tokens and opens them again; an altered one, or one of another kind, opens to nothing."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def issue(self, kind: str, facts: Mapping[str, Any], now: datetime) -> str:
        """A token.

        Args:
            kind: What may be done with it, e.g. ``ListShards``.
            facts: JSON values; their text is short enough for a token of 512 characters (AWS's limit for iterators).
            now: Time of issue.
        """
        payload = json.dumps([facts, now.timestamp(), secrets.token_hex(2)], separators=(",", ":")).encode()
        return base64.b64encode(self._sign(kind, payload) + payload).decode()

    def open(self, kind: str, token: str) -> Sealed | None:
        """What a token stands for; None when it is none of ours of that kind."""
        try:
            raw = base64.b64decode(token, validate=True)
        except ValueError:
            return None
        signature, payload = raw[:_SIGNATURE], raw[_SIGNATURE:]
        if not hmac.compare_digest(signature, self._sign(kind, payload)):
            return None
        facts, issued, _ = json.loads(payload)
        return Sealed(facts, datetime.fromtimestamp(issued, tz=timezone.utc))

    def _sign(self, kind: str, payload: bytes) -> bytes:
        return hmac.new(self._key, kind.encode() + b"\0" + payload, hashlib.sha256).digest()[:_SIGNATURE]
