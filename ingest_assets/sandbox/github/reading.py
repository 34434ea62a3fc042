"""GitHub's answers about repositories and commits."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from werkzeug.wrappers import Request, Response

from ingest_assets.sandbox.company.looker_git import AUTHOR
from ingest_assets.sandbox.company.looker_repositories import Commit, Repository
from ingest_assets.sandbox.github.refusals import JSON, GitHubRefusalError
from ingest_assets.sandbox.github.tokens import Budget, GitHubAccess

_SHA = "application/vnd.github.sha"
_ACCEPTED = ("*/*", "application/json", "application/vnd.github+json", "application/vnd.github.v3+json")


def answer_rate_limit(budget: Budget) -> Response:
    """What is left to the caller; asking costs nothing."""
    core = {"limit": budget.limit, "used": budget.used, "remaining": budget.remaining, "reset": budget.reset}
    return Response(json.dumps({"resources": {"core": core}, "rate": core}), content_type=JSON)


def answer_repository(repository: Repository, request: Request) -> Response:
    """``GET /repos/{owner}/{repo}``."""
    base = request.host_url.rstrip("/")
    full_name = f"{repository.owner}/{repository.name}"
    body = {
        "id": repository.number,
        "name": repository.name,
        "full_name": full_name,
        "private": repository.private,
        "owner": {"login": repository.owner, "id": 70001, "type": "Organization"},
        "html_url": f"{base}/{full_name}",
        "description": None,
        "fork": False,
        "url": f"{base}/repos/{full_name}",
        "clone_url": f"{base}/{full_name}.git",
        "default_branch": repository.default_branch,
        "archived": repository.archived,
        "disabled": False,
        "visibility": "private" if repository.private else "public",
        "permissions": {"admin": False, "maintain": False, "push": False, "triage": False, "pull": True},
    }
    return _conditional(json.dumps(body), JSON, request)


def answer_commit(repository: Repository, ref: str, request: Request) -> Response:
    """``GET /repos/{owner}/{repo}/commits/{ref}``: all of it, or only its SHA.

    Raises:
        GitHubRefusalError: There is no such commit, or none at all.
    """
    commit = _commit(repository, ref)
    accept = request.headers.get("Accept", "*/*")
    if accept == _SHA:
        return _conditional(commit.sha, f"{_SHA}; charset=utf-8", request)
    if accept.partition(",")[0] not in _ACCEPTED:
        raise GitHubRefusalError(415, "Unsupported 'Accept' header: " + accept)
    return _conditional(json.dumps(_commit_body(repository, commit, request)), JSON, request)


def answer_tarball(repository: Repository, ref: str, codeload_url: str, access: GitHubAccess) -> Response:
    """``GET /repos/{owner}/{repo}/tarball/{ref}``: where to download it, with a key of its own if it is private."""
    path = f"/{repository.owner}/{repository.name}/legacy.tar.gz/{ref}"
    key = f"?token={access.download(path)}" if repository.private else ""
    response = Response(status=302, content_type="text/html;charset=utf-8")
    response.headers["Location"] = f"{codeload_url}{path}{key}"
    return response


def _commit(repository: Repository, ref: str) -> Commit:
    if not repository.commits:
        raise GitHubRefusalError(409, "Git Repository is empty.", page="/commits/commits#get-a-commit")
    commit = repository.resolve(ref)
    if commit is None:
        raise GitHubRefusalError(422, f"No commit found for SHA: {ref}", page="/commits/commits#get-a-commit")
    return commit


def _commit_body(repository: Repository, commit: Commit, request: Request) -> dict[str, Any]:
    base = request.host_url.rstrip("/")
    url = f"{base}/repos/{repository.owner}/{repository.name}"
    who = {"name": AUTHOR[0], "email": AUTHOR[1], "date": commit.at.strftime("%Y-%m-%dT%H:%M:%SZ")}
    parents = [commit.parent] if commit.parent else []
    return {
        "sha": commit.sha,
        "commit": {
            "author": who,
            "committer": who,
            "message": commit.message,
            "tree": {"sha": commit.tree, "url": f"{url}/git/trees/{commit.tree}"},
            "url": f"{url}/git/commits/{commit.sha}",
            "comment_count": 0,
            "verification": {"verified": False, "reason": "unsigned", "signature": None, "payload": None},
        },
        "url": f"{url}/commits/{commit.sha}",
        "html_url": f"{base}/{repository.owner}/{repository.name}/commit/{commit.sha}",
        "author": None,
        "committer": None,
        "parents": [{"sha": sha, "url": f"{url}/commits/{sha}"} for sha in parents],
    }


def _conditional(body: str, content_type: str, request: Request) -> Response:
    """The body, or 304 where the caller has it already."""
    etag = hashlib.sha256(f"{content_type}\n{body}".encode()).hexdigest()
    headers = {"ETag": f'W/"{etag}"', "Vary": "Accept, Authorization, Accept-Encoding", "Cache-Control": "private"}
    if request.if_none_match.contains_weak(etag):
        return Response(status=304, headers=headers)
    return Response(body, headers=headers, content_type=content_type)
