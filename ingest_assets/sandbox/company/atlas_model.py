"""Atlas's type system as far as the company uses it: entity types, what relates them, structs, enums and tags."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from ingest_assets.errors import NotFoundError

VERSIONS = ("2.1.0", "2.4.0")
"""Those whose answers were observed."""

_TYPES = Path(__file__).parent / "atlas_types.json"


@dataclass(frozen=True)
class AttributeDef:
    """One attribute of a type.

    Attributes:
        name: Its name.
        type_name: Atlas's word, e.g. ``array<string>``.
        marks: ``?`` for optional; ``unique``, ``indexed``, ``notified``, ``set``, ``list``, ``soft``, ``uncounted``,
            ``weight=9`` and ``index=STRING``.
        options: As the type definition shows them.
    """

    name: str
    type_name: str
    marks: frozenset[str] = frozenset()
    options: Mapping[str, str] | None = None

    @classmethod
    def read(cls, name: str, text: str, options: Mapping[str, str] | None = None) -> AttributeDef:
        """Read e.g. ``string ? indexed``."""
        type_name, *marks = text.split(" ")
        shown = {"isSoftReference": "true"} if "soft" in marks else options
        return cls(name, type_name, frozenset(marks), shown)

    @property
    def optional(self) -> bool:
        """Whether an entity may lack it."""
        return "?" in self.marks

    @property
    def unique(self) -> bool:
        """Whether entities are looked up by it."""
        return "unique" in self.marks


class End(NamedTuple):
    """One end of a relationship.

    Attributes:
        type_name: The entity type at this end.
        name: The attribute that this end's entities see the others by.
        many: Whether they see several.
        container: Whether it holds the others.
        legacy: Whether the attribute is an entity's plain attribute, too.
    """

    type_name: str
    name: str
    many: bool
    container: bool
    legacy: bool

    @classmethod
    def read(cls, text: str) -> End:
        """Read e.g. ``hive_table columns set container legacy``."""
        type_name, name, *marks = text.split(" ")
        return cls(type_name, name, "set" in marks, "container" in marks, "legacy" in marks)


@dataclass(frozen=True)
class RelationType:
    """A type of relationships.

    Attributes:
        name: Its name.
        category: ``ASSOCIATION``, ``AGGREGATION`` or ``COMPOSITION``, whose container owns the others.
        ends: Both.
        propagate: Which way classifications go: ``NONE``, ``ONE_TO_TWO`` or ``TWO_TO_ONE``.
        service: Whose model it is part of.
        version: Of the definition.
        label: Of the graph's edge.
        attributes: What a relationship may say besides.
    """

    name: str
    category: str
    ends: tuple[End, End]
    propagate: str = "NONE"
    service: str = "atlas_core"
    version: str = "1.0"
    label: str | None = None
    attributes: tuple[AttributeDef, ...] = ()


class Side(NamedTuple):
    """A relationship as one of its ends sees it."""

    relation: RelationType
    at: int

    @property
    def end(self) -> End:
        """This end."""
        return self.relation.ends[self.at]

    @property
    def other(self) -> End:
        """The other end."""
        return self.relation.ends[1 - self.at]

    @property
    def owns(self) -> bool:
        """Whether the others live and die with this end's entity."""
        return self.relation.category == "COMPOSITION" and self.end.container


@dataclass(frozen=True)
class EntityType:
    """A type of entities; ``options`` are Atlas's hints for its screens, one of which shapes short answers."""

    name: str
    supers: tuple[str, ...]
    attributes: tuple[AttributeDef, ...]
    service: str | None = None
    version: str = "1.0"
    description: str | None = None
    options: Mapping[str, str] | None = None


@dataclass(frozen=True)
class ClassificationType:
    """A type of classifications, which users define."""

    name: str
    description: str = ""
    supers: tuple[str, ...] = ()
    attributes: tuple[AttributeDef, ...] = ()


@dataclass(frozen=True)
class BusinessType:
    """A set of business attributes, which users define."""

    name: str
    attributes: tuple[AttributeDef, ...]
    description: str = ""


@dataclass(frozen=True)
class ValuesType:
    """An enum: ordinals by value."""

    name: str
    values: Mapping[str, int]
    service: str | None = None
    version: str = "1.0"


