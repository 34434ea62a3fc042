"""GitHub's REST API as a WSGI application: limit, authenticate, route, answer."""

from __future__ import annotations

import re
import threading
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from werkzeug.wrappers import Request, Response

from ingest_assets.sandbox.company.looker_repositories import Repositories, Repository
from ingest_assets.sandbox.fault_middleware import FaultMiddleware
from ingest_assets.sandbox.fault_sites import FaultKind
from ingest_assets.sandbox.faults import Call, Faults
from ingest_assets.sandbox.github.git_http import GitHttpApp
from ingest_assets.sandbox.github.reading import answer_commit, answer_rate_limit, answer_repository, answer_tarball
from ingest_assets.sandbox.github.refusals import (
    ACCEPTED,
    DENIED,
    GitHubRefusalError,
    exhausted,
    fault_answer,
    not_found,
)
from ingest_assets.sandbox.github.tokens import Budget, GitHubAccess, GitHubToken

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_PATHS = re.compile(
    r"(?:/api/v3)?(?:/(?P<limit>rate_limit)|/(?:repos/(?P<owner>[^/]+)/(?P<name>[^/]+)|repositories/(?P<number>\d+))"
    r"(?:/(?P<what>commits|tarball)/(?P<ref>.+)|(?P<other>/.*))?)"
)
_OPERATIONS = {"commits": "repos/get-commit", "tarball": "repos/download-tarball-archive", None: "repos/get"}
_RATE_LIMIT = "rate-limit/get"
_API_VERSIONS = ("2022-11-28",)
_LOG_LENGTH = 1_000
_NOT_MODIFIED = 304


@dataclass(frozen=True)
class GitHubRequest:
    """One request, for tests that look at what was asked.

    Attributes:
        operation: GitHub's own id of it.
        subject: ``owner/name`` and the ref, parts divided by slashes.
        headers: As sent.
    """

    operation: str
    subject: str
    headers: Mapping[str, str] = field(repr=False, default_factory=dict)


