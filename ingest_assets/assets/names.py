"""What a recipe's assets, jobs and groups are called in Dagster."""

from __future__ import annotations

import hashlib
import re

import dagster as dg

from ingest_assets.recipe.recipe import Recipe

_USUAL = re.compile(r"[A-Za-z0-9_ .-]*")
_DIGITS = 6


def plain(text: str) -> str:
    """Text as Dagster takes it in keys and names: letters, digits and ``_``.

    Of names in other scripts only the length would be left; six digits of their SHA-256 keep them apart. The name of a
    service must never get another key, under which Dagster would know no past of it: this rule is for good.
    """
    return _replaced(text) if _USUAL.fullmatch(text) else _kept_apart(text)


def _replaced(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]", "_", text)


def _kept_apart(text: str) -> str:
    return f"{_replaced(text)}_{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:_DIGITS]}"


def asset_key(recipe: Recipe, step: str) -> dg.AssetKey:
    """Key of one of a recipe's assets: source type, service, step."""
    return dg.AssetKey([plain(recipe.type), plain(recipe.service_name), step])


def group_name(recipe: Recipe) -> str:
    """Group in which all assets of a recipe lie: its own, also where its service is another recipe's."""
    name = plain(recipe.service_name)
    return f"{plain(recipe.type)}_{name}" if recipe.source_type.in_service else name


def recipe_name(recipe: Recipe) -> str:
    """What the keys of a recipe's assets begin with, and its pool; not its job's name if ``dagster.job`` gives one."""
    return f"{plain(recipe.type)}__{plain(recipe.service_name)}"


def job_name(recipe: Recipe) -> str:
    """Name of the recipe's job, and beginning of its schedule's."""
    named = recipe.dagster.job.name
    return plain(named) if named else recipe_name(recipe)


def status_key(component: str = "") -> dg.AssetKey:
    """Key of the asset that tells of broken recipes; each component has one of its own.

    Args:
        component: Where the component lies in its project; empty for the recipes of a whole code location.
    """
    # Two components with one key would cost the code location: of theirs any replaced character counts.
    unlike = [_kept_apart(component)] if _replaced(component) != component else [component]
    return dg.AssetKey(["recipe_status", *(unlike if component else [])])
