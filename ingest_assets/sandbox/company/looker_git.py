"""Git's own objects: blobs, trees and commits with the SHAs that git computes, and bare repositories of them."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest_assets.sandbox.company.looker_repositories import Repository

FILE, EXECUTABLE, SYMLINK, SUBMODULE = "100644", "100755", "120000", "160000"
"""Git's modes of what may lie in a tree."""

AUTHOR = ("Norrpost Analytics", "analytics@norrpost.example")
_TREE = "40000"

Objects = dict[str, bytes]
"""Git objects, header and all, by their SHA."""


@dataclass(frozen=True)
class Entry:
    """What lies at a path of a tree.

    Attributes:
        content: A file's bytes, a symbolic link's target, or a submodule's commit as 40 hexadecimal digits.
        mode: Git's.
    """

    content: bytes
    mode: str = FILE

    @property
    def sha(self) -> str:
        """SHA of the blob; a submodule's commit."""
        return self.content.decode() if self.mode == SUBMODULE else _named("blob", self.content)[0]


def tree_objects(entries: Mapping[str, Entry]) -> tuple[str, Objects]:
    """All trees and blobs of a tree.

    Args:
        entries: By path.

    Returns:
        The SHA of the root, and the objects.
    """
    objects: Objects = {}
    rows: list[tuple[str, str, str]] = []
    folders: dict[str, dict[str, Entry]] = {}
    for path, entry in entries.items():
        folder, slash, rest = path.partition("/")
        if slash:
            folders.setdefault(folder, {})[rest] = entry
            continue
        rows.append((path, entry.mode, entry.sha))
        if entry.mode != SUBMODULE:
            sha, whole = _named("blob", entry.content)
            objects[sha] = whole
    for folder, below in folders.items():
        sha, more = tree_objects(below)
        objects.update(more)
        rows.append((folder, _TREE, sha))
    # Git sorts folders as if their names ended with a slash.
    rows.sort(key=lambda row: (row[0] + "/" if row[1] == _TREE else row[0]).encode())
    body = b"".join(f"{mode} {name}\0".encode() + bytes.fromhex(sha) for name, mode, sha in rows)
    sha, whole = _named("tree", body)
    objects[sha] = whole
    return sha, objects


def commit_object(tree: str, parent: str, message: str, at: datetime) -> tuple[str, bytes]:
    """A commit's SHA and object.

    Args:
        tree: SHA of its tree.
        parent: SHA of the one before, or nothing.
        message: What was done.
        at: When.
    """
    who = f"{AUTHOR[0]} <{AUTHOR[1]}> {int(at.timestamp())} +0000"
    lines = [f"tree {tree}", *([f"parent {parent}"] if parent else []), f"author {who}", f"committer {who}"]
    return _named("commit", ("\n".join(lines) + f"\n\n{message}\n").encode())


def write_bare(repository: Repository, folder: Path) -> Path:
    """Write a repository as a bare one, as ``git clone --bare`` would leave it; no git is needed.

    Args:
        repository: What is written.
        folder: Where; ``<name>.git`` is made in it.

    Returns:
        The bare repository, which git clones by its path or ``file://``.
    """
    bare = folder / f"{repository.name}.git"
    for part in ("objects/info", "objects/pack", "refs/heads", "refs/tags"):
        (bare / part).mkdir(parents=True, exist_ok=True)
    (bare / "HEAD").write_text(f"ref: refs/heads/{repository.default_branch}\n")
    (bare / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n")
    for commit in repository.commits:
        _, objects = tree_objects(commit.entries)
        sha, whole = commit_object(commit.tree, commit.parent, commit.message, commit.at)
        _write_objects(bare, [(sha, whole), *objects.items()])
    for kind, refs in (("heads", repository.branches), ("tags", repository.tags)):
        for name, sha in refs.items():
            path = bare / "refs" / kind / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{sha}\n")
    return bare


def _write_objects(bare: Path, objects: Iterable[tuple[str, bytes]]) -> None:
    for sha, whole in objects:
        path = bare / "objects" / sha[:2] / sha[2:]
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(zlib.compress(whole))


def _named(kind: str, body: bytes) -> tuple[str, bytes]:
    whole = f"{kind} {len(body)}\0".encode() + body
    return hashlib.sha1(whole, usedforsecurity=False).hexdigest(), whole
