"""Publishing: the writes of a plan, parents before children, in bulk where the server has it."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import NamedTuple

from ingest_assets.catalog import Entity, EntityKey, EntityType, Service, parent_key
from ingest_assets.errors import AuthenticationError, NotFoundError, RemoteError
from ingest_assets.openmetadata import wire
from ingest_assets.openmetadata.bodies import Bodies, Body
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.openmetadata.differences import REJOINS, REPLACES
from ingest_assets.openmetadata.edge_plan import REWRITE
from ingest_assets.openmetadata.known_labels import KnownLabels
from ingest_assets.openmetadata.layout import collection_of
from ingest_assets.openmetadata.marks import Json, Marks, held_marks, marks_of
from ingest_assets.openmetadata.merge import Memory, Merged, merge, sendable
from ingest_assets.openmetadata.outcome import FAILURES_KEPT, Failure, Outcome
from ingest_assets.openmetadata.patched import unpatched
from ingest_assets.openmetadata.plan import WRITES, Action, Plan, PlannedEntity
from ingest_assets.openmetadata.relations import (
    asked_fields,
    holder_in,
    kept_relations,
    left_behind,
    with_known,
    without_new_schema,
)
from ingest_assets.openmetadata.settling import settle
from ingest_assets.openmetadata.state import follow_from
from ingest_assets.openmetadata.twins import has_twins, whole_patch
from ingest_assets.parallel import In, side_by_side
from ingest_assets.progress import Progress
from ingest_assets.snapshots.ledger import Ledger
from ingest_assets.snapshots.repository import Snapshots
from ingest_assets.snapshots.server_rows import ServerRow
from ingest_assets.snapshots.written_rows import Written

BULK_SIZE = 100
"""Entities in one bulk request: what OpenMetadata's own client sends, so what servers are used to."""


class _Write(NamedTuple):
    planned: PlannedEntity
    body: Body


class _Ready(NamedTuple):
    """A request that keeps what is a person's, and what is to be remembered of it.

    Attributes:
        id: Of what is there already; None: the request makes it.
        patched: Whether the server has got all of it by a patch, and it must not be put.
    """

    write: _Write
    request: Json
    written: Marks
    held: Marks
    id: str | None = None
    patched: bool = False


class _Done(NamedTuple):
    write: _Write
    ready: _Ready | None
    id: str | None
    error: str | None


