"""Sends requests to one OpenMetadata server: connections, token, timeouts, retries. Knows HTTP and no entities.

One ``requests.Session`` serves all threads: its connection pool is made for that, and what else it would change while
it is used (cookies) is switched off. One session per thread would keep as many pools, and none would be reused.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import NamedTuple, TypeVar

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import LocationParseError

from ingest_assets.calls import Calls
from ingest_assets.errors import (
    AuthenticationError,
    DeadlineExceededError,
    NotFoundError,
    RecipeError,
    RemoteError,
)
from ingest_assets.openmetadata.answers import Answer, Trouble, read, words
from ingest_assets.openmetadata.auth import TokenSource
from ingest_assets.openmetadata.failures import trouble_of
from ingest_assets.openmetadata.patience import Patience, Request
from ingest_assets.openmetadata.tls import Tls

_UNAUTHORIZED = 401
_CHUNK = 65_536
_CONTENT_TYPES = {"PATCH": "application/json-patch+json"}
_NO_TOKEN_ADVICE = "Set jwtToken of the recipe to the token of the ingestion bot (Settings > Bots)."  # noqa: S105

Outcome = TypeVar("Outcome")


class BearerToken(requests.auth.AuthBase):
    """Puts the token into its header. As ``auth`` it also keeps a ``.netrc`` from taking that header over."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Set the header, or none."""
        if self._token is not None:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Body:
    """The body of an answer as it comes, unpacked; a file to those who only ``read``.

    Args:
        response: An answer of which nothing but the head has been read.
        operation: What was asked for, as it is counted.
        where: The request, for messages.
        calls: Knows the run's deadline.
    """

    def __init__(self, response: requests.Response, operation: str, where: str, calls: Calls) -> None:
        self.where = where
        self._operation = operation
        self._calls = calls
        self._chunks: Iterator[bytes] = response.iter_content(_CHUNK)
        self._rest = b""

    def read(self, size: int = _CHUNK) -> bytes:
        """The next bytes, at most so many; none at the end.

        Raises:
            InvalidAnswerError: The connection ended before the body did, or its compression is damaged.
            UnavailableError: The connection broke, or nothing came in time.
            DeadlineExceededError: The run's time is over.
        """
        while size and not self._rest:
            chunk = self._next()
            if chunk is None:
                return b""
            self._rest = chunk
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken

    def _next(self) -> bytes | None:
        if self._calls.remaining() == 0:
            # A server that sends little by little never runs into the time between two bytes.
            raise DeadlineExceededError(
                f"the answer to {self._operation} was not read to its end: the recipe's timeout is over. "
                "Raise dagster.timeout, or narrow the filters."
            )
        try:
            return next(self._chunks, None)
        except requests.RequestException as error:
            raise trouble_of(error, where=self.where).error from error


class _Received(NamedTuple):
    """A response, and the token that it answers to."""

    response: requests.Response
    token: str | None


