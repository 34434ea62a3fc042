"""JSON Schema of a recipe, for editors."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from ingest_assets.recipe.source_types import SOURCE_TYPES
from ingest_assets.recipe.workflow import Workflow

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_VARIABLE = {"type": "string", "pattern": r"\$\{", "description": "A variable, such as ${NAME}."}
_DEFINITIONS = "$defs"
_TYPED = ("integer", "number", "boolean")
_HOLD_SCHEMAS = ("items", "prefixItems", "anyOf", "additionalProperties")
_SAID_OUTSIDE = ("title", "description", "default")


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of every recipe, chosen by ``source.type``, with a description for each key.

    Like the loader it takes ``${...}`` wherever a number or a word is expected, and unquoted numbers where text is
    expected.
    """
    models: list[type[Workflow]] = list(dict.fromkeys(source.workflow for source in SOURCE_TYPES.values()))
    references, schema = models_json_schema(
        [(model, "validation") for model in models], ref_template=f"#/{_DEFINITIONS}/{{model}}"
    )
    choices = []
    for model in models:
        names = [source.name for source in SOURCE_TYPES.values() if source.workflow is model]
        pattern = "^(" + "|".join(_any_case(name) for name in names) + ")$"
        choices.append({"if": _source_type_is({"pattern": pattern}), "then": references[model, "validation"]})
    return {
        "$schema": _DIALECT,
        "title": "Recipe",
        "description": "An OpenMetadata workflow that runs as Dagster assets.",
        "type": "object",
        "required": ["source", "workflowConfig"],
        **_source_type_is({"enum": _spellings(), "description": "Type of the source."}),
        "allOf": choices,
        _DEFINITIONS: {name: _as_loaded(definition) for name, definition in schema[_DEFINITIONS].items()},
    }


def _spellings() -> list[str]:
    titles = ("Glue", "Kinesis", "QuickSight", "Looker", "Atlas", "DBT")
    return [*SOURCE_TYPES, *titles]


def _source_type_is(schema: dict[str, Any]) -> dict[str, Any]:
    return {"properties": {"source": {"properties": {"type": schema}}}}


def _any_case(name: str) -> str:
    return "".join(f"[{letter.upper()}{letter}]" for letter in name)


def _as_loaded(schema: Any) -> Any:
    """A schema of pydantic's, widened to what the loader takes."""
    if isinstance(schema, list):
        return [_as_loaded(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") in _TYPED or "enum" in schema or "const" in schema:
        return _or_variable(schema)
    widened = {key: _as_loaded(value) if key in _HOLD_SCHEMAS else value for key, value in schema.items()}
    if "properties" in schema:
        widened["properties"] = {name: _as_loaded(value) for name, value in schema["properties"].items()}
    if schema.get("type") == "string":
        # Editors read an unquoted 012345670123 as a number; the loader keeps its text.
        widened["type"] = ["string", "number"]
        widened.pop("format", None)
    return widened


def _or_variable(schema: dict[str, Any]) -> dict[str, Any]:
    inner = {key: value for key, value in schema.items() if key not in _SAID_OUTSIDE}
    return {**{key: schema[key] for key in _SAID_OUTSIDE if key in schema}, "anyOf": [inner, _VARIABLE]}
