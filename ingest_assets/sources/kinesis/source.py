"""Kinesis as a source: its streams as topics, and Firehose's delivery streams as pipelines beside them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from ingest_assets.catalog import (
    EntityType,
    Failed,
    Filtered,
    Finding,
    Health,
    MessagingService,
    Note,
    PipelineService,
    Reference,
    Scope,
    Service,
)
from ingest_assets.errors import (
    AuthenticationError,
    InvalidAnswerError,
    NotFoundError,
    PermissionDeniedError,
    RemoteError,
)
from ingest_assets.sources.aws import AwsSession, Pace, Rate
from ingest_assets.sources.aws_tags import AwsTags, read_tags
from ingest_assets.sources.kinesis import listings
from ingest_assets.sources.kinesis.console import KinesisConsole
from ingest_assets.sources.kinesis.firehose import FirehoseReader
from ingest_assets.sources.kinesis.mapping import Besides, to_topic
from ingest_assets.sources.kinesis.registry import SchemaRegistry
from ingest_assets.sources.kinesis.sampling import SampleBounds, Sampler, chosen
from ingest_assets.sources.kinesis.shapes import Shard, StreamSummary
from ingest_assets.sources.one_by_one import read_each
from ingest_assets.sources.optional import Optional, Unread

T = TypeVar("T")
ShapeT = TypeVar("ShapeT", bound=BaseModel)

RATES = {
    "kinesis:ListStreams": Rate(5),
    "kinesis:DescribeStreamSummary": Rate(20),
    "kinesis:ListShards": Rate(1000, of="subject"),
    "kinesis:ListTagsForStream": Rate(5),
    "kinesis:ListStreamConsumers": Rate(5),
    "kinesis:GetShardIterator": Rate(5, of="subject"),
    "kinesis:GetRecords": Rate(5, of="subject"),
    "firehose:ListDeliveryStreams": Rate(5),
    "firehose:DescribeDeliveryStream": Rate(5),
    "firehose:ListTagsForDeliveryStream": Rate(5),
}
"""Calls a second, as AWS's quotas pages and the operations' own documentation give them."""

_COMING = "it is being created"
_GOING = "it is being deleted"
ABOUT = "streams_writable"
"""Name of what is told of the streams' health."""

_SHOWN = 20
_PASSING = {"CREATING": _COMING, "DELETING": _GOING}


def pace() -> Pace:
    """What keeps a run's calls below AWS's limits."""
    return Pace(RATES)


def _keep_all(_: str) -> bool:
    return True


@dataclass(frozen=True)
class KinesisSettings:
    """What a recipe says about Kinesis.

    Attributes:
        service: Name of the messaging service.
        topic_filter: Tells by name which streams are kept.
        include_tags: Whether tags are asked for.
        owner_tag: Tag that names the owner.
        schema_registries: Names of the registries that are looked into; empty: all.
        sample: How much is read of each stream where samples are asked for.
        firehose_service: Name of the pipeline service; None: Firehose is not read.
        firehose_filter: Tells by name which delivery streams are kept.
        threads: Streams asked about at once.
    """

    service: str
    topic_filter: Callable[[str], bool] = _keep_all
    include_tags: bool = True
    owner_tag: str = "owner"
    schema_registries: tuple[str, ...] = ()
    sample: SampleBounds = SampleBounds()  # noqa: RUF009  # immutable
    firehose_service: str | None = None
    firehose_filter: Callable[[str], bool] = _keep_all
    threads: int = 8


