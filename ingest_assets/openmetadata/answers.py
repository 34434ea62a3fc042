"""What an HTTP answer of an OpenMetadata server means.

Three shapes of error bodies occur: ``{"code", "message"}``, ``{"responseMessage", "errorType"}`` and a bare JSON
string. Servers of the 1.0 and 1.5 lines answer 500 for a path or a verb that they don't know; the 404 or 405 stands
in the message only.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ingest_assets.errors import (
    IncompatibleServerError,
    InvalidAnswerError,
    NotFoundError,
    PermissionDeniedError,
    RejectedError,
    RemoteError,
    UnavailableError,
)

CHANGE_HEADER = "X-OpenMetadata-Change"
_UNKNOWN_PATH = re.compile(r"HTTP (404 Not Found|405 Method Not Allowed)")
_JAVA_SOURCE = re.compile(r"\s+at \[Source:.*", re.DOTALL)
_LONGEST_WORDS = 500
_OVERLOADED = frozenset({408, 425, 429, 502, 503, 504})
_TOO_MANY = 429
_FORBIDDEN = 403
_NOT_IMPLEMENTED = 501
_HTML_ADVICE = (
    "That is a web page, not the API: hostPort must end in /api, e.g. http://openmetadata:8585/api, "
    "and no login page of a proxy may stand before it."
)
_ROLE_ADVICE = (
    "Give the bot a role that allows it, e.g. IngestionBotRole (Settings > Bots > ingestion-bot > Roles), "
    "or use the token of the ingestion bot."
)


class Answer(NamedTuple):
    """An answer that can be used.

    Attributes:
        body: The JSON value; None where the body is empty.
        change: The header that says what a write did: ``entityCreated``, ``entityUpdated``, ``entityNoChange``, ...
    """

    status: int
    body: Any
    change: str


class Trouble(NamedTuple):
    """An attempt that failed.

    Attributes:
        sent: Whether the server may have acted on the request.
        wait: Seconds after which the server wants to be asked again.
    """

    error: RemoteError
    sent: bool = True
    wait: float | None = None


def read(status: int, headers: Mapping[str, str], content: bytes, where: str) -> Answer | Trouble:
    """What an answer means. A 401 is not for here: what it means depends on the token.

    Args:
        status: HTTP status.
        headers: Header fields, found in any case.
        content: The body.
        where: The operation, for messages.
    """
    if 300 <= status < 400:  # noqa: PLR2004
        return Trouble(_redirect(status, headers.get("Location", ""), where))
    if status in _OVERLOADED:
        return Trouble(_overloaded(status, content, where), wait=retry_after(headers.get("Retry-After")))
    # An HTML page that comes with a 500 is a proxy's word for a server that failed.
    if status < 500 and _is_html(headers.get("Content-Type", ""), content):  # noqa: PLR2004
        error = f"the answer is HTML instead of JSON (status {status})."
        return Trouble(IncompatibleServerError(error, where=where, advice=_HTML_ADVICE, status=status))
    if status >= 400:  # noqa: PLR2004
        return Trouble(_refusal(status, content, where))
    try:
        body = json.loads(content) if content else None
    except ValueError:
        error = f"the answer is cut or no JSON ({len(content)} bytes)."
        return Trouble(InvalidAnswerError(error, where=where, status=status))
    return Answer(status, body, headers.get(CHANGE_HEADER, ""))


def words(content: bytes) -> str:
    """The server's own words in an error body, on one line and not too long."""
    body = _json_or_text(content)
    if isinstance(body, dict):
        body = body.get("message") or body.get("responseMessage") or body
    return " ".join(_JAVA_SOURCE.sub("", str(body)).split())[:_LONGEST_WORDS]


def _json_or_text(content: bytes) -> Any:
    text = content.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except ValueError:
        return text


def _is_cut(content: bytes) -> bool:
    """Whether a body begins as JSON and does not end so; a gateway's own page or text does not begin so."""
    if content.lstrip()[:1] not in {b"{", b"[", b'"'}:
        return False
    try:
        json.loads(content)
    except ValueError:
        return True
    return False


def _is_html(content_type: str, content: bytes) -> bool:
    return "text/html" in content_type or content[:64].lstrip()[:1] == b"<"


def _refusal(status: int, content: bytes, where: str) -> RemoteError:
    said = words(content)
    unknown_path = _UNKNOWN_PATH.search(said)
    if unknown_path:
        return IncompatibleServerError(
            f"the server does not know this path or verb ({unknown_path[1]}).",
            where=where,
            advice="Is hostPort the address of an OpenMetadata server, ending in /api?",
            status=int(unknown_path[1][:3]),
        )
    if status < 500 and status != _FORBIDDEN and _is_cut(content):  # noqa: PLR2004
        # What it says decides what it means: half of that makes no definite "there is no such thing".
        return InvalidAnswerError(f"the error ({status}) is cut: {said}", where=where, status=status)
    if status == _FORBIDDEN:
        return PermissionDeniedError(f"the server refuses it: {said}", where=where, advice=_ROLE_ADVICE, status=status)
    if status == 404:  # noqa: PLR2004
        return _not_found(status, content, where)
    if status >= 500:  # noqa: PLR2004
        return _failure(status, said, where)
    return RejectedError(f"the server refuses the request ({status}): {said}", where=where, status=status)


def _failure(status: int, said: str, where: str) -> RemoteError:
    if status == _NOT_IMPLEMENTED:
        # To ask again would not make it so.
        return IncompatibleServerError(f"the server does not provide it (501): {said}", where=where, status=status)
    advice = "The server's log says more."
    return UnavailableError(f"the server failed ({status}): {said}", where=where, advice=advice, status=status)


def _not_found(status: int, content: bytes, where: str) -> RemoteError:
    said = words(content)
    # Only the server's own JSON says that an entity is not there; a gateway's 404 says nothing about entities.
    if isinstance(_json_or_text(content), dict):
        return NotFoundError(f"{said}.", where=where, status=status)
    advice = "The answer is not OpenMetadata's: does hostPort lead to the server, ending in /api?"
    return IncompatibleServerError(f"nothing is there (404): {said}", where=where, advice=advice, status=status)


def _overloaded(status: int, content: bytes, where: str) -> UnavailableError:
    what = "the server asks for fewer requests" if status == _TOO_MANY else "the server or a proxy before it is busy"
    said = words(content)
    # A proxy's error page says nothing that its status doesn't.
    tail = f": {said}" if said and not said.startswith("<") else ""
    return UnavailableError(f"{what} ({status}){tail}.", where=where, advice="Try again later.", status=status)


def _redirect(status: int, location: str, where: str) -> IncompatibleServerError:
    to = urlsplit(location)
    place = f"{to.scheme}://{to.hostname}{to.path}" if to.hostname else to.path
    return IncompatibleServerError(
        f"the server redirects ({status}) to {place or 'nowhere'}.",
        where=where,
        advice="Redirects are not followed, for a token must not go elsewhere. Set hostPort to the API's own address "
        "(https instead of http?), past any login page.",
        status=status,
    )


def retry_after(value: str | None) -> float | None:
    """Seconds from a Retry-After header, which holds seconds or a date."""
    if not value:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None
