"""Git repositories as state: commits with their files, by owner and name, as GitHub keeps them."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from ingest_assets.errors import NotFoundError
from ingest_assets.sandbox.company.looker_git import Entry, commit_object, tree_objects

_SHA = re.compile(r"[0-9a-f]{7,40}")
_FIRST_COMMIT = datetime(2024, 2, 6, 8, 0, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Commit:
    """A commit with its whole tree.

    Attributes:
        sha: As git would compute it.
        tree: SHA of its tree.
        parent: SHA of the one before; empty for the first.
        message: What was done.
        at: When.
        entries: Files, links and submodules by path.
    """

    sha: str
    tree: str
    parent: str
    message: str
    at: datetime
    entries: Mapping[str, Entry] = field(repr=False)


@dataclass(frozen=True)
class ArchiveMember:
    """Something that stands in an archive as it is, which no file of a repository could make.

    Attributes:
        name: As written into the archive, e.g. ``../../etc/passwd``; without the folder that others lie in.
        size: Bytes, all of them zero.
        kind: ``file``, ``symlink``, ``hardlink``, ``device`` or ``fifo``.
        target: Where a link leads.
    """

    name: str
    size: int = 0
    kind: str = "file"
    target: str = ""


class Repository:
    """One repository; its commits are made from within the process.

    Args:
        owner: User or organization.
        name: Its name.
        number: GitHub's id of it.
        private: Whether a token is needed to read it.

    Attributes:
        archived: Whether it is read-only.
        default_branch: What ``HEAD`` is.
        archive_members: What its archives hold besides its files, for tests of whoever unpacks them.
    """

    def __init__(self, owner: str, name: str, number: int, *, private: bool) -> None:
        self.owner = owner
        self.name = name
        self.number = number
        self.private = private
        self.archived = False
        self.default_branch = "main"
        self.archive_members: list[ArchiveMember] = []
        self._lock = threading.RLock()
        self._commits: dict[str, Commit] = {}
        self._branches: dict[str, str] = {}
        self._tags: dict[str, str] = {}

    def commit(self, changes: Mapping[str, bytes | str | Entry | None], message: str, branch: str | None = None) -> str:
        """Change files on a branch.

        Args:
            changes: New content by path: bytes or text of a file, or an ``Entry`` (links, submodules); None removes it.
            message: What was done.
            branch: The default branch when None; a new one starts where the default branch is.

        Returns:
            The commit's SHA.
        """
        with self._lock:
            on = branch or self.default_branch
            parent = self._branches.get(on) or self._branches.get(self.default_branch, "")
            entries = dict(self._commits[parent].entries) if parent else {}
            for path, change in changes.items():
                if change is None:
                    del entries[path]
                else:
                    entries[path] = _entry(change)
            at = _FIRST_COMMIT + timedelta(hours=7 * len(self._commits))
            tree = tree_objects(entries)[0]
            made = commit_object(tree, parent, message, at)[0]
            self._commits[made] = Commit(made, tree, parent, message, at, entries)
            self._branches[on] = made
            return made

    def tag(self, name: str, sha: str | None = None) -> None:
        """Give a commit a name that stays; the default branch's newest when None."""
        with self._lock:
            self._tags[name] = sha or self._branches[self.default_branch]

    @property
    def head(self) -> Commit:
        """The newest commit of the default branch.

        Raises:
            NotFoundError: The repository is empty.
        """
        found = self.resolve("HEAD")
        if found is None:
            raise NotFoundError(f"{self.owner}/{self.name} has no commit", where="sandbox company")
        return found

    @property
    def branches(self) -> dict[str, str]:
        """The newest commit's SHA by branch."""
        with self._lock:
            return dict(self._branches)

    @property
    def tags(self) -> dict[str, str]:
        """The commit's SHA by tag."""
        with self._lock:
            return dict(self._tags)

    @property
    def commits(self) -> list[Commit]:
        """All commits, oldest first."""
        with self._lock:
            return list(self._commits.values())

    def resolve(self, ref: str) -> Commit | None:
        """The commit of a branch, a tag, ``HEAD`` or (the beginning of) a SHA; None when there is none."""
        with self._lock:
            if ref == "HEAD":
                return self._commits.get(self._branches.get(self.default_branch, ""))
            short = ref.removeprefix("refs/")
            branch = short.removeprefix("heads/")
            named = self._branches.get(branch) or self._tags.get(short.removeprefix("tags/"))
            if named is not None:
                return self._commits[named]
            found = [sha for sha in self._commits if sha.startswith(ref)] if _SHA.fullmatch(ref) else []
            return self._commits[found[0]] if len(found) == 1 else None


class Repositories:
    """All repositories of a GitHub, and where those that were renamed have gone."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._repositories: dict[int, Repository] = {}
        self._names: dict[tuple[str, str], int] = {}

    def add(self, owner: str, name: str, *, private: bool = True) -> Repository:
        """Make an empty repository."""
        with self._lock:
            number = 700_100_001 + len(self._repositories)
            repository = Repository(owner, name, number, private=private)
            self._repositories[number] = repository
            self._names[owner.lower(), name.lower()] = number
            return repository

    def find(self, owner: str, name: str) -> Repository | None:
        """One that has, or once had, that name; letters' case doesn't matter."""
        with self._lock:
            return self._repositories.get(self._names.get((owner.lower(), name.lower()), 0))

    def names(self) -> list[str]:
        """``owner/name`` of all."""
        with self._lock:
            return [f"{repository.owner}/{repository.name}" for repository in self._repositories.values()]

    def numbered(self, number: int) -> Repository | None:
        """One by GitHub's id."""
        with self._lock:
            return self._repositories.get(number)

    def get(self, owner: str, name: str) -> Repository:
        """One repository.

        Raises:
            NotFoundError: There is none of that name.
        """
        found = self.find(owner, name)
        if found is None:
            raise NotFoundError(f"the company has no repository {owner}/{name}", where="sandbox company")
        return found

    def rename(self, owner: str, name: str, *, new_owner: str | None = None, new_name: str | None = None) -> None:
        """Give a repository another name or owner; GitHub sends those who ask for the old one on."""
        with self._lock:
            repository = self.get(owner, name)
            repository.owner, repository.name = new_owner or repository.owner, new_name or repository.name
            self._names[repository.owner.lower(), repository.name.lower()] = repository.number

    def drop(self, owner: str, name: str) -> None:
        """Take a repository away."""
        with self._lock:
            del self._repositories[self.get(owner, name).number]


def _entry(change: bytes | str | Entry) -> Entry:
    if isinstance(change, Entry):
        return change
    return Entry(change.encode() if isinstance(change, str) else change)
