"""Reading records of Kinesis streams through boto3, byte for byte."""

from __future__ import annotations

import gzip
import json
import zlib
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import ClientError

from ingest_assets.errors import RejectedError
from ingest_assets.sandbox.aws.kinesis import DOCUMENTED_LIMITS
from ingest_assets.sandbox.server import KINESIS_ACTIONS, Sandbox
from ingest_assets_tests.sandbox.conftest import ClientMaker
from ingest_assets_tests.sandbox.test_kinesis import ACCOUNT, CLICKS, refusal

FIRST = "shardId-000000000000"


@pytest.fixture
def kinesis(client: ClientMaker) -> Any:
    return client("kinesis")


def iterator(kinesis: Any, stream: str, shard: str = FIRST, kind: str = "TRIM_HORIZON", **start: Any) -> str:
    params = {"StreamName": stream, "ShardId": shard, "ShardIteratorType": kind, **start}
    return str(kinesis.get_shard_iterator(**params)["ShardIterator"])


def data_of(kinesis: Any, stream: str) -> list[bytes]:
    """All records of all shards."""
    found = []
    for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
        following: str | None = iterator(kinesis, stream, shard["ShardId"])
        for _ in range(5):
            if following is None:
                break
            page = kinesis.get_records(ShardIterator=following)
            found += [record["Data"] for record in page["Records"]]
            following = page.get("NextShardIterator")
    return found


def test_what_was_put_comes_back_byte_for_byte(sandbox: Sandbox, kinesis: Any) -> None:
    sandbox.company.streams.add("bytes", shards=3)
    put = [bytes([number]) * number for number in range(256)] + [b"", b"{}", b"...", b"SGVq"]
    for number, data in enumerate(put):
        sandbox.company.streams.put("bytes", data, f"k{number}")
    assert sorted(data_of(kinesis, "bytes")) == sorted(put)


def test_the_company_writes_records_of_every_kind(sandbox: Sandbox, kinesis: Any) -> None:
    clicks, orders, payments = (data_of(kinesis, name) for name in ("clicks", "orders", "payments"))
    assert len(clicks) == 26
    assert (
        json.loads(gzip.decompress(next(data for data in clicks if data[:2] == b"\x1f\x8b")))["event_id"] == "e-000027"
    )
    assert sum(data[:4] == b"\xf3\x89\x9a\xc2" for data in clicks) == 1
    assert any("Påse" in json.loads(data)["page"]["title"] for data in clicks if data[:1] == b"{")
    assert bytes(range(256)) in payments
    versions = [version.version_id for version in sandbox.company.schemas.schema("orders").versions]
    plain = [data for data in orders if data[:2] == b"\x03\x00"]
    squeezed = [data for data in orders if data[:2] == b"\x03\x05"]
    assert {str(UUID(bytes=data[2:18])) for data in plain} == {versions[0]}
    assert {str(UUID(bytes=data[2:18])) for data in squeezed} == {versions[1]}
    assert zlib.decompress(squeezed[0][18:]).endswith(b"EUR\x02\x0cSOMMAR")


def test_pages_of_records_follow_one_another(sandbox: Sandbox, kinesis: Any) -> None:
    now = sandbox.company.streams.now()
    sandbox.company.streams.add("long", created=now - timedelta(hours=1))
    for number in range(5):
        sandbox.company.streams.put("long", b"%d" % number, arrived=now + timedelta(seconds=number - 5))
    first = kinesis.get_records(ShardIterator=iterator(kinesis, "long"), Limit=2)
    second = kinesis.get_records(ShardIterator=first["NextShardIterator"], Limit=10)
    third = kinesis.get_records(ShardIterator=second["NextShardIterator"])
    assert [[record["Data"] for record in page["Records"]] for page in (first, second, third)] == [
        [b"0", b"1"],
        [b"2", b"3", b"4"],
        [],
    ]
    assert first["MillisBehindLatest"] >= 4000
    assert second["MillisBehindLatest"] == third["MillisBehindLatest"] == 0
    assert third["NextShardIterator"]
    assert refusal(kinesis.get_records, ShardIterator=first["NextShardIterator"], Limit=10001)[0] == (
        "ValidationException"
    )


