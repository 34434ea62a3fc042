"""Two runs of one recipe at once: one works, the other fails at once and names the first; who has lost, stops."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from typing import NamedTuple

import pytest

from ingest_assets.calls import Calls
from ingest_assets.catalog import EntityType, Finding, Scope
from ingest_assets.errors import BusyError
from ingest_assets.ingestion.ingestion import Ingestion
from ingest_assets.openmetadata.auth import BotToken
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.openmetadata.planner import PlanRules
from ingest_assets.openmetadata.server import Server
from ingest_assets.progress import SilentProgress
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.snapshots.lease import Lease
from ingest_assets.snapshots.repository import Snapshots
from ingest_assets.snapshots.store import Store, open_store
from ingest_assets_tests.ingestion.killing import Blow, let_the_lease_end, run_killed
from ingest_assets_tests.ingestion.lakes import Lake
from ingest_assets_tests.ingestion.runs import ALL_KINDS, Place, run_once, run_steps
from ingest_assets_tests.openmetadata.misbehaving import patient

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__])
LONG = 60.0
HOUR = 3600.0


def lake() -> Lake:
    made = Lake()
    for number in range(20):
        made.put("sales", f"t{number}")
    made.view("sales", "v", "select id from sales.t1")
    return made


class Waiting(Lake):
    """A lake whose reading lasts until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.__dict__.update(lake().__dict__)
        self.is_read, self.goes_on = threading.Event(), threading.Event()

    def read(self, scope: Scope) -> Iterator[Finding]:
        self.is_read.set()
        assert self.goes_on.wait(LONG)
        return super().read(scope)


