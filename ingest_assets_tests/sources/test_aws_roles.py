"""Sessions whose requests are signed by a role, by a profile, or by what the machine has."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from ingest_assets.calls import Calls
from ingest_assets.errors import AuthenticationError, PermissionDeniedError, RejectedError, RemoteError
from ingest_assets.sandbox.aws.identity import Principal, Role
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.sources.aws import AwsCredentials, AwsSession, Pace

ACCOUNT, ELSEWHERE = "123456789012", "210987654321"
HOUR = 3600.0
_START = 1_800_000_000.0


class Clock:
    """Epoch seconds of the sandbox and of the sessions, moved by tests."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.now = _START
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

    def session(self, principal: Principal | None = None, **credentials: Any) -> AwsSession:
        who = principal or self.user("sts:*")
        keys = (who.access_key_id, who.secret_access_key, who.session_token)
        given = AwsCredentials(self.sandbox.company.region, *keys, endpoint_url=self.sandbox.aws_endpoint_url)
        return self.open(replace(given, **credentials))

    def found(self, **credentials: Any) -> AwsSession:
        """A session without keys of its own."""
        return self.open(AwsCredentials(self.sandbox.company.region, **credentials))

    def open(self, credentials: AwsCredentials) -> AwsSession:
        return AwsSession(credentials, self.calls, service="glue", attempts=1, pace=Pace({}, wall_clock=self.clock))

    @property
    def assumed(self) -> int:
        return self.sandbox.aws.counts["sts:AssumeRole"]

    def end_sessions(self) -> None:
        """All tokens that were given so far are over, whatever their holders were told."""
        identities = self.sandbox.aws.identities
        for key, who in list(identities._principals.items()):
            if who.expires is not None:
                identities._principals[key] = replace(who, expires=self.clock.now)


@pytest.fixture
def scene(sandbox: Sandbox) -> Scene:
    return Scene(sandbox, Clock(sandbox), Calls())


def databases(session: AwsSession) -> list[str]:
    return [item["Name"] for item in session.call("glue", "GetDatabases", "all")["DatabaseList"]]


def test_a_role_reads_its_own_account_under_the_name_that_openmetadata_gives_it(scene: Scene) -> None:
    role = scene.role("exchange", ELSEWHERE, external_id="norrpost-7", source_identities=("dana",))
    session = scene.session(role_arn=role.arn, role_external_id="norrpost-7", role_source_identity="dana")
    assert databases(session) == ["weather"]
    assert session.account_id() == ELSEWHERE
    assert scene.calls.counts() == {"glue:GetDatabases": 1, "sts:AssumeRole": 1, "sts:GetCallerIdentity": 1}
    asked = next(r.params for r in scene.sandbox.aws.requests if r.operation == "sts:AssumeRole")
    assert asked == {
        "RoleArn": role.arn,
        "RoleSessionName": "OpenMetadataSession",
        "ExternalId": "norrpost-7",
        "SourceIdentity": "dana",
    }


def test_a_run_of_an_hour_asks_twelve_times_at_most_for_credentials_of_15_minutes(scene: Scene) -> None:
    session = scene.session(role_arn=scene.role().arn, role_duration_seconds=900)
    with ThreadPoolExecutor(4) as pool:
        while scene.clock.now <= _START + HOUR:
            for names in pool.map(databases, [session] * 4):
                assert names
            scene.clock.now += 30
    assert 4 < scene.assumed <= 12
    assert scene.calls.counts()["glue:GetDatabases"] == 4 * 121


def test_credentials_of_hours_are_kept_until_a_quarter_of_an_hour_before_their_end(scene: Scene) -> None:
    session = scene.session(role_arn=scene.role(longest_session=43_200).arn, role_duration_seconds=43_200)
    asked = []
    for moment in (0.0, 43_200 - 901, 43_200 - 899, 43_200 + 60):
        scene.clock.now = _START + moment
        assert databases(session)
        asked.append(scene.assumed)
    assert asked == [1, 1, 2, 2]


def test_credentials_that_can_not_be_renewed_yet_are_used_to_their_end(scene: Scene) -> None:
    session = scene.session(role_arn=scene.role().arn, role_duration_seconds=900)
    assert databases(session)
    scene.role(trusted=())
    for moment, asked in ((650.0, 2), (660.0, 2), (720.0, 3)):
        scene.clock.now = _START + moment
        assert databases(session)
        assert scene.assumed == asked
    scene.clock.now = _START + 850
    with pytest.raises(PermissionDeniedError, match=r"sts:AssumeRole of arn:.*trust policy"):
        databases(session)


