"""Column types in OpenMetadata's words, whatever text they come from.

How nested types are shown, so that a server accepts them and every field can be described, tagged and linked:

* a struct's fields are its children, also where there are none;
* an array has the children of its items: those of ``array<array<struct<a:int>>>`` are ``a``;
* a map whose keys or values have fields has the children ``key`` and ``value``; any other map has none;
* a union of which a member has fields has the children ``field0``, ``field1``, ..., Trino's names for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest_assets.catalog import Column, NameRules

UNKNOWN = "UNKNOWN"

_DATA_TYPES = {
    "bigint": "BIGINT",
    "binary": "BINARY",
    "bool": "BOOLEAN",
    "boolean": "BOOLEAN",
    "byte": "TINYINT",
    "char": "CHAR",
    "character": "CHAR",
    "date": "DATE",
    "datetime": "DATETIME",
    "dec": "DECIMAL",
    "decimal": "DECIMAL",
    "double": "DOUBLE",
    "double precision": "DOUBLE",
    "fixed": "FIXED",
    "float": "FLOAT",
    "geography": "GEOGRAPHY",
    "geometry": "GEOMETRY",
    "int": "INT",
    "integer": "INT",
    "interval": "INTERVAL",
    "interval day to second": "INTERVAL",
    "interval year to month": "INTERVAL",
    "interval_day_time": "INTERVAL",
    "interval_year_month": "INTERVAL",
    "ipaddress": "INET",
    "json": "JSON",
    "long": "LONG",
    "null": "NULL",
    "numeric": "NUMERIC",
    "real": "FLOAT",
    "short": "SMALLINT",
    "smallint": "SMALLINT",
    "string": "STRING",
    "super": "SUPER",
    "text": "TEXT",
    "time": "TIME",
    "time with time zone": "TIME",
    "timestamp": "TIMESTAMP",
    "timestamp with local time zone": "TIMESTAMPZ",
    "timestamp with time zone": "TIMESTAMPZ",
    "timestamp without time zone": "TIMESTAMP",
    "timestamp_ltz": "TIMESTAMPZ",
    "timestamp_ntz": "TIMESTAMP",
    "timestamptz": "TIMESTAMPZ",
    "tinyint": "TINYINT",
    "uuid": "UUID",
    "varbinary": "VARBINARY",
    "varchar": "VARCHAR",
    "variant": "VARIANT",
    "void": "NULL",
}
# A server refuses these four without a length. Without one in the source: Hive's longest varchar, SQL's char, and for
# bytes, which have no limit, what OpenMetadata's own connectors send.
_NEED_LENGTH = {"CHAR": 1, "VARCHAR": 65535, "BINARY": 1, "VARBINARY": 1}
_MAY_HAVE_LENGTH = _NEED_LENGTH.keys() | {"FIXED"}
_DECIMALS = {"DECIMAL", "NUMERIC"}
_MOST_DIGITS = 9  # of a length or precision: more would not fit the server's integers
_PRIMITIVE = re.compile(r"([^()\[\]]*)(?:[(\[]([^()\[\]]*)[)\]])?([^()\[\]]*)")


@dataclass(frozen=True)
class ColumnType:
    """A type; see ``catalog.Column`` for what the attributes mean."""

    data_type: str
    display: str
    array_data_type: str | None = None
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    children: tuple[Column, ...] = ()

    def column(self, name: str, description: str | None = None) -> Column:
        """A column of this type."""
        return Column(
            name=name,
            data_type=self.data_type,
            data_type_display=self.display,
            array_data_type=self.array_data_type,
            data_length=self.length,
            precision=self.precision,
            scale=self.scale,
            description=description,
            children=self.children,
        )


def unknown(text: str) -> ColumnType:
    """A type that OpenMetadata has no word for, or that can't be read; its text is kept."""
    return ColumnType(UNKNOWN, text or "unknown")


def primitive(text: str) -> ColumnType:
    """A type without parts, e.g. ``decimal(10,2)`` or ``timestamp(3) with time zone``."""
    match = _PRIMITIVE.fullmatch(text)
    if match is None:
        return unknown(text)
    data_type = _DATA_TYPES.get(" ".join(f"{match[1]} {match[3]}".lower().split()))
    if data_type is None:
        return unknown(text)
    numbers = _numbers(match[2])
    if data_type in _MAY_HAVE_LENGTH:
        length = numbers[0] if numbers else _NEED_LENGTH.get(data_type)
        return ColumnType(data_type, text, length=length)
    if data_type in _DECIMALS and numbers:
        precision, scale = numbers[0], (numbers[1] if len(numbers) > 1 else None)
        # A server refuses more digits after the point than there are.
        return ColumnType(data_type, text, precision=precision, scale=scale if (scale or 0) <= precision else None)
    return ColumnType(data_type, text)


def array_of(item: ColumnType, display: str) -> ColumnType:
    """An array of items of one type."""
    return ColumnType("ARRAY", display, array_data_type=item.data_type, children=item.children)


def set_of(item: ColumnType, display: str) -> ColumnType:
    """A set of items of one type."""
    return ColumnType("SET", display, children=item.children)


def map_of(key: ColumnType, value: ColumnType, display: str) -> ColumnType:
    """A map from keys to values."""
    has_fields = bool(key.children or value.children)
    return ColumnType("MAP", display, children=(key.column("key"), value.column("value")) if has_fields else ())


def union_of(members: Sequence[ColumnType], display: str) -> ColumnType:
    """A value of one of several types."""
    has_fields = any(member.children for member in members)
    fields = (member.column(f"field{number}") for number, member in enumerate(members))
    return ColumnType("UNION", display, children=tuple(fields) if has_fields else ())


def struct_of(fields: Iterable[Column], display: str) -> ColumnType:
    """A record of named fields."""
    return ColumnType("STRUCT", display, children=distinct(fields))


def distinct(columns: Iterable[Column]) -> tuple[Column, ...]:
    """Columns whose names a server can tell apart; it refuses a table in which a name is repeated.

    A repeated column is left out if it has the same type, else its name is given a number: ``total``, ``total_2``.
    Case tells two names apart.
    """
    rules = NameRules()
    kept: dict[str, Column] = {}
    numbers: dict[str, int] = {}
    for column in columns:
        key = rules.name(column.name)
        if key not in kept:
            kept[key] = column
        elif kept[key].model_copy(update={"description": column.description}) != column:
            name, number = column.name, numbers.get(key, 1)
            while (spelled := rules.name(name)) in kept:
                number += 1
                name = f"{column.name}_{number}"
            numbers[key] = number
            kept[spelled] = column.model_copy(update={"name": name})
    return tuple(kept.values())


def _numbers(text: str | None) -> list[int]:
    parts = [part.strip() for part in (text or "").split(",")]
    good = all(part.isascii() and part.isdigit() and len(part) <= _MOST_DIGITS for part in parts)
    return [int(part) for part in parts] if good else []