@pytest.fixture(params=["folder", "s3"])
def address(request: pytest.FixtureRequest, here: Place, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store of either kind, and the environment in which it can be opened."""
    if request.param == "folder":
        return str(here.folder / "store")
    here.sandbox.company.buckets.create("norrpost-ingest")
    for name, value in here.sandbox.environment(here.sandbox.reader).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    return "s3://norrpost-ingest/runs"


def ingestion(host_port: str, token: str, store: Store, source: Lake) -> Ingestion:
    calls = Calls()
    client = OpenMetadataClient(host_port, BotToken(token), calls, patience=patient())
    snapshots = Snapshots(store, "glue", source.name)
    rules = PlanRules(ALL_KINDS, 2)
    return Ingestion(source, Calls(), Server(client, 2), calls, snapshots, rules, 2, SilentProgress())


def of(sandbox: Sandbox, address: str, source: Lake) -> Ingestion:
    return ingestion(sandbox.openmetadata_host_port, sandbox.bot_token, open_store(address), source)


def test_a_second_run_fails_at_once_and_names_the_first(here: Place, address: str) -> None:
    made = Waiting()
    first, second = of(here.sandbox, address, made), of(here.sandbox, address, lake())
    running = threading.Thread(target=run_once, args=(first, "first"))
    running.start()
    assert made.is_read.wait(LONG)
    # Whatever it would do: a snapshot alone would only be another one's plan.
    steps: list[Callable[[], object]] = [
        lambda: second.snapshot("second", last_attempt=False),
        lambda: second.plan("second"),
        lambda: second.restore("second", "any"),
    ]
    for step in steps:
        with pytest.raises(BusyError, match=r"Run first on .* has held the lease"):
            step()
    made.goes_on.set()
    running.join(LONG)
    assert not running.is_alive()
    assert run_once(second, "second").written() == 0
    assert here.sandbox.openmetadata.counts["PUT /v1/lineage"] == 1


class Way(NamedTuple):
    """How a process finds server and store."""

    environment: dict[str, str]
    token: str
    address: str


def compete(way: Way, number: int, start: Barrier, told: SimpleQueue[str]) -> None:
    os.environ.update(way.environment)
    mine = ingestion(way.environment["OPENMETADATA_HOST_PORT"], way.token, open_store(way.address), lake())
    start.wait(LONG)
    try:
        steps = run_steps(mine, f"run-{number}")
        told.put(f"{steps.tables.created} created")
        start.wait(LONG)
    except BusyError as error:
        told.put(str(error))
        start.wait(LONG)
    mine.close()


def test_of_processes_that_run_at_once_one_writes(here: Place, address: str) -> None:
    count = 3
    start, told = PROCESSES.Barrier(count), PROCESSES.SimpleQueue()
    way = Way(here.sandbox.environment(here.sandbox.reader), here.sandbox.bot_token, address)
    processes = [PROCESSES.Process(target=compete, args=(way, number, start, told)) for number in range(count)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(LONG)
    assert [process.exitcode for process in processes] == [0] * count
    heard = sorted(told.get() for _ in processes)
    assert heard[0] == "21 created"
    assert all("has held the lease" in each for each in heard[1:])
    assert here.sandbox.openmetadata.counts["PUT /v1/tables/bulk"] == 1


def test_what_a_dead_run_held_is_free_when_its_time_is_over(here: Place) -> None:
    assert run_killed(here, lake(), "dead", Blow(3, answered=True))
    with pytest.raises(BusyError, match=r"Run dead on .* If it has died, its lease ends at"):
        here.run(lake())
    let_the_lease_end(here)
    assert here.run(lake()).failures() == {}


class Clock:
    """The wall clock of a run, which may be put forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.mark.parametrize("step", ["publish", "lineage", "stale"])
def test_a_run_that_has_lost_its_lease_writes_nothing_more_and_keeps_no_ledger(anywhere: Place, step: str) -> None:
    made, clock = lake(), Clock()
    made.put("sales", "gone")
    anywhere.run(made)
    del made.tables["db", "sales", "gone"]
    made.put("sales", "new", description="Of the first")
    made.view("sales", "v", "select id from sales.t2")
    first = anywhere.ingestion(made, clock=clock)
    first.snapshot("first", last_attempt=True)
    first.plan("first")
    if step != "publish":
        for kind in (EntityType.DATABASE, EntityType.SCHEMA, EntityType.TABLE):
            first.publish("first", kind)
    # It slept for an hour; meanwhile another run has taken over, and is at work.
    clock.ahead = HOUR
    let_the_lease_end(anywhere)
    second = anywhere.ingestion(made)
    second.snapshot("second", last_attempt=True)
    second.plan("second")
    ledgers = {file: file.read_bytes() for file in (anywhere.folder / "store").rglob("ledgers/*.sqlite")}
    anywhere.sandbox.openmetadata.reset_counts()
    steps: dict[str, Callable[[], object]] = {
        "publish": lambda: first.publish("first", EntityType.TABLE),
        "lineage": lambda: first.lineage("first"),
        "stale": lambda: first.stale("first"),
    }
    with pytest.raises(BusyError, match=r"Run second on .* has the lease"):
        steps[step]()
    assert anywhere.writes() == []
    assert {file: file.read_bytes() for file in ledgers} == ledgers
    first.close()
    # The second one is not disturbed: not by the first one's end either.
    for kind in (EntityType.DATABASE, EntityType.SCHEMA, EntityType.TABLE):
        second.publish("second", kind)
    second.lineage("second")
    assert second.stale("second").removed == 1
    second.close()
    assert anywhere.run(made).written() == 0


def test_a_lease_that_is_lost_in_the_midst_of_a_step_stops_it(here: Place) -> None:
    """Each request is preceded by a look at the clock: a hundred of them may outlast a lease."""
    made, clock = lake(), Clock()
    here.run(made)
    for number in range(20):
        made.put("sales", f"t{number}", description="New words")
    first = here.ingestion(made, clock=clock)
    first.server.threads = 1
    first.snapshot("first", last_attempt=True)
    first.plan("first")
    calls = Counted(7, lambda: lose(here, clock))
    first.server.client._transport._calls = calls
    here.sandbox.openmetadata.reset_counts()
    with pytest.raises(BusyError, match=r"Run other on .* has the lease"):
        first.publish("first", EntityType.TABLE)
    first.close()
    assert here.writes() == []
    let_the_lease_end(here)
    second = here.run(made)
    assert (second.tables.updated, second.failures()) == (20, {})


class Counted(Calls):
    """Does something when the n-th request is about to be sent."""

    def __init__(self, number: int, then: Callable[[], None]) -> None:
        super().__init__()
        self._left, self._then = number, then

    def begin(self, operation: str) -> None:
        super().begin(operation)
        self._left -= 1
        if not self._left:
            self._then()


def lose(here: Place, clock: Clock) -> None:
    """The lease goes to another run."""
    clock.ahead = HOUR
    let_the_lease_end(here)
    snapshots = here.ingestion(lake()).snapshots
    key = snapshots.lease_key(f"{here.sandbox.openmetadata_host_port}")
    Lease(snapshots.store, key, "other").acquire()
