"""Where a view's fields come from: columns of tables, and fields of other views and of explores.

Nothing is guessed: what can't be told is missing, with a reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ingest_assets.sources.looker.lookml.derived import (
    ExploreSource,
    NativeColumn,
    Origin,
    OriginReader,
    Source,
    TableSource,
    ViewSource,
    needs,
)
from ingest_assets.sources.looker.lookml.field_sql import Column, Reads, read_expression
from ingest_assets.sources.looker.lookml.fields import Field, FieldKind
from ingest_assets.sources.looker.lookml.liquid import LiquidValues, Renderer
from ingest_assets.sources.looker.lookml.models import Explore, Model, View
from ingest_assets.sources.looker.lookml.query_flows import Path
from ingest_assets.sources.looker.lookml.references import FieldRoots
from ingest_assets.sources.looker.lookml.statements import statement_of
from ingest_assets.sources.looker.lookml.templating import Reference


class FieldFlow(NamedTuple):
    """Something that flows into a field.

    Attributes:
        source: Where from.
        column: There: a table's column with fields of structs within, or a view's or an explore's field by name.
        field: The view's field.
    """

    source: Source
    column: Column
    field: str


class Gap(NamedTuple):
    """Lineage that is missing, or may be.

    Attributes:
        field: Of which field; None: of the view as a whole.
        reason: Why.
    """

    field: str | None
    reason: str


@dataclass(frozen=True)
class ViewLineage:
    """Where one view comes from.

    Attributes:
        view: Its name.
        sources: All that it reads, each once.
        flows: What flows into its fields.
        gaps: What is missing.
        sql: Its derived table's query in production; None where it has none, or Liquid leaves a choice.
        statements: Each of its queries over its tables with the view's fields as columns, for those who know the
            tables' columns: what only these can tell is in ``gaps``. Empty where a query can't be read.
        is_derived: Whether it is a derived table.
        is_persistent: Whether Looker writes it into the database.
    """

    view: str
    sources: tuple[Source, ...]
    flows: tuple[FieldFlow, ...]
    gaps: tuple[Gap, ...]
    sql: str | None = None
    statements: tuple[str, ...] = ()
    is_derived: bool = False
    is_persistent: bool = False


class _Read(NamedTuple):
    """A view whose origin is known."""

    view: View
    origin: Origin
    roots: FieldRoots


class Lineages:
    """The lineage of one model's views; each view is read once."""

    def __init__(
        self,
        model: Model,
        dialect: str | None,
        user_attributes: Mapping[str, str] | None = None,
        localization: Mapping[str, str] | None = None,
    ) -> None:
        """Make a reader.

        Args:
            model: The model, see ``LookmlProject``.
            dialect: sqlglot's name of its connection's.
            user_attributes: What Liquid may ask for, by name.
            localization: Texts by key.
        """
        self._model = model
        self._dialect = dialect
        self._user_attributes = user_attributes or {}
        self._localization = localization or {}
        self._renderer = Renderer()
        self._reader = OriginReader(dialect, self._renderer, self._values, self._columns_of)
        self._read: dict[str, _Read | None] = {}
        self._found: dict[tuple[str, str], tuple[tuple[Source, ...], Gap | None]] = {}
        self._aliases: dict[str, set[str]] | None = None

    def of(self, name: str) -> ViewLineage:
        """Where a view comes from.

        Args:
            name: A view that is visible in the model.

        Raises:
            KeyError: There is none of that name.
        """
        read = self._view(name)
        if read is None:
            raise KeyError(name)
        gaps = {Gap(None, reason): None for reason in read.origin.reasons}
        flows: dict[FieldFlow, None] = {}
        for wanted in read.view.fields:
            roots = read.roots.of(wanted.name)
            gaps.update({Gap(wanted.name, reason): None for reason in roots.reasons})
            for column in roots.columns:
                flows.update({FieldFlow(s, c, wanted.name): None for s, c in self._column(read, column, wanted, gaps)})
            for reference in roots.fields:
                flows.update(dict.fromkeys(self._of_other(reference, wanted, gaps)))
        sources = dict.fromkeys([*self._sources(read, gaps), *(flow.source for flow in flows)])
        sources.pop(ViewSource(name), None)
        return ViewLineage(
            view=name,
            sources=tuple(sources),
            flows=tuple(flow for flow in flows if flow.source != ViewSource(name)),
            gaps=tuple(gaps),
            sql=read.origin.written(read.origin.sqls[0]) if len(read.origin.sqls) == 1 else None,
            statements=tuple(self._statements(read)),
            is_derived=read.origin.is_derived,
            is_persistent=read.origin.is_persistent,
        )

    def _view(self, name: str) -> _Read | None:
        """A view that is read; those whose tables it needs are read before it, however long their chain is."""
        waiting = [name]
        opened: set[str] = set()
        while waiting:
            current = waiting[-1]
            view = None if current in self._read else self._model.view(current)
            others = [] if view is None or current in opened else needs(view)
            opened.add(current)
            unread = [other for other in others if other not in self._read and other not in opened]
            if unread:
                waiting.extend(unread)
                continue
            waiting.pop()
            if current not in self._read:
                self._read[current] = None if view is None else self._read_view(view)
        return self._read[name]

    def _read_view(self, view: View) -> _Read:
        values = self._values(view)

        def read(sql: str) -> Reads:
            return read_expression(sql, self._dialect, values, self._renderer)

        return _Read(view, self._reader.read(view), FieldRoots(view, read))

    def _values(self, view: View) -> LiquidValues:
        return LiquidValues(
            model=self._model.name or None,
            view=view.name,
            explores=self._model.used_views.get(view.name, ()),
            user_attributes=self._user_attributes,
            localization=self._localization,
            parameter=lambda path: self._parameter(view, path),
        )

    def _parameter(self, view: View, path: tuple[str, ...]) -> Field | None:
        *above, name = path
        owner = view if not above or above[-1] == view.name else self._model.view(above[-1])
        found = owner.by_name.get(name) if owner else None
        return found if found is not None and found.kind is FieldKind.PARAMETER else None

    def _columns_of(self, name: str) -> Sequence[str] | None:
        """The columns of a derived table that is read; those that need each other are reported with their sources."""
        read = self._read.get(name)
        if read is None:
            return None
        origin = read.origin
        if origin.explore is not None:
            return [column.name for column in origin.columns]
        outputs = {query.outputs for query in origin.queries}
        return outputs.pop() if len(outputs) == 1 else None

    def _sources(self, read: _Read, gaps: dict[Gap, None]) -> Iterator[Source]:
        origin = read.origin
        yield from (TableSource(names) for names in origin.tables)
        for query in origin.queries:
            for path in query.tables:
                if path in origin.stand_ins:
                    yield from self._sources_of_view(origin.stand_ins[path], read, gaps)
                else:
                    yield TableSource(path)
        if origin.same_as is not None:
            yield from self._sources_of_view(origin.same_as, read, gaps)
        if origin.explore is not None:
            if self._model.explore(origin.explore) is None:
                gaps[Gap(None, f"the explore {origin.explore!r} that it is made from is not in the model")] = None
            else:
                yield ExploreSource(origin.explore)

    def _sources_of_view(self, name: str, asker: _Read, gaps: dict[Gap, None]) -> tuple[Source, ...]:
        """What ``${name.SQL_TABLE_NAME}`` is: the view where it is a derived table, else its tables."""
        key = (asker.view.name, name)
        if key not in self._found:
            self._found[key] = self._find_sources(name, asker)
        sources, gap = self._found[key]
        if gap is not None:
            gaps[gap] = None
        return sources

    def _find_sources(self, name: str, asker: _Read) -> tuple[tuple[Source, ...], Gap | None]:
        read = self._view(name)
        if read is None:
            return (), Gap(None, f"the view {name!r} whose table it reads is not in the model")
        if self._needs(name, asker.view.name):
            return (), Gap(None, f"it and the view {name!r} read each other's tables")
        if read.origin.is_derived:
            return (ViewSource(name),), None
        return tuple(TableSource(names) for names in self._tables(read, set())), None

    def _tables(self, read: _Read, seen: set[str]) -> Iterator[Path]:
        yield from read.origin.tables
        other = read.origin.same_as
        if other is not None and other not in seen and (found := self._view(other)) is not None:
            yield from self._tables(found, {*seen, other})

    def _needs(self, name: str, wanted: str) -> bool:
        """Whether a view's table is made from another's, directly or not."""
        seen: set[str] = set()
        waiting = [name]
        while waiting:
            current = waiting.pop()
            if current == wanted:
                return True
            read = None if current in seen else self._view(current)
            seen.add(current)
            if read is not None:
                others = [*read.origin.stand_ins.values(), read.origin.same_as]
                waiting.extend(other for other in others if other is not None)
        return False

    def _column(
        self, read: _Read, column: Column, wanted: Field, gaps: dict[Gap, None]
    ) -> Iterator[tuple[Source, Column]]:
        """What flows into a column of a view's table or derived table."""
        origin = read.origin
        yield from ((TableSource(names), column) for names in origin.tables)
        if origin.same_as is not None:
            for source in self._sources_of_view(origin.same_as, read, gaps):
                yield from self._through(source, column, wanted, gaps)
        for query in origin.queries:
            pairs = query.into(column[0])
            if pairs is None:
                gaps[Gap(wanted.name, f"the column {column[0]!r} can't be told in the query of its view")] = None
            for path, name in pairs or ():
                if path not in origin.stand_ins:
                    yield TableSource(path), (name,)
                    continue
                for source in self._sources_of_view(origin.stand_ins[path], read, gaps):
                    yield from self._through(source, (name,), wanted, gaps)
        if origin.explore is not None:
            yield from self._native(origin, column[0], wanted, gaps)

    def _through(
        self, source: Source, column: Column, wanted: Field, gaps: dict[Gap, None]
    ) -> Iterator[tuple[Source, Column]]:
        if not isinstance(source, ViewSource):
            yield source, column
            return
        read = self._view(source.view)
        name = read.roots.exposing(column[0]) if read else None
        if name is None:
            gaps[Gap(wanted.name, f"the view {source.view!r} has no field that is its column {column[0]!r}")] = None
        else:
            yield source, (name,)

    def _native(
        self, origin: Origin, name: str, wanted: Field, gaps: dict[Gap, None]
    ) -> Iterator[tuple[Source, Column]]:
        explore = self._model.explore(origin.explore or "")
        if explore is None:
            return
        columns = {column.name.lower(): column for column in origin.columns}
        waiting, seen = [name.lower()], {name.lower()}
        while waiting:
            current = columns.get(waiting.pop())
            if current is None:
                gaps[Gap(wanted.name, f"the derived table has no column {name!r}")] = None
            elif current.field is not None:
                yield from self._explore_field(explore, current, wanted, gaps)
            else:
                reads = read_expression(current.sql or "", self._dialect, LiquidValues(), self._renderer)
                for column in reads.columns:
                    if column[0].lower() in columns and column[0].lower() not in seen:
                        seen.add(column[0].lower())
                        waiting.append(column[0].lower())
                gaps.update({Gap(wanted.name, reason): None for reason in reads.reasons})

    def _explore_field(
        self, explore: Explore, column: NativeColumn, wanted: Field, gaps: dict[Gap, None]
    ) -> Iterator[tuple[Source, Column]]:
        name = column.field or column.name
        full = name if "." in name else f"{explore.views[0].alias}.{name}"
        alias, _, own = full.rpartition(".")
        view = next((v.view for v in explore.views if v.alias == alias), None)
        found = self._model.view(view) if view else None
        if found is None or own not in found.by_name:
            gaps[Gap(wanted.name, f"the explore {explore.name!r} has no field {full!r}")] = None
        else:
            yield ExploreSource(explore.name), (full,)

    def _of_other(self, reference: Reference, wanted: Field, gaps: dict[Gap, None]) -> Iterator[FieldFlow]:
        """The field of another view that a field names, by the view's name or its alias in an explore."""
        alias = reference.view or ""
        if reference.name == "SQL_TABLE_NAME":
            gaps[Gap(wanted.name, f"the table of {alias!r} that it reads in a subquery is not followed")] = None
            return
        names = self._named(alias)
        found = [view for name in names if (view := self._model.view(name)) and reference.name in view.by_name]
        if len(found) != 1:
            many = "several views" if found else "no view that has it"
            gaps[Gap(wanted.name, f"{alias}.{reference.name}, which it refers to, is of {many}")] = None
        else:
            yield FieldFlow(ViewSource(found[0].name), (reference.name,), wanted.name)

    def _named(self, alias: str) -> set[str]:
        if self._model.view(alias) is not None:
            return {alias}
        if self._aliases is None:
            self._aliases = {}
            for name in self._model.explores:
                explore = self._model.explore(name)
                for other, view in explore.views if explore else ():
                    self._aliases.setdefault(other, set()).add(view)
        return self._aliases.get(alias, set())

    def _statements(self, read: _Read) -> Iterator[str]:
        origin = read.origin
        columns = {
            wanted.name: [column[0] for column in roots.columns]
            for wanted in read.view.fields
            if origin.sqls and (roots := read.roots.of(wanted.name)).columns
        }
        tables: dict[str, Sequence[Path]] = {}
        outputs: dict[str, Sequence[str]] = {}
        for path, name in origin.stand_ins.items():
            other = self._view(name)
            if other is None or other.origin.is_derived:
                outputs[path[0]] = self._columns_of(name) or ()
            else:
                tables[path[0]] = list(self._tables(other, set()))
        for sql in origin.sqls:
            made = statement_of(sql, columns, tables, outputs, self._dialect)
            if made is not None:
                yield made
