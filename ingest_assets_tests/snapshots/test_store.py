"""Both kinds of store, the one in S3 over HTTP, do the same."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ingest_assets.errors import StoreError
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.snapshots.store import FolderStore, Store, open_store

OpenStore = Callable[[], Store]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        running.company.buckets.create("norrpost-ingest")
        yield running
        assert not list(running.crashes)


@pytest.fixture(params=["folder", "s3", "s3 without prefix"])
def opened(
    request: pytest.FixtureRequest, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> OpenStore:
    """Opens the same store again and again, as each process does."""
    for name, value in sandbox.environment(sandbox.reader).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    prefix = "" if "without" in request.param else f"/{tmp_path.name}/"
    address = str(tmp_path / "store") if request.param == "folder" else f"s3://norrpost-ingest{prefix}"
    return lambda: open_store(address)


def keep(store: Store, key: str, content: bytes) -> None:
    file = store.scratch()
    file.write_bytes(content)
    store.keep(key, file)


def test_what_was_kept_is_fetched_by_any_process(opened: OpenStore) -> None:
    keep(opened(), "glue/größe a+b/latest", b"run-1")
    assert opened().fetch("glue/größe a+b/latest").read_bytes() == b"run-1"
    assert opened().has("glue/größe a+b/latest")


def test_a_file_is_replaced_whole_and_seen_by_others(opened: OpenStore) -> None:
    mine, others = opened(), opened()
    keep(mine, "k", b"a long first content")
    assert others.fetch("k").read_bytes() == b"a long first content"
    keep(mine, "k", b"short")
    assert others.fetch("k").read_bytes() == b"short"
    assert mine.fetch("k").read_bytes() == b"short"


def test_large_files_arrive_whole(opened: OpenStore) -> None:
    content = bytes(range(256)) * 40_000  # more than one part of a multipart download
    keep(opened(), "large", content)
    assert opened().fetch("large").read_bytes() == content


def test_a_key_that_is_not_there_is_told(opened: OpenStore) -> None:
    store = opened()
    assert not store.has("none")
    with pytest.raises(StoreError, match="INGEST_ASSETS_STORE"):
        store.fetch("none")
    store.remove("none")


def test_keys_are_listed_by_prefix_in_order_and_scratch_files_are_none(opened: OpenStore) -> None:
    store = opened()
    for key in ("list/b", "list/a/x", "list/a/y", "listed", "other"):
        keep(store, key, b"")
    store.scratch()
    assert list(store.keys("list/")) == ["list/a/x", "list/a/y", "list/b"]
    assert list(store.keys("list/a")) == ["list/a/x", "list/a/y"]
    assert list(opened().keys("nothing")) == []


def test_more_keys_than_one_page_are_all_listed(opened: OpenStore) -> None:
    store = opened()
    for number in range(1005 if isinstance(store, FolderStore) else 40):
        keep(store, f"many/{number:04d}", b"")
    found = list(store.keys("many/"))
    assert found == sorted(found)
    assert len(found) in (1005, 40)


def test_what_was_removed_is_gone(opened: OpenStore) -> None:
    store = opened()
    keep(store, "gone", b"x")
    store.remove("gone")
    assert not opened().has("gone")
    assert list(opened().keys("gone")) == []


def test_a_bucket_that_may_not_be_read_is_told(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in sandbox.environment(sandbox.principal).items():  # may read Glue, and no bucket
        monkeypatch.setenv(name, value)
    store = open_store("s3://norrpost-ingest/x")
    with pytest.raises(StoreError, match="s3://norrpost-ingest/x/k"):
        store.has("k")
    with pytest.raises(StoreError, match="s3://norrpost-ingest/x/k"):
        store.fetch("k")
    with pytest.raises(StoreError, match="s3://norrpost-ingest/x"):
        list(store.keys("k"))
    with pytest.raises(StoreError, match="s3://norrpost-ingest/x/k"):
        keep(store, "k", b"")
    with pytest.raises(StoreError, match="s3://norrpost-ingest/x/k"):
        store.remove("k")


def test_a_bucket_that_does_not_exist_is_told(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in sandbox.environment(sandbox.reader).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(StoreError, match="no-such-bucket"):
        keep(open_store("s3://no-such-bucket"), "k", b"")


@pytest.mark.parametrize("address", ["https://example.com/store", "gs://bucket/x", "s3:///x"])
def test_an_address_of_another_kind_is_refused(address: str) -> None:
    with pytest.raises(StoreError, match="INGEST_ASSETS_STORE"):
        open_store(address)


def test_a_folder_of_the_home_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    keep(open_store("~/store"), "k", b"x")
    assert (tmp_path / "store" / "k").read_bytes() == b"x"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(StoreError, match=r"can't be written .*INGEST_ASSETS_STORE"):
        FolderStore(tmp_path / "file").scratch()


def test_scratch_files_of_runs_long_gone_are_swept(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    left, fresh = store.scratch(), store.scratch()
    os.utime(left, (0, 0))
    store.sweep()
    assert not left.exists()
    assert fresh.exists()
