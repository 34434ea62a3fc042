"""What a patch reaches in each type: words inside, labels, owners, references."""

from __future__ import annotations

from typing import Any

import pytest

from ingest_assets_tests.sandbox.openmetadata.api import ADMIN, Answer, Api, change
from ingest_assets_tests.sandbox.openmetadata.conftest import ServerMaker
from ingest_assets_tests.sandbox.openmetadata.estate import make_all

_LINES = ["1.0.5", "1.5.8", "1.12.4", "2.0.7"]
_LABEL = {"tagFQN": "PII.Sensitive", "source": "Classification", "labelType": "Manual", "state": "Confirmed"}

# Collection to where it has columns, fields or tasks.
_INNER = {
    "tables": "columns",
    "dashboard/datamodels": "columns",
    "containers": "dataModel/columns",
    "topics": "messageSchema/schemaFields",
    "pipelines": "tasks",
}
_LABELLED = (*_INNER, "charts", "dashboards", "databases", "databaseSchemas", "services/dashboardServices")


def _at(document: Any, path: str) -> Any:
    for part in path.split("/"):
        document = document[int(part) if isinstance(document, list) else part]
    return document


def _patch(api: Api, path: str, entity: dict[str, Any], *operations: dict[str, Any]) -> Answer:
    answer = api.patch(f"{path}/{entity['id']}", *operations, token=ADMIN)
    assert answer.status_code == 200, (path, answer.text)
    return answer


@pytest.mark.parametrize("version", _LINES)
def test_descriptions_inside_are_patched(serve: ServerMaker, version: str) -> None:
    api = serve(version)
    made = make_all(api, version)
    for path, inner in _INNER.items():
        words = {"op": "add", "path": f"/{inner}/0/description", "value": "words"}
        assert change(_patch(api, path, made[path], words)) == "entityUpdated"
        field = inner.partition("/")[0]
        query = {} if path in ("topics", "dashboard/datamodels") else {"fields": field}
        stored = api.get(f"{path}/{made[path]['id']}", **query).json()
        assert (_at(stored, f"{inner}/0/description"), stored["version"]) == ("words", 0.2), path


@pytest.mark.parametrize("version", _LINES)
def test_labels_come_and_go_by_patch(serve: ServerMaker, version: str) -> None:
    api = serve(version)
    made = make_all(api, version)
    for path in _LABELLED:
        _patch(api, path, made[path], {"op": "add", "path": "/tags", "value": [_LABEL]})
        one = f"{path}/{made[path]['id']}"
        assert [label["tagFQN"] for label in api.get(one, fields="tags").json()["tags"]] == ["PII.Sensitive"], path
        _patch(api, path, made[path], {"op": "remove", "path": "/tags/0"})
        assert api.get(one, fields="tags").json()["tags"] == [], path


@pytest.mark.parametrize("version", _LINES)
def test_owners_come_and_go_by_patch(serve: ServerMaker, version: str) -> None:
    api = serve(version)
    made = make_all(api, version)
    owner = {"id": api.app.add_user("bob"), "type": "user"}
    name = "owner" if version == "1.0.5" else "owners"
    value: Any = owner if name == "owner" else [owner]
    for path in _LABELLED:
        _patch(api, path, made[path], {"op": "add", "path": f"/{name}", "value": value})
        one = f"{path}/{made[path]['id']}"
        shown = api.get(one, fields=name).json()[name]
        assert [one["id"] for one in (shown if isinstance(shown, list) else [shown])] == [owner["id"]], path
        _patch(api, path, made[path], {"op": "remove", "path": f"/{name}"})
        assert not api.get(one, fields=name).json().get(name), path


@pytest.mark.parametrize("version", _LINES)
def test_a_chart_is_taken_off_a_dashboard_by_patch(serve: ServerMaker, version: str) -> None:
    api = serve(version)
    board = make_all(api, version)["dashboards"]
    _patch(api, "dashboards", board, {"op": "remove", "path": "/charts/0"})
    stored = api.get(f"dashboards/{board['id']}", fields="charts,dataModels").json()
    assert ([one["name"] for one in stored["dataModels"]], stored["charts"]) == (["m"], [])


@pytest.mark.parametrize("version", _LINES)
def test_names_and_parents_stay_whatever_a_patch_says(serve: ServerMaker, version: str) -> None:
    api = serve(version)
    made = make_all(api, version)
    for path in _LABELLED:
        rename = {"op": "replace", "path": "/name", "value": "other"}
        fqn = {"op": "replace", "path": "/fullyQualifiedName", "value": "other"}
        patched = _patch(api, path, made[path], rename, fqn).json()
        assert (patched["name"], patched["fullyQualifiedName"]) == (
            made[path]["name"],
            made[path]["fullyQualifiedName"],
        )


@pytest.mark.parametrize("version", _LINES)
@pytest.mark.parametrize(
    ("operation", "status"),
    [
        ({"op": "add", "path": "/nope", "value": 1}, 400),
        ({"op": "test", "path": "/name", "value": "nope"}, 500),
        ({"op": "remove", "path": "/nope"}, 500),
        ({"op": "replace", "path": "/tags/7", "value": {}}, 500),
        ({"op": "add", "path": "/tags", "value": [{**_LABEL, "tagFQN": "No.pe"}]}, 404),
        ({"op": "add", "path": "/tags", "value": [{**_LABEL, "source": "Nope"}]}, 400),
    ],
)
def test_a_patch_that_is_refused_changes_nothing(
    serve: ServerMaker, version: str, operation: dict[str, Any], status: int
) -> None:
    api = serve(version)
    made = make_all(api, version)
    words = {"op": "add", "path": "/description", "value": "words"}
    for path in _LABELLED:
        one = f"{path}/{made[path]['id']}"
        assert api.patch(one, words, operation, token=ADMIN).status_code == status, path
        assert (api.get(one).json()["version"], "description" in api.get(one).json()) == (0.1, False)
