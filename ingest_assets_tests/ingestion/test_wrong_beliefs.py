"""What the ledger believes of the server and isn't so costs a listing, and never anybody's work."""

from __future__ import annotations

from typing import Any

import pytest

from ingest_assets.catalog import EntityType
from ingest_assets_tests.ingestion.beliefs import changed_by_others, listed_because, without_events
from ingest_assets_tests.ingestion.lakes import Lake
from ingest_assets_tests.ingestion.runs import Place, run_once

ORDERS = "lake.db.sales.orders"


def lake(words: str = "Orders") -> Lake:
    made = Lake()
    made.put("sales", "orders", description=words)
    made.put("sales", "returns")
    made.view("sales", "top", "select id from sales.orders")
    return made


def make_by_hand(here: Place, name: str = "orders") -> dict[str, Any]:
    """A table that a person made, and described, named and owns."""
    admin = here.admin
    owner = admin.put("/v1/users", {"name": "ann", "email": "ann@example.com"})
    body = {
        "name": name,
        "databaseSchema": "lake.db.sales",
        "columns": [{"name": "id", "dataType": "INT"}],
        "description": "By hand",
        "displayName": "Mine",
    }
    table = admin.put_entity("tables", body).entity
    old = here.version.startswith("1.0")
    owned = {"id": owner["id"], "type": "user"}
    path, value = ("/owner", owned) if old else ("/owners", [owned])
    admin.patch(f"/v1/tables/{table['id']}", [{"op": "add", "path": path, "value": value}])
    return table


def assert_by_hand(here: Place, fqn: str, table: dict[str, Any]) -> None:
    field = "owner" if here.version.startswith("1.0") else "owners"
    found = here.table(fqn, field)
    assert found["id"] == table["id"]
    assert (found["description"], found["displayName"], found["deleted"]) == ("By hand", "Mine", False)
    owners = [found["owner"]] if field == "owner" else found["owners"]
    assert [each["name"] for each in owners] == ["ann"]


def test_what_is_there_without_an_event_is_looked_at_before_it_is_written(anywhere: Place) -> None:
    anywhere.run(lake())
    with without_events(anywhere):
        table = make_by_hand(anywhere, "new")
    made = lake()
    made.put("sales", "new", description="From the source", owners=("lena.berg",))
    second = anywhere.run(made)
    assert second.tables.created == 1
    assert_by_hand(anywhere, "lake.db.sales.new", table)
    third = anywhere.run(made)
    assert listed_because(third) == "lake.db.sales.new is there, other than was known when it was to be written"
    assert (third.written(), listed_because(anywhere.run(made))) == (0, None)
    assert_by_hand(anywhere, "lake.db.sales.new", table)


def test_what_was_made_anew_without_an_event_is_somebody_elses(anywhere: Place) -> None:
    anywhere.run(lake())
    with without_events(anywhere):
        anywhere.soft_delete(EntityType.TABLE, ORDERS, hard=True)
        table = make_by_hand(anywhere)
    assert anywhere.run(lake()).written() == 0
    changed = lake("All orders")
    changed.view("sales", "top", "select id + 1 from sales.orders")
    second = anywhere.run(changed)
    assert (second.tables.updated, second.lineage.updated) == (2, 1)
    assert not second.failures()
    assert_by_hand(anywhere, ORDERS, table)
    assert len(anywhere.edges_to("lake.db.sales.top")) == 1
    third = anywhere.run(changed)
    assert (listed_because(third), third.written()) == (f"{ORDERS} was made anew", 0)
    assert_by_hand(anywhere, ORDERS, table)


def test_an_end_of_an_edge_that_is_another_is_told_and_found_by_the_next_run(anywhere: Place) -> None:
    anywhere.run(lake())
    with without_events(anywhere):
        anywhere.soft_delete(EntityType.TABLE, ORDERS, hard=True)
        make_by_hand(anywhere)
    changed = lake()
    changed.view("sales", "top", "select id + 1 from sales.orders")
    second = anywhere.run(changed)
    assert (second.tables.updated, second.lineage.failed) == (1, 1)
    third = anywhere.run(changed)
    assert "is not what it was" in str(listed_because(third))
    assert (third.failures(), third.lineage.created) == ({}, 1)
    assert (anywhere.run(changed).written(), listed_because(anywhere.run(changed))) == (0, None)


def test_what_was_made_anew_under_an_old_name_owes_nothing_to_what_was_there(anywhere: Place) -> None:
    """A description that isn't there was not taken away: there never was one on this table."""
    anywhere.run(lake())
    anywhere.soft_delete(EntityType.TABLE, ORDERS, hard=True)
    body = {"name": "orders", "databaseSchema": "lake.db.sales", "columns": [{"name": "id", "dataType": "INT"}]}
    anywhere.admin.put_entity("tables", body)
    second = anywhere.run(lake())
    assert (second.tables.updated, second.lineage.created) == (1, 1)
    assert anywhere.table(ORDERS)["description"] == "Orders"
    assert anywhere.run(lake()).written() == 0


