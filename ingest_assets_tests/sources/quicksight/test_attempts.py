"""What another attempt of a run asks again."""

from __future__ import annotations

import pytest

from ingest_assets.catalog import Dashboard, DataModel
from ingest_assets.errors import UnavailableError
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.sources.quicksight.conftest import SourceMaker
from ingest_assets_tests.sources.quicksight.scene import BOARDS, MODELS, of


def test_what_failed_is_asked_for_again_by_the_next_attempt(sandbox: Sandbox, source_of: SourceMaker) -> None:
    source = source_of()
    sandbox.faults.add("500", service="quicksight", operation="ListDashboards", count=None)
    sandbox.faults.add("500", service="quicksight", operation="DescribeDataSet", count=None)
    source.roots()
    for scope in (BOARDS, MODELS):
        with pytest.raises(UnavailableError):
            list(source.read(scope))
    sandbox.faults.clear()
    source.roots()
    assert of(Dashboard, source.read(BOARDS))
    assert of(DataModel, source.read(MODELS))
