"""A sandbox that a module's tests share, and AWS sessions that talk to it over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from ingest_assets.calls import Calls
from ingest_assets.sandbox.aws.identity import Principal
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.sources.aws import AwsCredentials, AwsSession
from ingest_assets_tests.sources.aws_scene import Clock, Scene

SessionMaker = Callable[..., AwsSession]


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with Sandbox() as running:
        for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            monkeypatch.delenv(name, raising=False)
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            monkeypatch.setenv(name, "/dev/null")
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        monkeypatch.setenv("AWS_ENDPOINT_URL", running.aws_endpoint_url)  # for what the recipe's endPointURL is not for
        yield running
        assert not list(running.crashes)


@pytest.fixture
def session_of(sandbox: Sandbox) -> SessionMaker:
    def make(principal: Principal | None = None, calls: Calls | None = None, **options: object) -> AwsSession:
        who = principal or sandbox.principal
        credentials = AwsCredentials(
            region=sandbox.company.region,
            access_key_id=who.access_key_id,
            secret_access_key=who.secret_access_key,
            session_token=who.session_token,
            endpoint_url=sandbox.aws_endpoint_url,
        )
        return AwsSession(credentials, calls or Calls(), service="glue", **options)  # type: ignore[arg-type]  # its own options

    return make


@pytest.fixture
def scene(sandbox: Sandbox) -> Scene:
    return Scene(sandbox, Clock(sandbox), Calls())