@dataclass
class TypeModel:
    """All types of one server."""

    entities: dict[str, EntityType]
    relations: dict[str, RelationType]
    structs: dict[str, EntityType]
    enums: dict[str, ValuesType]
    classifications: dict[str, ClassificationType] = field(default_factory=dict)
    business: dict[str, BusinessType] = field(default_factory=dict)

    def lineage(self, name: str) -> list[str]:
        """An entity type and all above it, itself first."""
        found = [name]
        for one in found:
            found += [above for above in self._entity(one).supers if above not in found]
        return found

    @cached_property
    def _below(self) -> dict[str, list[str]]:
        below: dict[str, list[str]] = {name: [name] for name in self.entities}
        for name in self.entities:
            for above in self.lineage(name)[1:]:
                below[above].append(name)
        return below

    def with_subtypes(self, name: str) -> list[str]:
        """An entity type and all below it."""
        return self._below[name]

    def classifications_below(self, name: str) -> set[str]:
        """A classification type and all below it."""
        found = {name}
        while more := {one.name for one in self.classifications.values() if set(one.supers) & found} - found:
            found |= more
        return found

    @cached_property
    def _attributes(self) -> dict[str, dict[str, AttributeDef]]:
        return {
            name: {one.name: one for above in self.lineage(name) for one in self.entities[above].attributes}
            for name in self.entities
        }

    def attributes(self, name: str) -> dict[str, AttributeDef]:
        """The attributes of an entity type, those of its supertypes included."""
        return self._attributes[name]

    @cached_property
    def _sides(self) -> dict[str, dict[str, list[Side]]]:
        found: dict[str, dict[str, list[Side]]] = {}
        for name in self.entities:
            above = set(self.lineage(name))
            sides = found[name] = {}
            for side in self._all_sides():
                if side.end.type_name in above:
                    sides.setdefault(side.end.name, []).append(side)
        return found

    def sides(self, name: str) -> dict[str, list[Side]]:
        """How an entity type takes part in relationships, by attribute; two may share one (``hive_column.table``)."""
        return self._sides[name]

    def _all_sides(self) -> Iterator[Side]:
        for relation in self.relations.values():
            yield Side(relation, 0)
            if relation.ends[0] != relation.ends[1]:
                yield Side(relation, 1)

    def _entity(self, name: str) -> EntityType:
        if name not in self.entities:
            raise NotFoundError(f"the company's Atlas has no entity type {name!r}", where="sandbox company")
        return self.entities[name]


def read_model(version: str) -> TypeModel:
    """The types that a server of a version has before its users add to them.

    Raises:
        ValueError: That version was not observed.
    """
    if version not in VERSIONS:
        raise ValueError(f"Atlas {version} is none of {', '.join(VERSIONS)}")
    written = json.loads(_TYPES.read_text(encoding="utf-8"))
    older = written["older"].get(version, {"entities": {}, "without": []})
    entities = written["entities"] | older["entities"]
    relations = {name: row for name, row in written["relationships"].items() if name not in older["without"]}
    return TypeModel(
        {name: _entity_type(name, row) for name, row in entities.items()},
        {name: _relation_type(name, row) for name, row in relations.items()},
        {name: _entity_type(name, row) for name, row in written["structs"].items()},
        {
            name: ValuesType(name, row["values"], row["service"], row["version"])
            for name, row in written["enums"].items()
        },
    )


def attributes_of(texts: Mapping[str, str]) -> tuple[AttributeDef, ...]:
    """Attributes by name, in the words of ``AttributeDef.read``."""
    return tuple(AttributeDef.read(name, text) for name, text in texts.items())


def _entity_type(name: str, row: Mapping[str, Any]) -> EntityType:
    return EntityType(
        name,
        tuple(row.get("super", ())),
        attributes_of(row["attributes"]),
        row["service"],
        row["version"],
        row.get("description", name),
        row.get("options"),
    )


def _relation_type(name: str, row: Mapping[str, Any]) -> RelationType:
    one, two = map(End.read, row["ends"])
    return RelationType(
        name,
        row["category"],
        (one, two),
        row.get("propagate", "NONE"),
        row["service"],
        row.get("version", "1.0"),
        row.get("label"),
        attributes_of(row.get("attributes", {})),
    )
