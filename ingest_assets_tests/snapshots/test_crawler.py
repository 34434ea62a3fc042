from __future__ import annotations

from pathlib import Path

import pytest

from ingest_assets.calls import Calls
from ingest_assets.catalog import EntityType, Failed, Filtered, Note, Reference
from ingest_assets.errors import AuthenticationError, PermissionDeniedError, StoreError, UnavailableError
from ingest_assets.progress import SilentProgress
from ingest_assets.snapshots.crawler import Crawler
from ingest_assets.snapshots.manifest import Manifest
from ingest_assets.snapshots.repository import Snapshots
from ingest_assets.snapshots.store import FolderStore
from ingest_assets_tests.snapshots.fakes import SERVICE, WrittenSource, lake, table, tables_of


@pytest.fixture
def snapshots(tmp_path: Path) -> Snapshots:
    return Snapshots(FolderStore(tmp_path), "glue", SERVICE)


def crawl(source: WrittenSource, snapshots: Snapshots, run_id: str = "run") -> Manifest:
    return Crawler(source, snapshots, Calls(), SilentProgress(), threads=4).crawl(run_id)


def published(source: WrittenSource, snapshots: Snapshots, run_id: str = "run") -> Manifest:
    manifest = crawl(source, snapshots, run_id)
    snapshots.publish(manifest)
    return manifest


def test_every_finding_is_counted_and_kept(snapshots: Snapshots) -> None:
    ref = Reference(EntityType.TABLE, (SERVICE, "db", "sales", "hidden"))
    bad = Reference(EntityType.TABLE, (SERVICE, "db", "sales", "bad"))
    found = (table("sales", "orders"), Filtered(reference=ref, reason="filter"), Note(text="more with glue:GetTags"))
    source = lake(sales=(*found, Failed(reference=bad, step="read", reason="no Name")))

    manifest = published(source, snapshots)

    result = next(each for each in manifest.scopes if each.scope == tables_of("sales"))
    assert (result.listed, result.kept, result.filtered, result.failed) == (3, 1, 1, 1)
    assert result.notes == ("more with glue:GetTags",)
    assert result.file is not None
    assert list(snapshots.findings(result.file)) == list(source.listings[tables_of("sales")])


def test_each_scope_is_read_once(snapshots: Snapshots) -> None:
    source = lake(**{f"s{number}": (table(f"s{number}", "t"),) for number in range(50)})
    published(source, snapshots)
    assert len(source.reads) == 52
    assert set(source.reads.values()) == {1}


def test_a_failed_listing_costs_its_scope_and_no_other(snapshots: Snapshots) -> None:
    denied = PermissionDeniedError("denied", where="glue:GetTables of locked")
    manifest = published(lake(sales=(table("sales", "orders"),), locked=(table("locked", "a"), denied)), snapshots)

    assert [result.scope for result in manifest.incomplete()] == [tables_of("locked")]
    assert manifest.incomplete()[0].file is None
    assert [result.kept for result in manifest.listing(EntityType.TABLE)] == [1]


def test_a_failed_listing_keeps_what_was_read_before(snapshots: Snapshots) -> None:
    first = published(lake(sales=(table("sales", "orders"),)), snapshots, "one")
    error = UnavailableError("throttled", where="glue:GetTables of sales")
    second = published(lake(sales=(error,)), snapshots, "two")

    before = next(each for each in first.scopes if each.scope == tables_of("sales"))
    after = next(each for each in second.scopes if each.scope == tables_of("sales"))
    assert not after.complete
    assert after.file == before.file
    assert tables_of("sales") not in {each.scope for each in second.listing(EntityType.TABLE)}


def test_refused_credentials_end_the_crawl(snapshots: Snapshots) -> None:
    refused = AuthenticationError("expired", where="glue:GetTables of sales")
    with pytest.raises(AuthenticationError):
        crawl(lake(sales=(refused,), other=(table("other", "t"),)), snapshots)
    assert snapshots.latest() is None


def test_a_retry_reads_only_what_the_first_attempt_did_not(snapshots: Snapshots) -> None:
    source = lake(sales=(table("sales", "orders"),), slow=(UnavailableError("throttled", where="x"),))
    crawl(source, snapshots, "run")
    source.listings[tables_of("slow")] = (table("slow", "t"),)
    source.reads.clear()

    manifest = crawl(source, snapshots, "run")

    assert dict(source.reads) == {tables_of("slow"): 1}
    assert not manifest.incomplete()
    assert sum(result.kept for result in manifest.listing(EntityType.TABLE)) == 2


def test_another_run_reads_all_anew(snapshots: Snapshots) -> None:
    source = lake(sales=(table("sales", "orders"),))
    published(source, snapshots, "one")
    published(source, snapshots, "two")
    assert source.reads[tables_of("sales")] == 2


def test_an_unchanged_scope_costs_the_store_no_second_file(snapshots: Snapshots, tmp_path: Path) -> None:
    source = lake(sales=(table("sales", "orders"),))
    published(source, snapshots, "one")
    files = sorted((tmp_path / "glue" / SERVICE / "scopes").rglob("*.gz"))
    published(source, snapshots, "two")
    assert sorted((tmp_path / "glue" / SERVICE / "scopes").rglob("*.gz")) == files
    assert not list((tmp_path / ".scratch").iterdir())


def test_a_vanished_schema_leaves_the_manifest_only_when_schemas_were_listed_whole(snapshots: Snapshots) -> None:
    published(lake(sales=(table("sales", "o"),), old=(table("old", "t"),)), snapshots, "one")
    partial = lake(sales=(table("sales", "o"),))
    whole = dict(partial.listings)
    schemas = next(scope for scope in whole if scope.of is EntityType.SCHEMA)
    partial.listings[schemas] = (*whole[schemas], UnavailableError("throttled", where="glue:GetDatabases"))

    second = published(partial, snapshots, "two")
    assert tables_of("old") in {result.scope for result in second.scopes}

    third = published(lake(sales=(table("sales", "o"),)), snapshots, "three")
    assert tables_of("old") not in {result.scope for result in third.scopes}


def test_a_finding_of_another_scope_is_refused(snapshots: Snapshots) -> None:
    with pytest.raises(StoreError, match="doesn't belong"):
        crawl(lake(sales=(table("elsewhere", "orders"),)), snapshots)


def test_a_damaged_scope_file_is_told_and_not_read_as_empty(snapshots: Snapshots, tmp_path: Path) -> None:
    manifest = published(lake(sales=(table("sales", "orders"),)), snapshots)
    digest = manifest.listing(EntityType.TABLE)[0].file or ""
    file = next((tmp_path / "glue" / SERVICE / "scopes").rglob(f"{digest}*"))
    file.write_bytes(file.read_bytes()[:-12])
    with pytest.raises(StoreError, match="damaged"):
        list(snapshots.findings(digest))
