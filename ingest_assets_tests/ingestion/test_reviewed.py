"""Cases that once went wrong: what is hidden, restored, late or put back."""

from __future__ import annotations

from contextlib import closing

import pytest

from ingest_assets.catalog import EntityType
from ingest_assets.snapshots.selection import Selection
from ingest_assets_tests.ingestion.lakes import Lake
from ingest_assets_tests.ingestion.runs import RUN_IDS, Place, run_steps

ORDERS = "lake.db.sales.orders"


def lake(text: str = "Orders") -> Lake:
    made = Lake()
    for name in ("orders", "gone", "other"):
        made.put("sales", name, description=text, owners=("ann",))
    made.put("hr", "people")
    made.view("hr", "v", "select id from sales.orders")
    return made


def set_by_a_person(here: Place, fqn: str) -> str:
    eve = here.sandbox.openmetadata.add_user("eve")
    one = here.version.startswith("1.0")
    reference = {"id": eve, "type": "user"}
    owned = (
        {"op": "add", "path": "/owner", "value": reference}
        if one
        else {"op": "add", "path": "/owners", "value": [reference]}
    )
    named = {"op": "add", "path": "/displayName", "value": "Hers"}
    here.admin.patch(f"/v1/tables/{here.table(fqn)['id']}", [owned, named])
    return eve


@pytest.mark.parametrize("operation", ["GET /v1/tables", "GET /v1/databases"])
def test_what_a_listing_hides_is_asked_for_by_name_and_keeps_what_a_person_set(anywhere: Place, operation: str) -> None:
    anywhere.sandbox.openmetadata.add_user("ann")
    anywhere.run(lake())
    eve = set_by_a_person(anywhere, ORDERS)
    hidden = ORDERS if operation.endswith("tables") else "lake.db"
    anywhere.sandbox.faults.add("hidden", service="openmetadata", operation=operation, match=hidden, count=None)
    second = anywhere.run(lake("New"), full_listing="always")
    anywhere.sandbox.faults.clear()
    assert not second.failures()
    table = anywhere.table(ORDERS, "owner" if anywhere.version.startswith("1.0") else "owners")
    owners = table["owners"] if "owners" in table else [table["owner"]]
    assert (table["displayName"], table["description"], owners[0]["id"]) == ("Hers", "New", eve)


def restored_by_run(here: Place, made: Lake, removed_by: str) -> None:
    with closing(here.ingestion(made)) as ingestion:
        ingestion.restore(next(RUN_IDS), removed_by)


def test_a_schema_that_was_restored_stays_with_all_below_it(anywhere: Place) -> None:
    made = lake()
    anywhere.run(made)
    del made.tables["db", "sales", "gone"]
    anywhere.run(made)
    made.drop_schema("sales")
    with closing(anywhere.ingestion(made, stale_percent=100)) as ingestion:
        assert run_steps(ingestion, "two").stale.removed == 1
    restored_by_run(anywhere, made, "two")
    for _ in range(2):
        assert anywhere.run(made).stale_fqns() == []
        assert not anywhere.get(EntityType.SCHEMA, "lake.db.sales")["deleted"]
        assert not anywhere.table("lake.db.sales.other")["deleted"]


def test_the_stale_asset_alone_does_not_remove_again_what_was_restored(anywhere: Place) -> None:
    made = lake()
    anywhere.run(made)
    del made.tables["db", "sales", "gone"]
    with closing(anywhere.ingestion(made)) as ingestion:
        assert run_steps(ingestion, "two").stale.removed == 1
        assert ingestion.stale("two").removed == 0
    restored_by_run(anywhere, made, "two")
    with closing(anywhere.ingestion(made)) as ingestion:
        assert ingestion.stale("three").removed == 0
    assert not anywhere.table("lake.db.sales.gone")["deleted"]


def test_what_came_back_with_its_parent_is_removed_by_the_next_run_if_this_one_is_cut_off(anywhere: Place) -> None:
    made = lake()
    anywhere.run(made)
    del made.tables["db", "sales", "gone"]
    anywhere.run(made)
    anywhere.soft_delete(EntityType.SCHEMA, "lake.db.sales")
    with closing(anywhere.ingestion(made)) as ingestion:
        ingestion.snapshot("cut", last_attempt=True)
        ingestion.plan("cut")
        ingestion.publish("cut", EntityType.DATABASE)
        ingestion.publish("cut", EntityType.SCHEMA)
    assert not anywhere.table("lake.db.sales.gone")["deleted"]
    assert anywhere.run(made).stale.removed == 1
    assert anywhere.table("lake.db.sales.gone")["deleted"]


def test_an_owner_that_can_not_be_looked_up_costs_its_entities_and_not_the_run(here: Place) -> None:
    made = lake()
    here.sandbox.faults.add("500", service="openmetadata", operation="GET /v1/users", match="ann", count=None)
    made.put("hr", "new")
    first = here.run(made)
    here.sandbox.faults.clear()
    assert first.tables.failed >= 1
    assert first.tables.created >= 2
    assert here.run(made).tables.failed == 0


def test_a_person_deletes_the_service_and_keep_deleted_leaves_it(anywhere: Place) -> None:
    anywhere.run(lake())
    anywhere.soft_delete(EntityType.DATABASE_SERVICE, "lake")
    second = anywhere.run(lake(), keep_deleted=True)
    assert second.written() == 0
    assert anywhere.get(EntityType.DATABASE_SERVICE, "lake")["deleted"]
    assert anywhere.table(ORDERS)["deleted"]


def test_what_was_not_read_in_this_run_is_not_restored_from_an_older_snapshot(anywhere: Place) -> None:
    made = lake()
    anywhere.run(made)
    anywhere.soft_delete(EntityType.TABLE, ORDERS)
    part = anywhere.run(made, selection=Selection(include=("db.hr",)))
    assert part.tables.restored == 0
    assert anywhere.table(ORDERS)["deleted"]
    assert anywhere.run(made).tables.restored == 1


def test_a_dry_run_does_not_make_a_lost_ledger_one_that_may_remove(anywhere: Place) -> None:
    made = lake()
    anywhere.run(made)
    anywhere.forget_ledger()
    del made.tables["db", "sales", "gone"]
    anywhere.run(made, dry_run=True)
    second = anywhere.run(made)
    assert (second.stale.stale, second.stale.removed) == (1, 0)
    assert "approve_stale" not in " ".join(second.stale.notes)
    assert anywhere.run(made).stale.removed == 1
