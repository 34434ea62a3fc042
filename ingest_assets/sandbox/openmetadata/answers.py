"""What a request handler answers or refuses, in the shapes of the real server."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from werkzeug.exceptions import HTTPException


@dataclass(frozen=True)
class Answer:
    """Status, body and the ``X-OpenMetadata-Change`` header.

    Attributes:
        body: A JSON value, None for no body, or an iterator over the text of one that is too large to be held.
    """

    body: Any = None
    status: int = HTTPStatus.OK
    change: str = ""
    headers: dict[str, str] = field(default_factory=dict)


class Refused(HTTPException):
    """An error that the server maps itself: ``{"code", "message"}``."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.code = int(status)
        self.message = message

    def body(self) -> Any:
        """The JSON body."""
        return {"code": self.code, "message": self.message}


class Unrecognized(Refused):
    """A property that the request class of this version does not know."""

    def __init__(self, java_class: str, prop: str, known: tuple[str, ...]) -> None:
        listed = ", ".join(f'"{name}"' for name in known)
        super().__init__(
            HTTPStatus.BAD_REQUEST,
            f'Unrecognized field "{prop}" (class {java_class}), not marked as ignorable '
            f"({len(known)} known properties: {listed}])",
        )
        self.java_class = java_class
        self.prop = prop


class Unreadable(Refused):
    """Malformed JSON: the body of the answer is a bare JSON string."""

    def __init__(self, message: str) -> None:
        super().__init__(HTTPStatus.BAD_REQUEST, message)

    def body(self) -> Any:
        """The JSON body."""
        return self.message


class Unhandled(Refused):
    """An exception that the server does not map, such as an unknown path: 500 with another body."""

    def __init__(self, message: str, *, typed: bool = True) -> None:
        super().__init__(HTTPStatus.INTERNAL_SERVER_ERROR, message)
        self.typed = typed

    def body(self) -> Any:
        """The JSON body; ``errorType`` came after 1.0."""
        text = f"An exception with message [{self.message}] was thrown while processing request."
        shape = {"responseMessage": text}
        return {**shape, "errorType": "UNHANDLED_SERVER_EXCEPTION"} if self.typed else shape


def bad_request(message: str) -> Refused:
    """A 400."""
    return Refused(HTTPStatus.BAD_REQUEST, message)


def not_found(entity_type: str, key: str) -> Refused:
    """The 404 of an entity that is not there, or hidden."""
    return Refused(HTTPStatus.NOT_FOUND, f"{entity_type} instance for {key} not found")


def not_provided(what: str) -> Refused:
    """A 501: the real service has this, the sandbox does not."""
    return Refused(
        HTTPStatus.NOT_IMPLEMENTED, f"The OpenMetadata sandbox does not provide {what}; the real server does."
    )
