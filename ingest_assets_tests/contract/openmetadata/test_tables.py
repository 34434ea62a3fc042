"""Databases, schemas and tables: what arrives, what a second run does, what follows the source."""

from __future__ import annotations

from typing import Any

import pytest

from ingest_assets.catalog import EntityType, PartitionColumn, Schema, Table
from ingest_assets_tests.contract.openmetadata.ground import Ground
from ingest_assets_tests.ingestion.lakes import Lake, column

Json = dict[str, Any]
ODD_NAMES = ["a.b", "a::b", "a/b", "100%", "a%20b#c?d", "größe 表", " a ", "x>y", "'", "Case", "case", "x" * 200]


@pytest.fixture
def lake(ground: Ground) -> Lake:
    """An empty service of its own."""
    return Lake(ground.service(EntityType.DATABASE_SERVICE, "lake"))


def orders(lake: Lake, **changed: Any) -> Table:
    """A table that has everything."""
    told: Json = {
        "description": "All orders",
        "display_name": "Orders",
        "columns": (
            column("id", "BIGINT", description="Its number"),
            column("customer", "STRUCT", children=(column("name", "STRING", description="Whose"), column("zip"))),
            column("lines", "ARRAY", array_data_type="INT"),
            column("total", "DECIMAL", precision=10, scale=2),
            column("code", "VARCHAR", data_length=12),
            column("day", "DATE"),
        ),
        "partitions": (PartitionColumn(column="day", interval_type="COLUMN-VALUE"),),
        "file_format": "parquet",
        "location": "s3://lake/orders/",
        "source_url": "https://console.example/orders",
        "retention_period": "P30D",
        "created": 1_700_000_000_000,
    }
    return lake.put("sales", "orders", **{**told, **changed})


def everything(lake: Lake) -> None:
    orders(lake)
    lake.describe("sales", "What is sold")
    lake.put("sales", "empty", columns=())
    lake.put("hr", "people", description="Who works here")
    lake.view("sales", "report", "select id from sales.orders", description="Numbers only")


def test_everything_arrives_and_a_second_run_sends_nothing(ground: Ground, lake: Lake) -> None:
    everything(lake)
    first = ground.run(lake)
    assert first.failures() == {}
    assert first.written() == 1 + 2 + 4 + 1
    assert ground.get(lake.schemas["db", "sales"])["description"] == "What is sold"  # type: ignore[arg-type]
    stored = ground.get(lake.reference("db", "sales", "orders"), "columns", "tags", ground.owners)
    assert (stored["description"], stored["displayName"], stored["tableType"]) == ("All orders", "Orders", "External")
    assert [each["name"] for each in stored["columns"]] == ["id", "customer", "lines", "total", "code", "day"]
    kinds = ["BIGINT", "STRUCT", "ARRAY", "DECIMAL", "VARCHAR", "DATE"]
    assert [each["dataType"] for each in stored["columns"]] == kinds
    number, customer, lines, total, code, _ = stored["columns"]
    assert (number["description"], lines["arrayDataType"], code["dataLength"]) == ("Its number", "INT", 12)
    assert (total["precision"], total["scale"]) == (10, 2)
    assert [(each["name"], each.get("description")) for each in customer["children"]] == [
        ("name", "Whose"),
        ("zip", None),
    ]
    assert stored["tablePartition"]["columns"]

    second = ground.run(lake)
    assert (second.failures(), second.written(), second.requests) == ({}, 0, {})
    assert second.published[EntityType.TABLE].unchanged == 4
    assert second.lineage.unchanged == 1


def test_without_a_ledger_nothing_is_made_twice_or_changed(ground: Ground, lake: Lake) -> None:
    everything(lake)
    ground.run(lake)
    tables = [each for each in lake.tables.values() if isinstance(each, Table)]
    before = [(each["id"], each["version"]) for each in map(ground.get, tables)]
    ground.forget_ledger()
    assert ground.run(lake).failures() == {}
    assert [(each["id"], each["version"]) for each in map(ground.get, tables)] == before
    assert ground.run(lake).requests == {}


