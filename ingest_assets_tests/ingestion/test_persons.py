"""What people wrote in OpenMetadata stays; what we wrote follows the source."""

from __future__ import annotations

from typing import Any

from ingest_assets.catalog import EntityType
from ingest_assets_tests.ingestion.lakes import Lake, column
from ingest_assets_tests.ingestion.runs import Place

ORDERS = "lake.db.sales.orders"


def lake(description: str | None = "Orders", column_description: str | None = "Number") -> Lake:
    made = Lake()
    columns = (column("day"), column("id", description=column_description), column("amount"))
    nested = column("address", "STRUCT", children=(column("zip", "STRING", description=column_description),))
    made.put("sales", "orders", description=description, columns=(*columns, nested))
    made.describe("sales", description)
    return made


def edit(here: Place, kind: EntityType, fqn: str, *operations: dict[str, Any]) -> None:
    entity = here.get(kind, fqn)
    collection = {"table": "tables", "databaseSchema": "databaseSchemas"}[kind.value]
    here.admin.patch(f"/v1/{collection}/{entity['id']}", operations)


def write(path: str, value: object, op: str = "add") -> dict[str, Any]:
    return {"op": op, "path": path, "value": value}


def test_a_persons_owner_and_display_name_survive_our_update(anywhere: Place) -> None:
    made = lake()
    anywhere.run(made)
    old = anywhere.version.startswith("1.0")
    owner = anywhere.admin.put("/v1/users", {"name": "ann", "email": "ann@example.com"})
    reference = {"id": owner["id"], "type": "user"}
    owned = write("/owner", reference) if old else write("/owners", [reference])
    for kind, fqn in ((EntityType.TABLE, ORDERS), (EntityType.SCHEMA, "lake.db.sales")):
        edit(anywhere, kind, fqn, write("/displayName", "Bestellungen"), owned)

    changed = lake("All orders")
    columns = (*changed.tables["db", "sales", "orders"].columns, column("new"))  # type: ignore[union-attr]
    changed.put("sales", "orders", description="All orders", columns=columns, owners=("lena.berg",))
    second = anywhere.run(changed)

    assert (second.schemas.updated, second.tables.updated) == (1, 1)
    for kind, fqn in ((EntityType.TABLE, ORDERS), (EntityType.SCHEMA, "lake.db.sales")):
        entity = anywhere.get(kind, fqn, "owner" if old else "owners")
        owners = [entity["owner"]] if old else entity["owners"]
        assert [each["id"] for each in owners] == [owner["id"]]
        assert entity["displayName"] == "Bestellungen"
        assert entity["description"] == "All orders"
    assert anywhere.run(changed).written() == 0


def test_a_persons_description_stays_when_the_source_says_something_new(anywhere: Place) -> None:
    anywhere.run(lake())
    edit(anywhere, EntityType.SCHEMA, "lake.db.sales", write("/description", "Mine", "replace"))
    edit(anywhere, EntityType.TABLE, ORDERS, write("/columns/1/description", "Mine", "replace"))
    changed = lake("All orders", "Number of the order")
    second = anywhere.run(changed)
    assert not second.failures()
    assert anywhere.get(EntityType.SCHEMA, "lake.db.sales")["description"] == "Mine"
    table = anywhere.table(ORDERS)
    assert table["description"] == "All orders"
    assert table["columns"][1]["description"] == "Mine"
    assert table["columns"][3]["children"][0]["description"] == "Number of the order"
    assert anywhere.run(changed).written() == 0


def test_what_the_source_no_longer_describes_is_no_longer_described(anywhere: Place) -> None:
    anywhere.run(lake())
    anywhere.run(lake(None, None))
    table = anywhere.table(ORDERS)
    assert "description" not in table
    assert "description" not in table["columns"][1]
    assert "description" not in anywhere.get(EntityType.SCHEMA, "lake.db.sales")


def test_descriptions_find_their_columns_in_a_new_order(anywhere: Place) -> None:
    anywhere.run(lake())
    changed = lake()
    columns = (column("id", description="New words"), column("day"))
    changed.put("sales", "orders", description="Orders", columns=columns)
    anywhere.run(changed)
    stored = {each["name"]: each.get("description") for each in anywhere.table(ORDERS)["columns"]}
    assert stored == {"id": "New words", "day": None}


def test_a_restored_table_gets_the_new_words(anywhere: Place) -> None:
    anywhere.run(lake())
    anywhere.soft_delete(EntityType.TABLE, ORDERS)
    changed = lake("All orders", "Number of the order")
    second = anywhere.run(changed)
    assert second.tables.restored == 1
    table = anywhere.table(ORDERS)
    assert (table["deleted"], table["description"]) == (False, "All orders")
    assert table["columns"][1]["description"] == "Number of the order"


def test_words_that_do_not_arrive_are_told_and_tried_again(anywhere: Place) -> None:
    """The hash that a PUT brings says that everything has arrived: a patch that fails must come before it."""
    anywhere.run(lake())
    anywhere.sandbox.faults.add("403", service="openmetadata", operation="PATCH /v1/tables")
    changed = lake("All orders")
    second = anywhere.run(changed)
    assert (second.schemas.updated, second.tables.failed) == (1, 1)
    assert ORDERS in second.failures()
    assert anywhere.run(changed).tables.updated == 1
    assert anywhere.table(ORDERS)["description"] == "All orders"


def test_without_a_ledger_the_servers_history_tells_whose_words_they_are(anywhere: Place) -> None:
    anywhere.run(lake())
    edit(anywhere, EntityType.TABLE, ORDERS, write("/columns/1/description", "Mine", "replace"))
    edit(anywhere, EntityType.SCHEMA, "lake.db.sales", {"op": "remove", "path": "/description"})
    anywhere.forget_ledger()
    changed = lake("All orders", "Number of the order")
    second = anywhere.run(changed)
    assert second.tables.updated == 1
    table = anywhere.table(ORDERS)
    assert table["description"] == "All orders"
    assert table["columns"][1]["description"] == "Mine"
    assert table["columns"][3]["children"][0]["description"] == "Number of the order"
    assert "description" not in anywhere.get(EntityType.SCHEMA, "lake.db.sales")
    assert any("are people's and stay" in note for note in second.plan.notes)
    assert anywhere.run(changed).written() == 0


def test_an_edge_that_a_person_drew_stays_as_it_is(anywhere: Place) -> None:
    made = lake()
    anywhere.run(made)
    made.view("sales", "top", "select 1")
    anywhere.run(made)
    ends = {
        end: {"id": anywhere.table(f"lake.db.sales.{name}")["id"], "type": "table"}
        for end, name in (("fromEntity", "orders"), ("toEntity", "top"))
    }
    details = {"sqlQuery": "by hand", "columnsLineage": []}
    if not anywhere.version.startswith("1.0"):
        details["source"] = "Manual"
    anywhere.admin.put("/v1/lineage", {"edge": {**ends, "lineageDetails": details}})
    made.view("sales", "top", "select id from sales.orders")

    for _ in range(2):
        report = anywhere.run(made).lineage
        assert (report.parked, report.created) == (1, 0)
        assert "a person drew this edge" in report.problems[0].reason
        assert anywhere.edges_to("lake.db.sales.top")[0]["lineageDetails"]["sqlQuery"] == "by hand"
