"""No secret of a recipe lands where people or other programs read: searched byte by byte in all that a run leaves."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import boto3
import dagster as dg
import pytest
from dagster._core.remote_representation.external_data import RepositorySnap
from dagster_shared.serdes import serialize_value

from ingest_assets.assets.names import job_name
from ingest_assets.location import build_definitions, recipe_resources
from ingest_assets.recipe import Recipe, load_recipe
from ingest_assets.resources.ingestion import OptionsResource
from ingest_assets.resources.systems import AwsResource, OpenMetadataResource
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.recipe_runs import write_recipe

DAGSTER_YAML = Path(__file__).parents[2] / "dagster.yaml"


class Secrets(NamedTuple):
    """What must not be found."""

    aws_secret_access_key: str
    aws_session_token: str
    jwt_token: str

    def found_in(self, content: bytes) -> list[str]:
        return [name for name, value in self._asdict().items() if value.encode() in content]


@pytest.fixture
def secrets(services: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Secrets:
    """Keys of an assumed role, whose session token is a secret too."""
    sts = boto3.client("sts")
    role = services.reader_role
    arn = f"arn:aws:iam::{role.account}:role/{role.name}"
    given = sts.assume_role(RoleArn=arn, RoleSessionName="tests")["Credentials"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", given["AccessKeyId"])
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.delenv("OM_BOT_TOKEN")
    return Secrets(given["SecretAccessKey"], given["SessionToken"], services.bot_token)


Giver = Callable[[Secrets, Path, pytest.MonkeyPatch], Secrets]


def as_variables(secrets: Secrets, _folder: Path, monkeypatch: pytest.MonkeyPatch) -> Secrets:
    names = Secrets("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "OM_BOT_TOKEN")
    for name, value in zip(names, secrets, strict=True):
        monkeypatch.setenv(name, value)
    return Secrets(*(f"${{{name}}}" for name in names))


def as_literals(secrets: Secrets, _folder: Path, _monkeypatch: pytest.MonkeyPatch) -> Secrets:
    return secrets


def as_files(secrets: Secrets, folder: Path, _monkeypatch: pytest.MonkeyPatch) -> Secrets:
    for name, value in secrets._asdict().items():
        (folder / name).write_text(f"{value}\n", encoding="utf-8")
    return Secrets(*(f"${{file:{folder / name}}}" for name in secrets._fields))


GIVERS: dict[str, Giver] = {"variables": as_variables, "literals": as_literals, "files": as_files}


def recipe_with(folder: Path, written: Secrets, service: str = "lake") -> Recipe:
    changes = {
        "serviceName: lake": f"serviceName: {service}",
        "awsSecretAccessKey: ${AWS_SECRET_ACCESS_KEY}": (
            f"awsSecretAccessKey: {written.aws_secret_access_key}\n        awsSessionToken: {written.aws_session_token}"
        ),
        "${OM_BOT_TOKEN}": written.jwt_token,
    }
    (folder / "recipes").mkdir(exist_ok=True)
    return load_recipe(write_recipe(folder / "recipes", changes))


def run_recorded(folder: Path, recipe: Recipe) -> dg.ExecuteInProcessResult:
    """Run with an instance as the project ships it, everything logged."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    shutil.copy(DAGSTER_YAML, home / "dagster.yaml")
    job = build_definitions([recipe]).resolve_job_def(job_name(recipe))
    with dg.DagsterInstance.from_config(str(home)) as instance:
        result = job.execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config=dg.RunConfig(
                resources={"options": OptionsResource()}, loggers={"console": {"config": {"log_level": "DEBUG"}}}
            ),
        )
        run = instance.get_run_by_id(result.run_id)
        assert run is not None
        (home / "run.txt").write_text(serialize_value(run), encoding="utf-8")
    return result


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below a folder, unpacked where it is packed."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path), gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def assert_nowhere(secrets: Secrets, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    shown = capfd.readouterr()
    looked_at = [*contents(folder / "home"), *contents(folder / "store")]
    looked_at += [("stdout", shown.out.encode()), ("stderr", shown.err.encode())]
    assert any(name.endswith(".db") for name, _ in looked_at)
    assert b"__snapshot" in shown.err.encode()
    assert {name: secrets.found_in(content) for name, content in looked_at if secrets.found_in(content)} == {}


def assert_not_sent(secrets: Secrets, sandbox: Sandbox) -> None:
    """The token is sent in its header alone, the AWS secrets never."""
    assert sandbox.openmetadata.requests
    for request in sandbox.openmetadata.requests:
        headers = [f"{name}: {value}" for name, value in request.headers.items() if name != "authorization"]
        sent = "\n".join([request.path, request.query, *headers]).encode() + request.body
        assert secrets.found_in(sent) == []
        assert request.headers.get("authorization", "") in {"", f"Bearer {secrets.jwt_token}"}


@pytest.mark.parametrize("given", GIVERS)
def test_a_run_leaves_no_secret_behind(
    services: Sandbox,
    secrets: Secrets,
    given: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    recipe = recipe_with(tmp_path, GIVERS[given](secrets, tmp_path, monkeypatch))
    result = run_recorded(tmp_path, recipe)
    assert result.success
    assert_nowhere(secrets, tmp_path, capfd)
    assert_not_sent(secrets, services)


@pytest.mark.parametrize("trouble", ["signature", "endpoint", "401", "403"])
@pytest.mark.usefixtures("impatient")
def test_an_error_on_the_way_shows_no_secret(
    services: Sandbox,
    secrets: Secrets,
    trouble: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    if trouble == "signature":
        secrets = secrets._replace(aws_secret_access_key="another/secret+of=forty-characters-at-AWS")
    elif trouble == "endpoint":
        monkeypatch.setenv("OPENMETADATA_HOST_PORT", "http://127.0.0.1:1/api")
    elif trouble == "401":
        secrets = secrets._replace(jwt_token="eyJhbGciOiJub25lIn0.eyJzdWIiOiJub2JvZHkifQ.c2lnbmF0dXJl")
    else:
        services.faults.add("access-denied", service="openmetadata", operation="PUT *", count=None)
    # a service of its own: in one that an earlier test filled nothing is left to write, so nothing could be refused
    result = run_recorded(tmp_path, recipe_with(tmp_path, secrets, service=f"lake-{trouble}"))
    assert not result.success
    assert_nowhere(secrets, tmp_path, capfd)


def test_the_code_locations_snapshot_holds_no_secret(
    services: Sandbox, secrets: Secrets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_variables(secrets, tmp_path, monkeypatch)
    resources = recipe_resources(
        aws=AwsResource(aws_secret_access_key=dg.EnvVar("AWS_SECRET_ACCESS_KEY")),
        openmetadata=OpenMetadataResource(jwt_token=dg.EnvVar("OM_BOT_TOKEN")),
    )
    definitions = build_definitions([recipe_with(tmp_path, secrets)], resources=resources)
    snapshot = serialize_value(RepositorySnap.from_def(definitions.get_repository_def())).encode()
    assert b"glue__lake" in snapshot
    assert b"OM_BOT_TOKEN" in snapshot
    assert secrets.found_in(snapshot) == []
    assert secrets.found_in(repr(resources).encode()) == []
