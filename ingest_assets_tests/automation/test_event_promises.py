"""The sensor of events: what it knows of the runs that it asked for, until they have begun."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from ingest_assets.assets.factory import RecipeAssets
from ingest_assets.automation.event_sensor import event_sensor
from ingest_assets_tests.automation.queues import QUEUE, Queue
from ingest_assets_tests.automation.ticks import (
    end,
    enter,
    included,
    made_of,
    origin_of,
    ran,
    reason,
    requested,
    tick,
)
from ingest_assets_tests.recipe_runs import make_recipe


def test_a_run_that_dagster_never_made_is_asked_for_again_by_its_key(
    queue: Queue, sensor: dg.SensorDefinition, instance: dg.DagsterInstance
) -> None:
    queue.tables_changed("sales")
    first = tick(sensor, instance)
    second = tick(sensor, instance, first.cursor)
    assert requested(second) == requested(first)
    assert second.cursor == first.cursor
    assert queue.left() == 1


def test_events_whose_tick_was_lost_come_again_once_they_are_visible(
    queue: Queue, sensor: dg.SensorDefinition, instance: dg.DagsterInstance
) -> None:
    queue.tables_changed("sales")
    lost = tick(sensor, instance)
    assert reason(tick(sensor, instance)) == "No events."  # hidden
    queue.show_all()
    again = tick(sensor, instance)
    # The very same messages make the very same key: had there been a run of it, there would be no second.
    assert [each.run_key for each in requested(again)] == [each.run_key for each in requested(lost)]


def test_events_for_which_a_run_waits_already_need_no_other(
    queue: Queue, lake: RecipeAssets, sensor: dg.SensorDefinition, instance: dg.DagsterInstance
) -> None:
    queue.tables_changed("sales")
    first = tick(sensor, instance)
    waiting = {"dagster/sensor_name": "events"}
    enter(instance, lake, dg.DagsterRunStatus.QUEUED, requested(first)[0], **waiting)
    queue.tables_changed("sales")
    second = tick(sensor, instance, first.cursor)
    assert reason(second) == "1 events."
    tick(sensor, instance, second.cursor)
    assert queue.left() == 0
    queue.tables_changed("finance")
    assert len(requested(tick(sensor, instance, second.cursor))) == 1


def test_a_recipe_that_is_gone_does_not_keep_its_messages(
    queue: Queue, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    (tmp_path / "other").mkdir()
    lake, pond = make_recipe(tmp_path, "lake", QUEUE), make_recipe(tmp_path / "other", "pond", QUEUE)
    queue.tables_changed("sales")
    first = tick(event_sensor([made_of(lake), made_of(pond)], all_loaded=True), instance)
    assert len(requested(first)) == 2
    [request] = [each for each in requested(first) if each.job_name == "glue__pond"]
    ran(instance, made_of(pond), request)
    assert reason(tick(event_sensor([made_of(pond)], all_loaded=True), instance, first.cursor)) == "No events."
    assert queue.left() == 0


def test_events_of_a_recipe_that_was_broken_since_are_not_thrown_away(
    queue: Queue, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    """A code location that is loaded anew, with one file broken, must not take its recipe for gone."""
    (tmp_path / "other").mkdir()
    lake, pond = make_recipe(tmp_path, "lake", QUEUE), make_recipe(tmp_path / "other", "pond", QUEUE)
    both = event_sensor([made_of(lake), made_of(pond)], all_loaded=True)
    queue.tables_changed("sales")
    first = tick(both, instance)
    [request] = [each for each in requested(first) if each.job_name == "glue__pond"]
    ran(instance, made_of(pond), request)
    without = tick(event_sensor([made_of(pond)], all_loaded=False), instance, first.cursor)
    assert queue.left() == 1
    [again] = requested(tick(both, instance, without.cursor))
    assert again.job_name == "glue__lake"


@pytest.mark.parametrize("status", [dg.DagsterRunStatus.CANCELED, dg.DagsterRunStatus.FAILURE])
def test_events_that_another_run_was_to_read_are_read_though_it_never_begins(
    queue: Queue,
    lake: RecipeAssets,
    sensor: dg.SensorDefinition,
    instance: dg.DagsterInstance,
    status: dg.DagsterRunStatus,
) -> None:
    """Their messages are removed while it waits in the queue, from which anybody may take it."""
    nightly = enter(instance, lake, dg.DagsterRunStatus.QUEUED)
    cursor = None
    for database in ("sales", "finance"):
        queue.tables_changed(database)
        cursor = tick(sensor, instance, cursor).cursor
    cursor = tick(sensor, instance, cursor).cursor
    assert queue.left() == 0
    end(instance, nightly, status)
    after = tick(sensor, instance, cursor)
    [request] = requested(after)
    account = queue.sandbox.company.account
    assert included(request.run_config) == [f"{account}.finance", f"{account}.sales"]
    ran(instance, lake, request)
    assert reason(tick(sensor, instance, after.cursor)) == "No events."


def test_a_run_of_events_that_can_not_be_launched_is_asked_for_again_so_many_times(
    queue: Queue, lake: RecipeAssets, sensor: dg.SensorDefinition, instance: dg.DagsterInstance
) -> None:
    queue.tables_changed("sales")
    result, keys = tick(sensor, instance), []
    for _ in range(3):
        [request] = requested(result)
        keys.append(request.run_key)
        run = enter(instance, lake, dg.DagsterRunStatus.QUEUED, request, **{"dagster/sensor_name": "events"})
        cursor = tick(sensor, instance, result.cursor).cursor
        assert queue.left() == 0
        end(instance, run, dg.DagsterRunStatus.FAILURE)
        result = tick(sensor, instance, cursor)
    assert len(set(keys)) == 3
    assert "not asked for again after 3 attempts" in reason(result)
    assert reason(tick(sensor, instance, result.cursor)) == "No events."


def test_a_run_that_was_made_and_never_put_into_the_queue_is_asked_for_until_it_is(
    queue: Queue, lake: RecipeAssets, sensor: dg.SensorDefinition, instance: dg.DagsterInstance
) -> None:
    """Dagster's daemon was killed in between: by the same key it takes up the launch."""
    queue.tables_changed("sales")
    first = tick(sensor, instance)
    enter(instance, lake, dg.DagsterRunStatus.NOT_STARTED, requested(first)[0], **{"dagster/sensor_name": "events"})
    queue.tables_changed("sales")
    second = tick(sensor, instance, first.cursor)
    assert [each.run_key for each in requested(second)][:1] == [each.run_key for each in requested(first)]
    assert len(requested(second)) == 2
    assert queue.left() == 2


