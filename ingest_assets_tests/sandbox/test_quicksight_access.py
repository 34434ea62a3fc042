"""Who may ask QuickSight what: IAM, editions, regions, and the people that it knows itself."""

from __future__ import annotations

from typing import Any

import pytest

from ingest_assets.sandbox.company.people import USERS
from ingest_assets.sandbox.server import QUICKSIGHT_ACTIONS, Sandbox
from ingest_assets_tests.sandbox.conftest import ClientMaker
from ingest_assets_tests.sandbox.test_quicksight import ACCOUNT, ARNS, HERE, refusal

_SALES = "sales-overview"
_CALLS: dict[str, tuple[dict[str, str], str]] = {
    "list_dashboards": ({}, "dashboard/*"),
    "list_analyses": ({}, "analysis/*"),
    "list_data_sets": ({}, "dataset/*"),
    "list_data_sources": ({}, "datasource/*"),
    "list_folders": ({}, "folder/*"),
    "describe_dashboard": ({"DashboardId": _SALES}, "dashboard/sales-overview"),
    "describe_dashboard_definition": ({"DashboardId": _SALES}, "dashboard/sales-overview"),
    "describe_dashboard_permissions": ({"DashboardId": _SALES}, "dashboard/sales-overview"),
    "describe_analysis": ({"AnalysisId": "sales-analysis"}, "analysis/sales-analysis"),
    "describe_analysis_definition": ({"AnalysisId": "sales-analysis"}, "analysis/sales-analysis"),
    "describe_analysis_permissions": ({"AnalysisId": "sales-analysis"}, "analysis/sales-analysis"),
    "describe_data_set": ({"DataSetId": "orders"}, "dataset/orders"),
    "describe_data_set_permissions": ({"DataSetId": "orders"}, "dataset/orders"),
    "describe_data_source": ({"DataSourceId": "src1"}, "datasource/src1"),
    "describe_folder": ({"FolderId": "web-shop"}, "folder/web-shop"),
    "list_folder_members": ({"FolderId": "web-shop"}, "folder/web-shop"),
    "list_ingestions": ({"DataSetId": "orders"}, "dataset/orders"),
    "list_refresh_schedules": ({"DataSetId": "orders"}, "dataset/orders"),
    "list_users": ({"Namespace": "default"}, "user/default/*"),
    "list_groups": ({"Namespace": "default"}, "group/default/*"),
    "list_group_memberships": ({"Namespace": "default", "GroupName": "analytics"}, "group/default/analytics"),
    "describe_account_subscription": ({}, "*"),
}
_FOLDERS = {"list_folders", "describe_folder", "list_folder_members"}
_ENTERPRISE = _FOLDERS | {name for name in _CALLS if name.endswith("_definition")}
_ENTERPRISE |= {"describe_dashboard_permissions", "describe_analysis_permissions"}


def action_of(call: str) -> str:
    return "quicksight:" + "".join(part.capitalize() for part in call.split("_"))


@pytest.fixture
def quicksight(client: ClientMaker) -> Any:
    return client("quicksight")


def test_the_documented_principal_may_do_what_the_documentation_grants_and_no_more(
    sandbox: Sandbox, client: ClientMaker
) -> None:
    quicksight = client("quicksight", sandbox.principal)
    allowed = {call for call in _CALLS if action_of(call) in QUICKSIGHT_ACTIONS}
    assert len(allowed) == len(QUICKSIGHT_ACTIONS) == 8
    for call, (params, resource) in _CALLS.items():
        if call in allowed:
            assert getattr(quicksight, call)(**HERE, **params)["Status"] == 200
            continue
        status, code, message = refusal(getattr(quicksight, call), **params)
        assert (status, code) == (403, "AccessDeniedException")
        assert f"{action_of(call)} on resource: {ARNS}:{resource} because no identity-based policy" in message
    with pytest.raises(quicksight.exceptions.AccessDeniedException, match=f"{ARNS}:dashboard/{_SALES}"):
        quicksight.list_tags_for_resource(ResourceArn=f"{ARNS}:dashboard/{_SALES}")


def test_a_grant_may_be_for_some_dashboards_only(sandbox: Sandbox, client: ClientMaker) -> None:
    granted = [f"quicksight:Describe* on arn:aws:quicksight:*:{ACCOUNT}:dashboard/sales-*"]
    quicksight = client("quicksight", sandbox.aws.identities.add_principal("sales", granted, account=ACCOUNT))
    assert quicksight.describe_dashboard_definition(**HERE, DashboardId="sales-overview-copy")
    assert refusal(quicksight.describe_dashboard, DashboardId="finance-quarter")[1] == "AccessDeniedException"
    # whoever may not ask is not told what there is
    assert refusal(quicksight.describe_dashboard, DashboardId="nothing")[1] == "AccessDeniedException"
    assert refusal(quicksight.describe_dashboard, DashboardId="sales-nothing")[1] == "ResourceNotFoundException"
    assert refusal(quicksight.list_dashboards)[1] == "AccessDeniedException"


def test_another_account_is_refused(quicksight: Any) -> None:
    for call, (params, _) in _CALLS.items():
        status, code, message = refusal(getattr(quicksight, call), **params, AwsAccountId="210987654321")
        assert (status, code) == (403, "AccessDeniedException")
        assert "no resource-based policy" in message
    assert refusal(quicksight.list_dashboards, AwsAccountId="12345678901x")[:2] == (400, "ValidationException")


