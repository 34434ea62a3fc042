"""What happened on the server since a moment, whoever did it: its change events, read one by one.

A server answers with every event at once and knows no pages (1.5: 5,582 events in 0.4 s), each with its whole entity:
as one document in memory that is gigabytes after a large load. Facts from running servers: soft deletes come under
``entityDeleted``; a recursive delete or restore makes one event, for the parent only; a restore by PUT is an
``entityUpdated`` whose change has ``deleted`` from true to false; lineage and sample data make none; old events are
pruned, so that a gap can't be told from silence. From the published schemas: up to 1.2 events have no id of their own,
and up to 1.1 there is no ``entityRestored``, so that a restore other than by PUT goes unseen.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, TypeVar

import ijson

from ingest_assets.catalog import EntityType
from ingest_assets.errors import IncompatibleServerError, InvalidAnswerError, NotFoundError, RejectedError
from ingest_assets.openmetadata.capabilities import Capabilities
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.openmetadata.transport import Body

CREATED, UPDATED = "entityCreated", "entityUpdated"
SOFT_DELETED, DELETED, RESTORED = "entitySoftDeleted", "entityDeleted", "entityRestored"

_PATH = "/v1/events"
_ASKED = (CREATED, UPDATED, DELETED, RESTORED)
_FAR_FUTURE = 10**14  # milliseconds: the year 5138
_ITEM = "data.item"

Json = dict[str, Any]
Value = TypeVar("Value")


class ChangeEvent(NamedTuple):
    """One change that the server stored.

    Attributes:
        id: The event's own id; None on old servers.
        kind: ``entityCreated``, ``entityUpdated``, ``entitySoftDeleted``, ``entityDeleted`` (for good) or
            ``entityRestored``.
        type: The entity's type, e.g. ``table``.
        entity_id: The entity's id.
        timestamp: When, in milliseconds since the epoch.
        user: Who did it; None where the server doesn't say.
        entity: The entity after the change, as the answer to the write showed it; empty where an event has none.
        change: Its ``changeDescription``; empty where there is none, as for what was created.
    """

    id: str | None
    kind: str
    type: str
    entity_id: str
    timestamp: int
    user: str | None
    entity: Json
    change: Json


class ChangeEvents:
    """The change events of one server.

    Args:
        client: The server.
        capabilities: What it understands.
    """

    def __init__(self, client: OpenMetadataClient, capabilities: Capabilities) -> None:
        self._client = client
        self._known = True if capabilities.change_events else None

    def available(self) -> bool:
        """Whether the server tells its change events; one that is newer than those known is asked, once.

        Raises:
            UnavailableError: The server did not answer.
            PermissionDeniedError: The bot may not read them.
        """
        if self._known is None:
            self._known = self._ask()
        return self._known

    def since(self, timestamp_ms: int, kinds: Iterable[EntityType]) -> Iterator[ChangeEvent]:
        """Events of this moment and later, in the server's order: oldest first.

        They come while the server still sends. Only one who has read to the end without an error has seen all.

        Args:
            timestamp_ms: Milliseconds since the epoch, by the server's clock. An event carries its entity's
                ``updatedAt`` and is stored a little later, so that one may appear behind others [server source].
            kinds: Types of entities.

        Raises:
            InvalidAnswerError: The answer is cut, of another shape, or holds fewer events than it announces.
            RemoteError: Anything else that went wrong.
        """
        wanted = {kind.value for kind in kinds}
        if not wanted:
            return
        types = ",".join(sorted(wanted))
        with self._client.stream(_PATH, {**dict.fromkeys(_ASKED, types), "timestamp": str(timestamp_ms)}) as body:
            for row in _rows(body):
                event = _event(row, body.where)
                if event.type in wanted:
                    yield event

    def _ask(self) -> bool:
        try:
            for _ in self.since(_FAR_FUTURE, [EntityType.DATABASE_SERVICE]):
                pass
        except (IncompatibleServerError, NotFoundError, RejectedError, InvalidAnswerError):
            # Whatever is there, it can't be used; without events all is listed, which is slower and no less right.
            return False
        return True


class _Frame:
    """What stands around the events of an answer; found while its parts pass by."""

    def __init__(self) -> None:
        self.has_data = False
        self.total: Any = None

    def watch(self, parts: Iterable[tuple[str, str, Any]]) -> Iterator[tuple[str, str, Any]]:
        """Pass the parts of a document on."""
        for part in parts:
            if part[0] == "data" and part[1] == "start_array":
                self.has_data = True
            elif part[0] == "paging.total":
                self.total = part[2]
            yield part

    def check(self, count: int, where: str) -> None:
        """Compare what was announced with what came.

        Raises:
            InvalidAnswerError: It is not all, or not what was asked for.
        """
        if not self.has_data:
            raise InvalidAnswerError("the answer lacks a list 'data'.", where=where)
        if self.total != count:
            # A server that began to page would look like one on which nothing more happened.
            what = f"the answer announces {self.total} events ('paging.total') and holds {count}."
            raise InvalidAnswerError(what, where=where)


def _rows(body: Body) -> Iterator[Any]:
    frame = _Frame()
    count = 0
    try:
        for row in ijson.items(frame.watch(ijson.parse(body, use_float=True)), _ITEM):
            count += 1
            yield row
    except ijson.JSONError as error:
        what = f"the answer is cut or no JSON (after {count} events)."
        raise InvalidAnswerError(what, where=body.where) from error
    frame.check(count, body.where)


def _event(row: Any, where: str) -> ChangeEvent:
    if not isinstance(row, dict):
        raise InvalidAnswerError("a change event is no JSON object.", where=where)
    return ChangeEvent(
        id=_optional(row, "id", str, where),
        kind=_required(row, "eventType", str, where),
        type=_required(row, "entityType", str, where),
        entity_id=_required(row, "entityId", str, where),
        timestamp=_required(row, "timestamp", int, where),
        user=_optional(row, "userName", str, where),
        entity=_entity(row, where),
        change=_optional(row, "changeDescription", dict, where) or {},
    )


def _entity(row: Json, where: str) -> Json:
    entity = row.get("entity")
    try:
        entity = json.loads(entity) if isinstance(entity, str) else entity
    except ValueError as error:
        raise InvalidAnswerError("the entity of a change event is no JSON.", where=where) from error
    if entity is None:
        return {}
    if isinstance(entity, dict):
        return entity
    raise InvalidAnswerError("the entity of a change event is no JSON object.", where=where)


def _required(row: Json, key: str, kind: type[Value], where: str) -> Value:
    value = _optional(row, key, kind, where)
    if value is None:
        raise InvalidAnswerError(f"a change event lacks {key!r}.", where=where)
    return value


def _optional(row: Json, key: str, kind: type[Value], where: str) -> Value | None:
    value = row.get(key)
    if value is None or isinstance(value, kind):
        return value
    raise InvalidAnswerError(f"{key!r} of a change event is no {kind.__name__}.", where=where)
