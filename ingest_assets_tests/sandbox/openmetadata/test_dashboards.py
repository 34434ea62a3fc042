"""Dashboards, their charts and data models."""

from __future__ import annotations

from typing import Any

import pytest

from ingest_assets_tests.sandbox.openmetadata.api import ADMIN, Api, change, names
from ingest_assets_tests.sandbox.openmetadata.conftest import ServerMaker
from ingest_assets_tests.sandbox.openmetadata.estate import COLUMNS, service

_CHART = {"name": "c", "service": "dash"}
_BOARD = {"name": "d", "service": "dash", "charts": ["dash.c"]}


def _dash(api: Api, name: str = "dash") -> Api:
    api.make("services/dashboardServices", service("Looker", name))
    return api


def _board(api: Api) -> dict[str, Any]:
    board: dict[str, Any] = api.named("dashboards", "dash.d", fields="charts").json()
    return board


def test_from_1_5_on_a_chart_that_is_put_without_its_dashboards_leaves_them(serve: ServerMaker) -> None:
    api = _dash(serve("1.5.8"))
    api.make("charts", _CHART)
    api.make("dashboards", _BOARD)
    again = api.put("charts", _CHART)
    assert change(again) == "entityUpdated"
    assert [one["name"] for one in again.json()["changeDescription"]["fieldsDeleted"]] == ["dashboards"]
    board = _board(api)
    assert (board["charts"], board["version"]) == ([], 0.1)
    assert change(api.put("charts", _CHART)) == "entityNoChange"


def test_a_chart_that_names_its_dashboards_stays_and_may_join_one(serve: ServerMaker) -> None:
    api = _dash(serve("1.5.8"))
    api.make("charts", _CHART)
    api.make("dashboards", _BOARD)
    assert change(api.put("charts", {**_CHART, "dashboards": ["dash.d"]})) == "entityNoChange"
    made = api.make("charts", {"name": "new", "service": "dash", "dashboards": ["dash.d"]})
    assert [one["name"] for one in made["dashboards"]] == ["d"]
    assert [one["name"] for one in _board(api)["charts"]] == ["c", "new"]
    shown = api.get("charts", service="dash", fields="dashboards").json()["data"]
    assert [[one["name"] for one in chart["dashboards"]] for chart in shown] == [["d"], ["d"]]
    assert api.put("charts", {**_CHART, "dashboards": ["dash.none"]}).status_code == 404


def test_a_patch_of_a_chart_leaves_its_dashboards_alone(serve: ServerMaker) -> None:
    api = _dash(serve("1.5.8"))
    chart = api.make("charts", _CHART)
    api.make("dashboards", _BOARD)
    for word in ("one", "two"):
        patched = api.patch(f"charts/{chart['id']}", {"op": "add", "path": "/description", "value": word}, token=ADMIN)
        assert (patched.status_code, patched.json()["description"]) == (200, word)
    assert [one["name"] for one in _board(api)["charts"]] == ["c"]


@pytest.mark.parametrize("version", ["1.0.5", "1.4.8"])
def test_before_1_5_a_chart_does_not_know_its_dashboards(serve: ServerMaker, version: str) -> None:
    api = _dash(serve(version))
    api.make("charts", _CHART)
    api.make("dashboards", _BOARD)
    assert change(api.put("charts", _CHART)) == "entityNoChange"
    assert [one["name"] for one in _board(api)["charts"]] == ["c"]
    assert api.put("charts", {**_CHART, "dashboards": ["dash.d"]}).status_code == 400


@pytest.mark.parametrize("version", ["1.5.8", "2.0.7"])
def test_a_data_model_s_fqn_begins_with_the_bare_name_of_its_service(serve: ServerMaker, version: str) -> None:
    api = _dash(serve(version), "a.b")
    model = {"name": "m.1", "service": '"a.b"', "dataModelType": "LookMlView", "columns": COLUMNS}
    made = api.make("dashboard/datamodels", model)
    assert made["fullyQualifiedName"] == 'a.b.model."m.1"'
    assert made["columns"][0]["fullyQualifiedName"] == 'a.b.model."m.1".x'
    assert api.named("dashboard/datamodels", 'a.b.model."m.1"').json()["id"] == made["id"]
    assert api.make("charts", {"name": "c", "service": '"a.b"'})["fullyQualifiedName"] == '"a.b".c'
    assert names(api.get("dashboard/datamodels", service="a.b")) == []


