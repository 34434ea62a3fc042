"""What runs removed from a server, so that it can be brought back, and so that what was brought back stays."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable
from typing import NamedTuple

from ingest_assets.catalog import EntityKey, EntityType
from ingest_assets.snapshots.server_rows import span, within

TABLES = """
CREATE TABLE IF NOT EXISTS removals (
    fqn TEXT, type TEXT, id TEXT NOT NULL, run TEXT NOT NULL, done INTEGER NOT NULL, PRIMARY KEY (fqn, type)
) WITHOUT ROWID;
"""

_THIS = "fqn = ? AND type = ?"


class Removal(NamedTuple):
    """An entity that a run removed from the server.

    Attributes:
        id: Its id; empty where only a bulk answer acknowledged it, which doesn't tell ids.
        run: Id of the run.
        done: Whether it is known to have been removed; else the run that meant to was cut off.
    """

    fqn: str
    type: str
    id: str
    run: str
    done: bool

    @property
    def key(self) -> EntityKey:
        """What it is known by."""
        return EntityKey(EntityType(self.type), self.fqn)


class Removals:
    """The table of a ledger that holds removals. Safe to share among threads.

    Args:
        db: The ledger's connection.
        lock: The ledger's lock.
    """

    def __init__(self, db: sqlite3.Connection, lock: threading.RLock) -> None:
        self._db = db
        self._lock = lock

    def get(self, key: EntityKey) -> Removal | None:
        """Our removal of an entity, if the source has not shown it since."""
        with self._lock:
            row = self._db.execute(f"SELECT * FROM removals WHERE {_THIS}", (key.fqn, key.type.value)).fetchone()  # noqa: S608
        return _removal(row) if row else None

    def of(self, run: str) -> list[Removal]:
        """What a run removed, or may have removed before it was cut off, parents first."""
        with self._lock:
            rows = self._db.execute("SELECT * FROM removals WHERE run = ? ORDER BY length(fqn), fqn", (run,))
            return list(map(_removal, rows))

    def intend(self, removals: Iterable[Removal]) -> None:
        """Note what may be removed by this run; removals that are known stay as they are."""
        with self._lock, self._db:
            self._db.executemany("INSERT OR IGNORE INTO removals VALUES (?, ?, ?, ?, ?)", removals)

    def note(self, removal: Removal) -> None:
        """Note that the server has acknowledged a removal."""
        with self._lock, self._db:
            self._db.execute("INSERT OR REPLACE INTO removals VALUES (?, ?, ?, ?, ?)", removal)

    def forget(self, key: EntityKey) -> None:
        """Forget that we removed an entity: the source has it again, or it is gone for good."""
        with self._lock, self._db:
            self._db.execute(f"DELETE FROM removals WHERE {_THIS}", (key.fqn, key.type.value))  # noqa: S608

    def forget_below(self, key: EntityKey) -> None:
        """Forget what we removed below an entity that we restored: it came back with it, and nobody asked for it."""
        query = f"DELETE FROM removals WHERE fqn <> ? AND {within(key)}"  # noqa: S608  # a condition of ours
        with self._lock, self._db:
            self._db.execute(query, (key.fqn, *span(key)))

    def forget_intended(self, run: str) -> None:
        """Forget what a run did not remove after all."""
        with self._lock, self._db:
            self._db.execute("DELETE FROM removals WHERE run = ? AND NOT done", (run,))

    def settle(self) -> None:
        """Judge what runs meant to remove that were cut off, by what the server holds: it is gone, or it never went."""
        with self._lock, self._db:
            gone = "SELECT fqn, type FROM server WHERE deleted"
            self._db.execute(f"UPDATE removals SET done = 1 WHERE (fqn, type) IN ({gone})")  # noqa: S608  # ours
            self._db.execute("DELETE FROM removals WHERE NOT done")

    def brought_back(self) -> list[Removal]:
        """What was removed, and is on the server all the same."""
        with self._lock:
            query = "SELECT removals.* FROM removals JOIN server USING (fqn, type) WHERE NOT server.deleted"
            rows = self._db.execute(query)
            return list(map(_removal, rows))

    def brought_back_below(self, key: EntityKey) -> bool:
        """Whether anything below an entity was removed by us, and brought back by somebody."""
        query = (
            "SELECT 1 FROM removals JOIN server USING (fqn, type) "  # noqa: S608  # a condition of ours
            f"WHERE NOT server.deleted AND fqn <> ? AND {within(key)}"
        )
        with self._lock:
            return self._db.execute(query, (key.fqn, *span(key))).fetchone() is not None


def _removal(row: tuple[str, str, str, str, int]) -> Removal:
    return Removal._make(row)._replace(done=bool(row[4]))
