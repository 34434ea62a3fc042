"""QuickSight's dashboards, data sets and folders through boto3."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError, PaginationError

from ingest_assets.errors import NotFoundError, RejectedError
from ingest_assets.sandbox.company import scale
from ingest_assets.sandbox.company.glue import FOUNDED
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.sandbox.conftest import ClientMaker

ACCOUNT = "123456789012"
HERE = {"AwsAccountId": ACCOUNT}
ARNS = f"arn:aws:quicksight:eu-north-1:{ACCOUNT}"

LISTS = [
    ("list_dashboards", "DashboardSummaryList", "dashboard", "DashboardId"),
    ("list_analyses", "AnalysisSummaryList", "analysis", "AnalysisId"),
    ("list_data_sets", "DataSetSummaries", "dataset", "DataSetId"),
    ("list_data_sources", "DataSources", "datasource", "DataSourceId"),
    ("list_folders", "FolderSummaryList", "folder", "FolderId"),
]


def refusal(call: Any, **params: Any) -> tuple[int, str, str]:
    """Status, code and message; the account is that of the sandbox unless another is given."""
    with pytest.raises(ClientError) as error:
        call(**{**HERE, **params})
    answer = error.value.response
    said = answer["Error"]
    return answer["ResponseMetadata"]["HTTPStatusCode"], said["Code"], said["Message"]


def send(sandbox: Sandbox, path: str, method: str = "GET") -> requests.Response:
    """A signed call as it goes over the wire, past boto3's checks."""
    signed = AWSRequest(method, sandbox.url + path)
    keys = Credentials(sandbox.reader.access_key_id, sandbox.reader.secret_access_key)
    SigV4Auth(keys, "quicksight", "eu-north-1").add_auth(signed)
    return requests.request(method, sandbox.url + path, headers=dict(signed.headers), timeout=5)


@pytest.fixture
def quicksight(client: ClientMaker) -> Any:
    return client("quicksight")


@pytest.fixture(scope="module")
def crowded() -> Iterator[Sandbox]:
    with Sandbox(dashboards=250) as running:
        yield running


def pages(quicksight: Any, operation: str, **params: Any) -> list[dict[str, Any]]:
    return list(quicksight.get_paginator(operation).paginate(**HERE, **params))


@pytest.mark.parametrize(("operation", "member", "kind", "key"), LISTS)
def test_what_is_listed_is_described_in_the_same_words(
    sandbox: Sandbox, quicksight: Any, operation: str, member: str, kind: Any, key: str
) -> None:
    rows = [row for page in pages(quicksight, operation, PaginationConfig={"PageSize": 2}) for row in page[member]]
    boards = sandbox.company.boards
    assert [row[key] for row in rows] == boards.ids(kind)
    word = {"datasource": "data_source", "dataset": "data_set"}.get(kind, kind)
    for row in rows:
        assert row["Arn"] == f"{ARNS}:{kind}/{row[key]}"
        if boards.asset(kind, row[key]).undescribed is None:
            answer = getattr(quicksight, f"describe_{word}")(**HERE, **{key: row[key]})
            described = answer[key.removesuffix("Id")]
            assert {name: described[name] for name in row if name in described} == {
                name: row[name] for name in row if name in described
            }
            assert {"Name", "CreatedTime", "LastUpdatedTime", "Arn", key} <= row.keys() & described.keys()


def test_more_than_two_hundred_and_fifty_dashboards_come_in_three_pages(crowded: Sandbox, client: ClientMaker) -> None:
    quicksight = client("quicksight", served_by=crowded)
    listed = [page["DashboardSummaryList"] for page in pages(quicksight, "list_dashboards")]
    assert [len(rows) for rows in listed] == [100, 100, 57]
    assert sorted({row["DashboardId"] for rows in listed for row in rows}) == crowded.company.boards.ids("dashboard")
    assert len(pages(quicksight, "list_dashboards", PaginationConfig={"PageSize": 50})) == 6
    assert refusal(quicksight.list_dashboards, MaxResults=101)[:2] == (400, "ValidationException")


