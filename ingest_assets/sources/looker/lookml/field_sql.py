"""What the expressions of fields read: columns of their view's table, and other fields. Pulls sqlglot.

An expression is parsed in the dialect of its connection. One that can't be is read by its tokens: then all that it
names by ``${...}`` is found, but not columns that stand there without ``${TABLE}``.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from ingest_assets.sources.looker.lookml.liquid import LiquidValues, Renderer, has_liquid
from ingest_assets.sources.looker.lookml.templating import Reference, of_production, replaced, without_liquid

LONGEST_SQL = 20_000
"""Characters of an expression that is parsed."""

_FAULTS = (SqlglotError, RecursionError, LookupError, ValueError, TypeError, AttributeError, AssertionError)
_TABLE = "lookml_table"
_FIELD = "lookml_field_"
_QUOTED = r"\"(?:[^\"]|\"\")+\"|`[^`]+`|\[[^\]]+\]"
_PART = rf"(?:{_QUOTED}|[A-Za-z_][\w$]*)"
_OWN = re.compile(rf"\$\{{\s*TABLE\s*\}}((?:\s*\.\s*{_PART})+)")
_PARTS = re.compile(_PART)
_PLAIN = re.compile(rf"\s*\$\{{\s*TABLE\s*\}}\s*\.\s*({_PART})\s*")
_FIELD_ONLY = re.compile(r"\s*\$\{\s*((?!TABLE\b)[\w.]+)\s*\}\s*")

Column = tuple[str, ...]
"""Names of a column and, within it, of fields of a struct, without quotes."""


class Reads(NamedTuple):
    """What an expression reads.

    Attributes:
        columns: Of the view's own table, each once.
        fields: Other fields, as written, each once.
        is_plain: Whether it is one column or field and nothing else.
        reasons: What may be missing, and why.
    """

    columns: tuple[Column, ...] = ()
    fields: tuple[Reference, ...] = ()
    is_plain: bool = False
    reasons: tuple[str, ...] = ()


def read_expression(sql: str, dialect: str | None, values: LiquidValues, renderer: Renderer) -> Reads:
    """What one expression reads.

    Args:
        sql: With constants filled in, and with Liquid.
        dialect: sqlglot's name of it.
        values: What Liquid may ask for.
        renderer: Renders it.
    """
    if plain := _PLAIN.fullmatch(sql):
        return Reads(columns=((_unquoted(plain[1]),),), is_plain=True)
    if only := _FIELD_ONLY.fullmatch(sql):
        view, _, name = only[1].rpartition(".")
        return Reads(fields=(Reference(view or None, name),), is_plain=True)
    if not has_liquid(sql):
        return _read(of_production(sql), dialect, values.view)
    rendering = renderer.render(of_production(sql), values)
    parts = [_read(text, dialect, values.view) for text in rendering.texts if text.strip()]
    if rendering.reasons:
        parts.append(_by_tokens(without_liquid(of_production(sql)), rendering.reasons))
    return joined(parts)


def joined(parts: list[Reads]) -> Reads:
    """What several expressions of one field read together."""
    if len(parts) == 1:
        return parts[0]
    return Reads(
        columns=tuple(dict.fromkeys(column for part in parts for column in part.columns)),
        fields=tuple(dict.fromkeys(field for part in parts for field in part.fields)),
        reasons=tuple(dict.fromkeys(reason for part in parts for reason in part.reasons)),
    )


def _read(sql: str, dialect: str | None, view: str | None) -> Reads:
    if len(sql) > LONGEST_SQL:
        return _by_tokens(sql, (f"its SQL of {len(sql)} characters is longer than {LONGEST_SQL}",))
    named: list[Reference] = []
    try:
        tree = sqlglot.parse_one(f"SELECT {replaced(sql, lambda found: _stand_in(found, named))}", dialect=dialect)
        return _of_tree(tree, named, view)
    except _FAULTS as error:
        words = (str(error).splitlines() or [""])[0][:120]
        return _by_tokens(sql, (f"its SQL could not be parsed as {dialect}: {type(error).__name__} {words}".strip(),))


def _stand_in(found: Reference, named: list[Reference]) -> str:
    if found == Reference(None, "TABLE"):
        return _TABLE
    if found not in named:
        named.append(found)
    return f"{_FIELD}{named.index(found)}"


def _of_tree(tree: exp.Expr, named: list[Reference], view: str | None) -> Reads:
    columns: dict[Column, None] = {}
    fields: dict[Reference, None] = {}
    reasons: dict[str, None] = {}
    has_subquery = sum(1 for _ in tree.find_all(exp.Select)) > 1
    if any(True for _ in tree.find_all(exp.Table)):
        reasons["tables that it reads in a subquery are not followed"] = None
    for column in tree.find_all(exp.Column):
        first, *rest = (part.name for part in column.parts)
        if first == _TABLE and rest:
            columns[tuple(rest)] = None
        elif first.startswith(_FIELD) and first.removeprefix(_FIELD).isdigit():
            fields[named[int(first.removeprefix(_FIELD))]] = None
        elif has_subquery:
            continue  # of whatever is there
        elif not rest or first == view:
            # Handed to the database as it is: of the view's table, unless a join has a column of that name too.
            columns[tuple(rest) or (first,)] = None
        else:
            reasons[f"{column.sql()} is not followed: it names a table without ${{}}"] = None
    # What stands where no column can, such as within a string, is still named.
    fields.update(dict.fromkeys(named))
    return Reads(tuple(columns), tuple(fields), reasons=tuple(reasons))


def _by_tokens(sql: str, reasons: tuple[str, ...]) -> Reads:
    columns = [tuple(map(_unquoted, _PARTS.findall(match[1]))) for match in _OWN.finditer(sql)]
    named: list[Reference] = []
    replaced(sql, lambda found: _stand_in(found, named))
    return Reads(tuple(dict.fromkeys(columns)), tuple(named), reasons=reasons)


def _unquoted(part: str) -> str:
    if part[0] == '"':
        return part[1:-1].replace('""', '"')
    return part[1:-1] if part[0] in "`[" else part
