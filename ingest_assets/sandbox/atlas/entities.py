"""Entities by guid and by name, many at once, their headers and classifications, and relationships."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ingest_assets.sandbox.atlas.calls import AtlasCall, Route
from ingest_assets.sandbox.atlas.parameters import page_size
from ingest_assets.sandbox.atlas.refusals import AtlasRefusalError, not_authorized, unknown_attribute, unknown_guid
from ingest_assets.sandbox.atlas.releases import Release
from ingest_assets.sandbox.atlas.rendering import SYSTEM_ATTRIBUTES, Row, Showing, other
from ingest_assets.sandbox.company.atlas import ACTIVE, AtlasEntity, AtlasState

_UNIQUE = re.compile(r"attr_\d+:qualifiedName")


class Entities:
    """Routes of entities and relationships.

    Args:
        atlas: The company's.
        release: The server's ways.
    """

    def __init__(self, atlas: AtlasState, release: Release) -> None:
        self._atlas = atlas
        self._release = release

    def routes(self) -> list[Route]:
        """All of them, those with a fixed path before those with a name in it."""
        one = "/v2/entity/guid/{guid}"
        return [
            Route("entity.guid", one, self._one),
            Route("entity.header", f"{one}/header", self._header),
            Route("entity.classifications", f"{one}/classifications", self._classifications),
            Route("entity.classification", f"{one}/classification/{{name}}", self._classification),
            Route("entity.bulk", "/v2/entity/bulk", self._bulk),
            Route("entity.uniqueAttribute", "/v2/entity/uniqueAttribute/type/{type_name}", self._named),
            Route("entity.bulk.uniqueAttribute", "/v2/entity/bulk/uniqueAttribute/type/{type_name}", self._bulk_named),
            Route("relationship.guid", "/v2/relationship/guid/{guid}", self._relationship),
            Route("search.relationship", "/v2/search/relationship", self._related),
        ]

    def _one(self, call: AtlasCall) -> Row:
        entity = self.readable(call, call.path["guid"])
        return {"referredEntities": self._referred(call, [entity]), "entity": self._whole(call, entity)}

    def _bulk(self, call: AtlasCall) -> Row:
        guids = call.args.getlist("guid")
        if not guids:
            raise unknown_guid("{0}")
        entities = [self.readable(call, guid) for guid in guids]
        return self._several(call, entities)

    def _named(self, call: AtlasCall) -> Row:
        entity = self.find_named(call, call.unique_name())
        return {"referredEntities": self._referred(call, [entity]), "entity": self._whole(call, entity)}

    def _bulk_named(self, call: AtlasCall) -> Row:
        names = [value for name, value in call.args.items() if _UNIQUE.fullmatch(name)]
        return self._several(call, [self.find_named(call, name) for name in names])

    def _several(self, call: AtlasCall, entities: list[AtlasEntity]) -> Row:
        whole = [self._whole(call, entity) for entity in entities]
        return {"referredEntities": self._referred(call, entities), "entities": whole}

    def _whole(self, call: AtlasCall, entity: AtlasEntity) -> Row:
        return call.showing.full(entity, related=not call.flag("ignoreRelationships"))

    def _referred(self, call: AtlasCall, entities: Iterable[AtlasEntity]) -> Row:
        if call.flag("ignoreRelationships"):
            return {}
        show = call.showing.short if call.flag("minExtInfo") else call.showing.full
        return {owned.guid: show(owned) for entity in entities for owned in call.showing.owned(entity)}

    def _header(self, call: AtlasCall) -> Row:
        return call.showing.header(self.readable(call, call.path["guid"]), classified=True)

    def _classifications(self, call: AtlasCall) -> Row:
        entity = self.readable(call, call.path["guid"])
        rows = [call.showing.classification(one) for one in self._atlas.classifications(entity)]
        return {"list": rows, "startIndex": 0, "pageSize": len(rows), "totalCount": len(rows), "sortType": "NONE"}

    def _classification(self, call: AtlasCall) -> Row:
        entity, name = self.readable(call, call.path["guid"]), call.path["name"]
        if name not in self._atlas.types.classifications:
            raise AtlasRefusalError("ATLAS-400-00-014", f"Type CLASSIFICATION with name {name} does not exist")
        for one in self._atlas.classifications(entity):
            if one.type_name == name:
                return call.showing.classification(one)
        raise AtlasRefusalError("ATLAS-404-00-008", f"Given classification {name} was invalid")

    def readable(self, call: AtlasCall, guid: str, action: str = "read entity") -> AtlasEntity:
        """An entity that the caller may read.

        Raises:
            AtlasRefusalError: There is none, or the caller may not read it.
        """
        entity = self._atlas.find(guid)
        if entity is None:
            raise unknown_guid(guid)
        if not call.showing.may_read(entity):
            raise not_authorized(call.showing.user.name, f"{action}: guid={guid}")
        return entity

    def find_named(self, call: AtlasCall, name: str) -> AtlasEntity:
        """The entity that a path's type and a qualified name name.

        Raises:
            AtlasRefusalError: There is no such type, none of that name that is active, or the caller may not read it.
        """
        type_name = call.path["type_name"]
        if type_name not in self._atlas.types.entities:
            raise AtlasRefusalError("ATLAS-400-00-014", f"Type ENTITY with name {type_name} does not exist")
        entity = self._atlas.named(type_name, name)
        if entity is None:
            words = f"Instance {type_name} with unique attribute {{qualifiedName={name}}} does not exist"
            raise AtlasRefusalError("ATLAS-404-00-009", words)
        if not call.showing.may_read(entity):
            words = f"read entity: typeName={type_name}, uniqueAttributes={{qualifiedName={name}}}"
            raise not_authorized(call.showing.user.name, words)
        return entity

    # relationships

    def _relationship(self, call: AtlasCall) -> Row:
        guid = call.path["guid"]
        found = self._atlas.relation(guid)
        if found is None:
            raise AtlasRefusalError("ATLAS-404-00-00C", f"Given relationship guid {guid} is invalid/not found")
        kind = self._atlas.types.relations[found.type_name]
        one, two = found.ends
        row: Row = {"typeName": found.type_name, "guid": guid, "provenanceType": 0}
        if kind.attributes:
            row["attributes"] = {known.name: found.attributes.get(known.name) for known in kind.attributes}
        row |= {
            "end1": call.showing.reference(one),
            "end2": call.showing.reference(two),
            "propagateTags": kind.propagate,
            "status": found.status,
            "createdBy": "admin",
            "updatedBy": "admin",
            "createTime": found.created,
            "updateTime": found.updated,
            "version": 0,
            "propagatedClassifications": [],
            "blockedPropagatedClassifications": [],
        }
        if kind.label is not None:
            row["label"] = kind.label
        if not call.flag("extendedInfo"):
            return {"relationship": row}
        referred = {end: call.showing.header(self._atlas.get(end)) for end in found.ends}
        return {"relationship": row, "referredEntities": referred}

    def _related(self, call: AtlasCall) -> Row:
        entity = self.readable(call, call.args.get("guid", ""))
        found = [
            self._atlas.get(other(one, entity.guid))
            for one in call.showing.relations_by(entity, call.args.get("relation", ""))
        ]
        if call.flag("excludeDeletedEntities"):
            found = [one for one in found if one.status == ACTIVE]
        found = self._sorted(call, found)
        offset = max(0, call.number("offset", 0))
        page = found[offset : offset + page_size(call.number("limit", 0))]
        names = call.args.getlist("attributes")
        classified = call.flag("includeClassificationAttributes")
        kept = [one for one in page if not call.hides(str(one.attributes["qualifiedName"]))]
        rows = [call.showing.header(one, call.showing.values(one, names), classified=classified) for one in kept]
        counted = call.flag("getApproximateCount") and self._release.counts_page
        return {"queryType": "RELATIONSHIP", "entities": rows, "approximateCount": len(found) if counted else -1}

    def _sorted(self, call: AtlasCall, found: list[AtlasEntity]) -> list[AtlasEntity]:
        by = call.args.get("sortBy") or "name"
        known = {name for one in found for name in self._atlas.types.attributes(one.type_name)} | SYSTEM_ATTRIBUTES
        if found and by not in known:
            raise unknown_attribute(by, found[0].type_name)
        down = call.args.get("sortOrder") == "DESCENDING"
        return sorted(found, key=lambda one: _rank(call.showing, one, by), reverse=down)


def _rank(showing: Showing, entity: AtlasEntity, name: str) -> tuple[bool, float, str]:
    value = showing.value(entity, name)
    number = value if isinstance(value, (int, float)) else 0
    return (value is not None, number, "" if isinstance(value, (int, float)) else str(value))
