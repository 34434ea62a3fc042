"""Which columns of which tables flow into the columns of a derived table's query. Pulls sqlglot.

The tables' own columns are not known here. What can only be told with them (stars over several tables, unqualified
columns of joins) is told as missing; ``lineage`` tells the same when the server's columns are at hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import sqlglot
from sqlglot import exp
from sqlglot.errors import OptimizeError, SqlglotError
from sqlglot.lineage import Node, lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope, traverse_scope
from sqlglot.schema import MappingSchema

LONGEST_SQL = 100_000
"""Characters of a query that is parsed."""

MOST_COLUMNS = 30_000
"""Columns of a query and all its parts, stars counted out, that are followed."""

_FAULTS = (SqlglotError, RecursionError, LookupError, ValueError, TypeError, AttributeError, AssertionError)
_MARK = "lookml"

Path = tuple[str, ...]
"""A table's name as it is written, in parts."""


class QueryFlows(NamedTuple):
    """What a query reads.

    Attributes:
        tables: Tables, each once, with as many parts as were written.
        outputs: Names of its columns in order; None where a star hides them.
        flows: By a column's name the table and column pairs that flow into it.
        star: The one table all of whose columns flow through; None where there is none, or not one.
        hidden: Lower-cased names of columns of parts within the query, which a star may bring.
        reasons: What is missing, and why.
    """

    tables: tuple[Path, ...] = ()
    outputs: tuple[str, ...] | None = None
    flows: Mapping[str, tuple[tuple[Path, str], ...]] = {}
    star: Path | None = None
    hidden: frozenset[str] = frozenset()
    reasons: tuple[str, ...] = ()

    @property
    def is_followed(self) -> bool:
        """Whether anything of its columns is known."""
        return self.outputs is not None or bool(self.flows) or self.star is not None

    def into(self, column: str) -> tuple[tuple[Path, str], ...] | None:
        """What flows into a column, compared without regard to case; None where that can't be told."""
        wanted = column.lower()
        for name, sources in self.flows.items():
            if name.lower() == wanted:
                return sources
        if self.star is not None and wanted not in self.hidden:
            return ((self.star, column),)
        return None


def read_query(sql: str, dialect: str | None, columns: Mapping[Path, Sequence[str]]) -> QueryFlows:
    """What one query reads, or the query of a ``CREATE TABLE ... AS`` or an ``INSERT``.

    Args:
        sql: One statement.
        dialect: sqlglot's name of it.
        columns: Columns of those tables in it whose columns are known.
    """
    if len(sql) > LONGEST_SQL:
        return QueryFlows(reasons=(f"its SQL of {len(sql)} characters is longer than {LONGEST_SQL}",))
    try:
        trees = [tree for tree in sqlglot.parse(sql, dialect=dialect) if tree is not None]
        found = [query for query in map(_query, trees) if query is not None]
    except _FAULTS as error:
        return QueryFlows(reasons=(f"its SQL could not be parsed as {dialect}: {_words(error)}",))
    if len(trees) != 1:
        return QueryFlows(reasons=(f"its SQL has {len(trees)} statements in place of one query",))
    if not found:
        return QueryFlows(reasons=("a statement that is no query is not followed",))
    return _read(found[0], columns)


def table_path(sql: str, dialect: str | None) -> Path | None:
    """The parts of a table's name, without quotes and alias; None if the text is no plain name."""
    try:
        tree = sqlglot.parse_one(f"SELECT 1 FROM {sql}", dialect=dialect)  # noqa: S608  # parsed, never run
    except _FAULTS:
        return None
    source = tree.args.get("from_")
    table = source.this if source is not None else None
    table = table.this if isinstance(table, exp.Final) else table
    if not isinstance(table, exp.Table) or not isinstance(table.this, (exp.Identifier, exp.Dot)):
        return None
    if tree.args.get("joins") or tree.args.get("where"):
        return None
    return tuple(part.name for part in table.parts)


def is_query(sql: str, dialect: str | None) -> bool:
    """Whether a text is a query, in brackets or without, and not a table's name."""
    try:
        return _query(sqlglot.parse_one(sql, dialect=dialect)) is not None
    except _FAULTS:
        return False


class Made(NamedTuple):
    """A statement that fills a table.

    Attributes:
        target: The table.
        query: What fills it, as SQL of the same dialect.
    """

    target: Path
    query: str


def made_by(sql: str, dialect: str | None) -> Made | None:
    """What a ``CREATE TABLE ... AS`` or ``INSERT INTO ... SELECT`` fills; None for any other statement."""
    try:
        tree = sqlglot.parse_one(sql, dialect=dialect)
        query = _query(tree) if isinstance(tree, (exp.Create, exp.Insert)) else None
        if query is None:
            return None
        target = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
        return Made(tuple(part.name for part in target.parts), query.sql(dialect=dialect))
    except _FAULTS:
        return None


def _query(tree: exp.Expr) -> exp.Query | None:
    if isinstance(tree, (exp.Create, exp.Insert)):
        tree = tree.expression
    tree = tree.unnest() if isinstance(tree, exp.Subquery) else tree
    return tree if isinstance(tree, exp.Query) else None


