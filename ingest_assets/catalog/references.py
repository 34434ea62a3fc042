"""References: how one thing of the catalog names another, independent of the server's version."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class EntityType(str, Enum):
    """Entity types, in OpenMetadata's own words; members are in the order parents before children."""

    DATABASE_SERVICE = "databaseService"
    DATABASE = "database"
    SCHEMA = "databaseSchema"
    TABLE = "table"

    def __str__(self) -> str:
        """The word on the wire."""
        return self.value

    @property
    def parent(self) -> EntityType | None:
        """Type of the entity that holds entities of this type; None for a service."""
        return _PARENTS.get(self)


_PARENTS = {
    EntityType.DATABASE: EntityType.DATABASE_SERVICE,
    EntityType.SCHEMA: EntityType.DATABASE,
    EntityType.TABLE: EntityType.SCHEMA,
}


class Reference(NamedTuple):
    """One entity: its type and the path of names from the service down, spelled as the source spells them.

    The server's spelling (reserved characters, length) and its FQN depend on the server's version; see ``names``.
    """

    type: EntityType
    path: tuple[str, ...]

    @property
    def name(self) -> str:
        """The entity's own name, as the source spells it."""
        return self.path[-1]

    def __str__(self) -> str:
        """For people: type and path, ``table glue_prod / 123456789012 / sales / orders``."""
        return f"{self.type} {' / '.join(self.path)}"


class ColumnReference(NamedTuple):
    """A column, nested ones included: the entity that holds it and the path of column names within."""

    entity: Reference
    path: tuple[str, ...]
