"""The parts of Glue's answers that are used, checked item by item.

Glue may leave out anything but names, and other clients write what they like into its free fields. What is declared
here and comes in another shape costs the item that it is in, never its page.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field

_Parameters = Annotated[dict[str, str | None], BeforeValidator(lambda value: {} if value is None else value)]


class _Shape(BaseModel):
    """Ignores what it does not declare; an explicit null is the same as a missing key."""


class Target(_Shape):
    """What a resource link points at."""

    CatalogId: str | None = None
    DatabaseName: str | None = None


class GlueDatabase(_Shape):
    """An item of ``DatabaseList``."""

    Name: str = Field(min_length=1)
    Description: str | None = None
    Parameters: _Parameters = Field(default_factory=dict)
    CatalogId: str | None = None
    TargetDatabase: Target | None = None


class GlueColumn(_Shape):
    """A column or partition key."""

    Name: str
    Type: str | None = None
    Comment: str | None = None
    Parameters: _Parameters = Field(default_factory=dict)


class SerdeInfo(_Shape):
    """How rows are read and written."""

    SerializationLibrary: str | None = None
    Parameters: _Parameters = Field(default_factory=dict)


class StorageDescriptor(_Shape):
    """Where and how data lies."""

    Columns: list[GlueColumn] | None = None
    Location: str | None = None
    InputFormat: str | None = None
    SerdeInfo: SerdeInfo | None = None


class ViewRepresentation(_Shape):
    """One dialect's text of a multi-dialect view."""

    Dialect: str | None = None
    ViewOriginalText: str | None = None
    ViewExpandedText: str | None = None


class ViewDefinition(_Shape):
    """A multi-dialect view's texts."""

    Representations: list[ViewRepresentation] | None = None


class IcebergField(_Shape):
    """A column of an Iceberg schema."""

    Id: int
    Name: str


class IcebergSchema(_Shape):
    """A version of an Iceberg table's columns."""

    SchemaId: int | None = None
    Fields: list[IcebergField] = Field(default_factory=list)


class IcebergPartitionField(_Shape):
    """A part of a partition spec."""

    SourceId: int
    Transform: str


class IcebergPartitionSpec(_Shape):
    """A version of how an Iceberg table is partitioned."""

    SpecId: int | None = None
    Fields: list[IcebergPartitionField] = Field(default_factory=list)


class IcebergMetadata(_Shape):
    """``IcebergTableMetadata``."""

    Properties: _Parameters = Field(default_factory=dict)
    Schemas: list[IcebergSchema] | None = None
    CurrentSchemaId: int | None = None
    PartitionSpecs: list[IcebergPartitionSpec] | None = None
    DefaultSpecId: int | None = None


class GlueTable(_Shape):
    """An item of ``TableList``."""

    Name: str = Field(min_length=1)
    Description: str | None = None
    Owner: str | None = None
    CreateTime: datetime | None = None
    Retention: int | None = None
    StorageDescriptor: StorageDescriptor | None = None
    PartitionKeys: list[GlueColumn] | None = None
    ViewOriginalText: str | None = None
    ViewExpandedText: str | None = None
    TableType: str | None = None
    Parameters: _Parameters = Field(default_factory=dict)
    TargetTable: Target | None = None
    FederatedTable: dict[str, Any] | None = None
    IsMaterializedView: bool | None = None
    ViewDefinition: ViewDefinition | None = None
    IcebergTableMetadata: IcebergMetadata | None = None

    def parameter(self, name: str) -> str:
        """A table parameter in lower case, empty where there is none."""
        return (self.Parameters.get(name) or "").strip().lower()
