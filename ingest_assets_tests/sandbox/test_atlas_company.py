"""What the company keeps in Atlas: the lake's tables, and what they are meant and marked as."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest

from ingest_assets.sandbox.company.people import USERS
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.sandbox.atlas_clients import Raw

_TABLES = 1_030  # the second generated database has thirty


@pytest.fixture(scope="module")
def large() -> Iterator[Sandbox]:
    with Sandbox(tables=_TABLES) as running:
        yield running
        assert not list(running.crashes)


def test_every_active_table_of_the_lakes_databases_is_in_glue_with_the_same_columns(sandbox: Sandbox, raw: Raw) -> None:
    own = {"default", "retired"}  # what only Hive has
    rows = raw.found(typeName="hive_table", attributes=["db"], limit=999, excludeDeletedEntities=True)
    names = {(row["attributes"]["db"]["uniqueAttributes"]["qualifiedName"], row["displayText"]) for row in rows}
    compared = 0
    for database, table in names:
        name = database.removesuffix("@norrpost")
        if name in own or table == "promotions":
            continue
        row = sandbox.company.glue.table(name, table)
        hive = raw.named("hive_table", f"{name}.{table}@norrpost")["entity"]["relationshipAttributes"]
        listed = {one["displayText"] for one in hive["columns"] if one["entityStatus"] == "ACTIVE"}
        assert listed == {column["Name"] for column in row.get("StorageDescriptor", {}).get("Columns", [])}
        keys = {one["displayText"] for one in hive["partitionKeys"]}
        assert keys == {column["Name"] for column in row.get("PartitionKeys", [])}
        compared += 1
    assert compared > 45


def test_topics_bear_the_names_of_streams(sandbox: Sandbox, raw: Raw) -> None:
    topics = {row["displayText"]: row["attributes"]["owner"] for row in raw.found(typeName="kafka_topic", limit=99)}
    assert {"clicks", "orders", "payments", "parcels.scans"} <= topics.keys() & set(sandbox.company.streams.names())
    assert set(topics.values()) & set(USERS) == set(USERS)


def test_owners_are_users_of_openmetadata_jobs_or_nobody(raw: Raw) -> None:
    owners = {row["attributes"]["owner"] for row in raw.found(typeName="hive_table", limit=999)}
    assert set(USERS) <= owners
    assert {"etl", ""} <= owners


def test_processes_make_a_chain_with_columns(raw: Raw) -> None:
    rows = raw.found(typeName="hive_process", attributes=["inputs", "outputs", "queryText"], limit=99)
    edges = {
        (read["uniqueAttributes"]["qualifiedName"], written["uniqueAttributes"]["qualifiedName"])
        for row in rows
        for read in row["attributes"]["inputs"]
        for written in row["attributes"]["outputs"]
    }
    chain = ["clicks@norrpost", *(f"clickstream.{name}@norrpost" for name in ("clicks_raw", "clicks", "sessions"))]
    assert set(pairwise(chain)) <= edges
    assert all(row["attributes"]["queryText"] for row in rows)
    columns = raw.found(typeName="hive_column_lineage", attributes=["inputs", "outputs", "query"], limit=99)
    assert len(columns) == 5
    assert {row["typeName"] for row in raw.found(typeName="Process", limit=99)} == {
        "hive_process", "hive_column_lineage", "spark_process", "sqoop_process",
    }  # fmt: skip


def test_terms_are_assigned_to_tables_and_columns(raw: Raw) -> None:
    rows = raw.found(termName="Order@Norrpost Glossary", limit=9)
    assert {(row["typeName"], row["displayText"]) for row in rows} == {
        ("hive_table", "orders"),
        ("hive_column", "order_id"),
    }
    assert rows[0]["meanings"][0]["displayText"] == "Order"


def test_what_people_say_is_told_on_request(raw: Raw) -> None:
    asked = ["DataQuality.tier", "__labels", "__customAttributes", "parameters"]
    rows = raw.found(typeName="hive_table", attributes=asked, limit=999)
    orders = next(row["attributes"] for row in rows if row["attributes"]["qualifiedName"] == "sales.orders@norrpost")
    assert (orders["DataQuality.tier"], orders["__labels"]) == ("GOLD", "|nightly|tier_1|")
    assert orders["__customAttributes"] == '{"ticket":"DATA-42"}'
    assert orders["parameters"]["recordCount"] == "5120934"


def test_a_metastore_may_be_of_any_size(large: Sandbox) -> None:
    raw = Raw(large)
    tables = list(raw.walk(500, typeName="hive_table", attributes=["db"], excludeDeletedEntities=True))
    generated = {row["attributes"]["qualifiedName"] for row in tables if "mart_" in row["attributes"]["qualifiedName"]}
    listed = {
        f"{database}.{row['Name']}@norrpost"
        for database in ("mart_nordic_01", "mart_baltic_01")
        for row in large.company.glue.database(database).tables.after(None)
    }
    assert generated == listed
    assert len(generated) == _TABLES
    columns = list(raw.walk(10_000, typeName="hive_column", attributes=["type", "position", "table"]))
    assert len(columns) == len({row["guid"] for row in columns}) > 20 * _TABLES


def test_a_generated_table_is_read_like_any_other(large: Sandbox) -> None:
    raw = Raw(large)
    row = next(large.company.glue.database("mart_baltic_01").tables.after(None))
    table = raw.named("hive_table", f"mart_baltic_01.{row['Name']}@norrpost")
    related = table["entity"]["relationshipAttributes"]
    assert {one["displayText"] for one in related["columns"]} == {
        column["Name"] for column in row["StorageDescriptor"]["Columns"]
    }
    assert related["db"]["displayText"] == "mart_baltic_01"
    assert len(table["referredEntities"]) == len(related["columns"]) + len(related["partitionKeys"]) + 1
    guids = [one["guid"] for one in related["columns"]]
    assert len(raw.get("/v2/entity/bulk", guid=guids).json()["entities"]) == len(guids)
    assert raw.get("/v2/search/relationship", guid=related["db"]["guid"], relation="tables", limit=99).json()[
        "entities"
    ]


def test_generated_views_have_lineage(large: Sandbox) -> None:
    raw = Raw(large)
    view = next(row for row in raw.found(typeName="hive_process", limit=999) if "mart_" in row["displayText"])
    table = raw.named("hive_table", f"{view['displayText']}@norrpost")["entity"]
    lineage = raw.get(f"/v2/lineage/{table['guid']}", depth=1).json()
    assert len(lineage["guidEntityMap"]) == 4
    first = next(one for one in lineage["relations"] if one["toEntityId"] == view["guid"])
    again = raw.get(f"/v2/lineage/{first['fromEntityId']}", depth=1, direction="OUTPUT").json()
    assert table["guid"] in again["guidEntityMap"]


def test_a_generated_table_may_be_changed_and_deleted() -> None:
    with Sandbox(tables=5) as sandbox:
        raw, atlas = Raw(sandbox), sandbox.company.atlas
        rows = [row for row in raw.found(typeName="hive_table", limit=999) if "mart_" in str(row["attributes"])]
        first, second, third = (row["guid"] for row in rows[:3])
        atlas.classify(first, "PII")
        atlas.delete(second)
        atlas.purge(third)
        found = {row["guid"]: row for row in raw.found(typeName="hive_table", limit=999)}
        assert found[first]["classificationNames"] == ["PII"]
        assert found[second]["status"] == "DELETED"
        assert third not in found
        table = raw.get(f"/v2/entity/guid/{second}").json()["entity"]["relationshipAttributes"]
        assert {one["entityStatus"] for one in table["columns"]} == {"DELETED"}
        assert table["db"]["relationshipStatus"] == "ACTIVE"
        assert len(found) == len(raw.found(typeName="hive_table", limit=999))
