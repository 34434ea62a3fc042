"""Request classes of the REST API, and the properties each version of the server accepts."""

from __future__ import annotations

from ingest_assets.sandbox.openmetadata.create_classes import CREATE_CLASSES
from ingest_assets.sandbox.openmetadata.nested_classes import NESTED_CLASSES
from ingest_assets.sandbox.openmetadata.properties import Property
from ingest_assets.sandbox.openmetadata.versions import Version

CLASSES = {**NESTED_CLASSES, **CREATE_CLASSES}

_JAVA_PACKAGES = {
    "EntityReference": "type",
    "TagLabel": "type",
    "LifeCycle": "type",
    "AccessDetails": "type",
    "Column": "type",
    "TableConstraint": "type",
    "TablePartition": "type",
    "PartitionColumnDetails": "type",
    "DataModel": "type",
    "MessageSchema": "type",
    "SchemaField": "type",
    "ContainerDataModel": "type",
    "Task": "type",
    "StoredProcedureCode": "type",
    "ColumnLineage": "type",
    "LineageDetails": "type",
    "EntitiesEdge": "type",
    "AddLineage": "api.lineage",
    "BulkDeleteStaleRequest": "type.api",
    "DailyCount": "type",
    "CustomProperty": "entity.type",
    "CreateRole": "api.teams",
    "CreateUser": "api.teams",
    "CreateTeam": "api.teams",
    "CreateClassification": "api.classification",
    "CreateTag": "api.classification",
    "CreateDomain": "api.domains",
}


def java_class(name: str) -> str:
    """The class name that an error message carries."""
    default = "api.services" if name.endswith("Service") else "api.data"
    return f"org.openmetadata.schema.{_JAVA_PACKAGES.get(name, default)}.{name}"


def properties(name: str, version: Version) -> dict[str, Property]:
    """The properties of a class that a server of this version knows, in the order of the table."""
    return {prop.name: prop for prop in CLASSES[name] if prop.known_to(version)}
