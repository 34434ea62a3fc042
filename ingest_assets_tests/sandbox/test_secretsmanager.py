"""Secrets Manager through boto3."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.sandbox.conftest import ClientMaker


def test_a_secret_is_read_by_name_and_by_arn(sandbox: Sandbox, client: ClientMaker) -> None:
    sandbox.company.put_secret("looker/api", '{"client_id": "x"}')
    sandbox.company.put_secret("looker/key", b"\x00\x01")
    secrets = client("secretsmanager")
    by_name = secrets.get_secret_value(SecretId="looker/api")
    assert by_name["SecretString"] == '{"client_id": "x"}'
    assert by_name["VersionStages"] == ["AWSCURRENT"]
    for arn in (by_name["ARN"], by_name["ARN"].rpartition("-")[0]):
        assert secrets.get_secret_value(SecretId=arn)["VersionId"] == by_name["VersionId"]
    assert secrets.get_secret_value(SecretId="looker/key")["SecretBinary"] == b"\x00\x01"


@pytest.mark.parametrize("more", [{}, {"VersionStage": "AWSPREVIOUS"}])
def test_a_secret_that_is_not_there_is_not_found(sandbox: Sandbox, client: ClientMaker, more: dict[str, str]) -> None:
    if more:
        sandbox.company.put_secret("nope", "value")
    with pytest.raises(ClientError) as error:
        client("secretsmanager").get_secret_value(SecretId="nope", **more)
    assert error.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_the_documented_permissions_do_not_read_secrets(sandbox: Sandbox, client: ClientMaker) -> None:
    sandbox.company.put_secret("looker/api", "value")
    with pytest.raises(ClientError, match="secretsmanager:GetSecretValue") as error:
        client("secretsmanager", sandbox.principal).get_secret_value(SecretId="looker/api")
    assert error.value.response["Error"]["Code"] == "AccessDeniedException"
