"""Asset keys of a dbt project's models, as dagster-dbt calls them where nobody has told it otherwise.

They are read from the manifest when the code location loads, as dagster-dbt reads its own: from a file, never from the
network. A key of dagster-dbt is ``meta.dagster.asset_key``; else the schema that the model's configuration names, if it
does, and its name; of a versioned model its alias.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg

from ingest_assets.errors import IngestError, RecipeError
from ingest_assets.recipe.dbt import DbtDagsterSettings
from ingest_assets.recipe.document import KeyPath
from ingest_assets.recipe.recipe import Recipe
from ingest_assets.recipe.variables import is_unresolved

_MANIFEST: KeyPath = ("source", "sourceConfig", "config", "dbtConfigSource", "dbtManifestFilePath")
_ASKED: KeyPath = ("dagster", "source", "dagster_dbt_keys")
_KINDS = frozenset({"model", "seed", "snapshot"})
_EPHEMERAL = "ephemeral"
_PARTS = re.compile(r"[/.]")

Json = dict[str, Any]


def dbt_keys(recipe: Recipe) -> tuple[dg.AssetKey, ...]:
    """Keys of the models, seeds and snapshots that a recipe asks to come after; none where it does not ask.

    Raises:
        RecipeError: The manifest is no file of this machine, or can't be read.
    """
    settings = recipe.dagster
    asked = settings.source.dagster_dbt_keys if isinstance(settings, DbtDagsterSettings) else False
    if not asked:
        return ()
    path, where = recipe.document.at(_MANIFEST), recipe.document.where(_ASKED)
    if not isinstance(path, str) or is_unresolved(path):
        raise RecipeError(
            f"{where}: asset keys are read when Dagster loads its definitions: write dbtManifestFilePath without a "
            "variable, or take this key out."
        )
    prefix = [part for part in _PARTS.split(asked) if part] if isinstance(asked, str) else []
    try:
        return tuple(sorted({dg.AssetKey([*prefix, *_parts(node)]) for node in _nodes(Path(path))}))
    except (IngestError, KeyError) as error:
        raise RecipeError(f"{where}: the manifest can't be read: {error}") from error


def _nodes(manifest: Path) -> Iterator[Json]:
    from ingest_assets.sources.dbt.artifacts import MANIFEST, entries, heading  # noqa: PLC0415  # pulls ijson

    heading(manifest, MANIFEST, str(manifest))
    for _, node in entries(manifest, "nodes", str(manifest)):
        if node["resource_type"] in _KINDS and (node.get("config") or {}).get("materialized") != _EPHEMERAL:
            yield node


def _parts(node: Json) -> list[str]:
    config = node.get("config") or {}
    meta = config.get("meta") or node.get("meta") or {}
    told = (meta.get("dagster") or {}).get("asset_key")
    if isinstance(told, list) and told:
        return [str(part) for part in told]
    if node.get("version"):
        return [node["alias"]]
    return [config["schema"], node["name"]] if config.get("schema") else [node["name"]]
