"""What a step of a run came to: the one vocabulary that assets, checks and the command line speak."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Problem:
    """One thing that did not arrive, or lineage that could not be drawn.

    Attributes:
        fqn: Its FQN, or its path where the server gave it none.
        step: ``list``, ``read``, ``match``, ``write``, ``lineage``, ``remove`` or ``restore``.
        reason: What happened, and what to do.
    """

    fqn: str
    step: str
    reason: str


@dataclass(frozen=True)
class Change:
    """One line of a plan.

    Attributes:
        action: ``create``, ``update``, ``restore`` or ``stale``.
        type: Entity type.
        fqn: Its FQN.
        why: What differs.
    """

    action: str
    type: str
    fqn: str
    why: str


@dataclass
class Report:
    """Numbers of one step.

    A snapshot's ``listed = filtered + failed + kept``. An entity type's ``listed = filtered + failed + created +
    updated + restored + unchanged``, for lineage with ``parked`` besides, for what is known of entities of others with
    ``unmatched``. ``stale`` counts what the server has and the source no longer does, and ``removed`` what was removed
    of it, or edges that were dropped; they are in none of the others.

    Attributes:
        api_calls: Requests sent by this step, by operation.
        retries: Requests that repeated a failed one.
        problems: The first of what failed.
        changes: The first of what would change, the most important first.
        planned: Of a plan: counts by action, by type.
        notes: What people should know, and that fails nothing.
        dry_run: Whether nothing was written: counts say what would have been.
        version: Of what was read, where it has one, e.g. a commit.
    """

    listed: int = 0
    filtered: int = 0
    failed: int = 0
    kept: int = 0
    created: int = 0
    updated: int = 0
    restored: int = 0
    unchanged: int = 0
    stale: int = 0
    removed: int = 0
    parked: int = 0
    unmatched: int = 0
    api_calls: dict[str, int] = field(default_factory=dict)
    retries: int = 0
    seconds_crawl: float = 0.0
    seconds_publish: float = 0.0
    problems: list[Problem] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    planned: dict[str, dict[str, int]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    dry_run: bool = False
    version: str = ""

    def balances(self) -> bool:
        """Whether every listed thing is accounted for."""
        written = self.created + self.updated + self.restored
        left = self.filtered + self.failed + self.parked + self.unmatched
        return self.listed == left + self.kept + written + self.unchanged

    def numbers(self) -> dict[str, int]:
        """All counts, in the order in which people read them."""
        return {name: getattr(self, name) for name in COUNTS}


COUNTS = (
    "listed",
    "filtered",
    "failed",
    "kept",
    "created",
    "updated",
    "restored",
    "unchanged",
    "stale",
    "removed",
    "parked",
    "unmatched",
    "retries",
)
"""Names of a report's counts."""
