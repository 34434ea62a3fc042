"""Schedules from the ``dagster:`` blocks of recipes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

from ingest_assets.assets.names import job_name
from ingest_assets.recipe.recipe import Recipe

if TYPE_CHECKING:
    # Dagster gives the type that define_asset_job returns no public name.
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition


def recipe_schedule(recipe: Recipe, job: UnresolvedAssetJobDefinition) -> dg.ScheduleDefinition | None:
    """The schedule of a recipe, off unless it says ``started: true``; None without one."""
    settings = recipe.dagster
    if settings.schedule is None:
        return None
    status = dg.DefaultScheduleStatus.RUNNING if settings.started else dg.DefaultScheduleStatus.STOPPED
    return dg.ScheduleDefinition(
        name=f"{job_name(recipe)}__schedule",
        job=job,
        cron_schedule=settings.schedule,
        execution_timezone=settings.timezone,
        default_status=status,
    )
