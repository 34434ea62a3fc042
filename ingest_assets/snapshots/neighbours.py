"""What was found in other services, by what a source calls it, so that it is not asked for night after night."""

from __future__ import annotations

import sqlite3
import threading

from ingest_assets.catalog import EntityKey

TABLES = """
CREATE TABLE IF NOT EXISTS neighbours (wanted TEXT PRIMARY KEY, found TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS neighbour_ids (key TEXT PRIMARY KEY, id TEXT NOT NULL) WITHOUT ROWID;
"""


class NeighbourRows:
    """The tables of a ledger that hold what was found elsewhere. Safe to share among threads.

    Args:
        db: The ledger's connection.
        lock: The ledger's lock.
    """

    def __init__(self, db: sqlite3.Connection, lock: threading.RLock) -> None:
        self._db = db
        self._lock = lock

    def get(self, wanted: str) -> str | None:
        """What was found, as it was noted."""
        with self._lock:
            row = self._db.execute("SELECT found FROM neighbours WHERE wanted = ?", (wanted,)).fetchone()
        return str(row[0]) if row else None

    def note(self, wanted: str, found: str, key: EntityKey, entity_id: str) -> None:
        """Note what was found, and its key and id."""
        with self._lock, self._db:
            self._db.execute("INSERT OR REPLACE INTO neighbours VALUES (?, ?)", (wanted, found))
            self._db.execute("INSERT OR REPLACE INTO neighbour_ids VALUES (?, ?)", (str(key), entity_id))

    def id_of(self, key: EntityKey) -> str | None:
        """The id of what was found elsewhere, however long ago."""
        with self._lock:
            row = self._db.execute("SELECT id FROM neighbour_ids WHERE key = ?", (str(key),)).fetchone()
        return str(row[0]) if row else None

    def drop(self, wanted: str) -> None:
        """Forget one of them, which is no longer there."""
        with self._lock, self._db:
            self._db.execute("DELETE FROM neighbours WHERE wanted = ?", (wanted,))

    def forget(self) -> None:
        """Forget all of it, as whenever everything on the server is looked at anew; but not the ids of edges' ends."""
        with self._lock, self._db:
            self._db.execute("DELETE FROM neighbours")
            self._db.execute(
                "DELETE FROM neighbour_ids WHERE key NOT IN (SELECT source FROM edges UNION SELECT target FROM edges)"
            )
