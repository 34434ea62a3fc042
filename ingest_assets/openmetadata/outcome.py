"""What writing came to, and work done side by side."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from ingest_assets.openmetadata.plan import Action

FAILURES_KEPT = 1000
"""Failures whose reasons are kept; all are counted."""

In = TypeVar("In")
Out = TypeVar("Out")


class Failure(NamedTuple):
    """Something that did not arrive."""

    fqn: str
    step: str
    reason: str


@dataclass
class Outcome:
    """What publishing one type came to. The counts add up to what the source listed.

    Attributes:
        counts: By action of the plan; ``failed`` holds those that could not be read or written.
        failures: The first of them, with their reasons.
    """

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)

    def fail(self, failure: Failure) -> None:
        """Count a failure and keep it."""
        self.counts[Action.FAILED.value] += 1
        self.note(failure)

    def note(self, failure: Failure) -> None:
        """Keep a failure that is counted already, if there is room."""
        if len(self.failures) < FAILURES_KEPT:
            self.failures.append(failure)


def side_by_side(work: Callable[[In], Out], items: Iterable[In], threads: int) -> Iterator[Out]:
    """Results in the order of the items; never more than two items a thread are held, however many there are."""
    with ThreadPoolExecutor(threads, thread_name_prefix="publish") as pool:
        waiting: deque[Future[Out]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) >= 2 * threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
