"""The recipe of OpenMetadata's page about Kinesis, run as printed against local services."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest_assets.cli.execution import RunResult, execute
from ingest_assets.progress import SilentProgress
from ingest_assets.recipe import load_recipe
from ingest_assets.resources.ingestion import OptionsResource
from ingest_assets.sandbox.aws.identity import Principal, Role
from ingest_assets.sandbox.server import KINESIS_ACTIONS, Sandbox
from ingest_assets_tests.recipe.texts import PAGES, recipe_of, with_comments_on

ACCOUNT = "123456789012"
PAGE = next((page for page in PAGES.glob("*.txt") if "/kinesis/airflow" in page.read_text(encoding="utf-8")), None)
needs_page = pytest.mark.skipif(PAGE is None, reason="the documentation page is not here")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(region="us-east-2") as running:
        yield running


@pytest.fixture
def documented(sandbox: Sandbox) -> Principal:
    """Who has exactly the policy that the page prints."""
    printed = set(re.findall(r'"(kinesis:\w+)"', PAGE.read_text(encoding="utf-8"))) if PAGE else set()
    assert printed == KINESIS_ACTIONS
    return sandbox.aws.identities.add_principal("page", printed, account=ACCOUNT)


@pytest.fixture(autouse=True)
def environment(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INGEST_ASSETS_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", sandbox.aws_endpoint_url)
    monkeypatch.delenv("DAGSTER_HOME", raising=False)


def run(sandbox: Sandbox, who: Principal, folder: Path, text: str) -> RunResult:
    """Run a recipe with the values that the page has a reader fill in."""
    filled = {
        "awsAccessKeyId: KEY": f"awsAccessKeyId: {who.access_key_id}",
        "awsSecretAccessKey: SECRET": f"awsSecretAccessKey: {who.secret_access_key}",
        "https://athena.us-east-2.amazonaws.com/custom": sandbox.aws_endpoint_url,
        "awsSessionToken: TOKEN": "awsSessionToken:",
        '"arn:partition:service:region:account:resource"': f"arn:aws:iam::{ACCOUNT}:role/streams",
        "http://localhost:8585/api": sandbox.openmetadata_host_port,
        "{bot_jwt_token}": sandbox.bot_token,
    }
    for printed, value in filled.items():
        text = text.replace(printed, value)
    path = folder / "kinesis.yaml"
    path.write_text(text, encoding="utf-8")
    return execute(load_recipe(path), SilentProgress(), OptionsResource())


def page() -> str:
    return recipe_of(PAGE.read_text(encoding="utf-8")) if PAGE else ""


def counts(result: RunResult, name: str) -> dict[str, int]:
    return next(step.counts for step in result.steps if step.name == name)


@needs_page
def test_as_printed_everything_arrives_with_the_permissions_of_the_page(
    sandbox: Sandbox, documented: Principal, tmp_path: Path
) -> None:
    result = run(sandbox, documented, tmp_path, page())
    assert result.success, result.errors
    topics = counts(result, "topics")
    assert (topics["created"], topics["filtered"], topics["failed"]) == (topics["listed"] - 1, 1, 0)
    assert counts(result, "sample_data")["listed"] == 0
    assert {check.name: check.passed for check in result.checks}["complete"]
    sandbox.openmetadata.reset_counts()
    assert run(sandbox, documented, tmp_path, page()).success
    assert sandbox.openmetadata.writes() == 0


@needs_page
def test_with_every_line_on_a_role_reads_topics_and_their_messages(
    sandbox: Sandbox, documented: Principal, tmp_path: Path
) -> None:
    identities = sandbox.aws.identities
    identities.add_role(
        Role(ACCOUNT, "streams", KINESIS_ACTIONS, trusted=(f"arn:aws:iam::{ACCOUNT}:user/*",), source_identities=("*",))
    )
    caller = identities.add_principal("caller", ["sts:AssumeRole", "sts:SetSourceIdentity"], account=ACCOUNT)
    text = with_comments_on(page()).replace("local_kinesis", "all_lines").replace("topic1", "orders")
    result = run(sandbox, caller, tmp_path, text)
    assert result.success, result.errors
    topics, samples = counts(result, "topics"), counts(result, "sample_data")
    assert (topics["created"], topics["filtered"]) == (1, topics["listed"] - 1)
    # The first run has its samples.
    assert (samples["listed"], samples["updated"]) == (1, 1)


def test_samples_are_shown_once_and_again_when_messages_are_new(sandbox: Sandbox, tmp_path: Path) -> None:
    text = f"""\
source:
  type: kinesis
  serviceName: sampled
  serviceConnection:
    config:
      type: Kinesis
      awsConfig:
        awsAccessKeyId: KEY
        awsSecretAccessKey: SECRET
        awsRegion: us-east-2
  sourceConfig:
    config:
      type: MessagingMetadata
      generateSampleData: true
      topicFilterPattern:
        includes: [orders]
workflowConfig:
  openMetadataServerConfig:
    hostPort: {sandbox.openmetadata_host_port}
    securityConfig:
      jwtToken: {sandbox.bot_token}
"""
    first = run(sandbox, sandbox.reader, tmp_path, text)
    assert first.success, first.errors
    assert counts(first, "sample_data")["updated"] == 1
    assert counts(first, "tags")["created"] > 0
    second = run(sandbox, sandbox.reader, tmp_path, text)
    assert (counts(second, "sample_data")["updated"], counts(second, "sample_data")["unchanged"]) == (0, 1)
    sandbox.company.streams.put("orders", b"a new one", "key")
    third = run(sandbox, sandbox.reader, tmp_path, text)
    assert counts(third, "sample_data")["updated"] == 1
