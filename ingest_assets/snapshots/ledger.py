"""The ledger: what we last wrote to a server, by entity and by edge, and what the server holds since.

One SQLite file for a server and service, so that it is read by what is asked for and never held in memory. It is bound
to the server's address and to the id that the server gave the service entity: a server that was set up anew has another
id, and what was written to its predecessor says nothing about it.

Intent first, acknowledgement after: what is about to be written is noted and kept in the store before the first write,
so that a run that is killed anywhere leaves nothing on the server that later counts as a person's.
"""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from types import TracebackType

from ingest_assets.catalog import EntityKey
from ingest_assets.errors import BusyError, StoreError
from ingest_assets.snapshots.edge_rows import TABLES as EDGE_TABLES
from ingest_assets.snapshots.edge_rows import EdgeRows
from ingest_assets.snapshots.neighbours import TABLES as NEIGHBOUR_TABLES
from ingest_assets.snapshots.neighbours import NeighbourRows
from ingest_assets.snapshots.query_rows import QueryRows
from ingest_assets.snapshots.removals import TABLES as REMOVAL_TABLES
from ingest_assets.snapshots.removals import Removals
from ingest_assets.snapshots.sample_rows import TABLES as SAMPLE_TABLES
from ingest_assets.snapshots.sample_rows import SampleRows
from ingest_assets.snapshots.server_rows import TABLES as SERVER_TABLES
from ingest_assets.snapshots.server_rows import ServerRows
from ingest_assets.snapshots.store import Store
from ingest_assets.snapshots.usage_rows import UsageRows
from ingest_assets.snapshots.word_rows import TABLES as WORD_TABLES
from ingest_assets.snapshots.word_rows import WordRows
from ingest_assets.snapshots.written_rows import Written, WrittenRows

FORMAT = 7
_BOUND = (
    "entities",
    "enriched",
    "edges",
    "server",
    "removals",
    "events",
    "neighbours",
    "neighbour_ids",
    "words",
    "samples",
    "usage",
)
_VOID, _PUBLISHED, _PLAN, _NEIGHBOURS = "void", "published", "plan", "services_of_others"

_TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Ledger:
    """The ledger of one server and service; a context manager that keeps it in the store at its end.

    Args:
        store: Where it lies.
        key: Under which key.
        host_port: Address of the server.
        before_keeping: Raises where another run has taken over, whose ledger must not be replaced.

    Attributes:
        enriched: What we have written to entities that are not of our making, or beside what made them.
        server: What the server holds.
        edges: Edges that we write.
        removals: What runs removed from it.
        neighbours: What was found in other services.
        words: Which tags and terms the server has.
        samples: Which messages topics show.
        usage: How often dashboards were looked at.
        queries: What following queries came to, whatever the server.
    """

    def __init__(
        self, store: Store, key: str, host_port: str, before_keeping: Callable[[], None] = lambda: None
    ) -> None:
        self._store = store
        self._key = key
        self._host_port = host_port
        self._before_keeping = before_keeping
        self._lock = threading.RLock()
        self._file = store.scratch()

    def __enter__(self) -> Ledger:
        """Open the ledger, or a new one where there is none that can be used; ``void_because`` says why."""
        self._db, fault = self._open()
        self._db.create_function("united", 2, _united, deterministic=True)
        self._entities = WrittenRows(self._db, self._lock, "entities")
        self.enriched = WrittenRows(self._db, self._lock, "enriched")
        self.server = ServerRows(self._db, self._lock)
        self.edges = EdgeRows(self._db, self._lock)
        self.removals = Removals(self._db, self._lock)
        self.neighbours = NeighbourRows(self._db, self._lock)
        self.words = WordRows(self._db, self._lock)
        self.samples = SampleRows(self._db, self._lock)
        self.usage = UsageRows(self._db, self._lock)
        self.queries = QueryRows(self._db, self._lock)
        if fault is not None:
            self.note(void=fault)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Keep it, after an error too: what was acknowledged stays acknowledged.

        One that was only read is not kept again: each step looks into it before it begins, and it may be large.

        Raises:
            BusyError: Another run has taken over; nothing is kept.
        """
        self._db.commit()
        changed = self._db.total_changes > 0
        self._db.close()
        try:
            self._before_keeping()
        except (BusyError, StoreError):
            self._file.unlink()
            if error is None:
                raise
        else:
            if changed:
                self._store.keep(self._key, self._file)
            else:
                self._file.unlink()

    def keep(self) -> None:
        """Keep it as it is now, whatever happens to this process afterwards.

        Raises:
            BusyError: Another run has taken over; nothing is kept.
        """
        self._before_keeping()
        copy = self._store.scratch()
        with self._lock, closing(sqlite3.connect(copy)) as db:
            db.execute("PRAGMA synchronous = OFF")  # the store writes it through when it keeps it
            self._db.commit()
            self._db.backup(db)
        self._store.keep(self._key, copy)

    @property
    def void_because(self) -> str | None:
        """Why nothing is known of what was written before; None if it is.

        It stays so until all of a manifest was published, and another one begins: a run that fails, or is made again,
        or writes nothing, must not believe a ledger that was begun a moment before.
        """
        return self.fact(_VOID)

    def begin_plan(self, manifest: str) -> None:
        """Note that the manifest of a run is about to be planned."""
        if self.fact(_PUBLISHED) not in (None, manifest):
            self.note(void=None)

    def end_plan(self, plan: str) -> None:
        """Note the plan that was made last; any other one was made of another state of this ledger."""
        self.note(plan=plan)

    def end_publishing(self, manifest: str) -> None:
        """Note that all entities of a manifest were tried to be published."""
        self.note(published=manifest)

    def has_plan(self, plan: str | None) -> bool:
        """Whether a plan is the one that was made last."""
        return plan is not None and self.fact(_PLAN) == plan

    def forget_plan(self) -> None:
        """Forget which plan was made last: what it was made of has changed, and another one is due."""
        self.note(plan="")

    def doubt(self, why: str) -> None:
        """Note that what is known of the server was found wrong, so that the next run lists everything."""
        self.note(doubt=why)

    def is_doubted(self) -> bool:
        """Whether it was."""
        return self.fact("doubt") is not None

    def bind(self, service_id: str | None) -> None:
        """Tie the ledger to the server's id of the service entity.

        Another id, or none, voids what the ledger says.
        """
        with self._lock, self._db:
            known = self.fact("service_id")
            if known is not None and known != service_id:
                self._void()
            if service_id is not None:
                self.note(service_id=service_id)

    def bind_to_any(self, service_ids: Iterable[str]) -> None:
        """Tie the ledger to the server's ids of services of others: as long as it has one of them, it is the same."""
        with self._lock, self._db:
            known, found = set((self.fact(_NEIGHBOURS) or "").split()), set(service_ids)
            if known and not known & found:
                self._void()
                known = set()
            self.note(**{_NEIGHBOURS: " ".join(sorted(known | found))})

    def _void(self) -> None:
        for table in _BOUND:
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608  # names of ours
        self._db.execute("DELETE FROM meta WHERE key NOT IN ('format', 'host_port')")
        self.note(void="the server's service entity is not the one that the ledger was written for")

    def fact(self, key: str) -> str | None:
        """A fact about the ledger as a whole."""
        with self._lock:
            row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else None

    def note(self, **facts: str | None) -> None:
        """Note facts about the ledger as a whole; None forgets one."""
        with self._lock, self._db:
            for key, value in facts.items():
                if value is None:
                    self._db.execute("DELETE FROM meta WHERE key = ?", (key,))
                else:
                    self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def entity(self, key: EntityKey) -> Written | None:
        """What is known of an entity."""
        return self._entities.get(key)

    def intends(self, key: EntityKey) -> bool:
        """Whether a run that was cut off, or refused, meant to write an entity, and none has written it since."""
        written = self.entity(key)
        return written is not None and written.intended_fingerprint is not None

    def intend(self, entities: Iterable[Written]) -> None:
        """Note what is about to be written; see ``WrittenRows``."""
        self._entities.intend(entities)

    def acknowledge(self, entities: Iterable[Written]) -> None:
        """Note what the server has taken; see ``WrittenRows``."""
        self._entities.acknowledge(entities)

    def forget(self, key: EntityKey) -> None:
        """Forget an entity that is gone from the server for good, and its edges."""
        if self.entity(key) is None:
            return
        with self._lock, self._db:
            self._db.execute("DELETE FROM entities WHERE fqn = ? AND type = ?", (key.fqn, key.type.value))
            self._db.execute("DELETE FROM edges WHERE source = ? OR target = ?", (str(key), str(key)))

    def _open(self) -> tuple[sqlite3.Connection, str | None]:
        """The ledger, and why it is a new one, if it is."""
        if not self._store.has(self._key):
            return self._new(), "there is no ledger yet"
        shutil.copyfile(self._store.fetch(self._key), self._file)
        fault = _fault(self._file, self._host_port)
        if fault is None:
            return self._connected(), None
        self._file.unlink()
        return self._new(), fault

    def _connected(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._file, check_same_thread=False)
        # A copy that nobody else reads: what a power cut would damage is thrown away.
        db.executescript("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY;")
        return db

    def _new(self) -> sqlite3.Connection:
        db = self._connected()
        db.executescript(
            _TABLES + EDGE_TABLES + SERVER_TABLES + REMOVAL_TABLES + NEIGHBOUR_TABLES + WORD_TABLES + SAMPLE_TABLES
        )
        facts = {"format": str(FORMAT), "host_port": self._host_port}
        db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", facts.items())
        db.commit()
        return db


def _united(*texts: str) -> str:
    """Words of all texts, each once: what is refused night after night is intended night after night."""
    return " ".join(dict.fromkeys(word for text in texts for word in text.split()))


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
