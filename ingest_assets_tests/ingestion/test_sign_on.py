"""Every way to sign on, from the recipe's text to a request that the OpenMetadata server takes, over HTTP and TLS."""

from __future__ import annotations

import json
import logging
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ingest_assets.calls import Calls
from ingest_assets.catalog import EntityType
from ingest_assets.cli.execution import execute
from ingest_assets.errors import AuthenticationError, IncompatibleServerError, RecipeError, UnavailableError
from ingest_assets.ingestion.probe import probe_recipe
from ingest_assets.progress import SilentProgress
from ingest_assets.recipe import Resolver, load_recipe
from ingest_assets.resources.ingestion import OptionsResource
from ingest_assets.sandbox.identity.app import OPENMETADATA_HOST
from ingest_assets.sandbox.identity.directory import Directory
from ingest_assets.sandbox.secure import SecureFront
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.sources.probing import ProbeStep
from ingest_assets_tests.ingestion.recipes import NOTHING_GIVEN, GlueRecipe
from ingest_assets_tests.ingestion.signing_on import PRINTED, SignOns, printed
from ingest_assets_tests.recipe.texts import PAGES, sign_ons_of

THREADS = 16
PROVIDERS = ["auth0", "azure", "custom-oidc", "google", "okta", "basic"]
SECRETS = {
    "auth0": "secretKey",
    "azure": "clientSecret",
    "custom-oidc": "secretKey",
    "google": "secretKey",
    "okta": "privateKey",
    "basic": "password",
}
PAGE = next((page for page in PAGES.glob("*.txt") if "/atlas/airflow" in page.read_text(encoding="utf-8")), None)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Sandbox, SecureFront]]:
    with Sandbox() as sandbox, SecureFront(sandbox) as front:
        yield sandbox, front
        assert not list(sandbox.crashes)