@pytest.mark.parametrize("hard", [False, True])
def test_what_is_gone_without_an_event_is_found_out_when_it_is_to_be_written(anywhere: Place, hard: bool) -> None:
    anywhere.run(lake())
    with without_events(anywhere):
        anywhere.soft_delete(EntityType.TABLE, ORDERS, hard=hard)
    assert anywhere.run(lake()).written() == 0
    second = anywhere.run(lake("All orders"))
    assert (second.tables.updated, second.tables.failed) == (0, 1)
    third = anywhere.run(lake("All orders"))
    assert listed_because(third) == f"{ORDERS} is deleted, other than was known when it was to be written"
    assert third.tables.created + third.tables.restored == 1
    assert anywhere.table(ORDERS)["description"] == "All orders"
    assert anywhere.run(lake("All orders")).written() == 0


def test_what_was_deleted_without_an_event_stays_so_where_people_may_delete(anywhere: Place) -> None:
    anywhere.run(lake())
    with without_events(anywhere):
        anywhere.soft_delete(EntityType.TABLE, ORDERS)
    for _ in range(2):
        steps = anywhere.run(lake("All orders"), keep_deleted=True)
        assert anywhere.table(ORDERS)["deleted"]
    assert steps.tables.filtered == 1


def test_what_was_restored_without_an_event_keeps_what_people_wrote(anywhere: Place) -> None:
    anywhere.run(lake())
    anywhere.soft_delete(EntityType.TABLE, ORDERS)
    assert anywhere.run(lake(), keep_deleted=True).tables.filtered == 1
    table = anywhere.table(ORDERS)
    with without_events(anywhere):
        anywhere.admin.restore("tables", table["id"])
        words = [{"op": "replace", "path": "/description", "value": "Mine"}]
        anywhere.admin.patch(f"/v1/tables/{table['id']}", words)
    second = anywhere.run(lake("All orders"))
    assert second.tables.restored == 1
    assert anywhere.table(ORDERS)["description"] == "Mine"
    assert anywhere.run(lake("All orders")).written() == 0


def test_what_is_gone_already_is_not_removed_and_what_is_there_is_asked_for_first(here: Place) -> None:
    here.run(lake())
    with without_events(here):
        here.soft_delete(EntityType.TABLE, ORDERS)
        here.soft_delete(EntityType.TABLE, "lake.db.sales.returns", hard=True)
    made = lake()
    del made.tables["db", "sales", "orders"], made.tables["db", "sales", "returns"]
    made.view("sales", "top", "select 1")
    here.sandbox.openmetadata.reset_counts()
    second = here.run(made)
    assert not [write for write in here.writes() if write.startswith("DELETE /v1/tables")]
    assert len(second.stale_fqns()) == 2
    third = here.run(made)
    assert "was thought to be" in str(listed_because(third))
    assert (third.stale_fqns(), listed_because(here.run(made))) == ([], None)


def test_surprises_of_a_listing_are_told(here: Place) -> None:
    here.run(lake())
    with without_events(here):
        here.soft_delete(EntityType.TABLE, ORDERS)
    second = here.run(lake(), full_listing="always")
    assert listed_because(second) == "a full listing is due (full_listing: always)"
    assert changed_by_others(second) == {f"{ORDERS} (deleted)"}
    assert any(note.startswith("1 entities were found otherwise") for note in second.plan.notes)
    assert second.tables.restored == 1


def test_below_a_schema_that_could_not_be_brought_back_nothing_is_written(here: Place) -> None:
    """The server would take it, and nobody could reach it."""
    here.run(lake())
    here.soft_delete(EntityType.SCHEMA, "lake.db.sales")
    made = lake()
    made.put("sales", "new")
    for operation in ("PUT /v1/databaseSchemas", "PATCH /v1/databaseSchemas"):
        here.sandbox.faults.add("403", service="openmetadata", operation=operation)
    second = here.run(made)
    assert (second.schemas.failed, second.tables.failed, second.tables.created) == (1, 4, 0)
    assert all("is deleted in OpenMetadata" in second.failures()[f"lake.db.sales.{name}"] for name in ("new", "top"))
    here.sandbox.faults.clear()
    third = here.run(made)
    assert not third.failures()
    assert (third.schemas.restored, third.tables.restored, third.tables.created) == (1, 3, 1)


def test_an_attempt_that_is_made_again_does_not_write_again(anywhere: Place) -> None:
    """Between two attempts a person may have worked on what the first one made."""
    ingestion = anywhere.ingestion(lake())
    ingestion.snapshot("run", last_attempt=True)
    ingestion.plan("run")
    for kind in (EntityType.DATABASE, EntityType.SCHEMA, EntityType.TABLE):
        ingestion.publish("run", kind)
    table = anywhere.table(ORDERS)
    words = [{"op": "replace", "path": "/description", "value": "Mine"}]
    anywhere.admin.patch(f"/v1/tables/{table['id']}", words)
    anywhere.sandbox.openmetadata.reset_counts()
    again = ingestion.publish("run", EntityType.TABLE)
    assert (again.created, anywhere.writes()) == (3, [])
    ingestion.close()
    run_once(anywhere.ingestion(lake("All orders")))
    assert anywhere.table(ORDERS)["description"] == "Mine"