class KinesisSource:
    """Reads the streams of one account and region; any number of threads may read a scope each.

    Args:
        settings: From the recipe.
        session: The run's AWS session.
    """

    def __init__(self, settings: KinesisSettings, session: AwsSession) -> None:
        self._settings = settings
        self._session = session
        self._lock = threading.Lock()
        self._account: str | None = None
        self._unread = Unread("Of {} streams something could not be read, and stays as it was")
        self._open_shards: dict[str, int] = {}
        self._sampled: dict[str, tuple[Shard, ...]] = {}
        self._tags = Optional("kinesis:ListTagsForStream", "Tags of streams")
        # They stand among a topic's settings, of which a server keeps no part for itself.
        gone = "Topics that had them lose them."
        self._consumers = Optional("kinesis:ListStreamConsumers", "Consumers of streams", gone)
        self.registry = SchemaRegistry(session, settings.schema_registries)

    def services(self) -> Sequence[Service]:
        """The messaging service and, if Firehose is read, the pipeline service; no remote call."""
        region = {"awsConfig": {"awsRegion": self._session.region}}
        topics = MessagingService(
            path=(self._settings.service,),
            service_type="Kinesis",
            connection={"type": "Kinesis", **region},
            source_url=self._console.streams(),
        )
        if self._settings.firehose_service is None:
            return [topics]
        firehose = PipelineService(
            path=(self._settings.firehose_service,),
            service_type="KinesisFirehose",
            connection={"type": "KinesisFirehose", **region},
        )
        return [topics, firehose]

    def roots(self) -> Sequence[Scope]:
        """The listing of streams and, if Firehose is read, that of delivery streams; no remote call."""
        topics = Scope(EntityType.TOPIC, (self._settings.service,))
        if self._settings.firehose_service is None:
            return [topics]
        return [topics, Scope(EntityType.PIPELINE, (self._settings.firehose_service,))]

    def identity(self) -> str | None:
        """Account and region, once a stream has told the account."""
        return f"AWS account {self._account} in {self._session.region}" if self._account else None

    def read(self, scope: Scope) -> Iterator[Finding]:
        """Read one scope.

        Raises:
            RemoteError: The scope could not be read whole.
            DeadlineExceededError: The run's time is over.
        """
        if scope.of is EntityType.PIPELINE:
            yield from self._firehose.read(scope)
        else:
            yield from self._streams(scope)

    def exists(self, reference: Reference) -> bool:
        """Whether AWS has it, asked for by its name.

        Raises:
            RemoteError: It can't be told.
        """
        if reference.type is EntityType.PIPELINE:
            return self._firehose.exists(reference)
        try:
            self._session.call("kinesis", "DescribeStreamSummary", reference.name, StreamName=reference.name)
        except NotFoundError:
            return False
        return True

    def samples(self, topic: Reference) -> list[str]:
        """Some messages of a stream.

        Raises:
            RemoteError: They can't be read.
        """
        return self._sampler.messages(topic.name)

    def _streams(self, scope: Scope) -> Iterator[Finding]:
        listed = (
            Reference(EntityType.TOPIC, (*scope.path, name))
            for names in listings.stream_names(self._session)
            for name in names
        )
        self._open_shards.clear()
        yield from read_each(listed, self._stream, self._settings.threads)
        optional = (self._tags.note(), self._consumers.note(), *self.registry.notes(), self._unread.note())
        yield from (Note(text=text) for text in optional if text)
        yield self._health()

    def _stream(self, stream: Reference) -> Iterator[Finding]:
        name = stream.name
        if not self._settings.topic_filter(name):
            yield Filtered(reference=stream, reason="topicFilterPattern")
            return
        answer = self._session.item(
            "kinesis", "DescribeStreamSummary", name, key="StreamDescriptionSummary", StreamName=name
        )
        summary = _checked(StreamSummary, answer, name)
        with self._lock:
            self._account = self._account or summary.stream_arn.split(":")[4]
        if (passing := _PASSING.get(summary.stream_status)) is not None:
            yield Filtered(reference=stream, reason=passing)
            return
        shards = self.list_shards(name)
        open_shards = sum(shard.is_open for shard in shards)
        with self._lock:
            self._open_shards[name] = open_shards
        self._remember_for_samples(name, shards)
        if not open_shards:
            yield Failed(reference=stream, step="read", reason="it has no open shard, and a topic needs one")
            return
        unknown: set[str] = set()
        tags = self._besides(stream, lambda: self._tags_of(name), unknown, "labels", "owners")
        consumers = self._besides(stream, lambda: self._consumers_of(summary), unknown, "config")
        schema = self._besides(stream, lambda: self.registry.schema_of(name), unknown, "message_schema")
        yield from tags.words if tags else ()
        yield to_topic(
            stream.path,
            summary,
            open_shards,
            Besides(tags, consumers, schema, frozenset(unknown)),
            self._console.stream(name),
        )

    def _health(self) -> Health:
        """Streams to which nobody can write. Who does write Kinesis does not tell: only CloudWatch counts records."""
        with self._lock:
            shut = sorted(name for name, count in self._open_shards.items() if not count)
            return Health(about=ABOUT, known=len(self._open_shards), unwell=len(shut), examples=tuple(shut[:_SHOWN]))

    def list_shards(self, stream: str) -> list[Shard]:
        """The shards of a stream, open and closed.

        Raises:
            RemoteError: They could not be listed.
        """
        return [_checked(Shard, item, stream) for item in listings.shards(self._session, stream)]

    def _remember_for_samples(self, stream: str, shards: Sequence[Shard]) -> None:
        """Keep what a sample looks into, so that shards are listed once a run."""
        with self._lock:
            self._sampled[stream] = chosen(shards, self._settings.sample)

    def _shards_for_samples(self, stream: str) -> Sequence[Shard]:
        with self._lock:
            known = self._sampled.get(stream)
        return known if known is not None else self.list_shards(stream)

    def _besides(self, stream: Reference, read: Callable[[], T], unknown: set[str], *attributes: str) -> T | None:
        """What is read besides; where that fails, the stream arrives, and what is known of these attributes stays."""
        try:
            return read()
        except AuthenticationError:
            raise
        except PermissionDeniedError:
            # One note tells of it for all streams.
            unknown.update(attributes)
            return None
        except RemoteError as error:
            unknown.update(attributes)
            self._unread.add(stream, error)
            return None

    def _tags_of(self, stream: str) -> AwsTags | None:
        if not self._settings.include_tags:
            return None
        tags = self._tags.ask(lambda: listings.tags(self._session, "kinesis", "ListTagsForStream", StreamName=stream))
        return read_tags(tags, self._settings.owner_tag) if tags is not None else None

    def _consumers_of(self, summary: StreamSummary) -> list[str] | None:
        if not summary.consumer_count:
            return None
        found = self._consumers.ask(lambda: listings.consumers(self._session, summary.stream_name, summary.stream_arn))
        return [str(consumer.get("ConsumerName", "")) for consumer in found] if found is not None else None

    @cached_property
    def _sampler(self) -> Sampler:
        return Sampler(self._session, self._shards_for_samples, self.registry.version, self._settings.sample)

    @cached_property
    def _console(self) -> KinesisConsole:
        return KinesisConsole(self._session.console_host(), self._session.region)

    @cached_property
    def _firehose(self) -> FirehoseReader:
        return FirehoseReader(
            self._session,
            service=self._settings.firehose_service or "",
            kinesis_service=self._settings.service,
            keeps=self._settings.firehose_filter,
            include_tags=self._settings.include_tags,
            owner_tag=self._settings.owner_tag,
            threads=self._settings.threads,
        )


def _checked(shape: type[ShapeT], item: object, stream: str) -> ShapeT:
    try:
        return shape.model_validate(item)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise InvalidAnswerError(
            f"Kinesis describes it in an unknown shape. {faults}", where=f"kinesis: {stream}"
        ) from error
