"""What loading the code location costs, and what it must not do; each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from ingest_assets_tests.many_recipes import BROKEN, write_recipes
from ingest_assets_tests.recipe_runs import write_recipe

ROOT = Path(__file__).parent.parent

# What definitions must do without: each costs a third of a second up to seconds, in every process that loads them.
NOT_FOR_LOADING = (
    *("boto3", "botocore", "dagster_aws", "looker_sdk", "sqlglot", "werkzeug", "ingest_assets.sandbox"),
    *("authlib", "joserfc", "jwt", "msal", "google.auth", "google.oauth2"),
)

LOAD = """
import json, socket, sys, time

def refuse(*_args, **_kwargs):
    raise AssertionError("a connection while definitions load")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
import dagster

started = time.perf_counter()
from ingest_assets.definitions import defs

imported = time.perf_counter()
repository = defs().get_repository_def()
for job in repository.get_all_jobs():
    job.get_job_snapshot()
print(json.dumps({
    "modules": sorted(sys.modules),
    "assets": sorted("/".join(key.path) for key in repository.asset_graph.get_all_asset_keys()),
    "schedules": sorted(schedule.name for schedule in repository.schedule_defs),
    "jobs": sorted(job.name for job in repository.get_all_jobs()),
    "status": [node.description for node in repository.asset_graph.asset_nodes if node.key.path == ["recipe_status"]],
    "seconds": [imported - started, time.perf_counter() - imported],
}))
"""


def load(recipes: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {"PATH": os.environ["PATH"], "HOME": str(recipes), "INGEST_ASSETS_RECIPES": str(recipes), **environment}
    return subprocess.run(  # noqa: S603  # our own interpreter, our own text
        [sys.executable, "-c", LOAD], env=variables, cwd=ROOT, capture_output=True, text=True, check=False, timeout=180
    )


def loaded(recipes: Path) -> dict[str, Any]:
    done = load(recipes)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_loading_opens_no_connection_and_imports_nothing_of_the_services() -> None:
    found = loaded(ROOT / "recipes")
    heavy = [name for name in found["modules"] if name.startswith(NOT_FOR_LOADING)]
    assert heavy == []
    assert "glue/local_glue/snapshot" in found["assets"]
    assert found["schedules"] == [
        "atlas__local_atlas__schedule",
        "dbt__local_glue__schedule",
        "glue__local_glue__schedule",
        "kinesis__local_kinesis__schedule",
        "looker__local_looker__schedule",
        "quicksight__local_quicksight__schedule",
    ]
    print("seconds to import beside dagster, and to define:", found["seconds"])  # noqa: T201  # for those who look


def test_a_broken_recipe_stays_in_its_place_when_deployed_and_fails_the_check_of_definitions(tmp_path: Path) -> None:
    write_recipe(tmp_path, {}, "whole.yaml")
    write_recipe(tmp_path, {"awsRegion": "awsRegoin"}, "broken.yaml")
    assert {"glue/lake/tables", "recipe_status"} <= set(loaded(tmp_path)["assets"])
    checked = load(tmp_path, DAGSTER_IS_DEFS_VALIDATION_CLI="1")
    assert checked.returncode != 0
    assert "broken.yaml:10" in checked.stderr
    assert "Did you mean awsRegion?" in checked.stderr


def test_of_two_hundred_recipes_a_broken_one_costs_itself_and_no_connection_is_opened(tmp_path: Path) -> None:
    write_recipes(tmp_path, 200, broken=True)
    found = loaded(tmp_path)
    jobs = {name for name in found["jobs"] if not name.startswith("__")}
    assert len(jobs) == len(found["schedules"]) == 200
    assets = {name for name in found["assets"] if name != "recipe_status"}
    assert {"__".join(name.split("/")[:2]) for name in assets} == jobs
    assert {f"{job.replace('__', '/')}/snapshot" for job in jobs} <= assets
    (status,) = found["status"]
    assert f"{BROKEN}:9: source.serviceConnection.config.awsConfig.awsAccesKeyId: unknown key" in status
    assert status.count(".yaml:") == 1


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = load(tmp_path / "nowhere")
    assert done.returncode != 0
    assert "nowhere: no such folder" in done.stderr


def test_dagsters_own_check_of_definitions_fails_with_our_words(tmp_path: Path) -> None:
    write_recipe(tmp_path, {"awsRegion": "awsRegoin"})
    dg = Path(sys.executable).with_name("dg")
    environment = {**os.environ, "INGEST_ASSETS_RECIPES": str(tmp_path), "DAGSTER_DISABLE_TELEMETRY": "yes"}
    done = subprocess.run(  # noqa: S603  # installed with the tests
        [dg, "check", "defs"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode != 0
    assert "Did you mean awsRegion?" in done.stdout + done.stderr
