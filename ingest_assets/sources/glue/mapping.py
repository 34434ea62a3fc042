"""From the items of Glue's answers to entities. Pure: no call, no state."""

from __future__ import annotations

from collections.abc import Iterator

from ingest_assets.catalog import Classification, Column, Label, Schema, Table, Tag, Word
from ingest_assets.sources.glue.console import GlueConsole
from ingest_assets.sources.glue.ddl import create_statement
from ingest_assets.sources.glue.formats import file_format, is_view, table_type
from ingest_assets.sources.glue.lf_tags import Pairs, TagsOfTable
from ingest_assets.sources.glue.partitions import partitions
from ingest_assets.sources.glue.shapes import GlueColumn, GlueDatabase, GlueTable, StorageDescriptor
from ingest_assets.sources.glue.spark import is_placeholder, spark_columns, spark_partition_keys
from ingest_assets.sources.glue.type_text import parse_type
from ingest_assets.sources.glue.types import distinct
from ingest_assets.sources.glue.view_text import ViewText, view_text

_FOREVER = 2**31 - 1  # what writers that keep data for ever put as retention


def to_schema(
    database: GlueDatabase,
    path: tuple[str, ...],
    catalog_id: str,
    console: GlueConsole,
    tags: Pairs | None = None,
) -> Schema:
    """A Glue database as a schema.

    Args:
        database: From Glue.
        path: Of the schema.
        catalog_id: Glue's own id of the catalog, whatever the catalog is called in the path.
        console: Makes the address.
        tags: Its LF-tags; None where they are not known.
    """
    return Schema(
        path=path,
        description=_text(database.description) or _text(database.parameters.get("comment")),
        labels=_labels(tags),
        source_url=console.database(database.name, catalog_id),
    )


def to_table(
    table: GlueTable,
    path: tuple[str, ...],
    catalog_id: str,
    console: GlueConsole,
    *,
    include_owners: bool,
    include_ddl: bool = False,
    names: tuple[tuple[str, str], ...] = (),
) -> Table:
    """A Glue table, view or resource link as a table.

    A view's SQL is always stored: ``includeViews`` asks for the definitions of views, ``includeDDL`` for the statements
    that make tables. Glue keeps none; they are composed as Athena composes them.

    Args:
        table: From Glue.
        path: Of the table.
        catalog_id: Glue's own id of the catalog, whatever the catalog is called in the path.
        console: Makes the address.
        include_owners: Whether owners are asked for.
        include_ddl: Whether the statement that makes a table is asked for.
        names: Catalogs that paths call otherwise than by their id: the id, and the name in paths.
    """
    kind = table_type(table)
    storage = table.storage_descriptor or StorageDescriptor()
    view = view_text(table) if is_view(kind) else ViewText(None, None)
    spark_keys = spark_partition_keys(table.parameters)
    return Table(
        path=path,
        description=_text(table.description) or _text(table.parameters.get("comment")),
        owners=_owners(table.owner) if include_owners else None,
        source_url=console.table(table.name, path[-2], catalog_id),
        table_type=kind,
        columns=_columns(table, storage.columns or [], view),
        partitions=partitions(table, spark_keys),
        file_format=None if is_view(kind) else file_format(table),
        location=_text(storage.location),
        retention_period=_retention(table.retention),
        created=_milliseconds(table),
        sql=view.sql,
        dialect=view.dialect,
        ddl=create_statement(table, path[-2]) if include_ddl and not is_view(kind) else None,
        sql_namespace=view.namespace,
        sql_databases=names if view.sql is not None else (),
        unknown=frozenset({"sql"} if is_view(kind) and view.sql is None else ()),
    )


def _columns(table: GlueTable, stored: list[GlueColumn], view: ViewText) -> tuple[Column, ...]:
    """Storage columns, then partition keys, each name once.

    Where Glue holds a placeholder, the columns are those of Spark's schema or of the view's own text. Iceberg's
    dropped columns stay in Glue, marked as not current.
    """
    if is_placeholder(stored) and (listed := spark_columns(table.parameters)):
        return listed
    if view.columns and len(stored) <= 1 and [column.name for column in stored] != [c.name for c in view.columns]:
        return view.columns  # Trino stores one column "dummy" for a view
    every = _with_keys(stored, table.partition_keys or [])
    return distinct(_column(each) for each in every if _is_current(each))


def _with_keys(stored: list[GlueColumn], keys: list[GlueColumn]) -> list[GlueColumn]:
    """Stored columns, then partition keys.

    Crawlers and Iceberg list a key among the columns too. It keeps that place, and its own type: the one that engines
    read it with.
    """
    waiting = {key.name.lower(): key for key in reversed(keys)}
    columns = []
    for column in stored:
        key = waiting.pop(column.name.lower(), None)
        if key is not None and not key.comment:
            key = key.model_copy(update={"comment": column.comment})
        columns.append(key or column)
    return columns + [key for key in keys if waiting.pop(key.name.lower(), None) is not None]


def _labels(tags: Pairs | None) -> tuple[Label, ...] | None:
    return None if tags is None else tuple(Tag(path=pair).label() for pair in tags)


def _column(column: GlueColumn) -> Column:
    return parse_type(column.type or "").column(column.name, _text(column.comment))


def _is_current(column: GlueColumn) -> bool:
    return (column.parameters.get("iceberg.field.current") or "").lower() != "false"


def _owners(owner: str | None) -> tuple[str, ...]:
    name = _text(owner)
    return (name,) if name else ()


def _retention(days: int | None) -> str | None:
    return f"P{days}D" if days and 0 < days < _FOREVER else None


def _milliseconds(table: GlueTable) -> int | None:
    milliseconds = int(table.create_time.timestamp() * 1000) if table.create_time else 0
    return milliseconds if milliseconds > 0 else None


def _text(text: str | None) -> str | None:
    return (text or "").strip() or None


def tagged(table: Table, tags: TagsOfTable) -> Table:
    """A table with its LF-tags and those of its columns, which Lake Formation calls by Glue's names in lower case."""
    by_column = {name.lower(): _labels(pairs) for name, pairs in tags.by_column().items()}
    columns = (column.model_copy(update={"labels": by_column.get(column.name.lower(), ())}) for column in table.columns)
    return table.model_copy(update={"labels": _labels(tags.own), "columns": tuple(columns)})


def to_words(tags: Pairs) -> Iterator[Word]:
    """What labels of LF-tags are made of: a classification for each key, and a tag for each value."""
    for key in dict.fromkeys(key for key, _ in tags):
        yield Classification(path=(key,), description=f"LF-tag {key} of AWS Lake Formation.")
    for key, value in tags:
        yield Tag(path=(key, value), description=f"Value {value} of the LF-tag {key} of AWS Lake Formation.")
