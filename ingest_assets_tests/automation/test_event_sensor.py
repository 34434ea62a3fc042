"""The sensor of events: whose messages become which runs, and when they are removed."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from ingest_assets.assets.factory import RecipeAssets
from ingest_assets.automation.event_sensor import event_sensor
from ingest_assets.automation.promises import Batch, Waiting
from ingest_assets.recipe import load_recipe
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.automation.ticks import (
    end,
    enter,
    included,
    made_of,
    origin_of,
    reason,
    requested,
    tick,
)
from ingest_assets_tests.recipe_runs import make_recipe

SETTINGS = "dagster:\n  retries: {max: 0, delay: 0}\n"
QUEUE = {SETTINGS: SETTINGS + "  source:\n    events_queue: ${METADATA_EVENTS_QUEUE_URL}\n"}
RECIPES = Path(__file__).parents[2] / "recipes"


class Queue:
    """One queue of the sandbox."""

    def __init__(self, sandbox: Sandbox, name: str) -> None:
        self.sandbox = sandbox
        self._queues = sandbox.company.queues
        self._queue = self._queues.create(name)
        self.url = self._queues.url_of(self._queue)

    def send(self, body: str) -> None:
        self._queues.send(self._queue, body, sender="events.amazonaws.com")

    def tables_changed(self, database: str, kind: str = "UpdateTable", **envelope: str) -> None:
        """What EventBridge tells of a database's tables."""
        told = {
            "source": "aws.glue",
            "detail-type": "Glue Data Catalog Table State Change",
            "account": self.sandbox.company.account,
            "region": self.sandbox.company.region,
            **envelope,
        }
        self.send(json.dumps({**told, "detail": {"databaseName": database, "typeOfChange": kind}}))

    def left(self) -> int:
        """Messages that are there, hidden ones included."""
        return len(self._queue.messages)

    def show_all(self) -> None:
        """Let the visibility timeout of all messages end."""
        for message in self._queue.messages.values():
            message.visible = message.sent


