"""Clones over HTTP, where git is installed: GitHub's, GitLab's and Bitbucket's ways to say who clones."""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
import tempfile
import threading
from collections import Counter, deque
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from ingest_assets.sandbox.company.looker_git import write_bare
from ingest_assets.sandbox.company.looker_repositories import Repositories, Repository
from ingest_assets.sandbox.fault_middleware import FaultMiddleware
from ingest_assets.sandbox.faults import Call, Faults
from ingest_assets.sandbox.github.refusals import fault_answer
from ingest_assets.sandbox.github.tokens import GitHubAccess

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

REFS, UPLOAD_PACK = "git/info-refs", "git/upload-pack"
_PATHS = re.compile(r"/(?P<owner>.+)/(?P<name>[^/]+?)(?:\.git)?/(?P<what>info/refs|git-upload-pack)")
_SERVICE = "git-upload-pack"
_SECONDS = 60
_LOG_LENGTH = 1_000


class GitHttpApp:
    """Git's smart protocol, to read only.

    A private repository asks for Basic authentication: the token is the password, or the name with the password
    ``x-oauth-basic``; any other name (``x-access-token``, ``x-token-auth``, ``oauth2``) goes.

    Attributes:
        counts: Requests by operation.
        refused: Paths that were asked for without a token that is good for them.
    """

    def __init__(self, repositories: Repositories, access: GitHubAccess, faults: Faults) -> None:
        self.counts: Counter[str] = Counter()
        self.refused: deque[str] = deque(maxlen=_LOG_LENGTH)
        self._repositories = repositories
        self._access = access
        self._lock = threading.Lock()
        self._behind_faults = FaultMiddleware(self._serve, faults, self._name_call, fault_answer)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        return self._behind_faults(environ, start_response)

    @staticmethod
    def serves(environ: WSGIEnvironment) -> bool:
        """Whether git asks, by the path."""
        return _PATHS.fullmatch(environ["PATH_INFO"]) is not None

    def _name_call(self, request: Request) -> Call:
        found = _PATHS.fullmatch(request.path)
        operation = REFS if found and found["what"] == "info/refs" else UPLOAD_PACK
        with self._lock:
            self.counts[operation] += 1
        return Call("github", operation, f"{found['owner']}/{found['name']}" if found else "")

    def _serve(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._answer(Request(environ))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        git = shutil.which("git")
        if git is None:
            return Response("The sandbox needs git to be cloned from.\n", 501, content_type="text/plain")
        found = _PATHS.fullmatch(request.path)
        repository = self._repositories.find(found["owner"], found["name"]) if found else None
        if found is None or not self._may_read(repository, request):
            self.refused.append(request.path)
            headers = {"WWW-Authenticate": 'Basic realm="GitHub"'}
            return Response("Repository not found.\n", 401, headers=headers, content_type="text/plain")
        if repository is None:
            return Response("Repository not found.\n", 404, content_type="text/plain")
        if found["what"] == "info/refs":
            if request.args.get("service") != _SERVICE:
                return Response("Only reading is built.\n", 403, content_type="text/plain")
            return _run(git, repository, request, advertise=True)
        return _run(git, repository, request, advertise=False)

    def _may_read(self, repository: Repository | None, request: Request) -> bool:
        """GitHub asks who it is before it says that there is no such repository."""
        if repository is not None and not repository.private:
            return True
        who = request.authorization
        if who is None or who.type != "basic":
            return False
        secret = who.username if who.password in ("x-oauth-basic", "") else who.password
        token = self._access.token(secret or "")
        if token is None:
            return False
        selected = f"{repository.owner}/{repository.name}".lower() if repository else ""
        return repository is None or (selected in token.repositories and "contents=read" in token.permissions)


def _run(git: str, repository: Repository, request: Request, *, advertise: bool) -> Response:
    words = [git, "upload-pack", "--stateless-rpc", *(["--advertise-refs"] if advertise else [])]
    environment = {"GIT_PROTOCOL": request.headers.get("Git-Protocol", ""), "GIT_CONFIG_NOSYSTEM": "1", "HOME": "/"}
    body = request.get_data()
    if request.headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    with tempfile.TemporaryDirectory(prefix="sandbox-git-") as folder:
        bare = write_bare(repository, Path(folder))
        environment |= {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "uploadpack.allowAnySHA1InWant",
            "GIT_CONFIG_VALUE_0": "true",
        }
        done = subprocess.run(  # noqa: S603  # git, on a folder that was made here
            [*words, str(bare)], input=body, capture_output=True, env=environment, timeout=_SECONDS, check=False
        )
    kind = "advertisement" if advertise else "result"
    head = f"{len(_SERVICE) + 15:04x}# service={_SERVICE}\n0000".encode() if advertise else b""
    return Response(head + done.stdout, content_type=f"application/x-{_SERVICE}-{kind}", headers=_NO_CACHE)


_NO_CACHE = {"Cache-Control": "no-cache, max-age=0, must-revalidate"}
