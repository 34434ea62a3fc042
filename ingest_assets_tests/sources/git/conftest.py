"""A repository of the sandbox's GitHub, and what it is read with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ingest_assets.calls import Calls
from ingest_assets.sandbox.company.looker_repositories import Repository
from ingest_assets.sandbox.github.tokens import GitHubToken
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.sources.git import Patience, Reading
from ingest_assets_tests.sources.git.memory import MemoryCache


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running
        assert not list(running.crashes)


@pytest.fixture
def repository(sandbox: Sandbox) -> Repository:
    made = sandbox.company.repositories.add("norrpost", "blocks")
    made.commit({"a.view.lkml": "view: a {}\n", "deep/er/b.lkml": b"# b\n", "logo.png": b"\x89PNG"}, "Begin")
    return made


@pytest.fixture
def token(sandbox: Sandbox, repository: Repository) -> GitHubToken:
    return sandbox.github.access.add_token(f"{repository.owner}/{repository.name}")


@pytest.fixture
def cache() -> MemoryCache:
    return MemoryCache()


@pytest.fixture
def pauses() -> list[float]:
    """Seconds that were waited for, had anybody waited."""
    return []


@pytest.fixture
def reading(cache: MemoryCache, pauses: list[float]) -> Reading:
    return Reading(Calls(), cache, Patience(timeouts=(2.0, 5.0), sleep=pauses.append))
