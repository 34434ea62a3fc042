"""A request to an identity provider, and what it is answered or refused with."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from werkzeug.wrappers import Request

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


class Answer(NamedTuple):
    """Status and JSON body."""

    body: dict[str, Any]
    status: int = 200


class RefusalError(Exception):
    """A request that is refused, in the provider's own words."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(body)
        self.status = status
        self.body = body


class Credentials(NamedTuple):
    """Who a request says it comes from, and where it says so: ``body`` or ``header``."""

    client_id: str
    secret: str
    place: str


@dataclass(frozen=True)
class Call:
    """One request.

    Attributes:
        method: The verb.
        path: The path.
        base: Scheme and host as the caller spells them, without a slash at the end.
        media_type: Of the body.
        fields: What the body holds; empty strings count as not sent (RFC 6749, section 3.2).
        authorization: The header.
    """

    method: str
    path: str
    base: str
    media_type: str
    fields: dict[str, Any] = field(repr=False)
    authorization: str = field(repr=False)

    @classmethod
    def of(cls, request: Request) -> Call:
        """Read a request; a body that is neither form nor JSON has no fields."""
        fields: dict[str, Any] = {}
        if request.mimetype == JSON:
            read = request.get_json(silent=True)
            fields = read if isinstance(read, dict) else {}
        elif request.mimetype == FORM:
            fields = {name: values[0] for name, values in request.form.lists() if len(values) == 1}
        return cls(
            request.method,
            request.path,
            request.host_url.rstrip("/"),
            request.mimetype,
            {name: value for name, value in fields.items() if value != ""},
            request.headers.get("Authorization", ""),
        )

    def text(self, name: str) -> str:
        """A field of the body; empty where there is none."""
        value = self.fields.get(name, "")
        return value if isinstance(value, str) else ""

    def credentials(self) -> Credentials | None:
        """Client id and secret, of the header (HTTP Basic) or the body; None if they are not there, or in both."""
        scheme, _, encoded = self.authorization.partition(" ")
        in_body = "client_secret" in self.fields
        if scheme.lower() == "basic" and not in_body:
            try:
                client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                return None
            return Credentials(client_id, secret, "header")
        if not in_body or self.authorization:
            return None
        return Credentials(self.text("client_id"), self.text("client_secret"), "body")
