"""Ticks of sensors and schedules, as Dagster's daemon makes them, and what they ask for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dagster as dg
from dagster._core.remote_origin import (  # there is no public way to say where a run comes from
    RegisteredCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)

from ingest_assets.assets.factory import RecipeAssets, recipe_assets
from ingest_assets.location import recipe_resources
from ingest_assets.recipe import Recipe
from ingest_assets.recipe.settings import Retries

RESOURCES = ("aws", "looker", "github", "store", "openmetadata")


def made_of(recipe: Recipe) -> RecipeAssets:
    return recipe_assets(recipe, Retries(max=0))


def tick(
    sensor: dg.SensorDefinition | None,
    instance: dg.DagsterInstance,
    cursor: str | None = None,
    location: str | None = None,
) -> dg.SensorResult:
    """One tick of a sensor, of a code location if its name is given."""
    assert sensor is not None
    wanted = {name: each for name, each in recipe_resources().items() if name in sensor.required_resource_keys}
    context = dg.build_sensor_context(instance=instance, cursor=cursor, resources=wanted, sensor_name=sensor.name)
    if location is not None:
        # What builds contexts for tests has no parameter for it.
        context._code_location_origin = RegisteredCodeLocationOrigin(location)
        context._repository_name = "__repository__"
    result = sensor(context)
    assert isinstance(result, dg.SensorResult)
    return result


def reason(result: dg.SensorResult) -> str:
    """Why there is no run."""
    assert isinstance(result.skip_reason, dg.SkipReason)
    assert not result.run_requests
    return result.skip_reason.skip_message or ""


def requested(result: dg.SensorResult) -> Sequence[dg.RunRequest]:
    """The runs that are asked for."""
    assert result.run_requests
    return result.run_requests


def included(run_config: Any) -> list[str]:
    """What a run is to read."""
    return list(run_config["resources"]["options"]["config"]["include"])


def enter(
    instance: dg.DagsterInstance,
    made: RecipeAssets,
    status: dg.DagsterRunStatus,
    request: dg.RunRequest | None = None,
    **tags: str,
) -> dg.DagsterRun:
    """A run that the instance knows, as the daemon makes it of a request."""
    run = dg.DagsterRun(
        job_name=made.job.name,
        remote_job_origin=origin_of(made.job.name, "here"),
        status=status,
        run_config=request.run_config if request else {},
        tags={**tags, **({"dagster/run_key": request.run_key or ""} if request else {})},
    )
    return instance.add_run(run)


def origin_of(job: str, location: str) -> RemoteJobOrigin:
    """Where a run of a job comes from."""
    return RemoteJobOrigin(RemoteRepositoryOrigin(RegisteredCodeLocationOrigin(location), "__repository__"), job)


def end(instance: dg.DagsterInstance, run: dg.DagsterRun, status: dg.DagsterRunStatus) -> None:
    """The end of a run that never began."""
    if status is dg.DagsterRunStatus.CANCELED:
        instance.report_run_canceled(run)
    else:
        instance.report_run_failed(run)


def ran(instance: dg.DagsterInstance, made: RecipeAssets, request: dg.RunRequest) -> dg.DagsterRun:
    """What Dagster's daemon does with a request: a run that bears its key and the sensor's name."""
    return enter(instance, made, dg.DagsterRunStatus.SUCCESS, request, **{"dagster/sensor_name": "events"})
