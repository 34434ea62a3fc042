"""JSON Patch, and what a patch may change."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.sandbox.openmetadata.answers import Unhandled
from ingest_assets.sandbox.openmetadata.json_patch import apply_patch
from ingest_assets_tests.sandbox.openmetadata.api import ADMIN, Api, change, table
from ingest_assets_tests.sandbox.openmetadata.conftest import ServerMaker

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def api(serve: ServerMaker) -> Api:
    api = serve("1.12.4")
    api.make_schema()
    return api


@given(st.dictionaries(st.text(max_size=3), _JSON, min_size=1, max_size=3), _JSON, st.data())
def test_add_and_remove_undo_each_other_and_touch_no_input(document: Any, value: Any, data: st.DataObject) -> None:
    key = data.draw(st.text(min_size=4, max_size=6))
    path = "/" + key.replace("~", "~0").replace("/", "~1")
    before = copy.deepcopy(document)
    added = apply_patch(document, [{"op": "add", "path": path, "value": value}])
    assert added == {**document, key: value}
    test = {"op": "test", "path": path, "value": value}
    assert apply_patch(added, [test, {"op": "remove", "path": path}]) == before == document


@given(st.lists(st.integers(), min_size=1, max_size=5), st.data())
def test_moving_inside_a_list_keeps_its_members(numbers: list[int], data: st.DataObject) -> None:
    at = st.integers(0, len(numbers) - 1)
    start, end = data.draw(at), data.draw(at)
    moved = apply_patch(numbers, [{"op": "move", "from": f"/{start}", "path": f"/{end}"}])
    assert moved[end] == numbers[start]
    assert sorted(moved) == sorted(numbers)


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "add", "path": "/list/3", "value": 1},
        {"op": "add", "path": "/list/-1", "value": 1},
        {"op": "remove", "path": "/none"},
        {"op": "replace", "path": "/none", "value": 1},
        {"op": "test", "path": "/a", "value": 2},
        {"op": "add", "path": "a", "value": 1},
        {"op": "add", "path": "/a/b", "value": 1},
        {"op": "add", "path": 1, "value": 1},
        {"op": "nope", "path": "/a"},
        {"op": "add", "path": "/b"},
    ],
)
def test_an_operation_that_does_not_apply_is_refused(operation: dict[str, Any]) -> None:
    with pytest.raises(Unhandled):
        apply_patch({"a": 1, "list": [1, 2]}, [operation])


def test_a_patch_by_the_bot_overwrites_a_person_s_words(api: Api) -> None:
    api.put("tables", table("t", description="person"), token=ADMIN)
    answer = api.patch("tables/name/lake.d.s.t", {"op": "replace", "path": "/description", "value": "bot"})
    assert (change(answer), answer.json()["description"]) == ("entityUpdated", "bot")


def test_a_failed_operation_leaves_all_as_it_was(api: Api) -> None:
    api.make("tables", table("t", description="one"))
    first = {"op": "replace", "path": "/description", "value": "two"}
    answer = api.patch("tables/name/lake.d.s.t", first, {"op": "remove", "path": "/displayName"})
    assert answer.status_code == 500
    assert api.named("tables", "lake.d.s.t").json()["description"] == "one"


def test_what_can_t_be_patched_is_silently_kept(api: Api) -> None:
    made = api.make("tables", table("t"))
    answer = api.patch(
        f"tables/{made['id']}",
        {"op": "replace", "path": "/name", "value": "u"},
        {"op": "replace", "path": "/fullyQualifiedName", "value": "u"},
        {"op": "replace", "path": "/version", "value": 7.0},
    )
    assert change(answer) == "entityNoChange"
    assert (answer.json()["name"], answer.json()["version"]) == ("t", 0.1)


def test_a_patch_can_take_labels_and_owners_away(api: Api) -> None:
    ann = api.app.add_user("ann")
    label = {"tagFQN": "Tier.Tier1", "source": "Classification", "labelType": "Manual", "state": "Confirmed"}
    api.make("tables", table("t", tags=[label], owners=[{"id": ann, "type": "user"}]))
    api.patch("tables/name/lake.d.s.t", {"op": "remove", "path": "/tags/0"}, {"op": "remove", "path": "/owners"})
    stored = api.named("tables", "lake.d.s.t", fields="tags,owners").json()
    assert (stored["tags"], stored["owners"]) == ([], [])


def test_an_inherited_owner_does_not_become_own_by_another_patch(api: Api) -> None:
    ann = api.app.add_user("ann")
    api.make("databaseSchemas", {"name": "s", "database": "lake.d", "owners": [{"id": ann, "type": "user"}]})
    api.make("tables", table("t"))
    api.patch("tables/name/lake.d.s.t", {"op": "add", "path": "/description", "value": "x"})
    (owner,) = api.named("tables", "lake.d.s.t", fields="owners").json()["owners"]
    assert owner["inherited"] is True


def test_patches_of_one_session_make_one_version_and_can_cancel_out(api: Api) -> None:
    api.make("tables", table("t"))
    path = "tables/name/lake.d.s.t"
    assert api.patch(path, {"op": "add", "path": "/description", "value": "1"}).json()["version"] == 0.2
    assert api.patch(path, {"op": "add", "path": "/displayName", "value": "T"}).json()["version"] == 0.2
    assert api.patch(path, {"op": "remove", "path": "/description"}).json()["version"] == 0.2
    assert api.patch(path, {"op": "remove", "path": "/displayName"}).json()["version"] == 0.1
    assert api.patch(path, {"op": "add", "path": "/description", "value": "2"}, token=ADMIN).json()["version"] == 0.2


@pytest.mark.parametrize(
    ("operation", "status"),
    [
        ({"op": "add", "path": "/nope", "value": 1}, 400),
        ({"op": "add", "path": "/tableType", "value": "Nope"}, 400),
        ({"op": "replace", "path": "/columns", "value": [{"name": "a", "dataType": "VARCHAR"}]}, 400),
        (
            {"op": "add", "path": "/owners", "value": [{"id": "00000000-0000-4000-8000-000000000000", "type": "user"}]},
            404,
        ),
        ({"op": "replace", "path": "", "value": 1}, 400),
    ],
)
def test_a_patched_document_must_be_an_entity_still(api: Api, operation: dict[str, Any], status: int) -> None:
    api.make("tables", table("t"))
    assert api.patch("tables/name/lake.d.s.t", operation).status_code == status
