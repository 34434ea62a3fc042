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
    MESSAGING_SERVICE = "messagingService"
    TOPIC = "topic"
    DASHBOARD_SERVICE = "dashboardService"
    DATA_MODEL = "dashboardDataModel"
    CHART = "chart"
    DASHBOARD = "dashboard"
    PIPELINE_SERVICE = "pipelineService"
    PIPELINE = "pipeline"
    STORAGE_SERVICE = "storageService"
    CONTAINER = "container"
    CLASSIFICATION = "classification"
    TAG = "tag"
    GLOSSARY = "glossary"
    GLOSSARY_TERM = "glossaryTerm"

    def __str__(self) -> str:
        """The word on the wire."""
        return self.value

    @property
    def parent(self) -> EntityType | None:
        """Type of the entity that holds entities of this type; None for what nothing holds, as a service."""
        return _PARENTS.get(self)

    @property
    def root(self) -> EntityType:
        """Type of what stands at the top: the service, the classification or the glossary."""
        return self if self.parent is None else self.parent.root

    @property
    def nests(self) -> bool:
        """Whether one may hold others of its own type: a container, a tag, a term."""
        return self in _NESTING

    @property
    def held(self) -> tuple[EntityType, ...]:
        """Types of all that an entity of this type may hold, at any depth, in the order in which they are written."""
        inner = [kind for kind in EntityType if kind is not self and self in _above(kind)]
        return (self, *inner) if self.nests else tuple(inner)


_PARENTS = {
    EntityType.DATABASE: EntityType.DATABASE_SERVICE,
    EntityType.SCHEMA: EntityType.DATABASE,
    EntityType.TABLE: EntityType.SCHEMA,
    EntityType.TOPIC: EntityType.MESSAGING_SERVICE,
    EntityType.DATA_MODEL: EntityType.DASHBOARD_SERVICE,
    EntityType.CHART: EntityType.DASHBOARD_SERVICE,
    EntityType.DASHBOARD: EntityType.DASHBOARD_SERVICE,
    EntityType.PIPELINE: EntityType.PIPELINE_SERVICE,
    EntityType.CONTAINER: EntityType.STORAGE_SERVICE,
    EntityType.TAG: EntityType.CLASSIFICATION,
    EntityType.GLOSSARY_TERM: EntityType.GLOSSARY,
}
_NESTING = frozenset({EntityType.CONTAINER, EntityType.TAG, EntityType.GLOSSARY_TERM})


def _above(kind: EntityType) -> list[EntityType]:
    above = []
    while kind.parent is not None:
        kind = kind.parent
        above.append(kind)
    return above


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

    @property
    def parent(self) -> Reference | None:
        """What holds it; None for what nothing holds."""
        above = self.path[:-1]
        if self.type.nests and len(above) > 1:
            return Reference(self.type, above)
        return Reference(self.type.parent, above) if self.type.parent else None

    def __str__(self) -> str:
        """For people: type and path, ``table glue_prod / 123456789012 / sales / orders``."""
        return f"{self.type} {' / '.join(self.path)}"


class EntityKey(NamedTuple):
    """One entity as a server calls it. The FQN alone does not tell: a chart's may be a dashboard's too."""

    type: EntityType
    fqn: str

    def __str__(self) -> str:
        """``table glue_prod.123456789012.sales.orders``."""
        return f"{self.type} {self.fqn}"

    @classmethod
    def parse(cls, text: str) -> EntityKey:
        """What ``str`` made a text of."""
        kind, _, fqn = text.partition(" ")
        return cls(EntityType(kind), fqn)


class ColumnReference(NamedTuple):
    """A column, nested ones included: the entity that holds it and the path of column names within.

    A field of a topic's schema is one too. So is a chart of a dashboard, where the dashboard is the end of an edge: the
    path is the chart's name then.
    """

    entity: Reference
    path: tuple[str, ...]
