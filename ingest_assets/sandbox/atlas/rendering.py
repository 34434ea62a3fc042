"""Entities as Atlas shows them: as headers of searches, in full, shortened, and as references."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from ingest_assets.sandbox.atlas.releases import Release
from ingest_assets.sandbox.atlas.users import AtlasUser
from ingest_assets.sandbox.company.atlas import ACTIVE, DELETED, AtlasEntity, AtlasState, Classification, Relationship
from ingest_assets.sandbox.company.atlas_model import AttributeDef, RelationType, Side

Row = dict[str, Any]
_T = TypeVar("_T")

SEMANTIC = "AtlasGlossarySemanticAssignment"
_HEADER = ("owner", "createTime", "qualifiedName", "name", "description")
_BLANK = ("owner", "description")
_ZEROES: dict[str, Any] = {
    "boolean": False,
    **dict.fromkeys(("byte", "short", "int", "long", "float", "double", "date"), 0),
}
SYSTEM_ATTRIBUTES = frozenset(
    {
        "__guid", "__typeName", "__state", "__timestamp", "__modificationTimestamp", "__createdBy", "__modifiedBy",
        "__labels", "__customAttributes", "__isIncomplete", "__classificationNames", "__propagatedClassificationNames",
    }
)  # fmt: skip


class Showing:
    """One caller's view of the company's Atlas, for one answer.

    Args:
        atlas: The company's.
        release: The server's ways.
        user: Who looks.
        number: Of the answer; lists come in another order each time.
    """

    def __init__(self, atlas: AtlasState, release: Release, user: AtlasUser, number: int) -> None:
        self.atlas = atlas
        self.release = release
        self.user = user
        self._dice = random.Random(number)  # noqa: S311  # an order, and no secret

    def shuffled(self, rows: Iterable[_T]) -> list[_T]:
        """Rows in an order of their own, as Atlas gives a table's columns."""
        found = list(rows)
        self._dice.shuffle(found)
        return found

    def may_read(self, entity: AtlasEntity) -> bool:
        """Whether the caller may read an entity."""
        return self.user.may_read(self.atlas, entity)

    # headers

    def header(self, entity: AtlasEntity, values: Row | None = None, *, classified: bool = False) -> Row:
        """An entity as searches and lineage show it; scrubbed if the caller may not read it.

        Args:
            entity: The entity.
            values: Attributes that were asked for besides, see ``values``.
            classified: Whether to tell classifications in full.
        """
        if not self.may_read(entity):
            return self._header(entity, {}, "-1", [], [])
        attributes = self._header_attributes(entity) | (values or {})
        classifications = self.atlas.classifications(entity)
        row = self._header(entity, attributes, entity.guid, classifications, self.meanings(entity))
        if classified:
            row["classifications"] = [self.classification(one) for one in classifications]
        return row

    def _header(
        self,
        entity: AtlasEntity,
        attributes: Row,
        guid: str,
        classifications: Sequence[Classification],
        meanings: list[Row],
    ) -> Row:
        return {
            "typeName": entity.type_name,
            "attributes": attributes,
            "guid": guid,
            "status": entity.status,
            "displayText": self.display_text(entity),
            "classificationNames": list(dict.fromkeys(one.type_name for one in classifications)),
            "meaningNames": [meaning["displayText"] for meaning in meanings],
            "meanings": meanings,
            "isIncomplete": False,
            "labels": list(entity.labels),
        }

    def _header_attributes(self, entity: AtlasEntity) -> Row:
        defined = self.atlas.types.attributes(entity.type_name)
        found: Row = {}
        for name in _HEADER:
            if name in defined:
                value = self.own(entity, defined[name])
                if value is not None:
                    found[name] = value
                elif self.release.blank_texts and name in _BLANK:
                    found[name] = ""
        return found

    def meanings(self, entity: AtlasEntity) -> list[Row]:
        """The terms that are assigned to an entity."""
        return [self._meaning(one) for one in self.relations_by(entity, "meanings") if one.status == ACTIVE]

    def _meaning(self, relation: Relationship) -> Row:
        term = self.atlas.get(relation.ends[0])
        row = {
            "termGuid": term.guid,
            "relationGuid": relation.guid,
            "displayText": term.attributes["name"],
            "confidence": relation.attributes.get("confidence") or 0,
        }
        if self.release.names_relatives:
            row["qualifiedName"] = term.attributes["qualifiedName"]
        return row

    def display_text(self, entity: AtlasEntity) -> str:
        """What screens call an entity."""
        options = self.atlas.types.entities[entity.type_name].options or {}
        for name in (options.get("displayTextAttribute"), "name", "displayName", "qualifiedName"):
            if name is not None and entity.attributes.get(name) is not None:
                return str(entity.attributes[name])
        return entity.guid

    def values(self, entity: AtlasEntity, names: Iterable[str]) -> Row:
        """Attributes as a search shows them on request, of those that have a value."""
        found = {name: self.value(entity, name) for name in names}
        return {name: value for name, value in found.items() if value is not None}

    def value(self, entity: AtlasEntity, name: str) -> Any:
        """One attribute as a search shows it on request; None where it shows nothing."""
        if name in SYSTEM_ATTRIBUTES:
            return system_value(self.atlas, entity, name)
        defined = self.atlas.types.attributes(entity.type_name).get(name)
        sides = self.atlas.types.sides(entity.type_name).get(name)
        if sides:
            return self._references(entity, name, sides)
        if defined is not None:
            return self.own(entity, defined)
        collection, dot, below = name.partition(".")
        return entity.business.get(collection, {}).get(below) if dot else None

    def _references(self, entity: AtlasEntity, name: str, sides: Sequence[Side]) -> Any:
        # Of two relationships that share an attribute the first alone is indexed: a partition key has no table here.
        found = self._relations_at(entity, sides[:1])
        references = [self.reference(other(one, entity.guid)) for one in found]
        if sides[0].end.many:
            return self.shuffled(references)
        return references[0] if references else None

    # references

    def relations_by(self, entity: AtlasEntity, name: str) -> list[Relationship]:
        """What an entity takes part in by one of its attributes."""
        return self._relations_at(entity, self.atlas.types.sides(entity.type_name).get(name, ()))

    def _relations_at(self, entity: AtlasEntity, sides: Sequence[Side]) -> list[Relationship]:
        by_type = {side.relation.name: side for side in sides}
        found = self.atlas.relations(entity.guid, by_type.keys())
        return [one for one in found if _is_at(one, entity.guid, by_type[one.type_name])]

    def reference(self, guid: str, *, named: bool = True) -> Row:
        """An entity as another's attribute."""
        entity = self.atlas.get(guid)
        row: Row = {"guid": guid, "typeName": entity.type_name}
        if named:
            row["uniqueAttributes"] = {"qualifiedName": entity.attributes["qualifiedName"]}
        return row

    def relative(self, relation: Relationship, guid: str) -> Row:
        """The entity at the other end of a relationship, and the relationship."""
        entity = self.atlas.get(other(relation, guid))
        kind = self.atlas.types.relations[relation.type_name]
        row = {
            "guid": entity.guid,
            "typeName": entity.type_name,
            "entityStatus": entity.status,
            "displayText": self.display_text(entity),
            "relationshipType": relation.type_name,
            "relationshipGuid": relation.guid,
            "relationshipStatus": relation.status,
            "relationshipAttributes": _relation_attributes(relation, kind),
        }
        if self.release.names_relatives:
            row["qualifiedName"] = entity.attributes["qualifiedName"]
        return row

    # whole entities

    def own(self, entity: AtlasEntity, defined: AttributeDef) -> Any:
        """An attribute of an entity's own; numbers and times that nobody gave are 0."""
        value = entity.attributes.get(defined.name)
        return _ZEROES.get(defined.type_name) if value is None else value

    def full(self, entity: AtlasEntity, *, related: bool = True) -> Row:
        """An entity with all that is known of it; without what it is related to on request."""
        row: Row = {
            "typeName": entity.type_name,
            "attributes": self._full_attributes(entity, related=related),
            "guid": entity.guid,
            "isIncomplete": False,
            "status": entity.status,
            "createdBy": entity.created_by,
            "updatedBy": entity.updated_by,
            "createTime": entity.created,
            "updateTime": entity.updated,
            "version": 0,
        }
        if related:
            row["relationshipAttributes"] = self._relationship_attributes(entity)
        return row | self._said(entity)

    def short(self, entity: AtlasEntity) -> Row:
        """An entity as ``minExtInfo`` shows those that another refers to."""
        options = self.atlas.types.entities[entity.type_name].options or {}
        names = {name.strip() for name in json.loads(options.get("schemaAttributes", "[]"))} | set(_HEADER)
        defined = self.atlas.types.attributes(entity.type_name)
        values = {name: self.own(entity, one) for name, one in defined.items() if name in names}
        row = self.full(entity, related=False)
        row["attributes"] = {name: value for name, value in values.items() if value is not None}
        row.pop("businessAttributes", None)
        return row

    def _said(self, entity: AtlasEntity) -> Row:
        row: Row = {}
        classifications = self.atlas.classifications(entity)
        if classifications:
            row["classifications"] = [self.classification(one) for one in classifications]
        if entity.business:
            row["businessAttributes"] = {name: dict(values) for name, values in entity.business.items()}
        if entity.custom:
            row["customAttributes"] = dict(entity.custom)
        row["labels"] = list(entity.labels)
        return row

    def classification(self, one: Classification) -> Row:
        """A classification; it tells where it was put, which is elsewhere for a propagated one."""
        row: Row = {"typeName": one.type_name}
        if one.attributes is not None:
            row["attributes"] = dict(one.attributes)
        row["entityGuid"] = one.source
        row["entityStatus"] = self.atlas.get(one.source).status
        row["propagate"] = one.propagate
        if one.validity:
            row["validityPeriods"] = [dict(period) for period in one.validity]
        row["removePropagationsOnEntityDelete"] = one.remove_on_delete
        return row

    def _full_attributes(self, entity: AtlasEntity, *, related: bool) -> Row:
        sides = self.atlas.types.sides(entity.type_name)
        defined = self.atlas.types.attributes(entity.type_name)
        row = {name: self.own(entity, one) for name, one in defined.items() if name not in sides}
        # What a type defines itself, as Process does with inputs, is shown without relationships, too.
        shown = [name for name, of in sides.items() if of[0].end.legacy and (related or name in defined)]
        return row | {name: self._legacy(entity, name, sides[name]) for name in shown}

    def _legacy(self, entity: AtlasEntity, name: str, sides: Sequence[Side]) -> Any:
        named = name in self.atlas.types.attributes(entity.type_name)
        found = self.relations_by(entity, name)
        if sides[0].end.many:
            return self.shuffled(self.reference(other(one, entity.guid), named=named) for one in found)
        for one in found:
            guid = other(one, entity.guid)
            if one.status == ACTIVE or self.atlas.get(guid).status == DELETED:
                return self.reference(guid, named=named)
        return None

    def _relationship_attributes(self, entity: AtlasEntity) -> Row:
        row: Row = {}
        for name, sides in self.atlas.types.sides(entity.type_name).items():
            found = [self.relative(one, entity.guid) for one in self.relations_by(entity, name)]
            if sides[0].end.many:
                row[name] = self.shuffled(found)
            elif found or self.release.names_relatives:
                row[name] = found[0] if found else None
        return row

    def owned(self, entity: AtlasEntity) -> Iterator[AtlasEntity]:
        """What an entity owns, and what that owns."""
        for sides in self.atlas.types.sides(entity.type_name).values():
            for side in sides:
                if side.owns:
                    for one in self.relations_by(entity, side.end.name):
                        if one.type_name == side.relation.name:
                            child = self.atlas.get(other(one, entity.guid))
                            yield child
                            yield from self.owned(child)


