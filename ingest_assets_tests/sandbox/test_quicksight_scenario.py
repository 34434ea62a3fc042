"""Norrpost's dashboards hang together: what they show is in their data sets, and what those read is in the lake."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
import sqlglot
from sqlglot import expressions

from ingest_assets.sandbox.aws.models import Target, operation_model
from ingest_assets.sandbox.aws.validation import check_output
from ingest_assets.sandbox.company.boards import Boards
from ingest_assets.sandbox.company.boards_assets import Asset, Kind
from ingest_assets.sandbox.company.company import Company
from ingest_assets.sandbox.company.lf_tags import column_names


@pytest.fixture(scope="module")
def company() -> Company:
    return Company()


@pytest.fixture(scope="module")
def boards(company: Company) -> Boards:
    return company.boards


def physical_tables(boards: Boards, member: str) -> Iterator[dict[str, Any]]:
    for asset in boards.assets("dataset").values():
        for table in asset.row["PhysicalTableMap"].values():
            if member in table:
                yield table[member]


def visuals(asset: Asset) -> Iterator[tuple[str, dict[str, Any]]]:
    assert asset.definition is not None
    for sheet in asset.definition["Sheets"]:
        for visual in sheet["Visuals"]:
            [(kind, row)] = visual.items()
            yield kind, row


def columns_in(value: Any) -> Iterator[tuple[str, str]]:
    """Every column that a part of a definition names, with the identifier of its data set."""
    if isinstance(value, dict):
        if "ColumnName" in value and "DataSetIdentifier" in value:
            yield value["DataSetIdentifier"], value["ColumnName"]
        for item in value.values():
            yield from columns_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from columns_in(item)


def designed(boards: Boards) -> list[Asset]:
    kinds: tuple[Kind, ...] = ("dashboard", "analysis")
    return [asset for kind in kinds for asset in boards.assets(kind).values()]


def test_tables_of_the_catalog_exist_with_their_columns(company: Company, boards: Boards) -> None:
    found = [table for table in physical_tables(boards, "RelationalTable") if "Catalog" in table]
    assert len(found) >= 4
    for table in found:
        row = company.glue.table(table["Schema"], table["Name"])
        assert {column["Name"] for column in table["InputColumns"]} <= set(column_names(row))


def test_custom_sql_reads_tables_that_exist(company: Company, boards: Boards) -> None:
    queries = list(physical_tables(boards, "CustomSql"))
    for query in queries:
        for table in sqlglot.parse_one(query["SqlQuery"], dialect="athena").find_all(expressions.Table):
            assert company.glue.table(table.db, table.name)
    assert len([query for query in queries if "Columns" not in query]) == 1
    assert len([query for query in queries if "JOIN" in query["SqlQuery"]]) == 1


def test_every_source_of_a_data_set_exists(boards: Boards) -> None:
    sources = {asset.arn for asset in boards.assets("datasource").values()}
    used = {
        table["DataSourceArn"]
        for member in ("RelationalTable", "CustomSql", "S3Source", "SaaSTable")
        for table in physical_tables(boards, member)
    }
    assert used == sources
    assert {"src1", "src10"} <= set(boards.ids("datasource"))
    bare = [table for table in physical_tables(boards, "RelationalTable") if "Schema" not in table]
    assert [table["Name"] for table in bare] == ["vehicles"]


def test_logical_tables_name_tables_joins_and_data_sets_that_exist(boards: Boards) -> None:
    kinds = set()
    for asset in boards.assets("dataset").values():
        logical = asset.row.get("LogicalTableMap", {})
        for table in logical.values():
            [(kind, source)] = table["Source"].items()
            kinds.add(kind)
            if kind == "PhysicalTableId":
                assert source in asset.row["PhysicalTableMap"]
            elif kind == "JoinInstruction":
                assert {source["LeftOperand"], source["RightOperand"]} <= set(logical)
            else:
                assert boards.asset("dataset", source.rpartition("/")[2])
    assert kinds == {"PhysicalTableId", "JoinInstruction", "DataSetArn"}


def test_visuals_show_columns_that_their_data_sets_have(boards: Boards) -> None:
    for asset in designed(boards):
        assert asset.definition is not None
        declared = {row["Identifier"]: row["DataSetArn"] for row in asset.definition["DataSetIdentifierDeclarations"]}
        calculated = {(row["DataSetIdentifier"], row["Name"]) for row in asset.definition.get("CalculatedFields", [])}
        for identifier, column in columns_in(asset.definition["Sheets"]):
            data_set = boards.asset("dataset", declared[identifier].rpartition("/")[2])
            if data_set.undescribed is None and (identifier, column) not in calculated:
                assert column in [known["Name"] for known in data_set.row["OutputColumns"]]


def test_there_are_visuals_of_many_kinds_with_and_without_titles(boards: Boards) -> None:
    kinds: dict[str, set[str]] = defaultdict(set)
    for asset in designed(boards):
        for kind, row in visuals(asset):
            kinds[kind] |= set(row.get("Title", {}).get("FormatText", {"none": ""}))
    assert len(kinds) == 23
    assert set.union(*kinds.values()) == {"PlainText", "RichText", "none"}


def test_a_copy_has_the_ids_of_the_original_s_sheets_and_visuals(boards: Boards) -> None:
    original, copy = boards.asset("dashboard", "sales-overview"), boards.asset("dashboard", "sales-overview-copy")
    named = [
        [(sheet["SheetId"]) for sheet in asset.row["Version"]["Sheets"]]
        + [row["VisualId"] for _, row in visuals(asset)]
        for asset in (original, copy)
    ]
    assert named[0] == named[1]


def test_drafts_and_shells_and_deleted_analyses_are_there(boards: Boards) -> None:
    draft, shell = boards.asset("dashboard", "promotion-draft"), boards.asset("dashboard", "empty-shell")
    assert "LastPublishedTime" not in draft.row
    assert draft.row["Version"]["Status"] == "CREATION_FAILED"
    assert shell.row["Version"]["Sheets"] == []
    assert boards.asset("analysis", "old-experiments").row["Status"] == "DELETED"


def test_a_dashboard_lies_in_two_folders_of_which_one_is_nested_twice(boards: Boards) -> None:
    arn = boards.arn("dashboard", "sales-overview")
    held = [folder.id for folder in boards.assets("folder").values() if arn in folder.members]
    assert held == ["web-shop-weekly", "management"]
    assert len(boards.path("web-shop-weekly")) == 2
    for folder in boards.assets("folder").values():
        for member in folder.members:
            kind, _, asset_id = member.rpartition(":")[2].partition("/")
            assert boards.asset(kind, asset_id).arn == member  # type: ignore[arg-type]  # ARNs have one of the kinds


def test_the_manifest_leads_to_where_the_catalog_keeps_prices(company: Company, boards: Boards) -> None:
    parameters = boards.asset("datasource", "price-files").row["DataSourceParameters"]["S3Parameters"]
    place = parameters["ManifestFileLocation"]
    objects = company.buckets.objects(place["Bucket"])
    assert objects is not None
    manifest = json.loads(objects[place["Key"]].body)
    prices = company.glue.table("sales", "prices")["StorageDescriptor"]["Location"]
    assert manifest["fileLocations"] == [{"URIPrefixes": [prices]}]


@pytest.mark.parametrize("kind", ["Dashboard", "Analysis"])
def test_definitions_fit_botocore_s_model(boards: Boards, kind: str) -> None:
    shape = operation_model(Target("quicksight", f"Describe{kind}Definition")).output_shape
    found = boards.assets("dashboard" if kind == "Dashboard" else "analysis")
    for asset in found.values():
        check_output(asset.id, {"Definition": asset.definition}, shape)
    assert found
