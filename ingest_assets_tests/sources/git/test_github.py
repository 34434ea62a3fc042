"""A repository of GitHub, over HTTP: what it costs, what it refuses, and where the token goes."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

import pytest

from ingest_assets.calls import Calls
from ingest_assets.errors import (
    AuthenticationError,
    DeadlineExceededError,
    IncompatibleServerError,
    InvalidAnswerError,
    PermissionDeniedError,
    RecipeError,
    RejectedError,
    RemoteError,
    UnavailableError,
)
from ingest_assets.sandbox.company.looker_git import SUBMODULE, SYMLINK, Entry
from ingest_assets.sandbox.company.looker_repositories import ArchiveMember, Repository
from ingest_assets.sandbox.fault_sites import FaultKind, can_strike
from ingest_assets.sandbox.github.tokens import GitHubToken
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.sources.git import GitHubRepository, LeftOut, Limits, Reading
from ingest_assets_tests.sources.git.memory import MemoryCache, lkml

PASSING = (UnavailableError, InvalidAnswerError, IncompatibleServerError)
HARMLESS = [(kind, "repos/download-tarball-archive") for kind in (FaultKind.CUT, FaultKind.TRUNCATED)]
Maker = Callable[..., GitHubRepository]
FILES = {"a.view.lkml": b"view: a {}\n", "deep/er/b.lkml": b"# b\n"}


@pytest.fixture
def blocks(sandbox: Sandbox, repository: Repository, token: GitHubToken, reading: Reading) -> Maker:
    del repository

    def make(
        reading: Reading = reading, name: str = "blocks", token: str | None = token.value, ref: str | None = None
    ) -> GitHubRepository:
        return GitHubRepository("norrpost", name, reading, token=token, host=sandbox.url, ref=ref)

    return make


def test_files_are_those_of_the_commit_that_was_told_whatever_is_pushed_since(
    blocks: Maker, repository: Repository
) -> None:
    commit = blocks().commit()
    assert commit == repository.head.sha
    repository.commit({"a.view.lkml": "view: other {}\n"}, "Change it")
    files = blocks().files(commit, lkml)
    assert dict(files) == FILES
    assert files.paths == {*FILES, "logo.png"}
    assert dict(blocks().files(blocks().commit(), lkml))["a.view.lkml"] == b"view: other {}\n"


def test_a_commit_that_stands_costs_one_call_which_is_not_counted_against_the_limit(
    blocks: Maker, reading: Reading, sandbox: Sandbox, token: GitHubToken
) -> None:
    blocks().files(blocks().commit(), lkml)
    used = sandbox.github.access.budget(token).used
    assert reading.calls.counts() == {"github:GetCommit": 1, "github:GetTarball": 2}

    again = reading._replace(calls=Calls())
    assert dict(blocks(again).files(blocks(again).commit(), lkml)) == FILES
    assert again.calls.counts() == {"github:GetCommit": 1}
    assert sandbox.github.access.budget(token).used == used


def test_who_wants_other_files_of_a_commit_gets_them_though_it_is_known(blocks: Maker, reading: Reading) -> None:
    commit = blocks().commit()
    blocks().files(commit, lkml)
    assert blocks().files(commit, lambda path: path == "a.view.lkml").keys() == {"a.view.lkml"}
    assert reading.calls.counts()["github:GetTarball"] == 2
    assert blocks().files(commit, lambda path: path.endswith(".png")) == {"logo.png": b"\x89PNG"}
    assert reading.calls.counts()["github:GetTarball"] == 4


@pytest.mark.parametrize("damage", [lambda _: b"", lambda content: content[:-1], lambda content: b"x" + content[1:]])
def test_a_damaged_cache_is_read_anew(
    blocks: Maker, cache: MemoryCache, repository: Repository, damage: Callable[[bytes], bytes]
) -> None:
    commit = blocks().commit()
    blocks().files(commit, lkml)
    cache.contents = {key: damage(content) for key, content in cache.contents.items()}
    assert blocks().commit() == repository.head.sha
    assert dict(blocks().files(commit, lkml)) == FILES


def test_the_token_does_not_follow_to_the_host_of_the_archives(
    blocks: Maker, sandbox: Sandbox, cache: MemoryCache, token: GitHubToken
) -> None:
    blocks().files(blocks().commit(), lkml)
    assert [one.authorization for one in sandbox.codeload.requests] == [""]
    assert all(one.headers["Authorization"] == f"Bearer {token.value}" for one in sandbox.github.requests)
    assert not any(token.value.encode() in content for content in cache.contents.values())


def test_a_netrc_adds_nothing_to_a_request(
    blocks: Maker,
    repository: Repository,
    sandbox: Sandbox,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password something\n")
    monkeypatch.setenv("NETRC", str(netrc))
    repository.private = False
    blocks(token=None).files(blocks(token=None).commit(), lkml)
    assert not any("Authorization" in one.headers for one in sandbox.github.requests)
    assert [one.authorization for one in sandbox.codeload.requests] == [""]


@pytest.mark.parametrize("ref", ["team/new", "v1"])
def test_a_branch_or_tag_may_be_wanted(blocks: Maker, repository: Repository, ref: str) -> None:
    repository.tag("v1")
    repository.commit({"c.lkml": "# c"}, "On a branch", branch="team/new")
    repository.commit({"d.lkml": "# d"}, "On the default branch")
    commit = blocks(ref=ref).commit()
    assert commit == (repository.branches | repository.tags)[ref]
    assert ("c.lkml" in blocks(ref=ref).files(commit, lkml)) == (ref == "team/new")


def test_a_renamed_repository_is_followed(blocks: Maker, repository: Repository, sandbox: Sandbox) -> None:
    sandbox.company.repositories.rename("norrpost", "blocks", new_name="looker-blocks")
    known = sandbox.github.access.add_token("norrpost/looker-blocks").value
    commit = blocks(token=known).commit()
    assert commit == repository.head.sha
    assert dict(blocks(token=known).files(commit, lkml)) == FILES


def test_a_repository_that_is_not_shown_is_not_taken_for_gone(blocks: Maker, sandbox: Sandbox) -> None:
    stranger = sandbox.github.access.add_token("somebody/else").value
    for repository, advice in (
        (blocks(token=None), "If it is private, set a token"),
        (blocks(token=stranger), "the token's repository access"),
        (blocks(name="nothing"), "Check owner and name"),
    ):
        with pytest.raises(PermissionDeniedError, match=advice) as refused:
            repository.commit()
        assert refused.value.status == 404


def test_a_token_without_contents_is_told_what_it_lacks(blocks: Maker, sandbox: Sandbox) -> None:
    weak = sandbox.github.access.add_token("norrpost/blocks", permissions=frozenset()).value
    with pytest.raises(PermissionDeniedError, match="Contents: read"):
        blocks(token=weak).commit()


def test_a_revoked_token_is_refused_at_once_and_not_shown(
    blocks: Maker, sandbox: Sandbox, token: GitHubToken, reading: Reading
) -> None:
    sandbox.github.access.revoke(token)
    with pytest.raises(AuthenticationError, match="the token is refused: Bad credentials") as refused:
        blocks().commit()
    assert token.value not in str(refused.value)
    assert reading.calls.counts() == {"github:GetCommit": 1}


def test_a_ref_or_commit_that_is_not_there_is_refused(blocks: Maker, sandbox: Sandbox) -> None:
    with pytest.raises(RejectedError, match="No commit found for SHA: gone"):
        blocks(ref="gone").commit()
    sandbox.company.repositories.add("norrpost", "empty", private=False)
    with pytest.raises(RejectedError, match="empty"):
        blocks(name="empty").commit()
    with pytest.raises(RemoteError, match="not the id of a commit"):
        blocks().files("../../../user", lkml)
    with pytest.raises(RemoteError, match="tried 6 times"):
        blocks().files("0" * 40, lkml)


def test_a_limit_that_ends_late_is_told_and_not_waited_for(
    blocks: Maker, sandbox: Sandbox, token: GitHubToken, pauses: list[float]
) -> None:
    sandbox.github.access.limit(token, 0)
    with pytest.raises(UnavailableError, match=r"Run again after \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC") as refused:
        blocks().commit()
    assert refused.value.wait is not None
    assert 3_500 < refused.value.wait < 3_700
    assert pauses == []


@pytest.mark.parametrize(
    ("kind", "shortest"),
    [("throttle", 1.0), ("429", 1.0), ("500", 0), ("502", 0), ("reset-before", 0)],
)
@pytest.mark.parametrize("operation", ["repos/get-commit", "repos/download-tarball-archive", "codeload/download"])
def test_what_passes_is_waited_for(
    blocks: Maker, sandbox: Sandbox, reading: Reading, pauses: list[float], kind: str, shortest: float, operation: str
) -> None:
    sandbox.faults.add(kind, service="github", operation=operation, count=2)
    assert dict(blocks().files(blocks().commit(), lkml)) == FILES
    assert len(pauses) == 2
    assert all(pause >= shortest for pause in pauses) or (kind, operation) == ("throttle", "codeload/download")
    assert reading.calls.retries() == 2


@pytest.mark.parametrize("kind", ["cut", "truncated", "reset-after"])
@pytest.mark.parametrize("operation", ["repos/get-commit", "codeload/download"])
def test_a_cut_answer_is_asked_for_again(
    blocks: Maker, sandbox: Sandbox, reading: Reading, operation: str, kind: str
) -> None:
    sandbox.faults.add(kind, service="github", operation=operation)
    assert dict(blocks().files(blocks().commit(), lkml)) == FILES
    assert reading.calls.retries() == 1


def test_what_does_not_pass_ends_with_how_often_it_was_tried(
    blocks: Maker, sandbox: Sandbox, pauses: list[float], cache: MemoryCache
) -> None:
    sandbox.faults.add("503", service="github", operation="repos/get-commit", count=100)
    with pytest.raises(UnavailableError, match=r"\(tried 6 times\)"):
        blocks().commit()
    assert len(pauses) == 5
    assert cache.contents == {}


def test_a_web_page_is_no_answer(blocks: Maker, sandbox: Sandbox) -> None:
    sandbox.faults.add("403", service="github", operation="repos/get-commit")
    with pytest.raises(IncompatibleServerError, match="a web page"):
        blocks().commit()


def test_nothing_is_sent_or_waited_for_when_the_runs_time_is_over(
    blocks: Maker, sandbox: Sandbox, reading: Reading, pauses: list[float]
) -> None:
    over = reading._replace(calls=Calls(deadline=time.monotonic()))
    with pytest.raises(DeadlineExceededError):
        blocks(over).commit()
    soon = reading._replace(calls=Calls(deadline=time.monotonic() + 1.5))
    sandbox.faults.add("throttle", service="github", operation="repos/get-commit", count=100)
    with pytest.raises(UnavailableError):
        blocks(soon).commit()
    assert pauses == []


def test_what_is_no_file_is_left_out_and_told(blocks: Maker, repository: Repository) -> None:
    repository.commit(
        {
            "link.lkml": Entry(b"../../outside", SYMLINK),
            "link.png": Entry(b"logo.png", SYMLINK),
            "other": Entry(b"1" * 40, SUBMODULE),
        },
        "Odd ones",
    )
    files = blocks().files(blocks().commit(), lkml)
    assert dict(files) == FILES
    assert files.left_out == (LeftOut("link.lkml", "a link"),)
    assert blocks().files(blocks().commit(), lkml).left_out == files.left_out


def test_a_hostile_archive_gives_nothing_but_the_repositorys_files(blocks: Maker, repository: Repository) -> None:
    repository.archive_members = [
        ArchiveMember("../../etc/passwd.lkml"),
        ArchiveMember("/etc/shadow.lkml"),
        ArchiveMember("beside.lkml"),
        ArchiveMember("link.lkml", kind="symlink", target="/etc"),
        ArchiveMember("norrpost-blocks-none/null.lkml", kind="device"),
    ]
    files = blocks().files(blocks().commit(), lkml)
    assert dict(files) == FILES
    assert [each.path for each in files.left_out] == [
        "../../etc/passwd.lkml",
        "/etc/shadow.lkml",
        "beside.lkml",
        "link.lkml",
        "norrpost-blocks-none/null.lkml",
    ]


def test_an_archive_beyond_the_limits_is_refused_without_another_attempt(
    blocks: Maker, repository: Repository, reading: Reading
) -> None:
    repository.archive_members = [ArchiveMember(f"norrpost-blocks-{repository.head.sha[:7]}/bomb", size=3_000_000)]
    tight = reading._replace(limits=Limits(whole=1_000_000))
    with pytest.raises(RejectedError, match="unpacked it has more than 1,000,000 bytes"):
        blocks(tight).files(blocks(tight).commit(), lkml)
    assert reading.calls.retries() == 0
    few = reading._replace(limits=Limits(file=5))
    files = blocks(few).files(blocks().commit(), lkml)
    assert dict(files) == {"deep/er/b.lkml": b"# b\n"}
    assert files.reasons() == {"larger than 5 bytes": 1}


def test_pages_show_the_branch_and_the_line(blocks: Maker, sandbox: Sandbox, reading: Reading) -> None:
    assert blocks().page("deep/a b#.lkml", 7) == f"{sandbox.url}/norrpost/blocks/blob/HEAD/deep/a%20b%23.lkml#L7"
    assert blocks(ref="team/new").page("a.lkml") == f"{sandbox.url}/norrpost/blocks/blob/team/new/a.lkml"
    assert GitHubRepository("o", "r", reading).page("a.lkml") == "https://github.com/o/r/blob/HEAD/a.lkml"


@pytest.mark.parametrize(("owner", "name"), [("..", "x"), ("a/b", "x"), ("a", "x?y"), ("", "x"), ("a", "x/../../user")])
def test_names_that_would_ask_for_something_else_are_refused(reading: Reading, owner: str, name: str) -> None:
    with pytest.raises(RecipeError):
        GitHubRepository(owner, name, reading)


@pytest.mark.parametrize("token", ["", "ab\ncd", "ab cd", "ä"])
def test_a_token_that_no_header_can_have_is_refused_without_being_shown(reading: Reading, token: str) -> None:
    with pytest.raises(RecipeError) as refused:
        GitHubRepository("o", "r", reading, token=token)
    assert not token or token not in str(refused.value)


@pytest.mark.parametrize("host", ["github.com", "ftp://github.com", "https://", "https://git hub.com"])
def test_a_host_that_is_none_is_refused(reading: Reading, host: str) -> None:
    with pytest.raises(RecipeError):
        GitHubRepository("o", "r", reading, host=host)


def test_what_a_host_says_of_a_user_is_not_shown(reading: Reading) -> None:
    read = GitHubRepository("o", "r", reading, host="https://somebody:secret@git.norrpost.example/")
    assert read.describe() == "https://git.norrpost.example/o/r"
    assert read.page("a.lkml") == "https://git.norrpost.example/o/r/blob/HEAD/a.lkml"


@pytest.mark.parametrize("operation", ["repos/get-commit", "repos/download-tarball-archive", "codeload/download"])
def test_whatever_fails_is_read_whole_in_the_end_or_an_error_that_takes_nothing_for_gone(
    blocks: Maker, sandbox: Sandbox, reading: Reading, operation: str
) -> None:
    kinds = [kind for kind in FaultKind if can_strike(kind, "github", operation) and kind is not FaultKind.HANG]
    kinds.sort(key=lambda kind: kind is FaultKind.VANISH)  # after which there is nothing to read any more
    assert len(kinds) > 8
    for kind in kinds:
        for count in (1, None):
            fresh = reading._replace(cache=MemoryCache())
            sandbox.faults.clear()
            sandbox.faults.add(kind.value, service="github", operation=operation, count=count)
            with contextlib.suppress(RejectedError, PermissionDeniedError, AuthenticationError, *PASSING):
                files = dict(blocks(fresh).files(blocks(fresh).commit(), lkml))
                assert files == FILES, kind
                # A redirect has no body that could be cut.
                assert count == 1 or (kind, operation) in HARMLESS, kind
