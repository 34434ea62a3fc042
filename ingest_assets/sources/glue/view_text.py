"""The SQL of a view, from the forms in which engines leave it in Glue."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any, NamedTuple

from ingest_assets.catalog import Column
from ingest_assets.sources.glue.shapes import GlueTable
from ingest_assets.sources.glue.spark import spark_namespace
from ingest_assets.sources.glue.type_text import parse_type
from ingest_assets.sources.glue.types import distinct

# Athena, Presto and Trino; a materialized view of Trino has its own word.
_ENCODED = re.compile(r"/\*\s*Presto (?:Materialized )?View:(.*)\*/\s*", re.IGNORECASE | re.DOTALL)
_MARKER = re.compile(r"/\*\s*Presto (?:Materialized )?View\s*\*/\s*", re.IGNORECASE)
_DIALECTS = {"ATHENA": "trino", "SPARK": "spark", "REDSHIFT": "redshift"}  # preferred in this order


class ViewText(NamedTuple):
    """A view's query.

    Attributes:
        sql: The query; None where Glue does not show it or it can't be decoded.
        dialect: sqlglot's name of its dialect.
        columns: Those that the text itself lists; empty where it lists none.
        namespace: Catalog and schema of the session that made the view; empty where nothing says them.
    """

    sql: str | None
    dialect: str | None
    columns: tuple[Column, ...] = ()
    namespace: tuple[str, ...] = ()


def view_text(table: GlueTable) -> ViewText:
    """The SQL of a view.

    Athena, Presto and Trino encode what was typed. For Hive and Spark the expanded text is taken: there the names are
    complete, while those of the original text mean what they meant in the session that made the view. A view of
    several dialects is taken in Athena's, then Spark's.
    """
    for text in (table.view_original_text, table.view_expanded_text):
        match = _ENCODED.fullmatch((text or "").strip())
        if match is not None:
            return _decoded(match[1])
    plain = next((text for text in (table.view_expanded_text, table.view_original_text) if _is_sql(text)), None)
    if plain is None:
        return _of_representations(table)
    # Spark leaves marks of its own; a materialized view in Glue is made by nothing else.
    if table.is_materialized_view or any(name.startswith(("spark.sql.", "view.")) for name in table.parameters):
        return ViewText(plain.strip(), "spark", namespace=spark_namespace(table.parameters))
    return ViewText(plain.strip(), "trino" if table.parameter("presto_view") == "true" else "hive")


def _of_representations(table: GlueTable) -> ViewText:
    shown = (table.view_definition and table.view_definition.representations) or []
    by_dialect = {(each.dialect or "").upper(): each for each in shown}
    for dialect, name in _DIALECTS.items():
        each = by_dialect.get(dialect)
        for text in (each.view_expanded_text, each.view_original_text) if each else ():
            match = _ENCODED.fullmatch((text or "").strip())
            if match is not None:
                return _decoded(match[1])
            if text and _is_sql(text):
                namespace = spark_namespace(table.parameters) if name == "spark" else ()
                return ViewText(text.strip(), name, namespace=namespace)
    return ViewText(None, None)


def _is_sql(text: str | None) -> bool:
    return bool(text and text.strip()) and _MARKER.fullmatch((text or "").strip()) is None


def _decoded(encoded: str) -> ViewText:
    try:
        view: Any = json.loads(base64.b64decode("".join(encoded.split()), validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return ViewText(None, None)
    sql = view.get("originalSql") if isinstance(view, dict) else None
    if not isinstance(sql, str):
        return ViewText(None, None)
    match view:
        case {"catalog": str(catalog), "schema": str(schema)}:
            namespace: tuple[str, ...] = (catalog, schema)
        case _:
            namespace = ()
    return ViewText(sql.strip(), "trino", _columns(view.get("columns")), namespace)


def _columns(listed: object) -> tuple[Column, ...]:
    columns = []
    for each in listed if isinstance(listed, list) else []:
        match each:
            case {"name": str(name), "type": str(text)}:
                comment = each.get("comment")
                columns.append(parse_type(text).column(name, comment if isinstance(comment, str) else None))
            case _:
                return ()
    return distinct(columns)
