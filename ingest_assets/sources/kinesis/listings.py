"""Listings of Kinesis, each with its own way to go on; none of them can run forever.

openmetadata-ingestion's lister asked 34,386 times in three seconds after one refusal, and never returned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ingest_assets.errors import InvalidAnswerError
from ingest_assets.sources.aws import AwsSession, required

CIRCLES = "The pages go round in circles: one told nothing new, and that there is more."

Page = dict[str, Any]


def stream_names(session: AwsSession) -> Iterator[list[str]]:
    """Names of all streams, page by page, each once; otherwise as ``stream_pages``."""
    for names, _ in stream_pages(session):
        yield names


def stream_pages(session: AwsSession) -> Iterator[tuple[list[str], Page]]:
    """All streams, page by page: the names that are new, and the page.

    Goes on by ``NextToken`` where the answer has one, else behind the last name (what older services and emulators do).

    Raises:
        RemoteError: A page failed, was cut, or told nothing new.
    """
    seen: set[str] = set()
    where, more = "kinesis:ListStreams", True
    parameters: Page = {}
    while more:
        page = session.call("kinesis", "ListStreams", "all streams", **parameters)
        listed, more = (
            required(page, "StreamNames", list, where=where),
            required(page, "HasMoreStreams", bool, where=where),
        )
        names = [name for name in dict.fromkeys(listed) if name not in seen]
        if more and not names:
            raise InvalidAnswerError(CIRCLES, where=where)
        seen.update(names)
        yield names, page
        token = page.get("NextToken")
        parameters = {"NextToken": token} if token else {"ExclusiveStartStreamName": listed[-1] if listed else ""}


def shards(session: AwsSession, stream: str) -> list[Page]:
    """All shards of a stream, open and closed.

    Kinesis refuses a ``NextToken`` beside a ``StreamName``, so that page 2 is asked for by its token alone.

    Raises:
        RemoteError: A page failed, was cut, or told nothing new.
    """
    return _by_token(
        lambda page: session.call("kinesis", "ListShards", stream, **page),
        {"StreamName": stream},
        lambda token: {"NextToken": token},
        ("Shards", "ShardId", f"kinesis:ListShards of {stream}"),
    )


def consumers(session: AwsSession, stream: str, arn: str) -> list[Page]:
    """All registered consumers of a stream.

    Raises:
        RemoteError: A page failed, was cut, or told nothing new.
    """
    return _by_token(
        lambda page: session.call("kinesis", "ListStreamConsumers", stream, **page),
        {"StreamARN": arn},
        lambda token: {"StreamARN": arn, "NextToken": token},
        ("Consumers", "ConsumerARN", f"kinesis:ListStreamConsumers of {stream}"),
    )


def tags(session: AwsSession, service: str, operation: str, **named: str) -> dict[str, str]:
    """All tags of a stream, or of a delivery stream.

    Args:
        session: The run's.
        service: ``kinesis`` or ``firehose``.
        operation: Its listing of tags.
        **named: The name, by the parameter that takes it.

    Raises:
        RemoteError: A page failed, was cut, or told nothing new.
    """
    found: dict[str, str] = {}
    (subject,) = named.values()
    where, more = f"{service}:{operation} of {subject}", True
    start: Page = {}
    while more:
        page = session.call(service, operation, subject, **named, **start)
        listed, more = required(page, "Tags", list, where=where), required(page, "HasMoreTags", bool, where=where)
        fresh = {required(tag, "Key", str, where=where): str(tag.get("Value") or "") for tag in listed}
        if more and fresh.keys() <= found.keys():
            raise InvalidAnswerError(CIRCLES, where=where)
        found |= fresh
        start = {"ExclusiveStartTagKey": listed[-1]["Key"]} if listed else {}
    return found


def _by_token(
    ask: Callable[[Page], Page], first: Page, following: Callable[[str], Page], told: tuple[str, str, str]
) -> list[Page]:
    key, identity, where = told
    found: dict[str, Page] = {}
    parameters: Page | None = first
    while parameters is not None:
        page = ask(parameters)
        items = {required(item, identity, str, where=where): item for item in required(page, key, list, where=where)}
        token = page.get("NextToken")
        if token and items.keys() <= found.keys():
            raise InvalidAnswerError(CIRCLES, where=where)
        found |= items
        parameters = following(token) if token else None
    return list(found.values())
