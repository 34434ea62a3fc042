"""Providers that stumble, headers, private authorities and proxies."""

from __future__ import annotations

import ssl
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from ingest_assets.errors import IncompatibleServerError, RecipeError, RemoteError, UnavailableError
from ingest_assets.openmetadata.failures import trouble_of
from ingest_assets.sandbox.identity.app import OPENMETADATA_HOST
from ingest_assets.sandbox.secure import SecureFront
from ingest_assets_tests.sign_on.ways import PROVIDERS, THREADS, SignOns


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


@pytest.mark.parametrize("provider", ["auth0", "basic"])
def test_a_certificate_of_ours_is_shown_to_a_server_that_asks_for_one(
    ways: SignOns, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.uniform", lambda low, _high: low)  # no pauses
    with SecureFront(ways.sandbox, clients=ssl.CERT_REQUIRED) as gateway:
        server = {**ways.local(provider), "hostPort": gateway.openmetadata_host_port}
        server["sslConfig"] = {"caCertificate": gateway.ca_file}
        # The server's alert may be lost with the connection.
        with pytest.raises(RemoteError, match=r"connection|certificate"):
            ways.user(server)
        certificate, key = gateway.client_certificate
        server["sslConfig"] |= {"sslCertificate": certificate, "sslKey": key}
        assert ways.user(server) in {"ingestion-bot", "admin"}
        server["sslConfig"]["sslKey"] = "/nowhere/key.pem"
        with pytest.raises(RecipeError, match=r"sslConfig\.sslKey: there is no file /nowhere/key\.pem"):
            ways.user(server)


def test_a_key_without_its_certificate_is_told(ways: SignOns) -> None:
    server = {**ways.local("auth0"), "sslConfig": {"sslKey": "/run/key.pem"}}
    with pytest.raises(RecipeError, match=r"sslConfig\.sslKey needs sslConfig\.sslCertificate"):
        ways.user(server)


@pytest.mark.parametrize("alert", ["TLSV13_ALERT_CERTIFICATE_REQUIRED", "SSLV3_ALERT_HANDSHAKE_FAILURE"])
def test_a_server_that_wants_a_certificate_is_told_by_the_keys(alert: str) -> None:
    failed = requests.exceptions.SSLError(ssl.SSLError(1, f"[SSL: {alert}] alert (_ssl.c:1)"))
    error = trouble_of(failed, where="GET https://x").error
    assert "wants one" in str(error)
    assert "sslConfig.sslCertificate and sslConfig.sslKey" in str(error)
