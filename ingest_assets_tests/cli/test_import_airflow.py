"""``ingest-assets import-airflow``: DAG files become recipes that run, and nothing that is there is lost."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest
import yaml

from ingest_assets.assets.names import job_name
from ingest_assets.cli.execution import execute
from ingest_assets.location import build_definitions, load_recipes
from ingest_assets.progress import SilentProgress
from ingest_assets.recipe import load_recipe
from ingest_assets.resources.ingestion import OptionsResource
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.cli.test_commands import call
from ingest_assets_tests.recipe.texts import DAG, DAG_CONFIG, EVERY_KEY_OF_THE_PAGE, LAKE_OF_THE_COMPANY, MINIMAL


def dag_file(folder: Path, config: str, name: str = "dag.py", dag_id: str = "sample_data") -> Path:
    path = folder / name
    path.write_text(DAG.replace(DAG_CONFIG, config).replace("sample_data", dag_id), encoding="utf-8")
    return path


@pytest.fixture
def recipes(tmp_path: Path) -> Path:
    return tmp_path / "recipes"


def test_a_dag_becomes_a_recipe_with_its_job_and_schedule(tmp_path: Path, recipes: Path) -> None:
    result = call("import-airflow", dag_file(tmp_path, f"# of the lake\n{MINIMAL}"), "--to", recipes)
    assert result.exit_code == 0, result.output
    written = recipes / "lake.yaml"
    assert written.read_text(encoding="utf-8").startswith(f"# of the lake\n{MINIMAL}dagster:\n")
    assert str(written) in result.output
    assert 'used  DAG.schedule_interval  dagster.schedule: "*/5 * * * *".' in result.output
    assert "not used  DAG.catchup  Not needed: schedules here never catch up." in result.output
    assert 'dagster.owners: ["team:user_name"]. That is what the docs print: write your own.' in result.output
    definitions = build_definitions([load_recipe(written)])
    job = definitions.resolve_job_def("sample_data")
    assert job.description == "An example DAG which runs a OpenMetadata ingestion workflow"
    assert job.run_tags["dagster/max_runtime"] == "3600"
    schedule = definitions.resolve_schedule_def("sample_data__schedule")
    assert isinstance(schedule, dg.ScheduleDefinition)
    assert schedule.cron_schedule == "*/5 * * * *"
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    for spec in definitions.resolve_all_asset_specs():
        assert spec.owners == ["team:user_name"]
        assert spec.key.path[:2] == ["glue", "lake"]
    for node in job.all_node_defs:
        assert isinstance(node, dg.OpDefinition)
        assert node.retry_policy is not None
        assert (node.retry_policy.max_retries, node.retry_policy.delay, node.pool) == (3, 300, "glue__lake")


def test_what_lint_has_against_it_is_said_and_exits_1(tmp_path: Path, recipes: Path) -> None:
    result = call("import-airflow", dag_file(tmp_path, EVERY_KEY_OF_THE_PAGE), "--to", recipes)
    assert result.exit_code == 1
    written = recipes / "local_glue.yaml"
    assert load_recipe(written).dagster.schedule == "*/5 * * * *"
    (error,) = [line for line in result.output.splitlines() if line.startswith("error ")]
    assert error.startswith(f"error {written}:")
    assert "{bot_jwt_token} is left from the docs" in error
    assert "A secret in plain text" in result.output


def test_a_recipe_that_is_there_stays_unless_it_is_to_be_replaced(tmp_path: Path, recipes: Path) -> None:
    recipes.mkdir()
    (recipes / "lake.yaml").write_text("mine: true\n", encoding="utf-8")
    dag = dag_file(tmp_path, MINIMAL)
    result = call("import-airflow", dag, "--to", recipes)
    assert result.exit_code == 1
    assert f"error {recipes}/lake.yaml is there already." in result.output
    assert (recipes / "lake.yaml").read_text(encoding="utf-8") == "mine: true\n"
    assert call("import-airflow", dag, "--to", recipes, "--force").exit_code == 0
    assert call("import-airflow", dag, "--to", recipes, "--force").exit_code == 0
    assert load_recipe(recipes / "lake.yaml").dagster.job.name == "sample_data"


def test_the_yaml_may_lie_in_a_file_of_its_own(tmp_path: Path, recipes: Path) -> None:
    printed = dag_file(tmp_path, DAG_CONFIG)
    result = call("import-airflow", printed, "--to", recipes)
    assert result.exit_code == 1
    assert "<your YAML configuration> is left from the docs" in result.output
    assert not recipes.exists()
    config = tmp_path / "config.yaml"
    config.write_text(MINIMAL, encoding="utf-8")
    assert call("import-airflow", printed, "--to", recipes, "--config", config).exit_code == 0
    assert load_recipe(recipes / "lake.yaml").service_name == "lake"


def test_dags_of_one_name_become_recipes_that_live_side_by_side(tmp_path: Path, recipes: Path) -> None:
    for service in ("north", "south"):
        config = MINIMAL.replace("serviceName: lake", f"serviceName: {service}")
        result = call("import-airflow", dag_file(tmp_path, config), "--to", recipes)
        assert result.exit_code == 0, result.output
    assert f"not used  DAG.dag_id  The job of {recipes}/north.yaml is called so" in result.output
    loaded = load_recipes(recipes)
    assert loaded.problems == []
    assert [job_name(recipe) for recipe in loaded.recipes] == ["sample_data", "glue__south"]
    build_definitions(loaded.recipes).get_repository_def()


@pytest.mark.parametrize("dag_id", ["etl.glue-prod", "config", "класс", "type"])
def test_any_id_of_a_dag_becomes_a_job_that_dagster_takes(tmp_path: Path, recipes: Path, dag_id: str) -> None:
    result = call("import-airflow", dag_file(tmp_path, MINIMAL, dag_id=dag_id), "--to", recipes)
    assert result.exit_code == 0, result.output
    recipe = load_recipe(recipes / "lake.yaml")
    build_definitions([recipe]).get_repository_def()
    assert recipe.dagster.job.name in {dag_id, None}
    assert (recipe.dagster.job.name is None) == ("Dagster keeps this name" in result.output)


def test_two_workflows_of_one_service_are_not_written_over_each_other(tmp_path: Path, recipes: Path) -> None:
    one = DAG.replace(DAG_CONFIG, MINIMAL)
    dag = tmp_path / "dag.py"
    dag.write_text(one + one.replace("sample_data", "other"), encoding="utf-8")
    result = call("import-airflow", dag, "--to", recipes, "--force")
    assert result.exit_code == 1
    assert "two workflows" in result.output
    assert load_recipe(recipes / "lake.yaml").dagster.job.name == "sample_data"


def test_another_recipe_of_the_same_service_is_told(tmp_path: Path, recipes: Path) -> None:
    recipes.mkdir()
    (recipes / "mine.yaml").write_text(MINIMAL, encoding="utf-8")
    result = call("import-airflow", dag_file(tmp_path, MINIMAL), "--to", recipes)
    assert result.exit_code == 1
    assert "both write the databaseService 'lake'" in result.output


def test_a_name_cannot_leave_the_folder(tmp_path: Path, recipes: Path) -> None:
    config = MINIMAL.replace("serviceName: lake", "serviceName: ../../lake")
    assert call("import-airflow", dag_file(tmp_path, config), "--to", recipes).exit_code == 0
    (written,) = tmp_path.rglob("*.yaml")
    assert written.parent == recipes


@pytest.mark.parametrize("text", ["print(1)\n", "def (:\n", "\0"])
def test_what_is_no_dag_is_one_line(tmp_path: Path, recipes: Path, text: str) -> None:
    path = tmp_path / "dag.py"
    path.write_text(text, encoding="utf-8")
    result = call("import-airflow", path, "--to", recipes)
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {path}:1: ")
    assert len(result.output.splitlines()) == 1
    assert not recipes.exists()


def test_it_runs_with_the_job_of_the_dag(
    services: Sandbox, tmp_path: Path, recipes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = LAKE_OF_THE_COMPANY.replace("serviceName: lake", "serviceName: imported")
    assert call("import-airflow", dag_file(tmp_path, config), "--to", recipes).exit_code == 0
    recipe = load_recipe(recipes / "imported.yaml")
    with dg.DagsterInstance.ephemeral() as instance:
        job = build_definitions([recipe]).resolve_job_def("sample_data")
        assert job.execute_in_process(instance=instance, raise_on_error=False).success
        (run,) = instance.get_runs()
        assert run.job_name == "sample_data"
    result = execute(recipe, SilentProgress(), OptionsResource())
    assert result.success, result.errors
    assert next(step.counts for step in result.steps if step.name == "tables")["unchanged"] > 50
    monkeypatch.setenv("OPENMETADATA_HOST_PORT", services.url)
    failed = execute(recipe, SilentProgress(), OptionsResource())
    assert any(error.startswith("plan: ") and "hostPort must end in /api" in error for error in failed.errors)


def test_nothing_is_asked_of_any_service(services: Sandbox, tmp_path: Path, recipes: Path) -> None:
    config = yaml.safe_dump(yaml.safe_load(LAKE_OF_THE_COMPANY))
    assert call("import-airflow", dag_file(tmp_path, config), "--to", recipes).exit_code == 0
    assert not services.aws.counts
    assert services.openmetadata.writes() == 0
