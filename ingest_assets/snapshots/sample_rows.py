"""Which messages a topic shows already: of the messages themselves, only a digest is kept."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Sequence

from ingest_assets.catalog import EntityKey

TABLES = """
CREATE TABLE IF NOT EXISTS samples (key TEXT PRIMARY KEY, shown TEXT NOT NULL) WITHOUT ROWID;
"""
_DIGEST_BYTES = 16


class SampleRows:
    """The table of a ledger about sample messages. Safe to share among threads.

    Args:
        db: The ledger's connection.
        lock: The ledger's lock.
    """

    def __init__(self, db: sqlite3.Connection, lock: threading.RLock) -> None:
        self._db = db
        self._lock = lock

    def note(self, key: EntityKey, entity_id: str, messages: Sequence[str]) -> None:
        """Note what the topic of an id shows."""
        with self._lock, self._db:
            row = (str(key), _digest(entity_id, messages))
            self._db.execute("INSERT OR REPLACE INTO samples VALUES (?, ?)", row)

    def shows(self, key: EntityKey, entity_id: str, messages: Sequence[str]) -> bool:
        """Whether the topic of an id shows these messages; one that was made anew shows none."""
        with self._lock:
            row = self._db.execute("SELECT shown FROM samples WHERE key = ?", (str(key),)).fetchone()
        return row is not None and row[0] == _digest(entity_id, messages)


def _digest(entity_id: str, messages: Sequence[str]) -> str:
    told = hashlib.blake2b(entity_id.encode(), digest_size=_DIGEST_BYTES)
    for message in messages:
        # With its length: two messages are not one that holds both.
        text = message.encode("utf-8", "surrogatepass")
        told.update(len(text).to_bytes(8, "big") + text)
    return told.hexdigest()
