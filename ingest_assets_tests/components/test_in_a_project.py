"""The component as its users meet it: a project that ``create-dagster`` makes, and ``dg`` on the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from ingest_assets.calls import Calls
from ingest_assets.openmetadata.auth import BotToken
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.recipe_runs import STEPS
from ingest_assets_tests.test_definitions import NOT_FOR_LOADING

COMPONENT = "ingest_assets.components.MetadataIngestion"
QUIET = {
    "DAGSTER_DISABLE_TELEMETRY": "yes",
    "DAGSTER_DG_UPDATE_CHECK_ENABLED": "0",  # which asks PyPI
    "NO_COLOR": "1",
    "COLUMNS": "200",
}
UNWANTED = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "DAGSTER_HOME", "INGEST_ASSETS_RECIPES", "VIRTUAL_ENV")


class Project:
    """A project of its own in this environment, without network."""

    def __init__(self, root: Path, sandbox: Sandbox) -> None:
        self.root = root
        self.defs = root / "src" / root.name / "defs"
        self._environment = {
            **{name: value for name, value in os.environ.items() if name not in UNWANTED},
            **sandbox.environment(),
            **QUIET,
            "DAGSTER_HOME": str(root.parent / "home"),
            "INGEST_ASSETS_STORE": str(root.parent / "store"),
            # In place of installing the project: its code is found all the same, and no package index is asked.
            "PYTHONPATH": os.pathsep.join([str(root / "src"), *sys.path]),
        }
        (root.parent / "home").mkdir()
        (root.parent / "home" / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")

    def run(self, program: str, *arguments: str, fails: bool = False) -> str:
        """What a command of the environment prints."""
        command = [str(Path(sys.executable).with_name(program)), *arguments]
        cwd = self.root if self.root.exists() else self.root.parent
        done = subprocess.run(  # noqa: S603  # installed with the tests
            command, cwd=cwd, env=self._environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert (done.returncode != 0) == fails, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
        return done.stdout if not fails else done.stdout + done.stderr

    def dg(self, *arguments: str, fails: bool = False) -> str:
        return self.run("dg", *arguments, fails=fails)


def tables_of(sandbox: Sandbox, service: str) -> set[str]:
    with OpenMetadataClient(sandbox.openmetadata_host_port, BotToken(sandbox.admin_token), Calls()) as client:
        tables = client.list("tables", {"fields": ""})
        return {str(table["name"]) for table in tables if table["service"]["name"] == service}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> Project:
    root = tmp_path_factory.mktemp("made") / "company_catalog"
    made = Project(root, sandbox)
    made.run("create-dagster", "project", str(root), "--no-uv-sync")
    made.dg("scaffold", "defs", COMPONENT, "lake")
    made.dg("scaffold", "defs", COMPONENT, "bi/boards", "--json-params", '{"source": "quicksight"}')
    return made


def test_dg_scaffolds_checks_lists_and_launches_it(project: Project, sandbox: Sandbox) -> None:
    assert (project.defs / "lake" / "glue.yaml").is_file()
    assert (project.defs / "bi" / "boards" / "quicksight.yaml").is_file()
    project.dg("check", "yaml")
    project.dg("check", "defs")
    listed = json.loads(project.dg("list", "defs", "--json"))
    assets = {each["asset_key"] for each in listed["assets"]}
    assert {f"glue/lake/{step}" for step in STEPS} <= assets
    assert "quicksight/boards/dashboards" in assets
    assert {each["name"] for each in listed["jobs"]} == {"glue__lake", "quicksight__boards"}
    assert tables_of(sandbox, "lake") == set()
    project.dg("launch", "--job", "glue__lake")
    assert len(tables_of(sandbox, "lake")) > 50


def test_the_registry_shows_what_it_makes(project: Project) -> None:
    components = json.loads(project.dg("list", "components", "--package", "ingest_assets", "--json"))
    (shown,) = [each for each in components["items"] if each["key"] == COMPONENT]
    assert "OpenMetadata" in shown["summary"]


def test_a_broken_recipe_fails_the_check_with_file_line_and_key(project: Project) -> None:
    recipe = project.defs / "bi" / "boards" / "quicksight.yaml"
    whole = recipe.read_text(encoding="utf-8")
    recipe.write_text(whole.replace("awsRegion:", "awsRegoin:"), encoding="utf-8")
    try:
        told = project.dg("check", "defs", fails=True)
    finally:
        recipe.write_text(whole, encoding="utf-8")
    assert "boards/quicksight.yaml:12: source.serviceConnection.config.awsConfig.awsRegoin" in told
    assert "Did you mean awsRegion?" in told


def modules_after(statement: str, environment: Mapping[str, str]) -> list[str]:
    done = subprocess.run(  # noqa: S603  # our own interpreter, our own text
        [sys.executable, "-c", f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"],
        env=dict(environment),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    found: list[str] = json.loads(done.stdout)
    return found


def test_its_module_imports_nothing_of_the_services() -> None:
    """``dg`` imports it for every project in whose environment it is installed, used or not."""
    found = modules_after("import ingest_assets.components", os.environ)
    assert [name for name in found if name.startswith(NOT_FOR_LOADING)] == []
