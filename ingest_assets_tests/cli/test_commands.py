"""The command line as people use it: what it prints, what it exits with, what it leaves alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from click.testing import CliRunner, Result

from ingest_assets.calls import Calls
from ingest_assets.cli.main import main
from ingest_assets.openmetadata.auth import BotToken
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.recipe_runs import STEPS, write_recipe


def call(*arguments: str | Path) -> Result:
    """Run a command. Whatever it raises beside its exit is a traceback for a person, and fails the test."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert "Traceback" not in result.output
    return result


def recipe_of(folder: Path, service: str, **changes: str) -> Path:
    return write_recipe(folder, {"serviceName: lake": f"serviceName: {service}", **changes})


class TestRun:
    def test_it_reports_every_step_and_check_and_writes_the_report(self, services: Sandbox, tmp_path: Path) -> None:
        recipe, report = recipe_of(tmp_path, "cli_run"), tmp_path / "report.json"
        result = call("run", recipe, "--json", report)
        assert result.exit_code == 0, result.output
        assert str(recipe) in result.output
        found = json.loads(report.read_text(encoding="utf-8"))
        assert found["success"] is True
        assert found["recipe"] == str(recipe)
        assert [step["name"] for step in found["steps"]] == list(STEPS)
        tables = next(step for step in found["steps"] if step["name"] == "tables")
        assert tables["counts"]["created"] == tables["counts"]["listed"] > 50
        assert tables["metadata"]["openmetadata"].startswith(services.url)
        assert {check["name"]: check["passed"] for check in found["checks"]}["complete"] is True
        for step in STEPS:
            assert f"\n{step}" in result.output
        assert "check lineage_coverage: warning" in result.output

    def test_a_failed_blocking_check_exits_1_and_is_shown(self, services: Sandbox, tmp_path: Path) -> None:
        services.faults.add("access-denied", service="glue", operation="GetTables", match="finance", count=None)
        report = tmp_path / "report.json"
        result = call("run", recipe_of(tmp_path, "cli_failed"), "--json", report)
        assert result.exit_code == 1
        assert "check complete: failed" in result.output
        assert "Allow glue:GetTables in IAM" in result.output
        assert json.loads(report.read_text(encoding="utf-8"))["success"] is False

    def test_a_dry_run_writes_nothing(self, services: Sandbox, tmp_path: Path) -> None:
        result = call("run", recipe_of(tmp_path, "cli_dry"), "--dry-run")
        assert result.exit_code == 0
        assert services.openmetadata.writes() == 0
        assert "dry run" in result.output

    def test_a_part_is_read_and_the_rest_stays(self, services: Sandbox, tmp_path: Path) -> None:
        recipe = recipe_of(tmp_path, "cli_part")
        assert call("run", recipe).exit_code == 0
        services.aws.reset_counts()
        services.openmetadata.reset_counts()
        result = call("run", recipe, "--include", "*.sales", "--include", "*.finance", "--exclude", "*.f*")
        assert result.exit_code == 0, result.output
        assert dict(services.aws.counts) == {"glue:GetDatabases": 1, "glue:GetTables": 1, "lakeformation:ListLFTags": 1}
        assert services.openmetadata.writes() == 0
        assert "A part was read" in result.output
        assert "include '*.finance' matched nothing" in result.output

    @pytest.mark.parametrize("option", [("--include", "a"), ("--exclude", "a"), ("--full-refresh",)])
    def test_an_approval_goes_with_nothing_that_reads(
        self, services: Sandbox, tmp_path: Path, option: tuple[str, ...]
    ) -> None:
        result = call("run", recipe_of(tmp_path, "cli_approved"), "--approve-stale", "x", *option)
        assert result.exit_code == 2
        assert "--approve-stale reads nothing" in result.output
        assert not services.aws.counts

    def test_what_goes_wrong_is_said_in_one_line_with_what_to_do(
        self, services: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OPENMETADATA_HOST_PORT", services.url)
        result = call("run", recipe_of(tmp_path, "cli_page"))
        assert result.exit_code == 1
        (line,) = [line for line in result.output.splitlines() if line.startswith("error plan: ")]
        assert "hostPort must end in /api" in line

    @pytest.mark.usefixtures("services")
    def test_a_report_that_cannot_be_written_stops_before_the_run(self, services: Sandbox, tmp_path: Path) -> None:
        result = call("run", recipe_of(tmp_path, "cli_json"), "--json", tmp_path / "nowhere" / "report.json")
        assert result.exit_code == 2
        assert "--json" in result.output
        assert not services.aws.counts

    def test_with_a_dagster_home_the_run_is_recorded(
        self, services: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home = tmp_path / "home"
        home.mkdir()
        monkeypatch.setenv("DAGSTER_HOME", str(home))
        result = call("run", recipe_of(tmp_path, "cli_home"), "--dry-run")
        assert result.exit_code == 0, result.output
        with dg.DagsterInstance.from_config(str(home)) as instance:
            (recorded,) = instance.get_runs()
            assert recorded.job_name == "glue__cli_home"
            assert recorded.run_id in result.output

    @pytest.mark.usefixtures("services")
    def test_a_dagster_home_that_is_no_folder_is_said(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "nowhere"))
        result = call("run", recipe_of(tmp_path, "cli_homeless"))
        assert result.exit_code == 1
        assert "nowhere" in result.output
        assert "Unset DAGSTER_HOME" in result.output


class TestPlan:
    def test_it_prints_the_changes_and_writes_nothing(self, services: Sandbox, tmp_path: Path) -> None:
        recipe = recipe_of(tmp_path, "cli_plan")
        result = call("plan", recipe)
        assert result.exit_code == 0, result.output
        assert services.openmetadata.writes() == 0
        lines = result.output.splitlines()
        at = lines.index("What would change:")
        assert [line.split()[:3] for line in lines[at + 1 : at + 3]] == [
            ["+", "databaseService", "cli_plan"],
            ["+", "database", f"cli_plan.{services.company.account}"],
        ]
        shown = sum(line.startswith("+ ") for line in lines)
        # 70 entities, the service, and what of the lineage can be drawn.
        assert lines[-1] == f"  and {70 + 1 + 18 - shown} more"

    def test_a_part_is_planned(self, services: Sandbox, tmp_path: Path) -> None:
        account = services.company.account
        result = call("plan", recipe_of(tmp_path, "cli_part_plan"), "--include", f"{account}.sales")
        assert result.exit_code == 0, result.output
        assert dict(services.aws.counts) == {"glue:GetDatabases": 1, "glue:GetTables": 1, "lakeformation:ListLFTags": 1}
        assert f"cli_part_plan.{account}.sales.orders" in result.output
        assert f"cli_part_plan.{account}.finance.invoices" not in result.output

    def test_after_a_run_nothing_would_change(self, services: Sandbox, tmp_path: Path) -> None:
        recipe = recipe_of(tmp_path, "cli_planned")
        assert call("run", recipe).exit_code == 0
        result = call("plan", recipe)
        assert result.output.splitlines()[-1] == "Nothing would change."


class TestLint:
    def test_each_key_is_named_and_a_recipe_that_would_run_exits_0(self, tmp_path: Path) -> None:
        result = call("lint", write_recipe(tmp_path))
        assert result.exit_code == 0, result.output
        assert "honoured  source.serviceConnection.config.awsConfig.awsRegion" in result.output
        assert '"glue:GetTables"' in result.output

    def test_every_error_has_its_file_line_and_the_nearest_word(self, tmp_path: Path) -> None:
        path = write_recipe(tmp_path, {"awsRegion": "awsRegoin", "type: DatabaseMetadata": "includeVeiws: true"})
        result = call("lint", path)
        assert result.exit_code == 1
        errors = [line for line in result.output.splitlines() if line.startswith("error ")]
        assert any(f"{path}:10: " in line and "Did you mean awsRegion?" in line for line in errors)
        assert any(f"{path}:14: " in line and "Did you mean includeViews?" in line for line in errors)

    def test_a_placeholder_of_the_docs_is_an_error(self, tmp_path: Path) -> None:
        result = call("lint", write_recipe(tmp_path, {"${OM_BOT_TOKEN}": '"{bot_jwt_token}"'}))
        assert result.exit_code == 1
        assert "{bot_jwt_token} is left from the docs" in result.output

    def test_one_bad_recipe_does_not_hide_the_others(self, tmp_path: Path) -> None:
        bad = write_recipe(tmp_path, {"awsRegion": "awsRegoin"}, "bad [red]file[red].yaml")
        good = write_recipe(tmp_path)
        result = call("lint", bad, tmp_path / "gone.yaml", good)
        assert result.exit_code == 1
        assert f"{bad}:10:" in result.output
        assert "gone.yaml: can't be read: No such file or directory." in result.output
        assert str(good) in result.output
        assert '"glue:GetTables"' in result.output

    def test_recipes_that_write_one_service_are_an_error_that_says_how_to_make_them_one(self, tmp_path: Path) -> None:
        west = write_recipe(tmp_path, name="west.yaml")
        result = call("lint", write_recipe(tmp_path), west)
        assert result.exit_code == 1
        told = result.output.splitlines()[-1]
        assert told.startswith(f"error {west} and ")
        assert "regions, accounts and catalog_ids of dagster.source" in told


class TestProbe:
    def test_every_permission_is_named_and_what_is_not_needed_does_not_fail(
        self, services: Sandbox, tmp_path: Path
    ) -> None:
        result = call("probe", recipe_of(tmp_path, "cli_probe"))
        assert result.exit_code == 0, result.output
        assert "granted  glue:GetDatabases" in result.output
        assert "granted  glue:GetTables" in result.output
        assert "not there, not needed  glue:GetCatalogs" in result.output
        assert "not there, not needed  glue:GetTable of" in result.output
        assert "needed to remove what is gone" in result.output
        assert f"granted  OpenMetadata server  version 1.12.4 at {services.openmetadata_host_port}" in result.output
        assert "granted  OpenMetadata sign-on  as ingestion-bot" in result.output
        assert services.openmetadata.writes() == 0

    def test_a_missing_permission_exits_1(self, services: Sandbox, tmp_path: Path) -> None:
        services.faults.add("access-denied", service="glue", operation="GetTables", count=None)
        result = call("probe", recipe_of(tmp_path, "cli_denied"))
        assert result.exit_code == 1
        assert "missing  glue:GetTables" in result.output
        assert "Allow glue:GetTables in IAM" in result.output
        assert "granted  OpenMetadata sign-on" in result.output

    def test_a_refused_token_exits_1_and_is_not_shown(
        self, services: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJub2JvZHkifQ.c2lnbmF0dXJl"
        monkeypatch.setenv("OM_BOT_TOKEN", token)
        result = call("probe", recipe_of(tmp_path, "cli_token"))
        assert result.exit_code == 1
        assert "missing  OpenMetadata sign-on" in result.output
        assert "the server refuses the token" in result.output
        assert token not in result.output

    def test_a_person_in_place_of_the_bot_is_told(
        self, services: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OM_BOT_TOKEN", services.admin_token)
        result = call("probe", recipe_of(tmp_path, "cli_person"))
        assert result.exit_code == 0
        assert "not a bot" in result.output

    @pytest.mark.usefixtures("impatient")
    def test_an_unreachable_server_exits_1(
        self, services: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OPENMETADATA_HOST_PORT", "http://127.0.0.1:1/api")
        result = call("probe", recipe_of(tmp_path, "cli_away"))
        assert result.exit_code == 1
        assert "granted  glue:GetTables" in result.output
        assert "Nothing listens there" in result.output

    def test_wrong_aws_keys_are_one_message(
        self, services: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-the-one")
        result = call("probe", recipe_of(tmp_path, "cli_keys"))
        assert result.exit_code == 1
        assert result.output.startswith("Error: ")
        assert "Check awsSecretAccessKey" in result.output

    def test_an_unset_variable_is_named(
        self, services: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("OM_BOT_TOKEN")
        result = call("probe", recipe_of(tmp_path, "cli_unset"))
        assert result.exit_code == 1
        assert "the environment variable OM_BOT_TOKEN is not set" in result.output
        assert not services.aws.counts


class TestRemovals:
    """What is gone from the service leaves OpenMetadata, waits for approval above the ceiling, and can come back."""

    @pytest.fixture
    def reader(self, services: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
        """Keys that may ask for single tables."""
        for name, value in services.environment(services.reader).items():
            monkeypatch.setenv(name, value)
        return services

    @pytest.fixture
    def table(self, reader: Sandbox) -> Iterator[str]:
        """A table of the lake that a test may drop; it is back at the test's end."""
        catalog = reader.company.glue.catalog(reader.company.account)
        assert catalog is not None
        tables = catalog.databases["sales"].tables
        row = tables.get("customers")
        assert row is not None
        yield "customers"
        tables.put(row)

    def drop(self, services: Sandbox, table: str) -> None:
        catalog = services.company.glue.catalog(services.company.account)
        assert catalog is not None
        catalog.databases["sales"].tables.drop(table)

    def is_deleted(self, services: Sandbox, fqn: str) -> bool:
        with OpenMetadataClient(services.openmetadata_host_port, BotToken(services.admin_token), Calls()) as client:
            return bool(client.get_by_name("tables", fqn, {"include": "all"})["deleted"])

    def run_id(self, result: Result) -> str:
        return result.output.splitlines()[0].rpartition("run ")[2]

    def test_what_was_removed_comes_back_and_stays(self, reader: Sandbox, tmp_path: Path, table: str) -> None:
        recipe = recipe_of(tmp_path, "cli_restored")
        fqn = f"cli_restored.{reader.company.account}.sales.{table}"
        assert call("run", recipe).exit_code == 0
        self.drop(reader, table)
        second = call("run", recipe)
        assert second.exit_code == 0, second.output
        assert self.is_deleted(reader, fqn)

        result = call("restore", recipe, "--run", self.run_id(second))
        assert result.exit_code == 0, result.output
        assert result.output == f"1 of 1 that run {self.run_id(second)} removed are back.\n"
        assert not self.is_deleted(reader, fqn)
        assert call("run", recipe).exit_code == 0
        assert not self.is_deleted(reader, fqn)

    def test_a_run_that_removed_nothing_has_nothing_to_restore(self, services: Sandbox, tmp_path: Path) -> None:
        recipe = recipe_of(tmp_path, "cli_unremoved")
        first = call("run", recipe)
        result = call("restore", recipe, "--run", self.run_id(first))
        assert result.exit_code == 1
        assert result.output.startswith(f"Error: No removal of run {self.run_id(first)} is known")

    def test_above_the_ceiling_a_person_approves_and_nothing_is_read_for_it(
        self, reader: Sandbox, tmp_path: Path, table: str
    ) -> None:
        recipe = recipe_of(tmp_path, "cli_ceiling", **{"dagster:\n": "dagster:\n  stale: {max_count: 0}\n"})
        fqn = f"cli_ceiling.{reader.company.account}.sales.{table}"
        assert call("run", recipe).exit_code == 0
        self.drop(reader, table)
        second = call("run", recipe)
        assert not self.is_deleted(reader, fqn)
        assert f"set approve_stale to {self.run_id(second)}" in second.output
        reader.aws.reset_counts()

        report = tmp_path / "report.json"
        result = call("run", recipe, "--approve-stale", self.run_id(second), "--json", report)
        assert result.exit_code == 0, result.output
        assert self.is_deleted(reader, fqn)
        assert [step["name"] for step in json.loads(report.read_text(encoding="utf-8"))["steps"]] == ["stale"]
        assert dict(reader.aws.counts) == {"glue:GetTable": 1}

    def test_an_approval_of_an_unknown_run_is_said(self, reader: Sandbox, tmp_path: Path, table: str) -> None:
        recipe = recipe_of(tmp_path, "cli_unknown", **{"dagster:\n": "dagster:\n  stale: {max_count: 0}\n"})
        assert call("run", recipe).exit_code == 0
        self.drop(reader, table)
        call("run", recipe)
        result = call("run", recipe, "--approve-stale", "no-such-run")
        assert result.exit_code == 1
        assert "no-such-run" in result.output


@pytest.mark.parametrize("command", ["run", "plan", "probe"])
def test_a_recipe_that_is_not_there_is_one_line(command: str, tmp_path: Path) -> None:
    result = call(command, tmp_path / "nowhere.yaml")
    assert result.exit_code == 1
    assert result.output == f"Error: {tmp_path}/nowhere.yaml: can't be read: No such file or directory.\n"


def test_the_schema_is_a_json_schema_that_names_the_keys() -> None:
    result = call("schema")
    assert result.exit_code == 0
    schema = json.loads(result.output)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert {"source", "sink", "workflowConfig", "dagster"} <= set(json.dumps(schema).replace('"', " ").split())


def test_help_names_every_command_whole() -> None:
    result = call("--help")
    assert result.exit_code == 0
    for command in ("demo", "import-airflow", "lint", "plan", "probe", "restore", "run", "sandbox", "schema"):
        assert f"  {command} " in result.output
