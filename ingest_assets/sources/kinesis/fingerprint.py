"""What one cheap listing of Kinesis tells of changes: streams that came, went, or were made anew."""

from __future__ import annotations

from collections.abc import Iterator

from ingest_assets.sources.aws import AwsSession
from ingest_assets.sources.fingerprint import digest
from ingest_assets.sources.kinesis.listings import stream_pages

_TOLD = ("StreamName", "StreamCreationTimestamp", "StreamModeDetails")


def fingerprint(session: AwsSession) -> str:
    """A text that is another one once streams came, went, or changed their mode; retention and tags are not listed.

    Raises:
        RemoteError: Streams can't be listed.
    """
    return digest(_told(session))


def _told(session: AwsSession) -> Iterator[object]:
    for names, page in stream_pages(session):
        yield from names
        # Services of others list names only.
        yield from ([each.get(name) for name in _TOLD] for each in page.get("StreamSummaries") or ())
