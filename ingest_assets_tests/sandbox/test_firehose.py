"""Firehose's delivery streams through boto3."""

from __future__ import annotations

from typing import Any

import pytest

from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.sandbox.conftest import ClientMaker
from ingest_assets_tests.sandbox.test_kinesis import ACCOUNT, refusal


@pytest.fixture
def firehose(client: ClientMaker) -> Any:
    return client("firehose")


def listed(firehose: Any, **params: Any) -> list[list[str]]:
    """All pages, each by its last name."""
    pages, start = [], params
    for _ in range(20):
        page = firehose.list_delivery_streams(**start)
        pages.append(page["DeliveryStreamNames"])
        if not page["HasMoreDeliveryStreams"]:
            return pages
        start = {**params, "ExclusiveStartDeliveryStreamName": pages[-1][-1]}
    raise AssertionError("the listing does not end")


def described(firehose: Any, name: str) -> dict[str, Any]:
    return dict(firehose.describe_delivery_stream(DeliveryStreamName=name)["DeliveryStreamDescription"])


def test_delivery_streams_come_ten_a_page_unless_asked_for_more(sandbox: Sandbox, firehose: Any) -> None:
    delivery = sandbox.company.delivery
    for number in range(20):
        delivery.add(f"z{number:02}", delivery.to_s3("norrpost-raw", "z/"))
    assert [len(page) for page in listed(firehose)] == [10, 10, 5]
    assert [len(page) for page in listed(firehose, Limit=10000)] == [25]
    assert refusal(firehose.list_delivery_streams, Limit=10001)[0] == "ValidationException"


def test_delivery_streams_are_listed_by_type(firehose: Any) -> None:
    assert listed(firehose, DeliveryStreamType="KinesisStreamAsSource", Limit=2) == [
        ["clicks-to-lake", "orders-to-raw"],
        ["payments-to-warehouse"],
    ]
    assert listed(firehose, DeliveryStreamType="DirectPut") == [["consent-to-partner", "device-logs"]]
    assert listed(firehose, DeliveryStreamType="MSKAsSource") == [[]]


def test_clicks_are_converted_by_a_table_of_the_catalog_and_kept_raw(sandbox: Sandbox, firehose: Any) -> None:
    row = described(firehose, "clicks-to-lake")
    source = row["Source"]["KinesisStreamSourceDescription"]["KinesisStreamARN"]
    assert source == sandbox.company.streams.stream("clicks").arn
    [destination] = row["Destinations"]
    extended = destination["ExtendedS3DestinationDescription"]
    assert extended["BucketARN"] == "arn:aws:s3:::norrpost-lake"
    schema = extended["DataFormatConversionConfiguration"]["SchemaConfiguration"]
    assert (schema["CatalogId"], schema["Region"]) == (ACCOUNT, "eu-north-1")
    table = sandbox.company.glue.table(schema["DatabaseName"], schema["TableName"])
    delivered = f"s3://norrpost-lake/{extended['Prefix']}"
    assert delivered.startswith(table["StorageDescriptor"]["Location"])
    raw = sandbox.company.glue.table("clickstream", "clicks_raw")["StorageDescriptor"]["Location"]
    assert f"s3://norrpost-lake/{extended['S3BackupDescription']['Prefix']}".startswith(raw)
    assert "DataFormatConversionConfiguration" not in destination["S3DestinationDescription"]


def test_every_stream_that_is_read_exists(sandbox: Sandbox, firehose: Any) -> None:
    for name in listed(firehose)[0]:
        row = described(firehose, name)
        assert row["DeliveryStreamARN"] == f"arn:aws:firehose:eu-north-1:{ACCOUNT}:deliverystream/{name}"
        assert row["DeliveryStreamStatus"] == "ACTIVE"
        assert ("Source" in row) == (row["DeliveryStreamType"] == "KinesisStreamAsSource")
        if "Source" in row:
            arn = row["Source"]["KinesisStreamSourceDescription"]["KinesisStreamARN"]
            assert sandbox.company.streams.stream(arn.rpartition("/")[2]).arn == arn
    orders = described(firehose, "orders-to-raw")["Destinations"][0]["ExtendedS3DestinationDescription"]
    assert (orders["BucketARN"], orders["Prefix"]) == ("arn:aws:s3:::norrpost-raw", "orders/")
    warehouse = described(firehose, "payments-to-warehouse")["Destinations"][0]["RedshiftDestinationDescription"]
    assert warehouse["CopyCommand"]["DataTableName"] == "staging.payments"
    partner = described(firehose, "consent-to-partner")["Destinations"][0]["HttpEndpointDestinationDescription"]
    assert partner["EndpointConfiguration"]["Url"].startswith("https://")


