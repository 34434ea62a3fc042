"""A Kinesis recipe with Firehose beside a Glue recipe: two services of one recipe, lineage into a third."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest_assets.calls import Calls
from ingest_assets.cli.execution import RunResult, execute
from ingest_assets.openmetadata.auth import BotToken
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.progress import SilentProgress
from ingest_assets.recipe import load_recipe
from ingest_assets.resources.ingestion import OptionsResource
from ingest_assets.sandbox.server import Sandbox

RECIPE = """\
source:
  type: {type}
  serviceName: {service}
  serviceConnection:
    config:
      type: {word}
      awsConfig:
        awsAccessKeyId: {key_id}
        awsSecretAccessKey: {secret}
        awsRegion: {region}
  sourceConfig:
    config:
      type: {config}
workflowConfig:
  openMetadataServerConfig:
    hostPort: {server}
    securityConfig:
      jwtToken: {token}
"""
FIREHOSE = """\
dagster:
  source:
    firehose:
      service_name: deliveries
"""


class Scene:
    """A sandbox, a store and two recipes."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox, self._folder = sandbox, folder

    def run(self, kind: str, more: str = "") -> RunResult:
        words = {"glue": ("Glue", "DatabaseMetadata"), "kinesis": ("Kinesis", "MessagingMetadata")}
        text = RECIPE.format(
            type=kind,
            service=f"local_{kind}",
            word=words[kind][0],
            config=words[kind][1],
            key_id=self.sandbox.reader.access_key_id,
            secret=self.sandbox.reader.secret_access_key,
            region=self.sandbox.company.region,
            server=self.sandbox.openmetadata_host_port,
            token=self.sandbox.bot_token,
        )
        path = self._folder / f"{kind}.yaml"
        path.write_text(text + more, encoding="utf-8")
        return execute(load_recipe(path), SilentProgress(), OptionsResource())

    def get(self, path: str) -> dict[str, Any]:
        token = BotToken(self.sandbox.admin_token)
        with OpenMetadataClient(self.sandbox.openmetadata_host_port, token, Calls()) as client:
            return client.get(path)


@pytest.fixture(params=["1.0.3", "1.5.7", "1.12.4"])
def scene(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setenv("INGEST_ASSETS_STORE", str(tmp_path / "store"))
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    with Sandbox(request.param) as sandbox:
        monkeypatch.setenv("AWS_ENDPOINT_URL", sandbox.aws_endpoint_url)
        yield Scene(sandbox, tmp_path)
        assert not list(sandbox.crashes)


def counts(result: RunResult, name: str) -> dict[str, int]:
    return next(step.counts for step in result.steps if step.name == name)


def test_deliveries_arrive_with_their_streams_and_their_tables(scene: Scene) -> None:
    assert scene.run("glue").success
    first = scene.run("kinesis", FIREHOSE)
    assert first.success, first.errors
    pipelines = counts(first, "pipelines")
    assert pipelines["created"] == pipelines["listed"] == len(scene.sandbox.company.delivery.names())
    delivery = scene.get("/v1/pipelines/name/deliveries.clicks-to-lake")
    graph = scene.get(f"/v1/lineage/pipeline/{delivery['id']}?upstreamDepth=1&downstreamDepth=1")
    names = {node["id"]: node["fullyQualifiedName"] for node in graph["nodes"]}
    assert {names[edge["fromEntity"]] for edge in graph["upstreamEdges"]} == {"local_kinesis.clicks"}
    assert "local_glue.123456789012.clickstream.clicks" in {
        names[edge["toEntity"]] for edge in graph["downstreamEdges"]
    }
    scene.sandbox.openmetadata.reset_counts()
    second = scene.run("kinesis", FIREHOSE)
    assert second.success, second.errors
    assert scene.sandbox.openmetadata.writes() == 0


def test_what_is_gone_of_either_service_is_removed_and_nothing_else(scene: Scene) -> None:
    assert scene.run("kinesis", FIREHOSE).success
    scene.sandbox.company.streams.drop("parcels.scans")
    scene.sandbox.company.delivery.drop("orders-to-raw")
    second = scene.run("kinesis", FIREHOSE + "  stale: {max_percent: 100}\n")
    assert counts(second, "stale")["removed"] == 2, second.errors
    assert scene.get("/v1/pipelines/name/deliveries.orders-to-raw?include=all")["deleted"]
    assert not scene.get("/v1/topics/name/local_kinesis.clicks?include=all").get("deleted", False)


def test_without_firehose_in_the_recipe_nothing_of_it_is_asked_or_made(scene: Scene) -> None:
    result = scene.run("kinesis")
    assert result.success, result.errors
    assert counts(result, "pipelines")["listed"] == 0
    assert not [name for name in scene.sandbox.aws.counts if name.startswith("firehose:")]


def test_firehose_that_is_taken_out_of_the_recipe_leaves_its_pipelines_alone(scene: Scene) -> None:
    assert scene.run("kinesis", FIREHOSE).success
    second = scene.run("kinesis", "dagster:\n  stale: {max_percent: 100}\n")
    assert second.success, second.errors
    assert counts(second, "stale")["removed"] == 0
    assert not scene.get("/v1/pipelines/name/deliveries.clicks-to-lake?include=all").get("deleted", False)
    again = scene.run("kinesis", FIREHOSE)
    assert again.success, again.errors
    assert counts(again, "pipelines")["created"] == 0
