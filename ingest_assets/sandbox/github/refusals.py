"""What GitHub refuses requests with, in its own words."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping

from werkzeug.wrappers import Response

from ingest_assets.sandbox.fault_middleware import html_answer
from ingest_assets.sandbox.fault_sites import FaultKind
from ingest_assets.sandbox.faults import Call

_DOCS = "https://docs.github.com/rest"
JSON = "application/json; charset=utf-8"

_HTML_KINDS = (FaultKind.FORBIDDEN, FaultKind.BAD_GATEWAY, FaultKind.GATEWAY_TIMEOUT)
_SECONDS_OF_FAULTS = 2
_SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. If you reach out to "
    "GitHub Support for help, please include the request ID."
)
DENIED = "Resource not accessible by personal access token"
ACCEPTED = {"x-accepted-github-permissions": "contents=read"}
"""What a token without ``contents: read`` is told."""

_EXHAUSTED = "API rate limit exceeded for user ID 1."


class GitHubRefusalError(Exception):
    """A request that GitHub refuses.

    Args:
        status: HTTP status.
        message: GitHub's words.
        headers: Besides the usual.
        page: Of GitHub's documentation, below ``/rest``.
    """

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None, page: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})
        self.page = page

    def response(self) -> Response:
        """As it is sent."""
        body = {"message": self.message, "documentation_url": f"{_DOCS}{self.page}", "status": str(self.status)}
        return Response(json.dumps(body), self.status, headers=self.headers, content_type=JSON)


def not_found(page: str = "") -> GitHubRefusalError:
    """There is no such thing, or the caller may not know of it: GitHub doesn't say which."""
    return GitHubRefusalError(404, "Not Found", page=page)


def exhausted(reset: int) -> GitHubRefusalError:
    """No request is left until then; the headers of the budget are added to all answers."""
    return GitHubRefusalError(
        403, _EXHAUSTED, {"x-ratelimit-reset": str(reset)}, "/using-the-rest-api/rate-limits-for-the-rest-api"
    )


def fault_answer(kind: FaultKind, call: Call) -> Response:
    """How GitHub, or what stands before it, fails on demand."""
    if kind in _HTML_KINDS:
        return html_answer(kind)
    if kind is FaultKind.THROTTLE:
        return _throttled().response()
    status, message, headers = _FAULTS[kind]
    return GitHubRefusalError(status, message, headers).response()


def _throttled() -> GitHubRefusalError:
    """The caller's hour is used up, and ends in a moment."""
    headers = {"x-ratelimit-limit": "5000", "x-ratelimit-remaining": "0", "x-ratelimit-used": "5000"}
    headers["x-ratelimit-reset"] = str(int(time.time()) + _SECONDS_OF_FAULTS)
    return GitHubRefusalError(403, _EXHAUSTED, headers)


_FAULTS: Mapping[FaultKind, tuple[int, str, Mapping[str, str]]] = {
    FaultKind.TOO_MANY: (429, _SECONDARY, {"Retry-After": "1"}),
    FaultKind.SERVER_ERROR: (500, "Server Error", {}),
    FaultKind.UNAVAILABLE: (503, "Service unavailable", {}),
    FaultKind.EXPIRED_TOKEN: (401, "Bad credentials", {}),
    FaultKind.ACCESS_DENIED: (403, DENIED, ACCEPTED),
}
