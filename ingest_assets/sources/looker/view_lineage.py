"""From the lineage of LookML's views to edges of the catalog.

Tables are named as their system names them, and found on the server when a run is planned. A query is read then too
where its columns can be told by those of the real tables only. What can't be told is parked with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple, Protocol

from ingest_assets.catalog import (
    ColumnPair,
    ColumnPaths,
    ColumnReference,
    Edge,
    ForeignEdge,
    Note,
    Origin,
    Parked,
    Reference,
    Statement,
)
from ingest_assets.sources.looker.connections import Tables
from ingest_assets.sources.looker.lookml import bodies
from ingest_assets.sources.looker.lookml.derived import ExploreSource, Source, TableSource, ViewSource
from ingest_assets.sources.looker.lookml.explores import ExploreView
from ingest_assets.sources.looker.lookml.lineage import ViewLineage
from ingest_assets.sources.looker.lookml.models import View

_TOLD_BY_TABLES = (
    "can't be told in the query of its view",
    "selects all columns of tables that are not known here",
    "does not say of which table it is",
)
"""In the reasons of gaps that a query fills once the columns of its tables are known."""

_OF_COLUMNS = (
    *_TOLD_BY_TABLES,
    "its columns could not be followed",
    "its columns were not followed",
    "columns that pass",
)
"""In the reasons of gaps within which all tables are known, and columns are not."""

_NO_TABLE = "lookml_unknown"
"""In a query, for the name of a table that Liquid hides."""

_SHOWN = 5

Path = tuple[str, ...]


class Known(NamedTuple):
    """A data model that others refer to.

    Attributes:
        reference: What it is.
        columns: Names of its columns, in its order.
    """

    reference: Reference
    columns: Mapping[str, None]


class Around(Protocol):
    """What the views of one model refer to."""

    @property
    def tables(self) -> Tables:
        """Names the tables of its connection."""

    def view(self, name: str) -> Known | None:
        """The data model of a view; None where it has none."""

    def explore(self, name: str) -> Known | None:
        """The data model of an explore; None where Looker does not tell of it."""

    def view_name(self, name: str) -> str:
        """What the data model of a view is called, or would be."""

    def explore_name(self, name: str) -> str:
        """What the data model of an explore is called, or would be."""


def view_edges(
    view: View, known: Known, lineage: ViewLineage, around: Around
) -> Iterator[Edge | ForeignEdge | Statement | Parked | Note]:
    """All that flows into a view.

    Args:
        view: The view.
        known: Its data model.
        lineage: Where it comes from.
        around: What it refers to.
    """
    pairs = _pairs(lineage, known)
    sql = _written(view) or lineage.sql
    for source in lineage.sources:
        columns = pairs.get(source, {})
        match source:
            case TableSource(names):
                yield _of_table(names, columns, known, sql, around.tables)
            case ViewSource(name) if (other := around.view(name)) is not None:
                yield _of_model(other, columns, known, sql)
            case ViewSource(name):
                reason = f"it reads the view {name!r}, of which there is no data model"
                yield Parked(target=known.reference, wanted=around.view_name(name), reason=reason)
            case ExploreSource(name) if (other := around.explore(name)) is not None:
                yield _of_model(other, columns, known, sql)
            case ExploreSource(name):
                reason = f"it is made from the explore {name!r}, which is not shown to us, or left out"
                yield Parked(target=known.reference, wanted=around.explore_name(name), reason=reason)
    yield from _gaps(lineage, known, sql, around.tables)


def _gaps(lineage: ViewLineage, known: Known, sql: str | None, tables: Tables) -> Iterator[Statement | Parked | Note]:
    """What is missing, and the queries that may fill it once the columns of their tables are known."""
    queries = [query for query in lineage.statements if _NO_TABLE not in query]
    whole: dict[str, None] = {}
    columns: dict[str, list[str]] = {}
    fills = False
    for field, reason in lineage.gaps:
        if field is not None and field not in known.columns:
            continue
        if queries and _has(reason, _TOLD_BY_TABLES):
            fills = True
        elif field is None and not _has(reason, _OF_COLUMNS):
            whole[reason] = None
        else:
            columns.setdefault(field or "", []).append(reason)
    if fills:
        yield from (_statement(query, known, sql, tables) for query in queries)
    yield from (Parked(target=known.reference, reason=reason) for reason in whole)
    if columns:
        yield _note(known.reference, columns)


def _has(reason: str, words: Iterable[str]) -> bool:
    return any(each in reason for each in words)


def explore_edges(explore: Known, views: Iterable[ExploreView], around: Around) -> Iterator[Edge | Parked]:
    """What flows into an explore from its views, one edge a view.

    Args:
        explore: Its data model.
        views: Its views under their aliases.
        around: What it refers to.
    """
    found: dict[Reference, list[ColumnPair]] = {}
    for alias, name in views:
        view = around.view(name)
        if view is None:
            reason = f"it uses the view {name!r} as {alias!r}, of which there is no data model"
            yield Parked(target=explore.reference, wanted=around.view_name(name), reason=reason)
            continue
        pairs = found.setdefault(view.reference, [])
        for column in view.columns:
            if f"{alias}.{column}" in explore.columns:
                target = ColumnReference(explore.reference, (f"{alias}.{column}",))
                pairs.append(ColumnPair((ColumnReference(view.reference, (column,)),), target))
    for source, columns in found.items():
        yield Edge(source=source, target=explore.reference, origin=Origin.DASHBOARD, columns=tuple(columns))


def _pairs(lineage: ViewLineage, known: Known) -> dict[Source, dict[str, list[Path]]]:
    """Columns that flow into the view's, by source and the view's column."""
    pairs: dict[Source, dict[str, list[Path]]] = {}
    for source, column, field in lineage.flows:
        if field in known.columns:
            pairs.setdefault(source, {}).setdefault(field, []).append(column)
    return pairs


def _of_table(
    names: Path, columns: Mapping[str, list[Path]], known: Known, sql: str | None, tables: Tables
) -> ForeignEdge:
    return ForeignEdge(
        source=tables.named(names),
        target=known.reference,
        origin=Origin.DASHBOARD,
        columns=tuple(ColumnPaths(tuple(found), (field,)) for field, found in columns.items()),
        sql=sql,
    )


def _of_model(source: Known, columns: Mapping[str, list[Path]], known: Known, sql: str | None) -> Edge:
    """From a view or an explore, with the columns that it has: a server refuses the whole edge for one that is not."""
    pairs = []
    for field, found in columns.items():
        there = tuple(ColumnReference(source.reference, path) for path in found if path[0] in source.columns)
        if there:
            pairs.append(ColumnPair(there, ColumnReference(known.reference, (field,))))
    return Edge(source=source.reference, target=known.reference, origin=Origin.DASHBOARD, columns=tuple(pairs), sql=sql)


def _statement(query: str, known: Known, sql: str | None, tables: Tables) -> Statement:
    return Statement(
        target=known.reference,
        columns=(),
        sql=tables.unqualified(query),
        written=sql,
        flows=tuple(ColumnPaths(((name,),), (name,)) for name in known.columns),
        dialect=tables.system.dialect,
        system=tables.system.name,
        within=tables.within,
        namespace=tables.namespace,
    )


def _written(view: View) -> str | None:
    """A derived table's SQL as LookML has it."""
    derived = bodies.block(view.body, "derived_table")
    steps = bodies.texts(bodies.block(derived, "create_process"), "sql_steps")
    texts = (bodies.words(derived, "sql"), bodies.words(derived, "sql_create"), *(step.strip() for step in steps))
    return ";\n\n".join(filter(None, texts)) or None


def _note(reference: Reference, lacking: Mapping[str, list[str]]) -> Note:
    """One for all columns of a view."""
    told = (f"{name} ({'; '.join(why)})" if name else "; ".join(why) for name, why in lacking.items())
    shown = list(islice(told, _SHOWN))
    more = len(lacking) - len(shown)
    text = ", ".join(shown) + (f", and {more} more" if more else "")
    return Note(text=f"{reference} has columns whose lineage is not known in full: {text}.")
