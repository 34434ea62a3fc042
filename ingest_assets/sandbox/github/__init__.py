"""GitHub's REST API and its downloads, answered from the company's repositories."""

from __future__ import annotations

from ingest_assets.sandbox.github.app import GitHubApp
from ingest_assets.sandbox.github.codeload import CodeloadApp

__all__ = ["CodeloadApp", "GitHubApp"]