def _read(tree: exp.Query, columns: Mapping[Path, Sequence[str]]) -> QueryFlows:
    try:
        tables = _mark(tree)
    except _FAULTS as error:
        return QueryFlows(reasons=(f"its tables could not be told: {_words(error)}",))
    known = {number: columns[path] for number, path in enumerate(tables) if columns.get(path)}
    try:
        if _width(tree, known) > MOST_COLUMNS:
            return QueryFlows(tables, reasons=(f"its columns were not followed: there are more than {MOST_COLUMNS}",))
        try:
            return _follow(tree.copy(), tables, known)
        except OptimizeError:
            return _follow(tree, tables, {})  # what is known of a table contradicts the query
    except _FAULTS as error:
        return QueryFlows(tables, reasons=(f"its columns could not be followed: {_words(error)}",))


def _mark(tree: exp.Query) -> tuple[Path, ...]:
    numbers: dict[Path, int] = {}
    for scope in traverse_scope(tree):
        for source in scope.sources.values():
            if isinstance(source, exp.Table) and isinstance(source.this, (exp.Identifier, exp.Dot)):
                path = tuple(part.name for part in source.parts)
                source.meta[_MARK] = numbers.setdefault(path, len(numbers))
    return tuple(numbers)


def _width(tree: exp.Query, known: Mapping[int, Sequence[str]]) -> int:
    """Columns of all parts together, stars counted out: a short text of stars over stars can have millions."""
    widths: dict[int, int] = {}
    total = 0
    for scope in traverse_scope(tree):
        sources = {
            name: widths.get(id(source.expression), 1)
            if isinstance(source, Scope)
            else len(known.get(source.meta.get(_MARK, -1), ())) or 1
            for name, (_, source) in scope.selected_sources.items()
        }
        selects = scope.expression.selects if isinstance(scope.expression, exp.Select) else []
        width = sum(
            1 if not s.is_star else sources.get(s.table, 1) if isinstance(s, exp.Column) else sum(sources.values())
            for s in selects
        )
        widths[id(scope.expression)] = width
        total += width
        if total > MOST_COLUMNS:
            break
    return total


def _follow(tree: exp.Query, tables: tuple[Path, ...], known: Mapping[int, Sequence[str]]) -> QueryFlows:
    spelled: dict[str, str] = {}
    for identifier in tree.find_all(exp.Identifier):
        spelled.setdefault(identifier.name.lower(), identifier.name)
    for table in tree.find_all(exp.Table):
        if _MARK in table.meta:
            _rename(table)
    schema = MappingSchema({_stand_in(number): dict.fromkeys(names, "text") for number, names in known.items()})
    tree = qualify(tree, schema=schema, validate_qualify_columns=False, allow_partial_qualification=True)
    scope = build_scope(tree)
    nodes = lineage(None, tree, schema, scope=scope, trim_selects=False)
    flows: dict[str, tuple[tuple[Path, str], ...]] = {}
    reasons = []
    for name, node in nodes.items():
        if name == "*":
            continue
        sources = {(path, spelled.get(column.lower(), column)) for path, column in _leaves(node, tables)}
        flows[spelled.get(name.lower(), name)] = tuple(sorted(sources))
        if any(isinstance(leaf.source, exp.Placeholder) for leaf in node.walk()):
            reasons.append(f"the column {name} of its query is not followed: it does not say of which table it is")
    stars = None if scope is None else _stars(scope)
    star = tables[stars[0]] if stars is not None and len(stars) == 1 else None
    if stars is None or len(stars) > 1:
        reasons.append("its query selects all columns of tables that are not known here")
    parts = (part.expression for part in traverse_scope(tree))
    hidden = frozenset(s.alias_or_name.lower() for part in parts if isinstance(part, exp.Query) for s in part.selects)
    outputs = None if stars is None or stars else tuple(flows)
    return QueryFlows(tables, outputs, flows, star, hidden, tuple(reasons))


def _stars(scope: Scope) -> list[int] | None:
    """The tables whose columns all come through, by number; None where that can't be told."""
    if not isinstance(scope.expression, exp.Select):
        return None if any(select.is_star for select in getattr(scope.expression, "selects", ())) else []
    found: list[int] = []
    for select in scope.expression.selects:
        if not select.is_star:
            continue
        sources = dict(scope.selected_sources)
        wanted = [select.table] if isinstance(select, exp.Column) and select.table else list(sources)
        for name in wanted:
            source = sources[name][1] if name in sources else None
            if isinstance(source, Scope):
                inner = _stars(source)
                if inner is None:
                    return None
                found += inner
            elif isinstance(source, exp.Table) and _MARK in source.meta:
                found.append(source.meta[_MARK])
            else:
                return None
    return found


def _leaves(node: Node, tables: tuple[Path, ...]) -> Iterator[tuple[Path, str]]:
    for leaf in node.walk():
        if isinstance(leaf.source, exp.Table) and not leaf.downstream and _MARK in leaf.source.meta:
            column = exp.to_column(leaf.name).name
            if column and column != "*":
                yield tables[leaf.source.meta[_MARK]], column


def _rename(table: exp.Table) -> None:
    if not table.alias:
        table.set("alias", exp.TableAlias(this=exp.to_identifier(table.parts[-1].name, quoted=True)))
    table.set("this", exp.to_identifier(_stand_in(table.meta[_MARK])))
    table.set("db", None)
    table.set("catalog", None)


def _stand_in(number: int) -> str:
    return f"t{number}"


def _words(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return f"{type(error).__name__} {(str(error).splitlines() or [''])[0][:200]}".strip()
