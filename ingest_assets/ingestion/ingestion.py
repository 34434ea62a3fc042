"""An ingestion: one recipe's source, store and server, and the steps of a run over them.

Each step hands on through the store: the manifest of this run, else the latest; the plan that was made of it. So any
step can run alone, in another process, or again.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from ingest_assets.calls import Calls
from ingest_assets.catalog import EntityKey, EntityType
from ingest_assets.errors import RecipeError
from ingest_assets.ingestion import removals
from ingest_assets.ingestion.kinds import LINEAGE, REMOVAL
from ingest_assets.ingestion.ledgers import Ledgers
from ingest_assets.ingestion.lineage import keep_lineage
from ingest_assets.ingestion.proof import refuse_the_unproven
from ingest_assets.ingestion.report import Problem, Report
from ingest_assets.ingestion.reporting import (
    account_for_all,
    add_counts,
    changes_of,
    edge_changes_of,
    lineage_notes,
    plan_notes,
    report_of,
    server_notes,
    tell_plan,
    tell_stale,
)
from ingest_assets.ingestion.requirements import Required
from ingest_assets.ingestion.words import keep_words
from ingest_assets.openmetadata.adoption import Adoption
from ingest_assets.openmetadata.edge_state import EdgeState
from ingest_assets.openmetadata.edges import EdgePublisher
from ingest_assets.openmetadata.elsewhere import Neighbours
from ingest_assets.openmetadata.known_labels import known_labels
from ingest_assets.openmetadata.outcome import Outcome
from ingest_assets.openmetadata.plan import Plan, id_of
from ingest_assets.openmetadata.planner import Planner, PlanRules
from ingest_assets.openmetadata.publisher import Publisher
from ingest_assets.openmetadata.removal import Ceiling, Removed, Remover, buried, restore
from ingest_assets.openmetadata.server import Server
from ingest_assets.openmetadata.state import ServerState
from ingest_assets.progress import Progress
from ingest_assets.snapshots.crawler import Crawler, Sampler, Source
from ingest_assets.snapshots.ledger import Ledger
from ingest_assets.snapshots.manifest import Manifest
from ingest_assets.snapshots.repository import Snapshots
from ingest_assets.snapshots.retention import prune
from ingest_assets.snapshots.selection import Selection


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
        lineage_services: Services, or databases and schemas in them, in which lineage may begin or end, by the type of
            the service; of a type without any: any.
        required: Services of other recipes that must be there; a source without any of its own is bound to the first.
        approve_stale: Id of the run whose planned removals a person has approved; empty for none.
        sampler: Reads sample messages; None: they are not asked for.
        clock: Seconds since the epoch, for leases and for how long ago the server was listed.
        ledgers: Leases and ledgers of this server and service.
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
    lineage_services: Mapping[EntityType, Sequence[str]] = field(default_factory=dict)
    required: Sequence[Required] = ()
    approve_stale: str = ""
    sampler: Sampler | None = None
    clock: Callable[[], float] = time.time
    ledgers: Ledgers = field(init=False)

    def __post_init__(self) -> None:
        """Know where the ledger of this server and service lies; nothing is asked yet."""
        self.ledgers = Ledgers(self.snapshots, self._address, self.clock)

    def snapshot(self, run_id: str, *, last_attempt: bool) -> Report:
        """Read the source and publish a manifest.

        Args:
            run_id: The run's id, and the manifest's.
            last_attempt: Whether no retry will come: then what is proven is published, however little it is.

        Raises:
            UnavailableError: Scopes failed in a way that a retry may mend, and one will come; or none could be read.
            AuthenticationError: The credentials are refused.
            BusyError: Another run writes to the same server and service.
        """
        started = time.monotonic()
        self.ledgers.lease(run_id)
        manifest = Crawler(
            self.source,
            self.snapshots,
            self.source_calls,
            self.progress,
            self.threads,
            self.redact,
            self.selection,
        ).crawl(run_id)
        refuse_the_unproven(manifest, last_attempt=last_attempt)
        manifest = keep_words(self.snapshots, keep_lineage(self.snapshots, manifest, self.progress))
        self.ledgers.lease(run_id).ensure()
        self.snapshots.publish(manifest)
        prune(self.snapshots)
        report = report_of(manifest)
        report.seconds_crawl = time.monotonic() - started
        return report

    def plan(self, run_id: str) -> Report:
        """Plan the manifest of this run, else the latest one, against the server.

        Raises:
            BusyError: Another run writes to the same server and service.
            RemoteError: The server could not be listed.
            StoreError: There is no snapshot yet, or it is damaged.
        """
        self.ledgers.lease(run_id)
        manifest = self.manifest(run_id)
        file = self.snapshots.store.scratch()
        with self.timed() as report, Plan(file) as plan:
            adoption = Adoption(self.server.history, lambda: self.server.user)
            with self.ledgers.open(run_id) as ledger:
                state = self._state(ledger, manifest)
                learned = Planner(
                    snapshots=self.snapshots,
                    manifest=manifest,
                    ledger=ledger,
                    listing=self.server.listing,
                    state=state,
                    adoption=adoption,
                    bodies=self.server.bodies,
                    neighbours=Neighbours(
                        self.server.client, self.server.capabilities, self.lineage_services, ledger.neighbours
                    ),
                    anchors=tuple(each.service for each in self.required),
                    progress=self.progress,
                    rules=self.rules,
                    drop_nothing_because=removals.why_no_edge_goes(
                        manifest, ledger, self.kinds, rewrite=self.rules.rewrite
                    ),
                ).plan(plan)
            tell_plan(report, plan, self.kinds)
            report.notes = [*plan_notes(plan, learned, adoption), *state.edges.notes()]
            report.notes += server_notes(self.server, self.snapshots.services(manifest))
        self.snapshots.store.keep(self.snapshots.plan_key(manifest.run_id, self._address), file)
        return report

    def publish(self, run_id: str, kind: EntityType) -> Report:
        """Write the planned entities of one type; with those of the first type, the service before them.

        Raises:
            BusyError: Another run writes to the same server and service.
            RemoteError: The service could not be written, or the token is refused.
            StoreError: There is no plan for the manifest.
        """
        with self._planned(run_id) as (manifest, plan, ledger), self.timed() as report:
            outcome = Outcome(Counter(plan.counts(kind)))
            bodies = self.server.bodies
            labels = known_labels(self.snapshots.words(manifest), bodies, ledger)
            if not self.dry_run:
                publisher = Publisher(
                    client=self.server.client,
                    snapshots=self.snapshots,
                    plan=plan,
                    ledger=ledger,
                    bodies=bodies,
                    service=None if self.required else self._services(manifest)[0],
                    labels=labels,
                    progress=self.progress,
                    before_writing=self.ledgers.lease(run_id).ensure,
                    threads=self.server.threads,
                    clock=self.clock,
                    override=self.rules.override,
                )
                for service in self.snapshots.services(manifest):
                    if kind is service.reference.type.held[0]:
                        publisher.publish_service(service)
                outcome = publisher.publish(kind)
                if kind is self.kinds[-1]:
                    ledger.end_publishing(manifest.run_id)
                account_for_all(manifest, kind, outcome)
                self.snapshots.note_published(manifest.run_id, self._address, kind.value, outcome.counts)
            add_counts(report, outcome.counts)
            report.problems = [Problem(*failure) for failure in outcome.failures]
            report.changes = changes_of(plan, kind)
            report.notes = labels.notes()
        return report

    def lineage(self, run_id: str) -> Report:
        """Write the planned edges, and drop those of ours that the source no longer tells of.

        Raises:
            AuthenticationError: The token is refused.
            BusyError: Another run writes to the same server and service.
            StoreError: There is no plan for the manifest.
        """
        with self._planned(run_id) as (manifest, plan, ledger), self.timed() as report:
            outcome = Outcome(Counter(plan.edge_counts()))
            if not self.dry_run:
                outcome = EdgePublisher(
                    client=self.server.client,
                    listing=self.server.listing,
                    state=self._state(ledger, manifest),
                    snapshots=self.snapshots,
                    edges_file=manifest.edges_file,
                    plan=plan,
                    ledger=ledger,
                    bodies=self.server.bodies,
                    progress=self.progress,
                    before_writing=self.ledgers.lease(run_id).ensure,
                    threads=self.server.threads,
                ).publish()
                self.snapshots.note_published(manifest.run_id, self._address, LINEAGE, outcome.counts)
                if not (self.kinds or removals.why_no_edge_goes(manifest, ledger, (), rewrite=self.rules.rewrite)):
                    # Where nothing is ever stale, this is the last step.
                    removals.remember_identity(manifest, ledger, 0)
            add_counts(report, outcome.counts)
            report.problems = [Problem(*failure) for failure in outcome.failures]
            report.changes = edge_changes_of(plan, outcome.unmade)
            report.notes = lineage_notes(self.snapshots, manifest)
        return report

    def stale(self, run_id: str) -> Report:
        """Remove what the server has and the source no longer does, or say why it stays.

        Raises:
            AuthenticationError: The service or the server refuses who we are.
            BusyError: Another run writes to the same server and service.
            StoreError: There is no plan for the manifest, or for the run whose removals were approved.
        """
        with self._planned(run_id) as (manifest, plan, ledger), self.timed() as report:
            remover = self._remover(run_id, manifest, plan, ledger)
            tell_stale(report, plan)
            if self.dry_run:
                return report
            result = Removed()
            if report.stale:
                result.stopped_because = removals.why_nothing_goes(
                    self.snapshots, manifest, plan, self._address, self.kinds
                )
                result = result if result.stopped_because else remover.remove()
                removals.tell_removal(report, result, manifest)
                self.snapshots.note_published(manifest.run_id, self._address, REMOVAL, result.counts())
            if result.stopped_because is None:
                removals.remember_identity(manifest, ledger, report.stale)
        return report

    def restore(self, run_id: str, removed_by: str) -> Report:
        """Bring back what an earlier run removed from the server.

        What comes back stays, though the source does not have it.

        Args:
            run_id: Of this run.
            removed_by: Of the run whose removals are undone.

        Raises:
            BusyError: Another run writes to the same server and service.
            RecipeError: That run removed nothing, or the source has all of it again.
        """
        self.ledgers.lease(run_id)
        with self.timed() as report, self.ledgers.open(run_id) as ledger:
            # Before 1.2 a restoration makes no event: the removals' own must not be met after it.
            self._state(ledger, self.manifest(run_id)).catch_up()
            found = list(restore(self.server.client, ledger, removed_by, self.ledgers.lease(run_id).ensure))
            if not found:
                raise RecipeError(
                    f"No removal of run {removed_by} is known at {self._address} for {self.snapshots.service}. "
                    "The run's id stands on its materializations; what the source has again is forgotten."
                )
            report.listed = len(found)
            report.restored = sum(problem is None for _, problem in found)
            report.failed = report.listed - report.restored
            report.problems = [Problem(each.fqn, "restore", problem) for each, problem in found if problem]
            report.notes = buried(ledger, [each for each, problem in found if not problem])
        return report

    def close(self) -> None:
        """Give the lease back, and close the connections to the server."""
        self.ledgers.release()
        self.server.client.close()

    def outcomes(self, run_id: str) -> dict[str, Counter[str]]:
        """Counts by action of what was published of the current manifest, by entity type or ``lineage``."""
        return self.snapshots.published(self.manifest(run_id).run_id, self._address)

    def manifest(self, run_id: str) -> Manifest:
        """The manifest of this run, else the latest.

        Raises:
            StoreError: There is none at all.
        """
        return self.snapshots.current(run_id)

    @property
    def kinds(self) -> tuple[EntityType, ...]:
        """Entity types that the services have, parents first."""
        held = (kind for service in self.source.services() for kind in service.reference.type.held)
        return tuple(dict.fromkeys(held))

    @contextmanager
    def _planned(self, run_id: str) -> Iterator[tuple[Manifest, Plan, Ledger]]:
        self.ledgers.lease(run_id)
        manifest = self.manifest(run_id)
        kept = self.snapshots.plan(manifest.run_id, self._address)
        with self.ledgers.open(run_id) as ledger:
            is_current = ledger.has_plan(id_of(kept))
        if not is_current:
            # Another run has planned, and perhaps written, since; or this one was cut off before it kept its plan.
            self.plan(run_id)
            kept = self.snapshots.plan(manifest.run_id, self._address)
        with self.ledgers.open(run_id) as ledger, Plan(kept) as plan:
            yield manifest, plan, ledger

    def _state(self, ledger: Ledger, manifest: Manifest) -> ServerState:
        return ServerState(
            ledger=ledger,
            listing=self.server.listing,
            events=self.server.events,
            edges=EdgeState(self.server.client, ledger, self.server.capabilities, self.progress, self.server.threads),
            services=self._services(manifest),
            progress=self.progress,
            threads=self.server.threads,
            full_listing=self.rules.full_listing,
            clock=self.clock,
        )

    def _services(self, manifest: Manifest) -> list[EntityKey]:
        return [self.server.bodies.key(service.reference) for service in self.snapshots.services(manifest)]

    def _remover(self, run_id: str, manifest: Manifest, plan: Plan, ledger: Ledger) -> Remover:
        return Remover(
            client=self.server.client,
            listing=self.server.listing,
            plan=plan,
            ledger=ledger,
            exists=self.source.exists,
            services=self._services(manifest),
            run_id=run_id,
            ceiling=Ceiling(self.stale_percent, self.stale_count),
            approved=removals.approved(self.snapshots, self._address, self.approve_stale),
            progress=self.progress,
            before_writing=self.ledgers.lease(run_id).ensure,
            threads=self.server.threads,
            suspicion=removals.suspicion(manifest, ledger),
        )

    @contextmanager
    def timed(self) -> Iterator[Report]:
        """A report that knows how long its step took and what it asked of the server."""
        report, started = Report(dry_run=self.dry_run), time.monotonic()
        calls, retries = Counter(self.server_calls.counts()), self.server_calls.retries()
        yield report
        report.api_calls = dict(Counter(self.server_calls.counts()) - calls)
        report.retries = self.server_calls.retries() - retries
        report.seconds_publish = time.monotonic() - started

    @property
    def _address(self) -> str:
        return self.server.client.host_port
