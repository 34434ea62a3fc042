"""Both kinds of store, the one in S3 over HTTP, do the same."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config

from ingest_assets.errors import StoreError
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.snapshots.store import FolderStore, S3Store, Store, open_store

OpenStore = Callable[[], Store]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        running.company.buckets.create("norrpost-ingest")
        yield running
        assert not list(running.crashes)


@pytest.fixture
def signed_in(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in sandbox.environment(sandbox.reader).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")


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


def test_a_key_is_created_once_and_stays_what_it_was(opened: OpenStore) -> None:
    assert opened().create("created/größe a+b", b"mine")
    assert not opened().create("created/größe a+b", b"yours")
    assert opened().fetch("created/größe a+b").read_bytes() == b"mine"
    assert list(opened().keys("created/")) == ["created/größe a+b"]


def test_a_key_that_was_removed_is_created_again(opened: OpenStore) -> None:
    store = opened()
    keep(store, "again", b"1")
    assert not store.create("again", b"2")
    store.remove("again")
    assert store.create("again", b"3")
    assert opened().fetch("again").read_bytes() == b"3"


def first_of_many(stores: Sequence[Store], key: str) -> list[bool]:
    with ThreadPoolExecutor(len(stores)) as pool:
        return list(pool.map(lambda number: stores[number].create(key, str(number).encode()), range(len(stores))))


def test_one_of_many_creates_a_key_and_it_is_whole(opened: OpenStore) -> None:
    stores = [opened() for _ in range(6)]
    for attempt in range(5):
        created = first_of_many(stores, f"race/{attempt}")
        assert created.count(True) == 1
        assert opened().fetch(f"race/{attempt}").read_bytes() == str(created.index(True)).encode()


@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS])
def test_one_of_many_creates_a_key_where_there_are_no_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def no_links(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", no_links)
    created = first_of_many([FolderStore(tmp_path)] * 8, "race")
    assert created.count(True) == 1
    assert (tmp_path / "race").read_bytes() == str(created.index(True)).encode()


def test_creating_leaves_no_scratch_files(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    assert [store.create("k", b"1"), store.create("k", b"2")] == [True, False]
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == ["k"]


def test_a_folder_where_nothing_can_be_created_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    store = FolderStore(tmp_path)
    with pytest.raises(StoreError, match=r"can't be written .*INGEST_ASSETS_STORE"):
        store.create("file/k", b"")
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == ["file"]


@pytest.mark.usefixtures("signed_in")
def test_a_creation_whose_answer_was_lost_was_one(sandbox: Sandbox) -> None:
    sandbox.faults.add("reset-after", service="s3", operation="PutObject", match="lost/k")
    store = open_store("s3://norrpost-ingest/lost")
    assert store.create("k", b"mine")  # boto3's second try is refused, because of the first one
    assert "lost/k" in [strike.fault.match for strike in sandbox.faults.struck()]
    assert store.fetch("k").read_bytes() == b"mine"


@pytest.mark.usefixtures("signed_in")
def test_a_creation_that_is_never_answered_is_looked_up(sandbox: Sandbox) -> None:
    once = Config(retries={"total_max_attempts": 1})
    store = S3Store("norrpost-ingest", "unanswered", lambda: boto3.session.Session().client("s3", config=once))
    sandbox.faults.add("reset-after", service="s3", operation="PutObject", match="unanswered/k")
    assert store.create("k", b"mine")
    sandbox.faults.add("reset-before", service="s3", operation="PutObject", match="unanswered/l")
    with pytest.raises(StoreError, match="can't be created"):
        store.create("l", b"mine")


def s3_store(prefix: str, event: str, handler: Callable[..., Any]) -> S3Store:
    """A store on a client at which something else happens at an event of botocore."""

    def client() -> Any:
        made = boto3.session.Session().client("s3")
        made.meta.events.register(event, handler)
        return made

    return S3Store("norrpost-ingest", prefix, client)


class Conflicts:
    """Answers S3's "two conditional writes at once, and nobody was first" a number of times."""

    def __init__(self, times: int) -> None:
        self.left = times

    def __call__(self, request: AWSRequest, **_: object) -> AWSResponse | None:
        if not self.left:
            return None
        self.left -= 1
        return AWSResponse(str(request.url), 409, HTTPHeaders(), _Conflict())


class _Conflict:
    def stream(self) -> Iterator[bytes]:
        yield b"<Error><Code>ConditionalRequestConflict</Code><Message>Please retry.</Message></Error>"


@pytest.mark.usefixtures("signed_in")
def test_a_conflict_of_conditional_writes_is_tried_again() -> None:
    conflicts = Conflicts(3)
    store = s3_store("conflicts", "before-send.s3.PutObject", conflicts)
    assert store.create("k", b"mine")
    assert conflicts.left == 0
    assert store.fetch("k").read_bytes() == b"mine"


@pytest.mark.usefixtures("signed_in")
def test_conflicts_without_end_are_an_error() -> None:
    store = s3_store("endless", "before-send.s3.PutObject", Conflicts(1000))
    with pytest.raises(StoreError, match="ConditionalRequestConflict"):
        store.create("k", b"mine")
    assert not store.has("k")


def ignore_condition(params: dict[str, Any], **_: object) -> None:
    params.pop("IfNoneMatch", None)


@pytest.mark.usefixtures("signed_in")
def test_a_key_stays_what_it_was_in_an_s3_that_ignores_conditions() -> None:
    store = s3_store("lenient", "before-parameter-build.s3.PutObject", ignore_condition)
    assert store.create("k", b"mine")
    assert not store.create("k", b"yours")
    assert store.fetch("k").read_bytes() == b"mine"


@pytest.mark.usefixtures("signed_in")
def test_who_is_replaced_at_once_in_an_s3_that_ignores_conditions_has_created_nothing() -> None:
    def another_comes(**_: object) -> None:
        keep(open_store("s3://norrpost-ingest/overtaken"), "k", b"yours")

    store = s3_store("overtaken", "after-call.s3.PutObject", another_comes)
    assert not store.create("k", b"mine")
    assert store.fetch("k").read_bytes() == b"yours"
