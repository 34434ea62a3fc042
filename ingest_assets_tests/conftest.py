"""Settings of all tests."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from functools import partialmethod
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from ingest_assets.sandbox.openmetadata import OpenMetadataApp
from ingest_assets_tests.conformance.bodies import SUFFIX, Bodies, clear

# A deadline for each example, or a complaint that making them is slow, fails on a busy machine and says nothing of the
# code: benchmarks live apart.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

RECORD = "--record-bodies"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        RECORD,
        metavar="FOLDER",
        help="Write the request bodies that sandboxes get into this folder, for `make conformance`.",
    )


def pytest_configure(config: pytest.Config) -> None:
    folder = config.getoption(RECORD)
    if folder and "PYTEST_XDIST_WORKER" not in os.environ:
        clear(Path(folder))


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: no garbage is to be looked for there."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _recorded(pytestconfig: pytest.Config) -> Iterator[None]:
    """Every sandbox of this process gets an observer, if bodies are to be recorded."""
    folder = pytestconfig.getoption(RECORD)
    if not folder:
        yield
        return
    bodies = Bodies(Path(folder).resolve() / f"{os.environ.get('PYTEST_XDIST_WORKER', 'all')}{SUFFIX}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OpenMetadataApp, "__init__", partialmethod(OpenMetadataApp.__init__, observer=bodies))
        yield