def test_a_role_that_trusts_others_is_asked_for_once_and_not_by_each_call(scene: Scene) -> None:
    session = scene.session(role_arn=scene.role(trusted=()).arn)
    for _ in range(5):
        with pytest.raises(PermissionDeniedError, match=r"trust policy.*assumeRoleExternalId"):
            databases(session)
    assert scene.calls.counts() == {"sts:AssumeRole": 1}


def test_a_role_that_can_not_be_one_says_which_keys_to_check(scene: Scene) -> None:
    with pytest.raises(RejectedError, match="Check assumeRoleArn"):
        databases(scene.session(role_arn="arn:aws:s3:::a-bucket-no-role"))
    with pytest.raises(RejectedError, match=r"MaxSessionDuration.*assumeRoleDurationSeconds"):
        databases(scene.session(role_arn=scene.role().arn, role_duration_seconds=7200))


def test_a_role_whose_token_is_over_in_the_middle_is_renewed_once_for_all_threads(scene: Scene) -> None:
    session = scene.session(role_arn=scene.role().arn)
    assert databases(session)
    scene.end_sessions()
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(databases, [session] * 8))
    assert scene.assumed == 2


def test_a_role_whose_tokens_are_always_over_fails_with_advice_after_one_renewal(scene: Scene) -> None:
    session = scene.session(role_arn=scene.role().arn)
    scene.sandbox.faults.add("expired-token", operation="GetDatabases", count=None)
    for _ in range(3):
        with pytest.raises(AuthenticationError, match=r"token is over.*clock"):
            databases(session)
    assert scene.calls.counts() == {"glue:GetDatabases": 4, "sts:AssumeRole": 2}


def test_users_keys_that_are_over_are_not_tried_again(scene: Scene) -> None:
    job = scene.sandbox.aws.identities.add_principal("job/1", ["glue:*"], account=ACCOUNT, session_seconds=60)
    session = scene.session(job)
    assert databases(session)
    scene.clock.now += 61
    with pytest.raises(AuthenticationError, match=r"awsSessionToken"):
        databases(session)
    assert scene.calls.counts() == {"glue:GetDatabases": 2}


