"""S3 through boto3."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.sandbox.conftest import ClientMaker

BUCKET = "norrpost-state"


@pytest.fixture
def s3(sandbox: Sandbox, client: ClientMaker) -> Any:
    sandbox.company.buckets.create(BUCKET)
    return client("s3")


def refusal(call: Any, **params: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as error:
        call(**params)
    answer = error.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_what_was_put_is_got(s3: Any) -> None:
    put = s3.put_object(Bucket=BUCKET, Key="a b/ü+%2F", Body=b"x\x00\xff", ContentType="a/b", Metadata={"Run": "7"})
    got = s3.get_object(Bucket=BUCKET, Key="a b/ü+%2F")
    head = s3.head_object(Bucket=BUCKET, Key="a b/ü+%2F")
    assert got["Body"].read() == b"x\x00\xff"
    assert got["ETag"] == head["ETag"] == put["ETag"]
    assert (head["ContentLength"], head["ContentType"], head["Metadata"]) == (3, "a/b", {"run": "7"})
    assert s3.get_object(Bucket=BUCKET, Key="a b/ü+%2F", Range="bytes=1-")["Body"].read() == b"\x00\xff"
    s3.delete_object(Bucket=BUCKET, Key="a b/ü+%2F")
    assert refusal(s3.get_object, Bucket=BUCKET, Key="a b/ü+%2F") == ("NoSuchKey", 404)
    assert refusal(s3.head_object, Bucket=BUCKET, Key="a b/ü+%2F") == ("404", 404)


def test_only_the_first_of_many_creates_a_key(s3: Any) -> None:
    def create(number: int) -> int:
        try:
            s3.put_object(Bucket=BUCKET, Key="lease", Body=str(number).encode(), IfNoneMatch="*")
        except ClientError as error:
            return int(error.response["ResponseMetadata"]["HTTPStatusCode"])
        return 200

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(create, range(8)))
    assert sorted(statuses) == [200] + [412] * 7
    assert s3.get_object(Bucket=BUCKET, Key="lease")["Body"].read() == str(statuses.index(200)).encode()


def test_a_key_is_replaced_only_while_it_is_what_it_was(s3: Any) -> None:
    first = s3.put_object(Bucket=BUCKET, Key="ledger", Body=b"1")["ETag"]
    second = s3.put_object(Bucket=BUCKET, Key="ledger", Body=b"2", IfMatch=first)["ETag"]
    stale = {"Bucket": BUCKET, "Key": "ledger", "IfMatch": first}
    assert refusal(s3.put_object, Body=b"3", **stale) == ("PreconditionFailed", 412)
    assert refusal(s3.get_object, **stale) == ("PreconditionFailed", 412)
    assert refusal(s3.delete_object, **stale) == ("PreconditionFailed", 412)
    assert refusal(s3.put_object, Bucket=BUCKET, Key="new", Body=b"", IfMatch=first) == ("NoSuchKey", 404)
    assert refusal(s3.get_object, Bucket=BUCKET, Key="ledger", IfNoneMatch=second) == ("304", 304)
    assert s3.get_object(Bucket=BUCKET, Key="ledger", IfMatch=second)["Body"].read() == b"2"


def test_a_listing_comes_in_pages_and_folds_at_a_delimiter(s3: Any) -> None:
    for key in ("a/1", "a/2", "b & c/1", "top", "zoo"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"")
    pages = list(
        s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Delimiter="/", PaginationConfig={"PageSize": 3})
    )
    assert [p["KeyCount"] for p in pages] == [3, 1]
    assert [p["Prefix"] for page in pages for p in page.get("CommonPrefixes", [])] == ["a/", "b & c/"]
    assert [o["Key"] for page in pages for o in page.get("Contents", [])] == ["top", "zoo"]
    token = s3.list_objects_v2(Bucket=BUCKET, MaxKeys=2)["NextContinuationToken"]
    assert refusal(s3.list_objects_v2, Bucket=BUCKET, Prefix="a", ContinuationToken=token)[0] == "InvalidArgument"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(keys=st.sets(st.text("ab/ü ", min_size=1, max_size=6).filter(lambda k: not k.startswith("/")), min_size=1))
def test_every_key_is_listed_once_whatever_the_page_size(sandbox: Sandbox, s3: Any, keys: set[str]) -> None:
    objects = sandbox.company.buckets.objects(BUCKET)
    assert objects is not None
    objects.clear()
    for key in keys:
        sandbox.company.buckets.put(BUCKET, key, b"")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, PaginationConfig={"PageSize": 2})
    assert [o["Key"] for page in pages for o in page.get("Contents", [])] == sorted(keys)


def test_buckets_are_made_once_and_must_be_there(s3: Any) -> None:
    place = {"LocationConstraint": "eu-north-1"}
    s3.create_bucket(Bucket="new-one", CreateBucketConfiguration=place)
    assert s3.head_bucket(Bucket="new-one")["BucketRegion"] == "eu-north-1"
    again = refusal(s3.create_bucket, Bucket="new-one", CreateBucketConfiguration=place)
    assert again == ("BucketAlreadyOwnedByYou", 409)
    assert refusal(s3.head_bucket, Bucket="nowhere") == ("404", 404)
    assert refusal(s3.put_object, Bucket="nowhere", Key="k", Body=b"") == ("NoSuchBucket", 404)


def test_a_damaged_upload_is_refused(s3: Any) -> None:
    wrong = {"Bucket": BUCKET, "Key": "k", "Body": b"1", "ChecksumCRC32": "AAAAAA=="}
    assert refusal(s3.put_object, **wrong) == ("BadDigest", 400)


def test_a_missing_key_is_a_denial_to_who_may_not_list(sandbox: Sandbox, client: ClientMaker, s3: Any) -> None:
    only_get = sandbox.aws.identities.add_principal("get", ["s3:GetObject"], account="123456789012")
    narrow = client("s3", only_get)
    assert refusal(narrow.get_object, Bucket=BUCKET, Key="nope") == ("AccessDenied", 403)
    assert refusal(narrow.put_object, Bucket=BUCKET, Key="k", Body=b"") == ("AccessDenied", 403)
