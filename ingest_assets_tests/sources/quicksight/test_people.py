"""Owners of dashboards and data sets, and what an account shows that has not all that QuickSight offers."""

from __future__ import annotations

from typing import Any

import pytest

from ingest_assets.calls import Calls
from ingest_assets.catalog import EntityType, Failed, Finding
from ingest_assets.errors import PermissionDeniedError
from ingest_assets.sandbox.company.boards_assets import owning, viewing
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.sources.quicksight.conftest import SourceMaker
from ingest_assets_tests.sources.quicksight.scene import (
    ACCOUNT,
    BOARDS,
    Runs,
    charts,
    dashboards,
    everything,
    models,
    notes,
    of,
)

ARN = f"arn:aws:quicksight:eu-north-1:{ACCOUNT}"


def only(found: list[Finding]) -> tuple[str, ...] | None:
    (board,) = dashboards(found).values()
    return board.owners


def owned_by(sandbox: Sandbox, *principals: str, **more: Any) -> None:
    sandbox.company.boards.clear()
    sandbox.company.boards.add_dashboard("one", owners=principals, **more)


@pytest.mark.parametrize(
    ("principal", "owner"),
    [
        (f"{ARN}:user/default/lena.berg@norrpost.example", "lena.berg@norrpost.example"),
        # Whom QuickSight knows by an IAM role.
        (f"{ARN}:user/default/QuickSightAuthor/omar.haddad@norrpost.example", "omar.haddad@norrpost.example"),
        (f"{ARN}:user/default/AWSReservedSSO_Author_0123/gone@norrpost.example", "gone@norrpost.example"),
        (f"{ARN}:user/default/gone", "gone"),
        (f"{ARN}:user/nowhere/gone@norrpost.example", "gone@norrpost.example"),
        (f"{ARN}:group/default/analytics", "analytics"),
        (f"{ARN}:group/default/Team/Data", "Team/Data"),
        (f"arn:aws:quicksight::{ACCOUNT}:group/default/analytics", "analytics"),
        ("arn:aws-us-gov:quicksight:us-gov-west-1:1:group/default/analytics", "analytics"),
        (f"{ARN}:namespace/default", None),
        (f"arn:aws:iam::{ACCOUNT}:root", None),
        ("*", None),
    ],
)
def test_owners_are_known_by_mail_else_by_name(
    sandbox: Sandbox, source_of: SourceMaker, principal: str, owner: str | None
) -> None:
    owned_by(sandbox, principal)
    found = list(source_of(include_owners=True).read(BOARDS))
    assert only(found) == ((owner,) if owner else ())
    assert notes(found) == []


def test_a_mail_address_is_the_one_that_quicksight_knows(sandbox: Sandbox, source_of: SourceMaker) -> None:
    arn = sandbox.company.boards.people.add_user("Role/session-17", "ana@norrpost.example")
    owned_by(sandbox, arn)
    assert only(list(source_of(include_owners=True).read(BOARDS))) == ("ana@norrpost.example",)


def test_who_may_only_look_is_no_owner(sandbox: Sandbox, source_of: SourceMaker) -> None:
    owned_by(sandbox, f"{ARN}:group/default/analytics", viewers=[f"{ARN}:group/default/operations"])
    board = sandbox.company.boards.asset("dashboard", "one")
    board.permissions.append({"Principal": f"{ARN}:group/default/all", "Actions": ["quicksight:*"]})
    board.permissions.append(viewing("dashboard", f"{ARN}:user/default/lena.berg@norrpost.example"))
    board.permissions.append(owning("dashboard", f"{ARN}:group/default/analytics"))
    assert only(list(source_of(include_owners=True).read(BOARDS))) == ("all", "analytics")


def test_owners_are_those_of_the_namespace_that_is_named(sandbox: Sandbox, source_of: SourceMaker) -> None:
    mei = "mei.tanaka@norrpost.example"
    owned_by(sandbox, f"{ARN}:user/partners/{mei}", f"{ARN}:group/default/analytics")
    assert only(list(source_of(include_owners=True).read(BOARDS))) == ("analytics", mei)
    calls = Calls()
    partners = list(source_of(calls=calls, include_owners=True, namespace="partners").read(BOARDS))
    assert only(partners) == (mei,)
    assert calls.counts()["quicksight:ListUsers"] == 1


def test_users_are_listed_once_for_each_namespace(sandbox: Sandbox, source_of: SourceMaker) -> None:
    calls = Calls()
    for number in range(250):
        sandbox.company.boards.people.add_user(f"u{number}", f"u{number}@norrpost.example")
    everything(source_of(calls=calls, include_owners=True))
    assert calls.counts()["quicksight:ListUsers"] == 3


