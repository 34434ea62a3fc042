"""The resource that makes ingestions: one a recipe and run, shared by the run's assets."""

import threading
from typing import NamedTuple

import dagster as dg
from pydantic import Field, PrivateAttr

from ingest_assets.ingestion.build import RunOptions, build_ingestion, resolver
from ingest_assets.ingestion.ingestion import Ingestion
from ingest_assets.ingestion.sources import Explicit
from ingest_assets.progress import Progress
from ingest_assets.recipe.recipe import Recipe
from ingest_assets.recipe.resolver import Resolver
from ingest_assets.resources.looker import GitHubResource, LookerResource
from ingest_assets.resources.systems import AwsResource, OpenMetadataResource, StoreResource


class OptionsResource(dg.ConfigurableResource["OptionsResource"]):
    """What a person may ask of one run, in the launchpad: set once, it reaches every asset of the run."""

    dry_run: bool = Field(default=False, description="Read and plan; write nothing to OpenMetadata.")
    full_refresh: bool = Field(default=False, description="Write every entity anew, whether it has changed or not.")
    include: list[str] = Field(
        default=[],
        description="Read only these databases and schemas, such as 123456789012.sales or *.sales; * and ? stand for "
        "any characters, and a database covers its schemas. Everything, if empty. What is not read stays as it is.",
    )
    exclude: list[str] = Field(
        default=[],
        description="Don't read these databases and schemas, though include names them. What is not read "
        "stays as it is.",
    )
    approve_stale: str = Field(
        default="",
        description="Id of the run whose planned removals you approve although they exceed the ceiling (dagster.stale "
        "in the recipe). Materialize the asset stale alone with it.",
    )

    def of_run(self) -> RunOptions:
        """The same, for those who know no Dagster."""
        return RunOptions(
            dry_run=self.dry_run,
            full_refresh=self.full_refresh,
            include=tuple(self.include),
            exclude=tuple(self.exclude),
            approve_stale=self.approve_stale.strip(),
        )


class Running(NamedTuple):
    """One recipe in one run.

    Attributes:
        ingestion: Its steps.
        resolver: Knows the recipe's secrets, and blanks them.
    """

    ingestion: Ingestion
    resolver: Resolver


class IngestionResource(dg.ConfigurableResource["IngestionResource"]):
    """Makes the ingestion of a recipe when its first asset needs it.

    Jobs run in one process, in which Dagster sets resources up once a run: so sessions, tokens, rate limits and what is
    known of the server are shared by the run's assets, and end with it.
    """

    aws: dg.ResourceDependency[AwsResource]
    openmetadata: dg.ResourceDependency[OpenMetadataResource]
    looker: dg.ResourceDependency[LookerResource]
    github: dg.ResourceDependency[GitHubResource]
    store: dg.ResourceDependency[StoreResource]
    options: dg.ResourceDependency[OptionsResource]
    _running: dict[str, Running] = PrivateAttr(default_factory=dict)
    _lock: threading.Lock = PrivateAttr(default_factory=threading.Lock)

    def of(self, recipe: Recipe, progress: Progress) -> Running:
        """The recipe's ingestion in this run; variables and secrets are looked up now.

        Raises:
            RecipeError: The recipe can't run.
        """
        with self._lock:
            known = self._running.get(str(recipe.path))
            if known is None:
                known = self._running[str(recipe.path)] = self._build(recipe, progress)
            return known

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        """Close the connections that the run opened."""
        with self._lock:
            for running in self._running.values():
                running.ingestion.close()
            self._running.clear()

    def _build(self, recipe: Recipe, progress: Progress) -> Running:
        lookup = resolver()
        explicit = Explicit(
            self.aws.explicit(), self.openmetadata.explicit(), self.looker.explicit(), self.github.explicit()
        )
        for secret in ("secret_access_key", "session_token"):
            lookup.redactor.add(explicit.aws.get(secret, ""))
        lookup.redactor.add(explicit.openmetadata.get("jwt_token", ""))
        lookup.redactor.add(explicit.looker.get("client_secret", ""))
        lookup.redactor.add(explicit.github.get("token", ""))
        ingestion = build_ingestion(
            recipe,
            recipe.resolve(lookup),
            store=self.store.open(),
            explicit=explicit,
            options=self.options.of_run(),
            progress=progress,
            redact=lookup.redact,
        )
        return Running(ingestion, lookup)
