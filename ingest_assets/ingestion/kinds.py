"""What a run publishes, by the names under which its outcomes are kept."""

from __future__ import annotations

from ingest_assets.catalog import EntityType

PUBLISHED = (EntityType.DATABASE, EntityType.SCHEMA, EntityType.TABLE)
"""Entity types, parents first."""

LINEAGE = "lineage"
REMOVAL = "removal"
