"""Sessions without keys of their own: profiles, the environment, a container, and what another process renews."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ingest_assets.errors import AuthenticationError, PermissionDeniedError
from ingest_assets.sandbox.aws.identity import Principal
from ingest_assets_tests.sources.aws_scene import ACCOUNT, ELSEWHERE, Scene, databases

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


class _Container(BaseHTTPRequestHandler):
    """Hands out a task's credentials, as the agents of ECS and EKS do."""

    held: Principal

    def do_GET(self) -> None:
        who = self.held
        ends = datetime.now(timezone.utc) + timedelta(hours=6)
        document = {
            "AccessKeyId": who.access_key_id,
            "SecretAccessKey": who.secret_access_key,
            "Token": who.session_token,
            "Expiration": ends.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the base class's
        """Keep test output clean."""


def test_a_containers_credentials_that_were_taken_back_are_asked_for_once_more(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    identities = scene.sandbox.aws.identities
    first, second = (
        identities.add_principal(f"task/{end}", ["glue:*"], account=ACCOUNT, session_seconds=end) for end in (60, 6000)
    )
    handler = type("Agent", (_Container,), {"held": first})
    agent = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=agent.serve_forever, args=(0.02,), daemon=True).start()
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"http://127.0.0.1:{agent.server_port}/credentials")
    session = scene.found()
    assert databases(session)
    scene.clock.now += 61
    with pytest.raises(AuthenticationError, match="token is over"):
        databases(session)
    handler.held = second  # type: ignore[attr-defined]  # made by type()
    assert databases(session)
    agent.shutdown()
    agent.server_close()
    assert scene.calls.counts() == {"glue:GetDatabases": 4}


def test_the_environment_signs_where_the_recipe_names_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    who = scene.sandbox.aws.identities.add_principal("job/1", ["glue:*"], account=ACCOUNT, session_seconds=60)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", who.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", who.secret_access_key)
    monkeypatch.setenv("AWS_SESSION_TOKEN", str(who.session_token))
    assert databases(scene.found())


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
