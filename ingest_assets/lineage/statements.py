"""Queries that read tables of other services, resolved against the columns that those have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingest_assets.catalog import OWN_CATALOGS, ColumnPaths, Elsewhere, EntityType, ForeignEdge, Statement
from ingest_assets.lineage.flows import Flow, Parse, Readable, Unread

Path = tuple[str, ...]

_ON_GLUE = frozenset({"athena", "glue", "spark"})
"""Systems that call Glue's own catalog by words of theirs; elsewhere these are catalogs like any other."""


@dataclass(frozen=True)
class ReadStatement:
    """A statement with its query.

    Attributes:
        statement: The statement.
        query: Its query, parsed now or in an earlier run.
        wanted: What each table of the query is called outside of it, by its name there.
    """

    statement: Statement
    query: Readable
    wanted: Mapping[Path, Elsewhere]

    def tables(self) -> list[Elsewhere]:
        """The tables that it reads, each once, but for what it fills itself."""
        read = dict.fromkeys((*self.wanted.values(), *(each.table for each in self.statement.reads)))
        return [table for table in read if table != self.statement.target]

    def edges(self, columns: Mapping[Elsewhere, Sequence[str]]) -> Iterator[ForeignEdge]:
        """An edge from each table; without columns where the query can't be followed, or a table is not known.

        Args:
            columns: Names of the columns of those tables that were found.
        """
        flows = self.query.flows(lambda name: columns.get(self.wanted[name]))
        known = [] if isinstance(flows, Unread) else flows
        yield from _edges(self.statement, ((table, self._pairs(known, table)) for table in self.tables()))

    def _pairs(self, flows: Sequence[Flow], table: Elsewhere) -> Iterator[ColumnPaths]:
        pairs: dict[str, dict[Path, None]] = {}
        for flow in flows:
            columns: list[Path] = [(column,) for name, column in flow.sources if self.wanted[name] == table]
            for target in self._targets(flow, len(flows)) if columns else ():
                pairs.setdefault(target, {}).update(dict.fromkeys(columns))
        return (ColumnPaths(tuple(sources), (target,)) for target, sources in pairs.items())

    def _targets(self, flow: Flow, width: int) -> list[str]:
        """The target's columns that one of the query's flows into."""
        name = self._called(flow, width)
        if self.statement.flows is None:
            return [] if name is None else [name]
        called = (flow.name if name is None else name).lower()
        return [
            target[0] for sources, target in self.statement.flows if any(path[0].lower() == called for path in sources)
        ]

    def _called(self, flow: Flow, width: int) -> str | None:
        """What others call a column of the query: as it does itself, else by position if they know as many."""
        columns = self.statement.columns
        if isinstance(self.statement.target, Elsewhere):
            return flow.name
        named = next((column for column in columns if column.lower() == flow.name.lower()), None)
        if named is None and flow.position is not None and width == len(columns):
            return columns[flow.position]
        return named


def read_statement(statement: Statement, parse: Parse) -> ReadStatement | Unread:
    """Read a statement.

    Args:
        statement: The statement.
        parse: Reads its SQL.
    """
    query = parse(statement.sql, statement.dialect)
    if isinstance(query, Unread):
        return query
    known = {each.named: each.table for each in statement.reads}
    wanted = {name: known.get(_lower(name)) or _elsewhere(statement, name) for name in query.references}
    return ReadStatement(statement, query, wanted)


def bare_edges(statement: Statement) -> Iterator[ForeignEdge]:
    """Edges without columns, from the tables that a statement is known to read though it can't be read itself."""
    tables = dict.fromkeys(each.table for each in statement.reads)
    return _edges(statement, ((table, ()) for table in tables if table != statement.target))


def _edges(statement: Statement, tables: Iterable[tuple[Elsewhere, Iterable[ColumnPaths]]]) -> Iterator[ForeignEdge]:
    for table, columns in tables:
        yield ForeignEdge(
            source=table,
            target=statement.target,
            origin=statement.origin,
            columns=tuple(columns),
            sql=statement.written or statement.sql,
        )


def _lower(name: Path) -> Path:
    return tuple(part.lower() for part in name)


def _elsewhere(statement: Statement, name: Path) -> Elsewhere:
    """What a query's table is called outside of it: completed by where unqualified names belong."""
    missing = len(statement.namespace) + 1 - len(name)
    names = (*statement.namespace[: max(0, missing)], *name)
    # A schema that is not known leaves nothing to be said of the database above it.
    names = names[names.index("") + 1 :] if "" in names else names
    own = statement.system is None or statement.system in _ON_GLUE
    if own and len(names) > 2 and names[0].lower() in OWN_CATALOGS:  # noqa: PLR2004  # database, schema and table
        names = names[1:]
    return Elsewhere(type=EntityType.TABLE, names=names, system=statement.system, within=statement.within)
