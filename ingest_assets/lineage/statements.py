"""Queries that read tables of other services, resolved against the columns that those have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingest_assets.catalog import ColumnPaths, Elsewhere, EntityType, ForeignEdge, Parked, Statement
from ingest_assets.lineage.sql import Flow, Query, Unread, parse_query
from ingest_assets.lineage.views import OWN_CATALOGS

Path = tuple[str, ...]


@dataclass(frozen=True)
class ReadStatement:
    """A statement with its parsed query.

    Attributes:
        statement: The statement.
        query: Its query.
        wanted: What each table of the query is called outside of it, by its name there.
    """

    statement: Statement
    query: Query
    wanted: Mapping[Path, Elsewhere]

    def tables(self) -> list[Elsewhere]:
        """The tables that it reads, each once."""
        return list(dict.fromkeys(self.wanted.values()))

    def edges(self, columns: Mapping[Elsewhere, Sequence[str]]) -> Iterator[ForeignEdge]:
        """An edge from each table; without columns where the query can't be followed, or a table is not known.

        Args:
            columns: Names of the columns of those tables that were found.
        """
        flows = self.query.flows(lambda name: columns.get(self.wanted[name]))
        known = [] if isinstance(flows, Unread) else flows
        for table in self.tables():
            pairs = [pair for flow in known if (pair := self._pair(flow, table, len(known))) is not None]
            yield ForeignEdge(
                source=table,
                target=self.statement.target,
                origin=self.statement.origin,
                columns=tuple(pairs),
                sql=self.statement.sql,
            )

    def _pair(self, flow: Flow, table: Elsewhere, width: int) -> ColumnPaths | None:
        sources = dict.fromkeys((column,) for name, column in flow.sources if self.wanted[name] == table)
        target = self._target(flow, width)
        return ColumnPaths(tuple(sources), (target,)) if sources and target is not None else None

    def _target(self, flow: Flow, width: int) -> str | None:
        """The target's column: the one of that name, else by position if the query has as many."""
        columns = self.statement.columns
        named = next((column for column in columns if column.lower() == flow.name.lower()), None)
        if named is None and flow.position is not None and width == len(columns):
            return columns[flow.position]
        return named


def read_statement(statement: Statement) -> ReadStatement | Parked:
    """Parse a statement; parked if it can't be read."""
    query = parse_query(statement.sql, statement.dialect)
    if isinstance(query, Unread):
        return Parked(target=statement.target, reason=query.reason)
    return ReadStatement(statement, query, {name: _elsewhere(statement, name) for name in query.references})


def _elsewhere(statement: Statement, name: Path) -> Elsewhere:
    """What a query's table is called outside of it: completed by where unqualified names belong."""
    missing = len(statement.namespace) + 1 - len(name)
    names = (*statement.namespace[: max(0, missing)], *name)
    if len(names) > 2 and names[0].lower() in OWN_CATALOGS:  # noqa: PLR2004  # database, schema and table
        names = names[1:]
    return Elsewhere(type=EntityType.TABLE, names=names, system=statement.system)
