"""Runs of dbt's recipe on the company's lake, and what the server shows after them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ingest_assets.calls import Calls
from ingest_assets.cli.execution import RunResult, execute
from ingest_assets.openmetadata.auth import BotToken
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.progress import SilentProgress
from ingest_assets.recipe import load_recipe
from ingest_assets.resources.ingestion import OptionsResource
from ingest_assets.sandbox.company.dbt import DBT_TARGET
from ingest_assets.sandbox.server import Sandbox

RECIPES = Path(__file__).parents[2] / "recipes"
LAKE = "local_glue.123456789012"
INVOICES = f"{LAKE}.finance.invoices"
FEATURES = f"{LAKE}.ml_features.customer_features"

Json = dict[str, Any]


def recipe(folder: Path, source: Mapping[str, Any] | None = None, **options: Any) -> Path:
    """The shipped recipe with another way to the artifacts, or other options."""
    local = {"dbtConfigType": "local", "dbtManifestFilePath": "${DBT_TARGET}/manifest.json"}
    told = {
        "source": {
            "type": "dbt",
            "serviceName": options.pop("service", "local_glue"),
            "sourceConfig": {"config": {"type": "DBT", "dbtConfigSource": {**(source or local)}, **options}},
        },
        "workflowConfig": {
            "openMetadataServerConfig": {
                "hostPort": "${OPENMETADATA_HOST_PORT}",
                "securityConfig": {"jwtToken": "${OM_BOT_TOKEN}"},
            }
        },
        "dagster": {"retries": {"max": 0, "delay": 0}},
    }
    path = folder / "dbt.yaml"
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


def run(path: Path, **options: Any) -> dict[str, dict[str, Any]]:
    result = execute(load_recipe(path), SilentProgress(), OptionsResource(**options))
    assert result.success, errors(result)
    return steps(result)


def steps(result: RunResult) -> dict[str, dict[str, Any]]:
    return {
        step.name: {**step.counts, **step.metadata, "failures": step.problems, "changes": step.changes}
        for step in result.steps
    }


def errors(result: RunResult) -> str:
    return "\n".join(result.errors)


def client(sandbox: Sandbox) -> OpenMetadataClient:
    return OpenMetadataClient(sandbox.openmetadata_host_port, BotToken(sandbox.admin_token), Calls())


def table(sandbox: Sandbox, fqn: str) -> Json:
    return client(sandbox).get(f"/v1/tables/name/{fqn}?fields=columns,tags,owners,dataModel")


def upstream(sandbox: Sandbox, fqn: str) -> dict[str, Json]:
    api = client(sandbox)
    graph = api.get(f"/v1/lineage/table/{table(sandbox, fqn)['id']}?upstreamDepth=1&downstreamDepth=0")
    found = {node["id"]: node["fullyQualifiedName"] for node in graph["nodes"]}
    return {found[edge["fromEntity"]]: edge["lineageDetails"] for edge in graph["upstreamEdges"]}


def labels(held: Json) -> set[str]:
    return {label["tagFQN"] for label in held["tags"]}


def writes(sandbox: Sandbox) -> list[str]:
    return sorted(name for name in sandbox.openmetadata.counts.elements() if not name.startswith("GET"))


def change(sandbox: Sandbox, fqn: str, path: str, value: Any) -> None:
    operations = [{"op": "add", "path": path, "value": value}]
    client(sandbox).patch(f"/v1/tables/{table(sandbox, fqn)['id']}", operations)


def manifest(folder: Path, **changes: Any) -> dict[str, str]:
    """A way to a manifest of which nodes are changed, or gone where a change is None."""
    told = json.loads((DBT_TARGET / "manifest.json").read_text(encoding="utf-8"))
    for name, changed in changes.items():
        if changed is None:
            del told["nodes"][f"model.norrpost.{name}"]
        else:
            told["nodes"][f"model.norrpost.{name}"] |= changed
    path = folder / "manifest.json"
    path.write_text(json.dumps(told), encoding="utf-8")
    return {"dbtConfigType": "local", "dbtManifestFilePath": str(path)}
