"""The company's lake, in OpenMetadata already."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest_assets.cli.execution import execute
from ingest_assets.progress import SilentProgress
from ingest_assets.recipe import load_recipe
from ingest_assets.resources.ingestion import OptionsResource
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.dbt.runs import RECIPES


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """The lake is in OpenMetadata already."""
    with Sandbox() as running:
        for name, value in running.environment(running.reader).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("INGEST_ASSETS_STORE", str(tmp_path / "store"))
        monkeypatch.delenv("DAGSTER_HOME", raising=False)
        assert execute(load_recipe(RECIPES / "glue.yaml"), SilentProgress(), OptionsResource()).success
        yield running
        assert not list(running.crashes)
