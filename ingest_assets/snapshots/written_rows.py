"""What we last wrote, entity by entity, and what runs meant to write that were cut off."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable
from typing import NamedTuple

from ingest_assets.catalog import EntityKey, EntityType

_COLUMNS = """
    fqn TEXT, type TEXT, path TEXT, fingerprint TEXT, written TEXT NOT NULL DEFAULT '',
    intended TEXT NOT NULL DEFAULT '', intended_fingerprint TEXT, PRIMARY KEY (fqn, type)
"""


class Written(NamedTuple):
    """What is known of an entity that we write.

    Attributes:
        fqn: Its FQN on the server.
        type: OpenMetadata's entity type.
        path: JSON of its path, as the source spells it.
        fingerprint: Of what the server last acknowledged; None: nothing yet.
        written: Marks of what is ours there.
        intended: Marks of what was about to be written, by runs that were cut off before the server acknowledged it.
        intended_fingerprint: Of the last of them.
    """

    fqn: str
    type: str
    path: str | None
    fingerprint: str | None
    written: str = ""
    intended: str = ""
    intended_fingerprint: str | None = None

    @property
    def key(self) -> EntityKey:
        """What it is known by."""
        return EntityKey(EntityType(self.type), self.fqn)


class WrittenRows:
    """A table of a ledger about what was written. Safe to share among threads.

    Args:
        db: The ledger's connection; the table is added to a ledger that was written before there was one.
        lock: The ledger's lock.
        table: Its name.
    """

    def __init__(self, db: sqlite3.Connection, lock: threading.RLock, table: str) -> None:
        self._db = db
        self._lock = lock
        self._table = table
        db.executescript(f"CREATE TABLE IF NOT EXISTS {table} ({_COLUMNS}) WITHOUT ROWID;")

    def get(self, key: EntityKey) -> Written | None:
        """What is known of an entity."""
        query = f"SELECT * FROM {self._table} WHERE fqn = ? AND type = ?"  # noqa: S608  # a name of ours
        with self._lock:
            row = self._db.execute(query, (key.fqn, key.type.value)).fetchone()
        return Written(*row) if row else None

    def intend(self, entities: Iterable[Written]) -> None:
        """Note what is about to be written, beside what was intended before and never acknowledged."""
        with self._lock, self._db:
            self._db.executemany(
                f"INSERT INTO {self._table} VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (fqn, type) DO UPDATE SET "  # noqa: S608
                "intended = united(intended, excluded.intended), "
                "intended_fingerprint = excluded.intended_fingerprint",
                (each._replace(fingerprint=None, written="") for each in entities),
            )

    def forget(self, keys: Iterable[EntityKey]) -> None:
        """Forget entities that are not what they were."""
        with self._lock, self._db:
            self._db.executemany(
                f"DELETE FROM {self._table} WHERE fqn = ? AND type = ?",  # noqa: S608
                ((key.fqn, key.type.value) for key in keys),
            )

    def acknowledge(self, entities: Iterable[Written]) -> None:
        """Note what the server has taken; with it, what was intended has come true or doesn't matter any more."""
        with self._lock, self._db:
            self._db.executemany(
                f"INSERT OR REPLACE INTO {self._table} VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
                (each._replace(intended="", intended_fingerprint=None) for each in entities),
            )
