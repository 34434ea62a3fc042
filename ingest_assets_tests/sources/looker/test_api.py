"""Looker's API over HTTP: log-in, tokens, retries, pages, and what comes of answers that are none."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from ingest_assets.calls import Calls
from ingest_assets.errors import (
    AuthenticationError,
    DeadlineExceededError,
    InvalidAnswerError,
    NotFoundError,
    PermissionDeniedError,
    RejectedError,
    RemoteError,
    UnavailableError,
)
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.sources.http import Patience
from ingest_assets.sources.looker.api import LookerApi
from ingest_assets.sources.looker.transport import LookerCredentials
from ingest_assets_tests.sources.looker.odd_server import Reply, odd_server
from ingest_assets_tests.sources.looker.scene import api_of, everything, quick, source_at

SECRET = "kR8-the-secret-of-the-key"  # nobody's


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running
        assert not list(running.crashes)


@pytest.fixture
def sandbox(served: Sandbox) -> Sandbox:
    served.faults.clear()
    served.looker.reset_counts()
    served.looker.sessions.revoke_tokens()
    return served


def at(url: str, calls: Calls | None = None, patience: Patience | None = None) -> LookerApi:
    return LookerApi(LookerCredentials(url, "id", SECRET), calls or Calls(), patience=patience or quick())


def ask(api: LookerApi, times: int = 1) -> list[Any]:
    """Ask for the same at once, from as many threads."""
    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(lambda _: api.call("me", "me", fields="id").id, range(times)))


def test_many_threads_log_in_once(sandbox: Sandbox) -> None:
    calls = Calls()
    assert len(set(ask(api_of(sandbox, calls=calls, threads=4), 24))) == 1
    assert sandbox.looker.counts == {"login": 1, "me": 24}
    assert (calls.counts(), calls.retries()) == ({"looker:login": 1, "looker:me": 24}, 0)


def test_a_revoked_token_is_renewed_once_however_many_threads_use_it(sandbox: Sandbox) -> None:
    calls = Calls()
    api = api_of(sandbox, calls=calls)
    ask(api)
    sandbox.looker.sessions.revoke_tokens()
    assert len(ask(api, 16)) == 16
    assert sandbox.looker.counts["login"] == 2
    assert calls.retries() == sandbox.looker.counts["me"] - 17
    assert 1 <= calls.retries() <= 16


def test_a_token_that_is_refused_again_ends_in_advice_after_one_renewal(sandbox: Sandbox) -> None:
    sandbox.faults.add("expired-token", service="looker", operation="me", count=None)
    with pytest.raises(AuthenticationError, match=r"401.*Check clientId and clientSecret"):
        ask(api_of(sandbox, retries=5))
    assert sandbox.looker.counts == {"login": 2, "me": 2}


def test_a_token_that_runs_out_is_renewed_before_it_is_refused(sandbox: Sandbox) -> None:
    sandbox.looker.sessions.lifetime = 5  # looker-sdk renews ten seconds early
    try:
        api = api_of(sandbox)
        ask(api)
        ask(api)
        assert sandbox.looker.counts == {"login": 2, "me": 2}
    finally:
        sandbox.looker.sessions.lifetime = 3600


def test_a_wrong_secret_is_told_with_advice_and_never_repeated(sandbox: Sandbox) -> None:
    wrong = replace(sandbox.looker_client, client_secret=SECRET)
    calls = Calls()
    with pytest.raises(AuthenticationError) as refused:
        ask(api_of(sandbox, wrong, calls, retries=5))
    assert "Looker refuses the log-in: 404: Not found" in str(refused.value)
    assert "Check clientId and clientSecret" in str(refused.value)
    assert SECRET not in str(refused.value)
    assert calls.counts() == {"looker:login": 1}


def test_too_many_requests_are_waited_for_as_long_as_looker_wishes(sandbox: Sandbox) -> None:
    slept: list[float] = []
    calls = Calls()
    sandbox.faults.add("429", service="looker", operation="me", count=2)
    client = sandbox.looker_client
    api = LookerApi(
        LookerCredentials(sandbox.url, client.client_id, client.client_secret),
        calls,
        patience=Patience(sleep=slept.append),
    )
    assert ask(api)
    assert len(slept) == 2
    assert all(1 <= pause < 1.01 for pause in slept)  # more than jitter would be at first
    assert (calls.counts()["looker:me"], calls.retries()) == (3, 2)


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ("7", 7.0),
        ("86400", 60.0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 0.0),
        ("Fri, 21 Oct 2140 07:28:00 GMT", 60.0),
        ("-3", 0.0),
        ("²", 0.0),
    ],
)
def test_no_wish_is_longer_than_patience_and_a_strange_one_is_none(wish: str, expected: float) -> None:
    slept: list[float] = []
    replies = [Reply({"message": "slowly"}, 429, {"Retry-After": wish}), Reply({"id": "1"})]
    with odd_server(lambda path: None if path == "/login" else replies.pop(0)) as server:
        assert ask(at(server.url, patience=Patience(sleep=slept.append))) == ["1"]
    (pause,) = slept
    assert expected <= pause <= expected + 0.5


def test_a_server_that_fails_to_the_end_is_unavailable_after_all_retries(sandbox: Sandbox) -> None:
    calls = Calls()
    sandbox.faults.add("500", service="looker", operation="me", count=None)
    with pytest.raises(UnavailableError, match="looker:me of me"):
        ask(api_of(sandbox, calls=calls, retries=3))
    assert (calls.counts()["looker:me"], calls.retries()) == (4, 3)


@pytest.mark.parametrize("fault", ["reset-before", "cut"])
def test_a_connection_that_breaks_is_tried_again(sandbox: Sandbox, fault: str) -> None:
    sandbox.faults.add(fault, service="looker", operation="me")
    assert ask(api_of(sandbox, retries=1))
    sandbox.faults.add(fault, service="looker", operation="me", count=None)
    with pytest.raises(UnavailableError, match="Check hostPort and the network"):
        ask(api_of(sandbox, retries=1))


def test_nobody_at_the_address_is_unavailable() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(UnavailableError, match="looker:login at"):
            ask(at(url))


def test_json_that_is_cut_is_no_answer(sandbox: Sandbox) -> None:
    sandbox.faults.add("truncated", service="looker", operation="all_dashboards", count=None)
    with pytest.raises(InvalidAnswerError, match="looker:all_dashboards of all"):
        api_of(sandbox).call("all_dashboards", "all", fields="id")


@pytest.mark.parametrize("body", ["<html>Sign in</html>", "", "null", '{"id": ', '{"id": ["a"]}', "[1, 2]", '"text"'])
def test_what_is_no_list_of_looker_is_an_answer_that_can_not_be_read(body: str) -> None:
    kind = {"Content-Type": "text/html"} if body.startswith("<") else {}
    with (
        odd_server(lambda path: None if path == "/login" else Reply(body, headers=kind)) as server,
        pytest.raises(InvalidAnswerError, match="looker:all_dashboards of all") as told,
    ):
        at(server.url).call("all_dashboards", "all", fields="id")
    assert "Sign in" not in str(told.value)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed_and_take_no_secret_along(status: int) -> None:
    with odd_server(lambda _: None) as elsewhere:
        away = {"Location": f"{elsewhere.url}/api/4.0/login"}
        with (
            odd_server(lambda path: Reply("", status, away)) as server,
            pytest.raises(RemoteError, match="Is hostPort"),
        ):
            ask(at(server.url))
        with (
            odd_server(lambda path: None if path == "/login" else Reply("", status, away)) as server,
            pytest.raises(RejectedError, match="Is hostPort"),
        ):
            ask(at(server.url))
        assert not elsewhere.received


def test_a_log_in_at_what_is_no_looker_names_the_address() -> None:
    page = {"Content-Type": "text/html"}
    for reply in (Reply("<html>Not Found</html>", 404, page), Reply("<html>Hello</html>", 200, page)):
        with odd_server(lambda path, reply=reply: reply) as server, pytest.raises(RemoteError, match="hostPort"):  # type: ignore[misc]  # the reply of this round
            ask(at(server.url))


@pytest.mark.parametrize(
    "token", [{}, {"access_token": None}, {"access_token": "x", "expires_in": None}, {"access_token": 1}, []]
)
def test_a_log_in_without_a_token_is_no_log_in(token: object) -> None:
    with (
        odd_server(lambda path: Reply(token) if path == "/login" else Reply({"message": "no"}, 401)) as server,
        pytest.raises(RemoteError),
    ):
        ask(at(server.url))
    assert len(server.received) <= 4


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, RejectedError), (403, PermissionDeniedError), (404, NotFoundError), (422, RejectedError)],
)
def test_refusals_say_what_looker_says_in_a_line_and_are_not_repeated(status: int, kind: type[RemoteError]) -> None:
    calls = Calls()
    words = {"message": "First line\nsecond " + "x" * 1000}
    with (
        odd_server(lambda path: None if path == "/login" else Reply(words, status)) as server,
        pytest.raises(kind) as told,
    ):
        ask(at(server.url, calls, quick(5)))
    assert f"{status}: First line second xxx" in str(told.value)
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 500
    assert calls.counts()["looker:me"] == 1


def test_after_the_deadline_nothing_is_sent(sandbox: Sandbox) -> None:
    now = [0.0]
    calls = Calls(deadline=10.0, clock=lambda: now[0])
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    client = sandbox.looker_client
    credentials = LookerCredentials(sandbox.url, client.client_id, client.client_secret)
    api = LookerApi(credentials, calls, patience=Patience(sleep=sleep, retries=50))
    ask(api)
    sandbox.faults.add("429", service="looker", operation="me", count=None)
    with pytest.raises(DeadlineExceededError, match="looker:me was not sent"):
        ask(api)
    assert sum(slept) == pytest.approx(10.0)  # the last pause is as long as there is time
    sent = sandbox.looker.counts.total()
    with pytest.raises(DeadlineExceededError):
        ask(api)
    assert sandbox.looker.counts.total() == sent


def test_an_answer_that_is_still_coming_when_time_is_over_is_not_waited_for() -> None:
    now = [0.0]

    def behaviour(path: str) -> Reply | None:
        if path == "/login":
            return None
        now[0] = 10.0
        return Reply({"id": "1", "display_name": "x" * 1_000_000})

    with (
        odd_server(behaviour) as server,
        pytest.raises(DeadlineExceededError, match=r"looker:me.* not read to its end"),
    ):
        ask(at(server.url, Calls(deadline=10.0, clock=lambda: now[0])))


def test_nobody_but_looker_is_asked_and_nothing_is_put_into_the_environment(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("BASE_URL", "CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.setenv(f"LOOKERSDK_{name}", "http://nobody.example")  # another's
    before, real, asked = dict(os.environ), socket.getaddrinfo, set[str]()

    def look_up(host: str, *args: Any, **words: Any) -> Any:
        asked.add(host)
        return real(host, *args, **words)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    for operation, fault in (("me", "500"), ("dashboard", "access-denied")):
        sandbox.faults.add(fault, service="looker", operation=operation, count=None)
    api = api_of(sandbox)
    for operation, arguments in (("me", ()), ("dashboard", ("1",)), ("look", ("no such",))):
        with pytest.raises(RemoteError):
            api.call(operation, "it", *arguments, fields="id")
    assert asked <= {"127.0.0.1"}
    assert dict(os.environ) == before


def test_a_netrc_does_not_take_the_tokens_place(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password other\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    assert ask(api_of(sandbox))


def test_no_message_and_no_representation_holds_the_secret_or_a_token(sandbox: Sandbox) -> None:
    token = "a-token-of-lookers"  # the odd server's
    echo = Reply({"message": "refused"}, 403)
    with odd_server(lambda path: None if path == "/login" else echo) as server:
        api = at(server.url)
        with pytest.raises(PermissionDeniedError) as told:
            ask(api)
    shown = f"{told.value!r} {told.value} {api!r} {vars(api)} {LookerCredentials(server.url, 'id', SECRET)!r}"
    assert SECRET not in shown
    assert token not in shown
    assert {name for path, headers in server.received for name in headers if SECRET in headers[name]} == set()
    assert SECRET not in "".join(path for path, _ in server.received)


def paged(items: list[dict[str, Any]], path: str) -> Reply:
    query = dict(part.split("=") for part in path.partition("?")[2].split("&"))
    start = int(query["offset"])
    return Reply(items[start : start + int(query["limit"])])


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 20, 35])
def test_all_pages_are_read_each_once(count: int) -> None:
    users = [{"id": str(number)} for number in range(count)]
    with odd_server(lambda path: None if path == "/login" else paged(users, path)) as server:
        found = at(server.url).all("all_users", "all", size=10, fields="id")
    assert [each.id for each in found] == [each["id"] for each in users]
    assert len(server.received) == 1 + count // 10 + 1


@pytest.mark.parametrize("size", [10, 3])
def test_pages_that_go_round_in_circles_end(size: int) -> None:
    users = [{"id": str(number)} for number in range(10)]
    with (
        odd_server(lambda path: None if path == "/login" else Reply(users[:size])) as server,
        pytest.raises(InvalidAnswerError, match="circles"),
    ):
        at(server.url).all("all_users", "all", size=size, fields="id")
    assert len(server.received) == 3


def test_a_listing_that_comes_whole_whatever_was_asked_is_read_once() -> None:
    users = [{"id": str(number)} for number in range(25)]
    with odd_server(lambda path: None if path == "/login" else Reply(users)) as server:
        assert len(at(server.url).all("all_users", "all", size=10, fields="id")) == 25
    assert len(server.received) == 2


def test_every_call_of_a_run_says_which_fields_and_each_of_them_exists(sandbox: Sandbox) -> None:
    everything(source_at(sandbox, include_owners=True, include_looks=True))
    asked = [request for request in sandbox.looker.requests if request.operation != "login"]
    assert {request.operation for request in asked} >= {"dashboard", "look", "merge_query", "query", "all_users"}
    assert not [request for request in asked if not request.params.get("fields")]
    assert not list(sandbox.looker.unknown_fields)
    assert not list(sandbox.looker.unsound)


def test_two_instances_in_one_process_do_not_touch_each_other(sandbox: Sandbox) -> None:
    with Sandbox() as other:
        other.company.looker.dashboards.change("1", title="The other company's")
        one, two = api_of(sandbox), api_of(other)
        with ThreadPoolExecutor(2) as pool:
            titles = [
                list(pool.map(lambda _, api=api: api.call("dashboard", "1", "1", fields="id,title").title, range(8)))
                for api in (one, two)
            ]
        assert titles == [["Finance KPIs"] * 8, ["The other company's"] * 8]
        assert one.host != two.host
        other.looker.sessions.revoke_tokens()
        assert ask(one)
        assert (sandbox.looker.counts["login"], other.looker.counts["login"]) == (1, 1)
