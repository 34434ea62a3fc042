"""What addresses mean to a recipe with a token, and where the token goes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingest_assets.calls import Calls
from ingest_assets.errors import AuthenticationError, RecipeError
from ingest_assets.sandbox.company.looker_repositories import Repository as SandboxRepository
from ingest_assets.sandbox.github.tokens import GitHubToken
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.sources.git import (
    Credentials,
    GitHubRepository,
    GitRepository,
    Hosting,
    Reading,
    Repository,
    probe,
    repository_at,
    repository_of,
)

READING = Reading(Calls())
SECRET = "glpat-of-the-recipe"
GITHUB = Credentials("https://github.com", "norrpost", SECRET)
GITLAB = Credentials("https://gitlab.com/", "norrpost/data", SECRET)
AZURE = Credentials("https://dev.azure.com", "norrpost/data", SECRET, hosting=Hosting.GITHUB)
ENTERPRISE = Credentials("https://git.norrpost.example:8443", "norrpost", SECRET, hosting=Hosting.GITHUB)


def token_of(repository: Repository) -> str | None:
    if isinstance(repository, GitHubRepository):
        return repository._token
    assert isinstance(repository, GitRepository)
    return repository._login.password if repository._login else None


@pytest.mark.parametrize(
    ("own", "url", "kind", "described"),
    [
        (GITHUB, "https://github.com/norrpost/blocks", GitHubRepository, "https://github.com/norrpost/blocks"),
        (GITHUB, "https://GitHub.com/NorrPost/blocks.git/", GitHubRepository, "https://github.com/NorrPost/blocks"),
        (GITHUB, "git@github.com:norrpost/blocks.git", GitHubRepository, "https://github.com/norrpost/blocks"),
        (GITHUB, "ssh://git@github.com/norrpost/b.git", GitHubRepository, "https://github.com/norrpost/b"),
        (GITLAB, "https://gitlab.com/norrpost/data/r.git", GitRepository, "https://gitlab.com/norrpost/data/r.git"),
        (GITLAB, "git@gitlab.com:norrpost/data/r.git", GitRepository, "https://gitlab.com/norrpost/data/r.git"),
        (
            AZURE,
            "https://dev.azure.com/norrpost/data/r",
            GitRepository,
            "https://dev.azure.com/norrpost/data/_git/r",
        ),
        (
            AZURE,
            "https://norrpost@dev.azure.com/norrpost/data/_git/r",
            GitRepository,
            "https://dev.azure.com/norrpost/data/_git/r",
        ),
        (GITHUB, "git://github.com/norrpost/b.git", GitHubRepository, "https://github.com/norrpost/b"),
        (
            ENTERPRISE,
            "ssh://git@git.norrpost.example:22/norrpost/b.git",
            GitHubRepository,
            "https://git.norrpost.example:8443/norrpost/b",
        ),
    ],
)
def test_what_is_the_recipes_own_is_read_with_its_token(
    own: Credentials, url: str, kind: type[object], described: str
) -> None:
    found = repository_of(url, None, READING, own)
    assert isinstance(found, kind)
    assert token_of(found) == SECRET
    assert found.describe() == described


@pytest.mark.parametrize(
    ("own", "url"),
    [
        (GITHUB, "https://github.com/somebody/blocks"),
        (GITHUB, "https://github.com.example/norrpost/blocks"),
        (GITHUB, "https://github.com:444/norrpost/blocks"),
        (GITHUB, "git@gitlab.com:norrpost/blocks.git"),
        (GITHUB, "https://norrpost@example.com/github.com/norrpost/blocks"),
        (GITLAB, "https://gitlab.com/norrpost/r.git"),
        (GITLAB, "https://gitlab.com/norrpost/data/more/r.git"),
        (GITLAB, "https://gitlab.norrpost.example/norrpost/data/r.git"),
        (None, "https://github.com/norrpost/blocks"),
    ],
)
def test_the_token_goes_to_no_other_host_or_owner(own: Credentials | None, url: str) -> None:
    assert token_of(repository_of(url, "main", READING, own)) is None


def test_a_token_within_an_address_is_for_that_address(sandbox: Sandbox) -> None:
    del sandbox
    found = repository_of("https://somebody:other@github.com/norrpost/blocks", None, READING, GITHUB)
    assert token_of(found) == "other"
    assert "other" not in found.describe()


@pytest.mark.parametrize(
    "url", ["file:///srv/r.git", "/srv/r.git", "http://github.com/norrpost/r", "https://github.com/a/b/c", "x::sh", ""]
)
def test_what_another_repository_may_not_name_is_refused(url: str) -> None:
    with pytest.raises(RecipeError):
        repository_of(url, None, READING, GITHUB)


def test_what_the_recipe_itself_gives_may_be_a_folder_or_a_key_of_ssh() -> None:
    for url in ("file:///srv/r.git", "git@github.com:norrpost/r.git", "ssh://git@git.norrpost.example/r.git"):
        found = repository_at(url, None, READING)
        assert isinstance(found, GitRepository)
        assert found.describe() == url
    signed = repository_at("git@github.com:norrpost/r.git", None, READING, token=SECRET)
    assert isinstance(signed, GitHubRepository)
    assert token_of(signed) == SECRET
    plain = repository_at("http://git.norrpost.example/norrpost/r.git", "main", READING, token=SECRET, user="somebody")
    assert token_of(plain) == SECRET
    with pytest.raises(RecipeError):
        repository_at("/srv/r.git", None, READING)


def test_a_page_of_azure_is_found_by_path_and_branch() -> None:
    found = repository_of("https://dev.azure.com/norrpost/data/r", "team/new", READING, AZURE)
    assert found.page("a b.lkml", 3) == (
        "https://dev.azure.com/norrpost/data/_git/r?path=%2Fa%20b.lkml&version=GBteam%2Fnew"
        "&line=3&lineEnd=4&lineStartColumn=1&lineEndColumn=1"
    )


def test_no_secret_is_shown_by_what_holds_one() -> None:
    assert SECRET not in repr(GITHUB)
    assert SECRET not in str(vars(repository_of("https://gitlab.com/norrpost/data/r", None, READING, GITLAB)))


Read = Callable[[str | None], Repository]


@pytest.fixture
def read(sandbox: Sandbox, repository: SandboxRepository, reading: Reading) -> Read:
    del repository

    def of(token: str | None) -> Repository:
        own = Credentials(sandbox.url, "norrpost", token, hosting=Hosting.GITHUB)
        return repository_of(f"{sandbox.url}/norrpost/blocks", None, reading, own)

    return of


def test_a_probe_tells_whether_the_contents_may_be_read(read: Read, sandbox: Sandbox, token: GitHubToken) -> None:
    (granted,) = probe(read(token.value))
    assert (granted.granted, granted.required) == (True, True)
    assert granted.name == f"Contents: read of {sandbox.url}/norrpost/blocks"
    weak = sandbox.github.access.add_token("norrpost/blocks", permissions=frozenset()).value
    for refused in (None, weak):
        (step,) = probe(read(refused))
        assert step.granted is False
    sandbox.faults.add("500", service="github", operation="repos/get-commit", count=100)
    (unknown,) = probe(read(token.value))
    assert unknown.granted is None
    sandbox.faults.clear()
    sandbox.github.access.revoke(token)
    with pytest.raises(AuthenticationError):
        list(probe(read(token.value)))
