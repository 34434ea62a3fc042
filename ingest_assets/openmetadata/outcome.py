"""What writing came to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from ingest_assets.catalog import EntityKey
from ingest_assets.openmetadata.plan import Action

FAILURES_KEPT = 1000
"""Failures whose reasons are kept; all are counted."""


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
        unmade: The first edges, by their ends, of which something else came than was planned.
    """

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    unmade: set[tuple[EntityKey, EntityKey]] = field(default_factory=set)

    def fail(self, failure: Failure) -> None:
        """Count a failure and keep it."""
        self.counts[Action.FAILED.value] += 1
        self.note(failure)

    def leave(self, source: EntityKey, target: EntityKey) -> None:
        """Keep an edge of which something else came than was planned, if there is room."""
        if len(self.unmade) < FAILURES_KEPT:
            self.unmade.add((source, target))

    def note(self, failure: Failure) -> None:
        """Keep a failure that is counted already, if there is room."""
        if len(self.failures) < FAILURES_KEPT:
            self.failures.append(failure)
