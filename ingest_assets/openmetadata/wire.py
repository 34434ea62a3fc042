"""Entities and edges as the JSON of one server version. Pure functions; nothing null is ever sent.

A property that the version doesn't know would be refused with the whole entity, so it is left out; a word that it
doesn't know is replaced by the nearest that it does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ingest_assets.catalog import Edge, Entity, EntityKey, EntityType, Reference
from ingest_assets.openmetadata.capabilities import Capabilities
from ingest_assets.openmetadata.columns import label_bodies
from ingest_assets.openmetadata.facets import CLEARED, Facets, facets_of
from ingest_assets.openmetadata.layout import layout_of
from ingest_assets.openmetadata.lineage_wire import edge_details, left_out, lineage_body

__all__ = [
    "body",
    "edge_details",
    "edge_fingerprint",
    "fingerprint",
    "has_source_hash",
    "held_edge_fingerprint",
    "left_out",
    "lineage_body",
    "unknown_properties",
]

COLUMNS = "columns"
COLUMNS_UNREAD = "its columns could not be read; those that are known stay"
_WITH_COLUMNS = (EntityType.TABLE, EntityType.DATA_MODEL)
"""Types of which a server takes no entity without columns."""

_HASH_BYTES = 16  # sourceHash holds 32 characters at most
_WORDS = {"display_name": "displayName", "description": "description"}
"""Texts of all entities that a PUT without them clears, by attribute."""

Json = dict[str, Any]


def body(entity: Entity, capabilities: Capabilities, owners: Sequence[Mapping[str, Any]] | None = None) -> Json:
    """The create request of an entity.

    What the entity names as unknown is left out, but for columns: the server insists on them. Such a request can make
    an entity, and must never be put on one that is there: it would take an empty list for the truth. Lists of owners
    and labels are there, and may be empty, where the source knows them; ``merge`` makes the request that is sent.

    Args:
        entity: What the source says.
        capabilities: What the server understands.
        owners: References (``id``, ``type``) as ``owners.OwnerLookup`` finds them; None: not known.
    """
    kind = EntityType(entity.type)
    made: Json = {"name": capabilities.names.entity_name(entity.reference)}
    if holder := layout_of(kind).holder:
        made[holder] = capabilities.names.fqn(_holder(entity.reference))
    facets = _common(entity, capabilities) | facets_of(entity, capabilities)
    unknown = entity.unknown - {COLUMNS} if kind in _WITH_COLUMNS else entity.unknown
    made.update((name, value) for name, (attribute, value) in facets.items() if attribute not in unknown)
    if owners is not None:
        made.update(_owners(owners, capabilities))
    if capabilities.source_hash and has_source_hash(kind):
        made["sourceHash"] = fingerprint(made, unknown_properties(entity, capabilities))
    return made


def unknown_properties(entity: Entity, capabilities: Capabilities) -> frozenset[str]:
    """Properties that the source could not read, and that a request without them would clear."""
    kind = EntityType(entity.type)
    properties = {**_WORDS, **CLEARED.get(kind, {})}
    if kind in capabilities.urls:
        properties["source_url"] = capabilities.urls[kind]
    if kind is EntityType.TABLE:
        properties["sql"] = capabilities.schema_definition
    if kind in _WITH_COLUMNS:
        properties[COLUMNS] = COLUMNS
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


def has_source_hash(kind: EntityType) -> bool:
    """Whether entities of a type have ``sourceHash``, on servers that know it: all that services hold."""
    return kind.root.value.endswith("Service") and kind.parent is not None


def _holder(reference: Reference) -> Reference:
    """What a request names as holder: that a container, tag or term lies in another one is told besides."""
    if reference.type.nests or reference.parent is None:
        return Reference(reference.type.root, reference.path[:1])
    return reference.parent


def _common(entity: Entity, capabilities: Capabilities) -> Facets:
    facets: Facets = {}
    display_name = entity.display_name or capabilities.names.display_name(entity.reference)
    if display_name:
        facets["displayName"] = ("display_name", display_name)
    if entity.description:
        facets["description"] = ("description", entity.description)
    if entity.labels is not None:
        facets["tags"] = ("labels", label_bodies(entity.labels))
    url = capabilities.urls.get(EntityType(entity.type))
    if entity.source_url and url:
        facets[url] = ("source_url", entity.source_url)
    return facets


def _owners(owners: Sequence[Mapping[str, Any]], capabilities: Capabilities) -> Json:
    references = [{"id": owner["id"], "type": owner["type"]} for owner in owners]
    if capabilities.owners == "owners":
        return {"owners": references}
    return {"owner": references[0] if references else None}
