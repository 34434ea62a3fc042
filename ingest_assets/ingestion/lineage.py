"""Lineage of a snapshot's views: drawn from their SQL against the snapshot's own tables, and kept beside it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing

from ingest_assets.catalog import Edge, EntityType, Note, Parked, Table
from ingest_assets.progress import Progress
from ingest_assets.snapshots.manifest import Manifest
from ingest_assets.snapshots.repository import Snapshots

_STAGE = "draw lineage"


def keep_lineage(snapshots: Snapshots, manifest: Manifest, progress: Progress) -> Manifest:
    """Draw the lineage of all views that the manifest's scopes hold.

    Returns:
        The manifest with its edges file.
    """
    index = snapshots.store.scratch()
    try:
        with closing(sqlite3.connect(index)) as db, snapshots.new_findings() as writer:
            _fill(db, snapshots, manifest, progress)
            for found in _draw(db, progress):
                writer.write(found)
    finally:
        index.unlink()
    return manifest.model_copy(update={"edges_file": writer.digest})


def _fill(db: sqlite3.Connection, snapshots: Snapshots, manifest: Manifest, progress: Progress) -> None:
    """Index the tables by their paths in lower case: a view names few of them, and memory must not hold all."""
    db.execute("CREATE TABLE tables (path TEXT PRIMARY KEY, spelled TEXT, columns TEXT) WITHOUT ROWID")
    db.execute("CREATE TABLE views (view TEXT)")
    for result in manifest.listing(EntityType.TABLE):
        for entity in snapshots.entities(result.file) if result.file else ():
            if isinstance(entity, Table):
                _index(db, entity, progress)
    db.commit()


def _index(db: sqlite3.Connection, table: Table, progress: Progress) -> None:
    columns = json.dumps([column.name for column in table.columns])
    lowered, spelled = json.dumps([part.lower() for part in table.path]), json.dumps(table.path)
    db.execute("INSERT OR IGNORE INTO tables VALUES (?, ?, ?)", (lowered, spelled, columns))
    # A view whose text could not be read goes along: it is told, and its earlier edges are not taken for gone.
    if table.sql is not None or "sql" in table.unknown:
        db.execute("INSERT INTO views VALUES (?)", (table.model_dump_json(exclude_defaults=True),))
        progress.found(_STAGE)


def _draw(db: sqlite3.Connection, progress: Progress) -> Iterator[Edge | Parked | Note]:
    if db.execute("SELECT 1 FROM views LIMIT 1").fetchone() is None:
        return
    # sqlglot takes a third of a second to import: only services with views pay for it.
    from ingest_assets.lineage.views import KnownTable, view_edges  # noqa: PLC0415

    def find(path: tuple[str, ...]) -> KnownTable | None:
        query = "SELECT spelled, columns FROM tables WHERE path = ?"
        row = db.execute(query, (json.dumps(path),)).fetchone()
        return KnownTable(tuple(json.loads(row[0])), json.loads(row[1])) if row else None

    for (view,) in db.execute("SELECT view FROM views"):
        yield from view_edges([Table.model_validate_json(view)], find)
        progress.done(_STAGE)
