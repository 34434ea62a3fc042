from __future__ import annotations

import ssl
import subprocess
import threading
import time
from pathlib import Path

import pytest

from ingest_assets.calls import Calls
from ingest_assets.errors import (
    AuthenticationError,
    DeadlineExceededError,
    IncompatibleServerError,
    InvalidAnswerError,
    NotFoundError,
    PermissionDeniedError,
    RecipeError,
    RejectedError,
    RemoteError,
    UnavailableError,
)
from ingest_assets.openmetadata.auth import BotToken
from ingest_assets.openmetadata.patience import Patience
from ingest_assets.openmetadata.tls import Tls
from ingest_assets_tests.openmetadata.misbehaving import (
    TOKEN,
    Received,
    Reply,
    Server,
    client_of,
    patient,
    scripted,
    serving,
    unused_port,
)

OK = Reply({"id": "1"})
HTML = Reply(b"<!doctype html><title>OpenMetadata</title>", headers={"Content-Type": "text/html"})
UNKNOWN_PATH = Reply(
    {"responseMessage": "An exception with message [HTTP 404 Not Found] was thrown while processing request."}, 500
)
UNKNOWN_VERB = Reply({"responseMessage": "An exception with message [HTTP 405 Method Not Allowed] was thrown."}, 500)
BROKEN = Reply({"responseMessage": "An exception with message [null] was thrown.", "errorType": "X"}, 500)


def test_a_web_page_instead_of_json_says_that_host_port_lacks_api() -> None:
    with serving(scripted(HTML)) as server, pytest.raises(IncompatibleServerError, match=r"must end in /api"):
        client_of(server.url).get("/v1/tables")
    assert len(server.received) == 1


def test_no_version_is_no_openmetadata_server() -> None:
    with serving(scripted(Reply({"version": "unknown"}))) as server, pytest.raises(IncompatibleServerError):
        client_of(server.url).version()


def test_a_server_below_1_0_is_refused_by_its_version() -> None:
    with serving(scripted(Reply({"version": "0.13.3"}))) as server, pytest.raises(IncompatibleServerError) as caught:
        _ = client_of(server.url).capabilities
    assert "0.13.3" in str(caught.value)


def test_the_version_is_asked_for_without_a_token() -> None:
    with serving(scripted(Reply({"version": "1.12.4"}))) as server:
        assert str(client_of(server.url).version()) == "1.12.4"
    assert "Authorization" not in server.received[0].headers


def test_the_token_travels_in_its_header_only_even_beside_a_netrc(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password else")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with serving(scripted(OK)) as server:
        client_of(server.url).put("/v1/tables", {"name": "t"}, {"a": "b"})
    headers = dict(server.received[0].headers)
    assert headers.pop("Authorization") == f"Bearer {TOKEN}"
    assert TOKEN not in str(headers) + server.received[0].path + str(server.received[0].body)


def test_cookies_are_not_kept() -> None:
    with serving(scripted(Reply({}, headers={"Set-Cookie": "a=b"}))) as server:
        client = client_of(server.url)
        client.get("/v1/tables")
        client.get("/v1/tables")
    assert all("Cookie" not in received.headers for received in server.received)


def test_extra_headers_may_carry_the_authorization_for_a_proxy() -> None:
    with serving(scripted(OK)) as server:
        client_of(server.url, extra_headers={"Proxy-Authorization": "%(Authorization)s", "X": "y"}).get("/v1/x")
    assert server.received[0].headers["Proxy-Authorization"] == f"Bearer {TOKEN}"
    assert server.received[0].headers["X"] == "y"


def test_a_header_that_cannot_be_sent_is_named_without_its_value() -> None:
    with pytest.raises(RecipeError, match="X-Key") as caught:
        client_of("http://localhost/api", extra_headers={"X-Key": "secret\n"})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_server_in_trouble_is_asked_again(status: int) -> None:
    calls = Calls()
    with serving(scripted(Reply({"message": "busy"}, status), OK)) as server:
        assert client_of(server.url, calls).get("/v1/tables") == {"id": "1"}
    assert calls.counts() == {"GET /v1/tables": 2}
    assert calls.retries() == 1


def test_what_a_server_does_not_provide_is_not_asked_for_again() -> None:
    with (
        serving(scripted(Reply({"message": "no engine"}, 501))) as server,
        pytest.raises(IncompatibleServerError, match="no engine"),
    ):
        client_of(server.url).get("/v1/search/query")
    assert len(server.received) == 1


def test_retries_end_and_the_message_says_how_many_there_were() -> None:
    with serving(scripted(Reply({}, 503))) as server, pytest.raises(UnavailableError, match="tried 4 times"):
        client_of(server.url, patience=patient(retries=3)).get("/v1/tables")
    assert len(server.received) == 4


def test_a_real_500_is_repeated_less_often_than_an_overload() -> None:
    with serving(scripted(BROKEN)) as server, pytest.raises(UnavailableError, match="was thrown") as caught:
        client_of(server.url).get("/v1/tables")
    assert len(server.received) == 3
    assert caught.value.status == 500


@pytest.mark.parametrize(("reply", "status"), [(UNKNOWN_PATH, 404), (UNKNOWN_VERB, 405)])
def test_a_500_that_wraps_an_unknown_path_is_neither_repeated_nor_taken_for_a_missing_entity(
    reply: Reply, status: int
) -> None:
    with serving(scripted(reply)) as server, pytest.raises(IncompatibleServerError) as caught:
        client_of(server.url).get("/v1/nope")
    assert len(server.received) == 1
    assert caught.value.status == status


def test_only_the_servers_own_404_is_a_definite_not_found() -> None:
    own = Reply({"code": 404, "message": "table instance for a.b not found"}, 404)
    gateway = Reply(b"default backend - 404", 404, {"Content-Type": "text/plain"})
    with serving(scripted(own, gateway)) as server:
        with pytest.raises(NotFoundError, match="table instance"):
            client_of(server.url).get("/v1/tables/name/a.b")
        with pytest.raises(IncompatibleServerError, match="default backend"):
            client_of(server.url).get("/v1/tables/name/a.b")


def test_retry_after_is_honoured_and_bounded() -> None:
    slept: list[float] = []
    replies = [Reply({}, 429, {"Retry-After": value}) for value in ("0", "17", "99999", "soon")]
    with serving(scripted(*replies, OK)) as server:
        client_of(server.url, patience=patient(slept, shortest=0.001)).get("/v1/tables")
    assert [round(seconds, 1) for seconds in slept] == [0.0, 17.0, 60.0, 0.0]


def test_retry_after_may_be_a_date() -> None:
    slept: list[float] = []
    when = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 20))
    with serving(scripted(Reply({}, 503, {"Retry-After": when}), OK)) as server:
        client_of(server.url, patience=patient(slept)).get("/v1/tables")
    assert 15 < slept[0] <= 20


