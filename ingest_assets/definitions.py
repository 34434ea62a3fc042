"""The code location: every recipe of the recipes folder."""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg

from ingest_assets.location import build_definitions, load_recipes, refuse_in_validation

_IN_THE_PROJECT = Path(__file__).parent.parent / "recipes"


@dg.definitions
def defs() -> dg.Definitions:
    """Recipes from ``INGEST_ASSETS_RECIPES``, else from the project's ``recipes`` folder."""
    folder = Path(os.environ.get("INGEST_ASSETS_RECIPES") or _IN_THE_PROJECT)
    recipes, problems = load_recipes(folder)
    refuse_in_validation(problems)
    return build_definitions(recipes, problems)
