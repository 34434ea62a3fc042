"""When a token is asked for, and how often, whatever its provider does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
import pytest

from ingest_assets.calls import Calls
from ingest_assets.errors import (
    AuthenticationError,
    DeadlineExceededError,
    IncompatibleServerError,
    InvalidAnswerError,
    RemoteError,
    UnavailableError,
)
from ingest_assets.openmetadata.auth.renewed import EARLY, HOLD, SETTLED, RenewedToken
from ingest_assets_tests.openmetadata.misbehaving import patient, unused_port
from ingest_assets_tests.openmetadata.providing import SECRET, Provider, Said, providing, token

HOUR = 3600.0
REFUSED = Said({"error": "invalid_client", "error_description": "no such client"}, 401)
DOWN = Said({"error": "temporarily_unavailable"}, 503)


class Clock:
    """Time that a test lets pass."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def renewed(provider: Provider, clock: Callable[[], float] = time.monotonic, **settings: Any) -> RenewedToken:
    calls = settings.setdefault("calls", Calls())
    return RenewedToken(provider.client(**settings), calls, patient(retries=2), clock)


def test_a_token_is_kept_until_shortly_before_its_end() -> None:
    clock = Clock()
    with providing(token("one", expires_in=3600), token("two", expires_in=3600)) as provider:
        tokens = renewed(provider, clock)
        assert tokens.token() == "one"
        clock.now = HOUR - EARLY - 1
        assert tokens.token() == "one"
        clock.now = HOUR - EARLY
        assert tokens.token() == "two"
    assert len(provider.asked) == 2


def test_a_token_that_lives_shortly_is_renewed_in_the_last_quarter_of_its_life() -> None:
    clock = Clock()
    with providing(token("one", expires_in=40), token("two", expires_in=40)) as provider:
        tokens = renewed(provider, clock)
        seen = []
        for clock.now in (0, 29, 30):
            seen.append(tokens.token())
    assert seen == ["one", "one", "two"]


@pytest.mark.parametrize(
    ("said", "life"),
    [
        ({"expires_in": 60}, 60),
        ({"expires_in": "60"}, 60),
        ({"expires_in": None}, None),
        ({"expires_in": 0}, None),
        ({"expires_in": -1}, None),
        ({}, None),
    ],
)
def test_a_life_is_read_as_it_is_said_and_one_that_is_not_has_no_end(said: dict[str, Any], life: float | None) -> None:
    clock = Clock()
    with providing(token("one", **said), token("two")) as provider:
        tokens = renewed(provider, clock)
        tokens.token()
        clock.now = 59.0 if life else 10**9
        assert tokens.token() == ("two" if life else "one")


def test_where_the_answer_does_not_say_a_jwt_says_how_long_it_lives_whatever_the_clocks() -> None:
    clock = Clock()
    text = jwt.encode({"iat": 1000, "exp": 1060}, "k" * 32)
    with providing(token(text), token("two")) as provider:
        tokens = renewed(provider, clock)
        assert tokens.token() == text
        clock.now = 44.0
        assert tokens.token() == text
        clock.now = 45.0
        assert tokens.token() == "two"


def test_while_one_thread_renews_early_the_others_go_on_with_what_is_good() -> None:
    clock = Clock()
    begun, done = threading.Event(), threading.Event()

    def slow() -> Said:
        begun.set()
        done.wait(10)
        return token("two", expires_in=3600)

    with providing(token("one", expires_in=3600), slow) as provider, ThreadPoolExecutor(1) as pool:
        tokens = renewed(provider, clock)
        tokens.token()
        clock.now = HOUR - EARLY
        renewal = pool.submit(tokens.token)
        assert begun.wait(10)
        assert [tokens.token() for _ in range(5)] == ["one"] * 5
        done.set()
        assert renewal.result() == "two"
        assert tokens.token() == "two"
    assert len(provider.asked) == 2


def test_a_token_that_is_good_is_used_while_its_provider_is_down_and_not_beyond() -> None:
    clock = Clock()
    with providing(token("one", expires_in=3600), DOWN) as provider:
        tokens = renewed(provider, clock)
        tokens.token()
        clock.now = HOUR - EARLY
        assert [tokens.token() for _ in range(5)] == ["one"] * 5
        assert len(provider.asked) == 1 + 3
        clock.now += HOLD
        assert tokens.token() == "one"
        assert len(provider.asked) == 1 + 6
        clock.now = HOUR
        with pytest.raises(UnavailableError, match=r"sign-on by auth0 at .*overloaded or failed \(503\)"):
            tokens.token()


def test_a_provider_that_was_down_for_a_moment_is_asked_again() -> None:
    with providing(DOWN, token("one")) as provider:
        assert renewed(provider).token() == "one"
    assert len(provider.asked) == 2


