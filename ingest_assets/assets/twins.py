"""Recipes that can't live side by side: they'd share assets or a job in Dagster, or a service in OpenMetadata."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, NoReturn

from ingest_assets.assets.names import asset_key, job_name, recipe_name
from ingest_assets.assets.steps import steps_of
from ingest_assets.catalog import EntityType
from ingest_assets.errors import RecipeError
from ingest_assets.ingestion.kinds import CREATE, MADE_ON_REQUEST, SERVICES
from ingest_assets.recipe.recipe import Recipe

_FIREHOSE = ("dagster", "source", "firehose", "service_name")
_CONNECTION = ("source", "serviceConnection", "config")
_NAMED_IN = {
    EntityType.DATABASE_SERVICE: (*_CONNECTION, "databaseServiceName"),
    EntityType.MESSAGING_SERVICE: (*_CONNECTION, "messagingServiceName"),
    EntityType.PIPELINE_SERVICE: ("dagster", "source", "pipelines"),
}
_SERVER = ("workflowConfig", "openMetadataServerConfig", "hostPort")
_MAKE_ONE = {
    "glue": "One recipe can read several regions, accounts and catalogs: regions, accounts and catalog_ids of "
    "dagster.source.",
}
_RENAME = "Name another service in one of them."
_ADD_NOTHING = "Leave dagster.source.create out of the latter: what is there is enriched."


class _Written(NamedTuple):
    """A service that a recipe writes."""

    type: EntityType
    name: str
    server: str


class Neighbours:
    """Recipes that live side by side."""

    def __init__(self) -> None:
        self._keys: dict[str, Recipe] = {}
        self._services: dict[_Written, Recipe] = {}
        self._jobs: dict[str, Recipe] = {}
        # Dagster has one list of names for jobs and for what computes assets, and refuses the whole code location.
        self._computing: dict[str, Recipe] = {}

    def admit(self, recipe: Recipe) -> None:
        """Let one more in; one that is refused holds up nobody who comes later.

        Raises:
            RecipeError: Its assets would have the keys of another one's, its job another one's name, or both write one
                service; names both files.
        """
        services = list(_services_of(recipe))
        for written in services:
            if written in self._services:
                _refuse_shared(recipe, self._services[written], written)
        other = self._keys.get(recipe_name(recipe))
        if other is not None:
            raise RecipeError(
                f"{recipe.path} and {other.path}: services {recipe.service_name!r} and {other.service_name!r} of type "
                f"{recipe.type} would have the same asset keys ({recipe_name(recipe)}). Rename one service."
            )
        computing = ["__".join(asset_key(recipe, step.name).path) for step in steps_of(recipe.type, recipe.asks_for)]
        self._refuse_names(recipe, computing)
        self._keys[recipe_name(recipe)] = self._jobs[job_name(recipe)] = recipe
        self._services.update(dict.fromkeys(services, recipe))
        self._computing.update(dict.fromkeys(computing, recipe))

    def _refuse_names(self, recipe: Recipe, computing: Sequence[str]) -> None:
        job = job_name(recipe)
        other = self._jobs.get(job)
        if other is not None:
            raise RecipeError(
                f"{recipe.path} and {other.path}: both jobs would be called {job}. Write another name to "
                "dagster.job.name of one of them."
            )
        if job in computing or job in self._computing:
            _refuse_job(recipe, self._computing.get(job, recipe))
        for name in computing:
            if name in self._jobs:
                _refuse_job(self._jobs[name], recipe)


def _refuse_job(recipe: Recipe, other: Recipe) -> NoReturn:
    raise RecipeError(
        f"{recipe.document.where(('dagster', 'job', 'name'))}: an asset of {other.path} has that name. Choose another."
    )


def refuse_twins(recipes: Iterable[Recipe]) -> None:
    """Refuse recipes that can't live side by side.

    Raises:
        RecipeError: Names both files.
    """
    neighbours = Neighbours()
    for recipe in recipes:
        neighbours.admit(recipe)


def _refuse_shared(recipe: Recipe, other: Recipe, written: _Written) -> NoReturn:
    advice = _MAKE_ONE.get(recipe.type, _RENAME) if recipe.type == other.type else _RENAME
    if (CREATE in recipe.asks_for) != (CREATE in other.asks_for):
        recipe, other = (other, recipe) if CREATE in recipe.asks_for else (recipe, other)
        advice = _ADD_NOTHING
    raise RecipeError(
        f"{recipe.path} and {other.path} both write the {written.type} {written.name!r}: each would take for gone what "
        f"the other brings. {advice}"
    )


def _services_of(recipe: Recipe) -> Iterator[_Written]:
    """What a recipe writes: its own service first, or, where it makes what others' lack, those that it names."""
    # As it is written: recipes of two servers may have services of one name.
    server = str(recipe.document.at(_SERVER))
    names = (recipe.service_name, recipe.document.at(_FIREHOSE))
    for kind, name in zip(SERVICES[recipe.type], names, strict=False):
        if isinstance(name, str):
            yield _Written(kind, name, server)
    for key in recipe.asks_for:
        for kind in MADE_ON_REQUEST[recipe.type][key]:
            named = recipe.document.at(_NAMED_IN[kind])
            names_of_kind = named if isinstance(named, list) else [named]
            yield from (_Written(kind, name, server) for name in names_of_kind if isinstance(name, str))
