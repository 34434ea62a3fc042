"""Usage: how often dashboards were looked at, day by day, from totals that the source counts since ever."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone

from ingest_assets.catalog import Dashboard, EntityKey, EntityType
from ingest_assets.errors import AuthenticationError, NotFoundError, RemoteError
from ingest_assets.ingestion.ingestion import Ingestion
from ingest_assets.ingestion.kinds import USAGE
from ingest_assets.ingestion.report import Problem, Report
from ingest_assets.ingestion.reporting import SHOWN, add_counts
from ingest_assets.openmetadata.beside import compute_percentiles, put_usage
from ingest_assets.openmetadata.layout import collection_of
from ingest_assets.openmetadata.outcome import Failure, Outcome
from ingest_assets.openmetadata.plan import Action
from ingest_assets.parallel import side_by_side
from ingest_assets.snapshots.ledger import Ledger
from ingest_assets.snapshots.manifest import Manifest
from ingest_assets.snapshots.usage_rows import Views

_UNRANKED = "usage_unranked"
"""Fact of the ledger: days whose counts have changed since the server last ranked dashboards by them."""

_RANKED_WITHIN = timedelta(days=7)
"""Days that a server refuses to rank for longer than this are given up: each costs a request in each run."""


def publish_usage(ingestion: Ingestion, run_id: str) -> Report:
    """Tell the server how often each dashboard of a snapshot was looked at since the snapshot before, as of today.

    Sources count views since ever, OpenMetadata by days. The first total that is known of a dashboard is only
    remembered: nobody knows when those views were. Whatever breaks off in between, no view is counted twice: a day's
    count is noted before it is sent, it is sent as a whole, and it replaces the one that the server has.

    Args:
        ingestion: The recipe's.
        run_id: Of this run; else the latest snapshot is taken.

    Raises:
        AuthenticationError: The server refuses who we are.
        BusyError: Another run writes to the same server and service.
        StoreError: There is no snapshot yet, or it is damaged.
    """
    ingestion.ledgers.lease(run_id)
    manifest = ingestion.manifest(run_id)
    with ingestion.ledgers.open(run_id) as ledger, ingestion.timed() as report:
        if ingestion.dry_run:
            report.notes = ["No views were counted: this is a dry run."]
            return report
        totals = _totals(ingestion, manifest, ledger)
        if not totals:
            report.notes = [
                "No views were counted: they were not asked for (includeUsage), or no dashboard tells of any."
            ]
        telling = _Telling(ingestion, run_id, ledger, totals)
        telling.settle()
        report.notes += telling.count(manifest.started)
        telling.tell(telling.due())
        report.notes += telling.rank()
        outcome = telling.outcome
        ingestion.snapshots.note_published(manifest.run_id, ingestion.server.client.host_port, USAGE, outcome.counts)
        add_counts(report, outcome.counts)
        report.problems = [Problem(*failure) for failure in outcome.failures[:SHOWN]]
    return report


def _totals(ingestion: Ingestion, manifest: Manifest, ledger: Ledger) -> dict[EntityKey, int]:
    """How often each dashboard was looked at, ever, of those that tell it and that the server has."""
    totals: dict[EntityKey, int] = {}
    for result in manifest.listing(EntityType.DASHBOARD):
        for found in ingestion.snapshots.entities(result.file) if result.file else ():
            key = ingestion.server.bodies.key(found.reference)
            if isinstance(found, Dashboard) and found.views is not None and ledger.server.is_live(key):
                # Of two names that the server can't tell apart, the first one is written.
                totals.setdefault(key, found.views)
    return totals


@dataclass
class _Telling:
    """One run's telling of views.

    Attributes:
        ingestion: The recipe's.
        run_id: Of this run.
        ledger: Knows what was told before.
        totals: How often each dashboard was looked at, ever.
        told: What was told in this run.
        failed: Why something could not be told.
        gone: What the server does not have any more.
    """

    ingestion: Ingestion
    run_id: str
    ledger: Ledger
    totals: dict[EntityKey, int]
    told: set[EntityKey] = field(default_factory=set)
    failed: dict[EntityKey, str] = field(default_factory=dict)
    gone: set[EntityKey] = field(default_factory=set)

    @property
    def outcome(self) -> Outcome:
        """What became of each dashboard; those that are gone are nobody's any more."""
        outcome = Outcome()
        for key in self.totals.keys() - self.gone - self.failed.keys():
            action = Action.UPDATE if key in self.told else Action.UNCHANGED
            outcome.counts[action.value] += 1
        for key, why in sorted(self.failed.items()):
            outcome.fail(Failure(key.fqn, "usage", why))
        return outcome

    def settle(self) -> None:
        """Tell of earlier days what was noted and perhaps never sent: a new day's count would take its place."""
        today = self._today()
        known = ((key, self.ledger.usage.get(key)) for key in self.totals)
        late = {key: each for key, each in known if each and not each.told and each.day and each.day < today}
        self.tell(late)

    def count(self, seen: float) -> list[str]:
        """Note what the totals come to, and keep it before any of it is sent; notes for people.

        Args:
            seen: When the snapshot was begun.
        """
        new, shrunk, changed = 0, 0, {}
        for key in self._left():
            known = self.ledger.usage.get(key)
            views = known.after(self.totals[key], seen, self._today()) if known else Views(self.totals[key], seen)
            new += known is None
            shrunk += known is not None and views.total < known.total
            if views != known:
                changed[key] = views
        self.ledger.usage.note(changed.items())
        notes = []
        if new:
            notes.append(f"{new} dashboards are counted from now on: when they were looked at before, nobody knows.")
        if shrunk:
            notes.append(f"{shrunk} dashboards were looked at less often than was known: they are counted anew.")
        return notes

    def due(self) -> dict[EntityKey, Views]:
        """Counts that the server is not known to have."""
        known = ((key, self.ledger.usage.get(key)) for key in self._left())
        again = self.ingestion.rules.rewrite
        return {key: each for key, each in known if each and each.day and (again or not each.told)}

    def tell(self, counts: dict[EntityKey, Views]) -> None:
        """Send counts, and note which of them the server has taken."""
        if not counts:
            return
        days = {each.day.isoformat() for each in counts.values() if each.day}
        self.ledger.note(**{_UNRANKED: " ".join(sorted(days | self._unranked()))})
        self.ledger.keep()
        self.ingestion.progress.found(USAGE, len(counts))
        for key, views, problem in side_by_side(
            lambda each: self._send(*each), counts.items(), self.ingestion.server.threads
        ):
            self.ingestion.progress.done(USAGE)
            if problem is None:
                self.ledger.usage.note([(key, views._replace(told=True))])
                self.told.add(key)
            elif isinstance(problem, NotFoundError):
                self.gone.add(key)
            else:
                self.failed[key] = str(problem)

    def rank(self) -> Iterator[str]:
        """Have the server rank dashboards by what it was told, if anything; notes for people."""
        oldest = (self._today() - _RANKED_WITHIN).isoformat()
        unranked = {day: self._rank(day) for day in sorted(self._unranked()) if day >= oldest}
        self.ledger.note(**{_UNRANKED: " ".join(day for day, problem in unranked.items() if problem) or None})
        for day, problem in unranked.items():
            if problem is not None:
                yield f"Dashboards are not ranked by their views of {day}: the next run tries again. {problem}"

    def _rank(self, day: str) -> RemoteError | None:
        try:
            compute_percentiles(self.ingestion.server.client, EntityType.DASHBOARD, date.fromisoformat(day))
        except AuthenticationError:
            raise
        except RemoteError as error:
            return error
        return None

    def _send(self, key: EntityKey, views: Views) -> tuple[EntityKey, Views, RemoteError | None]:
        try:
            entity_id = self._id_of(key)
            self.ingestion.ledgers.lease(self.run_id).ensure()
            if views.day is not None:
                put_usage(self.ingestion.server.client, key.type, entity_id, views.day, views.counted)
        except AuthenticationError:
            raise
        except RemoteError as error:
            return key, views, error
        return key, views, None

    def _id_of(self, key: EntityKey) -> str:
        row = self.ledger.server.get(key)
        if row is not None and row.id is not None:
            return row.id
        # A bulk answer doesn't tell ids.
        fqn = self.ingestion.server.bodies.on_server(key)
        return str(self.ingestion.server.client.get_by_name(collection_of(key.type), fqn)["id"])

    def _left(self) -> Iterable[EntityKey]:
        return [key for key in self.totals if key not in self.failed and key not in self.gone]

    def _unranked(self) -> set[str]:
        return set((self.ledger.fact(_UNRANKED) or "").split())

    def _today(self) -> date:
        return datetime.fromtimestamp(self.ingestion.clock(), timezone.utc).date()