def test_a_service_may_give_fewer_rows_than_it_is_asked_for(sandbox: Sandbox, quicksight: Any) -> None:
    sandbox.company.boards.page = 3
    assert [len(page["DashboardSummaryList"]) for page in pages(quicksight, "list_dashboards")] == [3, 3, 1]


def test_a_token_that_was_altered_or_is_of_another_list_is_refused(quicksight: Any) -> None:
    first = quicksight.list_dashboards(**HERE, MaxResults=2)
    token = first["NextToken"]
    second = quicksight.list_dashboards(**HERE, MaxResults=3, NextToken=token)
    names = [[row["DashboardId"] for row in page["DashboardSummaryList"]] for page in (first, second)]
    assert [len(page) for page in names] == [2, 3]
    assert not set(names[0]) & set(names[1])
    wrong = ["x", token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB")]
    for other in wrong:
        assert refusal(quicksight.list_dashboards, NextToken=other)[:2] == (400, "InvalidNextTokenException")
    assert refusal(quicksight.list_analyses, NextToken=token)[1] == "InvalidNextTokenException"
    members = quicksight.list_folder_members(**HERE, FolderId="web-shop-weekly", MaxResults=1)["NextToken"]
    assert refusal(quicksight.list_folder_members, FolderId="management", NextToken=members)[1] == (
        "InvalidNextTokenException"
    )


def test_an_answer_repeats_its_request_and_has_epoch_seconds_on_the_wire(sandbox: Sandbox) -> None:
    answer = send(sandbox, f"/accounts/{ACCOUNT}/dashboards/sales-overview")
    body = answer.json()
    assert answer.headers["Content-Type"] == "application/json"
    assert body["RequestId"] == answer.headers["x-amzn-RequestId"]
    assert "Status" not in body
    changed = FOUNDED + timedelta(days=400, milliseconds=349)
    assert body["Dashboard"]["LastUpdatedTime"] == changed.timestamp()


def test_times_are_moments_and_the_status_is_that_of_http(quicksight: Any) -> None:
    answer = quicksight.describe_dashboard(**HERE, DashboardId="sales-overview")
    assert answer["Status"] == 200
    row = answer["Dashboard"]
    assert row["CreatedTime"].astimezone(timezone.utc) == FOUNDED
    assert isinstance(row["Version"]["CreatedTime"], datetime)
    [schedule] = quicksight.list_refresh_schedules(**HERE, DataSetId="orders")["RefreshSchedules"]
    assert schedule["StartAfterDateTime"].tzinfo is not None


def test_an_error_says_its_request_and_what_was_not_found(sandbox: Sandbox, quicksight: Any) -> None:
    answer = send(sandbox, f"/accounts/{ACCOUNT}/data-sets/nothing")
    assert (answer.status_code, answer.headers["x-amzn-ErrorType"]) == (404, "ResourceNotFoundException")
    body = answer.json()
    assert body["RequestId"] == answer.headers["x-amzn-RequestId"]
    assert body["ResourceType"] == "DATA_SET"
    assert "dataset/nothing" in body["Message"]
    assert refusal(quicksight.describe_dashboard, DashboardId="nothing")[:2] == (404, "ResourceNotFoundException")
    assert refusal(quicksight.describe_dashboard, DashboardId="no dashboard")[:2] == (400, "ValidationException")
    assert refusal(quicksight.list_folder_members, FolderId="nothing")[:2] == (404, "ResourceNotFoundException")


def test_a_method_that_aws_does_not_have_is_refused(sandbox: Sandbox) -> None:
    assert send(sandbox, f"/accounts/{ACCOUNT}/dashboards", "DELETE").status_code == 405
    assert send(sandbox, f"/accounts/{ACCOUNT}/dashboard").status_code == 405
    assert send(sandbox, f"/accounts/{ACCOUNT}/dashboards/sales-overview", "DELETE").status_code == 501  # not built
    assert send(sandbox, f"/accounts/{ACCOUNT}/dashboards?colour=red").status_code == 200  # as HTTP has it


def test_another_version_than_the_described_one_is_not_made_up(quicksight: Any) -> None:
    status, _, message = refusal(quicksight.describe_dashboard, DashboardId="sales-overview", VersionNumber=2)
    assert (status, "does not honour" in message) == (501, True)


def test_data_sets_that_were_uploaded_or_made_in_the_new_preparation_are_listed_and_not_described(
    quicksight: Any,
) -> None:
    listed = {row["DataSetId"]: row for row in quicksight.list_data_sets(**HERE)["DataSetSummaries"]}
    assert listed["courier-feedback"]["Name"] == "Feedback of couriers.xlsx"
    status, code, message = refusal(quicksight.describe_data_set, DataSetId="courier-feedback")
    assert (status, code) == (400, "InvalidParameterValueException")
    assert message == "The data set type is not supported through API yet"
    assert "new data preparation" in refusal(quicksight.describe_data_set, DataSetId="promotion-effects")[2]
    assert quicksight.describe_data_set_permissions(**HERE, DataSetId="promotion-effects")["Permissions"]


def test_a_data_set_s_summary_says_who_may_see_which_rows(quicksight: Any) -> None:
    listed = {row["DataSetId"]: row for row in quicksight.list_data_sets(**HERE)["DataSetSummaries"]}
    buyers = listed["orders-with-customers"]
    assert buyers["RowLevelPermissionDataSet"]["Arn"] == listed["country-rules"]["Arn"]
    assert buyers["ColumnLevelPermissionRulesApplied"]
    assert (listed["country-rules"]["UseAs"], buyers["ImportMode"]) == ("RLS_RULES", "DIRECT_QUERY")
    assert not listed["orders"]["ColumnLevelPermissionRulesApplied"]


def test_refreshes_come_newest_first_in_pages(sandbox: Sandbox, quicksight: Any) -> None:
    listed = [
        row["IngestionId"]
        for page in pages(quicksight, "list_ingestions", DataSetId="orders", PaginationConfig={"PageSize": 1})
        for row in page["Ingestions"]
    ]
    assert listed == ["night-2", "night-1"]
    sandbox.company.boards.add_ingestion("orders", "now", "RUNNING", RequestSource="MANUAL")
    newest = quicksight.list_ingestions(**HERE, DataSetId="orders")["Ingestions"][0]
    assert (newest["IngestionStatus"], newest["Arn"]) == ("RUNNING", f"{ARNS}:dataset/orders/ingestion/now")
    assert quicksight.list_ingestions(**HERE, DataSetId="vehicles")["Ingestions"] == []


def test_tags_are_asked_for_by_arn(sandbox: Sandbox, quicksight: Any) -> None:
    answer = quicksight.list_tags_for_resource(ResourceArn=f"{ARNS}:dashboard/sales-overview")
    assert answer["Tags"] == [{"Key": "env", "Value": "prod"}, {"Key": "team", "Value": "shop"}]
    assert "Tags" not in quicksight.list_tags_for_resource(ResourceArn=f"{ARNS}:dashboard/empty-shell")
    for arn in ("nothing", f"{ARNS}:theme/classic", f"arn:aws:quicksight:us-east-1:{ACCOUNT}:dashboard/sales-overview"):
        with pytest.raises(quicksight.exceptions.InvalidParameterValueException):
            quicksight.list_tags_for_resource(ResourceArn=arn)
    with pytest.raises(quicksight.exceptions.ResourceNotFoundException):
        quicksight.list_tags_for_resource(ResourceArn=f"{ARNS}:dashboard/nothing")
    [request] = [r for r in sandbox.aws.requests if r.params.get("ResourceArn") == f"{ARNS}:dashboard/nothing"]
    assert request.operation == "quicksight:ListTagsForResource"


def test_folders_say_where_they_lie_and_list_assets_only(quicksight: Any) -> None:
    folder = quicksight.describe_folder(**HERE, FolderId="web-shop-weekly")["Folder"]
    assert folder["FolderPath"] == [f"{ARNS}:folder/norrpost", f"{ARNS}:folder/web-shop"]
    assert "FolderPath" not in quicksight.describe_folder(**HERE, FolderId="norrpost")["Folder"]
    members = quicksight.list_folder_members(**HERE, FolderId="web-shop-weekly")["FolderMemberList"]
    assert [(row["MemberId"], row["MemberArn"]) for row in members] == [
        ("sales-analysis", f"{ARNS}:analysis/sales-analysis"),
        ("sales-overview", f"{ARNS}:dashboard/sales-overview"),
    ]
    assert quicksight.list_folder_members(**HERE, FolderId="norrpost")["FolderMemberList"] == []


def test_what_is_dropped_is_gone_from_its_folders(sandbox: Sandbox, quicksight: Any) -> None:
    boards = sandbox.company.boards
    boards.drop("dashboard", "sales-overview")
    for folder in ("web-shop-weekly", "management"):
        rows = quicksight.list_folder_members(**HERE, FolderId=folder)["FolderMemberList"]
        assert "sales-overview" not in [row["MemberId"] for row in rows]
    boards.drop("folder", "norrpost")
    assert boards.ids("folder") == ["management", "operations"]
    with pytest.raises(NotFoundError):
        boards.drop("dashboard", "sales-overview")
    with pytest.raises(RejectedError):
        boards.put_in("management", boards.asset("folder", "operations"))


def test_what_tests_change_is_served_at_once(sandbox: Sandbox, quicksight: Any) -> None:
    boards = sandbox.company.boards
    boards.asset("dashboard", "sales-overview").row["Name"] = "Renamed"
    assert quicksight.describe_dashboard(**HERE, DashboardId="sales-overview")["Dashboard"]["Name"] == "Renamed"
    added = boards.add_dashboard("new", {"Sales": "orders"}, name="New")
    boards.put_in("operations", added)
    assert quicksight.describe_dashboard_definition(**HERE, DashboardId="new")["Definition"] == {
        "DataSetIdentifierDeclarations": [{"Identifier": "Sales", "DataSetArn": f"{ARNS}:dataset/orders"}],
        "Sheets": [],
    }


def test_an_unsound_definition_never_leaves(sandbox: Sandbox, quicksight: Any) -> None:
    asset = sandbox.company.boards.asset("dashboard", "sales-overview")
    assert asset.definition is not None
    asset.definition["Sheets"][0]["Visuals"][0]["KPIVisual"]["Colour"] = "red"
    assert (
        refusal(quicksight.describe_dashboard_definition, DashboardId="sales-overview")[1] == "SandboxAnswerIsUnsound"
    )
    assert "Colour" in sandbox.aws.unsound[-1]


def test_faults_of_lists(sandbox: Sandbox, quicksight: Any) -> None:
    token = quicksight.list_dashboards(**HERE, MaxResults=2)["NextToken"]
    sandbox.faults.add("loop-token", service="quicksight", operation="ListDashboards")
    assert quicksight.list_dashboards(**HERE, NextToken=token, MaxResults=2)["NextToken"] == token
    sandbox.faults.add("loop-token", service="quicksight", operation="ListDashboards", count=None)
    with pytest.raises(PaginationError):
        pages(quicksight, "list_dashboards", PaginationConfig={"PageSize": 2})
    sandbox.faults.clear()
    sandbox.faults.add("hidden", service="quicksight", operation="ListDashboards", match="finance-quarter")
    hidden = [row["DashboardId"] for row in quicksight.list_dashboards(**HERE)["DashboardSummaryList"]]
    assert "finance-quarter" not in hidden
    assert len(quicksight.list_dashboards(**HERE)["DashboardSummaryList"]) == len(hidden) + 1
    sandbox.faults.add("throttle", service="quicksight", operation="ListDashboards", after=1, count=None)
    assert quicksight.list_dashboards(**HERE, MaxResults=2)
    assert refusal(quicksight.list_dashboards, NextToken=token)[:2] == (429, "ThrottlingException")


def test_faults_of_one_dashboard(sandbox: Sandbox, quicksight: Any) -> None:
    def plan(kind: str, operation: str = "DescribeDashboard*") -> None:
        sandbox.faults.add(kind, service="quicksight", operation=operation, match="finance-quarter")

    plan("access-denied", "DescribeDashboardDefinition")
    assert quicksight.describe_dashboard_definition(**HERE, DashboardId="sales-overview")
    denied = refusal(quicksight.describe_dashboard_definition, DashboardId="finance-quarter")
    assert denied[:2] == (403, "AccessDeniedException")
    plan("500")
    assert refusal(quicksight.describe_dashboard, DashboardId="finance-quarter")[:2] == (
        500,
        "InternalFailureException",
    )
    plan("vanish")
    assert quicksight.describe_dashboard(**HERE, DashboardId="sales-overview")
    gone = refusal(quicksight.describe_dashboard, DashboardId="finance-quarter")
    assert gone[:2] == (404, "ResourceNotFoundException")
    assert "finance-quarter" not in sandbox.company.boards.ids("dashboard")
    sandbox.faults.add("vanish", service="quicksight", operation="ListTagsForResource", match="product-lists")
    with pytest.raises(quicksight.exceptions.ResourceNotFoundException):
        quicksight.list_tags_for_resource(ResourceArn=f"{ARNS}:dashboard/product-lists")


def test_calls_too_many_in_a_second_are_throttled(sandbox: Sandbox, quicksight: Any) -> None:
    boards, moment = sandbox.company.boards, datetime(2026, 11, 21, 12, tzinfo=timezone.utc)
    boards.now = lambda: moment
    boards.limits["DescribeDashboard"] = 2
    for _ in range(2):
        quicksight.describe_dashboard(**HERE, DashboardId="sales-overview")
    assert refusal(quicksight.describe_dashboard, DashboardId="sales-overview")[:2] == (429, "ThrottlingException")
    assert quicksight.list_dashboards(**HERE)
    boards.now = lambda: moment + timedelta(seconds=1)
    assert quicksight.describe_dashboard(**HERE, DashboardId="sales-overview")


def test_generated_dashboards_share_data_sets_over_real_columns(crowded: Sandbox, client: ClientMaker) -> None:
    boards = crowded.company.boards
    made = [asset for name, asset in boards.assets("dashboard").items() if name[-5:].isdecimal()]
    assert len(made) == 250
    shared = {boards.arn("dataset", f"shared-{number}") for number in (1, 2, 3)}
    assert all(set(asset.row["Version"]["DataSetArns"]) == shared for asset in made)
    assert len([name for name in boards.ids("datasource") if name.startswith("team-")]) == 12
    for number in (1, 2, 3):
        physical = boards.asset("dataset", f"shared-{number}").row["PhysicalTableMap"]
        [table] = [there["RelationalTable"] for there in physical.values()]
        assert table["DataSourceArn"] == boards.arn("datasource", f"team-{number}")
        row = crowded.company.glue.table(table["Schema"], table["Name"])
        assert {c["Name"] for c in table["InputColumns"]} <= {c["Name"] for c in row["StorageDescriptor"]["Columns"]}
    quicksight = client("quicksight", served_by=crowded)
    assert quicksight.describe_dashboard_definition(**HERE, DashboardId=made[0].id)["Definition"]["Sheets"]
    assert not crowded.aws.unsound


def test_a_company_may_have_nothing_but_generated_dashboards(sandbox: Sandbox, quicksight: Any) -> None:
    sandbox.company.boards.clear()
    scale.fill_boards(sandbox.company.boards, 20)
    assert len(quicksight.list_dashboards(**HERE)["DashboardSummaryList"]) == 20
    assert len(quicksight.list_data_sources(**HERE)["DataSources"]) == 12
    assert quicksight.list_folders(**HERE)["FolderSummaryList"] == []
    assert quicksight.list_users(**HERE, Namespace="default")["UserList"]
