"""Glue's Data Catalog through boto3."""

from __future__ import annotations

import base64
import json
import re
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ingest_assets.sandbox.company.glue import Row
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.sandbox.conftest import ClientMaker


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    return error.value.response["Error"]["Code"]


def all_tables(glue: Any) -> list[Row]:
    databases = [d["Name"] for d in glue.get_databases()["DatabaseList"]]
    return [row for name in databases for row in glue.get_tables(DatabaseName=name)["TableList"]]


@pytest.fixture
def crowded(sandbox: Sandbox) -> Sandbox:
    sandbox.company.glue.add_database("crowded")
    for number in range(250):
        sandbox.company.glue.put_table("crowded", {"Name": f"t{number:03}"})
    return sandbox


def test_a_listing_comes_in_pages_of_a_hundred(crowded: Sandbox, client: ClientMaker) -> None:
    pages = list(client("glue").get_paginator("get_tables").paginate(DatabaseName="crowded"))
    assert [len(page["TableList"]) for page in pages] == [100, 100, 50]
    assert len({row["Name"] for page in pages for row in page["TableList"]}) == 250
    assert crowded.aws.counts["glue:GetTables"] == 3


def test_max_results_is_honoured_and_limited(crowded: Sandbox, client: ClientMaker) -> None:
    glue = client("glue")
    page = glue.get_tables(DatabaseName="crowded", MaxResults=7)
    assert len(page["TableList"]) == 7
    assert "NextToken" in page
    with pytest.raises(ClientError, match="less than or equal to 100") as error:
        glue.get_tables(DatabaseName="crowded", MaxResults=101)
    assert code_of(error) == "ValidationException"


def test_a_page_that_ends_exactly_at_the_last_table_has_no_token(crowded: Sandbox, client: ClientMaker) -> None:
    for number in range(200, 250):
        crowded.company.glue.drop_table("crowded", f"t{number:03}")
    pages = list(client("glue").get_paginator("get_tables").paginate(DatabaseName="crowded"))
    assert [len(page["TableList"]) for page in pages] == [100, 100]


def test_tables_dropped_while_paging_move_nothing_else(crowded: Sandbox, client: ClientMaker) -> None:
    glue = client("glue")
    first = glue.get_tables(DatabaseName="crowded")
    crowded.company.glue.drop_table("crowded", "t003")
    crowded.company.glue.drop_table("crowded", "t099")
    second = glue.get_tables(DatabaseName="crowded", NextToken=first["NextToken"])
    assert second["TableList"][0]["Name"] == "t100"


@pytest.mark.parametrize("spoil", [lambda token: token[:-6] + "AAAAAA", lambda _: "made-up", lambda _: "é"])
def test_a_token_that_is_not_ours_is_refused(crowded: Sandbox, client: ClientMaker, spoil: Any) -> None:
    glue = client("glue")
    token = glue.get_tables(DatabaseName="crowded")["NextToken"]
    with pytest.raises(ClientError) as error:
        glue.get_tables(DatabaseName="crowded", NextToken=spoil(token))
    assert code_of(error) == "InvalidInputException"


def test_a_token_of_another_listing_is_refused(crowded: Sandbox, client: ClientMaker) -> None:
    glue = client("glue")
    token = glue.get_tables(DatabaseName="crowded")["NextToken"]
    with pytest.raises(ClientError) as error:
        glue.get_tables(DatabaseName="sales", NextToken=token)
    assert code_of(error) == "InvalidInputException"


def test_a_looping_token_can_be_planned(crowded: Sandbox, client: ClientMaker) -> None:
    crowded.faults.add("loop-token", service="glue", operation="GetTables", match="crowded")
    glue = client("glue")
    first = glue.get_tables(DatabaseName="crowded")
    second = glue.get_tables(DatabaseName="crowded", NextToken=first["NextToken"])
    assert second["NextToken"] == first["NextToken"]


def test_an_expression_narrows_a_listing(client: ClientMaker) -> None:
    tables = client("glue").get_tables(DatabaseName="sales", Expression="order.*")["TableList"]
    assert [row["Name"] for row in tables] == ["order_lines", "orders"]


def test_every_table_carries_what_aws_always_sends(client: ClientMaker) -> None:
    tables = all_tables(client("glue"))
    assert 40 <= len(tables) <= 70
    for row in tables:
        assert isinstance(row["CreateTime"], datetime)
        assert isinstance(row["UpdateTime"], datetime)
        assert row["CreatedBy"].startswith("arn:aws:sts::")
        assert row["VersionId"].isdigit()
        assert row["CatalogId"] in {"123456789012", "210987654321"}
        assert {"DatabaseName", "IsRegisteredWithLakeFormation"} <= row.keys()


