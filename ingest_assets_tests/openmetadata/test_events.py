from __future__ import annotations

import dataclasses
import gzip
import json
import tracemalloc
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.calls import Calls
from ingest_assets.catalog import EntityType
from ingest_assets.errors import DeadlineExceededError, InvalidAnswerError, PermissionDeniedError, UnavailableError
from ingest_assets.openmetadata.capabilities import Version, capabilities_of
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.openmetadata.events import ChangeEvent, ChangeEvents
from ingest_assets_tests.openmetadata.misbehaving import (
    Behaviour,
    Reply,
    client_of,
    patient,
    scripted,
    serving,
)
from ingest_assets_tests.openmetadata.real import VERSIONS, real_server

TABLE = EntityType.TABLE
TYPES = (EntityType.DATABASE_SERVICE, *EntityType.DATABASE_SERVICE.held)


def event(**changes: Any) -> dict[str, Any]:
    row = {
        "id": str(uuid.uuid4()),
        "eventType": "entityUpdated",
        "entityType": "table",
        "entityId": str(uuid.uuid4()),
        "userName": "admin",
        "timestamp": 1_700_000_000_000,
        "previousVersion": 0.1,
        "currentVersion": 0.2,
        "entity": json.dumps({"name": "t", "version": 0.2}),
        "changeDescription": {"fieldsAdded": [], "previousVersion": 0.1},
    }
    return {key: value for key, value in (row | changes).items() if value is not ...}


def answer(*events: Any, total: int | None = None) -> bytes:
    return json.dumps({"data": events, "paging": {"total": len(events) if total is None else total}}).encode()


def events_of(client: OpenMetadataClient, version: str = "1.12.4") -> ChangeEvents:
    return ChangeEvents(client, capabilities_of(Version.parse(version)))


def told(reply: Reply | Behaviour, **settings: Any) -> list[ChangeEvent]:
    with serving(scripted(reply) if isinstance(reply, Reply) else reply) as server:
        return list(events_of(client_of(server.url, **settings)).since(0, [TABLE]))


def put_tree(client: OpenMetadataClient) -> dict[str, Any]:
    connection = {"config": {"type": "Glue", "awsConfig": {"awsRegion": "eu-north-1"}}}
    client.put_entity("services/databaseServices", {"name": "s", "serviceType": "Glue", "connection": connection})
    client.put_entity("databases", {"name": "d", "service": "s"})
    client.put_entity("databaseSchemas", {"name": "x", "database": "s.d"})
    columns = [{"name": "a", "dataType": "INT"}]
    return client.put_entity("tables", {"name": "t", "databaseSchema": "s.d.x", "columns": columns}).entity


@pytest.mark.parametrize("version", VERSIONS)
def test_what_happened_to_a_table_is_told_in_its_order_with_its_user(version: str) -> None:
    with real_server(version) as (_, client):
        table = put_tree(client)
        client.patch(f"/v1/tables/{table['id']}", [{"op": "add", "path": "/description", "value": "words"}])
        client.delete(f"/v1/tables/{table['id']}")
        changes = events_of(client, version)
        events = list(changes.since(table["updatedAt"], [TABLE]))
        parents = {one.type for one in changes.since(0, TYPES)}
    assert [one.kind for one in events] == ["entityCreated", "entityUpdated", "entitySoftDeleted"]
    assert {(one.type, one.entity_id, one.user) for one in events} == {("table", table["id"], "ingestion-bot")}
    assert events[1].entity["description"] == "words"
    assert events[1].change["fieldsAdded"] == [{"name": "description", "newValue": "words"}]
    assert events[0].change == {}
    assert [type(one.timestamp) for one in events] == [int] * 3
    assert parents == {"databaseService", "database", "databaseSchema", "table"}


def test_the_types_and_the_moment_are_asked_for_by_all_four_kinds() -> None:
    with serving(scripted(Reply(answer()))) as server:
        assert list(events_of(client_of(server.url)).since(17, [TABLE, EntityType.SCHEMA])) == []
    asked = "&".join(f"entity{kind}=databaseSchema%2Ctable" for kind in ("Created", "Updated", "Deleted", "Restored"))
    assert server.paths() == [f"GET /api/v1/events?{asked}&timestamp=17"]


