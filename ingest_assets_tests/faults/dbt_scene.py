"""A small dbt project in dbt Cloud, the tables that another recipe made, and a dbt recipe as a scene."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ingest_assets.assets.steps import Turn, steps_of
from ingest_assets.calls import Calls
from ingest_assets.ingestion.dbt import dbt_source, dbt_way
from ingest_assets.ingestion.ingestion import Ingestion
from ingest_assets.ingestion.report import Report
from ingest_assets.recipe.dbt import DbtWorkflow
from ingest_assets.recipe.workflow import Workflow
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.sources.dbt.cloud import CloudFiles
from ingest_assets.sources.dbt.downloads import Downloads
from ingest_assets.sources.dbt.source import DbtSource
from ingest_assets.sources.http import Patience
from ingest_assets_tests.faults.dbts import TABLES, DbtPeople, SmallDbt
from ingest_assets_tests.faults.scene import Scene, Variant, serving
from ingest_assets_tests.ingestion.recipes import NOTHING_GIVEN, GlueRecipe


@dataclass
class DbtRecipe(GlueRecipe):
    """A dbt recipe; see there."""

    def source(self, aws: Mapping[str, Any]) -> dict[str, Any]:
        del aws
        cloud = {
            "dbtConfigType": "cloud",
            "dbtCloudUrl": "${DBT_CLOUD_URL}",
            "dbtCloudAuthToken": "${DBT_CLOUD_TOKEN}",
            "dbtCloudAccountId": "${DBT_CLOUD_ACCOUNT_ID}",
        }
        config = {"type": "DBT", "dbtConfigSource": cloud, **self.config}
        return {"type": "dbt", "serviceName": self.service, "sourceConfig": {"config": config}}


class DbtScene(Scene):
    """A project that a dbt recipe reads for tables of others; see ``Scene`` for the arguments."""

    root = ""

    def __init__(self, sandbox: Sandbox, folder: Path, variant: Variant) -> None:
        super().__init__(sandbox, folder, variant)
        self.project = SmallDbt(sandbox.company)
        self.project.fill()
        self.people = DbtPeople(self.admin)
        self.people.furnish()
        self.recipe = DbtRecipe(sandbox, folder, service=TABLES)
        self.recipe.dagster = self.dagster

    def change(self) -> None:
        """See ``SmallDbt``."""
        self.project.change()

    def edit(self) -> None:
        """See ``DbtPeople``."""
        self.people.edit()

    def drop(self, service: str, name: str) -> None:
        """Nothing of dbt vanishes by itself."""
        raise AssertionError((service, name))

    def delete(self, name: str) -> None:
        """See ``Scene``."""
        self.people.delete(name)

    def _read(self, workflow: Workflow, answer_seconds: float) -> tuple[DbtSource, Calls]:
        """A source that asks once: no retry, no wait."""
        assert isinstance(workflow, DbtWorkflow)
        calls = Calls()
        made, way = dbt_source(workflow, NOTHING_GIVEN, calls), dbt_way(workflow, NOTHING_GIVEN, calls)
        assert isinstance(way, CloudFiles)
        patience = Patience((5.0, answer_seconds), retries=0)
        headers = {"Authorization": f"Token {self.sandbox.dbt_token}"}
        return DbtSource(made.settings, replace(way, downloads=Downloads(calls, headers, patience))), calls

    def _steps(self, ingestion: Ingestion, run_id: str) -> tuple[Report, ...]:
        turn = Turn(ingestion, run_id, last_attempt=True)
        steps = tuple(step.act(turn) for step in steps_of("dbt"))
        assert all(report.balances() for report in steps)
        return steps


@contextmanager
def dbt_scene(folder: Path, variant: Variant = Variant.USUAL, version: str = "1.12.4") -> Iterator[DbtScene]:
    """A fresh scene.

    Args:
        folder: For the recipe and the store.
        variant: Circumstances.
        version: Of the server, where the circumstances ask for none.
    """
    with serving(variant, version) as sandbox, closing(DbtScene(sandbox, folder, variant)) as made:
        yield made