def test_a_provider_that_says_when_to_come_again_is_waited_for() -> None:
    slept: list[float] = []
    busy = Said({}, 429, {"Retry-After": "7"})
    calls = Calls(deadline=100.0, clock=lambda: 95.0)
    with providing(busy, token("one")) as provider:
        assert RenewedToken(provider.client(), Calls(), patient(slept, retries=2)).token() == "one"
        provider.answers = [busy, token("one")]
        assert RenewedToken(provider.client(), calls, patient(slept, retries=2)).token() == "one"
    assert slept == [7.0, 5.0]
    assert calls.retries() == 1


def test_a_provider_that_is_down_is_left_alone_for_a_while() -> None:
    clock = Clock()
    with providing(DOWN) as provider:
        tokens = renewed(provider, clock)
        for _ in range(20):
            with pytest.raises(UnavailableError):
                tokens.token()
        assert len(provider.asked) == 3
        clock.now = HOLD
        provider.answers = [token("one")]
        assert tokens.token() == "one"


def test_a_refusal_is_final_for_all_threads() -> None:
    clock = Clock()
    with providing(REFUSED) as provider, ThreadPoolExecutor(8) as pool:
        tokens = renewed(provider, clock)
        errors = [attempt.exception() for attempt in [pool.submit(tokens.token) for _ in range(40)]]
        clock.now = 10**9
        with pytest.raises(AuthenticationError):
            tokens.token()
    assert {type(error) for error in errors} == {AuthenticationError}
    assert len({str(error) for error in errors}) == 1
    # In the body, and once more in the header, where some want it.
    assert [("client_secret" in asked.form, "Authorization" in asked.headers) for asked in provider.asked] == [
        (True, False),
        (False, True),
    ]


def test_after_a_401_there_is_one_new_token_for_all_threads() -> None:
    with providing(token("one"), token("two"), token("three")) as provider, ThreadPoolExecutor(8) as pool:
        tokens = renewed(provider)
        assert tokens.token() == "one"
        together = threading.Barrier(8)

        def renew(_: int) -> bool:
            together.wait(10)
            return tokens.renew("one")

        assert list(pool.map(renew, range(8))) == [True] * 8
        assert tokens.token() == "two"


def test_a_server_that_refuses_every_token_costs_two() -> None:
    clock = Clock()
    with providing(token("one"), token("two"), token("three")) as provider:
        tokens = renewed(provider, clock)
        tokens.token()
        assert tokens.renew("one") is True
        assert [tokens.renew("two") for _ in range(20)] == [False] * 20
        assert len(provider.asked) == 2
        clock.now = SETTLED
        assert tokens.renew("two") is True
        assert len(provider.asked) == 3


def test_a_provider_that_hands_out_the_refused_token_again_has_no_other() -> None:
    with providing(token("one")) as provider:
        tokens = renewed(provider)
        tokens.token()
        assert tokens.renew("one") is False
        assert tokens.renew("one") is False
    assert len(provider.asked) == 2


def test_a_refusal_after_a_401_is_raised_and_remembered() -> None:
    with providing(token("one"), REFUSED) as provider:
        provider.answers[1:] = [REFUSED]
        tokens = renewed(provider)
        tokens.token()
        for _ in range(3):
            with pytest.raises(AuthenticationError, match=r"no such client.*securityConfig\.clientId"):
                tokens.renew("one")
    assert len(provider.asked) == 2


def test_a_token_that_has_expired_before_its_time_is_a_matter_of_clocks() -> None:
    with providing(token("one")) as provider:
        tokens = renewed(provider)
        assert "clocks" in tokens.explain(jwt.encode({"exp": 1}, "k" * 32))
        assert "publicKeyUrls" in tokens.explain("one")


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        (Said({"token_type": "Bearer"}), InvalidAnswerError, "holds no access_token"),
        (Said({"access_token": ""}), InvalidAnswerError, "holds no access_token"),
        (token("s3cr3t", expires_in="soon"), InvalidAnswerError, "can't be understood"),
        (Said({"access_token": 7}), InvalidAnswerError, "holds no access_token"),
        (Said({"access_token": "two words"}), InvalidAnswerError, "holds no access_token"),
        (Said({"access_token": "line\nbreak"}), InvalidAnswerError, "holds no access_token"),
        (Said(b'{"access_token": "on'), InvalidAnswerError, "is cut"),
        (Said(["a", "list"]), IncompatibleServerError, "securityConfig.domain"),
        (Said(b"<html>Sign in</html>", headers={"Content-Type": "text/html"}), IncompatibleServerError, "no JSON"),
        (Said(b"", 302, {"Location": "https://elsewhere.example"}), IncompatibleServerError, "redirects (302)"),
        (Said({"message": "Not Found"}, 404), IncompatibleServerError, "securityConfig.domain"),
        (Said(b"go away", 403), AuthenticationError, "securityConfig.clientId and securityConfig.secretKey"),
        (Said({"error": "strange_things"}, 400), AuthenticationError, "securityConfig.domain"),
        (Said({"error": "invalid_scope"}, 400), AuthenticationError, "securityConfig.scopes"),
        (Said({"error": "access_denied"}, 200), AuthenticationError, "refuses the sign-on: access_denied"),
        (Said({"error": {"code": 1}}, 400), AuthenticationError, "refuses the sign-on"),
        (Said({}, 429, {"Retry-After": "1"}), UnavailableError, "overloaded or failed (429)"),
    ],
)
def test_every_answer_that_is_no_token_is_an_error_that_says_where_to_look(
    said: Said, kind: type[RemoteError], words: str
) -> None:
    with providing(said) as provider, pytest.raises(kind) as caught:
        renewed(provider).token()
    assert words in str(caught.value)
    assert "sign-on by auth0" in str(caught.value)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
