"""Which words a server was last seen to have: a label without its word would cost the entity that bears it."""

from __future__ import annotations

import sqlite3
import threading

from ingest_assets.catalog import EntityKey

TABLES = """
CREATE TABLE IF NOT EXISTS words (key TEXT PRIMARY KEY, live INTEGER NOT NULL) WITHOUT ROWID;
"""


class WordRows:
    """The table of a ledger about tags and terms. Safe to share among threads.

    Args:
        db: The ledger's connection.
        lock: The ledger's lock.
    """

    def __init__(self, db: sqlite3.Connection, lock: threading.RLock) -> None:
        self._db = db
        self._lock = lock

    def note(self, key: EntityKey, *, live: bool) -> None:
        """Note whether the server has a word, and it is not soft-deleted."""
        with self._lock, self._db:
            self._db.execute("INSERT OR REPLACE INTO words VALUES (?, ?)", (str(key), live))

    def is_live(self, key: EntityKey) -> bool | None:
        """Whether the server has a word; None: no run has asked yet."""
        with self._lock:
            row = self._db.execute("SELECT live FROM words WHERE key = ?", (str(key),)).fetchone()
        return bool(row[0]) if row else None
