"""What a server holds of one service, by FQN: learnt by listing it, kept up by its change events and our own writes."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ingest_assets.catalog import EntityKey, EntityType

_COLUMNS = """(
    fqn TEXT, type TEXT, parent TEXT NOT NULL, id TEXT, source_hash TEXT,
    deleted INTEGER NOT NULL, held TEXT NOT NULL, updated_at INTEGER NOT NULL, PRIMARY KEY (fqn, type)
) WITHOUT ROWID;
"""
TABLES = f"""
CREATE TABLE IF NOT EXISTS server {_COLUMNS}
CREATE INDEX IF NOT EXISTS server_by_parent ON server (type, parent);
CREATE TABLE IF NOT EXISTS events (moment INTEGER, key TEXT, PRIMARY KEY (moment, key)) WITHOUT ROWID;
"""
_TEMPORARY = f"""
CREATE TEMP TABLE IF NOT EXISTS listed {_COLUMNS}
CREATE TEMP TABLE IF NOT EXISTS before {_COLUMNS}
"""
_ROWS_AT_ONCE = 1000
_ABSENT = -1  # in the place of ``deleted``
_WIDTH = 8  # columns


class ServerRow(NamedTuple):
    """One entity of the server.

    Attributes:
        type: OpenMetadata's entity type.
        parent: FQN of the parent; empty for a service.
        id: Its id; None where only a bulk answer acknowledged it, which doesn't tell ids.
        source_hash: As last stored; None on servers before 1.2.
        deleted: Whether it is soft-deleted.
        held: Marks of the values that people may set on it.
        updated_at: When the server last changed it, in milliseconds since the epoch; 0 where it didn't tell.
    """

    fqn: str
    type: str
    parent: str
    id: str | None
    source_hash: str | None
    deleted: bool
    held: str
    updated_at: int = 0

    @property
    def key(self) -> EntityKey:
        """What it is known by."""
        return EntityKey(EntityType(self.type), self.fqn)


class Difference(NamedTuple):
    """An entity whose state was found to be another than was known; None: it was not there, or is not any more."""

    key: EntityKey
    before: ServerRow | None
    after: ServerRow | None

    def __str__(self) -> str:
        """For people: the FQN and what became of it."""
        return f"{self.key.fqn} ({self._what()})"

    def _what(self) -> str:
        if self.before is None:
            return "made"
        if self.after is None:
            return "deleted for good"
        if self.before.deleted != self.after.deleted:
            return "deleted" if self.after.deleted else "restored"
        return "edited"


class ServerRows:
    """The table of a ledger that holds the server's state. Safe to share among threads.

    Args:
        db: The ledger's connection.
        lock: The ledger's lock.
    """

    def __init__(self, db: sqlite3.Connection, lock: threading.RLock) -> None:
        self._db = db
        self._lock = lock
        self._db.executescript(_TEMPORARY)

    def get(self, key: EntityKey) -> ServerRow | None:
        """The row of an entity."""
        query = "SELECT * FROM server WHERE fqn = ? AND type = ?"
        with self._lock:
            row = self._db.execute(query, (key.fqn, key.type.value)).fetchone()
        return _row(row) if row else None

    def is_live(self, key: EntityKey) -> bool:
        """Whether the server has an entity, and it is not soft-deleted."""
        row = self.get(key)
        return row is not None and not row.deleted

    def put(self, rows: Iterable[ServerRow]) -> None:
        """Add or replace rows; an id that is None leaves the one that is known."""
        with self._lock, self._db:
            self._db.executemany(
                "INSERT INTO server VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (fqn, type) DO UPDATE SET "
                "parent = excluded.parent, id = coalesce(excluded.id, id), "
                "source_hash = excluded.source_hash, deleted = excluded.deleted, held = excluded.held, "
                "updated_at = max(updated_at, excluded.updated_at)",
                rows,
            )

    def add_listed(self, rows: Iterable[ServerRow]) -> None:
        """Note rows of a listing that is under way; the listings of several databases may call this at once."""
        with self._lock, self._db:
            self._db.executemany("INSERT OR REPLACE INTO listed VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def start(self) -> None:
        """Begin to note what differs from what is known now."""
        with self._lock, self._db:
            self._db.execute("DELETE FROM listed")
            self._db.execute("DELETE FROM before")

    def take_listing(self) -> None:
        """Put the rows of a listing that came to its end in the place of all that was known."""
        with self._lock, self._db:
            self._db.execute("INSERT OR IGNORE INTO before SELECT * FROM server")
            absent = f"SELECT fqn, type, parent, NULL, NULL, {_ABSENT}, '', 0 FROM listed"  # noqa: S608  # a number of ours
            self._db.execute(f"INSERT OR IGNORE INTO before {absent}")
            self._db.execute("DELETE FROM server")
            self._db.execute("INSERT INTO server SELECT * FROM listed")
            self._db.execute("DELETE FROM listed")

    def remember(self, key: EntityKey) -> None:
        """Remember what is known of an entity, and of all below it, before an event changes it."""
        absent = (key.fqn, key.type.value, _ABSENT)
        with self._lock, self._db:
            self._db.execute(f"INSERT OR IGNORE INTO before SELECT * FROM server WHERE {within(key)}", span(key))  # noqa: S608
            self._db.execute("INSERT OR IGNORE INTO before VALUES (?, ?, '', NULL, NULL, ?, '', 0)", absent)

    def is_news(self, moment: int, key: str) -> bool:
        """Note an event; whether it was not noted before."""
        with self._lock, self._db:
            return bool(self._db.execute("INSERT OR IGNORE INTO events VALUES (?, ?)", (moment, key)).rowcount)

    def forget_events(self, before: int) -> None:
        """Forget events before a moment, which will not be read again."""
        with self._lock, self._db:
            self._db.execute("DELETE FROM events WHERE moment < ?", (before,))

    def replaced(self) -> list[EntityKey]:
        """What was deleted for good and made anew under the same FQN since it was started to note."""
        query = (
            "SELECT type, fqn FROM before AS known JOIN server USING (fqn, type) "
            "WHERE known.id IS NOT NULL AND server.id IS NOT NULL AND known.id <> server.id"
        )
        with self._lock:
            return [EntityKey(EntityType(kind), fqn) for kind, fqn in self._db.execute(query)]

    def differences(self) -> Iterator[Difference]:
        """What is known now and was not when it was started to note; nothing must be written meanwhile."""
        query = (
            "SELECT known.*, server.* FROM before AS known "
            "LEFT JOIN server ON server.fqn = known.fqn AND server.type = known.type "
            "WHERE known.deleted <> coalesce(server.deleted, ?) "
            "OR known.deleted <> ? AND (known.source_hash IS NOT server.source_hash OR known.held <> server.held) "
            "ORDER BY known.fqn, known.type"
        )
        with self._lock:
            for row in self._db.execute(query, (_ABSENT, _ABSENT)):
                before, after = row[:_WIDTH], row[_WIDTH:]
                was = None if before[5] == _ABSENT else _row(before)
                key = EntityKey(EntityType(before[1]), before[0])
                yield Difference(key, was, None if after[0] is None else _row(after))

    def remove(self, key: EntityKey) -> None:
        """Forget an entity that is gone for good, and all below it."""
        with self._lock, self._db:
            self._db.execute(f"DELETE FROM server WHERE {within(key)}", span(key))  # noqa: S608

    def mark(self, key: EntityKey, *, deleted: bool) -> None:
        """Note that an entity was soft-deleted or restored, and with it all below it."""
        with self._lock, self._db:
            self._db.execute(f"UPDATE server SET deleted = ? WHERE {within(key)}", (deleted, *span(key)))  # noqa: S608

    def children(self, kind: str, parent: str) -> Iterator[ServerRow]:
        """Entities of a type below a parent, soft-deleted ones too, in order."""
        after = ""
        query = "SELECT * FROM server WHERE type = ? AND parent = ? AND fqn > ? ORDER BY fqn LIMIT ?"
        while True:
            with self._lock:
                rows = self._db.execute(query, (kind, parent, after, _ROWS_AT_ONCE)).fetchall()
            yield from map(_row, rows)
            if len(rows) < _ROWS_AT_ONCE:
                return
            after = rows[-1][0]

    def live(self, key: EntityKey | None = None) -> int:
        """How many entities are live: an entity and all below it; of None, all but the service."""
        with self._lock:
            if key is None:
                query = "SELECT count(*) FROM server WHERE NOT deleted AND parent <> ''"
                return int(self._db.execute(query).fetchone()[0])
            query = f"SELECT count(*) FROM server WHERE {within(key)} AND NOT deleted"  # noqa: S608
            return int(self._db.execute(query, span(key)).fetchone()[0])

    def count(self) -> int:
        """How many entities there are, soft-deleted ones too."""
        with self._lock:
            return int(self._db.execute("SELECT count(*) FROM server").fetchone()[0])


def within(key: EntityKey) -> str:
    """Condition on an entity and all below it; takes what ``span`` gives."""
    kinds = ", ".join(f"'{kind.value}'" for kind in key.type.held)
    below = f" OR fqn > ? AND fqn < ? AND type IN ({kinds})" if kinds else ""
    return f"(fqn = ? AND type = '{key.type.value}'{below})"


def span(key: EntityKey) -> tuple[str, ...]:
    """An FQN and the range of those below it: ``/`` is the character after the dot."""
    return (key.fqn, f"{key.fqn}.", f"{key.fqn}/") if key.type.held else (key.fqn,)


def _row(row: tuple[str, str, str, str | None, str | None, int, str, int]) -> ServerRow:
    return ServerRow._make(row)._replace(deleted=bool(row[5]))
