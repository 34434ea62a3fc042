"""What the tests of leases share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest_assets.sandbox.server import Sandbox
from ingest_assets.snapshots.lease import Lease
from ingest_assets.snapshots.store import Store
from ingest_assets_tests.snapshots.leases import KEY, Clock, NewLease


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lease(clock: Clock) -> Iterator[NewLease]:
    """Makes leases whose threads end with the test, also of those that were never released."""
    made: list[Lease] = []

    def new(store: Store, holder: str, **settings: Any) -> Lease:
        made.append(Lease(store, KEY, holder, **{"clock": clock, "monotonic": clock, **settings}))
        return made[-1]

    yield new
    for each in made:
        each._stop.set()


@pytest.fixture(scope="package")
def s3_sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        running.company.buckets.create("norrpost-ingest")
        yield running
        assert not list(running.crashes)


@pytest.fixture
def s3_address(s3_sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where nothing lies yet; the environment holds the keys to it."""
    for name, value in s3_sandbox.environment(s3_sandbox.reader).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    return f"s3://norrpost-ingest/{tmp_path.name}"


@pytest.fixture(params=["folder", "s3"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store of either kind."""
    return str(tmp_path) if request.param == "folder" else str(request.getfixturevalue("s3_address"))
