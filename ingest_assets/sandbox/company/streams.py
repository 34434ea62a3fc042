"""The company's Kinesis data streams as state: shards that split and merge, and records that age."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import Any, Literal

from ingest_assets.errors import NotFoundError, RejectedError

Mode = Literal["PROVISIONED", "ON_DEMAND"]
Status = Literal["CREATING", "DELETING", "ACTIVE", "UPDATING"]
Paging = Literal["token", "name"]

AWS_MANAGED_KEY = "alias/aws/kinesis"
HASH_KEYS = 2**128
METRICS = (
    "IncomingBytes",
    "IncomingRecords",
    "IteratorAgeMilliseconds",
    "OutgoingBytes",
    "OutgoingRecords",
    "ReadProvisionedThroughputExceeded",
    "WriteProvisionedThroughputExceeded",
)
_KIB = 1024
_SEQUENCE_BASE = 49 * 10**54  # sequence numbers of AWS have 56 digits and begin with 49


@dataclass(frozen=True)
class Record:
    """One record of a shard.

    Attributes:
        sequence_number: Grows along the shard; never used twice in a stream.
        data: The bytes as they were put.
        partition_key: Chose the shard.
        arrived: When the stream took it, in milliseconds.
    """

    sequence_number: int
    data: bytes = field(repr=False)
    partition_key: str
    arrived: datetime


@dataclass
class Shard:
    """One shard; closed ones are listed until their last record has aged out.

    Attributes:
        number: Part of its id.
        first_hash: Start of its hash keys.
        last_hash: End of its hash keys, included.
        opened: When it was made.
        starting: First sequence number it could hold.
        parent: The shard it came of.
        adjacent: The second one that it came of, after a merge.
        closed: When it was split or merged away.
        ending: Last sequence number, once closed.
        records: Oldest first.
        empty_pages: How many answers without records a reader gets before the first record, as on shards whose data
            lies far from where reading starts.
    """

    number: int
    first_hash: int
    last_hash: int
    opened: datetime
    starting: int
    parent: str | None = None
    adjacent: str | None = None
    closed: datetime | None = None
    ending: int | None = None
    records: list[Record] = field(default_factory=list)
    empty_pages: int = 0

    @property
    def shard_id(self) -> str:
        """As AWS numbers them."""
        return f"shardId-{self.number:012d}"


@dataclass(frozen=True)
class Consumer:
    """A registered consumer with enhanced fan-out."""

    name: str
    arn: str
    created: datetime
    status: str = "ACTIVE"


@dataclass
class Stream:
    """A data stream; its plain attributes may be set by tests at any time.

    Attributes:
        name: Its name.
        arn: Its ARN.
        created: When it was made.
        mode: Capacity mode.
        retention_hours: 24 to 8760.
        key_id: KMS key that encrypts it; None for no encryption.
        max_record_kib: 1024 to 10240.
        status: Only ``ACTIVE`` and ``UPDATING`` streams list their shards.
        tags: By key.
        metrics: Shard-level metrics of enhanced monitoring.
        shards: In the order of their numbers, closed ones included.
        consumers: By name.
    """

    name: str
    arn: str
    created: datetime
    mode: Mode = "PROVISIONED"
    retention_hours: int = 24
    key_id: str | None = None
    max_record_kib: int = _KIB
    status: Status = "ACTIVE"
    tags: dict[str, str] = field(default_factory=dict)
    metrics: tuple[str, ...] = ()
    shards: list[Shard] = field(default_factory=list)
    consumers: dict[str, Consumer] = field(default_factory=dict)
    _issued: int = 0

    def sequence(self, shard: int) -> int:
        """The next sequence number."""
        self._issued += 1
        return _SEQUENCE_BASE + int(self.created.timestamp()) * 10**40 + self._issued * 10**6 + shard

    def horizon(self, now: datetime) -> datetime:
        """What arrived before this is gone."""
        return max(self.created, now - timedelta(hours=self.retention_hours))

    def listed(self, now: datetime) -> list[Shard]:
        """The shards that are not expired."""
        horizon = self.horizon(now)
        return [shard for shard in self.shards if shard.closed is None or shard.closed >= horizon]

    def open_shards(self) -> list[Shard]:
        """Those that take records."""
        return [shard for shard in self.shards if shard.closed is None]

    def shard(self, shard_id: str) -> Shard:
        """One shard.

        Raises:
            NotFoundError: The stream has no such shard.
        """
        found = next((shard for shard in self.shards if shard.shard_id == shard_id), None)
        if found is None:
            raise NotFoundError(f"stream {self.name!r} has no shard {shard_id!r}", where="sandbox company")
        return found


class Streams:
    """All streams of one region, safe to read and change from several threads.

    Args:
        account: Twelve digits.
        region: Where they are; other regions are empty.
        now: Tells the time to everything that ages here.

    Attributes:
        now: Set it to let records, tokens and iterators age.
        limits: Calls a second that are served, by operation; empty serves any number. ``DOCUMENTED_LIMITS`` of the
            service's module are AWS's own.
        paging: How ``ListStreams`` goes on: ``token`` gives ``NextToken`` as AWS does, ``name`` gives only
            ``HasMoreStreams``, as AWS did before and emulators do.
        page: Most streams in a page.
    """

    def __init__(self, account: str, region: str, now: Callable[[], datetime] | None = None) -> None:
        self.account = account
        self.region = region
        self.lock = threading.RLock()
        self.now = now or (lambda: datetime.now(timezone.utc))
        self.limits: dict[str, int] = {}
        self.paging: Paging = "token"
        self.page = 100
        self._streams: dict[str, Stream] = {}

    def arn(self, name: str) -> str:
        """The ARN that a stream of this name has."""
        return f"arn:aws:kinesis:{self.region}:{self.account}:stream/{name}"

    def add(
        self,
        name: str,
        *,
        shards: int = 1,
        status: Status = "ACTIVE",
        created: datetime | None = None,
        tags: Mapping[str, str] | None = None,
        **facts: Any,
    ) -> Stream:
        """Add or replace a stream.

        Args:
            name: Its name.
            shards: How many it begins with; one that is ``CREATING`` has none yet.
            status: As of ``Stream``, like ``created`` and ``tags``.
            created: Now when None.
            tags: No tags when None.
            facts: Other attributes of ``Stream``, e.g. ``mode`` or ``retention_hours``.
        """
        moment = created or self.now().replace(microsecond=0)
        stream = Stream(name, self.arn(name), moment, status=status, tags=dict(tags or {}), **facts)
        if status != "CREATING":
            bounds = [HASH_KEYS * at // shards for at in range(shards + 1)]
            for first, end in pairwise(bounds):
                _open(stream, first, end - 1, stream.created)
        with self.lock:
            self._streams[name] = stream
        return stream

    def names(self) -> list[str]:
        """Names of all streams, sorted."""
        with self.lock:
            return sorted(self._streams)

    def stream(self, name: str) -> Stream:
        """One stream.

        Raises:
            NotFoundError: There is none of that name.
        """
        with self.lock:
            stream = self._streams.get(name)
        if stream is None:
            raise NotFoundError(f"the company has no stream {name!r}", where="sandbox company")
        return stream

    def find(self, name: str) -> Stream | None:
        """One stream; None when there is none of that name."""
        with self.lock:
            return self._streams.get(name)

    def drop(self, name: str) -> None:
        """Take a stream and its records away."""
        with self.lock:
            self.stream(name)
            del self._streams[name]

    def put(self, name: str, data: bytes, partition_key: str = "0", *, arrived: datetime | None = None) -> Record:
        """Put a record into the open shard that its partition key chooses.

        Args:
            name: The stream.
            data: The record's bytes.
            partition_key: 1 to 256 characters.
            arrived: Now when None; scenario and tests put old records oldest first.

        Raises:
            RejectedError: The record is larger than the stream takes, or older than the stream.
        """
        with self.lock:
            stream, moment = self.stream(name), arrived or self.now()
            if moment < stream.created:
                raise RejectedError("The record is older than the stream; give it created=.", where=f"stream {name}")
            if len(data) + len(partition_key.encode()) > stream.max_record_kib * _KIB:
                raise RejectedError(f"The record is larger than {stream.max_record_kib} KiB.", where=f"stream {name}")
            digest = hashlib.md5(partition_key.encode(), usedforsecurity=False).digest()
            hashed = int.from_bytes(digest, "big")
            shard = next(s for s in stream.open_shards() if s.first_hash <= hashed <= s.last_hash)
            record = Record(stream.sequence(shard.number), data, partition_key, _millis(moment))
            shard.records.append(record)
            return record

    def split(self, name: str, shard_id: str, *, at: datetime | None = None) -> tuple[Shard, Shard]:
        """Split an open shard in two halves; it stays listed, closed, as long as its records are kept."""
        with self.lock:
            stream = self.stream(name)
            parent, moment = stream.shard(shard_id), at or self.now()
            _close(stream, parent, moment)
            middle = (parent.first_hash + parent.last_hash + 1) // 2
            left = _open(stream, parent.first_hash, middle - 1, moment, parent.shard_id)
            right = _open(stream, middle, parent.last_hash, moment, parent.shard_id)
            return left, right

    def merge(self, name: str, shard_id: str, adjacent_id: str, *, at: datetime | None = None) -> Shard:
        """Merge two open shards whose hash keys adjoin.

        Raises:
            RejectedError: They don't adjoin.
        """
        with self.lock:
            stream = self.stream(name)
            left, right = sorted((stream.shard(shard_id), stream.shard(adjacent_id)), key=lambda s: s.first_hash)
            if left.last_hash + 1 != right.first_hash:
                raise RejectedError(f"{shard_id} and {adjacent_id} don't adjoin.", where=f"stream {name}")
            moment = at or self.now()
            _close(stream, left, moment)
            _close(stream, right, moment)
            return _open(stream, left.first_hash, right.last_hash, moment, shard_id, adjacent_id)

    def register_consumer(self, name: str, consumer: str, *, created: datetime | None = None) -> Consumer:
        """Register a consumer with enhanced fan-out."""
        with self.lock:
            stream = self.stream(name)
            moment = created or self.now().replace(microsecond=0)
            arn = f"{stream.arn}/consumer/{consumer}:{int(moment.timestamp())}"
            registered = Consumer(consumer, arn, moment)
            stream.consumers[consumer] = registered
            return registered


def _millis(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _open(
    stream: Stream, first: int, last: int, moment: datetime, parent: str | None = None, adjacent: str | None = None
) -> Shard:
    number = len(stream.shards)
    shard = Shard(number, first, last, moment, stream.sequence(number), parent, adjacent)
    stream.shards.append(shard)
    return shard


def _close(stream: Stream, shard: Shard, moment: datetime) -> None:
    if shard.closed is not None:
        raise RejectedError(f"{shard.shard_id} is closed already.", where=f"stream {stream.name}")
    shard.closed, shard.ending = moment, stream.sequence(shard.number)
