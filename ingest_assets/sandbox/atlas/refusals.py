"""What Atlas refuses requests with, in its own words, and what stands before it."""

from __future__ import annotations

import json
import secrets
from http import HTTPStatus

from werkzeug.wrappers import Response

from ingest_assets.sandbox.atlas.releases import Release
from ingest_assets.sandbox.fault_middleware import html_answer
from ingest_assets.sandbox.fault_sites import FaultKind
from ingest_assets.sandbox.faults import Call

_HTML_KINDS = (FaultKind.FORBIDDEN, FaultKind.BAD_GATEWAY, FaultKind.GATEWAY_TIMEOUT)
_BARE_JSON = "application/json"


class AtlasRefusalError(Exception):
    """A request that Atlas refuses with a code of its own.

    Args:
        code: E.g. ``ATLAS-404-00-005``, which holds the HTTP status.
        message: Atlas's words.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.status = int(code.split("-")[1])
        self.body = {"errorCode": code, "errorMessage": message}


class AtlasCrashError(Exception):
    """A request that Atlas fails at: 500 with a plain sentence that calls itself JSON.

    Args:
        routed: Whether it got as far as one of Atlas's methods, which the content type shows.
    """

    def __init__(self, *, routed: bool = True) -> None:
        super().__init__("a request that Atlas has no answer for")
        self.routed = routed


class BrokenJsonError(Exception):
    """A body that is no JSON."""


class SignOnError(Exception):
    """Nobody is signed on; the message is what 2.4.0 tells."""


def unknown_guid(guid: str) -> AtlasRefusalError:
    """There is no entity of that guid, or it is no guid."""
    return AtlasRefusalError("ATLAS-404-00-005", f"Given instance guid {guid} is invalid/not found")


def unknown_attribute(name: str, type_name: str) -> AtlasRefusalError:
    """A search names an attribute that its type has not, or not of its own."""
    return AtlasRefusalError("ATLAS-400-00-023", f"Attribute {name} not found for type {type_name}")


def not_authorized(user: str, what: str) -> AtlasRefusalError:
    """The user's policies don't allow it."""
    return AtlasRefusalError("ATLAS-403-00-001", f"{user} is not authorized to perform {what}")


def atlas_json(release: Release, body: object, status: int = 200) -> Response:
    """JSON as Atlas sends it: never compressed."""
    return Response(json.dumps(body, ensure_ascii=False), status, content_type=release.json_type)


def crashed(release: Release, *, routed: bool = True) -> Response:
    """The answer to what Atlas did not foresee."""
    text = f"There was an error processing your request. It has been logged (ID {secrets.token_hex(8)})."
    return Response(text, 500, content_type=release.json_type if routed else _BARE_JSON)


def broken_json(release: Release) -> Response:
    """The answer to a body that is no JSON."""
    if not release.refuses_broken_json:
        return crashed(release)
    return atlas_json(release, {"error": "Unexpected end-of-input"}, 400)


def signed_off(release: Release, message: str, url: str) -> Response:
    """The answer to who is not signed on; Atlas does not say how to."""
    if not release.told_401:
        return Response(status=401)
    body = {"servlet": "jersey-servlet", "message": message, "url": url, "status": "401"}
    return Response(json.dumps(body), 401, content_type=_BARE_JSON)


def forged(release: Release) -> Response:
    """The answer to what may be another page's doing."""
    body = json.dumps({"msgDesc": release.csrf_words})
    return Response(body, 400, content_type="application/json;charset=utf-8")


def too_long(release: Release) -> Response:
    """The web server's answer to an address of more than 16 KiB."""
    if not release.told_401:
        return Response(status=414)
    body = "<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>"
    return Response(body, 414, content_type="text/html;charset=iso-8859-1")


class FaultAnswers:
    """How Atlas, or what stands before it, fails on demand."""

    def __init__(self, release: Release) -> None:
        self._release = release

    def __call__(self, kind: FaultKind, call: Call) -> Response:
        """The answer of a kind of fault."""
        if kind in _HTML_KINDS:
            return html_answer(kind)
        if kind is FaultKind.SERVER_ERROR:
            return crashed(self._release)
        if kind is FaultKind.EXPIRED_TOKEN:
            return signed_off(self._release, "Full authentication is required to access this resource", call.operation)
        if kind is FaultKind.ACCESS_DENIED:
            refusal = not_authorized("the caller", f"read: {call.operation}")
            return atlas_json(self._release, refusal.body, refusal.status)
        if kind is FaultKind.UNAVAILABLE:
            # A server that is not the active one of several.
            return atlas_json(self._release, {"errorCode": "ATLAS-503-00-001", "errorMessage": "not active"}, 503)
        response = Response("Too many requests\n", HTTPStatus.TOO_MANY_REQUESTS, content_type="text/plain")
        response.headers["Retry-After"] = "1"
        return response
