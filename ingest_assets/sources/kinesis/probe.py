"""Tries each permission that a Kinesis recipe needs, and those that would show more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest_assets.sources.aws import AwsSession
from ingest_assets.sources.aws_probing import try_call
from ingest_assets.sources.kinesis.source import KinesisSettings
from ingest_assets.sources.probing import ProbeStep


def probe(session: AwsSession, settings: KinesisSettings, *, samples: bool) -> Iterator[ProbeStep]:
    """Try every permission with the smallest call that needs it.

    Args:
        session: The run's.
        settings: The recipe's.
        samples: Whether the recipe asks for sample messages.

    Raises:
        AuthenticationError: The credentials are refused; nothing else can be told.
        DeadlineExceededError: The run's time is over.
    """
    step, answer = try_call(session, "kinesis", "ListStreams", "the account", {})
    yield step
    stream = next(filter(settings.topic_filter, answer.get("StreamNames", [])), None)
    if stream is None:
        yield ProbeStep(
            "kinesis:DescribeStreamSummary", granted=None, detail="not tried: no stream was seen that the recipe keeps"
        )
    else:
        yield from _probe_stream(session, settings, stream, samples=samples)
    where: dict[str, Any] = {"MaxResults": 1}
    yield _more(try_call(session, "glue", "ListSchemas", "all registries", where)[0], "schemas of messages")
    if settings.firehose_service is not None:
        step, answer = try_call(session, "firehose", "ListDeliveryStreams", "the account", {"Limit": 1})
        yield step
        name = next(iter(answer.get("DeliveryStreamNames", [])), None)
        if name is not None:
            asked = {"DeliveryStreamName": name}
            yield try_call(session, "firehose", "DescribeDeliveryStream", name, asked)[0]
            tags = try_call(session, "firehose", "ListTagsForDeliveryStream", name, asked)[0]
            yield _more(tags, "tags of delivery streams")


def _probe_stream(session: AwsSession, settings: KinesisSettings, stream: str, *, samples: bool) -> Iterator[ProbeStep]:
    named = {"StreamName": stream}
    step, answer = try_call(session, "kinesis", "DescribeStreamSummary", stream, named)
    yield step
    step, listed = try_call(session, "kinesis", "ListShards", stream, {**named, "MaxResults": 1})
    yield step
    shards = [shard["ShardId"] for shard in listed.get("Shards", []) if "ShardId" in shard]
    if samples and shards:
        place = {**named, "ShardId": shards[0], "ShardIteratorType": "TRIM_HORIZON"}
        step, found = try_call(session, "kinesis", "GetShardIterator", f"{stream}/{shards[0]}", place)
        yield step
        if iterator := found.get("ShardIterator"):
            asked = {"ShardIterator": iterator, "Limit": 1}
            yield try_call(session, "kinesis", "GetRecords", f"{stream}/{shards[0]}", asked)[0]
    if settings.include_tags:
        yield _more(try_call(session, "kinesis", "ListTagsForStream", stream, named)[0], "tags and owners")
    arn = answer.get("StreamDescriptionSummary", {}).get("StreamARN")
    if arn:
        asked_for = {"StreamARN": arn, "MaxResults": 1}
        yield _more(try_call(session, "kinesis", "ListStreamConsumers", stream, asked_for)[0], "consumers")


def _more(step: ProbeStep, shows: str) -> ProbeStep:
    detail = step.detail if step.granted else f"would show {shows}; {step.detail}"
    return step._replace(required=False, detail=detail)
