"""Running a recipe's assets in this process, in one Dagster run, and reading its results."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg

from ingest_assets.assets.diff import IN_FULL, diff_lines
from ingest_assets.assets.names import asset_key, job_name, recipe_name
from ingest_assets.errors import StoreError
from ingest_assets.ingestion.report import COUNTS
from ingest_assets.location import build_definitions
from ingest_assets.progress import Progress
from ingest_assets.recipe.recipe import Recipe
from ingest_assets.recipe.settings import Retries
from ingest_assets.resources.ingestion import OptionsResource

_INTERRUPTED = dg.DagsterExecutionInterruptedError.__name__
_QUIET = {"console": {"config": {"log_level": "CRITICAL"}}}


@dataclass(frozen=True)
class StepResult:
    """One asset of the run: its name, counts, other metadata as plain values, failures as rows, its diff as lines."""

    name: str
    counts: dict[str, int]
    metadata: dict[str, Any]
    problems: list[dict[str, Any]]
    changes: list[str]


@dataclass(frozen=True)
class CheckResult:
    """One check of the run."""

    name: str
    passed: bool
    blocking: bool
    summary: str


@dataclass(frozen=True)
class RunResult:
    """A whole run.

    Attributes:
        run_id: Dagster's id of it, and the manifest's.
        success: Whether every asset was materialized and every blocking check passed.
        steps: Assets in the order in which they ran.
        checks: Checks in the same order.
        errors: Why assets failed.
    """

    recipe: str
    run_id: str
    success: bool
    steps: list[StepResult]
    checks: list[CheckResult]
    errors: list[str]


def execute(
    recipe: Recipe, progress: Progress, options: OptionsResource, steps: Sequence[str] | None = None
) -> RunResult:
    """Materialize a recipe's assets, or only some steps of them.

    Runs are recorded in ``DAGSTER_HOME``'s instance if that is set, else nowhere.

    Raises:
        StoreError: ``DAGSTER_HOME`` is no folder, or its configuration is wrong.
    """
    # Nobody at a terminal wants to wait five minutes in silence: what failed is shown at once, and can be run again.
    definitions = build_definitions([recipe], resources={"progress": progress}, retries=Retries(max=0))
    selection = [asset_key(recipe, step) for step in steps] if steps else None
    with _instance() as instance:
        result = definitions.resolve_job_def(job_name(recipe)).execute_in_process(
            instance=instance,
            raise_on_error=False,
            asset_selection=selection,
            run_config=dg.RunConfig(resources={"options": options}, loggers=_QUIET),
        )
    return RunResult(
        recipe=str(recipe.path),
        run_id=result.run_id,
        success=result.success,
        steps=[_step_result(event.materialization) for event in result.get_asset_materialization_events()],
        checks=[
            CheckResult(check.check_name, check.passed, bool(check.blocking), check.description or "")
            for check in result.get_asset_check_evaluations()
        ],
        errors=[
            text
            for event in result.all_events
            if event.is_step_failure
            for text in _failure(event, recipe_name(recipe))
        ],
    )


def _instance() -> dg.DagsterInstance:
    if os.environ.get("DAGSTER_HOME"):
        try:
            return dg.DagsterInstance.get()
        except dg.DagsterError as error:
            raise StoreError(f"{error} Unset DAGSTER_HOME, and the run is recorded nowhere.") from error
    return dg.DagsterInstance.ephemeral(settings={"telemetry": {"enabled": False}})


def _step_result(materialization: dg.AssetMaterialization) -> StepResult:
    found = {name: entry.value for name, entry in materialization.metadata.items()}
    counts, failures = {name: int(str(found.pop(name))) for name in COUNTS}, found.pop("failures")
    problems = [dict(record.data) for record in failures.records] if isinstance(failures, dg.TableMetadataValue) else []
    cut = str(found.pop("changes"))
    changes = str(found.pop(IN_FULL, cut))
    return StepResult(materialization.asset_key.path[-1], counts, found, problems, diff_lines(changes))


def _failure(event: dg.DagsterEvent, name: str) -> list[str]:
    failure = event.step_failure_data
    step = str(event.step_key).removeprefix(f"{name}__")
    if failure.user_failure_data and failure.user_failure_data.description:
        return [f"{step}: {failure.user_failure_data.description}"]
    error = failure.error
    while error is not None and error.cause is not None:
        error = error.cause
    if error is not None and error.cls_name == _INTERRUPTED:
        return [f"{step}: interrupted. What was written stays; the next run goes on from there."]
    return [f"{step}: {error.message.strip()}"] if error else []
