"""Recipes: OpenMetadata's workflow YAML, checked when it loads, and resolved when it runs."""

from ingest_assets.recipe.filters import FilterPattern
from ingest_assets.recipe.glue import GlueWorkflow
from ingest_assets.recipe.lint import LintNote, lint
from ingest_assets.recipe.loader import find_recipes, load_recipe
from ingest_assets.recipe.policy import least_policy
from ingest_assets.recipe.recipe import Recipe, VariableUse
from ingest_assets.recipe.resolver import Redactor, Resolver
from ingest_assets.recipe.schema import json_schema
from ingest_assets.recipe.settings import DagsterSettings
from ingest_assets.recipe.workflow import Workflow

__all__ = [
    "DagsterSettings",
    "FilterPattern",
    "GlueWorkflow",
    "LintNote",
    "Recipe",
    "Redactor",
    "Resolver",
    "VariableUse",
    "Workflow",
    "find_recipes",
    "json_schema",
    "least_policy",
    "lint",
    "load_recipe",
]
