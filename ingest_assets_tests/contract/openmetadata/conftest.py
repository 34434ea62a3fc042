"""The server that the suite runs against: one that is named by options, else the sandbox as three lines of versions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest_assets.calls import Calls
from ingest_assets.catalog import EntityType
from ingest_assets.openmetadata.auth import BotToken
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.openmetadata.layout import collection_of
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.contract.openmetadata.ground import Ground, Target

VERSIONS = ("1.0.3", "1.5.7", "1.12.4")
_OPTIONS = {
    "--server-url": "Address of an OpenMetadata server, ending in /api; without it the sandbox is used.",
    "--bot-token": "JWT of its ingestion bot.",
    "--admin-token": "JWT of one of its admins.",
}
_GIVEN = "given"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options are there when this folder is named on the command line."""
    for name, text in _OPTIONS.items():
        parser.addoption(name, default="", help=text)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "target" not in metafunc.fixturenames:
        return
    given = [metafunc.config.getoption(name, "") for name in _OPTIONS]
    if any(given) and not all(given):
        raise pytest.UsageError(f"{', '.join(_OPTIONS)} go together")
    metafunc.parametrize("target", [_GIVEN] if all(given) else VERSIONS, indirect=True, scope="session")


@pytest.fixture(scope="session")
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    """The server; a sandbox must be as empty in the end as it was."""
    if request.param == _GIVEN:
        yield Target(*(request.config.getoption(name) for name in _OPTIONS))
        return
    with Sandbox(request.param) as sandbox:
        made = Target(sandbox.openmetadata_host_port, sandbox.bot_token, sandbox.admin_token)
        before = content(made)
        yield made
        assert content(made) == before
        assert not list(sandbox.crashes)


def content(target: Target) -> set[str]:
    """FQNs of all that stands at the top of a server."""
    services = [collection_of(kind) for kind in EntityType if kind.parent is None]
    with OpenMetadataClient(target.url, BotToken(target.admin_token), Calls()) as client:
        return {
            f"{collection} {row['fullyQualifiedName']}"
            for collection in [*services, "users", "teams"]
            for row in client.list(collection, {"include": "all"})
        }


@pytest.fixture
def ground(target: Target, tmp_path: Path) -> Iterator[Ground]:
    """Where one test works; what it made is removed."""
    made = Ground(target, tmp_path)
    try:
        yield made
    finally:
        made.close()
