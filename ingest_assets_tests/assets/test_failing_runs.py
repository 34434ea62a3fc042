"""What ends a run, after how many attempts, and with which words."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.recipe_runs import STEPS, attempts, failures, make_recipe, reported, run

ONCE_MORE = {"{max: 0, delay: 0}": "{max: 1, delay: 0}"}
THREE_TIMES = {"{max: 0, delay: 0}": "{max: 2, delay: 0}"}


def test_a_wrong_aws_key_fails_at_once(services: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-the-one")
    result = run(make_recipe(tmp_path, "keyless", THREE_TIMES))
    assert "Check awsSecretAccessKey" in failures(result)["snapshot"]
    assert attempts(result) == 1
    assert dict(services.aws.counts) == {"glue:GetDatabases": 1}
    assert reported(result) == {}


def test_an_unknown_aws_key_fails_at_once(services: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAUNKNOWN")
    result = run(make_recipe(tmp_path, "unknown", THREE_TIMES))
    assert "Check awsAccessKeyId" in failures(result)["snapshot"]
    assert attempts(result) == 1


def test_a_wrong_token_fails_at_once(services: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OM_BOT_TOKEN", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJub2JvZHkifQ.c2lnbmF0dXJl")
    result = run(make_recipe(tmp_path, "tokenless", THREE_TIMES))
    message = failures(result)["plan"]
    assert "the server refuses the token" in message
    assert "Copy the current one from Settings > Bots > ingestion-bot" in message
    assert attempts(result) == 2  # snapshot, and plan once
    assert list(reported(result)) == ["snapshot"]
    assert services.openmetadata.writes() == 0


def test_an_unset_variable_is_named_with_the_recipe_and_the_key(
    services: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OM_BOT_TOKEN")
    result = run(make_recipe(tmp_path, "unset", THREE_TIMES))
    message = failures(result)["snapshot"]
    assert f"{tmp_path}/glue.yaml:" in message
    assert "securityConfig.jwtToken: the environment variable OM_BOT_TOKEN is not set" in message
    assert attempts(result) == 1


def test_a_retry_reads_only_what_the_first_attempt_could_not(services: Sandbox, tmp_path: Path) -> None:
    services.faults.add("truncated", service="glue", operation="GetTables", match="finance")
    result = run(make_recipe(tmp_path, "retried", ONCE_MORE))
    assert result.success, failures(result)
    assert attempts(result) == len(STEPS) + 1
    # Nine schemas, and finance once more.
    assert dict(services.aws.counts) == {
        "glue:GetDatabases": 1,
        "glue:GetTables": 10,
        "glue:GetTable": 1,  # of a resource link that shows no columns
        "lakeformation:ListLFTags": 1,
    }
    assert reported(result)["tables"]["created"] > 50


def test_the_last_attempt_goes_on_with_what_is_proven(services: Sandbox, tmp_path: Path) -> None:
    services.faults.add("truncated", service="glue", operation="GetTables", match="finance", count=None)
    result = run(make_recipe(tmp_path, "partial", ONCE_MORE))
    assert not result.success
    assert tuple(reported(result)) == STEPS
    assert attempts(result) == len(STEPS) + 1
    assert services.aws.counts["glue:GetTables"] == 10


def test_the_last_attempt_says_why_nothing_could_be_read(services: Sandbox, tmp_path: Path) -> None:
    services.faults.add("truncated", service="glue", operation="GetDatabases", count=None)
    result = run(make_recipe(tmp_path, "nothing", ONCE_MORE))
    assert "GetDatabases" in failures(result)["snapshot"]
    assert attempts(result) == 2


def test_a_run_ends_when_its_time_is_over(services: Sandbox, tmp_path: Path) -> None:
    services.faults.add("hang:1.2", service="glue", operation="GetDatabases")
    result = run(make_recipe(tmp_path, "late", {"{max: 0, delay: 0}": "{max: 2, delay: 0}\n  timeout: 1"}))
    assert "the recipe's timeout is over. Raise dagster.timeout" in failures(result)["snapshot"]
    assert attempts(result) == 1
    # On a busy machine the time may be over before the first call is made.
    assert sum(services.aws.counts.values()) <= 1


@pytest.mark.usefixtures("impatient")
class TestEachTroubleWithTheServerHasItsOwnWords:
    """Through the whole way: recipe, Dagster, client."""

    def plan_failure(self, tmp_path: Path, service: str, host_port: str) -> str:
        result = run(make_recipe(tmp_path, service, {"${OPENMETADATA_HOST_PORT}": host_port}), ["snapshot", "plan"])
        return failures(result)["plan"]

    def test_a_host_port_without_api(self, services: Sandbox, tmp_path: Path) -> None:
        message = self.plan_failure(tmp_path, "page", services.url)
        assert "HTML instead of JSON" in message
        assert "hostPort must end in /api" in message

    def test_a_port_on_which_nothing_listens(self, services: Sandbox, tmp_path: Path) -> None:
        message = self.plan_failure(tmp_path, "deaf", f"http://127.0.0.1:{_free_port()}/api")
        assert "the port of hostPort is wrong (a server's own is 8585), or the server is still starting" in message

    def test_a_server_that_is_still_starting(self, services: Sandbox, tmp_path: Path) -> None:
        services.faults.add("503", service="openmetadata", count=None)
        message = self.plan_failure(tmp_path, "starting", services.openmetadata_host_port)
        assert "busy (503)" in message
        assert "Try again later" in message

    def test_a_bot_that_may_not_write(self, services: Sandbox, tmp_path: Path) -> None:
        services.faults.add("access-denied", service="openmetadata", operation="PUT *", count=None)
        result = run(make_recipe(tmp_path, "denied"))
        message = failures(result)["databases"]
        assert "the server refuses it" in message
        assert "Give the bot a role that allows it" in message

    def test_a_server_below_1_0(self, services: Sandbox, tmp_path: Path, old_server: str) -> None:
        message = self.plan_failure(tmp_path, "old", old_server)
        assert "the server is OpenMetadata 0.13.3; the oldest that can be written to is 1.0" in message
        assert "Upgrade the server." in message

    def test_something_else_that_answers_json(self, services: Sandbox, tmp_path: Path) -> None:
        message = self.plan_failure(tmp_path, "elsewhere", f"{services.url}/api/nothing")
        assert "Is hostPort the address of an OpenMetadata server, ending in /api?" in message


class _Old(BaseHTTPRequestHandler):
    """All that is ever asked of a server of 2023."""

    def do_GET(self) -> None:
        body = json.dumps({"version": "0.13.3", "revision": "f00", "timestamp": 1}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the base class's
        """Keep test output clean."""


@pytest.fixture
def old_server() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Old)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/api"
    server.shutdown()
    server.server_close()


def _free_port() -> int:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Old)
    server.server_close()
    return server.server_port
