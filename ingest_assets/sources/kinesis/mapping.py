"""From what Kinesis says of a stream to a topic. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timezone
from typing import NamedTuple

from ingest_assets.catalog import MessageSchema, Topic
from ingest_assets.sources.aws_tags import AwsTags
from ingest_assets.sources.kinesis.shapes import StreamSummary

_HOUR = 3_600_000  # milliseconds
_KIB = 1024
_DEFAULT_RECORD = 1024  # KiB, the limit of all streams before it could be set


class Besides(NamedTuple):
    """What is asked for besides the stream itself.

    Attributes:
        tags: None: not asked for, or not known.
        consumers: Names of registered consumers; None: not asked for.
        schema: From a schema registry.
        unknown: Attributes of the topic that could not be read this time.
    """

    tags: AwsTags | None = None
    consumers: Sequence[str] | None = None
    schema: MessageSchema | None = None
    unknown: frozenset[str] = frozenset()


def to_topic(
    path: tuple[str, ...], summary: StreamSummary, open_shards: int, besides: Besides, source_url: str | None
) -> Topic:
    """A stream as a topic.

    Args:
        path: Service and name.
        summary: What Kinesis says of it.
        open_shards: How many take records.
        besides: What else is known.
        source_url: Its page in the console.
    """
    record = summary.max_record_size_in_ki_b or _DEFAULT_RECORD
    return Topic(
        path=path,
        partitions=open_shards,
        retention_time=float(summary.retention_period_hours * _HOUR),
        maximum_message_size=record * _KIB,
        message_schema=besides.schema,
        config=_config(summary, besides.consumers),
        owners=besides.tags.owners if besides.tags else None,
        labels=besides.tags.labels if besides.tags else None,
        source_url=source_url,
        unknown=besides.unknown,
    )


def _config(summary: StreamSummary, consumers: Sequence[str] | None) -> dict[str, object]:
    """What OpenMetadata has no property for. Nothing that changes by itself: each change would be a version."""
    made, mode = summary.stream_creation_timestamp, summary.stream_mode_details
    told: dict[str, object | None] = {
        "streamARN": summary.stream_arn,
        "streamMode": mode.stream_mode if mode else None,
        "encryptionType": summary.encryption_type,
        "keyId": summary.key_id,
        "createdAt": made.astimezone(timezone.utc).isoformat(timespec="seconds") if made else None,
        "consumers": sorted(consumers) if consumers else None,
    }
    return {name: value for name, value in told.items() if value is not None}
