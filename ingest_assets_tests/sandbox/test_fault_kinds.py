"""What each kind of fault looks like to a caller, and that the call after it is well."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    IncompleteReadError,
    ReadTimeoutError,
    ResponseStreamingError,
)

from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.sandbox.conftest import ClientMaker


@pytest.mark.parametrize(
    ("kind", "code", "status"),
    [
        ("throttle", "ThrottlingException", 400),
        ("429", "TooManyRequestsException", 429),
        ("403", "403", 403),
        ("500", "InternalServiceException", 500),
        ("502", "502", 502),
        ("503", "ServiceUnavailableException", 503),
        ("504", "504", 504),
        ("expired-token", "ExpiredTokenException", 400),
        ("access-denied", "AccessDeniedException", 400),
    ],
)
def test_a_refusal_is_in_the_services_own_words(
    sandbox: Sandbox, client: ClientMaker, kind: str, code: str, status: int
) -> None:
    glue = client("glue")
    sandbox.faults.add(kind, service="glue", operation="GetTables", match="sales")
    with pytest.raises(ClientError) as error:
        glue.get_tables(DatabaseName="sales")
    answer = error.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)
    assert glue.get_tables(DatabaseName="sales")["TableList"]


@pytest.mark.parametrize(
    ("kind", "code", "status"),
    [("throttle", "SlowDown", 503), ("expired-token", "ExpiredToken", 400), ("access-denied", "AccessDenied", 403)],
)
def test_s3_has_its_own_words(sandbox: Sandbox, client: ClientMaker, kind: str, code: str, status: int) -> None:
    s3 = client("s3")
    sandbox.company.buckets.put("b", "k", b"1")
    sandbox.faults.add(kind, service="s3", operation="GetObject", match="b/k")
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket="b", Key="k")
    answer = error.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)
    assert s3.get_object(Bucket="b", Key="k")["Body"].read() == b"1"


@pytest.mark.parametrize(
    ("kind", "exception"),
    [
        ("hang:2", ReadTimeoutError),
        ("reset-before", ConnectionClosedError),
        ("reset-after", ConnectionClosedError),
    ],
)
def test_a_connection_that_fails(sandbox: Sandbox, client: ClientMaker, kind: str, exception: type[Exception]) -> None:
    glue = client("glue", read_timeout=0.3)
    sandbox.faults.add(kind, service="glue")
    with pytest.raises(exception):
        glue.get_databases()
    assert glue.get_databases()["DatabaseList"]


@pytest.mark.parametrize("kind", ["cut", "truncated"])
def test_half_an_answer_is_an_empty_answer_to_boto3(sandbox: Sandbox, client: ClientMaker, kind: str) -> None:
    glue = client("glue")
    sandbox.faults.add(kind, service="glue")
    answer = glue.get_databases()
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert "DatabaseList" not in answer
    assert glue.get_databases()["DatabaseList"]


def test_half_an_object_is_an_error_when_its_length_says_so(sandbox: Sandbox, client: ClientMaker) -> None:
    sandbox.company.buckets.put("b", "k", b"0123456789")
    sandbox.faults.add("cut", service="s3")
    with pytest.raises((IncompleteReadError, ResponseStreamingError)):
        client("s3").get_object(Bucket="b", Key="k")["Body"].read()


@pytest.mark.parametrize(("kind", "written"), [("reset-before", False), ("reset-after", True)])
def test_a_write_takes_effect_or_not_when_the_connection_is_reset(
    sandbox: Sandbox, client: ClientMaker, kind: str, written: bool
) -> None:
    sandbox.company.buckets.create("b")
    sandbox.faults.add(kind, service="s3", operation="PutObject")
    with pytest.raises(ConnectionClosedError):
        client("s3").put_object(Bucket="b", Key="k", Body=b"1")
    assert ("k" in (sandbox.company.buckets.objects("b") or {})) is written


def test_retries_absorb_a_throttle_and_are_counted(sandbox: Sandbox, client: ClientMaker) -> None:
    sandbox.faults.add("throttle", service="glue", operation="GetDatabases")
    glue = client("glue", retries={"total_max_attempts": 3, "mode": "standard"})
    assert glue.get_databases()["DatabaseList"]
    assert sandbox.aws.counts["glue:GetDatabases"] == 2


def version(sandbox: Sandbox) -> requests.Response:
    return requests.get(f"{sandbox.openmetadata_host_port}/v1/system/version", timeout=5)


@pytest.mark.parametrize(
    ("kind", "status"),
    [("throttle", 429), ("429", 429), ("403", 403), ("500", 500), ("502", 502), ("503", 503), ("504", 504)],
)
def test_openmetadata_fails_as_it_and_its_proxies_do(sandbox: Sandbox, kind: str, status: int) -> None:
    sandbox.faults.add(kind, service="openmetadata", operation="GET /v1/system")
    answer = version(sandbox)
    assert answer.status_code == status
    assert ("Retry-After" in answer.headers) is (status == 429)
    if kind in ("403", "502", "504"):
        assert answer.text.startswith("<html>")
    else:
        assert answer.json()["code"] == status
    assert version(sandbox).status_code == 200


def test_openmetadata_answers_can_be_cut(sandbox: Sandbox) -> None:
    whole = version(sandbox).content
    sandbox.faults.add("cut", service="openmetadata")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        version(sandbox)
    sandbox.faults.add("truncated", service="openmetadata")
    assert version(sandbox).content == whole[: len(whole) // 2]


def put_services(sandbox: Sandbox, names: list[str]) -> list[int]:
    """Makes a service, then databases of these names in one bulk request; answers with their statuses."""
    api, headers = f"{sandbox.openmetadata_host_port}/v1", {"Authorization": f"Bearer {sandbox.bot_token}"}
    service = {"name": "lake", "serviceType": "Glue"}
    made = requests.put(f"{api}/services/databaseServices", json=service, headers=headers, timeout=5)
    assert made.status_code in (200, 201), made.text
    body = [{"name": name, "service": "lake"} for name in names]
    answer = requests.put(f"{api}/databases/bulk", json=body, headers=headers, timeout=5).json()
    return [row["status"] for row in (answer.get("successRequest") or []) + (answer.get("failedRequest") or [])]


def test_one_element_of_a_bulk_request_can_fail(sandbox: Sandbox) -> None:
    sandbox.faults.add("element:500", service="openmetadata", match="lake.b")
    assert put_services(sandbox, ["a", "b", "c"]) == [200, 200, 500]
    assert put_services(sandbox, ["a", "b", "c"]) == [200, 200, 200]


def test_a_fault_of_whole_requests_is_not_used_up_by_their_steps(sandbox: Sandbox) -> None:
    sandbox.faults.add("500", service="openmetadata", operation="GET *")
    assert put_services(sandbox, ["a", "b"]) == [200, 200]
    assert version(sandbox).status_code == 500


def test_a_running_sandbox_can_be_broken_and_mended_over_http(sandbox: Sandbox, client: ClientMaker) -> None:
    glue, faults = client("glue"), f"{sandbox.url}/__faults"
    fault = {"kind": "500", "service": "glue", "count": 2}
    assert requests.post(faults, json=fault, timeout=5).json()[0]["kind"] == "500"
    with pytest.raises(ClientError):
        glue.get_databases()
    assert requests.delete(faults, timeout=5).json() == []
    assert glue.get_databases()["DatabaseList"]
    assert requests.get(f"{sandbox.url}/__requests", timeout=5).json()["aws"] == {"glue:GetDatabases": 2}


def test_rows_of_a_running_sandbox_can_be_hidden_over_http(sandbox: Sandbox, client: ClientMaker) -> None:
    fault = {"kind": "hidden", "service": "glue", "match": "sales/orders", "count": None}
    assert requests.post(f"{sandbox.url}/__faults", json=fault, timeout=5).json()[0]["count"] is None
    for _ in range(2):
        tables = client("glue").get_tables(DatabaseName="sales")["TableList"]
        assert "orders" not in {table["Name"] for table in tables}


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        [],
        {"kind": "explode"},
        {"kind": "cut", "colour": "red"},
        {"kind": "hidden", "service": "glue", "operation": "GetTable"},
    ],
)
def test_a_fault_in_wrong_words_is_refused(sandbox: Sandbox, wrong: Any) -> None:
    answer = requests.post(f"{sandbox.url}/__faults", json=wrong, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["message"]
