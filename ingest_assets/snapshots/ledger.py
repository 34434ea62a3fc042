"""The ledger: what we last wrote to a server, by entity and by edge. To a snapshot what a state is to a configuration.

One SQLite file for a server and service, so that it is read by what is asked for and never held in memory. It is bound
to the server's address and to the id that the server gave the service entity: a server that was set up anew has another
id, and what was written to its predecessor says nothing about it.
"""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from ingest_assets.snapshots.store import Store

FORMAT = 1

_TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS entities (
    fqn TEXT PRIMARY KEY, type TEXT NOT NULL, id TEXT, fingerprint TEXT, words TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS edges (
    source TEXT, target TEXT, fingerprint TEXT NOT NULL, PRIMARY KEY (source, target)
) WITHOUT ROWID;
"""


class Acknowledged(NamedTuple):
    """An entity that the server has acknowledged.

    Attributes:
        fqn: Its FQN on the server.
        type: OpenMetadata's entity type.
        id: Its id, where an answer told it (a bulk answer doesn't).
        fingerprint: Fingerprint of what we sent; None where we only learnt the id.
        words: Digests of the descriptions that we sent.
    """

    fqn: str
    type: str
    id: str | None
    fingerprint: str | None
    words: str | None = None


class Ledger:
    """The ledger of one server and service; a context manager that keeps it in the store at its end.

    Args:
        store: Where it lies.
        key: Under which key.
        host_port: Address of the server.
    """

    def __init__(self, store: Store, key: str, host_port: str) -> None:
        self._store = store
        self._key = key
        self._host_port = host_port
        self._lock = threading.Lock()
        self._file = store.scratch()
        self.void_because: str | None = None

    def __enter__(self) -> Ledger:
        """Open the ledger, or a new one where there is none that can be used; ``void_because`` says why."""
        self._db = self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Keep it, after an error too: what was acknowledged stays acknowledged."""
        self._db.commit()
        self._db.close()
        self._store.keep(self._key, self._file)

    def bind(self, service_id: str | None) -> None:
        """Tie the ledger to the server's id of the service entity.

        Another id, or none, voids what the ledger says.
        """
        with self._lock:
            known = self._meta("service_id")
            if known is not None and known != service_id:
                self.void_because = "the server's service entity is not the one that the ledger was written for"
                self._db.executescript("DELETE FROM entities; DELETE FROM edges;")
            if service_id is not None:
                self._db.execute("INSERT OR REPLACE INTO meta VALUES ('service_id', ?)", (service_id,))

    def entity(self, fqn: str) -> Acknowledged | None:
        """What is known of an entity."""
        with self._lock:
            row = self._db.execute("SELECT * FROM entities WHERE fqn = ?", (fqn,)).fetchone()
        return Acknowledged(*row) if row else None

    def acknowledge(self, entities: Iterable[Acknowledged]) -> None:
        """Note what the server has taken; what is None leaves what is known."""
        with self._lock, self._db:
            self._db.executemany(
                "INSERT INTO entities VALUES (?, ?, ?, ?, ?) ON CONFLICT (fqn) DO UPDATE SET type = excluded.type, "
                "id = coalesce(excluded.id, id), fingerprint = coalesce(excluded.fingerprint, fingerprint), "
                "words = coalesce(excluded.words, words)",
                entities,
            )

    def forget(self, fqn: str) -> None:
        """Forget an entity that is no longer on the server, and its edges."""
        if self.entity(fqn) is None:
            return
        with self._lock, self._db:
            self._db.execute("DELETE FROM entities WHERE fqn = ?", (fqn,))
            self._db.execute("DELETE FROM edges WHERE ? IN (source, target)", (fqn,))

    def edge(self, source: str, target: str) -> str | None:
        """Fingerprint of the edge that we last wrote between two FQNs."""
        with self._lock:
            row = self._db.execute(
                "SELECT fingerprint FROM edges WHERE source = ? AND target = ?", (source, target)
            ).fetchone()
        return str(row[0]) if row else None

    def acknowledge_edge(self, source: str, target: str, fingerprint: str) -> None:
        """Note an edge that the server has taken."""
        with self._lock, self._db:
            self._db.execute("INSERT OR REPLACE INTO edges VALUES (?, ?, ?)", (source, target, fingerprint))

    def _meta(self, key: str) -> str | None:
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else None

    def _open(self) -> sqlite3.Connection:
        if not self._store.has(self._key):
            self.void_because = "there is no ledger yet"
            return self._new()
        shutil.copyfile(self._store.fetch(self._key), self._file)
        fault = _fault(self._file, self._host_port)
        if fault is None:
            return sqlite3.connect(self._file, check_same_thread=False)
        self.void_because = fault
        self._file.unlink()
        return self._new()

    def _new(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._file, check_same_thread=False)
        db.executescript(_TABLES)
        facts = {"format": str(FORMAT), "host_port": self._host_port}
        db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", facts.items())
        db.commit()
        return db


def _fault(file: Path, host_port: str) -> str | None:
    """Why a ledger file can't be used; None if it can."""
    db = sqlite3.connect(file)
    try:
        if db.execute("PRAGMA quick_check").fetchone() != ("ok",):
            return "the ledger is damaged"
        meta = dict(db.execute("SELECT key, value FROM meta").fetchall())
    except sqlite3.DatabaseError:
        return "the ledger is damaged"
    finally:
        db.close()
    if meta.get("format") != str(FORMAT):
        return f"the ledger has the format {meta.get('format')}, this version writes {FORMAT}"
    if meta.get("host_port") != host_port:
        return f"the ledger was written for {meta.get('host_port')}"
    return None