def test_the_role_is_asked_of_the_sts_that_is_given_and_never_of_the_services_endpoint(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    role = scene.role()
    with pytest.raises(RemoteError, match="sts:AssumeRole"):
        databases(scene.session(role_arn=role.arn))
    session = scene.session(role_arn=role.arn, sts_endpoint_url=scene.sandbox.aws_endpoint_url)
    assert databases(session)
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", scene.sandbox.aws_endpoint_url)
    assert databases(scene.session(role_arn=role.arn))


def test_other_regions_and_roles_of_a_run_share_its_counters_and_assume_each_role_once(scene: Scene) -> None:
    hub, spoke = scene.role("hub"), scene.role("spoke", ELSEWHERE, trusted=(f"arn:aws:iam::{ACCOUNT}:role/hub",))
    session = scene.session(role_arn=hub.arn, role_duration_seconds=3600)
    there = session.at(role_arn=spoke.arn)
    assert scene.calls.counts() == {}
    assert session.account_id() == ACCOUNT
    assert {there.account_id(), session.at(role_arn=spoke.arn).at(region="us-east-2").account_id()} == {ELSEWHERE}
    assert there.at(region="us-east-2").region == "us-east-2"
    assert session.region == scene.sandbox.company.region
    assert scene.calls.counts() == {"sts:AssumeRole": 2, "sts:GetCallerIdentity": 2}
    assert session.at(region="us-east-2").client("glue") is session.at(region="us-east-2").client("glue")


def test_a_role_that_another_assumes_is_asked_for_an_hour_at_most(scene: Scene) -> None:
    hub, spoke = (scene.role(name, longest_session=7200) for name in ("hub", "spoke"))
    session = scene.session(role_arn=hub.arn, role_duration_seconds=7200)
    assert databases(session.at(role_arn=spoke.arn))
    asked = [r.params["DurationSeconds"] for r in scene.sandbox.aws.requests if r.operation == "sts:AssumeRole"]
    assert asked == [7200, 3600]


@pytest.mark.parametrize(
    ("endpoint", "host"),
    [
        ("https://glue.eu-north-1.amazonaws.com/custom", "https://glue.us-east-2.amazonaws.com"),
        ("https://vpce-1.glue.eu-north-1.vpce.amazonaws.com", "https://glue.us-east-2.amazonaws.com"),
        ("https://gateway.example/aws", "https://gateway.example/aws"),
    ],
)
def test_an_endpoint_that_names_its_region_is_not_taken_for_another(
    endpoint: str, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    credentials = AwsCredentials("eu-north-1", "AKIA", "secret", endpoint_url=endpoint)
    session = AwsSession(credentials, Calls(), service="glue")
    assert session.client("glue").meta.endpoint_url == endpoint
    assert session.at(region="us-east-2").client("glue").meta.endpoint_url == host


Files = Callable[..., None]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    """Writes the shared files; each section of the credentials by its name."""
    paths = {name: tmp_path / name for name in ("config", "credentials")}
    monkeypatch.setenv("AWS_CONFIG_FILE", str(paths["config"]))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(paths["credentials"]))

    def write(config: str = "", **profiles: Principal) -> None:
        sections = [
            f"[{name}]\naws_access_key_id = {who.access_key_id}\naws_secret_access_key = {who.secret_access_key}\n"
            + (f"aws_session_token = {who.session_token}\n" if who.session_token else "")
            for name, who in profiles.items()
        ]
        paths["credentials"].write_text("\n".join(sections), encoding="utf-8")
        paths["config"].write_text(config, encoding="utf-8")

    return write


def test_a_profile_signs_and_wins_over_the_environment(
    scene: Scene, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAUNKNOWN")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "unknown")
    reader = scene.user("glue:Get*")
    files(lake=reader)
    assert databases(scene.found(profile_name="lake"))
    assert {request.access_key_id for request in scene.sandbox.aws.requests} == {reader.access_key_id}
    with pytest.raises(AuthenticationError, match="nobody"):
        databases(scene.found(profile_name="nobody"))


def test_keys_win_over_a_profile_that_need_not_exist(scene: Scene) -> None:
    assert databases(scene.session(scene.user("glue:Get*"), profile_name="nobody"))


def test_a_role_is_assumed_with_a_profiles_keys(scene: Scene, files: Files) -> None:
    files(lake=scene.user("sts:AssumeRole"))
    session = scene.found(profile_name="lake", role_arn=scene.role("exchange", ELSEWHERE).arn)
    assert databases(session) == ["weather"]


def test_a_profile_that_is_a_role_of_another_profile_is_not_asked_for_anew_with_each_call(
    scene: Scene, files: Files
) -> None:
    role = scene.role("exchange", ELSEWHERE, external_id="norrpost-7")
    files(
        f"[profile lake]\nrole_arn = {role.arn}\nsource_profile = base\nexternal_id = norrpost-7\n"
        "duration_seconds = 900\n",
        base=scene.user("sts:AssumeRole"),
    )
    scene.clock.now = time.time() - 500  # botocore goes by its own clock, to which 400 seconds are left
    session = scene.found(profile_name="lake")
    assert [databases(session) for _ in range(4)] == [["weather"]] * 4
    assert scene.assumed == 1


def test_a_profiles_role_that_is_refused_is_told_from_the_call_that_needed_it(scene: Scene, files: Files) -> None:
    role = scene.role(trusted=())
    files(f"[profile lake]\nrole_arn = {role.arn}\nsource_profile = base\n", base=scene.user())
    with pytest.raises(PermissionDeniedError, match=r"sts:AssumeRole on resource.*trust policy"):
        databases(scene.found(profile_name="lake"))


def test_keys_of_a_file_that_another_process_renewed_are_taken_up_in_the_middle_of_a_run(
    scene: Scene, files: Files
) -> None:
    identities = scene.sandbox.aws.identities
    first, second = (
        identities.add_principal(f"job/{end}", ["glue:*"], account=ACCOUNT, session_seconds=end) for end in (60, 6000)
    )
    files(default=first)
    session = scene.found()
    assert databases(session)
    scene.clock.now += 61
    with pytest.raises(AuthenticationError, match="aws sso login"):
        databases(session)
    files(default=second)
    assert databases(session)
    assert scene.calls.counts() == {"glue:GetDatabases": 4}


def test_a_role_is_assumed_anew_when_the_keys_that_assume_it_were_renewed(scene: Scene, files: Files) -> None:
    identities = scene.sandbox.aws.identities
    first, second = (
        identities.add_principal(f"job/{end}", ["sts:*"], account=ACCOUNT, session_seconds=end) for end in (60, 6000)
    )
    files(default=first)
    session = scene.found(role_arn=scene.role().arn, role_duration_seconds=900)
    assert databases(session)
    files(default=second)
    scene.clock.now += 1000
    assert databases(session)
    assert scene.calls.counts() == {"glue:GetDatabases": 2, "sts:AssumeRole": 3}


def test_nothing_found_is_said_at_once_by_all_threads(scene: Scene) -> None:
    session, errors = scene.found(), []

    def read() -> None:
        with pytest.raises(AuthenticationError, match="awsAccessKeyId") as caught:
            databases(session)
        errors.append(caught.value)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(errors) == 4
    assert scene.calls.counts() == {}
