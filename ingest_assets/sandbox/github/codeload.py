"""Where GitHub has archives downloaded from: another host, which knows no token of the API's."""

from __future__ import annotations

import re
import threading
from collections import Counter, deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from werkzeug.wrappers import Request, Response

from ingest_assets.sandbox.company.looker_repositories import Repositories
from ingest_assets.sandbox.fault_middleware import FaultMiddleware
from ingest_assets.sandbox.faults import Call, Faults
from ingest_assets.sandbox.github.archives import folder_of, tarball
from ingest_assets.sandbox.github.refusals import fault_answer
from ingest_assets.sandbox.github.tokens import GitHubAccess

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

DOWNLOAD = "codeload/download"
_PATH = re.compile(r"/(?P<owner>[^/]+)/(?P<name>[^/]+)/legacy\.tar\.gz/(?P<ref>.+)")
_LOG_LENGTH = 1_000


class Download(NamedTuple):
    """A request for an archive.

    Attributes:
        path: What was asked for, without the query.
        authorization: The header: a token that was sent here has leaked to another host.
    """

    path: str
    authorization: str


class CodeloadApp:
    """Archives of repositories.

    Attributes:
        counts: Downloads.
        requests: The last ones.
    """

    def __init__(self, repositories: Repositories, access: GitHubAccess, faults: Faults) -> None:
        self.counts: Counter[str] = Counter()
        self.requests: deque[Download] = deque(maxlen=_LOG_LENGTH)
        self._repositories = repositories
        self._access = access
        self._lock = threading.Lock()
        self._behind_faults = FaultMiddleware(self._serve, faults, self._name_call, fault_answer)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        return self._behind_faults(environ, start_response)

    def _name_call(self, request: Request) -> Call:
        with self._lock:
            self.counts[DOWNLOAD] += 1
            self.requests.append(Download(request.path, request.headers.get("Authorization", "")))
        return Call("github", DOWNLOAD, request.path.strip("/"))

    def _serve(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._answer(Request(environ))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        found = _PATH.fullmatch(request.path)
        repository = self._repositories.find(found["owner"], found["name"]) if found else None
        if found is None or repository is None or request.method != "GET":
            return _nothing()
        commit = repository.resolve(found["ref"])
        key = request.args.get("token", "")
        if commit is None or (repository.private and not self._access.may_download(request.path, key)):
            return _nothing()
        headers = {
            "Content-Disposition": f"attachment; filename={folder_of(repository, commit)}.tar.gz",
            "ETag": f'W/"{commit.tree}"',
            "X-GitHub-Request-Id": commit.sha[:16].upper(),
        }
        return Response(tarball(repository, commit), headers=headers, content_type="application/x-gzip")


def _nothing() -> Response:
    return Response("404: Not Found", 404, content_type="text/plain; charset=utf-8")
