"""What EventBridge puts into the queue of every sandbox, in AWS's envelopes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from ingest_assets.sandbox.company.change_events import Event, glue_database_event, glue_table_event, quicksight_event
from ingest_assets.sandbox.company.event_bus import METADATA_EVENTS, Rule
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.sandbox.conftest import ClientMaker, Clock

TABLE_CHANGE = "Glue Data Catalog Table State Change"
DATABASE_CHANGE = "Glue Data Catalog Database State Change"

Told = Callable[[], list[Event]]


@pytest.fixture
def told(sandbox: Sandbox, client: ClientMaker) -> Told:
    """The events since it was last asked."""
    sqs, url = client("sqs"), sandbox.metadata_events_queue_url

    def read() -> list[Event]:
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        for message in answer.get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in answer.get("Messages", [])]

    return read


def summary(event: Event) -> tuple[str, dict[str, Any], list[str]]:
    ends = [arn.split(":", 5)[5] for arn in event["resources"]]
    return event["detail-type"], event["detail"], ends


def test_a_company_that_nobody_changes_tells_nothing(told: Told) -> None:
    assert told() == []


def test_an_envelope_has_aws_s_members(sandbox: Sandbox, told: Told, clock: Clock) -> None:
    sandbox.company.glue.alter_table("sales", "orders", Description="Changed")
    (event,) = told()
    assert re.fullmatch(r"[0-9a-f-]{36}", event.pop("id"))
    assert event == {
        "version": "0",
        "detail-type": TABLE_CHANGE,
        "source": "aws.glue",
        "account": sandbox.company.account,
        "time": clock().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": "eu-north-1",
        "resources": [f"arn:aws:glue:eu-north-1:{sandbox.company.account}:table/sales/orders"],
        "detail": {
            "databaseName": "sales",
            "changedPartitions": [],
            "typeOfChange": "UpdateTable",
            "tableName": "orders",
        },
    }


def test_each_write_at_glue_s_api_is_told_but_an_update_of_a_database(
    sandbox: Sandbox, client: ClientMaker, told: Told
) -> None:
    glue = client("glue", sandbox.writer)
    glue.create_database(DatabaseInput={"Name": "lab"})
    glue.update_database(Name="lab", DatabaseInput={"Name": "lab"})
    for name in ("a", "b", "c"):
        glue.create_table(DatabaseName="lab", TableInput={"Name": name})
    glue.update_table(DatabaseName="lab", TableInput={"Name": "a"})
    glue.delete_table(DatabaseName="lab", Name="a")
    glue.batch_delete_table(DatabaseName="lab", TablesToDelete=["b", "c"])
    glue.delete_database(Name="lab")
    changes = [
        (e["detail"]["typeOfChange"], e["detail"].get("changedTables"), e["detail-type"] == TABLE_CHANGE)
        for e in told()
    ]
    assert changes == [
        ("CreateDatabase", [], False),
        ("CreateTable", ["a"], False),
        ("CreateTable", ["b"], False),
        ("CreateTable", ["c"], False),
        ("UpdateTable", None, True),
        ("DeleteTable", ["a"], False),
        ("BatchDeleteTable", ["b", "c"], False),
        ("DeleteDatabase", [], False),
    ]


def test_a_refused_write_is_not_told(sandbox: Sandbox, client: ClientMaker, told: Told) -> None:
    glue = client("glue", sandbox.writer)
    with pytest.raises(glue.exceptions.AlreadyExistsException):
        glue.create_table(DatabaseName="sales", TableInput={"Name": "orders"})
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.update_table(DatabaseName="sales", TableInput={"Name": "none"})
    glue.batch_delete_table(DatabaseName="sales", TablesToDelete=["none"])
    assert told() == []


def test_changes_of_the_company_itself_are_told_too(sandbox: Sandbox, told: Told) -> None:
    glue = sandbox.company.glue
    glue.add_database("lab")
    glue.put_table("lab", {"Name": "t"})
    glue.put_table("lab", {"Name": "t", "Description": "Again"})
    glue.drop_table("lab", "t")
    glue.drop_database("lab")
    assert [summary(event) for event in told()] == [
        (
            DATABASE_CHANGE,
            {"databaseName": "lab", "typeOfChange": "CreateDatabase", "changedTables": []},
            ["database/lab"],
        ),
        (
            DATABASE_CHANGE,
            {"databaseName": "lab", "typeOfChange": "CreateTable", "changedTables": ["t"]},
            ["table/lab/t"],
        ),
        (
            TABLE_CHANGE,
            {"databaseName": "lab", "changedPartitions": [], "typeOfChange": "UpdateTable", "tableName": "t"},
            ["table/lab/t"],
        ),
        (
            DATABASE_CHANGE,
            {"databaseName": "lab", "typeOfChange": "DeleteTable", "changedTables": ["t"]},
            ["table/lab/t"],
        ),
        (
            DATABASE_CHANGE,
            {"databaseName": "lab", "typeOfChange": "DeleteDatabase", "changedTables": []},
            ["database/lab"],
        ),
    ]


def test_other_regions_and_accounts_tell_their_own_buses(sandbox: Sandbox, told: Told) -> None:
    sandbox.company.glue.at("us-east-1").add_database("far")
    sandbox.company.glue.add_catalog("999999999999")
    sandbox.company.glue.add_database("foreign", catalog_id="999999999999")
    assert told() == []


def test_a_dashboard_tells_of_its_versions(sandbox: Sandbox, told: Told) -> None:
    boards = sandbox.company.boards
    boards.add_dashboard("d1")
    boards.add_dashboard("d1", version=2)
    boards.add_dashboard("d2", published=False)
    boards.drop("dashboard", "d1")
    assert [summary(event) for event in told()] == [
        ("QuickSight Dashboard Creation Successful", {"dashboardId": "d1", "versionNumber": 1}, ["dashboard/d1"]),
        ("QuickSight Dashboard Update Successful", {"dashboardId": "d1", "versionNumber": 2}, ["dashboard/d1"]),
        (
            "QuickSight Dashboard Published Version Updated",
            {"dashboardId": "d1", "versionNumber": 2},
            ["dashboard/d1"],
        ),
        (
            "QuickSight Dashboard Creation Failed",
            {"dashboardId": "d2", "versionNumber": 1, "errors": []},
            ["dashboard/d2"],
        ),
        ("QuickSight Dashboard Deleted", {"dashboardId": "d1"}, ["dashboard/d1"]),
    ]


def test_the_other_assets_of_quicksight_are_told_by_their_names(sandbox: Sandbox, told: Told) -> None:
    boards = sandbox.company.boards
    boards.add_data_source("s", "ATHENA")
    boards.add_data_source("s", "ATHENA", name="Lake")
    data_set = boards.add_data_set("t", {})
    boards.add_data_set("t", {})
    boards.add_analysis("a")
    boards.add_analysis("a", Status="DELETED")
    boards.add_folder("outer")
    boards.add_folder("inner", parent="outer")
    boards.put_in("inner", data_set)
    boards.drop("dataset", "t")
    outer = boards.arn("folder", "outer")
    assert [summary(event)[:2] for event in told()] == [
        ("QuickSight DataSource Creation Successful", {"datasourceId": "s"}),
        ("QuickSight DataSource Update Successful", {"datasourceId": "s"}),
        ("QuickSight DataSet Created", {"datasetId": "t"}),
        ("QuickSight DataSet Updated", {"datasetId": "t"}),
        ("QuickSight Analysis Creation Successful", {"analysisId": "a"}),
        ("QuickSight Analysis Deleted", {"analysisId": "a"}),
        ("QuickSight Folder Created", {"folderId": "outer"}),
        ("QuickSight Folder Created", {"folderId": "inner", "parentFolderArn": outer}),
        (
            "QuickSight Folder Membership Updated",
            {"folderId": "inner", "membersAdded": [data_set.arn], "membersRemoved": []},
        ),
        ("QuickSight DataSet Deleted", {"datasetId": "t"}),
    ]


def test_events_of_one_s_own_making_arrive_as_often_as_they_are_put(sandbox: Sandbox, told: Told) -> None:
    bus = sandbox.company.events
    made = [
        glue_database_event(bus.origin, "CreateTable", "sales", ["new"]),
        glue_table_event(bus.origin, "BatchCreatePartition", "sales", "orders", ["[2026, 07]"]),
        quicksight_event(bus.origin, "Dashboard Update Successful", "d1", versionNumber=3),
    ]
    for event in [*made, made[0]]:
        bus.put(event)
    assert told() == [*made, made[0]]


def test_an_event_goes_where_rules_send_it(sandbox: Sandbox, told: Told) -> None:
    bus = sandbox.company.events
    boards = sandbox.company.queues.create("boards")
    bus.rules.append(Rule("boards", frozenset({"aws.quicksight"}), "boards"))
    bus.put(quicksight_event(bus.origin, "Dashboard Deleted", "d1"))
    bus.put({**quicksight_event(bus.origin, "Dashboard Deleted", "d1"), "source": "aws.ec2"})
    assert len(told()) == len(boards.messages) == 1
    sandbox.company.queues.delete(sandbox.company.queues.queue(METADATA_EVENTS))
    bus.put(glue_database_event(bus.origin, "DeleteDatabase", "sales"))
    assert bus.undelivered == 1


def test_events_that_nobody_reads_take_no_more_than_their_room(sandbox: Sandbox) -> None:
    queue = sandbox.company.queues.queue(METADATA_EVENTS)
    queue.most = 20
    for number in range(50):
        sandbox.company.glue.alter_table("sales", "orders", Description=str(number))
    assert len(queue.messages) == 20
    assert queue.dropped == 30


def test_the_exports_are_enough_to_read_events(sandbox: Sandbox) -> None:
    variables = sandbox.environment()
    sandbox.company.glue.alter_table("sales", "orders", Description="Changed")
    sqs = boto3.client(
        "sqs",
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        region_name=variables["AWS_REGION"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
    )
    url = variables["METADATA_EVENTS_QUEUE_URL"]
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"])["detail"]["tableName"] == "orders"
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