def test_a_page_holds_ten_mebibytes_at_most(sandbox: Sandbox, kinesis: Any) -> None:
    streams = sandbox.company.streams
    streams.add("heavy", max_record_kib=10240)
    for number in range(3):
        streams.put("heavy", bytes([number]) * 5 * 1024 * 1024)
    first = kinesis.get_records(ShardIterator=iterator(kinesis, "heavy"))
    assert [record["Data"][0] for record in first["Records"]] == [0, 1]
    assert [r["Data"][0] for r in kinesis.get_records(ShardIterator=first["NextShardIterator"])["Records"]] == [2]
    with pytest.raises(RejectedError, match="1024 KiB"):
        streams.put("clicks", bytes(1024 * 1024))


def test_a_record_is_not_older_than_its_stream(sandbox: Sandbox) -> None:
    streams = sandbox.company.streams
    streams.add("young")
    with pytest.raises(RejectedError, match="older than the stream"):
        streams.put("young", b"", arrived=streams.now() - timedelta(hours=1))


def test_a_closed_shard_ends_and_names_its_children(kinesis: Any) -> None:
    page = kinesis.get_records(ShardIterator=iterator(kinesis, "clicks", "shardId-000000000001"))
    assert page["Records"]
    assert "NextShardIterator" not in page
    assert [child["ShardId"][-1] for child in page["ChildShards"]] == ["2", "3"]
    latest = iterator(kinesis, "clicks", "shardId-000000000001", "LATEST")
    assert "NextShardIterator" not in kinesis.get_records(ShardIterator=latest)


def test_empty_pages_come_before_the_first_record(sandbox: Sandbox, kinesis: Any) -> None:
    following = iterator(kinesis, "payments", "shardId-000000000001")
    sandbox.company.streams.stream("payments").shards[1].records[1:] = []
    pages = []
    for _ in range(4):
        pages.append(kinesis.get_records(ShardIterator=following))
        following = pages[-1]["NextShardIterator"]
    assert [len(page["Records"]) for page in pages] == [0, 0, 1, 0]
    assert pages[0]["MillisBehindLatest"] > 0


def test_every_way_to_start(sandbox: Sandbox, kinesis: Any) -> None:
    streams, now = sandbox.company.streams, sandbox.company.streams.now()
    streams.add("five", created=now - timedelta(hours=1))
    put = [streams.put("five", b"%d" % at, arrived=now - timedelta(minutes=10 - at)) for at in range(5)]

    def read(kind: str, **start: Any) -> bytes:
        page = kinesis.get_records(ShardIterator=iterator(kinesis, "five", kind=kind, **start))
        return b"".join(record["Data"] for record in page["Records"])

    middle = str(put[2].sequence_number)
    assert read("TRIM_HORIZON") == b"01234"
    assert read("LATEST") == b""
    assert read("AT_SEQUENCE_NUMBER", StartingSequenceNumber=middle) == b"234"
    assert read("AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=middle) == b"34"
    assert read("AT_TIMESTAMP", Timestamp=put[3].arrived) == b"34"
    assert read("AT_TIMESTAMP", Timestamp=put[3].arrived + timedelta(milliseconds=1)) == b"4"
    assert read("AT_TIMESTAMP", Timestamp=now - timedelta(days=9)) == b"01234"
    assert read("AT_TIMESTAMP", Timestamp=now) == b""
    following = iterator(kinesis, "five", kind="LATEST")
    streams.put("five", b"new")
    assert kinesis.get_records(ShardIterator=following)["Records"][0]["Data"] == b"new"


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        ("AT_SEQUENCE_NUMBER", {}),
        ("AT_TIMESTAMP", {}),
        ("LATEST", {"StartingSequenceNumber": "1"}),
        ("TRIM_HORIZON", {"Timestamp": 1}),
        ("AT_SEQUENCE_NUMBER", {"StartingSequenceNumber": "1"}),
        ("AT_TIMESTAMP", {"Timestamp": 99999999999}),
    ],
)
def test_wrong_starts_are_refused(kinesis: Any, kind: str, start: dict[str, Any]) -> None:
    code, _ = refusal(iterator, kinesis=kinesis, stream="clicks", kind=kind, **start)
    assert code == "InvalidArgumentException"


def test_what_does_not_exist_has_no_iterator(kinesis: Any) -> None:
    assert refusal(iterator, kinesis=kinesis, stream="clicks", shard="shardId-000000000009") == (
        "ResourceNotFoundException",
        f"Shard shardId-000000000009 in stream clicks under account {ACCOUNT} does not exist",
    )
    assert refusal(iterator, kinesis=kinesis, stream="nope")[0] == "ResourceNotFoundException"


