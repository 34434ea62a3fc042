"""A folder's files as they are, with or without git."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest_assets.errors import RejectedError, UnavailableError
from ingest_assets.sources.git.files import Collected, Files, Wanted, fault_of
from ingest_assets.sources.git.reading import Reading

_CHUNK = 1 << 20
_GIT = ".git"
"""A repository's own folder, or the file that stands for it in a worktree or a submodule."""


class LocalFolder:
    """A folder of this machine, whose commit is the hash of all that is in it. Safe to share among threads.

    Args:
        path: The folder; ``~`` is the home folder.
        reading: Its limits count, and nothing else: to read a folder takes no calls.
    """

    def __init__(self, path: Path, reading: Reading) -> None:
        self._root = path.expanduser().absolute()
        self._limits = reading.limits
        self._where = f"the folder {self._root}"

    def describe(self) -> str:
        """``the folder /...``."""
        return self._where

    def commit(self) -> str:
        """A hash of the names and contents of all files: of times and sizes would not do, as both can stand.

        Raises:
            UnavailableError: The folder or a file of it can't be read.
            RejectedError: It holds more than what is read.
        """
        whole = hashlib.sha256()
        collected = Collected(lambda _: False, self._limits, self._where)
        size = 0
        for path, file in self._files(collected):
            digest = hashlib.sha256()
            with self._opened(path, file) as handle:
                while chunk := os.read(handle, _CHUNK):
                    digest.update(chunk)
                    size += len(chunk)
                    if size > self._limits.whole:
                        raise collected.too_much(f"its files have more than {self._limits.whole:,} bytes")
            name = path.encode("utf-8", "surrogateescape")
            whole.update(len(name).to_bytes(4, "big") + name + digest.digest())
        return whole.hexdigest()

    def files(self, commit: str, wanted: Wanted) -> Files:
        """The wanted files, if the folder is still what it was.

        Raises:
            UnavailableError: As ``commit``, or the folder has changed since.
            RejectedError: It holds more than what is read.
        """
        collected = Collected(wanted, self._limits, self._where)
        for path, file in self._files(collected):
            with self._opened(path, file) as handle:
                size = os.fstat(handle).st_size
                if collected.wants(path, size):
                    collected.contents[path] = self._content(handle, size)
        if self.commit() != commit:
            raise UnavailableError("its files changed while they were read.", where=self._where, advice="Run again.")
        return collected.files()

    def page(self, path: str, line: int | None = None) -> None:
        """None: a path of this machine is nothing to others."""
        del path, line

    def _files(self, collected: Collected) -> Iterator[tuple[str, Path]]:
        """Regular files in order of their paths, links within the folder followed."""
        root = Path(os.path.realpath(self._root))
        if not root.is_dir():
            raise UnavailableError("it is not there.", where=self._where, advice="Check the path of the folder.")
        for folder, folders, names in os.walk(root, onerror=self._unread):
            inner = Path(folder)
            linked = [name for name in folders if (inner / name).is_symlink()]
            folders[:] = sorted(name for name in folders if name != _GIT and name not in linked)
            for name in sorted([*names, *linked]):
                collected.entry()
                path = (inner / name).relative_to(root).as_posix()
                file = None if name == _GIT else self._regular(root, inner / name, path, collected)
                if file is not None:
                    yield path, file

    def _regular(self, root: Path, file: Path, path: str, collected: Collected) -> Path | None:
        target = Path(os.path.realpath(file))
        reason = fault_of(path)
        if reason is None and not (target.is_relative_to(root) and _GIT not in target.relative_to(root).parts):
            reason = "a link that leads out of the folder"
        if reason is None and not target.is_file():
            reason = "a link to a folder, or no file but a device, a pipe or the like"
        if reason is None:
            return target
        collected.leave_out_if_wanted(path, reason)
        return None

    def _content(self, handle: int, size: int) -> bytes:
        """So many bytes; a file that grows meanwhile is found out by the hash."""
        content = bytearray()
        while len(content) < size and (chunk := os.read(handle, min(_CHUNK, size - len(content)))):
            content += chunk
        return bytes(content)

    @contextmanager
    def _opened(self, path: str, file: Path) -> Iterator[int]:
        """A file to read, no link and no pipe, whatever has been put in its place since it was looked at."""
        try:
            handle = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        except OSError as error:
            raise self._unreadable(path, error) from error
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise RejectedError(f"{path} is no file any more.", where=self._where, advice="Run again.")
            yield handle
        except OSError as error:
            raise self._unreadable(path, error) from error
        finally:
            os.close(handle)

    def _unread(self, error: OSError) -> None:
        raise self._unreadable(str(error.filename), error) from error

    def _unreadable(self, path: str, error: OSError) -> UnavailableError:
        return UnavailableError(
            f"{path} can't be read ({error.strerror}).", where=self._where, advice="May this process read it?"
        )
