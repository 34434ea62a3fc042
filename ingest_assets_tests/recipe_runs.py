"""Recipes that run through Dagster against local services, for the tests of assets, resources and the command line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from ingest_assets.assets.names import asset_key, job_name
from ingest_assets.location import build_definitions
from ingest_assets.recipe import Recipe, load_recipe
from ingest_assets.resources.ingestion import OptionsResource
from ingest_assets.sandbox.server import Sandbox

STEPS = ("snapshot", "plan", "tags", "databases", "schemas", "tables", "lineage", "stale")
QUIET = {"console": {"config": {"log_level": "CRITICAL"}}}

RECIPE = """\
source:
  type: glue
  serviceName: lake
  serviceConnection:
    config:
      type: Glue
      awsConfig:
        awsAccessKeyId: ${AWS_ACCESS_KEY_ID}
        awsSecretAccessKey: ${AWS_SECRET_ACCESS_KEY}
        awsRegion: ${AWS_REGION}
        endPointURL: ${AWS_ENDPOINT_URL}
  sourceConfig:
    config:
      type: DatabaseMetadata
workflowConfig:
  openMetadataServerConfig:
    hostPort: ${OPENMETADATA_HOST_PORT}
    securityConfig:
      jwtToken: ${OM_BOT_TOKEN}
dagster:
  retries: {max: 0, delay: 0}
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One for a module; tests keep apart by the names of their services."""
    with Sandbox() as running:
        yield running
        assert not list(running.crashes)


@pytest.fixture
def services(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The sandbox, its variables set, nothing counted yet, no fault planned, and an empty store."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "DAGSTER_HOME", "INGEST_ASSETS_RECIPES"):
        monkeypatch.delenv(name, raising=False)
    for name, value in sandbox.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("INGEST_ASSETS_STORE", str(tmp_path / "store"))
    sandbox.faults.clear()
    sandbox.aws.reset_counts()
    sandbox.openmetadata.reset_counts()
    return sandbox


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pauses between the retries of a request: all of them come from one random number."""
    monkeypatch.setattr("random.uniform", lambda low, _high: low)


def write_recipe(folder: Path, changes: Mapping[str, str] | None = None, name: str = "glue.yaml") -> Path:
    """Write the recipe with parts of its text replaced.

    Raises:
        ValueError: A part isn't there: the test would try something else than it says.
    """
    text = RECIPE
    for part, other in (changes or {}).items():
        if part not in text:
            raise ValueError(part)
        text = text.replace(part, other)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def make_recipe(folder: Path, service: str, changes: Mapping[str, str] | None = None) -> Recipe:
    """The recipe for a service of its own."""
    return load_recipe(write_recipe(folder, {"serviceName: lake": f"serviceName: {service}", **(changes or {})}))


def run(
    recipe: Recipe,
    steps: Sequence[str] = STEPS,
    *,
    instance: dg.DagsterInstance | None = None,
    resources: Mapping[str, object] | None = None,
    **options: Any,
) -> dg.ExecuteInProcessResult:
    """Run steps of a recipe's job."""
    job = build_definitions([recipe], resources=resources).resolve_job_def(job_name(recipe))
    return job.execute_in_process(
        instance=instance,
        raise_on_error=False,
        asset_selection=[asset_key(recipe, step) for step in steps],
        run_config=dg.RunConfig(resources={"options": OptionsResource(**options)}, loggers=QUIET),
    )


def reported(result: dg.ExecuteInProcessResult) -> dict[str, dict[str, Any]]:
    """Metadata of each asset that was materialized, by its last part."""
    events = result.get_asset_materialization_events()
    return {
        event.materialization.asset_key.path[-1]: {
            name: entry.value for name, entry in event.materialization.metadata.items()
        }
        for event in events
    }


def verdicts(result: dg.ExecuteInProcessResult) -> dict[str, bool]:
    """What the checks said."""
    return {check.check_name: check.passed for check in result.get_asset_check_evaluations()}


def failures(result: dg.ExecuteInProcessResult) -> dict[str, str]:
    """Why steps failed, in the words that Dagster's page of the run shows."""
    found = {}
    for event in result.all_events:
        if event.is_step_failure:
            shown = event.step_failure_data.user_failure_data
            found[str(event.step_key).rpartition("__")[2]] = (shown and shown.description) or ""
    return found


def attempts(result: dg.ExecuteInProcessResult) -> int:
    """How often steps were started."""
    return sum(event.event_type_value in {"STEP_START", "STEP_RESTARTED"} for event in result.all_events)
