"""Files of a repository as they are handed on, and what bounds them."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, Protocol

from ingest_assets.errors import RejectedError

_UNTOLD = frozenset({"Cc", "Cs"})  # control characters, and bytes that are no UTF-8

Wanted = Callable[[str], bool]
"""Whether the file of a path, from the repository's root and with ``/``, is to be read."""


class Repository(Protocol):
    """A repository whose files can be read at one commit."""

    def describe(self) -> str:
        """What people know it by; never a secret."""

    def commit(self) -> str:
        """The id of what the wanted branch, tag or commit is now.

        Raises:
            RemoteError: It could not be told.
            DeadlineExceededError: The run's time is over.
        """

    def files(self, commit: str, wanted: Wanted) -> Files:
        """The wanted files at that very commit, whatever has been pushed since.

        Raises:
            RemoteError: They could not be read; there are no files in part.
            DeadlineExceededError: The run's time is over.
        """

    def page(self, path: str, line: int | None = None) -> str | None:
        """The address of a file for people; None where nothing shows it to all of them."""


class LeftOut(NamedTuple):
    """Something that stands in a repository and was not read.

    Attributes:
        path: As it is written there.
        reason: Why.
    """

    path: str
    reason: str


class Files(Mapping[str, bytes]):
    """Contents by path, in order of the paths.

    Attributes:
        paths: All files of the repository, read or not.
        left_out: Wanted ones that were not read, and entries whose name can't be one of a file.
    """

    def __init__(
        self, contents: Mapping[str, bytes], paths: frozenset[str] = frozenset(), left_out: tuple[LeftOut, ...] = ()
    ) -> None:
        self._contents = {path: contents[path] for path in sorted(contents)}
        self.paths = paths | self._contents.keys()
        self.left_out = left_out

    def __getitem__(self, path: str) -> bytes:
        return self._contents[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._contents)

    def __len__(self) -> int:
        return len(self._contents)

    def reasons(self) -> dict[str, int]:
        """How many were left out, by reason."""
        return dict(sorted(Counter(each.reason for each in self.left_out).items()))

    def narrowed(self, wanted: Wanted) -> Files | None:
        """Those that are wanted of these; None where one is wanted that was not read."""
        known = self._contents.keys() | {each.path for each in self.left_out}
        if any(path not in known and wanted(path) for path in self.paths):
            return None
        contents = {path: content for path, content in self._contents.items() if wanted(path)}
        left_out = tuple(each for each in self.left_out if each.path not in self.paths or wanted(each.path))
        return Files(contents, self.paths, left_out)


class Limits(NamedTuple):
    """What a repository may hold. A project of 3,000 text files has some 10 MB.

    Attributes:
        download: Bytes that are fetched, packed.
        whole: Bytes of all entries together, unpacked, wanted or not.
        kept: Bytes of all wanted files together.
        file: Bytes of one wanted file; a larger one is left out.
        entries: Files, folders and links.
        odd: Entries that may be left out.
    """

    download: int = 1 << 29
    whole: int = 1 << 31
    kept: int = 1 << 28
    file: int = 1 << 23
    entries: int = 200_000
    odd: int = 1_000


class Collected:
    """Gathers files within the limits.

    Args:
        wanted: What is kept.
        limits: What is too much.
        where: The call and the repository, for messages.
    """

    def __init__(self, wanted: Wanted, limits: Limits, where: str) -> None:
        self.contents: dict[str, bytes] = {}
        self._wanted = wanted
        self._limits = limits
        self._where = where
        self._paths: set[str] = set()
        self._left_out: list[LeftOut] = []
        self._entries = 0
        self._kept = 0

    def entry(self) -> None:
        """Count an entry of any kind.

        Raises:
            RejectedError: There are more than may be.
        """
        self._entries += 1
        if self._entries > self._limits.entries:
            raise self.too_much(f"it has more than {self._limits.entries:,} entries")

    def wants(self, path: str, size: int) -> bool:
        """Note a file; whether it is to be read.

        Raises:
            RejectedError: The wanted files are more than may be kept.
        """
        self._paths.add(path)
        if not self._wanted(path):
            return False
        if size > self._limits.file:
            self.leave_out(path, f"larger than {self._limits.file:,} bytes")
            return False
        self._kept += size
        if self._kept > self._limits.kept:
            raise self.too_much(f"its wanted files have more than {self._limits.kept:,} bytes")
        return True

    def leave_out_if_wanted(self, path: str, reason: str) -> None:
        """Note something that stands where a file might."""
        if self._wanted(path):
            self._paths.add(path)
            self.leave_out(path, reason)

    def leave_out(self, path: str, reason: str) -> None:
        """Note something that is not read.

        Raises:
            RejectedError: There are too many of the kind for this to be a sound repository.
        """
        self._left_out.append(LeftOut(path, reason))
        if len(self._left_out) > self._limits.odd:
            raise self.too_much(f"more than {self._limits.odd:,} of its entries can't be read ({reason}, the last one)")

    def too_much(self, what: str) -> RejectedError:
        """The error for a repository beyond the limits."""
        advice = "Is this the repository that is meant? What is not needed here belongs into another one."
        return RejectedError(f"the repository is larger than what is read: {what}.", where=self._where, advice=advice)

    def files(self) -> Files:
        """What was gathered."""
        return Files(self.contents, frozenset(self._paths), tuple(self._left_out))


def fault_of(path: str) -> str | None:
    """Why a path can't be that of a file in a repository; None if it can."""
    parts = path.split("/")
    if path.startswith("/") or "\\" in path or ":" in parts[0][1:2]:
        return "an absolute name, or one of another system"
    if ".." in parts:
        return "a name that leads out of the repository"
    if any(part in ("", ".") for part in parts):
        return "a name with empty parts"
    if any(unicodedata.category(each) in _UNTOLD for each in path):
        return "a name with characters that no text has"
    return None
