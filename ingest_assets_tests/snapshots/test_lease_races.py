"""Many want the lease at once: threads, processes, and every order of their steps that can be thought of."""

from __future__ import annotations

import multiprocessing
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.errors import BusyError, IngestError, StoreError
from ingest_assets.snapshots.lease import Lease
from ingest_assets.snapshots.store import FolderStore, open_store
from ingest_assets_tests.snapshots.leases import KEY, LONG, Clock, NewLease
from ingest_assets_tests.snapshots.racers import ROUNDS, compete, die_holding, end_holding

SPAWN = multiprocessing.get_context("spawn")


def test_one_of_many_threads_takes_it(address: str, lease: NewLease) -> None:
    stores = [open_store(address) for _ in range(6)]

    def take(number: int) -> Lease | None:
        wanted = lease(stores[number], f"run-{number}")
        with suppress(BusyError):
            wanted.acquire()
            return wanted
        return None

    with ThreadPoolExecutor(len(stores)) as pool:
        for generation in range(1, 6):
            held = [taken for taken in pool.map(take, range(len(stores))) if taken is not None]
            assert [each.generation for each in held] == [generation]
            held[0].ensure()
            held[0].release()


def test_one_of_many_processes_takes_it_each_time(address: str) -> None:
    count = 4 if address.startswith("s3") else 8  # each loads boto3
    start, results = SPAWN.Barrier(count), SPAWN.SimpleQueue()
    processes = [SPAWN.Process(target=compete, args=(address, number, start, results)) for number in range(count)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(2 * LONG)
    assert [process.exitcode for process in processes] == [0] * count
    tries = [results.get() for _ in range(count * ROUNDS)]
    assert sorted((each.round, each.generation) for each in tries if each.generation) == [
        (attempt, attempt + 1) for attempt in range(ROUNDS)
    ]


@pytest.mark.parametrize(("target", "exitcode"), [(die_holding, 9), (end_holding, 0)])
def test_after_a_process_that_ended_without_release_another_goes_on_when_the_lease_expires(
    tmp_path: Path, lease: NewLease, target: Callable[[str], None], exitcode: int
) -> None:
    process = SPAWN.Process(target=target, args=(str(tmp_path),))
    process.start()
    process.join(LONG)
    assert process.exitcode == exitcode  # its thread didn't keep it alive
    with pytest.raises(BusyError, match=rf"run-(killed|ended) .*process {process.pid}\)"):
        lease(FolderStore(tmp_path), "run-2", clock=time.time).acquire()
    with lease(FolderStore(tmp_path), "run-2", clock=lambda: time.time() + 60) as held:
        assert held.generation == 2


class Turn(NamedTuple):
    """Who may make how many calls, and how many seconds pass before."""

    actor: int
    calls: int
    seconds: float


class Turns:
    """Lets one of several threads run at a time, from one call of the store to the next, in a given order."""

    def __init__(self, count: int, clock: Clock) -> None:
        self._clock = clock
        self._go = [threading.Semaphore(0) for _ in range(count)]
        self._paused = threading.Semaphore(0)
        self._own = threading.local()
        self._left = set(range(count))

    def act(self, number: int, script: Callable[[int], None]) -> None:
        """What each of the threads does."""
        self._own.number = number
        assert self._go[number].acquire(timeout=LONG)
        try:
            script(number)
        finally:
            self._left.discard(number)
            self._paused.release()

    def pause(self) -> None:
        """Wait for the own next turn."""
        self._paused.release()
        assert self._go[self._own.number].acquire(timeout=LONG)

    def play(self, order: Iterable[Turn]) -> None:
        """Give turns as told, and in the end to who is left, one after the other."""
        for turn in order:
            self._clock.now += turn.seconds
            for _ in range(turn.calls):
                self._give(turn.actor)
        while self._left:
            self._give(min(self._left))

    def _give(self, number: int) -> None:
        if number in self._left:
            self._go[number].release()
            assert self._paused.acquire(timeout=LONG)


class TornStore:
    """A store in which others come before and after each call, and while a listing is read.

    Its files are a dictionary, since a disk would take most of the time of a test in which just one thread runs.
    """

    def __init__(self, folder: Path, pause: Callable[[], None]) -> None:
        self._folder = folder
        self._files: dict[str, bytes] = {}
        self.pause = pause

    def keep(self, key: str, file: Path) -> None:
        self.pause()
        self._files[key] = file.read_bytes()
        self.pause()

    def create(self, key: str, content: bytes) -> bool:
        self.pause()
        created = self._files.setdefault(key, content) is content
        self.pause()
        return created

    def fetch(self, key: str) -> Path:
        self.pause()
        if key not in self._files:
            raise StoreError(key)
        file = self.scratch()
        file.write_bytes(self._files[key])
        return file

    def has(self, key: str) -> bool:
        self.pause()
        return key in self._files

    def size(self, key: str) -> int | None:
        return len(self._files[key]) if self.has(key) else None

    def keys(self, prefix: str) -> Iterator[str]:
        self.pause()
        begun = sorted(key for key in self._files if key.startswith(prefix))
        self.pause()
        return iter([key for key in begun if key in self._files])

    def remove(self, key: str) -> None:
        self.pause()
        self._files.pop(key, None)

    def scratch(self) -> Path:
        return self._folder / uuid.uuid4().hex

    def sweep(self) -> None:
        pass


class Write(NamedTuple):
    """A write to the server, sent right after ``ensure()``."""

    generation: int
    holder: str


def run(lease: Lease, writes: list[Write], *, crash: bool) -> None:
    """A run with a beat and two batches of writes, as far as it gets."""
    try:
        lease.acquire()
        for _ in range(2):
            lease.ensure()
            writes.append(Write(lease.generation, lease.holder))
            with lease._lock, suppress(StoreError):
                lease._renew()
    except IngestError:
        pass
    if crash:
        lease._stop.set()
    else:
        lease.release()


# Few long turns find what many short ones don't: a run that stands still while others come and go.
TURN = st.builds(Turn, st.integers(0, 2), st.integers(1, 15), st.sampled_from([0.0, 0.0, 0.0, 16.0, 31.0, 61.0]))


@given(st.lists(TURN, max_size=40), st.sets(st.tuples(st.integers(0, 2), st.integers(0, 2))))
def test_writes_of_two_runs_never_mix_in_whatever_order_their_steps_come(
    order: list[Turn], crashes: set[tuple[int, int]]
) -> None:
    clock, writes = Clock(), list[Write]()
    turns = Turns(3, clock)

    def runs(number: int) -> None:
        for attempt in range(3):
            lease = Lease(store, KEY, f"run-{number}-{attempt}", clock=clock, monotonic=clock)
            run(lease, writes, crash=(number, attempt) in crashes)

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(3) as pool:
        store = TornStore(Path(folder), turns.pause)
        actors = [pool.submit(turns.act, number, runs) for number in range(3)]
        turns.play(order)
        for actor in actors:
            actor.result()
        clock.now += 61
        store.pause = lambda: None
        with Lease(store, KEY, "last", clock=clock, monotonic=clock) as last:  # nothing is stuck
            assert all(write.generation < last.generation for write in writes)
    assert [write.generation for write in writes] == sorted(write.generation for write in writes)
    assert len({write.generation for write in writes}) == len(set(writes))
