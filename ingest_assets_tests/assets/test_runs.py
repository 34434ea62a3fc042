"""Runs through Dagster against local services: what assets report, and what reaches the server."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from ingest_assets.assets.diff import diff_lines
from ingest_assets.assets.names import asset_key
from ingest_assets.calls import Calls
from ingest_assets.ingestion.report import COUNTS
from ingest_assets.location import build_definitions
from ingest_assets.openmetadata.auth import BotToken
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.resources.ingestion import OptionsResource
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.recipe_runs import STEPS, failures, make_recipe, reported, run, verdicts

BESIDES = {"glue:GetTable": 1, "lakeformation:ListLFTags": 1}
"""Calls for a resource link that shows no columns, and for LF-tags, which the documented permissions do not show."""
LABELLED = {"type: Glue\n": "type: Glue\n      databaseName: company lake\n"}


def names_on(sandbox: Sandbox, service: str) -> set[str]:
    """Names of the tables that the server has of a service, by their schemas."""
    with OpenMetadataClient(sandbox.openmetadata_host_port, BotToken(sandbox.admin_token), Calls()) as client:
        tables = client.list("tables", {"fields": ""})
        return {f"{t['databaseSchema']['name']}.{t['name']}" for t in tables if t["service"]["name"] == service}


def test_every_asset_reports_the_same_vocabulary_and_links(services: Sandbox, tmp_path: Path) -> None:
    result = run(make_recipe(tmp_path, "vocabulary"))
    assert result.success, failures(result)
    found = reported(result)
    assert tuple(found) == STEPS
    always = {*COUNTS, "dagster/row_count", "api_calls", "seconds_crawl", "seconds_publish", "failures", "changes"}
    for step, entries in found.items():
        assert always | {"openmetadata", "console"} <= set(entries), step
        assert entries["openmetadata"] == f"{services.url}/service/databaseServices/vocabulary"
        assert entries["console"].startswith("https://eu-north-1.console.aws.amazon.com/")
        written = entries["created"] + entries["updated"] + entries["restored"]
        accounted = entries["filtered"] + entries["failed"] + entries["kept"] + entries["unchanged"] + entries["parked"]
        assert entries["listed"] == written + accounted, step
    assert found["tables"]["dagster/row_count"] == found["tables"]["created"] > 50
    assert found["snapshot"]["api_calls"] == {"glue:GetDatabases": 1, "glue:GetTables": 9, **BESIDES}
    assert found["tables"]["api_calls"]["PUT /v1/tables/bulk"] >= 1
    changes = diff_lines(str(found["tables"]["changes_in_full"]))
    assert len(str(found["tables"]["changes"])) < 1000, "Dagster's page would hide it behind a link"
    assert {line.split()[0] for line in changes[:-1]} == {"+"}
    assert changes[-1] == f"  and {found['tables']['created'] - len(changes) + 1} more"
    reasons = [record.data for record in found["lineage"]["failures"].records]
    assert any("vat_report" in str(row["fqn"]) and "could not be parsed" in str(row["reason"]) for row in reasons)
    assert verdicts(result) == {
        "shrink_guard": True,
        "server_compatible": True,
        "lineage_coverage": False,
        "complete": True,
        "removals": True,
        "failed_ratio": True,
    }


def test_a_second_run_writes_nothing(services: Sandbox, tmp_path: Path) -> None:
    recipe = make_recipe(tmp_path, "twice")
    assert run(recipe).success
    services.openmetadata.reset_counts()
    second = run(recipe)
    assert second.success
    assert services.openmetadata.writes() == 0
    assert reported(second)["tables"]["unchanged"] == reported(second)["tables"]["listed"]
    assert run(recipe, full_refresh=True).success
    assert services.openmetadata.writes() > 0


def test_a_runs_assets_share_one_session_and_ask_for_the_version_once(services: Sandbox, tmp_path: Path) -> None:
    result = run(make_recipe(tmp_path, "shared"))
    assert result.success
    assert services.openmetadata.counts["GET /v1/system/version"] == 1
    assert dict(services.aws.counts) == {"glue:GetDatabases": 1, "glue:GetTables": 9, **BESIDES}


def test_a_dry_run_is_asked_for_once_and_reaches_every_asset(services: Sandbox, tmp_path: Path) -> None:
    result = run(make_recipe(tmp_path, "dry"), dry_run=True)
    assert result.success, failures(result)
    assert services.openmetadata.writes() == 0
    found = reported(result)
    assert tuple(found) == STEPS
    assert all("nothing was written" in found[step]["dry_run"] for step in STEPS[1:])
    assert found["tables"]["created"] > 50
    assert names_on(services, "dry") == set()


def test_a_selection_materializes_without_the_recipes_job(services: Sandbox, tmp_path: Path) -> None:
    definitions = build_definitions([make_recipe(tmp_path, "selected")])
    result = dg.materialize(
        list(definitions.assets or []),  # type: ignore[arg-type]  # all are AssetsDefinitions
        selection=dg.AssetSelection.assets(["glue", "selected", "plan"]).upstream(),
        resources=definitions.resources,
        run_config=dg.RunConfig(resources={"options": OptionsResource()}),
    )
    assert tuple(reported(result)) == ("snapshot", "plan")
    assert services.openmetadata.writes() == 0


def test_an_asset_alone_works_from_what_the_run_before_left(services: Sandbox, tmp_path: Path) -> None:
    recipe = make_recipe(tmp_path, "alone")
    first = run(recipe, ["snapshot", "plan", "databases", "schemas"])
    assert first.success, failures(first)
    services.aws.reset_counts()
    for step in ("tables", "tags", "lineage", "stale"):
        result = run(recipe, [step])
        assert result.success, failures(result)
    assert not services.aws.counts
    assert verdicts(result) == {"removals": True, "complete": True, "failed_ratio": True}
    assert "sales.orders" in names_on(services, "alone")


@pytest.mark.parametrize("step", ["tables", "lineage", "stale"])
def test_without_a_plan_an_asset_says_what_to_do(services: Sandbox, tmp_path: Path, step: str) -> None:
    recipe = make_recipe(tmp_path, "planless")
    assert (
        "There is no snapshot of planless yet. Materialize its snapshot first." in failures(run(recipe, [step]))[step]
    )
    assert run(recipe, ["snapshot"]).success
    message = failures(run(recipe, [step]))[step]
    assert "There is no plan yet" in message
    assert "Materialize its plan first." in message


def test_two_recipes_run_side_by_side_in_one_process(services: Sandbox, tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    recipes = [make_recipe(folder, folder.name) for folder in folders]
    definitions = build_definitions(recipes)
    result = definitions.resolve_implicit_global_asset_job_def().execute_in_process(
        asset_selection=[asset_key(recipe, step) for recipe in recipes for step in ("snapshot", "plan")],
        run_config=dg.RunConfig(resources={"options": OptionsResource()}),
    )
    materialized = {
        tuple(event.asset_key.path[1:]) for event in result.get_asset_materialization_events() if event.asset_key
    }
    assert materialized == {(name, step) for name in ("one", "two") for step in ("snapshot", "plan")}


def test_lineage_is_the_same_under_a_label(services: Sandbox, tmp_path: Path) -> None:
    result = run(make_recipe(tmp_path, "labelled", LABELLED))
    assert result.success, failures(result)
    assert reported(result)["lineage"]["created"] == 18


def test_one_forbidden_database_fails_the_run_at_its_end_with_all_the_rest_done(
    services: Sandbox, tmp_path: Path
) -> None:
    services.faults.add("access-denied", service="glue", operation="GetTables", match="finance", count=None)
    result = run(make_recipe(tmp_path, "forbidden"))
    assert not result.success
    found = reported(result)
    assert tuple(found) == STEPS
    problem = found["snapshot"]["failures"].records[0].data
    assert "finance" in str(problem["fqn"])
    assert "Allow glue:GetTables in IAM" in str(problem["reason"])
    assert verdicts(result)["complete"] is False
    assert verdicts(result)["failed_ratio"] is True
    arrived = names_on(services, "forbidden")
    assert "sales.orders" in arrived
    assert not any(name.startswith("finance.") for name in arrived)


def test_refused_tables_fail_the_run_at_its_end_below_the_threshold(services: Sandbox, tmp_path: Path) -> None:
    services.faults.add("element:400", service="openmetadata", operation="PUT /v1/tables", match="picky.", count=10)
    changes = {"workflowConfig:\n": "workflowConfig:\n  successThreshold: 95\n"}
    result = run(make_recipe(tmp_path, "picky", changes))
    assert not result.success
    assert tuple(reported(result)) == STEPS
    assert verdicts(result)["failed_ratio"] is False
    assert verdicts(result)["complete"] is True


def test_a_service_with_an_odd_name_arrives_under_that_name(services: Sandbox, tmp_path: Path) -> None:
    result = run(make_recipe(tmp_path, '"prod.lake - über/eu 1"'))
    assert result.success, failures(result)
    assert "sales.orders" in names_on(services, "prod.lake - über/eu 1")
    assert reported(result)["tables"]["openmetadata"].endswith(
        "/service/databaseServices/prod.lake%20-%20%C3%BCber%2Feu%201"
    )


def test_a_secret_of_the_recipe_is_looked_up_once_a_run(
    services: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.company.put_secret("openmetadata/bot", services.bot_token)
    for name, value in services.environment(services.reader).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("OM_BOT_TOKEN")
    result = run(make_recipe(tmp_path, "secret", {"${OM_BOT_TOKEN}": "${aws-secretsmanager:openmetadata/bot}"}))
    assert result.success, failures(result)
    assert services.aws.counts["secretsmanager:GetSecretValue"] == 1
