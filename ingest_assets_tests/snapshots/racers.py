"""What processes of their own do with a lease; they load nothing else of the tests."""

from __future__ import annotations

import os
from contextlib import suppress
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from typing import NamedTuple

from ingest_assets.errors import BusyError
from ingest_assets.snapshots.lease import Lease
from ingest_assets.snapshots.store import open_store
from ingest_assets_tests.snapshots.leases import KEY, LONG

ROUNDS = 12


class Try(NamedTuple):
    """What became of one process's try in one round; generation 0 if it was refused."""

    round: int
    process: int
    generation: int


def compete(address: str, number: int, start: Barrier, results: SimpleQueue[Try]) -> None:
    store = open_store(address)
    for attempt in range(ROUNDS):
        start.wait(LONG)
        wanted = Lease(store, KEY, f"run-{number}")
        with suppress(BusyError):
            wanted.acquire()
            wanted.ensure()
        results.put(Try(attempt, number, wanted.generation))
        start.wait(LONG)
        wanted.release()


def die_holding(address: str) -> None:
    Lease(open_store(address), KEY, "run-killed").acquire()
    os._exit(9)


def end_holding(address: str) -> None:
    Lease(open_store(address), KEY, "run-ended").acquire()