def system_value(atlas: AtlasState, entity: AtlasEntity, name: str) -> Any:
    """One of the attributes that every entity has."""
    values: dict[str, Any] = {
        "__guid": entity.guid,
        "__typeName": entity.type_name,
        "__state": entity.status,
        "__timestamp": entity.created,
        "__modificationTimestamp": entity.updated,
        "__createdBy": entity.created_by,
        "__modifiedBy": entity.updated_by,
        "__isIncomplete": 0,
        "__labels": f"|{'|'.join(entity.labels)}|" if entity.labels else None,
        "__customAttributes": json.dumps(dict(entity.custom), separators=(",", ":")) if entity.custom else None,
    }
    if name in values:
        return values[name]
    own = [one.type_name for one in entity.classifications]
    names = own if name == "__classificationNames" else [one.type_name for one in atlas.propagated(entity.guid)]
    return f"|{'|'.join(names)}|" if names else None


def other(relation: Relationship, guid: str) -> str:
    """Who is at the other end."""
    return relation.ends[1] if relation.ends[0] == guid else relation.ends[0]


def _is_at(relation: Relationship, guid: str, side: Side) -> bool:
    one, two = side.relation.ends
    return one == two or relation.ends[side.at] == guid


def _relation_attributes(relation: Relationship, kind: RelationType) -> Row:
    row: Row = {"typeName": relation.type_name}
    if kind.attributes:
        row["attributes"] = {one.name: relation.attributes.get(one.name) for one in kind.attributes}
    return row


def count_answers() -> Iterator[int]:
    """Numbers of answers."""
    return itertools.count(1)
