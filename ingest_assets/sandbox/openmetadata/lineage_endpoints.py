"""The endpoints of ``/v1/lineage``."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from ingest_assets.sandbox.openmetadata.answers import Answer, Refused, bad_request
from ingest_assets.sandbox.openmetadata.calls import Call
from ingest_assets.sandbox.openmetadata.json_patch import apply_patch
from ingest_assets.sandbox.openmetadata.lineage import Edge
from ingest_assets.sandbox.openmetadata.repository import UPDATED
from ingest_assets.sandbox.openmetadata.routes import Route
from ingest_assets.sandbox.openmetadata.search_endpoints import SearchEndpoints
from ingest_assets.sandbox.openmetadata.server import Server
from ingest_assets.sandbox.openmetadata.store import Entity

_DEEPEST = 3


class LineageEndpoints:
    """Edges and graphs."""

    def __init__(self, server: Server, search: SearchEndpoints) -> None:
        self._server = server
        self._search = search

    def routes(self) -> Iterator[Route]:
        """The routes of this version."""
        line = self._server.line
        pair = "lineage/{type}/{key}/{type2}/{key2}"
        yield Route("PUT", "lineage", self.put)
        yield Route("GET", "lineage/{type}/{id}", self.graph)
        yield Route("GET", "lineage/{type}/name/{fqn}", self.graph)
        yield Route("DELETE", pair, self.delete)
        if line.has("lineage edges"):
            yield Route("GET", "lineage/getLineageEdge/{id}/{id2}", self.edge)
            yield Route("PATCH", pair, self.patch)
        if line.has("lineage by name"):
            yield Route("DELETE", "lineage/{type}/name/{fqn}/{type2}/name/{fqn2}", self.delete)
            yield Route("DELETE", "lineage/{type}/{id}/type/{source}", self.delete_of_source)

    def put(self, call: Call) -> Answer:
        """Store one edge; the answer has no body."""
        asked = call.json()
        if not self._server.line.has("strict lineage details"):
            asked = self._without_unknown_details(asked)
        edge = self._server.validator.require("AddLineage", asked)["edge"]
        start, end = self._end(edge["fromEntity"]), self._end(edge["toEntity"])
        details = edge.get("lineageDetails")
        if details is not None and "pipeline" in details:
            details = {**details, "pipeline": self._pipeline(details["pipeline"])}
        self._server.lineage.put(start, end, details)
        self._search.index_edge(end)
        return Answer()

    def graph(self, call: Call) -> Answer:
        """What lies up and down of an entity."""
        up = call.number("upstreamDepth", 1, 0, _DEEPEST)
        down = call.number("downstreamDepth", 1, 0, _DEEPEST)
        entity = self._entity(call.params["type"], call.params, "id", "fqn")
        above, below = self._server.lineage.upstream(entity, up), self._server.lineage.downstream(entity, down)
        nodes = {edge.start.id: edge.start for edge in above} | {edge.end.id: edge.end for edge in below}
        store, renderer = self._server.store, self._server.renderer
        return Answer(
            {
                "entity": renderer.reference(entity, call.base),
                "nodes": [renderer.reference(store.at(node), call.base) for node in nodes.values()],
                "upstreamEdges": [_shown(edge) for edge in above],
                "downstreamEdges": [_shown(edge) for edge in below],
            }
        )

    def edge(self, call: Call) -> Answer:
        """The details of one edge."""
        return Answer({"edge": self._detailed(call.params["id"], call.params["id2"]).details})

    def patch(self, call: Call) -> Answer:
        """Apply a JSON Patch to the details of an edge."""
        edge = self._detailed(*(entity.id for entity in self._ends(call)))
        details = self._server.validator.require("LineageDetails", apply_patch(edge.details, call.json()))
        self._server.lineage.replace_details(edge, details)
        return Answer(details, change=UPDATED)

    def delete(self, call: Call) -> Answer:
        """Drop one edge."""
        start, end = self._ends(call)
        self._server.lineage.delete(start.id, end.id)
        return Answer()

    def delete_of_source(self, call: Call) -> Answer:
        """Drop the edges into an entity that have one lineage source."""
        entity = self._entity(call.params["type"], call.params, "id", "fqn")
        self._server.lineage.delete_of_source(entity, call.params["source"])
        return Answer()

    def _without_unknown_details(self, asked: Any) -> Any:
        """The oldest servers read the details loosely."""
        edge = asked.get("edge") if isinstance(asked, dict) else None
        if not isinstance(edge, dict) or not isinstance(edge.get("lineageDetails"), dict):
            return asked
        details = edge["lineageDetails"]
        known = {name: value for name, value in details.items() if self._server.validator.knows("LineageDetails", name)}
        return {**asked, "edge": {**edge, "lineageDetails": known}}

    def _end(self, reference: Mapping[str, Any]) -> Entity:
        return self._server.by_id(self._server.kind(reference["type"]), reference["id"])

    def _ends(self, call: Call) -> tuple[Entity, Entity]:
        start = self._entity(call.params["type"], call.params, "key", "fqn")
        end = self._entity(call.params["type2"], call.params, "key2", "fqn2")
        return start, end

    def _entity(self, entity_type: str, params: Mapping[str, str], id_name: str, fqn_name: str) -> Entity:
        kind = self._server.kind(entity_type)
        if id_name in params:
            return self._server.by_id(kind, _uuid(params[id_name]))
        return self._server.by_name(kind, params[fqn_name])

    def _detailed(self, start_id: str, end_id: str) -> Edge:
        edge = self._server.lineage.edge(start_id, end_id)
        if edge is None or edge.details is None:
            raise Refused(404, f"Lineage edge from {start_id} to {end_id} not found")
        return edge

    def _pipeline(self, reference: Mapping[str, Any]) -> Mapping[str, Any]:
        shown = self._server.renderer.reference(self._end(reference), "")
        return {name: value for name, value in shown.items() if name not in ("href", "description")}


def _uuid(text: str) -> str:
    """An id from a path whose placeholder takes any text.

    Raises:
        Refused: It is no UUID.
    """
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise bad_request(f"Invalid UUID string: {text}") from None


def _shown(edge: Edge) -> dict[str, Any]:
    shown: dict[str, Any] = {"fromEntity": edge.start.id, "toEntity": edge.end.id}
    if edge.details is not None:
        shown["lineageDetails"] = edge.details
    return shown
