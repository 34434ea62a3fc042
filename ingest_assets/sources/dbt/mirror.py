"""What was read of a project, on disk: its tables, with what the catalog and the tests tell of them.

A manifest gives models and tests, and a catalog columns, each in an order of its own. So all of it goes to a private
database in a temporary file, which SQLite makes and removes by itself, and memory holds a node at a time.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from typing import Any

from ingest_assets.sources.dbt.shapes import (
    MODEL,
    SEED,
    SNAPSHOT,
    SOURCE,
    DbtTest,
    Exposure,
    Node,
    NodeColumn,
    with_catalog,
    with_tests,
)

_SCHEMA = """
CREATE TABLE nodes (id TEXT PRIMARY KEY, place TEXT, rank INTEGER, body TEXT) WITHOUT ROWID;
CREATE INDEX by_rank ON nodes (rank, place, id);
CREATE TABLE columns (id TEXT PRIMARY KEY, body TEXT) WITHOUT ROWID;
CREATE TABLE tests (node TEXT, told TEXT, col TEXT);
CREATE INDEX by_node ON tests (node);
CREATE TABLE exposures (id TEXT PRIMARY KEY, body TEXT) WITHOUT ROWID;
"""
_RANKS = {MODEL: 0, SNAPSHOT: 1, SEED: 2, SOURCE: 3}
"""Who speaks for a table of which several nodes tell: what makes it comes before what only reads it."""


class Mirror:
    """One project. Safe to share among threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # An empty name: a temporary file of SQLite's own.
        self._db = sqlite3.connect("", check_same_thread=False)
        self._db.executescript(_SCHEMA)

    def keep_nodes(self, nodes: Iterable[Node]) -> None:
        """Keep nodes."""
        rows = ((each.id, _place(each), _RANKS[each.kind], json.dumps(each)) for each in nodes)
        self._write("INSERT OR REPLACE INTO nodes VALUES (?, ?, ?, ?)", rows)

    def keep_columns(self, found: Iterable[tuple[str, dict[str, NodeColumn]]]) -> None:
        """Keep what the catalog tells of nodes' columns, by the nodes' ids."""
        rows = ((node, json.dumps(columns)) for node, columns in found)
        self._write("INSERT OR REPLACE INTO columns VALUES (?, ?)", rows)

    def keep_tests(self, tests: Iterable[DbtTest]) -> None:
        """Keep tests."""
        self._write("INSERT INTO tests VALUES (?, ?, ?)", ((each.node, each.told, each.column) for each in tests))

    def keep_exposures(self, exposures: Iterable[Exposure]) -> None:
        """Keep exposures."""
        rows = ((each.id, json.dumps(each)) for each in exposures)
        self._write("INSERT OR REPLACE INTO exposures VALUES (?, ?)", rows)

    def makers(self) -> Iterator[str]:
        """Ids of what makes tables, models first, in the order of places."""
        yield from (row[0] for row in self._rows(_MAKERS, str(_RANKS[SOURCE])))

    def sources(self) -> Iterator[str]:
        """Ids of what only reads tables, in the order of places."""
        yield from (row[0] for row in self._rows(_SOURCES, str(_RANKS[SOURCE])))

    def node(self, node_id: str) -> Node | None:
        """A node with all that is known of it; None if there is none."""
        found = self._one("SELECT body FROM nodes WHERE id = ?", node_id)
        if found is None:
            return None
        node = _to_node(found)
        columns = self._one("SELECT body FROM columns WHERE id = ?", node_id)
        if columns is not None:
            node = with_catalog(node, _to_columns(columns))
        tests = [DbtTest(node_id, column, told) for told, column in self._rows(_TESTS, node_id)]
        return with_tests(node, tests)

    def brief(self, node_id: str) -> Node | None:
        """A node as the manifest has it, which is all that lineage needs."""
        found = self._one("SELECT body FROM nodes WHERE id = ?", node_id)
        return None if found is None else _to_node(found)

    def exposures(self) -> Iterator[Exposure]:
        """All exposures."""
        for (body,) in self._rows("SELECT body FROM exposures ORDER BY id"):
            exposure_id, kind, url, fqn, depends_on = json.loads(body)
            yield Exposure(exposure_id, kind, url, fqn, tuple(depends_on))

    def is_empty(self) -> bool:
        """Whether there is no node."""
        return next(self._rows("SELECT 1 FROM nodes LIMIT 1"), None) is None

    def _write(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        with self._lock, self._db:
            self._db.executemany(statement, rows)

    def _one(self, query: str, value: str) -> str | None:
        row = next(self._rows(query, value), None)
        return None if row is None else str(row[0])

    def _rows(self, query: str, *values: str) -> Iterator[tuple[Any, ...]]:
        with self._lock:
            rows = self._db.execute(query, values).fetchall()
        yield from rows


_MAKERS = "SELECT id FROM nodes WHERE rank < ? ORDER BY rank, place, id"
_SOURCES = "SELECT id FROM nodes WHERE rank = ? ORDER BY place, id"
_TESTS = "SELECT told, col FROM tests WHERE node = ? ORDER BY col, told"


def _place(node: Node) -> str:
    return json.dumps([part.lower() for part in node.names])


def _to_node(text: str) -> Node:
    told = dict(zip(Node._fields, json.loads(text), strict=True))
    lists = ("owners", "tags", "terms", "tests", "depends_on")
    return Node(**{**told, **{name: tuple(told[name]) for name in lists}, "columns": _columns(told["columns"])})


def _to_columns(text: str) -> dict[str, NodeColumn]:
    return _columns(json.loads(text))


def _columns(told: dict[str, list[Any]]) -> dict[str, NodeColumn]:
    return {
        key: NodeColumn(name, kind, description, tuple(tags), tuple(tests))
        for key, (name, kind, description, tags, tests) in told.items()
    }
