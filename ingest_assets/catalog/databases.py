"""Databases, their schemas, and tables."""

from __future__ import annotations

from typing import Literal

from ingest_assets.catalog.entities import Column, Entity, Model, Service


class PartitionColumn(Model):
    """How a table is partitioned by one of its columns.

    Attributes:
        column: Name of the column.
        interval_type: OpenMetadata's word: ``COLUMN-VALUE``, ``TIME-UNIT``, ``INJECTED``, ``ENUM``, ``OTHER``, ...
        interval: Unit of a TIME-UNIT, e.g. ``day``.
    """

    column: str
    interval_type: str
    interval: str | None = None


class DatabaseService(Service):
    """The service that holds databases."""

    type: Literal["databaseService"] = "databaseService"


class Database(Entity):
    """A database: in Glue, a catalog."""

    type: Literal["database"] = "database"


class Schema(Entity):
    """A database schema: in Glue, a database.

    Attributes:
        retention_period: ISO 8601 duration.
    """

    type: Literal["databaseSchema"] = "databaseSchema"
    retention_period: str | None = None


class Table(Entity):
    """A table or view.

    Attributes:
        table_type: OpenMetadata's word: ``Regular``, ``External``, ``View``, ``Iceberg``, ...
        columns: Each once, partition keys included, in the source's order.
        partitions: How the table is partitioned; empty if it isn't.
        file_format: OpenMetadata's word, e.g. ``parquet``; None where it has none for the source's.
        location: Where the data lies, e.g. ``s3://lake/orders/``.
        retention_period: ISO 8601 duration.
        created: Milliseconds since the epoch.
        sql: Text of a view.
        dialect: sqlglot's name of the dialect that ``sql`` is in.
        sql_namespace: Where the view was made, as its engine names that: catalog and schema, or the schema alone.
            Unqualified names in ``sql`` belong there; where the source does not say, to the view's own place.
        sql_databases: Databases that ``sql`` may name otherwise than paths do: the name in SQL, and that in paths.
        ddl: The statement that makes a table, where it is asked for.
    """

    type: Literal["table"] = "table"
    table_type: str
    columns: tuple[Column, ...]
    partitions: tuple[PartitionColumn, ...] = ()
    file_format: str | None = None
    location: str | None = None
    retention_period: str | None = None
    created: int | None = None
    sql: str | None = None
    dialect: str | None = None
    sql_namespace: tuple[str, ...] = ()
    sql_databases: tuple[tuple[str, str], ...] = ()
    ddl: str | None = None
