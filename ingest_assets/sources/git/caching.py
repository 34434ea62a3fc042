"""What was read of repositories, so that another run need not read it again."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable
from typing import NamedTuple, Protocol

from ingest_assets.sources.git.files import Files, LeftOut, Wanted

_FORMAT = b"files 1\n"
_DIGEST = 32  # bytes of the checksum that stands before everything
_LARGEST = 1 << 29  # bytes of all files, unpacked; more than is ever kept of one


class Cache(Protocol):
    """Bytes by key, which may be gone at any time. Whoever implements it bounds it."""

    def get(self, key: str) -> bytes | None:
        """What was put there; None if it is gone, or can't be read."""

    def put(self, key: str, content: bytes) -> None:
        """Keep something, in place of what was there; the oldest may go for it."""


class NoCache:
    """Keeps nothing."""

    def get(self, key: str) -> bytes | None:
        """Nothing."""
        del key
        return None

    def put(self, key: str, content: bytes) -> None:
        """Do nothing."""


class Known(NamedTuple):
    """What GitHub last said that a branch is.

    Attributes:
        etag: By which it is asked whether this still holds.
        commit: The commit.
    """

    etag: str
    commit: str


class Cached:
    """What is known of one repository.

    Args:
        cache: Where it is kept.
        repository: What tells it from all others: its address, without user and token.
    """

    def __init__(self, cache: Cache, repository: str) -> None:
        self._cache = cache
        self._name = hashlib.sha256(repository.encode("utf-8", "surrogateescape")).hexdigest()[:24]

    def known(self, ref: str) -> Known | None:
        """What the wanted ref was when it was last asked for."""
        content = self._cache.get(self._ref_key(ref))
        try:
            etag, commit = json.loads(_checked(content)) if content is not None else (None, None)
        except ValueError:
            return None
        return Known(etag, commit) if isinstance(etag, str) and isinstance(commit, str) else None

    def note(self, ref: str, known: Known) -> None:
        """Remember what the wanted ref is."""
        self._cache.put(self._ref_key(ref), _signed(json.dumps(known).encode()))

    def files(self, commit: str, wanted: Wanted, read: Callable[[], Files]) -> Files:
        """The wanted files of a commit: those that are known, or else what ``read`` brings."""
        key = f"files/{self._name}/{commit}"
        content = self._cache.get(key)
        found = None if content is None else _unpacked(content)
        narrowed = None if found is None else found.narrowed(wanted)
        if narrowed is not None:
            return narrowed
        files = read()
        self._cache.put(key, _packed(files))
        return files

    def _ref_key(self, ref: str) -> str:
        return f"refs/{self._name}/{hashlib.sha256(ref.encode('utf-8', 'surrogateescape')).hexdigest()[:24]}"


def _packed(files: Files) -> bytes:
    head = {
        "files": [[path, len(content)] for path, content in files.items()],
        "others": sorted(files.paths - files.keys()),
        "left_out": files.left_out,
    }
    packer = zlib.compressobj(1)  # five times as quick as the usual, for half as much again
    parts = [packer.compress(json.dumps(head).encode() + b"\n")]
    parts += [packer.compress(content) for content in files.values()]
    return _signed(_FORMAT + b"".join(parts) + packer.flush())


def _unpacked(content: bytes) -> Files | None:
    """The files; None if the content is damaged or of another format."""
    try:
        body = _checked(content)
        if not body.startswith(_FORMAT):
            return None
        line, _, rest = zlib.decompressobj().decompress(body[len(_FORMAT) :], _LARGEST).partition(b"\n")
        head = json.loads(line)
        contents, start = {}, 0
        for path, size in head["files"]:
            contents[path] = rest[start : start + size]
            start += size
        left_out = tuple(LeftOut(path, reason) for path, reason in head["left_out"])
        whole = start == len(rest)
        return Files(contents, frozenset(head["others"]), left_out) if whole else None
    except (ValueError, TypeError, KeyError, zlib.error):
        return None


def _signed(body: bytes) -> bytes:
    return hashlib.sha256(body).digest() + body


def _checked(content: bytes) -> bytes:
    """What was signed.

    Raises:
        ValueError: It is not what was written.
    """
    digest, body = content[:_DIGEST], content[_DIGEST:]
    if hashlib.sha256(body).digest() != digest:
        raise ValueError("the checksum is another")
    return body
