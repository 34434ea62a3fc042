"""What Atlas means by an answer that is no success.

Its own errors are JSON with ``errorCode`` and ``errorMessage``. A 500 in plain text, labelled as JSON, is what it says
to requests that it does not understand (an unknown path, a broken parameter) and to accidents of its own alike.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import requests

from ingest_assets.errors import (
    AuthenticationError,
    NotFoundError,
    PermissionDeniedError,
    RejectedError,
    RemoteError,
    UnavailableError,
)
from ingest_assets.sources.http import Answer

_LONGEST_MESSAGE = 300
_ALWAYS = 1_000
_DOUBTFUL = 2  # further attempts after a 500 that may well be our own fault
_PASSING = frozenset({408, 425, 429, 502, 503, 504})
_CODE = re.compile(r"ATLAS-\d{3}-\d\d-[0-9A-F]+")
_SIGNED = re.compile(r"(?i)\b(basic|bearer)[\s:]+[\w+/=.~-]{4,}")
_TAGS = re.compile(r"<[^>]*>")

_SIGN_ON = "Check username and password, or the token that a gateway asks for."
_GRANT = "Let the user read types, entities and classifications: `ingest-assets lint` lists what is needed."
_ADDRESS = "Is hostPort that of Atlas itself, with the gateway's path where there is one? Redirects are not followed."
_DOUBT = "Atlas says so to what it does not understand too; its application.log has the reason under that ID."


class AtlasError(NamedTuple):
    """What Atlas says of an error.

    Attributes:
        code: E.g. ``ATLAS-404-00-005``; empty where it gives none.
        message: In a line.
    """

    code: str
    message: str


def is_success(answer: Answer) -> bool:
    """Whether an answer is what was asked for."""
    return bool(answer.status == requests.codes.ok)


def attempts_after(answer: Answer) -> int:
    """How often a request may be sent again, at most, after such an answer."""
    status = answer.status
    if status in _PASSING:
        return _ALWAYS
    if status < requests.codes.server_error:
        return 0
    return _ALWAYS if told_by(answer).code else _DOUBTFUL


def refusal(answer: Answer, where: str) -> RemoteError:
    """The error that an answer stands for."""
    status, told = answer.status, told_by(answer)
    what = f"{told.message} ({told.code})" if told.code else told.message

    def made(kind: type[RemoteError], advice: str = "") -> RemoteError:
        return kind(what, where=where, status=status, advice=advice)

    if requests.codes.ok < status < requests.codes.bad_request:
        return made(RejectedError, _ADDRESS)
    if status == requests.codes.unauthorized:
        return made(AuthenticationError, _SIGN_ON)
    if status == requests.codes.forbidden:
        return made(PermissionDeniedError, _GRANT)
    if status == requests.codes.not_found:
        # Without a code it is not Atlas that says so, or one that lacks this part of the API.
        return made(NotFoundError) if told.code else made(RejectedError, _ADDRESS)
    if status in _PASSING or (status >= requests.codes.server_error and told.code):
        return made(UnavailableError, "Try again later.")
    return made(UnavailableError, _DOUBT) if status >= requests.codes.server_error else made(RejectedError)


def told_by(answer: Answer) -> AtlasError:
    """Code and words of an answer that is no success."""
    try:
        body = answer.json()
    except ValueError:
        body = answer.content.decode("utf-8", "replace")
    if isinstance(body, dict):
        code, message = str(body.get("errorCode") or ""), body.get("errorMessage")
        words = message or body.get("msgDesc") or body.get("message") or answer.reason
        return AtlasError(code if _CODE.fullmatch(code) else "", _line(str(words)))
    return AtlasError("", _line(f"HTTP {answer.status}: {body or answer.reason}"))


def _line(words: str) -> str:
    # A gateway may show what it was sent.
    plain = _SIGNED.sub(r"\1 ***", _TAGS.sub(" ", words))
    return " ".join(plain.split())[:_LONGEST_MESSAGE]
