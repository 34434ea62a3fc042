"""Whose words stay, and what counts as a change."""

from __future__ import annotations

import pytest

from ingest_assets_tests.sandbox.openmetadata.api import ADMIN, Api, change, table
from ingest_assets_tests.sandbox.openmetadata.conftest import ServerMaker


@pytest.fixture
def api(serve: ServerMaker) -> Api:
    api = serve("1.12.4")
    api.make_schema()
    return api


def test_the_bot_does_not_overwrite_a_description_even_its_own(api: Api) -> None:
    api.make("tables", table("t", description="one"))
    answer = api.put("tables", table("t", description="two"))
    assert change(answer) == "entityNoChange"
    assert answer.json()["description"] == "one"


def test_the_bot_fills_an_empty_description(api: Api) -> None:
    api.make("tables", table("t", description=""))
    assert api.make("tables", table("t", description="words"))["description"] == "words"


@pytest.mark.parametrize(
    ("version", "sent", "stored"),
    [("1.11.9", "Bot", "Person"), ("1.11.9", None, "Person"), ("1.12.0", "Bot", "Bot"), ("1.12.0", None, None)],
)
def test_from_1_12_on_the_bot_overwrites_an_entity_s_display_name(
    serve: ServerMaker, version: str, sent: str | None, stored: str | None
) -> None:
    api = serve(version)
    api.make_schema()
    api.put("tables", table("t", displayName="Person"), token=ADMIN)
    api.make("tables", table("t", displayName=sent))
    assert api.named("tables", "lake.d.s.t").json().get("displayName") == stored


def test_a_column_s_display_name_stays_on_every_version(api: Api) -> None:
    api.make("tables", table("t", columns=[{"name": "a", "dataType": "INT", "displayName": "Person"}]))
    api.make("tables", table("t", sourceHash="h", columns=[{"name": "a", "dataType": "INT", "displayName": "Bot"}]))
    assert api.named("tables", "lake.d.s.t").json()["columns"][0]["displayName"] == "Person"


@pytest.mark.parametrize("version", ["1.0.5", "1.1.0"])
@pytest.mark.parametrize("described", [True, False])
@pytest.mark.parametrize("stored", ["Person", None])
@pytest.mark.parametrize("sent", ["Bot", None])
def test_before_1_1_a_column_s_description_decides_about_its_display_name(
    serve: ServerMaker, version: str, *, described: bool, stored: str | None, sent: str | None
) -> None:
    """Read in the source of that line: a bot's PUT asks there whether a column is described, and not whether named."""
    api = serve(version)
    api.make_schema()
    words = {"description": "words"} if described else {}
    column = {"name": "a", "dataType": "INT", **words}
    api.put("tables", table("t", columns=[column | ({"displayName": stored} if stored else {})]), token=ADMIN)
    api.make("tables", table("t", tableType="View", columns=[column | ({"displayName": sent} if sent else {})]))
    held = described if version == "1.0.5" else stored is not None
    found = api.named("tables", "lake.d.s.t").json()["columns"][0]
    assert (found.get("displayName"), found.get("description")) == (stored if held else sent, words.get("description"))


def test_an_answer_shows_what_was_sent_though_nothing_is_stored(api: Api) -> None:
    api.make("tables", table("t", fileFormat="csv"))
    answer = api.put("tables", table("t", fileFormat="json"))
    assert (change(answer), answer.json()["fileFormat"]) == ("entityNoChange", "json")
    stored = api.named("tables", "lake.d.s.t").json()
    assert (stored["fileFormat"], stored["version"]) == ("csv", 0.1)


def test_a_new_hash_stores_all_of_the_request(api: Api) -> None:
    api.make("tables", table("t", fileFormat="csv", sourceHash="h1"))
    answer = api.put("tables", table("t", fileFormat="json", sourceHash="h2"))
    assert change(answer) == "entityUpdated"
    assert answer.json()["changeDescription"]["previousVersion"] == 0.1
    assert api.named("tables", "lake.d.s.t").json()["fileFormat"] == "json"


def test_versions_grow_by_a_tenth_and_by_one_when_a_column_goes(api: Api) -> None:
    two = [{"name": "a", "dataType": "INT"}, {"name": "b", "dataType": "INT"}]
    assert api.make("tables", table("t"))["version"] == 0.1
    assert api.make("tables", table("t", columns=two))["version"] == 0.2
    assert api.make("tables", table("t"))["version"] == 1.2


def test_after_nine_small_changes_comes_1_0(api: Api) -> None:
    versions = [api.make("tables", table("t", sourceHash=str(n)))["version"] for n in range(11)]
    assert versions == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1]


def test_a_column_that_returns_with_another_type_keeps_its_description(api: Api) -> None:
    api.make("tables", table("t", columns=[{"name": "a", "dataType": "INT", "description": "words"}]))
    api.make("tables", table("t", columns=[{"name": "a", "dataType": "BIGINT"}]))
    assert api.named("tables", "lake.d.s.t").json()["columns"][0]["description"] == "words"


