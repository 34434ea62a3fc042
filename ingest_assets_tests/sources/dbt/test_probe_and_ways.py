"""What probe tells of each way to the artifacts, and how each of them fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest_assets.calls import Calls
from ingest_assets.errors import (
    AuthenticationError,
    InvalidAnswerError,
    NotFoundError,
    PermissionDeniedError,
    UnavailableError,
)
from ingest_assets.sandbox.company.dbt import DBT_TARGET
from ingest_assets.sandbox.company.dbt.runs import BUCKET
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.sources.aws import AwsCredentials, AwsSession
from ingest_assets.sources.dbt.bucket import BucketFiles
from ingest_assets.sources.dbt.cloud import CloudFiles
from ingest_assets.sources.dbt.downloads import Downloads
from ingest_assets.sources.dbt.probe import probe
from ingest_assets.sources.dbt.ways import LocalFiles, Way, WebFiles
from ingest_assets.sources.http import Patience


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running
        assert not list(running.crashes)


def hasty(token: str = "") -> Downloads:
    """Asks once more after a failure, without a wait."""
    patience = Patience((5.0, 20.0), retries=1, longest=0.0)
    return Downloads(Calls(), {"Authorization": f"Token {token}"} if token else None, patience)


def cloud(sandbox: Sandbox, **changes: str) -> CloudFiles:
    told = {"url": sandbox.url, "account": sandbox.company.dbt.account, "project": "", "job": "", **changes}
    return CloudFiles(**told, downloads=hasty(changes.get("token") or sandbox.dbt_token))


def bucket(sandbox: Sandbox, prefix: str = "", name: str = BUCKET) -> BucketFiles:
    who = sandbox.reader
    credentials = AwsCredentials(
        region=sandbox.company.region,
        access_key_id=who.access_key_id,
        secret_access_key=who.secret_access_key,
        endpoint_url=sandbox.aws_endpoint_url,
    )
    return BucketFiles(name, prefix, AwsSession(credentials, Calls(), service="s3", attempts=1))


def web(sandbox: Sandbox, name: str = "manifest.json") -> WebFiles:
    return WebFiles(f"{sandbox.url}/dbt-docs/{name}?signed=secret", {}, hasty())


def fetched(way: Way, folder: Path) -> bytes:
    (found,) = way.fetch(folder)
    return found.manifest.read_bytes()


def test_each_way_brings_the_very_file(sandbox: Sandbox, tmp_path: Path) -> None:
    whole = (DBT_TARGET / "manifest.json").read_bytes()
    ways: list[Way] = [cloud(sandbox), bucket(sandbox, "prod/"), bucket(sandbox), web(sandbox)]
    for number, way in enumerate(ways):
        (tmp_path / str(number)).mkdir()
        assert fetched(way, tmp_path / str(number)) == whole


def test_each_folder_of_a_bucket_that_holds_a_manifest_is_a_project(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.company.buckets.put(BUCKET, "prod/other/manifest.json", b"{}")
    found = list(bucket(sandbox, "prod").fetch(tmp_path))
    assert [each.name for each in found] == [
        f"s3://{BUCKET}/prod/{name}/manifest.json" for name in ("norrpost", "other")
    ]
    assert found[0].catalog is not None
    assert found[1].catalog is None


@pytest.mark.parametrize("kind", ["500", "503", "cut", "reset-before", "429"])
def test_what_a_retry_mends_is_tried_again(sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    sandbox.faults.add(kind, service="dbt", operation="web")
    assert fetched(web(sandbox), tmp_path) == (DBT_TARGET / "manifest.json").read_bytes()
    sandbox.faults.add(kind, service="dbt", operation="web", count=None)
    with pytest.raises(UnavailableError):
        fetched(web(sandbox), tmp_path)


def test_refusals_are_told_by_their_kind(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(AuthenticationError, match="Check the token"):
        fetched(CloudFiles(sandbox.url, "70471", "", "", hasty("wrong")), tmp_path)
    with pytest.raises(NotFoundError):
        fetched(cloud(sandbox, account="1"), tmp_path)
    with pytest.raises(NotFoundError, match=r"no manifest\.json below it"):
        fetched(bucket(sandbox, "nothing"), tmp_path)
    with pytest.raises(NotFoundError) as refused:
        fetched(web(sandbox, "other.json"), tmp_path)
    assert "secret" not in str(refused.value)
    sandbox.faults.add("403", service="dbt", operation="web")
    with pytest.raises(PermissionDeniedError):
        fetched(web(sandbox), tmp_path)
    with pytest.raises(InvalidAnswerError, match="without a list of runs"):
        fetched(CloudFiles(f"{sandbox.url}/dbt-docs/manifest.json?", "70471", "", "", hasty("t")), tmp_path)


def test_probe_tells_what_each_artifact_is(sandbox: Sandbox, tmp_path: Path) -> None:
    told = {step.name: (step.granted, step.detail) for step in probe(cloud(sandbox))}
    assert told["dbt: manifest run 802 of dbt Cloud, account 70471"] == (
        True,
        "granted; it is a manifest v12 of norrpost",
    )
    assert told["dbt: sources beside it"][0] is True
    (missing,) = probe(LocalFiles(str(tmp_path / "manifest.json"), {}))
    assert (missing.granted, missing.required) == (False, True)
    assert "no such file" in missing.detail
    (tmp_path / "manifest.json").write_bytes(b"{")
    (broken,) = probe(LocalFiles(str(tmp_path / "manifest.json"), {}))
    assert (broken.granted, "cut, or no JSON" in broken.detail) == (None, True)