def test_the_lake_has_every_kind_of_table(client: ClientMaker) -> None:
    tables = all_tables(client("glue"))
    parameters = [row.get("Parameters", {}) for row in tables]
    assert {p.get("table_type") for p in parameters} >= {"ICEBERG", "iceberg", "DELTA"}
    assert {p.get("spark.sql.sources.provider") for p in parameters} >= {"delta", "hudi"}
    assert {row.get("TableType") for row in tables} >= {
        "EXTERNAL_TABLE",
        "MANAGED_TABLE",
        "VIRTUAL_VIEW",
        "MATERIALIZED_VIEW",
        None,
    }
    listed = [c for row in tables for c in row.get("StorageDescriptor", {}).get("Columns", [])]
    assert any("Type" not in column for column in listed)
    assert any(c.get("Parameters", {}).get("iceberg.field.current") == "false" for c in listed)
    assert any(row for row in tables if "StorageDescriptor" not in row and "TargetTable" not in row)
    clicks = next(row for row in tables if row["Name"] == "clicks")
    assert clicks["PartitionKeys"][0]["Name"] in {c["Name"] for c in clicks["StorageDescriptor"]["Columns"]}


def test_an_athena_view_hides_its_sql_in_base64(client: ClientMaker) -> None:
    row = client("glue").get_table(DatabaseName="sales", Name="revenue_by_day")["Table"]
    match = re.fullmatch(r"/\* Presto View: (\S+) \*/", row["ViewOriginalText"])
    assert match
    view = json.loads(base64.b64decode(match[1]))
    assert "JOIN sales.order_lines" in view["originalSql"]
    assert view["columns"][1] == {"name": "currency", "type": "varchar"}


def test_an_athena_view_has_hive_types_in_glue_and_presto_types_within(client: ClientMaker) -> None:
    row = client("glue").get_table(DatabaseName="sales", Name="customer_orders")["Table"]
    view = json.loads(base64.b64decode(row["ViewOriginalText"].split()[3]))
    kinds = {column["Name"]: column["Type"] for column in row["StorageDescriptor"]["Columns"]}
    assert kinds["ship_to"] == "struct<name:string,street:string,postal code:string,country:string>"
    assert view["columns"][6]["type"] == (
        'row("name" varchar, "street" varchar, "postal code" varchar, "country" varchar)'
    )


def test_a_database_link_lists_the_tables_of_its_target(client: ClientMaker) -> None:
    glue = client("glue")
    link = glue.get_database(Name="partner_weather")["Database"]
    assert link["TargetDatabase"] == {
        "CatalogId": "210987654321",
        "DatabaseName": "weather",
        "Region": "eu-north-1",
    }
    assert link["Description"] == "Weather observations and forecasts"
    tables = glue.get_tables(DatabaseName="partner_weather")["TableList"]
    assert [(row["CatalogId"], row["DatabaseName"], row["Name"]) for row in tables] == [
        ("210987654321", "weather", "forecasts"),
        ("210987654321", "weather", "observations"),
    ]


def test_a_table_link_shows_its_target_only_to_who_may_read_it(client: ClientMaker) -> None:
    glue = client("glue")
    shared = glue.get_table(DatabaseName="logistics", Name="partner_forecasts")["Table"]
    assert shared["StorageDescriptor"]["Columns"][0]["Name"] == "station"
    assert (shared["CatalogId"], shared["Name"]) == ("123456789012", "partner_forecasts")
    closed = glue.get_table(DatabaseName="logistics", Name="partner_road_closures")["Table"]
    assert closed["TargetTable"]["CatalogId"] == "345678901234"
    assert "StorageDescriptor" not in closed


def test_a_catalog_id_names_another_catalog(client: ClientMaker) -> None:
    glue = client("glue")
    assert [d["Name"] for d in glue.get_databases(CatalogId="210987654321")["DatabaseList"]] == ["weather"]
    buckets = "123456789012:s3tablescatalog/locker-telemetry"
    tables = glue.get_tables(CatalogId=buckets, DatabaseName="devices")["TableList"]
    assert tables[0]["CatalogId"] == buckets