def test_labels_only_grow_by_put_nested_columns_included(api: Api) -> None:
    tier, pii = (
        {"tagFQN": fqn, "source": "Classification", "labelType": "Automated", "state": "Confirmed"}
        for fqn in ("Tier.Tier1", "PII.Sensitive")
    )
    inner = {"name": "b", "dataType": "INT", "tags": [pii]}
    api.make("tables", table("t", tags=[tier], columns=[{"name": "a", "dataType": "STRUCT", "children": [inner]}]))
    answer = api.put(
        "tables",
        table("t", columns=[{"name": "a", "dataType": "STRUCT", "children": [{"name": "b", "dataType": "INT"}]}]),
    )
    assert change(answer) == "entityNoChange"
    stored = api.named("tables", "lake.d.s.t", fields="tags").json()
    assert [label["tagFQN"] for label in stored["tags"]] == ["Tier.Tier1"]
    nested = stored["columns"][0]["children"][0]["tags"]
    assert [(label["tagFQN"], label["name"]) for label in nested] == [("PII.Sensitive", "Sensitive")]
    assert stored["columns"][0]["tags"] == []


def test_owners_are_replaced_when_sent_and_stay_when_not(api: Api) -> None:
    ann, team = api.app.add_user("ann"), api.app.add_team("crew")
    api.make("tables", table("t", owners=[{"id": ann, "type": "user"}]))
    assert change(api.put("tables", table("t", owners=[]))) == "entityNoChange"
    made = api.make("tables", table("t", owners=[{"id": team, "type": "team"}]))
    assert [owner["name"] for owner in made["owners"]] == ["crew"]


def test_an_inherited_owner_is_marked_and_becomes_own_when_sent_back(api: Api) -> None:
    ann = api.app.add_user("ann")
    api.make("databaseSchemas", {"name": "s", "database": "lake.d", "owners": [{"id": ann, "type": "user"}]})
    (owner,) = api.make("tables", table("t"))["owners"]
    assert owner["inherited"] is True
    answer = api.put("tables", table("t", owners=[owner]))
    assert change(answer) == "entityUpdated"
    assert "inherited" not in answer.json()["owners"][0]


def test_change_events_tell_who_and_what_but_not_what_changed_nothing(api: Api) -> None:
    since = api.make("tables", table("t", sourceHash="1"))["updatedAt"]
    api.put("tables", table("t", sourceHash="1"))
    api.put("tables", table("t", sourceHash="2"), token=ADMIN)
    events = api.get("events", entityCreated="table", entityUpdated="*", timestamp=since).json()["data"]
    assert [(one["eventType"], one["userName"]) for one in events] == [
        ("entityCreated", "ingestion-bot"),
        ("entityUpdated", "admin"),
    ]
    assert events[1]["changeDescription"]["fieldsUpdated"] == [{"name": "sourceHash", "oldValue": "1", "newValue": "2"}]


@pytest.mark.parametrize(("version", "kept"), [("1.13.6", False), ("2.0.0", True)])
def test_from_2_0_on_the_bot_s_put_leaves_owners_that_are_there(serve: ServerMaker, version: str, kept: bool) -> None:
    api = serve(version)
    api.make_schema()
    ann, bob = ({"id": api.app.add_user(name), "type": "user"} for name in ("ann", "bob"))
    api.make("tables", table("t", owners=[ann]))
    api.put("tables", table("t", owners=[bob]))
    assert _owners(api) == (["ann"] if kept else ["bob"])
    api.put("tables", table("t", owners=[bob]), token=ADMIN)
    assert _owners(api) == ["bob"]


@pytest.mark.parametrize(("version", "overridden"), [("1.13.6", False), ("2.0.0", True)])
def test_a_bulk_put_overrides_words_and_owners_where_the_server_knows_how(
    serve: ServerMaker, version: str, overridden: bool
) -> None:
    api = serve(version)
    api.make_schema()
    column = {"name": "a", "dataType": "INT", "description": "old"}
    ann, bob = ({"id": api.app.add_user(name), "type": "user"} for name in ("ann", "bob"))
    api.make("tables", table("t", description="old", columns=[column], owners=[ann], sourceHash="h"))
    asked = table("t", description="new", columns=[{**column, "description": "new"}], sourceHash="h")
    result = api.put("tables/bulk", [{**asked, "owners": [bob]}], overrideMetadata="true").json()
    assert result["status"] == "success"
    stored = api.named("tables", "lake.d.s.t").json()
    word = "new" if overridden else "old"
    assert (stored["description"], stored["columns"][0]["description"]) == (word, word)
    assert _owners(api) == ["bob"]


def _owners(api: Api) -> list[str]:
    return [one["name"] for one in api.named("tables", "lake.d.s.t", fields="owners").json()["owners"]]


@pytest.mark.parametrize(
    ("version", "name", "inherited"),
    [("1.2.5", "domain", False), ("1.3.4", "domain", True), ("1.9.0", "domains", True), ("2.0.7", "domains", True)],
)
def test_a_domain_is_inherited_and_stays_the_parent_s(
    serve: ServerMaker, version: str, name: str, inherited: bool
) -> None:
    api = serve(version)
    api.put("domains", {"name": "sales", "domainType": "Aggregate", "description": "words"}, token=ADMIN)
    body = {"name": "dash", "serviceType": "Looker", name: ["sales"] if name == "domains" else "sales"}
    api.make("services/dashboardServices", body)
    made = api.make("dashboards", {"name": "d", "service": "dash"})
    shown = api.named("dashboards", "dash.d", fields=name).json().get(name)
    listed = shown if isinstance(shown, list) else [shown] if shown else []
    assert [(one["name"], one["inherited"]) for one in listed] == ([("sales", True)] if inherited else [])
    api.patch(f"dashboards/{made['id']}", {"op": "add", "path": "/description", "value": "x"}, token=ADMIN)
    state = api.app._server.store.by_fqn("dashboard", "dash.d")
    assert state is not None
    assert not state.state.pointers.get(name)
