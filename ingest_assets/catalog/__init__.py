"""The waist of the hourglass: what sources make and publishers send. Depends on nothing but pydantic."""

from ingest_assets.catalog.edges import ColumnPair, Edge, Origin, Parked
from ingest_assets.catalog.entities import (
    AnyEntity,
    Column,
    Database,
    DatabaseService,
    Entity,
    Label,
    PartitionColumn,
    Schema,
    Table,
)
from ingest_assets.catalog.names import NameRules, may_be_altered, parent_fqn, quote, source_fqn, split_fqn
from ingest_assets.catalog.references import ColumnReference, EntityType, Reference
from ingest_assets.catalog.scopes import Failed, Filtered, Note, Scope

Finding = Entity | Filtered | Failed | Note | Scope
"""What a source yields while it reads a scope: entities, what was left out or failed, notes, scopes below."""

__all__ = [
    "AnyEntity",
    "Column",
    "ColumnPair",
    "ColumnReference",
    "Database",
    "DatabaseService",
    "Edge",
    "Entity",
    "EntityType",
    "Failed",
    "Filtered",
    "Finding",
    "Label",
    "NameRules",
    "Note",
    "Origin",
    "Parked",
    "PartitionColumn",
    "Reference",
    "Schema",
    "Scope",
    "Table",
    "may_be_altered",
    "parent_fqn",
    "quote",
    "source_fqn",
    "split_fqn",
]
