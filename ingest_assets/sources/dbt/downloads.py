"""Files and answers over HTTP: one request with its retries, streamed to disk."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests

from ingest_assets.calls import Calls
from ingest_assets.errors import (
    AuthenticationError,
    DeadlineExceededError,
    InvalidAnswerError,
    NotFoundError,
    PermissionDeniedError,
    RejectedError,
    RemoteError,
    UnavailableError,
)
from ingest_assets.sources.http import Answer, Patience, chunks, no_netrc, persevere, received, within

_TIMEOUTS = (10.0, 120.0)
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_ALWAYS = 1_000
_LONGEST_MESSAGE = 200
_FIRST_BYTE = "bytes=0-0"

Json = dict[str, Any]


class Request(NamedTuple):
    """What is asked for.

    Attributes:
        url: Where.
        operation: What it is counted as, e.g. ``dbt:artifact``.
        where: What people call it.
        params: Behind the address.
        part: Bytes that are enough, as ``Range`` says it; empty: the whole.
    """

    url: str
    operation: str
    where: str
    params: Mapping[str, str] | None = None
    part: str = ""


class Downloads:
    """Reads over HTTP as one run sees it.

    Args:
        calls: Counts each request, and knows the deadline.
        headers: Sent with each request; with any, no redirect is followed: it would carry them elsewhere.
        patience: Timeouts and retries.
    """

    def __init__(
        self, calls: Calls, headers: Mapping[str, str] | None = None, patience: Patience | None = None
    ) -> None:
        self._calls = calls
        self._secret = dict(headers or {})
        self._headers = {"User-Agent": "ingest-assets", **self._secret}
        self._patience = patience or Patience(timeouts=_TIMEOUTS)
        self._session = requests.Session()
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def save(self, request: Request, to: Path) -> None:
        """Write what a GET answers to a file.

        Raises:
            RemoteError: The request failed for good, or the answer was cut.
            DeadlineExceededError: The run's time is over.
        """

        def keep(response: requests.Response) -> Answer:
            if response.status_code != requests.codes.ok:
                return received(response, self._calls, request.where)
            with to.open("wb") as file:
                size = sum(file.write(chunk) for chunk in chunks(response, self._calls, request.where))
            told = response.headers.get("Content-Length", "")
            if told.isdecimal() and "Content-Encoding" not in response.headers and size < int(told):
                raise requests.ConnectionError(f"{size} of {told} bytes")
            return Answer(response.status_code, "", response.headers, b"")

        self._ask(request, keep)

    def version(self, request: Request) -> str | None:
        """What a server tells that changes with a file, its entity tag or its time; None where it tells neither.

        A GET of one byte: an address that is signed for GET takes no HEAD. No body is read, neither that of the whole
        file where it comes nevertheless, nor what a refusal says: either may be without an end.

        Raises:
            RemoteError: The request failed for good.
            DeadlineExceededError: The run's time is over.
        """
        try:
            answer = self._ask(request._replace(part=_FIRST_BYTE), _head)
        except RejectedError as error:
            if error.status != requests.codes.requested_range_not_satisfiable:
                raise
            # An empty file has no first byte, and some servers know no ranges.
            answer = self._ask(request, _head)
        return answer.headers.get("ETag") or answer.headers.get("Last-Modified")

    def json(self, request: Request) -> Json:
        """The JSON object that a GET answers.

        Raises:
            RemoteError: The request failed for good, or answers something else.
            DeadlineExceededError: The run's time is over.
        """
        answer = self._ask(request, lambda response: received(response, self._calls, request.where))
        try:
            told = json.loads(answer.content)
        except ValueError as error:
            raise InvalidAnswerError("It answers with something else than JSON.", where=request.where) from error
        if not isinstance(told, dict):
            raise InvalidAnswerError("It answers with something else than an object.", where=request.where)
        return told

    def _ask(self, request: Request, read: Callable[[requests.Response], Answer]) -> Answer:
        answer = persevere(
            lambda: self._send(request, read), _attempts_after, self._patience, self._calls, request.operation
        )
        if answer.status != requests.codes.ok:
            raise _refusal(answer, request.where, self._secrets())
        return answer

    def _secrets(self) -> list[str]:
        return [word for value in self._secret.values() for word in value.split()[-1:]]

    def _send(self, request: Request, read: Callable[[requests.Response], Answer]) -> Answer | RemoteError:
        self._calls.begin(request.operation)
        try:
            with self._session.get(
                request.url,
                params=request.params,
                headers={**self._headers, "Range": request.part} if request.part else self._headers,
                auth=no_netrc,
                timeout=within(self._patience.timeouts, self._calls),
                allow_redirects=not self._secret,
                stream=True,
                hooks={"response": self._go_on},
            ) as response:
                return read(response)
        except (requests.RequestException, OSError, ValueError) as error:  # requests passes on what bad redirects raise
            host = urlsplit(request.url).netloc
            return UnavailableError(
                f"{type(error).__name__} at {host}.", where=request.where, advice="Check the address and the network."
            )

    def _go_on(self, response: requests.Response, **_: object) -> None:
        """Follow no redirect once the time is over: each of thirty may take as long as one request."""
        if response.is_redirect and self._calls.remaining() == 0:
            response.close()
            raise DeadlineExceededError(
                f"{urlsplit(response.url).hostname} redirects until the recipe's timeout is over. Check the address."
            )


def _head(response: requests.Response) -> Answer:
    status = response.status_code
    is_there = status in (requests.codes.ok, requests.codes.partial)
    return Answer(requests.codes.ok if is_there else status, response.reason or "", response.headers, b"")


def _attempts_after(answer: Answer) -> int:
    return _ALWAYS if answer.status in _PASSING else 0


def _refusal(answer: Answer, where: str, secrets: Iterable[str]) -> RemoteError:
    status = answer.status
    words = " ".join(answer.content.decode("utf-8", "replace").split())
    for secret in secrets:
        # Before it is cut: some gateways tell a refused token back.
        words = words.replace(secret, "***")
    words = words[:_LONGEST_MESSAGE] or answer.reason
    kinds: dict[int, tuple[type[RemoteError], str]] = {
        401: (AuthenticationError, "Check the token."),
        403: (PermissionDeniedError, "Let the token's owner read it."),
        404: (NotFoundError, "Check the address, and whether dbt has written it."),
    }
    kind, advice = kinds.get(status, (UnavailableError, "Try again later.") if status in _PASSING else _REJECTED)
    return kind(f"HTTP {status}: {words}", where=where, status=status, advice=advice)


_REJECTED: tuple[type[RemoteError], str] = (RejectedError, "Check the address.")