def test_no_types_ask_for_nothing() -> None:
    with serving(scripted(Reply(answer()))) as server:
        assert list(events_of(client_of(server.url)).since(17, [])) == []
    assert server.paths() == []


def test_an_event_without_entity_user_change_and_id_is_one() -> None:
    bare = event(id=..., userName=..., entity=..., changeDescription=None)
    (one,) = told(Reply(answer(bare)))
    assert one == (None, "entityUpdated", "table", bare["entityId"], bare["timestamp"], None, {}, {})


def test_an_entity_that_is_no_text_but_the_object_itself_is_taken() -> None:
    assert told(Reply(answer(event(entity={"version": 0.5}))))[0].entity == {"version": 0.5}


def test_events_of_types_that_were_not_asked_for_are_dropped() -> None:
    assert [one.type for one in told(Reply(answer(event(entityType="user"), event())))] == ["table"]


@pytest.mark.parametrize("key", ["eventType", "entityType", "entityId", "timestamp"])
def test_an_event_that_lacks_what_it_must_have_is_no_event(key: str) -> None:
    for broken in (event(**{key: ...}), event(**{key: None}), event(**{key: [1]})):
        with pytest.raises(InvalidAnswerError, match=key):
            told(Reply(answer(event(), broken)))


@pytest.mark.parametrize(
    "broken", [1, None, "x", [event()], event(entity="{"), event(entity="[]"), event(entity=[]), event(id=1)]
)
def test_an_event_of_another_shape_is_an_error(broken: Any) -> None:
    with pytest.raises(InvalidAnswerError, match="change event"):
        told(Reply(answer(broken)))


@pytest.mark.parametrize(
    "body",
    [{}, [], None, {"paging": {"total": 0}}, {"data": None, "paging": {"total": 0}}, {"data": {}}, {"data": []}],
)
def test_an_answer_without_its_keys_is_not_one_without_events(body: Any) -> None:
    with pytest.raises(InvalidAnswerError):
        told(Reply(json.dumps(body).encode()))


@pytest.mark.parametrize("total", [0, 3])
def test_an_answer_that_holds_other_than_it_announces_is_an_error(total: int) -> None:
    with pytest.raises(InvalidAnswerError, match=f"announces {total} events .* and holds 2"):
        told(Reply(answer(event(), event(), total=total)))


@given(st.data())
def test_no_answer_that_is_cut_anywhere_passes_for_a_whole_one(data: st.DataObject) -> None:
    whole = answer(event(), event())
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    with pytest.raises(InvalidAnswerError, match="cut"):
        told(Reply(cut))


MANY = answer(*[event()] * 1000)


def chunked(content: bytes, end: bytes = b"0\r\n\r\n", **reply: Any) -> Reply:
    """In pieces without a length announced, as a server sends what it is still making."""
    pieces = [content[start : start + 7000] for start in range(0, len(content), 7000)]
    body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return Reply(body + end, headers={"Transfer-Encoding": "chunked"}, **reply)


@pytest.mark.parametrize("reply", [Reply(MANY[:-30], cut=True), Reply(MANY[:-30]), chunked(MANY, b"", cut=True)])
def test_events_before_the_cut_are_told_and_then_the_error(reply: Reply) -> None:
    calls = Calls()
    with serving(scripted(reply)) as server:
        events = events_of(client_of(server.url, calls)).since(0, [TABLE])
        assert next(events).kind == "entityUpdated"
        with pytest.raises(InvalidAnswerError, match=r"GET http://.*/v1/events: the answer is cut"):
            list(events)
    assert calls.counts() == {"GET /v1/events": 1}


def test_an_answer_in_pieces_is_read_to_its_end() -> None:
    assert len(told(chunked(MANY))) == 1000


def test_a_server_that_stops_in_the_middle_is_not_waited_for_for_ever() -> None:
    with pytest.raises(UnavailableError, match=r"/v1/events: the connection broke"):
        told(chunked(MANY, b""), patience=patient(timeouts=(5, 0.2)))


def test_a_run_whose_time_is_over_reads_no_further() -> None:
    now = [0.0]
    calls = Calls(deadline=10.0, clock=lambda: now[0])
    with serving(scripted(Reply(MANY))) as server:
        events = events_of(client_of(server.url, calls)).since(0, [TABLE])
        next(events)
        now[0] = 10.0
        with pytest.raises(DeadlineExceededError, match="not read to its end"):
            list(events)