@pytest.mark.parametrize("key", ["error", "error_description", "message"])
def test_a_provider_that_quotes_the_secret_does_not_bring_it_into_a_message(status: int, key: str) -> None:
    gossip = Said({"error": "invalid_client", key: f"got {SECRET} from you"}, status)
    with providing(gossip) as provider, pytest.raises(RemoteError) as caught:
        renewed(provider).token()
    assert SECRET not in str(caught.value) + repr(caught.value)


def test_an_address_where_nothing_listens_is_told_by_its_key() -> None:
    provider = Provider(token("one"))
    provider.url = f"http://127.0.0.1:{unused_port()}"
    with pytest.raises(UnavailableError, match=r"sign-on by auth0 .*refused.*securityConfig\.domain"):
        renewed(provider).token()


def test_a_host_that_there_is_not_is_told_by_its_key() -> None:
    provider = Provider(token("one"))
    provider.url = "http://no.such.host.invalid"
    with pytest.raises(UnavailableError, match=r"'no\.such\.host\.invalid' is not known.*securityConfig\.domain"):
        renewed(provider).token()


def test_no_token_is_asked_for_after_the_deadline_and_a_stuck_provider_is_given_up_then() -> None:
    stuck = threading.Event()

    def hang() -> Said:
        stuck.wait(10)
        return token("late")

    with providing(hang) as provider:
        with pytest.raises(DeadlineExceededError):
            renewed(provider, calls=Calls(deadline=time.monotonic() - 1)).token()
        assert provider.asked == []
        began = time.monotonic()
        with pytest.raises(DeadlineExceededError):
            renewed(provider, calls=Calls(deadline=began + 0.2)).token()
        assert time.monotonic() - began < 5
        stuck.set()


POST, BASIC = "client_secret_post", "client_secret_basic"


@pytest.mark.parametrize(
    ("methods", "tried"),
    [
        ([POST], [POST]),
        ([BASIC], [BASIC]),
        ([BASIC, POST], [POST, BASIC]),
        (["private_key_jwt"], [BASIC, POST]),
        ([7], [BASIC, POST]),
        (POST, [BASIC, POST]),
        (None, [BASIC, POST]),
    ],
)
def test_discovery_tells_where_the_secret_may_go_and_a_refusal_goes_to_the_other_place(
    methods: object, tried: list[str]
) -> None:
    with providing(REFUSED) as provider:
        found = {"token_endpoint": f"{provider.url}/t", "token_endpoint_auth_methods_supported": methods}
        provider.answers.insert(0, Said(found))
        tokens = renewed(provider, endpoint="", issuer=provider.url)
        for _ in range(3):
            with pytest.raises(AuthenticationError):
                tokens.token()
    discovery, *asked = provider.asked
    assert discovery.path == "/.well-known/openid-configuration"
    assert {each.path for each in asked} == {"/t"}
    assert [POST if "client_secret" in each.form else BASIC for each in asked] == tried
    assert [("Authorization" in each.headers) for each in asked] == [method == BASIC for method in tried]


def test_the_place_that_a_provider_takes_the_secret_at_is_kept() -> None:
    with providing(REFUSED, token("one"), token("two"), REFUSED) as provider:
        tokens = renewed(provider)
        assert tokens.token() == "one"
        assert tokens.renew("one") is True
        assert ["client_secret" in asked.form for asked in provider.asked] == [True, False, False]


@pytest.mark.parametrize("endpoint", [None, 7, "", "ftp://elsewhere.example/token", "/token"])
def test_a_configuration_without_a_usable_token_endpoint_is_told(endpoint: object) -> None:
    with (
        providing(Said({"token_endpoint": endpoint})) as provider,
        pytest.raises(IncompatibleServerError, match=r"names no token_endpoint.*securityConfig\.tokenEndpoint"),
    ):
        renewed(provider, endpoint="", issuer=provider.url).token()
    assert len(provider.asked) == 1


def test_a_connection_that_breaks_is_made_again() -> None:
    def broken() -> Said:
        raise ConnectionResetError

    with providing(broken, token("one")) as provider:
        assert renewed(provider).token() == "one"
    assert len(provider.asked) == 2
