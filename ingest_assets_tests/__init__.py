"""Tests of ingest_assets; folders mirror the package."""
