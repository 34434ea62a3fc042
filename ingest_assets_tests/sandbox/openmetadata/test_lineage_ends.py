"""Edges between any two types, and columns where a version has them."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from ingest_assets_tests.sandbox.openmetadata.api import Answer, Api
from ingest_assets_tests.sandbox.openmetadata.conftest import ServerMaker
from ingest_assets_tests.sandbox.openmetadata.estate import make_all

_ENDS = {
    "table": ("tables", "db.d.s.t.x"),
    "topic": ("topics", "msg.t.f"),
    "container": ("containers", "store.c.x"),
    "dashboardDataModel": ("dashboard/datamodels", "dash.model.m.x"),
    "dashboard": ("dashboards", "dash.c"),
    "chart": ("charts", ""),
    "pipeline": ("pipelines", ""),
}
_WITH_COLUMNS = ("table", "topic", "container", "dashboardDataModel")
_LINES = ["1.0.5", "1.5.8", "1.12.4", "2.0.7"]


def _put(api: Api, made: dict[str, Any], start: str, end: str, **details: Any) -> Answer:
    ends = [{"type": kind, "id": made[_ENDS[kind][0]]["id"]} for kind in (start, end)]
    return api.put("lineage", {"edge": {"fromEntity": ends[0], "toEntity": ends[1], "lineageDetails": details}})


def _pair(start: str, end: str) -> dict[str, Any]:
    return {"fromColumns": [_ENDS[start][1]], "toColumn": _ENDS[end][1]}


@pytest.mark.parametrize("version", _LINES)
def test_any_two_may_be_tied_and_untied(serve: ServerMaker, version: str) -> None:
    api = serve(version)
    made = make_all(api, version)
    for start, end in product(_ENDS, _ENDS):
        ids = [made[_ENDS[kind][0]]["id"] for kind in (start, end)]
        assert _put(api, made, start, end, sqlQuery="select 1").status_code == 200, (start, end)
        graph = api.get(f"lineage/{start}/{ids[0]}", downstreamDepth=1, upstreamDepth=0).json()
        assert [edge["toEntity"] for edge in graph["downstreamEdges"]] == [ids[1]]
        path = f"lineage/{start}/{ids[0]}/{end}/{ids[1]}"
        assert [api.delete(path).status_code, api.delete(path).status_code] == [200, 404]


@pytest.mark.parametrize("version", ["1.5.8", "1.12.4", "2.0.7"])
def test_columns_tie_all_types_that_have_some_and_a_dashboard_by_its_chart(serve: ServerMaker, version: str) -> None:
    api = serve(version)
    made = make_all(api, version)
    for start, end in product(_WITH_COLUMNS, (*_WITH_COLUMNS, "dashboard")):
        assert _put(api, made, start, end, columnsLineage=[_pair(start, end)]).status_code == 200, (start, end)
        ids = [made[_ENDS[kind][0]]["id"] for kind in (start, end)]
        edge = api.get(f"lineage/getLineageEdge/{ids[0]}/{ids[1]}").json()["edge"]
        assert edge["columnsLineage"] == [_pair(start, end)]
    refused = _put(api, made, "table", "chart", columnsLineage=[{"fromColumns": [], "toColumn": "dash.c"}])
    assert (refused.status_code, refused.json()["message"]) == (400, "Unsupported Entity Type chart for lineage")


def test_on_1_0_columns_tie_two_tables_only(serve: ServerMaker) -> None:
    api = serve("1.0.5")
    made = make_all(api, "1.0.5")
    assert _put(api, made, "table", "table", columnsLineage=[_pair("table", "table")]).status_code == 200
    for start, end in product(_WITH_COLUMNS, (*_WITH_COLUMNS, "dashboard")):
        if (start, end) != ("table", "table"):
            assert _put(api, made, start, end, columnsLineage=[_pair(start, end)]).status_code == 400, (start, end)
