"""The keys of a recipe that say who it is to AWS, from the file to the requests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest_assets.ingestion.sources import Explicit, aws_credentials
from ingest_assets.recipe.glue import GlueWorkflow
from ingest_assets.recipe.loader import load_recipe
from ingest_assets.recipe.resolver import Resolver
from ingest_assets.sandbox.aws.identity import Role
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.sources.aws import AwsCredentials
from ingest_assets_tests.ingestion.recipes import NOTHING_GIVEN, GlueRecipe, hide_own_aws

EVERY_KEY = {
    "awsSessionToken": "token",
    "endPointURL": "https://gateway.example/glue",
    "profileName": "lake",
    "assumeRoleArn": "arn:aws:iam::123456789012:role/catalog",
    "assumeRoleSessionName": "norrpost",
    "assumeRoleSourceIdentity": "dana",
}
SOURCE = {
    "assumeRoleExternalId": "norrpost-7",
    "assumeRoleDurationSeconds": 900,
    "stsEndpointUrl": "https://gateway.example/sts",
}


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    hide_own_aws(monkeypatch)
    with Sandbox() as running:
        yield running
        assert not list(running.crashes)


def credentials(recipe: GlueRecipe, explicit: Explicit = NOTHING_GIVEN) -> AwsCredentials:
    path = recipe.folder / "glue.yaml"
    path.write_text(recipe.text(), encoding="utf-8")
    workflow = load_recipe(path).resolve(Resolver(recipe.variables()))
    assert isinstance(workflow, GlueWorkflow)
    return aws_credentials(workflow, explicit)


def test_every_key_of_aws_config_arrives(sandbox: Sandbox, tmp_path: Path) -> None:
    assert credentials(GlueRecipe(sandbox, tmp_path, aws=EVERY_KEY, dagster={"source": SOURCE})) == AwsCredentials(
        region=sandbox.company.region,
        access_key_id=sandbox.principal.access_key_id,
        secret_access_key=sandbox.principal.secret_access_key,
        session_token="token",
        endpoint_url="https://gateway.example/glue",
        sts_endpoint_url="https://gateway.example/sts",
        profile_name="lake",
        role_arn="arn:aws:iam::123456789012:role/catalog",
        role_session_name="norrpost",
        role_source_identity="dana",
        role_external_id="norrpost-7",
        role_duration_seconds=900,
    )


def test_the_session_is_openmetadatas_by_name_where_the_recipe_gives_none(sandbox: Sandbox, tmp_path: Path) -> None:
    assert credentials(GlueRecipe(sandbox, tmp_path)).role_session_name == "OpenMetadataSession"


def test_keys_of_the_resource_are_not_mixed_with_the_recipes_and_assume_its_role(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    given = Explicit({"access_key_id": "AKIAGIVEN", "secret_access_key": "given"}, {})
    found = credentials(GlueRecipe(sandbox, tmp_path, aws=EVERY_KEY), given)
    assert (found.access_key_id, found.secret_access_key, found.session_token) == ("AKIAGIVEN", "given", None)
    assert (found.profile_name, found.role_arn) == (None, EVERY_KEY["assumeRoleArn"])


def test_a_recipe_with_a_role_is_read_by_the_role_alone(sandbox: Sandbox, tmp_path: Path) -> None:
    trust = {"external_id": "norrpost-7", "source_identities": ("dana",)}
    role = sandbox.aws.identities.add_role(
        Role(sandbox.company.account, "lake", frozenset({"glue:Get*"}), **trust)  # type: ignore[arg-type]  # by name
    )
    worker = sandbox.aws.identities.add_principal("worker", ["sts:*"], account=sandbox.company.account)
    recipe = GlueRecipe(
        sandbox,
        tmp_path,
        principal=worker,
        aws={**EVERY_KEY, "assumeRoleArn": role.arn, "awsSessionToken": "", "endPointURL": sandbox.aws_endpoint_url},
        dagster={"source": {**SOURCE, "stsEndpointUrl": sandbox.aws_endpoint_url}},
    )
    ingestion = recipe.ingestion()
    try:
        report = ingestion.snapshot("one", last_attempt=True)
    finally:
        ingestion.close()
    assert (report.failed, report.listed > 50) == (0, True)
    asked = {request.operation: request.access_key_id for request in sandbox.aws.requests}
    assert asked.pop("sts:AssumeRole") == worker.access_key_id
    assert sandbox.aws.counts["sts:AssumeRole"] == 1
    readers = {sandbox.aws.identities.principal(key) for key in asked.values()}
    assert {reader.role for reader in readers if reader} == {role.arn}
    assert {reader.source_identity for reader in readers if reader} == {"dana"}
