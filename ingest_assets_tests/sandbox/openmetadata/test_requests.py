"""What each version accepts in a request."""

from __future__ import annotations

from typing import Any

import pytest

from ingest_assets_tests.sandbox.openmetadata.api import ADMIN, table
from ingest_assets_tests.sandbox.openmetadata.conftest import ServerMaker


@pytest.mark.parametrize(
    ("version", "properties", "status"),
    [
        ("1.0.5", {"sourceUrl": "http://x"}, 400),
        ("1.1.0", {"sourceUrl": "http://x"}, 201),
        ("1.1.7", {"sourceHash": "h"}, 400),
        ("1.2.0", {"sourceHash": "h"}, 201),
        ("1.3.4", {"viewDefinition": "select 1"}, 201),
        ("1.4.0", {"viewDefinition": "select 1"}, 400),
        ("1.4.0", {"schemaDefinition": "select 1"}, 201),
        ("1.3.4", {"tablePartition": {"columns": ["a"], "intervalType": "OTHER"}}, 201),
        ("1.4.8", {"tablePartition": {"columns": ["a"], "intervalType": "OTHER"}}, 400),
        ("1.5.8", {"locationPath": "s3://b"}, 400),
        ("1.6.0", {"locationPath": "s3://b"}, 201),
        ("1.6.9", {"tableType": "Stream"}, 400),
        ("1.7.0", {"tableType": "Stream"}, 201),
        ("1.13.6", {"aliases": ["b"]}, 400),
        ("2.0.7", {"aliases": ["b"]}, 201),
        ("1.12.4", {"columns": [{"name": "a", "dataType": "INT", "extension": {}}]}, 201),
        ("1.11.9", {"columns": [{"name": "a", "dataType": "INT", "extension": {}}]}, 400),
    ],
)
def test_properties_and_members_belong_to_versions(
    serve: ServerMaker, version: str, properties: dict[str, Any], status: int
) -> None:
    api = serve(version)
    api.make_schema()
    assert api.put("tables", table("t", **properties)).status_code == status


def test_owner_became_owners_and_domain_domains(serve: ServerMaker) -> None:
    for version, owner, domain in (
        ("1.4.8", "owner", "domain"),
        ("1.5.8", "owners", "domain"),
        ("1.9.0", "owners", "domains"),
    ):
        api = serve(version)
        ann = api.app.add_user("ann", display_name="Ann")
        api.make_schema()
        api.put("domains", {"name": "sales", "domainType": "Aggregate", "description": "words"})
        reference: Any = {"id": ann, "type": "user"}
        asked: dict[str, Any] = {
            owner: [reference] if owner == "owners" else reference,
            domain: ["sales"] if domain == "domains" else "sales",
        }
        made = api.make("tables", table("t", **asked))
        shown = made[owner] if owner == "owners" else [made[owner]]
        assert [one["displayName"] for one in shown] == ["Ann"]
        other = {"owner": "owners", "owners": "owner"}[owner]
        unknown: dict[str, Any] = {other: [reference]}
        refused = api.put("tables", table("u", **unknown))
        assert refused.status_code == 400
        assert f'Unrecognized field "{other}"' in refused.json()["message"]
        assert api.get("tables", fields=other).json()["message"] == f"Invalid field name {other}"


def test_the_message_about_an_unknown_property_says_where_it_stands(serve: ServerMaker) -> None:
    body = '{"name": "t",\n "nope": 1}'
    api = serve()
    message = api.send("PUT", "tables", body, "application/json").json()["message"]
    assert message.startswith('Unrecognized field "nope" (class org.openmetadata.schema.api.data.CreateTable)')
    assert "line: 2, column: 11]" in message


def test_every_broken_rule_of_a_request_is_named(serve: ServerMaker) -> None:
    answer = serve().put("tables", {"name": "", "columns": [{"name": "a::b"}], "sourceHash": ""})
    assert answer.status_code == 400
    assert set(answer.json()["message"][1:-1].split(", ")) == {
        "name size must be between 1 and 256",
        'name must match "^((?!::).)*$"',
        "dataType must not be null",
        "sourceHash size must be between 1 and 32",
        "databaseSchema must not be null",
    }


def test_nulls_are_as_good_as_absent(serve: ServerMaker) -> None:
    api = serve()
    api.make_schema()
    made = api.make("tables", table("t", description=None, tags=None, owners=None, tableConstraints=None))
    assert "description" not in made


def test_lower_case_is_kept_out_of_type_texts_of_nested_columns(serve: ServerMaker) -> None:
    api = serve()
    api.make_schema()
    column = {
        "name": "a",
        "dataType": "STRUCT",
        "dataTypeDisplay": "STRUCT<B:INT>",
        "children": [{"name": "b", "dataType": "INT"}],
    }
    (made,) = api.make("tables", table("t", columns=[column]))["columns"]
    assert made["dataTypeDisplay"] == "struct<b:int>"
    assert "dataTypeDisplay" not in made["children"][0]


def test_a_nested_column_obeys_the_rules_too(serve: ServerMaker) -> None:
    api = serve()
    api.make_schema()
    column = {"name": "a", "dataType": "STRUCT", "children": [{"name": "b", "dataType": "VARCHAR"}]}
    answer = api.put("tables", table("t", columns=[column]))
    assert answer.status_code == 400
    assert "dataLength must not be null" in answer.json()["message"]


def test_a_connection_is_required_before_1_2_only(serve: ServerMaker) -> None:
    body = {"name": "lake", "serviceType": "Glue"}
    assert serve("1.1.7").put("services/databaseServices", body).status_code == 400
    assert serve("1.2.0").put("services/databaseServices", body).status_code == 201


def test_a_mask_sent_back_does_not_overwrite_the_secret(serve: ServerMaker) -> None:
    api = serve()
    config = {"type": "Glue", "awsConfig": {"awsRegion": "eu-west-1", "awsSecretAccessKey": "secret"}}
    body = {"name": "lake", "serviceType": "Glue", "connection": {"config": config}}
    made = api.make("services/databaseServices", body)
    seen = api.get(f"services/databaseServices/{made['id']}", token=ADMIN).json()["connection"]
    assert seen["config"]["awsConfig"]["awsSecretAccessKey"] == "*********"
    api.put("services/databaseServices", {**body, "connection": seen, "description": "x"}, token=ADMIN)
    stored = api.get(f"services/databaseServices/{made['id']}").json()
    assert stored["connection"]["config"]["awsConfig"]["awsSecretAccessKey"] == "secret"
    assert stored["description"] == "x"


@pytest.mark.parametrize(
    ("method", "media_type"),
    [("PUT", "text/plain"), ("PUT", "application/json-patch+json"), ("PATCH", "application/json")],
)
def test_a_body_of_another_media_type_is_a_wrapped_415(serve: ServerMaker, method: str, media_type: str) -> None:
    api = serve()
    made = api.make_service()
    path = "services/databaseServices" + (f"/{made['id']}" if method == "PATCH" else "")
    answer = api.send(method, path, "[]", media_type)
    assert answer.status_code == 500
    assert "HTTP 415 Unsupported Media Type" in answer.json()["responseMessage"]


def test_malformed_json_is_answered_with_a_bare_text(serve: ServerMaker) -> None:
    answer = serve().send("PUT", "tables", '{"name":', "application/json")
    assert answer.status_code == 400
    assert isinstance(answer.json(), str)
