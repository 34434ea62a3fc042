"""Recipes come after those whose services they name."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest
import yaml

from ingest_assets.location import build_definitions
from ingest_assets.recipe import Recipe, load_recipe
from ingest_assets_tests.recipe_runs import make_recipe

DASHBOARDS = """source:
  type: quicksight
  serviceName: {service}
  serviceConnection:
    config: {{type: QuickSight, awsConfig: {{awsRegion: eu-west-1}}, awsAccountId: "123456789012"}}
  sourceConfig:
    config:
      type: DashboardMetadata
      dbServiceNames: [{named}]
sink: {{type: metadata-rest, config: {{}}}}
workflowConfig:
  openMetadataServerConfig:
    hostPort: http://localhost:8585/api
    securityConfig: {{jwtToken: token}}
"""


def dashboards(folder: Path, service: str, *named: str) -> Recipe:
    path = folder / f"{service}.yaml"
    path.write_text(DASHBOARDS.format(service=service, named=", ".join(named)), encoding="utf-8")
    return load_recipe(path)


def before(definitions: dg.Definitions, *key: str) -> set[tuple[str, ...]]:
    graph = definitions.resolve_asset_graph()
    return {tuple(parent.path) for parent in graph.get(dg.AssetKey(key)).parent_keys if parent.path[1] != key[1]}


def test_a_plan_comes_after_the_tables_of_the_services_that_its_recipe_names(tmp_path: Path) -> None:
    recipes = [dashboards(tmp_path, "boards", "lake", "nobody_knows"), make_recipe(tmp_path, "lake")]
    definitions = build_definitions(recipes)
    assert before(definitions, "quicksight", "boards", "plan") == {("glue", "lake", "tables")}
    assert before(definitions, "quicksight", "boards", "snapshot") == set()
    assert before(definitions, "glue", "lake", "plan") == set()


DBT = """source:
  type: dbt
  serviceName: lake
  sourceConfig:
    config: {{type: DBT, dbtConfigSource: {{dbtConfigType: local, dbtManifestFilePath: {folder}/manifest.json}}}}
workflowConfig:
  openMetadataServerConfig:
    hostPort: http://localhost:8585/api
    securityConfig: {{jwtToken: token}}
"""


def test_nothing_waits_for_what_dbt_says_of_the_tables_of_a_service(tmp_path: Path) -> None:
    """Dagster's UI asks whether one is sure to materialize what comes after an asset that never was."""
    (tmp_path / "dbt.yaml").write_text(DBT.format(folder=tmp_path), encoding="utf-8")
    lake, models = make_recipe(tmp_path, "lake"), load_recipe(tmp_path / "dbt.yaml")
    definitions = build_definitions([lake, models, dashboards(tmp_path, "boards", "lake")])
    assert before(definitions, "quicksight", "boards", "plan") == {("glue", "lake", "tables")}
    assert definitions.resolve_asset_graph().get(dg.AssetKey(["dbt", "lake", "snapshot"])).parent_keys == {
        dg.AssetKey(["glue", "lake", "tables"])
    }


def test_what_names_a_service_comes_after_atlas_where_that_makes_its_tables(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "recipes" / "atlas.yaml").read_text(encoding="utf-8")
    atlas = yaml.safe_load(text)
    atlas["source"]["serviceConnection"]["config"]["databaseServiceName"] = ["lake"]
    atlas["dagster"] = {"source": {"create": True}}
    (tmp_path / "atlas.yaml").write_text(yaml.safe_dump(atlas), encoding="utf-8")
    recipes = [load_recipe(tmp_path / "atlas.yaml"), dashboards(tmp_path, "boards", "lake")]
    definitions = build_definitions(recipes)
    assert before(definitions, "quicksight", "boards", "plan") == {("atlas", "local_atlas", "enrichment")}
    assert before(definitions, "atlas", "local_atlas", "plan") == set()


@pytest.mark.parametrize("is_first", [True, False])
def test_what_makes_the_rest_of_a_service_waits_for_whose_it_is_in_any_order(tmp_path: Path, is_first: bool) -> None:
    """It made the topics that the other recipe had not brought yet, where that named its tables."""
    shipped = Path(__file__).parents[2] / "recipes"
    atlas = yaml.safe_load((shipped / "atlas.yaml").read_text(encoding="utf-8"))
    config = atlas["source"]["serviceConnection"]["config"]
    config["databaseServiceName"], config["messagingServiceName"] = ["lake"], ["streams"]
    atlas["dagster"] = {"source": {"create": True}}
    kinesis = yaml.safe_load((shipped / "kinesis.yaml").read_text(encoding="utf-8"))
    kinesis["source"]["serviceName"] = "streams"
    kinesis["dagster"] = {"source": {"firehose": {"service_name": "firehose", "database_services": ["lake"]}}}
    for name, document in (("atlas", atlas), ("kinesis", kinesis)):
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    recipes = [load_recipe(tmp_path / f"{name}.yaml") for name in ("atlas", "kinesis")]
    definitions = build_definitions(recipes if is_first else recipes[::-1])
    assert before(definitions, "atlas", "local_atlas", "snapshot") == {("kinesis", "streams", "pipelines")}
    assert before(definitions, "kinesis", "streams", "plan") == set()


def test_recipes_that_name_each_other_load_and_the_first_waits(tmp_path: Path) -> None:
    recipes = [dashboards(tmp_path, name, other) for name, other in (("a", "b"), ("b", "c"), ("c", "a"), ("d", "d"))]
    definitions = build_definitions(recipes)
    assert before(definitions, "quicksight", "a", "plan") == {("quicksight", "b", "dashboards")}
    assert before(definitions, "quicksight", "b", "plan") == {("quicksight", "c", "dashboards")}
    assert before(definitions, "quicksight", "c", "plan") == set()
    assert before(definitions, "quicksight", "d", "plan") == set()


def test_what_a_job_runs_is_its_own_recipes(tmp_path: Path) -> None:
    recipes = [dashboards(tmp_path, "boards", "lake"), make_recipe(tmp_path, "lake")]
    job = build_definitions(recipes).resolve_job_def("quicksight__boards")
    assert {key.path[1] for key in job.asset_layer.executable_asset_keys} == {"boards"}
