"""Edges that we write, by their ends: what the server last took, and what is known of them since."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ingest_assets.catalog import EntityKey

TABLES = """
CREATE TABLE IF NOT EXISTS edges (
    source TEXT, target TEXT, fingerprint TEXT, intended TEXT NOT NULL DEFAULT '', ends TEXT NOT NULL DEFAULT '',
    persons TEXT, dropping INTEGER NOT NULL DEFAULT 0, told_by TEXT NOT NULL DEFAULT '', PRIMARY KEY (source, target)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS edges_by_target ON edges (target);
"""

_ENDS_BYTES = 8
_BETWEEN = "source = ? AND target = ?"
_STANDING = "fingerprint IS NOT NULL AND NOT dropping"

_Row = tuple[str, str, "str | None", str, str, "str | None", int, str]


class WrittenEdge(NamedTuple):
    """An edge that we write, by its ends.

    Attributes:
        fingerprint: Of what the server last acknowledged; None: nothing yet.
        intended: Fingerprints of what was about to be written.
        ends: Digest of the ids that its ends had when the server acknowledged it; empty where they are not known.
        persons: What a person has done to it since, in a word; None: nothing that is known.
        dropping: Whether a run that was cut off was about to take it away, and may have.
        told_by: What of the source told of it when it was last planned; empty: the source as a whole.
    """

    source: EntityKey
    target: EntityKey
    fingerprint: str | None
    intended: str
    ends: str = ""
    persons: str | None = None
    dropping: bool = False
    told_by: tuple[EntityKey, ...] = ()

    @property
    def standing(self) -> str | None:
        """Fingerprint of what must be on the server if nobody has taken it away; None: it may not be there."""
        return None if self.dropping else self.fingerprint

    def ours(self, fingerprint: str) -> bool:
        """Whether an edge of this fingerprint was written by us."""
        return fingerprint == self.fingerprint or fingerprint in self.intended.split()

    def joins(self, source_id: str, target_id: str) -> bool:
        """Whether it was drawn between entities of these ids; what was made anew under an old name has another id."""
        return self.ends in ("", _ends(source_id, target_id))


class EdgeRows:
    """The table of a ledger that holds its edges. Safe to share among threads.

    Args:
        db: The ledger's connection, which has the function ``united``.
        lock: The ledger's lock.
    """

    def __init__(self, db: sqlite3.Connection, lock: threading.RLock) -> None:
        self._db = db
        self._lock = lock

    def __iter__(self) -> Iterator[WrittenEdge]:
        """All edges that we write; nothing must be written meanwhile."""
        with self._lock:
            yield from map(_edge, self._db.execute("SELECT * FROM edges"))

    def get(self, source: EntityKey, target: EntityKey) -> WrittenEdge | None:
        """What is known of the edge between two entities."""
        with self._lock:
            row = self._db.execute(f"SELECT * FROM edges WHERE {_BETWEEN}", (str(source), str(target))).fetchone()  # noqa: S608
        return _edge(row) if row else None

    def intend(self, edges: Iterable[WrittenEdge]) -> None:
        """Note edges about to be written, each with the fingerprint of what is intended now, and who tells of it."""
        with self._lock, self._db:
            self._db.executemany(
                "INSERT INTO edges (source, target, intended, told_by) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (source, target) DO UPDATE SET "
                "intended = united(intended, excluded.intended), told_by = excluded.told_by",
                (
                    (str(edge.source), str(edge.target), edge.intended, tellers_text(edge.told_by, edge.target))
                    for edge in edges
                ),
            )

    def intend_drops(self, edges: Iterable[tuple[EntityKey, EntityKey]]) -> None:
        """Note edges about to be taken away: source and target."""
        ends = ((str(source), str(target)) for source, target in edges)
        with self._lock, self._db:
            self._db.executemany(f"UPDATE edges SET dropping = 1 WHERE {_BETWEEN}", ends)  # noqa: S608

    def acknowledge(
        self, source: EntityKey, target: EntityKey, fingerprint: str, ids: tuple[str, str] | None = None
    ) -> None:
        """Note an edge that the server has taken, and the server's ids of its ends."""
        row = (str(source), str(target), fingerprint, _ends(*ids) if ids else "")
        with self._lock, self._db:
            self._db.execute(
                "INSERT INTO edges (source, target, fingerprint, ends) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (source, target) DO UPDATE SET fingerprint = excluded.fingerprint, ends = excluded.ends, "
                "intended = '', persons = NULL, dropping = 0",
                row,
            )

    def note_told_by(self, edges: Iterable[WrittenEdge]) -> None:
        """Note what of the source tells of edges now."""
        rows = ((tellers_text(edge.told_by, edge.target), str(edge.source), str(edge.target)) for edge in edges)
        with self._lock, self._db:
            self._db.executemany(f"UPDATE edges SET told_by = ? WHERE {_BETWEEN}", rows)  # noqa: S608

    def count_targets(self) -> int:
        """How many entities have edges into them that the server has acknowledged."""
        query = f"SELECT count(DISTINCT target) FROM edges WHERE {_STANDING}"  # noqa: S608  # a condition of ours
        with self._lock:
            return int(self._db.execute(query).fetchone()[0])

    def of_targets(self, after: EntityKey | None, targets: int) -> list[WrittenEdge]:
        """Acknowledged edges into the first so many targets behind one, in the order of targets and sources."""
        query = (
            f"SELECT * FROM edges WHERE {_STANDING} AND target IN ("  # noqa: S608  # a condition of ours
            f"SELECT DISTINCT target FROM edges WHERE {_STANDING} AND target > ? ORDER BY target LIMIT ?"
            ") ORDER BY target, source"
        )
        with self._lock:
            return list(map(_edge, self._db.execute(query, (str(after or ""), targets))))

    def note_persons(self, source: EntityKey, target: EntityKey, what: str | None) -> None:
        """Note what a person has done to an edge; None: it is as it was written."""
        row = (what, str(source), str(target))
        with self._lock, self._db:
            self._db.execute(f"UPDATE edges SET persons = ? WHERE {_BETWEEN}", row)  # noqa: S608

    def forget(self, source: EntityKey, target: EntityKey) -> None:
        """Forget an edge that is gone, or no longer ours."""
        with self._lock, self._db:
            self._db.execute(f"DELETE FROM edges WHERE {_BETWEEN}", (str(source), str(target)))  # noqa: S608


def tellers_text(told_by: tuple[EntityKey, ...], target: EntityKey) -> str:
    """What tells of an edge as one text, which ``tellers_of`` reads; none for the target, which most often does."""
    return "" if told_by == (target,) else json.dumps([str(key) for key in told_by])


def tellers_of(text: str, target: EntityKey) -> tuple[EntityKey, ...]:
    """The tellers of ``tellers_text``."""
    return tuple(map(EntityKey.parse, json.loads(text))) if text else (target,)


def _edge(row: _Row) -> WrittenEdge:
    source, target, fingerprint, intended, ends, persons, dropping, told_by = row
    start, end = EntityKey.parse(source), EntityKey.parse(target)
    return WrittenEdge(start, end, fingerprint, intended, ends, persons, bool(dropping), tellers_of(told_by, end))


def _ends(source_id: str, target_id: str) -> str:
    return hashlib.blake2b(f"{source_id} {target_id}".encode(), digest_size=_ENDS_BYTES).hexdigest()
