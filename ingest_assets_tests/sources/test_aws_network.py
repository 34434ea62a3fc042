"""AWS behind authorities and proxies of a company: what boto3 takes from the environment holds for roles too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest_assets.calls import Calls
from ingest_assets.errors import UnavailableError
from ingest_assets.sandbox.aws.identity import Role
from ingest_assets.sandbox.secure import SecureFront
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.sources.aws import AwsCredentials, AwsSession

NOBODY = "http://me:SECRET@127.0.0.1:1"


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Sandbox, SecureFront]]:
    with Sandbox() as sandbox, SecureFront(sandbox) as front:
        yield sandbox, front
        assert not list(sandbox.crashes)


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "AWS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/dev/null")


def read(served: tuple[Sandbox, SecureFront], profile_name: str | None = None) -> list[object]:
    """Databases, as a role reads them: STS and Glue are both behind the front."""
    sandbox, front = served
    role = sandbox.aws.identities.add_role(Role(sandbox.company.account, "catalog", frozenset({"glue:Get*"})))
    who = sandbox.principal
    credentials = AwsCredentials(
        sandbox.company.region,
        access_key_id=None if profile_name else who.access_key_id,
        secret_access_key=None if profile_name else who.secret_access_key,
        endpoint_url=front.url,
        sts_endpoint_url=front.url,
        profile_name=profile_name,
        role_arn=role.arn,
    )
    session = AwsSession(credentials, Calls(), service="glue", attempts=1)
    return list(session.call("glue", "GetDatabases", "all")["DatabaseList"])


def test_an_authority_of_ones_own_is_trusted_for_the_service_and_for_sts(
    served: tuple[Sandbox, SecureFront], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UnavailableError, match=r"sts:AssumeRole.*certificate verify failed.*AWS_CA_BUNDLE"):
        read(served)
    monkeypatch.setenv("AWS_CA_BUNDLE", served[1].ca_file)
    assert read(served)


def test_the_authority_of_a_profile_is_trusted_too(
    served: tuple[Sandbox, SecureFront], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = served[0].principal
    (tmp_path / "config").write_text(
        f"[profile lake]\naws_access_key_id = {who.access_key_id}\n"
        f"aws_secret_access_key = {who.secret_access_key}\nca_bundle = {served[1].ca_file}\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    assert read(served, "lake")


def test_a_proxy_of_the_environment_is_asked_unless_the_host_is_exempt(
    served: tuple[Sandbox, SecureFront], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", served[1].ca_file)
    monkeypatch.setenv("HTTPS_PROXY", NOBODY)
    with pytest.raises(UnavailableError, match=r"proxy can't be reached.*HTTPS_PROXY") as caught:
        read(served)
    assert "SECRET" not in str(caught.value)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert read(served)