@pytest.fixture
def ways(served: tuple[Sandbox, SecureFront], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SignOns:
    """Nothing asked yet, every token known, the directory as it was, and no proxy or authority from outside."""
    sandbox, front = served
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    sandbox.identity.reset_counts()
    sandbox.openmetadata.reset_counts()
    return SignOns(sandbox, front, tmp_path)


@pytest.fixture
def outside(ways: SignOns, monkeypatch: pytest.MonkeyPatch) -> SignOns:
    """As in a company: providers by their real names, through its proxy, with certificates of its own authority."""
    monkeypatch.setenv("HTTPS_PROXY", ways.front.proxy_url)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", ways.front.ca_file)
    return ways


@pytest.mark.parametrize("title", PRINTED)
def test_a_block_of_the_documentation_works_as_printed(outside: SignOns, title: str) -> None:
    assert outside.user(outside.block(title)) == "ingestion-bot"
    assert outside.asked() == (0 if title == "OpenMetadata" else 1)


@pytest.mark.skipif(PAGE is None, reason="the documentation page is not here")
def test_the_blocks_are_those_of_the_page(outside: SignOns) -> None:
    assert PAGE is not None
    _, *blocks = sign_ons_of(PAGE.read_text(encoding="utf-8"))
    assert len(blocks) == len(PRINTED) == 9
    for title, block in zip(PRINTED, blocks, strict=True):
        assert outside.filled(title, block) == outside.block(title)
        assert outside.user(outside.filled(title, block)) == "ingestion-bot"


def test_amazon_cognito_is_asked_at_its_own_path(outside: SignOns) -> None:
    outside.user(outside.block("Amazon Cognito"))
    assert outside.sandbox.identity.counts == {"POST cognito /oauth2/token": 1}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_provider_signs_on(ways: SignOns, provider: str) -> None:
    assert ways.user(ways.local(provider)) == ("admin" if provider == "basic" else "ingestion-bot")
    assert ways.asked() == 1


@pytest.mark.parametrize("provider", ["openmetadata", "aws-cognito", "ldap", "saml", "azure", "basic"])
def test_a_token_of_the_recipe_signs_on_alone_whatever_the_provider(ways: SignOns, provider: str) -> None:
    server = {
        "hostPort": ways.sandbox.openmetadata_host_port,
        "authProvider": provider,
        "securityConfig": {"jwtToken": ways.sandbox.bot_token},
    }
    assert ways.user(server) == "ingestion-bot"
    assert ways.asked() == 0


def test_no_auth_sends_the_word_that_such_servers_take_and_says_what_others_want(ways: SignOns) -> None:
    server = {"hostPort": ways.sandbox.openmetadata_host_port, "authProvider": "no-auth"}
    with pytest.raises(AuthenticationError, match=r"authProvider: no-auth.*this server wants a token.*jwtToken"):
        ways.user(server)
    assert [request.headers["authorization"] for request in ways.sandbox.openmetadata.requests] == ["Bearer no_token"]


@pytest.mark.parametrize(
    "key",
    [
        lambda directory: directory.jwk(),
        lambda directory: directory.pem(),
        lambda directory: directory.pem().replace("\n", "\\n"),
    ],
    ids=["JWK", "PEM", "PEM in one line"],
)
def test_oktas_key_may_be_written_in_every_usual_form(ways: SignOns, key: Callable[[Any], str]) -> None:
    server = ways.local("okta")
    server["securityConfig"]["privateKey"] = key(ways.sandbox.identity.directory)
    assert ways.user(server) == "ingestion-bot"


@pytest.mark.parametrize("key", ["no key", "{}", '{"kty": "oct", "k": "c2VjcmV0"}', "-----BEGIN PRIVATE KEY-----\nx"])
def test_what_is_no_private_key_is_told_before_any_request_and_not_shown(ways: SignOns, key: str) -> None:
    server = ways.local("okta")
    server["securityConfig"]["privateKey"] = key
    with pytest.raises(RecipeError, match=r"securityConfig\.privateKey: this is no private key") as caught:
        ways.user(server)
    assert key not in str(caught.value)
    assert ways.asked() == 0


def test_the_public_half_of_a_key_is_told_apart(ways: SignOns) -> None:
    server = ways.local("okta")
    jwk = json.loads(ways.sandbox.identity.directory.jwk())
    server["securityConfig"]["privateKey"] = json.dumps({name: jwk[name] for name in ("kty", "n", "e", "kid")})
    with pytest.raises(RecipeError, match="public half"):
        ways.user(server)


def test_a_secret_that_only_the_header_may_hold_is_sent_there_from_the_second_request_on(ways: SignOns) -> None:
    server = ways.local("custom-oidc")
    server["securityConfig"]["tokenEndpoint"] = f"{ways.sandbox.url}/oidc/2/token"
    with ways.client(server) as client:
        client.get("/v1/users/loggedInUser")
        assert ways.asked() == 2
        ways.sandbox.identity.issuer.revoke()
        client.get("/v1/users/loggedInUser")
        assert ways.asked() == 3


def wrong(ways: SignOns, provider: str) -> tuple[dict[str, Any], str]:
    """A recipe with a secret of the right form that is not the right one, and the secret."""
    other = ways.local(provider, Directory())["securityConfig"]
    server = ways.local(provider)
    config = server["securityConfig"]
    name = SECRETS[provider]
    if provider == "google":
        key = json.loads(config[name]) | {"private_key": json.loads(other[name])["private_key"]}
        config[name] = json.dumps(key)
        return server, str(key["private_key"]).splitlines()[3]
    config[name] = other[name]
    return server, str(other[name]).splitlines()[-2 if provider == "okta" else 0]


@pytest.fixture(params=PROVIDERS)
def refused(ways: SignOns, request: pytest.FixtureRequest) -> Iterator[tuple[str, dict[str, Any], str]]:
    yield (str(request.param), *wrong(ways, str(request.param)))
    ways.sandbox.identity.log_in.unblock()


def test_a_wrong_secret_is_told_by_provider_and_key_and_asked_for_twice_at_most(
    ways: SignOns, refused: tuple[str, dict[str, Any], str], caplog: pytest.LogCaptureFixture
) -> None:
    provider, server, secret = refused
    caplog.set_level(logging.DEBUG)
    with ways.client(server) as client, ThreadPoolExecutor(THREADS) as pool:
        tries = [pool.submit(client.get, "/v1/users/loggedInUser") for _ in range(3 * THREADS)]
        errors = [attempt.exception() for attempt in tries]
    assert {type(error) for error in errors} == {AuthenticationError}
    assert ways.asked() <= 2
    assert ways.sandbox.openmetadata.counts == {}
    for error in errors:
        assert f"sign-on by {provider}" in str(error)
        assert f"securityConfig.{SECRETS[provider]}" in str(error)
        shown = "".join(traceback.format_exception(error)) + repr(error)
        assert secret not in shown
    assert secret not in caplog.text


def test_a_clock_that_is_wrong_is_thought_of_where_keys_sign(ways: SignOns) -> None:
    for provider in ("okta", "google"):
        with pytest.raises(AuthenticationError, match="clock of this machine"):
            ways.user(wrong(ways, provider)[0])


@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_token_is_shown_where_signing_on_succeeds(
    ways: SignOns, provider: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server = ways.local(provider)
    with ways.client(server) as client:
        client.get("/v1/users/loggedInUser")
        sent = ways.sandbox.openmetadata.requests[-1].headers["authorization"].removeprefix("Bearer ")
        assert len(sent) > 100
        ways.sandbox.identity.issuer.revoke()
        client.get("/v1/users/loggedInUser")
        shown = caplog.text + repr(client) + repr(vars(client))
    for hidden in (sent, str(server["securityConfig"][SECRETS[provider]])):
        assert hidden not in shown


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("end", ["expire", "revoke"])
def test_however_many_threads_wait_a_token_is_asked_for_once_and_once_more_when_it_is_refused(
    ways: SignOns, provider: str, end: str
) -> None:
    with ways.client(ways.local(provider)) as client, ThreadPoolExecutor(THREADS) as pool:
        together = threading.Barrier(THREADS)

        def ask(_: int) -> str:
            together.wait(10)
            return str(client.get("/v1/users/loggedInUser")["name"])

        assert len(set(pool.map(ask, range(THREADS)))) == 1
        assert ways.asked() == 1
        getattr(ways.sandbox.identity.issuer, end)()
        assert len(set(pool.map(ask, range(THREADS)))) == 1
        assert ways.asked() == 2


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    "kind", ["500", "502", "503", "504", "hang:0.01", "cut", "truncated", "reset-before", "reset-after"]
)
def test_a_provider_that_stumbles_once_costs_nothing(
    ways: SignOns, provider: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.uniform", lambda low, _high: low)  # no pauses
    ways.sandbox.faults.add(kind, service="identity")
    assert ways.user(ways.local(provider)) in {"ingestion-bot", "admin"}
    assert ways.sandbox.faults.pending() == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_that_stays_down_is_named_and_not_hammered(
    ways: SignOns, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.uniform", lambda low, _high: low)  # no pauses
    ways.sandbox.faults.add("503", service="identity", count=None)
    before = len(ways.sandbox.faults.struck())
    try:
        with ways.client(ways.local(provider)) as client, ThreadPoolExecutor(THREADS) as pool:
            tries = [pool.submit(client.get, "/v1/users/loggedInUser") for _ in range(3 * THREADS)]
            errors = [attempt.exception() for attempt in tries]
    finally:
        ways.sandbox.faults.clear()
    assert {type(error) for error in errors} == {UnavailableError}
    assert all(f"sign-on by {provider}" in str(error) for error in errors)
    assert len(ways.sandbox.faults.struck()) - before == 3


def test_a_log_in_whose_session_was_ended_logs_in_again(ways: SignOns) -> None:
    with ways.client(ways.local("basic")) as client:
        client.get("/v1/users/loggedInUser")
        ways.sandbox.identity.issuer.revoke()
        ways.sandbox.identity.log_in.forget()
        assert client.get("/v1/users/loggedInUser")["name"] == "admin"
    assert ways.sandbox.identity.counts == {
        "POST log-in /api/v1/users/login": 2,
        "POST log-in /api/v1/users/refresh": 1,
    }


def test_a_log_in_refreshes_its_token_without_the_password(ways: SignOns) -> None:
    with ways.client(ways.local("basic")) as client:
        for _ in range(2):
            client.get("/v1/users/loggedInUser")
            ways.sandbox.identity.issuer.expire()
    assert ways.sandbox.identity.counts == {
        "POST log-in /api/v1/users/login": 1,
        "POST log-in /api/v1/users/refresh": 1,
    }


def test_a_secret_that_changes_under_a_run_is_told_and_not_hammered(ways: SignOns) -> None:
    directory = ways.sandbox.identity.directory
    right = directory.secret
    try:
        with ways.client(ways.local("auth0")) as client, ThreadPoolExecutor(THREADS) as pool:
            client.get("/v1/users/loggedInUser")
            directory.secret = "another-one"
            ways.sandbox.identity.issuer.expire()
            tries = [pool.submit(client.get, "/v1/users/loggedInUser") for _ in range(3 * THREADS)]
            assert {type(attempt.exception()) for attempt in tries} == {AuthenticationError}
    finally:
        directory.secret = right
    assert ways.asked() == 2


def test_a_run_whose_token_ends_in_its_middle_goes_on(ways: SignOns) -> None:
    server = ways.local("auth0")
    ingestion = GlueRecipe(ways.sandbox, ways.folder, service="ended", server=server).ingestion()
    try:
        ingestion.snapshot("one", last_attempt=True)
        ingestion.plan("one")
        ingestion.publish("one", EntityType.DATABASE)
        ingestion.publish("one", EntityType.SCHEMA)
        ways.sandbox.identity.issuer.expire()
        tables = ingestion.publish("one", EntityType.TABLE)
        lineage = ingestion.lineage("one")
    finally:
        ingestion.close()
    assert tables.created == tables.listed > 50
    assert lineage.created > 10
    assert ways.asked() == 2


@pytest.mark.parametrize("provider", ["azure", "auth0"])
def test_a_run_with_a_wrong_secret_fails_at_once_and_names_provider_and_key(
    ways: SignOns, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, secret = wrong(ways, provider)
    recipe = GlueRecipe(ways.sandbox, ways.folder, service="refused", server=server, dagster={"retries": {"max": 2}})
    path = ways.folder / "refused.yaml"
    path.write_text(recipe.text(), encoding="utf-8")
    for name, value in ways.sandbox.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("INGEST_ASSETS_STORE", str(ways.folder / "store"))
    result = execute(load_recipe(path), SilentProgress(), OptionsResource())
    assert not result.success
    told = "\n".join(result.errors)
    assert f"sign-on by {provider}" in told
    assert f"securityConfig.{SECRETS[provider]}" in told
    assert secret not in told + repr(result)
    assert ways.asked() <= 2


def test_probe_says_whom_we_are_taken_for_and_names_what_is_wrong(ways: SignOns) -> None:
    right = {step.name: step for step in probed(ways, ways.local("okta"))}["OpenMetadata sign-on"]
    assert (right.granted, right.detail) == (True, "as ingestion-bot")
    person = {step.name: step for step in probed(ways, ways.local("basic"))}["OpenMetadata sign-on"]
    assert "not a bot" in person.detail
    refused = {step.name: step for step in probed(ways, wrong(ways, "okta")[0])}["OpenMetadata sign-on"]
    assert not refused.granted
    assert "securityConfig.privateKey" in refused.detail


def probed(ways: SignOns, server: dict[str, Any]) -> list[ProbeStep]:
    path = ways.folder / "probe.yaml"
    path.write_text(GlueRecipe(ways.sandbox, ways.folder, server=server).text(), encoding="utf-8")
    workflow = load_recipe(path).resolve(Resolver(ways.sandbox.environment()))
    return list(probe_recipe(workflow, NOTHING_GIVEN, Calls()))


CASES: list[tuple[str, dict[str, Any], str]] = [
    ("auth0", {"audience": "https://elsewhere"}, "securityConfig.audience"),
    ("auth0", {"clientId": "nobody"}, "securityConfig.clientId"),
    ("azure", {"scopes": ["openmetadata"]}, "securityConfig.scopes: it must end in /.default"),
    ("azure", {"scopes": ["api://another/.default"]}, "securityConfig.scopes"),
    ("azure", {"clientId": "nobody"}, "securityConfig.clientId and securityConfig.authority"),
    ("custom-oidc", {"scopes": ["unheard-of"]}, "securityConfig.scopes"),
    ("custom-oidc", {"clientId": "nobody"}, "securityConfig.clientId"),
    ("okta", {"scopes": []}, "securityConfig.scopes"),
    ("okta", {"clientId": "nobody"}, "securityConfig.clientId"),
    ("basic", {"email": "nobody@norrpost.example"}, "securityConfig.email"),
]


@pytest.mark.parametrize(("provider", "change", "named"), CASES)
def test_what_a_provider_refuses_is_told_by_the_key_to_look_at(
    ways: SignOns, provider: str, change: dict[str, Any], named: str
) -> None:
    server = ways.local(provider)
    server["securityConfig"].update(change)
    with pytest.raises(AuthenticationError) as caught:
        ways.user(server)
    assert named in str(caught.value)
    assert ways.asked() <= 2
    ways.sandbox.identity.log_in.unblock()


def test_a_tenant_that_there_is_not_is_told_by_its_key(ways: SignOns) -> None:
    server = ways.local("azure")
    server["securityConfig"]["authority"] = f"{ways.front.url}/00000000-0000-4000-8000-000000000000/"
    with pytest.raises(AuthenticationError, match=r"AADSTS90002.*securityConfig\.authority"):
        ways.user(server)
    assert ways.asked() == 0


@pytest.mark.parametrize(
    ("provider", "key", "path"),
    [
        ("auth0", "domain", "/nothing/here"),
        ("custom-oidc", "domain", "/realms/another"),
        ("custom-oidc", "tokenEndpoint", "/nothing/here"),
        ("okta", "orgURL", "/nothing/here"),
    ],
)
def test_an_address_where_no_provider_is_is_told_by_its_key(ways: SignOns, provider: str, key: str, path: str) -> None:
    server = ways.local(provider)
    config = server["securityConfig"]
    config.pop("tokenEndpoint", None)
    config[key] = ways.sandbox.url + path
    with pytest.raises(IncompatibleServerError, match=rf"sign-on by {provider}.*securityConfig\.{key}"):
        ways.user(server)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{broken", "no JSON"),
        ('{"client_email": "a@b"}', "lacks private_key, token_uri"),
        ('{"client_email": "a@b", "private_key": "s3cr3t", "token_uri": "https://x"}', "its private_key is none"),
    ],
)
def test_a_google_key_that_is_none_is_told_without_being_shown(ways: SignOns, text: str, why: str) -> None:
    server = ways.local("google")
    server["securityConfig"]["secretKey"] = text
    with pytest.raises(RecipeError, match=rf"securityConfig\.secretKey.*{why}") as caught:
        ways.user(server)
    assert "s3cr3t" not in "".join(traceback.format_exception(caught.value))


def test_a_google_key_whose_file_is_missing_is_told_by_its_path(ways: SignOns) -> None:
    server = ways.local("google")
    server["securityConfig"]["secretKey"] = "/nowhere/key.json"
    with pytest.raises(AuthenticationError, match=r"/nowhere/key\.json can't be read.*securityConfig\.secretKey"):
        ways.user(server)


def test_extra_headers_go_to_the_server_and_its_log_in_and_to_nobody_else(ways: SignOns) -> None:
    headers = {"X-Gateway": "of-the-gateway", "X-Token": "%(Authorization)s"}
    for provider in ("auth0", "basic"):
        ways.user({**ways.local(provider), "extraHeaders": headers})
    sent = ways.sandbox.openmetadata.requests[-1].headers
    assert sent["x-gateway"] == "of-the-gateway"
    assert sent["x-token"] == sent["authorization"]
    by_path = {request.path: request.headers for request in ways.sandbox.identity.requests}
    assert "X-Gateway" not in by_path["/oauth/token"]
    assert by_path["/api/v1/users/login"]["X-Gateway"] == "of-the-gateway"
    assert "X-Token" not in by_path["/api/v1/users/login"]


def test_a_netrc_adds_nothing_to_a_token_request(ways: SignOns, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = ways.folder / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password of-the-netrc\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for provider in ("auth0", "basic", "google"):
        ways.user(ways.local(provider))
    assert all("Authorization" not in request.headers for request in ways.sandbox.identity.requests)


@pytest.mark.parametrize("verify_ssl", ["no-ssl", "validate"])
@pytest.mark.parametrize("provider", ["azure", "basic", "custom-oidc"])
def test_an_authority_of_the_recipe_is_trusted_for_the_server_and_for_the_provider(
    ways: SignOns, provider: str, verify_ssl: str
) -> None:
    server = {**ways.local(provider), "hostPort": ways.front.openmetadata_host_port, "verifySSL": verify_ssl}
    if provider == "custom-oidc":
        server["securityConfig"].pop("tokenEndpoint")
        server["securityConfig"]["domain"] = f"{ways.front.url}/realms/norrpost"
    assert ways.user(server) in {"ingestion-bot", "admin"}


def test_an_authority_of_the_environment_is_trusted_for_the_server_and_for_the_provider(outside: SignOns) -> None:
    block = outside.block("Azure") | {"hostPort": f"https://{OPENMETADATA_HOST}/api"}
    assert outside.user(block) == "ingestion-bot"


def test_beside_the_recipes_authority_a_provider_may_have_a_usual_one(
    ways: SignOns, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SecureFront(ways.sandbox) as elsewhere:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", elsewhere.ca_file)
        server = {**ways.local("azure"), "hostPort": ways.front.openmetadata_host_port}
        for url in (ways.front.url, elsewhere.url):
            server["securityConfig"]["authority"] = f"{url}/{ways.sandbox.identity.directory.tenant}"
            assert ways.user(server) == "ingestion-bot"


def test_an_unknown_authority_of_a_provider_is_told_and_ignore_does_not_switch_its_check_off(ways: SignOns) -> None:
    server = {**ways.local("azure"), "verifySSL": "ignore", "hostPort": ways.front.openmetadata_host_port}
    del server["sslConfig"]
    with pytest.raises(IncompatibleServerError, match=r"not trusted.*securityConfig\.authority.*caCertificate"):
        ways.user(server)
    assert ways.sandbox.identity.counts == {}


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_ignore_holds_for_the_server_and_its_log_in(ways: SignOns) -> None:
    server = {**ways.local("basic"), "verifySSL": "ignore", "hostPort": ways.front.openmetadata_host_port}
    del server["sslConfig"]
    assert ways.user(server) == "admin"


def test_a_file_that_holds_no_authority_is_told_by_its_key(ways: SignOns) -> None:
    server = {**ways.local("auth0"), "sslConfig": {"caCertificate": __file__}}
    with pytest.raises(RecipeError, match=r"sslConfig\.caCertificate: .* holds no certificate"):
        ways.user(server)


def test_a_proxy_stands_before_server_and_provider(ways: SignOns, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", ways.front.proxy_url)
    before = len(ways.front.tunnelled)
    block = ways.block("Auth0")
    block |= {"hostPort": f"https://{OPENMETADATA_HOST}/api", "sslConfig": {"caCertificate": ways.front.ca_file}}
    assert ways.user(block) == "ingestion-bot"
    assert set(ways.front.tunnelled[before:]) == {"norrpost.eu.auth0.com", OPENMETADATA_HOST}


def test_a_proxy_that_refuses_is_told_as_the_proxy(ways: SignOns, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", ways.front.proxy_url)
    block = ways.block("Auth0")
    block["securityConfig"]["domain"] = "company.unheard-of.example"
    monkeypatch.setattr("random.uniform", lambda low, _high: low)  # no pauses
    with pytest.raises(UnavailableError, match=r"sign-on by auth0.*proxy.*HTTPS_PROXY"):
        ways.user(block)


def test_token_requests_count_among_the_calls_and_end_with_the_runs_time(ways: SignOns) -> None:
    calls = Calls()
    with ways.client(ways.local("auth0"), calls) as client:
        client.get("/v1/users/loggedInUser")
    assert calls.counts() == {"GET /v1/users/loggedInUser": 1, "sign-on auth0": 1}


def test_a_token_of_a_provider_that_the_server_does_not_know_is_told_with_what_to_do_there(ways: SignOns) -> None:
    with Sandbox() as elsewhere:
        server = {**ways.local("auth0"), "hostPort": elsewhere.openmetadata_host_port}
        with pytest.raises(AuthenticationError, match=r"auth0 gave a token.*publicKeyUrls.*jwtToken"):
            ways.user(server)
    assert ways.asked() == 2


@pytest.mark.parametrize("title", PRINTED)
def test_a_block_with_its_placeholders_left_does_not_run(ways: SignOns, title: str) -> None:
    server = ways.filled(title, printed(title))
    key = next(name for name in server["securityConfig"] if name in SECRETS.values() or name == "jwtToken")
    server["securityConfig"][key] = "{your_client_secret}"
    with pytest.raises(RecipeError, match=rf"{key}: {{your_client_secret}} is left from the docs"):
        ways.user(server)
