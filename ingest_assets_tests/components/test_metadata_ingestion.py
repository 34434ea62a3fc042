"""The component in projects of Dagster's own making: what it adds, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from dagster.components.testing.utils import DefsFolderSandbox, create_defs_folder_sandbox

from ingest_assets.components import MetadataIngestion
from ingest_assets.recipe import load_recipe
from ingest_assets_tests.recipe_runs import STEPS, failures, reported, write_recipe

SOURCES = ("glue", "kinesis", "quicksight", "looker", "atlas", "dbt")
SHIPPED = Path(__file__).parents[2] / "recipes"
PROJECTS_OWN = """
import dagster as dg

class Bucket(dg.ConfigurableResource):
    name: str = "ours"

@dg.asset
def deliveries(aws: Bucket) -> str:
    return aws.name

defs = dg.Definitions(
    assets=[deliveries],
    resources={"aws": Bucket(), "store": Bucket(), "openmetadata": Bucket()},
    executor=dg.multiprocess_executor,
)
"""


@pytest.fixture
def project() -> Iterator[DefsFolderSandbox]:
    with create_defs_folder_sandbox() as made:
        yield made


def add(
    project: DefsFolderSandbox, name: str, changes: Mapping[str, str] | None = None, *, recipes: object = "glue.yaml"
) -> Path:
    """A component with a recipe of its own, whose service is called after it."""
    folder: Path = project.defs_folder_path / name
    folder.mkdir(parents=True)
    write_recipe(folder, {"serviceName: lake": f"serviceName: {folder.name}", **(changes or {})})
    declare(project, name, recipes)
    return folder


def declare(project: DefsFolderSandbox, name: str, recipes: object) -> None:
    contents = {"type": "ingest_assets.components.MetadataIngestion", "attributes": {"recipes": recipes}}
    folder: Path = project.defs_folder_path / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "defs.yaml").write_text(yaml.safe_dump(contents), encoding="utf-8")


def keys_of(definitions: dg.Definitions) -> set[str]:
    return {key.to_user_string() for key in definitions.resolve_all_asset_keys()}


def failure_of(definitions: dg.Definitions, key: str) -> str:
    """What a status asset says when it is materialized."""
    result = dg.materialize([definitions.resolve_assets_def(dg.AssetKey.from_user_string(key))], raise_on_error=False)
    (event,) = [event for event in result.all_events if event.is_step_failure]
    shown = event.step_failure_data.user_failure_data
    assert shown is not None
    return shown.description or ""


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_scaffolded_loads_and_is_the_shipped_recipe_for_a_service_named_after_the_component(
    project: DefsFolderSandbox, source: str
) -> None:
    folder = project.scaffold_component(MetadataIngestion, "company", {"source": source})
    recipe = load_recipe(folder / f"{source}.yaml")
    shipped = load_recipe(SHIPPED / f"{source}.yaml")
    assert recipe.service_name == "company"
    assert recipe.variables == shipped.variables
    with project.build_all_defs() as definitions:
        assert f"{source}/company/snapshot" in keys_of(definitions)
        assert [job.name for job in definitions.resolve_all_job_defs() if job.name != "__ASSET_JOB"] == [
            f"{source}__company"
        ]


@pytest.mark.parametrize("source", SOURCES)
def test_the_starting_recipes_are_the_shipped_ones_word_for_word(source: str) -> None:
    from ingest_assets.components import scaffolder  # noqa: PLC0415

    starting = Path(scaffolder.__file__).parent / "recipes" / f"{source}.yaml"
    assert starting.read_text(encoding="utf-8") == (SHIPPED / f"{source}.yaml").read_text(encoding="utf-8")


def test_scaffolding_names_the_service_and_replaces_no_recipe(project: DefsFolderSandbox) -> None:
    folder = project.scaffold_component(MetadataIngestion, "lake", {"source": "glue", "service_name": "Company lake"})
    assert load_recipe(folder / "glue.yaml").service_name == "Company lake"
    (folder / "glue.yaml").write_text("mine", encoding="utf-8")
    with pytest.raises(Exception, match="is there already"):
        project.scaffold_component(MetadataIngestion, "lake", {"source": "glue"})
    assert (folder / "glue.yaml").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("name", ["a: b #c", "'x", "[a]", "日本", "1e3", 'a "b"'])
def test_a_service_may_have_any_name(project: DefsFolderSandbox, name: str) -> None:
    folder = project.scaffold_component(MetadataIngestion, "lake", {"source": "glue", "service_name": name})
    assert load_recipe(folder / "glue.yaml").service_name == name


@pytest.mark.parametrize("name", ["${LAKE}", "{name}", "a" * 300])
def test_a_name_that_no_recipe_takes_leaves_nothing_behind(project: DefsFolderSandbox, name: str) -> None:
    with pytest.raises(Exception, match="name another service_name"):
        project.scaffold_component(MetadataIngestion, "lake", {"source": "glue", "service_name": name})
    assert list(project.defs_folder_path.rglob("*.yaml")) == []


def test_a_recipe_that_is_named_twice_is_one(project: DefsFolderSandbox) -> None:
    add(project, "lake", recipes=["glue.yaml", "."])
    with project.build_all_defs() as definitions:
        assert keys_of(definitions) == {f"glue/lake/{step}" for step in STEPS}


def test_two_components_live_beside_a_projects_own_resources_and_executor(project: DefsFolderSandbox) -> None:
    add(project, "lake")
    add(project, "team/pond")
    (project.defs_folder_path / "own.py").write_text(PROJECTS_OWN, encoding="utf-8")
    with project.build_all_defs() as definitions:
        expected = {f"glue/{service}/{step}" for service in ("lake", "pond") for step in STEPS}
        assert keys_of(definitions) == {*expected, "deliveries"}
        assert definitions.resolve_implicit_global_asset_job_def().executor_def is dg.multiprocess_executor
        assert definitions.resolve_job_def("glue__lake").executor_def is dg.in_process_executor
        assert dg.materialize([definitions.resolve_assets_def("deliveries")]).success


@pytest.mark.usefixtures("services")
def test_the_components_assets_run_on_resources_that_it_brings_itself(
    project: DefsFolderSandbox,
) -> None:
    add(project, "lake")
    with project.build_all_defs() as definitions:
        result = definitions.resolve_job_def("glue__lake").execute_in_process(raise_on_error=False)
    assert result.success, failures(result)
    assert reported(result)["tables"]["created"] > 50


def test_a_folder_and_a_list_are_recipes_too_and_defs_yaml_is_none(project: DefsFolderSandbox) -> None:
    folder = add(project, "all", recipes=["."])
    write_recipe(folder, {"serviceName: lake": "serviceName: second"}, "second.yml")
    (project.defs_folder_path / "shared").mkdir()
    write_recipe(project.defs_folder_path / "shared", {"serviceName: lake": "serviceName: third"})
    declare(project, "all", [".", "../shared/glue.yaml"])
    with project.build_all_defs() as definitions:
        services = {key.partition("/")[2].partition("/")[0] for key in keys_of(definitions)}
    assert services == {"all", "second", "third"}


def test_alerts_of_two_components_live_side_by_side(project: DefsFolderSandbox) -> None:
    asked = {"dagster:\n": "dagster:\n  alerts: {email: [lake@norrpost.example], on_failure: true}\n"}
    add(project, "lake", asked)
    add(project, "pond", asked)
    add(project, "quiet")
    with project.build_all_defs() as definitions:
        repository = definitions.get_repository_def()
        assert sorted(sensor.name for sensor in repository.sensor_defs) == ["lake__alerts", "pond__alerts"]


def test_lineage_between_components_decides_the_order(project: DefsFolderSandbox) -> None:
    add(project, "b_lake")
    folder = project.scaffold_component(MetadataIngestion, "a_board", {"source": "quicksight"})
    recipe = folder / "quicksight.yaml"
    recipe.write_text(recipe.read_text(encoding="utf-8").replace("- local_glue", "- b_lake"), encoding="utf-8")
    with project.build_all_defs() as definitions:
        graph = definitions.resolve_asset_graph()
        parents = graph.get(dg.AssetKey(["quicksight", "a_board", "plan"])).parent_keys
    assert dg.AssetKey(["glue", "b_lake", "tables"]) in parents


def test_broken_recipes_of_two_components_stop_nobody_and_each_has_an_asset_that_says_so(
    project: DefsFolderSandbox,
) -> None:
    add(project, "whole")
    add(project, "team-a", {"awsRegion": "awsRegoin"})
    add(project, "team_a", {"${OM_BOT_TOKEN}": '"{bot_jwt_token}"'})
    with project.build_all_defs() as definitions:
        keys = keys_of(definitions)
        status = sorted(key for key in keys if key.startswith("recipe_status"))
        assert keys - set(status) == {f"glue/whole/{step}" for step in STEPS}
        assert status[0] == "recipe_status/team_a"
        assert len(status) == 2
        told = sorted(failure_of(definitions, key) for key in status)
    assert "team-a/glue.yaml:10: " in told[0]
    assert "Did you mean awsRegion?" in told[0]
    assert "{bot_jwt_token} is left from the docs" in told[1]


def test_recipes_of_two_components_that_write_one_service_are_told_of_and_the_first_one_runs(
    project: DefsFolderSandbox,
) -> None:
    add(project, "a/lake")
    add(project, "b/lake")
    with project.build_all_defs() as definitions:
        (status,) = {key for key in keys_of(definitions) if not key.startswith("glue/lake/")}
        told = failure_of(definitions, status)
    assert "both write the databaseService 'lake'" in told


@pytest.mark.parametrize("missing", ["nowhere.yaml", "nowhere/", ["glue.yaml", "empty"]])
def test_a_path_without_recipe_is_told_with_its_name(project: DefsFolderSandbox, missing: Any) -> None:
    folder = add(project, "lake", recipes=missing)
    (folder / "empty").mkdir()
    with project.build_all_defs() as definitions:
        (status,) = {key for key in keys_of(definitions) if key.startswith("recipe_status")}
        told = failure_of(definitions, status)
    assert "no recipe there" in told
    assert str(folder) in told


def test_validation_fails_with_every_broken_recipe_of_the_project(
    project: DefsFolderSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_IS_DEFS_VALIDATION_CLI", "1")
    add(project, "a", {"awsRegion": "awsRegoin"})
    add(project, "b", {"hostPort": "hotsPort"})
    with pytest.raises(Exception, match="Error while building definitions") as failed, project.build_all_defs():
        pass
    told = str(failed.value.__cause__)
    assert "a/glue.yaml:10: " in told
    assert "Did you mean awsRegion?" in told
    assert "b/glue.yaml:16: " in told


def test_an_unknown_attribute_is_refused_by_the_schema(project: DefsFolderSandbox) -> None:
    add(project, "lake")
    path = project.defs_folder_path / "lake" / "defs.yaml"
    path.write_text("type: ingest_assets.components.MetadataIngestion\nattributes:\n  recipe: glue.yaml\n")
    with pytest.raises(Exception, match="Error while loading component") as failed, project.build_all_defs():
        pass
    assert "defs.yaml:3" in str(failed.value.__cause__)


def test_a_component_made_in_python_counts_like_one_of_yaml(tmp_path: Path) -> None:
    recipe = load_recipe(write_recipe(tmp_path))
    component = MetadataIngestion(recipes=[recipe.path])
    assert [each.service_name for each in component.loaded.recipes] == ["lake"]
