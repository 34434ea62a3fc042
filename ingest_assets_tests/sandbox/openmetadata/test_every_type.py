"""Each entity type on each line of servers."""

from __future__ import annotations

import pytest

from ingest_assets_tests.sandbox.openmetadata.api import ADMIN, Api, change, names
from ingest_assets_tests.sandbox.openmetadata.conftest import ServerMaker
from ingest_assets_tests.sandbox.openmetadata.estate import MINIMAL, SINCE_1_2, Body, make_all, minimal

_VERSIONS = [f"1.{minor}.0" for minor in range(14)] + ["2.0.7"]
_LINES = ["1.0.5", "1.5.8", "1.12.4", "2.0.7"]

# A second entity of a collection that lists by its parent, the filter, and what another parent would say.
_FILTERED: dict[str, tuple[str, str, str]] = {
    "databases": ("service", "db", "lake"),
    "databaseSchemas": ("database", "db.d", "db.e"),
    "tables": ("database", "db.d", "db.e"),
    "storedProcedures": ("databaseSchema", "db.d.s", "db.d.t"),
    "topics": ("service", "msg", "ms"),
    "charts": ("service", "dash", "das"),
    "dashboard/datamodels": ("service", "dash", "das"),
    "dashboards": ("service", "dash", "das"),
    "containers": ("service", "store", "stor"),
    "pipelines": ("service", "pipe", "pip"),
    "tags": ("parent", "Kind", "Tier.Kind"),
}


@pytest.mark.parametrize("version", _VERSIONS)
def test_every_type_is_created_kept_patched_listed_and_shown_whole(serve: ServerMaker, version: str) -> None:
    api = serve(version)
    for path in MINIMAL.keys() - minimal(version).keys():
        assert path in SINCE_1_2
        assert api.put(path, MINIMAL[path]).status_code == 500
    for path, body in minimal(version).items():
        made = api.put(path, body, token=ADMIN)
        assert (made.status_code, change(made)) == (201, "entityCreated"), (path, made.text)
        assert change(api.put(path, body, token=ADMIN)) == "entityNoChange", path
        one = f"{path}/{made.json()['id']}"
        patched = api.patch(one, {"op": "add", "path": "/displayName", "value": "Shown"}, token=ADMIN)
        assert (patched.status_code, patched.json()["displayName"]) == (200, "Shown"), (path, patched.text)
        assert body["name"] in names(api.get(path, fields="*", limit=100)), path
        assert api.get(one, fields="*").json().keys() >= api.get(one).json().keys(), path
        assert len(api.get(f"{one}/versions").json()["versions"]) == 2


@pytest.mark.parametrize("version", _LINES)
def test_every_type_is_deleted_hidden_restored_and_deleted_for_good(serve: ServerMaker, version: str) -> None:
    api = serve(version)
    for path, made in reversed(make_all(api, version).items()):
        one = f"{path}/{made['id']}"
        assert change(api.delete(one)) == "entitySoftDeleted", path
        assert [api.get(one).status_code, api.named(path, made["fullyQualifiedName"]).status_code] == [404, 404]
        assert made["name"] not in names(api.get(path, limit=100))
        assert names(api.get(path, include="deleted")) == [made["name"]], path
        nothing = {"op": "add", "path": "/displayName", "value": "No"}
        assert api.patch(one, nothing).status_code == 404
        restored = api.put(f"{path}/restore", {"id": made["id"]})
        assert (restored.status_code, restored.json()["deleted"]) == (200, False), path
        assert change(restored) == ("" if version == "1.0.5" else "entityRestored")
        assert api.named(path, made["fullyQualifiedName"]).json()["id"] == made["id"]
        assert change(api.delete(one, hardDelete="true")) == "entityDeleted", path
        assert api.get(one, include="all").status_code == 404


@pytest.mark.parametrize("version", _LINES)
def test_a_put_brings_back_what_is_deleted_whatever_it_is(serve: ServerMaker, version: str) -> None:
    api = serve(version)
    made = make_all(api, version)
    for path, body in reversed(minimal(version).items()):
        api.delete(f"{path}/{made[path]['id']}", recursive="true" if path != "containers" else "false")
        again = api.put(path, body, token=ADMIN)
        assert (again.status_code, change(again), again.json()["deleted"]) == (200, "entityUpdated", False), path
        assert again.json()["id"] == made[path]["id"]


@pytest.mark.parametrize("version", _LINES)
@pytest.mark.parametrize("path", _FILTERED)
def test_a_filter_and_cursors_hold_for_every_type(serve: ServerMaker, version: str, path: str) -> None:
    api = serve(version)
    make_all(api, version)
    if path not in minimal(version):
        return
    for number in range(3):
        api.make(path, {**MINIMAL[path], "name": f"more{number}"})
    name, value, other = _FILTERED[path]
    wanted = sorted([MINIMAL[path]["name"], "more0", "more1", "more2"])
    pages = _pages(api, path, {name: value, "limit": 3})
    assert [len(page) for page in pages] == [3, 1]
    assert sorted(name for page in pages for name in page) == wanted
    assert names(api.get(path, **{name: other})) == []


def _pages(api: Api, path: str, query: Body) -> list[list[str]]:
    first = api.get(path, **query)
    second = api.get(path, **query, after=first.json()["paging"]["after"])
    assert "after" not in second.json()["paging"]
    return [names(first), names(second)]


@pytest.mark.parametrize("version", _LINES)
def test_every_write_of_every_type_is_an_event(serve: ServerMaker, version: str) -> None:
    api = serve(version)
    made = make_all(api, version)
    for path, entity in reversed(made.items()):
        one = f"{path}/{entity['id']}"
        api.patch(one, {"op": "add", "path": "/displayName", "value": "Shown"}, token=ADMIN)
        api.delete(one)
        api.put(f"{path}/restore", {"id": entity["id"]})
        api.delete(one, hardDelete="true")
        told = api.get(
            "events", **{f"entity{kind}": "*" for kind in ("Created", "Updated", "Deleted", "Restored")}, timestamp=0
        ).json()["data"]
        kinds = [event["eventType"] for event in told if event["entityId"] == entity["id"]]
        restored = [] if version == "1.0.5" else ["entityRestored"]
        assert kinds == ["entityCreated", "entityUpdated", "entitySoftDeleted", *restored, "entityDeleted"], path
