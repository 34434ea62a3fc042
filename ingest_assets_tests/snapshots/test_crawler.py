from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from ingest_assets.calls import Calls
from ingest_assets.catalog import (
    ColumnEnrichment,
    Elsewhere,
    Enrichment,
    EntityType,
    Failed,
    Filtered,
    Label,
    Note,
    Reference,
    Unlisted,
)
from ingest_assets.errors import AuthenticationError, PermissionDeniedError, StoreError, UnavailableError
from ingest_assets.progress import SilentProgress
from ingest_assets.snapshots.crawler import Crawler
from ingest_assets.snapshots.manifest import Manifest
from ingest_assets.snapshots.repository import Snapshots
from ingest_assets.snapshots.retention import prune
from ingest_assets.snapshots.store import FolderStore
from ingest_assets_tests.snapshots.fakes import DATABASES, SCHEMAS, SERVICE, WrittenSource, lake, table, tables_of


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


def test_parts_of_a_listing_that_were_not_looked_into_are_kept_and_count_for_nothing(snapshots: Snapshots) -> None:
    parts = (Unlisted(prefix="tmp_"), Unlisted(prefix="a:"), Unlisted(prefix="tmp_"))
    manifest = published(lake(sales=(parts[0], table("sales", "orders"), *parts[1:]), hr=()), snapshots)

    result, other = (
        next(each for each in manifest.scopes if each.scope == tables_of(name)) for name in ("sales", "hr")
    )
    assert (result.unlisted, other.unlisted) == (("a:", "tmp_"), ())
    assert (result.complete, result.listed, result.kept, result.failed) == (True, 1, 1, 0)
    assert result.file is not None
    assert [each for each in snapshots.findings(result.file) if isinstance(each, Unlisted)] == list(parts)
    assert next(each for each in snapshots.latest().scopes if each.scope == result.scope).unlisted == result.unlisted  # type: ignore[union-attr]  # it was published


def test_what_is_known_of_entities_of_others_is_counted_once_and_kept_as_it_is(snapshots: Snapshots) -> None:
    """That there is none must not come back as not known."""
    there = Reference(EntityType.TABLE, ("warehouse", "db", "sales", "orders"))
    columns = (ColumnEnrichment(path=("address", "zip"), description="", labels=(Label("PII.Sensitive"),)),)
    named = Enrichment(target=there, description="", owners=(), labels=(), columns=columns)
    called = Enrichment(target=Elsewhere(type=EntityType.TOPIC, names=("clicks",)), display_name="Clicks")
    broken = Enrichment(target=Elsewhere(type=EntityType.TOPIC, names=("views",)), description="half \ud83d")
    source = lake(sales=(table("sales", "orders"), named, called, called, broken))

    manifest = published(source, snapshots)

    result = next(each for each in manifest.scopes if each.scope == tables_of("sales"))
    assert (result.listed, result.kept, result.enrichments, result.failed) == (4, 3, 2, 1)
    assert result.file is not None
    kept = list(snapshots.findings(result.file))
    assert [each for each in kept if isinstance(each, Enrichment)] == [named, called]
    (failed,) = (each for each in kept if isinstance(each, Failed))
    assert failed.reference.name == "views"


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


def scope_file(folder: Path, digest: str | None) -> Path:
    return next((folder / "glue" / SERVICE / "scopes").rglob(f"{digest}*"))


@pytest.mark.parametrize("content", [b"", gzip.compress(b"")], ids=["empty", "empty archive"])
def test_an_emptied_scope_file_is_no_empty_listing(snapshots: Snapshots, tmp_path: Path, content: bytes) -> None:
    digest = published(lake(sales=(table("sales", "orders"),)), snapshots).listing(EntityType.TABLE)[0].file or ""
    scope_file(tmp_path, digest).write_bytes(content)
    with pytest.raises(StoreError, match="not what was written"):
        list(snapshots.findings(digest))


