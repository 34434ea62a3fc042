"""Change events: what they hold, and how they are sent."""

from __future__ import annotations

import http.client
import json
from typing import Any

import pytest

from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.sandbox.openmetadata.api import ADMIN, Api, change, table
from ingest_assets_tests.sandbox.openmetadata.conftest import ServerMaker

ALL = {f"entity{kind}": "*" for kind in ("Created", "Updated", "Deleted", "Restored")}


def kinds(api: Api, timestamp: int = 0) -> list[str]:
    return [one["eventType"] for one in api.get("events", **ALL, timestamp=timestamp).json()["data"]]


def test_a_server_that_pruned_its_events_tells_those_that_come_after(serve: ServerMaker) -> None:
    api = serve()
    api.make_schema()
    api.app.prune_events()
    answer = api.get("events", **ALL, timestamp=0).json()
    assert answer == {"data": [], "paging": {"total": 0}}
    api.make("tables", table("t"))
    assert kinds(api) == ["entityCreated"]


@pytest.mark.parametrize(("version", "told"), [("1.1.7", False), ("1.2.5", True)])
def test_a_restore_makes_an_event_where_the_answer_names_a_change(serve: ServerMaker, version: str, told: bool) -> None:
    api = serve(version)
    api.make_schema()
    made = api.make("tables", table("t"))
    api.delete(f"tables/{made['id']}")
    assert bool(change(api.put("tables/restore", {"id": made["id"]}))) is told
    assert ("entityRestored" in kinds(api)) is told


@pytest.mark.parametrize(("version", "told"), [("1.0.5", False), ("1.5.8", True)])
def test_events_of_old_servers_have_no_id(serve: ServerMaker, version: str, told: bool) -> None:
    api = serve(version)
    api.make_service()
    (event,) = api.get("events", entityCreated="databaseService", timestamp=0).json()["data"]
    assert ("id" in event) is told


def test_events_go_out_while_they_are_written_and_others_are_served_meanwhile(serve: ServerMaker) -> None:
    api = serve()
    api.make_schema()
    api.make("tables", table("t", description="w" * 5_000))
    for number in range(3_000):  # far more than sockets buffer
        entity = api.app._server.store.by_fqn("table", "lake.d.s.t")
        assert entity is not None
        api.app._server.events.add("entityUpdated", entity, entity.state, number)
    host = api.address.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=10)
    headers = {"Authorization": f"Bearer {ADMIN}"}
    connection.request("GET", "/api/v1/events?entityUpdated=table&timestamp=0", headers=headers)
    answer = connection.getresponse()
    first = answer.read(1_000)
    assert (answer.getheader("Transfer-Encoding"), answer.getheader("Content-Length")) == ("chunked", None)
    api.make("tables", table("u"))
    assert change(api.delete("tables/name/lake.d.s.u", hardDelete="true")) == "entityDeleted"
    whole = json.loads(first + answer.read())
    assert (len(whole["data"]), whole["paging"]["total"]) == (3_000, 3_000)
    connection.request("GET", "/api/v1/events?timestamp=0", headers=headers)  # the connection is kept
    assert json.loads(connection.getresponse().read())["data"] == []
    connection.close()


def test_a_client_of_http_1_0_gets_them_whole_with_their_length(
    serve: ServerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = serve()
    api.make_service()
    monkeypatch.setattr(http.client.HTTPConnection, "_http_vsn", 10)
    monkeypatch.setattr(http.client.HTTPConnection, "_http_vsn_str", "HTTP/1.0")
    connection = http.client.HTTPConnection(api.address.removeprefix("http://"), timeout=10)
    headers = {"Authorization": f"Bearer {ADMIN}"}
    connection.request("GET", "/api/v1/events?entityCreated=databaseService&timestamp=0", headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    assert answer.getheader("Content-Length") == str(len(content))
    assert len(json.loads(content)["data"]) == 1
    connection.close()


@pytest.mark.parametrize("kind", ["cut", "truncated", "reset-after", "reset-before"])
def test_faults_strike_events_too(sandbox: Sandbox, kind: str) -> None:
    sandbox.faults.add(kind, operation="GET /v1/events")
    headers = {"Authorization": f"Bearer {sandbox.bot_token}"}

    def read() -> Any:
        connection = http.client.HTTPConnection(sandbox.url.removeprefix("http://"), timeout=5)
        connection.request("GET", "/api/v1/events?entityCreated=*&timestamp=0", headers=headers)
        try:
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    with pytest.raises((http.client.IncompleteRead, ValueError, ConnectionError)):
        read()
    assert read()["paging"]["total"] > 0
