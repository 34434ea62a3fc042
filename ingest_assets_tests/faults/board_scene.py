"""A QuickSight, its people and a recipe that reads it as a scene."""

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
from ingest_assets.ingestion.sources import credentials_of, quicksight_parts
from ingest_assets.recipe.quicksight import QuickSightWorkflow
from ingest_assets.recipe.workflow import Workflow
from ingest_assets.sandbox.aws.identity import Principal
from ingest_assets.sandbox.fault_sites import AWS_OPERATIONS
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.sources.quicksight.source import QuickSightSource
from ingest_assets_tests.faults.boards import NEIGHBOUR, SERVICE, BoardPeople, SmallBoards
from ingest_assets_tests.faults.scene import AWS_PAGE, Scene, Variant, serving
from ingest_assets_tests.ingestion.recipes import NOTHING_GIVEN, GlueRecipe


@dataclass
class QuickSightRecipe(GlueRecipe):
    """A QuickSight recipe; see there."""

    def source(self, aws: Mapping[str, Any]) -> dict[str, Any]:
        account = {"awsAccountId": self.sandbox.company.account}
        return {
            "type": "quicksight",
            "serviceName": self.service,
            "serviceConnection": {"config": {"type": "QuickSight", "awsConfig": aws, **account, **self.connection}},
            "sourceConfig": {"config": {"type": "DashboardMetadata", **self.config}},
        }


class BoardSteps(NamedTuple):
    """The reports of one run's steps, as its assets show them."""

    snapshot: Report
    plan: Report
    tags: Report
    data_models: Report
    charts: Report
    dashboards: Report
    lineage: Report
    stale: Report

    def written(self) -> int:
        return sum(report.created + report.updated + report.restored for report in self[2:7])

    def failures(self) -> dict[str, str]:
        return {problem.fqn: problem.reason for report in self for problem in report.problems}


class BoardScene(Scene):
    """A QuickSight with owners, tags, analyses and refreshes that a recipe reads; see ``Scene`` for the arguments."""

    root = ""

    def __init__(self, sandbox: Sandbox, folder: Path, variant: Variant) -> None:
        super().__init__(sandbox, folder, variant)
        self.company = SmallBoards(sandbox.company, AWS_PAGE)
        self.company.fill()
        self.people = BoardPeople(self.admin)
        self.people.furnish()
        self.dagster["source"] = {"include_analyses": True}
        self.recipe = QuickSightRecipe(sandbox, folder, service=SERVICE, principal=_who(sandbox, variant))
        self.recipe.config = {"includeOwners": True, "dbServiceNames": [NEIGHBOUR]}
        self.recipe.dagster = self.dagster

    def change(self) -> None:
        """See ``SmallBoards``."""
        self.company.change()

    def edit(self) -> None:
        """See ``BoardPeople``."""
        self.people.edit()

    def drop(self, service: str, name: str) -> None:
        """See ``SmallBoards``."""
        self.company.drop(service, name)

    def delete(self, name: str) -> None:
        """See ``Scene``."""
        self.people.delete(name, hard=True)

    def _read(self, workflow: Workflow, answer_seconds: float) -> tuple[QuickSightSource, Calls]:
        assert isinstance(workflow, QuickSightWorkflow)
        config = workflow.source.service_connection.config.aws_config
        credentials = credentials_of(config, workflow.dagster.source, NOTHING_GIVEN)
        session, calls = self._session(credentials, "quicksight", answer_seconds)
        _, settings = quicksight_parts(workflow, NOTHING_GIVEN, calls)
        return QuickSightSource(settings, session), calls

    def _steps(self, ingestion: Ingestion, run_id: str) -> BoardSteps:
        turn = Turn(ingestion, run_id, last_attempt=True)
        steps = BoardSteps(*(step.act(turn) for step in steps_of("quicksight")))
        assert all(report.balances() for report in steps)
        manifest = ingestion.manifest(run_id)
        kinds = (EntityType.DATA_MODEL, EntityType.CHART, EntityType.DASHBOARD)
        for kind, report in zip(kinds, steps[3:6], strict=True):
            assert report.listed == sum(result.listed for result in manifest.listing(kind)), kind
        return steps


def _who(sandbox: Sandbox, variant: Variant) -> Principal:
    if variant is not Variant.NARROW:
        return sandbox.reader
    actions = {f"quicksight:{name}" for name in AWS_OPERATIONS["quicksight"] if name != "ListDataSources"}
    return sandbox.aws.identities.add_principal("narrow", {*actions, "s3:*"}, account=sandbox.company.account)


@contextmanager
def board_scene(folder: Path, variant: Variant = Variant.USUAL, version: str = "1.12.4") -> Iterator[BoardScene]:
    """A fresh scene.

    Args:
        folder: For the recipe and the store.
        variant: Circumstances.
        version: Of the server, where the circumstances ask for none.
    """
    with serving(variant, version) as sandbox, closing(BoardScene(sandbox, folder, variant)) as made:
        yield made
