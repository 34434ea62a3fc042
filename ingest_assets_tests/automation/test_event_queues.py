"""The sensor of events over queues and keys that fail."""

from __future__ import annotations

import time
from pathlib import Path

import dagster as dg
import pytest

from ingest_assets.assets.factory import RecipeAssets
from ingest_assets.automation.event_sensor import event_sensor
from ingest_assets.automation.promises import Batch, Waiting
from ingest_assets_tests.automation.queues import QUEUE, SETTINGS, Queue
from ingest_assets_tests.automation.ticks import (
    included,
    made_of,
    ran,
    reason,
    requested,
    tick,
)
from ingest_assets_tests.recipe_runs import make_recipe


def test_messages_that_could_not_be_removed_are_removed_by_a_later_tick_and_run_nothing(
    queue: Queue, lake: RecipeAssets, sensor: dg.SensorDefinition, instance: dg.DagsterInstance
) -> None:
    queue.tables_changed("sales")
    first = tick(sensor, instance)
    ran(instance, lake, requested(first)[0])
    queue.sandbox.faults.add("access-denied", service="sqs", operation="DeleteMessageBatch")
    second = tick(sensor, instance, first.cursor)
    assert "sqs:DeleteMessage" in reason(second)
    assert queue.left() == 1
    assert reason(tick(sensor, instance, second.cursor)) == "No events."
    assert queue.left() == 0


def test_a_queue_that_can_not_be_read_is_told_and_costs_another_one_nothing(
    queue: Queue, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    other = Queue(queue.sandbox, f"{queue.url.rpartition('/')[2]}-2")
    literal = {SETTINGS: QUEUE[SETTINGS].replace("${METADATA_EVENTS_QUEUE_URL}", other.url)}
    (tmp_path / "other").mkdir()
    recipes = [make_recipe(tmp_path, "lake", QUEUE), make_recipe(tmp_path / "other", "pond", literal)]
    sensor = event_sensor([made_of(recipe) for recipe in recipes], all_loaded=True)
    queue.tables_changed("sales")
    other.tables_changed("sales")
    queue.sandbox.faults.add(
        "access-denied", service="sqs", operation="ReceiveMessage", match=queue.url.rpartition("/")[2]
    )
    assert [each.job_name for each in requested(tick(sensor, instance))] == ["glue__pond"]


def test_a_recipe_whose_keys_are_refused_costs_others_of_its_queue_nothing(
    queue: Queue, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    (tmp_path / "other").mkdir()
    refused = {**QUEUE, "${AWS_SECRET_ACCESS_KEY}": "no-such-secret-key"}
    lake, pond = make_recipe(tmp_path, "lake", refused), make_recipe(tmp_path / "other", "pond", QUEUE)
    queue.tables_changed("sales")
    first = tick(event_sensor([made_of(lake), made_of(pond)], all_loaded=True), instance)
    [request] = requested(first)
    assert request.job_name == "glue__pond"
    ran(instance, made_of(pond), request)
    after = tick(event_sensor([made_of(lake), made_of(pond)], all_loaded=True), instance, first.cursor)
    assert queue.left() == 1  # it may concern the other
    assert "no-such-secret-key" not in f"{first}{after}"


def test_what_was_received_before_a_queue_failed_does_not_wait_until_it_is_visible_again(
    queue: Queue, sensor: dg.SensorDefinition, instance: dg.DagsterInstance
) -> None:
    for number in range(15):
        queue.tables_changed(f"database{number}")
    queue.sandbox.faults.add("access-denied", service="sqs", operation="ReceiveMessage", after=1)
    result = tick(sensor, instance)
    assert len(included(requested(result)[0].run_config)) == 10


def test_a_queue_whose_messages_can_not_be_removed_holds_up_no_other(
    queue: Queue, tmp_path: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Queue(queue.sandbox, f"{queue.url.rpartition('/')[2]}-2")
    (tmp_path / "other").mkdir()
    recipes = [
        make_recipe(tmp_path, "lake", QUEUE),
        make_recipe(tmp_path / "other", "pond", {SETTINGS: SETTINGS + f"  source: {{events_queue: {other.url!r}}}\n"}),
    ]
    sensor = event_sensor([made_of(recipe) for recipe in recipes], all_loaded=True)
    stuck = [Batch(queue=queue.url, receipts=("no",), runs=(), taken=time.time()) for _ in range(30)]
    queue.sandbox.faults.add("access-denied", service="sqs", operation="DeleteMessageBatch", count=None)
    other.tables_changed("sales")
    queue.tables_changed("sales")
    result = tick(sensor, instance, Waiting(batches=tuple(stuck)).model_dump_json())
    assert [each.job_name for each in requested(result)] == ["glue__pond"]
    assert queue.sandbox.aws.counts["sqs:DeleteMessageBatch"] == 1
    # Whatever SQS gives out again is forgotten here.
    late = [batch.model_copy(update={"taken": time.time() - 1_000}) for batch in stuck]
    assert Waiting.of(tick(sensor, instance, Waiting(batches=tuple(late)).model_dump_json()).cursor).batches[:-1] == ()


def test_recipes_of_the_same_keys_ask_once_whose_those_are(
    queue: Queue, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    """With two hundred of them a tick would have no time for anything else."""
    made = []
    for name in ("lake", "pond", "sea"):
        (tmp_path / name).mkdir()
        made.append(made_of(make_recipe(tmp_path / name, name, QUEUE)))
    queue.tables_changed("sales")
    assert len(requested(tick(event_sensor(made, all_loaded=True), instance))) == 3
    assert queue.sandbox.aws.counts["sts:GetCallerIdentity"] == 1
