"""QuickSight's dashboards, data sets, folders and people through boto3."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ingest_assets.sandbox.company.glue import FOUNDED
from ingest_assets_tests.sandbox.conftest import ClientMaker

ACCOUNT = "123456789012"
HERE = {"AwsAccountId": ACCOUNT}
ARNS = f"arn:aws:quicksight:eu-north-1:{ACCOUNT}"


def refusal(call: Any, **params: Any) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as error:
        call(**{**HERE, **params})
    answer = error.value.response
    said = answer["Error"]
    return answer["ResponseMetadata"]["HTTPStatusCode"], said["Code"], said["Message"]


@pytest.fixture
def quicksight(client: ClientMaker) -> Any:
    return client("quicksight")


def ids(quicksight: Any, operation: str, member: str, key: str, **params: Any) -> list[str]:
    pages = quicksight.get_paginator(operation).paginate(**HERE, **params)
    return [row[key] for page in pages for row in page[member]]


def test_a_dashboard_is_listed_and_described_with_its_sheets_and_data_sets(quicksight: Any) -> None:
    answer = quicksight.list_dashboards(**HERE)
    assert answer["Status"] == 200
    assert answer["RequestId"] == answer["ResponseMetadata"]["RequestId"]
    row = next(row for row in answer["DashboardSummaryList"] if row["DashboardId"] == "sales-overview")
    assert row["Arn"] == f"{ARNS}:dashboard/sales-overview"
    described = quicksight.describe_dashboard(**HERE, DashboardId="sales-overview")["Dashboard"]
    assert described["Version"]["VersionNumber"] == row["PublishedVersionNumber"]
    assert described["Version"]["DataSetArns"][0] == f"{ARNS}:dataset/orders"
    definition = quicksight.describe_dashboard_definition(**HERE, DashboardId="sales-overview")["Definition"]
    assert [(sheet["SheetId"], sheet["Name"]) for sheet in definition["Sheets"]] == [
        (sheet["SheetId"], sheet["Name"]) for sheet in described["Version"]["Sheets"]
    ]


def test_times_are_moments(quicksight: Any) -> None:
    row = quicksight.describe_dashboard(**HERE, DashboardId="sales-overview")["Dashboard"]
    assert row["CreatedTime"].astimezone(timezone.utc) == FOUNDED
    assert isinstance(row["LastPublishedTime"], datetime)
