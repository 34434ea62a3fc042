"""``deleteStale`` of 2.0: what was not seen goes."""

from __future__ import annotations

from typing import Any

import pytest

from ingest_assets_tests.sandbox.openmetadata.api import Answer, Api, names, table
from ingest_assets_tests.sandbox.openmetadata.conftest import ServerMaker
from ingest_assets_tests.sandbox.openmetadata.estate import make_all


@pytest.fixture
def api(serve: ServerMaker) -> Api:
    api = serve("2.0.7")
    for schema in ("s", "sx"):
        api.make_schema(schema=schema)
        for name in "ab":
            api.make("tables", table(name, f"lake.d.{schema}"))
    return api


def _stale(api: Api, seen: list[str], scope: str = "lake.d.s", kind: str = "databaseSchema", **more: Any) -> Answer:
    body = {"scopeFqn": scope, "scopeEntityType": kind, "seenFqns": seen, **more}
    return api.put("tables/deleteStale", body)


def _told(answer: Answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["request"] for one in answer.json()["successRequest"]]


def test_what_was_not_seen_below_the_scope_is_deleted_softly(api: Api) -> None:
    assert _told(_stale(api, ["lake.d.s.a"])) == ["lake.d.s.b"]
    assert names(api.get("tables", database="lake.d", include="deleted")) == ["b"]
    assert _told(_stale(api, ["lake.d.s.a"])) == []


def test_a_dry_run_only_tells(api: Api) -> None:
    answer = _stale(api, ["lake.d.s.a"], dryRun=True)
    assert (_told(answer), answer.json()["dryRun"]) == (["lake.d.s.b"], True)
    assert names(api.get("tables", include="deleted")) == []


def test_for_good_where_it_is_asked_for(api: Api) -> None:
    _stale(api, ["lake.d.s.a"], hardDelete=True)
    assert api.named("tables", "lake.d.s.b", include="all").status_code == 404


@pytest.mark.parametrize(
    ("scope", "kind"),
    [("lake.d", "database"), ("lake", "service"), ("lake", "databaseService")],
)
def test_a_wider_scope_spans_all_below_it(api: Api, scope: str, kind: str) -> None:
    assert _told(_stale(api, ["lake.d.s.a", "lake.d.sx.a"], scope, kind)) == ["lake.d.s.b", "lake.d.sx.b"]


def test_nothing_seen_or_no_such_scope_deletes_nothing(api: Api) -> None:
    assert _told(_stale(api, [])) == []
    assert _told(_stale(api, ["x"], "lake.none.s")) == []
    assert names(api.get("tables", include="deleted")) == []


@pytest.mark.parametrize("kind", ["notAType", ""])
def test_an_unknown_kind_of_scope_is_refused(api: Api, kind: str) -> None:
    assert _stale(api, ["lake.d.s.a"], kind=kind).status_code == 400


def test_a_service_whose_name_has_a_dot_is_named_by_its_quoted_fqn(serve: ServerMaker) -> None:
    api = serve("2.0.7")
    schema = api.make_schema("a.b")["fullyQualifiedName"]
    for name in "ab":
        api.make("tables", table(name, schema))
    seen = [f"{schema}.a"]
    assert _told(_stale(api, seen, "a.b", "service")) == []
    assert _told(_stale(api, seen, '"a.b"', "service")) == [f"{schema}.b"]


def test_a_bot_that_may_not_delete_is_forbidden(api: Api) -> None:
    api.app.deny("Delete", "table")
    assert _stale(api, ["lake.d.s.a"]).status_code == 403


def test_other_collections_have_it_and_older_servers_do_not(serve: ServerMaker) -> None:
    for version, status in (("2.0.7", 200), ("1.13.6", 500)):
        api = serve(version)
        make_all(api, version)
        body = {"scopeFqn": "dash", "scopeEntityType": "service", "seenFqns": ["dash.none"]}
        assert api.put("charts/deleteStale", body).status_code == status
        assert api.named("charts", "dash.c").status_code == (404 if status == 200 else 200)


@pytest.mark.parametrize("hard", [False, True])
def test_a_child_goes_with_its_parent_and_is_told_once(serve: ServerMaker, hard: bool) -> None:
    api = serve("2.0.7")
    made = make_all(api, "2.0.7")["containers"]
    below = {"name": "below", "service": "store", "parent": {"id": made["id"], "type": "container"}}
    assert api.make("containers", below)["fullyQualifiedName"] == "store.c.below"
    body = {"scopeFqn": "store", "scopeEntityType": "service", "seenFqns": ["store.x"], "hardDelete": hard}
    assert _told(api.put("containers/deleteStale", body)) == ["store.c"]
    assert names(api.get("containers")) == []
