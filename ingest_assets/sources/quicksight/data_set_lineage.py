"""What a data set comes to: a data model, and from where its columns come. Pure functions.

A table is named as its system names it and found on the server when a run is planned; a query is read then, too, as its
stars can be told by the real tables' columns only. What can't be told is parked with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ingest_assets.catalog import (
    ColumnPair,
    ColumnPaths,
    ColumnReference,
    DataModel,
    Edge,
    Elsewhere,
    EntityType,
    Finding,
    ForeignEdge,
    Note,
    Origin,
    Parked,
    Reference,
    Statement,
)
from ingest_assets.errors import InvalidAnswerError
from ingest_assets.sources.quicksight import data_sources
from ingest_assets.sources.quicksight.data_models import columns_of, outputs, to_data_model
from ingest_assets.sources.quicksight.data_sources import Files, NotRead, Service, System
from ingest_assets.sources.quicksight.manifests import places
from ingest_assets.sources.quicksight.mapping import Besides
from ingest_assets.sources.quicksight.relations import Kind, Leaf
from ingest_assets.sources.quicksight.replay import Replay, replay
from ingest_assets.sources.quicksight.shapes import (
    CustomSql,
    DataSet,
    DataSource,
    PhysicalTable,
    RelationalTable,
    S3Source,
    SaaSTable,
)

_PARAMETER = re.compile(r"<<\s*\$[^<>]*>>")
_DATA_SET = re.compile(r"(arn:[^:]+:quicksight:[^:]+:\d{12}:dataset/)(.+)")
_SHOWN = 5


@dataclass(frozen=True)
class KnownDataSet:
    """A data set of this account and region.

    Attributes:
        id: Its id, which its data model is named by.
        columns: Names of its columns, as its data model has them; None: not known, and then no column is linked.
    """

    id: str
    columns: tuple[str, ...] | None = None


@dataclass(frozen=True)
class DataSetContext:
    """What data sets refer to. ARNs are compared whole.

    Attributes:
        service: Name of the service.
        data_sources: By ARN; why one could not be read.
        data_sets: By ARN: all that were listed.
        manifests: Their texts by the ARN of the data source in S3; why one could not be read.
        why_not_listed: Why a data source may not be among ``data_sources``; empty: all were listed.
        places: In which services the tables of data sources lie, by the data source's id; see ``Elsewhere.within``.
    """

    service: str
    data_sources: Mapping[str, DataSource | NotRead] = field(default_factory=dict)
    data_sets: Mapping[str, KnownDataSet] = field(default_factory=dict)
    manifests: Mapping[str, str | NotRead] = field(default_factory=dict)
    why_not_listed: str = ""
    places: Mapping[str, str] = field(default_factory=dict)

    def columns_of(self, arn: str) -> tuple[str, ...] | None:
        """Names of the columns of a data set; None: not known."""
        known = self.data_sets.get(arn)
        return known.columns if known is not None else None

    def source(self, arn: str) -> DataSource | NotRead:
        """A data source, or why it is not known."""
        known = self.data_sources.get(arn)
        why = self.why_not_listed or "QuickSight does not list it"
        return known if known is not None else NotRead(f"its data source {arn} is not known: {why}")


def known_data_set(data_set: DataSet) -> KnownDataSet:
    """What others need to know of a data set."""
    told = data_set.output_columns
    if told is None:
        # What it reads itself may not be known yet: of that, it has the columns that its own steps name.
        columns = tuple(column.name for column in columns_of(data_set, replay(data_set, lambda _: None)))
    else:
        columns = tuple(each.name for each in told)
    return KnownDataSet(data_set.data_set_id, columns or None)


def data_set_findings(
    data_set: DataSet, context: DataSetContext, besides: Besides, source_url: str | None = None
) -> Iterator[Finding]:
    """A data set's data model, and its lineage.

    Args:
        data_set: Described.
        context: What it refers to.
        besides: What else is known of it.
        source_url: Its page in the console.
    """
    replayed = replay(data_set, context.columns_of)
    model = to_data_model(data_set, context.service, replayed, besides, source_url)
    yield model
    yield from _Lineage(data_set, context, replayed, model).findings()


@dataclass
class _Lineage:
    """The lineage of one data set."""

    data_set: DataSet
    context: DataSetContext
    replayed: Replay
    model: DataModel

    def findings(self) -> Iterator[Finding]:
        self._trace()
        if not self.data_set.tells_its_tables:
            yield self._parked("", "QuickSight does not say what it is made of")
        for leaf in self.replayed.reached:
            if leaf.kind is Kind.DATA_SET:
                yield from self._of_data_set(leaf)
            else:
                yield from self._of_table(leaf, (self.data_set.physical_table_map or {})[leaf.id])
        for problem in self.replayed.problems:
            yield self._parked("", f"in its description {problem}")
        if self._lacking:
            yield self._note()

    def _trace(self) -> None:
        """Follow each column of the model back to what the data set reads."""
        self._flows: dict[Leaf, dict[str, list[str]]] = {}
        self._lacking: dict[str, tuple[str, ...]] = {}
        named = {column.name for column in self.model.columns}
        for output in outputs(self.data_set, self.replayed):
            if output.name not in named:
                continue
            named.remove(output.name)
            found = self.replayed.column(output.name, output.id)
            for leaf, name in found.sources:
                self._flows.setdefault(leaf, {}).setdefault(output.name, []).append(name)
            if found.lacking:
                self._lacking[output.name] = found.lacking

    def _note(self) -> Note:
        shown = [f"{name} ({'; '.join(why)})" for name, why in list(self._lacking.items())[:_SHOWN]]
        more = len(self._lacking) - len(shown)
        text = ", ".join(shown) + (f", and {more} more" if more else "")
        return Note(text=f"{self.model.reference} has columns whose lineage is not known in full: {text}.")

    def _parked(self, wanted: str, reason: str) -> Parked:
        return Parked(target=self.model.reference, wanted=wanted, reason=reason)

    def _paths(self, leaf: Leaf) -> tuple[ColumnPaths, ...]:
        flows = self._flows.get(leaf, {})
        return tuple(ColumnPaths(tuple((name,) for name in names), (target,)) for target, names in flows.items())

    def _edge(self, source: Elsewhere, leaf: Leaf, *, optional: bool = False) -> ForeignEdge:
        return ForeignEdge(
            source=source,
            target=self.model.reference,
            origin=Origin.DASHBOARD,
            columns=self._paths(leaf),
            optional=optional,
        )

    def _of_data_set(self, leaf: Leaf) -> Iterator[Edge | Parked]:
        known = self.context.data_sets.get(leaf.id)
        if known is None:
            # Of one that was listed before, the edge stays; one of another account or region never had any.
            match, own = _DATA_SET.fullmatch(leaf.id), _DATA_SET.fullmatch(self.data_set.arn)
            is_ours = match is not None and own is not None and match[1] == own[1]
            why = "QuickSight does not list it" if is_ours else "it is of another account or region"
            wanted = match[2] if match is not None and is_ours else leaf.id
            yield self._parked(wanted, f"it reads the data set {leaf.id}: {why}")
        elif known.id == self.data_set.data_set_id:
            yield self._parked(leaf.id, "it reads itself")
        else:
            source = Reference(EntityType.DATA_MODEL, (self.context.service, known.id))
            pairs = self._pairs(leaf, source, known.columns or ())
            yield Edge(
                source=source,
                target=self.model.reference,
                origin=Origin.DASHBOARD,
                columns=tuple(pairs),
                lacks_columns=known.columns is None,
            )

    def _pairs(self, leaf: Leaf, source: Reference, columns: Sequence[str]) -> Iterator[ColumnPair]:
        """Pairs of columns that are there: a server refuses the whole edge for one that is not."""
        for target, names in self._flows.get(leaf, {}).items():
            there = tuple(ColumnReference(source, (name,)) for name in names if name in columns)
            if there:
                yield ColumnPair(there, ColumnReference(self.model.reference, (target,)))

    def _of_table(self, leaf: Leaf, table: PhysicalTable) -> Iterator[Finding]:
        if table.relational_table is not None:
            yield self._of_relational(leaf, table.relational_table)
        elif table.custom_sql is not None:
            yield self._of_query(leaf, table.custom_sql)
        elif table.s3_source is not None:
            yield from self._of_files(leaf, table.s3_source)
        elif table.saas_table is not None:
            yield self._of_saas(table.saas_table)
        elif table.file_source is not None:
            arn = table.file_source.data_source_arn
            yield self._parked(arn, f"it reads an uploaded file, {arn}, which lies in QuickSight alone")
        else:
            yield self._parked("", f"its {leaf} is of a kind that is newer than this")

    def _of_relational(self, leaf: Leaf, table: RelationalTable) -> ForeignEdge | Parked:
        names = ".".join(name for name in (table.catalog, table.schema_, table.name) if name)
        source = self.context.source(table.data_source_arn)
        if isinstance(source, NotRead):
            return self._parked(names, source.reason)
        match data_sources.kind_of(source):
            case System() as system:
                there = data_sources.table_of(table, source, system)
                return self._edge(there.model_copy(update={"within": self._place(source)}), leaf)
            case other:
                return self._parked(names, _why_no_table(source, other))

    def _of_query(self, leaf: Leaf, query: CustomSql) -> Statement | Parked:
        source = self.context.source(query.data_source_arn)
        if isinstance(source, NotRead):
            return self._parked("", f"its query {query.name!r} can't be read: {source.reason}")
        match data_sources.kind_of(source):
            case System() as system:
                return self._statement(leaf, query, source, system)
            case other:
                return self._parked("", f"its query {query.name!r} can't be read: {_why_no_table(source, other)}")

    def _statement(self, leaf: Leaf, query: CustomSql, source: DataSource, system: System) -> Statement:
        # A parameter stands for a value: what it is makes no difference to where columns come from.
        sql = _PARAMETER.sub("NULL", query.sql_query)
        return Statement(
            target=self.model.reference,
            columns=tuple(column.name for column in query.columns or ()),
            sql=sql,
            written=query.sql_query if sql != query.sql_query else None,
            flows=self._paths(leaf),
            dialect=system.dialect,
            system=system.name,
            within=self._place(source),
            namespace=data_sources.namespace_of(source, system),
        )

    def _place(self, source: DataSource) -> str:
        return self.context.places.get(source.data_source_id, "")

    def _of_files(self, leaf: Leaf, files: S3Source) -> Iterator[ForeignEdge | Parked]:
        source = self.context.source(files.data_source_arn)
        if isinstance(source, NotRead):
            yield self._parked("", source.reason)
            return
        location = source.parameters.manifest_file_location
        if location is None:
            why = "its manifest was uploaded into QuickSight, which does not show it"
            yield self._parked("", f"it reads files in S3, but {why} (data source {data_sources.shown(source)})")
            return
        address = f"s3://{location.bucket}/{location.key}"
        text = self.context.manifests.get(source.arn, NotRead("it was not read"))
        if isinstance(text, NotRead):
            yield self._parked(
                "", f"it reads files in S3, but their manifest {address} could not be read: {text.reason}"
            )
            return
        try:
            found = places(text, address)
        except InvalidAnswerError as error:
            yield self._parked("", f"it reads files in S3, but {error.what} ({address})")
            return
        for names in found:
            yield self._edge(Elsewhere(type=EntityType.CONTAINER, names=names, system="s3"), leaf, optional=True)

    def _of_saas(self, table: SaaSTable) -> Parked:
        path = ".".join(name for each in table.table_path if (name := each.name or each.id))
        source = self.context.source(table.data_source_arn)
        if isinstance(source, NotRead):
            return self._parked(path, f"it reads {path}: {source.reason}")
        return self._parked(path, _why_no_table(source, data_sources.kind_of(source)))


def _why_no_table(source: DataSource, kind: System | Service | Files | NotRead) -> str:
    match kind:
        case NotRead(reason):
            return reason
        case Service(what):
            return f"its data source {data_sources.shown(source)} is {what}, of which OpenMetadata has no tables"
        case _:
            return f"its data source {data_sources.shown(source)} is of type {source.type}, which has no such tables"
