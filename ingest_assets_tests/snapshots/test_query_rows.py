"""What a ledger keeps of queries, and what it forgets."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import zlib

import pytest

from ingest_assets.snapshots import query_rows
from ingest_assets.snapshots.query_rows import QueryRows

DAY = 86_400


class Clock:
    """Seconds since 1970, as told."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def db() -> sqlite3.Connection:
    return sqlite3.connect(":memory:")


@pytest.fixture
def rows(db: sqlite3.Connection, clock: Clock) -> QueryRows:
    return QueryRows(db, threading.RLock(), clock)


def test_a_text_comes_back_until_another_one_takes_its_place(rows: QueryRows) -> None:
    assert rows.get("a") is None
    for text in ("", "select 'ü'", "x" * 100_000):
        rows.put("a", text)
        assert rows.get("a") == text
    rows.clear()
    assert rows.get("a") is None


def test_what_is_asked_for_stays_and_what_nobody_asks_for_goes(rows: QueryRows, clock: Clock) -> None:
    rows.put("asked", "1")
    rows.put("left", "2")
    for _ in range(10):
        clock.now += 10 * DAY
        assert rows.get("asked") == "1"
        rows.prune()
    assert rows.get("left") is None


def test_asking_changes_nothing_so_soon(rows: QueryRows, db: sqlite3.Connection, clock: Clock) -> None:
    """A ledger in which nothing has changed is not kept again."""
    rows.put("a", "1")
    rows.prune()
    before = db.total_changes
    clock.now += DAY
    rows.get("a")
    rows.prune()
    assert db.total_changes == before


def test_of_too_many_those_go_that_were_not_asked_for_the_longest(
    rows: QueryRows, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query_rows, "MOST", 3 * len(zlib.compress(b"", 1)))
    for number in range(5):
        rows.put(f"{number}", "")
        clock.now += 1
    rows.prune()
    assert [number for number in range(5) if rows.get(f"{number}") is not None] == [2, 3, 4]


@pytest.mark.parametrize("asked", ["'never'", "x'00'", "1e300", "-1"])
@pytest.mark.parametrize("told", ["'text'", "7", "x''"])
def test_a_row_of_other_types_is_not_there(rows: QueryRows, db: sqlite3.Connection, asked: str, told: str) -> None:
    rows.put("a", "1")
    db.execute(f"UPDATE queries SET asked = {asked}, told = {told}")  # noqa: S608  # ours
    assert rows.get("a") is None
    rows.prune()
    rows.put("a", "2")
    assert rows.get("a") == "2"


def test_what_is_damaged_or_too_long_is_not_there(rows: QueryRows, db: sqlite3.Connection) -> None:
    rows.put("a", "1")
    db.execute("UPDATE queries SET told = x'00ff'")
    assert rows.get("a") is None
    rows.put("b", "".join(hashlib.sha256(b"%d" % number).hexdigest() for number in range(70_000)))
    assert rows.get("b") is None
