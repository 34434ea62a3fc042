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
