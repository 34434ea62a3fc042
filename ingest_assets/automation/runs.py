"""Runs of a recipe: those that are under way, and how one is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import dagster as dg

from ingest_assets.assets.factory import RecipeAssets, console_logging

RUN_KEY = "dagster/run_key"
SENSOR = "dagster/sensor_name"
"""Tags by which Dagster remembers which sensor asked for a run, and by which key."""

_WAITING = (dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.QUEUED)
_UNFINISHED = (
    *_WAITING,
    dg.DagsterRunStatus.MANAGED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.SUSPENDED,
    dg.DagsterRunStatus.CANCELING,
)
_OPTIONS = ("dry_run", "exclude", "approve_stale")


def unfinished(instance: dg.DagsterInstance, made: RecipeAssets) -> dg.DagsterRun | None:
    """A run of a recipe that is not over: of its job, or of some of its assets as the graph's page launches them."""
    for run in instance.get_runs(filters=dg.RunsFilter(statuses=list(_UNFINISHED))):
        if run.job_name == made.job.name or not made.keys.isdisjoint(run.asset_selection or ()):
            return run
    return None


def is_awaited(instance: dg.DagsterInstance, made: RecipeAssets, include: Iterable[str]) -> bool:
    """Whether a run of the recipe's job that has not begun will read all of this anyway.

    Args:
        instance: Where runs are.
        made: The recipe.
        include: Patterns of what is to be read; everything if there is none.
    """
    wanted = frozenset(include)
    runs = instance.get_runs(filters=dg.RunsFilter(job_name=made.job.name, statuses=list(_WAITING)))
    for run in runs:
        options = _options(run.run_config)
        read = frozenset(options.get("include") or ())
        is_narrowed = run.asset_selection is not None or any(options.get(name) for name in _OPTIONS)
        if not is_narrowed and (not read or (wanted and wanted <= read)):
            return True
    return False


def was_made(instance: dg.DagsterInstance, sensor: str, run_key: str) -> bool:
    """Whether Dagster has a run that a sensor asked for by a key."""
    return bool(instance.get_runs(filters=dg.RunsFilter(tags={SENSOR: sensor, RUN_KEY: run_key}), limit=1))


def request(made: RecipeAssets, run_key: str, include: Iterable[str] = ()) -> dg.RunRequest:
    """A run of a recipe's job.

    Args:
        made: The recipe.
        run_key: For which Dagster makes no second run.
        include: Patterns of what it reads; everything if there is none.
    """
    patterns = sorted(include)
    config: dict[str, Any] = {"resources": {"options": {"config": {"include": patterns}}}} if patterns else {}
    # What a request says takes the place of all that the job says.
    config |= console_logging(made.recipe) if config else {}
    return dg.RunRequest(run_key=run_key, job_name=made.job.name, run_config=config or None)


def _options(run_config: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Any = run_config
    for key in ("resources", "options", "config"):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}
