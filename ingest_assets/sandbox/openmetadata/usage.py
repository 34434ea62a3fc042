"""How often entities were used: counts by day, summed over weeks and months.

A POST replaces the count of a day and a PUT adds to it; what a table is used counts for its schema and database too
[read in the source].
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from typing import Any

from ingest_assets.sandbox.openmetadata.store import Entity, Store

_SPANS = {"dailyStats": 1, "weeklyStats": 7, "monthlyStats": 30}

Details = dict[str, Any]


class Usage:
    """The counts; callers hold the application's lock."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._counts: dict[str, dict[date, int]] = defaultdict(dict)
        self._ranks: dict[tuple[str, date, str], float] = {}

    def replace(self, entity: Entity, day: date, count: int) -> None:
        """Set the count of a day."""
        self._counts[entity.id][day] = count
        self._add_above(entity, day, count)

    def add(self, entity: Entity, day: date, count: int) -> None:
        """Add to the count of a day."""
        self._increase(entity, day, count)
        self._add_above(entity, day, count)

    def forget(self, entity: Entity) -> None:
        """Drop the counts of an entity that is deleted for good."""
        self._counts.pop(entity.id, None)

    def summary(self, entity: Entity) -> Details:
        """The newest day's usage; zero and today when there is none."""
        days = self._counts.get(entity.id)
        if not days:
            today = datetime.now(timezone.utc).date().isoformat()
            return {"dailyStats": {"count": 0, "percentileRank": 0.0}, "date": today}
        return self._details(entity, max(days))

    def days(self, entity: Entity, last: date, number: int) -> list[Details]:
        """The usage of each day that has a count, newest first, of so many days up to the last."""
        days = self._counts.get(entity.id, {})
        return [self._details(entity, day) for day in sorted(days, reverse=True) if 0 <= (last - day).days < number]

    def compute_percentiles(self, entity_type: str, day: date) -> None:
        """Rank all entities of a type by their usage on a day: 0 for the least used, 100 for the most."""
        used = [one for one in self._store.of_type(entity_type) if day in self._counts.get(one.id, {})]
        for span, length in _SPANS.items():
            sums = {one.id: self._sum(one, day, length) for one in used}
            for one in used:
                below = sum(other < sums[one.id] for other in sums.values())
                self._ranks[one.id, day, span] = 100.0 * below / max(1, len(used) - 1)

    def _increase(self, entity: Entity, day: date, count: int) -> None:
        days = self._counts[entity.id]
        days[day] = days.get(day, 0) + count

    def _add_above(self, entity: Entity, day: date, count: int) -> None:
        for above in self._above(entity):
            self._increase(above, day, count)

    def _above(self, entity: Entity) -> Iterator[Entity]:
        if entity.type == "table":
            for _, above in self._store.ancestors(entity):
                if above.type in ("databaseSchema", "database"):
                    yield above

    def _details(self, entity: Entity, day: date) -> Details:
        stats = {
            span: {
                "count": self._sum(entity, day, length),
                "percentileRank": self._ranks.get((entity.id, day, span), 0.0),
            }
            for span, length in _SPANS.items()
        }
        return {**stats, "date": day.isoformat()}

    def _sum(self, entity: Entity, day: date, length: int) -> int:
        first = day - timedelta(days=length - 1)
        return sum(count for one, count in self._counts.get(entity.id, {}).items() if first <= one <= day)
