"""Publishing: the writes of a plan, parents before children, in bulk where the server has it."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple, TypeVar

from ingest_assets.catalog import DatabaseService, EntityType
from ingest_assets.errors import AuthenticationError, NotFoundError, RemoteError
from ingest_assets.openmetadata.bodies import Bodies, Body
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.openmetadata.plan import Action, Plan, PlannedEntity
from ingest_assets.openmetadata.wire import collection_of
from ingest_assets.openmetadata.words import words_of, words_patch
from ingest_assets.progress import Progress
from ingest_assets.snapshots.ledger import Acknowledged, Ledger
from ingest_assets.snapshots.repository import Snapshots

BULK_SIZE = 100
"""Entities in one bulk request: what OpenMetadata's own client sends, so what servers are used to."""

_FAILURES_KEPT = 1000

In = TypeVar("In")
Out = TypeVar("Out")


class Failure(NamedTuple):
    """Something that did not arrive."""

    fqn: str
    step: str
    reason: str


@dataclass
class Outcome:
    """What publishing one type came to. The counts add up to what the source listed.

    Attributes:
        counts: By action of the plan; ``failed`` holds those that could not be read or written.
        failures: The first of them, with their reasons.
    """

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)

    def fail(self, failure: Failure) -> None:
        """Count a failure and keep it."""
        self.counts[Action.FAILED.value] += 1
        self.note(failure)

    def note(self, failure: Failure) -> None:
        """Keep a failure that is counted already, if there is room."""
        if len(self.failures) < _FAILURES_KEPT:
            self.failures.append(failure)


class _Write(NamedTuple):
    planned: PlannedEntity
    body: Body
    last_words: str | None  # what we wrote before, where the source now says something else


class _Written(NamedTuple):
    write: _Write
    id: str | None
    error: str | None


