"""Samples of streams: several shards, the oldest and the newest, within every bound."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from ingest_assets.calls import Calls
from ingest_assets.errors import PermissionDeniedError, UnavailableError
from ingest_assets.sandbox.aws.identity import Principal
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.sources.kinesis.conftest import SamplerMaker

NOW = datetime.now(timezone.utc)


@pytest.fixture
def streams(sandbox: Sandbox) -> Sandbox:
    sandbox.company.streams.add("events", shards=2, created=NOW - timedelta(hours=20))
    return sandbox


def put(sandbox: Sandbox, number: int, ago: timedelta, name: str = "events", text: str = "") -> None:
    data = (text or f"event {number}").encode()
    sandbox.company.streams.put(name, data, f"key-{number}", arrived=NOW - ago)


def test_oldest_and_newest_are_shown_of_a_stream_that_holds_more_than_is_asked_for(
    streams: Sandbox, sampler_of: SamplerMaker
) -> None:
    for number in range(300):
        put(streams, number, timedelta(hours=10) - timedelta(minutes=2) * number)
    found = sampler_of(records=20).messages("events")
    numbers = [int(text.split()[1]) for text in found]
    assert len(found) == 20
    assert numbers == sorted(numbers)
    assert min(numbers) < 20
    assert max(numbers) > 260


def test_messages_of_all_shards_are_shown(streams: Sandbox, sampler_of: SamplerMaker) -> None:
    for number in range(30):
        put(streams, number, timedelta(minutes=100 - number))
    shards = streams.company.streams.stream("events").shards
    assert all(shard.records for shard in shards)
    assert len(sampler_of().messages("events")) == 30


def test_what_lies_behind_empty_answers_is_found(streams: Sandbox, sampler_of: SamplerMaker) -> None:
    put(streams, 1, timedelta(hours=1))
    for shard in streams.company.streams.stream("events").shards:
        shard.empty_pages = 5
    assert sampler_of().messages("events") == ["event 1"]


def test_an_empty_stream_has_no_messages_and_few_calls(streams: Sandbox, sampler_of: SamplerMaker) -> None:
    calls = Calls()
    assert sampler_of(calls=calls).messages("events") == []
    assert calls.counts()["kinesis:GetRecords"] <= 4


def test_bytes_are_bounded(streams: Sandbox, sampler_of: SamplerMaker) -> None:
    for number in range(100):
        put(streams, number, timedelta(minutes=number + 1), text="x" * 1000)
    found = sampler_of(records=100, bytes=10_000).messages("events")
    assert 1 <= len(found) <= 11


@pytest.mark.parametrize("records", [1, 2, 3, 5, 9])
def test_records_are_bounded_where_there_are_more_shards(
    sandbox: Sandbox, sampler_of: SamplerMaker, records: int
) -> None:
    sandbox.company.streams.add("wide", shards=8, created=NOW - timedelta(hours=2))
    for number in range(60):
        put(sandbox, number, timedelta(minutes=60 - number), "wide")
    assert len(sampler_of(records=records, shards=8).messages("wide")) == records


def test_a_shard_that_can_not_be_read_costs_its_own_messages(streams: Sandbox, sampler_of: SamplerMaker) -> None:
    for number in range(30):
        put(streams, number, timedelta(minutes=100 - number))
    first, second = (len(shard.records) for shard in streams.company.streams.stream("events").shards)
    streams.faults.add("500", service="kinesis", operation="GetRecords", count=1)
    assert len(sampler_of().messages("events")) == second < first + second
    streams.faults.add("500", service="kinesis", operation="GetRecords", count=None)
    with pytest.raises(UnavailableError, match="GetRecords"):
        sampler_of().messages("events")


def test_time_is_bounded(streams: Sandbox, sampler_of: SamplerMaker) -> None:
    put(streams, 1, timedelta(minutes=1))
    calls = Calls()
    # The clock of these tests stands still: no second is left from the start.
    assert sampler_of(calls=calls, seconds=0).messages("events") == []
    assert "kinesis:GetRecords" not in calls.counts()


def test_shards_are_bounded(sandbox: Sandbox, sampler_of: SamplerMaker) -> None:
    sandbox.company.streams.add("wide", shards=30, created=NOW - timedelta(hours=2))
    calls = Calls()
    sampler_of(calls=calls, shards=3).messages("wide")
    assert calls.counts()["kinesis:GetShardIterator"] <= 9


def test_closed_shards_give_their_records_too(streams: Sandbox, sampler_of: SamplerMaker) -> None:
    for number in range(10):
        put(streams, number, timedelta(hours=5))
    first = streams.company.streams.stream("events").shards[0]
    streams.company.streams.split("events", f"shardId-{first.number:012}", at=NOW - timedelta(hours=4))
    put(streams, 99, timedelta(minutes=1))
    assert len(sampler_of().messages("events")) == 11


def test_records_are_taken_apart_and_framed_ones_read_by_their_schema(sampler_of: SamplerMaker) -> None:
    clicks, orders = sampler_of().messages("clicks"), sampler_of().messages("orders")
    assert len(clicks) > 20
    assert all(text.startswith('{"event_id"') for text in clicks)
    assert all(text.startswith('{"order_id"') for text in orders)


def test_a_stream_that_may_not_be_decrypted_says_so(documented: Principal, sampler_of: SamplerMaker) -> None:
    with pytest.raises(PermissionDeniedError, match="kms:Decrypt"):
        sampler_of(documented).messages("payments")
