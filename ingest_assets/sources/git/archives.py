"""Reading a packed tar archive as it comes, from first to last byte, without writing anything to disk.

The archive is another system's word. tarfile reads headers whole, however long they say they are, and would go back in
a file to loop for ever; it gets a tape that does neither.
"""

from __future__ import annotations

import io
import tarfile
import zlib
from collections.abc import Iterator

from ingest_assets.errors import InvalidAnswerError
from ingest_assets.sources.git.files import Collected, Files, Limits, Wanted, fault_of

_CHUNK = 65_536
_LONGEST_HEADER = 1 << 20  # bytes; a pax header holds a name or two
_GZIP = 31  # what zlib calls a gzip header and trailer, which has a checksum
_COMMENT = "comment"


class _Tape(io.RawIOBase):
    """The unpacked bytes, forward only."""

    def __init__(self, packed: Iterator[bytes], collected: Collected, limits: Limits, where: str) -> None:
        self._packed = packed
        self._collected = collected
        self._limits = limits
        self._where = where
        self._unpacker = zlib.decompressobj(_GZIP)
        self._waiting = b""
        self._fetched = 0
        self._ready = bytearray()
        self._place = 0
        self._last = b""

    def read(self, size: int = -1) -> bytes:
        """So many bytes, fewer at the end."""
        if not 0 <= size <= _LONGEST_HEADER:
            raise _broken(self._where, "a header of it says that it is far longer than headers are")
        while len(self._ready) < size:
            more = self._unpacked()
            if not more:
                break
            self._ready += more
        taken = bytes(self._ready[:size])
        del self._ready[:size]
        self._last = taken
        self._advance(len(taken))
        return taken

    def tell(self) -> int:
        """Bytes read so far."""
        return self._place

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go on to a place."""
        if whence or offset < self._place:
            raise _broken(self._where, "it leads back to where it was read before")
        while self._place < offset and self.read(min(_CHUNK, offset - self._place)):
            pass
        return self._place

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def finish(self) -> None:
        """Read to the end, so that the checksum of all of it is looked at.

        tarfile takes a header that it can't read, or that is missing, for the end: the end is what was last read, and
        it must be the empty block that says so, with nothing but more of them behind.
        """
        if len(self._last) != tarfile.BLOCKSIZE:
            raise _broken(self._where, "it ends too early")
        while self._last:
            if self._last.strip(b"\0"):
                raise _broken(self._where, "a header of it is damaged")
            self.read(_CHUNK)

    def _advance(self, size: int) -> None:
        self._place += size
        if self._place > self._limits.whole:
            raise self._collected.too_much(f"unpacked it has more than {self._limits.whole:,} bytes")

    def _unpacked(self) -> bytes:
        """The next unpacked bytes, not many at once; none at the end."""
        while True:
            if self._unpacker.eof:
                return b""  # git packs one stream; what might follow is none of the archive
            if not self._waiting:
                self._waiting = next(self._packed, b"")
                self._fetched += len(self._waiting)
                if self._fetched > self._limits.download:
                    raise self._collected.too_much(f"its archive has more than {self._limits.download:,} bytes")
                if not self._waiting:
                    raise _broken(self._where, "it ends too early")
            try:
                unpacked = self._unpacker.decompress(self._waiting, _CHUNK)
            except zlib.error as error:
                raise _broken(self._where, f"its compression is damaged ({error})") from error
            self._waiting = self._unpacker.unconsumed_tail
            if unpacked:
                return unpacked


def read_archive(packed: Iterator[bytes], commit: str, wanted: Wanted, limits: Limits, where: str) -> Files:
    """The wanted files of a repository's ``tar.gz``.

    Args:
        packed: The archive, in pieces.
        commit: What it must be of, where it says what it is of, as ``git archive`` does.
        wanted: What is kept.
        limits: What is too much.
        where: The call and the repository, for messages.

    Raises:
        InvalidAnswerError: It is cut, damaged, no such archive, or one of another commit.
        RejectedError: It is too large.
    """
    collected = Collected(wanted, limits, where)
    tape = _Tape(packed, collected, limits, where)
    try:
        with tarfile.open(fileobj=tape, mode="r:", errors="surrogateescape") as archive:
            said = archive.pax_headers.get(_COMMENT, commit)
            if said != commit:
                raise _broken(where, f"it is of the commit {said[:40]!r}")
            _read_all(archive, collected, where)
            tape.finish()
    except (tarfile.TarError, ValueError, EOFError, OverflowError, UnicodeError) as error:
        raise _broken(where, f"it is no archive that can be read ({type(error).__name__})") from error
    return collected.files()


def _read_all(archive: tarfile.TarFile, collected: Collected, where: str) -> None:
    root: str | None = None
    seen: set[str] = set()
    while (member := archive.next()) is not None:
        archive.members.clear()  # type: ignore[attr-defined]  # not in its stubs; it would keep each that was read
        collected.entry()
        name = member.name.rstrip("/")
        if root is None:
            root = name.partition("/")[0]
        path = name.removeprefix(f"{root}/")
        fault = fault_of(path) or (
            None if name in (root, f"{root}/{path}") else "a name beside the repository's folder"
        )
        if fault is not None:
            collected.leave_out(name, fault)
        elif not member.isdir():
            if path in seen:
                raise _broken(where, f"it holds {path!r} twice, which no repository does")
            seen.add(path)
            _read_member(archive, member, path, collected, where)


def _read_member(
    archive: tarfile.TarFile, member: tarfile.TarInfo, path: str, collected: Collected, where: str
) -> None:
    if not member.isreg() or member.issparse():
        kind = "a link" if member.issym() or member.islnk() else "no file but a device, a pipe or the like"
        collected.leave_out_if_wanted(path, kind)
        return
    if not collected.wants(path, member.size):
        return
    data = bytearray()
    content = archive.extractfile(member)
    while content is not None and (chunk := content.read(_CHUNK)):
        data += chunk
    if len(data) != member.size:
        raise _broken(where, f"it ends within {path!r}")
    collected.contents[path] = bytes(data)


def _broken(where: str, what: str) -> InvalidAnswerError:
    return InvalidAnswerError(f"the archive can't be used: {what}.", where=where)
