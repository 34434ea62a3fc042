"""What Atlas knows as entities, for recipes that ask for what OpenMetadata lacks (``create``).

Structure alone: words, owners and labels come with the enrichment, whoever made the entity. An entity that is there
already is its owner's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from ingest_assets.catalog import (
    Column,
    Database,
    DatabaseService,
    EntityType,
    Finding,
    MessagingService,
    PartitionColumn,
    Schema,
    Scope,
    Service,
    Table,
    Topic,
    split_fqn,
)
from ingest_assets.sources.atlas.mapping import DATABASE, distinct, names_of_table, topic_name
from ingest_assets.sources.atlas.reading import KeptTable, Reading
from ingest_assets.sources.atlas.selecting import Named, Selecting
from ingest_assets.sources.atlas.settings import AtlasSettings
from ingest_assets.sources.atlas.shapes import AtlasEntity
from ingest_assets.sources.glue.type_text import parse_type
from ingest_assets.sources.once import Once

_WORDS = frozenset({"description", "display_name", "owners", "labels"})
_TABLE_TYPES = {
    "MANAGED_TABLE": "Regular",
    "MANAGED": "Regular",
    "EXTERNAL_TABLE": "External",
    "EXTERNAL": "External",
    "VIRTUAL_VIEW": "View",
    "VIEW": "View",
    "MATERIALIZED_VIEW": "MaterializedView",
}
_FULL = 3  # names of a table from its database down
_LEAST = 2  # its schema and its own


class Creating:
    """Reads entities of the named services; any number of threads may read a scope each.

    Args:
        settings: From the recipe.
        reading: Of the server.
    """

    def __init__(self, settings: AtlasSettings, reading: Reading) -> None:
        self._settings = settings
        self._reading = reading
        self._selecting = Selecting(settings)
        self._places: Once[str, frozenset[tuple[str, ...]]] = Once(self._find_places)

    def services(self) -> Sequence[Service]:
        """The named services, which are made if they are missing; no remote call."""
        placing = self._settings.placing
        return (
            *(DatabaseService(path=(name,), service_type="Hive") for name in placing.databases),
            *(MessagingService(path=(name,), service_type="Kafka") for name in placing.messaging),
        )

    def roots(self) -> Sequence[Scope]:
        """The databases and the topics of each named service; no remote call."""
        placing = self._settings.placing
        return (
            *(Scope(EntityType.DATABASE, (name,)) for name in placing.databases),
            *(Scope(EntityType.TOPIC, (name,)) for name in placing.messaging),
        )

    def forget_failures(self) -> None:
        """See ``Once``."""
        self._places.forget_failures()

    def read(self, scope: Scope) -> Iterator[Finding]:
        """Read one scope.

        Raises:
            RemoteError: The scope could not be read whole.
        """
        service, *above = scope.path
        if scope.of is EntityType.TOPIC:
            yield from self._topics(service)
        elif scope.of is EntityType.DATABASE:
            for database in sorted({database for database, _ in self._places.get(service)}):
                yield Database(path=(service, database), unknown=_WORDS)
                yield Scope(EntityType.SCHEMA, (service, database))
        elif scope.of is EntityType.SCHEMA:
            for database, schema in sorted(self._places.get(service)):
                if [database] == above:
                    yield Schema(path=(*scope.path, schema), unknown=_WORDS)
                    yield Scope(EntityType.TABLE, (*scope.path, schema))
        else:
            database, schema = above
            # What Atlas calls a table's database may be either.
            for holder in dict.fromkeys((database, schema)):
                for table, path in self._tables(service, holder):
                    if path[:-1] == (database, schema):
                        yield to_table((service, *path), table, self._reading.columns_of(table))

    def _find_places(self, service: str) -> frozenset[tuple[str, ...]]:
        """Databases and schemas of a service: those that have tables, and Atlas's own that have none."""
        types = self._reading.types()
        found = {path[:-1] for _, path in self._tables(service)}
        for same in self._reading.databases(types.tables_of(self._settings.entity_type)):
            named = [
                Named(each, EntityType.SCHEMA, (each.name,)) for each in same if not types.is_a(each.type, DATABASE)
            ]
            kept = self._kept(service, named, lambda each: self._selecting.why_not_above(each.names))
            found |= {(self._settings.database_name, each.name) for each in kept}
        return frozenset(found)

    def _tables(self, service: str, holder: str = "") -> Iterator[tuple[KeptTable, tuple[str, ...]]]:
        """Tables of a service with their paths below it, but for those that can't be told apart."""
        for same in self._reading.tables(self._reading.types().tables_of(self._settings.entity_type), holder):
            tables = {table.entity.guid: table for table in same}
            named = [Named(each.entity, EntityType.TABLE, names_of_table(each.entity, each.database)) for each in same]
            for entity in self._kept(service, named, partial(self._selecting.why_no_table, tables)):
                table = tables[entity.guid]
                names = names_of_table(entity, table.database)
                if len(names) < _LEAST:
                    # Without a database it has no place; what is there of that name is enriched.
                    continue
                yield table, (self._settings.database_name, *names) if len(names) < _FULL else names

    def _topics(self, service: str) -> Iterator[Finding]:
        for same in self._reading.topics():
            named = [Named(each, EntityType.TOPIC, (topic_name(each),)) for each in same]
            for entity in self._kept(service, named, self._selecting.why_no_topic):
                yield to_topic(service, entity)

    def _kept(
        self, service: str, named: Sequence[Named], why_not: Callable[[Named], str | None]
    ) -> Iterator[AtlasEntity]:
        """What lies in a service: in the only one of its kind, or in that of the cluster."""
        kind = named[0].kind if named else EntityType.TABLE
        scope = Scope(kind, (service,))
        for entity, target in self._selecting.sort_out(scope, named, why_not).kept:
            within = split_fqn(target.within)
            if within == (service,) or (not within and len(self._settings.placing.named(kind)) == 1):
                yield entity


def to_table(path: tuple[str, ...], table: KeptTable, columns: Iterable[AtlasEntity]) -> Table:
    """A table as an entity; its words come with the enrichment."""
    entity, own = table.entity, list(distinct(columns))
    keys = [each.name for each in own if each.guid in table.keys]
    created = entity.attributes.get("createTime")
    kind = _TABLE_TYPES.get(entity.text("tableType").upper(), "Regular")
    return Table(
        path=path,
        table_type=kind,
        columns=tuple(map(to_column, own)),
        partitions=tuple(PartitionColumn(column=name, interval_type="COLUMN-VALUE") for name in keys),
        created=created if isinstance(created, int) and created > 0 else None,
        sql=(entity.text("viewExpandedText", "viewOriginalText") or None) if "View" in kind else None,
        dialect="hive" if "View" in kind else None,
        unknown=_WORDS,
    )


def to_column(column: AtlasEntity) -> Column:
    """A column as an entity."""
    return parse_type(column.text("type", "data_type")).column(column.name)


def to_topic(service: str, topic: AtlasEntity) -> Topic:
    """A topic as an entity; the server takes none without a partition."""
    told = topic.attributes.get("partitionCount")
    partitions = told if isinstance(told, int) and told > 0 else 1
    return Topic(path=(service, topic_name(topic)), partitions=partitions, unknown=_WORDS)
