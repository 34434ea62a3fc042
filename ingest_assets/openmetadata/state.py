"""What the server holds of one service, learnt the cheapest way that is sure.

A listing costs a server about 5 ms a table (observed), so it is made only where nothing cheaper tells the same: where
the ledger is whole, and the server's change events reach back to before its knowledge ends, the state is the ledger
plus those events. Servers prune old events; a gap means that anything may have happened, and everything is listed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

from ingest_assets.catalog import EntityType, parent_fqn, quote
from ingest_assets.errors import AuthenticationError, RemoteError
from ingest_assets.openmetadata.edge_state import EdgeState
from ingest_assets.openmetadata.events import ChangeEvent, ChangeEvents
from ingest_assets.openmetadata.listing import ServerEntity, ServerListing
from ingest_assets.openmetadata.marks import held_marks
from ingest_assets.progress import Progress
from ingest_assets.snapshots.ledger import Ledger
from ingest_assets.snapshots.server_rows import ServerRow

_LISTED_BELOW_A_DATABASE = (EntityType.SCHEMA, EntityType.TABLE)
_KINDS = (EntityType.DATABASE_SERVICE, EntityType.DATABASE, *_LISTED_BELOW_A_DATABASE)
_ROWS_AT_ONCE = 1000

OVERLAP = 60_000
"""Milliseconds that events are read again for: a server's nodes may be late, and their clocks differ."""

_EVENTS_AT_LEAST = 20_000
_EVENTS_PER_ENTITY = 3
"""More events than so many are not worth reading: others' services make most of them, and a listing is as cheap."""

_DAY = 86_400
_PERIODS = {"always": 0.0, "daily": _DAY, "weekly": 7 * _DAY, "monthly": 30 * _DAY, "never": float("inf")}
_SHOWN = 20
_UNTIL = "events_until"
_LISTED_AT = "listed_at"


class Learned(NamedTuple):
    """How the state was learnt.

    Attributes:
        listed_because: Why everything was listed; None: it wasn't.
        changed: How many entities others have changed since our last look.
        changes: The first of them, for people.
        surprises: How many entities a full listing showed otherwise than ledger and events said.
    """

    listed_because: str | None
    changed: int = 0
    changes: tuple[str, ...] = ()
    surprises: int = 0


class _Differences(NamedTuple):
    number: int
    first: tuple[str, ...]


