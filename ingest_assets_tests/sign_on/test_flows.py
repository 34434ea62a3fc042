"""Every way to sign on, from the recipe's text to a request that the OpenMetadata server takes, over HTTP and TLS."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ingest_assets.calls import Calls
from ingest_assets.catalog import EntityType
from ingest_assets_tests.ingestion.recipes import GlueRecipe
from ingest_assets_tests.recipe.texts import PAGES, sign_ons_of
from ingest_assets_tests.sign_on.ways import PRINTED, PROVIDERS, SECRETS, THREADS, SignOns

PAGE = next((page for page in PAGES.glob("*.txt") if "/atlas/airflow" in page.read_text(encoding="utf-8")), None)


@pytest.mark.parametrize("title", PRINTED)
def test_a_block_of_the_documentation_works_as_printed(outside: SignOns, title: str) -> None:
    assert outside.user(outside.block(title)) == "ingestion-bot"
    # OneLogin's application is set to take its secret in the header, and what it publishes does not say so.
    assert outside.asked() == {"OpenMetadata": 0, "OneLogin": 2}.get(title, 1)


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


def test_a_secret_that_only_the_header_may_hold_is_sent_there_from_the_second_request_on(ways: SignOns) -> None:
    server = ways.local("custom-oidc")
    server["securityConfig"]["tokenEndpoint"] = f"{ways.sandbox.url}/oidc/2/token"
    with ways.client(server) as client:
        client.get("/v1/users/loggedInUser")
        assert ways.asked() == 2
        ways.sandbox.identity.issuer.revoke()
        client.get("/v1/users/loggedInUser")
        assert ways.asked() == 3


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


def test_token_requests_count_among_the_calls_and_end_with_the_runs_time(ways: SignOns) -> None:
    calls = Calls()
    with ways.client(ways.local("auth0"), calls) as client:
        client.get("/v1/users/loggedInUser")
    assert calls.counts() == {"GET /v1/users/loggedInUser": 1, "sign-on auth0": 1}
