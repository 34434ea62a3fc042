"""The client, over HTTP: sign-on, retries, and what it makes of answers that are no success."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from email.utils import formatdate
from typing import Any

import pytest

from ingest_assets.calls import Calls
from ingest_assets.errors import (
    AuthenticationError,
    DeadlineExceededError,
    IncompatibleServerError,
    InvalidAnswerError,
    NotFoundError,
    PermissionDeniedError,
    RejectedError,
    RemoteError,
    UnavailableError,
)
from ingest_assets.sources.atlas.client import AtlasAccess
from ingest_assets.sources.http import Patience
from ingest_assets_tests.sources.atlas.company import company
from ingest_assets_tests.sources.atlas.odd_server import Asked, Reply, odd_server
from ingest_assets_tests.sources.atlas.scene import TABLES, client_at, enriched, read_all, source_at

LOGGED = "There was an error processing your request. It has been logged (ID 024d07e566c1aa25)."


def refused(reply: Reply, calls: Calls | None = None) -> RemoteError:
    with odd_server(lambda _: reply) as server, pytest.raises(RemoteError) as caught:
        client_at(server.url, calls).get("version", "the server", "/admin/version")
    return caught.value


@pytest.mark.parametrize(
    ("reply", "kind", "told"),
    [
        (Reply("", 401), AuthenticationError, "Check username and password"),
        (Reply({"message": "Wrong password", "status": "401"}, 401), AuthenticationError, "Wrong password"),
        (
            Reply({"errorCode": "ATLAS-403-00-001", "errorMessage": "limited is not authorized"}, 403),
            PermissionDeniedError,
            "limited is not authorized (ATLAS-403-00-001)",
        ),
        (
            Reply({"errorCode": "ATLAS-404-00-005", "errorMessage": "Given instance guid x is invalid"}, 404),
            NotFoundError,
            "ATLAS-404-00-005",
        ),
        (Reply("<html><h1>Not Found</h1></html>", 404), RejectedError, "Is hostPort that of Atlas itself"),
        (
            Reply({"errorCode": "ATLAS-400-00-023", "errorMessage": "Attribute nope not found"}, 400),
            RejectedError,
            "Attribute nope not found",
        ),
        (Reply({"msgDesc": "Missing header or invalid Header value for CSRF"}, 400), RejectedError, "CSRF"),
        (Reply("", 414), RejectedError, "414"),
        (Reply("", 302, {"Location": "http://127.0.0.1:1/login"}), RejectedError, "Redirects are not followed"),
        (Reply("<html>Log in</html>"), InvalidAnswerError, "something else than JSON"),
        (Reply(LOGGED, 500), UnavailableError, "ID 024d07e566c1aa25"),
        (Reply({"errorCode": "ATLAS-500-00-001", "errorMessage": "no index"}, 500), UnavailableError, "no index"),
        (Reply("", 503), UnavailableError, "503"),
    ],
)
def test_each_answer_is_the_error_that_it_stands_for(reply: Reply, kind: type[RemoteError], told: str) -> None:
    error = refused(reply)
    assert type(error) is kind
    assert told in str(error)
    assert "s3cret" not in str(error)


@pytest.mark.parametrize(
    ("reply", "sent"),
    [
        (Reply("", 401), 1),
        (Reply({"errorCode": "ATLAS-400-00-023", "errorMessage": "no"}, 400), 1),
        (Reply("", 302), 1),
        (Reply(LOGGED, 500), 3),
        (Reply({"errorCode": "ATLAS-500-00-001", "errorMessage": "no"}, 500), 6),
        (Reply("", 503), 6),
        (Reply("", 429), 6),
    ],
)
def test_only_what_may_pass_is_asked_again(reply: Reply, sent: int) -> None:
    patience, calls = Patience(retries=5, sleep=lambda _: None), Calls()
    with odd_server(lambda _: reply) as server, pytest.raises(RemoteError):
        client_at(server.url, calls, patience).get("version", "the server", "/admin/version")
    assert calls.counts() == {"atlas:version": sent}
    assert calls.retries() == sent - 1


@pytest.mark.parametrize("is_date", [False, True])
def test_a_server_that_wants_to_be_left_alone_is(*, is_date: bool) -> None:
    told = formatdate(time.time() + 40, usegmt=True) if is_date else "30"
    pauses: list[float] = []
    answers: Iterator[Reply] = iter([Reply("", 503, {"Retry-After": told}), Reply({"Version": "2.4.0"})])
    with odd_server(lambda _: next(answers)) as server:
        client_at(server.url, patience=Patience(sleep=pauses.append)).get("version", "the server", "/admin/version")
    assert len(pauses) == 1
    assert 20 <= pauses[0] <= 60


def test_no_request_is_sent_once_the_time_of_the_run_is_over() -> None:
    with odd_server(lambda _: Reply({})) as server:
        with pytest.raises(DeadlineExceededError):
            client_at(server.url, Calls(deadline=0.0)).get("version", "the server", "/admin/version")
        assert not server.received


def test_no_cookie_is_ever_sent_back() -> None:
    cookie = {"Set-Cookie": "ATLASSESSIONID=node0abc; Path=/"}
    with odd_server(lambda _: Reply({"Version": "2.4.0"}, 200, cookie)) as server:
        client = client_at(server.url)
        for _ in range(2):
            client.get("version", "the server", "/admin/version")
        assert all("Cookie" not in each.headers for each in server.received)


def test_no_redirect_takes_the_password_along() -> None:
    with odd_server(lambda _: Reply({"Version": "2.4.0"})) as other:
        moved = Reply("", 302, {"Location": f"{other.url}/api/atlas/admin/version"})
        with odd_server(lambda _: moved) as server, pytest.raises(RejectedError):
            client_at(server.url).get("version", "the server", "/admin/version")
        assert not other.received


@pytest.mark.parametrize(
    ("access", "expected"),
    [
        ({}, f"Basic {base64.b64encode(b'admin:s3cret').decode()}"),
        ({"password": "пароль"}, f"Basic {base64.b64encode('admin:пароль'.encode()).decode()}"),
        ({"token": "a-token"}, "Bearer a-token"),
        ({"headers": {"Authorization": "Knox abc"}}, "Knox abc"),
    ],
)
def test_each_way_to_sign_on_is_its_header(access: dict[str, Any], expected: str) -> None:
    with odd_server(lambda _: Reply({"Version": "2.4.0"})) as server:
        client_at(server.url, **access).get("version", "the server", "/admin/version")
        (asked,) = server.received
    assert asked.headers["Authorization"] == expected
    assert "Mozilla" not in asked.headers["User-Agent"]


@pytest.mark.parametrize("written", ["/gateway/cdp/atlas", "/gateway/cdp/atlas/", "/gateway/cdp/atlas/api/atlas"])
def test_the_path_of_a_gateway_is_kept(written: str) -> None:
    with odd_server(company()) as server:
        assert enriched(read_all(source_at(server.url + written))[TABLES])
        assert {each.path.partition("/api/atlas")[0] for each in server.received} == {"/gateway/cdp/atlas"}


def test_nothing_that_is_shown_of_the_access_holds_a_secret() -> None:
    told = repr(AtlasAccess("http://atlas", "admin", "s3cret", "a-token", {"X-Key": "a-key"}))
    assert not any(secret in told for secret in ("s3cret", "a-token", "a-key"))


@pytest.mark.parametrize("version", ["0.7-incubating", "0.7.1"])
def test_a_server_without_the_search_of_v2_is_told_what_to_do(version: str) -> None:
    estate = company()
    estate.version = version
    with (
        odd_server(estate) as server,
        pytest.raises(IncompatibleServerError, match=r"no search of its API v2.*Upgrade"),
    ):
        list(source_at(server.url).read(TABLES))


@pytest.mark.parametrize("version", ["0.8-incubating", "2.1.0.7.1.7.0-551", "3.0.0-SNAPSHOT", "unknown"])
def test_builds_of_others_are_read(version: str) -> None:
    estate = company()
    estate.version = version
    with odd_server(estate) as server:
        assert enriched(list(source_at(server.url).read(TABLES)))


def test_what_is_no_atlas_is_told_so() -> None:
    def other(_: Asked) -> Reply:
        return Reply({"status": "UP"})

    with odd_server(other) as server, pytest.raises(InvalidAnswerError, match="Is hostPort that of Atlas"):
        list(source_at(server.url).read(TABLES))


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with odd_server(lambda _: Reply({})) as server:
        url = server.url
    with pytest.raises(UnavailableError, match="Check hostPort and the network"):
        client_at(url).get("version", "the server", "/admin/version")


def test_a_file_of_an_authority_that_is_not_there_is_named() -> None:
    with pytest.raises(UnavailableError, match="no-such-file"):
        client_at("https://127.0.0.1:1", ca_file="no-such-file").get("version", "the server", "/admin/version")


def test_what_a_gateway_shows_of_the_request_is_in_no_message() -> None:
    shown = "You sent Authorization: Basic dXNlcjpzZWNyZXQ= and Bearer: abc.def-ghi"
    with odd_server(lambda _: Reply(shown, 400)) as server, pytest.raises(RejectedError) as caught:
        client_at(server.url).get("version", "the server", "/admin/version")
    assert "dXNlcjpzZWNyZXQ" not in str(caught.value)
    assert "abc.def" not in str(caught.value)
