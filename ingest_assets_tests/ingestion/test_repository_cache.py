"""What was read of repositories, kept on the store."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ingest_assets.calls import Calls
from ingest_assets.ingestion.repository_cache import StoreCache
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.snapshots.store import FolderStore, Store, open_store
from ingest_assets.sources.git import GitHubRepository, Reading


@pytest.fixture(scope="module")
def s3_sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        running.company.buckets.create("norrpost-ingest")
        yield running
        assert not list(running.crashes)


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    if request.param == "folder":
        return FolderStore(tmp_path)
    sandbox: Sandbox = request.getfixturevalue("s3_sandbox")
    for name, value in sandbox.environment(sandbox.reader).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    return open_store(f"s3://norrpost-ingest/{tmp_path.name}")


def test_what_was_put_last_is_there_for_other_runs_and_takes_one_file(store: Store) -> None:
    clock = itertools.count(1).__next__
    StoreCache(store, clock=clock).put("a/b", b"one")
    StoreCache(store, clock=clock).put("a/b", b"two, longer")
    assert StoreCache(store).get("a/b") == b"two, longer"
    assert StoreCache(store).get("a") is None
    assert len(list(store.keys("repositories/"))) == 1


def test_the_oldest_goes_when_there_are_too_many_or_too_much(store: Store) -> None:
    cache = StoreCache(store, entries=3, size=100, clock=itertools.count(1).__next__)
    for number in range(5):
        cache.put(str(number), bytes(10))
    assert [number for number in range(5) if cache.get(str(number))] == [2, 3, 4]
    cache.put("large", bytes(85))
    assert [key for key in ("2", "3", "4", "large") if cache.get(key)] == ["4", "large"]
    cache.put("too large", bytes(101))
    assert cache.get("too large") is None
    assert cache.get("large")


def test_nothing_but_its_own_goes(store: Store) -> None:
    for key in ("repositories/others/latest", "glue/lake/000000000000001-3"):
        file = store.scratch()
        file.write_bytes(b"abc")
        store.keep(key, file)
    StoreCache(store, entries=1).put("a", b"a")
    StoreCache(store, entries=1).put("b", b"b")
    assert store.has("repositories/others/latest")
    assert store.has("glue/lake/000000000000001-3")


def test_runs_side_by_side_meet_no_half_of_anything(tmp_path: Path) -> None:
    def run(number: int) -> bytes | None:
        cache = StoreCache(FolderStore(tmp_path), entries=2)
        cache.put(f"key {number % 3}", bytes([number % 3]) * 50_000)
        return cache.get(f"key {number % 3}")

    with ThreadPoolExecutor(8) as pool:
        for number, found in enumerate(pool.map(run, range(60))):
            assert found in (None, bytes([number % 3]) * 50_000)


def test_a_commit_that_stands_is_one_call_in_the_next_process(s3_sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox = s3_sandbox
    repository = sandbox.company.repositories.add("norrpost", "kept")
    repository.commit({"a.lkml": "view: a {}\n"}, "Begin")
    token = sandbox.github.access.add_token("norrpost/kept").value
    counts = []
    for _ in range(2):
        calls = Calls()
        reading = Reading(calls, StoreCache(FolderStore(tmp_path)))
        read = GitHubRepository("norrpost", "kept", reading, token=token, host=sandbox.url)
        assert read.files(read.commit(), lambda _: True) == {"a.lkml": b"view: a {}\n"}
        counts.append(calls.counts())
    assert counts == [{"github:GetCommit": 1, "github:GetTarball": 2}, {"github:GetCommit": 1}]
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert token.encode() not in file.read_bytes()
            file.write_bytes(b"damaged")
    read = GitHubRepository("norrpost", "kept", reading, token=token, host=sandbox.url)
    assert read.files(read.commit(), lambda _: True) == {"a.lkml": b"view: a {}\n"}