def test_pauses_grow_and_stay_below_their_limit() -> None:
    patience = Patience(shortest=1.0, longest=8.0)
    pauses = [max(patience.pause(attempt, None) for _ in range(200)) for attempt in range(8)]
    assert pauses[0] <= 1.0 < pauses[2] <= 4.0 < pauses[4] <= 8.0
    assert max(pauses) <= 8.0


def test_a_cut_answer_is_read_again() -> None:
    with serving(scripted(Reply({"data": "much"}, cut=True), Reply(b'{"data": '), OK)) as server:
        assert client_of(server.url).get("/v1/tables") == {"id": "1"}
    assert len(server.received) == 3


@pytest.mark.parametrize("status", [400, 404])
def test_an_error_that_is_cut_is_asked_for_again(status: int) -> None:
    whole = Reply({"code": 404, "message": "table instance for a.b not found"}, 404)
    for half in (Reply(b'{"code": 404, "mess', status), whole._replace(cut=True)):
        with serving(scripted(half, whole)) as server, pytest.raises(NotFoundError, match="table instance"):
            client_of(server.url).get("/v1/tables/name/a.b")
        assert len(server.received) == 2


def test_an_error_that_stays_cut_means_neither_a_missing_entity_nor_another_server() -> None:
    with (
        serving(scripted(Reply(b'{"code": 404, "mess', 404))) as server,
        pytest.raises(InvalidAnswerError, match="cut"),
    ):
        client_of(server.url).get("/v1/tables/name/a.b")
    with serving(scripted(Reply(b'{"code": 400, "mess', 400))) as server, pytest.raises(InvalidAnswerError):
        client_of(server.url).patch("/v1/tables/1", [])
    assert len(server.received) == 1


@pytest.mark.parametrize("reply", [Reply(b'{"data": '), Reply({"a": 1}, cut=True), Reply(b""), Reply([1])])
def test_an_answer_that_stays_unreadable_is_an_error_and_never_an_empty_one(reply: Reply) -> None:
    with serving(scripted(reply)) as server, pytest.raises(InvalidAnswerError):
        client_of(server.url).get("/v1/tables")


def test_a_put_is_repeated_after_a_reset_and_a_patch_is_not() -> None:
    with serving(scripted(Reply(reset=True), OK)) as server:
        assert client_of(server.url).put("/v1/tables", {}) == {"id": "1"}
    with serving(scripted(Reply(reset=True), OK)) as server:
        with pytest.raises(UnavailableError, match="connection broke"):
            client_of(server.url).patch("/v1/tables/1", [])
        assert len(server.received) == 1


