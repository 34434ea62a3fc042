"""A derived table's query with a view's fields as its columns, for those who know the columns of its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

Path = tuple[str, ...]

_FAULTS = (SqlglotError, RecursionError, LookupError, ValueError, TypeError, AttributeError, AssertionError)
_WHOLE = "lookml_whole"


def statement_of(
    sql: str,
    fields: Mapping[str, Sequence[str]],
    tables: Mapping[str, Sequence[Path]],
    outputs: Mapping[str, Sequence[str]],
    dialect: str | None,
) -> str | None:
    """The query in brackets, and over it each field as the columns that it is made from.

    Args:
        sql: One query.
        fields: Columns of the query by field.
        tables: By a stand-in within the query the table that it is; one that may be several makes no statement.
        outputs: By a stand-in the columns of the derived table that it is, which is no table of the database: only its
            columns' names remain.
        dialect: sqlglot's name of it.

    Returns:
        None where the query can't be read, reads no table of the database, or no field is made from a column.
    """
    if not fields or any(len(names) != 1 for names in tables.values()) or not all(outputs.values()):
        return None
    try:
        tree = sqlglot.parse_one(sql, dialect=dialect)
        for table in list(tree.find_all(exp.Table)):
            if table.name in tables and not table.db:
                _put(table, _table(tables[table.name][0]))
            elif table.name in outputs and not table.db:
                nulls = (exp.alias_(exp.null(), name, quoted=True) for name in outputs[table.name])
                _put(table, exp.select(*nulls).subquery())
        if not any(True for _ in tree.find_all(exp.Table)):
            return None
        whole = exp.select(*(_field(name, columns) for name, columns in fields.items()))
        inner = tree.subquery(_WHOLE) if isinstance(tree, exp.Query) else None
        return None if inner is None else whole.from_(inner).sql(dialect=dialect)
    except _FAULTS:
        return None


def _field(name: str, columns: Sequence[str]) -> exp.Expr:
    read = [exp.column(exp.to_identifier(column), table=_WHOLE) for column in dict.fromkeys(columns)]
    whole = read[0] if len(read) == 1 else exp.func("COALESCE", *read)
    return exp.alias_(whole, name, quoted=True)


def _put(table: exp.Table, other: exp.Expr) -> None:
    """In place of a stand-in, which keeps the name that the query knows it by."""
    alias = table.alias or table.name
    other.set("alias", exp.TableAlias(this=exp.to_identifier(alias)))
    table.replace(other)


def _table(path: Path) -> exp.Table:
    """A table by its name's parts, which are quoted since the path holds them as they are."""
    names = dict(zip(("this", "db", "catalog"), reversed(path), strict=False))
    return exp.Table(**{key: exp.to_identifier(part, quoted=True) for key, part in names.items()})
