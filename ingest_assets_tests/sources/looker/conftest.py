"""A Looker source over HTTP, and whole runs of it against a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest_assets.calls import Calls
from ingest_assets.sandbox.looker.clients import LookerClient
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.sources.looker.source import LookerSource
from ingest_assets_tests.ingestion.runs import place
from ingest_assets_tests.sources.looker.scene import Runs, source_at

SourceMaker = Callable[..., LookerSource]


@pytest.fixture
def source_of(sandbox: Sandbox) -> SourceMaker:
    def make(who: LookerClient | None = None, calls: Calls | None = None, **settings: Any) -> LookerSource:
        return source_at(sandbox, who, calls, **settings)

    return make


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    """A server that knows nothing yet, and the company's Looker."""
    with place(tmp_path) as made:
        yield Runs(made)
