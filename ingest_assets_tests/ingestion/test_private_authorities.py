"""Companies that sign their own certificates: AWS, the store in S3, and the OpenMetadata server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest_assets.errors import UnavailableError
from ingest_assets.ingestion.report import Report
from ingest_assets.sandbox.secure import SecureFront
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.snapshots.store import open_store
from ingest_assets_tests.ingestion.recipes import GlueRecipe


@pytest.fixture(scope="module")
def front() -> Iterator[tuple[Sandbox, SecureFront]]:
    with Sandbox() as sandbox, SecureFront(sandbox) as secure:
        yield sandbox, secure
        assert not list(sandbox.crashes)


@pytest.fixture
def recipe(front: tuple[Sandbox, SecureFront], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GlueRecipe:
    """Everything by TLS; no proxy and no authority from outside."""
    sandbox, secure = front
    for name in ("HTTPS_PROXY", "ALL_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    environment = {"AWS_ENDPOINT_URL": secure.url, "OPENMETADATA_HOST_PORT": secure.openmetadata_host_port}
    server = {"verifySSL": "validate", "sslConfig": {"caCertificate": secure.ca_file}}
    return GlueRecipe(sandbox, tmp_path, server=server, environment=environment)


def snapshot(recipe: GlueRecipe) -> Report:
    ingestion = recipe.ingestion()
    try:
        return ingestion.snapshot("one", last_attempt=True)
    finally:
        ingestion.close()


def test_glue_and_the_server_are_reached_by_an_authority_of_ones_own(
    recipe: GlueRecipe, front: tuple[Sandbox, SecureFront], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", front[1].ca_file)
    report = snapshot(recipe)
    assert report.failed == 0
    assert report.listed > 50


def test_a_store_in_s3_is_reached_by_an_authority_of_ones_own(
    recipe: GlueRecipe, front: tuple[Sandbox, SecureFront], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", front[1].ca_file)
    for name, value in {**front[0].environment(front[0].reader), "AWS_ENDPOINT_URL": front[1].url}.items():
        monkeypatch.setenv(name, value)
    front[0].company.buckets.create("norrpost-ingest")
    # Nothing is written: by TLS boto3 sends bodies in signed chunks, which the sandbox's S3 does not read.
    assert list(open_store("s3://norrpost-ingest/tls").keys("")) == []


def test_without_it_the_variable_is_named_that_aws_takes_it_by(recipe: GlueRecipe) -> None:
    with pytest.raises(UnavailableError, match=r"certificate verify failed.*AWS_CA_BUNDLE"):
        snapshot(recipe)
