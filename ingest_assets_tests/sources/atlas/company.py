"""What the tests' Atlas holds: a sales database of Hive with three tables in a chain, and a topic."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ingest_assets_tests.sources.atlas.estate import Estate, Json, classified, entity, ref

SALES = entity("db-sales", "hive_db", "sales@cm", "sales", owner="sales_team", description="Sales data")
TERM = {
    "guid": "term-order",
    "name": "Order",
    "shortDescription": "A customer order",
    "longDescription": "An accepted order.",
    "abbreviation": "ORD",
}
GLOSSARY = {"guid": "glossary", "name": "Business", "shortDescription": "Terms", "terms": [{"termGuid": "term-order"}]}


def table(guid: str, name: str, **more: Any) -> Json:
    """A table of ``sales``."""
    return entity(guid, "hive_table", f"sales.{name}@cm", name, **{"db": ref(SALES), "owner": "", **more})


def column(held: Json, name: str, position: int | None, **more: Any) -> Json:
    """A column of a table."""
    qualified_name = held["attributes"]["qualifiedName"].replace("@", f".{name}@")
    told = {"type": "string", "table": ref(held), **({} if position is None else {"position": position}), **more}
    return entity(f"{held['guid']}-{name}", "hive_column", qualified_name, name, **told)


def process(guid: str, inputs: Iterable[Json], outputs: Iterable[Json], **more: Any) -> Json:
    """A process of Hive."""
    joined = {"inputs": [ref(each) for each in inputs], "outputs": [ref(each) for each in outputs]}
    return entity(guid, "hive_process", f"{guid}@cm:1", guid, **joined, **more)


def flow(of: Json, inputs: Iterable[Json], outputs: Iterable[Json]) -> Json:
    """A flow between columns that is part of a process."""
    joined = {"inputs": [ref(each) for each in inputs], "outputs": [ref(each) for each in outputs]}
    guid = f"{of['guid']}-{len(joined['inputs'])}-{'-'.join(each['guid'] for each in joined['outputs'])}"
    return entity(guid, "hive_column_lineage", f"{guid}@cm", guid, query=ref(of), **joined)


def company() -> Estate:
    """Made anew for each test."""
    orders = table(
        "orders",
        "orders",
        owner="bob",
        description="",
        comment="Orders by day",
        _classifications=[classified("CONFIDENTIAL", "orders", level="high", score=0.75)],
        _labels=["nightly"],
        _meanings=[{"termGuid": "term-order", "displayText": "Order"}],
    )
    # A partition key refers to no table, and Hive counts its position from 0 again.
    day = column(orders, "order_date", 0)
    del day["attributes"]["table"]
    orders["attributes"]["partitionKeys"] = [ref(day)]
    daily = table("daily", "orders_daily", _classifications=[classified("CONFIDENTIAL", "orders", level="high")])
    columns = [
        column(orders, "amount", 2),
        column(orders, "id", 0, comment="order key"),
        column(orders, "email", 1, _classifications=[classified("PII_CONTACT", "orders-email")]),
        day,
        column(daily, "total", 0),
    ]
    topic = entity("events", "kafka_topic", "orders_events@cm", "orders_events", topic="orders_events", owner="ops")
    gone = table("gone", "old_orders")
    gone["status"] = "DELETED"
    return Estate(
        entities=[SALES, daily, gone, orders, *columns, topic],
        glossaries=[GLOSSARY],
        terms={"glossary": [TERM]},
        business=("DataQuality",),
    )
