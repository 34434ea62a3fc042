"""dbt recipes: a group of their own, after the lake's tables, and after dagster-dbt's models where they ask for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from ingest_assets.assets.dbt_keys import dbt_keys
from ingest_assets.errors import RecipeError
from ingest_assets.location import build_definitions, load_recipes
from ingest_assets.recipe import Recipe, load_recipe
from ingest_assets.sandbox.company.dbt import DBT_TARGET
from ingest_assets_tests.recipe_runs import make_recipe

MODELS = {
    ("clickstream", "daily_sessions"),
    ("clickstream", "sessions"),
    ("finance", "invoice_lines"),
    ("finance", "invoices"),
    ("finance", "refund_forecast"),
    ("finance", "vat_rates"),
    ("ml_features", "customer_features"),
    ("ml_features", "eta_quality"),
    ("ml_features", "parcel_eta_features"),
    ("prices",),
}


def dbt(folder: Path, manifest: str = str(DBT_TARGET / "manifest.json"), **told: Any) -> Recipe:
    options = told.pop("options", {})
    way = {"dbtConfigType": "local", "dbtManifestFilePath": manifest}
    text = {
        "source": {
            "type": "dbt",
            "serviceName": told.pop("service", "lake"),
            "sourceConfig": {"config": {"type": "DBT", "dbtConfigSource": way, **options}},
        },
        "workflowConfig": {
            "openMetadataServerConfig": {
                "hostPort": "http://localhost:8585/api",
                "securityConfig": {"jwtToken": "${OM_BOT_TOKEN}"},
            }
        },
        "dagster": {"source": told} if told else {},
    }
    path = folder / "dbt.yaml"
    path.write_text(json.dumps(text), encoding="utf-8")
    return load_recipe(path)


def before(definitions: dg.Definitions, *key: str) -> set[tuple[str, ...]]:
    parents = definitions.resolve_asset_graph().get(dg.AssetKey(key)).parent_keys
    return {tuple(parent.path) for parent in parents if parent.path[0] != key[0]}


def test_a_dbt_recipe_reads_after_the_lake_s_tables_in_a_group_of_its_own(tmp_path: Path) -> None:
    definitions = build_definitions([dbt(tmp_path), make_recipe(tmp_path, "lake")])
    assert before(definitions, "dbt", "lake", "snapshot") == {("glue", "lake", "tables")}
    groups = {node.group_name for node in definitions.resolve_asset_graph().asset_nodes if node.key.path[0] == "dbt"}
    assert groups == {"dbt_lake"}


def test_a_dbt_recipe_may_name_several_services_besides_its_own_name(tmp_path: Path) -> None:
    recipe = dbt(tmp_path, service="warehouse_models", options={"dbServiceNames": ["lake"]})
    definitions = build_definitions([recipe, make_recipe(tmp_path, "lake")])
    assert before(definitions, "dbt", "warehouse_models", "snapshot") == {("glue", "lake", "tables")}


@pytest.mark.parametrize(("asked", "prefix"), [(True, ()), ("analytics/prod", ("analytics", "prod"))])
def test_the_models_keys_of_dagster_dbt_come_first_where_the_recipe_asks(
    tmp_path: Path, asked: object, prefix: tuple[str, ...]
) -> None:
    definitions = build_definitions([dbt(tmp_path, dagster_dbt_keys=asked)])
    assert before(definitions, "dbt", "lake", "snapshot") == {(*prefix, *key) for key in MODELS}


def test_a_key_that_meta_gives_and_a_versioned_model_s_alias_count(tmp_path: Path) -> None:
    told = json.loads((DBT_TARGET / "manifest.json").read_text(encoding="utf-8"))
    told["nodes"]["model.norrpost.sessions"]["config"]["meta"] = {"dagster": {"asset_key": ["web", "visits"]}}
    told["nodes"]["model.norrpost.invoices"] |= {"version": 2, "alias": "invoices_v2"}
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(told), encoding="utf-8")
    keys = {tuple(key.path) for key in dbt_keys(dbt(tmp_path, str(path), dagster_dbt_keys=True))}
    assert keys == MODELS - {("clickstream", "sessions"), ("finance", "invoices")} | {
        ("web", "visits"),
        ("invoices_v2",),
    }


@pytest.mark.parametrize(
    ("manifest", "told"), [("${DBT_TARGET}/manifest.json", "without a variable"), ("no.json", "No such file")]
)
def test_keys_that_can_t_be_read_break_that_recipe_only(tmp_path: Path, manifest: str, told: str) -> None:
    recipe = dbt(tmp_path, manifest, dagster_dbt_keys=True)
    make_recipe(tmp_path, "lake")
    with pytest.raises(RecipeError, match=told):
        dbt_keys(recipe)
    loaded = load_recipes(tmp_path)
    assert [each.type for each in loaded.recipes] == ["glue"]
    assert len(loaded.problems) == 1