@pytest.mark.parametrize(
    "narrowed",
    [
        {"step_keys_to_execute": ["glue__lake__lineage"]},
        {"asset_selection": frozenset([dg.AssetKey(["glue", "lake", "lineage"])])},
        {"parent_run_id": "0", "root_run_id": "0"},
        {"run_config": {"resources": {"options": {"config": {"dry_run": True}}}}},
        {"run_config": {"resources": {"options": {"config": {"include": ["*.finance"]}}}}},
        {"status": dg.DagsterRunStatus.STARTED},
        {"remote_job_origin": origin_of("glue__lake", "elsewhere")},
    ],
    ids=lambda each: next(iter(each)),
)
def test_a_run_that_will_not_read_what_was_touched_is_not_waited_for(
    queue: Queue,
    lake: RecipeAssets,
    sensor: dg.SensorDefinition,
    instance: dg.DagsterInstance,
    narrowed: dict[str, Any],
) -> None:
    plain = {"job_name": lake.job.name, "remote_job_origin": origin_of(lake.job.name, "here")}
    instance.add_run(dg.DagsterRun(**{**plain, "status": dg.DagsterRunStatus.QUEUED, **narrowed}))
    queue.tables_changed("sales")
    assert len(requested(tick(sensor, instance, location="here"))) == 1


def test_a_run_of_another_code_location_does_not_stand_for_ones_own(
    queue: Queue, lake: RecipeAssets, sensor: dg.SensorDefinition, instance: dg.DagsterInstance
) -> None:
    queue.tables_changed("sales")
    first = tick(sensor, instance, location="here")
    [request] = requested(first)
    tags = {"dagster/sensor_name": "events", "dagster/run_key": request.run_key or ""}
    for place in ("elsewhere", "here"):
        cursor = tick(sensor, instance, first.cursor, location="here").cursor
        assert queue.left() == 1
        instance.add_run(
            dg.DagsterRun(
                job_name=lake.job.name,
                status=dg.DagsterRunStatus.STARTED,
                tags=tags,
                remote_job_origin=origin_of(lake.job.name, place),
            )
        )
    tick(sensor, instance, cursor, location="here")
    assert queue.left() == 0
