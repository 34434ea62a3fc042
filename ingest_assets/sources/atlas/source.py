"""Apache Atlas as a source: what it knows of tables and topics that other recipes made, and the lineage between them.

It owns nothing: all it yields is about entities in the services that the recipe names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from ingest_assets.catalog import (
    Elsewhere,
    EntityType,
    Failed,
    Filtered,
    Finding,
    Note,
    Reference,
    Scope,
    Service,
)
from ingest_assets.errors import RejectedError
from ingest_assets.sources.atlas.client import AtlasClient
from ingest_assets.sources.atlas.lineage import ColumnAt, edges_of, ends_of, place_of
from ingest_assets.sources.atlas.mapping import (
    DATABASE,
    Placing,
    Said,
    Wanted,
    distinct,
    is_temporary,
    names_of_table,
    to_holder,
    to_table,
    topic_name,
)
from ingest_assets.sources.atlas.reading import KeptProcess, KeptTable, Reading
from ingest_assets.sources.atlas.shapes import AtlasEntity
from ingest_assets.sources.atlas.words import Wording

PROCESSES = "processes"
"""The part that tells of lineage."""

_SHOWN = 5


def _keep_all(_: str) -> bool:
    return True


@dataclass(frozen=True)
class AtlasSettings:
    """What a recipe says about Atlas.

    Attributes:
        service: Name of the recipe's service, which holds nothing itself.
        entity_type: Which types of tables are read: a type's name, or ``Table`` for all.
        placing: The services that tables and topics are looked for in.
        include_owners: Whether owners are told.
        include_tags: Whether classifications, labels and terms are told.
        include_propagated: Whether those classifications are told that Atlas propagated.
        include_lineage: Whether processes are read.
        database_filter: Tells by name which of Atlas's databases are kept.
        schema_filter: The same; for relational databases it sees schemas.
        table_filter: Tells by name which tables are kept.
        topic_filter: Tells by name which topics are kept.
    """

    service: str
    entity_type: str = "Table"
    placing: Placing = field(default_factory=Placing)
    include_owners: bool = False
    include_tags: bool = True
    include_propagated: bool = True
    include_lineage: bool = True
    database_filter: Callable[[str], bool] = _keep_all
    schema_filter: Callable[[str], bool] = _keep_all
    table_filter: Callable[[str], bool] = _keep_all
    topic_filter: Callable[[str], bool] = _keep_all


class AtlasSource:
    """Reads one Atlas; any number of threads may read a scope each.

    Args:
        settings: From the recipe.
        client: Of the server.
    """

    def __init__(self, settings: AtlasSettings, client: AtlasClient) -> None:
        self._settings = settings
        self._client = client
        self._reading = Reading(client)
        self._wanted = Wanted(settings.include_owners, settings.include_tags)

    def services(self) -> Sequence[Service]:
        """None: the services that it enriches are those of other recipes."""
        return ()

    def roots(self) -> Sequence[Scope]:
        """The listings of databases, tables, topics and processes; no remote call."""
        # Each attempt of a crawl begins here, and what failed in the one before is asked for again.
        self._reading.forget_failures()
        path, placing = (self._settings.service,), self._settings.placing
        scopes = []
        if placing.databases:
            scopes += [Scope(EntityType.SCHEMA, path), Scope(EntityType.TABLE, path)]
        if placing.messaging:
            scopes.append(Scope(EntityType.TOPIC, path))
        if scopes and self._settings.include_lineage:
            scopes.append(Scope(EntityType.TABLE, path, PROCESSES))
        return scopes

    def identity(self) -> str | None:
        """The address."""
        return f"Atlas at {self._client.access.host}"

    def read(self, scope: Scope) -> Iterator[Finding]:
        """Read one scope.

        Raises:
            RemoteError: The scope could not be read whole.
            DeadlineExceededError: The run's time is over.
        """
        if scope.part == PROCESSES:
            yield from self._read_processes()
            return
        wording = self._wording()
        if scope.of is EntityType.SCHEMA:
            yield from self._read_databases(scope, wording)
        elif scope.of is EntityType.TABLE:
            yield from self._read_tables(scope, wording)
        else:
            yield from self._read_topics(scope, wording)
        notes = [*wording.notes(), *self._reading.notes()]
        yield from (Note(text=text) for text in notes)

    def exists(self, reference: Reference) -> bool:
        """Never told: what Atlas knows of others' entities is no proof that they are gone.

        Raises:
            RejectedError: Always.
        """
        raise RejectedError("Atlas owns no entities.", where=f"atlas: {reference}")

    def _wording(self) -> Wording:
        types = self._reading.types()
        terms = self._reading.terms() if self._settings.include_tags else None
        return Wording(types, terms, include_propagated=self._settings.include_propagated)

    def _read_databases(self, scope: Scope, wording: Wording) -> Iterator[Finding]:
        terms = self._reading.terms() if self._settings.include_tags else None
        if terms is not None:
            yield from terms.words()
        types = self._reading.types()
        for same in self._reading.databases(types.tables_of(self._settings.entity_type)):
            kinds = (EntityType.DATABASE if types.is_a(each.type, DATABASE) else EntityType.SCHEMA for each in same)
            named = [_Named(each, kind, (each.name,)) for each, kind in zip(same, kinds, strict=True)]
            sorted_out = self._sort_out(scope, named, lambda each: self._why_not_above(each.names))
            yield from sorted_out.findings
            for entity, target in sorted_out.kept:
                yield from _told(to_holder(target, entity, wording, self._wanted))
        if types.business:
            yield Note(
                text=f"Business metadata ({', '.join(types.business)}) is not shown: OpenMetadata has no place for it "
                "but custom properties, which are not written."
            )

    def _read_tables(self, scope: Scope, wording: Wording) -> Iterator[Finding]:
        for same in self._reading.tables(self._reading.types().tables_of(self._settings.entity_type)):
            tables = {table.entity.guid: table for table in same}
            named = [_Named(each.entity, EntityType.TABLE, names_of_table(each.entity, each.database)) for each in same]
            sorted_out = self._sort_out(scope, named, partial(self._why_no_table, tables))
            yield from sorted_out.findings
            for entity, target in sorted_out.kept:
                columns = list(distinct(self._reading.columns_of(tables[entity.guid])))
                yield from _told(to_table(target, entity, columns, wording, self._wanted))

    def _read_topics(self, scope: Scope, wording: Wording) -> Iterator[Finding]:
        for same in self._reading.topics():
            named = [_Named(each, EntityType.TOPIC, (topic_name(each),)) for each in same]
            sorted_out = self._sort_out(scope, named, self._why_no_topic)
            yield from sorted_out.findings
            for entity, target in sorted_out.kept:
                yield from _told(to_holder(target, entity, wording, self._wanted))

    def _read_processes(self) -> Iterator[Finding]:
        reading, types = self._reading, self._reading.types()
        if self._settings.placing.databases:
            reading.load_tables(types.tables_of(self._settings.entity_type))
        if self._settings.placing.messaging:
            reading.load_topics()
        reading.load_flows()
        placeless: Counter[str] = Counter()
        for processes in reading.processes():
            ends = self._ends(processes, placeless)
            for process in processes:
                flows = reading.flows_of(process.entity.guid)
                columns = reading.columns_in(flows)
                yield from edges_of(process.entity, ends | self._tables_of(columns.values(), ends), flows, columns)
        if placeless:
            told = ", ".join(f"{count} of type {name}" for name, count in sorted(placeless.items()))
            yield Note(text=f"Processes join what OpenMetadata has no place for, and that is not shown: {told}.")

    def _tables_of(self, columns: Iterable[ColumnAt], ends: Mapping[str, Elsewhere]) -> dict[str, Elsewhere]:
        """Tables of columns that flow into each other, as far as they are not known to be ends of the process."""
        found = self._reading.known(sorted({column.table for column in columns} - ends.keys()))
        named = {guid: self._end(table) for guid, table in found.items()}
        return {guid: end for guid, end in named.items() if end is not None}

    def _ends(self, processes: Iterable[KeptProcess], placeless: Counter[str]) -> dict[str, Elsewhere]:
        """What processes join, by guid, but for what is deleted, filtered, or has no place."""
        ends: dict[str, Elsewhere] = {}
        joined = (ref for process in processes for ref in ends_of(process.entity) if ref.guid not in process.gone)
        wanted = {ref.guid: ref for ref in joined}
        tables = self._reading.known(list(wanted))
        rest = [ref for guid, ref in wanted.items() if guid not in tables and self._may_name(ref.type)]
        for table in (*tables.values(), *self._reading.others(rest)):
            guid = table.entity.guid
            del wanted[guid]
            if (end := self._end(table)) is not None:
                ends[guid] = end
        for guid, ref in wanted.items():
            if (place := place_of(ref)) is not None:
                ends[guid] = place
            elif not self._reading.types().has_place(ref.type):
                placeless[ref.type] += 1
        return ends

    def _may_name(self, type_name: str) -> bool:
        """Whether the recipe names services that may hold things of one of Atlas's types."""
        is_topic = self._reading.types().is_topic(type_name)
        return bool(self._settings.placing.named(EntityType.TOPIC if is_topic else EntityType.TABLE))

    def _end(self, table: KeptTable) -> Elsewhere | None:
        """What a table or topic is called elsewhere; None where the recipe leaves it out."""
        if self._reading.types().is_topic(table.entity.type):
            named = _Named(table.entity, EntityType.TOPIC, (topic_name(table.entity),))
            reason = self._why_no_topic(named)
        else:
            named = _Named(table.entity, EntityType.TABLE, names_of_table(table.entity, table.database))
            reason = self._why_no_table({table.entity.guid: table}, named)
        within = self._settings.placing.within(named.kind, table.entity.cluster)
        if reason is not None or within is None:
            return None
        return Elsewhere(type=named.kind, names=named.names, within=within)

    def _sort_out(self, scope: Scope, named: Iterable[_Named], why_not: Callable[[_Named], str | None]) -> _SortedOut:
        """What of entities of one name is kept: it may be one only, for nothing else tells them apart."""
        findings: list[Finding] = []
        kept: dict[Elsewhere, list[AtlasEntity]] = {}
        for each in named:
            within = self._settings.placing.within(each.kind, each.entity.cluster)
            if reason := "dagster.source.clusters" if within is None else why_not(each):
                findings.append(Filtered(reference=_reference(scope, each.entity), reason=reason))
            else:
                target = Elsewhere(type=each.kind, names=each.names, within=within or "")
                kept.setdefault(target, []).append(each.entity)
        for entities in kept.values():
            findings += _told_twice(scope, entities) if len(entities) > 1 else ()
        return _SortedOut(findings, [(found[0], target) for target, found in kept.items() if len(found) == 1])

    def _why_no_table(self, tables: Mapping[str, KeptTable], named: _Named) -> str | None:
        """Why a table is left out; None if it isn't."""
        table = tables[named.entity.guid]
        if is_temporary(table.entity):
            return "it is temporary, of a session of Hive"
        if table.entity.is_incomplete:
            return "Atlas knows no more than that it is there (isIncomplete)"
        if table.is_orphan:
            return "its database is deleted in Atlas"
        *above, name = named.names
        left_out = self._why_not_above(above)
        return left_out or (None if self._settings.table_filter(name) else "tableFilterPattern")

    def _why_not_above(self, names: Sequence[str]) -> str | None:
        """Why databases and schemas are left out; the lowest of them is the schema."""
        if names and not self._settings.database_filter(names[0]):
            return "databaseFilterPattern"
        return "schemaFilterPattern" if names and not self._settings.schema_filter(names[-1]) else None

    def _why_no_topic(self, named: _Named) -> str | None:
        return None if self._settings.topic_filter(named.names[-1]) else "topicFilterPattern"


class _Named(NamedTuple):
    """An entity, and by which names it is looked for."""

    entity: AtlasEntity
    kind: EntityType
    names: tuple[str, ...]


class _SortedOut(NamedTuple):
    """What is kept, each with where it is looked for, and what is told of all else."""

    findings: list[Finding]
    kept: list[tuple[AtlasEntity, Elsewhere]]


def _told(said: Said) -> Iterator[Finding]:
    yield from said.words
    yield said.enrichment


def _told_twice(scope: Scope, entities: Sequence[AtlasEntity]) -> Iterator[Failed]:
    """Two clusters may have a database of the same name, and two hooks may tell of one table: none is guessed."""
    among = ", ".join(f"{each.qualified_name} ({each.type})" for each in entities[:_SHOWN])
    reason = (
        f"Atlas knows several of that name: {among}. Say by dagster.source.clusters which service is of which cluster, "
        "or name one type by entity_type"
    )
    for each in entities:
        yield Failed(reference=_reference(scope, each), step="match", reason=reason)


def _reference(scope: Scope, entity: AtlasEntity) -> Reference:
    """What people call it; types and qualified names together are unique in Atlas."""
    return Reference(scope.of, (*scope.path, f"{entity.qualified_name} ({entity.type})"))
