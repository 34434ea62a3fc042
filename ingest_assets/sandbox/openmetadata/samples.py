"""Sample data of tables and containers (rows), and topics (messages)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest_assets.sandbox.openmetadata.answers import Answer, bad_request
from ingest_assets.sandbox.openmetadata.calls import Call
from ingest_assets.sandbox.openmetadata.entity_types import ENTITY_TYPES
from ingest_assets.sandbox.openmetadata.routes import Route
from ingest_assets.sandbox.openmetadata.server import Server
from ingest_assets.sandbox.openmetadata.store import Entity


class SampleEndpoints:
    """Reads and replaces sample data. It makes no version and no change event."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._samples: dict[str, Any] = {}
        server.repository.removed.append(lambda entity: self._samples.pop(entity.id, None))

    def routes(self) -> Iterator[Route]:
        """The routes of this version."""
        tables, topics = "tables/{id}/sampleData", "topics/{id}/sampleData"
        yield Route("PUT", tables, lambda call: self.put_rows(call, "table"))
        yield Route("GET", tables, lambda call: self._answer(self._entity(call, "table"), call))
        yield Route("DELETE", tables, self.delete_rows)
        if self._server.line.has("container samples"):
            containers = "containers/{id}/sampleData"
            yield Route("PUT", containers, lambda call: self.put_rows(call, "container"))
            yield Route("GET", containers, lambda call: self._answer(self._entity(call, "container"), call))
        yield Route("PUT", topics, self.put_messages)
        if self._server.line.has("messages read back"):
            yield Route("GET", topics, lambda call: self._answer(self._entity(call, "topic"), call))

    def of(self, entity_id: str) -> Any | None:
        """The sample data of an entity; None where it has none."""
        return self._samples.get(entity_id)

    def put_rows(self, call: Call, entity_type: str) -> Answer:
        """Replace the rows of a table or container."""
        sample = call.request(self._server.validator, "TableData")
        entity = self._entity(call, entity_type)
        body = entity.state.body
        columns = sample.get("columns", [])
        holder = body if entity_type == "table" else body.get("dataModel", {})
        known = {column["name"] for column in holder.get("columns", ())}
        for column in columns:
            if column not in known:
                raise bad_request(f"Invalid column name {column}")
        for row in sample.get("rows", ()):
            if len(row) != len(columns):
                raise bad_request(f"Number of columns is {len(columns)} but row has {len(row)} sample values")
        self._samples[entity.id] = sample
        return self._answer(entity, call)

    def delete_rows(self, call: Call) -> Answer:
        """Drop the rows of a table; newer servers answer with what was dropped."""
        table = self._entity(call, "table")
        answer = self._answer(table, call)
        self._samples.pop(table.id, None)
        return answer if self._server.line.has("messages read back") else self._answer(table, call)

    def put_messages(self, call: Call) -> Answer:
        """Replace the messages of a topic."""
        sample = call.request(self._server.validator, "TopicSampleData")
        topic = self._entity(call, "topic")
        self._samples[topic.id] = sample
        return self._answer(topic, call)

    def _entity(self, call: Call, entity_type: str) -> Entity:
        return self._server.by_id(ENTITY_TYPES[entity_type], call.params["id"], (False,))

    def _answer(self, entity: Entity, call: Call) -> Answer:
        document = self._server.renderer.document(entity, call.base, fields=frozenset())
        sample = self._samples.get(entity.id)
        return Answer(document if sample is None else {**document, "sampleData": sample})
