"""What a server holds, in a form that can be compared with what another one holds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ingest_assets.sandbox.openmetadata import OpenMetadataApp
from ingest_assets.sandbox.openmetadata.store import Entity

_PUBLISHED = (
    "databaseService",
    "database",
    "databaseSchema",
    "table",
    "messagingService",
    "topic",
    "pipelineService",
    "pipeline",
    "dashboardService",
    "dashboard",
    "chart",
    "dashboardDataModel",
    "classification",
    "tag",
)
SAMPLES = "sampleData"
# What differs between two servers that say the same: hashes hold the ids of owners.
_INCOMPARABLE = frozenset({"sourceHash"})
_HIDING = frozenset({"charts", "dataModels"})
"""Pointers of which a server shows those to live entities only."""


class Key(NamedTuple):
    """An entity, or the edge into one.

    Attributes:
        fqn: Of the entity.
        source: Of the edge's other end; empty for an entity.
    """

    fqn: str
    source: str = ""

    def __str__(self) -> str:
        """For people."""
        return f"{self.source} -> {self.fqn}" if self.source else self.fqn

    def ends(self) -> tuple[str, ...]:
        """The FQNs that it is about."""
        return (self.fqn, self.source) if self.source else (self.fqn,)


class Shown(NamedTuple):
    """How something stands on the server.

    Attributes:
        live: Whether it is there and not soft-deleted.
        text: All that is stored of it, as JSON.
    """

    live: bool
    text: str


Portrait = Mapping[Key, Shown]


def portrait(openmetadata: OpenMetadataApp) -> Portrait:
    """Everything that ingestions publish, samples as if they lay in it, and every edge.

    An edge is as live as both its ends: of what is removed nobody sees where it came from.

    Read beside the API, which a fault may still hold.
    """
    server = openmetadata._server
    shown: dict[Key, Shown] = {}
    with openmetadata._lock:
        for entity_type in _PUBLISHED:
            for entity in server.store.of_type(entity_type):
                stored = json.dumps(dict(_stored(openmetadata, entity)), sort_keys=True)
                shown[Key(entity.fqn)] = Shown(not entity.state.deleted, stored)
                if sample := openmetadata.samples.of(entity.id):
                    key = Key(f"{entity.fqn}.{SAMPLES}")
                    shown[key] = Shown(not entity.state.deleted, json.dumps(sample, sort_keys=True))
        for edges in server.lineage._down.values():
            for edge in edges.values():
                start, end = server.store.at(edge.start), server.store.at(edge.end)
                live = not (start.state.deleted or end.state.deleted)
                shown[Key(end.fqn, start.fqn)] = Shown(live, json.dumps(edge.details, sort_keys=True))
    return shown


def _stored(openmetadata: OpenMetadataApp, entity: Entity) -> Iterator[tuple[str, Any]]:
    state = entity.state
    for name, value in state.body.items():
        if name not in _INCOMPARABLE:
            yield name, _without_empty(value)
    for name, pointers in state.pointers.items():
        found = (openmetadata._server.store.find(pointer) for pointer in pointers)
        yield name, [each.fqn for each in found if each and not (name in _HIDING and each.state.deleted)]


def _without_empty(value: Any) -> Any:
    """A value without its empty lists: a server keeps those that were sent, and they say nothing."""
    if isinstance(value, Mapping):
        return {name: _without_empty(inner) for name, inner in value.items() if inner != []}
    return [_without_empty(inner) for inner in value] if isinstance(value, list) else value
