"""Repositories by the git program, over HTTP and from folders."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from ingest_assets.calls import Calls
from ingest_assets.errors import (
    AuthenticationError,
    DeadlineExceededError,
    DependencyError,
    PermissionDeniedError,
    RecipeError,
    RejectedError,
    RemoteError,
    UnavailableError,
)
from ingest_assets.sandbox.company.looker_git import EXECUTABLE, SUBMODULE, SYMLINK, Entry, write_bare
from ingest_assets.sandbox.company.looker_repositories import Repository
from ingest_assets.sandbox.github.tokens import GitHubToken
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.sources.git import GitRepository, Hosting, LeftOut, Limits, Reading
from ingest_assets.sources.git.told import UnknownCommitError
from ingest_assets_tests.sources.git.memory import MemoryCache, lkml

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

FILES = {"a.view.lkml": b"view: a {}\n", "deep/er/b.lkml": b"# b\n"}
Maker = Callable[..., GitRepository]


@pytest.fixture
def blocks(sandbox: Sandbox, repository: Repository, token: GitHubToken, reading: Reading) -> Maker:
    del repository

    def make(reading: Reading = reading, token: str | None = token.value, **options: object) -> GitRepository:
        return GitRepository(f"{sandbox.url}/norrpost/blocks.git", reading, token=token, **options)  # type: ignore[arg-type]  # its own options

    return make


@pytest.fixture
def bare(repository: Repository, tmp_path: Path) -> Path:
    return write_bare(repository, tmp_path)


def local(bare: Path, reading: Reading, ref: str | None = None) -> GitRepository:
    return GitRepository(bare.as_uri(), reading, ref=ref)


@pytest.mark.parametrize("user", [None, "oauth2", "x-token-auth", "somebody@norrpost.example"])
def test_a_private_repository_is_cloned_over_http_with_a_token(
    blocks: Maker, repository: Repository, reading: Reading, user: str | None
) -> None:
    commit = blocks(user=user).commit()
    assert commit == repository.head.sha
    files = blocks(user=user).files(commit, lkml)
    assert dict(files) == FILES
    assert files.paths == {*FILES, "logo.png"}
    assert reading.calls.counts() == {"git:Fetch": 1, "git:LsRemote": 1}


def test_a_commit_that_stands_is_not_fetched_again(blocks: Maker, reading: Reading) -> None:
    blocks().files(blocks().commit(), lkml)
    again = reading._replace(calls=Calls())
    assert dict(blocks(again).files(blocks(again).commit(), lkml)) == FILES
    assert again.calls.counts() == {"git:LsRemote": 1}


def test_files_are_those_of_the_commit_that_was_told_whatever_is_pushed_since(
    blocks: Maker, repository: Repository
) -> None:
    commit = blocks().commit()
    repository.commit({"a.view.lkml": "view: other {}\n"}, "Change it")
    assert dict(blocks().files(commit, lkml)) == FILES


def test_the_token_is_in_no_argument_file_cache_message_or_environment_of_ours(
    blocks: Maker, token: GitHubToken, cache: MemoryCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git = shutil.which("git")
    spy = tmp_path / "bin" / "git"
    spy.parent.mkdir()
    spy.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/arguments\nenv >> {tmp_path}/environment\nexec {git} "$@"\n')
    spy.chmod(0o755)
    monkeypatch.setenv("PATH", f"{spy.parent}:{os.environ['PATH']}")
    ours = dict(os.environ)
    blocks().files(blocks().commit(), lkml)
    assert os.environ == ours
    assert "ls-remote" in (tmp_path / "arguments").read_text()
    assert token.value not in (tmp_path / "arguments").read_text()
    assert token.value in (tmp_path / "environment").read_text()
    assert not any(token.value.encode() in content for content in cache.contents.values())
    assert token.value not in f"{blocks().describe()} {blocks()!r} {blocks().page('a.lkml')} {vars(blocks())}"


def test_who_is_refused_learns_why_and_nobody_learns_the_token(
    blocks: Maker, sandbox: Sandbox, token: GitHubToken, repository: Repository
) -> None:
    with pytest.raises(AuthenticationError, match="who we are is refused, or asked for"):
        blocks(token=None).commit()
    sandbox.github.access.revoke(token)
    with pytest.raises(AuthenticationError) as refused:
        blocks().commit()
    assert token.value not in str(refused.value)
    repository.private = False
    assert blocks(token=None).commit() == repository.head.sha


def test_an_address_that_holds_a_password_is_read_and_not_shown(
    sandbox: Sandbox, repository: Repository, token: GitHubToken, reading: Reading
) -> None:
    signed = sandbox.url.replace("http://", f"http://somebody:{token.value}@")
    read = GitRepository(f"{signed}/norrpost/blocks.git", reading)
    assert read.commit() == repository.head.sha
    assert read.describe() == f"{sandbox.url}/norrpost/blocks.git"


def test_what_passes_is_tried_again(blocks: Maker, sandbox: Sandbox, reading: Reading, pauses: list[float]) -> None:
    sandbox.faults.add("502", service="github", operation="git/info-refs", count=1)
    sandbox.faults.add("cut", service="github", operation="git/upload-pack", count=1)
    assert dict(blocks().files(blocks().commit(), lkml)) == FILES
    assert len(pauses) == reading.calls.retries() >= 2


def test_what_does_not_pass_ends_with_how_often_it_was_tried(blocks: Maker, sandbox: Sandbox) -> None:
    sandbox.faults.add("503", service="github", operation="git/info-refs", count=100)
    with pytest.raises(UnavailableError, match=r"503.*\(tried 6 times\)"):
        blocks().commit()


def test_branches_tags_and_commits_are_found_by_their_names(
    repository: Repository, tmp_path: Path, reading: Reading
) -> None:
    first = repository.head.sha
    repository.tag("v1")
    second = repository.commit({"c.lkml": "# c"}, "On a branch", branch="team/new")
    third = repository.commit({"d.lkml": "# d"}, "Another of nearly that name", branch="new")
    bare = write_bare(repository, tmp_path)
    environment = {**os.environ, "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@norrpost.example"}
    words = ["git", "--git-dir", str(bare), "tag", "-a", "-m", "Told", "v2", second]
    subprocess.run(words, check=True, env=environment)  # noqa: S603
    for ref, commit in (
        (None, first),
        ("main", first),
        ("v1", first),
        ("team/new", second),
        ("new", third),
        ("v2", second),
        ("refs/tags/v2", second),
        ("refs/heads/new", third),
        (second, second),
    ):
        found = local(bare, reading, ref)
        assert found.commit() == commit, ref
        assert ("c.lkml" in found.files(commit, lkml)) == (commit == second), ref
    with pytest.raises(RejectedError, match="or the whole id of a commit"):
        local(bare, reading, second[:8]).commit()
    with pytest.raises(RejectedError, match="no branch or tag 'gone'"):
        local(bare, reading, "gone").commit()


def test_a_host_that_gives_out_no_commit_by_its_id_is_asked_by_name(bare: Path, reading: Reading) -> None:
    # What servers do that know only the first protocol.
    wrapper = GitRepository(bare.as_uri(), reading)
    commit = wrapper.commit()
    fetched: list[list[str]] = []

    class Refusing:
        def run(self, words: list[str], where: str) -> None:
            fetched.append(words)
            if words[-1] == commit:
                raise UnknownCommitError("Server does not allow request for unadvertised object", where=where)

    wrapper._fetch(Refusing(), commit, "a test")  # type: ignore[arg-type]  # as much of it as is asked for
    assert [words[-1] for words in fetched] == [commit, "HEAD"]


def test_files_are_the_bytes_that_were_committed_and_nothing_of_the_repository_is_acted_upon(
    repository: Repository, tmp_path: Path, reading: Reading
) -> None:
    repository.commit(
        {
            ".gitattributes": "*.lkml text eol=crlf filter=lfs export-subst\nhidden.lkml export-ignore\n",
            ".gitmodules": f'[submodule "other"]\n\tpath = other\n\turl = x\n\tupdate = !touch {tmp_path}/ran\n',
            "a.view.lkml": b"one\ntwo $Format:%H$\n",
            "hidden.lkml": b"# hidden",
            "hooks/post-checkout": Entry(b"#!/bin/sh\nfalse\n", EXECUTABLE),
            "link.lkml": Entry(b"../../outside", SYMLINK),
            "other": Entry(b"1" * 40, SUBMODULE),
            "spaced name\u00e4.lkml": b"",
            "new\nline.lkml": b"",
        },
        "Odd ones",
    )
    found = local(write_bare(repository, tmp_path), reading)
    files = found.files(found.commit(), lkml)
    assert files["a.view.lkml"] == b"one\ntwo $Format:%H$\n"
    assert {"hidden.lkml", "spaced name\u00e4.lkml"} <= files.keys()
    assert {each.path for each in files.left_out} == {"link.lkml", "new\nline.lkml"}
    assert LeftOut("link.lkml", "a link") in files.left_out
    assert not (tmp_path / "ran").exists()


def test_settings_of_this_machine_count_nothing(
    blocks: Maker, repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / ".gitconfig"
    settings.write_text('[url "https://elsewhere.example/"]\n\tinsteadOf = http://\n[credential]\n\thelper = !exit 1\n')
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nothing"))
    monkeypatch.setenv("GIT_TRACE", str(tmp_path / "trace"))
    assert blocks().commit() == repository.head.sha
    assert not (tmp_path / "trace").exists()


def test_a_folder_that_is_no_repository_and_one_that_is_empty_are_told(
    sandbox: Sandbox, tmp_path: Path, reading: Reading
) -> None:
    with pytest.raises(PermissionDeniedError, match="no such repository"):
        local(tmp_path, reading).commit()
    empty = sandbox.company.repositories.add("norrpost", "empty")
    with pytest.raises(RejectedError, match="the repository is empty"):
        local(write_bare(empty, tmp_path), reading).commit()
    with pytest.raises(UnavailableError, match="git failed: fatal: unable to access"):
        GitRepository("http://127.0.0.1:1/o/r.git", reading).commit()


def test_a_repository_beyond_the_limits_is_refused_and_nothing_is_left_behind(
    bare: Path, reading: Reading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    for limits, what in (
        (Limits(entries=2), "more than 2 entries"),
        (Limits(kept=10), "wanted files have more than 10 bytes"),
    ):
        repository = local(bare, reading._replace(limits=limits))
        with pytest.raises(RejectedError, match=what):
            repository.files(repository.commit(), lkml)
    few = local(bare, reading._replace(limits=Limits(file=5)))
    assert few.files(few.commit(), lkml).reasons() == {"larger than 5 bytes": 1}
    assert list(temporary.iterdir()) == []


def test_a_tree_that_holds_itself_many_times_over_is_refused(bare: Path, reading: Reading) -> None:
    def git(*words: str, given: str = "") -> str:
        environment = {**os.environ, "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@norrpost.example"}
        environment |= {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@norrpost.example"}
        command = ["git", "--git-dir", str(bare), *words]
        done = subprocess.run(command, check=True, env=environment, input=given, capture_output=True, text=True)  # noqa: S603
        return done.stdout.strip()

    entry = f"100644 blob {git('hash-object', '-w', '--stdin', given='# a')}"
    for _ in range(12):
        tree = git("mktree", given="".join(f"{entry}\t{number}\n" for number in range(10)))
        entry = f"040000 tree {tree}"
    git("update-ref", "refs/heads/main", git("commit-tree", tree, given="Ten to the twelfth"))
    bomb = local(bare, reading._replace(limits=Limits(download=1_000_000)))
    with pytest.raises(RejectedError, match="git wrote more than 1,000,000 bytes"):
        bomb.files(bomb.commit(), lkml)


@pytest.fixture
def slow_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git that starts another program, writes without end, and says under which numbers they run."""
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nsleep 60 &\necho $! > {tmp_path}/numbers\nwhile :; do echo aaaaaaaaaaaa; done\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return tmp_path / "numbers"


