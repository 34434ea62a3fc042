"""A Kinesis source over HTTP, with clocks that nobody waits for."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest

from ingest_assets.calls import Calls
from ingest_assets.sandbox.aws.identity import Principal
from ingest_assets.sandbox.server import KINESIS_ACTIONS, Sandbox
from ingest_assets.sources.aws import Pace
from ingest_assets.sources.kinesis.sampling import SampleBounds, Sampler
from ingest_assets.sources.kinesis.source import RATES, KinesisSettings, KinesisSource
from ingest_assets_tests.sources.conftest import SessionMaker

ACCOUNT = "123456789012"

SourceMaker = Callable[..., KinesisSource]
SamplerMaker = Callable[..., Sampler]


def hurried() -> Pace:
    """The rates of the source, on a clock that runs as fast as it is asked."""
    moments = itertools.count()
    return Pace(RATES, lambda: float(next(moments)), lambda _: None)


@pytest.fixture
def documented(sandbox: Sandbox) -> Principal:
    """Who has the policy of OpenMetadata's page about Kinesis, and nothing else."""
    return sandbox.aws.identities.add_principal("kinesis", KINESIS_ACTIONS, account=ACCOUNT)


@pytest.fixture
def source_of(sandbox: Sandbox, session_of: SessionMaker) -> SourceMaker:
    def make(principal: Principal | None = None, calls: Calls | None = None, **settings: Any) -> KinesisSource:
        session = session_of(principal or sandbox.reader, calls, attempts=1, pace=hurried())
        return KinesisSource(KinesisSettings("streams", **settings), session)

    return make


@pytest.fixture
def sampler_of(sandbox: Sandbox, session_of: SessionMaker, source_of: SourceMaker) -> SamplerMaker:
    def make(principal: Principal | None = None, calls: Calls | None = None, **bounds: Any) -> Sampler:
        who = principal or sandbox.reader
        source, session = source_of(who), session_of(who, calls, attempts=1, pace=hurried())
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc)  # noqa: E731
        return Sampler(
            session, source.list_shards, source.registry.version, SampleBounds(**bounds), clock=lambda: 0.0, now=now
        )

    return make
