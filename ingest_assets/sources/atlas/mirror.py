"""What was read of Atlas, on disk: tables, and the columns, databases and processes that belong to them.

Searches give tables and columns apart, each in an order of its own, and processes name both by guid. So all rows go to
a private database in a temporary file, which SQLite makes and removes by itself, and memory holds a page at a time.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

_SCHEMA = """
CREATE TABLE entities (
    guid TEXT PRIMARY KEY, kind TEXT, holder TEXT, name TEXT, position REAL, body TEXT
) WITHOUT ROWID;
CREATE INDEX by_holder ON entities (kind, holder, name);
CREATE TABLE keys (guid TEXT PRIMARY KEY, holder TEXT) WITHOUT ROWID;
CREATE TABLE flows (process TEXT, body TEXT);
CREATE INDEX by_process ON flows (process);
"""
_AT_ONCE = 500
_LAST = 1e18  # where a column says no position


class Kept(NamedTuple):
    """A row to keep.

    Attributes:
        guid: Of the entity.
        kind: ``database``, ``table``, ``column``, ``topic``, ``process``.
        holder: Guid of a column's table; name of a table's database; empty for others.
        name: Of the entity.
        body: What is known of it, as JSON can hold it.
        position: Of a column, from 0.
    """

    guid: str
    kind: str
    holder: str
    name: str
    body: Any
    position: float | None = None


class Mirror:
    """Rows of one reading. Safe to share among threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # An empty name: a temporary file of SQLite's own.
        self._db = sqlite3.connect("", check_same_thread=False)
        self._db.executescript(_SCHEMA)

    def keep(self, rows: Iterable[Kept]) -> None:
        """Keep rows; one that is met again replaces itself, as pages of a listing that changes may overlap."""
        made = [
            (each.guid, each.kind, each.holder, each.name, _place(each.position), json.dumps(each.body))
            for each in rows
        ]
        with self._lock, self._db:
            self._db.executemany("INSERT OR REPLACE INTO entities VALUES (?, ?, ?, ?, ?, ?)", made)

    def keep_keys(self, keys: Iterable[tuple[str, str]]) -> None:
        """Keep which table has a column as a partition key: guids of the column and of the table."""
        made = list(keys)
        with self._lock, self._db:
            self._db.executemany("INSERT OR REPLACE INTO keys VALUES (?, ?)", made)

    def keep_flows(self, flows: Iterable[tuple[str, Any]]) -> None:
        """Keep flows between columns by the guid of the process that they are part of."""
        made = [(process, json.dumps(body)) for process, body in flows]
        with self._lock, self._db:
            self._db.executemany("INSERT INTO flows VALUES (?, ?)", made)

    def all(self, kind: str) -> Iterator[Any]:
        """Bodies of a kind, in the order of holder and name."""
        for _, _, body in self._rows(kind):
            yield body

    def same_names(self, kind: str, holder: str = "") -> Iterator[list[Any]]:
        """Bodies of a kind, or of those that one thing holds; those together that have holder and name in common."""
        for _, group in groupby(self._rows(kind, holder), key=lambda row: row[:2]):
            yield [body for *_, body in group]

    def held_by(self, kind: str, holder: str) -> list[Any]:
        """Bodies of a kind that one entity holds, by their positions."""
        query = "SELECT body FROM entities WHERE kind = ? AND holder = ? ORDER BY position, name, guid"
        with self._lock:
            return [json.loads(body) for (body,) in self._db.execute(query, (kind, holder))]

    def some(self, kind: str, guids: Sequence[str]) -> list[Any]:
        """Bodies of a kind by their guids, in the order of their positions; those that are not kept are left out."""
        found: list[tuple[float, str, Any]] = []
        with self._lock:
            for start in range(0, len(guids), _AT_ONCE):
                some = guids[start : start + _AT_ONCE]
                marks = ", ".join("?" * len(some))
                query = f"SELECT position, name, body FROM entities WHERE kind = ? AND guid IN ({marks})"  # noqa: S608
                found += self._db.execute(query, (kind, *some))
        return [json.loads(body) for _, _, body in sorted(found)]

    def columns_at(self, guids: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Table and name of columns by their guids; those that are not kept are left out."""
        found: dict[str, tuple[str, str]] = {}
        with self._lock:
            for start in range(0, len(guids), _AT_ONCE):
                some = guids[start : start + _AT_ONCE]
                query = (
                    "SELECT guid, coalesce(keys.holder, entities.holder), name FROM entities "  # noqa: S608
                    "LEFT JOIN keys USING (guid) "
                    f"WHERE kind = 'column' AND guid IN ({', '.join('?' * len(some))})"
                )
                found |= {guid: (holder, name) for guid, holder, name in self._db.execute(query, some)}
        return found

    def flows_of(self, process: str) -> list[Any]:
        """Flows between columns that are part of a process."""
        with self._lock:
            found = self._db.execute("SELECT DISTINCT body FROM flows WHERE process = ? ORDER BY body", (process,))
            return [json.loads(body) for (body,) in found]

    def _rows(self, kind: str, only: str = "") -> Iterator[tuple[str, str, Any]]:
        """Some at a time, so that neither memory nor the lock holds them all."""
        at: tuple[str, str, str] = (only, "", "")
        query = (
            "SELECT holder, name, guid, body FROM entities WHERE kind = ? AND (holder, name, guid) > (?, ?, ?) "
            "ORDER BY holder, name, guid LIMIT ?"
        )
        while True:
            with self._lock:
                rows = self._db.execute(query, (kind, *at, _AT_ONCE)).fetchall()
            for holder, name, _, body in rows:
                if only and holder != only:
                    return
                yield holder, name, json.loads(body)
            if len(rows) < _AT_ONCE:
                return
            at = rows[-1][:3]


def _place(position: float | None) -> float:
    return _LAST if position is None else position
