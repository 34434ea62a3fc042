"""The snapshot alone, taken as ``ingest-assets run`` takes it: an asset of a Dagster run."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path

from ingest_assets.cli.execution import execute
from ingest_assets.progress import SilentProgress
from ingest_assets.recipe.loader import load_recipe
from ingest_assets.resources.ingestion import OptionsResource

if __name__ == "__main__":
    recipe, report = map(Path, sys.argv[1:])
    result = execute(load_recipe(recipe), SilentProgress(), OptionsResource(), ("snapshot",))
    report.write_text(json.dumps(dataclasses.asdict(result)), encoding="utf-8")
    sys.exit(0 if result.success else 1)
