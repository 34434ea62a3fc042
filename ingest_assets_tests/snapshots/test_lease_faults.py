"""A lease among stores, threads and files that fail."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest_assets.errors import BusyError, StoreError
from ingest_assets.snapshots.lease import Lease
from ingest_assets.snapshots.store import FolderStore, open_store
from ingest_assets_tests.snapshots.leases import KEY, LONG, Clock, Faulty, NewLease, file, overwrite


def fail(*_: object) -> None:
    raise StoreError("the store can't be reached")


def crash() -> None:
    raise ZeroDivisionError


def test_beats_renew_the_lease(tmp_path: Path, clock: Clock, lease: NewLease) -> None:
    store = Faulty(tmp_path)
    with lease(store, "run-1", beat=0.01) as held:
        for _ in range(5):
            clock.now += 20
            for _ in range(2):  # the first of them may have begun before the clock was set
                assert store.kept.acquire(timeout=LONG)
        assert held.generation == 1
        with pytest.raises(BusyError, match=r"since 2027-01-15T08:00:00\+00:00.*in 60 s"):
            lease(FolderStore(tmp_path), "run-2").acquire()


def test_a_beat_that_fails_is_made_up_for_by_the_next(tmp_path: Path, lease: NewLease) -> None:
    store, failed = Faulty(tmp_path), threading.Semaphore(0)

    def fail_and_tell() -> None:
        failed.release()
        fail()

    store.before["keep"] = fail_and_tell
    with lease(store, "run-1", beat=0.01) as held:
        assert failed.acquire(timeout=LONG)
        assert failed.acquire(timeout=LONG)
        del store.before["keep"]
        assert store.kept.acquire(timeout=LONG)
        held.ensure()


def test_a_lease_that_a_beat_finds_lost_is_not_waited_for(tmp_path: Path, lease: NewLease) -> None:
    held = lease(FolderStore(tmp_path), "run-1", beat=0.01)
    held.acquire()
    with lease(FolderStore(tmp_path), "run-1"):
        assert held._thread is not None
        held._thread.join(LONG)
        with pytest.raises(BusyError):  # though the last renewal is fresh
            held.ensure()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_writes_renew_the_lease_when_the_thread_has_crashed(tmp_path: Path, clock: Clock, lease: NewLease) -> None:
    store = Faulty(tmp_path)
    store.before["keep"] = crash
    with lease(store, "run-1", beat=0.01) as held:
        assert held._thread is not None
        held._thread.join(LONG)
        del store.before["keep"]
        for _ in range(3):
            clock.now += 31
            held.ensure()
            with pytest.raises(BusyError, match="run-1"):
                lease(FolderStore(tmp_path), "run-2").acquire()


@pytest.mark.parametrize("failing", ["keys", "create"])
def test_a_lease_that_cannot_be_renewed_in_time_is_lost_for_good(
    tmp_path: Path, clock: Clock, failing: str, lease: NewLease
) -> None:
    store = Faulty(tmp_path)
    with lease(store, "run-1") as held:
        store.before[failing] = fail
        clock.now += 30
        held.ensure()
        clock.now += 0.1
        for _ in range(2):
            with pytest.raises(StoreError, match="can't be reached"):
                held.ensure()
        store.before.clear()
        with pytest.raises(StoreError, match="can't be reached"):
            held.ensure()
    with lease(FolderStore(tmp_path), "run-2"):  # the release could be written again
        pass


def test_a_renewal_that_takes_too_long_is_none(tmp_path: Path, clock: Clock, lease: NewLease) -> None:
    store = Faulty(tmp_path)

    def dawdle() -> None:
        clock.now += 31

    with lease(store, "run-1") as held:
        clock.now += 31
        store.before["create"] = dawdle
        with pytest.raises(StoreError, match="too long"):
            held.ensure()


def test_a_renewal_that_came_through_though_its_answer_was_lost_is_ours(
    tmp_path: Path, clock: Clock, lease: NewLease
) -> None:
    class Deaf(Faulty):
        def create(self, key: str, content: bytes) -> bool:
            created = super().create(key, content)
            self.before.pop("after create", lambda: None)()
            return created

    store = Deaf(tmp_path)
    with lease(store, "run-1", beat=0.01) as held:
        store.before["after create"] = fail
        with held._lock:  # no beat sees a part of it
            clock.now += 31
        for _ in range(3):
            assert store.kept.acquire(timeout=LONG)
        held.ensure()
        assert held.generation == 3


def test_a_release_is_borne_by_a_store_that_fails_and_may_be_repeated(
    tmp_path: Path, clock: Clock, lease: NewLease
) -> None:
    store = Faulty(tmp_path)
    held = lease(store, "run-1")
    held.release()
    held.acquire()
    store.before["keep"] = fail
    held.release()
    held.release()
    with pytest.raises(BusyError, match="released"):
        held.ensure()
    with pytest.raises(BusyError, match="run-1"):
        lease(FolderStore(tmp_path), "run-2").acquire()
    clock.now += 60
    with lease(FolderStore(tmp_path), "run-2"):
        held.release()
        with pytest.raises(BusyError, match="run-2"):
            lease(FolderStore(tmp_path), "run-3").acquire()


def test_a_released_lease_has_no_thread_and_no_scratch_file(tmp_path: Path) -> None:
    with Lease(FolderStore(tmp_path), KEY, "run-1", beat=0.01) as held:
        assert held._thread is not None
        assert held._thread.daemon
    assert not held._thread.is_alive()
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == ["0000000001.json"]


@pytest.mark.parametrize("in_the_end", ["held", "released"])
def test_who_was_slow_does_not_hold_a_generation_of_long_ago(tmp_path: Path, in_the_end: str, lease: NewLease) -> None:
    store, others = Faulty(tmp_path), FolderStore(tmp_path)
    last = lease(others, "last")

    def meanwhile() -> None:
        del store.before["create"]
        for number in range(8):
            with lease(others, f"run-{number}"):
                pass
        last.acquire()
        if in_the_end == "released":
            last.release()

    store.before["create"] = meanwhile
    slow = lease(store, "slow")
    if in_the_end == "held":
        with pytest.raises(BusyError, match="last"):
            slow.acquire()
        last.ensure()
    else:
        with slow:
            assert slow.generation == 10


def test_who_may_not_list_the_store_holds_nothing(tmp_path: Path, lease: NewLease) -> None:
    class Unlisted(FolderStore):
        def keys(self, prefix: str) -> Iterator[str]:
            return iter(())

    with pytest.raises(StoreError, match="not listed"):
        lease(Unlisted(tmp_path), "run-1").acquire()


def test_a_store_out_of_reach_is_told(tmp_path: Path, lease: NewLease) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(StoreError, match="INGEST_ASSETS_STORE"):
        lease(FolderStore(tmp_path / "file"), "run-1").acquire()


DAMAGED = [
    b"",
    b"{",
    b"null",
    b'{"format": 2, "ends": "2027-01-15"}',
    b'{"format":1,"holder":"a","token":"t","host":"h","pid":1,"taken":0,"expires":NaN,"released":false}',
    b'{"format":1,"holder":"a","token":"t","host":"h","pid":1,"taken":0,"expires":1e300,"released":false}',
    b'{"format":1,"holder":"a","token":"t","host":"h","pid":1,"taken":0,"expires":0,"released":"yes"}',
]


@pytest.mark.parametrize("content", DAMAGED)
def test_a_file_that_cannot_be_read_is_held_until_it_stayed_the_same_for_a_lifetime(
    tmp_path: Path, clock: Clock, lease: NewLease, content: bytes
) -> None:
    store = FolderStore(tmp_path)
    overwrite(store, file(7), content)
    clock.now += 3600  # how old it was when it was first met says nothing
    for seconds in (0, 30, 30):
        clock.now += seconds
        with pytest.raises(BusyError, match=r"0000000007.json is damaged.*60 s"):
            lease(store, "run-1").acquire()
    clock.now += 1
    with lease(store, "run-1") as held:
        assert held.generation == 8


def test_a_file_renewed_in_an_unknown_format_is_held_on_and_on(address: str, clock: Clock, lease: NewLease) -> None:
    store = open_store(address)
    for beat in range(12):
        overwrite(store, file(1), b'{"format": 2, "beats": %d}' % beat)
        with pytest.raises(BusyError, match="newer version"):
            lease(store, "run-1").acquire()
        clock.now += 15
    clock.now += 60
    with lease(store, "run-1") as held:
        assert held.generation == 2


def test_what_was_noted_of_unreadable_files_is_cleared(tmp_path: Path, clock: Clock, lease: NewLease) -> None:
    store = FolderStore(tmp_path)
    overwrite(store, file(1), b"damaged")
    with pytest.raises(BusyError):
        lease(store, "run-1").acquire()
    clock.now += 61
    for number in range(6):
        with lease(store, f"run-{number}"):
            pass
    assert list(store.keys(KEY)) == [file(number) for number in range(4, 8)]


def test_a_holder_writes_its_damaged_file_anew(tmp_path: Path, lease: NewLease) -> None:
    store = Faulty(tmp_path)
    with lease(store, "run-1", beat=0.01) as held:
        overwrite(FolderStore(tmp_path), file(1), b"damaged")
        for _ in range(3):
            assert store.kept.acquire(timeout=LONG)
        with pytest.raises(BusyError, match="run-1"):
            lease(FolderStore(tmp_path), "run-2").acquire()
        held.ensure()


@pytest.mark.parametrize("noticed", [True, False])
def test_a_store_that_was_cleared_is_not_filled_again(
    address: str, clock: Clock, lease: NewLease, noticed: bool
) -> None:
    held, others = lease(open_store(address), "run-1"), open_store(address)
    held.acquire()
    others.remove(file(1))
    if noticed:
        clock.now += 31
        with pytest.raises(BusyError, match="was removed"):
            held.ensure()
    held.release()
    assert list(others.keys(KEY)) == []


def test_a_holder_whose_file_another_one_replaced_has_lost_it(address: str, clock: Clock, lease: NewLease) -> None:
    # As in an S3 that ignores If-None-Match, when both create at the very same time.
    store = open_store(address)
    first, second = lease(store, "run-1"), Lease(store, "elsewhere", "run-2", clock=clock, monotonic=clock)
    first.acquire()
    with second:
        overwrite(store, file(1), store.fetch("elsewhere/0000000001.json").read_bytes())
        clock.now += 31
        with pytest.raises(BusyError, match="run-2"):
            first.ensure()
