"""What a run publishes, by the names under which its outcomes are kept, and what people call it."""

from __future__ import annotations

from ingest_assets.catalog import EntityType

ENRICHMENT = "enrichment"
LINEAGE = "lineage"
REMOVAL = "removal"

SERVICES = {
    "glue": EntityType.DATABASE_SERVICE,
    "kinesis": EntityType.MESSAGING_SERVICE,
    "quicksight": EntityType.DASHBOARD_SERVICE,
    "looker": EntityType.DASHBOARD_SERVICE,
    "atlas": EntityType.DATABASE_SERVICE,
}
"""Type of the service that a source's entities lie in, by source type; those that can't run yet are named as well."""

ASSETS = {
    EntityType.DATABASE: "databases",
    EntityType.SCHEMA: "schemas",
    EntityType.TABLE: "tables",
    EntityType.TOPIC: "topics",
    EntityType.DATA_MODEL: "data_models",
    EntityType.CHART: "charts",
    EntityType.DASHBOARD: "dashboards",
    EntityType.PIPELINE: "pipelines",
    EntityType.CONTAINER: "containers",
}
"""Name of the asset that publishes entities of a type."""


def published(source_type: str) -> tuple[EntityType, ...]:
    """Entity types that a source has, parents first."""
    return SERVICES[source_type].held
