"""The search index, where the server has an engine."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ingest_assets.sandbox.openmetadata import Engine
from ingest_assets_tests.sandbox.openmetadata.api import Answer, Api, table
from ingest_assets_tests.sandbox.openmetadata.conftest import ServerMaker
from ingest_assets_tests.sandbox.openmetadata.estate import make_all

A, B = "lake.d.s.a", "lake.d.s.b"


def lake(api: Api, *more: str) -> dict[str, str]:
    """Tables ``a`` and ``b``, more, and an edge from ``a`` to ``b``; their ids."""
    api.app.use_search(Engine.RUNNING)
    api.make_schema()
    ids = {name: api.make("tables", table(name))["id"] for name in ("a", "b", *more)}
    details: dict[str, Any] = {
        "sqlQuery": "select a from a",
        "columnsLineage": [{"fromColumns": [f"{A}.a"], "toColumn": f"{B}.a"}],
    }
    if not api.get("system/version").json()["version"].startswith("1.0"):
        details["source"] = "ViewLineage"
    ends = {end: {"id": ids[name], "type": "table"} for end, name in (("fromEntity", "a"), ("toEntity", "b"))}
    assert api.put("lineage", {"edge": {**ends, "lineageDetails": details}}).status_code == 200
    return ids


def search(api: Api, query: dict[str, Any] | None = None, **more: Any) -> Answer:
    words = {"query_filter": json.dumps({"query": query})} if query else {}
    return api.get("search/query", q="*", index="table_search_index", **words, **more)


def found(answer: Answer) -> list[str]:
    return [hit["_source"]["fullyQualifiedName"] for hit in answer.json()["hits"]["hits"]]


def test_documents_of_1_5_tell_of_the_edges_at_both_ends(serve: ServerMaker) -> None:
    api = serve("1.5.7")
    ids = lake(api)
    hits = {hit["_id"]: hit["_source"] for hit in search(api).json()["hits"]["hits"]}
    assert set(hits) == set(ids.values())
    ((edge,), (same,)) = (hits[ids[name]]["lineage"] for name in "ab")
    assert edge == same
    assert edge["fromEntity"] == {"id": ids["a"], "type": "table", "fqn": A}
    assert edge["toEntity"] == {"id": ids["b"], "type": "table", "fqn": B}
    assert edge["columns"] == [{"fromColumns": [f"{A}.a"], "toColumn": f"{B}.a"}]
    assert (edge["sqlQuery"], edge["source"], edge["pipeline"]) == ("select a from a", "ViewLineage", None)
    assert (hits[ids["b"]]["entityType"], hits[ids["b"]]["service"]["name"]) == ("table", "lake")


def test_documents_of_1_12_tell_of_the_edges_into_a_table(serve: ServerMaker) -> None:
    api = serve("1.12.4")
    ids = lake(api)
    hits = {hit["_id"]: hit["_source"] for hit in search(api).json()["hits"]["hits"]}
    assert hits[ids["a"]]["upstreamLineage"] == []
    (edge,) = hits[ids["b"]]["upstreamLineage"]
    assert edge["fromEntity"] == {"id": ids["a"], "type": "table", "fullyQualifiedName": A}
    assert (edge["sqlQuery"], edge["source"], "toEntity" in edge) == ("select a from a", "ViewLineage", False)


def test_documents_of_1_0_tell_of_no_lineage(serve: ServerMaker) -> None:
    api = serve("1.0.3")
    lake(api)
    for hit in search(api).json()["hits"]["hits"]:
        assert not {"lineage", "upstreamLineage"} & set(hit["_source"])


def test_tables_are_found_by_id_and_by_name_in_any_case(serve: ServerMaker) -> None:
    api = serve("1.5.7")
    ids = lake(api, "B", "c")
    assert found(search(api, {"ids": {"values": [ids["a"], "unknown"]}})) == [A]
    assert sorted(found(search(api, {"term": {"fullyQualifiedName": B}}))) == ["lake.d.s.B", B]
    both = [{"terms": {"_id": [ids["a"], ids["b"]]}}, {"terms": {"fullyQualifiedName": [B, "lake.d.s.c"]}}]
    assert found(search(api, {"bool": {"must": both}})) == [B]


def test_a_filter_that_is_no_json_is_no_filter(serve: ServerMaker) -> None:
    api = serve("1.5.7")
    lake(api)
    assert len(found(search(api, query_filter="{"))) == 2


def test_pages_end_at_the_window_and_go_on_behind_a_value(serve: ServerMaker) -> None:
    api = serve("1.5.7")
    lake(api, "c", "d")
    ordered: dict[str, Any] = {"sort_field": "fullyQualifiedName", "sort_order": "asc"}
    first = search(api, size=2, **ordered)
    assert (found(first), first.json()["hits"]["total"]) == ([A, B], {"value": 4, "relation": "eq"})
    last = first.json()["hits"]["hits"][-1]["sort"][0]
    assert found(search(api, size=2, search_after=last, **ordered)) == ["lake.d.s.c", "lake.d.s.d"]
    fourth: dict[str, Any] = {"from": 3, **ordered}
    assert found(search(api, **fourth)) == ["lake.d.s.d"]
    beyond: list[dict[str, Any]] = [{"from": 9_999, "size": 2}, {**fourth, "search_after": last}]
    for query in beyond:
        answer = search(api, **query)
        assert (answer.status_code, "all shards failed" in answer.text) == (500, True)


def test_only_the_fields_that_are_asked_for_are_told(serve: ServerMaker) -> None:
    api = serve("1.5.7")
    ids = lake(api)
    answer = search(api, {"ids": {"values": [ids["b"]]}}, include_source_fields=["lineage", "id"])
    (hit,) = answer.json()["hits"]["hits"]
    assert set(hit["_source"]) == {"lineage", "id"}


def test_deleted_tables_are_found_only_when_they_are_asked_for(serve: ServerMaker) -> None:
    api = serve("1.5.7")
    ids = lake(api)
    api.delete(f"tables/{ids['a']}")
    assert found(search(api)) == [B]
    assert found(search(api, deleted="true")) == [A]


def test_an_engine_that_is_down_is_an_unhandled_500(serve: ServerMaker) -> None:
    api = serve("1.5.7")
    lake(api)
    api.app.use_search(Engine.DOWN)
    answer = search(api)
    assert answer.status_code == 500
    assert "Connection refused" in answer.json()["responseMessage"]


@pytest.mark.parametrize(
    "query",
    [
        {"index": "domain_search_index"},
        {"q": "orders"},
        {"aggregations": "x"},
        {"sort_field": "name"},
        {"include_source_fields": "*ineage"},
        {"query_filter": json.dumps({"query": {"fuzzy": {"name": "x"}}})},
        {"query_filter": json.dumps({"query": {"term": {"tags.tagFQN": "PII.Sensitive"}}})},
    ],
)
def test_what_the_sandbox_can_not_search_is_501(serve: ServerMaker, query: dict[str, Any]) -> None:
    api = serve("1.5.7")
    lake(api)
    assert api.get("search/query", **query).status_code == 501


@pytest.mark.parametrize(
    ("kind", "collection", "index"),
    [
        ("topic", "topics", "topic"),
        ("dashboard", "dashboards", "dashboard"),
        ("dashboardDataModel", "dashboard/datamodels", "dashboard_data_model"),
        ("container", "containers", "container"),
        ("pipeline", "pipelines", "pipeline"),
    ],
)
def test_documents_of_other_types_tell_of_their_edges_too(
    serve: ServerMaker, kind: str, collection: str, index: str
) -> None:
    api = serve("1.5.7")
    made = make_all(api, "1.5.7")
    api.app.use_search(Engine.RUNNING)
    ends = [{"type": "table", "id": made["tables"]["id"]}, {"type": kind, "id": made[collection]["id"]}]
    details = {"source": "ViewLineage"}
    api.put("lineage", {"edge": {"fromEntity": ends[0], "toEntity": ends[1], "lineageDetails": details}})
    (hit,) = api.get("search/query", q="*", index=f"{index}_search_index").json()["hits"]["hits"]
    assert (hit["_id"], hit["_source"]["entityType"]) == (ends[1]["id"], kind)
    assert [edge["fromEntity"]["id"] for edge in hit["_source"]["lineage"]] == [ends[0]["id"]]


@pytest.mark.parametrize(("version", "status"), [("1.0.5", 501), ("1.2.0", 200)])
def test_an_index_belongs_to_a_version(serve: ServerMaker, version: str, status: int) -> None:
    api = serve(version)
    api.app.use_search(Engine.RUNNING)
    assert api.get("search/query", index="dashboard_data_model_search_index").status_code == status


def test_a_user_is_found_by_mail(serve: ServerMaker) -> None:
    api = serve("1.5.7")
    api.app.use_search(Engine.RUNNING)
    ann = api.app.add_user("ann", email="ann.b@example.com")
    api.app.add_user("bob")
    index = {"index": "user_search_index"}
    for text in ("email.keyword:ann.b@example.com", r"email.keyword:ann.b\@example.com"):
        (hit,) = api.get("search/query", q=text, **index).json()["hits"]["hits"]
        assert (hit["_id"], hit["_source"]["name"]) == (ann, "ann")
    assert api.get("search/query", q="email.keyword:none@example.com", **index).json()["hits"]["hits"] == []


@pytest.mark.parametrize(
    ("version", "engine", "status"),
    [("1.5.7", Engine.RUNNING, 500), ("1.5.7", Engine.NONE, 200), ("1.12.4", Engine.RUNNING, 200)],
)
def test_an_edge_to_a_chart_is_stored_though_1_5_fails_to_index_it(
    serve: ServerMaker, version: str, engine: Engine, status: int
) -> None:
    api = serve(version)
    made = make_all(api, version)
    api.app.use_search(engine)
    ends = [{"type": "table", "id": made["tables"]["id"]}, {"type": "chart", "id": made["charts"]["id"]}]
    assert api.put("lineage", {"edge": {"fromEntity": ends[0], "toEntity": ends[1]}}).status_code == status
    graph = api.get(f"lineage/chart/{ends[1]['id']}", upstreamDepth=1).json()
    assert [edge["fromEntity"] for edge in graph["upstreamEdges"]] == [ends[0]["id"]]
