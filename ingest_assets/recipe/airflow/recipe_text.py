"""The text of a recipe: a configuration as it is written, comments too, with a ``dagster:`` block."""

from __future__ import annotations

import json
import re
from typing import Any

import yaml

from ingest_assets.errors import RecipeError
from ingest_assets.recipe.airflow.dag_file import ConfigText
from ingest_assets.recipe.document import Document, document_of
from ingest_assets.recipe.loader import refuse_other_workflow
from ingest_assets.recipe.placeholders import placeholder_in
from ingest_assets.recipe.variables import is_unresolved

_LONGEST_NAME = 100
_WIDTH = 10_000  # Lines are never folded: what is written stays easy to find.


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


def with_settings(text: str, settings: dict[str, Any]) -> str:
    """A configuration with a ``dagster:`` block; all else stays as it is written."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode) or not settings:
        return text
    if root.flow_style:
        # JSON, or YAML in braces: further keys belong inside them.
        start = root.start_mark.index + 1
        comma = "," if root.value else ""
        return f'{text[:start]}\n  "dagster": {json.dumps(settings)}{comma}{text[start:]}'
    indent = " " * root.start_mark.column
    block = yaml.safe_dump({"dagster": settings}, sort_keys=False, allow_unicode=True, width=_WIDTH)
    lines = "".join(f"{indent}{line}\n" for line in block.splitlines())
    head, tail = text[: root.end_mark.index].rstrip(" "), text[root.end_mark.index :].lstrip(" ")
    return f"{head}{'' if head.endswith(chr(10)) else chr(10)}{lines}{tail}"
