"""Lineage: edges between entities, with columns, and the graph around one entity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ingest_assets.sandbox.openmetadata.answers import Refused, bad_request, not_found
from ingest_assets.sandbox.openmetadata.columns import column_fqns
from ingest_assets.sandbox.openmetadata.names import quote, split
from ingest_assets.sandbox.openmetadata.store import Entity, Pointer, Store
from ingest_assets.sandbox.openmetadata.versions import Line

Details = Mapping[str, Any]

_TABLE_FQN_PARTS = 4


@dataclass(frozen=True)
class Edge:
    """A directed edge; one a pair. Without details it is in the graph, but not to be had on its own."""

    start: Pointer
    end: Pointer
    details: Details | None


class Lineage:
    """All edges; callers hold the application's lock."""

    def __init__(self, line: Line, store: Store) -> None:
        self._line = line
        self._store = store
        self._down: dict[str, dict[str, Edge]] = defaultdict(dict)
        self._up: dict[str, dict[str, Edge]] = defaultdict(dict)

    def put(self, start: Entity, end: Entity, details: Details | None) -> None:
        """Store an edge; the details of one that is there are replaced.

        Raises:
            Refused: A column is not one of the entity at its end.
        """
        if details is not None:
            self._check_columns(start, end, details.get("columnsLineage", ()))
            details = {"columnsLineage": [], **details}
            if self._line.has("strict lineage details"):
                details = {"source": "Manual", **details}
        self._store_edge(Edge(Pointer(start.type, start.id), Pointer(end.type, end.id), details))

    def edge(self, start_id: str, end_id: str) -> Edge | None:
        """The edge between two entities."""
        return self._down.get(start_id, {}).get(end_id)

    def replace_details(self, edge: Edge, details: Details) -> None:
        """Give an edge other details."""
        self._store_edge(Edge(edge.start, edge.end, details))

    def delete(self, start_id: str, end_id: str) -> None:
        """Drop an edge.

        Raises:
            Refused: There is none.
        """
        if self.edge(start_id, end_id) is None:
            raise Refused(404, f"Lineage edge from {start_id} to {end_id} not found")
        self._drop(start_id, end_id)

    def delete_of_source(self, entity: Entity, source: str) -> None:
        """Drop the edges into an entity that have this lineage source."""
        for edge in list(self._up.get(entity.id, {}).values()):
            if edge.details is not None and edge.details.get("source") == source:
                self._drop(edge.start.id, edge.end.id)

    def forget(self, entity: Entity) -> None:
        """Drop all edges of an entity that is deleted for good."""
        for other in list(self._down.get(entity.id, ())):
            self._drop(entity.id, other)
        for other in list(self._up.get(entity.id, ())):
            self._drop(other, entity.id)

    def upstream(self, entity: Entity, depth: int) -> list[Edge]:
        """Edges that lead to an entity; one reached by several ways is listed for each."""
        return self._walk(self._up, entity.id, depth)

    def downstream(self, entity: Entity, depth: int) -> list[Edge]:
        """Edges that lead away from an entity; one reached by several ways is listed for each."""
        return self._walk(self._down, entity.id, depth)

    def _walk(self, side: Mapping[str, Mapping[str, Edge]], entity_id: str, depth: int) -> list[Edge]:
        found: list[Edge] = []
        if depth > 0:
            for other, edge in side.get(entity_id, {}).items():
                found.append(edge)
                found.extend(self._walk(side, other, depth - 1))
        return found

    def _store_edge(self, edge: Edge) -> None:
        self._down[edge.start.id][edge.end.id] = edge
        self._up[edge.end.id][edge.start.id] = edge

    def _drop(self, start_id: str, end_id: str) -> None:
        del self._down[start_id][end_id]
        del self._up[end_id][start_id]

    def _check_columns(self, start: Entity, end: Entity, lineage: Iterable[Mapping[str, Any]]) -> None:
        for pair in lineage:
            if not self._line.has("columns of any entity"):
                self._check_old_pair(start, end, pair)
                continue
            known = self._columns(start)
            for column in pair.get("fromColumns", ()):
                if column not in known:
                    raise bad_request(f"Invalid fully qualified column name {column}")
            self._check_target(end, pair.get("toColumn"))

    def _check_target(self, end: Entity, column: str | None) -> None:
        if column is None:
            return
        if end.type == "dashboard":
            charts = [self._store.find(pointer) for pointer in end.state.pointers.get("charts", ())]
            if column not in {chart.fqn for chart in charts if chart}:
                raise bad_request(f"Invalid chart name {column}")
        elif column not in self._columns(end):
            raise bad_request(f"Invalid fully qualified column name {column}")

    def _check_old_pair(self, start: Entity, end: Entity, pair: Mapping[str, Any]) -> None:
        """The oldest servers know columns of two tables only, and look each up in the table that it names."""
        if (start.type, end.type) != ("table", "table"):
            raise bad_request("Column level lineage is only allowed between two tables.")
        for column in (*pair.get("fromColumns", ()), pair["toColumn"]):
            table_fqn = ".".join(map(quote, split(column)[:_TABLE_FQN_PARTS]))
            table = self._store.by_fqn("table", table_fqn)
            if table is None:
                raise not_found("table", table_fqn)
            if column not in column_fqns(table.state.body["columns"], nested=False):
                raise bad_request(f"Invalid fully qualified column name {column}")

    def _columns(self, entity: Entity) -> frozenset[str]:
        body = entity.state.body
        columns = {
            "table": lambda: body["columns"],
            "dashboardDataModel": lambda: body["columns"],
            "container": lambda: body.get("dataModel", {}).get("columns", []),
            "topic": lambda: body.get("messageSchema", {}).get("schemaFields", []),
        }.get(entity.type)
        if columns is None:
            raise bad_request(f"Unsupported Entity Type {entity.type} for lineage")
        return frozenset(column_fqns(columns(), nested=True))
