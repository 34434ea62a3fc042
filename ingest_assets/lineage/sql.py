"""A query's tables, and which of their columns flow into which of its own. Pulls sqlglot: imported in runs only.

Names are compared without regard to case, as Glue's engines do, and come back in the spelling of the real columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import Node, lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope, traverse_scope
from sqlglot.schema import MappingSchema

from ingest_assets.lineage.flows import ColumnsOf, Flow, Unread

LONGEST_SQL = 100_000
"""Characters. As many are parsed in about half a second, which can't be cut short in a thread."""

MOST_COLUMNS = 30_000
"""Columns of a query and all its parts, stars counted out, that are followed; about five seconds' work."""

# What sqlglot is known to raise on text that it does not understand, besides its own: it descends recursively, and
# looks into trees without checking them. Text of others must cost no more than its own lineage.
_FAULTS = (SqlglotError, RecursionError, LookupError, ValueError, TypeError, AttributeError, AssertionError)

_MARK = "reference"

_Spelled = dict[tuple[str, ...], dict[str, str]]  # reference -> lower-cased column -> column


class Query:
    """A parsed query.

    Attributes:
        references: Tables that it reads, each once, with as many name parts as were written.
    """

    def __init__(self, tree: exp.Query, names: Sequence[str] = ()) -> None:
        self._tree = tree
        self._names = names
        self.references = _mark_tables(tree)

    def flows(self, columns_of: ColumnsOf) -> list[Flow] | Unread:
        """Which columns flow into which.

        A column that can't be told from the names (an unqualified one that two tables may have, of which one is
        unknown) is left out; nothing is guessed.

        Args:
            columns_of: The columns of one of ``references``, in their real spelling; None where they are not known.
        """
        spelled = {reference: _spellings(columns_of(reference) or ()) for reference in self.references}
        try:
            if (width := self._width(spelled)) > MOST_COLUMNS:
                return Unread(f"its columns could not be followed: its parts have {width} of them")
            return list(self._flows(spelled))
        except _FAULTS as error:
            return Unread(f"its columns could not be followed: {_words(error)}")

    def _width(self, spelled: _Spelled) -> int:
        """Columns of all parts together, stars counted out: a short text of stars over stars can have millions."""
        widths: dict[int, int] = {}
        total = 0
        for scope in traverse_scope(self._tree):
            sources = {
                name: widths.get(id(source.expression), 1)
                if isinstance(source, Scope)
                else self._columns(source, spelled)
                for name, (_, source) in scope.selected_sources.items()
            }
            selects = scope.expression.selects if isinstance(scope.expression, exp.Select) else []
            widths[id(scope.expression)] = width = sum(_width_of(select, sources) for select in selects)
            total += width
            if total > MOST_COLUMNS:
                break
        return total

    def _columns(self, table: exp.Expr, spelled: _Spelled) -> int:
        return len(spelled[self.references[table.meta[_MARK]]]) if _MARK in table.meta else 1

    def _flows(self, spelled: _Spelled) -> Iterator[Flow]:
        tree = self._tree.copy()
        # Each table gets a plain name of its own: sqlglot's schema takes no paths of different lengths.
        for table in tree.find_all(exp.Table):
            if _MARK in table.meta:
                _rename(table, _stand_in(table.meta[_MARK]))
        named = self._named(spelled)
        schema = MappingSchema(
            {
                _stand_in(n): dict.fromkeys([*spelled[r], *named[r]], "text")
                for n, r in enumerate(self.references)
                if spelled[r]
            },
            normalize=False,
        )
        tree = qualify(tree, schema=schema, validate_qualify_columns=False)
        scope = build_scope(tree)
        nodes = lineage(None, tree, schema, scope=scope, trim_selects=False)
        starred = any(select.is_star for select in tree.selects)
        for position, (name, node) in enumerate(nodes.items()):
            if name != "*":
                yield Flow(
                    None if starred else position,
                    self._names[position] if position < len(self._names) and not starred else name,
                    # sqlglot collects them in sets, whose order differs from process to process.
                    tuple(sorted(set(self._leaves(node, spelled)))),
                )

    def _named(self, spelled: _Spelled) -> dict[tuple[str, ...], dict[str, None]]:
        """Names by which the query itself says whose they are, and that are not among the tables' in that spelling.

        One in quotes keeps its case, one may be newer than what is known of its table, and some, as ``"$path"``, are of
        every table. sqlglot would give up the whole query for any of them.
        """
        named: dict[tuple[str, ...], dict[str, None]] = {reference: {} for reference in self.references}
        for scope in traverse_scope(self._tree):
            sources = {name.lower(): source for name, source in scope.sources.items()}
            for column in scope.columns:
                table = sources.get(column.table.lower())
                if isinstance(table, exp.Table) and _MARK in table.meta:
                    reference = self.references[table.meta[_MARK]]
                    name = column.name if column.this.args.get("quoted") else column.name.lower()
                    if name not in spelled[reference]:
                        named[reference][name] = None
        return named

    def _leaves(self, node: Node, spelled: _Spelled) -> Iterator[tuple[tuple[str, ...], str]]:
        for leaf in node.walk():
            if isinstance(leaf.source, exp.Table) and not leaf.downstream and _MARK in leaf.source.meta:
                reference = self.references[leaf.source.meta[_MARK]]
                column = spelled[reference].get(exp.to_column(leaf.name).name.lower())
                if column is not None:
                    yield reference, column