def test_another_region_has_no_dashboards_and_points_to_where_people_are_kept(client: ClientMaker) -> None:
    quicksight = client("quicksight", region="us-east-1")
    assert quicksight.list_dashboards(**HERE)["DashboardSummaryList"] == []
    assert refusal(quicksight.describe_dashboard, DashboardId=_SALES)[1] == "ResourceNotFoundException"
    status, code, message = refusal(quicksight.list_users, Namespace="default")
    assert (status, code) == (401, "AccessDeniedException")
    assert "Please use the eu-north-1 endpoint" in message


def test_the_standard_edition_has_no_folders_definitions_and_permissions_of_dashboards(
    sandbox: Sandbox, quicksight: Any
) -> None:
    sandbox.company.boards.edition = "STANDARD"
    assert quicksight.describe_account_subscription(**HERE)["AccountInfo"]["Edition"] == "STANDARD"
    for call, (params, _) in _CALLS.items():
        if call in _ENTERPRISE:
            assert refusal(getattr(quicksight, call), **params)[:2] == (403, "UnsupportedUserEditionException")
        else:
            assert getattr(quicksight, call)(**HERE, **params)["Status"] == 200
    sandbox.company.boards.refused_in_standard.add("ListDashboards")
    assert refusal(quicksight.list_dashboards)[1] == "UnsupportedUserEditionException"
    sandbox.company.boards.edition = "ENTERPRISE"
    assert quicksight.list_dashboards(**HERE)


def test_an_account_that_never_subscribed_says_so(sandbox: Sandbox, quicksight: Any) -> None:
    sandbox.company.boards.edition = None
    assert refusal(quicksight.list_dashboards)[:2] == (403, "UnsupportedUserEditionException")
    for call in ("list_users", "describe_account_subscription"):
        status, code, message = refusal(getattr(quicksight, call), **_CALLS[call][0])
        assert (status, code) == (404, "ResourceNotFoundException")
        assert ACCOUNT in message


def test_permissions_name_users_and_groups_that_there_are(sandbox: Sandbox, quicksight: Any) -> None:
    listed = quicksight.list_users(**HERE, Namespace="default")["UserList"]
    groups = quicksight.list_groups(**HERE, Namespace="default")["GroupList"]
    known = {row["Arn"] for row in [*listed, *groups]} | {f"{ARNS}:namespace/default"}
    boards = sandbox.company.boards
    named = {
        permission["Principal"]
        for kind in ("dashboard", "analysis", "dataset")
        for asset in boards.assets(kind).values()
        for permission in asset.permissions
    }
    assert named <= known
    answer = quicksight.describe_dashboard_permissions(**HERE, DashboardId=_SALES)
    assert answer["DashboardArn"] == f"{ARNS}:dashboard/{_SALES}"
    owning = [row["Principal"] for row in answer["Permissions"] if "quicksight:UpdateDashboard" in row["Actions"]]
    assert owning == [
        f"{ARNS}:user/default/lena.berg@norrpost.example",
        f"{ARNS}:user/default/QuickSightAuthor/omar.haddad@norrpost.example",
    ]
    assert {row["Email"] for row in listed} == {f"{name}@norrpost.example" for name in USERS}


def test_namespaces_have_their_own_people(sandbox: Sandbox, quicksight: Any) -> None:
    partners = quicksight.list_users(**HERE, Namespace="partners")["UserList"]
    assert [(row["Arn"], row["Role"]) for row in partners] == [
        (f"{ARNS}:user/partners/mei.tanaka@norrpost.example", "READER")
    ]
    members = quicksight.list_group_memberships(**HERE, Namespace="default", GroupName="analytics")["GroupMemberList"]
    assert [row["MemberName"] for row in members] == [
        "QuickSightAuthor/omar.haddad@norrpost.example",
        "mei.tanaka@norrpost.example",
    ]
    status, code, message = refusal(quicksight.list_users, Namespace="nowhere")
    assert (status, code, message) == (
        404,
        "ResourceNotFoundException",
        f"Namespace nowhere not found in account {ACCOUNT}",
    )
    missing = refusal(quicksight.list_group_memberships, Namespace="partners", GroupName="analytics")
    assert missing[:2] == (404, "ResourceNotFoundException")
    sandbox.company.boards.people.drop_user("mei.tanaka@norrpost.example")
    sandbox.company.boards.people.drop_group("operations")
    left = quicksight.list_group_memberships(**HERE, Namespace="default", GroupName="analytics")["GroupMemberList"]
    assert len(left) == 1
    assert len(quicksight.list_groups(**HERE, Namespace="default")["GroupList"]) == 1


def test_people_come_in_pages(sandbox: Sandbox, quicksight: Any) -> None:
    people = sandbox.company.boards.people
    names = [f"{number:03}@norrpost.example" for number in range(250)]
    for name in names:
        people.add_user(name, name)
    people.add_group("everybody", names)
    where = {**HERE, "Namespace": "default"}
    users = [page["UserList"] for page in quicksight.get_paginator("list_users").paginate(**where)]
    assert [len(page) for page in users] == [100, 100, 54]
    paginator = quicksight.get_paginator("list_group_memberships")
    members = [page["GroupMemberList"] for page in paginator.paginate(**where, GroupName="everybody")]
    assert [row["MemberName"] for page in members for row in page] == names