def test_a_patch_names_its_content_type() -> None:
    with serving(scripted(OK)) as server:
        client_of(server.url).patch("/v1/tables/1", [{"op": "remove", "path": "/owner"}])
    assert server.received[0].headers["Content-Type"] == "application/json-patch+json"
    assert server.received[0].body == [{"op": "remove", "path": "/owner"}]


def test_a_delete_that_finds_nothing_after_a_lost_answer_has_done_its_work() -> None:
    gone = Reply({"code": 404, "message": "edge not found"}, 404)
    with serving(scripted(Reply(reset=True), gone)) as server:
        assert client_of(server.url).delete("/v1/lineage/table/1/table/2") == {}
        with pytest.raises(NotFoundError):
            client_of(server.url).delete("/v1/lineage/table/1/table/2")


def test_a_server_that_is_still_starting_is_waited_for() -> None:
    server = Server(scripted(OK))  # bound, not yet listening: connections are refused
    started: list[float] = []

    def sleep(seconds: float) -> None:
        if not started:
            server.start()
        started.append(seconds)

    try:
        client = client_of(server.url, patience=Patience(sleep=sleep))
        assert client.patch("/v1/tables/1", []) == {"id": "1"}  # even a PATCH: nothing had been sent
        assert len(started) == 1
    finally:
        server.stop()


def test_a_wrong_port_says_so_after_its_retries() -> None:
    with pytest.raises(UnavailableError, match=r"refused.*port of hostPort.*starting") as caught:
        client_of(f"http://127.0.0.1:{unused_port()}/api").get("/v1/tables")
    assert "tried 7 times" in str(caught.value)


def test_an_unknown_host_is_named() -> None:
    with pytest.raises(UnavailableError, match=r"'openmetadata\.invalid' is not known"):
        client_of("http://openmetadata.invalid/api", patience=patient(retries=0)).get("/v1/tables")


@pytest.mark.parametrize("host", ["a" * 70 + ".com", "xn--.x..y", "a..b"])
def test_a_host_that_no_request_can_be_sent_to_is_an_error_of_ours(host: str) -> None:
    with pytest.raises(IncompatibleServerError, match="this is no address") as caught:
        client_of(f"http://{host}/api").get("/v1/tables")
    assert "hostPort must look like" in str(caught.value)


def test_https_on_a_port_without_tls_says_so() -> None:
    with serving(scripted(OK)) as server, pytest.raises(IncompatibleServerError, match="http:// instead of https://"):
        client_of(server.url.replace("http://", "https://")).get("/v1/tables")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"]
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True)  # noqa: S603
    except FileNotFoundError:
        pytest.skip("openssl makes the certificate")
    return folder


def test_an_untrusted_certificate_says_which_keys_help_and_they_do(certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    server = Server(scripted(OK))
    server.tls(context)
    server.start()
    try:
        with pytest.raises(IncompatibleServerError, match=r"not trusted.*verifySSL.*sslConfig"):
            client_of(server.url).get("/v1/tables")
        assert client_of(server.url, tls=Tls(str(certificate / "cert.pem"))).get("/v1/tables") == {"id": "1"}
        with pytest.raises(IncompatibleServerError, match=r"TLS connection failed.*caCertificate"):
            client_of(server.url, tls=Tls(__file__)).get("/v1/tables")
    finally:
        server.stop()


def test_a_ca_bundle_that_is_not_there_is_named_before_any_request() -> None:
    with pytest.raises(RecipeError, match=r"caCertificate.*/nowhere/ca\.pem"):
        client_of("https://localhost/api", tls=Tls("/nowhere/ca.pem"))


def test_a_redirect_is_not_followed_and_names_its_target_without_the_query() -> None:
    reply = Reply(b"", 302, {"Location": "https://login.example.com/signin?state=secret"})
    with serving(scripted(reply)) as server, pytest.raises(IncompatibleServerError) as caught:
        client_of(server.url).get("/v1/tables")
    assert "https://login.example.com/signin" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_403_says_which_operation_and_which_role() -> None:
    said = "Principal: CatalogPrincipal{name='bot'} operations [EditAll] not allowed"
    refusal = scripted(Reply({"code": 403, "message": said}, 403))
    with serving(refusal) as server, pytest.raises(PermissionDeniedError, match=r"EditAll.*IngestionBotRole"):
        client_of(server.url).put("/v1/tables", {})
    assert len(server.received) == 1


def test_401_ends_at_once() -> None:
    refusal = Reply({"code": 401, "message": "Token verification failed"}, 401)
    with serving(scripted(refusal)) as server, pytest.raises(AuthenticationError, match="wrong or was revoked"):
        client_of(server.url).get("/v1/tables")
    assert len(server.received) == 1


def test_a_rotated_token_file_is_read_again_after_a_401(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("old\n")

    def answer(received: Received) -> Reply:
        if received.headers["Authorization"] == "Bearer new":
            return OK
        file.write_text("new\n")
        return Reply({"message": "Token has expired"}, 401)

    with serving(answer) as server:
        assert client_of(server.url, tokens=BotToken(str(file))).get("/v1/tables") == {"id": "1"}
    assert len(server.received) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500, 503])
