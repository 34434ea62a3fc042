"""The DAG files of OpenMetadata's five pages, imported as printed into one folder, and run as jobs of Dagster."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg
import pytest
from click.testing import CliRunner

from ingest_assets.cli.main import main
from ingest_assets.location import build_definitions, load_recipes
from ingest_assets.sandbox.company.looker_instance import LOOKML_OWNER, LOOKML_REPOSITORY
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.recipe.texts import DAG_CONFIG, PAGES, dag_of, recipe_of

pytestmark = pytest.mark.skipif(not PAGES.is_dir(), reason="the documentation pages are not here")

# Glue first, whose tables the others look for; its job has the DAG's id, which all five pages print.
JOBS = {
    "glue": "sample_data",
    "kinesis": "kinesis__local_kinesis",
    "quicksight": "quicksight__local_quicksight",
    "looker": "looker__local_looker",
    "atlas": "atlas__local_atlas",
}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(region="us-east-2") as running, pytest.MonkeyPatch.context() as patch:
        patch.setenv("INGEST_ASSETS_STORE", str(tmp_path_factory.mktemp("store")))
        patch.setenv("AWS_ENDPOINT_URL", running.aws_endpoint_url)
        patch.delenv("DAGSTER_HOME", raising=False)
        yield running
        assert not list(running.crashes)


@pytest.fixture(scope="module")
def definitions(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    """The code location of the five DAG files, with the values that the pages have a reader fill in."""
    folder = tmp_path_factory.mktemp("dags")
    for source in JOBS:
        page = next(text for text in texts() if f"/{source}/airflow" in text)
        dag = folder / f"{source}.py"
        dag.write_text(filled(sandbox, dag_of(page).replace(DAG_CONFIG, recipe_of(page))), encoding="utf-8")
        result = CliRunner().invoke(main, ["import-airflow", str(dag), "--to", str(folder / "recipes")])
        assert result.exit_code == 0, result.output
    loaded = load_recipes(folder / "recipes")
    assert loaded.problems == []
    return build_definitions(loaded.recipes)


def texts() -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted(PAGES.glob("*.txt"))]


def filled(sandbox: Sandbox, text: str) -> str:
    values = {
        "awsAccessKeyId: KEY": f"awsAccessKeyId: {sandbox.reader.access_key_id}",
        "awsSecretAccessKey: SECRET": f"awsSecretAccessKey: {sandbox.reader.secret_access_key}",
        "awsSessionToken: Token": "awsSessionToken:",
        "<aws-account-id>": sandbox.company.account,
        "clientId: Client ID": f"clientId: {sandbox.looker_client.client_id}",
        "clientSecret: Client Secret": f"clientSecret: {sandbox.looker_client.client_secret}",
        "http://hostPort": sandbox.url,
        "repositoryOwner: open-metadata": f"repositoryOwner: {LOOKML_OWNER}",
        "repositoryName: OpenMetadata": f"repositoryName: {LOOKML_REPOSITORY}, looker-parcels\n"
        f"        gitHostURL: {sandbox.url}",
        "token: XYZ": f"token: {sandbox.github_token.value}",
        "http://localhost:10000": sandbox.atlas_host_port,
        "username: username": f"username: {sandbox.atlas_user.name}",
        "password: password": f"password: {sandbox.atlas_user.password}",
        '"<OpenMetadata auth provider>"': f"openmetadata\n    securityConfig:\n      jwtToken: {sandbox.bot_token}",
        "<OpenMetadata host and port>": sandbox.openmetadata_host_port,
        "http://localhost:8585/api": sandbox.openmetadata_host_port,
        "{bot_jwt_token}": sandbox.bot_token,
        # The lake of the company is the Hive that Atlas knows.
        "local_hive": "local_glue",
    }
    for printed, value in values.items():
        text = text.replace(printed, value)
    return text


@pytest.mark.parametrize("source", JOBS)
def test_each_has_a_job_and_a_schedule_that_is_on(definitions: dg.Definitions, source: str) -> None:
    job = definitions.resolve_job_def(JOBS[source])
    schedule = definitions.resolve_schedule_def(f"{JOBS[source]}__schedule")
    assert job.description == "An example DAG which runs a OpenMetadata ingestion workflow"
    assert isinstance(schedule, dg.ScheduleDefinition)
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("*/5 * * * *", "UTC")
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING


def test_all_five_run_one_after_the_other(definitions: dg.Definitions) -> None:
    for job in JOBS.values():
        result = definitions.resolve_job_def(job).execute_in_process(raise_on_error=False)
        complete = [check.passed for check in result.get_asset_check_evaluations() if check.check_name == "complete"]
        assert complete == [True], job
        counts = [event.materialization.metadata for event in result.get_asset_materialization_events()]
        assert sum(int(str(each["created"].value)) + int(str(each["updated"].value)) for each in counts) > 5, job
