"""The recipe of OpenMetadata's page about Atlas, run as printed against local services."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest_assets.calls import Calls
from ingest_assets.cli.execution import RunResult, execute
from ingest_assets.openmetadata.auth import BotToken
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.progress import SilentProgress
from ingest_assets.recipe import load_recipe
from ingest_assets.resources.ingestion import OptionsResource
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.recipe.texts import LAKE_OF_THE_COMPANY, PAGES, recipe_of

LAKE = "local_hive"
SALES = f"{LAKE}.123456789012.sales"
PAGE = next((page for page in PAGES.glob("*.txt") if "/atlas/airflow" in page.read_text(encoding="utf-8")), None)
needs_page = pytest.mark.skipif(PAGE is None, reason="the documentation page is not here")
GLUE = LAKE_OF_THE_COMPANY.replace("serviceName: lake", "serviceName: local_hive")


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with Sandbox() as running:
        for name, value in running.environment(running.reader).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("INGEST_ASSETS_STORE", str(tmp_path / "store"))
        monkeypatch.delenv("DAGSTER_HOME", raising=False)
        yield running
        assert not list(running.crashes)


def run(sandbox: Sandbox, folder: Path, text: str) -> RunResult:
    """Run a recipe with the values that the page has a reader fill in."""
    filled = {
        "http://localhost:10000": sandbox.atlas_host_port,
        "username: username": f"username: {sandbox.atlas_user.name}",
        "password: password": f"password: {sandbox.atlas_user.password}",
        "<OpenMetadata host and port>": sandbox.openmetadata_host_port,
        '"<OpenMetadata auth provider>"': f"openmetadata\n    securityConfig:\n      jwtToken: {sandbox.bot_token}",
    }
    for printed, value in filled.items():
        text = text.replace(printed, value)
    path = folder / "recipe.yaml"
    path.write_text(text, encoding="utf-8")
    return execute(load_recipe(path), SilentProgress(), OptionsResource())


def page() -> str:
    return recipe_of(PAGE.read_text(encoding="utf-8")) if PAGE else ""


def counts(result: RunResult, name: str) -> dict[str, int]:
    return next(step.counts for step in result.steps if step.name == name)


def table(sandbox: Sandbox, fqn: str) -> dict[str, Any]:
    with OpenMetadataClient(sandbox.openmetadata_host_port, BotToken(sandbox.admin_token), Calls()) as client:
        return client.get(f"/v1/tables/name/{fqn}?fields=columns,tags,owners")


def upstream(sandbox: Sandbox, fqn: str) -> set[str]:
    with OpenMetadataClient(sandbox.openmetadata_host_port, BotToken(sandbox.admin_token), Calls()) as client:
        target = client.get(f"/v1/tables/name/{fqn}")
        graph = client.get(f"/v1/lineage/table/{target['id']}?upstreamDepth=1&downstreamDepth=0")
    names = {node["id"]: node["fullyQualifiedName"] for node in graph["nodes"]}
    return {names[edge["fromEntity"]] for edge in graph["upstreamEdges"]}


def labels(held: dict[str, Any]) -> set[str]:
    return {label["tagFQN"] for label in held["tags"]}


@needs_page
def test_as_printed_what_atlas_knows_arrives_at_the_tables_that_are_there(sandbox: Sandbox, tmp_path: Path) -> None:
    assert run(sandbox, tmp_path, GLUE).success
    result = run(sandbox, tmp_path, page())
    assert {check.name: check.passed for check in result.checks}["complete"]
    assert counts(result, "enrichment")["updated"] > 5
    assert counts(result, "enrichment")["unchanged"] > 40
    assert counts(result, "enrichment")["failed"] == 0
    orders = table(sandbox, f"{SALES}.orders")
    assert any(label.startswith("AtlasMetadata.") for label in labels(orders))
    customers = table(sandbox, f"{SALES}.customers")
    assert any("AtlasMetadata.PII" in label for column in customers["columns"] for label in labels(column))


@needs_page
def test_glue_and_atlas_in_turns_end_in_no_writes(sandbox: Sandbox, tmp_path: Path) -> None:
    for text in (GLUE, page()):
        run(sandbox, tmp_path, text)
    sandbox.openmetadata.reset_counts()
    for text in (GLUE, page()):
        run(sandbox, tmp_path, text)
    assert sandbox.openmetadata.writes() == 0


@needs_page
def test_a_service_that_is_not_there_is_named_with_its_key_before_atlas_is_asked(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    result = run(sandbox, tmp_path, page())
    assert not result.success
    assert any("databaseServiceName" in error and repr(LAKE) in error for error in result.errors)
    assert not sandbox.atlas.counts


@needs_page
def test_on_request_what_is_missing_is_made_with_its_lineage_in_one_run(sandbox: Sandbox, tmp_path: Path) -> None:
    creating = f"{page()}\ndagster:\n  source:\n    create: true\n"
    result = run(sandbox, tmp_path, creating)
    assert {check.name: check.passed for check in result.checks}["complete"]
    assert counts(result, "tables")["created"] > 40
    assert counts(result, "tables")["failed"] == counts(result, "enrichment")["failed"] == 0
    orders = table(sandbox, f"{LAKE}.default.sales.orders")
    assert [column["name"] for column in orders["columns"]][:2] == ["order_id", "customer_id"]
    assert any(label.startswith("AtlasMetadata.") for label in labels(orders))
    assert counts(result, "lineage")["created"] > 0
    sandbox.openmetadata.reset_counts()
    again = run(sandbox, tmp_path, creating)
    assert counts(again, "tables")["unchanged"] == counts(result, "tables")["created"]
    assert sandbox.openmetadata.writes() == 0


@needs_page
def test_what_others_made_is_neither_put_nor_made_a_second_time(sandbox: Sandbox, tmp_path: Path) -> None:
    run(sandbox, tmp_path, GLUE)
    before = table(sandbox, f"{SALES}.orders")["sourceHash"]
    creating = f"{page()}\ndagster:\n  source:\n    create: true\n"
    other_database = run(sandbox, tmp_path, creating)
    assert counts(other_database, "databases")["filtered"] == 1
    assert counts(other_database, "tables")["created"] == 0
    same = run(sandbox, tmp_path, f'{creating}    database_name: "123456789012"\n')
    assert counts(same, "tables")["created"] == 2
    assert counts(same, "tables")["filtered"] > 40
    assert table(sandbox, f"{SALES}.orders")["sourceHash"] == before
    assert table(sandbox, f"{LAKE}.123456789012.books.entries")["columns"]


@needs_page
def test_on_request_processes_are_pipelines_through_which_lineage_leads(sandbox: Sandbox, tmp_path: Path) -> None:
    run(sandbox, tmp_path, GLUE)
    asking = f"{page()}\ndagster:\n  source:\n    pipelines: hive_jobs\n  stale: {{max_percent: 100}}\n"
    with OpenMetadataClient(sandbox.openmetadata_host_port, BotToken(sandbox.admin_token), Calls()) as client:
        client.put("/v1/services/pipelineServices", {"name": "hive_jobs", "serviceType": "Airflow"})
        client.put("/v1/pipelines", {"name": "somebody_elses", "service": "hive_jobs"})
    assert "pipelines" not in [step.name for step in run(sandbox, tmp_path, page()).steps]
    result = run(sandbox, tmp_path, asking)
    assert {check.name: check.passed for check in result.checks}["complete"]
    assert counts(result, "pipelines")["created"] > 5
    assert counts(result, "pipelines")["failed"] == 0
    assert any(fqn.startswith("hive_jobs.") for fqn in upstream(sandbox, f"{SALES}.customer_orders"))
    sandbox.openmetadata.reset_counts()
    again = run(sandbox, tmp_path, asking)
    assert sandbox.openmetadata.writes() == 0
    assert counts(again, "enrichment")["updated"] == 0
    atlas = sandbox.company.atlas
    process = next(guid for guid in atlas.guids(["hive_process"]) if atlas.is_active(guid))
    atlas.delete(process)
    assert counts(run(sandbox, tmp_path, asking), "stale")["removed"] == 1
    with OpenMetadataClient(sandbox.openmetadata_host_port, BotToken(sandbox.admin_token), Calls()) as client:
        assert client.get("/v1/pipelines/name/hive_jobs.somebody_elses")
