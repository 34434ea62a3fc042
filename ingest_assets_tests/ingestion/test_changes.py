"""What changes in the source arrives, and nothing else is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ingest_assets.catalog import EntityType
from ingest_assets_tests.ingestion.lakes import Lake, column
from ingest_assets_tests.ingestion.runs import Place

ORDERS = "lake.db.sales.orders"
TOP = "lake.db.sales.top"


def lake() -> Lake:
    made = Lake()
    made.put("sales", "orders", columns=(column("id"), column("amount")), description="Orders")
    made.put("sales", "customers")
    made.put("hr", "people")
    made.view("sales", "top", "select id from sales.orders")
    made.describe("sales", "Sales")
    return made


def add_column(made: Lake) -> None:
    made.put("sales", "orders", columns=(column("id"), column("amount"), column("vat")), description="Orders")


def change_type(made: Lake) -> None:
    made.put("sales", "orders", columns=(column("id"), column("amount", "DOUBLE")), description="Orders")


def change_sql(made: Lake) -> None:
    made.view("sales", "top", "select id from sales.customers")


def describe_schema(made: Lake) -> None:
    made.describe("sales", "Sales of all countries")


def describe_table(made: Lake) -> None:
    made.put("sales", "orders", columns=(column("id"), column("amount")), description="All orders")


def describe_column(made: Lake) -> None:
    columns = (column("id", description="Number"), column("amount"))
    made.put("sales", "orders", columns=columns, description="Orders")


def stored_columns(here: Place) -> list[tuple[str, str]]:
    return [(each["name"], each["dataType"]) for each in here.table(ORDERS)["columns"]]


def sql_of(here: Place) -> Any:
    name = "viewDefinition" if here.version.startswith("1.0.") else "schemaDefinition"
    return here.table(TOP, name).get(name)


CHANGES: dict[str, tuple[Callable[[Lake], None], Callable[[Place], Any], Any, int]] = {
    "column added": (add_column, stored_columns, [("id", "INT"), ("amount", "INT"), ("vat", "INT")], 1),
    "type changed": (change_type, stored_columns, [("id", "INT"), ("amount", "DOUBLE")], 1),
    "schema description": (
        describe_schema,
        lambda here: here.get(EntityType.SCHEMA, "lake.db.sales")["description"],
        "Sales of all countries",
        1,
    ),
    "table description": (describe_table, lambda here: here.table(ORDERS)["description"], "All orders", 1),
    "column description": (
        describe_column,
        lambda here: here.table(ORDERS)["columns"][0].get("description"),
        "Number",
        1,
    ),
    # the edge from its old source is still drawn: it is dropped where removal is applied
    "view SQL changed": (change_sql, sql_of, "select id from sales.customers", 2),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_arrives_and_only_that_is_written(anywhere: Place, change: str) -> None:
    act, stored, wanted, writes = CHANGES[change]
    made = lake()
    anywhere.run(made)
    act(made)
    anywhere.sandbox.openmetadata.reset_counts()
    second = anywhere.run(made)
    assert stored(anywhere) == wanted
    assert second.written() == writes
    assert second.plan.updated == 1
    assert anywhere.run(made).written() == 0


def test_a_new_table_in_a_new_schema_arrives(here: Place) -> None:
    made = lake()
    here.run(made)
    made.put("new", "t")
    second = here.run(made)
    assert (second.schemas.created, second.tables.created, second.written()) == (1, 1, 2)


def test_a_view_over_another_table_gets_its_edge(here: Place) -> None:
    made = lake()
    here.run(made)
    change_sql(made)
    here.run(made)
    sources = {edge["fromEntity"] for edge in here.edges_to(TOP)}
    assert here.table("lake.db.sales.customers")["id"] in sources


def test_columns_of_an_edge_change_with_the_view(here: Place) -> None:
    made = lake()
    here.run(made)
    columns = (column("id"), column("amount"))
    made.view("sales", "top", "select id, amount from sales.orders", columns=columns)
    second = here.run(made)
    assert second.lineage.updated == 1
    (edge,) = here.edges_to(TOP)
    pairs = edge["lineageDetails"]["columnsLineage"]
    assert {pair["toColumn"] for pair in pairs} == {f"{TOP}.id", f"{TOP}.amount"}
