from __future__ import annotations

from typing import Any

import pytest

from ingest_assets.catalog import EntityType
from ingest_assets.errors import InvalidAnswerError, NotFoundError, RecipeError, RejectedError, UnavailableError
from ingest_assets.openmetadata.client import normalised
from ingest_assets_tests.openmetadata.misbehaving import Received, Reply, client_of, patient, routed, scripted, serving

VERSION = Reply({"version": "1.12.0"})


def page(*names: str, after: str | None = None) -> Reply:
    paging: dict[str, Any] = {"total": 9} | ({"after": after} if after else {})
    return Reply({"data": [{"name": name} for name in names], "paging": paging})


def test_a_listing_follows_its_cursors_to_the_end() -> None:
    with serving(scripted(page("a", "b", after="x/+="), page("c"))) as server:
        rows = list(client_of(server.url).list("tables", {"include": "all"}, limit=2))
    assert [row["name"] for row in rows] == ["a", "b", "c"]
    assert server.paths()[0] == "GET /api/v1/tables?include=all&limit=2"
    assert server.paths()[1] == "GET /api/v1/tables?include=all&limit=2&after=x%2F%2B%3D"


@pytest.mark.parametrize("replies", [[page("a", after="x")], [page("a", after="x"), page("b", after="y")] * 2])
def test_a_cursor_that_comes_back_is_an_error(replies: list[Reply]) -> None:
    with serving(scripted(*replies)) as server, pytest.raises(InvalidAnswerError, match="does not end"):
        list(client_of(server.url).list("tables"))


def test_an_empty_page_with_a_cursor_is_an_error() -> None:
    with serving(scripted(page("a", after="x"), page(after="y"))) as server, pytest.raises(InvalidAnswerError):
        list(client_of(server.url).list("tables"))


@pytest.mark.parametrize("body", [{}, {"data": []}, {"paging": {}}, {"data": None, "paging": {}}])
def test_a_page_without_its_keys_is_no_empty_list(body: dict[str, Any]) -> None:
    with serving(scripted(Reply(body))) as server, pytest.raises(InvalidAnswerError, match=r"lacks|is no"):
        list(client_of(server.url).list("tables"))


def test_the_change_header_of_a_put_is_told() -> None:
    reply = Reply({"id": "1"}, 201, {"X-OpenMetadata-Change": "entityCreated"})
    with serving(scripted(reply)) as server:
        assert client_of(server.url).put_entity("tables", {"name": "t"}) == ({"id": "1"}, "entityCreated")


def unrecognized(name: str) -> Reply:
    said = f'Unrecognized field "{name}" (class org.openmetadata.schema.api.data.CreateTable), not marked as ignorable'
    return Reply({"code": 400, "message": said}, 400)


def knows_only(*known: str) -> Any:
    """A server that refuses the first property that it doesn't know, as Jackson does."""

    def behave(received: Received) -> Reply:
        bodies = received.body if isinstance(received.body, list) else [received.body]
        for body in bodies:
            for name in body:
                if name not in known:
                    return unrecognized(name)
        done = [{"request": f"s.{body['name']}"} for body in bodies]
        return Reply({"id": "1", "status": "success", "successRequest": done})

    return behave


def test_a_property_that_a_server_does_not_know_is_left_out_from_then_on() -> None:
    with serving(knows_only("name", "service")) as server:
        client = client_of(server.url)
        body = {"name": "t", "service": "s", "locationPath": "s3://x", "aliases": []}
        client.put_entity("tables", body)
        client.put_entity("tables", body)
        assert client.bulk_put("tables", [body]).succeeded == ["s.t"]
        assert len(server.received) == 5
        assert server.received[-1].body == [{"name": "t", "service": "s"}]
        assert client._refused.notes() == ["This server does not know aliases, locationPath of tables; left out."]


def test_a_property_that_was_not_sent_is_not_learnt() -> None:
    with serving(scripted(unrecognized("other"))) as server, pytest.raises(RejectedError):
        client_of(server.url).put_entity("tables", {"name": "t"})
    assert len(server.received) == 1


def table(name: str) -> dict[str, Any]:
    return {"name": name, "databaseSchema": "svc.db.s", "columns": []}


def test_bulk_tells_failures_named_by_fqn_and_by_the_whole_request() -> None:
    answer = {
        "status": "partialSuccess",
        "successRequest": [{"request": 'svc.db.s."a.b"', "status": 200}],
        "failedRequest": [
            {"request": {**table("bad"), "owners": None}, "status": 400, "message": "broken rule"},
            {"request": "svc.db.s.late", "status": 404, "message": "tag not found"},
        ],
    }
    with serving(scripted(Reply(answer))) as server:
        result = client_of(server.url).bulk_put("tables", [table("a.b"), table("bad"), table("late"), table("lost")])
    assert server.paths() == ["PUT /api/v1/tables/bulk?async=false"]
    assert result.succeeded == ['svc.db.s."a.b"']
    assert [(failure.fqn, failure.place, failure.status) for failure in result.failed] == [
        ("svc.db.s.bad", 1, 400),
        ("svc.db.s.late", 2, 404),
        ("svc.db.s.lost", 3, None),
    ]
    assert result.error_of(0, 'svc.db.s."a.b"') is None
    assert result.error_of(1, "svc.db.s.bad") == "broken rule (400)"
    assert "does not say" in str(result.error_of(3, "svc.db.s.lost"))


