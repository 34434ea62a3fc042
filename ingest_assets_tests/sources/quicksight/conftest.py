"""A QuickSight source over HTTP, and whole runs of it against a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest_assets.calls import Calls
from ingest_assets.sandbox.aws.identity import Principal
from ingest_assets.sandbox.server import QUICKSIGHT_ACTIONS, Sandbox
from ingest_assets.sources.quicksight.source import QuickSightSettings, QuickSightSource
from ingest_assets_tests.ingestion.recipes import hide_own_aws
from ingest_assets_tests.ingestion.runs import place
from ingest_assets_tests.sources.conftest import SessionMaker
from ingest_assets_tests.sources.quicksight.scene import ACCOUNT, SERVICE, Runs

SourceMaker = Callable[..., QuickSightSource]


@pytest.fixture
def documented(sandbox: Sandbox) -> Principal:
    """Who has the policy of OpenMetadata's page about QuickSight, and nothing else."""
    return sandbox.aws.identities.add_principal("quicksight", QUICKSIGHT_ACTIONS, account=ACCOUNT)


@pytest.fixture
def source_of(sandbox: Sandbox, session_of: SessionMaker) -> SourceMaker:
    def make(principal: Principal | None = None, calls: Calls | None = None, **settings: Any) -> QuickSightSource:
        session = session_of(principal or sandbox.reader, calls, attempts=1)
        return QuickSightSource(QuickSightSettings(SERVICE, ACCOUNT, **settings), session)

    return make


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runs]:
    """A server that knows nothing yet, and the company's QuickSight."""
    hide_own_aws(monkeypatch)
    with place(tmp_path) as made:
        monkeypatch.setenv("AWS_ENDPOINT_URL", made.sandbox.aws_endpoint_url)
        yield Runs(made)
