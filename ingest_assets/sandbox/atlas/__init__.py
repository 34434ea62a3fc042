"""Apache Atlas's REST API v2, answered from the company's Atlas as servers of two versions answer it."""

from __future__ import annotations

from ingest_assets.sandbox.atlas.app import AtlasApp

__all__ = ["AtlasApp"]
