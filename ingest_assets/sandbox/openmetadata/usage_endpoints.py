"""The endpoints of ``/v1/usage``."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import date, datetime, timezone
from http import HTTPStatus
from typing import Any

from ingest_assets.sandbox.openmetadata.answers import Answer, Unhandled
from ingest_assets.sandbox.openmetadata.calls import Call
from ingest_assets.sandbox.openmetadata.repository import UPDATED, now
from ingest_assets.sandbox.openmetadata.routes import Route
from ingest_assets.sandbox.openmetadata.server import Server
from ingest_assets.sandbox.openmetadata.store import Entity
from ingest_assets.sandbox.openmetadata.usage import Usage

_COUNTED = frozenset({"table", "dashboard", "chart", "pipeline"})
_SHOWN = ("table", "database", "databaseSchema", "dashboard")
_FIELDS_CHANGED = "entityFieldsChanged"
_MOST_DAYS = 30

Store = Callable[[Entity, date, int], None]


class UsageEndpoints:
    """Reports and reads how often entities were used. Versions stay as they are."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._usage = Usage(server.store)
        server.repository.removed.append(self._usage.forget)
        for entity_type in _SHOWN:
            server.renderer.extras[entity_type, "usageSummary"] = self._usage.summary

    def routes(self) -> Iterator[Route]:
        """The routes of every version."""
        for path in ("usage/{type}/{id}", "usage/{type}/name/{fqn}"):
            yield Route("GET", path, self.get)
            yield Route("POST", path, lambda call: self.report(call, self._usage.replace))
            yield Route("PUT", path, lambda call: self.report(call, self._usage.add))
        yield Route("POST", "usage/compute.percentile/{type}/{date}", self.compute)

    def report(self, call: Call, store: Store) -> Answer:
        """Store the count of one day; the answer is the change event that comes of it."""
        asked = call.request(self._server.validator, "DailyCount")
        entity = self._entity(call)
        if entity.type not in _COUNTED:
            raise Unhandled(f"Entity type {entity.type} not supported")
        before = self._usage.summary(entity)
        store(entity, _day(asked["date"]), asked["count"])
        event = self._event(call, entity, before, self._usage.summary(entity))
        return Answer(event, HTTPStatus.CREATED, _FIELDS_CHANGED)

    def get(self, call: Call) -> Answer:
        """The usage of the last days."""
        entity = self._entity(call)
        last = _day(call.query["date"]) if "date" in call.query else datetime.now(timezone.utc).date()
        days = min(_MOST_DAYS, max(1, call.number("days", 1, 0, 10**6)))
        reference = self._server.renderer.reference(entity, call.base)
        return Answer({"entity": reference, "usage": self._usage.days(entity, last, days)})

    def compute(self, call: Call) -> Answer:
        """Rank the entities of a type by their usage."""
        self._usage.compute_percentiles(call.params["type"], _day(call.params["date"]))
        return Answer(status=HTTPStatus.CREATED)

    def _entity(self, call: Call) -> Entity:
        kind = self._server.kind(call.params["type"])
        if "id" in call.params:
            return self._server.by_id(kind, call.params["id"], (False,))
        return self._server.by_name(kind, call.params["fqn"], (False,))

    def _event(self, call: Call, entity: Entity, before: Any, after: Any) -> dict[str, Any]:
        fields = frozenset({"usageSummary"}) & self._server.renderer.known_fields(self._server.kind(entity.type))
        updated = [{"name": "usageSummary", "oldValue": before, "newValue": after}]
        event = {
            "eventType": UPDATED,
            "entityType": entity.type,
            "entityId": entity.id,
            "entityFullyQualifiedName": entity.fqn,
            "previousVersion": entity.state.version,
            "currentVersion": entity.state.version,
            "userName": entity.state.updated_by,
            "timestamp": now(),
            "changeDescription": {
                "fieldsAdded": [],
                "fieldsUpdated": updated,
                "fieldsDeleted": [],
                "previousVersion": entity.state.version,
            },
            "entity": self._server.renderer.document(entity, call.base, fields=fields),
        }
        return {**event, "id": str(uuid.uuid4())} if self._server.line.has("event ids") else event


def _day(text: str) -> date:
    """A day, which nothing checks before it reaches the database.

    Raises:
        Unhandled: It is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Unhandled(f"The date {text} can't be stored: {error}") from error
