"""How often things were looked at, ever, when that was last asked, and what of it the server was told for which day."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from ingest_assets.catalog import EntityKey

_TABLES = """
CREATE TABLE IF NOT EXISTS usage (
    key TEXT PRIMARY KEY, total INTEGER NOT NULL, seen REAL NOT NULL, day TEXT, counted INTEGER NOT NULL,
    told INTEGER NOT NULL
) WITHOUT ROWID;
"""


class Views(NamedTuple):
    """What is known of how often something was looked at.

    Attributes:
        total: How often, ever.
        seen: When the snapshot was begun that said so, in seconds since the epoch.
        day: The last day for which there is a count; None: there is none yet.
        counted: How often on that day.
        told: Whether the server has acknowledged it. A server that was only asked may have it as well.
    """

    total: int
    seen: float
    day: date | None = None
    counted: int = 0
    told: bool = True

    def after(self, total: int, seen: float, today: date) -> Views:
        """What is known once a snapshot has said how often it was looked at by then.

        A total that shrank is a new beginning: the thing was made anew, or the service was restored. A snapshot that is
        older than what is known tells nothing: a step may be run again for an earlier run.
        """
        if seen < self.seen or total == self.total:
            return self
        if total < self.total:
            return self._replace(total=total, seen=seen)
        # A clock that runs behind must not begin a day again that has a count already.
        day = max(today, self.day or today)
        before = self.counted if day == self.day else 0
        return Views(total, seen, day, before + total - self.total, told=False)


class UsageRows:
    """The table of a ledger about usage. Safe to share among threads.

    Args:
        db: The ledger's connection; the table is added to a ledger that was written before there was one.
        lock: The ledger's lock.
    """

    def __init__(self, db: sqlite3.Connection, lock: threading.RLock) -> None:
        self._db = db
        self._lock = lock
        self._db.executescript(_TABLES)

    def get(self, key: EntityKey) -> Views | None:
        """What is known of something."""
        query = "SELECT total, seen, day, counted, told FROM usage WHERE key = ?"
        with self._lock:
            row = self._db.execute(query, (str(key),)).fetchone()
        if row is None:
            return None
        total, seen, day, counted, told = row
        return Views(total, seen, date.fromisoformat(day) if day else None, counted, bool(told))

    def note(self, known: Iterable[tuple[EntityKey, Views]]) -> None:
        """Note what is known."""
        rows = (
            (str(key), each.total, each.seen, each.day.isoformat() if each.day else None, each.counted, each.told)
            for key, each in known
        )
        with self._lock, self._db:
            self._db.executemany("INSERT OR REPLACE INTO usage VALUES (?, ?, ?, ?, ?, ?)", rows)