def test_iterators_are_ours_and_expire_after_five_minutes(sandbox: Sandbox, kinesis: Any) -> None:
    made = iterator(kinesis, "clicks")
    assert len(made) <= 512
    for wrong in ("AAAA", made[:-6] + "AAAAA=", "é"):
        assert refusal(kinesis.get_records, ShardIterator=wrong)[0] == "InvalidArgumentException"
    orders = CLICKS.replace("clicks", "orders")
    assert refusal(kinesis.get_records, ShardIterator=made, StreamARN=orders)[0] == "InvalidArgumentException"
    assert kinesis.get_records(ShardIterator=made, StreamARN=CLICKS)["Records"]
    now = sandbox.company.streams.now()
    sandbox.company.streams.now = lambda: now + timedelta(seconds=310)
    code, message = refusal(kinesis.get_records, ShardIterator=made)
    assert code == "ExpiredIteratorException"
    assert "tolerated delay of 300000 milliseconds" in message


def test_an_iterator_does_not_outlive_its_stream(sandbox: Sandbox, kinesis: Any) -> None:
    made = iterator(kinesis, "clicks")
    sandbox.company.streams.add("clicks")
    assert refusal(kinesis.get_records, ShardIterator=made)[0] == "ResourceNotFoundException"
    sandbox.company.streams.drop("clicks")
    assert refusal(kinesis.get_records, ShardIterator=made)[0] == "ResourceNotFoundException"


def test_records_age_out(sandbox: Sandbox, kinesis: Any) -> None:
    now = sandbox.company.streams.now()
    assert len(data_of(kinesis, "parcels.scans")) == 3
    sandbox.company.streams.now = lambda: now + timedelta(hours=23, minutes=45, seconds=30)
    assert len(data_of(kinesis, "parcels.scans")) == 2


def test_a_key_of_the_companys_own_must_be_granted(sandbox: Sandbox, client: ClientMaker) -> None:
    who = sandbox.aws.identities.add_principal("kinesis", KINESIS_ACTIONS, account=ACCOUNT)
    kinesis = client("kinesis", who)
    record = next(r for s in (0, 1) for r in _records(kinesis, "orders", s))
    assert record["EncryptionType"] == "KMS"
    assert all("EncryptionType" not in record for record in _records(kinesis, "clicks", 0))
    code, message = refusal(kinesis.get_records, ShardIterator=iterator(kinesis, "payments"))
    assert code == "KMSAccessDeniedException"
    assert "kms:Decrypt on resource: arn:aws:kms:" in message


def _records(kinesis: Any, stream: str, shard: int) -> list[dict[str, Any]]:
    page = kinesis.get_records(ShardIterator=iterator(kinesis, stream, f"shardId-{shard:012d}"))
    return list(page["Records"])


def test_reads_are_limited_by_shard_when_asked_for(sandbox: Sandbox, kinesis: Any) -> None:
    now = sandbox.company.streams.now()
    sandbox.company.streams.now = lambda: now
    sandbox.company.streams.limits = dict(DOCUMENTED_LIMITS)
    for _ in range(5):
        iterator(kinesis, "clicks")
    assert refusal(iterator, kinesis=kinesis, stream="clicks") == (
        "ProvisionedThroughputExceededException",
        f"Rate exceeded for shard {FIRST} in stream clicks under account {ACCOUNT}.",
    )
    assert iterator(kinesis, "clicks", "shardId-000000000002")


def test_a_fault_strikes_the_shard_that_an_iterator_leads_to(sandbox: Sandbox, kinesis: Any) -> None:
    sandbox.faults.add("throttle", service="kinesis", operation="GetRecords", match=f"clicks/{FIRST}")
    other = iterator(kinesis, "clicks", "shardId-000000000002")
    assert kinesis.get_records(ShardIterator=other)
    made = iterator(kinesis, "clicks")
    assert refusal(kinesis.get_records, ShardIterator=made)[0] == "ProvisionedThroughputExceededException"
    sandbox.faults.add("500", service="kinesis", operation="GetRecords")
    with pytest.raises(ClientError) as error:
        kinesis.get_records(ShardIterator=made)
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
