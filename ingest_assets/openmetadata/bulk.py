"""Bulk PUT: many entities in one request, each accounted for.

Facts (server source of the 1.12 line): the request is parsed as a whole, so that one element with an unknown property
or a wrong type refuses all (400). Otherwise the answer is 200, and each element is in ``successRequest`` or in
``failedRequest``; there ``request`` is the FQN, or the whole request object where the element was refused before it was
tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from ingest_assets.catalog import quote
from ingest_assets.errors import InvalidAnswerError, NotFoundError, RejectedError

_QUOTE = '"'
_PARENTS = ("databaseSchema", "database", "service")
_LOST = "the server's answer does not say what became of it"

Json = dict[str, Any]
Send = Callable[[list[Json]], Json]


class BulkFailure(NamedTuple):
    """An element that did not arrive.

    Attributes:
        fqn: Its FQN.
        place: Its place among the bodies; None for one that the server names and we did not send.
        status: The server's status for it, e.g. 400; None where it gives none.
        message: The server's words.
    """

    fqn: str
    place: int | None
    status: int | None
    message: str

    def __str__(self) -> str:
        """For people: words and status."""
        tail = f"({self.status})" if self.status else ""
        return self.message if tail in self.message else f"{self.message} {tail}"


class BulkResult(NamedTuple):
    """What became of each element.

    Attributes:
        succeeded: FQNs of those that are on the server now: created, updated or unchanged alike.
        failed: The others.
    """

    succeeded: list[str]
    failed: list[BulkFailure]

    def error_of(self, place: int, fqn: str) -> str | None:
        """What went wrong with an element, by its place among the bodies or its FQN; None if nothing did."""
        found = (failure for failure in self.failed if failure.place == place or failure.fqn == fqn)
        return next(map(str, found), None)


def put_all(send: Send, bodies: Sequence[Json]) -> BulkResult:
    """Send bodies; when the whole request is refused, halves of it, until the bad elements stand alone.

    Args:
        send: Sends one request and returns its answer.
        bodies: Create requests, no FQN twice.

    Raises:
        RemoteError: No element of it is to blame.
    """
    result = BulkResult([], [])
    for place, part, answer in _sent(send, 0, list(bodies)):
        _account(result, place, part, answer)
    return result


def _sent(send: Send, start: int, bodies: list[Json]) -> Iterator[tuple[int, list[Json], Json | RejectedError]]:
    """Parts of the bodies, each with its answer or, for a part of one, with why it was refused."""
    if not bodies:
        return
    answer = _answer_or_refusal(send, bodies)
    if len(bodies) == 1 or not isinstance(answer, RejectedError):
        yield start, bodies, answer
        return
    middle = len(bodies) // 2
    yield from _sent(send, start, bodies[:middle])
    yield from _sent(send, start + middle, bodies[middle:])


def _answer_or_refusal(send: Send, bodies: list[Json]) -> Json | RejectedError:
    try:
        return send(bodies)
    except RejectedError as error:
        return error


def _account(result: BulkResult, start: int, bodies: list[Json], answer: Json | RejectedError) -> None:
    waiting = {fqn_of(body): start + place for place, body in enumerate(bodies)}
    if isinstance(answer, RejectedError):
        result.failed.extend(BulkFailure(fqn, at, answer.status, answer.what) for fqn, at in waiting.items())
        return
    for row in _rows(answer, "failedRequest"):
        fqn = _named(row)
        status, message = row.get("status"), str(row.get("message") or "refused without a word")
        result.failed.append(BulkFailure(fqn, waiting.pop(fqn, None), status, message))
    for row in _rows(answer, "successRequest"):
        fqn = _named(row)
        if waiting.pop(fqn, None) is not None:
            result.succeeded.append(fqn)
    why = str(answer.get("abortReason") or _LOST)
    result.failed.extend(BulkFailure(fqn, at, None, why) for fqn, at in waiting.items())


def _rows(answer: Json, key: str) -> list[Json]:
    """Rows of an answer; a server leaves an empty list out, but never its status."""
    if "status" not in answer:
        raise InvalidAnswerError("the answer lacks 'status'.", where="bulk PUT")
    return answer.get(key) or []


def _named(row: Json) -> str:
    request = row.get("request")
    return fqn_of(request) if isinstance(request, dict) else str(request)


def fqn_of(body: Json) -> str:
    """The FQN that the server derives from a create request."""
    parent = next((body[key] for key in _PARENTS if body.get(key)), None)
    own = quote(str(body.get("name")))
    if "dataModelType" in body:
        # Of a data model the server tells the service's bare name.
        return f"{str(parent).strip(_QUOTE)}.model.{own}"
    return f"{parent}.{own}" if parent else own


def no_bulk(collection: str) -> NotFoundError:
    """What is raised where a server has no bulk PUT."""
    where = f"PUT /v1/{collection}/bulk"
    return NotFoundError("this server has no bulk PUT for it.", where=where, advice="Put entities one by one.")
