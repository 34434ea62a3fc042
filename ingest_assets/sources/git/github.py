"""A repository by GitHub's REST API: one conditional question for the commit, one archive for its files.

That is the cheapest way GitHub has: a 304 is not counted against the limit of callers with a token, and the archive is
one request however many files there are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

import requests

from ingest_assets.errors import InvalidAnswerError, RecipeError
from ingest_assets.sources.git.addresses import checked_ref, web_of
from ingest_assets.sources.git.archives import read_archive
from ingest_assets.sources.git.caching import Cached, Known
from ingest_assets.sources.git.files import Files, Wanted
from ingest_assets.sources.git.hosts import Hosting, api_of, page_of
from ingest_assets.sources.git.reading import Reading, checked_secret
from ingest_assets.sources.git.refusals import refusal, refused_download, unexpected
from ingest_assets.sources.git.web import Received, Web

_SHA = "application/vnd.github.sha"
_JSON = "application/vnd.github+json"
_VERSION = {"X-GitHub-Api-Version": "2022-11-28"}
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_NOT_MODIFIED = 304
_ERROR = 65_536  # bytes of an error that are read
GITHUB = "https://github.com"


class GitHubRepository:
    """A repository of GitHub or GitHub Enterprise. Safe to share among threads.

    Args:
        owner: User or organization.
        name: Its name.
        reading: Calls, cache, patience and limits.
        token: Only for private repositories, and for the higher limit.
        host: Where people see it: ``https://github.com``, or that of GitHub Enterprise.
        ref: Branch, tag or commit; None: the default branch.

    Raises:
        RecipeError: Owner, name, host, ref or token can't be ones.
    """

    def __init__(
        self,
        owner: str,
        name: str,
        reading: Reading,
        *,
        token: str | None = None,
        host: str = GITHUB,
        ref: str | None = None,
    ) -> None:
        for part in (owner, name):
            if not _NAME.fullmatch(part) or part in (".", ".."):
                raise RecipeError(f"{part!r} can't be the owner or the name of a repository of GitHub.")
        self._owner = owner
        self._name = name
        self._token = checked_secret(token, f"{owner}/{name}")
        self._host = web_of(host)
        self._ref = checked_ref(ref)
        self._calls, cache, self._patience, self._limits = reading
        self._web = Web(api_of(self._host), token, self._calls, self._patience)
        self._cached = Cached(cache, f"{self._host}/{owner}/{name}".lower())

    def describe(self) -> str:
        """``https://github.com/owner/name``, with the ref where it is not the default branch."""
        return f"{self._host}/{self._owner}/{self._name}" + (f" at {self._ref}" if self._ref else "")

    def commit(self) -> str:
        """The commit that the ref is now.

        Raises:
            AuthenticationError: The token is refused.
            PermissionDeniedError: The repository is not there, or not shown.
            RejectedError: There is no such ref.
            UnavailableError: GitHub can't be reached, fails, or the limit is used up.
            RemoteError: Something else came than an answer.
        """
        operation = "github:GetCommit"
        where = f"{operation} of {self.describe()}"
        return self._patience.persevere(operation, self._calls, lambda: self._ask_commit(operation, where))

    def files(self, commit: str, wanted: Wanted) -> Files:
        """The wanted files of a commit.

        Raises:
            RemoteError: As ``commit``.
            InvalidAnswerError: The archive is cut or damaged.
            RejectedError: It is larger than what is read.
        """
        operation = "github:GetTarball"
        where = f"{operation} of {self.describe()}"
        if not _COMMIT.fullmatch(commit):
            raise InvalidAnswerError(f"{commit[:80]!r} is not the id of a commit.", where=where)

        def read() -> Files:
            return self._patience.persevere(
                operation, self._calls, lambda: self._ask_files(operation, commit, wanted, where)
            )

        return self._cached.files(commit, wanted, read)

    def page(self, path: str, line: int | None = None) -> str:
        """The file's page, of the branch."""
        return page_of(Hosting.GITHUB, f"{self._host}/{self._owner}/{self._name}", self._ref, path, line)

    def _ask_commit(self, operation: str, where: str) -> str:
        ref = self._ref or "HEAD"
        known = self._cached.known(ref)
        headers = {**_VERSION, "Accept": _SHA, **({"If-None-Match": known.etag} if known else {})}
        path = f"/repos/{self._owner}/{self._name}/commits/{quote(ref, safe='')}"
        with self._web.get(operation, path, headers, where) as received:
            response = received.response
            if response.status_code == _NOT_MODIFIED and known:
                return known.commit
            self._check(received, where)
            commit = self._head_of(response, where).decode("ascii", "replace").strip()
            if not _COMMIT.fullmatch(commit):
                raise unexpected(response.headers.get("Content-Type", ""), where)
        etag = response.headers.get("ETag")
        if etag and etag.isascii() and etag.isprintable():
            self._cached.note(ref, Known(etag, commit))
        return commit

    def _ask_files(self, operation: str, commit: str, wanted: Wanted, where: str) -> Files:
        path = f"/repos/{self._owner}/{self._name}/tarball/{commit}"
        with self._web.get(operation, path, {**_VERSION, "Accept": _JSON}, where) as received:
            self._check(received, where)
            response = received.response
            if "text/html" in response.headers.get("Content-Type", ""):
                raise unexpected("text/html", where)
            return read_archive(self._web.chunks(response, where), commit, wanted, self._limits, where)

    def _check(self, received: Received, where: str) -> None:
        """Raise what an answer means that is none."""
        response = received.response
        status = response.status_code
        if status == requests.codes.ok:
            return
        headers: Mapping[str, str] = response.headers
        if not received.is_home and status < requests.codes.server_error:
            raise refused_download(status, headers, where)
        raise refusal(status, headers, self._head_of(response, where), where, self._token)

    def _head_of(self, response: requests.Response, where: str) -> bytes:
        """The beginning of a short answer."""
        body = b""
        for chunk in self._web.chunks(response, where):
            body += chunk
            if len(body) > _ERROR:
                break
        return body[:_ERROR]
