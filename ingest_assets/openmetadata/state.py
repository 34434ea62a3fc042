"""What the server holds of the services of a recipe, learnt the cheapest way that is sure.

A listing costs a server about 5 ms a table (observed), so it is made only where nothing cheaper tells the same: where
the ledger is whole, and the server's change events reach back to before its knowledge ends, the state is the ledger
plus those events. Servers prune old events; a gap means that anything may have happened, and everything is listed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from ingest_assets.catalog import EntityKey, EntityType, key_of, parent_key
from ingest_assets.errors import AuthenticationError, InvalidAnswerError, RemoteError
from ingest_assets.openmetadata.edge_state import EdgeState
from ingest_assets.openmetadata.events import DELETED, RESTORED, SOFT_DELETED, ChangeEvent, ChangeEvents
from ingest_assets.openmetadata.layout import layout_of
from ingest_assets.openmetadata.listing import ServerEntity, ServerListing
from ingest_assets.openmetadata.marks import held_marks
from ingest_assets.progress import Progress
from ingest_assets.snapshots.ledger import Ledger
from ingest_assets.snapshots.server_rows import Difference, ServerRow

_ROWS_AT_ONCE = 1000

OVERLAP = 60_000
"""Milliseconds that events are read again for: a server's nodes may be late, and their clocks differ."""

_EVENTS_AT_LEAST = 20_000
_EVENTS_PER_ENTITY = 3
"""More events than so many are not worth reading: others' services make most of them, and a listing is as cheap."""

_DAY = 86_400
PERIODS = {"always": 0.0, "daily": _DAY, "weekly": 7 * _DAY, "monthly": 30 * _DAY, "never": float("inf")}
_SHOWN = 20
_UNTIL, _BORN = "events_until", "service_made"
_LISTED_AT = "listed_at"
_COVERED = "services"
_DOUBT = "doubt"
_LOOKS_BACK = (OVERLAP, 3_600_000, 1000 * _DAY, 30_000 * _DAY)
"""Milliseconds within which the latest event is looked for, one after the other."""


