"""What a bot's PUT keeps and what it overwrites, in each type."""

from __future__ import annotations

from typing import Any

import pytest

from ingest_assets_tests.sandbox.openmetadata.api import ADMIN, Api, change
from ingest_assets_tests.sandbox.openmetadata.conftest import ServerMaker
from ingest_assets_tests.sandbox.openmetadata.estate import COLUMNS, FIELDS, MINIMAL, SCHEMA, make_all

_LINES = ["1.0.5", "1.5.8", "1.12.4", "2.0.7"]
_TYPES = ("topics", "charts", "dashboard/datamodels", "dashboards", "containers", "pipelines")

# Collection to a property that servers do not compare, with an old and a new value.
_UNCOMPARED: dict[str, tuple[str, Any, Any]] = {
    "dashboards": ("project", "old", "new"),
    "dashboard/datamodels": ("sql", "select 1", "select 2"),
    "containers": ("size", 1.0, 2.0),
    "pipelines": ("scheduleInterval", "0 1 * * *", "0 2 * * *"),
}


def _fields(words: str) -> dict[str, Any]:
    return {"messageSchema": {**SCHEMA, "schemaFields": [{**FIELDS[0], "description": words}]}}


def _columns(words: str) -> list[dict[str, Any]]:
    return [{**COLUMNS[0], "description": words}]


def _inner(path: str, words: str) -> dict[str, Any]:
    """What a request of this type says to have words inside."""
    inner: dict[str, dict[str, Any]] = {
        "topics": _fields(words),
        "dashboard/datamodels": {"columns": _columns(words)},
        "containers": {"dataModel": {"isPartitioned": False, "columns": _columns(words)}},
        "pipelines": {"tasks": [{"name": "one", "description": words}]},
    }
    return inner[path]


def _words(document: Any) -> str:
    """The only description inside a document."""
    found = []

    def walk(value: Any) -> None:
        for item in value.values() if isinstance(value, dict) else value:
            if isinstance(item, dict) and item.get("name") in ("x", "f", "one"):
                found.append(item.get("description"))
            if isinstance(item, dict | list):
                walk(item)

    walk(document)
    (words,) = found
    return str(words)


@pytest.fixture(params=_LINES)
def version(request: pytest.FixtureRequest) -> str:
    line: str = request.param
    return line


@pytest.fixture
def api(serve: ServerMaker, version: str) -> Api:
    api = serve(version)
    make_all(api, version)
    return api


def _stored(api: Api, path: str, name: str, field: str) -> dict[str, Any]:
    found = [one for one in api.get(path, limit=100, fields=field).json()["data"] if one["name"] == name]
    return dict(found[0])


def test_words_stay_and_empty_ones_are_filled(api: Api) -> None:
    for path in _TYPES:
        body = {**MINIMAL[path], "name": "kept"}
        api.make(path, {**body, "description": ""})
        assert api.make(path, {**body, "description": "first"})["description"] == "first", path
        assert change(api.put(path, {**body, "description": "second"})) == "entityNoChange", path
        assert api.put(path, {**body, "description": "third"}, token=ADMIN).json()["description"] == "third"


@pytest.mark.parametrize("path", ["topics", "dashboard/datamodels", "containers", "pipelines"])
def test_words_inside_stay_too(api: Api, path: str) -> None:
    body = {**MINIMAL[path], "name": "kept"}
    field = {"containers": "dataModel", "pipelines": "tasks"}.get(path, "tags")
    api.make(path, {**body, **_inner(path, "first")})
    assert change(api.put(path, {**body, **_inner(path, "second")})) == "entityNoChange"
    assert _words(_stored(api, path, "kept", field)) == "first"
    assert change(api.put(path, {**body, **_inner(path, "third")}, token=ADMIN)) == "entityUpdated"
    assert _words(_stored(api, path, "kept", field)) == "third"


def test_labels_grow_and_owners_stay_when_none_are_sent(api: Api, version: str) -> None:
    name = "owner" if version == "1.0.5" else "owners"
    owner: Any = {"id": api.app.add_user("bob"), "type": "user"}
    labels = [
        {"tagFQN": fqn, "source": "Classification", "labelType": "Manual", "state": "Confirmed"}
        for fqn in ("PII.Sensitive", "Tier.Tier1")
    ]
    for path in _TYPES:
        body = {**MINIMAL[path], "name": "kept"}
        api.make(path, {**body, "tags": labels[:1], name: owner if name == "owner" else [owner]})
        api.make(path, {**body, "tags": labels[1:]})
        shown = _stored(api, path, "kept", f"tags,{name}")
        assert [label["tagFQN"] for label in shown["tags"]] == ["PII.Sensitive", "Tier.Tier1"], path
        assert shown[name], path


@pytest.mark.parametrize("path", _UNCOMPARED)
def test_some_properties_are_stored_only_with_another_that_changed(api: Api, version: str, path: str) -> None:
    name, old, new = _UNCOMPARED[path]
    if version == "1.0.5" and name in ("project", "scheduleInterval"):
        assert api.put(path, {**MINIMAL[path], "name": "kept", name: old}).status_code == 400
        return
    body = {**MINIMAL[path], "name": "kept"}
    first = {**body, name: old} if version == "1.0.5" else {**body, name: old, "sourceHash": "1"}
    api.make(path, first)
    answer = api.put(path, {**first, name: new})
    assert (change(answer), answer.json()[name]) == ("entityNoChange", new)
    assert _stored(api, path, "kept", "tags" if name != "scheduleInterval" else name)[name] == old
    if "sourceHash" in first:
        assert change(api.put(path, {**first, name: new, "sourceHash": "2"})) == "entityUpdated"
        assert _stored(api, path, "kept", "tags" if name != "scheduleInterval" else name)[name] == new


@pytest.mark.parametrize("path", ["dashboard/datamodels", "containers", "topics"])
def test_a_column_or_field_that_goes_makes_a_major_version(api: Api, path: str) -> None:
    more = {"name": "more", "dataType": "INT"}
    both: dict[str, dict[str, Any]] = {
        "dashboard/datamodels": {"columns": [*COLUMNS, more]},
        "containers": {"dataModel": {"isPartitioned": False, "columns": [*COLUMNS, more]}},
        "topics": {"messageSchema": {**SCHEMA, "schemaFields": [*FIELDS, more]}},
    }
    body = {**MINIMAL[path], "name": "kept"}
    api.make(path, {**body, **both[path]})
    assert api.make(path, body)["version"] == 1.1
    assert api.make(path, {**body, **both[path]})["version"] == 1.2
