"""A fresh sandbox for each test, and boto3 clients that talk to it over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import boto3
import pytest
from botocore.config import Config

from ingest_assets.sandbox.aws.identity import Principal
from ingest_assets.sandbox.company.queues import Queue
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.sandbox.atlas_clients import Raw

ClientMaker = Callable[..., Any]


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 7, 1, 12, tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **span: float) -> None:
        self.moment += timedelta(**span)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running
        assert not list(running.crashes)


@pytest.fixture
def older() -> Iterator[Sandbox]:
    """With the older of the two Atlas servers."""
    with Sandbox(atlas_version="2.1.0") as running:
        yield running
        assert not list(running.crashes)


@pytest.fixture
def raw(sandbox: Sandbox) -> Raw:
    return Raw(sandbox)


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """One session: it keeps the service models, which take longer to load than most tests."""
    return boto3.Session(aws_access_key_id="set-per-client", aws_secret_access_key="set-per-client")


@pytest.fixture
def client(sandbox: Sandbox, session: boto3.Session) -> ClientMaker:
    def make(
        service: str,
        principal: Principal | None = None,
        region: str = "eu-north-1",
        served_by: Sandbox = sandbox,
        **config: Any,
    ) -> Any:
        who = principal or served_by.reader
        settings: dict[str, Any] = {"retries": {"total_max_attempts": 1}, "connect_timeout": 2, "read_timeout": 5}
        return session.client(  # type: ignore[call-overload]  # boto3-stubs wants a literal service name
            service,
            region_name=region,
            endpoint_url=served_by.aws_endpoint_url,
            aws_access_key_id=who.access_key_id,
            aws_secret_access_key=who.secret_access_key,
            aws_session_token=who.session_token,
            config=Config(**(settings | config)),
        )

    return make


@pytest.fixture
def clock(sandbox: Sandbox) -> Clock:
    clock = Clock()
    sandbox.company.queues.now = clock
    return clock


@pytest.fixture
def sqs_owner(sandbox: Sandbox) -> Principal:
    return sandbox.aws.identities.add_principal("owner", {"sqs:*"}, account=sandbox.company.account)


@pytest.fixture
def sqs(client: ClientMaker, sqs_owner: Principal) -> Any:
    return client("sqs", sqs_owner)


@pytest.fixture
def queue_url(sqs: Any, clock: Clock) -> str:
    return str(sqs.create_queue(QueueName="changes")["QueueUrl"])


@pytest.fixture
def queue(sandbox: Sandbox, queue_url: str) -> Queue:
    return sandbox.company.queues.queue("changes")
