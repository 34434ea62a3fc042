"""Resources in anyone's own assets, and what they give explicitly against what recipes say."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from ingest_assets.errors import StoreError
from ingest_assets.location import recipe_resources
from ingest_assets.resources.systems import AwsResource, OpenMetadataResource, StoreResource
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.recipe_runs import failures, make_recipe, run


@dg.asset
def databases(aws: AwsResource) -> dg.MaterializeResult:  # type: ignore[type-arg]  # Dagster's own form
    found = aws.get_client("glue").get_databases()["DatabaseList"]  # type: ignore[attr-defined]  # made by boto3
    return dg.MaterializeResult(metadata={"names": [item["Name"] for item in found]})


@dg.asset
def bot(openmetadata: OpenMetadataResource) -> dg.MaterializeResult:  # type: ignore[type-arg]  # Dagster's own form
    with openmetadata.get_client() as client:
        return dg.MaterializeResult(metadata={"name": client.get("/v1/users/loggedInUser")["name"]})


def test_the_clients_work_in_anyones_own_assets(services: Sandbox) -> None:
    result = dg.materialize(
        [databases, bot],
        resources={
            "aws": AwsResource(
                region_name=dg.EnvVar("AWS_REGION"),
                aws_access_key_id=dg.EnvVar("AWS_ACCESS_KEY_ID"),
                aws_secret_access_key=dg.EnvVar("AWS_SECRET_ACCESS_KEY"),
                endpoint_url=dg.EnvVar("AWS_ENDPOINT_URL"),
            ),
            "openmetadata": OpenMetadataResource(
                host_port=dg.EnvVar("OPENMETADATA_HOST_PORT"), jwt_token=dg.EnvVar("OM_BOT_TOKEN")
            ),
        },
    )
    names = result.asset_materializations_for_node("databases")[0].metadata["names"].value
    assert isinstance(names, list)
    assert "sales" in names
    assert result.asset_materializations_for_node("bot")[0].metadata["name"].value == "ingestion-bot"


def test_an_empty_aws_resource_leaves_all_to_boto3(services: Sandbox) -> None:
    names = [item["Name"] for item in AwsResource().get_client("glue").get_databases()["DatabaseList"]]  # type: ignore[attr-defined]  # made by boto3
    assert "sales" in names
    assert services.aws.requests[-1].access_key_id == services.principal.access_key_id


def test_a_server_resource_says_what_it_lacks() -> None:
    with pytest.raises(dg.DagsterInvariantViolationError, match="host_port and jwt_token"):
        OpenMetadataResource(host_port="http://openmetadata:8585/api").get_client()


def test_explicit_keys_win_over_the_recipes(services: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = make_recipe(tmp_path, "explicit_keys")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"):
        monkeypatch.setenv(name, "http://nowhere.example")
    aws = AwsResource(
        region_name=services.company.region,
        aws_access_key_id=services.reader.access_key_id,
        aws_secret_access_key=services.reader.secret_access_key,
        endpoint_url=services.aws_endpoint_url,
    )
    result = run(recipe, ["snapshot"], resources=recipe_resources(aws=aws))
    assert result.success, failures(result)
    assert {request.access_key_id for request in services.aws.requests} == {services.reader.access_key_id}


def test_an_explicit_server_wins_over_the_recipes(
    services: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = make_recipe(tmp_path, "explicit_server")
    monkeypatch.setenv("OPENMETADATA_HOST_PORT", "http://nowhere.example/api")
    monkeypatch.setenv("OM_BOT_TOKEN", "of-nobody")
    server = OpenMetadataResource(host_port=services.openmetadata_host_port, jwt_token=services.bot_token)
    result = run(recipe, ["snapshot", "plan"], resources=recipe_resources(openmetadata=server))
    assert result.success, failures(result)
    tokens = {request.headers.get("authorization") for request in services.openmetadata.requests}
    assert tokens == {None, f"Bearer {services.bot_token}"}


def test_the_store_lies_where_it_is_told(services: Sandbox, tmp_path: Path) -> None:
    recipe = make_recipe(tmp_path, "stored")
    resources = recipe_resources(store=StoreResource(address=str(tmp_path / "elsewhere")))
    assert run(recipe, ["snapshot"], resources=resources).success
    assert any((tmp_path / "elsewhere").rglob("latest"))
    assert not (tmp_path / "store").exists()


def test_an_address_that_is_no_store_is_refused_with_what_it_may_be() -> None:
    with pytest.raises(StoreError, match="neither a folder nor s3://bucket/prefix"):
        StoreResource(address="ftp://somewhere").open()
