"""Components: recipes in any Dagster project, by a ``defs.yaml``."""

from ingest_assets.components.metadata_ingestion import MetadataIngestion

__all__ = ["MetadataIngestion"]
