"""GitHub: its REST API, its downloads, and the repositories behind."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from ingest_assets.sandbox.company.looker_git import EXECUTABLE, SUBMODULE, SYMLINK, Entry, write_bare
from ingest_assets.sandbox.company.looker_repositories import ArchiveMember, Repository
from ingest_assets.sandbox.fault_sites import GITHUB_OPERATIONS
from ingest_assets.sandbox.github.tokens import GitHubToken
from ingest_assets.sandbox.server import Sandbox

SHA_ONLY = {"Accept": "application/vnd.github.sha"}


@pytest.fixture
def repository(sandbox: Sandbox) -> Repository:
    made = sandbox.company.repositories.add("norrpost", "blocks")
    made.commit({"a.view.lkml": "view: a {}\n", "deep/er/b.lkml": b"# b\n"}, "Begin")
    return made


@pytest.fixture
def token(sandbox: Sandbox, repository: Repository) -> GitHubToken:
    return sandbox.github.access.add_token(f"{repository.owner}/{repository.name}")


def get(sandbox: Sandbox, path: str, token: GitHubToken | None = None, **headers: str) -> requests.Response:
    signed = {"Authorization": f"Bearer {token.value}"} if token else {}
    return requests.get(f"{sandbox.url}{path}", headers={**signed, **headers}, timeout=5, allow_redirects=False)


def unpacked(content: bytes) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        return {member.name: member for member in archive.getmembers()}


def test_a_commits_sha_alone_is_a_matter_of_forty_bytes(
    sandbox: Sandbox, repository: Repository, token: GitHubToken
) -> None:
    answer = get(sandbox, "/repos/norrpost/blocks/commits/main", token, **SHA_ONLY)
    assert answer.text == repository.head.sha
    assert answer.headers["Content-Type"] == "application/vnd.github.sha; charset=utf-8"
    whole = get(sandbox, "/api/v3/repos/norrpost/blocks/commits/HEAD", token).json()
    assert (whole["sha"], whole["commit"]["tree"]["sha"]) == (repository.head.sha, repository.head.tree)


def test_what_is_known_already_costs_nothing_to_those_who_say_who_they_are(
    sandbox: Sandbox, repository: Repository, token: GitHubToken
) -> None:
    path = "/repos/norrpost/blocks/commits/main"
    etag = get(sandbox, path, token, **SHA_ONLY).headers["ETag"]
    again = get(sandbox, path, token, **SHA_ONLY, **{"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["x-ratelimit-used"]) == (304, b"", "1")
    repository.commit({"a.view.lkml": None}, "Drop it")
    changed = get(sandbox, path, token, **SHA_ONLY, **{"If-None-Match": etag})
    assert (changed.text, changed.headers["x-ratelimit-used"]) == (repository.head.sha, "2")


def test_a_304_costs_a_caller_without_a_token(sandbox: Sandbox, repository: Repository) -> None:
    repository.private = False
    etag = get(sandbox, "/repos/norrpost/blocks").headers["ETag"]
    again = get(sandbox, "/repos/norrpost/blocks", None, **{"If-None-Match": etag})
    assert (again.status_code, again.headers["x-ratelimit-used"], again.headers["x-ratelimit-limit"]) == (
        304,
        "2",
        "60",
    )


def test_an_archive_lies_on_another_host_with_a_key_of_its_own(
    sandbox: Sandbox, repository: Repository, token: GitHubToken
) -> None:
    sent_on = get(sandbox, f"/repos/norrpost/blocks/tarball/{repository.head.sha}", token)
    there = urlsplit(sent_on.headers["Location"])
    assert sent_on.status_code == 302
    assert there.port != urlsplit(sandbox.url).port
    assert parse_qs(there.query)["token"] != [token.value]
    answer = requests.get(sent_on.headers["Location"], timeout=5)
    folder = f"norrpost-blocks-{repository.head.sha[:7]}"
    assert set(unpacked(answer.content)) == {
        folder,
        f"{folder}/a.view.lkml",
        f"{folder}/deep",
        f"{folder}/deep/er",
        f"{folder}/deep/er/b.lkml",
    }
    assert requests.get(sent_on.headers["Location"].partition("?")[0], timeout=5).status_code == 404
    sandbox.github.access.expire_downloads()
    assert requests.get(sent_on.headers["Location"], timeout=5).status_code == 404


def test_a_token_that_leaks_to_the_other_host_is_seen(
    sandbox: Sandbox, repository: Repository, token: GitHubToken
) -> None:
    signed = {"Authorization": f"Bearer {token.value}"}
    url = f"{sandbox.url}/repos/norrpost/blocks/tarball/main"
    requests.get(url, headers=signed, timeout=5)  # the requests library drops the header where the port changes
    requests.get(
        get(sandbox, "/repos/norrpost/blocks/tarball/main", token).headers["Location"], headers=signed, timeout=5
    )
    assert [one.authorization for one in sandbox.codeload.requests] == ["", signed["Authorization"]]


def test_links_and_other_repositories_within_are_packed_as_git_does(
    sandbox: Sandbox, repository: Repository, token: GitHubToken
) -> None:
    repository.commit(
        {
            "link.lkml": Entry(b"../../outside", SYMLINK),
            "other": Entry(b"1" * 40, SUBMODULE),
            "run.sh": Entry(b"#!/bin/sh\n", EXECUTABLE),
        },
        "Odd ones",
    )
    location = get(sandbox, "/repos/norrpost/blocks/tarball/main", token).headers["Location"]
    members = unpacked(requests.get(location, timeout=5).content)
    folder = f"norrpost-blocks-{repository.head.sha[:7]}"
    assert members[f"{folder}/link.lkml"].linkname == "../../outside"
    assert members[f"{folder}/other"].isdir()
    assert members[f"{folder}/run.sh"].mode & 0o100


def test_a_hostile_archive_is_made_on_request(sandbox: Sandbox, repository: Repository, token: GitHubToken) -> None:
    repository.archive_members = [
        ArchiveMember("../../etc/passwd"),
        ArchiveMember("/etc/shadow"),
        ArchiveMember("bomb.lkml", size=3_000_000),
        ArchiveMember("link", kind="symlink", target="/etc"),
        ArchiveMember("hard", kind="hardlink", target="/etc/hosts"),
        ArchiveMember("null", kind="device"),
        ArchiveMember("pipe", kind="fifo"),
    ]
    location = get(sandbox, "/repos/norrpost/blocks/tarball/main", token).headers["Location"]
    content = requests.get(location, timeout=5).content
    members = unpacked(content)
    assert len(content) < 10_000
    assert members["bomb.lkml"].size == 3_000_000
    assert members["../../etc/passwd"].isfile()
    assert members["/etc/shadow"].isfile()
    assert (members["link"].issym(), members["hard"].islnk(), members["null"].ischr()) == (True, True, True)
    assert members["pipe"].isfifo()


@pytest.mark.parametrize("path", ["", "/commits/main", "/tarball/main"])
def test_a_private_repository_is_not_there_for_those_who_may_not_know_of_it(
    sandbox: Sandbox, repository: Repository, path: str
) -> None:
    del repository
    stranger = sandbox.github.access.add_token("somebody/else")
    for caller in (None, stranger):
        assert get(sandbox, f"/repos/norrpost/blocks{path}", caller).json()["message"] == "Not Found"


def test_a_token_without_contents_may_know_of_a_repository_and_not_read_it(
    sandbox: Sandbox, repository: Repository
) -> None:
    del repository
    weak = sandbox.github.access.add_token("norrpost/blocks", permissions=frozenset())
    assert get(sandbox, "/repos/norrpost/blocks", weak).json()["private"] is True
    refused = get(sandbox, "/repos/norrpost/blocks/commits/main", weak)
    assert (refused.status_code, refused.headers["x-accepted-github-permissions"]) == (403, "contents=read")


def test_a_wrong_or_revoked_token_is_401_even_for_what_is_public(
    sandbox: Sandbox, repository: Repository, token: GitHubToken
) -> None:
    repository.private = False
    sandbox.github.access.revoke(token)
    assert get(sandbox, "/repos/norrpost/blocks", token).json()["message"] == "Bad credentials"
    assert get(sandbox, "/repos/norrpost/blocks").status_code == 200


def test_a_used_up_limit_is_403_until_the_hour_ends(
    sandbox: Sandbox, repository: Repository, token: GitHubToken
) -> None:
    del repository
    sandbox.github.access.limit(token, 1)
    first, second = (get(sandbox, "/repos/norrpost/blocks", token) for _ in range(2))
    assert (first.status_code, first.headers["x-ratelimit-remaining"]) == (200, "0")
    assert (second.status_code, second.headers["x-ratelimit-remaining"]) == (403, "0")
    assert int(second.headers["x-ratelimit-reset"]) > 1_700_000_000
    left = get(sandbox, "/rate_limit", token).json()["resources"]["core"]
    assert (left["remaining"], left["limit"]) == (0, 1)
    sandbox.github.access.end_hour()
    assert get(sandbox, "/repos/norrpost/blocks", token).status_code == 200


def test_a_renamed_repository_sends_on(sandbox: Sandbox, repository: Repository, token: GitHubToken) -> None:
    sandbox.company.repositories.rename("norrpost", "blocks", new_name="looker-blocks")
    sandbox.github.access.add_token("norrpost/looker-blocks")
    known = sandbox.github.access.add_token("norrpost/looker-blocks")
    sent_on = get(sandbox, "/repos/norrpost/blocks/commits/main", known)
    assert sent_on.status_code == 301
    answer = get(sandbox, sent_on.headers["Location"].removeprefix(sandbox.url), known, **SHA_ONLY)
    assert answer.text == repository.head.sha
    assert get(sandbox, "/repos/norrpost/looker-blocks", token).status_code == 404  # chosen by a name that is gone


def test_an_archived_repository_can_be_read(sandbox: Sandbox, repository: Repository, token: GitHubToken) -> None:
    repository.archived = True
    assert get(sandbox, "/repos/norrpost/blocks", token).json()["archived"] is True
    assert get(sandbox, "/repos/norrpost/blocks/commits/main", token).status_code == 200


def test_branches_tags_and_commits_are_found_by_their_names(
    sandbox: Sandbox, repository: Repository, token: GitHubToken
) -> None:
    first = repository.head.sha
    repository.tag("v1")
    second = repository.commit({"c.lkml": "# c"}, "On a branch", branch="team/new")
    for ref, sha in (
        ("v1", first),
        ("team%2Fnew", second),
        ("team/new", second),
        (second[:8], second),
        ("main", first),
    ):
        assert get(sandbox, f"/repos/norrpost/blocks/commits/{ref}", token, **SHA_ONLY).text == sha
    missing = get(sandbox, "/repos/norrpost/blocks/commits/gone", token)
    assert (missing.status_code, missing.json()["message"]) == (422, "No commit found for SHA: gone")
    sandbox.company.repositories.add("norrpost", "empty", private=False)
    assert get(sandbox, "/repos/norrpost/empty/commits/main").status_code == 409


def test_manners_are_asked_for(sandbox: Sandbox, repository: Repository, token: GitHubToken) -> None:
    del repository
    path = "/repos/norrpost/blocks"
    assert get(sandbox, path, token, **{"User-Agent": ""}).status_code == 403
    assert get(sandbox, path, token, **{"X-GitHub-Api-Version": "1999-01-01"}).status_code == 400
    assert get(sandbox, f"{path}/commits/main", token, Accept="text/html").status_code == 415
    assert get(sandbox, f"{path}?per_page=3", token).status_code == 501
    assert get(sandbox, f"{path}/branches", token).status_code == 501


@pytest.mark.parametrize(
    ("kind", "status", "header"),
    [
        ("throttle", 403, "x-ratelimit-reset"),
        ("429", 429, "Retry-After"),
        ("500", 500, None),
        ("502", 502, None),
        ("expired-token", 401, None),
        ("access-denied", 403, "x-accepted-github-permissions"),
        ("vanish", 404, None),
    ],
)
def test_calls_fail_on_demand_in_githubs_words(
    sandbox: Sandbox, repository: Repository, token: GitHubToken, kind: str, status: int, header: str | None
) -> None:
    del repository
    sandbox.faults.add(kind, service="github", operation="repos/get-commit", match="norrpost/blocks/main")
    answer = get(sandbox, "/repos/norrpost/blocks/commits/main", token)
    assert answer.status_code == status
    assert header is None or header in answer.headers


def test_a_download_may_break_off(sandbox: Sandbox, repository: Repository, token: GitHubToken) -> None:
    del repository
    sandbox.faults.add("cut", service="github", operation="codeload/download")
    location = get(sandbox, "/repos/norrpost/blocks/tarball/main", token).headers["Location"]
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get(location, timeout=5)
    assert unpacked(requests.get(location, timeout=5).content)


def git(*words: str) -> str:
    quiet = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(["git", *words], check=True, capture_output=True, text=True, env=quiet, timeout=30)  # noqa: S603, S607
    return done.stdout.strip()


needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@needs_git
def test_git_reads_what_was_written_and_agrees_on_every_sha(repository: Repository, tmp_path: Path) -> None:
    repository.commit({"deep/c.lkml": "# c\n", "deep.lkml": "# sorts between\n"}, "More")
    repository.tag("v1")
    bare = write_bare(repository, tmp_path)

    git("clone", "--quiet", "--depth", "1", bare.as_uri(), str(tmp_path / "clone"))
    assert git("-C", str(tmp_path / "clone"), "rev-parse", "HEAD", "HEAD^{tree}").split() == [
        repository.head.sha,
        repository.head.tree,
    ]
    assert (tmp_path / "clone" / "deep" / "c.lkml").read_text() == "# c\n"
    git("-C", str(bare), "fsck", "--strict")


@needs_git
@pytest.mark.parametrize("who", ["x-access-token:{}", "x-token-auth:{}", "oauth2:{}", "{}:x-oauth-basic"])
def test_a_repository_is_cloned_over_http_by_whoever_has_a_token(
    sandbox: Sandbox, repository: Repository, token: GitHubToken, tmp_path: Path, who: str
) -> None:
    repository.commit({"a.view.lkml": "view: other {}\n"}, "Change it", branch="next")
    signed = sandbox.url.replace("http://", f"http://{who.format(token.value)}@")
    for number, more in enumerate((("--depth", "1"), ("--branch", "next"))):
        git("clone", "--quiet", *more, f"{signed}/norrpost/blocks.git", str(tmp_path / str(number)))
    assert (tmp_path / "0" / "a.view.lkml").read_text() == "view: a {}\n"
    assert (tmp_path / "1" / "a.view.lkml").read_text() == "view: other {}\n"
    assert git("-C", str(tmp_path / "1"), "rev-parse", "origin/main") == repository.head.sha


@needs_git
def test_a_clone_is_refused_to_strangers_and_fails_on_demand(
    sandbox: Sandbox, repository: Repository, token: GitHubToken, tmp_path: Path
) -> None:
    plain = f"{sandbox.url}/norrpost/blocks.git"
    signed = plain.replace("http://", f"http://x-access-token:{token.value}@")
    with pytest.raises(subprocess.CalledProcessError):
        git("clone", plain, str(tmp_path / "stranger"))
    assert sandbox.github.git.refused
    sandbox.faults.add("500", service="github", operation="git/upload-pack", match="norrpost/blocks")
    with pytest.raises(subprocess.CalledProcessError):
        git("clone", signed, str(tmp_path / "broken"))
    repository.private = False
    git("clone", "--quiet", plain, str(tmp_path / "public"))
    assert (tmp_path / "public" / "deep" / "er" / "b.lkml").exists()


def test_every_call_can_fail(sandbox: Sandbox, repository: Repository, token: GitHubToken) -> None:
    del repository
    for path in ("", "/commits/main"):
        get(sandbox, f"/repos/norrpost/blocks{path}", token)
    get(sandbox, "/rate_limit", token)
    requests.get(get(sandbox, "/repos/norrpost/blocks/tarball/main", token).headers["Location"], timeout=5)
    requests.get(f"{sandbox.url}/norrpost/blocks.git/info/refs?service=git-upload-pack", timeout=5)
    requests.post(f"{sandbox.url}/norrpost/blocks.git/git-upload-pack", timeout=5)
    named = {*sandbox.github.counts, *sandbox.codeload.counts, *sandbox.github.git.counts}
    assert named == set(GITHUB_OPERATIONS)
