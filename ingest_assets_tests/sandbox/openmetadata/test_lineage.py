"""Edges and graphs."""

from __future__ import annotations

from typing import Any

import pytest

from ingest_assets_tests.sandbox.openmetadata.api import Answer, Api, table
from ingest_assets_tests.sandbox.openmetadata.conftest import ServerMaker


class Graph:
    """Tables ``a``, ``b`` and ``c`` with one column ``x`` each."""

    def __init__(self, api: Api) -> None:
        self.api = api
        schema = api.make_schema()["fullyQualifiedName"]
        columns = [{"name": "x", "dataType": "INT"}]
        self.ids = {name: api.make("tables", table(name, schema, columns=columns))["id"] for name in "abc"}

    def put(self, start: str, end: str, **details: Any) -> Answer:
        edge: dict[str, Any] = {
            "fromEntity": {"id": self.ids[start], "type": "table"},
            "toEntity": {"id": self.ids[end], "type": "table"},
        }
        return self.api.put("lineage", {"edge": {**edge, "lineageDetails": details} if details else edge})

    def edge(self, start: str, end: str) -> Answer:
        return self.api.get(f"lineage/getLineageEdge/{self.ids[start]}/{self.ids[end]}")

    def around(self, name: str, up: int, down: int) -> tuple[set[str], int]:
        """Names of the nodes, and how many edges there are."""
        answer = self.api.get(f"lineage/table/name/lake.d.s.{name}", upstreamDepth=up, downstreamDepth=down).json()
        return {node["name"] for node in answer["nodes"]}, len(answer["upstreamEdges"] + answer["downstreamEdges"])


@pytest.fixture
def graph(serve: ServerMaker) -> Graph:
    return Graph(serve("1.12.4"))


def test_an_edge_is_replaced_whole(graph: Graph) -> None:
    pair = {"fromColumns": ["lake.d.s.a.x"], "toColumn": "lake.d.s.b.x"}
    graph.put("a", "b", source="ViewLineage", sqlQuery="select 1", columnsLineage=[pair])
    graph.put("a", "b", source="QueryLineage")
    assert graph.edge("a", "b").json() == {"edge": {"source": "QueryLineage", "columnsLineage": []}}


def test_an_edge_without_details_is_in_the_graph_only(graph: Graph) -> None:
    graph.put("a", "b")
    assert graph.edge("a", "b").status_code == 404
    assert graph.around("b", 1, 0) == ({"a"}, 1)


def test_depth_counts_steps(graph: Graph) -> None:
    graph.put("a", "b")
    graph.put("b", "c")
    assert graph.around("c", 1, 1) == ({"b"}, 1)
    assert graph.around("c", 2, 0) == ({"a", "b"}, 2)
    assert graph.around("a", 0, 3) == ({"b", "c"}, 2)


@pytest.mark.parametrize("column", ["lake.d.s.a.X", "lake.d.s.a.y", "lake.d.s.c.x", "x"])
def test_a_column_must_be_one_of_the_entity_in_this_spelling(graph: Graph, column: str) -> None:
    pair = {"fromColumns": [column], "toColumn": "lake.d.s.b.x"}
    answer = graph.put("a", "b", source="ViewLineage", columnsLineage=[pair])
    assert (answer.status_code, answer.json()["message"]) == (400, f"Invalid fully qualified column name {column}")
    assert graph.around("b", 1, 0) == (set(), 0)


def test_edges_of_what_is_deleted_for_good_go_with_it(graph: Graph) -> None:
    graph.put("a", "b", source="ViewLineage")
    graph.put("b", "c", source="ViewLineage")
    graph.api.delete(f"tables/{graph.ids['b']}")
    assert graph.around("a", 0, 1) == ({"b"}, 1)
    graph.api.delete(f"tables/{graph.ids['b']}", hardDelete="true")
    assert graph.around("a", 0, 1) == (set(), 0)
    assert graph.around("c", 1, 0) == (set(), 0)


def test_an_edge_is_patched_and_deleted_by_names(graph: Graph) -> None:
    graph.put("a", "b", source="ViewLineage")
    path = f"lineage/table/{graph.ids['a']}/table/{graph.ids['b']}"
    graph.api.patch(path, {"op": "add", "path": "/sqlQuery", "value": "select 2"})
    assert graph.edge("a", "b").json()["edge"]["sqlQuery"] == "select 2"
    assert graph.api.patch(path, {"op": "add", "path": "/nope", "value": 1}).status_code == 400
    assert graph.api.delete("lineage/table/name/lake.d.s.a/table/name/lake.d.s.b").status_code == 200
    assert graph.api.delete(path).status_code == 404


@pytest.mark.parametrize(
    ("version", "source", "status"),
    [("1.2.5", "SparkLineage", 400), ("1.3.0", "SparkLineage", 200), ("1.7.0", "CrossDatabaseLineage", 200)],
)
def test_sources_belong_to_versions(serve: ServerMaker, version: str, source: str, status: int) -> None:
    assert Graph(serve(version)).put("a", "b", source=source).status_code == status


def test_lineage_makes_no_version_and_no_event(graph: Graph) -> None:
    graph.put("a", "b", source="ViewLineage")
    assert graph.api.get(f"tables/{graph.ids['b']}").json()["version"] == 0.1
    assert graph.api.get("events", entityUpdated="*", timestamp=0).json()["data"] == []