def test_a_scope_file_cut_between_two_lines_is_told(snapshots: Snapshots, tmp_path: Path) -> None:
    found = (table("sales", "orders"), table("sales", "returns"))
    digest = published(lake(sales=found), snapshots).listing(EntityType.TABLE)[0].file or ""
    file = scope_file(tmp_path, digest)
    file.write_bytes(gzip.compress(gzip.decompress(file.read_bytes()).splitlines(keepends=True)[0]))
    with pytest.raises(StoreError, match="not what was written"):
        list(snapshots.findings(digest))


def test_a_damaged_scope_file_is_written_anew_by_the_next_snapshot(snapshots: Snapshots, tmp_path: Path) -> None:
    source = lake(sales=(table("sales", "orders"),))
    digest = published(source, snapshots, "one").listing(EntityType.TABLE)[0].file or ""
    scope_file(tmp_path, digest).write_bytes(b"\x1f\x8b")
    with pytest.raises(StoreError):
        list(snapshots.findings(digest))
    published(source, snapshots, "two")
    assert len(list(snapshots.findings(digest))) == 1


@pytest.mark.parametrize("content", [b"", b'{"format": 1, "run_', b'{"format": 2, "new": 1}', b"[]"])
def test_a_manifest_that_cannot_be_used_is_told_and_begun_anew(
    snapshots: Snapshots, tmp_path: Path, content: bytes
) -> None:
    source = lake(sales=(table("sales", "orders"),))
    published(source, snapshots, "one")
    (tmp_path / "glue" / SERVICE / "manifests" / "one.json").write_bytes(content)

    second = published(source, snapshots, "two")

    assert len(second.notes) == 1
    assert second.previous is None
    assert len(second.listing(EntityType.TABLE)) == 1
    prune(snapshots)


def test_a_newer_format_is_named(snapshots: Snapshots, tmp_path: Path) -> None:
    published(lake(), snapshots, "one")
    (tmp_path / "glue" / SERVICE / "manifests" / "one.json").write_text('{"format": 2, "new": 1}', encoding="utf-8")
    with pytest.raises(StoreError, match="has format 2"):
        snapshots.latest()


def test_a_vanished_database_takes_its_scopes_along(snapshots: Snapshots) -> None:
    published(lake(sales=(table("sales", "o"),)), snapshots, "one")
    gone = Filtered(reference=Reference(EntityType.DATABASE, (SERVICE, "db")), reason="databaseFilterPattern")

    second = published(WrittenSource({DATABASES: (gone,)}), snapshots, "two")

    assert [result.scope for result in second.scopes] == [DATABASES]


def test_what_overlapping_pages_show_twice_is_listed_once(snapshots: Snapshots) -> None:
    manifest = published(lake(sales=(table("sales", "orders"), table("sales", "orders"))), snapshots)
    assert [result.listed for result in manifest.listing(EntityType.TABLE)] == [1]


def test_a_schema_that_overlapping_pages_show_twice_is_read_once(snapshots: Snapshots) -> None:
    source = lake(sales=(table("sales", "orders"),))
    source.listings[SCHEMAS] = (*source.listings[SCHEMAS], *source.listings[SCHEMAS])
    published(source, snapshots)
    assert source.reads[tables_of("sales")] == 1


def test_a_name_that_is_no_unicode_text_costs_itself_only(snapshots: Snapshots) -> None:
    left_out = Filtered(reference=Reference(EntityType.TABLE, (SERVICE, "db", "sales", "tmp\ud800")), reason="filter")
    manifest = published(lake(sales=(table("sales", "bad\ud800"), left_out, table("sales", "orders"))), snapshots)
    result = manifest.listing(EntityType.TABLE)[0]
    assert (result.listed, result.kept, result.failed) == (3, 1, 2)
    failed = next(found for found in snapshots.findings(result.file or "") if isinstance(found, Failed))
    assert failed.reference.name == "bad?"


def test_what_is_kept_of_errors_holds_no_secret(snapshots: Snapshots, tmp_path: Path) -> None:
    source = lake(sales=(UnavailableError("bad value 'hunter2'", where="glue:GetTables"),))
    redacting = Crawler(source, snapshots, Calls(), SilentProgress(), 2, lambda text: text.replace("hunter2", "***"))
    snapshots.publish(redacting.crawl("run"))
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and b"hunter2" in file.read_bytes()]
