"""What people delete and bring back, what the source no longer has, and what a run brings back when it is asked to."""

from __future__ import annotations

from contextlib import closing

import pytest

from ingest_assets.catalog import EntityType
from ingest_assets_tests.contract.openmetadata.ground import Ground
from ingest_assets_tests.ingestion.lakes import Lake


@pytest.fixture
def lake(ground: Ground) -> Lake:
    """Two schemas; a view that makes an edge."""
    made = Lake(ground.service(EntityType.DATABASE_SERVICE, "lake"))
    made.put("sales", "orders", description="All orders")
    made.put("sales", "old", description="Old ones")
    made.view("sales", "report", "select id from sales.orders")
    made.put("hr", "people")
    return made


def is_deleted(ground: Ground, lake: Lake, *below: str) -> bool:
    return bool(ground.get(lake.reference(*below)).get("deleted", False))


def test_a_table_that_a_person_deleted_comes_back_unless_it_is_to_be_kept(ground: Ground, lake: Lake) -> None:
    ground.run(lake)
    orders = lake.reference("db", "sales", "orders")
    ground.delete(orders)
    kept = ground.run(lake, keep_deleted=True)
    assert (kept.written(), is_deleted(ground, lake, *orders.path[1:])) == (0, True)
    back = ground.run(lake)
    assert (back.failures(), back.published[EntityType.TABLE].restored) == ({}, 1)
    assert not is_deleted(ground, lake, *orders.path[1:])
    assert list(ground.edges_to(lake.reference("db", "sales", "report"))) == [ground.get(orders)["id"]]
    assert ground.run(lake).requests == {}


def test_a_table_that_a_person_deleted_and_restored_follows_the_source(ground: Ground, lake: Lake) -> None:
    ground.run(lake)
    orders = lake.reference("db", "sales", "orders")
    ground.delete(orders)
    ground.admin.restore("tables", ground.get(orders)["id"])
    assert ground.run(lake).failures() == {}
    assert not is_deleted(ground, lake, *orders.path[1:])
    lake.put("sales", "orders", description="New words")
    assert ground.run(lake).failures() == {}
    assert ground.get(orders)["description"] == "New words"
    assert ground.run(lake).requests == {}


@pytest.mark.parametrize("below", [(), ("db",), ("db", "sales")], ids=["service", "database", "schema"])
def test_what_holds_tables_comes_back_with_those_that_the_source_has(
    ground: Ground, lake: Lake, below: tuple[str, ...]
) -> None:
    ground.run(lake)
    # Deleted on its own before, and gone from the source: what holds it brings it back.
    ground.delete(lake.reference("db", "sales", "old"))
    ground.delete(lake.reference(*below), recursive="true")
    del lake.tables["db", "sales", "old"]
    back = ground.run(lake)
    assert back.failures() == {}
    assert back.removed() == [ground.fqn(lake.reference("db", "sales", "old"))]
    for alive in [(), ("db",), ("db", "sales"), ("db", "hr", "people"), ("db", "sales", "report")]:
        assert not is_deleted(ground, lake, *alive), alive
    assert is_deleted(ground, lake, "db", "sales", "old")
    assert ground.run(lake).requests == {}


def test_a_table_that_was_deleted_for_good_is_made_again_with_its_lineage(ground: Ground, lake: Lake) -> None:
    ground.run(lake)
    orders = lake.reference("db", "sales", "orders")
    before = ground.get(orders)["id"]
    ground.delete(orders, hardDelete="true")
    again = ground.run(lake)
    assert (again.failures(), again.published[EntityType.TABLE].created, again.lineage.created) == ({}, 1, 1)
    made = ground.get(orders)["id"]
    assert made != before
    assert list(ground.edges_to(lake.reference("db", "sales", "report"))) == [made]
    assert ground.run(lake).requests == {}


def test_what_the_source_lost_is_removed_and_comes_back_with_it(ground: Ground, lake: Lake) -> None:
    ground.run(lake)
    old = lake.tables.pop(("db", "sales", "old"))
    lake.drop_schema("hr")
    gone = ground.run(lake)
    assert gone.failures() == {}
    assert gone.removed() == sorted(ground.fqn(lake.reference("db", *each)) for each in [("hr",), ("sales", "old")])
    assert is_deleted(ground, lake, "db", "hr", "people")
    assert ground.run(lake).requests == {}
    lake.tables["db", "sales", "old"] = old
    lake.put("hr", "people", description="Who works here")
    back = ground.run(lake)
    assert back.failures() == {}
    assert not any(is_deleted(ground, lake, "db", *each) for each in [("hr",), ("hr", "people"), ("sales", "old")])
    assert ground.get(lake.reference("db", "hr", "people"))["description"] == "Who works here"
    assert ground.run(lake).requests == {}


def test_what_a_run_removed_is_brought_back_when_it_is_asked_for(ground: Ground, lake: Lake) -> None:
    ground.run(lake)
    del lake.tables["db", "sales", "old"]
    gone = ground.run(lake)
    assert gone.stale.removed == 1
    with closing(ground.ingestion(lake)) as ingestion:
        report = ingestion.restore("restoring", gone.id)
    assert (report.restored, report.problems) == (1, [])
    assert not is_deleted(ground, lake, "db", "sales", "old")
    # It stays, though the source does not have it.
    assert ground.run(lake).requests == {}


def test_more_than_a_fifth_goes_only_when_a_person_agrees(ground: Ground, lake: Lake) -> None:
    for number in range(5):
        lake.put("hr", f"more_{number}")
    ground.run(lake)
    lake.drop_schema("sales")
    gone = ground.run(lake, stale_percent=20)
    assert (gone.stale.stale > 0, gone.stale.removed, gone.requests) == (True, 0, {})
    assert not is_deleted(ground, lake, "db", "sales", "orders")
