"""The sandbox refuses what AWS would refuse, and can't send what AWS would not send."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from ingest_assets.errors import InvalidAnswerError
from ingest_assets.sandbox.aws import wire
from ingest_assets.sandbox.aws.models import Target, operation_model
from ingest_assets.sandbox.aws.validation import check_json
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.sandbox.conftest import ClientMaker


def send(sandbox: Sandbox, target: str, body: str) -> tuple[int, dict[str, Any]]:
    """A signed JSON call that boto3's own checks would not let through."""
    headers = {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1"}
    signed = AWSRequest("POST", sandbox.url + "/", headers=headers, data=body)
    keys = Credentials(sandbox.reader.access_key_id, sandbox.reader.secret_access_key)
    SigV4Auth(keys, "glue", "eu-north-1").add_auth(signed)
    answer = requests.post(sandbox.url, body.encode(), headers=dict(signed.headers), timeout=5)
    return answer.status_code, answer.json()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('{"DatabaseName": "sales", "Colour": "red"}', "ValidationException"),
        ('{"DatabaseName": 7}', "ValidationException"),
        ('{"DatabaseName": "sales", "MaxResults": 0}', "ValidationException"),
        ('{"DatabaseName": "sales", "ResourceShareType": "SOME"}', "ValidationException"),
        ('{"DatabaseName": "sales", "Expression": "("}', "InvalidInputException"),
        ("{}", "ValidationException"),
        ("[]", "SerializationException"),
        ("{", "SerializationException"),
    ],
)
def test_a_request_that_aws_would_refuse_is_refused(sandbox: Sandbox, body: str, code: str) -> None:
    status, answer = send(sandbox, "AWSGlue.GetTables", body)
    assert (status, answer["__type"]) == (400, code)


def test_an_operation_that_aws_does_not_have_is_unknown(sandbox: Sandbox) -> None:
    for target in ("AWSGlue.GetEverything", "Kinesis_20131202.ListStreams", "GetTables"):
        status, answer = send(sandbox, target, "{}")
        assert (status, answer["__type"]) == (400, "UnknownOperationException")


def test_an_operation_that_is_not_built_says_so(client: ClientMaker) -> None:
    unbuilt = [
        (client("glue").get_jobs, {}),
        (client("s3").get_bucket_location, {"Bucket": "b"}),
        (client("sts").get_session_token, {}),
        (client("kinesis").list_queues, {}),
        (client("quicksight").list_topics, {"AwsAccountId": "123456789012"}),
        (client("ec2").describe_regions, {}),
    ]
    for call, params in unbuilt:
        with pytest.raises(ClientError, match="not built it yet") as error:
            call(**params)
        assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_a_parameter_that_is_not_honoured_says_so(client: ClientMaker) -> None:
    with pytest.raises(ClientError, match="does not honour") as error:
        client("glue").get_tables(DatabaseName="sales", IncludeStatusDetails=True)
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"Name": "t", "Colour": "red"}, "Unknown parameter"),
        ({"Description": "no name"}, "Missing required parameter"),
        ({"Name": "t", "Retention": "long"}, "Invalid type"),
        ({"Name": "t", "Description": None}, "Invalid type"),
        ({"Name": "t", "CreateTime": "2024-01-01T00:00:00Z"}, "no timestamp on the wire"),
    ],
)
def test_an_answer_of_another_shape_never_leaves(
    sandbox: Sandbox, client: ClientMaker, row: dict[str, Any], problem: str
) -> None:
    stored = {"Name": "t"}
    sandbox.company.glue.add_database("wrong").tables.put(stored)
    stored.clear()
    stored.update(row)
    with pytest.raises(ClientError) as error:
        client("glue").get_table(DatabaseName="wrong", Name="t")
    assert error.value.response["Error"]["Code"] == "SandboxAnswerIsUnsound"
    assert problem in sandbox.aws.unsound[-1]


def test_the_wire_is_walked_down_to_enum_values() -> None:
    shape = operation_model(Target("glue", "GetCatalogs")).output_shape
    assert shape is not None
    sound = {"CatalogList": [{"Name": "c", "AllowFullTableExternalDataAccess": "True"}]}
    check_json("glue:GetCatalogs", sound, shape)
    sound["CatalogList"][0]["AllowFullTableExternalDataAccess"] = "Perhaps"
    with pytest.raises(InvalidAnswerError, match="not one of"):
        check_json("glue:GetCatalogs", sound, shape)


def test_times_leave_as_epoch_numbers() -> None:
    moment = datetime.fromisoformat("2026-11-21T10:00:00+00:00")
    assert wire.dump_json({"CreateTime": moment}) == '{"CreateTime":1795255200.0}'
