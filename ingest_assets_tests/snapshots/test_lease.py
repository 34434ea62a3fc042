"""One run holds the lease; the others are told, and come next."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from ingest_assets.errors import BusyError
from ingest_assets.snapshots.store import FolderStore, open_store
from ingest_assets_tests.snapshots.leases import KEY, Clock, NewLease, file


@pytest.fixture
def folder(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path)


def test_a_second_run_is_refused_and_told_who_holds_it_since_when_and_until_when(
    address: str, clock: Clock, lease: NewLease
) -> None:
    with lease(open_store(address), "run-1") as first:
        first.ensure()
        clock.now += 10
        second = lease(open_store(address), "run-2")
        with pytest.raises(BusyError) as refused:
            second.acquire()
        assert second.generation == 0
    for told in (
        f"Run run-1 on {socket.gethostname()} (process {os.getpid()})",
        "since 2027-01-15T08:00:00+00:00",
        "ends at 2027-01-15T08:01:00+00:00, in 50 s",
        "Wait until it ends, or stop it",
        KEY,
    ):
        assert told in str(refused.value)


def test_after_a_release_the_next_run_takes_it_at_once(address: str, lease: NewLease) -> None:
    for generation in range(1, 4):
        with lease(open_store(address), f"run-{generation}") as held:
            held.ensure()
            assert held.generation == generation


def test_a_refused_run_may_try_again(folder: FolderStore, lease: NewLease) -> None:
    first, second = (lease(folder, holder) for holder in ("run-1", "run-2"))
    first.acquire()
    with pytest.raises(BusyError):
        second.acquire()
    first.release()
    with second:
        second.ensure()


def test_a_lease_that_nobody_renews_ends_after_its_lifetime_and_not_before(
    address: str, clock: Clock, lease: NewLease
) -> None:
    lease(open_store(address), "run-1").acquire()
    clock.now += 59.9
    with pytest.raises(BusyError, match=r"run-1 .*in 0 s"):
        lease(open_store(address), "run-2").acquire()
    clock.now += 0.1
    with lease(open_store(address), "run-2") as second:
        assert second.generation == 2


def test_a_new_process_of_the_same_run_takes_it_at_once_and_the_old_one_has_lost_it(
    address: str, clock: Clock, lease: NewLease
) -> None:
    before = lease(open_store(address), "run-1")
    before.acquire()
    with lease(open_store(address), "run-1") as retried:
        assert retried.generation == 2
        clock.now += 31
        retried.ensure()
        with pytest.raises(BusyError, match="run-1"):
            before.ensure()


def test_a_lost_lease_is_noticed_before_the_next_write_and_never_comes_back(
    address: str, clock: Clock, lease: NewLease
) -> None:
    first, second = (lease(open_store(address), holder) for holder in ("run-1", "run-2"))
    first.acquire()
    clock.now += 60
    second.acquire()
    with pytest.raises(BusyError, match=r"run-2 .*Nothing more is written"):
        first.ensure()
    first.release()  # does nothing to the lease of the other one
    with pytest.raises(BusyError, match="run-2"):
        lease(open_store(address), "run-3").acquire()
    second.release()
    with pytest.raises(BusyError):
        first.ensure()


@pytest.mark.parametrize(("slept", "ticked"), [(3600, 0), (-3600, 3600)])
def test_a_host_that_slept_goes_on_if_nobody_came_meanwhile(
    folder: FolderStore, clock: Clock, lease: NewLease, slept: float, ticked: float
) -> None:
    ticks = Clock()
    with lease(folder, "run-1", monotonic=ticks) as held:
        clock.now += slept
        ticks.now += ticked
        held.ensure()
        assert held.generation == 2
        with pytest.raises(BusyError, match="run-1"):
            lease(folder, "run-2").acquire()


def test_a_host_that_slept_has_lost_it_to_a_run_that_came_and_went_meanwhile(
    folder: FolderStore, clock: Clock, lease: NewLease
) -> None:
    with lease(folder, "run-1") as held:
        clock.now += 60
        with lease(folder, "run-2"):
            pass
        with pytest.raises(BusyError, match="run-2"):
            held.ensure()
    assert list(folder.keys(KEY)) == [file(1), file(2)]


def test_the_number_never_goes_back_and_the_row_stays_short(address: str, lease: NewLease) -> None:
    store = open_store(address)
    for number in range(1, 13):
        with lease(store, f"run-{number}") as held:
            assert held.generation == number
    assert list(store.keys(KEY)) == [file(9), file(10), file(11), file(12)]
