"""Servers of any version, over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from ingest_assets.sandbox.http_server import SandboxServer
from ingest_assets.sandbox.openmetadata import FaultSource, OpenMetadataApp
from ingest_assets_tests.sandbox.openmetadata.api import ADMIN, BOT, Api

ServerMaker = Callable[..., Api]


@contextmanager
def _served(app: OpenMetadataApp) -> Iterator[SandboxServer]:
    running = SandboxServer(app)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        running.stop()
        thread.join()
        running.server_close()


@pytest.fixture
def serve() -> Iterator[ServerMaker]:
    """Starts a server of a version; it must not have failed to answer anything."""
    with ExitStack() as stack:
        servers: list[SandboxServer] = []

        def make(version: str = "1.12.4", faults: FaultSource | None = None) -> Api:
            app = OpenMetadataApp(version, bot_token=BOT, admin_token=ADMIN, faults=faults)
            server = stack.enter_context(_served(app))
            servers.append(server)
            return stack.enter_context(Api(app, f"http://127.0.0.1:{server.port}"))

        yield make
        assert not [trace for server in servers for trace in server.crashes]
