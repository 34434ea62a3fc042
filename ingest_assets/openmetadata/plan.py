"""The plan: what would be written, by entity, and why. One SQLite file, read by scope and never held in memory."""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from ingest_assets.catalog import Edge, EntityKey, EntityType
from ingest_assets.errors import StoreError
from ingest_assets.snapshots.edge_rows import tellers_of, tellers_text

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE entities (
    fqn TEXT, type TEXT, file TEXT NOT NULL, action TEXT NOT NULL, fingerprint TEXT, why TEXT NOT NULL,
    path TEXT, marks TEXT, again INTEGER NOT NULL, PRIMARY KEY (fqn, type)
) WITHOUT ROWID;
CREATE INDEX entities_by_action ON entities (type, action);
CREATE TABLE edges (
    source TEXT, target TEXT, action TEXT NOT NULL, fingerprint TEXT, why TEXT NOT NULL, told_by TEXT NOT NULL,
    PRIMARY KEY (source, target)
) WITHOUT ROWID;
CREATE INDEX edges_by_target ON edges (target, action);
CREATE TABLE composed_edges (source TEXT, target TEXT, edge TEXT NOT NULL, PRIMARY KEY (source, target)) WITHOUT ROWID;
CREATE TABLE neighbours (key TEXT PRIMARY KEY, id TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE parked (target TEXT, wanted TEXT, why TEXT NOT NULL, PRIMARY KEY (target, wanted)) WITHOUT ROWID;
CREATE TABLE parked_at (key TEXT, wanted TEXT, PRIMARY KEY (key, wanted)) WITHOUT ROWID;
"""

_AT_ONCE = 500
_THIS = "fqn = ? AND type = ?"


class Action(str, Enum):
    """What the plan holds for one entity or edge."""

    CREATE = "create"
    UPDATE = "update"
    RESTORE = "restore"
    UNCHANGED = "unchanged"
    FILTERED = "filtered"
    FAILED = "failed"
    STALE = "stale"
    DROP = "drop"
    PARKED = "parked"
    UNMATCHED = "unmatched"

    def __str__(self) -> str:
        """The word in reports."""
        return self.value


WRITES = (Action.CREATE, Action.UPDATE, Action.RESTORE)
"""Actions that write an entity."""


class PlannedEntity(NamedTuple):
    """One line of the plan.

    Attributes:
        file: Hash of the scope file in which the entity stands.
        fingerprint: Of the body that would be sent; None where none would be.
        why: For people.
        path: JSON of its path as the source spells it; None where only the server knows it.
        marks: Of what would be written; None where nothing would be.
        again: Whether it is stale only because its parent's restoration brings it back with it.
    """

    fqn: str
    type: str
    file: str
    action: str
    fingerprint: str | None
    why: str
    path: str | None = None
    marks: str | None = None
    again: bool = False

    @property
    def key(self) -> EntityKey:
        """What it is known by."""
        return EntityKey(EntityType(self.type), self.fqn)


class PlannedEdge(NamedTuple):
    """One line of the plan about an edge.

    Attributes:
        told_by: What of the source tells of it; empty: the source as a whole.
    """

    source: EntityKey
    target: EntityKey
    action: str
    fingerprint: str | None
    why: str
    told_by: tuple[EntityKey, ...] = ()


class ParkedEdge(NamedTuple):
    """Lineage that is not written.

    Attributes:
        target: What it leads to.
        wanted: What it comes from: an FQN, or what the source calls it; empty where even that is not known.
        why: The reason.
    """

    target: EntityKey
    wanted: str
    why: str


class Plan:
    """A plan file; a context manager. Safe to share among threads.

    Args:
        file: An empty file for a new plan, or one that a plan was written to.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        # SQLite takes calls of several threads; Python's cache of prepared statements gives one to two of them.
        self._lock = threading.RLock()

    def __enter__(self) -> Plan:
        """Open the file.

        Raises:
            StoreError: It is damaged.
        """
        self._db = sqlite3.connect(self._file, check_same_thread=False)
        try:
            if not self._file.stat().st_size:
                # Nobody reads it before it is kept, and the store writes it through then: no commit has to.
                self._db.executescript("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY;")
                self._db.executescript(_TABLES)
            sound = self._db.execute("PRAGMA quick_check").fetchone() == ("ok",)
        except sqlite3.DatabaseError:
            sound = False
        if not sound:
            self._db.close()
            raise StoreError(f"The plan {self._file.name} is damaged. Materialize the plan again.")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self._db.commit()
        self._db.close()

    def facts(self) -> dict[str, str]:
        """What is known of the plan as a whole: manifest, server version, why a ledger was void, ..."""
        return dict(self._rows("SELECT key, value FROM meta"))

    def note(self, **facts: str) -> None:
        """Add facts about the plan as a whole."""
        self._do_each("INSERT OR REPLACE INTO meta VALUES (?, ?)", facts.items())

    def add(self, entity: PlannedEntity) -> bool:
        """Add an entity.

        Returns:
            False if the plan has one of that type and FQN already: the server can't tell the two names apart.
        """
        added = self._do("INSERT OR IGNORE INTO entities VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", entity)
        return bool(added)

    def rename_filtered(self, key: EntityKey, other: str) -> bool:
        """Move what the recipe leaves out to another key, where it stands in the way of what is kept."""
        query = f"UPDATE entities SET fqn = ? WHERE {_THIS} AND action = ?"  # noqa: S608
        return bool(self._do(query, (other, key.fqn, key.type.value, Action.FILTERED.value)))

    def add_edge(self, edge: PlannedEdge) -> None:
        """Add an edge."""
        told_by = tellers_text(edge.told_by, edge.target)
        row = (str(edge.source), str(edge.target), edge.action, edge.fingerprint, edge.why, told_by)
        self._do("INSERT OR REPLACE INTO edges VALUES (?, ?, ?, ?, ?, ?)", row)

    def add_composed_edge(self, planned: PlannedEdge, edge: Edge) -> None:
        """Add an edge that is written otherwise than it stands in the snapshot: found elsewhere, or of several."""
        self.add_edge(planned)
        row = (str(planned.source), str(planned.target), edge.model_dump_json())
        self._do("INSERT OR REPLACE INTO composed_edges VALUES (?, ?, ?)", row)

    def composed_edge(self, source: EntityKey, target: EntityKey) -> Edge | None:
        """The composed edge between two entities."""
        query = "SELECT edge FROM composed_edges WHERE source = ? AND target = ?"
        row = self._one(query, (str(source), str(target)))
        return Edge.model_validate_json(row[0]) if row else None

    def composed_edges(self) -> Iterator[Edge]:
        """All composed edges."""
        for (edge,) in self._rows("SELECT edge FROM composed_edges"):
            yield Edge.model_validate_json(edge)

    def note_neighbour(self, key: EntityKey, entity_id: str) -> None:
        """Note the id of what was found in another service."""
        self._do("INSERT OR REPLACE INTO neighbours VALUES (?, ?)", (str(key), entity_id))

    def neighbour_id(self, key: EntityKey) -> str | None:
        """The id of what was found in another service; None for all else."""
        row = self._one("SELECT id FROM neighbours WHERE key = ?", (str(key),))
        return str(row[0]) if row else None

    def park(self, edge: ParkedEdge, known: Iterable[EntityKey] = ()) -> None:
        """Add lineage of which not even the ends are known.

        Args:
            edge: The lineage.
            known: What is known of it besides: its other end, and all that tells of it.
        """
        self._do("INSERT OR REPLACE INTO parked VALUES (?, ?, ?)", (str(edge.target), edge.wanted, edge.why))
        rows = ((str(key), edge.wanted) for key in (edge.target, *known))
        self._do_each("INSERT OR IGNORE INTO parked_at VALUES (?, ?)", rows)

    def knows(self, key: EntityKey) -> bool:
        """Whether the plan has an entity."""
        query = f"SELECT 1 FROM entities WHERE {_THIS}"  # noqa: S608
        return self._one(query, (key.fqn, key.type.value)) is not None

    def counts(self, kind: EntityType) -> dict[str, int]:
        """How many entities of a type the plan has, by action."""
        query = "SELECT action, count(*) FROM entities WHERE type = ? GROUP BY action"
        return dict(self._rows(query, (kind.value,)))

    def edge_counts(self) -> dict[str, int]:
        """How many edges the plan has, by action; lineage that could not be told is parked."""
        counts = Counter(dict(self._rows("SELECT action, count(*) FROM edges GROUP BY action")))
        counts[Action.PARKED.value] += self._one("SELECT count(*) FROM parked")[0]
        return +counts

    def depths(self, kind: EntityType) -> list[int]:
        """How deep entities of a type lie that are to be written: one may hold others."""
        query = (
            "SELECT DISTINCT json_array_length(path) FROM entities "  # noqa: S608
            f"WHERE type = ? AND action IN ({_WRITES}) ORDER BY 1"
        )
        return [int(row[0]) for row in self._rows(query, (kind.value,))]

    def files_to_write(self, kind: EntityType) -> list[str]:
        """Scope files that hold entities of a type to be written."""
        query = f"SELECT DISTINCT file FROM entities WHERE type = ? AND action IN ({_WRITES}) ORDER BY file"  # noqa: S608
        return [str(row[0]) for row in self._rows(query, (kind.value,))]

    def write(self, key: EntityKey) -> PlannedEntity | None:
        """What is to be written to an entity; None if nothing is."""
        query = f"SELECT * FROM entities WHERE {_THIS} AND action IN ({_WRITES})"  # noqa: S608
        row = self._one(query, (key.fqn, key.type.value))
        return PlannedEntity._make(row) if row else None

    def writes(self, kind: EntityType) -> Iterator[PlannedEntity]:
        """All entities of a type to be written."""
        query = f"SELECT * FROM entities WHERE type = ? AND action IN ({_WRITES})"  # noqa: S608
        return map(PlannedEntity._make, self._rows(query, (kind.value,)))

    def of(self, action: Action, kind: EntityType | None = None, limit: int = -1) -> Iterator[PlannedEntity]:
        """Entities of one action, and of one type if it is given, in the order of their FQNs."""
        query = "SELECT * FROM entities WHERE action = ? AND coalesce(?, type) = type ORDER BY fqn LIMIT ?"
        rows = self._rows(query, (action.value, kind.value if kind else None, limit))
        return map(PlannedEntity._make, rows)

    def edges(self, action: Action, limit: int = -1) -> Iterator[PlannedEdge]:
        """Edges of one action."""
        rows = self._rows("SELECT * FROM edges WHERE action = ? LIMIT ?", (action.value, limit))
        return map(_edge, rows)

    def parked(self) -> Iterator[ParkedEdge]:
        """All lineage that is not written."""
        for edge in self.edges(Action.PARKED):
            yield ParkedEdge(edge.target, edge.source.fqn, edge.why)
        for target, wanted, why in self._rows("SELECT * FROM parked"):
            yield ParkedEdge(EntityKey.parse(target), wanted, why)

    def edge(self, source: EntityKey, target: EntityKey) -> PlannedEdge | None:
        """The plan for the edge between two entities."""
        query = "SELECT * FROM edges WHERE source = ? AND target = ?"
        row = self._one(query, (str(source), str(target)))
        return _edge(row) if row else None

    def wanted(self, key: EntityKey | None) -> Iterator[str]:
        """What could not be told of the lineage of an entity, or of all, as the source calls it.

        Edges whose two ends are known are no part of it, though they may be parked as well.
        """
        query = "SELECT wanted FROM parked_at WHERE key = ?" if key else "SELECT wanted FROM parked"
        return (str(row[0]) for row in self._rows(query, (str(key),) if key else ()))

    def has_entity(self, key: EntityKey) -> bool:
        """Whether an entity is one that this plan writes or leaves as it is."""
        query = f"SELECT 1 FROM entities WHERE {_THIS} AND action IN ({_WRITES}, '{Action.UNCHANGED.value}')"  # noqa: S608
        return self._one(query, (key.fqn, key.type.value)) is not None

    def _one(self, query: str, values: Sequence[Any] = ()) -> Any:
        with self._lock:
            return self._db.execute(query, values).fetchone()

    def _rows(self, query: str, values: Sequence[Any] = ()) -> Iterator[Any]:
        with self._lock:
            cursor = self._db.execute(query, values)
        while True:
            with self._lock:
                some = cursor.fetchmany(_AT_ONCE)
            if not some:
                return
            yield from some

    def _do(self, query: str, values: Sequence[Any] = ()) -> int:
        with self._lock:
            return self._db.execute(query, values).rowcount

    def _do_each(self, query: str, rows: Iterable[Sequence[Any]]) -> None:
        with self._lock:
            self._db.executemany(query, rows)


_WRITES = ", ".join(f"'{action.value}'" for action in WRITES)


def id_of(file: Path) -> str | None:
    """The id that a plan has in its ledger; None if the file is damaged, or of a plan that was never finished."""
    try:
        with Plan(file) as plan:
            return plan.facts().get("id")
    except StoreError:
        return None


def _edge(row: tuple[str, str, str, str | None, str, str]) -> PlannedEdge:
    source, target, action, fingerprint, why, told_by = row
    end = EntityKey.parse(target)
    return PlannedEdge(EntityKey.parse(source), end, action, fingerprint, why, tellers_of(told_by, end))
