"""The Kinesis connector against three servers: what holds on all of them is no habit of one."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from ingest_assets.calls import Calls
from ingest_assets.catalog import EntityType, Failed, Reference, Scope, Topic
from ingest_assets.sources.aws import AwsCredentials, AwsSession
from ingest_assets.sources.kinesis.source import KinesisSettings, KinesisSource
from ingest_assets_tests.foreign.grounds import ACCOUNT, REGION, Ground, kinesalite, moto, ours
from ingest_assets_tests.sources.kinesis.conftest import hurried

TOPICS = Scope(EntityType.TOPIC, ("streams",))

pytestmark = pytest.mark.foreign


@pytest.fixture(params=[ours, moto, kinesalite], ids=lambda make: make.__name__)
def ground(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    make: Callable[[], AbstractContextManager[Ground]] = request.param
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    with make() as made:
        monkeypatch.setenv("AWS_ENDPOINT_URL", made.endpoint)
        yield made


def source_of(ground: Ground, calls: Calls | None = None) -> KinesisSource:
    key_id, secret = ground.key
    credentials = AwsCredentials(REGION, key_id, secret, endpoint_url=ground.endpoint)
    session = AwsSession(credentials, calls or Calls(), service="kinesis", attempts=2, pace=hurried())
    return KinesisSource(KinesisSettings("streams"), session)


def read(source: KinesisSource) -> dict[str, Topic]:
    found = list(source.read(TOPICS))
    assert [failed for failed in found if isinstance(failed, Failed)] == []
    return {topic.path[-1]: topic for topic in found if isinstance(topic, Topic)}


def test_150_streams_are_150_topics(ground: Ground) -> None:
    for number in range(150):
        ground.make(f"many-{number:03}")
    calls = Calls()
    found = read(source_of(ground, calls))
    assert len(found) == 150
    assert 2 <= calls.counts()["kinesis:ListStreams"] <= 16


def test_a_topic_has_open_shards_retention_and_arn(ground: Ground) -> None:
    ground.make("orders", shards=3)
    orders = read(source_of(ground))["orders"]
    assert (orders.partitions, orders.retention_time, orders.maximum_message_size) == (3, 86_400_000, 1_048_576)
    arn = str(orders.config["streamARN"])
    assert arn.startswith("arn:aws:kinesis:")
    assert arn.endswith(":stream/orders")
    assert orders.source_url is not None


def test_a_shard_that_was_split_is_no_partition_any_more(ground: Ground) -> None:
    ground.make("orders", shards=2)
    ground.split("orders")
    assert read(source_of(ground))["orders"].partitions == 3


def test_an_account_without_streams_has_no_topics(ground: Ground) -> None:
    assert read(source_of(ground)) == {}


def test_what_is_gone_is_told_from_what_is_there(ground: Ground) -> None:
    ground.make("orders")
    ground.make("clicks")
    ground.drop("clicks")
    source = source_of(ground)
    assert read(source).keys() == {"orders"}
    assert source.exists(Reference(EntityType.TOPIC, ("streams", "orders")))
    assert not source.exists(Reference(EntityType.TOPIC, ("streams", "clicks")))


def test_records_come_back_byte_for_byte(ground: Ground) -> None:
    ground.make("events", shards=2)
    packed = zlib.compressobj(wbits=31)
    sent = {
        "a": (b'{"id": 1}', '{"id": 1}'),
        "b": ("ärende".encode(), "ärende"),
        "c": (b"\xff\x00\xfe", '{"base64": "/wD+"}'),
        "d": (packed.compress(b"packed") + packed.flush(), "packed"),
        # What looks like base64 is what it is.
        "e": (b"eyJpZCI6IDF9", "eyJpZCI6IDF9"),
    }
    for key, (data, _) in sent.items():
        ground.put("events", data, key)
    source = source_of(ground)
    assert sorted(source.samples(Reference(EntityType.TOPIC, ("streams", "events")))) == sorted(
        text for _, text in sent.values()
    )


def test_the_account_is_told_by_the_streams(ground: Ground) -> None:
    ground.make("orders")
    source = source_of(ground)
    read(source)
    told = source.identity() or ""
    assert told.endswith(f"in {REGION}")
    assert ACCOUNT in told or "000000000000" in told