def test_an_aborted_bulk_fails_all_with_the_servers_reason() -> None:
    with serving(scripted(Reply({"status": "aborted", "abortReason": "no room"}))) as server:
        result = client_of(server.url).bulk_put("tables", [table("a")])
    assert result.failed[0].message == "no room"


def test_a_bulk_answer_of_another_shape_is_an_error() -> None:
    with serving(scripted(Reply({"ok": True}))) as server, pytest.raises(InvalidAnswerError):
        client_of(server.url).bulk_put("tables", [table("a")])


@pytest.mark.parametrize("status", [400, 413])
def test_one_bad_element_costs_itself_only_when_the_whole_request_is_refused(status: int) -> None:
    def behave(received: Received) -> Reply:
        names = [body["name"] for body in received.body]
        if {"bad", "worse"} & set(names):
            return Reply({"message": "Cannot deserialize"}, status)
        return Reply({"status": "success", "successRequest": [{"request": f"svc.db.s.{name}"} for name in names]})

    names = [f"t{number}" for number in range(30)]
    names[7], names[20] = "bad", "worse"
    with serving(behave) as server:
        result = client_of(server.url).bulk_put("tables", [table(name) for name in names])
    assert sorted(result.succeeded) == sorted(f"svc.db.s.{name}" for name in names if name.startswith("t"))
    assert [(failure.fqn, failure.place, failure.status) for failure in result.failed] == [
        ("svc.db.s.bad", 7, status),
        ("svc.db.s.worse", 20, status),
    ]
    assert len(server.received) < 25


def test_nothing_to_put_sends_nothing() -> None:
    with serving(scripted(VERSION)) as server:
        assert client_of(server.url).bulk_put("tables", []) == ([], [])
    assert server.received == []


def test_a_server_without_bulk_says_so_once() -> None:
    missing = Reply({"responseMessage": "An exception with message [HTTP 405 Method Not Allowed] was thrown"}, 500)
    with serving(scripted(VERSION, missing)) as server:
        client = client_of(server.url)
        assert client.has_bulk("tables")
        assert not client.has_bulk("services/databaseServices")
        with pytest.raises(NotFoundError, match="one by one"):
            client.bulk_put("tables", [table("a")])
        assert not client.has_bulk("tables")
        assert client.has_bulk("databases")


def test_a_server_in_trouble_fails_a_bulk_request_without_halving_it() -> None:
    with serving(scripted(Reply({}, 503))) as server, pytest.raises(UnavailableError):
        client_of(server.url, patience=patient(retries=1)).bulk_put("tables", [table("a"), table("b")])
    assert len(server.received) == 2


def test_an_edge_is_found_in_the_graph_with_or_without_details() -> None:
    edges = [
        {"fromEntity": "1", "toEntity": "3", "lineageDetails": {"source": "ViewLineage"}},
        {"fromEntity": "2", "toEntity": "3"},
    ]
    with serving(routed({"/lineage/table/3": Reply({"upstreamEdges": edges})})) as server:
        client = client_of(server.url)
        assert client.lineage_details(EntityType.TABLE, "1", "3") == {"source": "ViewLineage"}
        assert client.lineage_details(EntityType.TABLE, "2", "3") == {}
        assert client.lineage_details(EntityType.TABLE, "4", "3") is None


def test_lineage_is_put_though_its_answer_is_empty() -> None:
    with serving(scripted(Reply(None))) as server:
        client_of(server.url).put_lineage({"edge": {}})
    assert server.paths() == ["PUT /api/v1/lineage"]


def test_notes_tell_of_a_newer_server() -> None:
    with serving(scripted(Reply({"version": "3.1.0"}))) as server:
        assert "treated as 2.0" in client_of(server.url).notes[0]


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("HTTP://OpenMetadata.Example:80/api", "http://openmetadata.example/api"),
        ("https://om.example:443/api/v1/", "https://om.example/api"),
        ("https://om.example:8585/API", "https://om.example:8585/API"),
        ("http://[::1]:8585/api", "http://[::1]:8585/api"),
    ],
)
def test_an_address_has_one_spelling(written: str, address: str) -> None:
    assert normalised(written) == normalised(address) == address


@pytest.mark.parametrize("written", ["http://om.example:port/api", "http://om.example:99999/api", "http://[::1/api"])
def test_a_port_that_is_none_is_told(written: str) -> None:
    with pytest.raises(RecipeError, match="hostPort is no address"):
        normalised(written)


@pytest.mark.parametrize("written", ["catalog:hunter2@om.example:8585/api", "//catalog:hunter2@om.example/api"])
def test_no_password_is_shown_of_what_is_no_address(written: str) -> None:
    with pytest.raises(RecipeError, match="hostPort is no address") as caught:
        normalised(written)
    assert "hunter2" not in str(caught.value)
