"""The text of a recipe: a configuration as it is written, comments too, with a ``dagster:`` block."""

from __future__ import annotations

import json
import re
from typing import Any

import yaml

from ingest_assets.errors import RecipeError
from ingest_assets.recipe.airflow.dag_file import ConfigText, yaml_of
from ingest_assets.recipe.document import Document, document_of
from ingest_assets.recipe.loader import refuse_other_workflow
from ingest_assets.recipe.placeholders import placeholder_in
from ingest_assets.recipe.variables import is_unresolved

_LONGEST_NAME = 100
# What YAML takes for a line end, or not at all. JSON's way to escape all else (in halves) is none of YAML's.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def read_config(config: ConfigText) -> Document:
    """A configuration as a document, whose messages name the file and line where it stands.

    Raises:
        RecipeError: It is a placeholder, no YAML, no metadata workflow, or has a ``dagster:`` block already.
    """
    placeholder = placeholder_in(config.text)
    if placeholder is not None:
        raise RecipeError(
            f"{config.path}:{config.line}: {placeholder} is left from the docs. Write the YAML there, or give its file "
            "with --config."
        )
    document = document_of(config.path, "\n" * (config.line - 1) + config.text)
    refuse_other_workflow(document)
    if "dagster" in document.tree:
        raise RecipeError(
            f"{document.where(('dagster',))}: there is such a block already. Take it out of the configuration, or "
            "write into it by hand what the DAG says."
        )
    return document


def file_name(document: Document, otherwise: str) -> str:
    """What a recipe's file is called: as its service is, if that can be read."""
    name = document.at(("source", "serviceName"))
    if not isinstance(name, str) or is_unresolved(name) or placeholder_in(name):
        name = otherwise
    return f"{re.sub(r'[^A-Za-z0-9_.-]+', '_', name).strip('.')[:_LONGEST_NAME] or 'recipe'}.yaml"


def with_settings(config: ConfigText, settings: dict[str, Any]) -> str:
    """A configuration with a ``dagster:`` block; all else stays as it is written.

    Raises:
        RecipeError: It is written in a way in which the block finds no place.
    """
    if not settings:
        return config.text
    block = yaml_of({"dagster": settings})
    try:
        written = _with_block(config.text, block, settings)
        found = document_of(config.path, written).tree
    except (yaml.YAMLError, RecipeError):  # libyaml, which has read it before, is less strict.
        found, written = {}, ""
    if found != {**document_of(config.path, config.text).tree, **document_of(config.path, block).tree}:
        raise RecipeError(
            f"{config.path}:{config.line}: the configuration is YAML to which no block can be added as it is. Write "
            "its keys one below the other, from the first column on."
        )
    return written


def _with_block(text: str, block: str, settings: dict[str, Any]) -> str:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        return text
    if root.flow_style:
        # JSON, or YAML in braces: further keys belong inside them.
        start = root.start_mark.index + 1
        comma = "," if root.value else ""
        inside = _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(settings, ensure_ascii=False))
        return f'{text[:start]}\n  "dagster": {inside}{comma}{text[start:]}'
    indent = " " * root.start_mark.column
    lines = "".join(f"{indent}{line}\n" for line in block.splitlines())
    head, tail = text[: root.end_mark.index].rstrip(" "), text[root.end_mark.index :].lstrip(" ")
    return f"{head}{'' if head.endswith(chr(10)) else chr(10)}{lines}{tail}"
