"""What was soft-deleted on the server and the source still has comes back, parents first."""

from __future__ import annotations

import pytest

from ingest_assets.catalog import EntityType
from ingest_assets_tests.ingestion.lakes import Lake
from ingest_assets_tests.ingestion.runs import Place

KINDS = {
    "lake": EntityType.DATABASE_SERVICE,
    "lake.db": EntityType.DATABASE,
    "lake.db.sales": EntityType.SCHEMA,
}


def lake() -> Lake:
    made = Lake()
    made.put("sales", "orders")
    made.put("sales", "old")
    made.view("sales", "top", "select id from sales.orders")
    made.put("hr", "people")
    return made


def test_a_soft_deleted_table_is_restored(anywhere: Place) -> None:
    made = lake()
    anywhere.run(made)
    anywhere.soft_delete(EntityType.TABLE, "lake.db.sales.orders")
    second = anywhere.run(made)
    assert (second.tables.restored, second.written()) == (1, 1)
    assert not anywhere.table("lake.db.sales.orders")["deleted"]
    assert anywhere.run(made).written() == 0


@pytest.mark.parametrize("fqn", KINDS)
def test_a_soft_deleted_parent_is_restored_and_its_children_are_judged_right(anywhere: Place, fqn: str) -> None:
    made = lake()
    anywhere.run(made)
    # Deleted on its own before, and gone from the source: the parent brings it back.
    anywhere.soft_delete(EntityType.TABLE, "lake.db.sales.old")
    anywhere.soft_delete(KINDS[fqn], fqn)
    del made.tables["db", "sales", "old"]

    second = anywhere.run(made)

    assert (second.stale_fqns(), second.stale.removed) == (["lake.db.sales.old"], 1)
    assert not second.failures()
    assert anywhere.table("lake.db.sales.old")["deleted"]
    for kind, below in [*((kind, name) for name, kind in KINDS.items()), (EntityType.TABLE, "lake.db.sales.orders")]:
        assert not anywhere.get(kind, below)["deleted"], below
    assert len(anywhere.edges_to("lake.db.sales.top")) == 1
    third = anywhere.run(made)
    assert (third.written(), third.stale_fqns()) == (0, [])


def test_children_that_come_back_with_a_quoted_service_are_judged_right(anywhere: Place) -> None:
    made = Lake("lake.1")
    made.put("sales", "orders")
    made.put("sales", "old")
    made.put("s", "t", database="gone")
    anywhere.run(made)
    service = "lake.1" if anywhere.version == "1.0.3" else '"lake.1"'
    anywhere.soft_delete(EntityType.DATABASE_SERVICE, service)
    del made.tables["db", "sales", "old"]
    del made.databases["gone"]
    second = anywhere.run(made)
    assert second.stale_fqns() == ['"lake.1".db.sales.old', '"lake.1".gone']
    assert anywhere.run(made).written() == 0


def test_a_table_that_stays_deleted_under_a_live_parent_is_no_news(here: Place) -> None:
    made = lake()
    here.run(made)
    here.soft_delete(EntityType.TABLE, "lake.db.sales.old")
    del made.tables["db", "sales", "old"]
    assert here.run(made).stale_fqns() == []


@pytest.mark.parametrize("fqn", ["lake.db.sales.orders", "lake.db.sales.top"])
def test_a_table_that_was_deleted_for_good_is_made_again_with_its_lineage(anywhere: Place, fqn: str) -> None:
    made = lake()
    anywhere.run(made)
    anywhere.soft_delete(EntityType.TABLE, fqn, hard=True)
    second = anywhere.run(made)
    assert (second.tables.created, second.lineage.created) == (1, 1)
    assert not second.failures()
    assert len(anywhere.edges_to("lake.db.sales.top")) == 1
    assert anywhere.run(made).written() == 0


def test_a_service_that_was_deleted_for_good_is_made_again_with_everything(anywhere: Place) -> None:
    made = lake()
    anywhere.run(made)
    anywhere.soft_delete(EntityType.DATABASE_SERVICE, "lake", hard=True)
    second = anywhere.run(made)
    assert second.written() == 1 + 2 + 4 + 1
    assert not second.failures()
    assert len(anywhere.edges_to("lake.db.sales.top")) == 1
    assert anywhere.run(made).written() == 0