class Learned(NamedTuple):
    """How the state was learnt.

    Attributes:
        listed_because: Why everything was listed; None: it wasn't.
        changed: How many entities others have changed since our last look.
        changes: The first of them, for people.
        surprises: How many entities a full listing showed otherwise than the events that could be followed had said.
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
    """Learns the state of the services' entities into the ledger.

    Attributes:
        ledger: Where it is kept.
        listing: Lists the server.
        events: Reads its change events.
        edges: Looks at edges where everything is listed: they make no change events.
        services: The recipe's own first.
        progress: Told of listings.
        threads: Listings made at once.
        full_listing: How often everything is listed anyway: ``always``, ``daily``, ``weekly``, ``monthly``, ``never``.
        clock: Seconds since the epoch.
    """

    ledger: Ledger
    listing: ServerListing
    events: ChangeEvents
    edges: EdgeState
    services: Sequence[EntityKey]
    progress: Progress
    threads: int = 8
    full_listing: str = "weekly"
    clock: Callable[[], float] = time.time

    def learn(self, known: Sequence[ServerEntity]) -> Learned:
        """Bring the ledger's rows up to date.

        Args:
            known: Those of the services that the server has, as they were just read.

        Raises:
            RemoteError: The server could not be listed.
        """
        void = self.ledger.void_because
        self.ledger.server.start()
        if not known:
            self.ledger.server.take_listing()
            self._cover()
            return Learned(None)
        because = void or self._follow() or self._new_to_ledger(known)
        changes = _Differences(0, ()) if because else self._differences()
        due = None if because else self._due()
        if not because and not due:
            self._cover()
            self.ledger.server.put(map(row_of, known))
            return Learned(None, changes.number, changes.first)
        self.ledger.server.start()
        self._list(known)
        self._cover()
        self.edges.learn()
        found = _Differences(0, ()) if void else self._differences()
        surprises = found.number if due else 0
        return Learned(because or due, changes.number + found.number, changes.first + found.first, surprises)

    def _new_to_ledger(self, known: Sequence[ServerEntity]) -> str | None:
        """Why what is below a service is not known, though events could be followed: the recipe names it newly."""
        covered = (self.ledger.fact(_COVERED) or "").split("\n")
        new = [entity.fqn for entity in known if str(entity.key) not in covered]
        return f"nothing is known of {', '.join(new)} yet" if new else None

    def _cover(self) -> None:
        """Note of which services all is known now; one that is not there yet will tell its making by an event."""
        self.ledger.note(**{_COVERED: "\n".join(map(str, self.services))})

    def catch_up(self) -> None:
        """Apply what has happened since our last look, as far as it can be told."""
        self.ledger.server.start()
        self._follow()

    @property
    def _kinds(self) -> tuple[EntityType, ...]:
        return tuple(dict.fromkeys(kind for each in self.services for kind in (each.type, *each.type.held)))

    def _due(self) -> str | None:
        # Either way: a clock that was set back must not put it off.
        age = abs(self.clock() - float(self.ledger.fact(_LISTED_AT) or 0))
        is_due = age >= PERIODS[self.full_listing]
        return f"a full listing is due (full_listing: {self.full_listing})" if is_due else None

    def _follow(self) -> str | None:
        """Apply the events since our last look; why that can't be done, if it can't."""
        if (doubt := self.ledger.fact(_DOUBT)) is not None:
            return doubt
        until = self.ledger.fact(_UNTIL)
        if until is None:
            return "no change event is known from which on the server could be followed"
        try:
            if not self.events.available():
                return "this server is not known to tell change events"
            problem = self._apply_since(int(until))
        except AuthenticationError:
            raise
        except RemoteError as error:
            return f"the server's change events could not be read ({error})"
        self._forget_replaced()
        return problem

    def _apply_since(self, until: int) -> str | None:
        most = max(_EVENTS_AT_LEAST, _EVENTS_PER_ENTITY * self.ledger.server.count())
        service_id, met, last, new = self.ledger.fact("service_id"), False, until, 0
        for event in self.events.since(until - OVERLAP, self._kinds):
            new += event.timestamp > until
            if new > most:
                return f"there are more than {most} change events since the last look"
            is_news = self._is_news(event)
            # One that was met before, or that made the service: a server that was put back to a backup has neither,
            # though it may have events that are as old.
            met = met or not is_news or (event.entity_id == service_id and self.ledger.fact(_BORN) is not None)
            if event.timestamp > until and not met:
                break
            if is_news and (problem := self._apply(event)) is not None:
                return problem
            last = max(last, event.timestamp)
        if not met:
            return "the server no longer has the change events since the last look"
        until = last
        self.ledger.note(**{_UNTIL: str(until)})
        self.ledger.server.forget_events(until - OVERLAP)
        return None

    def _key(self, event: ChangeEvent, fqn: str) -> EntityKey | None:
        """What an event is about, as the services' entities are known; None if it is about others."""
        kind = EntityType(event.type)
        for service in self.services:
            key = key_of(kind, fqn, service.fqn.strip('"'))
            if kind.root is service.type and (key == service or key.fqn.startswith(f"{service.fqn}.")):
                # What a service of the same name went through before this one was made is no news of this one.
                return key if event.timestamp >= int(self.ledger.fact(_born(service)) or 0) else None
        return None

    def _is_news(self, event: ChangeEvent) -> bool:
        """Whether an event was not met before: to apply one again would undo what came after it without an event.

        A restoration makes none before 1.2; events have no id before 1.3.
        """
        key = f"{event.entity_id} {event.kind} {event.entity.get('version')}"
        return self.ledger.server.is_news(event.timestamp, key)

    def _apply(self, event: ChangeEvent) -> str | None:
        fqn = event.entity.get("fullyQualifiedName")
        if not isinstance(fqn, str):
            return f"the change event {event.id} does not tell what it is about"
        key = self._key(event, fqn)
        if key is None:
            return None
        row = _row_in(event, key)
        rows = self.ledger.server
        was = rows.get(row.key)
        if was is not None and event.timestamp < was.updated_at:
            # A server's nodes may be late: what came after it is known already.
            return None
        rows.remember(row.key)
        if event.kind == DELETED:
            rows.remove(row.key)
            return None
        rows.put([row])
        # What is done to a parent is done to all below it, and told of the parent only.
        if row.deleted or event.kind == RESTORED or (was is not None and was.deleted):
            rows.mark(row.key, deleted=row.deleted)
        return None

    def _forget_replaced(self) -> None:
        """Forget what was written to entities that are gone: under their names there are others now."""
        for key in self.ledger.server.replaced():
            self.ledger.forget(key)

    def _list(self, known: Sequence[ServerEntity]) -> None:
        until = self._latest_event()
        rows = self.ledger.server
        rows.add_listed(map(row_of, known))
        wanted = [each for service in known for each in self._listings(service.key)]
        self.progress.found("list server", len(wanted))
        with ThreadPoolExecutor(self.threads, thread_name_prefix="list") as pool:
            for _ in pool.map(lambda each: self._list_below(*each), wanted):
                self.progress.done("list server")
        rows.take_listing()
        self._forget_replaced()
        self.ledger.note(
            **{_UNTIL: str(until) if until else None, _LISTED_AT: str(self.clock()), _BORN: None, _DOUBT: None},
            **dict.fromkeys(map(_born, self.services)),
        )

    def _listings(self, service: EntityKey) -> Iterator[tuple[EntityType, str]]:
        """What is to be listed, and by what; databases are listed at once, for the others are listed by them."""
        for kind in service.type.held:
            if layout_of(kind).listed_by is not service.type:
                continue
            lower = [each for each in service.type.held if layout_of(each).listed_by is kind]
            if not lower:
                yield kind, service.fqn
                continue
            listed = list(self.listing.below(kind, service.fqn))
            self.ledger.server.add_listed(map(row_of, listed))
            yield from ((each, entity.fqn) for entity in listed for each in lower)

    def _list_below(self, kind: EntityType, above: str) -> None:
        listed = self.listing.below(kind, above)
        while page := list(islice(listed, _ROWS_AT_ONCE)):
            self.ledger.server.add_listed(map(row_of, page))

    def _latest_event(self) -> int | None:
        """The time of an event from which on a listing that begins now can be followed; None if there is none.

        The less has happened, the further it looks back. What it meets has happened before the listing, which shows it.
        """
        now = self.listing.server_time()
        if now is None:
            return None
        try:
            if not self.events.available():
                return None
            for milliseconds in (*_LOOKS_BACK, now):
                latest = self._latest_since(max(0, now - milliseconds))
                if latest is not None:
                    return latest
        except AuthenticationError:
            raise
        except RemoteError:
            pass
        # Without it the next run lists again, and says so.
        return None

    def _latest_since(self, moment: int) -> int | None:
        latest = None
        for event in self.events.since(moment, self._kinds):
            self._is_news(event)
            latest = max(latest or 0, event.timestamp)
        return latest

    def _differences(self) -> _Differences:
        found = (each for each in self.ledger.server.differences() if not self._is_our_doing(each))
        first = tuple(str(each) for each in islice(found, _SHOWN))
        return _Differences(len(first) + sum(1 for _ in found), first)

    def _is_our_doing(self, found: Difference) -> bool:
        """Whether a run that was cut off had set out to do this, to the entity or to what holds it."""
        if found.after is None:
            return False
        if found.before is None or found.before.deleted == found.after.deleted:
            return self.ledger.intends(found.key)
        is_meant = self._is_to_be_removed if found.after.deleted else self.ledger.intends
        key: EntityKey | None = found.key
        while key is not None and not is_meant(key):
            key = parent_key(key)
        return key is not None

    def _is_to_be_removed(self, key: EntityKey) -> bool:
        removal = self.ledger.removals.get(key)
        return removal is not None and not removal.done


