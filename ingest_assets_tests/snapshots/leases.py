"""A clock and a folder for tests of leases."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from ingest_assets.snapshots.lease import Lease
from ingest_assets.snapshots.store import FolderStore, Store

NewLease = Callable[..., Lease]
KEY = "glue/lake/leases/catalog"
LONG = 30.0  # seconds after which a test that waits for another thread or process has failed


class Clock:
    """Stands until it is set."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def file(generation: int) -> str:
    """Key of a generation."""
    return f"{KEY}/{generation:010d}.json"


def overwrite(store: Store, key: str, content: bytes) -> None:
    """Give a key a content, whoever it belongs to."""
    scratch = store.scratch()
    scratch.write_bytes(content)
    store.keep(key, scratch)


class Faulty(FolderStore):
    """A folder whose calls first do what a test says.

    Attributes:
        before: By name of the call.
        kept: A permit for each file that was kept.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.before: dict[str, Callable[[], None]] = {}
        self.kept = threading.Semaphore(0)

    def keep(self, key: str, file: Path) -> None:
        self.before.get("keep", lambda: None)()
        super().keep(key, file)
        self.kept.release()

    def create(self, key: str, content: bytes) -> bool:
        self.before.get("create", lambda: None)()
        return super().create(key, content)

    def keys(self, prefix: str) -> Iterator[str]:
        self.before.get("keys", lambda: None)()
        return super().keys(prefix)