@pytest.mark.parametrize(
    ("limit", "error"),
    [("deadline", DeadlineExceededError), ("whole", UnavailableError), ("size", RejectedError)],
)
def test_a_git_that_does_not_end_is_ended_with_all_that_it_started(
    reading: Reading, slow_git: Path, limit: str, error: type[Exception]
) -> None:
    reading = {
        "deadline": reading._replace(calls=Calls(deadline=time.monotonic() + 0.5)),
        "whole": reading._replace(patience=type(reading.patience)(whole=0.5, retries=0)),
        "size": reading._replace(limits=Limits(download=1_000_000)),
    }[limit]
    with pytest.raises(error):
        GitRepository("https://norrpost.example/o/r.git", reading).commit()
    number = int(slow_git.read_text())
    state = Path(f"/proc/{number}/stat")
    for _ in range(100):
        if not state.exists() or state.read_text().split()[2] == "Z":
            break
        time.sleep(0.01)
    else:
        pytest.fail("what git started is still running")


def test_without_git_it_is_said_what_to_install(
    bare: Path, reading: Reading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DependencyError, match="apt-get install git"):
        local(bare, reading).commit()


@pytest.fixture
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An ssh that runs on this machine what it is to run on the other, or refuses; and notes how it was called."""
    program = tmp_path / "bin" / "ssh"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/arguments\nif [ -e {tmp_path}/refusal ]; then cat {tmp_path}/refusal >&2; '
        'exit 255; fi\nfor last; do :; done\nexec sh -c "$last"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.delenv("GIT_SSH_COMMAND", raising=False)
    return tmp_path


@pytest.mark.parametrize("form", ["ssh://git@host.example:7999{}", "git@host.example:{}"])
def test_a_repository_is_cloned_over_ssh_and_nobody_is_asked(
    ssh: Path, bare: Path, repository: Repository, reading: Reading, form: str
) -> None:
    read = GitRepository(form.format(bare), reading, token="not-for-ssh")
    assert dict(read.files(read.commit(), lkml)) == FILES
    assert read.commit() == repository.head.sha
    called = (ssh / "arguments").read_text()
    assert "BatchMode=yes" in called
    assert "git@host.example" in called
    assert "not-for-ssh" not in called


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("git@host.example: Permission denied (publickey).", AuthenticationError),
        ("Host key verification failed.", RejectedError),
        ("ssh: connect to host host.example port 22: Connection refused", UnavailableError),
        ("ssh: Could not resolve hostname host.example: Name or service not known", UnavailableError),
        ("ERROR: Repository not found.", PermissionDeniedError),
        ("remote: The project you were looking for could not be found or you don't have permission", RemoteError),
    ],
)
def test_what_ssh_or_the_host_refuses_is_told_in_their_words(
    ssh: Path, reading: Reading, said: str, error: type[Exception]
) -> None:
    (ssh / "refusal").write_text(f"{said}\n")
    with pytest.raises(error) as refused:
        GitRepository("git@host.example:o/r.git", reading).commit()
    assert said.rstrip(".") in str(refused.value)


class Elsewhere:
    """Another host, which sends on to the sandbox.

    Attributes:
        asks: Whether it wants to know first who reads.
        said: What it was told of that.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self.asks = False
        self.said: list[str] = []
        self._sandbox = sandbox
        self.server = make_server("127.0.0.1", 0, self, threaded=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        self.said.append(request.headers.get("Authorization", ""))
        response = Response(status=302, headers={"Location": f"{self._sandbox.url}{request.full_path}"})
        if self.asks and not self.said[-1]:
            response = Response(status=401, headers={"WWW-Authenticate": 'Basic realm="Elsewhere"'})
        return response(environ, start_response)


@pytest.fixture
def elsewhere(sandbox: Sandbox) -> Iterator[Elsewhere]:
    made = Elsewhere(sandbox)
    thread = threading.Thread(target=made.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()


def test_the_token_does_not_follow_to_another_host(
    elsewhere: Elsewhere, repository: Repository, token: GitHubToken, reading: Reading
) -> None:
    repository.private = False
    sent_on = GitRepository(f"{elsewhere.url}/norrpost/blocks.git", reading, token=token.value)
    assert sent_on.commit() == repository.head.sha
    repository.private = True  # from here on the token, if it came to the sandbox, would open the repository
    with pytest.raises(AuthenticationError):
        sent_on.commit()
    assert not any(elsewhere.said)


def test_the_token_does_not_follow_from_a_host_that_was_told_it(
    elsewhere: Elsewhere, sandbox: Sandbox, token: GitHubToken, reading: Reading
) -> None:
    elsewhere.asks = True
    with pytest.raises(RemoteError):
        GitRepository(f"{elsewhere.url}/norrpost/blocks.git", reading, token=token.value).commit()
    assert any(elsewhere.said)
    assert sandbox.github.git.refused  # which it would not have been with the token


def test_pages_are_those_of_the_host(reading: Reading) -> None:
    def page(url: str, ref: str | None = None, hosting: Hosting | None = None) -> str | None:
        return GitRepository(url, reading, ref=ref, hosting=hosting).page("a b.lkml", 3)

    assert page("https://gitlab.com/g/sub/r.git") == "https://gitlab.com/g/sub/r/-/blob/HEAD/a%20b.lkml#L3"
    assert page("git@gitlab.com:g/r.git", "v1") == "https://gitlab.com/g/r/-/blob/v1/a%20b.lkml#L3"
    assert page("https://bitbucket.org/o/r", "main") == "https://bitbucket.org/o/r/src/main/a%20b.lkml#lines-3"
    assert page("ssh://git@github.com:22/o/r.git") == "https://github.com/o/r/blob/HEAD/a%20b.lkml#L3"
    assert page("https://git.norrpost.example/o/r.git") is None
    own = page("https://u:p@git.norrpost.example:8443/o/r.git", hosting=Hosting.GITLAB)
    assert own == "https://git.norrpost.example:8443/o/r/-/blob/HEAD/a%20b.lkml#L3"
    assert page("file:///srv/r.git") is None


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c touch% /tmp/ran", "ext::sh", "-oProxyCommand=x", "--upload-pack=x", "ssh://-oProxyCommand=x/r",
        "-x@host:o/r", "host:-x", "ssh://host/-x", "git://host/o/r", "ftp://host/o/r", "fd::17", "https://host",
        "https:///o/r", "https://host/o/r?token=1", "https://host/o/r#x", "file://host/o/r", "/srv/r.git", "./r", "",
        "https://ho st/o/r", "https://host/o/r\n", "https://host:x/o/r", "ssh://host/o%0ar", "https://-x@host/o/r",
        "file:///", "a::b:c",
    ],
)  # fmt: skip
def test_an_address_that_might_make_git_do_something_else_is_refused(reading: Reading, url: str) -> None:
    with pytest.raises(RecipeError):
        GitRepository(url, reading)


@pytest.mark.parametrize("ref", ["-x", "--upload-pack=x", "a..b", "a b", "a^", "a~1", "a:b", "*", "", "/a", "a/", "a.", "a.lock", "@{u}", "a//b", "..", ".a"])  # fmt: skip  # noqa: E501
def test_a_ref_that_is_none_is_refused(reading: Reading, ref: str) -> None:
    with pytest.raises(RecipeError):
        GitRepository("https://host/o/r", reading, ref=ref)


def test_what_is_no_commit_is_not_asked_for(bare: Path, reading: Reading) -> None:
    with pytest.raises(RemoteError, match="not the id of a commit"):
        local(bare, reading).files("--upload-pack=x", lkml)
    with pytest.raises(RejectedError, match="no such commit"):
        local(bare, reading, "0" * 40).files("0" * 40, lkml)
