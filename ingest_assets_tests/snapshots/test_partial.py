"""Crawls of a part: what is read, what stays with its age, and what has vanished all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_assets.calls import Calls
from ingest_assets.catalog import Database, EntityType, Schema, Scope
from ingest_assets.errors import UnavailableError
from ingest_assets.progress import SilentProgress
from ingest_assets.snapshots.crawler import Crawler
from ingest_assets.snapshots.manifest import Manifest
from ingest_assets.snapshots.repository import Snapshots
from ingest_assets.snapshots.selection import Selection
from ingest_assets.snapshots.store import FolderStore
from ingest_assets_tests.snapshots.fakes import DATABASES, SCHEMAS, SERVICE, WrittenSource, lake, table, tables_of

EVERYTHING = Selection()
SALES = Selection(include=("db.sales",))
OTHER_SCHEMAS = Scope(EntityType.SCHEMA, (SERVICE, "other"))
OTHER_TABLES = Scope(EntityType.TABLE, (SERVICE, "other", "s"))


@pytest.fixture
def snapshots(tmp_path: Path) -> Snapshots:
    return Snapshots(FolderStore(tmp_path), "glue", SERVICE)


def published(source: WrittenSource, snapshots: Snapshots, run_id: str, selection: Selection = EVERYTHING) -> Manifest:
    source.reads.clear()
    crawler = Crawler(source, snapshots, Calls(), SilentProgress(), threads=4, selection=selection)
    snapshots.publish(crawler.crawl(run_id))
    return snapshots.manifest(run_id)


def runs_of(manifest: Manifest) -> dict[Scope, str]:
    return {result.scope: result.run_id for result in manifest.scopes}


def two_schemas() -> WrittenSource:
    return lake(sales=(table("sales", "orders"),), hr=(table("hr", "staff"),))


def with_another_database(source: WrittenSource) -> WrittenSource:
    source.listings[DATABASES] = (*source.listings[DATABASES], Database(path=(SERVICE, "other")), OTHER_SCHEMAS)
    source.listings[OTHER_SCHEMAS] = (Schema(path=(SERVICE, "other", "s")), OTHER_TABLES)
    source.listings[OTHER_TABLES] = ()
    return source


def test_only_what_is_wanted_is_read_and_the_rest_keeps_its_age(snapshots: Snapshots) -> None:
    source = two_schemas()
    first = published(source, snapshots, "one")
    source.listings[tables_of("hr")] = ()

    second = published(source, snapshots, "two", SALES)

    assert set(source.reads) == {DATABASES, SCHEMAS, tables_of("sales")}
    assert runs_of(second) == {DATABASES: "two", SCHEMAS: "two", tables_of("sales"): "two", tables_of("hr"): "one"}
    assert second.scopes[-2] == first.scopes[-2]
    assert {result.scope for result in second.proofs(EntityType.TABLE)} == {tables_of("sales")}
    assert [note for note in second.notes if "1 listings that include and exclude leave out stay" in note]


def test_a_second_partial_crawl_still_keeps_what_the_first_left_out(snapshots: Snapshots) -> None:
    source = two_schemas()
    published(source, snapshots, "one")
    published(source, snapshots, "two", SALES)
    third = published(source, snapshots, "three", Selection(exclude=("*.sales",)))
    assert runs_of(third)[tables_of("sales")] == "two"
    assert runs_of(third)[tables_of("hr")] == "three"


def test_nothing_below_a_database_that_was_left_out_has_vanished(snapshots: Snapshots) -> None:
    source = with_another_database(two_schemas())
    published(source, snapshots, "one")
    second = published(source, snapshots, "two", Selection(exclude=("other",)))
    assert not {OTHER_SCHEMAS, OTHER_TABLES} & set(source.reads)
    assert runs_of(second)[OTHER_SCHEMAS] == runs_of(second)[OTHER_TABLES] == "one"


def test_a_database_that_is_gone_has_vanished_though_it_was_not_asked_for(snapshots: Snapshots) -> None:
    published(with_another_database(two_schemas()), snapshots, "one")
    second = published(two_schemas(), snapshots, "two", SALES)
    assert not {OTHER_SCHEMAS, OTHER_TABLES} & set(runs_of(second))


def test_a_schema_that_a_whole_listing_no_longer_shows_has_vanished(snapshots: Snapshots) -> None:
    published(two_schemas(), snapshots, "one")
    second = published(lake(sales=(table("sales", "orders"),)), snapshots, "two", SALES)
    assert set(runs_of(second)) == {DATABASES, SCHEMAS, tables_of("sales")}


def test_a_schema_that_was_left_out_stays_when_the_listing_above_fails(snapshots: Snapshots) -> None:
    source = two_schemas()
    published(source, snapshots, "one")
    source.listings[SCHEMAS] = (UnavailableError("throttled", where="x"),)
    second = published(source, snapshots, "two", SALES)
    assert runs_of(second)[tables_of("hr")] == runs_of(second)[tables_of("sales")] == "one"


def test_a_first_crawl_of_a_part_knows_that_part(snapshots: Snapshots) -> None:
    first = published(two_schemas(), snapshots, "one", SALES)
    assert set(runs_of(first)) == {DATABASES, SCHEMAS, tables_of("sales")}


def test_a_crawl_of_which_all_is_left_out_ends(snapshots: Snapshots) -> None:
    first = published(two_schemas(), snapshots, "one", Selection(exclude=("*",)))
    assert set(runs_of(first)) == {DATABASES}


@pytest.mark.parametrize("pattern", ["db.slaes", "db.sales.orders", "nowhere", ""])
def test_an_include_that_matches_nothing_is_told(snapshots: Snapshots, pattern: str) -> None:
    first = published(two_schemas(), snapshots, "one", Selection(include=("db.hr", pattern)))
    (note,) = [note for note in first.notes if "matched nothing" in note]
    assert note.startswith(f"include {pattern!r} matched nothing that was read.")


def test_a_retry_of_a_partial_crawl_reads_only_what_failed(snapshots: Snapshots) -> None:
    source = two_schemas()
    published(source, snapshots, "one")
    source.listings[tables_of("sales")] = (UnavailableError("throttled", where="x"),)
    published(source, snapshots, "two", SALES)
    source.listings[tables_of("sales")] = ()
    second = published(source, snapshots, "two", SALES)
    assert dict(source.reads) == {tables_of("sales"): 1}
    assert runs_of(second)[tables_of("hr")] == "one"
    assert not second.incomplete()