@dataclass
class Publisher:
    """Applies a plan, type by type.

    Attributes:
        client: The server.
        snapshots: Where the entities are.
        plan: What is to be done.
        ledger: Told of all that the server acknowledges.
        bodies: What is sent.
        progress: Told of writes planned and done.
        threads: Requests under way at once.
    """

    client: OpenMetadataClient
    snapshots: Snapshots
    plan: Plan
    ledger: Ledger
    bodies: Bodies
    progress: Progress
    threads: int = 8

    def publish_service(self, service: DatabaseService) -> None:
        """Make the service, or bring it back. One that is there is left as it is.

        Raises:
            RemoteError: It could not be written; nothing below it can be.
        """
        fqn = self.bodies.fqn(service.reference)
        collection = collection_of(EntityType.DATABASE_SERVICE)
        row = self.plan.server_row(fqn)
        if row is None:
            made, _ = self.client.put_entity(collection, self.bodies.make(service).json)
            self._bind(fqn, made["id"])
        elif row.deleted:
            self.client.restore(collection, row.id)

    def publish(self, kind: EntityType) -> Outcome:
        """Write what the plan holds of one type.

        An entity that the server refuses costs itself only.

        Raises:
            AuthenticationError: The token is refused.
            DeadlineExceededError: The run's time is over.
        """
        outcome = Outcome(Counter(self.plan.counts(kind)))
        for planned in self.plan.of(Action.FAILED, kind, _FAILURES_KEPT):
            outcome.note(Failure(planned.fqn, "read", planned.why))
        todo = sum(outcome.counts[action.value] for action in (Action.CREATE, Action.UPDATE, Action.RESTORE))
        self.progress.found(f"write {kind}s", todo)
        for batch in self._write_all(kind):
            self.ledger.acknowledge(
                Acknowledged(write.body.fqn, kind.value, made, write.body.fingerprint, words_of(write.body.json))
                for write, made, error in batch
                if error is None
            )
            for write, _, error in batch:
                if error is not None:
                    outcome.counts[write.planned.action] -= 1
                    outcome.fail(Failure(write.body.fqn, "write", error))
            self.progress.done(f"write {kind}s", len(batch))
        return outcome

    def _write_all(self, kind: EntityType) -> Iterator[list[_Written]]:
        in_bulk = self.client.has_bulk(collection_of(kind))
        batches = _batches(self._writes(kind), BULK_SIZE if in_bulk else 1)
        send = self._write_bulk if in_bulk else self._write_each
        return side_by_side(lambda batch: send(kind, batch), batches, self.threads)

    def _writes(self, kind: EntityType) -> Iterator[_Write]:
        for file in self.plan.files_to_write(kind):
            writes = self.plan.writes(kind, file)
            for entity in self.snapshots.entities(file):
                planned = writes.pop(self.bodies.fqn(entity.reference), None)
                if planned is not None:
                    body = self.bodies.make(entity).beside(self.plan.server_row(planned.fqn))
                    yield _Write(planned, body, self._last_words(body))

    def _last_words(self, body: Body) -> str | None:
        known = self.ledger.entity(body.fqn)
        return known.words if known and known.words and known.words != words_of(body.json) else None

    def _write_each(self, kind: EntityType, batch: list[_Write]) -> list[_Written]:
        return [self._write_one(kind, write) for write in batch]

    def _write_one(self, kind: EntityType, write: _Write) -> _Written:
        try:
            self._renew_words(kind, write)
            made, _ = self.client.put_entity(collection_of(kind), write.body.json)
        except AuthenticationError:
            raise
        except RemoteError as error:
            return _Written(write, None, str(error))
        return _Written(write, made["id"], None)

    def _write_bulk(self, kind: EntityType, batch: list[_Write]) -> list[_Written]:
        failed = {write.body.fqn: error for write in batch if (error := self._refused_words(kind, write))}
        written = [_Written(write, None, failed[write.body.fqn]) for write in batch if write.body.fqn in failed]
        batch = [write for write in batch if write.body.fqn not in failed]
        try:
            result = self.client.bulk_put(collection_of(kind), [write.body.json for write in batch])
        except AuthenticationError:
            raise
        except NotFoundError:
            # Some collections came to the bulk endpoint later than others; the client remembers.
            return written + self._write_each(kind, batch)
        except RemoteError as error:
            return written + [_Written(write, None, str(error)) for write in batch]
        done = ((write, result.error_of(place, write.body.fqn)) for place, write in enumerate(batch))
        return written + [_Written(write, None, error) for write, error in done]

    def _refused_words(self, kind: EntityType, write: _Write) -> str | None:
        try:
            self._renew_words(kind, write)
        except AuthenticationError:
            raise
        except RemoteError as error:
            return str(error)
        return None

    def _renew_words(self, kind: EntityType, write: _Write) -> None:
        """Patch descriptions that a PUT would leave; before it, for its ``sourceHash`` says that all has arrived."""
        row = self.plan.server_row(write.body.fqn)
        if row is None or write.last_words is None:
            return
        collection = collection_of(kind)
        if row.deleted:
            self.client.restore(collection, row.id)
        stored = self.client.get_by_name(collection, row.fqn)
        operations = words_patch(stored, write.body.json, write.last_words)
        if operations:
            self.client.patch(f"/v1/{collection}/{row.id}", operations)

    def _bind(self, fqn: str, service_id: str) -> None:
        self.ledger.bind(service_id)
        self.ledger.acknowledge([Acknowledged(fqn, EntityType.DATABASE_SERVICE.value, service_id, None)])


def _batches(items: Iterable[In], size: int) -> Iterator[list[In]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def side_by_side(work: Callable[[In], Out], items: Iterable[In], threads: int) -> Iterator[Out]:
    """Results in the order of the items; never more than two items a thread are held, however many there are."""
    with ThreadPoolExecutor(threads, thread_name_prefix="publish") as pool:
        waiting: deque[Future[Out]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) >= 2 * threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
