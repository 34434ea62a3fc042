"""What the server has of one service, listed type by type."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from ingest_assets.catalog import EntityKey, EntityType, Reference, key_of, quote
from ingest_assets.errors import InvalidAnswerError, NotFoundError
from ingest_assets.openmetadata.capabilities import Capabilities
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.openmetadata.layout import collection_of, layout_of
from ingest_assets.openmetadata.marks import held_marks

Json = dict[str, Any]


class ServerEntity(NamedTuple):
    """One entity as the server lists it.

    Attributes:
        fqn: The server's own FQN.
        service: FQN of its service.
        source_hash: As last stored; None on servers before 1.2 and for services.
        deleted: Whether it is soft-deleted.
        updated_at: Milliseconds since the epoch of the last stored change.
        updated_by: Name of the user who made it.
        held: Marks of the values that people may set on it; empty for a service.
    """

    type: EntityType
    fqn: str
    id: str
    service: str
    source_hash: str | None
    deleted: bool
    updated_at: int
    updated_by: str | None
    held: str

    @property
    def key(self) -> EntityKey:
        """What ledger and plan know it by."""
        return EntityKey(self.type, self.fqn)


class ServerListing:
    """Lists one server. Safe to share among threads.

    No filter is believed: a 1.0 server ignores ``?databaseSchema=`` and answers with all tables of all services.
    Rows that lie outside what was asked for are dropped and counted.

    Args:
        client: The server.
        capabilities: What it understands.
    """

    def __init__(self, client: OpenMetadataClient, capabilities: Capabilities) -> None:
        self._client = client
        self._capabilities = capabilities
        self._outside: Counter[EntityType] = Counter()
        self._lock = threading.Lock()

    def outside(self) -> dict[EntityType, int]:
        """How many rows of each type were dropped because they belong elsewhere."""
        with self._lock:
            return dict(self._outside)

    def server_time(self) -> int | None:
        """Milliseconds since the epoch by the server's own clock, cut to seconds; None if it doesn't tell."""
        return self._client.server_time()

    def service(self, reference: Reference) -> ServerEntity | None:
        """A service, soft-deleted or not; None only if the server says that there is none."""
        try:
            return self.entity(self._capabilities.names.key(reference))
        except NotFoundError:
            return None

    def entity(self, key: EntityKey) -> ServerEntity:
        """One entity as it is now, soft-deleted or not.

        Raises:
            NotFoundError: The server says that there is none.
        """
        fqn = self._capabilities.names.on_server(key)
        return _entity(key.type, self._client.get_by_name(collection_of(key.type), fqn, self._params(key.type)))

    def below(self, kind: EntityType, fqn: str) -> Iterator[ServerEntity]:
        """Entities of a type, by the FQN of what the server lists them by; soft-deleted ones too.

        Args:
            kind: Their type.
            fqn: Of what ``Layout.listed_by`` says: a database for its schemas and tables, else the service.
        """
        layout, names = layout_of(kind), self._capabilities.names
        above = EntityKey(layout.listed_by or kind.root, fqn)
        # The filter is the beginning of the FQNs that are wanted.
        begins = names.on_server(EntityKey(kind, f"{fqn}.x")).removesuffix(".x")
        asked = self._params(kind) if _defies_filter(kind, fqn) else {layout.filter: begins, **self._params(kind)}
        for row in self._client.list(layout.collection, asked):
            entity = _entity(kind, row)
            if _referred(row, layout.filter) == names.on_server(above) and entity.fqn.startswith(f"{fqn}."):
                yield entity
            else:
                with self._lock:
                    self._outside[kind] += 1

    def _params(self, kind: EntityType) -> dict[str, str]:
        fields = [self._capabilities.owners]
        if kind.parent is not None:
            fields += ["tags", *(["sourceHash"] if self._capabilities.source_hash else [])]
        return {"include": "all", "fields": ",".join(fields)}


def _referred(row: Json, holder: str) -> str:
    try:
        return str(row[holder]["fullyQualifiedName"])
    except (KeyError, TypeError) as error:
        raise _lacks(holder) from error


def _lacks(key: str) -> InvalidAnswerError:
    return InvalidAnswerError(f"an entity of the answer lacks {key}.", where="the server's listing")


def _service_of(kind: EntityType, row: Json) -> str:
    """Name of the service that an entity is in."""
    if kind.parent is None:
        return str(row["fullyQualifiedName"]).strip('"')
    _referred(row, layout_of(kind).holder)  # an answer that lacks what holds the entity is none
    return _referred(row, layout_of(kind.root.held[0]).holder).strip('"')


def _defies_filter(kind: EntityType, service: str) -> bool:
    """Whether a server does not list entities by their service: data models of one with a dot (1.2 and later)."""
    return kind is EntityType.DATA_MODEL and service.startswith('"')


def _entity(kind: EntityType, row: Json) -> ServerEntity:
    try:
        service = _service_of(kind, row)
        return ServerEntity(
            type=kind,
            fqn=key_of(kind, row["fullyQualifiedName"], service).fqn,
            id=row["id"],
            service=quote(service),
            source_hash=row.get("sourceHash"),
            deleted=bool(row.get("deleted", False)),
            updated_at=int(row["updatedAt"]),
            updated_by=row.get("updatedBy"),
            held=str(held_marks(row)) if kind.parent else "",
        )
    except (KeyError, TypeError) as error:
        raise _lacks(str(error)) from error
