"""The sensor of events: whose messages become which runs, and what of them is removed."""

from __future__ import annotations

import json
from pathlib import Path

import dagster as dg
import pytest

from ingest_assets.assets.factory import RecipeAssets
from ingest_assets.automation.event_sensor import event_sensor
from ingest_assets.recipe import load_recipe
from ingest_assets_tests.automation.queues import Queue
from ingest_assets_tests.automation.ticks import (
    included,
    made_of,
    ran,
    reason,
    requested,
    tick,
)

RECIPES = Path(__file__).parents[2] / "recipes"


def test_events_of_tables_ask_for_one_run_of_what_they_touch_and_go_once_it_is_there(
    queue: Queue, lake: RecipeAssets, sensor: dg.SensorDefinition, instance: dg.DagsterInstance
) -> None:
    account = queue.sandbox.company.account
    for database in ("sales", "finance", "sales"):
        queue.tables_changed(database)
    first = tick(sensor, instance)
    [request] = requested(first)
    assert request.job_name == "glue__lake"
    assert included(request.run_config) == [f"{account}.finance", f"{account}.sales"]
    assert queue.left() == 3
    ran(instance, lake, request)
    assert reason(tick(sensor, instance, first.cursor)) == "No events."
    assert queue.left() == 0


@pytest.mark.parametrize("kind", ["BatchCreatePartition", "UpdatePartition", "UpdateColumnStatisticsForTable"])
def test_what_the_catalog_does_not_show_runs_nothing_and_is_removed(
    queue: Queue, sensor: dg.SensorDefinition, instance: dg.DagsterInstance, kind: str
) -> None:
    queue.tables_changed("sales", kind)
    first = tick(sensor, instance)
    assert reason(first) == "1 events concern no recipe."
    tick(sensor, instance, first.cursor)
    assert queue.left() == 0


def test_events_of_other_accounts_and_regions_run_nothing(
    queue: Queue, sensor: dg.SensorDefinition, instance: dg.DagsterInstance
) -> None:
    queue.tables_changed("sales", account="999999999999")
    queue.tables_changed("sales", region="ap-south-1")
    assert reason(tick(sensor, instance)) == "2 events concern no recipe."
    assert queue.sandbox.aws.counts["sts:GetCallerIdentity"] == 1


def test_nothing_is_thrown_away_while_a_recipe_is_broken_whom_it_may_concern(
    queue: Queue, lake: RecipeAssets, instance: dg.DagsterInstance
) -> None:
    sensor = event_sensor([lake], all_loaded=False)
    queue.tables_changed("sales", account="999999999999")
    first = tick(sensor, instance)
    assert "stay in the queue until all recipes can be loaded" in reason(first)
    tick(sensor, instance, first.cursor)
    assert queue.left() == 1


@pytest.mark.parametrize(
    "body", ["hello", "[]", "7", "{}", '{"source": "aws.glue", "detail-type": "x"}', '{"Type": "Notification"}']
)
def test_a_message_that_is_no_event_stays_and_is_told(
    queue: Queue, sensor: dg.SensorDefinition, instance: dg.DagsterInstance, body: str
) -> None:
    queue.send(body)
    first = tick(sensor, instance)
    assert reason(first).startswith("1 messages are no events, and stay in the queue: ")
    tick(sensor, instance, first.cursor)
    assert queue.left() == 1


def test_an_event_that_came_by_a_topic_is_read(
    queue: Queue, sensor: dg.SensorDefinition, instance: dg.DagsterInstance
) -> None:
    told = {"account": queue.sandbox.company.account, "region": queue.sandbox.company.region}
    event = {
        **told,
        "source": "aws.glue",
        "detail-type": "Glue Data Catalog Database State Change",
        "detail": {"databaseName": "sales", "typeOfChange": "CreateDatabase"},
    }
    queue.send(json.dumps({"Type": "Notification", "Message": json.dumps(event)}))
    assert len(requested(tick(sensor, instance))) == 1


def test_quicksights_events_run_the_whole_recipe(queue: Queue, instance: dg.DagsterInstance) -> None:
    made = made_of(load_recipe(RECIPES / "quicksight.yaml"))
    told = {"source": "aws.quicksight", "detail-type": "QuickSight Dashboard Published Version Updated"}
    queue.tables_changed("sales", **told)
    [request] = requested(tick(event_sensor([made], all_loaded=True), instance))
    assert request.job_name == made.job.name
    assert "resources" not in request.run_config


def test_a_tick_takes_so_many_messages_and_the_next_one_the_others(
    queue: Queue, sensor: dg.SensorDefinition, instance: dg.DagsterInstance
) -> None:
    for number in range(105):
        queue.tables_changed(f"database{number}")
    first = tick(sensor, instance)
    assert len(included(requested(first)[0].run_config)) == 100
    second = tick(sensor, instance, first.cursor)
    assert sorted(len(included(each.run_config)) for each in requested(second)) == [5, 100]


def test_events_of_partitions_are_removed_though_a_recipe_is_broken(
    queue: Queue, lake: RecipeAssets, instance: dg.DagsterInstance
) -> None:
    """They are most of what Glue tells, and would hide the others from those who take a hundred a tick."""
    sensor = event_sensor([lake], all_loaded=False)
    queue.tables_changed("sales", "BatchCreatePartition")
    tick(sensor, instance, tick(sensor, instance).cursor)
    assert queue.left() == 0


def test_an_event_tells_a_name_as_it_was_asked_for_and_glue_keeps_it_in_lower_case(
    queue: Queue, sensor: dg.SensorDefinition, instance: dg.DagsterInstance
) -> None:
    queue.tables_changed("Sales")
    result = tick(sensor, instance)
    assert f"{queue.sandbox.company.account}.sales" in included(requested(result)[0].run_config)


def test_a_message_that_no_parser_can_read_ends_no_tick(
    queue: Queue, sensor: dg.SensorDefinition, instance: dg.DagsterInstance
) -> None:
    queue.send("[" * 200_000)
    queue.tables_changed("\ud800")
    queue.tables_changed("sales")
    result = tick(sensor, instance)
    assert included(requested(result)[0].run_config) == [f"{queue.sandbox.company.account}.sales"]
    assert queue.left() == 3
