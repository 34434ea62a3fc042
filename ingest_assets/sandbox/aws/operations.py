"""What a service of the sandbox is made of."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ingest_assets.sandbox.aws.identity import Principal
from ingest_assets.sandbox.aws.refusal import Refusal

Params = dict[str, Any]


@dataclass(frozen=True)
class Caller:
    """Who asks, and where.

    Attributes:
        principal: Who signed.
        region: Of the credential scope.
    """

    principal: Principal
    region: str

    @property
    def account(self) -> str:
        """The account that is meant where a request names none."""
        return self.principal.account


@dataclass(frozen=True)
class Operation:
    """One operation that is built here.

    Attributes:
        handler: Checks permissions, acts and gives the output's members.
        honours: Input members that the handler acts on. Any other is answered with 501, never ignored.
        subject: What a call is about in the words of fault plans, where its names are not plain members of the input;
            the names in the input when None.
    """

    handler: Callable[[Caller, Params], Params]
    honours: frozenset[str]
    subject: Callable[[Params], str] | None = None


class AwsService(Protocol):
    """One service: its name in botocore and the operations that are built."""

    @property
    def name(self) -> str:
        """Name of the service in botocore."""

    @property
    def operations(self) -> Mapping[str, Operation]:
        """By operation name."""


class Tokens:
    """Page tokens: opaque to the caller, and refused when altered or used with another listing."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def issue(self, listing: str, position: str) -> str:
        """A token that continues a listing after a position.

        Args:
            listing: What is listed, with its filters; the token is good for nothing else.
            position: Name of the last item that was given out.
        """
        payload = json.dumps([position, secrets.token_hex(4)]).encode()
        return base64.urlsafe_b64encode(self._sign(listing, payload) + payload).decode()

    def position(self, listing: str, token: str | None, error: str = "InvalidInputException") -> str | None:
        """Where to go on; None for the first page.

        Raises:
            Refusal: With the service's own code, when the token is none of ours or of another listing.
        """
        if token is None:
            return None
        try:
            raw = base64.b64decode(token, altchars=b"-_", validate=True)
        except ValueError:
            raise Refusal(error, "The pagination token is invalid.") from None
        signature, payload = raw[:16], raw[16:]
        if not hmac.compare_digest(signature, self._sign(listing, payload)):
            raise Refusal(error, "The pagination token is invalid.")
        return str(json.loads(payload)[0])

    def _sign(self, listing: str, payload: bytes) -> bytes:
        return hmac.new(self._key, listing.encode() + b"\0" + payload, hashlib.sha256).digest()[:16]
