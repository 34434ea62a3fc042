"""A small Atlas, what other recipes made, and an Atlas recipe as a scene."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest_assets.assets.steps import Turn, steps_of
from ingest_assets.calls import Calls
from ingest_assets.ingestion.atlas import atlas_parts
from ingest_assets.ingestion.ingestion import Ingestion
from ingest_assets.ingestion.report import Report
from ingest_assets.recipe.atlas import AtlasWorkflow
from ingest_assets.recipe.workflow import Workflow
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.sources.atlas.client import AtlasClient
from ingest_assets.sources.atlas.source import AtlasSource
from ingest_assets.sources.http import Patience
from ingest_assets_tests.faults.atlases import SERVICE, TABLES, TOPICS, AtlasPeople, SmallAtlas
from ingest_assets_tests.faults.scene import Scene, Variant, serving
from ingest_assets_tests.ingestion.recipes import GlueRecipe

_THREADS = 4


@dataclass
class AtlasRecipe(GlueRecipe):
    """An Atlas recipe; see there."""

    def source(self, aws: Mapping[str, Any]) -> dict[str, Any]:
        del aws
        connection = {
            "type": "Atlas",
            "hostPort": "${ATLAS_HOST_PORT}",
            "username": "${ATLAS_USERNAME}",
            "password": "${ATLAS_PASSWORD}",
            "databaseServiceName": [TABLES],
            "messagingServiceName": [TOPICS],
            "entity_type": "Table",
        }
        return {
            "type": "atlas",
            "serviceName": self.service,
            "serviceConnection": {"config": {**connection, **self.connection}},
            "sourceConfig": {"config": {"type": "DatabaseMetadata", **self.config}},
        }


class AtlasScene(Scene):
    """An Atlas that an Atlas recipe reads for tables and topics of others; see ``Scene`` for the arguments."""

    root = ""

    def __init__(self, sandbox: Sandbox, folder: Path, variant: Variant) -> None:
        super().__init__(sandbox, folder, variant)
        self.company = SmallAtlas(sandbox.company)
        self.company.fill()
        self.people = AtlasPeople(self.admin)
        self.people.furnish()
        self.recipe = AtlasRecipe(sandbox, folder, service=SERVICE)
        self.recipe.config = {"includeOwners": True}
        self.recipe.dagster = self.dagster

    def change(self) -> None:
        """See ``SmallAtlas``."""
        self.company.change()

    def edit(self) -> None:
        """See ``AtlasPeople``."""
        self.people.edit()

    def drop(self, service: str, name: str) -> None:
        """See ``SmallAtlas``."""
        self.company.drop(service, name)

    def delete(self, name: str) -> None:
        """See ``Scene``."""
        self.people.delete(name)

    def _read(self, workflow: Workflow, answer_seconds: float) -> tuple[AtlasSource, Calls]:
        """A source that asks once: no retry, no wait."""
        assert isinstance(workflow, AtlasWorkflow)
        calls = Calls()
        client, settings = atlas_parts(workflow, calls, _THREADS)
        patience = Patience((5.0, answer_seconds), retries=0)
        return AtlasSource(settings, AtlasClient(client.access, calls, threads=_THREADS, patience=patience)), calls

    def _steps(self, ingestion: Ingestion, run_id: str) -> tuple[Report, ...]:
        turn = Turn(ingestion, run_id, last_attempt=True)
        steps = tuple(step.act(turn) for step in steps_of("atlas"))
        assert all(report.balances() for report in steps)
        return steps


@contextmanager
def atlas_scene(folder: Path, variant: Variant = Variant.USUAL, version: str = "1.12.4") -> Iterator[AtlasScene]:
    """A fresh scene.

    Args:
        folder: For the recipe and the store.
        variant: Circumstances.
        version: Of the server, where the circumstances ask for none.
    """
    with serving(variant, version) as sandbox, closing(AtlasScene(sandbox, folder, variant)) as made:
        yield made
