"""Looker's API 4.0, answered from the company's Looker instance."""

from __future__ import annotations

from ingest_assets.sandbox.looker.app import LookerApp

__all__ = ["LookerApp"]
