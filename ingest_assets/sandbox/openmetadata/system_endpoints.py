"""Endpoints beside the collections: the version, who is asking, change events."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from ingest_assets.sandbox.openmetadata.answers import Answer, not_provided
from ingest_assets.sandbox.openmetadata.calls import Call
from ingest_assets.sandbox.openmetadata.entity_types import ENTITY_TYPES
from ingest_assets.sandbox.openmetadata.events import Event
from ingest_assets.sandbox.openmetadata.repository import (
    CREATED,
    DELETED,
    RESTORED,
    SOFT_DELETED,
    UPDATED,
    now,
)
from ingest_assets.sandbox.openmetadata.routes import Route
from ingest_assets.sandbox.openmetadata.server import Server

_PARAMETERS = {
    CREATED: "entityCreated",
    UPDATED: "entityUpdated",
    SOFT_DELETED: "entityDeleted",
    DELETED: "entityDeleted",
    RESTORED: "entityRestored",
}


class SystemEndpoints:
    """What belongs to no collection."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._started = now()

    def routes(self) -> Iterator[Route]:
        """The routes of this version."""
        yield Route("GET", "system/version", self.version)
        yield Route("GET", "users/loggedInUser", self.logged_in_user)
        yield Route("GET", "users/token/{id}", self.token)
        yield Route("GET", "events", self.events)

    def version(self, _call: Call) -> Answer:
        """The server's version."""
        return Answer({"version": self._server.line.text, "revision": "sandbox", "timestamp": self._started})

    def logged_in_user(self, call: Call) -> Answer:
        """The user behind the token."""
        user = self._server.by_name(ENTITY_TYPES["user"], call.user.name)
        return Answer(self._server.renderer.document(user, call.base, fields=frozenset()))

    def token(self, call: Call) -> Answer:
        """The token of a bot, which the sandbox gives to nobody."""
        self._server.by_id(ENTITY_TYPES["user"], call.params["id"])
        raise not_provided("tokens of bots")

    def events(self, call: Call) -> Answer:
        """All change events since a moment, oldest first, without paging; written out while they are sent."""
        wanted = {
            parameter: frozenset(call.query.get(parameter, "").split(",")) for parameter in set(_PARAMETERS.values())
        }

        def asked(event: Event) -> bool:
            if event.kind == RESTORED and not self._server.line.has("restore makes a version"):
                return False
            types = wanted[_PARAMETERS[event.kind]]
            return "*" in types or event.entity.type in types

        since = call.number("timestamp", 0, 0, 10**15)
        return Answer(self._written(self._server.events.since(since, asked), call))

    def _written(self, events: Sequence[Event], call: Call) -> Iterator[str]:
        """The answer's JSON, piece by piece."""
        yield '{"data":['
        for place, event in enumerate(events):
            text = json.dumps(self._event(event, call), ensure_ascii=False, separators=(",", ":"))
            yield f",{text}" if place else text
        yield f'],"paging":{{"total":{len(events)}}}}}'

    def _event(self, event: Event, call: Call) -> dict[str, Any]:
        document = self._server.renderer.written(event.entity, event.state, call.base)
        shown = {
            "eventType": event.kind,
            "entityType": event.entity.type,
            "entityId": event.entity.id,
            "userName": event.state.updated_by,
            "timestamp": event.state.updated_at,
            "previousVersion": event.previous_version,
            "currentVersion": event.state.version,
            "entity": json.dumps(self._server.renderer.masked(document)),
        }
        if self._server.line.has("event ids"):
            shown["id"] = event.id
        if event.kind != CREATED and event.state.change is not None:
            shown["changeDescription"] = event.state.change
        return shown