class Transport:
    """Sends requests, with retries. Safe to share among threads.

    Args:
        base: ``hostPort`` without a slash at its end.
        tokens: Where the token comes from.
        calls: Counts requests, and knows the deadline.
        tls: The certificates of both sides.
        extra_headers: Sent with each request; ``%(Authorization)s`` in a value stands for the token's header.
        threads: Connections kept and used at once.
        patience: Timeouts and retries.

    Raises:
        RecipeError: A header can't be sent, or a certificate's file is not there.
    """

    def __init__(
        self,
        base: str,
        tokens: TokenSource,
        calls: Calls,
        *,
        tls: Tls,
        extra_headers: Mapping[str, str],
        threads: int,
        patience: Patience,
    ) -> None:
        self.base = base
        self._tokens = tokens
        self._calls = calls
        self._tls = tls.checked()
        self._extra_headers = dict(_checked(extra_headers))
        self._patience = patience
        self._server_time: int | None = None
        self._session = _session(threads)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def send(self, request: Request) -> Answer:
        """The answer to a request, after as many retries as it takes and is allowed.

        Raises:
            RemoteError: The kind says what went wrong, the message what to do.
            DeadlineExceededError: The run's time is over.
        """
        return self._persevere(request, lambda attempt: self._answer(request, attempt))

    @contextmanager
    def stream(self, request: Request) -> Iterator[Body]:
        """The body of a request's answer while it comes; retries end with its head.

        It has a connection of its own, so that what is sent while it is read does not wait for it.

        Raises:
            RemoteError: As ``send``; reading it raises too, see ``Body``.
            DeadlineExceededError: The run's time is over.
        """
        with _session(1) as session:
            response = self._persevere(request, lambda _: self._opened(session, request))
            with response:
                yield Body(response, request.operation, self._where(request), self._calls)

    def _persevere(self, request: Request, attempt: Callable[[int], Outcome | Trouble]) -> Outcome:
        """What the first attempt that succeeds brings; each is told how many there were before."""
        for number in itertools.count():
            outcome = attempt(number)
            if not isinstance(outcome, Trouble):
                return outcome
            if not request.may_be_repeated(outcome, number, self._patience):
                raise _after(outcome.error, number + 1)
            self._wait(self._patience.pause(number, outcome.wait))
            self._calls.retry(request.operation)
        raise AssertionError  # pragma: no cover - count() has no end

    def _wait(self, seconds: float) -> None:
        remaining = self._calls.remaining()
        self._patience.sleep(seconds if remaining is None else min(seconds, remaining))

    def _answer(self, request: Request, attempt: int) -> Answer | Trouble:
        received = self._attempt(self._session, request, _whole)
        outcome = received if isinstance(received, Trouble) else self._read(request, received)
        if attempt and request.verb == "DELETE" and isinstance(outcome, Trouble):
            error = outcome.error
            # The attempt before did it, and only its answer was lost.
            return Answer(error.status or 0, {}, "") if isinstance(error, NotFoundError) else outcome
        return outcome

    def _opened(self, session: requests.Session, request: Request) -> requests.Response | Trouble:
        received = self._attempt(session, request, _head)
        if isinstance(received, Trouble) or _is_streamed(received.response):
            return received if isinstance(received, Trouble) else received.response
        outcome = self._read(request, received)
        return outcome if isinstance(outcome, Trouble) else received.response

    def _attempt(
        self, session: requests.Session, request: Request, load: Callable[[requests.Response], None]
    ) -> _Received | Trouble:
        token = self._tokens.token() if request.with_token else None
        outcome = self._exchange(session, request, token, load)
        if isinstance(outcome, Trouble):
            return outcome
        if outcome.status_code == _UNAUTHORIZED and token is not None and self._tokens.renew(token):
            token = self._tokens.token()
            self._calls.retry(request.operation)
            outcome = self._exchange(session, request, token, load)
            if isinstance(outcome, Trouble):
                return outcome
        return _Received(outcome, token)

    def _read(self, request: Request, received: _Received) -> Answer | Trouble:
        response, token = received
        where = self._where(request)
        if response.status_code != _UNAUTHORIZED:
            return read(response.status_code, response.headers, _without(token, response.content), where)
        said = words(_without(token, response.content))
        advice = _NO_TOKEN_ADVICE if token is None else self._tokens.explain(token)
        return Trouble(
            AuthenticationError(f"the server refuses the token: {said}.", where=where, advice=advice, status=401)
        )

    def _exchange(
        self,
        session: requests.Session,
        request: Request,
        token: str | None,
        load: Callable[[requests.Response], None],
    ) -> requests.Response | Trouble:
        self._calls.begin(request.operation)
        try:
            response = session.request(
                request.verb,
                self.base + request.path,
                params=request.params,
                data=None if request.body is None else json.dumps(request.body, separators=(",", ":")).encode(),
                headers=self._headers(request, token),
                auth=BearerToken(token),
                timeout=self._timeouts(),
                verify=self._tls.verify,
                cert=self._tls.pair,
                allow_redirects=False,
                stream=True,
            )
            load(response)
            self._server_time = _time_of(response) or self._server_time
        except (requests.RequestException, LocationParseError) as error:
            # requests lets the latter through: a host name that no request can be sent to.
            return trouble_of(error, where=self._where(request))
        return response

    def server_time(self) -> int | None:
        """Milliseconds since the epoch by the ``Date`` of the last answer, cut to seconds; None if none has told."""
        return self._server_time

    def _where(self, request: Request) -> str:
        return f"{request.verb} {self.base}{request.path}"

    def _headers(self, request: Request, token: str | None) -> dict[str, str]:
        headers = {"Accept": "application/json", "User-Agent": "ingest-assets"}
        if request.body is not None:
            headers["Content-Type"] = _CONTENT_TYPES.get(request.verb, "application/json")
        bearer = "" if token is None else f"Bearer {token}"
        extra = {name: value.replace("%(Authorization)s", bearer) for name, value in self._extra_headers.items()}
        return headers | extra

    def _timeouts(self) -> tuple[float, float]:
        connect, answer = self._patience.timeouts
        remaining = self._calls.remaining()
        if remaining is None:
            return connect, answer
        # Zero would mean "don't wait at all" to some layers and an error to others.
        remaining = max(remaining, 0.1)
        return min(connect, remaining), min(answer, remaining)


def _time_of(response: requests.Response) -> int | None:
    try:
        return int(parsedate_to_datetime(response.headers["Date"]).timestamp() * 1000)
    except (KeyError, ValueError):
        return None


def _session(connections: int) -> requests.Session:
    """A session that keeps so many connections to one server, and no cookies."""
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=connections, pool_block=True)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def _whole(response: requests.Response) -> None:
    """Read the body, which ``content`` keeps."""
    _ = response.content


def _head(response: requests.Response) -> None:
    """Read the body only if it is no answer but a refusal."""
    if not _is_streamed(response):
        _whole(response)


def _is_streamed(response: requests.Response) -> bool:
    return response.status_code in range(200, 300) and "text/html" not in response.headers.get("Content-Type", "")


def _checked(headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in headers.items():
        # What requests would raise quotes the value, which may be a secret.
        if not (name.isascii() and name.isprintable() and value.isascii() and value.isprintable()):
            raise RecipeError(f"extraHeaders: {name!r} or its value holds characters that no header can have.")
        yield name, value


def _without(token: str | None, content: bytes) -> bytes:
    """The content without the token, which some gateways quote in what they answer."""
    return content.replace(token.encode(), b"***") if token else content


def _after(error: RemoteError, attempts: int) -> RemoteError:
    """The error, saying how often it was tried."""
    if attempts == 1:
        return error
    what = f"{error.what.rstrip('.')} (tried {attempts} times)."
    return type(error)(what, where=error.where, advice=error.advice, status=error.status)
