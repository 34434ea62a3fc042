"""Columns of views traced to where they come from: tables, fields of other views, and fields of explores."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ingest_assets.sources.looker.lookml.derived import ExploreSource, NativeColumn, Source, TableSource, ViewSource
from ingest_assets.sources.looker.lookml.field_sql import Column
from ingest_assets.sources.looker.lookml.liquid import LiquidValues
from ingest_assets.sources.looker.lookml.models import Explore, Model
from ingest_assets.sources.looker.lookml.origins import Origins, ReadView
from ingest_assets.sources.looker.lookml.templating import Reference

MOST_HOPS = 20
"""Derived tables in a row whose columns are no fields, and that are looked through."""


class Landing(NamedTuple):
    """Where a column comes from.

    Attributes:
        source: What it is in.
        column: Its name there; of a view or an explore the field's name.
    """

    source: Source
    column: Column


class Tracer:
    """Traces within one model. What can't be told is yielded as a text that says why."""

    def __init__(self, model: Model, origins: Origins) -> None:
        self._model = model
        self._origins = origins
        self._aliases: dict[str, set[str]] | None = None

    def sources(self, read: ReadView) -> Iterator[Source | str]:
        """All that a view's rows come from."""
        origin = read.origin
        yield from (TableSource(names) for names in origin.tables)
        for query in origin.queries:
            for path in query.tables:
                if path in origin.stand_ins:
                    yield from self._behind(origin.stand_ins[path], read)
                else:
                    yield TableSource(path)
        if origin.same_as is not None:
            yield from self._behind(origin.same_as, read)
        if origin.explore is not None and self._model.explore(origin.explore) is None:
            yield f"the explore {origin.explore!r} that it is made from is not in the model"
        elif origin.explore is not None:
            yield ExploreSource(origin.explore)

    def column(self, read: ReadView, column: Column, hops: int = 0) -> Iterator[Landing | str]:
        """Where a column of a view's table or derived table comes from.

        Args:
            read: The view.
            column: The column, as the view's fields name it.
            hops: Derived tables that were looked through to get here.
        """
        origin = read.origin
        yield from (Landing(TableSource(names), column) for names in origin.tables)
        if origin.same_as is not None:
            yield from self._through(origin.same_as, read, column, hops)
        for query in origin.queries:
            pairs = query.into(column[0])
            if pairs is None and query.is_followed:  # else that is told of the view as a whole
                yield f"the column {column[0]!r} can't be told in the query of {_whose(read, hops)}"
            for path, name in pairs or ():
                if path in origin.stand_ins:
                    yield from self._through(origin.stand_ins[path], read, (name,), hops)
                else:
                    yield Landing(TableSource(path), (name,))
        if origin.explore is not None:
            yield from self._native(read, column[0])

    def field(self, reference: Reference) -> Iterator[Landing | str]:
        """The field of another view that is named by the view's name, or by its alias in an explore."""
        alias = reference.view or ""
        if reference.name == "SQL_TABLE_NAME":
            yield f"the table of {alias!r} that it reads in a subquery is not followed"
            return
        views = (self._model.view(name) for name in self._named(alias))
        found = [view.name for view in views if view is not None and reference.name in view.by_name]
        if len(found) == 1:
            yield Landing(ViewSource(found[0]), (reference.name,))
        else:
            of = "several views" if found else "no view that has it"
            yield f"{alias}.{reference.name}, which it refers to, is of {of}"

    def _behind(self, name: str, read: ReadView) -> Iterator[Source | str]:
        behind = self._origins.behind(name, read.view.name)
        yield from behind.sources
        if behind.reason is not None:
            yield behind.reason

    def _through(self, name: str, read: ReadView, column: Column, hops: int) -> Iterator[Landing | str]:
        """A column of ``${name.SQL_TABLE_NAME}``: the field that it is there, else what it is made from."""
        for source in self._origins.behind(name, read.view.name).sources:
            if not isinstance(source, ViewSource):
                yield Landing(source, column)
                continue
            other = self._origins.view(source.view)
            field = other.roots.exposing(column[0]) if other else None
            if field is not None:
                yield Landing(source, (field,))
            elif other is not None and hops < MOST_HOPS:
                yield from self.column(other, column, hops + 1)
            else:
                yield f"the view {source.view!r} has no field that is its column {column[0]!r}"

    def _native(self, read: ReadView, name: str) -> Iterator[Landing | str]:
        origin = read.origin
        explore = self._model.explore(origin.explore or "")
        if explore is None:
            return
        columns = {column.name.lower(): column for column in origin.columns}
        waiting, seen = [name.lower()], {name.lower()}
        while waiting:
            current = columns.get(waiting.pop())
            if current is None:
                yield f"the derived table has no column {name!r}"
            elif current.field is not None:
                yield self._of_explore(explore, current)
            else:
                reads = self._origins.expression(current.sql or "", LiquidValues(view=read.view.name))
                yield from reads.reasons
                named = dict.fromkeys(column[0].lower() for column in reads.columns)
                others = [other for other in named if other in columns and other not in seen]
                seen.update(others)
                waiting.extend(others)

    def _of_explore(self, explore: Explore, column: NativeColumn) -> Landing | str:
        name = column.field or column.name
        full = name if "." in name else f"{explore.views[0].alias}.{name}"
        alias, _, own = full.rpartition(".")
        view = next((view for known, view in explore.views if known == alias), None)
        found = self._model.view(view) if view else None
        if found is None or own not in found.by_name:
            return f"the explore {explore.name!r} has no field {full!r}"
        return Landing(ExploreSource(explore.name), (full,))

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


def _whose(read: ReadView, hops: int) -> str:
    return f"the view {read.view.name!r}" if hops else "its view"
