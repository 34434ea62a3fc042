"""Edges from the tables that views read to the views, resolved against the tables of one snapshot.

Two steps, so that columns are loaded only for tables that a view reads, and each SQL is parsed once: ``parse_view``
tells under which paths a view's tables may be found, ``ParsedView.edges`` makes the edges of what was found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ingest_assets.catalog import (
    OWN_CATALOGS,
    ColumnPair,
    ColumnReference,
    Edge,
    EntityType,
    Note,
    Origin,
    Parked,
    Reference,
    Table,
)
from ingest_assets.lineage.flows import Flow, Unread
from ingest_assets.lineage.sql import Query, parse_query

Path = tuple[str, ...]


class KnownTable(NamedTuple):
    """A table of the snapshot.

    Attributes:
        path: As the source spells it.
        columns: Names of its columns, as the source spells them.
    """

    path: Path
    columns: Sequence[str]


Find = Callable[[Path], KnownTable | None]
"""Looks a table up by its path in lower case."""


@dataclass(frozen=True)
class ParsedView:
    """A view with its parsed query.

    Attributes:
        view: The view.
        query: Its query.
        candidates: For each table that the query reads, the lower-cased paths where it may be, the likeliest first.
    """

    view: Table
    query: Query
    candidates: tuple[tuple[Path, ...], ...]

    def edges(self, find: Find) -> Iterator[Edge | Parked | Note]:
        """The edges into the view, one a table; a note if only its tables, not its columns could be told.

        Args:
            find: Answers for each of ``candidates``.
        """
        found = self._resolve(find)
        for reference in self.query.references:
            if reference not in found:
                reason = "no such table was read; it may be filtered, or lie in a catalog that the recipe does not read"
                yield Parked(target=self.view.reference, wanted=".".join(reference), reason=reason)
        flows = self.query.flows(lambda reference: found[reference].columns if reference in found else None)
        if isinstance(flows, Unread):
            yield Note(text=f"{self.view.reference} has lineage without columns: {flows.reason}.")
            flows = []
        for path in dict.fromkeys(table.path for table in found.values()):
            if path != self.view.path:
                yield self._edge(path, found, flows)

    def _resolve(self, find: Find) -> dict[Path, KnownTable]:
        found: dict[Path, KnownTable] = {}
        for reference, paths in zip(self.query.references, self.candidates, strict=True):
            table = next((table for path in paths if (table := find(path)) is not None), None)
            if table is not None:
                found[reference] = table
        return found

    def _edge(self, path: Path, found: dict[Path, KnownTable], flows: Sequence[Flow]) -> Edge:
        source = Reference(EntityType.TABLE, path)
        pairs = []
        for flow in flows:
            columns = dict.fromkeys(column for reference, column in flow.sources if found[reference].path == path)
            target = self._target(flow, len(flows))
            if columns and target is not None:
                origins = tuple(ColumnReference(source, (column,)) for column in columns)
                pairs.append(ColumnPair(origins, ColumnReference(self.view.reference, (target,))))
        return Edge(
            source=source, target=self.view.reference, origin=Origin.VIEW, columns=tuple(pairs), sql=self.view.sql
        )

    def _target(self, flow: Flow, width: int) -> str | None:
        """The view's column: by position if the query has as many, as a view may rename them, else by name."""
        columns = self.view.columns
        if flow.position is not None and width == len(columns):
            return columns[flow.position].name
        return next((column.name for column in columns if column.name.lower() == flow.name.lower()), None)


def parse_view(view: Table) -> ParsedView | Parked:
    """Parse a view's SQL.

    Args:
        view: A table with ``sql``.

    Returns:
        Parked without ``wanted`` if it can't be read: nothing is known of the view's edges then, and none of those
        that were written before may be dropped.
    """
    query = parse_query(view.sql or "", view.dialect)
    if isinstance(query, Unread):
        return Parked(target=view.reference, reason=query.reason)
    return ParsedView(view, query, tuple(tuple(_candidates(view, reference)) for reference in query.references))


def view_edges(views: Iterable[Table], find: Find) -> Iterator[Edge | Parked | Note]:
    """The edges into views, one view at a time; what has neither SQL nor lacks it (``unknown``) is passed by.

    Args:
        views: Tables of any kind.
        find: Looks up what their SQL names.
    """
    for view in views:
        if "sql" in view.unknown:
            yield Parked(target=view.reference, reason="its SQL is not shown to us")
        elif view.sql is not None:
            parsed = parse_view(view)
            yield from [parsed] if isinstance(parsed, Parked) else parsed.edges(find)


def _candidates(view: Table, reference: Path) -> Iterator[Path]:
    """Paths of a name in a view: complete it from where the view was made, else from the view's own place."""
    service, database, own_schema, _ = _lower(view.path)
    made_in, named = _lower(view.sql_namespace) or (own_schema,), _lower(reference)
    *catalog, schema, name = (*made_in[: max(0, len(made_in) + 1 - len(named))], *named)
    if not catalog:
        yield (service, database, schema, name)
        return
    word = ".".join(catalog)
    paths_name = {key.lower(): value.lower() for key, value in view.sql_databases}
    yield (service, paths_name.get(word, word), schema, name)
    # Who makes a view in the schema that the session is in, is in its catalog too, whatever the engine calls that.
    if word in OWN_CATALOGS or made_in == (word, own_schema):
        yield (service, database, schema, name)
    # Athena writes "s3tablescatalog/lake" for what Glue calls "123456789012:s3tablescatalog/lake".
    own_name = next((key for key, value in paths_name.items() if value == database), database)
    yield (service, f"{own_name.partition(':')[0]}:{word}", schema, name)


def _lower(path: Path) -> Path:
    return tuple(part.lower() for part in path)
