"""Recipes come after those whose services they name."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

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
