"""Which recipe's assets come after those of which other: lineage ends at what another recipe brings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import dagster as dg

from ingest_assets.assets.names import asset_key
from ingest_assets.ingestion.kinds import ASSETS, ENRICHING, ENRICHMENT, published
from ingest_assets.recipe.recipe import Recipe


def preceding(recipes: Sequence[Recipe]) -> Mapping[Path, tuple[dg.AssetKey, ...]]:
    """The assets after which each recipe's plan comes, by the recipe's file: those of the services that it names.

    Of recipes that name each other the first one is not held up by the later: Dagster would refuse the circle, and what
    could not be drawn the first time is drawn when it is tried again.
    """
    before: dict[Path, list[Recipe]] = {recipe.path: [] for recipe in recipes}
    # Whose service it is comes first: what makes the rest of one waits for it, whichever file has the lesser name.
    for filled_by in (_own, _completed):
        by_service: dict[str, list[Recipe]] = {}
        for recipe in recipes:
            for service in filled_by(recipe):
                by_service.setdefault(service, []).append(recipe)
        # Hardly any recipe completes what others keep: without one there is nothing to look up a second time.
        for recipe in recipes if by_service else ():
            for named in recipe.names_services:
                for other in by_service.get(named, ()):
                    if not _leads(before, other.path, recipe.path):
                        before[recipe.path].append(other)
    return {path: tuple(dict.fromkeys(map(_last_entities, others))) for path, others in before.items()}


def _own(recipe: Recipe) -> tuple[str, ...]:
    """The service that a recipe brings entities to; dbt's only has more to say of what is in one."""
    return () if recipe.source_type.in_service else (recipe.service_name,)


def _completed(recipe: Recipe) -> tuple[str, ...]:
    """Services in which a recipe makes what they lack."""
    return recipe.names_services if "create" in recipe.asks_for else ()


def _leads(before: Mapping[Path, Iterable[Recipe]], start: Path, wanted: Path) -> bool:
    """Whether a recipe comes after another one, or is that very one."""
    waiting, met = [start], set[Path]()
    while waiting:
        path = waiting.pop()
        if path == wanted:
            return True
        if path not in met:
            met.add(path)
            waiting += [other.path for other in before[path]]
    return False


def _last_entities(recipe: Recipe) -> dg.AssetKey:
    """The asset that publishes the innermost entities of a recipe, such as tables, or what it knows of others'."""
    is_about_others = recipe.type in ENRICHING
    return asset_key(recipe, ENRICHMENT if is_about_others else ASSETS[published(recipe.type)[-1]])
