"""Lake Formation's tags through boto3."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from ingest_assets.errors import NotFoundError, RejectedError
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.sandbox.conftest import ClientMaker

ACCOUNT = "123456789012"
CUSTOMERS = {"DatabaseName": "sales", "Name": "customers"}
ANY_CONFIDENTIALITY = [{"TagKey": "confidentiality", "TagValues": ["public", "internal", "confidential", "restricted"]}]


@pytest.fixture
def lake(client: ClientMaker) -> Any:
    return client("lakeformation")


def refusal(call: Any, **params: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as error:
        call(**params)
    answer = error.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def pairs(rows: list[dict[str, Any]]) -> dict[str, str]:
    assert all(row["CatalogId"] == ACCOUNT and len(row["TagValues"]) == 1 for row in rows)
    return {row["TagKey"]: row["TagValues"][0] for row in rows}


def test_tags_are_listed_with_the_values_that_they_may_have(sandbox: Sandbox, lake: Any) -> None:
    tags = lake.list_lf_tags()["LFTags"]
    assert [tag["TagKey"] for tag in tags] == ["confidentiality", "domain", "pii"]
    assert tags[2]["TagValues"] == ["yes", "no"]
    assert lake.get_lf_tag(TagKey="pii")["TagValues"] == ["yes", "no"]
    assert refusal(lake.get_lf_tag, TagKey="nope") == ("EntityNotFoundException", 400)
    for number in range(100):
        sandbox.company.lf_tags.define(f"k{number:03}", "v")
    pages = list(lake.get_paginator("list_lf_tags").paginate())
    assert [len(page["LFTags"]) for page in pages] == [50, 50, 3]


def test_a_table_shows_what_it_inherits_and_what_its_columns_have(lake: Any) -> None:
    answer = lake.get_resource_lf_tags(Resource={"Table": CUSTOMERS})
    assert pairs(answer["LFTagOnDatabase"]) == {"confidentiality": "internal", "domain": "shop"}
    assert pairs(answer["LFTagsOnTable"]) == {"confidentiality": "confidential", "domain": "shop"}
    columns = {row["Name"]: pairs(row["LFTags"]) for row in answer["LFTagsOnColumns"]}
    assert columns["email"] == {"confidentiality": "restricted", "domain": "shop", "pii": "yes"}
    assert columns["name"] == {"confidentiality": "confidential", "domain": "shop"}
    assert len(columns) == 8


def test_assigned_tags_are_those_of_the_resource_itself(lake: Any) -> None:
    answer = lake.get_resource_lf_tags(Resource={"Table": CUSTOMERS}, ShowAssignedLFTags=True)
    assert pairs(answer["LFTagsOnTable"]) == {"confidentiality": "confidential"}
    assert {row["Name"]: pairs(row["LFTags"]) for row in answer["LFTagsOnColumns"]} == {
        "email": {"confidentiality": "restricted", "pii": "yes"}
    }
    assert "LFTagOnDatabase" not in answer
    untagged = {"DatabaseName": "sales", "Name": "order_lines"}
    assert not lake.get_resource_lf_tags(Resource={"Table": untagged}, ShowAssignedLFTags=True).keys() - {
        "ResponseMetadata"
    }


def test_databases_and_columns_are_resources_too(lake: Any) -> None:
    answer = lake.get_resource_lf_tags(Resource={"Database": {"Name": "sales"}})
    assert pairs(answer["LFTagOnDatabase"]) == {"confidentiality": "internal", "domain": "shop"}
    assert not lake.get_resource_lf_tags(Resource={"Database": {"Name": "finance"}}).keys() - {"ResponseMetadata"}

    def columns(**which: Any) -> list[str]:
        resource = {"TableWithColumns": {**CUSTOMERS, **which}}
        return [row["Name"] for row in lake.get_resource_lf_tags(Resource=resource)["LFTagsOnColumns"]]

    assert columns(ColumnNames=["name", "email"]) == ["email", "name"]
    assert "email" not in columns(ColumnWildcard={"ExcludedColumnNames": ["email"]})


@pytest.mark.parametrize(
    ("resource", "code"),
    [
        ({}, "InvalidInputException"),
        ({"Database": {"Name": "sales"}, "Table": CUSTOMERS}, "InvalidInputException"),
        ({"Catalog": {}}, "InvalidInputException"),
        ({"Table": {"DatabaseName": "sales", "TableWildcard": {}}}, "InvalidInputException"),
        ({"TableWithColumns": CUSTOMERS}, "InvalidInputException"),
        ({"TableWithColumns": {**CUSTOMERS, "ColumnNames": ["nope"]}}, "EntityNotFoundException"),
        ({"Database": {"Name": "nope"}}, "EntityNotFoundException"),
        ({"Table": {**CUSTOMERS, "Name": "nope"}}, "EntityNotFoundException"),
    ],
)
def test_wrong_resources_are_refused(lake: Any, resource: dict[str, Any], code: str) -> None:
    assert refusal(lake.get_resource_lf_tags, Resource=resource) == (code, 400)


def test_a_search_finds_all_tables_that_have_a_tag_or_inherit_it(sandbox: Sandbox, lake: Any) -> None:
    pages = list(
        lake.get_paginator("search_tables_by_lf_tags").paginate(
            Expression=ANY_CONFIDENTIALITY, PaginationConfig={"PageSize": 3}
        )
    )
    tables = {row["Table"]["Name"]: row for page in pages for row in page["TableList"]}
    database = sandbox.company.glue.database("sales")
    assert set(tables) == {row["Name"] for row in database.tables.after(None)}
    assert {row["Table"]["DatabaseName"] for row in tables.values()} == {"sales"}
    alone = lake.get_resource_lf_tags(Resource={"Table": CUSTOMERS})
    for member in ("LFTagOnDatabase", "LFTagsOnTable", "LFTagsOnColumns"):
        assert tables["customers"][member] == alone[member]


def test_a_search_meets_columns_and_all_conditions(lake: Any) -> None:
    def found(*expression: dict[str, Any]) -> list[str]:
        return [row["Table"]["Name"] for row in lake.search_tables_by_lf_tags(Expression=expression)["TableList"]]

    personal = {"TagKey": "pii", "TagValues": ["yes"]}
    assert found(personal) == ["customers", "orders"]
    assert found(personal, {"TagKey": "confidentiality", "TagValues": ["restricted"]}) == ["customers"]
    assert found({"TagKey": "domain", "TagValues": ["web"]}) == ["clicks"]
    assert "TableList" not in lake.search_tables_by_lf_tags(Expression=[{"TagKey": "pii", "TagValues": ["no"]}])


def test_a_search_finds_databases(lake: Any) -> None:
    answer = lake.search_databases_by_lf_tags(Expression=ANY_CONFIDENTIALITY)
    [found] = answer["DatabaseList"]
    assert (found["Database"]["Name"], pairs(found["LFTags"])["domain"]) == ("sales", "shop")


def test_wrong_searches_are_refused(lake: Any) -> None:
    search = lake.search_tables_by_lf_tags
    assert refusal(search, Expression=[]) == ("InvalidInputException", 400)
    for unknown in ({"TagKey": "nope", "TagValues": ["x"]}, {"TagKey": "pii", "TagValues": ["perhaps"]}):
        assert refusal(search, Expression=[unknown]) == ("EntityNotFoundException", 400)
    assert refusal(search, Expression=ANY_CONFIDENTIALITY, MaxResults=101) == ("ValidationException", 400)
    token = search(Expression=ANY_CONFIDENTIALITY, MaxResults=1)["NextToken"]
    other = [{"TagKey": "pii", "TagValues": ["yes"]}]
    assert refusal(search, Expression=other, NextToken=token) == ("InvalidInputException", 400)


def test_each_action_has_its_own_grant_and_denial_is_403(sandbox: Sandbox, client: ClientMaker) -> None:
    for call, params, action in (
        ("list_lf_tags", {}, "lakeformation:ListLFTags"),
        ("get_lf_tag", {"TagKey": "pii"}, "lakeformation:GetLFTag"),
        ("get_resource_lf_tags", {"Resource": {"Table": CUSTOMERS}}, "lakeformation:GetResourceLFTags"),
        ("search_tables_by_lf_tags", {"Expression": ANY_CONFIDENTIALITY}, "lakeformation:SearchTablesByLFTags"),
        ("search_databases_by_lf_tags", {"Expression": ANY_CONFIDENTIALITY}, "lakeformation:SearchDatabasesByLFTags"),
    ):
        denied = getattr(client("lakeformation", sandbox.principal), call)
        assert refusal(denied, **params) == ("AccessDeniedException", 403)
        with pytest.raises(ClientError, match=f"{action} on resource: arn:aws:lakeformation"):
            denied(**params)
        granted = sandbox.aws.identities.add_principal(action.replace(":", "-"), [action], account=ACCOUNT)
        assert getattr(client("lakeformation", granted), call)(**params)


def test_what_lake_formation_hides_has_no_tags(sandbox: Sandbox, client: ClientMaker) -> None:
    actions = ["lakeformation:*"]
    partial = sandbox.aws.identities.add_principal("partial", actions, account=ACCOUNT, hidden=["sales.customers"])
    lake = client("lakeformation", partial)
    assert refusal(lake.get_resource_lf_tags, Resource={"Table": CUSTOMERS}) == ("AccessDeniedException", 403)
    rows = lake.search_tables_by_lf_tags(Expression=[{"TagKey": "pii", "TagValues": ["yes"]}])["TableList"]
    assert [row["Table"]["Name"] for row in rows] == ["orders"]


def test_other_accounts_and_regions_show_nothing(client: ClientMaker, lake: Any) -> None:
    assert refusal(lake.list_lf_tags, CatalogId="210987654321") == ("AccessDeniedException", 403)
    elsewhere = client("lakeformation", region="eu-west-1")
    assert "LFTags" not in elsewhere.list_lf_tags()
    assert refusal(elsewhere.get_resource_lf_tags, Resource={"Table": CUSTOMERS})[0] == "EntityNotFoundException"


def test_tags_are_assigned_only_where_they_can_be(sandbox: Sandbox, lake: Any) -> None:
    tags = sandbox.company.lf_tags
    with pytest.raises(RejectedError, match="no value"):
        tags.assign({"pii": "perhaps"}, "sales")
    for place in (("nope",), ("sales", "nope"), ("sales", "customers", "nope")):
        with pytest.raises(NotFoundError):
            tags.assign({"pii": "yes"}, *place)
    tags.assign({"pii": "no"}, "finance", "invoices")
    invoices = {"Table": {"DatabaseName": "finance", "Name": "invoices"}}
    assert pairs(lake.get_resource_lf_tags(Resource=invoices)["LFTagsOnTable"]) == {"pii": "no"}
    tags.unassign("pii", "finance", "invoices")
    assert "LFTagsOnTable" not in lake.get_resource_lf_tags(Resource=invoices)
    tags.drop("pii")
    assert [tag["TagKey"] for tag in lake.list_lf_tags()["LFTags"]] == ["confidentiality", "domain"]
    assert lake.get_resource_lf_tags(Resource={"Table": CUSTOMERS})["LFTagsOnColumns"][0]["LFTags"]


def test_faults_of_lake_formation(sandbox: Sandbox, lake: Any) -> None:
    token = lake.list_lf_tags(MaxResults=1)["NextToken"]
    sandbox.faults.add("loop-token", service="lakeformation", operation="ListLFTags")
    assert lake.list_lf_tags(NextToken=token, MaxResults=1)["NextToken"] == token
    sandbox.faults.add("access-denied", service="lakeformation", operation="GetResourceLFTags", match="sales/customers")
    assert lake.get_resource_lf_tags(Resource={"Database": {"Name": "sales"}})
    assert refusal(lake.get_resource_lf_tags, Resource={"Table": CUSTOMERS}) == ("AccessDeniedException", 403)
    sandbox.faults.add("throttle", service="lakeformation", operation="Search*")
    assert refusal(lake.search_tables_by_lf_tags, Expression=ANY_CONFIDENTIALITY)[0] == "ThrottlingException"