@dataclass
class ServerState:
    """Learns the state of one service's entities into the ledger.

    Attributes:
        ledger: Where it is kept.
        listing: Lists the server.
        events: Reads its change events.
        edges: Looks at edges where everything is listed: they make no change events.
        service: FQN of the service.
        progress: Told of listings.
        threads: Listings made at once.
        full_listing: How often everything is listed anyway: ``always``, ``daily``, ``weekly``, ``monthly``, ``never``.
        clock: Seconds since the epoch.
    """

    ledger: Ledger
    listing: ServerListing
    events: ChangeEvents
    edges: EdgeState
    service: str
    progress: Progress
    threads: int = 8
    full_listing: str = "weekly"
    clock: Callable[[], float] = time.time
    _newest: int = field(default=0, init=False)
    _listing_began: int = field(default=0, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def learn(self, known: ServerEntity) -> Learned:
        """Bring the ledger's rows up to date.

        Args:
            known: The service, as it was just read.

        Raises:
            RemoteError: The server could not be listed.
        """
        void = self.ledger.void_because
        self.ledger.server.start()
        because = void or self._follow()
        changes = _Differences(0, ()) if because else self._differences()
        because = because or self._due()
        if not because:
            self.ledger.server.put([row_of(known)])
            return Learned(None, changes.number, changes.first)
        self.ledger.server.start()
        self._list(known)
        self.edges.learn()
        surprises = _Differences(0, ()) if void else self._differences()
        return Learned(because, changes.number + surprises.number, changes.first + surprises.first, surprises.number)

    def catch_up(self) -> str | None:
        """Apply what has happened since our last look; why that can't be done, if it can't."""
        self.ledger.server.start()
        return self._follow()

    def _due(self) -> str | None:
        listed_at = float(self.ledger.fact(_LISTED_AT) or 0)
        is_due = self.clock() - listed_at >= _PERIODS[self.full_listing]
        return f"a full listing is due (full_listing: {self.full_listing})" if is_due else None

    def _follow(self) -> str | None:
        """Apply the events since our last look; why that can't be done, if it can't."""
        until = self.ledger.fact(_UNTIL)
        if until is None:
            return "no change event is known from which on the server could be followed"
        try:
            if not self.events.available():
                return "this server is not known to tell change events"
            return self._apply_since(int(until))
        except AuthenticationError:
            raise
        except RemoteError as error:
            return f"the server's change events could not be read ({error})"

    def _apply_since(self, until: int) -> str | None:
        most = max(_EVENTS_AT_LEAST, _EVENTS_PER_ENTITY * self.ledger.server.count())
        last = None
        for number, event in enumerate(self.events.since(until - OVERLAP, _KINDS)):
            if last is None and event.timestamp > until:
                break
            if number >= most:
                return f"there are more than {most} change events since the last look"
            if self._is_news(event) and (problem := self._apply(event)) is not None:
                return problem
            last = max(last or 0, event.timestamp)
        if last is None:
            return "the server no longer has the change events since the last look"
        until = max(last, until)
        self.ledger.note(**{_UNTIL: str(until)})
        self.ledger.server.forget_events(until - OVERLAP)
        return None

    def _is_news(self, event: ChangeEvent) -> bool:
        """Whether an event was not met before: to apply one again would undo what came after it without an event.

        A restoration makes none before 1.2; events have no id before 1.3.
        """
        key = f"{event.entity_id} {event.kind} {event.entity.get('version')}"
        return self.ledger.server.is_news(event.timestamp, key)

    def _apply(self, event: ChangeEvent) -> str | None:
        fqn = event.entity.get("fullyQualifiedName")
        if fqn is None:
            return f"the change event {event.id} does not tell what it is about"
        if fqn != self.service and not fqn.startswith(f"{below(self.service)}."):
            return None
        rows = self.ledger.server
        rows.remember(fqn)
        if event.kind == "entityDeleted":
            rows.remove(fqn)
            return None
        was, row = rows.get(fqn), _row_in(event)
        rows.put([row])
        # What is done to a parent is done to all below it, and told of the parent only.
        if row.deleted or event.kind == "entityRestored" or (was is not None and was.deleted):
            rows.mark(fqn, deleted=row.deleted)
        return None

    def _list(self, known: ServerEntity) -> None:
        began = self._marker()
        self._newest = 0
        rows = self.ledger.server
        rows.add_listed([row_of(known)])
        databases = list(self.listing.databases(self.service))
        rows.add_listed(self._rows(databases))
        wanted = [(kind, database.fqn) for database in databases for kind in _LISTED_BELOW_A_DATABASE]
        self.progress.found("list server", len(wanted))
        with ThreadPoolExecutor(self.threads, thread_name_prefix="list") as pool:
            for _ in pool.map(lambda each: self._list_below(*each), wanted):
                self.progress.done("list server")
        rows.take_listing()
        until = began or self._newest or None
        self.ledger.note(**{_UNTIL: str(until) if until else None, _LISTED_AT: str(self.clock())})

    def _list_below(self, kind: EntityType, database: str) -> None:
        listed = self.listing.below_database(kind, database)
        while page := list(islice(listed, _ROWS_AT_ONCE)):
            self.ledger.server.add_listed(self._rows(page))

    def _rows(self, entities: Iterable[ServerEntity]) -> Iterator[ServerRow]:
        for entity in entities:
            if entity.updated_at <= self._listing_began:
                with self._lock:
                    self._newest = max(self._newest, entity.updated_at)
            yield row_of(entity)

    def _marker(self) -> int | None:
        """The time of an event from which on a listing that begins now can be followed; None if none is recent."""
        self._listing_began = self.listing.server_time() or 0
        if not self._listing_began:
            return None
        latest = None
        try:
            if self.events.available():
                for event in self.events.since(self._listing_began - OVERLAP, _KINDS):
                    self._is_news(event)
                    latest = max(latest or 0, event.timestamp)
        except AuthenticationError:
            raise
        except RemoteError:
            # Without a marker the next run lists again, and says so.
            return None
        return latest

    def _differences(self) -> _Differences:
        found = self.ledger.server.differences()
        first = tuple(str(each) for each in islice(found, _SHOWN))
        return _Differences(len(first) + sum(1 for _ in found), first)


def follow_from(ledger: Ledger, service: Mapping[str, Any]) -> None:
    """Note that a service was made just now: all that it will ever hold comes after this, and its events tell it."""
    ledger.note(**{_UNTIL: str(service["updatedAt"]), _LISTED_AT: str(time.time())})


def below(service: str) -> str:
    """What FQNs below a service begin with: 1.0 quotes a service with a dot there, and not in its own FQN."""
    return service if '"' in service else quote(service)


def row_of(entity: ServerEntity) -> ServerRow:
    """The row of an entity that was listed."""
    return ServerRow(
        entity.fqn,
        entity.type.value,
        parent_fqn(entity.fqn) if entity.type is not EntityType.DATABASE_SERVICE else "",
        entity.id,
        entity.source_hash,
        entity.deleted,
        entity.held,
    )


def _row_in(event: ChangeEvent) -> ServerRow:
    entity, fqn = event.entity, event.entity["fullyQualifiedName"]
    told = {"entitySoftDeleted": True, "entityRestored": False}
    is_service = event.type == EntityType.DATABASE_SERVICE.value
    return ServerRow(
        fqn,
        event.type,
        "" if is_service else parent_fqn(fqn),
        event.entity_id,
        entity.get("sourceHash"),
        told.get(event.kind, bool(entity.get("deleted", False))),
        "" if is_service else str(held_marks(entity)),
    )
