"""An ingestion: one recipe's source, store and server, and the steps of a run over them.

Each step hands on through the store: the manifest of this run, else the latest; the plan that was made of it. So any
step can run alone, in another process, or again.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice

from ingest_assets.calls import Calls
from ingest_assets.catalog import EntityType, Note
from ingest_assets.errors import RemoteError, StoreError, UnavailableError
from ingest_assets.ingestion.lineage import keep_lineage
from ingest_assets.ingestion.report import Change, Problem, Report
from ingest_assets.openmetadata.edges import EdgePublisher
from ingest_assets.openmetadata.plan import Action, Plan, PlannedEntity
from ingest_assets.openmetadata.planner import Planner, PlanRules
from ingest_assets.openmetadata.publisher import Failure, Outcome, Publisher
from ingest_assets.openmetadata.server import Server
from ingest_assets.progress import Progress
from ingest_assets.snapshots.crawler import Crawler, Source
from ingest_assets.snapshots.ledger import Ledger
from ingest_assets.snapshots.manifest import Manifest
from ingest_assets.snapshots.repository import Snapshots
from ingest_assets.snapshots.retention import prune
from ingest_assets.snapshots.selection import Selection

_SHOWN = 50
_REASONS = 3
_WITHOUT_SOURCE_HASH = (
    "OpenMetadata {} stores a change of a view's SQL, of partitions or of how a type is displayed only together with "
    "another change of the same table: it compares nothing else, and knows no sourceHash (1.2 and later do)."
)
LINEAGE = "lineage"
PUBLISHED = (EntityType.DATABASE, EntityType.SCHEMA, EntityType.TABLE)
"""Entity types that are published, parents first."""


@dataclass
class Ingestion:
    """The steps of one recipe's run.

    Attributes:
        source: The service, not yet asked anything.
        source_calls: Counts what it is asked.
        server: The OpenMetadata server.
        server_calls: Counts what it is asked.
        snapshots: The store's part for this service.
        rules: How to plan.
        threads: Scopes read at once.
        progress: Told how far the work is.
        redact: Blanks the recipe's secrets in what is kept of errors.
        dry_run: Whether publishing writes nothing.
        success_threshold: Percent of the entities that must arrive (``successThreshold``).
        shrink_percent: How much less than last time is no cause for a warning.
        stale_percent: Most percent of the live entities that a run removes without approval.
        stale_count: Most entities that a run removes without approval.
        selection: What of the source is read.
        approve_stale: Id of the run whose planned removals a person has approved; empty for none.
    """

    source: Source
    source_calls: Calls
    server: Server
    server_calls: Calls
    snapshots: Snapshots
    rules: PlanRules
    threads: int
    progress: Progress
    redact: Callable[[str], str] = str
    dry_run: bool = False
    success_threshold: int = 90
    shrink_percent: float = 20
    stale_percent: float = 20
    stale_count: int = 500
    selection: Selection = Selection()  # noqa: RUF009  # immutable
    approve_stale: str = ""

    def snapshot(self, run_id: str, *, last_attempt: bool) -> Report:
        """Read the source and publish a manifest.

        Args:
            run_id: The run's id, and the manifest's.
            last_attempt: Whether no retry will come: then what is proven is published, however little it is.

        Raises:
            UnavailableError: Scopes failed in a way that a retry may mend, and one will come; or none could be read.
            AuthenticationError: The credentials are refused.
        """
        started = time.monotonic()
        manifest = Crawler(
            self.source,
            self.snapshots,
            self.source_calls,
            self.progress,
            self.threads,
            self.redact,
            self.selection,
        ).crawl(run_id)
        _refuse_the_unproven(manifest, last_attempt=last_attempt)
        manifest = keep_lineage(self.snapshots, manifest, self.progress)
        self.snapshots.publish(manifest)
        prune(self.snapshots)
        report = _report_of(manifest)
        report.seconds_crawl = time.monotonic() - started
        return report

    def plan(self, run_id: str) -> Report:
        """Plan the manifest of this run, else the latest one, against the server.

        Raises:
            RemoteError: The server could not be listed.
            StoreError: There is no snapshot yet, or it is damaged.
        """
        manifest = self.manifest(run_id)
        file = self.snapshots.store.scratch()
        with self._timed() as report, Plan(file) as plan:
            with self._ledger() as ledger:
                Planner(
                    snapshots=self.snapshots,
                    manifest=manifest,
                    ledger=ledger,
                    listing=self.server.listing,
                    bodies=self.server.bodies,
                    progress=self.progress,
                    rules=self.rules,
                ).plan(plan)
            for kind in PUBLISHED:
                _add_counts(report, Counter(plan.counts(kind)))
            report.changes = _changes(plan)
            report.notes = [*_plan_notes(plan), *self._server_notes()]
        self.snapshots.store.keep(self._plan_key(manifest), file)
        return report

    def publish(self, run_id: str, kind: EntityType) -> Report:
        """Write the planned entities of one type; with the databases, the service first.

        Raises:
            RemoteError: The service could not be written, or the token is refused.
            StoreError: There is no plan for the manifest.
        """
        with self._planned(run_id) as (manifest, plan), self._timed() as report:
            outcome = Outcome(Counter(plan.counts(kind)))
            if not self.dry_run:
                with self._ledger() as ledger:
                    publisher = Publisher(
                        client=self.server.client,
                        snapshots=self.snapshots,
                        plan=plan,
                        ledger=ledger,
                        bodies=self.server.bodies,
                        progress=self.progress,
                        threads=self.server.threads,
                    )
                    if kind is EntityType.DATABASE:
                        publisher.publish_service(self.snapshots.service_entity(manifest))
                    outcome = publisher.publish(kind)
                _account_for_all(manifest, kind, outcome)
                self.snapshots.note_published(manifest.run_id, self._address, kind.value, outcome.counts)
            self._conclude(report, outcome)
            report.changes = [_change(planned) for planned in plan.changes(_SHOWN, kind)]
        return report

    def lineage(self, run_id: str) -> Report:
        """Write the planned edges.

        Raises:
            AuthenticationError: The token is refused.
            StoreError: There is no plan for the manifest.
        """
        with self._planned(run_id) as (manifest, plan), self._timed() as report:
            outcome = Outcome(Counter(plan.edge_counts()))
            if not self.dry_run:
                with self._ledger() as ledger:
                    outcome = EdgePublisher(
                        client=self.server.client,
                        listing=self.server.listing,
                        snapshots=self.snapshots,
                        edges_file=manifest.edges_file,
                        plan=plan,
                        ledger=ledger,
                        bodies=self.server.bodies,
                        progress=self.progress,
                        threads=self.server.threads,
                    ).publish()
                self.snapshots.note_published(manifest.run_id, self._address, LINEAGE, outcome.counts)
            self._conclude(report, outcome)
            report.notes = self._lineage_notes(manifest)
        return report

    def stale(self, run_id: str) -> Report:
        """Show what the server has and the source no longer does.

        Raises:
            StoreError: There is no plan for the manifest.
        """
        with self._planned(run_id) as (_, plan), self._timed() as report:
            report.changes = [_change(planned) for planned in plan.of(Action.STALE, limit=_SHOWN)]
            report.stale = sum(plan.counts(kind).get(Action.STALE.value, 0) for kind in EntityType)
        return report

    def close(self) -> None:
        """Close the connections to the server."""
        self.server.client.close()

    def outcomes(self, run_id: str) -> dict[str, Counter[str]]:
        """Counts by action of what was published of the current manifest, by entity type or ``lineage``."""
        return self.snapshots.published(self.manifest(run_id).run_id, self._address)

    def manifest(self, run_id: str) -> Manifest:
        """The manifest of this run, else the latest.

        Raises:
            StoreError: There is none at all.
        """
        if self.snapshots.has_manifest(run_id):
            return self.snapshots.manifest(run_id)
        latest = self.snapshots.latest()
        if latest is None:
            raise StoreError(f"There is no snapshot of {self.snapshots.service} yet. Materialize its snapshot first.")
        return latest

    @contextmanager
    def _planned(self, run_id: str) -> Iterator[tuple[Manifest, Plan]]:
        manifest = self.manifest(run_id)
        key = self._plan_key(manifest)
        if not self.snapshots.store.has(key):
            raise StoreError(
                f"There is no plan yet for the snapshot that run {manifest.run_id} took of {self.snapshots.service}. "
                "Materialize its plan first."
            )
        with Plan(self.snapshots.store.fetch(key)) as plan:
            yield manifest, plan

    @contextmanager
    def _timed(self) -> Iterator[Report]:
        """A report that knows how long its step took and what it asked of the server."""
        report, started = Report(dry_run=self.dry_run), time.monotonic()
        calls, retries = Counter(self.server_calls.counts()), self.server_calls.retries()
        yield report
        report.api_calls = dict(Counter(self.server_calls.counts()) - calls)
        report.retries = self.server_calls.retries() - retries
        report.seconds_publish = time.monotonic() - started

    def _conclude(self, report: Report, outcome: Outcome) -> None:
        _add_counts(report, outcome.counts)
        report.problems = [Problem(*failure) for failure in outcome.failures]

    def _ledger(self) -> Ledger:
        return Ledger(self.snapshots.store, self.snapshots.ledger_key(self._address), self._address)

    @property
    def _address(self) -> str:
        return self.server.client.host_port

    def _plan_key(self, manifest: Manifest) -> str:
        return self.snapshots.plan_key(manifest.run_id, self._address)

    def _server_notes(self) -> list[str]:
        strangers = sorted(self.server.bodies.unmatched_owners().items())
        owners = (f"Owner {name} of {count} entities is no user or team on the server." for name, count in strangers)
        capabilities = self.server.capabilities
        blind = [] if capabilities.source_hash else [_WITHOUT_SOURCE_HASH.format(capabilities.version)]
        outside = self.server.listing.outside().items()
        dropped = (
            f"{count} {kind}s that were listed lie outside what was asked for; left out." for kind, count in outside
        )
        return [*self.server.client.notes, *blind, *dropped, *owners]

    def _lineage_notes(self, manifest: Manifest) -> list[str]:
        found = self.snapshots.findings(manifest.edges_file) if manifest.edges_file else iter(())
        return [finding.text for finding in islice((each for each in found if isinstance(each, Note)), _SHOWN)]


def _refuse_the_unproven(manifest: Manifest, *, last_attempt: bool) -> None:
    failed = manifest.incomplete()
    if not failed:
        return
    told = [f"{result.scope}: {result.error.message.rstrip('.')}" for result in failed if result.error][:_REASONS]
    more = f"; and {len(failed) - _REASONS} more" if len(failed) > _REASONS else ""
    retryable = any(result.error and result.error.retryable for result in failed)
    proven = any(result.complete for result in manifest.read_now())
    if (retryable and not last_attempt) or not proven:
        kind = UnavailableError if retryable else RemoteError
        raise kind(
            f"{len(failed)} listings failed: {'; '.join(told)}{more}.",
            where=manifest.service,
            advice="What was read whole is kept for the next attempt of this run.",
        )


def _report_of(manifest: Manifest) -> Report:
    report = Report(api_calls=manifest.api_calls, retries=manifest.retries, notes=list(manifest.notes))
    for result in manifest.read_now():
        report.listed += result.listed
        report.filtered += result.filtered
        report.failed += result.failed
        report.kept += result.kept
        report.notes += result.notes
        if result.error is not None:
            report.problems.append(Problem(" / ".join(result.path), "list", result.error.message))
    return report


def _account_for_all(manifest: Manifest, kind: EntityType, outcome: Outcome) -> None:
    """Count as failed what the source listed and no step has accounted for: nothing gets lost in silence, not by us."""
    listed = sum(result.listed for result in manifest.listing(kind))
    accounted = sum(outcome.counts.values()) - outcome.counts[Action.STALE.value]
    if listed > accounted:
        outcome.counts[Action.FAILED.value] += listed - accounted
        lost = f"{listed - accounted} of {listed} were listed and are not accounted for; please report this"
        outcome.note(Failure(f"{manifest.service}: {kind}s", "count", lost))


def _add_counts(report: Report, counts: Counter[str]) -> None:
    report.filtered += counts[Action.FILTERED.value]
    report.failed += counts[Action.FAILED.value]
    report.created += counts[Action.CREATE.value]
    report.updated += counts[Action.UPDATE.value]
    report.restored += counts[Action.RESTORE.value]
    report.unchanged += counts[Action.UNCHANGED.value]
    report.parked += counts[Action.PARKED.value]
    report.stale += counts[Action.STALE.value]
    report.listed = sum(replace(report, listed=0, stale=0, retries=0).numbers().values())


def _changes(plan: Plan) -> list[Change]:
    return [_change(planned) for planned in plan.changes(_SHOWN)]


def _plan_notes(plan: Plan) -> list[str]:
    why = plan.facts().get("ledger_void_because")
    return [f"Everything on the server was compared: {why}."] if why else []


def _change(planned: PlannedEntity) -> Change:
    return Change(planned.action, planned.type, planned.fqn, planned.why)
