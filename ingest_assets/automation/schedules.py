"""Schedules from the ``dagster:`` blocks of recipes."""

from __future__ import annotations

import dagster as dg

from ingest_assets.assets.factory import RecipeAssets
from ingest_assets.automation.runs import unfinished


def recipe_schedule(made: RecipeAssets) -> dg.ScheduleDefinition | None:
    """The schedule of a recipe, off unless it says ``started: true``; None without one.

    It makes up for nothing: of ticks that were missed, Dagster evaluates some when its daemon is back, but while the
    run of the first one lasts the others are skipped.
    """
    settings = made.recipe.dagster
    if settings.schedule is None:
        return None

    @dg.schedule(
        name=f"{made.job.name}__schedule",
        job=made.job,
        cron_schedule=settings.schedule,
        execution_timezone=settings.timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING if settings.started else dg.DefaultScheduleStatus.STOPPED,
        description=f"Ingests {made.recipe.service_name} ({made.recipe.type}) as {made.recipe.path.name} says; skipped "
        "while a run of it lasts.",
    )
    def tick(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        run = unfinished(context.instance, made)
        if run is not None:
            return dg.SkipReason(
                f"Run {run.run_id} of this recipe is not over ({run.status.value}). The next tick tries again."
            )
        return dg.RunRequest()

    return tick
