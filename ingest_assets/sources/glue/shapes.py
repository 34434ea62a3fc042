"""The parts of Glue's answers that are used, checked item by item.

Glue may leave out anything but names, and other clients write what they like into its free fields. What is declared
here and comes in another shape costs the item that it is in, never its page.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_pascal

_Parameters = Annotated[dict[str, str | None], BeforeValidator(lambda value: {} if value is None else value)]


class GlueShape(BaseModel):
    """A part of an answer. Ignores what it does not declare; an explicit null is the same as a missing key."""

    model_config = ConfigDict(alias_generator=to_pascal)


class Target(GlueShape):
    """What a resource link points at: a database, or a table by its name."""

    catalog_id: str | None = None
    database_name: str | None = None
    name: str | None = None
    region: str | None = None

    def database(self) -> tuple[str, str] | None:
        """Catalog and name of the database that is meant, if both are told."""
        return (self.catalog_id, self.database_name) if self.catalog_id and self.database_name else None


class GlueDatabase(GlueShape):
    """An item of ``DatabaseList``."""

    name: str = Field(min_length=1)
    description: str | None = None
    parameters: _Parameters = Field(default_factory=dict)
    catalog_id: str | None = None
    target_database: Target | None = None


class GlueColumn(GlueShape):
    """A column or partition key."""

    name: str
    type: str | None = None
    comment: str | None = None
    parameters: _Parameters = Field(default_factory=dict)


class SerdeInfo(GlueShape):
    """How rows are read and written."""

    serialization_library: str | None = None
    parameters: _Parameters = Field(default_factory=dict)


class StorageDescriptor(GlueShape):
    """Where and how data lies."""

    columns: list[GlueColumn] | None = None
    location: str | None = None
    input_format: str | None = None
    output_format: str | None = None
    serde_info: SerdeInfo | None = None


class ViewRepresentation(GlueShape):
    """One dialect's text of a multi-dialect view."""

    dialect: str | None = None
    view_original_text: str | None = None
    view_expanded_text: str | None = None


class ViewDefinition(GlueShape):
    """A multi-dialect view's texts."""

    representations: list[ViewRepresentation] | None = None


class IcebergField(GlueShape):
    """A column of an Iceberg schema."""

    id: int
    name: str


class IcebergSchema(GlueShape):
    """A version of an Iceberg table's columns."""

    schema_id: int | None = None
    fields: list[IcebergField] = Field(default_factory=list)


class IcebergPartitionField(GlueShape):
    """A part of a partition spec."""

    source_id: int
    transform: str


class IcebergPartitionSpec(GlueShape):
    """A version of how an Iceberg table is partitioned."""

    spec_id: int | None = None
    fields: list[IcebergPartitionField] = Field(default_factory=list)


class IcebergMetadata(GlueShape):
    """``IcebergTableMetadata``."""

    properties: _Parameters = Field(default_factory=dict)
    schemas: list[IcebergSchema] | None = None
    current_schema_id: int | None = None
    partition_specs: list[IcebergPartitionSpec] | None = None
    default_spec_id: int | None = None


class GlueTable(GlueShape):
    """An item of ``TableList``; behind a database that is a resource link, catalog and database are the owner's."""

    name: str = Field(min_length=1)
    catalog_id: str | None = None
    database_name: str | None = None
    description: str | None = None
    owner: str | None = None
    create_time: datetime | None = None
    retention: int | None = None
    storage_descriptor: StorageDescriptor | None = None
    partition_keys: list[GlueColumn] | None = None
    view_original_text: str | None = None
    view_expanded_text: str | None = None
    table_type: str | None = None
    parameters: _Parameters = Field(default_factory=dict)
    target_table: Target | None = None
    federated_table: dict[str, Any] | None = None
    is_materialized_view: bool | None = None
    view_definition: ViewDefinition | None = None
    iceberg_table_metadata: IcebergMetadata | None = None

    def parameter(self, name: str) -> str:
        """A table parameter in lower case, empty where there is none."""
        return (self.parameters.get(name) or "").strip().lower()
