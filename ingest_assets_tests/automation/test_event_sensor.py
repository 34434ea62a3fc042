"""The sensor of events: whose messages become which runs, and when they are removed."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from ingest_assets.assets.factory import RecipeAssets
from ingest_assets.automation.event_sensor import event_sensor
from ingest_assets.recipe import load_recipe
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.automation.ticks import enter, included, made_of, reason, requested, tick
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
    enter(instance, made, dg.DagsterRunStatus.NOT_STARTED, requested(first)[0], **waiting)
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
