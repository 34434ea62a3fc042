"""Soft deletion, restoring, deletion for good."""

from __future__ import annotations

import pytest

from ingest_assets_tests.sandbox.openmetadata.api import Api, change, table
from ingest_assets_tests.sandbox.openmetadata.conftest import ServerMaker
from ingest_assets_tests.sandbox.openmetadata.estate import make_all


@pytest.fixture
def api(serve: ServerMaker) -> Api:
    api = serve("1.12.4")
    api.make_schema()
    api.make("tables", table("t"))
    return api


def test_a_whole_service_is_deleted_and_comes_back_by_a_put(api: Api) -> None:
    api.delete("services/databaseServices/name/lake", recursive="true")
    for path, fqn in (("databases", "lake.d"), ("databaseSchemas", "lake.d.s"), ("tables", "lake.d.s.t")):
        assert api.named(path, fqn).status_code == 404
        assert api.named(path, fqn, include="deleted").json()["deleted"] is True
    api.make_service()
    assert api.named("tables", "lake.d.s.t").json()["version"] == 0.3


def test_a_restored_parent_brings_back_what_was_deleted_on_its_own(api: Api) -> None:
    api.delete("tables/name/lake.d.s.t")
    deleted = api.delete("databaseSchemas/name/lake.d.s", recursive="true").json()
    answer = api.put("databaseSchemas/restore", {"id": deleted["id"]})
    assert change(answer) == "entityRestored"
    assert api.named("tables", "lake.d.s.t").status_code == 200


def test_a_parent_with_children_is_not_deleted_alone(api: Api) -> None:
    answer = api.delete("databases/name/lake.d")
    assert (answer.status_code, answer.json()["message"]) == (400, "database is not empty")
    assert api.named("databases", "lake.d").status_code == 200


def test_a_recursive_delete_is_one_event_of_the_parent(api: Api) -> None:
    cut = api.delete("databases/name/lake.d", recursive="true").json()["updatedAt"]
    events = api.get("events", entityDeleted="*", timestamp=cut).json()["data"]
    assert [(one["eventType"], one["entityType"]) for one in events] == [("entitySoftDeleted", "database")]


def test_events_outlive_what_they_tell_of(api: Api) -> None:
    api.delete("services/databaseServices/name/lake", recursive="true", hardDelete="true")
    events = api.get("events", entityCreated="table", entityDeleted="*", timestamp=0).json()["data"]
    assert [one["eventType"] for one in events] == ["entityCreated", "entityDeleted"]


def test_a_database_can_t_be_put_below_a_deleted_service_but_a_table_below_a_deleted_schema(api: Api) -> None:
    api.delete("services/databaseServices/name/lake", recursive="true")
    assert api.put("databases", {"name": "e", "service": "lake"}).status_code == 404
    assert api.put("tables", table("u")).status_code == 201


def test_references_to_what_is_gone_for_good_disappear(api: Api) -> None:
    ann = api.app.add_user("ann")
    api.make("tables", table("t", owners=[{"id": ann, "type": "user"}]))
    api.delete(f"users/{ann}", hardDelete="true")
    assert api.named("tables", "lake.d.s.t", fields="owners").json()["owners"] == []


def test_a_hard_deleted_name_starts_again(api: Api) -> None:
    old = api.named("tables", "lake.d.s.t").json()
    assert change(api.delete(f"tables/{old['id']}", hardDelete="true")) == "entityDeleted"
    new = api.put("tables", table("t"))
    assert (new.status_code, new.json()["version"]) == (201, 0.1)
    assert new.json()["id"] != old["id"]


def test_versions_tell_the_history(api: Api) -> None:
    api.make("tables", table("t", sourceHash="h"))
    api.delete("tables/name/lake.d.s.t")
    made = api.named("tables", "lake.d.s.t", include="all").json()
    assert len(api.get(f"tables/{made['id']}/versions").json()["versions"]) == 3
    assert "sourceHash" not in api.get(f"tables/{made['id']}/versions/0.1").json()
    assert api.get(f"tables/{made['id']}/versions/0.2").json()["sourceHash"] == "h"
    assert api.get(f"tables/{made['id']}/versions/0.3").json()["deleted"] is True
    assert api.get(f"tables/{made['id']}/versions/9.9").status_code == 404


@pytest.mark.parametrize("version", ["1.0.5", "1.5.8", "2.0.7"])
def test_a_label_goes_with_its_tag_for_good_and_stays_with_one_that_is_hidden(serve: ServerMaker, version: str) -> None:
    api = serve(version)
    api.make_schema()
    tag = api.app.add_tag("Kind", "good")
    label = {"tagFQN": tag, "source": "Classification", "labelType": "Manual", "state": "Confirmed"}
    column = {"name": "a", "dataType": "STRUCT", "children": [{"name": "b", "dataType": "INT", "tags": [label]}]}
    api.make("tables", table("t", columns=[column], tags=[label]))
    api.delete(f"tags/name/{tag}")
    shown = api.named("tables", "lake.d.s.t", fields="tags,columns").json()
    assert [one["tagFQN"] for one in shown["tags"]] == [tag]
    api.delete(f"tags/name/{tag}", hardDelete="true")
    shown = api.named("tables", "lake.d.s.t", fields="tags,columns").json()
    assert (shown["tags"], shown["columns"][0]["children"][0]["tags"], shown["version"]) == ([], [], 0.1)
    api.app.add_tag("Kind", "good")
    assert api.named("tables", "lake.d.s.t", fields="tags").json()["tags"] == []


def test_what_is_deleted_for_good_is_not_referred_to_any_more(serve: ServerMaker) -> None:
    api = serve("1.5.8")
    made = make_all(api, "1.5.8")
    api.delete(f"charts/{made['charts']['id']}", hardDelete="true")
    assert api.named("dashboards", "dash.d", fields="charts").json()["charts"] == []
    board = {"name": "d", "service": "dash", "dataModels": ["dash.model.m"]}
    assert change(api.put("dashboards", board)) == "entityNoChange"