def test_what_the_source_changes_follows(ground: Ground, lake: Lake) -> None:
    ann, bob = ground.user("ann")[0], ground.user("bob")[0]
    aa, bb, inner = ground.tags("aa", "bb", "inner")
    term = ground.term("order")
    labels: Any = ((aa,), ("Tier.Tier1",), (term, "Glossary"))
    columns = (column("id", "INT", description="Its number", labels=((inner,),)), column("gone"), column("day"))
    orders(lake, columns=columns, partitions=(), owners=(ann,), labels=labels)
    lake.put("sales", "returns", description="Gone words", owners=(ann,), labels=((aa,),))
    lake.describe("sales", "What is sold")
    assert ground.run(lake).failures() == {}
    assert facets(ground, lake, "orders") == ("All orders", "Orders", {ann}, {aa, "Tier.Tier1", term})

    columns = (column("day"), column("id", "BIGINT", description="Its new number", labels=()), column("new"))
    labels = ((bb,), ("Tier.Tier2",))
    changed: Json = {"description": "More orders", "display_name": "More", "owners": (bob,), "labels": labels}
    orders(lake, columns=columns, **changed)
    lake.put("sales", "returns", description=None, owners=(ann,), labels=())
    lake.describe("sales", "What was sold")
    second = ground.run(lake)

    assert second.failures() == {}
    assert (second.published[EntityType.SCHEMA].updated, second.published[EntityType.TABLE].updated) == (1, 2)
    assert facets(ground, lake, "orders") == ("More orders", "More", {bob}, {bb, "Tier.Tier2"})
    assert facets(ground, lake, "returns") == (None, None, {ann}, set())
    schema = lake.schemas["db", "sales"]
    assert isinstance(schema, Schema)
    assert ground.get(schema)["description"] == "What was sold"
    stored = ground.get(lake.reference("db", "sales", "orders"), "columns", "tags")["columns"]
    assert [(each["name"], each["dataType"], each.get("description")) for each in stored] == [
        ("day", "INT", None),
        ("id", "BIGINT", "Its new number"),
        ("new", "INT", None),
    ]
    assert [each.get("tags", []) for each in stored] == [[], [], []]
    assert ground.run(lake).requests == {}


def facets(ground: Ground, lake: Lake, table: str) -> tuple[str | None, str | None, set[str], set[str]]:
    """Description, display name, names of owners, FQNs of labels."""
    stored = ground.get(lake.reference("db", "sales", table), "tags", ground.owners)
    owners = stored.get(ground.owners) or []
    names = {each["name"] for each in (owners if isinstance(owners, list) else [owners])}
    return stored.get("description"), stored.get("displayName"), names, {each["tagFQN"] for each in stored["tags"]}


def test_one_property_that_no_server_compares_follows_too(ground: Ground, lake: Lake) -> None:
    """A PUT that changes nothing else is not stored; its answer shows what was sent all the same."""
    view = lake.view("sales", "report", "select 1 as id")
    table = lake.put("sales", "orders", columns=(column("id"), column("day")))
    ground.run(lake)
    lake.view("sales", "report", "select 2 as id")
    lake.put("sales", "orders", columns=(column("day"), column("id")))
    assert ground.run(lake).failures() == {}
    text = ground.capabilities.schema_definition
    assert ground.get(view, text)[text] == "select 2 as id"
    if ground.capabilities.source_hash:
        # An older server keeps the order in which it met them.
        assert [each["name"] for each in ground.get(table, "columns")["columns"]] == ["day", "id"]
    assert ground.run(lake).requests == {}


def test_names_that_are_odd_arrive_and_are_found_again(ground: Ground, lake: Lake) -> None:
    for name in ODD_NAMES:
        lake.put("odd.schema", name, columns=(column(name), column("id")))
    assert ground.run(lake).failures() == {}
    for table in lake.tables.values():
        assert isinstance(table, Table)
        stored = ground.get(table, "columns")
        assert table.reference.name in (stored["name"], stored.get("displayName"))
        first = stored["columns"][0]
        assert table.reference.name in (first["name"], first.get("displayName"))
    assert ground.run(lake).requests == {}
    ground.forget_ledger()
    again = ground.run(lake)
    assert (again.failures(), again.published[EntityType.TABLE].created, again.stale.stale) == ({}, 0, 0)


def test_a_service_with_a_dot_in_its_name_is_one(ground: Ground) -> None:
    """A 1.0 server quotes it in the FQNs of what it holds, and not in its own."""
    lake = Lake(ground.service(EntityType.DATABASE_SERVICE, "a.lake"))
    table = lake.put("sales", "orders")
    assert ground.run(lake).failures() == {}
    assert ground.get(table)["service"]["name"] == lake.name
    assert ground.run(lake).requests == {}
    ground.forget_ledger()
    again = ground.run(lake)
    assert (again.failures(), again.plan.created, again.stale.stale) == ({}, 0, 0)
