"""Entities and edges as the JSON of one server version. Pure functions; nothing null is ever sent.

A property that the version doesn't know would be refused with the whole entity, so it is left out; a word that it
doesn't know is replaced by the nearest that it does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ingest_assets.catalog import DatabaseService, Edge, Entity, EntityKey, EntityType, Reference, Schema, Table
from ingest_assets.openmetadata.capabilities import Capabilities
from ingest_assets.openmetadata.columns import column_bodies, label_bodies, partition_body
from ingest_assets.openmetadata.lineage_wire import edge_details, left_out, lineage_body

__all__ = [
    "body",
    "collection_of",
    "edge_details",
    "edge_fingerprint",
    "fingerprint",
    "held_edge_fingerprint",
    "left_out",
    "lineage_body",
    "unknown_properties",
]

_COLLECTIONS = {
    EntityType.DATABASE_SERVICE: "services/databaseServices",
    EntityType.DATABASE: "databases",
    EntityType.SCHEMA: "databaseSchemas",
    EntityType.TABLE: "tables",
}
_PARENT_PROPERTIES = {
    EntityType.DATABASE: "service",
    EntityType.SCHEMA: "database",
    EntityType.TABLE: "databaseSchema",
}
_NEAREST_TABLE_TYPES = {
    "Transient": "Regular",
    "Dynamic": "MaterializedView",
    "Stage": "External",
    "SemanticView": "View",
}
_PLAIN_TABLE = "Regular"
_CUSTOM_SERVICE = "CustomDatabase"
_HASH_BYTES = 16  # sourceHash holds 32 characters at most
_CLEARED = {
    "display_name": "displayName",
    "description": "description",
    "source_url": "sourceUrl",
    "retention_period": "retentionPeriod",
    "table_type": "tableType",
    "partitions": "tablePartition",
    "file_format": "fileFormat",
    "location": "locationPath",
}
"""What a PUT without it clears, by attribute of an entity. A life cycle, owners and labels stay."""

Json = dict[str, Any]


def collection_of(kind: EntityType) -> str:
    """Where entities of a type are put and listed, e.g. ``services/databaseServices``."""
    return _COLLECTIONS[kind]


def body(entity: Entity, capabilities: Capabilities, owners: Sequence[Mapping[str, Any]] | None = None) -> Json:
    """The create request of an entity.

    What the entity names as unknown is left out. Lists of owners and labels are there, and may be empty, where the
    source knows them; ``merge`` makes the request that is sent. A table whose columns are unknown can't be sent: the
    server insists on columns, and would take an empty list for the truth.

    Args:
        entity: What the source says.
        capabilities: What the server understands.
        owners: References (``id``, ``type``) as ``owners.OwnerLookup`` finds them; None: not known.
    """
    kind = EntityType(entity.type)
    made: Json = {"name": capabilities.names.entity_name(entity.reference)}
    if kind in _PARENT_PROPERTIES and kind.parent is not None:
        made[_PARENT_PROPERTIES[kind]] = capabilities.names.fqn(Reference(kind.parent, entity.path[:-1]))
    facets = _common(entity, capabilities) | _own(entity, capabilities)
    made.update((name, value) for name, (attribute, value) in facets.items() if attribute not in entity.unknown)
    if owners is not None:
        made.update(_owners(owners, capabilities))
    if capabilities.source_hash and kind is not EntityType.DATABASE_SERVICE:
        made["sourceHash"] = fingerprint(made, unknown_properties(entity, capabilities))
    return made


def unknown_properties(entity: Entity, capabilities: Capabilities) -> frozenset[str]:
    """Properties that the source could not read, and that a request without them would clear."""
    properties = _CLEARED | {"sql": capabilities.schema_definition}
    return frozenset(properties[attribute] for attribute in entity.unknown if attribute in properties)


def fingerprint(sent: Mapping[str, Any], unknown: Collection[str] = ()) -> str:
    """32 hexadecimal digits over all of a body but its ``sourceHash``; the same whatever the order of its keys.

    Args:
        sent: The body.
        unknown: Properties that it lacks because the source could not read them, and not because it has none.
    """
    rest = {key: value for key, value in sent.items() if key != "sourceHash"}
    if unknown:
        rest["unknown"] = sorted(unknown)
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=_HASH_BYTES).hexdigest()


def edge_fingerprint(edge: Edge, capabilities: Capabilities) -> str:
    """Fingerprint over all that we send of an edge but the ids of its ends, which it names by FQN."""
    ends = [str(capabilities.names.key(end)) for end in (edge.source, edge.target)]
    return fingerprint({"ends": ends, "details": edge_details(edge, capabilities)})


def held_edge_fingerprint(source: EntityKey, target: EntityKey, details: Json, capabilities: Capabilities) -> str:
    """The same over what the server holds of an edge between two entities, without what it adds by itself."""
    pairs = [
        {"fromColumns": pair["fromColumns"], "toColumn": pair["toColumn"]}
        | ({"function": pair["function"]} if pair.get("function") else {})
        for pair in details.get("columnsLineage") or ()
    ]
    held: Json = {"columnsLineage": pairs}
    if details.get("sqlQuery"):
        held["sqlQuery"] = details["sqlQuery"]
    if capabilities.lineage_source and "source" in details:
        held["source"] = details["source"]
    return fingerprint({"ends": [str(source), str(target)], "details": held})


_Facets = dict[str, tuple[str, Any]]
"""Property on the wire to attribute of the entity and value."""


def _common(entity: Entity, capabilities: Capabilities) -> _Facets:
    facets: _Facets = {}
    display_name = entity.display_name or capabilities.names.display_name(entity.reference)
    if display_name:
        facets["displayName"] = ("display_name", display_name)
    if entity.description:
        facets["description"] = ("description", entity.description)
    if entity.labels is not None:
        facets["tags"] = ("labels", label_bodies(entity.labels))
    if entity.source_url and capabilities.source_url and not isinstance(entity, DatabaseService):
        facets["sourceUrl"] = ("source_url", entity.source_url)
    return facets


def _own(entity: Entity, capabilities: Capabilities) -> _Facets:
    match entity:
        case Table():
            return _table(entity, capabilities)
        case Schema() if entity.retention_period and capabilities.retention_period:
            return {"retentionPeriod": ("retention_period", entity.retention_period)}
        case DatabaseService():
            return _service(entity, capabilities)
        case _:
            return {}


def _service(service: DatabaseService, capabilities: Capabilities) -> _Facets:
    known = service.service_type in capabilities.database_services
    kind = service.service_type if known else _CUSTOM_SERVICE
    facets: _Facets = {"serviceType": ("service_type", kind)}
    if capabilities.connection_required:
        config = {"type": kind} | (service.connection if known else {})
        facets["connection"] = ("connection", {"config": config})
    return facets


def _table(table: Table, capabilities: Capabilities) -> _Facets:
    columns = column_bodies(table.columns, capabilities)
    facets: _Facets = {
        "tableType": ("table_type", _table_type(table.table_type, capabilities)),
        "columns": ("columns", columns.bodies),
    }
    partition = partition_body(table.partitions, columns.names, capabilities) if table.partitions else None
    if partition:
        facets["tablePartition"] = ("partitions", partition)
    if table.file_format in capabilities.file_formats:
        facets["fileFormat"] = ("file_format", table.file_format)
    if table.location and capabilities.location_path:
        facets["locationPath"] = ("location", table.location)
    if table.retention_period and capabilities.retention_period:
        facets["retentionPeriod"] = ("retention_period", table.retention_period)
    if table.created is not None and capabilities.life_cycle:
        facets["lifeCycle"] = ("created", {"created": {"timestamp": table.created}})
    if table.sql or table.ddl:
        facets[capabilities.schema_definition] = ("sql", table.sql or table.ddl)
    return facets


def _table_type(wanted: str, capabilities: Capabilities) -> str:
    while wanted not in capabilities.table_types:
        wanted = _NEAREST_TABLE_TYPES.get(wanted, _PLAIN_TABLE)
    return wanted


def _owners(owners: Sequence[Mapping[str, Any]], capabilities: Capabilities) -> Json:
    references = [{"id": owner["id"], "type": owner["type"]} for owner in owners]
    if capabilities.owners == "owners":
        return {"owners": references}
    return {"owner": references[0] if references else None}
