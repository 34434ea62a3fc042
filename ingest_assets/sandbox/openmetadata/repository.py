"""Writes to entities: create, update, delete, restore, with versions and change headers."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ingest_assets.sandbox.openmetadata.answers import Refused, Unhandled, bad_request, not_found
from ingest_assets.sandbox.openmetadata.changes import Changes
from ingest_assets.sandbox.openmetadata.chart_boards import ChartBoards
from ingest_assets.sandbox.openmetadata.drafts import Draft, Drafts
from ingest_assets.sandbox.openmetadata.entity_types import EntityType
from ingest_assets.sandbox.openmetadata.events import Events
from ingest_assets.sandbox.openmetadata.labels import Labels
from ingest_assets.sandbox.openmetadata.merge import Merge, Pointers, Writer
from ingest_assets.sandbox.openmetadata.store import Entity, State, Store
from ingest_assets.sandbox.openmetadata.versions import Line

CREATED, UPDATED, NO_CHANGE = "entityCreated", "entityUpdated", "entityNoChange"
SOFT_DELETED, DELETED, RESTORED = "entitySoftDeleted", "entityDeleted", "entityRestored"

_FIRST_VERSION = 0.1
_SESSION_MILLISECONDS = 600_000  # patches of one user within ten minutes make one version


@dataclass(frozen=True)
class Principal:
    """The user behind a token."""

    name: str
    is_bot: bool


@dataclass(frozen=True)
class Outcome:
    """What a write did.

    Attributes:
        entity: The entity.
        state: What the answer shows, which is not what is stored when ``change`` is ``entityNoChange``.
        change: The change header.
    """

    entity: Entity
    state: State
    change: str


def now() -> int:
    """Milliseconds since the epoch."""
    return int(time.time() * 1000)


class Repository:
    """Writes entities; callers hold the application's lock."""

    def __init__(self, line: Line, store: Store, labels: Labels, drafts: Drafts, events: Events) -> None:
        self._line = line
        self._store = store
        self._labels = labels
        self._drafts = drafts
        self._events = events
        self._boards = ChartBoards(line, store)
        self.removed: list[Callable[[Entity], None]] = []

    def post(self, kind: EntityType, request: Mapping[str, Any], user: Principal) -> Outcome:
        """Create an entity.

        Raises:
            Refused: It exists (409), soft-deleted or not, or the request breaks a rule.
        """
        draft = self._drafts.of_request(kind, request)
        if self._store.by_fqn(kind.type, draft.fqn):
            raise Refused(409, "Entity already exists")
        return self._create(kind, draft, user)

    def put(self, kind: EntityType, request: Mapping[str, Any], user: Principal) -> Outcome:
        """Create an entity, or update the one with its FQN; a soft-deleted one is restored with its children.

        Raises:
            Refused: The request breaks a rule.
        """
        return self.put_draft(kind, self._drafts.of_request(kind, request), user)

    def put_draft(self, kind: EntityType, draft: Draft, user: Principal, *, overrides: bool = False) -> Outcome:
        """Create or update from a draft; see ``put``.

        Args:
            kind: The entity's type.
            draft: What the request describes.
            user: Who asks.
            overrides: Whether words and owners that are there give way to a bot's.

        Raises:
            Refused: Labels exclude each other.
        """
        entity = self._store.by_fqn(kind.type, draft.fqn)
        if entity is None:
            return self._create(kind, draft, user)
        if draft.refused:
            raise draft.refused
        writer = Writer(user.name, user.is_bot, is_put=True, overrides=overrides)
        merge = Merge(self._line, self._labels, kind, writer)
        body, pointers = merge.run(self._compared(entity, entity.state), draft.body, draft.pointers)
        if entity.state.deleted:
            self._restore_children(entity, user)
        return self._update(entity, merge.changes, (body, pointers), user)

    def patch(self, kind: EntityType, entity: Entity, draft: Draft, user: Principal) -> Outcome:
        """Store a patched document.

        Raises:
            Refused: Labels exclude each other.
        """
        if draft.refused:
            raise draft.refused
        base = self._session_start(entity, user)
        merge = Merge(self._line, self._labels, kind, Writer(user.name, user.is_bot, is_put=False))
        compared = self._compared(entity, base or entity.state)
        body, pointers = merge.run(compared, draft.body, draft.pointers)
        if base is None:
            return self._update(entity, merge.changes, (body, pointers), user)
        changes = merge.changes
        state = State(
            changes.version_after(base.version),
            body,
            pointers,
            now(),
            user.name,
            change=changes.description(base.version),
        )
        if not changes:  # the session's patches cancel each other out: its version disappears
            entity.history.pop()
        self._store.replace(entity, state, keep=False)
        self._boards.store(entity)
        self._events.add(UPDATED, entity, state, base.version)
        return Outcome(entity, state, UPDATED)

    def delete(self, entity: Entity, user: Principal, *, recursive: bool, hard: bool) -> Outcome:
        """Delete an entity, softly or for good.

        Raises:
            Refused: It has children and ``recursive`` was not asked for.
        """
        if self._store.children(entity) and not recursive:
            raise bad_request(f"{entity.type} is not empty")
        before = entity.state
        if hard:
            self._remove(entity)
            self._events.add(DELETED, entity, before, before.version)
            return Outcome(entity, before, DELETED)
        self._soft_delete(entity, user)
        if not before.deleted:
            self._events.add(SOFT_DELETED, entity, entity.state, before.version)
        return Outcome(entity, entity.state, SOFT_DELETED)

    def restore(self, kind: EntityType, entity_id: str, user: Principal) -> Outcome:
        """Restore a soft-deleted entity and all its children.

        Raises:
            Refused: There is none: a 404 on old servers, an unhandled 500 on newer ones.
        """
        entity = self._store.by_id(kind.type, entity_id)
        if entity is None or not entity.state.deleted:
            if not self._line.has("restore makes a version"):
                raise not_found(kind.type, entity_id)
            raise Unhandled(f"Entity {kind.type} {entity_id} is not deleted")
        before = entity.state.version
        self._restore(entity, user)
        self._events.add(RESTORED, entity, entity.state, before)
        return Outcome(entity, entity.state, RESTORED if self._line.has("restore makes a version") else "")

    def _compared(self, entity: Entity, state: State) -> State:
        """The state that a request is compared with: what was deleted for good is not referred to any more."""
        pointers = {name: tuple(filter(self._store.find, found)) for name, found in state.pointers.items()}
        return self._boards.complete(entity, replace(state, pointers=pointers))

    def _create(self, kind: EntityType, draft: Draft, user: Principal) -> Outcome:
        if draft.refused:
            draft.body.pop("extension")
        state = State(_FIRST_VERSION, draft.body, draft.pointers, now(), user.name)
        entity = Entity(str(uuid.uuid4()), kind.type, draft.name, draft.fqn, draft.parents, state)
        self._store.add(entity)
        self._boards.store(entity)
        if draft.refused:
            raise draft.refused
        self._events.add(CREATED, entity, state, 0.0)
        return Outcome(entity, state, CREATED)

    def _update(
        self, entity: Entity, changes: Changes, merged: tuple[dict[str, Any], Pointers], user: Principal
    ) -> Outcome:
        before = entity.state
        body, pointers = merged
        change = changes.description(before.version)
        if not changes:
            shown = replace(before, body=body, pointers=pointers, change=change)
            return Outcome(entity, shown, NO_CHANGE)
        version = changes.version_after(before.version)
        state = State(version, body, pointers, now(), user.name, change=change)
        self._store.replace(entity, state, keep=True)
        self._boards.store(entity)
        self._events.add(UPDATED, entity, state, before.version)
        return Outcome(entity, state, UPDATED)

    def _session_start(self, entity: Entity, user: Principal) -> State | None:
        """The version that a patch starts from again, when this user made the present one just now."""
        state = entity.state
        same_session = (
            self._line.has("consolidated patches")
            and state.version > _FIRST_VERSION
            and state.updated_by == user.name
            and now() - state.updated_at <= _SESSION_MILLISECONDS
        )
        return entity.history[-1] if same_session and entity.history else None

    def _soft_delete(self, entity: Entity, user: Principal) -> None:
        for child in self._store.children(entity):
            self._soft_delete(child, user)
        if not entity.state.deleted:
            self._mark(entity, user, deleted=True, new_version=True)

    def _remove(self, entity: Entity) -> None:
        for child in self._store.children(entity):
            self._remove(child)
        self._store.remove(entity)
        for forget in self.removed:
            forget(entity)

    def _restore(self, entity: Entity, user: Principal) -> None:
        self._restore_children(entity, user)
        if entity.state.deleted:
            self._mark(entity, user, deleted=False, new_version=self._line.has("restore makes a version"))

    def _restore_children(self, entity: Entity, user: Principal) -> None:
        for child in self._store.children(entity):
            self._restore(child, user)

    def _mark(self, entity: Entity, user: Principal, *, deleted: bool, new_version: bool) -> None:
        before = entity.state
        if not new_version:
            self._store.replace(entity, replace(before, deleted=deleted), keep=False)
            return
        changes = Changes()
        changes.record("deleted", before.deleted, deleted)
        state = replace(
            before,
            version=changes.version_after(before.version),
            updated_at=now(),
            updated_by=user.name,
            deleted=deleted,
            change=changes.description(before.version),
        )
        self._store.replace(entity, state, keep=True)
