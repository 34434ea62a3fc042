"""Streams, delivery streams, their people and a Kinesis recipe as a scene."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ingest_assets.assets.steps import Turn, steps_of
from ingest_assets.calls import Calls
from ingest_assets.catalog import EntityType
from ingest_assets.ingestion.ingestion import Ingestion
from ingest_assets.ingestion.report import Report
from ingest_assets.ingestion.sources import credentials_of, kinesis_parts
from ingest_assets.recipe.kinesis import KinesisWorkflow
from ingest_assets.recipe.workflow import Workflow
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.sources.kinesis.source import KinesisSource
from ingest_assets_tests.faults.scene import AWS_PAGE, Scene, Variant, serving
from ingest_assets_tests.faults.streams import HOSES, SERVICE, SmallStreams, StreamPeople
from ingest_assets_tests.ingestion.recipes import NOTHING_GIVEN, GlueRecipe


@dataclass
class KinesisRecipe(GlueRecipe):
    """A Kinesis recipe; see there."""

    def source(self, aws: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "type": "kinesis",
            "serviceName": self.service,
            "serviceConnection": {"config": {"type": "Kinesis", "awsConfig": aws, **self.connection}},
            "sourceConfig": {"config": {"type": "MessagingMetadata", **self.config}},
        }


class StreamSteps(NamedTuple):
    """The reports of one run's steps, as its assets show them."""

    snapshot: Report
    plan: Report
    tags: Report
    topics: Report
    pipelines: Report
    samples: Report
    lineage: Report
    stale: Report

    def written(self) -> int:
        return sum(report.created + report.updated + report.restored for report in self[2:7])

    def failures(self) -> dict[str, str]:
        return {problem.fqn: problem.reason for report in self for problem in report.problems}


class StreamScene(Scene):
    """Streams that a Kinesis recipe reads, with Firehose and samples; see ``Scene`` for the arguments."""

    root = ""

    def __init__(self, sandbox: Sandbox, folder: Path, variant: Variant) -> None:
        super().__init__(sandbox, folder, variant)
        self.company = SmallStreams(sandbox.company, AWS_PAGE)
        self.company.fill()
        self.people = StreamPeople(self.admin)
        self.people.furnish()
        self.dagster["source"] = {"firehose": {"service_name": HOSES}}
        aws = {}
        if variant is Variant.ROLE:
            aws["assumeRoleArn"] = sandbox.reader_role.arn
            self.dagster["source"]["stsEndpointUrl"] = sandbox.aws_endpoint_url
        self.recipe = KinesisRecipe(sandbox, folder, service=SERVICE, principal=sandbox.reader, aws=aws)
        self.recipe.config = {"generateSampleData": True}
        self.recipe.dagster = self.dagster

    def change(self) -> None:
        """See ``SmallStreams``."""
        self.company.change()

    def edit(self) -> None:
        """See ``StreamPeople``."""
        self.people.edit()

    def drop(self, service: str, name: str) -> None:
        """See ``SmallStreams``."""
        self.company.drop(service, name)

    def delete(self, name: str) -> None:
        """See ``Scene``."""
        self.people.delete(name, hard=True)

    def _read(self, workflow: Workflow, answer_seconds: float) -> tuple[KinesisSource, Calls]:
        assert isinstance(workflow, KinesisWorkflow)
        config = workflow.source.service_connection.config.aws_config
        credentials = credentials_of(config, workflow.dagster.source, NOTHING_GIVEN)
        session, calls = self._session(credentials, "kinesis", answer_seconds)
        _, settings = kinesis_parts(workflow, NOTHING_GIVEN, calls)
        return KinesisSource(settings, session), calls

    def _steps(self, ingestion: Ingestion, run_id: str) -> StreamSteps:
        turn = Turn(ingestion, run_id, last_attempt=True)
        steps = StreamSteps(*(step.act(turn) for step in steps_of("kinesis")))
        assert all(report.balances() for report in steps)
        manifest = ingestion.manifest(run_id)
        for kind, report in ((EntityType.TOPIC, steps.topics), (EntityType.PIPELINE, steps.pipelines)):
            assert report.listed == sum(result.listed for result in manifest.listing(kind)), kind
        return steps


@contextmanager
def stream_scene(folder: Path, variant: Variant = Variant.USUAL, version: str = "1.12.4") -> Iterator[StreamScene]:
    """A fresh scene.

    Args:
        folder: For the recipe and the store.
        variant: Circumstances.
        version: Of the server, where the circumstances ask for none.
    """
    with serving(variant, version) as sandbox, closing(StreamScene(sandbox, folder, variant)) as made:
        yield made
