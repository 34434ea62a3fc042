"""How old a recipe's assets may get, by its schedule."""

from __future__ import annotations

from datetime import timedelta

import dagster as dg

from ingest_assets.recipe.cron import longest_gap
from ingest_assets.recipe.recipe import Recipe


def freshness_of(recipe: Recipe) -> dg.FreshnessPolicy | None:
    """What Dagster is to expect of a recipe's assets: new ones within the schedule's longest gap and a run's time.

    A policy with the cron expression itself as deadline would count each run as late: a tick is when a run begins.

    Of a schedule that is off from the start nobody has asked anything: its assets get no policy, and none of them ever
    turns red. Who wants one for a schedule that is switched on by hand writes ``started: true``. Without a schedule
    there is none either.
    """
    settings = recipe.dagster
    if settings.schedule is None or not settings.started:
        return None
    # In autumn the night has an hour more where clocks are put back.
    clock_change = timedelta(0) if settings.timezone == "UTC" else timedelta(hours=1)
    return dg.FreshnessPolicy.time_window(
        fail_window=longest_gap(settings.schedule) + timedelta(seconds=settings.timeout) + clock_change
    )
