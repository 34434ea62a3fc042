import copy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from ingest_assets.recipe import json_schema

from .texts import EVERY_KEY_OF_THE_PAGE

SHIPPED = Path(__file__).parents[2] / "recipes" / "glue.yaml"
SCHEMA = json_schema()


def valid(recipe: Any) -> bool:
    return bool(jsonschema.Draft202012Validator(SCHEMA).is_valid(recipe))


def changed(path: str, value: object) -> Any:
    recipe = copy.deepcopy(yaml.safe_load(EVERY_KEY_OF_THE_PAGE))
    *parents, last = path.split(".")
    block = recipe
    for parent in parents:
        block = block.setdefault(parent, {})
    block[last] = value
    return recipe


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_page_and_the_shipped_recipe_are_valid() -> None:
    assert valid(yaml.safe_load(EVERY_KEY_OF_THE_PAGE))
    assert valid(yaml.safe_load(SHIPPED.read_text()))


@pytest.mark.parametrize(
    ("path", "value", "is_valid"),
    [
        ("source.sourceConfig.config.threads", 4, True),
        ("source.sourceConfig.config.threads", "${THREADS}", True),
        ("source.sourceConfig.config.threads", "four", False),
        ("source.sourceConfig.config.includeViews", "${VIEWS:-true}", True),
        ("source.sourceConfig.config.includeViews", "maybe", False),
        ("source.sourceConfig.config.unheard", 1, False),
        ("source.serviceConnection.config.databaseName", 12345670123, True),
        ("source.type", "glue", True),
        ("source.type", "glu", False),
        ("workflowConfig.loggerLevel", "LOUD", False),
        ("dagster.schedule", "0 3 * * *", True),
        ("dagster.schedul", "0 3 * * *", False),
        ("dagster.source.catalog_ids", ["123456789012"], True),
    ],
)
def test_the_schema_takes_what_the_loader_takes(path: str, value: object, is_valid: bool) -> None:
    assert valid(changed(path, value)) is is_valid


def test_every_key_has_a_description() -> None:
    blocks = SCHEMA["$defs"]
    missing = [
        f"{name}.{key}"
        for name, block in blocks.items()
        for key, schema in block.get("properties", {}).items()
        # A key without words of its own has those of its block.
        if not (schema.get("description") or blocks[schema["$ref"].rpartition("/")[2]].get("description"))
    ]
    assert missing == []
