"""Loading recipes: structure and types are checked, variables stay as they are."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from pydantic import ValidationError

from ingest_assets.errors import RecipeError
from ingest_assets.recipe.document import Document, KeyPath, in_lines, kind_of, read_document
from ingest_assets.recipe.messages import can_be_judged, describe_errors, nearest
from ingest_assets.recipe.placeholders import placeholder_in
from ingest_assets.recipe.recipe import Recipe
from ingest_assets.recipe.source_types import OTHER_WORKFLOWS, SOURCE_TYPES, SourceType, other_workflow
from ingest_assets.recipe.variables import is_unresolved, parse_template

_TYPE: KeyPath = ("source", "type")
_EVENTS_QUEUE: KeyPath = ("dagster", "source", "events_queue")  # only a sensor's tick needs to know it
_SERVICE_NAME: KeyPath = ("source", "serviceName")
_CONFIG_TYPE: KeyPath = ("source", "sourceConfig", "config", "type")
_SUFFIXES = frozenset({".yaml", ".yml"})
# Only workflows other than metadata's have these top-level keys.
_FOREIGN_KEYS = ("processor", "stage", "bulkSink")


def find_recipes(folder: Path) -> list[Path]:
    """The recipes that lie directly in a folder, sorted by name.

    Raises:
        RecipeError: There is no such folder.
    """
    if not folder.is_dir():
        raise RecipeError(f"{folder}: no such folder. Recipes lie in recipes/ or where INGEST_ASSETS_RECIPES says.")
    return sorted(path for path in folder.iterdir() if path.suffix in _SUFFIXES and path.is_file())


def load_recipe(path: Path) -> Recipe:
    """Loads one recipe without looking up any variable, secret or service.

    Raises:
        RecipeError: With one line for each problem: file, line, key, what was expected, the nearest right word.
    """
    document = read_document(path)
    refuse_other_workflow(document)
    source_type = _source_type(document)
    problems = in_lines(chain(_variable_problems(document), _model_problems(document, source_type)))
    if problems:
        raise RecipeError(problems)
    return Recipe(document, source_type)


def _source_type(document: Document) -> SourceType:
    name = document.at(_TYPE)
    where = document.where(_TYPE)
    known = ", ".join(SOURCE_TYPES)
    if not isinstance(name, str) or not name:
        raise RecipeError(f"{where}: expected one of {known}, got {kind_of(name or None)}.")
    if is_unresolved(name):
        raise RecipeError(f"{where}: can't hold a variable: it decides which assets there are. Write one of {known}.")
    source_type = SOURCE_TYPES.get(name.lower())
    if source_type is None:
        near = nearest(name, SOURCE_TYPES)
        hint = f" Did you mean {near}?" if near else ""
        raise RecipeError(f"{where}: unknown source type {name!r}.{hint} Known are {known}.")
    return source_type


def refuse_other_workflow(document: Document) -> None:
    """Refuse what is a workflow of OpenMetadata's, but not one that ingests metadata.

    Raises:
        RecipeError: Says which workflow it is, and where it runs.
    """
    config_type = document.at(_CONFIG_TYPE)
    other = other_workflow(config_type) if isinstance(config_type, str) else None
    # A source of its own may be called as its workflow is: dbt.
    if other is not None and other.casefold() != str(document.at(_TYPE)).strip().casefold():
        where = document.where(_CONFIG_TYPE)
        raise RecipeError(f"{where}: a {other} workflow; only metadata workflows run here. {OTHER_WORKFLOWS[other]}")
    foreign = next((key for key in _FOREIGN_KEYS if key in document.tree), None)
    if foreign is not None:
        raise RecipeError(
            f"{document.where((foreign,))}: a recipe with {foreign} is a profiler, usage or lineage workflow; only "
            f"metadata workflows run here. Take {foreign} out, or keep that workflow where it runs today."
        )


def _variable_problems(document: Document) -> Iterator[str]:
    for key, text in document.scalars():
        try:
            parse_template(text)
        except ValueError as error:
            yield f"{document.where(key)}: {error}"
            continue
        if is_unresolved(text) and (key == _SERVICE_NAME or key[0] == "dagster") and key != _EVENTS_QUEUE:
            yield (
                f"{document.where(key)}: can't hold a variable: it is read when Dagster loads its definitions, before "
                "any run. Write the value itself."
            )
    name = document.at(_SERVICE_NAME)
    if placeholder_in(name):
        yield f"{document.where(_SERVICE_NAME)}: {name} is left from the docs. Write the service's name."


def _model_problems(document: Document, source_type: SourceType) -> Iterator[str]:
    try:
        source_type.workflow.model_validate(document.tree)
    except ValidationError as error:
        errors = [details for details in error.errors() if can_be_judged(details, document)]
        yield from describe_errors(errors, source_type.workflow, document)
