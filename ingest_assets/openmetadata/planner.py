"""Planning: what the snapshot says, held against what the server has and what we wrote last. Writes nothing there."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from ingest_assets.catalog import (
    Entity,
    EntityKey,
    EntityType,
    Failed,
    Filtered,
    Reference,
    Service,
    Word,
    parent_key,
)
from ingest_assets.errors import AuthenticationError, NotFoundError, RemoteError
from ingest_assets.openmetadata.adoption import Adoption
from ingest_assets.openmetadata.bodies import Bodies, Body
from ingest_assets.openmetadata.differences import REJOINS, REPLACES, differences, split_override
from ingest_assets.openmetadata.edge_plan import REWRITE, EdgePlan
from ingest_assets.openmetadata.elsewhere import Neighbours
from ingest_assets.openmetadata.known_labels import KnownLabels, foreseen_labels
from ingest_assets.openmetadata.listing import ServerEntity, ServerListing
from ingest_assets.openmetadata.marks import Marks, Path
from ingest_assets.openmetadata.merge import Memory, arrived, intended
from ingest_assets.openmetadata.others import THERE, Others
from ingest_assets.openmetadata.plan import WRITES, Action, Plan, PlannedEntity
from ingest_assets.openmetadata.relations import named_in, with_known
from ingest_assets.openmetadata.staleness import Staleness
from ingest_assets.openmetadata.state import Learned, ServerState, row_of
from ingest_assets.progress import Progress
from ingest_assets.snapshots.ledger import Ledger
from ingest_assets.snapshots.manifest import Manifest, ScopeResult
from ingest_assets.snapshots.removals import Removal
from ingest_assets.snapshots.repository import Snapshots
from ingest_assets.snapshots.server_rows import ServerRow
from ingest_assets.snapshots.written_rows import Written

_DELETED = "deleted in OpenMetadata (keep_deleted)"
_UNANSWERED = 3
"""Entities in a row of which the server can't be asked anything, after all retries, before a plan gives up."""

_Place = tuple[EntityType, tuple[str, ...]]
"""The type of a service, and names from there down: services of two types may have one name."""


@dataclass(frozen=True)
class PlanRules:
    """What the recipe says about planning.

    Attributes:
        mark_deleted: Types whose entities may be stale (``markDeletedTables`` and its like).
        threads: Listings of the server made at once.
        rewrite: Whether what is unchanged is written all the same (``full_refresh``).
        keep_deleted: Whether what a person deleted on the server is left so, though the source has it.
        override: Properties of which what the source says replaces what people set (``overrideMetadata``).
        full_listing: How often the server is listed although its change events tell what happened.
        only_missing: Whether the services are others', and only what they lack is made.
    """

    mark_deleted: frozenset[EntityType] = frozenset({EntityType.TABLE})
    threads: int = 8
    rewrite: bool = False
    keep_deleted: bool = False
    full_listing: str = "weekly"
    override: frozenset[str] = frozenset()
    only_missing: bool = False