def follow_from(ledger: Ledger, service: EntityKey, made: Mapping[str, Any], now: float) -> None:
    """Note that a service was made just now: all that it will ever hold comes after this, and its events tell it.

    Args:
        ledger: The recipe's.
        service: The service.
        made: The server's answer.
        now: Seconds since the epoch, by our own clock.
    """
    moment = str(made["updatedAt"])
    ledger.note(**{_born(service): moment})
    if ledger.fact(_UNTIL) is None and made["id"] == ledger.fact("service_id"):
        # Nothing is followed yet. What is followed already must not miss what happened until now.
        ledger.note(**{_UNTIL: moment, _BORN: moment, _LISTED_AT: str(now)})


def _born(service: EntityKey) -> str:
    return f"{_BORN} {service}"


def row_of(entity: ServerEntity) -> ServerRow:
    """The row of an entity that was listed."""
    return ServerRow(
        entity.fqn,
        entity.type.value,
        _parent(entity.key),
        entity.id,
        entity.source_hash,
        entity.deleted,
        entity.held,
        entity.updated_at,
    )


def _parent(key: EntityKey) -> str:
    above = parent_key(key)
    return above.fqn if above else ""


def _row_in(event: ChangeEvent, key: EntityKey) -> ServerRow:
    """The row of an event's entity.

    Raises:
        InvalidAnswerError: It is no entity as servers show them.
    """
    entity = event.entity
    told = {SOFT_DELETED: True, RESTORED: False}
    try:
        held = str(held_marks(entity)) if key.type.parent else ""
    except (KeyError, TypeError, AttributeError) as error:
        raise InvalidAnswerError(
            f"the entity of a change event lacks {error}.", where=f"the event of {key.fqn}"
        ) from error
    return ServerRow(
        key.fqn,
        event.type,
        _parent(key),
        event.entity_id,
        entity.get("sourceHash"),
        told.get(event.kind, bool(entity.get("deleted", False))),
        held,
        event.timestamp,
    )
