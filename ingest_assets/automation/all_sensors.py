"""All sensors of a code location."""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg

from ingest_assets.assets.factory import RecipeAssets
from ingest_assets.automation.alerts import alert_sensor
from ingest_assets.automation.event_sensor import event_sensor
from ingest_assets.automation.sensors import lookml_sensor, recipe_sensor, source_sensor


def sensors_of(recipes: Sequence[RecipeAssets], *, all_loaded: bool) -> list[dg.SensorDefinition]:
    """One sensor of each kind that some recipe has a use for; all are off until somebody switches them on.

    But for alerts: who names people in a recipe wants them to hear of failures.

    Args:
        recipes: What could be loaded.
        all_loaded: Whether no recipe is broken.
    """
    if not recipes:
        return []
    found = (
        recipe_sensor(recipes),
        lookml_sensor(recipes),
        source_sensor(recipes),
        event_sensor(recipes, all_loaded=all_loaded),
        alert_sensor(recipes),
    )
    return [sensor for sensor in found if sensor is not None]
