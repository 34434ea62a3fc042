"""Ticks of sensors and schedules, as Dagster's daemon makes them, and what they ask for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dagster as dg

from ingest_assets.assets.factory import RecipeAssets, recipe_assets
from ingest_assets.location import recipe_resources
from ingest_assets.recipe import Recipe
from ingest_assets.recipe.settings import Retries

RESOURCES = ("aws", "looker", "github", "store", "openmetadata")


def made_of(recipe: Recipe) -> RecipeAssets:
    return recipe_assets(recipe, Retries(max=0))


def tick(
    sensor: dg.SensorDefinition | None, instance: dg.DagsterInstance, cursor: str | None = None
) -> dg.SensorResult:
    """One tick of a sensor."""
    assert sensor is not None
    wanted = {name: each for name, each in recipe_resources().items() if name in sensor.required_resource_keys}
    context = dg.build_sensor_context(instance=instance, cursor=cursor, resources=wanted, sensor_name=sensor.name)
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
        status=status,
        run_config=request.run_config if request else {},
        tags={**tags, **({"dagster/run_key": request.run_key or ""} if request else {})},
    )
    return instance.add_run(run)
