"""Runs of a recipe: those that are under way, and how one is asked for."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

import dagster as dg

from ingest_assets.assets.factory import RecipeAssets, console_logging

RUN_KEY = "dagster/run_key"
SENSOR = "dagster/sensor_name"
"""Tags by which Dagster remembers which sensor asked for a run, and by which key; its repetitions have them, too."""

_UNFINISHED = (
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.MANAGED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.SUSPENDED,
    dg.DagsterRunStatus.CANCELING,
)
_OPTIONS = ("dry_run", "exclude", "approve_stale")
_ENDING = 3_600.0  # seconds after a recipe's timeout, in which the last step ends
_SUBMITTING = 600.0  # seconds within which what has made a run puts it into the queue, unless it was killed


def unfinished(instance: dg.DagsterInstance, made: RecipeAssets) -> dg.DagsterRun | None:
    """A run of a recipe that is not over: of its job, or of some of its assets as the graph's page launches them."""
    for record in instance.get_run_records(filters=dg.RunsFilter(statuses=list(_UNFINISHED))):
        run = record.dagster_run
        if _is_abandoned(record, made.recipe.dagster.timeout):
            continue
        if run.job_name == made.job.name:
            if _has_its_assets(instance, run, made):
                return run
        elif not made.keys.isdisjoint(run.asset_selection or ()):
            return run
    return None


def _is_abandoned(record: dg.RunRecord, timeout: float) -> bool:
    """Whether nobody is at work on a run any more: a schedule would wait for it for ever.

    Whoever made it was killed before it was in the queue; or its process was, where no run monitoring looks for such.
    """
    if record.dagster_run.status is dg.DagsterRunStatus.NOT_STARTED:
        return time.time() - record.create_timestamp.timestamp() > _SUBMITTING
    return record.start_time is not None and time.time() - record.start_time > timeout + _ENDING


def _has_its_assets(instance: dg.DagsterInstance, run: dg.DagsterRun, made: RecipeAssets) -> bool:
    """Whether a run of a job of this name is one of this recipe: another code location may have a job of its name."""
    if run.job_snapshot_id is None or not instance.has_job_snapshot(run.job_snapshot_id):
        return True
    nodes = instance.get_job_snapshot(run.job_snapshot_id).node_names
    return any("__".join(key.path) in nodes for key in made.keys)


def awaited(context: dg.SensorEvaluationContext, made: RecipeAssets, include: Iterable[str]) -> dg.DagsterRun | None:
    """A run of the recipe's job that is in the queue, and will read all of this anyway.

    None that has been made only: unless somebody puts it into the queue, it never begins.

    Args:
        context: Of a tick of the code location whose run it must be.
        made: The recipe.
        include: Patterns of what is to be read; everything if there is none.
    """
    wanted = frozenset(include)
    queued = dg.RunsFilter(job_name=made.job.name, statuses=[dg.DagsterRunStatus.QUEUED])
    for run in context.instance.get_runs(filters=queued):
        read = frozenset(_options(run.run_config).get("include") or ())
        if _is_whole(run) and _is_from_here(context, run) and (not read or (wanted and wanted <= read)):
            return run
    return None


def _is_whole(run: dg.DagsterRun) -> bool:
    """Whether a run does all steps of its job: one that goes on where another failed may have the reading behind it."""
    options = _options(run.run_config)
    parts = (run.asset_selection, run.step_keys_to_execute, run.op_selection, run.resolved_op_selection)
    return not any(parts) and run.parent_run_id is None and not any(options.get(name) for name in _OPTIONS)


def _is_from_here(context: dg.SensorEvaluationContext, run: dg.DagsterRun) -> bool:
    """Whether a run is of the tick's own code location, as Dagster itself tells by-named runs apart."""
    there, here = run.remote_job_origin, context.code_location_origin
    if there is None or here is None:
        return True
    repository = context.repository_name or there.repository_origin.repository_name
    selector = there.repository_origin.get_selector()
    return (selector.location_name, selector.repository_name) == (here.location_name, repository)


def made_by_key(context: dg.SensorEvaluationContext, sensor: str, run_key: str) -> dg.DagsterRun | None:
    """The run that a sensor asked for by a key, if Dagster has it and put it into the queue.

    Of one that is made only, it takes up the launch once it is asked for by the same key again.
    """
    wanted = dg.RunsFilter(tags={SENSOR: sensor, RUN_KEY: run_key})
    for run in context.instance.get_runs(filters=wanted):
        # Dagster looks at no more than this either: what repeats the run bears its tags, and is one of that key.
        if run.status is not dg.DagsterRunStatus.NOT_STARTED and _is_from_here(context, run):
            return run
    return None


class Fate(Enum):
    """What became of a run that was in the queue."""

    WAITS = "waits"
    BEGAN = "began"
    FAILED = "could not be launched"
    WITHDRAWN = "was cancelled or deleted before it began"


def fate_of(instance: dg.DagsterInstance, run_id: str) -> Fate:
    """What became of a run that was in the queue."""
    record = instance.get_run_record_by_id(run_id)
    status = record.dagster_run.status if record else dg.DagsterRunStatus.CANCELED
    if status is dg.DagsterRunStatus.SUCCESS or (record and record.start_time is not None):
        return Fate.BEGAN
    ends = {dg.DagsterRunStatus.FAILURE: Fate.FAILED, dg.DagsterRunStatus.CANCELED: Fate.WITHDRAWN}
    return ends.get(status, Fate.WAITS)


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
