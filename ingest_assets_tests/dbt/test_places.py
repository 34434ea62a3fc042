"""Where dbt's artifacts come from, and which table of the server is which model's."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_assets.cli.execution import execute
from ingest_assets.progress import SilentProgress
from ingest_assets.recipe import load_recipe
from ingest_assets.resources.ingestion import OptionsResource
from ingest_assets.sandbox.openmetadata.search_endpoints import Engine
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.dbt.runs import (
    INVOICES,
    LAKE,
    RECIPES,
    Json,
    client,
    errors,
    manifest,
    recipe,
    run,
    table,
    upstream,
)

WAYS: dict[str, Json] = {
    "http": {
        "dbtConfigType": "http",
        "dbtManifestHttpPath": "${DBT_DOCS_URL}/manifest.json",
        "dbtCatalogHttpPath": "${DBT_DOCS_URL}/catalog.json",
    },
    "cloud": {
        "dbtConfigType": "cloud",
        "dbtCloudUrl": "${DBT_CLOUD_URL}",
        "dbtCloudAuthToken": "${DBT_CLOUD_TOKEN}",
        "dbtCloudAccountId": "${DBT_CLOUD_ACCOUNT_ID}",
        "dbtCloudJobId": "5150",
    },
    "s3": {
        "dbtConfigType": "s3",
        "dbtPrefixConfig": {"dbtBucketName": "norrpost-dbt", "dbtObjectPrefix": "prod"},
        "dbtSecurityConfig": {
            "awsAccessKeyId": "${AWS_ACCESS_KEY_ID}",
            "awsSecretAccessKey": "${AWS_SECRET_ACCESS_KEY}",
            "awsRegion": "${AWS_REGION}",
            "endPointURL": "${AWS_ENDPOINT_URL}",
        },
    },
}


def test_an_exposure_leads_to_the_dashboard_whose_page_it_names(sandbox: Sandbox, tmp_path: Path) -> None:
    assert execute(load_recipe(RECIPES / "quicksight.yaml"), SilentProgress(), OptionsResource()).success
    run(recipe(tmp_path))
    api = client(sandbox)
    board = api.get("/v1/dashboards/name/local_quicksight.sales-overview")
    graph = api.get(f"/v1/lineage/dashboard/{board['id']}?upstreamDepth=1&downstreamDepth=0")
    named = {node["fullyQualifiedName"] for node in graph["nodes"] if node["type"] == "table"}
    assert {INVOICES, f"{LAKE}.sales.orders"} <= named


@pytest.mark.parametrize("engine", Engine)
def test_a_table_without_match_is_listed_with_those_of_its_name(
    sandbox: Sandbox, tmp_path: Path, engine: Engine
) -> None:
    sandbox.openmetadata.use_search(engine)
    elsewhere = manifest(tmp_path, invoices={"schema": "dbt_dev"})
    told = run(recipe(tmp_path, elsewhere))
    reasons = {each["fqn"]: each["reason"] for each in told["enrichment"]["failures"]}
    assert f"of that name there are {INVOICES}" in reasons["dbt_dev.invoices"]
    assert "dataModel" not in table(sandbox, INVOICES)


@pytest.mark.parametrize("database", ["AwsDataCatalog", "123456789012", None])
def test_the_lake_s_database_is_met_by_each_of_its_names(
    sandbox: Sandbox, tmp_path: Path, database: str | None
) -> None:
    run(recipe(tmp_path, manifest(tmp_path, invoices={"database": database})))
    assert table(sandbox, INVOICES)["dataModel"]["path"] == "models/finance/invoices.sql"


@pytest.mark.parametrize("database", ["lake", "123456789012", "awsdatacatalog"])
def test_a_lake_that_its_recipe_calls_otherwise_is_met_by_that_and_by_its_id(
    sandbox: Sandbox, tmp_path: Path, database: str
) -> None:
    glue = (RECIPES / "glue.yaml").read_text(encoding="utf-8").replace("local_glue", "named")
    path = tmp_path / "named.yaml"
    path.write_text(
        glue.replace("      type: Glue\n", "      type: Glue\n      databaseName: lake\n"), encoding="utf-8"
    )
    assert execute(load_recipe(path), SilentProgress(), OptionsResource()).success
    run(recipe(tmp_path, manifest(tmp_path, invoices={"database": database}), service="named"))
    assert table(sandbox, "named.lake.finance.invoices")["dataModel"]["path"] == "models/finance/invoices.sql"


def test_another_database_is_met_only_where_all_are_searched(sandbox: Sandbox, tmp_path: Path) -> None:
    way = manifest(tmp_path, invoices={"database": "warehouse"})
    run(recipe(tmp_path, way))
    assert "dataModel" not in table(sandbox, INVOICES)
    run(recipe(tmp_path, way, searchAcrossDatabases=True))
    assert table(sandbox, INVOICES)["dataModel"]["path"] == "models/finance/invoices.sql"


def test_where_a_view_s_lineage_is_drawn_by_the_lake_s_recipe_it_stays_so(sandbox: Sandbox, tmp_path: Path) -> None:
    view = f"{LAKE}.clickstream.daily_sessions"
    first, second = (run(recipe(tmp_path))["lineage"] for _ in range(2))
    assert {details["source"] for details in upstream(sandbox, view).values()} == {"ViewLineage"}
    assert any(each["fqn"] == view and "drawn there by others" in each["reason"] for each in second["failures"])
    # Nor does a run show as new what it did not draw.
    assert f"-> {view}" not in str(first["changes"])
    assert not second["changes"]


def test_a_service_that_is_not_there_is_named_with_its_key(sandbox: Sandbox, tmp_path: Path) -> None:
    result = execute(load_recipe(recipe(tmp_path, service="nowhere")), SilentProgress(), OptionsResource())
    assert not result.success
    assert "source.serviceName: OpenMetadata has no database service 'nowhere'" in errors(result)
    assert "create" not in errors(result)


@pytest.mark.parametrize("way", WAYS)
def test_every_way_brings_the_same(sandbox: Sandbox, tmp_path: Path, way: str) -> None:
    told = run(recipe(tmp_path, WAYS[way]))
    assert (told["enrichment"]["unmatched"], told["snapshot"]["kept"]) == (2, 22)
    columns = {each["name"]: each["dataType"] for each in table(sandbox, INVOICES)["dataModel"]["columns"]}
    assert columns["amount"] == "DECIMAL"
    run(recipe(tmp_path))
    again = run(recipe(tmp_path, WAYS[way]))
    assert again["enrichment"]["failed"] == 0


def test_a_token_that_dbt_cloud_refuses_ends_the_run(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBT_CLOUD_TOKEN", "wrong")
    result = execute(load_recipe(recipe(tmp_path, WAYS["cloud"])), SilentProgress(), OptionsResource())
    assert not result.success
    assert "Invalid token" in errors(result)
    assert "Check the token" in errors(result)


def test_of_dbt_cloud_the_latest_good_run_with_artifacts_counts(sandbox: Sandbox, tmp_path: Path) -> None:
    way = {key: value for key, value in WAYS["cloud"].items() if key != "dbtCloudJobId"}
    run(recipe(tmp_path, way))
    sandbox.company.dbt.runs.clear()
    result = execute(load_recipe(recipe(tmp_path, way)), SilentProgress(), OptionsResource())
    assert "none has ended well and kept artifacts" in errors(result)
