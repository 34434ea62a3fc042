import zlib
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from ingest_assets.assets.factory import RecipeAssets
from ingest_assets.automation.event_sensor import event_sensor
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.automation.queues import QUEUE, Queue
from ingest_assets_tests.automation.ticks import made_of
from ingest_assets_tests.recipe_runs import impatient, make_recipe, sandbox, services

__all__ = ["impatient", "sandbox", "services"]


@pytest.fixture
def queue(services: Sandbox, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Queue:
    """A queue of this test, which recipes name by a variable."""
    made = Queue(services, f"events-{zlib.crc32(request.node.name.encode())}")
    for name, value in services.environment(services.reader).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("METADATA_EVENTS_QUEUE_URL", made.url)
    services.aws.reset_counts()
    return made


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def lake(tmp_path: Path, queue: Queue) -> RecipeAssets:  # the queue sets its variables
    """A recipe that listens to the queue."""
    return made_of(make_recipe(tmp_path, "lake", QUEUE))


@pytest.fixture
def sensor(lake: RecipeAssets) -> dg.SensorDefinition:
    """The sensor of a code location with that recipe alone."""
    made = event_sensor([lake], all_loaded=True)
    assert made is not None
    return made
