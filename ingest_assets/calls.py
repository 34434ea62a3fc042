"""What the remote calls of one run share: they are counted by operation, and refused once the run's time is over."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable

from ingest_assets.errors import DeadlineExceededError


class Calls:
    """Counts calls and retries of one client, and keeps its deadline. Safe to share among threads.

    Args:
        deadline: ``clock()`` value after which no call begins; None: no limit.
        clock: Seconds that only grow.
    """

    def __init__(self, deadline: float | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._deadline = deadline
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._retries: Counter[str] = Counter()

    def begin(self, operation: str) -> None:
        """Note that a request is about to be sent.

        Raises:
            DeadlineExceededError: The run's time is over; the request must not be sent.
        """
        if self._deadline is not None and self._clock() >= self._deadline:
            raise DeadlineExceededError(
                f"{operation} was not sent: the recipe's timeout is over. Raise dagster.timeout, or narrow the filters."
            )
        with self._lock:
            self._counts[operation] += 1

    def retry(self, operation: str) -> None:
        """Note that the request about to be sent repeats one that failed."""
        with self._lock:
            self._retries[operation] += 1

    def remaining(self) -> float | None:
        """Seconds until the deadline, not below zero; None without one."""
        return None if self._deadline is None else max(0.0, self._deadline - self._clock())

    def counts(self) -> dict[str, int]:
        """Requests sent so far by operation, retries included."""
        with self._lock:
            return dict(sorted(self._counts.items()))

    def retries(self) -> int:
        """Requests that repeated a failed one."""
        with self._lock:
            return sum(self._retries.values())
