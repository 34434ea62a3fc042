"""Some messages of a stream: the oldest that it keeps and the newest, of several shards, within bounds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from ingest_assets.errors import AuthenticationError, InvalidAnswerError, RemoteError
from ingest_assets.sources.aws import AwsSession
from ingest_assets.sources.kinesis.records import Limits, SchemaOf, messages
from ingest_assets.sources.kinesis.shapes import Shard

_EMPTY_ANSWERS = 20
"""Answers without a record that one shard may give: a stream may have data behind many empty ones."""

_RECENT = (timedelta(minutes=5), timedelta(hours=1), timedelta(days=1))
"""How far back the newest records are looked for, one after the other; Kinesis can't be read backwards."""


@dataclass(frozen=True)
class SampleBounds:
    """How much is read of each stream.

    Attributes:
        records: Messages at most.
        bytes: Bytes of messages at most, as UTF-8.
        seconds: For looking.
        shards: Shards that are looked into.
    """

    records: int = 50
    bytes: int = 256 * 1024
    seconds: float = 10.0
    shards: int = 4


def chosen(shards: Sequence[Shard], bounds: SampleBounds) -> tuple[Shard, ...]:
    """The shards that a sample looks into: the oldest, which may be closed, and such as take records."""
    oldest, most = shards[: bounds.shards // 2], bounds.shards
    candidates = (*oldest, *(shard for shard in shards if shard.is_open))
    return tuple({shard.shard_id: shard for shard in candidates}.values())[:most]


class Sampler:
    """Reads samples of streams. Safe to share among threads.

    Args:
        session: The run's AWS session.
        shards_of: Lists the shards of a stream.
        schema_of: The schema that a message's header names.
        bounds: How much is read.
        clock: Seconds, never going back.
        now: The present moment.
    """

    def __init__(
        self,
        session: AwsSession,
        shards_of: Callable[[str], Sequence[Shard]],
        schema_of: SchemaOf,
        bounds: SampleBounds,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
    ) -> None:
        self._session = session
        self._shards_of = shards_of
        self._schema_of = schema_of
        self._bounds = bounds
        self._clock = clock
        self._now = now

    def messages(self, stream: str) -> list[str]:
        """Messages of a stream, the oldest first; none where it holds none, or none was found in time.

        Raises:
            RemoteError: Its shards can't be listed, or some can't be read and the others hold no message.
        """
        sample = _Sample(self._bounds, self._clock() + self._bounds.seconds)
        shards = chosen(self._shards_of(stream), self._bounds)
        read_through = self._read_oldest(stream, shards, sample)
        newest = [shard for shard in shards if shard.is_open and shard.shard_id not in read_through]
        self._read_newest(stream, newest, sample)
        if sample.failed and not sample.found:
            raise next(iter(sample.failed.values()))
        return [text for _, text in sorted(sample.found.items())]

    def _read_oldest(self, stream: str, shards: Sequence[Shard], sample: _Sample) -> set[str]:
        """Fill half of the room, each shard its part of it; the shards that hold no more than that."""
        place, half = {"ShardIteratorType": "TRIM_HORIZON"}, (self._bounds.records + 1) // 2
        read_through = set()
        for left, shard in zip(range(len(shards), 0, -1), shards, strict=True):
            room = half - len(sample.found)
            most = len(sample.found) + max(1, room // left)
            if room > 0 and self._try(stream, shard, place, sample, most):
                read_through.add(shard.shard_id)
        return read_through

    def _read_newest(self, stream: str, shards: Sequence[Shard], sample: _Sample) -> None:
        """Fill the rest: what came lately, then further back."""
        for back in _RECENT:
            place = {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": self._now() - back}
            for left, shard in zip(range(len(shards), 0, -1), shards, strict=True):
                room = self._bounds.records - len(sample.found)
                if room > 0:
                    self._try(stream, shard, place, sample, len(sample.found) + max(1, room // left))

    def _try(self, stream: str, shard: Shard, place: dict[str, Any], sample: _Sample, most: int) -> bool:
        """Read one shard, unless it has failed before; it costs itself."""
        if shard.shard_id in sample.failed:
            return False
        try:
            return self._read(stream, shard, place, sample, most)
        except AuthenticationError:
            raise
        except RemoteError as error:
            sample.failed[shard.shard_id] = error
            return False

    def _read(self, stream: str, shard: Shard, place: dict[str, Any], sample: _Sample, most: int) -> bool:
        """Read records of one shard from a place on; whether it was read to its present end."""
        if self._is_over(sample, most):
            return False
        subject = f"{stream}/{shard.shard_id}"
        asked = {"StreamName": stream, "ShardId": shard.shard_id, **place}
        answer = self._session.call("kinesis", "GetShardIterator", subject, **asked)
        iterator, empty = answer.get("ShardIterator"), 0
        while iterator and empty < _EMPTY_ANSWERS:
            if self._is_over(sample, most):
                return False
            limit = most - len(sample.found)
            page = self._session.call("kinesis", "GetRecords", subject, ShardIterator=iterator, Limit=limit)
            records = page.get("Records")
            if not isinstance(records, list):
                raise InvalidAnswerError("the answer has no Records.", where=f"kinesis:GetRecords of {subject}")
            for record in records:
                if not isinstance(data := record.get("Data"), bytes):
                    raise InvalidAnswerError("a record has no Data.", where=f"kinesis:GetRecords of {subject}")
                sample.take(record, messages(data, Limits(), self._schema_of), most)
            empty = 0 if records else empty + 1
            if not page.get("MillisBehindLatest") and not records:
                return True
            iterator = page.get("NextShardIterator")
        return not iterator

    def _is_over(self, sample: _Sample, most: int) -> bool:
        return sample.is_full(most) or self._clock() >= sample.until


@dataclass
class _Sample:
    """What was found of one stream.

    Attributes:
        until: When looking ends.
        found: Messages by when they arrived, the sequence number of their record, and their place in it.
        failed: Shards that can't be read, and why.
    """

    bounds: SampleBounds
    until: float
    found: dict[tuple[float, int, str, int], str] = field(default_factory=dict)
    failed: dict[str, RemoteError] = field(default_factory=dict)
    size: int = 0

    def is_full(self, most: int) -> bool:
        """Whether so many were found, or the bytes are used up."""
        return len(self.found) >= most or self.size >= self.bounds.bytes

    def take(self, record: dict[str, Any], texts: Iterator[str], most: int) -> None:
        """Take the messages of a record, as long as there is room."""
        arrived = record.get("ApproximateArrivalTimestamp")
        moment = arrived.timestamp() if isinstance(arrived, datetime) else 0.0
        # Their order is that of numbers, though not all that speaks Kinesis's language has numbers only.
        number = str(record.get("SequenceNumber", ""))
        for place, text in enumerate(texts):
            if self.is_full(most):
                return
            key = (moment, len(number), number, place)
            if key not in self.found:
                self.found[key] = text
                self.size += len(text.encode())
