"""dbt Cloud's API of runs, and a web server with a project's artifacts."""

from __future__ import annotations

from ingest_assets.sandbox.dbt.app import DbtApp

__all__ = ["DbtApp"]
