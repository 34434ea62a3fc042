"""A dbt project small enough to be read some hundred times, what changes there, and what is on the server besides."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ingest_assets.openmetadata.client import OpenMetadataClient, name_path
from ingest_assets.sandbox.company.company import Company
from ingest_assets.sandbox.company.dbt.runs import GOOD, JOB, PROJECT, DbtRun

TABLES = "glue"
DATABASE = f"{TABLES}.123456789012"
SALES = f"{DATABASE}.sales"

_COLUMNS = {
    "orders": ("id", "email", "amount"),
    "daily": ("day", "amount"),
    "customers": ("id", "name"),
    "retired": ("id",),
    "fresh": ("id",),
}

Json = dict[str, Any]


class SmallDbt:
    """The company's dbt Cloud, emptied and filled anew.

    Args:
        company: Whose it is.
    """

    def __init__(self, company: Company) -> None:
        self._runs = company.dbt
        self._nodes: dict[str, Json] = {}

    def fill(self) -> None:
        """What the first run finds."""
        self._runs.runs.clear()
        self._source("orders", description="What is ordered", tags=["nightly"])
        self._model("daily", "select id as day, amount from sales.orders", ["orders"], owner="lena.berg")
        self._model("customers", "select id, email as name from sales.orders", ["orders"], tags=["personal"])
        self._model("retired", "select id from sales.orders", ["orders"])
        self._publish(1)

    def change(self) -> None:
        """What the project does between two runs: something of everything."""
        self._source("orders", description="All that is ordered", tags=["hourly"])
        self._model("daily", "select id as day, sum(amount) as amount from sales.orders group by 1", ["orders"])
        self._model("customers", "select id, email as name from sales.orders", ["orders"], owner="omar.haddad")
        self._model("fresh", "select id from sales.customers", ["customers"], tags=["personal"])
        del self._nodes["model.small.retired"]
        self._publish(2)

    def _publish(self, number: int) -> None:
        sources = {name: node for name, node in self._nodes.items() if node["resource_type"] == "source"}
        nodes = {name: node for name, node in self._nodes.items() if name not in sources}
        schema = "https://schemas.getdbt.com/dbt/manifest/v12.json"
        metadata = {"dbt_schema_version": schema, "adapter_type": "athena", "project_name": "small"}
        told = {"metadata": metadata, "nodes": nodes, "sources": sources, "exposures": {}}
        finished = f"2026-11-0{number} 03:00:00.000000+00:00"
        self._runs.runs.append(
            DbtRun(number, JOB, PROJECT, GOOD, finished, {"manifest.json": json.dumps(told).encode()})
        )

    def _source(self, name: str, **told: Any) -> None:
        self._put("source", f"source.small.shop.{name}", name, **told)

    def _model(self, name: str, sql: str, above: Sequence[str], **told: Any) -> None:
        ids = [f"source.small.shop.{each}" if each == "orders" else f"model.small.{each}" for each in above]
        code: dict[str, Any] = {"raw_code": sql, "compiled_code": sql, "language": "sql", "depends_on": {"nodes": ids}}
        self._put("model", f"model.small.{name}", name, **code, description=f"About {name}", **told)

    def _put(self, kind: str, node: str, name: str, owner: str = "", **told: Any) -> None:
        self._nodes[node] = {
            "unique_id": node,
            "resource_type": kind,
            "database": "awsdatacatalog",
            "schema": "sales",
            "name": name,
            "package_name": "small",
            "original_file_path": f"models/{name}.sql",
            "meta": {"owner": owner} if owner else {},
            "columns": {each: {"name": each, "description": f"The {each}"} for each in _COLUMNS[name]},
            **told,
        }


class DbtPeople:
    """What is on the server before the first run, and what people do there between two.

    Args:
        admin: In whose name.
    """

    def __init__(self, admin: OpenMetadataClient) -> None:
        self._admin = admin

    def furnish(self) -> None:
        """The tables of another recipe."""
        body = {"name": TABLES, "serviceType": "Glue", "connection": {"config": {"type": "Glue"}}}
        self._admin.put("/v1/services/databaseServices", body)
        self._admin.put("/v1/databases", {"name": "123456789012", "service": TABLES})
        self._admin.put("/v1/databaseSchemas", {"name": "sales", "database": DATABASE})
        for name, columns in _COLUMNS.items():
            rows = [{"name": each, "dataType": "STRING"} for each in columns]
            self._admin.put("/v1/tables", {"name": name, "databaseSchema": SALES, "columns": rows})

    def edit(self) -> None:
        """Write words."""
        for name, path in (("customers", "description"), ("orders", "columns/1/description")):
            stored = self._admin.get(name_path("tables", f"{SALES}.{name}"))
            operations = [{"op": "add", "path": f"/{path}", "value": "By hand"}]
            self._admin.patch(f"/v1/tables/{stored['id']}", operations)

    def delete(self, fqn: str) -> None:
        """Delete a table for good."""
        entity = self._admin.get_by_name("tables", fqn, {"include": "all"})
        self._admin.delete(f"/v1/tables/{entity['id']}", {"recursive": "true", "hardDelete": "true"})
