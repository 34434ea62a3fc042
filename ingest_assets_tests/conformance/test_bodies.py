"""What is recorded of the requests that a sandbox's server gets."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from ingest_assets.errors import RejectedError
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.sandbox.http_server import SandboxServer
from ingest_assets.sandbox.openmetadata import OpenMetadataApp
from ingest_assets_tests.conformance.bodies import SUFFIX, Bodies, clear
from ingest_assets_tests.openmetadata.misbehaving import TOKEN, client_of

SERVICE = {"name": "lake", "serviceType": "Glue"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "made" / f"one{SUFFIX}"


@pytest.fixture
def client(file: Path) -> Iterator[OpenMetadataClient]:
    app = OpenMetadataApp("1.12.4", bot_token=TOKEN, admin_token="an-admins-token", observer=Bodies(file))
    server = SandboxServer(app)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        with client_of(f"http://127.0.0.1:{server.server_port}/api") as made:
            yield made
    finally:
        server.stop()
        server.server_close()


def recorded(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_a_body_is_recorded_once_and_a_bulk_request_as_its_elements(client: OpenMetadataClient, file: Path) -> None:
    databases = [{"name": name, "service": "lake"} for name in ("one", "two")]
    for _ in range(2):
        client.put_entity("services/databaseServices", SERVICE)
        client.bulk_put("databases", databases)
    client.put_entity("databases", databases[0])
    assert recorded(file) == [
        {"version": "1.12.4", "endpoint": "PUT /v1/services/databaseServices", "body": SERVICE},
        *({"version": "1.12.4", "endpoint": "PUT /v1/databases", "body": body} for body in databases),
    ]


def test_bodies_that_differ_by_ids_only_are_one(client: OpenMetadataClient, file: Path) -> None:
    client.put_entity("services/databaseServices", SERVICE)
    for name in ("one", "two"):
        made = client.put_entity("databases", {"name": name, "service": "lake"}).entity
        client.delete(f"/v1/databases/{made['id']}")
        client.restore("databases", made["id"])
    assert [line["endpoint"] for line in recorded(file)].count("PUT /v1/databases/restore") == 1


def test_what_the_server_refuses_and_what_others_send_is_left_out(client: OpenMetadataClient, file: Path) -> None:
    with pytest.raises(RejectedError):
        client.put_entity("services/databaseServices", {**SERVICE, "serviceType": "Sand"})
    url = f"{client.host_port}/v1/services/databaseServices"
    answer = requests.put(url, json=SERVICE, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=10)
    assert answer.ok
    assert not file.exists()


def test_earlier_records_can_be_cleared_and_nothing_else_goes(client: OpenMetadataClient, file: Path) -> None:
    client.put_entity("services/databaseServices", SERVICE)
    other = file.with_name("other.jsonl")
    other.touch()
    clear(file.parent)
    assert list(file.parent.iterdir()) == [other]
