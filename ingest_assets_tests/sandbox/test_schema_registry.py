"""The Glue Schema Registry through boto3."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.sandbox.conftest import ClientMaker
from ingest_assets_tests.sandbox.test_kinesis import ACCOUNT, refusal

ORDERS = {"SchemaName": "orders", "RegistryName": "default-registry"}
ORDERS_ARN = f"arn:aws:glue:eu-north-1:{ACCOUNT}:schema/default-registry/orders"
LATEST = {"LatestVersion": True}


@pytest.fixture
def glue(client: ClientMaker) -> Any:
    return client("glue")


@pytest.fixture
def crowded(sandbox: Sandbox) -> Sandbox:
    sandbox.company.schemas.add_registry("crowded")
    for number in range(60):
        sandbox.company.schemas.register(f"s{number:02}", '{"type": "string"}', registry="crowded")
    return sandbox


def test_registries_and_their_schemas_are_listed(glue: Any) -> None:
    registries = glue.list_registries()["Registries"]
    assert [registry["RegistryName"] for registry in registries] == ["default-registry", "partners"]
    assert registries[0]["RegistryArn"] == f"arn:aws:glue:eu-north-1:{ACCOUNT}:registry/default-registry"
    assert registries[0]["CreatedTime"] == "2023-03-06T08:30:00.000Z"
    everywhere = glue.list_schemas()["Schemas"]
    assert {(s["RegistryName"], s["SchemaName"]) for s in everywhere} == {
        ("default-registry", "clicks"),
        ("default-registry", "orders"),
        ("default-registry", "payments"),
        ("partners", "customs-declarations"),
    }
    for one in ({"RegistryName": "partners"}, {"RegistryArn": registries[1]["RegistryArn"]}):
        assert [s["SchemaName"] for s in glue.list_schemas(RegistryId=one)["Schemas"]] == ["customs-declarations"]


def test_schemas_come_25_a_page(crowded: Sandbox, glue: Any) -> None:
    pages = list(glue.get_paginator("list_schemas").paginate(RegistryId={"RegistryName": "crowded"}))
    assert [len(page["Schemas"]) for page in pages] == [25, 25, 10]
    assert len({row["SchemaName"] for page in pages for row in page["Schemas"]}) == 60
    token = pages[0]["NextToken"]
    assert refusal(glue.list_schemas, NextToken=token)[0] == "InvalidInputException"
    assert refusal(glue.list_schemas, MaxResults=101)[0] == "ValidationException"


def test_the_three_formats_are_there(glue: Any) -> None:
    formats = {}
    for name in ("orders", "clicks", "payments"):
        wanted = {"SchemaName": name, "RegistryName": "default-registry"}
        version = glue.get_schema_version(SchemaId=wanted, SchemaVersionNumber=LATEST)
        formats[name] = version["DataFormat"]
        assert (version["DataFormat"] == "PROTOBUF") == version["SchemaDefinition"].startswith("syntax")
        if version["DataFormat"] != "PROTOBUF":
            json.loads(version["SchemaDefinition"])
    assert formats == {"orders": "AVRO", "clicks": "JSON", "payments": "PROTOBUF"}


def test_a_version_is_found_by_id_name_arn_and_number(glue: Any) -> None:
    schema = glue.get_schema(SchemaId=ORDERS)
    assert (schema["DataFormat"], schema["LatestSchemaVersion"], schema["NextSchemaVersion"]) == ("AVRO", 2, 3)
    assert schema["SchemaArn"] == ORDERS_ARN
    latest = glue.get_schema_version(SchemaId=ORDERS, SchemaVersionNumber=LATEST)
    by_number = glue.get_schema_version(SchemaId={"SchemaArn": ORDERS_ARN}, SchemaVersionNumber={"VersionNumber": 2})
    by_id = glue.get_schema_version(SchemaVersionId=latest["SchemaVersionId"])
    for answer in (latest, by_number, by_id):
        answer.pop("ResponseMetadata")
    assert latest == by_number == by_id
    assert [field["name"] for field in json.loads(latest["SchemaDefinition"])["fields"]][-1] == "coupon"
    first = glue.get_schema_version(SchemaId=ORDERS, SchemaVersionNumber={"VersionNumber": 1})
    assert first["SchemaVersionId"] != latest["SchemaVersionId"]


def test_versions_are_listed_without_their_text(sandbox: Sandbox, glue: Any) -> None:
    for _ in range(9):
        sandbox.company.schemas.register("orders", '"string"')
    sandbox.company.schemas.schema("orders").versions[-1].status = "FAILURE"
    pages = list(glue.get_paginator("list_schema_versions").paginate(SchemaId=ORDERS, PaginationConfig={"PageSize": 4}))
    rows = [row for page in pages for row in page["Schemas"]]
    assert [row["VersionNumber"] for row in rows] == list(range(1, 12))
    assert [len(page["Schemas"]) for page in pages] == [4, 4, 3]
    assert "SchemaDefinition" not in rows[0]
    assert rows[-1]["Status"] == "FAILURE"
    assert glue.get_schema(SchemaId=ORDERS)["LatestSchemaVersion"] == 10


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "InvalidInputException"),
        ({"SchemaId": ORDERS}, "InvalidInputException"),
        ({"SchemaId": {"SchemaName": "orders"}, "SchemaVersionNumber": LATEST}, "InvalidInputException"),
        ({"SchemaId": {**ORDERS, "SchemaArn": ORDERS_ARN}, "SchemaVersionNumber": LATEST}, "InvalidInputException"),
        ({"SchemaId": ORDERS, "SchemaVersionNumber": {}}, "InvalidInputException"),
        ({"SchemaId": ORDERS, "SchemaVersionNumber": {**LATEST, "VersionNumber": 1}}, "InvalidInputException"),
        ({"SchemaId": {"SchemaArn": ORDERS_ARN.replace("north", "west")}, "SchemaVersionNumber": LATEST}, "InvalidIn"),
        ({"SchemaId": ORDERS, "SchemaVersionNumber": {"VersionNumber": 7}}, "EntityNotFoundException"),
        ({"SchemaId": {**ORDERS, "SchemaName": "nope"}, "SchemaVersionNumber": LATEST}, "EntityNotFoundException"),
        ({"SchemaVersionId": "00000000-0000-0000-0000-000000000000"}, "EntityNotFoundException"),
        ({"SchemaVersionId": "NOT-A-UUID-NOT-A-UUID-NOT-A-UUID-NOT"}, "ValidationException"),
    ],
)
def test_wrong_questions_are_refused(glue: Any, params: dict[str, Any], code: str) -> None:
    assert refusal(glue.get_schema_version, **params)[0].startswith(code)


def test_each_action_has_its_own_grant(sandbox: Sandbox, client: ClientMaker) -> None:
    for call, params, action in (
        ("list_registries", {}, "glue:ListRegistries"),
        ("list_schemas", {}, "glue:ListSchemas"),
        ("get_schema", {"SchemaId": ORDERS}, "glue:GetSchema"),
        ("list_schema_versions", {"SchemaId": ORDERS}, "glue:ListSchemaVersions"),
        ("get_schema_version", {"SchemaId": ORDERS, "SchemaVersionNumber": LATEST}, "glue:GetSchemaVersion"),
    ):
        code, message = refusal(getattr(client("glue", sandbox.principal), call), **params)
        assert code == "AccessDeniedException"
        assert f"perform: {action} on resource" in message
        granted = sandbox.aws.identities.add_principal(action, [action], account=ACCOUNT)
        assert getattr(client("glue", granted), call)(**params)


def test_a_dropped_schema_is_gone_with_its_versions(sandbox: Sandbox, glue: Any) -> None:
    version_id = sandbox.company.schemas.schema("orders").latest.version_id
    sandbox.company.schemas.drop("orders")
    assert refusal(glue.get_schema, SchemaId=ORDERS)[0] == "EntityNotFoundException"
    assert refusal(glue.get_schema_version, SchemaVersionId=version_id)[0] == "EntityNotFoundException"
    assert refusal(glue.list_schemas, RegistryId={"RegistryName": "nope"})[0] == "EntityNotFoundException"


def test_another_region_has_no_registries(client: ClientMaker) -> None:
    glue = client("glue", region="eu-west-1")
    assert glue.list_registries()["Registries"] == []
    assert refusal(glue.get_schema, SchemaId=ORDERS)[0] == "EntityNotFoundException"


def test_faults_of_listing_and_reading(crowded: Sandbox, glue: Any) -> None:
    token = glue.list_schemas()["NextToken"]
    crowded.faults.add("loop-token", service="glue", operation="ListSchemas")
    assert glue.list_schemas(NextToken=token)["NextToken"] == token
    crowded.faults.add("hidden", service="glue", operation="ListSchemas", match="partners/*")
    assert glue.list_schemas(RegistryId={"RegistryName": "partners"})["Schemas"] == []
    crowded.faults.add("throttle", service="glue", operation="GetSchema", match="default-registry/orders")
    assert refusal(glue.get_schema, SchemaId={"SchemaArn": ORDERS_ARN})[0] == "ThrottlingException"
    crowded.faults.add("vanish", service="glue", operation="GetSchemaVersion")
    version_id = crowded.company.schemas.schema("orders").latest.version_id
    assert refusal(glue.get_schema_version, SchemaVersionId=version_id)[0] == "EntityNotFoundException"
    assert refusal(glue.get_schema, SchemaId=ORDERS)[0] == "EntityNotFoundException"
