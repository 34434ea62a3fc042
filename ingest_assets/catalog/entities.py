"""Entities in a form that no server version and no source owns.

Sources make them, ``openmetadata`` turns them into the bodies of the server's version. Values are the newest words of
OpenMetadata (data types, table types); the wire takes care of older servers. A facet that the source could not read is
named in ``unknown``: it is neither sent nor taken for empty.
"""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from ingest_assets.catalog.references import EntityType, Reference


class Model(BaseModel):
    """Immutable, and strict about what it holds: a snapshot file of another format must not pass as this one."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Label(NamedTuple):
    """A tag or glossary term on something.

    Attributes:
        fqn: Its FQN on the server, e.g. ``PII.Sensitive``.
        source: ``Classification`` or ``Glossary``.
    """

    fqn: str
    source: str = "Classification"


class Column(Model):
    """A column of a table.

    Attributes:
        name: As the source spells it.
        data_type: OpenMetadata's data type, e.g. ``VARCHAR``; ``UNKNOWN`` where it has no word for the source's.
        data_type_display: The type in the source's own text, e.g. ``array<struct<hub:string>>``.
        array_data_type: For ``ARRAY``: the data type of its items.
        data_length: Characters or bytes; required by the server for CHAR, VARCHAR, BINARY and VARBINARY.
        precision: Digits of a decimal.
        scale: Digits after the point; never without ``precision``.
        labels: None: not asked for; empty: there are none.
        children: Fields of a struct, or of what a list, map or union holds.
    """

    name: str
    data_type: str
    data_type_display: str
    array_data_type: str | None = None
    data_length: int | None = None
    precision: int | None = None
    scale: int | None = None
    description: str | None = None
    labels: tuple[Label, ...] | None = None
    children: tuple[Column, ...] = ()


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


class Entity(Model):
    """What all entities have.

    Attributes:
        path: Names from the service down to this entity, as the source spells them.
        display_name: A name for people that the source has beside the name.
        description: Markdown.
        owners: Names or mail addresses as the source gives them, to be looked up on the server; None: not asked for.
        labels: Tags and terms; None: not asked for; empty: there are none.
        source_url: Page of this entity in the source's own console.
        unknown: Names of the attributes that could not be read.
    """

    type: str
    path: tuple[str, ...]
    display_name: str | None = None
    description: str | None = None
    owners: tuple[str, ...] | None = None
    labels: tuple[Label, ...] | None = None
    source_url: str | None = None
    unknown: frozenset[str] = frozenset()

    @property
    def reference(self) -> Reference:
        """What others call this entity by."""
        return Reference(EntityType(self.type), self.path)


class DatabaseService(Entity):
    """The service that holds databases.

    Attributes:
        service_type: OpenMetadata's word for it, e.g. ``Glue``.
        connection: Its connection without any secret; sent only where the server insists on one (before 1.2).
    """

    type: Literal["databaseService"] = "databaseService"
    service_type: str
    connection: dict[str, object] = Field(default_factory=dict)


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


AnyEntity = Annotated[DatabaseService | Database | Schema | Table, Field(discriminator="type")]
