"""What a project of LookML costs to read: once whole, and again while its commit stands."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from rich import box
from rich.console import Console
from rich.table import Table

from ingest_assets.calls import Calls
from ingest_assets.ingestion.repository_cache import StoreCache
from ingest_assets.sandbox.company.looker_scale import lookml_files
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.snapshots.store import FolderStore
from ingest_assets.sources.git import GitHubRepository, Reading
from ingest_assets.sources.looker.lookml_reader import LookmlReader, NamedRepository

FILES = 3_000
_OWNER, _NAME = "bench", "lookml"
_PER_VIEW = 1.1  # files: every tenth view is refined in a file of its own


class ReadOnce(NamedTuple):
    """One reading.

    Attributes:
        seconds: Of the reading, files included that all models include.
        files: Of LookML.
        parsed: Of these, how many were parsed.
        calls: Requests to GitHub.
    """

    what: str
    seconds: float
    files: int
    parsed: int
    calls: int


def print_lookml(console: Console, files: int = FILES) -> None:
    """Print what reading a generated project takes, and what it takes again."""
    table = Table(title=f"LookML of {files:,} files", box=box.SIMPLE)
    for name in ("", "seconds", "ratio", "files", "parsed", "calls of GitHub"):
        table.add_column(name, justify="left" if not name else "right")
    with console.status("LookML ..."), _github(files) as sandbox, tempfile.TemporaryDirectory() as folder:
        measured = [_read(what, sandbox, Path(folder)) for what in ("the first time", "while the commit stands")]
    first = measured[0].seconds
    for each in measured:
        ratio = f"{each.seconds / first:.2f}"
        table.add_row(each.what, f"{each.seconds:.2f}", ratio, f"{each.files:,}", f"{each.parsed:,}", str(each.calls))
    console.print(table)


@contextmanager
def _github(files: int) -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        repository = sandbox.company.repositories.add(_OWNER, _NAME, private=False)
        repository.commit(dict(lookml_files(int(files / _PER_VIEW))), "A project of one model")
        yield sandbox


def _read(what: str, sandbox: Sandbox, folder: Path) -> ReadOnce:
    calls, cache = Calls(), StoreCache(FolderStore(folder))
    repository = GitHubRepository(_OWNER, _NAME, Reading(calls, cache), host=sandbox.url)
    reader = LookmlReader([NamedRepository(_NAME, repository)], lambda _: None, cache)
    started = time.perf_counter()
    (read,) = reader.projects()
    seconds = time.perf_counter() - started
    return ReadOnce(what, seconds, read.files, reader.parsed, sum(calls.counts().values()))
