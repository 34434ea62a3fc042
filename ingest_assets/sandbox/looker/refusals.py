"""What Looker refuses requests with, in its own words."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from werkzeug.wrappers import Response

from ingest_assets.sandbox.fault_middleware import html_answer
from ingest_assets.sandbox.fault_sites import FaultKind
from ingest_assets.sandbox.faults import Call

_DOCS = "https://cloud.google.com/looker/docs/"
_HTML_KINDS = (FaultKind.FORBIDDEN, FaultKind.BAD_GATEWAY, FaultKind.GATEWAY_TIMEOUT)
_FAULTS = {
    FaultKind.THROTTLE: (429, "Too many requests"),
    FaultKind.TOO_MANY: (429, "Too many requests"),
    FaultKind.SERVER_ERROR: (500, "An error has occurred."),
    FaultKind.UNAVAILABLE: (503, "Service unavailable"),
    FaultKind.EXPIRED_TOKEN: (401, "Requires authentication."),
    FaultKind.ACCESS_DENIED: (403, "Forbidden"),
}


class LookerRefusalError(Exception):
    """A request that Looker refuses.

    Args:
        status: HTTP status.
        message: Looker's words.
        route: The route's verb and path, which Looker's documentation is addressed by.
        errors: Of a request that is not valid (422): field, code and message.
    """

    def __init__(
        self, status: int, message: str, route: str = "", errors: tuple[tuple[str, str, str], ...] = ()
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.route = route
        self.errors = errors

    def response(self) -> Response:
        """As it is sent."""
        url = f"{_DOCS}r/err/4.0/{self.status}/{self.route}" if self.route else _DOCS
        body: dict[str, Any] = {"message": self.message, "documentation_url": url}
        if self.status == HTTPStatus.UNPROCESSABLE_ENTITY:
            body["errors"] = [
                {"field": field, "code": code, "message": message, "documentation_url": _DOCS}
                for field, code, message in self.errors
            ]
        return looker_json(body, self.status)


def not_found(route: str = "") -> LookerRefusalError:
    """There is no such thing, or the caller may not see it: Looker doesn't say which."""
    return LookerRefusalError(404, "Not found", route)


def invalid(field: str, message: str) -> LookerRefusalError:
    """A parameter has no such value."""
    return LookerRefusalError(422, "Validation Failed", errors=((field, "invalid", message),))


def fault_answer(kind: FaultKind, call: Call) -> Response:
    """How Looker, or what stands before it, fails on demand."""
    if kind in _HTML_KINDS:
        return html_answer(kind)
    status, message = _FAULTS[kind]
    response = LookerRefusalError(status, message).response()
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        response.headers["Retry-After"] = "1"
    return response


def looker_json(body: object, status: int = 200) -> Response:
    """JSON as Looker sends it."""
    return Response(json.dumps(body), status, content_type="application/json;charset=utf-8")
