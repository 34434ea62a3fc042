"""The component that makes assets of recipes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated

import dagster as dg
from pydantic import Field

from ingest_assets.assets.factory import recipe_assets
from ingest_assets.assets.names import status_key
from ingest_assets.assets.order import preceding
from ingest_assets.assets.twins import Neighbours
from ingest_assets.automation.alerts import alert_sensor
from ingest_assets.components.scaffolder import MetadataIngestionScaffolder
from ingest_assets.errors import RecipeError
from ingest_assets.location import (
    LoadedRecipes,
    load_files,
    recipe_definitions,
    recipe_resources,
    refuse_in_validation,
)
from ingest_assets.recipe.loader import find_recipes
from ingest_assets.recipe.recipe import Recipe

# What lies in a component's folder and is no recipe.
_DAGSTERS_OWN = frozenset({"defs.yaml", "defs.yml", "component.yaml", "component.yml"})
# Keys by which the assets ask for them; the rest lies inside, out of the way of the project's own, such as ``aws``.
_RESOURCES = ("ingestions", "options", "progress")


def _beside(context: dg.ResolutionContext, written: str | Sequence[str]) -> Sequence[Path]:
    """Paths as they are written, from the folder of the ``defs.yaml`` on."""
    texts = context.resolve_value([written] if isinstance(written, str) else list(written))
    return [context.resolve_source_relative_path(str(text)) for text in texts]


@dg.scaffold_with(MetadataIngestionScaffolder)
class MetadataIngestion(dg.Component, dg.Model, dg.Resolvable):
    """Ingests metadata of AWS Glue, Kinesis, QuickSight, Looker or Apache Atlas into OpenMetadata.

    Each recipe, a YAML file as OpenMetadata's docs describe it, becomes a group of assets with their checks, a job, and
    the schedule and alerts that its ``dagster:`` block asks for. Where the snapshots and ledgers lie says
    INGEST_ASSETS_STORE. There are no sensors for changes: those are one of each kind for a whole code location.
    """

    recipes: Annotated[
        Sequence[Path],
        dg.Resolver(_beside, model_field_type=str | Sequence[str]),
        Field(
            description="Recipes: a file, a folder of such, or a list of both, relative to this file.",
            examples=["glue.yaml", ["recipes", "../looker.yaml"]],
        ),
    ]

    @classmethod
    def get_spec(cls) -> dg.ComponentTypeSpec:
        """What ``dg list components`` and ``dg docs`` show."""
        return dg.ComponentTypeSpec(
            description="Ingests metadata of Glue, Kinesis, QuickSight, Looker or Atlas into OpenMetadata.",
            tags=["metadata", "openmetadata"],
            produces=["asset", "asset_check", "job", "schedule", "sensor", "resource"],
        )

    @cached_property
    def loaded(self) -> LoadedRecipes:
        """Its recipes; asks no service and looks up no variable."""
        files: list[Path] = []
        missing: list[str] = []
        for path in self.recipes:
            found = list(_recipes_at(path))
            files += found
            if not found:
                missing.append(f"{path}: no recipe there, which recipes of the component's attributes names.")
        # A file that is named, and lies in a folder that is named too, is one recipe.
        recipes, problems = load_files({path.resolve(): path for path in files}.values())
        return LoadedRecipes(recipes, [*missing, *problems])

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """Definitions of its recipes.

        Recipes of the project's other components count: what this one's lineage leads to comes before it, and of two
        recipes that can't live side by side the later one is told of.

        Raises:
            RecipeError: A recipe is broken, and ``dg check defs`` asks. Else an asset of the component tells of it.
        """
        components = context.component_tree.get_all_components(of_type=MetadataIngestion)
        if not any(each is self for each in components):
            components.append(self)  # Made in Python, where the tree doesn't know of what type it is.
        together = dict(_side_by_side(components))
        refuse_in_validation([problem for loaded in together.values() for problem in loaded.problems])
        recipes, problems = together[id(self)]
        order = preceding([recipe for loaded in together.values() for recipe in loaded.recipes])
        made = [recipe_assets(recipe, recipe.dagster.retries, order[recipe.path]) for recipe in recipes]
        name = _name_of(context)
        alerts = alert_sensor(made, status_key(name).path[-1])
        shared = dg.Definitions(sensors=[alerts] if alerts else [], resources=_resources())
        return dg.Definitions.merge(recipe_definitions(made, problems, name), shared)


def _recipes_at(path: Path) -> Sequence[Path]:
    if path.is_dir():
        return [found for found in find_recipes(path) if found.name not in _DAGSTERS_OWN]
    return [path] if path.is_file() else []


def _side_by_side(components: Iterable[MetadataIngestion]) -> Iterator[tuple[int, LoadedRecipes]]:
    """What each component has once all of a project live together, by the component's identity."""
    neighbours = Neighbours()
    for component in components:
        recipes: list[Recipe] = []
        problems = list(component.loaded.problems)
        for recipe in component.loaded.recipes:
            try:
                neighbours.admit(recipe)
            except RecipeError as error:
                problems.append(str(error))
                continue
            recipes.append(recipe)
        yield id(component), LoadedRecipes(recipes, problems)


def _name_of(context: dg.ComponentLoadContext) -> str:
    """The component's folder in its project, with its number where it is not the first of its ``defs.yaml``."""
    path = context.component_path
    return str((path if path.instance_key else path.without_instance_key()).get_relative_key(context.defs_module_path))


@lru_cache(maxsize=1)
def _resources() -> Mapping[str, object]:
    """The same objects for all components: Dagster refuses to merge those that are merely equal."""
    every = recipe_resources()
    return {key: every[key] for key in _RESOURCES}
