"""Every place where a run of a dbt recipe asks for artifacts, and the server what no other run does."""

from __future__ import annotations

from typing import Any

from ingest_assets_tests.faults.cells import CallSite, Estate, openmetadata_site
from ingest_assets_tests.faults.dbts import SALES

_TABLES = tuple(f"{SALES}.{name}" for name in ("orders", "daily", "customers", "retired", "fresh"))
_EDGES = tuple(f"->{table}" for table in _TABLES)
_WORDS = ("dbtTags.*",)
_ALL = (*_WORDS, *_TABLES, *_EDGES)


def _dbt(operation: str, **more: Any) -> CallSite:
    return CallSite(f"dbt:{operation}", "dbt", operation, estate=Estate.DBT, costs=_ALL, told_as="dbt Cloud", **more)


def _om(name: str, operation: str, **more: Any) -> CallSite:
    return openmetadata_site(name, operation, estate=Estate.DBT, **more)


DBT_SITES = (
    _dbt("runs"),
    _dbt("artifact", match="manifest.json"),
    _om("GET service that a dbt recipe names", "GET /v1/services", costs=("*",)),
    _om("GET table that dbt tells of", "GET /v1/tables", match="sales.daily", costs=(f"{SALES}.daily", *_EDGES)),
    _om("PATCH table that dbt tells of", "PATCH /v1/tables", costs=_TABLES, special={"vanish": f"{SALES}.daily"}),
    _om("PUT dataModel", "PUT /v1/tables", match="dataModel", costs=_TABLES),
    _om("PUT lineage of models", "PUT /v1/lineage", costs=_EDGES),
    _om("DELETE lineage of models", "DELETE /v1/lineage", costs=_EDGES),
)
