"""A small Atlas in JSON, in the shapes that 2.1.0 and 2.4.0 answer with, and the answers made of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ingest_assets_tests.sources.atlas.odd_server import API, Asked, Reply

Json = dict[str, Any]

_HEADER = ("owner", "qualifiedName", "name", "description", "createTime")
_MOST = 10_000
_INSTEAD = 100


def type_def(name: str, parents: Iterable[str] = (), attributes: Iterable[str] = (), **relations: str) -> Json:
    """An entity type; a relation is ``array<hive_column> hive_table_columns``: type, then relationship."""
    related = (
        {"name": key.rstrip("_"), "typeName": told.split()[0], "relationshipTypeName": told.split()[1]}
        for key, told in relations.items()
    )
    return {
        "name": name,
        "superTypes": list(parents),
        "attributeDefs": [{"name": each, "typeName": "string"} for each in attributes],
        "relationshipAttributeDefs": list(related),
    }


ENTITY_DEFS = [
    type_def("Referenceable", attributes=["qualifiedName"]),
    type_def("Asset", ["Referenceable"], ["name", "description", "owner", "displayName", "userDescription"]),
    type_def("DataSet", ["Asset"], inputToProcesses="array<Process> dataset_process_inputs"),
    type_def("Process", ["Asset"], ["inputs", "outputs"]),
    type_def("hive_db", ["Asset"], ["clusterName", "location"], tables="array<hive_table> hive_table_db"),
    type_def(
        "hive_table",
        ["DataSet"],
        ["comment", "temporary", "tableType"],
        db="hive_db hive_table_db",
        columns="array<hive_column> hive_table_columns",
        partitionKeys="array<hive_column> hive_table_partitionkeys",
        meanings="array<AtlasGlossaryTerm> AtlasGlossarySemanticAssignment",
    ),
    type_def(
        "hive_column",
        ["DataSet"],
        ["type", "comment", "position"],
        table="hive_table hive_table_columns",
        table_="hive_table hive_table_partitionkeys",
    ),
    type_def("company_table", ["hive_table"]),
    type_def("rdbms_db", ["DataSet"], tables="array<rdbms_table> rdbms_db_tables"),
    type_def(
        "rdbms_table",
        ["DataSet"],
        ["name_path", "comment"],
        db="rdbms_db rdbms_db_tables",
        columns="array<rdbms_column> rdbms_table_columns",
    ),
    type_def("rdbms_column", ["DataSet"], ["data_type", "comment"], table="rdbms_table rdbms_table_columns"),
    type_def(
        "rdbms_index",
        ["DataSet"],
        table="rdbms_table rdbms_table_indexes",
        columns="array<rdbms_column> rdbms_index_columns",
    ),
    type_def("kafka_topic", ["DataSet"], ["topic", "uri", "partitionCount"]),
    type_def("hdfs_path", ["DataSet"], ["path"]),
    type_def("hive_process", ["Process"], ["queryText"], columnLineages="array<hive_column_lineage> hive_process_cl"),
    type_def("hive_column_lineage", ["Process"], ["expression"], query="hive_process hive_process_cl"),
]
CLASSIFICATION_DEFS: list[Json] = [
    {"name": "PII", "description": "Personal data", "superTypes": [], "attributeDefs": []},
    {"name": "PII_CONTACT", "description": "", "superTypes": ["PII"], "attributeDefs": []},
    {
        "name": "CONFIDENTIAL",
        "description": "Confidential data",
        "superTypes": [],
        "attributeDefs": [{"name": "level", "typeName": "string"}, {"name": "score", "typeName": "float"}],
    },
]


def classified(name: str, on: str, *, limited: bool = False, **attributes: object) -> Json:
    """A classification that was put on an entity, or came from one, as a search shows it."""
    periods = {"validityPeriods": [{"startTime": "2024/01/01 00:00:00"}]} if limited else {}
    return {"typeName": name, "attributes": attributes, "entityGuid": on, "propagate": True, **periods}


def ref(entity: Json) -> Json:
    """How one entity refers to another in a search."""
    unique = {"qualifiedName": entity["attributes"]["qualifiedName"]}
    return {"guid": entity["guid"], "typeName": entity["typeName"], "uniqueAttributes": unique}


def entity(guid: str, type_name: str, qualified_name: str, name: str, **more: Any) -> Json:
    """An entity: what is no attribute of it begins with an underscore."""
    beside = {key[1:]: value for key, value in more.items() if key.startswith("_")}
    attributes = {key: value for key, value in more.items() if not key.startswith("_")}
    return {
        "typeName": type_name,
        "attributes": {"qualifiedName": qualified_name, "name": name, **attributes},
        "guid": guid,
        "status": "ACTIVE",
        "displayText": name,
        "classificationNames": [each["typeName"] for each in beside.get("classifications", ())],
        "meanings": [],
        "labels": [],
        **beside,
    }


def hidden(type_name: str, name: str) -> Json:
    """A row of what the user may not see."""
    return {"typeName": type_name, "attributes": {}, "guid": "-1", "status": "ACTIVE", "displayText": name}


@dataclass
class Estate:
    """What an Atlas holds, and how it answers.

    Attributes:
        entities: In the order of the index.
        glossaries: As ``/v2/glossary`` lists them.
        terms: Of each glossary by its guid.
        business: Names of business metadata.
        version: Of the server: 2.1.0 gives a count for the index, ignores unknown attributes, and hides no key.
        most: Limit above which 100 is taken.
        entity_defs: Its types.
    """

    entities: list[Json] = field(default_factory=list)
    glossaries: list[Json] = field(default_factory=list)
    terms: dict[str, list[Json]] = field(default_factory=dict)
    business: tuple[str, ...] = ()
    version: str = "2.4.0"
    most: int = _MOST
    entity_defs: list[Json] = field(default_factory=lambda: list(ENTITY_DEFS))

    def __call__(self, asked: Asked) -> Reply:
        """The answer to a request."""
        path = asked.path.partition(API)[2]
        if path == "/admin/version":
            return Reply({"Version": self.version, "Name": "apache-atlas"})
        if path == "/v2/types/typedefs":
            return Reply(self._types(asked.query["type"][0]))
        if path == "/v2/search/basic":
            return self._search(asked.body)
        if path == "/v2/entity/bulk":
            return self._bulk(asked.query["guid"])
        if path.startswith("/v2/glossary"):
            _, _, guid = path.removesuffix("/terms").partition("/v2/glossary/")
            return Reply(self.terms[guid] if guid else self.glossaries)
        return Reply("There was an error processing your request. It has been logged (ID 024d07e566c1aa25).", 500)

    def _types(self, kind: str) -> Json:
        none: Json = {"entityDefs": [], "classificationDefs": [], "businessMetadataDefs": []}
        told = {
            "entity": {"entityDefs": self.entity_defs},
            "classification": {"classificationDefs": CLASSIFICATION_DEFS},
            "business_metadata": {"businessMetadataDefs": [{"name": each} for each in self.business]},
        }
        return {**none, **told[kind]}

    def _search(self, body: Json) -> Reply:
        known = self._known(body["typeName"])
        if unknown := [each for each in body["attributes"] if each not in known]:
            return Reply(
                {
                    "errorCode": "ATLAS-400-00-023",
                    "errorMessage": f"Attribute {unknown[0]} not found for type {body['typeName']}",
                },
                400,
            )
        hits = [each for each in self.entities if self._is_a(each["typeName"], body["typeName"])]
        if body["excludeDeletedEntities"]:
            hits = [each for each in hits if each["status"] == "ACTIVE"]
        limit = body["limit"] if 0 < body["limit"] <= self.most else _INSTEAD
        page = hits[body["offset"] :][:limit]
        answer: Json = {"searchParameters": {**body, "limit": limit}, "approximateCount": len(page)}
        if page:
            answer["entities"] = [self._row(each, body["attributes"]) for each in page]
        by_guid = {each["guid"]: each for each in self.entities}
        referred = {guid: by_guid[guid] for each in page for guid in self._guids(each, body) if guid in by_guid}
        answer["referredEntities"] = {guid: self._row(each, []) for guid, each in referred.items()}
        return Reply(answer)

    def _guids(self, row: Json, body: Json) -> Iterable[str]:
        for name in body["attributes"]:
            value = row["attributes"].get(name)
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, dict):
                    yield each["guid"]

    def _bulk(self, guids: list[str]) -> Reply:
        by_guid = {each["guid"]: each for each in self.entities}
        if missing := [guid for guid in guids if guid not in by_guid]:
            words = f"Given instance guid {missing[0]} is invalid/not found"
            return Reply({"errorCode": "ATLAS-404-00-005", "errorMessage": words}, 404)
        return Reply({"entities": [by_guid[guid] for guid in guids], "referredEntities": {}})

    @staticmethod
    def _row(row: Json, asked: list[str]) -> Json:
        shown = (*_HEADER, *asked)
        return {**row, "attributes": {key: value for key, value in row["attributes"].items() if key in shown}}

    def _defs(self) -> dict[str, Json]:
        return {each["name"]: each for each in self.entity_defs}

    def _is_a(self, name: str, ancestor: str) -> bool:
        parents = self._defs()[name]["superTypes"]
        return name == ancestor or any(self._is_a(each, ancestor) for each in parents)

    def _known(self, name: str) -> set[str]:
        told = self._defs()[name]
        own = {each["name"] for each in (*told["attributeDefs"], *told["relationshipAttributeDefs"])}
        return own.union(*(self._known(each) for each in told["superTypes"]))
