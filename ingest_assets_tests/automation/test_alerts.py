"""Who hears of a failed run, and in which words: by a mail server and a Slack of this machine, over TLS."""

from __future__ import annotations

import asyncio
import email
import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from email.message import Message
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import dagster as dg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from werkzeug.wrappers import Request, Response

from ingest_assets.assets.factory import RecipeAssets
from ingest_assets.automation.alerts import alert_sensor, mail_server
from ingest_assets.errors import RecipeError
from ingest_assets.location import build_definitions
from ingest_assets.sandbox.http_server import SandboxServer
from ingest_assets.sandbox.secure.certificates import Certificates, make_certificates
from ingest_assets.sandbox.secure.proxy import TunnelProxy
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.automation.ticks import made_of
from ingest_assets_tests.recipe_runs import QUIET, make_recipe

ALERTS = {
    "retries: {max: 0, delay: 0}\n": "retries: {max: 0, delay: 0}\n"
    "  alerts: {email: [lake@norrpost.example, ops@norrpost.example], on_failure: true}\n"
}
USER, PASSWORD = "ingest@norrpost.example", "hunter-2-and-more"


class Mailbox:
    """What a mail server got, by whom."""

    def __init__(self) -> None:
        self.received: list[tuple[list[str], Message]] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's
        del server, session
        assert isinstance(envelope.content, bytes)
        self.received.append((list(envelope.rcpt_tos), email.message_from_bytes(envelope.content)))
        return "250 OK"


