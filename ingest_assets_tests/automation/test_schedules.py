"""Schedules of recipes: when they tick, and when a tick asks for no run."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from pathlib import Path

import dagster as dg
import pytest

from ingest_assets.automation.schedules import recipe_schedule
from ingest_assets.location import build_definitions
from ingest_assets_tests.automation.ticks import enter, made_of
from ingest_assets_tests.recipe_runs import make_recipe

SETTINGS = "dagster:\n  retries: {max: 0, delay: 0}\n"
SCHEDULED = {SETTINGS: "dagster:\n  schedule: '30 4 * * 1-5'\n  timezone: Europe/Stockholm\n"}


def context(instance: dg.DagsterInstance) -> dg.ScheduleEvaluationContext:
    return dg.build_schedule_context(
        instance=instance, scheduled_execution_time=datetime(2026, 11, 20, 3, 30, tzinfo=timezone.utc)
    )


def schedule_of(folder: Path, changes: dict[str, str]) -> dg.ScheduleDefinition:
    schedule = recipe_schedule(made_of(make_recipe(folder, "lake", changes)))
    assert schedule is not None
    return schedule


def test_a_schedule_is_the_recipes_and_off_until_it_says_started(tmp_path: Path) -> None:
    schedule = schedule_of(tmp_path, SCHEDULED)
    assert (schedule.name, schedule.job_name) == ("glue__lake__schedule", "glue__lake")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("30 4 * * 1-5", "Europe/Stockholm")
    assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED
    started = schedule_of(tmp_path, {SETTINGS: SCHEDULED[SETTINGS] + "  started: true\n"})
    assert started.default_status is dg.DefaultScheduleStatus.RUNNING


def test_a_recipe_without_schedule_has_none(tmp_path: Path) -> None:
    assert recipe_schedule(made_of(make_recipe(tmp_path, "lake"))) is None


@pytest.mark.parametrize("status", [dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTED])
def test_a_tick_is_skipped_and_says_why_while_a_run_of_the_recipe_lasts(
    tmp_path: Path, status: dg.DagsterRunStatus
) -> None:
    made = made_of(make_recipe(tmp_path, "lake", SCHEDULED))
    schedule = recipe_schedule(made)
    assert schedule is not None
    with dg.DagsterInstance.local_temp() as instance:
        run = enter(instance, made, status)
        skipped = schedule(context(instance))
        assert isinstance(skipped, dg.SkipReason)
        assert run.run_id in str(skipped.skip_message)
        assert status.value in str(skipped.skip_message)


def test_assets_that_were_launched_from_the_graphs_page_count_as_a_run_of_the_recipe(tmp_path: Path) -> None:
    made = made_of(make_recipe(tmp_path, "lake", SCHEDULED))
    schedule = recipe_schedule(made)
    assert schedule is not None
    with dg.DagsterInstance.local_temp() as instance:
        instance.add_run(
            dg.DagsterRun(
                job_name="__ASSET_JOB",
                status=dg.DagsterRunStatus.STARTED,
                asset_selection=frozenset([dg.AssetKey(["glue", "lake", "tables"])]),
            )
        )
        assert isinstance(schedule(context(instance)), dg.SkipReason)


def test_a_run_of_another_recipe_or_one_that_is_over_holds_up_nothing(tmp_path: Path) -> None:
    made = made_of(make_recipe(tmp_path, "lake", SCHEDULED))
    other = made_of(make_recipe(tmp_path, "pond"))
    schedule = recipe_schedule(made)
    assert schedule is not None
    with dg.DagsterInstance.local_temp() as instance:
        enter(instance, other, dg.DagsterRunStatus.STARTED)
        for over in (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED):
            enter(instance, made, over)
        assert isinstance(schedule(context(instance)), dg.RunRequest)


def test_a_run_that_nobody_will_ever_launch_or_end_holds_up_no_schedule(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who made it was killed before it was in the queue, or its process while no run monitoring looked."""
    made = made_of(make_recipe(tmp_path, "lake", SCHEDULED))
    schedule = recipe_schedule(made)
    assert schedule is not None
    with dg.DagsterInstance.local_temp() as instance:
        enter(instance, made, dg.DagsterRunStatus.NOT_STARTED)
        begun = enter(instance, made, dg.DagsterRunStatus.STARTING)
        instance.report_dagster_event(dg.DagsterEvent("PIPELINE_START", begun.job_name), begun.run_id)
        assert isinstance(schedule(context(instance)), dg.SkipReason)
        later = time.time() + made.recipe.dagster.timeout + 7_200
        monkeypatch.setattr(time, "time", lambda: later)
        assert isinstance(schedule(context(instance)), dg.RunRequest)


def test_a_job_of_this_name_in_another_code_location_holds_up_no_schedule(tmp_path: Path) -> None:
    made = made_of(make_recipe(tmp_path, "lake", SCHEDULED))
    schedule = recipe_schedule(made)
    assert schedule is not None

    @dg.op
    def other() -> None: ...

    @dg.job(name=made.job.name)
    def its_namesake() -> None:
        other()

    with dg.DagsterInstance.local_temp() as instance:
        instance.create_run_for_job(its_namesake, status=dg.DagsterRunStatus.STARTED)
        assert isinstance(schedule(context(instance)), dg.RunRequest)
        own = build_definitions([made.recipe]).resolve_job_def(made.job.name)
        instance.create_run_for_job(own, status=dg.DagsterRunStatus.STARTED)
        assert isinstance(schedule(context(instance)), dg.SkipReason)
