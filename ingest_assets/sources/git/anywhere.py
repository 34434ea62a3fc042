"""A repository by the git program: GitLab, Bitbucket, Azure DevOps, any other host, and folders with a repository."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ingest_assets.errors import InvalidAnswerError, RejectedError, UnavailableError
from ingest_assets.sources.git.addresses import checked_ref, parse
from ingest_assets.sources.git.caching import Cached
from ingest_assets.sources.git.files import Collected, Files, Wanted, fault_of
from ingest_assets.sources.git.hosts import USERS, Hosting, hosting_of, page_of
from ingest_assets.sources.git.program import Git, Login, git_of
from ingest_assets.sources.git.reading import Reading, checked_secret
from ingest_assets.sources.git.told import UnknownCommitError

LS_REMOTE, FETCH = "git:LsRemote", "git:Fetch"
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_PART_OF_ONE = re.compile(r"[0-9a-f]{7,63}")
_SYMLINK, _SUBMODULE = "120000", "160000"
_CHUNK = 1 << 16


class GitRepository:
    """A repository at any address that git reads. Safe to share among threads.

    Args:
        url: Over ``https``, ``ssh`` or ``file``; what it says of a user and a password counts where no token is given.
        reading: Calls, cache, patience and limits.
        token: Token or password, for HTTPS only; SSH has the keys of the user that runs this.
        user: Who it belongs to; None: what the host wants there with a token.
        ref: Branch, tag or whole id of a commit; None: the default branch.
        hosting: Who hosts it; None: whom the host's name tells.

    Raises:
        RecipeError: Address, ref or token can't be ones.
    """

    def __init__(
        self,
        url: str,
        reading: Reading,
        *,
        token: str | None = None,
        user: str | None = None,
        ref: str | None = None,
        hosting: Hosting | None = None,
    ) -> None:
        self._address = parse(url)
        self._hosting = hosting or hosting_of(self._address.host)
        self._ref = checked_ref(ref)
        self._reading = reading
        self._login = self._login_of(token, user)
        self._cached = Cached(reading.cache, self._address.url)

    def describe(self) -> str:
        """The address without user and password, and the ref where it is not the default branch."""
        return self._address.url + (f" at {self._ref}" if self._ref else "")

    def commit(self) -> str:
        """The commit that the ref is now; one that is given by its id is not asked for.

        Raises:
            AuthenticationError: Token, password or key is refused.
            PermissionDeniedError: The repository is not there, or not shown.
            RejectedError: There is no such ref.
            UnavailableError: The host can't be reached, or fails.
            DependencyError: There is no git.
        """
        if self._ref and _COMMIT.fullmatch(self._ref):
            return self._ref
        where = f"{LS_REMOTE} of {self.describe()}"
        names = _names_of(self._ref)

        def ask() -> str:
            with git_of(self._address, self._login, self._reading) as git:
                self._reading.calls.begin(LS_REMOTE)
                written = git.run(["ls-remote", "--", self._address.url, *names], where)
                refs = _refs_of(written.read_bytes(), where)
            commit = next((refs[name] for name in names if name in refs), None)
            if commit is None:
                raise self._no_such_ref(where)
            return commit

        return self._reading.patience.persevere(LS_REMOTE, self._reading.calls, ask)

    def files(self, commit: str, wanted: Wanted) -> Files:
        """The wanted files of a commit.

        Raises:
            RemoteError: As ``commit``.
            RejectedError: The repository is larger than what is read.
        """
        where = f"{FETCH} of {self.describe()}"
        if not _COMMIT.fullmatch(commit):
            raise InvalidAnswerError(f"{commit[:80]!r} is not the id of a commit.", where=where)

        def fetch() -> Files:
            with git_of(self._address, self._login, self._reading) as git:
                git.run(["init", "--quiet", "--bare", "--template=", *_format_of(commit)], where)
                self._fetch(git, commit, where)
                return self._read(git, commit, wanted, where)

        def read() -> Files:
            return self._reading.patience.persevere(FETCH, self._reading.calls, fetch)

        return self._cached.files(commit, wanted, read)

    def page(self, path: str, line: int | None = None) -> str | None:
        """The file's page of the branch, where the host is known to have one."""
        address = self._address
        if self._hosting is Hosting.OTHER or address.scheme == "file":
            return None
        return page_of(self._hosting, f"{address.web}/{address.owner}/{address.name}", self._ref, path, line)

    def _login_of(self, token: str | None, user: str | None) -> Login | None:
        address = self._address
        secret = checked_secret(token, address.url) or checked_secret(address.password, address.url)
        if secret is None or address.scheme not in ("https", "http"):
            return None
        own = address.user if token is None else None
        return Login(checked_secret(user, address.url) or own or USERS[self._hosting], secret)

    def _fetch(self, git: Git, commit: str, where: str) -> None:
        """Fetch the commit by its id; from a host that gives out none so, by its name."""
        command = ["fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--", self._address.url]
        self._reading.calls.begin(FETCH)
        try:
            git.run([*command, commit], where)
        except UnknownCommitError:
            if self._ref == commit:
                raise
            self._reading.calls.begin(FETCH)
            git.run([*command, self._ref or "HEAD"], where)

    def _read(self, git: Git, commit: str, wanted: Wanted, where: str) -> Files:
        collected = Collected(wanted, self._reading.limits, where)
        try:
            listed = git.run(["ls-tree", "-r", "-z", "-l", "--full-tree", commit], where)
        except UnknownCommitError as error:
            what = f"the commit {commit} was not among what was fetched: the branch has moved on."
            raise UnavailableError(what, where=where, advice="Run again.") from error
        blobs: list[_Blob] = []
        for blob in _blobs_of(listed, where):
            collected.entry()
            fault = fault_of(blob.path)
            if fault is not None:
                collected.leave_out(blob.path, fault)
            elif blob.mode == _SYMLINK:
                collected.leave_out_if_wanted(blob.path, "a link")
            elif blob.mode != _SUBMODULE and collected.wants(blob.path, blob.size):
                blobs.append(blob)
        asked = "".join(f"{blob.id}\n" for blob in blobs).encode()
        with git.run(["cat-file", "--batch"], where, asked).open("rb") as contents:
            for blob in blobs:
                head = contents.readline().decode("ascii", "replace").split()
                content = contents.read(blob.size)
                if head != [blob.id, "blob", str(blob.size)] or contents.read(1) != b"\n" or len(content) != blob.size:
                    raise InvalidAnswerError(f"git does not give out {blob.path!r}.", where=where)
                collected.contents[blob.path] = content
        return collected.files()

    def _no_such_ref(self, where: str) -> RejectedError:
        if self._ref is None:
            advice = "Is this the repository that is meant?"
            return RejectedError("the repository is empty.", where=where, advice=advice)
        advice = "Set an existing branch or tag."
        if _PART_OF_ONE.fullmatch(self._ref):
            advice = f"{advice[:-1]}, or the whole id of a commit."
        return RejectedError(f"there is no branch or tag {self._ref!r}.", where=where, advice=advice)


