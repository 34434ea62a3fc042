"""OpenMetadata ingestion recipes as Dagster software-defined assets."""
