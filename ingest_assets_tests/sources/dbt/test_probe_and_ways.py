"""What probe tells of each way to the artifacts, and how each of them fails."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from ingest_assets.calls import Calls
from ingest_assets.errors import (
    AuthenticationError,
    DeadlineExceededError,
    InvalidAnswerError,
    NotFoundError,
    PermissionDeniedError,
    RejectedError,
    RemoteError,
    UnavailableError,
)
from ingest_assets.sandbox.company.dbt import DBT_TARGET
from ingest_assets.sandbox.company.dbt.runs import BUCKET
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.sources.aws import AwsCredentials, AwsSession
from ingest_assets.sources.dbt.bucket import BucketFiles
from ingest_assets.sources.dbt.cloud import CloudFiles
from ingest_assets.sources.dbt.downloads import Downloads
from ingest_assets.sources.dbt.downloads import Request as Asked
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


def test_each_way_tells_by_one_question_whether_artifacts_were_written_anew(sandbox: Sandbox, tmp_path: Path) -> None:
    manifest, dbt = tmp_path / "manifest.json", sandbox.company.dbt
    manifest.write_bytes(b"{}")
    beside = {"catalog": str(tmp_path / "catalog.json")}
    ways: list[Way] = [cloud(sandbox), bucket(sandbox, "prod/"), web(sandbox), LocalFiles(str(manifest), beside)]
    before = [way.state() for way in ways]
    assert [way.state() for way in ways] == before
    assert sandbox.dbt.counts == {"runs": 2, "web": 2}
    latest = dbt.runs[1]
    dbt.runs.append(replace(latest, id=805, finished_at="2026-11-04 03:04:09.000000+00:00"))
    sandbox.company.buckets.put(BUCKET, "prod/norrpost/catalog.json", b"{}")
    dbt.published["manifest.json"] += b" "
    (tmp_path / "catalog.json").write_bytes(b"{}")
    after = [way.state() for way in ways]
    assert all(one != other for one, other in zip(before, after, strict=True))


def test_a_server_that_tells_neither_tag_nor_time_is_not_read_to_its_end_and_can_not_tell() -> None:
    def endless(request: Request) -> Response:
        assert request.headers["Range"] == "bytes=0-0"
        return Response(itertools.repeat(b" " * 4096))

    with serving(endless) as url:
        assert WebFiles(url, {}, hasty()).state() is None


def test_an_artifact_beside_that_is_not_there_yet_changes_the_state_once_it_is(sandbox: Sandbox) -> None:
    way = replace(web(sandbox), others={"sources": f"{sandbox.url}/dbt-docs/sources.json"})
    kept = sandbox.company.dbt.published.pop("sources.json")
    before = way.state()
    sandbox.company.dbt.published["sources.json"] = kept
    assert before is not None
    assert way.state() != before
    sandbox.faults.add("403", service="dbt", operation="web", after=1)
    with pytest.raises(PermissionDeniedError):
        way.state()


def test_a_state_of_nothing_is_a_refusal(sandbox: Sandbox, tmp_path: Path) -> None:
    ways: list[Way] = [
        LocalFiles(str(tmp_path / "manifest.json"), {}),
        bucket(sandbox, "nothing"),
        web(sandbox, "other.json"),
        cloud(sandbox, job="1"),
    ]
    for way in ways:
        with pytest.raises(NotFoundError):
            way.state()


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


@contextmanager
def serving(answer: Callable[[Request], Response]) -> Iterator[str]:
    """A server of one answer."""
    server = make_server("127.0.0.1", 0, Request.application(answer), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_refused_token_that_is_told_back_stays_out_of_the_message(tmp_path: Path) -> None:
    def refuse(request: Request) -> Response:
        return Response(f"Bad {request.headers['Authorization']}", status=401)

    with serving(refuse) as url, pytest.raises(AuthenticationError, match=r"Bad Token \*\*\*") as refused:
        fetched(CloudFiles(url, "1", "", "", hasty("s3cret-token")), tmp_path)
    assert "s3cret" not in str(refused.value)


def test_a_token_follows_no_redirect(tmp_path: Path) -> None:
    asked: list[str] = []

    def elsewhere(request: Request) -> Response:
        asked.append(request.path)
        return Response("{}")

    with (
        serving(elsewhere) as other,
        serving(lambda _: Response(status=302, headers={"Location": other})) as url,
        pytest.raises(RejectedError, match="HTTP 302"),
    ):
        fetched(CloudFiles(url, "1", "", "", hasty("s3cret-token")), tmp_path)
    assert asked == []


@pytest.mark.parametrize(("project", "job"), [("7", ""), ("", "7")])
def test_a_run_of_another_project_or_job_is_not_taken_where_a_filter_is_not_heeded(
    tmp_path: Path, project: str, job: str
) -> None:
    run = {"id": 1, "project_id": 8, "job_definition_id": 8, "status": 10}
    with (
        serving(lambda _: Response(json.dumps({"data": [run]}))) as url,
        pytest.raises(NotFoundError, match="none has ended well"),
    ):
        fetched(CloudFiles(url, "1", project, job, hasty("t")), tmp_path)


@pytest.mark.parametrize("location", ["http://[::1/x", "http://a..b/x", "http://x:99999999/", "file:///etc/hostname"])
def test_a_redirect_to_no_address_is_a_failed_read(tmp_path: Path, location: str) -> None:
    """A sensor that a ValueError ends looks at no other recipe either."""
    with serving(lambda _: Response(status=302, headers={"Location": location})) as url:
        for act in (lambda: WebFiles(url, {}, hasty()).state(), lambda: fetched(WebFiles(url, {}, hasty()), tmp_path)):
            with pytest.raises(UnavailableError):
                act()


def test_redirects_end_with_the_time(tmp_path: Path) -> None:
    """Each of thirty had the time of a whole request, and Dagster ends a tick with all that it has seen."""
    now, asked = [0.0], itertools.count()

    def on(request: Request) -> Response:
        now[0] += 4.0
        return Response(status=302, headers={"Location": f"/{next(asked)}"})

    with serving(on) as url, pytest.raises(DeadlineExceededError, match="redirects"):
        WebFiles(url, {}, Downloads(Calls(8.0, lambda: now[0]))).state()
    assert next(asked) == 2


def test_a_server_that_has_no_first_byte_to_give_is_asked_for_the_whole() -> None:
    asked: list[str | None] = []

    def empty(request: Request) -> Response:
        asked.append(request.headers.get("Range"))
        status, tag = (416, "of the refusal") if asked[-1] else (200, "of the file")
        return Response(status=status, headers={"ETag": f'"{tag}"'})

    with serving(empty) as url:
        assert hasty().version(Asked(url, "dbt:artifact", url)) == '"of the file"'
    assert asked == ["bytes=0-0", None]


@pytest.mark.parametrize("status", [403, 404, 416])
def test_of_a_refusal_to_tell_a_state_nothing_but_the_head_is_read(status: int) -> None:
    def endless(_: Request) -> Response:
        return Response(itertools.repeat(b" " * 4096), status=status)

    with serving(endless) as url, pytest.raises(RemoteError, match=f"HTTP {status}"):
        WebFiles(url, {}, hasty()).state()


def test_tags_of_two_artifacts_that_change_places_are_another_state() -> None:
    tags = {"/manifest": "m", "/catalog": "a", "/sources": "b"}
    with serving(lambda request: Response(headers={"ETag": f'"{tags[request.path]}"'})) as url:
        way = WebFiles(f"{url}/manifest", {kind: f"{url}/{kind}" for kind in ("catalog", "sources")}, hasty())
        before = way.state()
        tags |= {"/catalog": "b", "/sources": "a"}
        assert way.state() != before


def test_a_path_that_can_not_be_looked_at_is_a_failed_read(tmp_path: Path) -> None:
    manifest, odd = tmp_path / "manifest.json", str(tmp_path / ("x" * 300))
    manifest.write_bytes(b"{}")
    for way in (LocalFiles(odd, {}), LocalFiles(str(manifest), {"catalog": odd})):
        with pytest.raises(UnavailableError, match="can't be looked at"):
            way.state()
        with pytest.raises(UnavailableError, match="can't be looked at"):
            fetched(way, tmp_path)


@pytest.mark.parametrize("row", ["<Key>manifest.json</Key>", "<ETag>x</ETag>"])
def test_a_listing_of_a_bucket_that_lacks_a_word_is_a_failed_read(row: str) -> None:
    listing = f"<ListBucketResult><IsTruncated>false</IsTruncated><Contents>{row}</Contents></ListBucketResult>"
    with serving(lambda _: Response(listing, content_type="application/xml")) as url:
        credentials = AwsCredentials(
            region="eu-west-1", access_key_id="AKIA", secret_access_key="secret", endpoint_url=url
        )
        way = BucketFiles("bucket", "", AwsSession(credentials, Calls(), service="s3", attempts=1))
        with pytest.raises(InvalidAnswerError, match="The answer has no"):
            way.state()
