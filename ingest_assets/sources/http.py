"""What clients of HTTP APIs share: how long they wait, how they read, and what requests would do by itself."""

from __future__ import annotations

import itertools
import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

import requests

from ingest_assets.calls import Calls
from ingest_assets.errors import DeadlineExceededError, RemoteError

_CHUNK = 65_536
_SHORTEST = 0.1

REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True)
class Patience:
    """How long a service is waited for.

    Attributes:
        timeouts: Seconds to connect, and between two bytes of an answer.
        retries: Times that a request is sent again at most.
        longest: Seconds of any pause at most, whatever Retry-After says included.
        sleep: Waits for so many seconds.
    """

    timeouts: tuple[float, float] = (10.0, 120.0)
    retries: int = 5
    longest: float = 60.0
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def pause(self, attempt: int, wished: float | None) -> float:
        """Seconds to wait after a failed attempt, counted from 0: full jitter, never less than the service wishes."""
        jitter = random.uniform(0, min(self.longest, 0.5 * 2**attempt))  # noqa: S311
        return min(self.longest, max(jitter, wished or 0.0))


class Answer(NamedTuple):
    """An answer that was read to its end.

    Attributes:
        status: Its number.
        reason: What stands beside that.
        headers: Of any spelling.
        content: The body, unpacked.
    """

    status: int
    reason: str
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            ValueError: It is none.
        """
        return json.loads(self.content)


def received(response: requests.Response, calls: Calls, where: str) -> Answer:
    """An answer of which nothing but the head was read, read to its end.

    Raises:
        DeadlineExceededError: The run's time is over.
        requests.RequestException: It is cut, or the connection broke.
    """
    content = b"".join(chunks(response, calls, where))
    return Answer(response.status_code, response.reason or "", response.headers, content)


def chunks(response: requests.Response, calls: Calls, where: str) -> Iterator[bytes]:
    """The body of such an answer as it comes, unpacked.

    Raises:
        DeadlineExceededError: The run's time is over.
        requests.RequestException: It is cut, or the connection broke.
    """
    for chunk in response.iter_content(_CHUNK):
        if calls.remaining() == 0:
            # Who sends little by little never runs into the time between two bytes.
            raise DeadlineExceededError(
                f"{where} was not read to its end: the recipe's timeout is over. Raise dagster.timeout."
            )
        yield chunk


def persevere(
    send: Callable[[], Answer | RemoteError],
    attempts_after: Callable[[Answer], int],
    patience: Patience,
    calls: Calls,
    operation: str,
) -> Answer:
    """The first answer that need not be asked for again.

    Args:
        send: Sends the request once.
        attempts_after: How often it may be sent again, at most, after such an answer.
        patience: Retries and pauses.
        calls: Counts the retries, and knows the deadline.
        operation: As calls are counted.

    Raises:
        RemoteError: Nothing answered to the end.
        DeadlineExceededError: The run's time is over.
    """
    for attempt in itertools.count():
        trouble = send()
        wished = None
        if isinstance(trouble, Answer):
            if attempt >= min(patience.retries, attempts_after(trouble)):
                return trouble
            wished = wished_pause(trouble.headers)
        elif attempt >= patience.retries or not trouble.retryable:
            raise trouble
        pause, remaining = patience.pause(attempt, wished), calls.remaining()
        patience.sleep(pause if remaining is None else min(pause, remaining))
        calls.retry(operation)
    raise AssertionError  # pragma: no cover - count() has no end


def within(timeouts: tuple[float, float], calls: Calls) -> tuple[float, float]:
    """Seconds to connect, and between two bytes of an answer, in the time that a run has left."""
    remaining = calls.remaining()
    if remaining is None:
        return timeouts
    connect, answer = timeouts
    remaining = max(remaining, _SHORTEST)
    return min(connect, remaining), min(answer, remaining)


def wished_pause(headers: Mapping[str, str]) -> float | None:
    """Seconds that a service wants to be left alone (``Retry-After``): it may say a number, or a date."""
    told = headers.get("Retry-After", "").strip()
    if told.isdecimal():
        return float(told)
    try:
        until = parsedate_to_datetime(told)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=timezone.utc)
    return max(0.0, (until - datetime.now(timezone.utc)).total_seconds())


def no_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """As ``auth``: keeps a ``.netrc`` from taking the place of the header that signs a request."""
    return request
