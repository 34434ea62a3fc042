"""Streams as topics: what is read, what a missing permission costs, and that no listing runs for ever."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import TypeVar

import pytest

from ingest_assets.calls import Calls
from ingest_assets.catalog import EntityType, Failed, Filtered, Finding, Health, Note, Reference, Scope, Topic, Word
from ingest_assets.errors import InvalidAnswerError, PermissionDeniedError
from ingest_assets.sandbox.aws.identity import Principal
from ingest_assets.sandbox.server import KINESIS_ACTIONS, Sandbox
from ingest_assets_tests.sources.kinesis.conftest import ACCOUNT, SourceMaker

TOPICS = Scope(EntityType.TOPIC, ("streams",))
CLICKS = f"arn:aws:kinesis:eu-north-1:{ACCOUNT}:stream/clicks"
AVRO = json.dumps({"type": "record", "name": "Click", "fields": [{"name": "id", "type": "string", "doc": "Its id"}]})

KindT = TypeVar("KindT")


def of(kind: type[KindT], findings: Iterable[Finding]) -> list[KindT]:
    return [found for found in findings if isinstance(found, kind)]


def topics(findings: Iterable[Finding]) -> dict[str, Topic]:
    return {topic.path[-1]: topic for topic in of(Topic, findings)}


def test_a_stream_becomes_a_topic_with_all_that_kinesis_says(sandbox: Sandbox, source_of: SourceMaker) -> None:
    streams = sandbox.company.streams
    streams.register_consumer("orders", "fraud-check")
    found = list(source_of().read(TOPICS))
    orders, payments = topics(found)["orders"], topics(found)["payments"]
    assert orders.partitions == sum(shard.closed is None for shard in streams.stream("orders").shards)
    assert orders.retention_time == streams.stream("orders").retention_hours * 3_600_000
    assert orders.maximum_message_size == 1_048_576
    assert payments.maximum_message_size == 10 * 1_048_576
    assert orders.owners == ("omar.haddad",)
    assert {label.fqn for label in orders.labels or ()} == {"env.prod", "team.shop"}
    assert orders.config["streamARN"] == f"arn:aws:kinesis:eu-north-1:{ACCOUNT}:stream/orders"
    assert "fraud-check" in orders.config["consumers"]  # type: ignore[operator]  # a list of names
    assert payments.config["streamMode"] == "ON_DEMAND"
    assert (orders.config["encryptionType"], "keyId" in payments.config) == ("KMS", True)
    assert orders.source_url == (
        "https://eu-north-1.console.aws.amazon.com/kinesis/home?region=eu-north-1#/streams/details/orders/monitoring"
    )
    assert orders.message_schema is not None
    assert orders.message_schema.type == "Avro"
    assert orders.message_schema.fields


def test_closed_shards_are_no_partitions(sandbox: Sandbox, source_of: SourceMaker) -> None:
    streams = sandbox.company.streams
    shards = streams.stream("clicks").shards
    assert any(shard.closed for shard in shards)
    opened = topics(source_of().read(TOPICS))["clicks"].partitions
    assert opened == sum(shard.closed is None for shard in shards) < len(shards)


def test_a_stream_to_which_nobody_can_write_is_told(sandbox: Sandbox, source_of: SourceMaker) -> None:
    source = source_of()
    (well,) = of(Health, source.read(TOPICS))
    assert (well.about, well.known, well.unwell) == ("streams_writable", len(sandbox.company.streams.names()), 0)
    shut = sandbox.company.streams.add("shut")
    for shard in shut.shards:
        shard.closed, shard.ending = shard.opened, shard.starting
    try:
        (told,) = of(Health, source.read(TOPICS))
    finally:
        sandbox.company.streams.drop("shut")
    assert (told.known, told.unwell, told.examples) == (well.known + 1, 1, ("shut",))


def test_each_stream_is_asked_about_once_and_filtered_ones_not_at_all(source_of: SourceMaker) -> None:
    calls = Calls()
    found = list(source_of(calls=calls, topic_filter=lambda name: name != "clicks").read(TOPICS))
    kept = len(topics(found))
    assert [filtered.reference.name for filtered in of(Filtered, found)] == ["clicks"]
    assert "clicks" not in topics(found)
    assert calls.counts()["kinesis:ListStreams"] == calls.counts()["glue:ListSchemas"] == 1
    per_stream = ("DescribeStreamSummary", "ListShards", "ListTagsForStream")
    assert {calls.counts()[f"kinesis:{operation}"] for operation in per_stream} == {kept}


def test_tags_are_words_and_labels_but_for_those_of_aws(sandbox: Sandbox, source_of: SourceMaker) -> None:
    tags = {"aws:cloudformation:stack-name": "x", "Zone": "", "Owner": "a@b.example, lena", "a.b": "c::d"}
    sandbox.company.streams.add("tagged", tags=tags)
    found = list(source_of().read(TOPICS))
    topic = topics(found)["tagged"]
    assert topic.owners == ("a@b.example", "lena")
    assert {label.fqn for label in topic.labels or ()} == {"Zone.Zone", '"a.b".c__reserved__colon__d'}
    words = {word.path for word in of(Word, found)}
    assert {("Zone",), ("Zone", "Zone"), ("a.b",), ("a.b", "c::d")} <= words
    assert not [path for path in words if path[0].startswith("aws:")]


def test_without_tags_asked_for_nothing_is_said_of_them(source_of: SourceMaker) -> None:
    calls = Calls()
    found = list(source_of(calls=calls, include_tags=False).read(TOPICS))
    assert {topic.labels for topic in of(Topic, found)} == {None}
    assert "kinesis:ListTagsForStream" not in calls.counts()


def test_with_the_policy_of_the_page_all_topics_arrive_and_each_other_permission_is_one_note(
    documented: Principal, source_of: SourceMaker
) -> None:
    found = list(source_of(documented).read(TOPICS))
    assert of(Failed, found) == []
    assert {"clicks", "orders", "payments", "parcels.scans"} <= topics(found).keys()
    assert {(topic.labels, topic.owners, topic.message_schema) for topic in of(Topic, found)} == {(None, None, None)}
    notes = [note.text for note in of(Note, found)]
    actions = ("kinesis:ListTagsForStream", "kinesis:ListStreamConsumers", "glue:ListSchemas")
    assert [sum(action in note for note in notes) for action in actions] == [1, 1, 1]
    assert len(notes) == len(actions)


def test_a_permission_that_is_missing_is_not_asked_for_stream_by_stream(
    sandbox: Sandbox, documented: Principal, source_of: SourceMaker
) -> None:
    for number in range(40):
        sandbox.company.streams.add(f"more-{number}")
    calls = Calls()
    found = list(source_of(documented, calls, threads=1).read(TOPICS))
    assert len(topics(found)) > 40
    assert calls.counts()["kinesis:ListTagsForStream"] == 3


def test_liststreams_denied_ends_the_reading_after_one_call(sandbox: Sandbox, source_of: SourceMaker) -> None:
    calls = Calls()
    nobody = sandbox.aws.identities.add_principal("nobody", ["sts:*"], account=ACCOUNT)
    with pytest.raises(PermissionDeniedError, match="kinesis:ListStreams"):
        list(source_of(nobody, calls).read(TOPICS))
    assert calls.counts() == {"kinesis:ListStreams": 1}


def test_listshards_denied_for_one_stream_costs_that_stream(sandbox: Sandbox, source_of: SourceMaker) -> None:
    others = (f"kinesis:ListShards on arn:aws:kinesis:*:*:stream/{name}" for name in ("orders", "payments"))
    grants = [*(KINESIS_ACTIONS - {"kinesis:ListShards"}), *others]
    who = sandbox.aws.identities.add_principal("some", grants, account=ACCOUNT)
    keeps = {"clicks", "orders", "payments"}
    found = list(source_of(who, topic_filter=keeps.__contains__).read(TOPICS))
    assert topics(found).keys() == {"orders", "payments"}
    (failed,) = of(Failed, found)
    assert failed.reference.name == "clicks"
    assert "kinesis:ListShards" in failed.reason


@pytest.mark.parametrize("paging", ["token", "name"])
def test_150_streams_are_150_topics(sandbox: Sandbox, source_of: SourceMaker, paging: str) -> None:
    sandbox.company.streams.paging = paging  # type: ignore[assignment]  # one of the two words
    for number in range(150):
        sandbox.company.streams.add(f"many-{number:03}")
    calls = Calls()
    found = topics(source_of(calls=calls, topic_filter=lambda name: name.startswith("many-")).read(TOPICS))
    assert len(found) == 150
    assert calls.counts()["kinesis:ListStreams"] == 2


def test_a_listing_that_goes_round_in_circles_ends(sandbox: Sandbox, source_of: SourceMaker) -> None:
    for number in range(150):
        sandbox.company.streams.add(f"many-{number:03}")
    calls = Calls()
    sandbox.faults.add("loop-token", service="kinesis", operation="ListStreams", count=None)
    with pytest.raises(InvalidAnswerError, match="circles"):
        list(source_of(calls=calls).read(TOPICS))
    assert calls.counts()["kinesis:ListStreams"] <= 3


def test_more_shards_than_a_page_holds_are_all_counted(sandbox: Sandbox, source_of: SourceMaker) -> None:
    sandbox.company.streams.add("wide", shards=1200)
    calls = Calls()
    found = topics(source_of(calls=calls, topic_filter="wide".__eq__).read(TOPICS))
    assert found["wide"].partitions == 1200
    assert calls.counts()["kinesis:ListShards"] == 2


@pytest.mark.parametrize("arn", ["stream/odd", "arn:aws:kinesis"])
def test_an_arn_that_is_none_costs_its_stream(sandbox: Sandbox, source_of: SourceMaker, arn: str) -> None:
    sandbox.company.streams.add("odd")
    sandbox.company.streams.stream("odd").arn = arn
    found = list(source_of().read(TOPICS))
    assert [failed.reference.name for failed in of(Failed, found)] == ["odd"]
    assert {"clicks", "orders", "payments"} <= topics(found).keys()


def test_streams_that_come_and_go_are_left_out_and_never_gone(sandbox: Sandbox, source_of: SourceMaker) -> None:
    sandbox.company.streams.add("coming", status="CREATING")
    sandbox.company.streams.add("going", status="DELETING")
    found = list(source_of().read(TOPICS))
    reasons = {filtered.reference.name: filtered.reason for filtered in of(Filtered, found)}
    assert reasons == {"coming": "it is being created", "going": "it is being deleted"}


def test_what_is_asked_for_besides_and_fails_leaves_what_is_known(sandbox: Sandbox, source_of: SourceMaker) -> None:
    sandbox.faults.add("500", service="kinesis", operation="ListTagsForStream", match="clicks", count=None)
    sandbox.faults.add("500", service="glue", operation="GetSchemaVersion", count=None)
    found = list(source_of().read(TOPICS))
    clicks, orders = topics(found)["clicks"], topics(found)["orders"]
    assert {"labels", "owners"} <= clicks.unknown
    assert "message_schema" in orders.unknown
    assert orders.labels
    assert any("could not be read" in note.text for note in of(Note, found))


def test_a_service_that_answers_nothing_about_streams_is_given_up(sandbox: Sandbox, source_of: SourceMaker) -> None:
    for number in range(40):
        sandbox.company.streams.add(f"more-{number}")
    calls = Calls()
    sandbox.faults.add("500", service="kinesis", operation="DescribeStreamSummary", count=None)
    with pytest.raises(Exception, match="DescribeStreamSummary"):
        list(source_of(calls=calls, threads=2).read(TOPICS))
    assert calls.counts()["kinesis:DescribeStreamSummary"] < 20


def test_existence_is_told_by_name_and_never_guessed(
    sandbox: Sandbox, documented: Principal, source_of: SourceMaker
) -> None:
    source = source_of(documented)
    assert source.exists(Reference(EntityType.TOPIC, ("streams", "clicks")))
    assert not source.exists(Reference(EntityType.TOPIC, ("streams", "gone")))
    nobody = sandbox.aws.identities.add_principal("nobody", ["sts:*"], account=ACCOUNT)
    with pytest.raises(PermissionDeniedError):
        source_of(nobody).exists(Reference(EntityType.TOPIC, ("streams", "clicks")))


def test_a_schema_is_taken_by_the_streams_name_and_two_of_that_name_are_told(
    sandbox: Sandbox, source_of: SourceMaker
) -> None:
    sandbox.company.schemas.add_registry("second")
    sandbox.company.schemas.add_registry("third")
    sandbox.company.schemas.register("clicks", AVRO, data_format="AVRO", registry="second")
    found = list(source_of(schema_registries=("second",)).read(TOPICS))
    clicks = topics(found)["clicks"]
    assert clicks.message_schema is not None
    (record,) = clicks.message_schema.fields
    assert [(field.name, field.description) for field in record.children] == [("id", "Its id")]
    assert topics(found)["orders"].message_schema is None
    sandbox.company.schemas.register("clicks", AVRO, data_format="AVRO", registry="third")
    again = list(source_of(schema_registries=("second", "third")).read(TOPICS))
    assert topics(again)["clicks"].message_schema is None
    assert any("Several schemas are called clicks" in note.text for note in of(Note, again))


@pytest.mark.parametrize("registries", [(), ("nowhere",)])
def test_registries_that_can_not_be_listed_are_not_asked_for_stream_by_stream(
    sandbox: Sandbox, source_of: SourceMaker, registries: tuple[str, ...]
) -> None:
    for number in range(40):
        sandbox.company.streams.add(f"more-{number}")
    if not registries:
        sandbox.faults.add("500", service="glue", operation="ListSchemas", count=None)
    calls = Calls()
    found = topics(source_of(calls=calls, schema_registries=registries).read(TOPICS))
    assert len(found) > 40
    assert all("message_schema" in topic.unknown for topic in found.values())
    assert calls.counts()["glue:ListSchemas"] == 1


def test_a_second_reading_finds_the_same_words_in_the_same_order(source_of: SourceMaker) -> None:
    first, second = (
        Counter(found.model_dump_json() for found in source_of().read(TOPICS) if not isinstance(found, Scope))
        for _ in range(2)
    )
    assert first == second


def test_a_stream_that_was_made_in_another_time_zone_is_told_in_utc(sandbox: Sandbox, source_of: SourceMaker) -> None:
    made = datetime(2026, 11, 1, 12, tzinfo=timezone(timedelta(hours=5)))
    sandbox.company.streams.add("dated", created=made)
    assert topics(source_of().read(TOPICS))["dated"].config["createdAt"] == "2026-11-01T07:00:00+00:00"
