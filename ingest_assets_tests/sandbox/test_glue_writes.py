"""Changes of Glue's Data Catalog through boto3."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.sandbox.conftest import ClientMaker
from ingest_assets_tests.sandbox.test_glue import code_of

COLUMNS = {"Columns": [{"Name": "id", "Type": "bigint"}]}


@pytest.fixture
def glue(sandbox: Sandbox, client: ClientMaker) -> Any:
    made = client("glue", sandbox.writer)
    made.create_database(DatabaseInput={"Name": "lab", "Description": "Trials"})
    made.create_table(DatabaseName="lab", TableInput={"Name": "runs", "StorageDescriptor": COLUMNS})
    return made


def test_a_database_is_made_replaced_and_deleted_with_its_tables(glue: Any) -> None:
    made = glue.get_database(Name="lab")["Database"]
    assert made["Description"] == "Trials"
    glue.update_database(Name="lab", DatabaseInput={"Name": "lab", "LocationUri": "s3://lab/"})
    replaced = glue.get_database(Name="lab")["Database"]
    assert "Description" not in replaced
    assert replaced["LocationUri"] == "s3://lab/"
    assert replaced["CreateTime"] == made["CreateTime"]
    assert [row["Name"] for row in glue.get_tables(DatabaseName="lab")["TableList"]] == ["runs"]
    glue.delete_database(Name="lab")
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.get_table(DatabaseName="lab", Name="runs")


def test_names_are_folded_to_lower_case(glue: Any) -> None:
    glue.create_database(DatabaseInput={"Name": "Shop"})
    glue.create_table(DatabaseName="SHOP", TableInput={"Name": "Orders"})
    assert glue.get_table(DatabaseName="shop", Name="orders")["Table"]["Name"] == "orders"


def test_a_table_is_made_by_its_caller_as_version_0(sandbox: Sandbox, glue: Any) -> None:
    row = glue.get_table(DatabaseName="lab", Name="runs")["Table"]
    assert (row["VersionId"], row["CreatedBy"]) == ("0", sandbox.writer.arn)
    assert row["CreateTime"] == row["UpdateTime"]
    assert row["StorageDescriptor"] == COLUMNS


def test_an_update_replaces_the_definition_as_the_next_version(sandbox: Sandbox, glue: Any) -> None:
    before = glue.get_table(DatabaseName="lab", Name="runs")["Table"]
    sandbox.company.glue.now = lambda: before["UpdateTime"] + timedelta(hours=1)
    glue.update_table(DatabaseName="lab", TableInput={"Name": "runs", "Description": "All runs"}, VersionId="0")
    after = glue.get_table(DatabaseName="lab", Name="runs")["Table"]
    assert (after["VersionId"], after["Description"]) == ("1", "All runs")
    assert "StorageDescriptor" not in after
    assert after["CreateTime"] == before["CreateTime"]
    assert after["UpdateTime"] == before["UpdateTime"] + timedelta(hours=1)
    with pytest.raises(glue.exceptions.ConcurrentModificationException):
        glue.update_table(DatabaseName="lab", TableInput={"Name": "runs"}, VersionId="0")


def test_a_batch_deletes_what_it_can_and_names_the_rest(glue: Any) -> None:
    glue.create_table(DatabaseName="lab", TableInput={"Name": "other"})
    (error,) = glue.batch_delete_table(DatabaseName="lab", TablesToDelete=["runs", "none", "other"])["Errors"]
    assert (error["TableName"], error["ErrorDetail"]["ErrorCode"]) == ("none", "EntityNotFoundException")
    assert glue.get_tables(DatabaseName="lab")["TableList"] == []


@pytest.mark.parametrize(
    ("operation", "members", "code"),
    [
        ("create_database", {"DatabaseInput": {"Name": "lab"}}, "AlreadyExistsException"),
        ("update_database", {"Name": "none", "DatabaseInput": {"Name": "none"}}, "EntityNotFoundException"),
        ("delete_database", {"Name": "none"}, "EntityNotFoundException"),
        ("create_table", {"DatabaseName": "lab", "TableInput": {"Name": "runs"}}, "AlreadyExistsException"),
        ("create_table", {"DatabaseName": "none", "TableInput": {"Name": "runs"}}, "EntityNotFoundException"),
        ("create_table", {"DatabaseName": "lab"}, "InvalidInputException"),
        (
            "create_table",
            {"DatabaseName": "lab", "TableInput": {"Name": "l", "TargetTable": {}, "StorageDescriptor": COLUMNS}},
            "InvalidInputException",
        ),
        ("update_table", {"DatabaseName": "lab", "TableInput": {"Name": "none"}}, "EntityNotFoundException"),
        ("delete_table", {"DatabaseName": "lab", "Name": "none"}, "EntityNotFoundException"),
        ("batch_delete_table", {"DatabaseName": "none", "TablesToDelete": ["runs"]}, "EntityNotFoundException"),
        ("delete_table", {"DatabaseName": "lab", "Name": "runs", "CatalogId": "999999999999"}, "AccessDeniedException"),
    ],
)
def test_what_aws_refuses_is_refused(glue: Any, operation: str, members: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError) as error:
        getattr(glue, operation)(**members)
    assert code_of(error) == code


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("create_database", {"DatabaseInput": {"Name": "new"}}),
        ("update_database", {"Name": "lab", "DatabaseInput": {"Name": "lab"}}),
        ("delete_database", {"Name": "lab"}),
        ("create_table", {"DatabaseName": "lab", "TableInput": {"Name": "new"}}),
        ("update_table", {"DatabaseName": "lab", "TableInput": {"Name": "runs"}}),
        ("delete_table", {"DatabaseName": "lab", "Name": "runs"}),
        ("batch_delete_table", {"DatabaseName": "lab", "TablesToDelete": ["runs"]}),
    ],
)
def test_a_reader_changes_nothing(
    glue: Any, sandbox: Sandbox, client: ClientMaker, operation: str, members: dict[str, Any]
) -> None:
    before = glue.get_table(DatabaseName="lab", Name="runs")["Table"]
    with pytest.raises(ClientError, match="is not authorized to perform: glue:") as error:
        getattr(client("glue", sandbox.reader), operation)(**members)
    assert code_of(error) == "AccessDeniedException"
    assert glue.get_table(DatabaseName="lab", Name="runs")["Table"] == before


def test_what_lake_formation_hides_is_not_changed(glue: Any, sandbox: Sandbox, client: ClientMaker) -> None:
    actions = sandbox.writer.actions
    blind = sandbox.aws.identities.add_principal("b", actions, account=sandbox.company.account, hidden=["lab.runs"])
    with pytest.raises(ClientError, match="Required Drop"):
        client("glue", blind).delete_table(DatabaseName="lab", Name="runs")
    (error,) = client("glue", blind).batch_delete_table(DatabaseName="lab", TablesToDelete=["runs"])["Errors"]
    assert error["ErrorDetail"]["ErrorCode"] == "AccessDeniedException"
    assert glue.get_table(DatabaseName="lab", Name="runs")


def test_the_writer_s_keys_are_among_the_exports(sandbox: Sandbox) -> None:
    variables = sandbox.environment()
    glue = boto3.client(
        "glue",
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        region_name=variables["AWS_REGION"],
        aws_access_key_id=variables["WRITER_AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["WRITER_AWS_SECRET_ACCESS_KEY"],
    )
    glue.create_database(DatabaseInput={"Name": "mine"})
    assert sandbox.company.glue.database("mine")