@pytest.fixture
def queue(services: Sandbox, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Queue:
    """A queue of this test, which recipes name by a variable."""
    made = Queue(services, f"events-{zlib.crc32(request.node.name.encode())}")
    for name, value in services.environment(services.reader).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("METADATA_EVENTS_QUEUE_URL", made.url)
    services.aws.reset_counts()
    return made


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def ran(instance: dg.DagsterInstance, made: RecipeAssets, request: dg.RunRequest) -> dg.DagsterRun:
    """What Dagster's daemon does with a request: a run that bears its key and the sensor's name."""
    return enter(instance, made, dg.DagsterRunStatus.SUCCESS, request, **{"dagster/sensor_name": "events"})


def test_events_of_tables_ask_for_one_run_of_what_they_touch_and_go_once_it_is_there(
    queue: Queue, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    made = made_of(make_recipe(tmp_path, "lake", QUEUE))
    sensor, account = event_sensor([made], all_loaded=True), queue.sandbox.company.account
    for database in ("sales", "finance", "sales"):
        queue.tables_changed(database)
    first = tick(sensor, instance)
    [request] = requested(first)
    assert request.job_name == "glue__lake"
    assert included(request.run_config) == [f"{account}.finance", f"{account}.sales"]
    assert queue.left() == 3
    ran(instance, made, request)
    assert reason(tick(sensor, instance, first.cursor)) == "No events."
    assert queue.left() == 0


def test_a_run_that_dagster_never_made_is_asked_for_again_by_its_key(
    queue: Queue, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    sensor = event_sensor([made_of(make_recipe(tmp_path, "lake", QUEUE))], all_loaded=True)
    queue.tables_changed("sales")
    first = tick(sensor, instance)
    second = tick(sensor, instance, first.cursor)
    assert requested(second) == requested(first)
    assert second.cursor == first.cursor
    assert queue.left() == 1


def test_events_whose_tick_was_lost_come_again_once_they_are_visible(
    queue: Queue, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    sensor = event_sensor([made_of(make_recipe(tmp_path, "lake", QUEUE))], all_loaded=True)
    queue.tables_changed("sales")
    lost = tick(sensor, instance)
    assert reason(tick(sensor, instance)) == "No events."  # hidden
    queue.show_all()
    again = tick(sensor, instance)
    # The very same messages make the very same key: had there been a run of it, there would be no second.
    assert [each.run_key for each in requested(again)] == [each.run_key for each in requested(lost)]


def test_messages_that_could_not_be_removed_are_removed_by_a_later_tick_and_run_nothing(
    queue: Queue, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    made = made_of(make_recipe(tmp_path, "lake", QUEUE))
    sensor = event_sensor([made], all_loaded=True)
    queue.tables_changed("sales")
    first = tick(sensor, instance)
    ran(instance, made, requested(first)[0])
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


@pytest.mark.parametrize("kind", ["BatchCreatePartition", "UpdatePartition", "UpdateColumnStatisticsForTable"])
def test_what_the_catalog_does_not_show_runs_nothing_and_is_removed(
    queue: Queue, tmp_path: Path, instance: dg.DagsterInstance, kind: str
) -> None:
    sensor = event_sensor([made_of(make_recipe(tmp_path, "lake", QUEUE))], all_loaded=True)
    queue.tables_changed("sales", kind)
    first = tick(sensor, instance)
    assert reason(first) == "1 events concern no recipe."
    tick(sensor, instance, first.cursor)
    assert queue.left() == 0


def test_events_of_other_accounts_and_regions_run_nothing(
    queue: Queue, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    sensor = event_sensor([made_of(make_recipe(tmp_path, "lake", QUEUE))], all_loaded=True)
    queue.tables_changed("sales", account="999999999999")
    queue.tables_changed("sales", region="ap-south-1")
    assert reason(tick(sensor, instance)) == "2 events concern no recipe."
    assert queue.sandbox.aws.counts["sts:GetCallerIdentity"] == 1


def test_nothing_is_thrown_away_while_a_recipe_is_broken_whom_it_may_concern(
    queue: Queue, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    sensor = event_sensor([made_of(make_recipe(tmp_path, "lake", QUEUE))], all_loaded=False)
    queue.tables_changed("sales", account="999999999999")
    first = tick(sensor, instance)
    assert "stay in the queue until all recipes can be loaded" in reason(first)
    tick(sensor, instance, first.cursor)
    assert queue.left() == 1


@pytest.mark.parametrize(
    "body", ["hello", "[]", "7", "{}", '{"source": "aws.glue", "detail-type": "x"}', '{"Type": "Notification"}']
)
def test_a_message_that_is_no_event_stays_and_is_told(
    queue: Queue, tmp_path: Path, instance: dg.DagsterInstance, body: str
) -> None:
    sensor = event_sensor([made_of(make_recipe(tmp_path, "lake", QUEUE))], all_loaded=True)
    queue.send(body)
    first = tick(sensor, instance)
    assert reason(first).startswith("1 messages are no events, and stay in the queue: ")
    tick(sensor, instance, first.cursor)
    assert queue.left() == 1


def test_an_event_that_came_by_a_topic_is_read(queue: Queue, tmp_path: Path, instance: dg.DagsterInstance) -> None:
    sensor = event_sensor([made_of(make_recipe(tmp_path, "lake", QUEUE))], all_loaded=True)
    told = {"account": queue.sandbox.company.account, "region": queue.sandbox.company.region}
    event = {
        **told,
        "source": "aws.glue",
        "detail-type": "Glue Data Catalog Database State Change",
        "detail": {"databaseName": "sales", "typeOfChange": "CreateDatabase"},
    }
    queue.send(json.dumps({"Type": "Notification", "Message": json.dumps(event)}))
    assert len(requested(tick(sensor, instance))) == 1


def test_quicksights_events_run_the_whole_recipe(queue: Queue, tmp_path: Path, instance: dg.DagsterInstance) -> None:
    made = made_of(load_recipe(RECIPES / "quicksight.yaml"))
    told = {"source": "aws.quicksight", "detail-type": "QuickSight Dashboard Published Version Updated"}
    queue.tables_changed("sales", **told)
    [request] = requested(tick(event_sensor([made], all_loaded=True), instance))
    assert request.job_name == made.job.name
    assert "resources" not in request.run_config


def test_events_for_which_a_run_waits_already_need_no_other(
    queue: Queue, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    made = made_of(make_recipe(tmp_path, "lake", QUEUE))
    sensor = event_sensor([made], all_loaded=True)
    queue.tables_changed("sales")
    first = tick(sensor, instance)
    waiting = {"dagster/sensor_name": "events"}
    enter(instance, made, dg.DagsterRunStatus.QUEUED, requested(first)[0], **waiting)
    queue.tables_changed("sales")
    second = tick(sensor, instance, first.cursor)
    assert reason(second) == "1 events."
    tick(sensor, instance, second.cursor)
    assert queue.left() == 0
    queue.tables_changed("finance")
    assert len(requested(tick(sensor, instance, second.cursor))) == 1


def test_a_tick_takes_so_many_messages_and_the_next_one_the_others(
    queue: Queue, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    sensor = event_sensor([made_of(make_recipe(tmp_path, "lake", QUEUE))], all_loaded=True)
    for number in range(105):
        queue.tables_changed(f"database{number}")
    first = tick(sensor, instance)
    assert len(included(requested(first)[0].run_config)) == 100
    second = tick(sensor, instance, first.cursor)
    assert sorted(len(included(each.run_config)) for each in requested(second)) == [5, 100]


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
    queue: Queue, tmp_path: Path, instance: dg.DagsterInstance, status: dg.DagsterRunStatus
) -> None:
    """Their messages are removed while it waits in the queue, from which anybody may take it."""
    made = made_of(make_recipe(tmp_path, "lake", QUEUE))
    sensor = event_sensor([made], all_loaded=True)
    nightly = enter(instance, made, dg.DagsterRunStatus.QUEUED)
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
    ran(instance, made, request)
    assert reason(tick(sensor, instance, after.cursor)) == "No events."


def test_a_run_of_events_that_can_not_be_launched_is_asked_for_again_so_many_times(
    queue: Queue, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    made = made_of(make_recipe(tmp_path, "lake", QUEUE))
    sensor = event_sensor([made], all_loaded=True)
    queue.tables_changed("sales")
    result, keys = tick(sensor, instance), []
    for _ in range(3):
        [request] = requested(result)
        keys.append(request.run_key)
        run = enter(instance, made, dg.DagsterRunStatus.QUEUED, request, **{"dagster/sensor_name": "events"})
        cursor = tick(sensor, instance, result.cursor).cursor
        assert queue.left() == 0
        end(instance, run, dg.DagsterRunStatus.FAILURE)
        result = tick(sensor, instance, cursor)
    assert len(set(keys)) == 3
    assert "not asked for again after 3 attempts" in reason(result)
    assert reason(tick(sensor, instance, result.cursor)) == "No events."


def test_a_run_that_was_made_and_never_put_into_the_queue_is_asked_for_until_it_is(
    queue: Queue, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    """Dagster's daemon was killed in between: by the same key it takes up the launch."""
    made = made_of(make_recipe(tmp_path, "lake", QUEUE))
    sensor = event_sensor([made], all_loaded=True)
    queue.tables_changed("sales")
    first = tick(sensor, instance)
    enter(instance, made, dg.DagsterRunStatus.NOT_STARTED, requested(first)[0], **{"dagster/sensor_name": "events"})
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
    queue: Queue, tmp_path: Path, instance: dg.DagsterInstance, narrowed: dict[str, Any]
) -> None:
    made = made_of(make_recipe(tmp_path, "lake", QUEUE))
    plain = {"job_name": made.job.name, "remote_job_origin": origin_of(made.job.name, "here")}
    instance.add_run(dg.DagsterRun(**{**plain, "status": dg.DagsterRunStatus.QUEUED, **narrowed}))
    queue.tables_changed("sales")
    assert len(requested(tick(event_sensor([made], all_loaded=True), instance, location="here"))) == 1


def test_a_run_of_another_code_location_does_not_stand_for_ones_own(
    queue: Queue, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    made = made_of(make_recipe(tmp_path, "lake", QUEUE))
    sensor = event_sensor([made], all_loaded=True)
    queue.tables_changed("sales")
    first = tick(sensor, instance, location="here")
    [request] = requested(first)
    tags = {"dagster/sensor_name": "events", "dagster/run_key": request.run_key or ""}
    for place in ("elsewhere", "here"):
        cursor = tick(sensor, instance, first.cursor, location="here").cursor
        assert queue.left() == 1
        instance.add_run(
            dg.DagsterRun(
                job_name=made.job.name,
                status=dg.DagsterRunStatus.STARTED,
                tags=tags,
                remote_job_origin=origin_of(made.job.name, place),
            )
        )
    tick(sensor, instance, cursor, location="here")
    assert queue.left() == 0


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
    queue: Queue, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    for number in range(15):
        queue.tables_changed(f"database{number}")
    queue.sandbox.faults.add("access-denied", service="sqs", operation="ReceiveMessage", after=1)
    result = tick(event_sensor([made_of(make_recipe(tmp_path, "lake", QUEUE))], all_loaded=True), instance)
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


def test_events_of_partitions_are_removed_though_a_recipe_is_broken(
    queue: Queue, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    """They are most of what Glue tells, and would hide the others from those who take a hundred a tick."""
    sensor = event_sensor([made_of(make_recipe(tmp_path, "lake", QUEUE))], all_loaded=False)
    queue.tables_changed("sales", "BatchCreatePartition")
    tick(sensor, instance, tick(sensor, instance).cursor)
    assert queue.left() == 0


def test_an_event_tells_a_name_as_it_was_asked_for_and_glue_keeps_it_in_lower_case(
    queue: Queue, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    queue.tables_changed("Sales")
    result = tick(event_sensor([made_of(make_recipe(tmp_path, "lake", QUEUE))], all_loaded=True), instance)
    assert f"{queue.sandbox.company.account}.sales" in included(requested(result)[0].run_config)


def test_a_message_that_no_parser_can_read_ends_no_tick(
    queue: Queue, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    queue.send("[" * 200_000)
    queue.tables_changed("\ud800")
    queue.tables_changed("sales")
    result = tick(event_sensor([made_of(make_recipe(tmp_path, "lake", QUEUE))], all_loaded=True), instance)
    assert included(requested(result)[0].run_config) == [f"{queue.sandbox.company.account}.sales"]
    assert queue.left() == 3


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
