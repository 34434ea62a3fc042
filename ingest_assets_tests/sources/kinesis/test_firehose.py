"""Delivery streams as pipelines: what is read, what a missing permission costs, and that no listing runs for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import pytest

from ingest_assets.calls import Calls
from ingest_assets.catalog import (
    Edge,
    EntityType,
    Failed,
    Filtered,
    Finding,
    ForeignEdge,
    Note,
    Pipeline,
    Reference,
    Scope,
    Tag,
)
from ingest_assets.errors import AuthenticationError, InvalidAnswerError, PermissionDeniedError, UnavailableError
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.sources.kinesis.firehose import FirehoseReader
from ingest_assets_tests.sources.conftest import SessionMaker
from ingest_assets_tests.sources.kinesis.conftest import ACCOUNT, hurried

PIPELINES = Scope(EntityType.PIPELINE, ("hoses",))
ALL = ("clicks-to-lake", "consent-to-partner", "device-logs", "orders-to-raw", "payments-to-warehouse")
LIST, DESCRIBE, TAGS = (
    f"firehose:{name}DeliveryStream{end}" for name, end in (("List", "s"), ("Describe", ""), ("ListTagsFor", ""))
)

FoundT = TypeVar("FoundT")
ReaderMaker = Callable[..., FirehoseReader]


@pytest.fixture
def reader_of(sandbox: Sandbox, session_of: SessionMaker) -> ReaderMaker:
    def make(*actions: str, calls: Calls | None = None, keeps: Any = lambda _: True, **more: Any) -> FirehoseReader:
        granted = actions or (LIST, DESCRIBE, TAGS)
        who = sandbox.aws.identities.add_principal("firehose", granted, account=ACCOUNT)
        session = session_of(who, calls, attempts=1, pace=hurried())
        return FirehoseReader(session, service="hoses", kinesis_service="streams", keeps=keeps, **more)

    return make


def of(kind: type[FoundT], findings: Iterable[Finding]) -> list[FoundT]:
    return [each for each in findings if isinstance(each, kind)]


def names(findings: Iterable[Finding]) -> list[str]:
    return [pipeline.path[-1] for pipeline in of(Pipeline, findings)]


def pipeline_of(findings: Iterable[Finding], name: str) -> Pipeline:
    return next(each for each in of(Pipeline, findings) if each.path == ("hoses", name))


def flows(findings: Iterable[Finding], name: str) -> list[tuple[str, str]]:
    """The edges of a delivery stream, each with that stream alone to tell of it."""
    this = Reference(EntityType.PIPELINE, ("hoses", name))
    told = [each for each in findings if isinstance(each, (Edge, ForeignEdge)) and this in (each.source, each.target)]
    assert all(edge.told_by == (this,) for edge in told)
    return [(str(edge.source), str(edge.target)) for edge in told]


def test_every_delivery_stream_is_a_pipeline_for_one_call_each_and_one_for_its_tags(reader_of: ReaderMaker) -> None:
    calls = Calls()
    found = list(reader_of(calls=calls).read(PIPELINES))
    assert names(found) == list(ALL)
    assert not of(Failed, found) + of(Note, found)
    assert calls.counts() == {LIST: 1, DESCRIBE: 5, TAGS: 5}


def test_clicks_go_to_the_lake_by_a_table_and_to_a_backup(reader_of: ReaderMaker) -> None:
    found = list(reader_of().read(PIPELINES))
    clicks = pipeline_of(found, "clicks-to-lake")
    assert clicks.location == f"arn:aws:firehose:eu-north-1:{ACCOUNT}:deliverystream/clicks-to-lake"
    assert clicks.source_url == (
        "https://eu-north-1.console.aws.amazon.com/firehose/home?region=eu-north-1#/details/clicks-to-lake/monitoring"
    )
    assert [(task.name, task.downstream) for task in clicks.tasks] == [
        ("KinesisStreamAsSource", ("DataFormatConversion", "S3Backup")),
        ("DataFormatConversion", ("ExtendedS3",)),
        ("ExtendedS3", ()),
        ("S3Backup", ()),
    ]
    assert clicks.tasks[1].display_name == "conversion to Parquet by the table clickstream.clicks"
    assert flows(found, "clicks-to-lake") == [
        ("topic streams / clicks", "pipeline hoses / clicks-to-lake"),
        ("pipeline hoses / clicks-to-lake", "clickstream.clicks"),
        ("pipeline hoses / clicks-to-lake", "s3://norrpost-lake/clickstream/clicks/"),
        ("pipeline hoses / clicks-to-lake", "s3://norrpost-lake/clickstream/clicks_raw/"),
    ]


def test_payments_are_staged_and_copied_into_the_warehouse(reader_of: ReaderMaker) -> None:
    found = list(reader_of().read(PIPELINES))
    assert flows(found, "payments-to-warehouse") == [
        ("topic streams / payments", "pipeline hoses / payments-to-warehouse"),
        ("pipeline hoses / payments-to-warehouse", "s3://norrpost-raw/payments-staging/"),
        ("pipeline hoses / payments-to-warehouse", "finance.staging.payments"),
    ]
    tasks = pipeline_of(found, "payments-to-warehouse").tasks
    assert [task.task_type for task in tasks] == ["KinesisStreamAsSource", "S3", "Redshift"]
    assert "firehose" not in str([task.display_name for task in tasks])  # the user's name


def test_a_partner_is_told_of_and_makes_no_edge(sandbox: Sandbox, reader_of: ReaderMaker) -> None:
    row = sandbox.company.delivery.stream("consent-to-partner").row
    endpoint = row["Destinations"][0]["HttpEndpointDestinationDescription"]["EndpointConfiguration"]
    endpoint["Url"] = "https://who:secret@intake.partner.example/v1/key-123?token=abc"
    found = list(reader_of().read(PIPELINES))
    assert flows(found, "consent-to-partner") == []
    consent = pipeline_of(found, "consent-to-partner")
    assert consent.tasks[-1].display_name == "Partner intake, intake.partner.example"
    assert consent.description == "From `Direct PUT` to `Partner intake, intake.partner.example`."
    assert not any(secret in consent.model_dump_json() for secret in ("secret", "key-123", "abc"))


def test_tags_are_labels_and_one_of_them_the_owner(sandbox: Sandbox, reader_of: ReaderMaker) -> None:
    sandbox.company.delivery.stream("clicks-to-lake").tags["Owner"] = "lena.berg"
    found = list(reader_of().read(PIPELINES))
    clicks = pipeline_of(found, "clicks-to-lake")
    assert (clicks.owners, {label.fqn for label in clicks.labels or ()}) == (("lena.berg",), {"env.prod", "team.web"})
    assert {tag.path for tag in of(Tag, found)} >= {("env", "prod"), ("team", "web")}
    assert pipeline_of(found, "consent-to-partner").labels == ()


def test_more_tags_than_a_page_holds_are_all_read(sandbox: Sandbox, reader_of: ReaderMaker) -> None:
    tags = sandbox.company.delivery.stream("device-logs").tags
    tags |= {f"k{number:03}": "v" for number in range(120)}
    calls = Calls()
    found = list(reader_of(calls=calls, keeps="device-logs".__eq__).read(PIPELINES))
    assert len(pipeline_of(found, "device-logs").labels or ()) == 121
    assert calls.counts()[TAGS] == 3


def test_without_the_permission_for_tags_there_is_one_note_and_tags_stay(reader_of: ReaderMaker) -> None:
    calls = Calls()
    found = list(reader_of(LIST, DESCRIBE, calls=calls).read(PIPELINES))
    assert names(found) == list(ALL)
    assert {(pipeline.labels, pipeline.owners) for pipeline in of(Pipeline, found)} == {(None, None)}
    (note,) = of(Note, found)
    assert TAGS in note.text
    assert calls.counts()[TAGS] <= 5


def test_tags_that_are_not_asked_for_cost_no_call(reader_of: ReaderMaker) -> None:
    calls = Calls()
    found = list(reader_of(LIST, DESCRIBE, calls=calls, include_tags=False).read(PIPELINES))
    assert calls.counts() == {LIST: 1, DESCRIBE: 5}
    assert of(Note, found) == []


def test_tags_that_can_not_be_read_are_unknown_for_that_one(sandbox: Sandbox, reader_of: ReaderMaker) -> None:
    sandbox.faults.add("500", service="firehose", operation="ListTagsForDeliveryStream", match="device-logs")
    found = list(reader_of().read(PIPELINES))
    logs = pipeline_of(found, "device-logs")
    assert logs.labels is None
    assert logs.unknown == {"labels", "owners"}
    assert pipeline_of(found, "orders-to-raw").unknown == frozenset()
    (note,) = of(Note, found)
    assert note.text.startswith("The tags of 1 delivery streams could not be read, and stay as they were: pipeline")
    assert "hoses / device-logs" in note.text


def test_a_delivery_stream_that_is_denied_costs_itself(sandbox: Sandbox, reader_of: ReaderMaker) -> None:
    sandbox.faults.add("access-denied", service="firehose", operation="DescribeDeliveryStream", match="device-logs")
    found = list(reader_of().read(PIPELINES))
    (failed,) = of(Failed, found)
    assert failed.reference == Reference(EntityType.PIPELINE, ("hoses", "device-logs"))
    assert "firehose:DescribeDeliveryStream of device-logs" in failed.reason
    assert names(found) == [name for name in ALL if name != "device-logs"]


def test_without_the_listing_nothing_is_read(reader_of: ReaderMaker) -> None:
    calls = Calls()
    with pytest.raises(PermissionDeniedError, match="ListDeliveryStreams"):
        list(reader_of(DESCRIBE, TAGS, calls=calls).read(PIPELINES))
    assert calls.counts() == {LIST: 1}


def test_delivery_streams_that_are_left_out_cost_no_call(reader_of: ReaderMaker) -> None:
    calls = Calls()
    found = list(reader_of(calls=calls, keeps=lambda name: name.startswith("orders")).read(PIPELINES))
    assert names(found) == ["orders-to-raw"]
    assert {each.reason for each in of(Filtered, found)} == {"dagster.source.firehose.filter_pattern"}
    assert len(of(Filtered, found)) == 4
    assert calls.counts() == {LIST: 1, DESCRIBE: 1, TAGS: 1}


@pytest.mark.parametrize("status", ["CREATING", "CREATING_FAILED", "DELETING"])
def test_what_is_being_made_or_deleted_is_left_out_for_now(
    sandbox: Sandbox, reader_of: ReaderMaker, status: str
) -> None:
    sandbox.company.delivery.stream("orders-to-raw").row["DeliveryStreamStatus"] = status
    found = list(reader_of().read(PIPELINES))
    assert [each.reference.name for each in of(Filtered, found)] == ["orders-to-raw"]
    assert flows(found, "orders-to-raw") == []


def test_what_goes_while_it_is_read_is_neither_shown_nor_failed(sandbox: Sandbox, reader_of: ReaderMaker) -> None:
    sandbox.faults.add("vanish", service="firehose", operation="DescribeDeliveryStream", match="device-logs")
    found = list(reader_of().read(PIPELINES))
    assert names(found) == [name for name in ALL if name != "device-logs"]
    assert of(Failed, found) == []


def test_more_than_a_page_is_read_whole_and_in_order(sandbox: Sandbox, reader_of: ReaderMaker) -> None:
    delivery = sandbox.company.delivery
    for number in range(1200):
        delivery.add(f"z{number:04}", delivery.to_s3("norrpost-raw", "z/"))
    calls = Calls()
    found = list(reader_of(calls=calls, keeps=lambda name: name in ("z0000", "z1199")).read(PIPELINES))
    assert (names(found), len(of(Filtered, found))) == (["z0000", "z1199"], 1203)
    assert calls.counts()[LIST] == 2


def test_a_page_that_tells_nothing_new_ends_the_listing(sandbox: Sandbox, reader_of: ReaderMaker) -> None:
    delivery = sandbox.company.delivery
    for number in range(1000):
        delivery.add(f"z{number:04}", delivery.to_s3("norrpost-raw", "z/"))
    sandbox.faults.add("loop-token", service="firehose", operation="ListDeliveryStreams", count=None)
    calls = Calls()
    with pytest.raises(InvalidAnswerError, match="round in circles"):
        list(reader_of(calls=calls, keeps=lambda _: False).read(PIPELINES))
    assert calls.counts() == {LIST: 2}


def test_when_firehose_answers_nothing_any_more_the_scope_fails(sandbox: Sandbox, reader_of: ReaderMaker) -> None:
    delivery = sandbox.company.delivery
    for number in range(100):
        delivery.add(f"a{number:04}", delivery.to_s3("norrpost-raw", "a/"))
    sandbox.faults.add("503", service="firehose", operation="DescribeDeliveryStream", count=None)
    calls = Calls()
    with pytest.raises(UnavailableError):
        list(reader_of(calls=calls, threads=2).read(PIPELINES))
    assert calls.counts()[DESCRIBE] < 15


def test_expired_keys_end_the_reading(sandbox: Sandbox, reader_of: ReaderMaker) -> None:
    sandbox.faults.add("expired-token", service="firehose", operation="DescribeDeliveryStream", count=None)
    with pytest.raises(AuthenticationError):
        list(reader_of().read(PIPELINES))


@pytest.mark.parametrize("change", [{"DeliveryStreamType": None}, {"Destinations": {}}, {"HasMoreDestinations": True}])
def test_another_shape_costs_the_delivery_stream(
    sandbox: Sandbox, reader_of: ReaderMaker, change: dict[str, Any]
) -> None:
    sandbox.company.delivery.stream("device-logs").row.update(change)
    found = list(reader_of().read(PIPELINES))
    assert [failed.reference.name for failed in of(Failed, found)] == ["device-logs"]
    assert len(names(found)) == 4


def test_what_is_asked_for_by_name_is_there_gone_or_can_not_be_told(sandbox: Sandbox, reader_of: ReaderMaker) -> None:
    there = Reference(EntityType.PIPELINE, ("hoses", "device-logs"))
    gone = Reference(EntityType.PIPELINE, ("hoses", "none"))
    assert reader_of().exists(there)
    assert not reader_of().exists(gone)
    with pytest.raises(PermissionDeniedError):
        reader_of(LIST).exists(gone)