@dataclass
class Publisher:
    """Applies a plan, type by type.

    Attributes:
        client: The server.
        snapshots: Where the entities are.
        plan: What is to be done.
        ledger: Told of all that is about to be written, and of all that the server acknowledges.
        bodies: What is sent.
        service: The recipe's own service, whose id the ledger is bound to; None: it is bound to those of others.
        labels: Fits the entities' labels.
        progress: Told of writes planned and done.
        before_writing: Raises where this run may no longer write.
        threads: Requests under way at once.
        clock: Seconds since the epoch.
        override: Properties of which what the source says replaces what people set.
    """

    client: OpenMetadataClient
    snapshots: Snapshots
    plan: Plan
    ledger: Ledger
    bodies: Bodies
    service: EntityKey | None
    labels: KnownLabels
    progress: Progress
    before_writing: Callable[[], None]
    threads: int = 8
    clock: Callable[[], float] = time.time
    override: frozenset[str] = frozenset()
    _unmade: list[tuple[PlannedEntity, str]] = field(default_factory=list, init=False)
    _lacking: list[Failure] = field(default_factory=list, init=False)

    def publish_service(self, service: Service) -> None:
        """Make a service, or bring it back. One that is there is left as it is.

        Raises:
            RemoteError: It could not be written; nothing below it can be.
        """
        key = self.bodies.key(service.reference)
        collection = collection_of(key.type)
        row = self.ledger.server.get(key)
        self.before_writing()
        if row is None or row.deleted:
            self.ledger.intend([Written(key.fqn, service.type, None, None, "", "", "")])
            self.ledger.keep()
        if row is None:
            made, _ = self.client.put_entity(collection, sendable(self.bodies.make(service).json))
            if key == self.service:
                self.ledger.bind(made["id"])
            self.ledger.server.put([ServerRow(key.fqn, service.type, "", made["id"], None, deleted=False, held="")])
            follow_from(self.ledger, key, made, self.clock())
        elif row.deleted and row.id is not None and self.plan.write(key) is not None:
            self.client.restore(collection, row.id)
            self.ledger.removals.forget_below(key)
            self.ledger.server.mark(key, deleted=False)
        self.ledger.forget(key)

    def publish(self, kind: EntityType) -> Outcome:
        """Write what the plan holds of one type.

        An entity that the server refuses costs itself only.

        Raises:
            AuthenticationError: The token is refused.
            BusyError: Another run has taken over.
            DeadlineExceededError: The run's time is over.
        """
        outcome = Outcome(Counter(self.plan.counts(kind)))
        for planned in self.plan.of(Action.FAILED, kind, FAILURES_KEPT):
            outcome.note(Failure(planned.fqn, "read", planned.why))
        todo = sum(outcome.counts[action.value] for action in WRITES)
        self.progress.found(f"write {kind}s", todo)
        if todo:
            self._intend(kind)
        for batch in chain.from_iterable(self._write_all(kind, depth) for depth in self.plan.depths(kind)):
            self._acknowledge(done for done in batch if done.error is None)
            for done in batch:
                if done.error is not None:
                    outcome.counts[done.write.planned.action] -= 1
                    outcome.fail(Failure(done.write.body.fqn, "write", done.error))
            self.progress.done(f"write {kind}s", len(batch))
        for planned, error in self._unmade:
            outcome.counts[planned.action] -= 1
            outcome.fail(Failure(planned.fqn, "write", error))
        for lacking in self._lacking:
            outcome.note(lacking)
        self._unmade.clear()
        self._lacking.clear()
        return outcome

    def _intend(self, kind: EntityType) -> None:
        """Note what is about to be written, where it outlasts this process: whatever arrives must be known as ours."""
        self.ledger.intend(
            Written(each.fqn, each.type, each.path, None, "", each.marks or "", each.fingerprint)
            for each in self.plan.writes(kind)
            if not self._is_done(each)
        )
        self.ledger.keep()

    def _is_done(self, planned: PlannedEntity) -> bool:
        """Whether an earlier attempt at this very plan has written it: what people did since must not be undone."""
        if planned.action == Action.RESTORE.value or planned.why.startswith((REWRITE, REPLACES, REJOINS)):
            return False
        row, written = self.ledger.server.get(planned.key), self.ledger.entity(planned.key)
        if row is None or row.deleted or written is None or written.intended_fingerprint is not None:
            return False
        known = row.source_hash if self.bodies.capabilities.source_hash else written.fingerprint
        return planned.fingerprint == written.fingerprint == known

    def _acknowledge(self, done: Iterable[_Done]) -> None:
        taken = [(each.write, each.ready, each.id) for each in done if each.ready is not None]
        self.ledger.acknowledge(
            Written(write.body.fqn, write.planned.type, write.planned.path, write.body.fingerprint, str(ready.written))
            for write, ready, _ in taken
        )
        self.ledger.server.put(self._row(*each) for each in taken)
        # What is made anew has nothing of what its predecessor was given.
        self.ledger.enriched.forget(
            write.body.key for write, *_ in taken if write.planned.action == Action.CREATE.value
        )
        for write, _, _ in taken:
            if write.planned.action == Action.RESTORE.value:
                # With it the server has brought back all that is below.
                self.ledger.server.mark(write.body.key, deleted=False)
                self.ledger.removals.forget_below(write.body.key)
            self.ledger.removals.forget(write.body.key)

    def _row(self, write: _Write, ready: _Ready, made: str | None) -> ServerRow:
        key, above = write.body.key, parent_key(write.body.key)
        source_hash = write.body.fingerprint if self.bodies.capabilities.source_hash else None
        return ServerRow(
            key.fqn, key.type.value, above.fqn if above else "", made, source_hash, deleted=False, held=str(ready.held)
        )

    def _write_all(self, kind: EntityType, depth: int) -> Iterator[list[_Done]]:
        in_bulk = self.client.has_bulk(collection_of(kind))
        batches = _batches(self._writes(kind, depth), BULK_SIZE if in_bulk else 1)
        send = self._write_bulk if in_bulk else self._write_each
        return side_by_side(lambda batch: send(kind, batch), batches, self.threads)

    def _writes(self, kind: EntityType, depth: int) -> Iterator[_Write]:
        for file in self.plan.files_to_write(kind):
            for entity in (each for each in self.snapshots.entities(file) if len(each.path) == depth):
                planned = self.plan.write(self.bodies.key(entity.reference))
                # Of two that have one name on the server, the plan holds one.
                is_it = planned is not None and planned.path == json.dumps(entity.path)
                if planned is not None and is_it and not self._is_done(planned):
                    yield from self._write_of(planned, entity)

    def _write_of(self, planned: PlannedEntity, entity: Entity) -> Iterator[_Write]:
        try:
            # What was refused a moment ago is not there: it must not cost another.
            fitting = with_known(entity, self.ledger.server.is_live, self.bodies.key)
            for key in left_behind(entity, fitting, self.bodies.key):
                if self.plan.write(key) is not None:
                    why = f"it is shown without {key.fqn}, which could not be written; the run that writes that adds it"
                    self._lacking.append(Failure(planned.fqn, "write", why))
            yield _Write(planned, self.bodies.make(self.labels.fit(fitting)))
        except AuthenticationError:
            raise
        except RemoteError as error:
            # Its owners can't be looked up: it costs this entity.
            self._unmade.append((planned, str(error)))

    def _write_each(self, kind: EntityType, batch: list[_Write]) -> list[_Done]:
        return [
            self._write_one(kind, ready) if isinstance(ready, _Ready) else _Done(write, None, None, ready)
            for write, ready in self._made_ready(kind, batch)
        ]

    def _write_one(self, kind: EntityType, ready: _Ready) -> _Done:
        made = ready.id
        self.before_writing()
        try:
            if not ready.patched:
                made = self.client.put_entity(collection_of(kind), ready.request).entity["id"]
            if ready.id is not None and not self.bodies.capabilities.source_hash:
                settle(self.client, kind, ready.id, ready.request)
        except AuthenticationError:
            raise
        except RemoteError as error:
            return _Done(ready.write, None, None, str(error))
        return _Done(ready.write, ready, made, None)

    def _write_bulk(self, kind: EntityType, batch: list[_Write]) -> list[_Done]:
        made = list(self._made_ready(kind, batch))
        done = [_Done(write, None, None, error) for write, error in made if isinstance(error, str)]
        done += [_Done(write, each, each.id, None) for write, each in made if isinstance(each, _Ready) and each.patched]
        ready = [each for _, each in made if isinstance(each, _Ready) and not each.patched]
        self.before_writing()
        try:
            result = self.client.bulk_put(collection_of(kind), [each.request for each in ready]) if ready else None
        except AuthenticationError:
            raise
        except NotFoundError:
            # Some collections came to the bulk endpoint later than others; the client remembers.
            return done + [self._write_one(kind, each) for each in ready]
        except RemoteError as error:
            return done + [_Done(each.write, None, None, str(error)) for each in ready]
        errors = (
            result.error_of(place, self.bodies.on_server(each.write.body.key)) if result else None
            for place, each in enumerate(ready)
        )
        return done + [_Done(each.write, each, each.id, error) for each, error in zip(ready, errors, strict=True)]

    def _made_ready(self, kind: EntityType, batch: list[_Write]) -> Iterator[tuple[_Write, _Ready | str]]:
        """Each write with its request, or with the reason why there is none."""
        return ((write, self._ready_or_why_not(kind, write)) for write in batch)

    def _ready_or_why_not(self, kind: EntityType, write: _Write) -> _Ready | str:
        try:
            return self._ready(kind, write)
        except AuthenticationError:
            raise
        except RemoteError as error:
            return str(error)

    def _ready(self, kind: EntityType, write: _Write) -> _Ready | str:
        above = parent_key(write.body.key)
        holder = self.ledger.server.get(above) if above else None
        if unheld := _why_unheld(above, holder):
            return unheld
        write.body.json.update(holder_in(above, holder))
        action = write.planned.action
        stored = self._stored(kind, write.body) if action != Action.CREATE.value or self._may_exist(write) else None
        if stored is None and action == Action.CREATE.value:
            # Not the plan's marks: a label whose word could not be made is not part of it any more.
            marks, held = marks_of(write.body.json), held_marks(write.body.json)
            return _Ready(write, sendable(write.body.json), marks, held)
        is_gone = stored is None or (stored.get("deleted", False) and action != Action.RESTORE.value)
        if is_gone or action == Action.CREATE.value:
            found = "is deleted" if is_gone else "is there"
            self.ledger.doubt(f"{write.body.fqn} {found}, other than was known when it was to be written")
        if stored is None or is_gone:
            return "it was deleted in OpenMetadata after this was planned; the next run decides anew"
        if wire.COLUMNS in write.body.unknown and stored.get(wire.COLUMNS):
            # A PUT replaces all columns, and with them what people wrote on them.
            return wire.COLUMNS_UNREAD
        self._forget_another(write, stored)
        known = self.ledger.entity(write.body.key)
        memory = Memory(Marks(known.written if known else ""), Marks(known.intended if known else ""))
        merged = merge(write.body.json, stored, memory, write.body.unknown, write.body.exclusive, self.override)
        merged.request.update(kept_relations(kind, stored))
        patched = "columns" in merged.request and has_twins(merged.request, stored)
        if kept := self._patch(kind, merged, stored, whole=patched):
            return f"the server took a patch and kept {', '.join(kept)} as it was; the next run tries again"
        request = without_new_schema(merged.request, stored, self.bodies.capabilities)
        return _Ready(write, request, merged.written, merged.held, stored["id"], patched)

    def _forget_another(self, write: _Write, stored: Json) -> None:
        """Forget what was written to an entity that is gone: under its name there is another one now."""
        row = self.ledger.server.get(write.body.key)
        if row is not None and row.id not in (None, stored["id"]):
            self.ledger.doubt(f"{write.body.fqn} was made anew")
            self.ledger.forget(write.body.key)

    def _may_exist(self, write: _Write) -> bool:
        """Whether what is to be made may be there all the same: made meanwhile, or hidden from a listing.

        A PUT would overwrite what people set on it. Below what was made just now there is nothing.
        """
        above = parent_key(write.body.key)
        holder = self.plan.write(above) if above else None
        is_new = holder is not None and holder.action == Action.CREATE.value
        return not is_new or self.ledger.is_doubted()

    def _patch(self, kind: EntityType, merged: Merged, stored: Json, *, whole: bool) -> list[str]:
        """Patch before the request is put, whose ``sourceHash`` says that all has arrived; or in its place.

        Returns:
            Pointers to what is still as it was.
        """
        collection, operations = collection_of(kind), merged.operations
        if whole:
            operations = whole_patch(merged, stored, self.bodies.capabilities.schema_definition)
        if not operations:
            return []
        self.before_writing()
        if stored.get("deleted"):
            self.client.restore(collection, stored["id"])
        answer = self.client.patch(f"/v1/{collection}/{stored['id']}", operations)
        return [] if whole else unpatched(merged.operations, answer)

    def _stored(self, kind: EntityType, body: Body) -> Json | None:
        """The entity as it is now: between plan and now a person may have worked on it."""
        fields = asked_fields(kind, self.bodies.capabilities, body.unknown)
        params = {"include": "all", "fields": fields}
        try:
            return self.client.get_by_name(collection_of(kind), self.bodies.on_server(body.key), params)
        except NotFoundError:
            return None


def _why_unheld(above: EntityKey | None, holder: ServerRow | None) -> str:
    """Why nothing can be written below what holds it; empty if it can."""
    if holder is not None and holder.deleted:
        # The server would take it, and nobody could reach it.
        return f"{holder.fqn}, which holds it, is deleted in OpenMetadata and was not brought back"
    if above is not None and above.type.nests and holder is None:
        return f"{above.fqn}, which holds it, is not on the server"
    return ""


def _batches(items: Iterable[In], size: int) -> Iterator[list[In]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
