"""Sends requests to one OpenMetadata server: connections, token, timeouts, retries. Knows HTTP and no entities.

One ``requests.Session`` serves all threads: its connection pool is made for that, and what else it would change while
it is used (cookies) is switched off. One session per thread would keep as many pools, and none would be reused.
"""

from __future__ import annotations

import itertools
import json
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any, NamedTuple

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import LocationParseError

from ingest_assets.calls import Calls
from ingest_assets.errors import AuthenticationError, NotFoundError, RecipeError, RemoteError
from ingest_assets.openmetadata.answers import Answer, Trouble, read, words
from ingest_assets.openmetadata.auth import TokenSource
from ingest_assets.openmetadata.failures import trouble_of

_ID = re.compile(r"(?<=/)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=/|$)")
_FQN = re.compile(r"(?<=/name/)[^/]+")
_UNAUTHORIZED = 401
_REAL_500 = 500
_CONTENT_TYPES = {"PATCH": "application/json-patch+json"}
_NO_TOKEN_ADVICE = "Set jwtToken of the recipe to the token of the ingestion bot (Settings > Bots)."  # noqa: S105


@dataclass(frozen=True)
class Patience:
    """How long a server is waited for.

    Attributes:
        timeouts: Seconds to connect, and between two bytes of an answer. A bulk PUT of wide tables can take a minute.
        retries: Times that a request is sent again at most.
        retries_of_500: The same for a 500, which is more often a bug that stays than a hiccup.
        shortest: Seconds of the first pause at most; each further one may be twice as long.
        longest: Seconds of any pause at most, whatever Retry-After says included.
        sleep: Waits for so many seconds.
    """

    timeouts: tuple[float, float] = (10, 300)
    retries: int = 6
    retries_of_500: int = 2
    shortest: float = 0.5
    longest: float = 60.0
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def pause(self, attempt: int, wished: float | None) -> float:
        """Seconds to wait after a failed attempt, counted from 0: full jitter, never less than the server wishes."""
        jitter = random.uniform(0, min(self.longest, self.shortest * 2**attempt))  # noqa: S311
        return min(self.longest, max(jitter, wished or 0.0))


class Request(NamedTuple):
    """One request.

    Attributes:
        path: Path from ``/v1`` on; names in it percent-encoded.
        body: To be sent as JSON; None: no body.
        with_token: Whether the token is sent.
    """

    verb: str
    path: str
    params: Mapping[str, str] | None = None
    body: Any = None
    with_token: bool = True

    @property
    def operation(self) -> str:
        """What is counted: verb and path without ids and names."""
        return f"{self.verb} {_FQN.sub('{fqn}', _ID.sub('{id}', self.path))}"

    def may_be_repeated(self, trouble: Trouble, attempt: int, patience: Patience) -> bool:
        """Whether to send it again. All verbs but PATCH do the same when they are done twice."""
        if not trouble.error.retryable or (self.verb == "PATCH" and trouble.sent):
            return False
        limit = patience.retries_of_500 if trouble.error.status == _REAL_500 else patience.retries
        return attempt < limit


