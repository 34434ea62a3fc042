"""The world of the recorded Atlas servers, rebuilt from what they answered."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest_assets.sandbox.company.atlas import AtlasState, Classification
from ingest_assets.sandbox.company.atlas_model import (
    AttributeDef,
    BusinessType,
    ClassificationType,
    ValuesType,
)

Row = dict[str, Any]

_ROOT = Path(__file__).parents[2]
_CONTRACT = Path(os.environ.get("INGEST_ASSETS_CONTRACT", _ROOT.parent / "shared" / "contract")) / "atlas"
_LAST = "basic term"  # what comes after it changes the world
_GLOSSARY_PARTS = {"terms": "AtlasGlossaryTermAnchor", "categories": "AtlasGlossaryCategoryAnchor"}
_SYSTEM = {"__timestamp": "created", "__modificationTimestamp": "updated", "__createdBy": "created_by"}


def recordings(version: str) -> list[Row]:
    """What a version answered, in order; nothing where no recordings lie beside the project."""
    path = _CONTRACT / f"{version}.jsonl"
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@dataclass
class _Seen:
    """What all answers together say of one entity."""

    guid: str
    type_name: str
    attributes: Row = field(default_factory=dict)
    facts: Row = field(default_factory=dict)
    relations: dict[tuple[str, str, str], Row] = field(default_factory=dict)


class World:
    """Builds an Atlas out of its answers."""

    def __init__(self, version: str, exchanges: list[Row]) -> None:
        self.atlas = AtlasState(version)
        self._seen: dict[str, _Seen] = {}
        names = [one["name"] for one in exchanges]
        self._exchanges = exchanges[: names.index(_LAST) + 1]
        self._define()
        self._look()
        self._enter()

    def _answer(self, name: str) -> Any:
        return next(one["answer"] for one in self._exchanges if one["name"] == name)

    def _define(self) -> None:
        tagged = self._answer("typedefs classification")["classificationDefs"]
        for row in tagged:
            kept = tuple(map(_attribute, row["attributeDefs"]))
            self.atlas.define(ClassificationType(row["name"], row["description"], tuple(row["superTypes"]), kept))
        for row in self._answer("typedefs business metadata")["businessMetadataDefs"]:
            kept = tuple(map(_attribute, row["attributeDefs"]))
            self.atlas.define(BusinessType(row["name"], kept, row["description"]))
        for row in self._answer("typedefs enum")["enumDefs"]:
            if row["name"] == "dq_tier":
                self.atlas.define(ValuesType("dq_tier", {one["value"]: one["ordinal"] for one in row["elementDefs"]}))

    def _look(self) -> None:
        listed = [one for one in self._exchanges if one["name"] in ("basic hive_table all", "basic hive_column")]
        for one in [*listed, *self._exchanges]:  # the listings first, whose order is the index's
            if one["status"] == 200 and not one["name"].startswith("audit"):  # which tells what was
                for row in _dicts(one["answer"]):
                    if row.keys() >= {"guid", "typeName", "status"} and isinstance(row.get("attributes"), dict):
                        self._see(row)
        self._look_at_glossaries()
        self._look_at_lineage()

    def _see(self, row: Row) -> None:
        if row["guid"] == "-1" or row["typeName"] not in self.atlas.types.entities:
            return
        seen = self._seen.setdefault(row["guid"], _Seen(row["guid"], row["typeName"]))
        seen.facts |= {"status": row["status"], "labels": tuple(row.get("labels", ()))}
        sides = self.atlas.types.sides(seen.type_name)
        whole = "createdBy" in row
        for name, value in row["attributes"].items():
            if name in _SYSTEM:
                seen.facts[_SYSTEM[name]] = value
            elif name in sides:
                self._refer(seen, name, value)
            elif "." in name or name.startswith("__"):
                continue
            elif (
                whole or seen.attributes.get(name, "") == ""
            ):  # a header's "" may be nothing: whoever tells more is believed
                seen.attributes[name] = value
        if whole:
            seen.facts |= {"created": row["createTime"], "updated": row["updateTime"]}
            seen.facts["business"] = row.get("businessAttributes", {})
            seen.facts["custom"] = row.get("customAttributes", {})
        if whole or "classifications" in row:
            own = [one for one in row.get("classifications", ()) if one["entityGuid"] == row["guid"]]
            seen.facts["classifications"] = tuple(map(_classification, own))
        for name, value in row.get("relationshipAttributes", {}).items():
            self._refer(seen, name, value)

    def _refer(self, seen: _Seen, name: str, value: Any) -> None:
        for one in value if isinstance(value, list) else [value] if value else []:
            sides = self.atlas.types.sides(seen.type_name)[name]
            kinds = {side.relation.name: side for side in sides}
            side = kinds[one.get("relationshipType", sides[0].relation.name)]
            ends = (seen.guid, one["guid"]) if side.at == 0 else (one["guid"], seen.guid)
            facts = seen.relations.setdefault((side.relation.name, *ends), {})
            if "relationshipGuid" in one:
                facts |= {"guid": one["relationshipGuid"], "status": one["relationshipStatus"]}

    def _look_at_lineage(self) -> None:
        for one in self._exchanges:
            if one["status"] == 200 and one["name"].startswith("lineage "):
                for edge in one["answer"]["relations"]:
                    start = self._seen[edge["fromEntityId"]]
                    reads = "Process" not in self.atlas.types.lineage(start.type_name)
                    kind = "dataset_process_inputs" if reads else "process_dataset_outputs"
                    ends = (edge["fromEntityId"], edge["toEntityId"])
                    key = (kind, *(ends[::-1] if reads else ends))
                    start.relations.setdefault(key, {})["guid"] = edge["relationshipId"]

    def _look_at_glossaries(self) -> None:
        glossary = self._answer("glossary detailed")
        self._part("AtlasGlossary", glossary)
        for kind, member in (("AtlasGlossaryTerm", "termInfo"), ("AtlasGlossaryCategory", "categoryInfo")):
            for row in glossary[member].values():
                self._part(kind, row)
                anchor = (f"{kind}Anchor", glossary["guid"], row["guid"])
                self._seen[row["guid"]].relations[anchor] = {"guid": row["anchor"]["relationGuid"]}
        for row in glossary["categoryInfo"].values():
            for term in row.get("terms", ()):
                key = ("AtlasGlossaryTermCategorization", row["guid"], term["termGuid"])
                self._seen[row["guid"]].relations[key] = {"guid": term["relationGuid"]}
        for row in glossary["termInfo"].values():
            for one in row.get("assignedEntities", ()):
                self._refer(self._seen[row["guid"]], "assignedEntities", one)
            for term in row.get("seeAlso", ()):
                key = ("AtlasGlossaryRelatedTerm", *sorted((row["guid"], term["termGuid"])))
                self._seen[row["guid"]].relations[key] = {"guid": term["relationGuid"]}

    def _part(self, type_name: str, row: Row) -> None:
        known = self.atlas.types.attributes(type_name)
        kept = {name: value for name, value in row.items() if name in known}
        self._seen[row["guid"]] = _Seen(row["guid"], type_name, kept)

    def _enter(self) -> None:
        relations: dict[tuple[str, str, str], Row] = {}
        for seen in self._seen.values():
            attributes = {name: value for name, value in seen.attributes.items() if name != "__guid"}
            self.atlas.add(seen.type_name, attributes, guid=seen.guid, **seen.facts)
            for key, facts in seen.relations.items():
                relations[key] = {**relations.get(key, {}), **facts}
        partitions = {key[1:] for key in relations if key[0] == "hive_table_partitionkeys"}
        guids: set[str] = set()
        for key, facts in relations.items():
            guid = facts.get("guid", "")
            if key[0] == "hive_table_columns" and key[1:] in partitions:
                continue
            if guid not in guids and key[1] in self._seen and key[2] in self._seen:
                guids |= {guid} - {""}
                self.atlas.relate(*key, **facts)


def _dicts(value: Any) -> Iterator[Row]:
    if isinstance(value, dict):
        yield value
        for below in value.values():
            yield from _dicts(below)
    elif isinstance(value, list):
        for below in value:
            yield from _dicts(below)


def _classification(row: Row) -> Classification:
    return Classification(
        row["typeName"],
        row["entityGuid"],
        row.get("attributes"),
        row["propagate"],
        tuple(row.get("validityPeriods", ())),
        row["removePropagationsOnEntityDelete"],
    )


def _attribute(row: Row) -> AttributeDef:
    marks = {word for word, on in (("?", row["isOptional"]), ("set", row["cardinality"] == "SET")) if on}
    return AttributeDef(row["name"], row["typeName"], frozenset(marks), row.get("options"))
