"""Sessions of roles and profiles, on a sandbox whose clock is moved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ingest_assets.calls import Calls
from ingest_assets.sandbox.aws.identity import Principal, Role
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.sources.aws import AwsCredentials, AwsSession, Pace

ACCOUNT, ELSEWHERE = "123456789012", "210987654321"
HOUR = 3600.0
START = 1_800_000_000.0


class Clock:
    """Epoch seconds of the sandbox and of the sessions, moved by tests."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.now = START
        sandbox.aws.identities.clock = self

    def __call__(self) -> float:
        return self.now


@dataclass
class Scene:
    """A sandbox, its clock, and sessions on it."""

    sandbox: Sandbox
    clock: Clock
    calls: Calls

    def role(self, name: str = "catalog", account: str = ACCOUNT, **trust: Any) -> Role:
        return self.sandbox.aws.identities.add_role(Role(account, name, frozenset({"glue:Get*", "sts:*"}), **trust))

    def user(self, *actions: str) -> Principal:
        return self.sandbox.aws.identities.add_principal("worker", actions, account=ACCOUNT)

    def session(self, principal: Principal | None = None, pace: Pace | None = None, **credentials: Any) -> AwsSession:
        who = principal or self.user("sts:*")
        keys = (who.access_key_id, who.secret_access_key, who.session_token)
        given = AwsCredentials(self.sandbox.company.region, *keys, endpoint_url=self.sandbox.aws_endpoint_url)
        return self.open(replace(given, **credentials), pace)

    def found(self, **credentials: Any) -> AwsSession:
        """A session without keys of its own."""
        return self.open(AwsCredentials(self.sandbox.company.region, **credentials))

    def open(self, credentials: AwsCredentials, pace: Pace | None = None) -> AwsSession:
        pace = pace or Pace({}, wall_clock=self.clock)
        return AwsSession(credentials, self.calls, service="glue", attempts=1, pace=pace)

    @property
    def assumed(self) -> int:
        return self.sandbox.aws.counts["sts:AssumeRole"]

    def end_sessions(self) -> None:
        """All tokens that were given so far are over, whatever their holders were told."""
        identities = self.sandbox.aws.identities
        for key, who in list(identities._principals.items()):
            if who.expires is not None:
                identities._principals[key] = replace(who, expires=self.clock.now)


def databases(session: AwsSession) -> list[str]:
    return [item["Name"] for item in session.call("glue", "GetDatabases", "all")["DatabaseList"]]
