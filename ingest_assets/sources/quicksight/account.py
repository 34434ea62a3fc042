"""QuickSight of one account: calls that name it, listings, and answers checked against the shape that is used."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from copy import copy
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ingest_assets.errors import InvalidAnswerError
from ingest_assets.sources.aws import AwsSession, required

ShapeT = TypeVar("ShapeT", bound=BaseModel)

_SERVICE = "quicksight"


class Account:
    """QuickSight's API for one account. Safe to share among threads.

    Args:
        session: The run's.
        account_id: Twelve digits.
        threads: Requests under way at once; others wait for their turn, whichever listing they are for.
    """

    def __init__(self, session: AwsSession, account_id: str, threads: int = 8) -> None:
        self.session = session
        self.id = account_id
        self._turns = threading.BoundedSemaphore(threads)

    def at(self, region: str) -> Account:
        """The same account in another region."""
        there = copy(self)
        there.session = self.session.at(region=region)
        return there

    def call(self, operation: str, subject: str, **parameters: object) -> dict[str, Any]:
        """One request.

        Raises:
            RemoteError: It failed for good.
        """
        return self.call_about(operation, subject, AwsAccountId=self.id, **parameters)

    def call_about(self, operation: str, subject: str, **parameters: object) -> dict[str, Any]:
        """One request that names what it is about by an ARN, and no account.

        Raises:
            RemoteError: It failed for good.
        """
        with self._turns:
            return self.session.call(_SERVICE, operation, subject, **parameters)

    def item(self, operation: str, subject: str, *, key: str, **parameters: object) -> dict[str, Any]:
        """One request for one thing, which the answer holds under ``key``.

        Raises:
            RemoteError: It failed for good, or the answer lacks the thing.
        """
        answer = self.call(operation, subject, **parameters)
        return required(answer, key, dict, where=f"{_SERVICE}:{operation} of {subject}")

    def items(self, operation: str, subject: str, *, key: str, **parameters: object) -> Iterator[dict[str, Any]]:
        """All of a listing, page by page.

        Raises:
            RemoteError: A page failed, was cut, or told nothing new.
        """
        pages = self.session.pages(
            _SERVICE, operation, subject, key=key, AwsAccountId=self.id, MaxResults=100, **parameters
        )
        while (page := self._next(pages)) is not None:
            yield from page[key]

    def _next(self, pages: Iterator[dict[str, Any]]) -> dict[str, Any] | None:
        with self._turns:
            return next(pages, None)


def listed_in(answer: dict[str, Any], key: str, *, where: str) -> list[Any]:
    """What an answer lists, which AWS leaves out where there is nothing; its ``RequestId`` tells that it was not cut.

    Raises:
        InvalidAnswerError: It was.
    """
    if key not in answer and "RequestId" in answer:
        return []
    return required(answer, key, list, where=where)


def checked(shape: type[ShapeT], item: object, subject: str) -> ShapeT:
    """An answer in the shape that is used.

    Raises:
        InvalidAnswerError: It has another one.
    """
    try:
        return shape.model_validate(item)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise InvalidAnswerError(
            f"QuickSight describes it in an unknown shape. {faults}", where=f"{_SERVICE}: {subject}"
        ) from error
