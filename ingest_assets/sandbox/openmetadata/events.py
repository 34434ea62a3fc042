"""Change events: who changed what, oldest first."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from ingest_assets.sandbox.openmetadata.store import Entity, State

_KEPT = 200_000


@dataclass(frozen=True)
class Event:
    """One stored change. A recursive delete or restore makes one event, for the parent only."""

    kind: str
    entity: Entity
    state: State
    previous_version: float
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


class Events:
    """The newest change events."""

    def __init__(self) -> None:
        self._events: deque[Event] = deque(maxlen=_KEPT)

    def add(self, kind: str, entity: Entity, state: State, previous_version: float) -> None:
        """Note a change that was stored."""
        self._events.append(Event(kind, entity, state, previous_version))

    def prune(self) -> None:
        """Forget all events so far."""
        self._events.clear()

    def since(self, timestamp: int, wanted: Callable[[Event], bool]) -> list[Event]:
        """The events of this moment (milliseconds) and later that are wanted."""
        return [event for event in self._events if event.state.updated_at >= timestamp and wanted(event)]