def test_an_answer_in_another_encoding_than_utf8_is_an_error() -> None:
    with pytest.raises(InvalidAnswerError, match="no JSON"):
        told(Reply(answer(event()).replace(b"admin", b"\xe5dmin")))


def test_a_packed_answer_is_unpacked_on_its_way() -> None:
    rows = [event() for _ in range(300)]
    packed = Reply(gzip.compress(answer(*rows)), headers={"Content-Encoding": "gzip"})
    assert [one.entity_id for one in told(packed)] == [row["entityId"] for row in rows]
    with pytest.raises(InvalidAnswerError):
        told(packed._replace(body=packed.body[:-200]))
    with pytest.raises(InvalidAnswerError):
        told(packed._replace(body=answer(*rows)))


def test_a_server_in_trouble_is_asked_again_before_the_first_byte() -> None:
    calls = Calls()
    replies = scripted(Reply({}, 503), Reply(reset=True), Reply(answer(event())))
    assert len(told(replies, calls=calls)) == 1
    assert calls.counts() == {"GET /v1/events": 3}
    assert calls.retries() == 2


def test_events_that_are_not_read_to_the_end_leave_the_client_usable() -> None:
    def behave(received: Any) -> Reply:
        return Reply(answer(*[event()] * 2000)) if "events" in received.path else Reply({"id": "1"})

    with serving(behave) as server:
        client = client_of(server.url, threads=1)
        events = events_of(client).since(0, [TABLE])
        next(events)
        assert client.get("/v1/x") == {"id": "1"}  # while they are still coming
        events.close()  # type: ignore[attr-defined]  # a generator's own
        assert client.get("/v1/x") == {"id": "1"}


UNKNOWN_PATH = Reply({"responseMessage": "An exception with message [HTTP 404 Not Found] was thrown"}, 500)


@pytest.mark.parametrize("version", ["1.0.3", "1.5.7", "1.12.4"])
def test_servers_that_are_known_to_have_events_are_not_asked(version: str) -> None:
    with serving(scripted(UNKNOWN_PATH)) as server:
        assert events_of(client_of(server.url), version).available()
    assert server.received == []


@pytest.mark.parametrize(
    ("reply", "available"),
    [
        (Reply(answer()), True),
        (UNKNOWN_PATH, False),
        (Reply({"code": 404, "message": "HTTP 404 Not Found"}, 404), False),
        (Reply({"code": 404, "message": "no events"}, 404), False),
        (Reply({"code": 400, "message": "timestamp"}, 400), False),
        (Reply(b"<html>", headers={"Content-Type": "text/html"}), False),
        (Reply({"events": []}), False),
    ],
)
@pytest.mark.parametrize("version", ["1.13.0", "2.0.1"])
def test_a_newer_server_is_asked_once_whether_it_has_events(version: str, reply: Reply, available: bool) -> None:
    with serving(scripted(reply)) as server:
        changes = events_of(client_of(server.url), version)
        assert changes.available() is available
        assert changes.available() is available
    assert len(server.received) == 1


def test_a_newer_server_that_does_not_answer_is_not_taken_for_one_without_events() -> None:
    with serving(scripted(Reply({}, 503))) as server, pytest.raises(UnavailableError):
        events_of(client_of(server.url, patience=patient(retries=1)), "2.0.0").available()
    with serving(scripted(Reply({"message": "no"}, 403))) as server, pytest.raises(PermissionDeniedError):
        events_of(client_of(server.url), "2.0.0").available()


def test_events_are_never_held_all_at_once_by_neither_side() -> None:
    with real_server("1.5.7") as (app, client):
        table = put_tree(client)
        entity = app._server.store.by_id("table", table["id"])
        assert entity is not None
        body = {**entity.state.body, "description": "w" * 2000}
        entity.state = dataclasses.replace(entity.state, body=body)
        app.prune_events()
        for _ in range(5_000):
            app._server.events.add("entityUpdated", entity, entity.state, 0.1)
        size = 5_000 * len(json.dumps(body))
        tracemalloc.start()
        try:
            assert sum(1 for _ in events_of(client, "1.5.7").since(0, [TABLE])) == 5_000
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < size / 4
