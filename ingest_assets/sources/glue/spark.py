"""What Spark keeps in table parameters: the schema that Glue's own columns can't hold, the place a view was made in.

Spark stores a table that Hive can't read, such as a Delta table, with one placeholder column, and the true schema as
JSON in ``spark.sql.sources.schema``, or in numbered parts where it is longer than a parameter may be.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ingest_assets.catalog import Column
from ingest_assets.sources.glue.shapes import GlueColumn
from ingest_assets.sources.glue.type_text import parse_type
from ingest_assets.sources.glue.types import ColumnType, array_of, distinct, map_of, struct_of, unknown

_PREFIX = "spark.sql.sources.schema"
_MOST_PARTS = 10_000
_SQL_NAMES = {"integer": "int", "long": "bigint", "short": "smallint", "byte": "tinyint"}


def is_placeholder(columns: list[GlueColumn]) -> bool:
    """Whether these are not the table's columns but what stands in for them."""
    return not columns or (
        len(columns) == 1 and columns[0].name == "col" and columns[0].type in {"array<string>", "string", "binary"}
    )


def spark_columns(parameters: Mapping[str, str | None]) -> tuple[Column, ...] | None:
    """The columns that Spark's schema lists; None if there is none, or it can't be read."""
    text = _schema_text(parameters)
    if text is None:
        return None
    try:
        return distinct(_fields(json.loads(text)))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None  # another writer's parameter of the same name: Glue's own columns are the better answer


def spark_partition_keys(parameters: Mapping[str, str | None]) -> tuple[str, ...]:
    """Names of the partition columns that Spark lists."""
    names = (parameters.get(f"{_PREFIX}.partCol.{number}") for number in range(_count(parameters, "numPartCols")))
    return tuple(name for name in names if name)


def spark_namespace(parameters: Mapping[str, str | None]) -> tuple[str, ...]:
    """Catalog and database of the session that made a view, which its unqualified names belong to; empty if unknown.

    Spark 2 knew one catalog, and wrote the database alone.
    """
    if "view.catalogAndNamespace.numParts" not in parameters:
        database = parameters.get("view.default.database")
        return (database,) if database else ()
    catalog, database = (parameters.get(f"view.catalogAndNamespace.part.{number}") for number in range(2))
    return (catalog, database) if catalog and database else ()


def _schema_text(parameters: Mapping[str, str | None]) -> str | None:
    parts = [parameters.get(f"{_PREFIX}.part.{number}") for number in range(_count(parameters, "numParts"))]
    if not parts:
        return parameters.get(_PREFIX)
    present = [part for part in parts if part is not None]
    return "".join(present) if len(present) == len(parts) else None


def _count(parameters: Mapping[str, str | None], name: str) -> int:
    text = parameters.get(f"{_PREFIX}.{name}") or ""
    return min(int(text), _MOST_PARTS) if text.isascii() and text.isdigit() and len(text) < len("1000000") else 0


def _fields(struct: Mapping[str, Any]) -> Iterator[Column]:
    for field in struct["fields"]:
        comment = field.get("metadata", {}).get("comment")
        yield _type(field["type"]).column(field["name"], comment or None)


def _type(spark_type: str | Mapping[str, Any]) -> ColumnType:
    if isinstance(spark_type, str):
        return parse_type(_SQL_NAMES.get(spark_type, spark_type))
    kind = spark_type["type"]
    if kind == "struct":
        fields = list(_fields(spark_type))
        shown = ",".join(f"{_spelled(field.name)}:{field.data_type_display}" for field in fields)
        return struct_of(fields, f"struct<{shown}>")
    if kind == "array":
        item = _type(spark_type["elementType"])
        return array_of(item, f"array<{item.display}>")
    if kind == "map":
        key, value = _type(spark_type["keyType"]), _type(spark_type["valueType"])
        return map_of(key, value, f"map<{key.display},{value.display}>")
    if kind == "udt":
        return _type(spark_type["sqlType"])
    return unknown(json.dumps(spark_type))


def _spelled(name: str) -> str:
    return name if name.isidentifier() else "`" + name.replace("`", "``") + "`"
