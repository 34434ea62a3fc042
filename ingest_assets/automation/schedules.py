"""Schedules from the ``dagster:`` blocks of recipes."""

from __future__ import annotations

import dagster as dg

from ingest_assets.assets.names import job_name
from ingest_assets.recipe.recipe import Recipe


def recipe_schedule(recipe: Recipe, job: dg.UnresolvedAssetJobDefinition) -> dg.ScheduleDefinition | None:
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
