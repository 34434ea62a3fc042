"""What is wrong is told by the provider and the recipe's key, without secrets, and is not asked for again and again."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ingest_assets.calls import Calls
from ingest_assets.cli.execution import execute
from ingest_assets.errors import AuthenticationError, IncompatibleServerError, RecipeError
from ingest_assets.ingestion.probe import probe_recipe
from ingest_assets.progress import SilentProgress
from ingest_assets.recipe import Resolver, load_recipe
from ingest_assets.resources.ingestion import OptionsResource
from ingest_assets.sandbox.identity.directory import Directory
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.sources.probing import ProbeStep
from ingest_assets_tests.ingestion.recipes import NOTHING_GIVEN, GlueRecipe
from ingest_assets_tests.sign_on.ways import PRINTED, PROVIDERS, SECRETS, THREADS, SignOns, printed


def test_no_auth_sends_the_word_that_such_servers_take_and_says_what_others_want(ways: SignOns) -> None:
    server = {"hostPort": ways.sandbox.openmetadata_host_port, "authProvider": "no-auth"}
    with pytest.raises(AuthenticationError, match=r"authProvider: no-auth.*this server wants a token.*jwtToken"):
        ways.user(server)
    assert [request.headers["authorization"] for request in ways.sandbox.openmetadata.requests] == ["Bearer no_token"]


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