def test_users_are_asked_for_where_the_account_keeps_them(sandbox: Sandbox, source_of: SourceMaker) -> None:
    arn = sandbox.company.boards.people.add_user("Role/session-17", "ana@norrpost.example")
    owned_by(sandbox, arn)
    sandbox.company.boards.people.region = "us-east-1"
    calls = Calls()
    found = list(source_of(calls=calls, include_owners=True).read(BOARDS))
    assert only(found) == ("ana@norrpost.example",)
    assert notes(found) == []
    assert calls.counts()["quicksight:ListUsers"] == 2


@pytest.mark.parametrize("fault", ["access-denied", "500"])
def test_users_that_can_not_be_listed_cost_their_addresses_and_no_more(
    sandbox: Sandbox, source_of: SourceMaker, fault: str
) -> None:
    sandbox.faults.add(fault, service="quicksight", operation="ListUsers", count=None)
    found = everything(source_of(include_owners=True))
    assert of(Failed, found) == []
    assert dashboards(found)["parcel-operations"].owners == ("operations",)
    sales = dashboards(found)["sales-overview"]
    if fault == "access-denied":
        assert sales.owners == ("lena.berg@norrpost.example", "omar.haddad@norrpost.example")
        assert sum("quicksight:ListUsers" in note for note in notes(found)) == 1
    else:
        assert "owners" in sales.unknown
        assert all("ListUsers" in note for note in notes(found) if "could not be read" in note)


def test_an_owner_that_openmetadata_knows_arrives_and_one_that_a_person_set_stays(runs: Runs) -> None:
    runs.keep("sales-overview", "parcel-operations")
    runs.settings = {"include_owners": True}
    runs()
    shown = runs.get(EntityType.DASHBOARD, "sales-overview", "owners")
    assert sorted(owner["name"] for owner in shown["owners"]) == ["lena.berg", "omar.haddad"]
    piotr = runs.place.admin.get_by_name("users", "piotr.nowak")
    owners = [{"id": piotr["id"], "type": "user"}]
    runs.place.admin.patch(f"/v1/dashboards/{shown['id']}", [{"op": "replace", "path": "/owners", "value": owners}])
    runs()
    kept = runs.get(EntityType.DASHBOARD, "sales-overview", "owners")["owners"]
    assert [owner["name"] for owner in kept] == ["piotr.nowak"]
    with_override = Runs(runs.place, runs.service, runs.settings)
    with_override.rules = {"override": frozenset({"owners"})}
    with_override()
    replaced = runs.get(EntityType.DASHBOARD, "sales-overview", "owners")["owners"]
    assert sorted(owner["name"] for owner in replaced) == ["lena.berg", "omar.haddad"]


def test_the_standard_edition_shows_sheets_and_says_why(sandbox: Sandbox, source_of: SourceMaker) -> None:
    sandbox.company.boards.edition = "STANDARD"
    calls = Calls()
    found = everything(source_of(calls=calls, threads=1, include_owners=True))
    assert of(Failed, found) == []
    assert len(dashboards(found)) == len(sandbox.company.boards.ids("dashboard"))
    assert len(models(found)) == len(sandbox.company.boards.ids("dataset"))
    assert dashboards(found)["sales-overview"].charts == (
        "sheet:sales-overview:revenue",
        "sheet:sales-overview:customers",
    )
    assert charts(found).keys() >= set(dashboards(found)["sales-overview"].charts)
    told = [note for note in notes(found) if "edition" in note]
    for operation in ("DescribeDashboardDefinition", "DescribeDashboardPermissions", "ListFolders"):
        assert sum(operation in note for note in told) == 1, told
    assert calls.counts()["quicksight:DescribeDashboardDefinition"] == 3


def test_an_account_that_never_subscribed_is_told(sandbox: Sandbox, source_of: SourceMaker) -> None:
    sandbox.company.boards.edition = None
    with pytest.raises(PermissionDeniedError, match="not signed up"):
        list(source_of().read(BOARDS))


def test_the_standard_edition_takes_nothing_away_that_was_there_before(runs: Runs) -> None:
    runs.keep("sales-overview")
    runs.settings = {"include_owners": True}
    runs()
    before = runs.get(EntityType.DASHBOARD, "sales-overview", "owners,tags")
    runs.boards.edition = "STANDARD"
    second = runs()
    assert (second.gone(), second.failures()) == ([], {})
    after = runs.get(EntityType.DASHBOARD, "sales-overview", "owners,tags")
    assert [after[name] for name in ("owners", "tags", "project")] == [
        before[name] for name in ("owners", "tags", "project")
    ]
    assert not runs.is_gone(EntityType.CHART, "sales-overview:best-buyers")


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_another_region_or_account_is_none_of_this_one(sandbox: Sandbox, source_of: SourceMaker, region: str) -> None:
    sandbox.company.boards.clear()
    there = f"arn:aws:quicksight:{region}:{ACCOUNT}:dataset/orders"
    sandbox.company.boards.add_dashboard("one", {"Theirs": there})
    (board,) = dashboards(source_of().read(BOARDS)).values()
    assert board.data_models == ()
