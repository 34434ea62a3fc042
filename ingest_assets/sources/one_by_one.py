"""Reading what a listing names, each thing by calls of its own: one that can't be read costs itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from ingest_assets.catalog import Failed, Finding, Reference
from ingest_assets.errors import AuthenticationError, NotFoundError, RemoteError
from ingest_assets.parallel import side_by_side

_UNANSWERED = 3
"""Things in a row of which nothing can be learnt, after all retries, before the listing is given up."""


class _Read(NamedTuple):
    findings: list[Finding]
    error: RemoteError | None = None


def unread(reference: Reference, error: RemoteError) -> Sequence[Finding]:
    """What becomes of something that is part of the listing and could not be read."""
    return [Failed(reference=reference, step="read", reason=str(error))]


def read_each(
    listed: Iterable[Reference],
    read: Callable[[Reference], Iterator[Finding]],
    threads: int,
    instead: Callable[[Reference, RemoteError], Sequence[Finding]] = unread,
) -> Iterator[Finding]:
    """What there is to know of each thing, in the order of the listing.

    Args:
        listed: What the listing names.
        read: Reads one thing; called from several threads. What it does not find was deleted since it was listed.
        threads: Things read at once.
        instead: What is told of a thing that could not be read.

    Raises:
        AuthenticationError: The credentials are refused.
        RemoteError: The service answers nothing about several in a row.
        DeadlineExceededError: The run's time is over.
    """
    unanswered = 0
    for done in side_by_side(lambda reference: _read(reference, read, instead), listed, threads):
        unanswered = unanswered + 1 if done.error and done.error.retryable else 0
        if done.error and unanswered > _UNANSWERED:
            raise done.error
        yield from done.findings


def _read(
    reference: Reference,
    read: Callable[[Reference], Iterator[Finding]],
    instead: Callable[[Reference, RemoteError], Sequence[Finding]],
) -> _Read:
    try:
        return _Read(list(read(reference)))
    except AuthenticationError:
        raise
    except NotFoundError:
        return _Read([])
    except RemoteError as error:
        return _Read(list(instead(reference, error)), error)
