"""What was read of git repositories, kept beside the snapshots, so that the runs of all machines share it."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable

from ingest_assets.errors import StoreError
from ingest_assets.snapshots.store import Store

_PREFIX = "repositories"
_ENTRY = re.compile(rf"{_PREFIX}/[0-9a-f]{{32}}/[0-9]{{15}}-(?P<size>[0-9]+)")
_ENTRIES = 200
_BYTES = 1 << 30


class StoreCache:
    """A cache on the store; the oldest goes first. Safe to share among threads and processes.

    Each entry is a file ``repositories/<key>/<milliseconds>-<bytes>``, so that one listing tells what must go, and two
    runs that keep the same thing at once do not meet.

    Args:
        store: Where snapshots lie.
        entries: Kept at most.
        size: Bytes kept at most.
        clock: Seconds since 1970.
    """

    def __init__(
        self, store: Store, entries: int = _ENTRIES, size: int = _BYTES, clock: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._entries = entries
        self._size = size
        self._clock = clock

    def get(self, key: str) -> bytes | None:
        """What was put there last; None if it is gone or can't be read, as nothing depends on it."""
        try:
            newest = max(self._store.keys(f"{_name_of(key)}/"), default=None)
            return None if newest is None else self._store.fetch(newest).read_bytes()
        except (StoreError, OSError):
            # Another run may have put a newer one there since, and taken this one away.
            return None

    def put(self, key: str, content: bytes) -> None:
        """Keep something, and drop what it replaces and what is too much.

        Raises:
            StoreError: The store can't be written, which stops the run anyway.
        """
        if len(content) > self._size:
            return
        name = _name_of(key)
        kept = f"{name}/{int(self._clock() * 1000):015d}-{len(content)}"
        file = self._store.scratch()
        try:
            file.write_bytes(content)
            self._store.keep(kept, file)
        finally:
            file.unlink(missing_ok=True)
        self._prune(name, kept)

    def _prune(self, name: str, kept: str) -> None:
        ours = (key for key in self._store.keys(f"{_PREFIX}/") if _ENTRY.fullmatch(key))
        present = sorted(ours, key=_age_of, reverse=True)
        room, left = self._entries, self._size
        for key in [kept, *(each for each in present if each != kept)]:
            room, left = room - 1, left - _size_of(key)
            if room < 0 or left < 0 or (key != kept and key.startswith(f"{name}/")):
                self._store.remove(key)


def _name_of(key: str) -> str:
    return f"{_PREFIX}/{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def _age_of(key: str) -> str:
    return key.rpartition("/")[2]


def _size_of(key: str) -> int:
    return int(key.rpartition("-")[2])
