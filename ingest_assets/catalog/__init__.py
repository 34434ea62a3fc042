"""The waist of the hourglass: what sources make and publishers send. Depends on nothing but pydantic."""

from ingest_assets.catalog.dashboards import Chart, Dashboard, DashboardService, DataModel
from ingest_assets.catalog.databases import Database, DatabaseService, PartitionColumn, Schema, Table
from ingest_assets.catalog.edges import (
    OWN_CATALOGS,
    ColumnPair,
    ColumnPaths,
    Edge,
    Elsewhere,
    ForeignEdge,
    Origin,
    Parked,
    Reads,
    Statement,
)
from ingest_assets.catalog.enrichment import ColumnEnrichment, DbtModel, Enrichment
from ingest_assets.catalog.entities import Column, Entity, Label, Service
from ingest_assets.catalog.messaging import MessageSchema, MessagingService, SchemaField, Topic
from ingest_assets.catalog.names import (
    NameRules,
    key_of,
    may_be_altered,
    parent_fqn,
    parent_key,
    path_of,
    quote,
    source_fqn,
    split_fqn,
)
from ingest_assets.catalog.pipelines import Container, Pipeline, PipelineService, StorageService, Task
from ingest_assets.catalog.references import ColumnReference, EntityKey, EntityType, Reference
from ingest_assets.catalog.scopes import Failed, Filtered, Health, Note, Scope, Unlisted
from ingest_assets.catalog.vocabulary import Classification, Glossary, GlossaryTerm, Tag, Word

ENTITIES: tuple[type[Entity], ...] = (
    *(DatabaseService, Database, Schema, Table),
    *(MessagingService, Topic),
    *(DashboardService, DataModel, Chart, Dashboard),
    *(PipelineService, Pipeline),
    *(StorageService, Container),
    *(Classification, Tag, Glossary, GlossaryTerm),
)
"""One class an entity type."""

Finding = (
    Entity | Enrichment | Filtered | Failed | Unlisted | Note | Health | Scope | Edge | ForeignEdge | Statement | Parked
)
"""What a source yields while it reads a scope: entities and what it knows of those of others, what was left out or
failed, notes, scopes below, lineage."""

__all__ = [
    "ENTITIES",
    "OWN_CATALOGS",
    "Chart",
    "Classification",
    "Column",
    "ColumnEnrichment",
    "ColumnPair",
    "ColumnPaths",
    "ColumnReference",
    "Container",
    "Dashboard",
    "DashboardService",
    "DataModel",
    "Database",
    "DatabaseService",
    "DbtModel",
    "Edge",
    "Elsewhere",
    "Enrichment",
    "Entity",
    "EntityKey",
    "EntityType",
    "Failed",
    "Filtered",
    "Finding",
    "ForeignEdge",
    "Glossary",
    "GlossaryTerm",
    "Health",
    "Label",
    "MessageSchema",
    "MessagingService",
    "NameRules",
    "Note",
    "Origin",
    "Parked",
    "PartitionColumn",
    "Pipeline",
    "PipelineService",
    "Reads",
    "Reference",
    "Schema",
    "SchemaField",
    "Scope",
    "Service",
    "Statement",
    "StorageService",
    "Table",
    "Tag",
    "Task",
    "Topic",
    "Unlisted",
    "Word",
    "key_of",
    "may_be_altered",
    "parent_fqn",
    "parent_key",
    "path_of",
    "quote",
    "source_fqn",
    "split_fqn",
]
