"""The code location: all definitions of a folder of recipes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import dagster as dg

from ingest_assets.assets.dbt_keys import dbt_keys
from ingest_assets.assets.factory import RecipeAssets, broken_recipes_asset, recipe_assets
from ingest_assets.assets.order import preceding
from ingest_assets.assets.twins import Neighbours
from ingest_assets.automation.all_sensors import sensors_of
from ingest_assets.automation.schedules import recipe_schedule
from ingest_assets.errors import RecipeError
from ingest_assets.progress import SilentProgress
from ingest_assets.recipe.loader import find_recipes, load_recipe
from ingest_assets.recipe.recipe import Recipe, refuse_unfinished
from ingest_assets.recipe.settings import Retries
from ingest_assets.resources.ingestion import IngestionResource, OptionsResource
from ingest_assets.resources.looker import GitHubResource, LookerResource
from ingest_assets.resources.systems import AwsResource, OpenMetadataResource, StoreResource


class LoadedRecipes(NamedTuple):
    """Recipes that were asked for.

    Attributes:
        recipes: Those that can run.
        problems: What is wrong with the others, one text a file.
    """

    recipes: list[Recipe]
    problems: list[str]


def load_recipes(folder: Path) -> LoadedRecipes:
    """Load what can be loaded of a folder.

    Raises:
        RecipeError: The folder isn't there.
    """
    return load_files(find_recipes(folder))


def load_files(files: Iterable[Path]) -> LoadedRecipes:
    """Load what can be loaded: a broken recipe doesn't stop the others."""
    recipes: list[Recipe] = []
    problems: list[str] = []
    neighbours = Neighbours()
    for path in files:
        try:
            recipe = load_recipe(path)
            refuse_unfinished(recipe)
            dbt_keys(recipe)
            neighbours.admit(recipe)
        except RecipeError as error:
            problems.append(str(error))
            continue
        recipes.append(recipe)
    return LoadedRecipes(recipes, problems)


def recipe_resources(
    aws: AwsResource | None = None,
    openmetadata: OpenMetadataResource | None = None,
    store: StoreResource | None = None,
    looker: LookerResource | None = None,
    github: GitHubResource | None = None,
) -> dict[str, object]:
    """The resources that recipes run on. What one of them says explicitly wins over the recipes."""
    aws, openmetadata, store = aws or AwsResource(), openmetadata or OpenMetadataResource(), store or StoreResource()
    looker, github = looker or LookerResource(), github or GitHubResource()
    options = OptionsResource.configure_at_launch()
    return {
        "aws": aws,
        "openmetadata": openmetadata,
        "store": store,
        "looker": looker,
        "github": github,
        "options": options,
        "ingestions": IngestionResource(
            aws=aws, openmetadata=openmetadata, store=store, options=options, looker=looker, github=github
        ),
        "progress": SilentProgress(),
    }


def build_definitions(
    recipes: Iterable[Recipe],
    problems: Iterable[str] = (),
    resources: Mapping[str, object] | None = None,
    retries: Retries | None = None,
) -> dg.Definitions:
    """Definitions of recipes; asks no service and looks up no variable.

    Args:
        recipes: What becomes assets, jobs and schedules.
        problems: What is wrong with recipes that can't, for the ``recipe_status`` asset.
        resources: In place of those of ``recipe_resources()``.
        retries: In place of the recipes' own.
    """
    loaded, broken = list(recipes), list(problems)
    order = preceding(loaded)
    before = {recipe.path: (*order[recipe.path], *dbt_keys(recipe)) for recipe in loaded}
    made = [recipe_assets(recipe, retries or recipe.dagster.retries, before[recipe.path]) for recipe in loaded]
    shared = dg.Definitions(
        sensors=sensors_of(made, all_loaded=not broken),
        resources={**recipe_resources(), **(resources or {})},
        # For assets that are materialized without a recipe's job; see there.
        executor=dg.in_process_executor,
    )
    return dg.Definitions.merge(recipe_definitions(made, broken), shared)


def recipe_definitions(made: Sequence[RecipeAssets], problems: Sequence[str], component: str = "") -> dg.Definitions:
    """Assets, jobs and schedules of recipes, without what a whole code location has once only.

    Args:
        made: Of the recipes that can run.
        problems: What is wrong with the others.
        component: Whose recipes they are, where several components of a code location have some.
    """
    schedules = [recipe_schedule(each) for each in made]
    return dg.Definitions(
        assets=[
            *(asset for each in made for asset in each.assets),
            *([broken_recipes_asset(problems, component)] if problems else []),
        ],
        jobs=[each.job for each in made],
        schedules=[schedule for schedule in schedules if schedule is not None],
    )


def refuse_in_validation(problems: Sequence[str]) -> None:
    """Let Dagster's own check of definitions fail with what is wrong; a deployment has an asset that says so.

    Raises:
        RecipeError: There are problems, and ``dg check defs`` or ``dagster definitions validate`` asks.
    """
    if problems and os.environ.get("DAGSTER_IS_DEFS_VALIDATION_CLI"):
        raise RecipeError("\n".join(problems))
