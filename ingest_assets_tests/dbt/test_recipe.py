"""The dbt recipe as it is shipped and as others write it, on the company's lake: what arrives, stays and costs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingest_assets.cli.execution import execute
from ingest_assets.lineage import known
from ingest_assets.lineage.flows import Readable, Unread
from ingest_assets.lineage.sql import parse_query
from ingest_assets.progress import SilentProgress
from ingest_assets.recipe import load_recipe
from ingest_assets.resources.ingestion import OptionsResource
from ingest_assets.sandbox.company.dbt import DBT_TARGET
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.dbt.runs import (
    FEATURES,
    INVOICES,
    LAKE,
    RECIPES,
    change,
    client,
    errors,
    labels,
    manifest,
    recipe,
    run,
    table,
    upstream,
    writes,
)


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


def test_only_models_that_are_new_are_parsed_unless_everything_is_written_anew(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, parsed = recipe(tmp_path), list[str]()

    def parse(sql: str, dialect: str | None) -> Readable | Unread:
        parsed.append(sql)
        return parse_query(sql, dialect)

    monkeypatch.setattr(known, "_parse", parse)
    first = run(path)["lineage"]
    everything = sorted(parsed)
    parsed.clear()
    assert run(path)["lineage"]["unchanged"] == first["created"]
    assert parsed == []
    assert upstream(sandbox, INVOICES)
    run(path, full_refresh=True)
    assert sorted(parsed) == everything
    parsed.clear()
    sql = "select invoice_id from awsdatacatalog.sales.orders"
    run(recipe(tmp_path, manifest(tmp_path, invoices={"compiled_code": sql})))
    assert parsed == [sql]


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
    assert str(tmp_path / "manifest.json") in errors(result)
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
