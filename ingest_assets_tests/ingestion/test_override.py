"""What people set gives way where the recipe says so, and only there."""

from __future__ import annotations

from typing import Any

import pytest

from ingest_assets_tests.ingestion.lakes import Lake, column
from ingest_assets_tests.ingestion.runs import Place

ORDERS = "lake.db.sales.orders"
OTHER = "omar.haddad"
EVERYTHING = frozenset({"description", "displayName", "tags", "owners"})


def lake(**facets: Any) -> Lake:
    made = Lake()
    columns = (column("id", description="Its number"), column("total"))
    told = {"description": "All orders", "owners": ("lena.berg",), "columns": columns}
    made.put("sales", "orders", **{**told, **facets})
    return made


def edit(place: Place, *operations: dict[str, Any]) -> None:
    place.admin.patch(f"/v1/tables/{place.table(ORDERS)['id']}", list(operations))


def set_by_a_person(place: Place) -> None:
    """Other words, another owner."""
    path = owners_property(place)
    user = place.admin.get_by_name("users", OTHER)
    reference = {"id": user["id"], "type": "user"}
    edit(
        place,
        {"op": "replace", "path": "/description", "value": "A person's"},
        {"op": "add", "path": "/displayName", "value": "Her orders"},
        {"op": "add", "path": "/columns/0/description", "value": "A person's number"},
        {"op": "add", "path": "/columns/1/description", "value": "A person's total"},
        {"op": "replace", "path": f"/{path}", "value": [reference] if path == "owners" else reference},
    )


def owners_property(place: Place) -> str:
    return place.admin.capabilities.owners


def owners(place: Place) -> list[str]:
    stored = place.table(ORDERS, owners_property(place))
    return [owner["name"] for owner in stored.get("owners") or [stored["owner"]]]


def words(place: Place) -> dict[str, Any]:
    stored = place.table(ORDERS)
    columns = {each["name"]: each.get("description") for each in stored["columns"]}
    return {"description": stored["description"], "displayName": stored.get("displayName"), **columns}


def test_what_the_source_says_replaces_what_people_set_and_what_it_does_not_say_stays(anywhere: Place) -> None:
    anywhere.run(lake())
    set_by_a_person(anywhere)
    assert anywhere.run(lake()).written() == 0
    second = anywhere.run(lake(), override=EVERYTHING)
    assert (second.failures(), second.tables.updated) == ({}, 1)
    assert words(anywhere) == {
        "description": "All orders",
        "displayName": "Her orders",
        "id": "Its number",
        "total": "A person's total",
    }
    assert owners(anywhere) == ["lena.berg"]
    (change,) = second.tables.changes
    assert change.why == "replaces what people set: description, id.description, owners"
    assert any(note.startswith("1 entities get what the source says in the place of") for note in second.plan.notes)
    assert anywhere.run(lake(), override=EVERYTHING).written() == 0


def test_owners_alone_are_replaced_where_the_recipe_says_so(anywhere: Place) -> None:
    anywhere.run(lake())
    set_by_a_person(anywhere)
    assert anywhere.run(lake(), override=frozenset({"owners"})).tables.updated == 1
    assert owners(anywhere) == ["lena.berg"]
    assert words(anywhere)["description"] == "A person's"
    assert anywhere.run(lake(), override=frozenset({"owners"})).written() == 0


@pytest.mark.parametrize("override", [frozenset(), EVERYTHING])
def test_a_change_of_the_source_tells_what_it_replaces_and_what_stays(
    anywhere: Place, override: frozenset[str]
) -> None:
    anywhere.run(lake())
    set_by_a_person(anywhere)
    second = anywhere.run(lake(location="s3://lake/orders", table_type="Iceberg"), override=override)
    (change,) = second.tables.changes
    assert ("replaces what people set: description" in change.why) == bool(override)
    assert ("stays as people set it: description" in change.why) == (not override)
    assert words(anywhere)["description"] == ("All orders" if override else "A person's")
