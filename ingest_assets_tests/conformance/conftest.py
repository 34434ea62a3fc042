"""A sandbox of each version that classes are published for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest_assets_tests.conformance.releases import RELEASES
from ingest_assets_tests.ingestion.conftest import recipe  # noqa: F401  # a Glue recipe for ``here``
from ingest_assets_tests.ingestion.runs import Place, place


@pytest.fixture(params=[release.server for release in RELEASES.values()])
def here(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Each version in turn; none may refuse anything."""
    with place(tmp_path, request.param) as made:
        yield made
    refused = [(each.path, each.body) for each in made.sandbox.openmetadata.requests if each.status == 400]
    assert refused == []
