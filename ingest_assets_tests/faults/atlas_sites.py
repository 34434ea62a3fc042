"""Every place where a run of an Atlas recipe asks Atlas, and the server what no other run does."""

from __future__ import annotations

from typing import Any

from ingest_assets_tests.faults.atlases import SALES, TOPICS
from ingest_assets_tests.faults.cells import CallSite, Estate, openmetadata_site

_WORDS = ("AtlasMetadata.*", "AtlasLabels.*", "Words.*")
_TABLES = tuple(f"{SALES}.{name}" for name in ("orders", "daily", "customers", "retired", "fresh"))
_ORDERS = f"{SALES}.orders"
_TOPICS = (f"{TOPICS}.*",)
_EDGES = tuple(f"->{table}" for table in _TABLES)
_ALL = (*_WORDS, SALES, *_TABLES, *_TOPICS, *_EDGES)


def _atlas(operation: str, of: str = "", **more: Any) -> CallSite:
    name = f"atlas:{operation}" + (f" of {of}" if of else "")
    match = f'"typeName": "{of}"' if of else "*"
    return CallSite(name, "atlas", operation, match=match, estate=Estate.ATLAS, **more)


def _om(name: str, operation: str, **more: Any) -> CallSite:
    return openmetadata_site(name, operation, estate=Estate.ATLAS, **more)


_READING_SITES = (
    _atlas("admin.version", costs=_ALL, told_as="atlas:version"),
    _atlas("types.typedefs", costs=_ALL, told_as="atlas:typedefs"),
    _atlas("glossary", costs=_ALL, told_as="atlas:glossary", denied_as="Glossary terms"),
    _atlas("glossary.terms", costs=_ALL, told_as="atlas:terms", denied_as="Glossary terms"),
    _atlas("search.basic", "hive_db", costs=(SALES, *_EDGES, *_WORDS), told_as="atlas:search of hive_db"),
    _atlas("search.basic", "hive_table", costs=(*_TABLES, *_EDGES, *_WORDS), told_as="atlas:search of hive_table"),
    _atlas("search.basic", "hive_column", costs=(*_TABLES, *_EDGES, *_WORDS), told_as="atlas:search of hive_column"),
    _atlas("search.basic", "kafka_topic", costs=(*_TOPICS, *_EDGES, *_WORDS), told_as="atlas:search of kafka_topic"),
    _atlas("search.basic", "hive_process", costs=_EDGES, told_as="atlas:search of hive_process"),
    _atlas("search.basic", "hive_column_lineage", costs=_EDGES, told_as="atlas:search of hive_column_lineage"),
)
_WRITING_SITES = (
    _om("GET service that a recipe names", "GET /v1/services", costs=("*",)),
    _om("GET table to be enriched", "GET /v1/tables", match="sales.orders", costs=(_ORDERS,)),
    _om("GET topic to be enriched", "GET /v1/topics", costs=_TOPICS),
    _om("PATCH table that is enriched", "PATCH /v1/tables", costs=_TABLES, special={"vanish": _ORDERS}),
    _om("PATCH topic that is enriched", "PATCH /v1/topics", costs=_TOPICS),
    _om("PATCH schema that is enriched", "PATCH /v1/databaseSchemas", costs=(SALES,)),
    _om("PUT lineage of processes", "PUT /v1/lineage", costs=_EDGES),
    _om("DELETE lineage of processes", "DELETE /v1/lineage", costs=_EDGES),
)
ATLAS_SITES = (*_READING_SITES, *_WRITING_SITES)
