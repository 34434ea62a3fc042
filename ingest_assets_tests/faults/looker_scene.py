"""A Looker with its LookML, its people and a recipe that reads it as a scene."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest_assets.assets.steps import Turn, steps_of
from ingest_assets.calls import Calls
from ingest_assets.catalog import EntityType
from ingest_assets.ingestion.ingestion import Ingestion
from ingest_assets.ingestion.kinds import ASSETS
from ingest_assets.ingestion.looker import git_of, looker_parts, repositories
from ingest_assets.ingestion.report import Report
from ingest_assets.ingestion.repository_cache import StoreCache
from ingest_assets.recipe.looker import LookerWorkflow
from ingest_assets.recipe.workflow import Workflow
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.sources.git import Patience as GitPatience
from ingest_assets.sources.git import Reading
from ingest_assets.sources.http import Patience
from ingest_assets.sources.looker.api import LookerApi
from ingest_assets.sources.looker.lookml_reader import LookmlReader
from ingest_assets.sources.looker.source import LookerSource
from ingest_assets.sources.looker.transport import LookerCredentials
from ingest_assets_tests.faults.lookers import NEIGHBOUR, OWNER, REPOSITORY, SERVICE, LookerPeople, SmallLooker
from ingest_assets_tests.faults.scene import Scene, Variant, serving
from ingest_assets_tests.ingestion.recipes import NOTHING_GIVEN, GlueRecipe

_THREADS = 4


@dataclass
class LookerRecipe(GlueRecipe):
    """A Looker recipe; see there."""

    def source(self, aws: Mapping[str, Any]) -> dict[str, Any]:
        del aws
        repository = {
            "gitHostURL": "${GITHUB_SERVER_URL}",
            "repositoryOwner": OWNER,
            "repositoryName": REPOSITORY,
            "token": "${GITHUB_TOKEN}",
        }
        connection = {
            "type": "Looker",
            "clientId": "${LOOKER_CLIENT_ID}",
            "clientSecret": "${LOOKER_CLIENT_SECRET}",
            "hostPort": "${LOOKER_HOST_PORT}",
            "githubCredentials": repository,
        }
        return {
            "type": "looker",
            "serviceName": self.service,
            "serviceConnection": {"config": {**connection, **self.connection}},
            "sourceConfig": {"config": {"type": "DashboardMetadata", **self.config}},
        }


def by_name(steps: tuple[Report, ...]) -> dict[str, Report]:
    """The reports of one run's steps by the names of these."""
    return dict(zip((step.name for step in steps_of("looker")), steps, strict=True))


class LookerScene(Scene):
    """A Looker with folders, owners, looks and LookML that a recipe reads; see ``Scene`` for the arguments."""

    root = ""

    def __init__(self, sandbox: Sandbox, folder: Path, variant: Variant) -> None:
        super().__init__(sandbox, folder, variant)
        self.company = SmallLooker(sandbox.company)
        self.company.fill()
        self.people = LookerPeople(self.admin)
        self.people.furnish()
        self.dagster["source"] = {"include_looks": True}
        token = sandbox.github.access.add_token(f"{OWNER}/{REPOSITORY}")
        self.recipe = LookerRecipe(sandbox, folder, service=SERVICE, environment={"GITHUB_TOKEN": token.value})
        self.recipe.config = {"includeOwners": True, "dbServiceNames": [NEIGHBOUR]}
        self.recipe.dagster = self.dagster

    def change(self) -> None:
        """See ``SmallLooker``."""
        self.company.change()

    def edit(self) -> None:
        """See ``LookerPeople``."""
        self.people.edit()

    def drop(self, service: str, name: str) -> None:
        """See ``SmallLooker``."""
        self.company.drop(service, name)

    def delete(self, name: str) -> None:
        """See ``Scene``."""
        self.people.delete(name, hard=True)

    def _read(self, workflow: Workflow, answer_seconds: float) -> tuple[LookerSource, Calls]:
        """A source that asks once: no retry, no wait."""
        assert isinstance(workflow, LookerWorkflow)
        calls, timeouts = Calls(), (5.0, answer_seconds)
        _, settings, _ = looker_parts(workflow, NOTHING_GIVEN, calls, _THREADS)
        key = self.sandbox.looker_client
        credentials = LookerCredentials(settings.base_url, key.client_id, key.client_secret)
        api = LookerApi(credentials, calls, threads=_THREADS, patience=Patience(timeouts, retries=0))
        cache, git = StoreCache(self._store(answer_seconds)), git_of(workflow, NOTHING_GIVEN)
        assert git is not None
        reading = Reading(calls, cache, GitPatience(timeouts, retries=0))
        lookml = LookmlReader(tuple(repositories(git, reading)), lambda _: None, cache)
        return LookerSource(settings, api, lookml), calls

    def _steps(self, ingestion: Ingestion, run_id: str) -> tuple[Report, ...]:
        turn = Turn(ingestion, run_id, last_attempt=True)
        steps = tuple(step.act(turn) for step in steps_of("looker"))
        assert all(report.balances() for report in steps)
        manifest, reports = ingestion.manifest(run_id), by_name(steps)
        for kind in (EntityType.DATA_MODEL, EntityType.CHART, EntityType.DASHBOARD):
            assert reports[ASSETS[kind]].listed == sum(result.listed for result in manifest.listing(kind)), kind
        return steps


@contextmanager
def looker_scene(folder: Path, variant: Variant = Variant.USUAL, version: str = "1.12.4") -> Iterator[LookerScene]:
    """A fresh scene, in which nothing was asked for that Looker does not know.

    Args:
        folder: For the recipe and the store.
        variant: Circumstances.
        version: Of the server, where the circumstances ask for none.
    """
    with serving(variant, version) as sandbox, closing(LookerScene(sandbox, folder, variant)) as made:
        yield made
        assert not list(sandbox.looker.unsound)
        assert not list(sandbox.looker.unknown_fields)
