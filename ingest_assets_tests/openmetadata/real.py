"""The sandbox's OpenMetadata server behind real HTTP, by version."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.sandbox.http_server import SandboxServer
from ingest_assets.sandbox.openmetadata import OpenMetadataApp
from ingest_assets_tests.openmetadata.misbehaving import TOKEN, client_of

ADMIN_TOKEN = "an-admins-token"
VERSIONS = ("1.0.3", "1.5.7", "1.12.4")


@contextmanager
def real_server(version: str) -> Iterator[tuple[OpenMetadataApp, OpenMetadataClient]]:
    app = OpenMetadataApp(version, bot_token=TOKEN, admin_token=ADMIN_TOKEN)
    server = SandboxServer(app)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield app, client_of(f"http://127.0.0.1:{server.server_port}/api")
    finally:
        server.stop()
        server.server_close()
