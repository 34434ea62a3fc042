"""Lineage of a snapshot: what its source tells, and what its views' SQL does; kept beside it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing

from ingest_assets.catalog import DataModel, Edge, ForeignEdge, Note, Parked, Statement, Table
from ingest_assets.progress import Progress
from ingest_assets.snapshots.manifest import Manifest
from ingest_assets.snapshots.repository import Snapshots
from ingest_assets.wording import first_of

_STAGE = "draw lineage"
_SHOWN = 5


def keep_lineage(snapshots: Snapshots, manifest: Manifest, progress: Progress) -> Manifest:
    """Gather the lineage that the source tells of, and draw that of all views that the manifest's scopes hold.

    Returns:
        The manifest with its edges file.
    """
    index = snapshots.store.scratch()
    try:
        with closing(sqlite3.connect(index)) as db, snapshots.new_findings() as writer:
            for told in _told(db, snapshots, manifest, progress):
                writer.write(told)
            for found in _draw(db, progress):
                writer.write(found)
    finally:
        index.unlink()
    return manifest.model_copy(update={"edges_file": writer.digest})


def _told(
    db: sqlite3.Connection, snapshots: Snapshots, manifest: Manifest, progress: Progress
) -> Iterator[Edge | ForeignEdge | Statement | Parked | Note]:
    """Lineage that stands in the scope files; tables are indexed on the way.

    By their paths in lower case: a view names few of them, and memory must not hold all. What a listing told that could
    not be read whole this time is told as it was last known: else its edges would be taken for gone.
    """
    # An index that is thrown away at the end: a power cut may damage it.
    db.executescript("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY;")
    db.execute("CREATE TABLE tables (path TEXT PRIMARY KEY, spelled TEXT, columns TEXT) WITHOUT ROWID")
    db.execute("CREATE TABLE views (view TEXT)")
    db.execute("CREATE TABLE models (path TEXT PRIMARY KEY, columns TEXT, unread INTEGER) WITHOUT ROWID")
    for result in manifest.scopes:
        for found in snapshots.findings(result.file) if result.file else ():
            if isinstance(found, Table) and result.complete:
                _index(db, found, progress)
            elif isinstance(found, DataModel) and result.complete:
                _index_model(db, found)
            elif isinstance(found, Edge):
                yield from _with_known_columns(db, found)
            elif isinstance(found, ForeignEdge | Statement | Parked):
                yield found
    db.commit()


def _index(db: sqlite3.Connection, table: Table, progress: Progress) -> None:
    columns = json.dumps([column.name for column in table.columns])
    lowered, spelled = json.dumps([part.lower() for part in table.path]), json.dumps(table.path)
    db.execute("INSERT OR IGNORE INTO tables VALUES (?, ?, ?)", (lowered, spelled, columns))
    # A view whose text could not be read goes along: it is told, and its earlier edges are not taken for gone.
    if table.sql is not None or "sql" in table.unknown:
        db.execute("INSERT INTO views VALUES (?)", (table.model_dump_json(exclude_defaults=True),))
        progress.found(_STAGE)


def _index_model(db: sqlite3.Connection, model: DataModel) -> None:
    columns = json.dumps([column.name for column in model.columns])
    row = (json.dumps(model.path), columns, "columns" in model.unknown)
    db.execute("INSERT OR IGNORE INTO models VALUES (?, ?, ?)", row)


def _with_known_columns(db: sqlite3.Connection, edge: Edge) -> Iterator[Edge | Note]:
    """An edge from a data model, without columns that the model does not have: a server refuses it for one of them.

    A chart may name a column that was taken out of its data set, or out of one that nobody tells the columns of. Data
    models are listed before what is made of them.
    """
    row = db.execute("SELECT columns, unread FROM models WHERE path = ?", (json.dumps(edge.source.path),)).fetchone()
    if row is None or not edge.columns:
        yield edge
        return
    known, lacking, pairs = frozenset(json.loads(row[0])), dict[str, None](), []
    for pair in edge.columns:
        lacking |= dict.fromkeys(each.path[0] for each in pair.sources if each.path[0] not in known)
        there = tuple(each for each in pair.sources if each.path[0] in known)
        if there:
            pairs.append(pair._replace(sources=there))
    if lacking:
        shown = first_of(lacking, _SHOWN)
        yield Note(text=f"{edge.target} shows columns that {edge.source} is not known to have: {shown}.")
    # Columns that are not known this time may still be there, and their pairs on the server.
    yield edge.model_copy(update={"columns": tuple(pairs), "lacks_columns": edge.lacks_columns or bool(row[1])})


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
