"""Planning: what the snapshot says, held against what the server has and what we wrote last. Writes nothing there."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count, islice

from ingest_assets.catalog import (
    DatabaseService,
    Edge,
    Entity,
    EntityType,
    Failed,
    Filtered,
    Parked,
    Reference,
    parent_fqn,
    quote,
)
from ingest_assets.openmetadata.bodies import Bodies
from ingest_assets.openmetadata.listing import ServerEntity, ServerListing
from ingest_assets.openmetadata.plan import Action, Plan, PlannedEdge, PlannedEntity, ServerRow
from ingest_assets.progress import Progress
from ingest_assets.snapshots.ledger import Ledger
from ingest_assets.snapshots.manifest import Manifest, ScopeResult
from ingest_assets.snapshots.repository import Snapshots

_LISTED_BELOW_A_DATABASE = (EntityType.SCHEMA, EntityType.TABLE)
_ROWS_AT_ONCE = 1000
_REWRITE = "full_refresh writes everything"


@dataclass(frozen=True)
class PlanRules:
    """What the recipe says about planning.

    Attributes:
        mark_deleted: Types whose entities may be stale (``markDeletedTables`` and its like).
        threads: Listings of the server made at once.
        rewrite: Whether what is unchanged is written all the same (``full_refresh``).
    """

    mark_deleted: frozenset[EntityType] = frozenset({EntityType.TABLE})
    threads: int = 8
    rewrite: bool = False


@dataclass
class Planner:
    """Plans one manifest against one server.

    Attributes:
        snapshots: Where the manifest's scope files are.
        manifest: What is planned.
        ledger: What we last wrote.
        listing: What the server has.
        bodies: What we would send.
        progress: Told of listings and scopes.
    """

    snapshots: Snapshots
    manifest: Manifest
    ledger: Ledger
    listing: ServerListing
    bodies: Bodies
    progress: Progress
    rules: PlanRules = field(default_factory=PlanRules)
    _unplaced: set[tuple[str, ...]] = field(default_factory=set, init=False)
    _twins: Iterator[int] = field(default_factory=lambda: count(2), init=False)

    def plan(self, plan: Plan) -> None:
        """Fill an empty plan.

        Raises:
            RemoteError: The server could not be listed; nothing can be planned on partial knowledge.
            StoreError: The snapshot is damaged.
        """
        plan.note(manifest=self.manifest.run_id, server=str(self.bodies.capabilities.version))
        service = self.snapshots.service_entity(self.manifest)
        known = self.listing.service(service.path[0])
        self.ledger.bind(known.id if known else None)
        if self.ledger.void_because:
            plan.note(ledger_void_because=self.ledger.void_because)
        self._plan_service(plan, service, known)
        if known is not None:
            self._list_server(plan, service)
        for kind in (EntityType.DATABASE, EntityType.SCHEMA, EntityType.TABLE):
            for result in self.manifest.listing(kind):
                self._plan_scope(plan, result)
            self._mark_stale(plan, kind)
        self._plan_edges(plan)

    def _plan_service(self, plan: Plan, service: DatabaseService, known: ServerEntity | None) -> None:
        fqn = self.bodies.fqn(service.reference)
        if known is None:
            action, why = Action.CREATE, "not on the server"
        elif known.deleted:
            action, why = Action.RESTORE, "soft-deleted on the server"
        else:
            # A service that exists belongs to whoever set it up: a PUT would need its connection, secrets included.
            action, why = Action.UNCHANGED, ""
        if known is not None:
            plan.add_server_rows([_row(known)])
        plan.add(PlannedEntity(fqn, service.type, self.manifest.service_file, action.value, None, why))

    def _list_server(self, plan: Plan, service: DatabaseService) -> None:
        plan.add_server_rows(map(_row, self.listing.databases(self.bodies.fqn(service.reference))))
        databases = [
            self.bodies.fqn(entity.reference)
            for result in self.manifest.listing(EntityType.DATABASE)
            if result.file
            for entity in self.snapshots.entities(result.file)
        ]
        wanted = [
            (kind, fqn) for fqn in databases if plan.server_row(fqn) is not None for kind in _LISTED_BELOW_A_DATABASE
        ]
        self.progress.found("list server", len(wanted))
        with ThreadPoolExecutor(self.rules.threads, thread_name_prefix="list") as pool:
            for _ in pool.map(lambda each: self._list_one(plan, *each), wanted):
                self.progress.done("list server")

    def _list_one(self, plan: Plan, kind: EntityType, database: str) -> None:
        rows = map(_row, self.listing.below_database(kind, database))
        while page := list(islice(rows, _ROWS_AT_ONCE)):
            plan.add_server_rows(page)

    def _plan_scope(self, plan: Plan, result: ScopeResult) -> None:
        if result.file is None:
            return
        for finding in self.snapshots.findings(result.file):
            match finding:
                case Entity():
                    self._plan_entity(plan, finding, result.file)
                case Filtered():
                    self._leave(plan, finding.reference, result.file, Action.FILTERED, finding.reason)
                case Failed():
                    why = f"{finding.step}: {finding.reason}"
                    self._leave(plan, finding.reference, result.file, Action.FAILED, why)

    def _plan_entity(self, plan: Plan, entity: Entity, file: str) -> None:
        if "columns" in entity.unknown:
            # A PUT replaces all columns, and with them what people wrote on them.
            self._leave(plan, entity.reference, file, Action.FAILED, "its columns could not be read")
            return
        if any(entity.path[:depth] in self._unplaced for depth in range(2, len(entity.path))):
            self._leave(plan, entity.reference, file, Action.FAILED, "what holds it has the same name as another one")
            return
        made = self.bodies.make(entity)
        row = plan.server_row(made.fqn)
        action, why = self._judge(row, made.fingerprint, made.fqn)
        planned = PlannedEntity(made.fqn, entity.type, file, action.value, made.fingerprint, why)
        if plan.add(planned):
            return
        twin = self._twin_of(made.fqn)
        if plan.rename_filtered(made.fqn, twin):
            plan.add(planned)
            return
        self._unplaced.add(entity.path)
        why = f"{entity.reference} and another entity of the source have the same name on the server"
        plan.add(planned._replace(fqn=twin, action=Action.FAILED.value, fingerprint=None, why=why))

    def _twin_of(self, fqn: str) -> str:
        """A key for what shares its FQN with another entity, so that the sums balance; no FQN can hold ``::``."""
        return f"{fqn}::{next(self._twins)}"

    def _judge(self, row: ServerRow | None, fingerprint: str, fqn: str) -> tuple[Action, str]:
        if row is None:
            # Deleted for good: its id is another's now, and its edges went with it.
            self.ledger.forget(fqn)
            return Action.CREATE, "not on the server"
        if row.deleted:
            return Action.RESTORE, "soft-deleted on the server"
        if self.bodies.capabilities.source_hash:
            last = row.source_hash
        else:
            written = self.ledger.entity(fqn)
            last = written.fingerprint if written else None
        if last == fingerprint and self.rules.rewrite:
            return Action.UPDATE, _REWRITE
        if last == fingerprint:
            return Action.UNCHANGED, ""
        return Action.UPDATE, "what the source says has changed" if last else "on the server, not yet written by us"

    def _leave(self, plan: Plan, reference: Reference, file: str, action: Action, why: str) -> None:
        left = PlannedEntity(self.bodies.fqn(reference), reference.type.value, file, action.value, None, why)
        if not plan.add(left):
            plan.add(left._replace(fqn=self._twin_of(left.fqn)))

    def _mark_stale(self, plan: Plan, kind: EntityType) -> None:
        if kind not in self.rules.mark_deleted:
            return
        for result in self.manifest.proofs(kind):
            if result.file is not None and kind.parent is not None:
                parent = self.bodies.fqn(Reference(kind.parent, result.path))
                if kind is EntityType.DATABASE and '"' not in parent:
                    # 1.0 quotes a service with a dot in the FQNs of what is below it, and not in its own.
                    parent = quote(parent)
                plan.mark_stale(kind, parent, result.file, f"not among the {result.listed} {kind}s that were listed")

    def _plan_edges(self, plan: Plan) -> None:
        for found in self._edges():
            plan.add_edge(self._judge_edge(plan, found) if isinstance(found, Edge) else self._park(found))

    def _edges(self) -> Iterator[Edge | Parked]:
        if self.manifest.edges_file is not None:
            for found in self.snapshots.findings(self.manifest.edges_file):
                if isinstance(found, Edge | Parked):
                    yield found

    def _park(self, parked: Parked) -> PlannedEdge:
        return PlannedEdge(parked.wanted, self.bodies.fqn(parked.target), Action.PARKED.value, None, parked.reason)

    def _judge_edge(self, plan: Plan, edge: Edge) -> PlannedEdge:
        source, target = self.bodies.fqn(edge.source), self.bodies.fqn(edge.target)
        for end in (source, target):
            if not plan.has_entity(end):
                return PlannedEdge(source, target, Action.PARKED.value, None, f"{end} is not part of this snapshot")
        fingerprint = self.bodies.edge_fingerprint(edge)
        written = self.ledger.edge(source, target)
        if written == fingerprint and self.rules.rewrite:
            return PlannedEdge(source, target, Action.UPDATE.value, fingerprint, _REWRITE)
        if written == fingerprint:
            return PlannedEdge(source, target, Action.UNCHANGED.value, fingerprint, "")
        if written is None:
            return PlannedEdge(source, target, Action.CREATE.value, fingerprint, "not yet written")
        return PlannedEdge(source, target, Action.UPDATE.value, fingerprint, "what the source says has changed")


def _row(entity: ServerEntity) -> ServerRow:
    return ServerRow(
        entity.fqn,
        entity.type.value,
        parent_fqn(entity.fqn),
        entity.id,
        entity.source_hash,
        entity.deleted,
        entity.display_name,
        bool(entity.owners),
    )
