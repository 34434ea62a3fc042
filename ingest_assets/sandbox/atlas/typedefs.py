"""Type definitions as Atlas shows them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping

from ingest_assets.sandbox.atlas.calls import AtlasCall, Route
from ingest_assets.sandbox.atlas.refusals import AtlasRefusalError
from ingest_assets.sandbox.atlas.rendering import Row
from ingest_assets.sandbox.atlas.searching import applies
from ingest_assets.sandbox.company.atlas import OPENED, AtlasState
from ingest_assets.sandbox.company.atlas_model import AttributeDef, EntityType, RelationType, Side

_KINDS = {
    "ENUM": "enumDefs",
    "STRUCT": "structDefs",
    "CLASSIFICATION": "classificationDefs",
    "ENTITY": "entityDefs",
    "RELATIONSHIP": "relationshipDefs",
    "BUSINESS_METADATA": "businessMetadataDefs",
}
_ENDLESS = 2_147_483_647
_UNCOUNTED = -1


class TypeDefinitions:
    """Routes of type definitions.

    Args:
        atlas: The company's.
    """

    def __init__(self, atlas: AtlasState) -> None:
        self._atlas = atlas

    def routes(self) -> list[Route]:
        """Headers, all definitions, and one by its name or guid."""
        base = "/v2/types"
        routes = [
            Route("types.headers", f"{base}/typedefs/headers", self._headers),
            Route("types.typedefs", f"{base}/typedefs", self._all),
            Route("types.typedef", f"{base}/typedef/name/{{name}}", self._finder()),
            Route("types.typedef", f"{base}/typedef/guid/{{guid}}", self._by_guid),
        ]
        kinds = {"enum": "ENUM", "struct": "STRUCT", "classification": "CLASSIFICATION", "entity": "ENTITY"}
        kinds |= {"relationship": "RELATIONSHIP", "businessmetadata": "BUSINESS_METADATA"}
        for word, kind in kinds.items():
            routes.append(Route("types.typedef", f"{base}/{word}def/name/{{name}}", self._finder(kind)))
        return routes

    def _all(self, call: AtlasCall) -> Row:
        wanted = self._wanted(call)
        return {key: [row for row in wanted if row["category"] == kind] for kind, key in _KINDS.items()}

    def _headers(self, call: AtlasCall) -> list[Row]:
        shown = ("guid", "name", "serviceType", "category")
        return [{key: row[key] for key in shown if key in row} for row in self._wanted(call)]

    def _wanted(self, call: AtlasCall) -> list[Row]:
        rows = list(self._rows())
        kind = call.args.get("type", "").upper()
        if kind:
            rows = [row for row in rows if row["category"] == kind]
        if call.flag("excludeInternalTypesAndReferences"):
            rows = [row for row in rows if "__internal" not in row.get("superTypes", ()) and row["name"][:2] != "__"]
        service = call.args.get("serviceType")
        return [row for row in rows if row.get("serviceType") == service] if service else rows

    def _finder(self, kind: str | None = None) -> Callable[[AtlasCall], Row]:
        def find(call: AtlasCall) -> Row:
            name = call.path["name"]
            for row in self._rows():
                if row["name"] == name and kind in (None, row["category"]):
                    return row
            raise AtlasRefusalError("ATLAS-404-00-001", f"Given typename {name} was invalid")

        return find

    def _by_guid(self, call: AtlasCall) -> Row:
        guid = call.path["guid"]
        for row in self._rows():
            if row["guid"] == guid:
                return row
        raise AtlasRefusalError("ATLAS-404-00-002", f"Given type guid {guid} was invalid")

    def _rows(self) -> Iterator[Row]:
        model = self._atlas.types
        for values in model.enums.values():
            listed = [{"value": value, "ordinal": ordinal} for value, ordinal in values.values.items()]
            yield _head("ENUM", values.name, values.service, values.version) | {"elementDefs": listed}
        for struct in model.structs.values():
            yield _head("STRUCT", struct.name, struct.service, struct.version) | _attributes(struct.attributes)
        for one in model.classifications.values():
            below = [other.name for other in model.classifications.values() if one.name in other.supers]
            yield (
                _head("CLASSIFICATION", one.name, None, "1.0", one.description, "admin")
                | _attributes(one.attributes)
                | {"superTypes": list(one.supers), "entityTypes": [], "subTypes": below}
            )
        yield from (self._entity(kind) for kind in model.entities.values())
        yield from map(_relation, model.relations.values())
        for sets in model.business.values():
            yield _head("BUSINESS_METADATA", sets.name, None, "1.0", sets.description, "admin") | _attributes(
                sets.attributes
            )

    def _entity(self, kind: EntityType) -> Row:
        model = self._atlas.types
        row = _head("ENTITY", kind.name, kind.service, kind.version, kind.description)
        if kind.options:
            row["options"] = dict(kind.options)
        own = model.attributes(kind.name)
        sides = [side for listed in model.sides(kind.name).values() for side in listed]
        above = model.lineage(kind.name)
        business = {
            name: [_attribute(one) for one in sets.attributes if applies(one, above)]
            for name, sets in model.business.items()
        }
        return (
            row
            | _attributes(kind.attributes)
            | {
                "superTypes": list(kind.supers),
                "subTypes": [one.name for one in model.entities.values() if kind.name in one.supers],
                "relationshipAttributeDefs": [_relationship_attribute(side, own) for side in sides],
                "businessAttributeDefs": {name: rows for name, rows in business.items() if rows},
            }
        )


def _head(
    kind: str, name: str, service: str | None, version: str, description: str | None = None, by: str = "root"
) -> Row:
    row: Row = {
        "category": kind,
        "guid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"atlas-type:{name}")),
        "createdBy": by,
        "updatedBy": by,
        "createTime": OPENED,
        "updateTime": OPENED,
        "version": 1,
        "name": name,
        "description": name if description is None else description,
        "typeVersion": version,
    }
    return row if service is None else row | {"serviceType": service}


def _attributes(attributes: Iterable[AttributeDef]) -> Row:
    return {"attributeDefs": [_attribute(one) for one in attributes]}


def _attribute(one: AttributeDef) -> Row:
    many = "SET" if "set" in one.marks else "LIST" if "list" in one.marks else "SINGLE"
    least, most = (0 if one.optional else 1), (1 if many == "SINGLE" else _ENDLESS)
    row: Row = {
        "name": one.name,
        "typeName": one.type_name,
        "isOptional": one.optional,
        "cardinality": many,
        "valuesMinCount": _UNCOUNTED if "uncounted" in one.marks else least,
        "valuesMaxCount": _UNCOUNTED if "uncounted" in one.marks else most,
        "isUnique": one.unique,
        "isIndexable": "indexed" in one.marks,
        "includeInNotification": "notified" in one.marks,
        "searchWeight": int(_marked(one, "weight") or -1),
    }
    index = _marked(one, "index")
    if index:
        row["indexType"] = index
    if one.options:
        row["options"] = dict(one.options)
    return row


def _marked(one: AttributeDef, word: str) -> str:
    return next((mark.partition("=")[2] for mark in one.marks if mark.startswith(f"{word}=")), "")


def _relationship_attribute(side: Side, own: Mapping[str, AttributeDef]) -> Row:
    of_its_own = side.end.name in own
    row: Row = {
        "name": side.end.name,
        "typeName": f"array<{side.other.type_name}>" if side.end.many else side.other.type_name,
        "isOptional": side.relation.category != "COMPOSITION" or side.end.container,
        "cardinality": "SET" if side.end.many else "SINGLE",
        "valuesMinCount": 0 if of_its_own else _UNCOUNTED,
        "valuesMaxCount": _ENDLESS if of_its_own else _UNCOUNTED,
        "isUnique": False,
        "isIndexable": False,
        "includeInNotification": False,
        "searchWeight": -1,
    }
    if side.owns:
        row["constraints"] = [{"type": "ownedRef"}]
    return row | {"relationshipTypeName": side.relation.name, "isLegacyAttribute": side.end.legacy}


def _relation(kind: RelationType) -> Row:
    row = _head("RELATIONSHIP", kind.name, kind.service, kind.version) | _attributes(kind.attributes)
    row["relationshipCategory"] = kind.category
    if kind.label is not None:
        row["relationshipLabel"] = kind.label
    row["propagateTags"] = kind.propagate
    for number, end in enumerate(kind.ends, 1):
        row[f"endDef{number}"] = {
            "type": end.type_name,
            "name": end.name,
            "isContainer": end.container,
            "cardinality": "SET" if end.many else "SINGLE",
            "isLegacyAttribute": end.legacy,
        }
    return row
