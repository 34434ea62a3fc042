"""What GitHub's answers mean that are not what was asked for.

GitHub answers 404 for a repository that is not there and for one that the caller may not know of, so its 404 is no
definite "there is no such thing". An exhausted limit is 403 or 429, and headers tell it from a refusal.
https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from ingest_assets.errors import (
    AuthenticationError,
    IncompatibleServerError,
    InvalidAnswerError,
    PermissionDeniedError,
    RejectedError,
    RemoteError,
    UnavailableError,
)

_LONGEST_WORDS = 300
_SECONDARY_PAUSE = 60.0
"""Seconds to wait where GitHub says that it was too fast, and not for how long."""

_NEW_TOKEN = "Make a new fine-grained token for the repository, with Contents: read."  # noqa: S105
_CONTENTS = "Give the token Contents: read of this repository, and wait for its approval where the owner asks for one."
_NO_TOKEN = "If it is private, set a token that may read its contents; else check owner and name."  # noqa: S105
_NOT_CHOSEN = "Check owner and name, and that the token's repository access names it, with Contents: read."
_SINGLE_SIGN_ON = "The owner asks for single sign-on: authorize the token for it (Settings > Developer settings)."


def refusal(status: int, headers: Mapping[str, str], body: bytes, where: str, token: str | None) -> RemoteError:
    """What an answer of the API means that is neither 2xx nor 304.

    Args:
        status: HTTP status.
        headers: Header fields, found in any case.
        body: The answer's first bytes.
        where: The call and the repository, for messages.
        token: What was sent; it does not get into the message.
    """
    said = words(body, token)
    if status >= 500:  # noqa: PLR2004
        advice = "Its status page may say more; try again later."
        return UnavailableError(f"the server failed ({status}): {said}", where=where, advice=advice, status=status)
    if "text/html" in headers.get("Content-Type", ""):
        return _web_page(status, where)
    if status in (403, 429):
        return _too_many(status, headers, said, where, token) or _denied(headers, said, where)
    return _unknown(status, said, where, has_token=token is not None)


def refused_download(status: int, headers: Mapping[str, str], where: str) -> UnavailableError:
    """What it means that the host of the archives has none; its keys are good for a few minutes only."""
    what = f"the archive can't be downloaded ({status})."
    error = UnavailableError(what, where=where, advice="Try again later.", status=status)
    error.wait = _retry_after(headers.get("Retry-After"), _time_of(headers))
    return error


def unexpected(content_type: str, where: str) -> RemoteError:
    """What it means that something else came than was asked for."""
    if "text/html" in content_type:
        return _web_page(200, where)
    return InvalidAnswerError("the answer is not what was asked for.", where=where)


def words(body: bytes, token: str | None) -> str:
    """GitHub's own words, on one line and not too long."""
    text = body.decode("utf-8", "replace")
    try:
        said = json.loads(text)
        text = str(said["message"]) if isinstance(said, dict) and "message" in said else text
    except ValueError:
        pass
    line = " ".join((text.replace(token, "***") if token else text).split())[:_LONGEST_WORDS]
    return "a web page" if line.startswith("<") else line or "nothing more"


def _unknown(status: int, said: str, where: str, *, has_token: bool) -> RemoteError:
    """The error where GitHub does not know the caller, the repository or the commit."""
    if status == 401:  # noqa: PLR2004
        what = f"the token is refused: {said}" if has_token else f"who we are is asked for: {said}"
        return AuthenticationError(what, where=where, advice=_NEW_TOKEN, status=status)
    if status == 404:  # noqa: PLR2004
        what = (
            f"there is no such repository, or it is not shown to {'this token' if has_token else 'everybody'}: {said}"
        )
        return PermissionDeniedError(what, where=where, advice=_NOT_CHOSEN if has_token else _NO_TOKEN, status=status)
    if status in (409, 422):
        advice = "Set an existing branch, tag or commit."
        return RejectedError(f"there is no such commit: {said}", where=where, advice=advice, status=status)
    return RejectedError(f"the request is refused ({status}): {said}", where=where, status=status)


def _too_many(
    status: int, headers: Mapping[str, str], said: str, where: str, token: str | None
) -> UnavailableError | None:
    """The error for a limit that is used up; None where it is no matter of limits."""
    exhausted = headers.get("x-ratelimit-remaining") == "0"
    if not (status == 429 or exhausted or "Retry-After" in headers or "rate limit" in said.lower()):  # noqa: PLR2004
        return None
    now = _time_of(headers)
    wait = _retry_after(headers.get("Retry-After"), now)
    reset = headers.get("x-ratelimit-reset", "")
    if wait is None and exhausted and reset.isdecimal():
        wait = max(0.0, int(reset) - now) + 1.0
    if wait is None:
        wait = _SECONDARY_PAUSE
    until = datetime.fromtimestamp(now + wait, tz=timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
    advice = f"Run again after {until}." + ("" if token else " With a token the limit is far higher.")
    error = UnavailableError(f"the limit of requests is used up: {said}", where=where, advice=advice, status=status)
    error.wait = wait
    return error


def _denied(headers: Mapping[str, str], said: str, where: str) -> PermissionDeniedError:
    advice = _SINGLE_SIGN_ON if "x-github-sso" in headers else _CONTENTS
    return PermissionDeniedError(f"it is not allowed: {said}", where=where, advice=advice, status=403)


def _web_page(status: int, where: str) -> IncompatibleServerError:
    what = f"the answer is a web page ({status}), not the API's."
    advice = "Is this the API's address, and does no proxy stand before it that asks to log in?"
    return IncompatibleServerError(what, where=where, advice=advice, status=status)


def _time_of(headers: Mapping[str, str]) -> float:
    """The server's own time, by which it says when a limit ends."""
    try:
        return parsedate_to_datetime(headers["Date"]).timestamp()
    except (KeyError, ValueError):
        return time.time()


def _retry_after(value: str | None, now: float) -> float | None:
    if not value:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except ValueError:
        return None
