"""What following queries came to, kept from one run to the next."""

from __future__ import annotations

import sqlite3
import threading
import time
import zlib
from collections.abc import Callable

MOST = 64_000_000
"""Bytes that are kept; those that were not asked for the longest go first. Each step of a run copies the ledger."""

_LONGEST = 1 << 17
_DAY = 86_400
_NOTED_EVERY = 7 * _DAY  # a ledger in which nothing changes is not written again
_KEPT_FOR = 60 * _DAY


class QueryRows:
    """The table of a ledger about queries. Safe to share among threads.

    Args:
        db: The ledger's connection.
        lock: The ledger's lock.
        clock: Seconds since 1970.
    """

    def __init__(self, db: sqlite3.Connection, lock: threading.RLock, clock: Callable[[], float] = time.time) -> None:
        self._db = db
        self._lock = lock
        self._clock = clock
        db.executescript(
            "CREATE TABLE IF NOT EXISTS queries (key TEXT PRIMARY KEY, asked INTEGER NOT NULL, told BLOB NOT NULL) "
            "WITHOUT ROWID;"
        )

    def get(self, key: str) -> str | None:
        """What was put there last; None if it is gone, or can't be read: nothing depends on it."""
        now = int(self._clock())
        with self._lock:
            # Compared and cast by SQLite, which keeps whatever it was given in a column of any type.
            query = "SELECT asked < ?, CAST(told AS BLOB) FROM queries WHERE key = ?"
            row = self._db.execute(query, (now - _NOTED_EVERY, key)).fetchone()
            if row is not None and row[0]:
                self._db.execute("UPDATE queries SET asked = ? WHERE key = ?", (now, key))
        try:
            return zlib.decompress(row[1]).decode() if row else None
        except (zlib.error, UnicodeDecodeError):
            return None

    def put(self, key: str, text: str) -> None:
        """Keep a text, unless it is longer than any query of people."""
        told = zlib.compress(text.encode(), 1)
        if len(told) <= _LONGEST:
            with self._lock:
                row = (key, int(self._clock()), told)
                self._db.execute("INSERT OR REPLACE INTO queries VALUES (?, ?, ?)", row)

    def prune(self) -> None:
        """Forget what nobody has asked for in a long time, and what is too much."""
        together = "SELECT key, sum(length(told)) OVER (ORDER BY asked DESC, key) AS bytes FROM queries"
        with self._lock, self._db:
            self._db.execute("DELETE FROM queries WHERE asked < ?", (int(self._clock()) - _KEPT_FOR,))
            too_much = f"SELECT key FROM ({together}) WHERE bytes > ?"  # noqa: S608  # ours
            self._db.execute(f"DELETE FROM queries WHERE key IN ({too_much})", (MOST,))  # noqa: S608  # ours

    def clear(self) -> None:
        """Forget all."""
        with self._lock, self._db:
            self._db.execute("DELETE FROM queries")
