"""Faults inside requests strike every type: elements of a bulk, rows and cursors of lists, what vanishes."""

from __future__ import annotations

import pytest

from ingest_assets.sandbox.fault_sites import openmetadata_operation
from ingest_assets.sandbox.faults import Faults
from ingest_assets.sandbox.openmetadata.entity_types import ENTITY_TYPES
from ingest_assets.sandbox.openmetadata_faults import StepFaults
from ingest_assets_tests.sandbox.openmetadata.api import ADMIN, Api, names
from ingest_assets_tests.sandbox.openmetadata.conftest import ServerMaker
from ingest_assets_tests.sandbox.openmetadata.estate import MINIMAL, make_all

_VERSION = "2.0.7"
_FQNS = {
    "services/messagingServices": "msg",
    "services/dashboardServices": "dash",
    "topics": "msg.t",
    "charts": "dash.c",
    "dashboard/datamodels": "dash.model.m",
    "dashboards": "dash.d",
    "containers": "store.c",
    "pipelines": "pipe.p",
    "tags": "Kind.good",
    "glossaryTerms": "terms.parcel",
}
_BULK = [kind.path for kind in ENTITY_TYPES.values() if kind.bulk]


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def api(serve: ServerMaker, faults: Faults) -> Api:
    api = serve(_VERSION, faults=StepFaults(faults))
    make_all(api, _VERSION)
    return api


def _plan(faults: Faults, kind: str, verb: str, path: str, match: str) -> None:
    faults.add(kind, service="openmetadata", operation=openmetadata_operation(verb, f"/v1/{path}"), match=match)


@pytest.mark.parametrize("path", _BULK)
@pytest.mark.parametrize("status", ["400", "429", "500"])
def test_an_element_of_any_bulk_fails_alone(api: Api, faults: Faults, path: str, status: str) -> None:
    good, bad = ({**MINIMAL[path], "name": name} for name in ("good2", "bad2"))
    _plan(faults, f"element:{status}", "PUT", path, "*bad2")
    result = api.put(f"{path}/bulk", [bad, good]).json()
    assert (result["status"], result["failedRequest"][0]["status"]) == ("partialSuccess", int(status))
    assert {"good2", "bad2"} & set(names(api.get(path, limit=100))) == {"good2"}
    assert api.put(f"{path}/bulk", [bad, good]).json()["status"] == "success"


@pytest.mark.parametrize(("version", "status"), [("1.10.9", 500), ("1.11.0", 200)])
def test_bulk_of_any_type_came_with_1_11(serve: ServerMaker, version: str, status: int) -> None:
    api = serve(version)
    make_all(api, version)
    for path in _BULK:
        answer = api.put(f"{path}/bulk", [{**MINIMAL[path], "name": "more"}])
        assert answer.status_code == status, path


@pytest.mark.parametrize("path", _FQNS)
def test_a_row_of_any_list_is_hidden_once(api: Api, faults: Faults, path: str) -> None:
    name = MINIMAL[path]["name"]
    _plan(faults, "hidden", "GET", path, _FQNS[path])
    assert name not in names(api.get(path, limit=100))
    assert api.named(path, _FQNS[path]).status_code == 200
    assert name in names(api.get(path, limit=100))


@pytest.mark.parametrize("path", _FQNS)
def test_a_cursor_of_any_list_goes_in_a_circle(api: Api, faults: Faults, path: str) -> None:
    for number in range(3):
        assert api.put(path, {**MINIMAL[path], "name": f"more{number}"}, token=ADMIN).status_code == 201
    _plan(faults, "loop-token", "GET", path, path)
    cursor = api.get(path, limit=1).json()["paging"]["after"]
    assert api.get(path, limit=1, after=cursor).json()["paging"]["after"] == cursor
    assert api.get(path, limit=1, after=cursor).json()["paging"]["after"] != cursor


@pytest.mark.parametrize("verb", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", _FQNS)
def test_an_entity_of_any_type_vanishes_before_a_call(api: Api, faults: Faults, path: str, verb: str) -> None:
    entity = api.named(path, _FQNS[path]).json()
    _plan(faults, "vanish", verb, path, _FQNS[path])
    body = [{"op": "add", "path": "/description", "value": "x"}] if verb == "PATCH" else None
    assert api.call(verb, f"{path}/{entity['id']}", body).status_code == 404
    assert api.get(f"{path}/{entity['id']}", include="all").status_code == 404


@pytest.mark.parametrize("kind", ["topic", "dashboard", "dashboardDataModel", "container", "pipeline"])
def test_an_end_of_an_edge_vanishes_whatever_it_is(api: Api, faults: Faults, kind: str) -> None:
    path = ENTITY_TYPES[kind].path
    ends = [{"type": "table", "id": api.named("tables", "db.d.s.t").json()["id"]}]
    ends.append({"type": kind, "id": api.named(path, _FQNS[path]).json()["id"]})
    _plan(faults, "vanish", "PUT", "lineage", _FQNS[path])
    assert api.put("lineage", {"edge": {"fromEntity": ends[0], "toEntity": ends[1]}}).status_code == 404
    assert api.named("tables", "db.d.s.t").status_code == 200


def test_a_run_of_a_pipeline_comes_too_late(api: Api, faults: Faults) -> None:
    _plan(faults, "vanish", "PUT", "pipelines", "pipe.p")
    run = {"timestamp": 1_700_000_000_000, "executionStatus": "Successful"}
    assert api.put("pipelines/pipe.p/status", run).status_code == 404
