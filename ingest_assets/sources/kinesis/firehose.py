"""Firehose as a source: its delivery streams as pipelines, with the lineage that each of them tells of.

Least permissions: ``firehose:ListDeliveryStreams`` and ``firehose:DescribeDeliveryStream``. Tags need
``firehose:ListTagsForDeliveryStream`` besides, and are left as they are without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pydantic import ValidationError

from ingest_assets.catalog import EntityType, Filtered, Finding, Note, Reference, Scope
from ingest_assets.errors import AuthenticationError, InvalidAnswerError, NotFoundError, RemoteError
from ingest_assets.sources.aws import AwsSession, required
from ingest_assets.sources.aws_tags import AwsTags, read_tags
from ingest_assets.sources.kinesis.firehose_mapping import console_page, edges, to_pipeline
from ingest_assets.sources.kinesis.firehose_shapes import DeliveryStream
from ingest_assets.sources.kinesis.listings import CIRCLES
from ingest_assets.sources.kinesis.listings import tags as tags_of
from ingest_assets.sources.one_by_one import read_each
from ingest_assets.sources.optional import Optional, Unread

_MOST_LISTED = 1000  # a page; Firehose gives ten unless asked, at five pages a second
_PASSING = {
    "CREATING": "it is being created",
    "CREATING_FAILED": "it could not be created",
    "DELETING": "it is being deleted",
}


class FirehoseReader:
    """Reads the delivery streams of one account and region.

    Args:
        session: The run's AWS session.
        service: Name of the pipeline service.
        kinesis_service: Name of the messaging service that has the streams of the same account and region.
        keeps: Tells by name which delivery streams are kept.
        include_tags: Whether tags are asked for.
        owner_tag: Tag that names the owner.
        threads: Delivery streams asked about at once.
    """

    def __init__(
        self,
        session: AwsSession,
        *,
        service: str,
        kinesis_service: str,
        keeps: Callable[[str], bool],
        include_tags: bool = True,
        owner_tag: str = "owner",
        threads: int = 8,
    ) -> None:
        self._session = session
        self._service = service
        self._kinesis_service = kinesis_service
        self._keeps = keeps
        self._include_tags = include_tags
        self._owner_tag = owner_tag
        self._threads = threads
        self._tags = Optional("firehose:ListTagsForDeliveryStream", "Tags of delivery streams")
        self._unread = Unread("The tags of {} delivery streams could not be read, and stay as they were")

    def read(self, scope: Scope) -> Iterator[Finding]:
        """The pipelines of the scope, and their lineage.

        Raises:
            RemoteError: The listing could not be read whole.
            DeadlineExceededError: The run's time is over.
        """
        listed = (Reference(EntityType.PIPELINE, (*scope.path, name)) for names in self._names() for name in names)
        yield from read_each(listed, self._delivery_stream, self._threads)
        yield from (Note(text=text) for text in (self._tags.note(), self._unread.note()) if text)

    def exists(self, reference: Reference) -> bool:
        """Whether Firehose has a delivery stream, asked for by its name.

        Raises:
            RemoteError: It can't be told.
        """
        name = reference.name
        try:
            self._session.call("firehose", "DescribeDeliveryStream", name, DeliveryStreamName=name)
        except NotFoundError:
            return False
        return True

    def _names(self) -> Iterator[list[str]]:
        """Names of all delivery streams, page by page, each once; it goes on behind the last name."""
        seen: set[str] = set()
        where, more = "firehose:ListDeliveryStreams", True
        start: dict[str, str] = {}
        while more:
            page = self._session.call(
                "firehose", "ListDeliveryStreams", "all delivery streams", Limit=_MOST_LISTED, **start
            )
            listed = required(page, "DeliveryStreamNames", list, where=where)
            more = required(page, "HasMoreDeliveryStreams", bool, where=where)
            names = [name for name in dict.fromkeys(listed) if name not in seen]
            if more and not names:
                raise InvalidAnswerError(CIRCLES, where=where)
            seen.update(names)
            yield names
            start = {"ExclusiveStartDeliveryStreamName": listed[-1]} if listed else {}

    def _delivery_stream(self, reference: Reference) -> Iterator[Finding]:
        name = reference.name
        if not self._keeps(name):
            yield Filtered(reference=reference, reason="dagster.source.firehose.filter_pattern")
            return
        stream = _checked(
            self._session.item(
                "firehose",
                "DescribeDeliveryStream",
                name,
                key="DeliveryStreamDescription",
                DeliveryStreamName=name,
            ),
            name,
        )
        if (passing := _PASSING.get(stream.delivery_stream_status)) is not None:
            yield Filtered(reference=reference, reason=passing)
            return
        tags, unknown = self._tags_of(reference)
        yield from tags.words if tags else ()
        page = console_page(self._session.console_host(), self._session.region, name)
        yield to_pipeline(stream, reference.path, tags, page, unknown)
        yield from edges(stream, reference, self._kinesis_service)

    def _tags_of(self, reference: Reference) -> tuple[AwsTags | None, frozenset[str]]:
        """What tags come to, and which attributes that leaves unknown."""
        if not self._include_tags:
            return None, frozenset()
        try:
            tags = self._tags.ask(
                lambda: tags_of(
                    self._session, "firehose", "ListTagsForDeliveryStream", DeliveryStreamName=reference.name
                )
            )
        except AuthenticationError:
            raise
        except RemoteError as error:
            self._unread.add(reference, error)
            return None, frozenset({"labels", "owners"})
        return (read_tags(tags, self._owner_tag), frozenset()) if tags is not None else (None, frozenset())


def _checked(answer: object, name: str) -> DeliveryStream:
    where = f"firehose:DescribeDeliveryStream of {name}"
    try:
        stream = DeliveryStream.model_validate(answer)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise InvalidAnswerError(f"Firehose describes it in an unknown shape. {faults}", where=where) from error
    if stream.has_more_destinations:
        # AWS gives each delivery stream one destination, and an answer that holds it whole.
        raise InvalidAnswerError("It has more destinations than the answer shows.", where=where)
    return stream