class GitHubApp:
    """The API, at the root as GitHub's own and below ``/api/v3`` as GitHub Enterprise's.

    Attributes:
        access: Tokens and limits.
        counts: Calls by operation, also those that a fault hit.
        requests: The last calls.
        codeload_url: Where archives are downloaded from.
        git: Clones over HTTP, of ``/{owner}/{repo}.git``.
    """

    def __init__(self, repositories: Repositories, access: GitHubAccess, faults: Faults) -> None:
        self.access = access
        self.codeload_url = ""
        self.git = GitHttpApp(repositories, access, faults)
        self.counts: Counter[str] = Counter()
        self.requests: deque[GitHubRequest] = deque(maxlen=_LOG_LENGTH)
        self._repositories = repositories
        self._faults = faults
        self._lock = threading.Lock()
        self._behind_faults = FaultMiddleware(self._serve, faults, self._name_call, fault_answer)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        app = self.git if self.git.serves(environ) else self._behind_faults
        return app(environ, start_response)

    @staticmethod
    def serves(environ: WSGIEnvironment) -> bool:
        """Whether a request is meant for GitHub, by its path."""
        return _PATHS.fullmatch(environ["PATH_INFO"]) is not None or GitHttpApp.serves(environ)

    def reset_counts(self) -> None:
        """Start counting anew."""
        with self._lock:
            self.counts.clear()
            self.requests.clear()

    def _name_call(self, request: Request) -> Call:
        """Name a request for the plan of faults, and count it, whatever becomes of it."""
        operation, subject = _named(_parts(request))
        with self._lock:
            self.counts[operation] += 1
            self.requests.append(GitHubRequest(operation, subject, dict(request.headers.items())))
        return Call("github", operation, subject)

    def _serve(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        token: GitHubToken | None = None
        try:
            _check_manners(request)
            token = self._token(request)
            response = self._answer(request, token)
        except GitHubRefusalError as refusal:
            response = refusal.response()
        limited = not _parts(request)["limit"]
        # A conditional request that is answered with 304 is free, but only to those who say who they are.
        free = not limited or (response.status_code == _NOT_MODIFIED and token is not None)
        budget = self.access.budget(token) if free else self.access.spend(token)
        _add_headers(response, budget)
        return response(environ, start_response)

    def _token(self, request: Request) -> GitHubToken | None:
        header = request.headers.get("Authorization", "")
        scheme, _, value = header.partition(" ")
        if not header:
            return None
        token = self.access.token(value.strip()) if scheme.lower() in ("bearer", "token") else None
        if token is None:
            raise GitHubRefusalError(401, "Bad credentials")
        return token

    def _answer(self, request: Request, token: GitHubToken | None) -> Response:
        parts = _parts(request)
        budget = self.access.budget(token)
        if parts["limit"]:
            return answer_rate_limit(budget)
        if not budget.remaining:
            raise exhausted(budget.reset)
        if request.method != "GET" or parts["other"]:
            raise GitHubRefusalError(501, f"The sandbox has not built {request.method} {request.path}.")
        strange = sorted(request.args)
        if strange:
            raise GitHubRefusalError(501, f"The sandbox does not honour {strange}.")
        if self._faults.take("github", *_named(parts), [FaultKind.VANISH]) is not None:
            self._vanish(parts)
        repository = self._repository(request, token, parts)
        if parts["what"] is None:
            return answer_repository(repository, request)
        if token is not None and repository.private and "contents=read" not in token.permissions:
            raise GitHubRefusalError(403, DENIED, ACCEPTED)
        ref = unquote(str(parts["ref"]))
        if parts["what"] == "commits":
            return answer_commit(repository, ref, request)
        return answer_tarball(repository, ref, self.codeload_url, self.access)

    def _vanish(self, parts: Mapping[str, str | None]) -> None:
        repository = self._found(parts)
        if repository is not None:
            self._repositories.drop(repository.owner, repository.name)

    def _found(self, parts: Mapping[str, str | None]) -> Repository | None:
        if parts["number"]:
            return self._repositories.numbered(int(parts["number"]))
        return self._repositories.find(unquote(parts["owner"] or ""), unquote(parts["name"] or ""))

    def _repository(self, request: Request, token: GitHubToken | None, parts: Mapping[str, str | None]) -> Repository:
        number, owner, name = parts["number"], parts["owner"] or "", parts["name"] or ""
        repository = self._found(parts)
        if repository is None or not _may_know(repository, token):
            raise not_found("/repos/repos#get-a-repository")
        moved = (repository.owner.lower(), repository.name.lower()) != (unquote(owner).lower(), unquote(name).lower())
        if moved and not number:
            prefix, _, rest = _raw_path(request).partition(f"/repos/{owner}/{name}")
            url = f"{request.host_url.rstrip('/')}{prefix}/repositories/{repository.number}{rest}"
            raise GitHubRefusalError(301, "Moved Permanently", {"Location": url})
        return repository


def _named(parts: Mapping[str, str | None]) -> tuple[str, str]:
    """Operation and subject."""
    operation = _RATE_LIMIT if parts["limit"] else _OPERATIONS[parts["what"]]
    named = (parts["owner"], parts["name"], parts["number"], parts["ref"])
    return operation, "/".join(unquote(part) for part in named if part)


def _parts(request: Request) -> Mapping[str, str | None]:
    found = _PATHS.fullmatch(_raw_path(request)) or _PATHS.fullmatch(request.path)
    if found is None:
        raise not_found()
    return found.groupdict()


def _raw_path(request: Request) -> str:
    """The path with names still quoted: a branch's may hold a slash."""
    return urlsplit(str(request.environ.get("REQUEST_URI") or request.path)).path


def _may_know(repository: Repository, token: GitHubToken | None) -> bool:
    selected = f"{repository.owner}/{repository.name}".lower()
    return not repository.private or (token is not None and selected in token.repositories)


def _check_manners(request: Request) -> None:
    """What GitHub asks of every request.

    Raises:
        GitHubRefusalError: It doesn't say what sends it, or wants a version of the API that is none.
    """
    if not request.headers.get("User-Agent"):
        words = "Request forbidden by administrative rules. Please make sure your request has a User-Agent header."
        raise GitHubRefusalError(403, words)
    version = request.headers.get("X-GitHub-Api-Version", _API_VERSIONS[0])
    if version not in _API_VERSIONS:
        raise GitHubRefusalError(400, f'"{version}" is not a supported version of the GitHub API.')


def _add_headers(response: Response, budget: Budget) -> None:
    response.headers.setdefault("x-ratelimit-limit", str(budget.limit))
    response.headers.setdefault("x-ratelimit-remaining", str(budget.remaining))
    response.headers.setdefault("x-ratelimit-used", str(budget.used))
    response.headers.setdefault("x-ratelimit-reset", str(budget.reset))
    response.headers.setdefault("x-ratelimit-resource", "core")
    response.headers.setdefault("X-GitHub-Media-Type", "github.v3; format=json")
