"""Scope files of this version and of earlier ones."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

from ingest_assets.catalog import Column, Table
from ingest_assets.snapshots.findings import FindingsWriter, read_findings

BEFORE_NAMES = (
    b'{"table":{"path":["lake","db","sales","orders"],"table_type":"Regular",'
    b'"columns":[{"name":"id","data_type":"INT","data_type_display":"int","description":"Its number"}]}}\n'
)
"""As it was written when columns had no display names."""


def orders(**named: str) -> Table:
    column = Column(name="id", data_type="INT", data_type_display="int", description="Its number", **named)
    return Table(path=("lake", "db", "sales", "orders"), table_type="Regular", columns=(column,))


def written(table: Table, file: Path) -> str:
    with FindingsWriter(file) as writer:
        writer.write(table)
    return writer.digest


def test_a_scope_without_names_of_columns_is_written_and_read_as_before_there_were_any(tmp_path: Path) -> None:
    """Another digest would be another file of each scope, and one that can't be read a listing that is lost."""
    digest = hashlib.blake2b(BEFORE_NAMES, digest_size=20).hexdigest()
    old = tmp_path / "old"
    old.write_bytes(gzip.compress(BEFORE_NAMES))
    assert list(read_findings(old, digest)) == [orders()]
    assert written(orders(), tmp_path / "new") == digest


def test_names_of_columns_are_read_as_they_were_written(tmp_path: Path) -> None:
    named = orders(display_name="The number")
    digest = written(named, tmp_path / "new")
    assert list(read_findings(tmp_path / "new", digest)) == [named]