class AtAnyPort(Controller):
    """A mail server at a free port: it looks whether it is up at the port that it was given."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd types some of its functions


def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
    del server, session, envelope, mechanism
    is_known = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_known)


@pytest.fixture
def certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Certificates:
    made = make_certificates(tmp_path, ["slack.com"])
    monkeypatch.setenv("SSL_CERT_FILE", str(made.authority))
    return made


def tls(certificates: Certificates) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.chain)
    return context


@pytest.fixture
def mailbox(certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """A mail server that takes mail of one user after STARTTLS, and the variables that lead there."""
    found = Mailbox()
    controller = AtAnyPort(
        found,
        hostname="127.0.0.1",
        port=0,
        tls_context=tls(certificates),
        require_starttls=True,
        auth_required=True,
        authenticator=authenticate,
    )
    controller.start()
    given = {"HOST": "localhost", "PORT": str(controller.port), "USER": USER, "PASSWORD": PASSWORD}
    for name, value in given.items():
        monkeypatch.setenv(f"INGEST_ASSETS_SMTP_{name}", value)
    yield found
    controller.stop()


class Slack(NamedTuple):
    """What a Slack got."""

    messages: list[Mapping[str, str]]
    authorizations: list[str]


@pytest.fixture
def slack(certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> Iterator[Slack]:
    found = Slack([], [])

    @Request.application
    def app(request: Request) -> Response:
        assert request.path == "/api/chat.postMessage"
        body = request.get_data(as_text=True)
        found.messages.append(json.loads(body) if body.startswith("{") else dict(parse_qsl(body)))
        found.authorizations.append(request.headers["Authorization"])
        return Response(json.dumps({"ok": True, "ts": "1", "channel": "C1"}), content_type="application/json")

    server = SandboxServer(app, tls=tls(certificates))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    proxy = TunnelProxy(["slack.com", "www.slack.com"], ("127.0.0.1", server.server_port))
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    monkeypatch.setenv("INGEST_ASSETS_SLACK_TOKEN", "xoxb-of-the-lake")
    yield found
    proxy.stop()
    server.stop()
    thread.join()


def fail(made: RecipeAssets) -> dg.RunFailureSensorContext:
    """A run of a recipe that fails, as the sensor gets to know of it."""
    instance = dg.DagsterInstance.ephemeral()
    definitions = build_definitions([made.recipe])
    job = definitions.resolve_job_def(made.job.name)
    result = job.execute_in_process(instance=instance, raise_on_error=False, run_config=dg.RunConfig(loggers=QUIET))
    assert not result.success
    event = result.get_run_failure_event()
    context = dg.build_run_status_sensor_context("alerts", event, instance, result.dagster_run)
    return context.for_run_failure()


def alert(made: RecipeAssets) -> None:
    sensor: Any = alert_sensor([made])
    sensor(fail(made))


def text_of(message: Message) -> str:
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


def test_a_run_that_can_not_sign_on_is_told_by_mail_with_the_reason_and_no_secret(
    services: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mailbox: Mailbox
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-the-one")
    monkeypatch.setenv("INGEST_ASSETS_DAGSTER_URL", "https://dagster.norrpost.example")
    alert(made_of(make_recipe(tmp_path, "keyless", ALERTS)))
    [(to, message)] = mailbox.received
    assert to == ["lake@norrpost.example", "ops@norrpost.example"]
    assert (message["From"], message["Subject"]) == (USER, "glue__keyless failed")
    text = text_of(message)
    assert "glue.yaml (keyless, glue) failed" in text
    assert "Check awsSecretAccessKey" in text
    assert "https://dagster.norrpost.example/runs/" in text
    assert not any(secret in text for secret in ("not-the-one", PASSWORD, services.bot_token))


def test_a_run_of_which_only_a_blocking_check_failed_is_told_with_the_checks_words(
    services: Sandbox, tmp_path: Path, mailbox: Mailbox
) -> None:
    services.faults.add("truncated", service="glue", operation="GetTables", match="finance", count=None)
    alert(made_of(make_recipe(tmp_path, "partial", ALERTS)))
    [(_, message)] = mailbox.received
    text = text_of(message)
    assert "glue/partial/stale, check complete: " in text
    assert "finance" in text
    assert "DagsterAssetCheckFailedError" not in text


def test_a_failure_is_told_to_a_channel_of_slack(
    services: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slack: Slack
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-the-one")
    channel = {"retries: {max: 0, delay: 0}\n": 'alerts: {slack: "#catalog", on_failure: true}\n'}
    alert(made_of(make_recipe(tmp_path, "keyless", channel)))
    [message] = slack.messages
    assert message["channel"] == "#catalog"
    assert "Check awsSecretAccessKey" in str(message)
    assert slack.authorizations == ["Bearer xoxb-of-the-lake"]
    assert services.openmetadata.writes() == 0


def test_who_asks_for_mail_without_a_mail_server_sees_the_tick_fail_with_what_is_missing() -> None:
    with pytest.raises(RecipeError, match="INGEST_ASSETS_SMTP_USER, INGEST_ASSETS_SMTP_PASSWORD is not set"):
        mail_server({"INGEST_ASSETS_SMTP_HOST": "mail.norrpost.example"})
    given = {f"INGEST_ASSETS_SMTP_{name}": "x" for name in ("HOST", "USER", "PASSWORD", "TYPE")}
    with pytest.raises(RecipeError, match="SSL or STARTTLS"):
        mail_server(given)


@pytest.mark.parametrize("alerts", ["", "alerts: {email: [lake@norrpost.example]}\n", "alerts: {on_failure: true}\n"])
def test_nobody_is_told_who_did_not_ask(tmp_path: Path, alerts: str) -> None:
    settings = {"retries: {max: 0, delay: 0}\n": f"retries: {{max: 0, delay: 0}}\n  {alerts}"}
    assert alert_sensor([made_of(make_recipe(tmp_path, "lake", settings))]) is None


def test_the_sensor_is_on_from_the_start_and_hears_of_all_recipes_that_ask(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    recipes = [make_recipe(tmp_path, "lake", ALERTS), make_recipe(tmp_path / "other", "pond", ALERTS)]
    sensor = alert_sensor([made_of(recipe) for recipe in recipes])
    assert sensor is not None
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
    names = [each.name for each in build_definitions(recipes).sensors or ()]
    assert names.count("alerts") == 1


def test_a_mail_server_that_is_not_there_costs_the_channel_nothing(
    services: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slack: Slack
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-the-one")
    monkeypatch.delenv("INGEST_ASSETS_SMTP_HOST", raising=False)
    both = 'alerts: {email: [lake@norrpost.example], slack: "#catalog", on_failure: true}\n'
    made = made_of(make_recipe(tmp_path, "keyless", {"retries: {max: 0, delay: 0}\n": both}))
    with pytest.raises(RecipeError, match="INGEST_ASSETS_SMTP_HOST"):
        alert(made)
    assert len(slack.messages) == 1
    assert services.openmetadata.writes() == 0