@dataclass
class Planner:
    """Plans one manifest against one server.

    Attributes:
        snapshots: Where the manifest's scope files are.
        manifest: What is planned.
        ledger: What we last wrote, and what the server holds.
        listing: Reads the service entity.
        state: Brings what the ledger knows of the server up to date.
        adoption: Tells whose words stand on what others wrote before us.
        bodies: What we would send.
        neighbours: Finds what lineage names in other services.
        progress: Told of listings and scopes.
        anchors: Services of other recipes that the ledger is bound to; none: it is to the source's own.
        drop_nothing_because: Why no edge is dropped, whatever the source says; empty: those that are gone are.
    """

    snapshots: Snapshots
    manifest: Manifest
    ledger: Ledger
    listing: ServerListing
    state: ServerState
    adoption: Adoption
    bodies: Bodies
    neighbours: Neighbours
    progress: Progress
    anchors: tuple[Reference, ...] = ()
    rules: PlanRules = field(default_factory=PlanRules)
    drop_nothing_because: str = ""
    _unplaced: set[_Place] = field(default_factory=set, init=False)
    _kept: dict[_Place, str] = field(default_factory=dict, init=False)
    _restored: set[EntityKey] = field(default_factory=set, init=False)
    _replaced: int = field(default=0, init=False)
    _unanswered: int = field(default=0, init=False)
    _labels: KnownLabels = field(init=False)
    _twins: Iterator[int] = field(default_factory=lambda: count(2), init=False)

    def plan(self, plan: Plan) -> Learned:
        """Fill an empty plan.

        Returns:
            How the server's state was learnt.

        Raises:
            RemoteError: The server could not be listed; nothing can be planned on partial knowledge.
            StoreError: The snapshot is damaged.
        """
        plan.note(manifest=self.manifest.run_id, server=str(self.bodies.capabilities.version))
        services = self.snapshots.services(self.manifest)
        known = {service.reference: self.listing.service(service.reference) for service in services}
        self.ledger.begin_plan(self.manifest.run_id)
        self._bind(known[services[0].reference] if services else None)
        learned = self.state.learn([each for each in known.values() if each is not None])
        if learned.listed_because:
            self.ledger.neighbours.forget()
        self.ledger.removals.settle()
        if self.ledger.void_because:
            plan.note(ledger_void_because=self.ledger.void_because)
        self._labels = foreseen_labels(self.snapshots.words(self.manifest), self.bodies, self.ledger)
        for service in services:
            self._plan_service(plan, service, known[service.reference])
        for kind in dict.fromkeys(kind for service in services for kind in service.reference.type.held):
            for result in self.manifest.listing(kind):
                self._plan_scope(plan, result)
        restored = frozenset(self._restored)
        staleness = Staleness(plan, self.ledger, self.bodies, self.rules.mark_deleted, restored)
        if self.rules.only_missing:
            staleness.is_theirs = self._others().is_theirs
        staleness.mark(self.manifest)
        self._plan_edges(plan)
        if self._replaced:
            plan.note(replaced=str(self._replaced))
        plan.note(id=(made := uuid.uuid4().hex))
        self.ledger.end_plan(made)
        return learned

    def _bind(self, own: ServerEntity | None) -> None:
        if self.anchors:
            found = (self.listing.service(anchor) for anchor in self.anchors)
            self.ledger.bind_to_any(service.id for service in found if service is not None)
        else:
            self.ledger.bind(own.id if own else None)

    def _plan_edges(self, plan: Plan) -> None:
        EdgePlan(
            plan,
            self.snapshots,
            self.manifest,
            self.ledger,
            self.bodies,
            self.neighbours,
            self.rules.rewrite,
            self.rules.threads,
            self.drop_nothing_because,
        ).fill()

    def _plan_service(self, plan: Plan, service: Service, known: ServerEntity | None) -> None:
        key = self.bodies.key(service.reference)
        if known is None:
            action, why = Action.CREATE, "not on the server"
        elif known.deleted and (self.rules.keep_deleted or self.rules.only_missing):
            action, why = Action.FILTERED, _DELETED if self.rules.keep_deleted else THERE
            self._kept[_place_of(service)] = "what holds it was deleted in OpenMetadata"
        elif known.deleted:
            action, why = Action.RESTORE, "soft-deleted on the server"
            self._restored.add(key)
        else:
            # A service that exists belongs to whoever set it up: a PUT would need its connection, secrets included.
            action, why = Action.UNCHANGED, ""
        plan.add(PlannedEntity(key.fqn, service.type, self.manifest.service_file, action.value, None, why))

    def _plan_scope(self, plan: Plan, result: ScopeResult) -> None:
        if result.file is None:
            return
        for finding in self.snapshots.findings(result.file):
            match finding:
                case Word():
                    continue
                case Entity():
                    self._plan_entity(plan, finding, result)
                case Filtered():
                    self._leave(plan, finding.reference, result.file, Action.FILTERED, finding.reason)
                case Failed():
                    why = f"{finding.step}: {finding.reason}"
                    self._leave(plan, finding.reference, result.file, Action.FAILED, why)

    def _plan_entity(self, plan: Plan, entity: Entity, result: ScopeResult) -> None:
        file = result.file or ""
        above = {(entity.reference.type.root, entity.path[:depth]) for depth in range(1, len(entity.path))}
        if above & self._unplaced:
            self._leave(plan, entity.reference, file, Action.FAILED, "what holds it has the same name as another one")
            return
        if why := next((self._kept[place] for place in above if place in self._kept), ""):
            self._leave(plan, entity.reference, file, Action.FILTERED, why)
            return
        try:
            self._place(plan, entity, result)
            self._unanswered = 0
        except AuthenticationError:
            raise
        except RemoteError as error:
            # It costs this entity; a server that answers nothing at all would cost a run's time for each of them.
            self._unanswered += error.retryable
            if self._unanswered > _UNANSWERED:
                raise
            self._leave(plan, entity.reference, file, Action.FAILED, str(error))

    def _place(self, plan: Plan, entity: Entity, result: ScopeResult) -> None:
        file = result.file or ""
        known = with_known(entity, lambda key: self._is_there(plan, key), self.bodies.key)
        made = self.bodies.make(self._labels.fit(known))
        if plan.knows(made.key) and not plan.rename_filtered(made.key, twin := self._twin_of(made.fqn)):
            self._unplaced.add(_place_of(entity))
            why = f"{entity.reference} and another entity of the source have the same name on the server"
            plan.add(PlannedEntity(twin, entity.type, file, Action.FAILED.value, None, why))
            return
        if self.rules.only_missing and (why := self._why_not_ours(made, entity)):
            self._leave(plan, entity.reference, file, Action.FILTERED, why)
            return
        action, why = self._judge(plan, made, entity)
        if action is Action.RESTORE and result.run_id != self.manifest.run_id and not self._comes_back(made.key):
            # What the source has by an old snapshot only may be gone there too.
            action, why = Action.FILTERED, "deleted in OpenMetadata, and its listing was not read in this run"
        path = json.dumps(entity.path)
        marks = self._intended(made) if action in WRITES else None
        plan.add(PlannedEntity(made.fqn, entity.type, file, action.value, made.fingerprint, why, path, marks))
        if action is Action.FILTERED:
            self._kept[_place_of(entity)] = f"what holds it was {_DELETED}"
        elif action is Action.RESTORE:
            self._restored.add(made.key)

    def _why_not_ours(self, made: Body, entity: Entity) -> str:
        others = self._others()
        if why := others.why_no_room(made.key):
            self._kept[_place_of(entity)] = why
            return why
        return THERE if others.is_theirs(made.key, made.fingerprint) else ""

    def _others(self) -> Others:
        return Others(self.ledger, has_source_hash=self.bodies.capabilities.source_hash)

    def _twin_of(self, fqn: str) -> str:
        """A key for what shares its FQN with another entity, so that the sums balance; no FQN can hold ``::``."""
        return f"{fqn}::{next(self._twins)}"

    def _comes_back(self, key: EntityKey) -> bool:
        """Whether what holds an entity is restored by this plan, and the entity with it."""
        above = parent_key(key)
        while above is not None and above not in self._restored:
            above = parent_key(above)
        return above is not None

    def _judge(self, plan: Plan, made: Body, entity: Entity) -> tuple[Action, str]:
        row, written = self.ledger.server.get(made.key), self.ledger.entity(made.key)
        if row is None and written is not None and not self._is_new(plan, parent_key(made.key)):
            row = self._look(made.key)
        if row is None:
            return self._judge_missing(made.key, written)
        action, why = self._judge_deleted(made.key) if row.deleted else (Action.UNCHANGED, "")
        if written is None and action is not Action.FILTERED:
            # The ledger doesn't know it: who wrote what stands there is found out once, and kept.
            written = self.adoption.adopt(entity, made, row)
            self.ledger.acknowledge([written])
        if written is None or row.deleted:
            return action, why
        last = row.source_hash if self.bodies.capabilities.source_hash else written.fingerprint
        if last != made.fingerprint or self.rules.override:
            why = self._why_update(made, row, written, changed=last != made.fingerprint)
            if why:
                return Action.UPDATE, why
        if last == written.intended_fingerprint:
            # The run that was cut off had come so far: what it meant to write is what was written.
            self._confirm(made, entity, written)
        if any(self._is_new(plan, key) for key in named_in(entity, self.bodies.key)):
            # What was deleted for good has taken its relation with it, and is another one now.
            return Action.UPDATE, REJOINS
        return (Action.UPDATE, REWRITE) if self.rules.rewrite else (Action.UNCHANGED, "")

    def _why_update(self, made: Body, row: ServerRow, written: Written, *, changed: bool) -> str:
        """What differs, for people: what the source says anew, and what a person has set; empty if nothing is to do."""
        found = differences(made.json, Marks(row.held), Marks(written.written), Marks(written.intended), made.unknown)
        kept, replaced = split_override(found, made.json, self.rules.override)
        self._replaced += bool(replaced)
        if not changed:
            return f"{REPLACES}: {_names(replaced)}" if replaced else ""
        what = (
            f"changed: {_names(found.changed)}" if found.changed else "the server does not hold what was last written"
        )
        parts = [what, f"{REPLACES}: {_names(replaced)}" if replaced else ""]
        parts.append(f"stays as people set it: {_names(kept)}" if kept else "")
        return "; ".join(part for part in parts if part)

    def _is_there(self, plan: Plan, key: EntityKey) -> bool:
        """Whether an entity is on the server, or will be: what a listing leaves out may be there all the same."""
        return plan.has_entity(key) or self.ledger.server.is_live(key)

    def _is_new(self, plan: Plan, key: EntityKey | None) -> bool:
        planned = plan.write(key) if key else None
        return planned is not None and planned.action == Action.CREATE.value

    def _look(self, key: EntityKey) -> ServerRow | None:
        """What we wrote and no listing or event shows any more, asked for by its name: it may only be out of sight.

        Raises:
            RemoteError: It can't be told.
        """
        try:
            row = row_of(self.listing.entity(key))
        except NotFoundError:
            return None
        self.ledger.doubt(f"{key.fqn} is on the server, and was not shown")
        self.ledger.server.put([row])
        return row

    def _judge_missing(self, key: EntityKey, written: Written | None) -> tuple[Action, str]:
        if self.rules.keep_deleted and written is not None and written.fingerprint is not None:
            return Action.FILTERED, "deleted for good in OpenMetadata (keep_deleted)"
        # Deleted for good: its id is another's now, and its edges went with it.
        self.ledger.forget(key)
        return Action.CREATE, "not on the server"

    def _judge_deleted(self, key: EntityKey) -> tuple[Action, str]:
        removal = self._removal(key)
        if removal is not None:
            return Action.RESTORE, f"removed by run {removal.run}; the source has it again"
        if self.rules.keep_deleted:
            return Action.FILTERED, _DELETED
        return Action.RESTORE, "deleted in OpenMetadata, and the source still has it"

    def _removal(self, key: EntityKey | None) -> Removal | None:
        """Our removal of an entity, or of what holds it."""
        while key is not None and (row := self.ledger.server.get(key)) is not None and row.deleted:
            removal = self.ledger.removals.get(key)
            if removal is not None:
                return removal
            key = parent_key(key)
        return None

    def _intended(self, made: Body) -> str:
        """Marks of what is about to be written, and to go."""
        written = self.ledger.entity(made.key)
        before = Marks(written.written if written else "")
        return str(intended(made.json, before, made.unknown, made.exclusive))

    def _confirm(self, made: Body, entity: Entity, written: Written) -> None:
        memory = Memory(Marks(written.written), Marks(written.intended))
        marks = str(arrived(made.json, memory, made.unknown))
        path = json.dumps(entity.path)
        self.ledger.acknowledge([Written(made.fqn, entity.type, path, made.fingerprint, marks)])

    def _leave(self, plan: Plan, reference: Reference, file: str, action: Action, why: str) -> None:
        left = PlannedEntity(self.bodies.key(reference).fqn, reference.type.value, file, action.value, None, why)
        if not plan.add(left):
            plan.add(left._replace(fqn=self._twin_of(left.fqn)))


def _place_of(entity: Entity) -> _Place:
    return entity.reference.type.root, entity.path


def _names(paths: list[Path]) -> str:
    return ", ".join(".".join(path) for path in paths)