def test_a_server_that_quotes_the_token_does_not_bring_it_into_a_message(status: int) -> None:
    gossip = scripted(Reply({"message": f"bad header Bearer {TOKEN}"}, status))
    with serving(gossip) as server, pytest.raises(RemoteError) as caught:
        client_of(server.url).get("/v1/tables")
    assert TOKEN not in str(caught.value) + repr(caught.value.__cause__)


def test_a_token_of_a_file_is_kept_out_of_messages_too_when_it_was_rotated_meanwhile(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("the-first-one\n")

    def answer(received: Received) -> Reply:
        if received.headers["Authorization"] == "Bearer the-second-one":
            return Reply({"message": "bad header Bearer the-second-one"}, 400)
        file.write_text("the-second-one\n")
        return Reply({"message": "Token the-first-one has expired"}, 401)

    with serving(answer) as server, pytest.raises(RejectedError, match=r"bad header Bearer \*\*\*") as caught:
        client_of(server.url, tokens=BotToken(str(file))).get("/v1/tables")
    assert "-one" not in str(caught.value) + repr(caught.value.__cause__)


def test_the_servers_words_are_told_without_the_tail_of_the_parser() -> None:
    said = 'Unrecognized field "x" (class a.B), not marked as ignorable\n at [Source: (org.glassfish) line: 1]'
    with serving(scripted(Reply({"message": said}, 400))) as server, pytest.raises(RejectedError) as caught:
        client_of(server.url).put("/v1/tables", {})
    assert "glassfish" not in str(caught.value)
    assert caught.value.status == 400


def test_a_bare_json_string_is_a_servers_word_too() -> None:
    refusal = scripted(Reply("Unexpected end-of-input", 400))
    with serving(refusal) as server, pytest.raises(RejectedError, match="Unexpected end-of-input"):
        client_of(server.url).put("/v1/tables", {})


def test_no_request_begins_after_the_deadline() -> None:
    calls = Calls(deadline=time.monotonic() - 1)
    with serving(scripted(OK)) as server, pytest.raises(DeadlineExceededError):
        client_of(server.url, calls).get("/v1/tables")
    assert server.received == []


def test_a_stuck_server_holds_a_run_no_longer_than_its_deadline() -> None:
    stuck = threading.Event()

    def hang(_: Received) -> Reply:
        stuck.wait(5)
        return OK

    with serving(hang) as server:
        began = time.monotonic()
        with pytest.raises(DeadlineExceededError):
            client_of(server.url, Calls(deadline=began + 0.2)).get("/v1/tables")
        assert time.monotonic() - began < 2
        stuck.set()


def test_calls_are_counted_without_ids_and_names() -> None:
    calls = Calls()
    with serving(scripted(OK)) as server:
        client = client_of(server.url, calls)
        client.get("/v1/tables/00000000-0000-4000-8000-000000000000")
        client.get_by_name("tables", 'svc."a.b".s.t/1')
        client.delete("/v1/lineage/table/00000000-0000-4000-8000-000000000000/table/name/x")
    assert set(calls.counts()) == {
        "GET /v1/tables/{id}",
        "GET /v1/tables/name/{fqn}",
        "DELETE /v1/lineage/table/{id}/table/name/{fqn}",
    }
    assert server.paths()[1] == "GET /api/v1/tables/name/svc.%22a.b%22.s.t%2F1"


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("http://om:8585/api", "http://om:8585/api"),
        (" https://om.example.com/api/ ", "https://om.example.com/api"),
        ("http://om:8585/api/v1/", "http://om:8585/api"),
    ],
)
def test_host_port_is_normalised(given: str, used: str) -> None:
    assert client_of(given).host_port == used


@pytest.mark.parametrize(
    "given", ["", "om:8585/api", "ftp://om/api", "http:///api", "http://u:secret@om/api", "http://[secret/api"]
)
def test_a_host_port_that_is_no_address_is_refused_without_its_password(given: str) -> None:
    with pytest.raises(RecipeError, match="hostPort") as caught:
        client_of(given)
    assert "secret" not in str(caught.value)


def test_many_threads_share_one_client() -> None:
    calls = Calls()
    with serving(scripted(OK)) as server:
        client = client_of(server.url, calls, threads=3)
        threads = [threading.Thread(target=lambda: [client.get("/v1/x") for _ in range(20)]) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert calls.counts() == {"GET /v1/x": 160}
    assert calls.retries() == 0