def parse_query(sql: str, dialect: str | None) -> Query | Unread:
    """Parse a query, or the query of a ``CREATE VIEW``.

    Args:
        sql: One statement, of at most ``LONGEST_SQL`` characters.
        dialect: sqlglot's name of it.
    """
    if len(sql) > LONGEST_SQL:
        return Unread(f"its SQL of {len(sql)} characters is longer than {LONGEST_SQL}")
    try:
        statements = [statement for statement in sqlglot.parse(sql, dialect=dialect) if statement is not None]
        return _query(statements)
    except _FAULTS as error:
        return Unread(f"its SQL could not be parsed as {dialect}: {_words(error)}")


def _query(statements: Sequence[exp.Expr]) -> Query | Unread:
    if len(statements) != 1:
        return Unread(f"its SQL has {len(statements)} statements in place of one query")
    tree = statements[0]
    names: list[str] = []
    if isinstance(tree, exp.Create):
        names = [column.name for column in tree.this.expressions] if isinstance(tree.this, exp.Schema) else []
        tree = tree.expression
    tree = tree.unnest() if isinstance(tree, exp.Subquery) else tree
    return Query(tree, names) if isinstance(tree, exp.Query) else Unread("its SQL is not a query")


def _mark_tables(tree: exp.Query) -> tuple[tuple[str, ...], ...]:
    """Number the real tables: names of CTEs, subqueries and functions are none."""
    numbers: dict[tuple[str, ...], int] = {}
    for scope in traverse_scope(tree):
        for source in scope.sources.values():
            if isinstance(source, exp.Table) and isinstance(source.this, (exp.Identifier, exp.Dot)):
                parts = tuple(part.name for part in source.parts)
                source.meta[_MARK] = numbers.setdefault(parts, len(numbers))
    return tuple(numbers)


def _spellings(names: Sequence[str]) -> dict[str, str]:
    """In the table's order, which a star has too; of two names that differ by case only the first counts."""
    spelled: dict[str, str] = {}
    for name in names:
        spelled.setdefault(name.lower(), name)
    return spelled


def _width_of(select: exp.Expr, sources: dict[str, int]) -> int:
    if not select.is_star:
        return 1
    table = select.table if isinstance(select, exp.Column) else ""
    return sources.get(table, 1) if table else sum(sources.values())


def _rename(table: exp.Table, name: str) -> None:
    if not table.alias:
        table.set("alias", exp.TableAlias(this=exp.to_identifier(table.parts[-1].name, quoted=True)))
    table.set("this", exp.to_identifier(name))
    table.set("db", None)
    table.set("catalog", None)


def _stand_in(number: int) -> str:
    return f"t{number}"


def _words(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return f"{type(error).__name__} {(str(error).splitlines() or [''])[0][:200]}".strip()
