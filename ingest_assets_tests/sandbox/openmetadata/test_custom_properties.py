"""The type system, as far as custom properties need it."""

from __future__ import annotations

from typing import Any

import pytest

from ingest_assets_tests.sandbox.openmetadata.api import ADMIN, Answer, Api, change, names, table
from ingest_assets_tests.sandbox.openmetadata.conftest import ServerMaker
from ingest_assets_tests.sandbox.openmetadata.estate import MINIMAL, service


def _type(api: Api, name: str) -> str:
    found: str = api.named("metadata/types", name).json()["id"]
    return found


def _define(api: Api, entity_type: str, name: str, of_type: str = "string", **more: Any) -> Answer:
    reference = {"id": _type(api, of_type), "type": "type"}
    body = {"name": name, "description": "words", "propertyType": reference, **more}
    return api.put(f"metadata/types/{_type(api, entity_type)}", body)


def test_types_are_listed_by_category(serve: ServerMaker) -> None:
    api = serve("1.5.8")
    assert "string" in names(api.get("metadata/types", category="field", limit=100))
    assert {"table", "topic", "dashboardDataModel"} <= set(
        names(api.get("metadata/types", category="entity", limit=100))
    )
    assert api.named("metadata/types", "nope").status_code == 404
    assert api.get("events", entityCreated="type,role", timestamp=0).json()["data"] == []


def test_a_property_is_added_once_changed_and_shown_when_asked_for(serve: ServerMaker) -> None:
    api = serve("1.5.8")
    assert change(_define(api, "table", "cost")) == "entityUpdated"
    assert change(_define(api, "table", "cost")) == "entityNoChange"
    assert change(_define(api, "table", "age", "integer")) == "entityUpdated"
    shown = api.named("metadata/types", "table", fields="customProperties").json()["customProperties"]
    assert [(one["name"], one["propertyType"]["name"]) for one in shown] == [("age", "integer"), ("cost", "string")]
    assert "customProperties" not in api.named("metadata/types", "table").json()


@pytest.mark.parametrize(
    ("of_type", "value", "message"),
    [
        ("string", "x", None),
        ("string", 1, "integer found, string expected"),
        ("markdown", [], "array found, string expected"),
        ("integer", 1, None),
        ("integer", 1.5, "number found, integer expected"),
        ("integer", True, "boolean found, integer expected"),
        ("number", 1, None),
        ("number", "1", "string found, number expected"),
        ("enum", ["a"], None),
        ("enum", ["c"], "not supported"),
        ("enum", "a", "string found, array expected"),
    ],
)
def test_a_value_is_of_the_property_s_type(serve: ServerMaker, of_type: str, value: Any, message: str | None) -> None:
    api = serve("1.5.8")
    config = {"customPropertyConfig": {"config": {"values": ["a", "b"]}}} if of_type == "enum" else {}
    _define(api, "table", "p", of_type, **config)
    api.make_schema()
    answer = api.put("tables", table("t", extension={"p": value}))
    assert answer.status_code == (201 if message is None else 400)
    assert message is None or message in answer.json()["message"]


def test_a_property_belongs_to_one_type(serve: ServerMaker) -> None:
    api = serve("1.5.8")
    _define(api, "topic", "p")
    api.make("services/messagingServices", service("Kinesis", "msg"))
    assert api.make("topics", {**MINIMAL["topics"], "extension": {"p": "x"}})["extension"] == {"p": "x"}
    api.make_schema()
    refused = api.put("tables", table("t", extension={"p": "x"}))
    assert (refused.status_code, refused.json()["message"]) == (400, "Unknown custom field p")


def test_the_bot_fills_a_value_and_never_changes_one(serve: ServerMaker) -> None:
    api = serve("1.5.8")
    _define(api, "table", "p")
    api.make_schema()
    made = api.make("tables", table("t", extension={"p": "x"}))
    assert change(api.put("tables", table("t", extension={"p": "y"}))) == "entityNoChange"
    patched = api.patch(f"tables/{made['id']}", {"op": "replace", "path": "/extension/p", "value": "z"}, token=ADMIN)
    assert (patched.status_code, patched.json()["extension"]) == (200, {"p": "z"})
    wrong = {"op": "replace", "path": "/extension/p", "value": 1}
    assert api.patch(f"tables/{made['id']}", wrong, token=ADMIN).status_code == 400


def test_only_entity_types_are_extended_by_types_that_exist(serve: ServerMaker) -> None:
    api = serve("1.5.8")
    refused = _define(api, "string", "p")
    assert (refused.status_code, "can't be extended" in refused.json()["message"]) == (400, True)
    unknown = {"id": "00000000-0000-4000-8000-000000000000", "type": "type"}
    body = {"name": "p", "description": "words", "propertyType": unknown}
    assert api.put(f"metadata/types/{_type(api, 'table')}", body).status_code == 404
    assert _define(api, "table", "p", "enum").status_code == 400
    assert api.named("metadata/types", "enum").status_code == 200
    assert serve("1.3.4").named("metadata/types", "enum").status_code == 404


def test_1_0_stores_a_new_entity_before_it_refuses_its_custom_property(serve: ServerMaker) -> None:
    for version, left in (("1.0.5", ["t"]), ("1.2.5", [])):
        api = serve(version)
        api.make_schema()
        assert api.put("tables", table("t", extension={"nope": 1})).status_code == 400
        assert names(api.get("tables")) == left
        assert api.put("tables", table("t")).status_code == (200 if left else 201)


@pytest.mark.parametrize(("verb", "path"), [("PUT", "roles"), ("POST", "metadata/types")])
def test_what_a_fresh_server_brings_along_is_only_shown(serve: ServerMaker, verb: str, path: str) -> None:
    api = serve()
    assert api.call(verb, path, {"name": "x"}).status_code == 501
    assert len(api.get(path, limit=100).json()["data"]) >= 3


def test_tokens_of_bots_are_nobody_s_business(serve: ServerMaker) -> None:
    api = serve()
    bot = api.named("users", "ingestion-bot").json()["id"]
    assert api.get("users/token/00000000-0000-4000-8000-000000000000").status_code == 404
    assert api.get(f"users/token/{bot}", token=ADMIN).status_code == 501
