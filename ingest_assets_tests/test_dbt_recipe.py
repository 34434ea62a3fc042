"""The dbt recipe as it is shipped and as others write it, on the company's lake: what arrives, stays and costs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
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
from ingest_assets.sandbox.company.dbt import DBT_TARGET
from ingest_assets.sandbox.openmetadata.search_endpoints import Engine
from ingest_assets.sandbox.server import Sandbox

RECIPES = Path(__file__).parent.parent / "recipes"
LAKE = "local_glue.123456789012"
INVOICES = f"{LAKE}.finance.invoices"
FEATURES = f"{LAKE}.ml_features.customer_features"

Json = dict[str, Any]


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """The lake is in OpenMetadata already."""
    with Sandbox() as running:
        for name, value in running.environment(running.reader).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("INGEST_ASSETS_STORE", str(tmp_path / "store"))
        monkeypatch.delenv("DAGSTER_HOME", raising=False)
        assert execute(load_recipe(RECIPES / "glue.yaml"), SilentProgress(), OptionsResource()).success
        yield running
        assert not list(running.crashes)


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
    assert result.success, _errors(result)
    return steps(result)


def steps(result: RunResult) -> dict[str, dict[str, Any]]:
    return {step.name: {**step.counts, **step.metadata, "failures": step.problems} for step in result.steps}


def _errors(result: RunResult) -> str:
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


def test_the_shipped_recipe_brings_sql_words_tags_and_lineage_with_columns(sandbox: Sandbox) -> None:
    told = run(RECIPES / "dbt.yaml")
    held = table(sandbox, FEATURES)
    model = held["dataModel"]
    assert (model["modelType"], model["resourceType"], model["dbtSourceProject"]) == ("DBT", "model", "norrpost")
    assert model["path"] == "models/ml_features/customer_features.sql"
    assert "{{ ref('valid_orders') }}" in model["rawSql"]
    assert '"awsdatacatalog"."sales"."customers"' in model["sql"]
    assert f"{LAKE}.sales.customers" in model["upstream"]
    assert [each["name"] for each in model["columns"]][:2] == ["customer_id", "as_of"]
    assert "owners" not in model
    assert labels(held) >= {"dbtTags.daily", "dbtTags.ml", "Tier.Tier2"}
    assert labels(next(each for each in table(sandbox, f"{LAKE}.sales.orders")["columns"] if each["name"] == "ship_to"))
    found = upstream(sandbox, FEATURES)
    assert found.keys() == {f"{LAKE}.sales.{name}" for name in ("orders", "order_lines", "products", "customers")}
    details = found[f"{LAKE}.sales.orders"]
    assert details["source"] == "DbtLineage"
    pairs = {pair["toColumn"].rpartition(".")[2]: pair["fromColumns"] for pair in details["columnsLineage"]}
    # By way of a model that lives within others only, and of two common table expressions.
    assert pairs["spent_90d"] == [f"{LAKE}.sales.orders.total"]
    assert {each["fqn"] for each in told["enrichment"]["failures"]} == {
        "finance.refund_forecast",
        "erp.public.price_list",
    }


def test_a_second_run_writes_nothing_and_neither_does_the_lake_s(sandbox: Sandbox) -> None:
    run(RECIPES / "dbt.yaml")
    before = table(sandbox, INVOICES)
    sandbox.openmetadata.reset_counts()
    run(RECIPES / "dbt.yaml")
    assert writes(sandbox) == []
    assert execute(load_recipe(RECIPES / "glue.yaml"), SilentProgress(), OptionsResource()).success
    run(RECIPES / "dbt.yaml")
    assert writes(sandbox) == []
    assert table(sandbox, INVOICES) == before


def test_what_changed_costs_one_put_of_its_model_and_of_its_edges(sandbox: Sandbox, tmp_path: Path) -> None:
    run(recipe(tmp_path))
    sandbox.openmetadata.reset_counts()
    sql = 'select order_id, total as amount from "awsdatacatalog"."sales"."orders"'
    run(recipe(tmp_path, manifest(tmp_path, invoices={"compiled_code": sql})))
    assert len(writes(sandbox)) == 2
    assert table(sandbox, INVOICES)["dataModel"]["sql"] == sql
    (details,) = upstream(sandbox, INVOICES).values()
    assert {pair["toColumn"].rpartition(".")[2] for pair in details["columnsLineage"]} == {"order_id", "amount"}


def test_a_change_of_words_puts_no_model_where_the_model_stays(sandbox: Sandbox, tmp_path: Path) -> None:
    run(recipe(tmp_path))
    sandbox.openmetadata.reset_counts()
    run(recipe(tmp_path, manifest(tmp_path, customer_features={"tags": ["hourly", "ml"], "config": {}})))
    assert not [name for name in writes(sandbox) if "dataModel" in name]
    assert labels(table(sandbox, FEATURES)) >= {"dbtTags.hourly", "dbtTags.ml"}
    assert "dbtTags.daily" not in labels(table(sandbox, FEATURES))


def test_a_person_s_words_stay_unless_the_recipe_says_otherwise(sandbox: Sandbox, tmp_path: Path) -> None:
    run(recipe(tmp_path))
    change(sandbox, FEATURES, "/description", "Hers")
    words = {"description": "Told anew", "raw_code": "select 1"}
    run(recipe(tmp_path, manifest(tmp_path, customer_features=words)))
    held = table(sandbox, FEATURES)
    assert (held["description"], held["dataModel"]["rawSql"]) == ("Hers", "select 1")
    run(recipe(tmp_path, manifest(tmp_path, customer_features=words), dbtUpdateDescriptions=True))
    assert table(sandbox, FEATURES)["description"] == "Told anew"


def test_owners_replace_others_only_where_the_recipe_says_so(sandbox: Sandbox, tmp_path: Path) -> None:
    other = manifest(tmp_path, invoices={"meta": {"owner": "mei.tanaka"}, "config": {}})
    run(recipe(tmp_path, other))
    assert [owner["name"] for owner in table(sandbox, INVOICES)["owners"]] != ["mei.tanaka"]
    run(recipe(tmp_path, other, dbtUpdateOwners=True))
    assert [owner["name"] for owner in table(sandbox, INVOICES)["owners"]] == ["mei.tanaka"]


def test_a_model_that_is_gone_takes_its_edges_along_and_nothing_else(sandbox: Sandbox, tmp_path: Path) -> None:
    run(recipe(tmp_path))
    assert upstream(sandbox, INVOICES)
    run(recipe(tmp_path, manifest(tmp_path, invoices=None)))
    assert upstream(sandbox, INVOICES) == {}
    assert table(sandbox, INVOICES)["dataModel"]["resourceType"] == "model"


@pytest.mark.parametrize("content", [b"", b'{"metadata": {"dbt_schema', b"{}", b'{"nodes": {}}'])
def test_a_broken_manifest_fails_the_run_and_takes_nothing_away(
    sandbox: Sandbox, tmp_path: Path, content: bytes
) -> None:
    run(recipe(tmp_path))
    sandbox.openmetadata.reset_counts()
    way = manifest(tmp_path)
    Path(way["dbtManifestFilePath"]).write_bytes(content)
    result = execute(load_recipe(recipe(tmp_path, way)), SilentProgress(), OptionsResource())
    assert not result.success
    assert str(tmp_path / "manifest.json") in _errors(result)
    assert writes(sandbox) == []


def test_the_manifest_of_another_project_drops_no_edge_until_a_person_says_so(sandbox: Sandbox, tmp_path: Path) -> None:
    run(recipe(tmp_path))
    path = tmp_path / "other.json"
    told = json.loads((DBT_TARGET / "manifest.json").read_text(encoding="utf-8"))
    told["metadata"]["project_name"] = "another"
    told["nodes"] = {"model.norrpost.sessions": told["nodes"]["model.norrpost.sessions"]}
    path.write_text(json.dumps(told), encoding="utf-8")
    way = {"dbtConfigType": "local", "dbtManifestFilePath": str(path)}
    notes = run(recipe(tmp_path, way))["plan"]["notes"]
    assert "this was read from dbt project another" in notes
    assert upstream(sandbox, INVOICES)
    run(recipe(tmp_path, way), full_refresh=True)
    assert upstream(sandbox, INVOICES) == {}


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
    run(recipe(tmp_path))
    found = upstream(sandbox, f"{LAKE}.clickstream.daily_sessions")
    assert {details["source"] for details in found.values()} == {"ViewLineage"}


def test_a_service_that_is_not_there_is_named_with_its_key(sandbox: Sandbox, tmp_path: Path) -> None:
    result = execute(load_recipe(recipe(tmp_path, service="nowhere")), SilentProgress(), OptionsResource())
    assert not result.success
    assert "source.serviceName: OpenMetadata has no database service 'nowhere'" in _errors(result)
    assert "create" not in _errors(result)


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
    assert "Invalid token" in _errors(result)
    assert "Check the token" in _errors(result)


def test_of_dbt_cloud_the_latest_good_run_with_artifacts_counts(sandbox: Sandbox, tmp_path: Path) -> None:
    way = {key: value for key, value in WAYS["cloud"].items() if key != "dbtCloudJobId"}
    run(recipe(tmp_path, way))
    sandbox.company.dbt.runs.clear()
    result = execute(load_recipe(recipe(tmp_path, way)), SilentProgress(), OptionsResource())
    assert "none has ended well and kept artifacts" in _errors(result)


def test_odd_text_is_written_once(sandbox: Sandbox, tmp_path: Path) -> None:
    odd = {
        "description": " Två\r\nrader \r\n\n",
        "raw_code": "select 1  \r\n\t\n",
        "compiled_code": "select " + ", ".join(f"{n} as c{n}" for n in range(9_000)) + "\r\n  ",
        "columns": {
            "Invoice_ID": {"description": "x \r\n"},
            "invoice_id": {"description": "y"},
            'od"d.na::me é': {"description": " "},
        },
        "tags": ['a.b"c', " blank ", "blank", "É"],
        "config": {},
    }
    way = manifest(tmp_path, invoices=odd)
    run(recipe(tmp_path, way))
    sandbox.openmetadata.reset_counts()
    run(recipe(tmp_path, way))
    assert writes(sandbox) == []


def test_a_model_that_is_gone_leaves_a_person_s_edge_words_and_tags(sandbox: Sandbox, tmp_path: Path) -> None:
    run(recipe(tmp_path))
    ends = {
        name: {"id": table(sandbox, fqn)["id"], "type": "table"}
        for name, fqn in (("fromEntity", f"{LAKE}.sales.customers"), ("toEntity", INVOICES))
    }
    client(sandbox).put("/v1/lineage", {"edge": {**ends, "lineageDetails": {"source": "Manual"}}})
    change(sandbox, INVOICES, "/description", "Hers")
    before = table(sandbox, INVOICES)
    run(recipe(tmp_path, manifest(tmp_path, invoices=None)))
    assert upstream(sandbox, INVOICES).keys() == {f"{LAKE}.sales.customers"}
    held = table(sandbox, INVOICES)
    assert (held["description"], labels(held)) == ("Hers", labels(before))
