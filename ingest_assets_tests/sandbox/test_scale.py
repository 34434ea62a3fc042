"""Generated lakes."""

from __future__ import annotations

import time

import boto3
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.sandbox.company.scale import COLUMNS_PER_TABLE, GeneratedTables, table_name
from ingest_assets.sandbox.server import Sandbox

_ROW = {"Name": "mart", "CatalogId": "123456789012"}


def test_five_thousand_tables_are_read_quickly_and_those_checked_fit_the_model(session: boto3.Session) -> None:
    with Sandbox(tables=5000) as large:
        glue = session.client(
            "glue",
            endpoint_url=large.aws_endpoint_url,
            region_name=large.company.region,
            aws_access_key_id=large.principal.access_key_id,
            aws_secret_access_key=large.principal.secret_access_key,
        )
        started = time.monotonic()
        databases = [d["Name"] for d in glue.get_databases()["DatabaseList"] if d["Name"].startswith("mart_")]
        paginator = glue.get_paginator("get_tables")
        pages = [page for name in databases for page in paginator.paginate(DatabaseName=name)]
        assert time.monotonic() - started < 10
        assert len(databases) == 5
        assert len({row["Name"] for page in pages for row in page["TableList"]}) == 5000
        assert not large.aws.unsound


def test_only_what_is_listed_is_made() -> None:
    tables = GeneratedTables(_ROW, 0, 10**9)
    assert [row["Name"] for row, _ in zip(tables.after(None), range(2), strict=False)] == [
        table_name(0),
        table_name(1),
    ]


@given(st.integers(0, 999_999))
def test_a_table_is_found_by_the_name_it_is_listed_with(number: int) -> None:
    tables = GeneratedTables(_ROW, 0, 1_000_000)
    row = tables.get(table_name(number))
    assert row is not None
    assert row["Name"] == table_name(number)
    assert len(row["StorageDescriptor"]["Columns"]) == COLUMNS_PER_TABLE
    assert row == GeneratedTables(_ROW, 0, 1_000_000).get(table_name(number))


def test_generated_tables_can_be_changed_dropped_and_joined_by_others() -> None:
    tables = GeneratedTables(_ROW, 0, 10)
    tables.drop(table_name(3))
    tables.put({"Name": table_name(4), "Description": "changed"})
    tables.put({"Name": "added"})
    tables.put({"Name": "also_added"})
    names = [row["Name"] for row in tables.after(None)]
    assert len(names) == 11
    assert names[-2:] == ["added", "also_added"]
    assert table_name(3) not in names
    assert [row["Name"] for row in tables.after(table_name(9))] == ["added", "also_added"]
    assert [row["Name"] for row in tables.after("added")] == ["also_added"]
    changed = tables.get(table_name(4))
    assert changed
    assert changed["Description"] == "changed"
    assert tables.get(table_name(3)) is None


def test_some_generated_tables_are_views_over_others() -> None:
    rows = list(GeneratedTables(_ROW, 0, 200).after(None))
    names = {row["Name"] for row in rows}
    views = [row for row in rows if row["TableType"] == "VIRTUAL_VIEW"]
    assert len(views) == 4
    for view in views:
        sources = {name for name in names if f"mart.{name} " in view["ViewOriginalText"]}
        assert len(sources) == 2
