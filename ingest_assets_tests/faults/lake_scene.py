"""A lake, its people and a Glue recipe as a scene."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ingest_assets.calls import Calls
from ingest_assets.ingestion.ingestion import Ingestion
from ingest_assets.ingestion.sources import aws_credentials, glue_parts
from ingest_assets.recipe.glue import GlueWorkflow
from ingest_assets.recipe.workflow import Workflow
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.sources.glue.source import GlueSource
from ingest_assets_tests.faults.lake import PARTNER, SERVICE, People, SmallLake
from ingest_assets_tests.faults.scene import Scene, Variant, serving
from ingest_assets_tests.ingestion.recipes import NOTHING_GIVEN, GlueRecipe
from ingest_assets_tests.ingestion.runs import Steps, run_steps

_CONFIG = {"includeOwners": True, "markDeletedSchemas": True, "markDeletedDatabases": True}


class LakeScene(Scene):
    """A lake that a Glue recipe reads; see ``Scene`` for the arguments."""

    def __init__(self, sandbox: Sandbox, folder: Path, variant: Variant) -> None:
        super().__init__(sandbox, folder, variant)
        catalog_id = PARTNER if variant is Variant.EMPTY_ACCOUNT else None
        self.lake = SmallLake(sandbox.company, catalog_id)
        self.lake.fill()
        self.root = self.lake.root
        if catalog_id:
            self.dagster["source"] = {"catalog_ids": [catalog_id]}
        self.recipe = GlueRecipe(sandbox, folder, service=SERVICE, config=_CONFIG, principal=sandbox.reader)
        self.recipe.dagster = self.dagster
        self.people = People(self.admin, self.lake)

    def change(self) -> None:
        """See ``SmallLake``."""
        self.lake.change()

    def edit(self) -> None:
        """See ``People``."""
        self.people.edit()

    def drop(self, service: str, name: str) -> None:
        """Drop a database, or a table as ``sales/orders``; see ``Scene``."""
        database, _, table = name.partition("/")
        if table:
            self.lake.glue.drop_table(database, table, catalog_id=self.lake.catalog_id)
        else:
            self.lake.glue.drop_database(database, catalog_id=self.lake.catalog_id)

    def delete(self, name: str) -> None:
        """See ``Scene``."""
        self.people.delete(name, hard=True)

    def _read(self, workflow: Workflow, answer_seconds: float) -> tuple[GlueSource, Calls]:
        assert isinstance(workflow, GlueWorkflow)
        session, calls = self._session(aws_credentials(workflow, NOTHING_GIVEN), "glue", answer_seconds)
        _, settings = glue_parts(workflow, NOTHING_GIVEN, calls)
        return GlueSource(settings, session), calls

    def _steps(self, ingestion: Ingestion, run_id: str) -> Steps:
        return run_steps(ingestion, run_id)


@contextmanager
def lake_scene(folder: Path, variant: Variant = Variant.USUAL, version: str = "1.12.4") -> Iterator[LakeScene]:
    """A fresh scene.

    Args:
        folder: For the recipe and the store.
        variant: Circumstances.
        version: Of the server, where the circumstances ask for none.
    """
    with serving(variant, version) as sandbox, closing(LakeScene(sandbox, folder, variant)) as made:
        yield made