class _Blob(NamedTuple):
    mode: str
    id: str
    size: int
    path: str


def _names_of(ref: str | None) -> tuple[str, ...]:
    """What a ref may be in full, the first first; what an annotated tag points to, before the tag."""
    if ref is None or ref == "HEAD":
        return ("HEAD",)
    if ref.startswith("refs/"):
        return f"{ref}^{{}}", ref
    return f"refs/heads/{ref}", f"refs/tags/{ref}^{{}}", f"refs/tags/{ref}"


def _refs_of(written: bytes, where: str) -> dict[str, str]:
    refs = {}
    for line in written.decode("utf-8", "surrogateescape").splitlines():
        commit, _, name = line.partition("\t")
        if not _COMMIT.fullmatch(commit):
            raise InvalidAnswerError("git lists what is no ref.", where=where)
        refs[name] = commit
    return refs


def _blobs_of(listed: Path, where: str) -> Iterator[_Blob]:
    """What ``ls-tree -z -l`` lists, a line at a time: a tree may list itself without end."""
    rest = b""
    with listed.open("rb") as lines:
        while chunk := lines.read(_CHUNK):
            *whole, rest = (rest + chunk).split(b"\0")
            for line in whole:
                head, _, path = line.partition(b"\t")
                parts = head.decode("ascii", "replace").split()
                if len(parts) != 4 or not (parts[3].isdecimal() or parts[3] == "-"):  # noqa: PLR2004
                    raise InvalidAnswerError("git lists what is no file.", where=where)
                size = int(parts[3]) if parts[3] != "-" else 0
                yield _Blob(parts[0], parts[2], size, path.decode("utf-8", "surrogateescape"))


def _format_of(commit: str) -> tuple[str, ...]:
    return ("--object-format=sha256",) if len(commit) == 64 else ()  # noqa: PLR2004
