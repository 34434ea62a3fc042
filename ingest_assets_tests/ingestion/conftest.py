"""A fresh sandbox and store for each test: both start in some milliseconds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest_assets_tests.ingestion.recipes import GlueRecipe, hide_own_aws
from ingest_assets_tests.ingestion.runs import Place, place

VERSIONS = ("1.0.3", "1.5.7", "1.12.4")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    """OpenMetadata 1.12."""
    with place(tmp_path) as made:
        yield made


@pytest.fixture(params=VERSIONS)
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Each line of versions in turn."""
    with place(tmp_path, request.param) as made:
        yield made


@pytest.fixture
def recipe(here: Place, monkeypatch: pytest.MonkeyPatch) -> GlueRecipe:
    """A Glue recipe for ``here``."""
    hide_own_aws(monkeypatch)
    monkeypatch.setenv("AWS_ENDPOINT_URL", here.sandbox.aws_endpoint_url)
    return GlueRecipe(here.sandbox, here.folder)