@pytest.mark.parametrize("version", ["1.0.5", "1.12.4"])
@pytest.mark.parametrize(
    ("collection", "kind", "path", "body", "status"),
    [
        ("dashboardServices", "Looker", "dashboards", {}, 404),
        ("pipelineServices", "GluePipeline", "pipelines", {}, 404),
        ("storageServices", "S3", "containers", {}, 404),
        ("dashboardServices", "Looker", "charts", {}, 201),
        ("dashboardServices", "Looker", "dashboard/datamodels", {"dataModelType": "LookMlView", "columns": []}, 201),
        ("messagingServices", "Kinesis", "topics", {"partitions": 1}, 201),
    ],
)
def test_below_a_deleted_service_some_types_are_made_and_some_refused(
    serve: ServerMaker, version: str, collection: str, kind: str, path: str, body: dict[str, Any], status: int
) -> None:
    api = serve(version)
    made = api.make(f"services/{collection}", service(kind, "gone"))
    api.delete(f"services/{collection}/{made['id']}")
    assert api.put(path, {"name": "x", "service": "gone", **body}).status_code == status


@pytest.mark.parametrize(
    ("version", "path", "url"),
    [
        ("1.0.5", "charts", "chartUrl"),
        ("1.0.5", "dashboards", "dashboardUrl"),
        ("1.0.5", "pipelines", "pipelineUrl"),
        ("1.1.7", "charts", "sourceUrl"),
        ("1.1.7", "dashboards", "sourceUrl"),
        ("1.1.7", "pipelines", "sourceUrl"),
        ("1.9.0", "dashboard/datamodels", "sourceUrl"),
    ],
)
def test_an_address_has_one_name_a_version(serve: ServerMaker, version: str, path: str, url: str) -> None:
    api = _dash(serve(version))
    api.make("services/pipelineServices", service("GluePipeline", "pipe"))
    body: dict[str, Any] = {"name": "x", "service": "pipe" if path == "pipelines" else "dash"}
    if path == "dashboard/datamodels":
        body |= {"dataModelType": "LookMlView", "columns": []}
    assert api.make(path, {**body, url: "http://q/1"})[url] == "http://q/1"
    for other in {"chartUrl", "dashboardUrl", "pipelineUrl", "sourceUrl"} - {url}:
        refused = api.put(path, {**body, other: "http://q/1"})
        assert refused.status_code == 400
        assert f'Unrecognized field "{other}"' in refused.json()["message"]


@pytest.mark.parametrize(
    ("version", "path", "extra", "status"),
    [
        ("1.8.9", "charts", {"chartType": "Heatmap"}, 400),
        ("1.9.0", "charts", {"chartType": "Heatmap"}, 201),
        ("1.8.9", "charts", {"extension": {}}, 400),
        ("1.9.0", "charts", {"extension": {}}, 201),
        ("1.5.8", "dashboard/datamodels", {"dataModelType": "QuickSightDataModel", "columns": []}, 400),
        ("1.5.15", "dashboard/datamodels", {"dataModelType": "QuickSightDataModel", "columns": []}, 201),
        ("1.0.5", "dashboards", {"dashboardType": "Report"}, 400),
        ("1.1.7", "dashboards", {"dashboardType": "Report", "project": "p"}, 201),
        ("1.1.7", "dashboards", {"sourceHash": "h"}, 400),
        ("1.2.0", "dashboards", {"sourceHash": "h"}, 201),
    ],
)
def test_properties_and_members_of_dashboards_belong_to_versions(
    serve: ServerMaker, version: str, path: str, extra: dict[str, Any], status: int
) -> None:
    assert _dash(serve(version)).put(path, {"name": "x", "service": "dash", **extra}).status_code == status
