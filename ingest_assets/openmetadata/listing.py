"""What the server has of one service, listed type by type."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from ingest_assets.catalog import EntityType, Reference, quote
from ingest_assets.errors import InvalidAnswerError, NotFoundError
from ingest_assets.openmetadata.capabilities import Capabilities
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.openmetadata.marks import held_marks
from ingest_assets.openmetadata.wire import collection_of

_HOLDERS = {
    EntityType.DATABASE: "service",
    EntityType.SCHEMA: "database",
    EntityType.TABLE: "databaseSchema",
}
"""Property of a row that refers to its parent."""

Json = dict[str, Any]


class ServerEntity(NamedTuple):
    """One entity as the server lists it.

    Attributes:
        fqn: The server's own FQN.
        parent: FQN of its parent; empty for a service.
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
    parent: str
    service: str
    source_hash: str | None
    deleted: bool
    updated_at: int
    updated_by: str | None
    held: str


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

    def service(self, name: str) -> ServerEntity | None:
        """A database service, soft-deleted or not; None only if the server says that there is none.

        Args:
            name: As the recipe spells it.
        """
        kind = EntityType.DATABASE_SERVICE
        fqn = self._capabilities.names.fqn(Reference(kind, (name,)))
        try:
            row = self._client.get_by_name(collection_of(kind), fqn, self._params(kind))
        except NotFoundError:
            return None
        return _entity(kind, row)

    def entity(self, kind: EntityType, fqn: str) -> ServerEntity:
        """One entity as it is now, soft-deleted or not.

        Raises:
            NotFoundError: The server says that there is none.
        """
        return _entity(kind, self._client.get_by_name(collection_of(kind), fqn, self._params(kind)))

    def databases(self, service: str) -> Iterator[ServerEntity]:
        """Databases of a service, by the service's FQN; soft-deleted ones too."""
        # 1.0 quotes a service with a dot in the FQNs of all that is below it, and not in its own.
        prefix = service if '"' in service else quote(service)
        return self._list(EntityType.DATABASE, "service", service, prefix)

    def schemas(self, database: str) -> Iterator[ServerEntity]:
        """Schemas of a database, by the database's FQN; soft-deleted ones too."""
        return self.below_database(EntityType.SCHEMA, database)

    def tables(self, database: str) -> Iterator[ServerEntity]:
        """Tables of a database, by the database's FQN; soft-deleted ones too."""
        return self.below_database(EntityType.TABLE, database)

    def below_database(self, kind: EntityType, database: str) -> Iterator[ServerEntity]:
        """Schemas or tables of a database: all servers know this filter."""
        return self._list(kind, "database", database, database)

    def _list(self, kind: EntityType, holder: str, above: str, prefix: str) -> Iterator[ServerEntity]:
        """Entities whose property ``holder`` refers to ``above`` and whose FQNs begin with ``prefix``."""
        for row in self._client.list(collection_of(kind), {holder: prefix, **self._params(kind)}):
            entity = _entity(kind, row)
            if _referred(row, holder) == above and entity.fqn.startswith(f"{prefix}."):
                yield entity
            else:
                with self._lock:
                    self._outside[kind] += 1

    def _params(self, kind: EntityType) -> dict[str, str]:
        fields = [self._capabilities.owners]
        if kind is not EntityType.DATABASE_SERVICE:
            fields += ["tags", *(["sourceHash"] if self._capabilities.source_hash else [])]
        return {"include": "all", "fields": ",".join(fields)}


def _referred(row: Json, holder: str) -> str:
    try:
        return str(row[holder]["fullyQualifiedName"])
    except (KeyError, TypeError) as error:
        raise _lacks(holder) from error


def _lacks(key: str) -> InvalidAnswerError:
    return InvalidAnswerError(f"an entity of the answer lacks {key}.", where="the server's listing")


def _entity(kind: EntityType, row: Json) -> ServerEntity:
    try:
        return ServerEntity(
            type=kind,
            fqn=row["fullyQualifiedName"],
            id=row["id"],
            parent=_referred(row, _HOLDERS[kind]) if kind in _HOLDERS else "",
            service=_referred(row, "service") if kind in _HOLDERS else row["fullyQualifiedName"],
            source_hash=row.get("sourceHash"),
            deleted=bool(row.get("deleted", False)),
            updated_at=int(row["updatedAt"]),
            updated_by=row.get("updatedBy"),
            held="" if kind is EntityType.DATABASE_SERVICE else str(held_marks(row)),
        )
    except (KeyError, TypeError) as error:
        raise _lacks(str(error)) from error
