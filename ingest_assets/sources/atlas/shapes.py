"""What Atlas answers, in the form in which it is read. Pure functions of its JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Json = Mapping[str, Any]

ACTIVE = "ACTIVE"
NO_GUID = "-1"
"""In the place of the guid of what a user may not see: the row is there, with a name and nothing else."""


class Classified(NamedTuple):
    """A classification on an entity.

    Attributes:
        name: Of the classification.
        attributes: Its values on this entity; those that are not set are left out.
        is_propagated: Whether the entity has it from another one. Atlas has no flag for that: it names the entity that
            the classification was put on.
        is_limited: Whether it holds for a time only.
    """

    name: str
    attributes: Mapping[str, Any]
    is_propagated: bool
    is_limited: bool


class Meaning(NamedTuple):
    """A glossary's term that is assigned to an entity.

    Attributes:
        guid: Of the term.
        name: Of the term.
    """

    guid: str
    name: str


class AtlasEntity(NamedTuple):
    """One row of a search.

    Attributes:
        guid: Its id.
        type: Of the entity.
        name: Its own name.
        qualified_name: Unique within its type; not to be split at dots, which are part of names too.
        attributes: Those that every row has, and those that were asked for.
        classifications: Propagated ones too.
        labels: Free words.
        meanings: Terms of glossaries.
        is_incomplete: Whether Atlas only knows that it exists, from what refers to it.
    """

    guid: str
    type: str
    name: str
    qualified_name: str
    attributes: Mapping[str, Any]
    classifications: tuple[Classified, ...] = ()
    labels: tuple[str, ...] = ()
    meanings: tuple[Meaning, ...] = ()
    is_incomplete: bool = False

    @property
    def cluster(self) -> str:
        """What follows the last ``@`` of its qualified name; empty where there is none."""
        return self.qualified_name.rpartition("@")[2] if "@" in self.qualified_name else ""

    def text(self, *names: str) -> str:
        """The first of these attributes that is no empty text.

        2.4.0 writes empty texts for what is not set, 2.1.0 leaves the keys out, a GET says null.
        """
        values = (self.attributes.get(name) for name in names)
        return next((value for value in values if isinstance(value, str) and value.strip()), "")


class Ref(NamedTuple):
    """How an entity refers to another one.

    Attributes:
        guid: Of the other one.
        type: Of the other one.
        qualified_name: Empty where the answer does not tell it.
    """

    guid: str
    type: str
    qualified_name: str


def entity_of(row: Json) -> AtlasEntity:
    """An entity, from a row of a search, or from a bulk read.

    Raises:
        KeyError: It lacks what each has.
    """
    guid, attributes = row["guid"], row["attributes"]
    for text in (guid, row["typeName"], attributes["qualifiedName"]):
        if not isinstance(text, str) or not text:
            raise TypeError(f"a text: {text!r} is none")
    told = row.get("classifications") or [{"typeName": name} for name in row.get("classificationNames") or ()]
    return AtlasEntity(
        guid=guid,
        type=row["typeName"],
        # A shell that something refers to may have no name yet.
        name=str(attributes.get("name") or row.get("displayText") or attributes["qualifiedName"]),
        qualified_name=attributes["qualifiedName"],
        attributes=attributes,
        classifications=tuple(_classified(each, guid) for each in told),
        labels=tuple(sorted(row.get("labels") or ())),
        meanings=tuple(Meaning(each["termGuid"], each.get("displayText") or "") for each in _meanings(row)),
        is_incomplete=bool(row.get("isIncomplete")),
    )


def kept_of(row: Json) -> dict[str, Any]:
    """What of a row is kept: all that ``entity_of`` reads."""
    names = ("guid", "typeName", "displayText", "attributes", "classifications", "labels", "isIncomplete")
    kept = {name: row[name] for name in names if row.get(name)}
    if "classifications" not in kept and row.get("classificationNames"):
        kept["classificationNames"] = row["classificationNames"]
    return {**kept, "meanings": list(_meanings(row))}


def refs_of(value: object) -> Iterator[Ref]:
    """What an attribute refers to: one entity, several, or none."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, Mapping) and each.get("guid"):
            unique = each.get("uniqueAttributes") or {}
            yield Ref(each["guid"], each.get("typeName", ""), unique.get("qualifiedName", ""))


def is_scrubbed(row: Json) -> bool:
    """Whether a row stands for what the user may not see.

    Raises:
        KeyError: It has no guid.
    """
    return bool(row["guid"] == NO_GUID)


def without_cluster(qualified_name: str) -> str:
    """A qualified name without its cluster."""
    return qualified_name.rpartition("@")[0] or qualified_name


def _meanings(row: Json) -> Iterator[Json]:
    yield from row.get("meanings") or ()
    # A bulk read has them among the relations.
    related = (row.get("relationshipAttributes") or {}).get("meanings") or ()
    for each in related:
        yield {"termGuid": each["guid"], "displayText": each.get("displayText")}


def _classified(told: Json, guid: str) -> Classified:
    values = {name: value for name, value in (told.get("attributes") or {}).items() if value not in (None, "", [])}
    return Classified(told["typeName"], values, told.get("entityGuid", guid) != guid, bool(told.get("validityPeriods")))
