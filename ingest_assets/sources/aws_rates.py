"""Keeps calls below AWS's own limits, so that threads and clients of one run do not throttle each other."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, NamedTuple

from ingest_assets.calls import Calls
from ingest_assets.errors import DeadlineExceededError

# Streams times shards may be many; one that is put away and comes back begins with a full bucket, which is what it had.
_MOST_BUCKETS = 10_000


@dataclass(frozen=True)
class Rate:
    """How often an operation may be called.

    Attributes:
        per_second: Calls per second, retries included.
        burst: Calls that may follow each other at once after a pause. AWS counts in windows of a second, in which a
            burst comes on top of ``per_second``: one call evens them out.
        of: What AWS counts: all calls of an account in a region, or those about each subject (a stream, a shard).
    """

    per_second: float
    burst: float = 1.0
    of: Literal["account", "subject"] = "account"


class Place(NamedTuple):
    """Where AWS counts: limits of accounts and regions do not touch each other.

    Attributes:
        account: Twelve digits; empty for that of the credentials that the run began with.
        region: E.g. ``eu-central-1``.
    """

    account: str
    region: str


class _Bucket:
    """Tokens, one a call, that come back with time. May owe some: to those who wait already."""

    def __init__(self, rate: Rate, now: float) -> None:
        self._rate = rate
        self._tokens = rate.burst
        self._at = now

    def pause(self, now: float) -> float:
        """Seconds until a call that would be the next may be made."""
        self._tokens = min(self._rate.burst, self._tokens + (now - self._at) * self._rate.per_second)
        self._at = now
        return max(0.0, (1.0 - self._tokens) / self._rate.per_second)

    def take(self) -> None:
        """Make it the next."""
        self._tokens -= 1.0


class Pace:
    """Time as the sessions of a run see it: one token bucket for each API operation, and the clock that keys end by.

    Safe to share among threads and sessions.

    Args:
        rates: By operation, e.g. ``kinesis:ListStreams``; others are not held back.
        clock: Seconds that only grow.
        wait: Passes so many seconds.
        wall_clock: Epoch seconds, by which a role's credentials end.
    """

    def __init__(
        self,
        rates: Mapping[str, Rate],
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], object] = time.sleep,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self.wall_clock = wall_clock
        self._rates = dict(rates)
        self._clock = clock
        self._wait = wait
        self._lock = threading.Lock()
        self._buckets: OrderedDict[tuple[str, Place, str], _Bucket] = OrderedDict()
        self._subject = threading.local()

    @contextmanager
    def about(self, subject: str) -> Iterator[None]:
        """What this thread's calls within are about; their retries know no more of it than botocore's hooks tell."""
        outer = self._about()
        self._subject.name = subject
        try:
            yield
        finally:
            self._subject.name = outer  # a role was assumed on the way

    def take(self, operation: str, place: Place, calls: Calls) -> None:
        """Wait until the operation may be called.

        Raises:
            DeadlineExceededError: That would be after the run's deadline; nothing is waited for.
        """
        rate = self._rates.get(operation)
        if rate is None:
            return
        subject = self._about() if rate.of == "subject" else ""
        remaining = calls.remaining()
        with self._lock:
            bucket = self._bucket((operation, place, subject), rate)
            pause = bucket.pause(self._clock())
            if remaining is not None and pause >= remaining:
                raise DeadlineExceededError(
                    f"{operation} was not sent: AWS allows {rate.per_second:g} a second, and the recipe's timeout is "
                    "over before its turn. Raise dagster.timeout, or narrow the filters."
                )
            bucket.take()
        if pause > 0:
            self._wait(pause)

    def _about(self) -> str:
        return getattr(self._subject, "name", "")

    def _bucket(self, key: tuple[str, Place, str], rate: Rate) -> _Bucket:
        bucket = self._buckets.pop(key, None) or _Bucket(rate, self._clock())
        self._buckets[key] = bucket
        if len(self._buckets) > _MOST_BUCKETS:
            self._buckets.popitem(last=False)
        return bucket