@pytest.mark.parametrize(
    ("catalog_id", "code"),
    [
        ("345678901234", "AccessDeniedException"),
        ("999999999999", "AccessDeniedException"),
        ("123456789012:nope", "EntityNotFoundException"),
    ],
)
def test_a_catalog_that_is_not_shared_is_refused(client: ClientMaker, catalog_id: str, code: str) -> None:
    with pytest.raises(ClientError) as error:
        client("glue").get_databases(CatalogId=catalog_id)
    assert code_of(error) == code


def test_shared_databases_are_listed_when_asked_for(sandbox: Sandbox, client: ClientMaker) -> None:
    sandbox.company.glue.add_catalog("456789012345", shared_with=("123456789012",))
    sandbox.company.glue.add_database("weather", catalog_id="456789012345")
    pages = (
        client("glue")
        .get_paginator("get_databases")
        .paginate(ResourceShareType="ALL", PaginationConfig={"PageSize": 1})
    )
    listed = [(d["Name"], d["CatalogId"]) for page in pages for d in page["DatabaseList"]]
    assert {("weather", "210987654321"), ("weather", "456789012345"), ("sales", "123456789012")} <= set(listed)
    assert len(listed) == len(set(listed))


def test_catalogs_below_the_account_are_listed(client: ClientMaker) -> None:
    glue = client("glue")
    ids = [c["CatalogId"] for c in glue.get_catalogs()["CatalogList"]]
    assert ids == ["123456789012:s3tablescatalog"]
    whole = [c["CatalogId"] for c in glue.get_catalogs(Recursive=True, IncludeRoot=True)["CatalogList"]]
    assert len(whole) == 3


def test_another_region_is_empty(client: ClientMaker) -> None:
    glue = client("glue", region="eu-west-1")
    assert glue.get_databases()["DatabaseList"] == []
    with pytest.raises(ClientError) as error:
        glue.get_tables(DatabaseName="sales")
    assert code_of(error) == "EntityNotFoundException"


def test_what_tests_change_is_served_at_once(sandbox: Sandbox, client: ClientMaker) -> None:
    glue, lake = client("glue"), sandbox.company.glue
    before = glue.get_table(DatabaseName="sales", Name="orders")["Table"]
    lake.alter_table("sales", "orders", Description="Changed", Owner=None)
    after = glue.get_table(DatabaseName="sales", Name="orders")["Table"]
    assert after["Description"] == "Changed"
    assert "Owner" in before
    assert "Owner" not in after
    assert int(after["VersionId"]) == int(before["VersionId"]) + 1
    assert after["UpdateTime"] > before["UpdateTime"]
    lake.drop_table("sales", "orders")
    with pytest.raises(ClientError) as error:
        glue.get_table(DatabaseName="sales", Name="orders")
    assert code_of(error) == "EntityNotFoundException"
    lake.drop_database("finance")
    assert "finance" not in {d["Name"] for d in glue.get_databases()["DatabaseList"]}


def test_names_alone_can_be_asked_for(client: ClientMaker) -> None:
    answer = client("glue").get_tables(DatabaseName="sales", AttributesToGet=["NAME"])
    assert answer["TableList"][0] == {"Name": "best_customers"}


def test_tags_of_a_table_are_read_by_its_arn(sandbox: Sandbox, client: ClientMaker) -> None:
    catalog = sandbox.company.glue.catalog()
    assert catalog
    arn = "arn:aws:glue:eu-north-1:123456789012:table/sales/orders"
    catalog.tags[arn] = {"cost-centre": "4711"}
    assert client("glue").get_tags(ResourceArn=arn)["Tags"] == {"cost-centre": "4711"}


def test_each_region_has_catalogs_of_its_own_and_links_lead_from_one_to_another(
    sandbox: Sandbox, client: ClientMaker
) -> None:
    here, there = client("glue", sandbox.reader), client("glue", sandbox.reader, region="eu-west-1")
    company = sandbox.company.glue
    assert there.get_databases()["DatabaseList"] == []
    company.at("eu-west-1").add_database("returns")
    company.at("eu-west-1").put_table("returns", {"Name": "parcels"})
    assert [row["Name"] for row in there.get_databases()["DatabaseList"]] == ["returns"]
    assert "returns" not in [row["Name"] for row in here.get_databases()["DatabaseList"]]
    target = {"CatalogId": company.account, "DatabaseName": "returns", "Region": "eu-west-1"}
    company.add_database("returns_link", TargetDatabase=target)
    assert [row["Name"] for row in here.get_tables(DatabaseName="returns_link")["TableList"]] == ["parcels"]
