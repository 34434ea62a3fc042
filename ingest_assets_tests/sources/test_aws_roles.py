"""Sessions whose requests are signed by a role: assumed once, renewed in time, in other accounts and regions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.credentials import ReadOnlyCredentials
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.calls import Calls
from ingest_assets.errors import AuthenticationError, PermissionDeniedError, RejectedError, RemoteError
from ingest_assets.sources.aws import AwsCredentials, AwsSession
from ingest_assets.sources.aws_credentials import Lease
from ingest_assets_tests.sources.aws_scene import ACCOUNT, ELSEWHERE, HOUR, START, Scene, databases


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
        while scene.clock.now <= START + HOUR:
            for names in pool.map(databases, [session] * 4):
                assert names
            scene.clock.now += 30
    assert 4 < scene.assumed <= 12
    assert scene.calls.counts()["glue:GetDatabases"] == 4 * 121


def test_credentials_of_hours_are_kept_until_a_quarter_of_an_hour_before_their_end(scene: Scene) -> None:
    session = scene.session(role_arn=scene.role(longest_session=43_200).arn, role_duration_seconds=43_200)
    asked = []
    for moment in (0.0, 43_200 - 901, 43_200 - 899, 43_200 + 60):
        scene.clock.now = START + moment
        assert databases(session)
        asked.append(scene.assumed)
    assert asked == [1, 1, 2, 2]


@pytest.mark.parametrize("ahead", [-800.0, -300.0, 300.0, 800.0])
def test_a_clock_that_differs_from_that_of_aws_gets_no_request_refused(scene: Scene, ahead: float) -> None:
    scene.sandbox.aws.identities.clock = lambda: scene.clock.now + ahead
    session = scene.session(role_arn=scene.role().arn, role_duration_seconds=900)
    for _ in range(60):
        assert databases(session)
        scene.clock.now += 60
    assert scene.calls.counts()["glue:GetDatabases"] == 60


@given(taken=st.floats(0, 1e9), lifetime=st.floats(-1e6, 1e6))
def test_keys_are_renewed_before_they_end_and_never_with_each_request(taken: float, lifetime: float) -> None:
    lease = Lease(ReadOnlyCredentials("AKIA", "secret", "token"), taken, taken + lifetime)
    assert taken + 60 <= lease.renew_at <= lease.renew_by
    if lifetime >= 900:
        assert lease.renew_by < lease.expires
        assert lease.expires - lease.renew_at <= 900


def test_credentials_that_can_not_be_renewed_yet_are_used_to_their_end(scene: Scene) -> None:
    session = scene.session(role_arn=scene.role().arn, role_duration_seconds=900)
    assert databases(session)
    scene.role(trusted=())
    for moment, asked in ((650.0, 2), (660.0, 2), (720.0, 3)):
        scene.clock.now = START + moment
        assert databases(session)
        assert scene.assumed == asked
    scene.clock.now = START + 850
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
