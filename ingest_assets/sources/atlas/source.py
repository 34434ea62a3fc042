"""Apache Atlas as a source: what it knows of tables and topics that other recipes made, and the lineage between them.

What it yields is about entities in the services that the recipe names; its own are pipelines, where they are asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from ingest_assets.catalog import (
    Elsewhere,
    EntityType,
    Filtered,
    Finding,
    Note,
    Reference,
    Scope,
    Service,
)
from ingest_assets.errors import RejectedError
from ingest_assets.sources.atlas.client import AtlasClient
from ingest_assets.sources.atlas.creating import Creating
from ingest_assets.sources.atlas.lineage import ColumnAt, edges_of, ends_of, place_of
from ingest_assets.sources.atlas.mapping import (
    DATABASE,
    Said,
    Wanted,
    distinct,
    names_of_table,
    to_holder,
    to_table,
    topic_name,
)
from ingest_assets.sources.atlas.pipelines import Pipelines
from ingest_assets.sources.atlas.reading import KeptProcess, KeptTable, Reading
from ingest_assets.sources.atlas.selecting import Named, Selecting, why_no_ones
from ingest_assets.sources.atlas.settings import AtlasSettings
from ingest_assets.sources.atlas.shapes import Ref, without_cluster
from ingest_assets.sources.atlas.words import Wording

PROCESSES = "processes"
"""The part that tells of lineage."""


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
        self._selecting = Selecting(settings)
        self._creating = Creating(settings, self._reading)
        self._pipelines = Pipelines(settings, self._reading)
        self._wanted = Wanted(settings.include_owners, settings.include_tags)

    def services(self) -> Sequence[Service]:
        """None, for what it enriches is of other recipes' services; those that it may make, if it is to create."""
        return (*(self._creating.services() if self._settings.create else ()), *self._pipelines.services())

    def roots(self) -> Sequence[Scope]:
        """The listings of databases, tables, topics and processes; no remote call."""
        # Each attempt of a crawl begins here, and what failed in the one before is asked for again.
        self._reading.forget_failures()
        self._creating.forget_failures()
        path, placing = (self._settings.service,), self._settings.placing
        scopes = []
        if placing.databases:
            scopes += [Scope(EntityType.SCHEMA, path), Scope(EntityType.TABLE, path)]
        if placing.messaging:
            scopes.append(Scope(EntityType.TOPIC, path))
        if scopes and self._settings.include_lineage:
            scopes.append(Scope(EntityType.TABLE, path, PROCESSES))
        return [*scopes, *(self._creating.roots() if self._settings.create else ()), *self._pipelines.roots()]

    def identity(self) -> str | None:
        """The address."""
        return f"Atlas at {self._client.access.host}"

    def read(self, scope: Scope) -> Iterator[Finding]:
        """Read one scope.

        Raises:
            RemoteError: The scope could not be read whole.
            DeadlineExceededError: The run's time is over.
        """
        if scope.of is EntityType.PIPELINE:
            yield from self._pipelines.read()
            return
        if scope.path != (self._settings.service,) or scope.of is EntityType.DATABASE:
            yield from self._creating.read(scope)
            return
        if scope.part == PROCESSES:
            yield from self._read_processes(scope)
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
        """Whether Atlas has a process; of all else, which others own, nothing is told.

        Raises:
            RemoteError: It can't be told.
        """
        if reference.type is EntityType.PIPELINE:
            return self._pipelines.exists(reference.name)
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
            named = [Named(each, kind, (each.name,)) for each, kind in zip(same, kinds, strict=True)]
            sorted_out = self._selecting.sort_out(scope, named, lambda each: self._selecting.why_not_above(each.names))
            yield from sorted_out.findings
            for entity, target in sorted_out.kept:
                yield from _told(to_holder(target, entity, wording, self._wanted))
        if types.business:
            yield Note(
                text=f"Business metadata ({', '.join(types.business)}) is not shown: OpenMetadata has no place for it "
                "but custom properties, which are not written."
            )

    def _read_tables(self, scope: Scope, wording: Wording) -> Iterator[Finding]:
        no_ones: Counter[str] = Counter()
        for same in self._reading.tables(self._reading.types().tables_of(self._settings.entity_type)):
            no_ones.update(filter(None, map(why_no_ones, same)))
            tables = {table.entity.guid: table for table in same if why_no_ones(table) is None}
            named = [
                Named(each.entity, EntityType.TABLE, names_of_table(each.entity, each.database))
                for each in tables.values()
            ]
            sorted_out = self._selecting.sort_out(scope, named, partial(self._selecting.why_no_table, tables))
            yield from sorted_out.findings
            for entity, target in sorted_out.kept:
                columns = list(distinct(self._reading.columns_of(tables[entity.guid])))
                yield from _told(to_table(target, entity, columns, wording, self._wanted))
        if no_ones:
            # As filtered ones they would keep all lineage from ever being dropped: any of it might be theirs.
            told = "; ".join(f"{count} {why}" for why, count in sorted(no_ones.items()))
            yield Note(text=f"Tables that are left out: {told}.")

    def _read_topics(self, scope: Scope, wording: Wording) -> Iterator[Finding]:
        for same in self._reading.topics():
            named = [Named(each, EntityType.TOPIC, (topic_name(each),)) for each in same]
            sorted_out = self._selecting.sort_out(scope, named, self._selecting.why_no_topic)
            yield from sorted_out.findings
            for entity, target in sorted_out.kept:
                yield from _told(to_holder(target, entity, wording, self._wanted))

    def _read_processes(self, scope: Scope) -> Iterator[Finding]:
        reading, types = self._reading, self._reading.types()
        if self._settings.placing.databases:
            reading.load_tables(types.tables_of(self._settings.entity_type))
        if self._settings.placing.messaging:
            reading.load_topics()
        reading.load_flows()
        placeless: Counter[str] = Counter()
        unserved: dict[str, Ref] = {}
        for processes in reading.processes():
            ends = self._ends(processes, placeless, unserved)
            for process in processes:
                flows = reading.flows_of(process.entity.guid)
                columns = reading.columns_in(flows)
                direct = edges_of(process.entity, ends | self._tables_of(columns.values(), ends), flows, columns)
                yield from self._pipelines.edges(process.entity, direct)
        for ref in unserved.values():
            # Lineage that was drawn while the recipe named a service for it stays.
            path = (*scope.path, f"{ref.qualified_name} ({ref.type})")
            reason, called = "the recipe names no service for it", without_cluster(ref.qualified_name)
            yield Filtered(reference=Reference(scope.of, path), reason=reason, called=called)
        if placeless:
            told = ", ".join(f"{count} of type {name}" for name, count in sorted(placeless.items()))
            yield Note(text=f"Processes join what OpenMetadata has no place for, and that is not shown: {told}.")

    def _tables_of(self, columns: Iterable[ColumnAt], ends: Mapping[str, Elsewhere]) -> dict[str, Elsewhere]:
        """Tables of columns that flow into each other, as far as they are not known to be ends of the process."""
        found = self._reading.known(sorted({column.table for column in columns} - ends.keys()))
        named = {guid: self._end(table) for guid, table in found.items()}
        return {guid: end for guid, end in named.items() if end is not None}

    def _ends(
        self, processes: Iterable[KeptProcess], placeless: Counter[str], unserved: dict[str, Ref]
    ) -> dict[str, Elsewhere]:
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
            elif not self._may_name(ref.type):
                unserved[guid] = ref
        return ends

    def _may_name(self, type_name: str) -> bool:
        """Whether the recipe names services that may hold things of one of Atlas's types."""
        is_topic = self._reading.types().is_topic(type_name)
        return bool(self._settings.placing.named(EntityType.TOPIC if is_topic else EntityType.TABLE))

    def _end(self, table: KeptTable) -> Elsewhere | None:
        """What a table or topic is called elsewhere; None where the recipe leaves it out."""
        if self._reading.types().is_topic(table.entity.type):
            named = Named(table.entity, EntityType.TOPIC, (topic_name(table.entity),))
            reason = self._selecting.why_no_topic(named)
        else:
            named = Named(table.entity, EntityType.TABLE, names_of_table(table.entity, table.database))
            reason = self._selecting.why_no_table({table.entity.guid: table}, named)
        within = self._settings.placing.within(named.kind, table.entity.cluster)
        if reason is not None or within is None:
            return None
        return Elsewhere(type=named.kind, names=named.names, within=within)


def _told(said: Said) -> Iterator[Finding]:
    yield from said.words
    yield said.enrichment