class BearerToken(requests.auth.AuthBase):
    """Puts the token into its header. As ``auth`` it also keeps a ``.netrc`` from taking that header over."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Set the header, or none."""
        if self._token is not None:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Transport:
    """Sends requests, with retries. Safe to share among threads.

    Args:
        base: ``hostPort`` without a slash at its end.
        tokens: Where the token comes from.
        calls: Counts requests, and knows the deadline.
        verify: Whether, or with which CA bundle, the server's certificate is checked.
        extra_headers: Sent with each request; ``%(Authorization)s`` in a value stands for the token's header.
        threads: Connections kept and used at once.
        patience: Timeouts and retries.

    Raises:
        RecipeError: A header can't be sent, or there is no CA bundle.
    """

    def __init__(
        self,
        base: str,
        tokens: TokenSource,
        calls: Calls,
        *,
        verify: bool | str,
        extra_headers: Mapping[str, str],
        threads: int,
        patience: Patience,
    ) -> None:
        self.base = base
        self._tokens = tokens
        self._calls = calls
        self._verify = _existing(verify)
        self._extra_headers = dict(_checked(extra_headers))
        self._patience = patience
        self._session = requests.Session()
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=threads, pool_block=True)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def send(self, request: Request) -> Answer:
        """The answer to a request, after as many retries as it takes and is allowed.

        Raises:
            RemoteError: The kind says what went wrong, the message what to do.
            DeadlineExceededError: The run's time is over.
        """
        for attempt in itertools.count():
            outcome = self._attempt(request)
            if isinstance(outcome, Answer):
                return outcome
            if attempt and request.verb == "DELETE" and isinstance(outcome.error, NotFoundError):
                # The attempt before did it, and only its answer was lost.
                return Answer(outcome.error.status or 0, {}, "")
            if not request.may_be_repeated(outcome, attempt, self._patience):
                raise _after(outcome.error, attempt + 1)
            self._wait(self._patience.pause(attempt, outcome.wait))
            self._calls.retry(request.operation)
        raise AssertionError  # pragma: no cover - count() has no end

    def _wait(self, seconds: float) -> None:
        remaining = self._calls.remaining()
        self._patience.sleep(seconds if remaining is None else min(seconds, remaining))

    def _attempt(self, request: Request) -> Answer | Trouble:
        token = self._tokens.token() if request.with_token else None
        outcome = self._exchange(request, token)
        if not isinstance(outcome, requests.Response):
            return outcome
        if outcome.status_code == _UNAUTHORIZED and token is not None and self._tokens.renew(token):
            token = self._tokens.token()
            self._calls.retry(request.operation)
            outcome = self._exchange(request, token)
            if not isinstance(outcome, requests.Response):
                return outcome
        return self._read(request, outcome, token)

    def _read(self, request: Request, response: requests.Response, token: str | None) -> Answer | Trouble:
        where = f"{request.verb} {self.base}{request.path}"
        if response.status_code != _UNAUTHORIZED:
            return read(response.status_code, response.headers, _without(token, response.content), where)
        said = words(_without(token, response.content))
        advice = _NO_TOKEN_ADVICE if token is None else self._tokens.explain(token)
        return Trouble(
            AuthenticationError(f"the server refuses the token: {said}.", where=where, advice=advice, status=401)
        )

    def _exchange(self, request: Request, token: str | None) -> requests.Response | Trouble:
        self._calls.begin(request.operation)
        try:
            return self._session.request(
                request.verb,
                self.base + request.path,
                params=request.params,
                data=None if request.body is None else json.dumps(request.body, separators=(",", ":")).encode(),
                headers=self._headers(request, token),
                auth=BearerToken(token),
                timeout=self._timeouts(),
                verify=self._verify,
                allow_redirects=False,
            )
        except (requests.RequestException, LocationParseError) as error:
            # requests lets the latter through: a host name that no request can be sent to.
            return trouble_of(error, where=f"{request.verb} {self.base}{request.path}")

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


def _checked(headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in headers.items():
        # What requests would raise quotes the value, which may be a secret.
        if not (name.isascii() and name.isprintable() and value.isascii() and value.isprintable()):
            raise RecipeError(f"extraHeaders: {name!r} or its value holds characters that no header can have.")
        yield name, value


def _existing(verify: bool | str) -> bool | str:
    # requests would only say so when it first connects, in an error that is none of its own.
    if isinstance(verify, str) and not Path(verify).exists():
        raise RecipeError(f"sslConfig.caCertificate: there is no file {verify}.")
    return verify


def _without(token: str | None, content: bytes) -> bytes:
    """The content without the token, which some gateways quote in what they answer."""
    return content.replace(token.encode(), b"***") if token else content


def _after(error: RemoteError, attempts: int) -> RemoteError:
    """The error, saying how often it was tried."""
    if attempts == 1:
        return error
    what = f"{error.what.rstrip('.')} (tried {attempts} times)."
    return type(error)(what, where=error.where, advice=error.advice, status=error.status)