def test_tags_go_on_from_the_last_key(firehose: Any) -> None:
    first = firehose.list_tags_for_delivery_stream(DeliveryStreamName="clicks-to-lake", Limit=1)
    assert (first["Tags"], first["HasMoreTags"]) == ([{"Key": "env", "Value": "prod"}], True)
    rest = firehose.list_tags_for_delivery_stream(DeliveryStreamName="clicks-to-lake", ExclusiveStartTagKey="env")
    assert (rest["Tags"], rest["HasMoreTags"]) == ([{"Key": "team", "Value": "web"}], False)


def test_what_tests_change_is_served_at_once(sandbox: Sandbox, firehose: Any) -> None:
    sandbox.company.delivery.stream("orders-to-raw").row["DeliveryStreamStatus"] = "DELETING"
    assert described(firehose, "orders-to-raw")["DeliveryStreamStatus"] == "DELETING"
    sandbox.company.delivery.drop("orders-to-raw")
    assert refusal(firehose.describe_delivery_stream, DeliveryStreamName="orders-to-raw") == (
        "ResourceNotFoundException",
        f"Firehose orders-to-raw under account {ACCOUNT} not found.",
    )


def test_each_action_has_its_own_grant(sandbox: Sandbox, client: ClientMaker) -> None:
    who = sandbox.aws.identities.add_principal("lister", ["firehose:ListDeliveryStreams"], account=ACCOUNT)
    firehose = client("firehose", who)
    assert listed(firehose)
    name = {"DeliveryStreamName": "clicks-to-lake"}
    code, message = refusal(firehose.describe_delivery_stream, **name)
    assert code == "AccessDeniedException"
    arn = f"arn:aws:firehose:eu-north-1:{ACCOUNT}:deliverystream/clicks-to-lake"
    assert f"firehose:DescribeDeliveryStream on resource: {arn}" in message
    assert refusal(firehose.list_tags_for_delivery_stream, **name)[0] == "AccessDeniedException"
    assert refusal(client("firehose", sandbox.principal).list_delivery_streams)[0] == "AccessDeniedException"


def test_another_region_has_none(client: ClientMaker) -> None:
    firehose = client("firehose", region="us-east-1")
    assert listed(firehose) == [[]]
    assert refusal(firehose.describe_delivery_stream, DeliveryStreamName="clicks-to-lake")[0] == (
        "ResourceNotFoundException"
    )


def test_faults_of_listing_and_reading(sandbox: Sandbox, firehose: Any) -> None:
    first = firehose.list_delivery_streams(Limit=2)["DeliveryStreamNames"]
    sandbox.faults.add("loop-token", service="firehose", operation="ListDeliveryStreams")
    page = firehose.list_delivery_streams(Limit=2, ExclusiveStartDeliveryStreamName=first[-1])
    assert (page["DeliveryStreamNames"], page["HasMoreDeliveryStreams"]) == ([first[-1]], True)
    sandbox.faults.add("hidden", service="firehose", operation="ListDeliveryStreams", match="device-logs")
    assert "device-logs" not in listed(firehose)[0]
    sandbox.faults.add("vanish", service="firehose", operation="DescribeDeliveryStream", match="device-logs")
    assert described(firehose, "clicks-to-lake")
    assert refusal(firehose.describe_delivery_stream, DeliveryStreamName="device-logs")[0] == (
        "ResourceNotFoundException"
    )
    assert "device-logs" not in listed(firehose)[0]
