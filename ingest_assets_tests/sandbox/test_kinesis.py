"""Kinesis streams, shards, tags and consumers through boto3."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from ingest_assets.errors import RejectedError
from ingest_assets.sandbox.aws.kinesis import DOCUMENTED_LIMITS
from ingest_assets.sandbox.server import KINESIS_ACTIONS, Sandbox
from ingest_assets_tests.sandbox.conftest import ClientMaker

ACCOUNT = "123456789012"
CLICKS = f"arn:aws:kinesis:eu-north-1:{ACCOUNT}:stream/clicks"


def refusal(call: Any, **params: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        call(**params)
    answer = error.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    return answer["Error"]["Code"], answer["Error"]["Message"]


@pytest.fixture
def kinesis(client: ClientMaker) -> Any:
    return client("kinesis")


@pytest.fixture
def crowded(sandbox: Sandbox) -> Sandbox:
    for name in sandbox.company.streams.names():
        sandbox.company.streams.drop(name)
    for number in range(150):
        sandbox.company.streams.add(f"s{number:03}")
    return sandbox


@pytest.fixture
def wide(sandbox: Sandbox) -> Sandbox:
    """A stream with more shards than a page holds."""
    sandbox.company.streams.add("wide", shards=1200)
    return sandbox


def test_a_hundred_and_fifty_streams_come_in_two_pages_whatever_limit_says(crowded: Sandbox, kinesis: Any) -> None:
    pages = list(kinesis.get_paginator("list_streams").paginate(Limit=10000))
    assert [len(page["StreamNames"]) for page in pages] == [100, 50]
    assert [page["HasMoreStreams"] for page in pages] == [True, False]
    assert [page["StreamNames"] for page in pages] == [
        [summary["StreamName"] for summary in page["StreamSummaries"]] for page in pages
    ]
    assert "NextToken" not in pages[-1]
    assert crowded.aws.counts["kinesis:ListStreams"] == 2


def test_streams_are_listed_on_from_a_name_whether_it_exists_or_not(crowded: Sandbox, kinesis: Any) -> None:
    first = kinesis.list_streams(Limit=7)
    crowded.company.streams.drop("s006")
    second = kinesis.list_streams(ExclusiveStartStreamName=first["StreamNames"][-1], Limit=2)
    assert second["StreamNames"] == ["s007", "s008"]
    by_token = kinesis.list_streams(NextToken=first["NextToken"], Limit=2)
    assert by_token["StreamNames"] == ["s007", "s008"]


def test_a_service_of_the_old_kind_gives_no_token(crowded: Sandbox, kinesis: Any) -> None:
    crowded.company.streams.paging = "name"
    page = kinesis.list_streams()
    assert page["HasMoreStreams"]
    assert "NextToken" not in page
    assert len(kinesis.list_streams(ExclusiveStartStreamName=page["StreamNames"][-1])["StreamNames"]) == 50


def test_wrong_tokens_and_combinations_of_list_streams_are_refused(crowded: Sandbox, kinesis: Any) -> None:
    token = kinesis.list_streams(Limit=1)["NextToken"]
    code, message = refusal(kinesis.list_streams, NextToken=token, ExclusiveStartStreamName="s000")
    assert code == "InvalidArgumentException"
    assert "cannot be provided together" in message
    for spoilt in (token[:-8] + "AAAAAAA=", "made-up", "é"):
        assert refusal(kinesis.list_streams, NextToken=spoilt)[0] == "InvalidArgumentException"
    assert refusal(kinesis.list_streams, Limit=10001)[0] == "ValidationException"
    now = crowded.company.streams.now()
    crowded.company.streams.now = lambda: now + timedelta(seconds=305)
    assert refusal(kinesis.list_streams, NextToken=token)[0] == "ExpiredNextTokenException"


@pytest.mark.parametrize("paging", ["token", "name"])
def test_a_looping_listing_can_be_planned(crowded: Sandbox, kinesis: Any, paging: Any) -> None:
    crowded.company.streams.paging = paging
    first = kinesis.list_streams()
    crowded.faults.add("loop-token", service="kinesis", operation="ListStreams", count=2)
    last = first["StreamNames"][-1]
    start = {"NextToken": first["NextToken"]} if paging == "token" else {"ExclusiveStartStreamName": last}
    for _ in range(2):
        page = kinesis.list_streams(**start)
        assert (page["StreamNames"], page["HasMoreStreams"], page.get("NextToken")) == (
            [last],
            True,
            start.get("NextToken"),
        )
    assert len(kinesis.list_streams(**start)["StreamNames"]) == 50


def test_the_company_has_every_kind_of_stream(sandbox: Sandbox, kinesis: Any) -> None:
    names = kinesis.list_streams()["StreamNames"]
    assert names == ["_confluent-metrics", "clicks", "orders", "parcels.scans", "payments"]
    rows = {name: kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"] for name in names}
    clicks, orders, payments = rows["clicks"], rows["orders"], rows["payments"]
    assert (clicks["StreamARN"], clicks["OpenShardCount"], clicks["ConsumerCount"]) == (CLICKS, 3, 2)
    assert (clicks["EncryptionType"], clicks["RetentionPeriodHours"]) == ("NONE", 48)
    assert "KeyId" not in clicks
    assert clicks["EnhancedMonitoring"] == [{"ShardLevelMetrics": ["IncomingBytes", "IteratorAgeMilliseconds"]}]
    assert orders["EnhancedMonitoring"] == [{}]
    assert (orders["EncryptionType"], orders["KeyId"]) == ("KMS", "alias/aws/kinesis")
    assert payments["StreamModeDetails"] == {"StreamMode": "ON_DEMAND"}
    assert payments["KeyId"].startswith(f"arn:aws:kms:eu-north-1:{ACCOUNT}:key/")
    assert (clicks["MaxRecordSizeInKiB"], payments["MaxRecordSizeInKiB"]) == (1024, 10240)
    assert isinstance(clicks["StreamCreationTimestamp"], datetime)
    limits = kinesis.describe_limits()
    assert (limits["OpenShardCount"], limits["OnDemandStreamCount"]) == (7, 1)


def test_the_account_is_described(kinesis: Any) -> None:
    assert kinesis.describe_account_settings()["MinimumThroughputBillingCommitment"] == {"Status": "DISABLED"}


def test_a_split_leaves_its_parent_listed_and_closed(kinesis: Any) -> None:
    shards = kinesis.list_shards(StreamName="clicks")["Shards"]
    assert [shard["ShardId"][-1] for shard in shards] == ["0", "1", "2", "3"]
    ends = ["EndingSequenceNumber" in shard["SequenceNumberRange"] for shard in shards]
    assert ends == [False, True, False, False]
    assert [shard.get("ParentShardId") for shard in shards] == [None, None, *[shards[1]["ShardId"]] * 2]
    latest = kinesis.list_shards(StreamName="clicks", ShardFilter={"Type": "AT_LATEST"})["Shards"]
    assert [shard["ShardId"][-1] for shard in latest] == ["0", "2", "3"]
    ranges = [(int(s["HashKeyRange"]["StartingHashKey"]), int(s["HashKeyRange"]["EndingHashKey"])) for s in latest]
    assert ranges[0][0] == 0
    assert [first for first, _ in ranges[1:]] == [last + 1 for _, last in ranges[:-1]]
    assert ranges[-1][1] == 2**128 - 1
    assert all(len(shard["SequenceNumberRange"]["StartingSequenceNumber"]) == 56 for shard in shards)


def test_a_merge_has_two_parents(sandbox: Sandbox, kinesis: Any) -> None:
    streams = sandbox.company.streams
    with pytest.raises(RejectedError, match="adjoin"):
        streams.merge("payments", "shardId-000000000000", "shardId-000000000002")
    streams.merge("payments", "shardId-000000000000", "shardId-000000000001")
    merged = kinesis.list_shards(StreamName="payments")["Shards"][-1]
    assert (merged["ParentShardId"][-1], merged["AdjacentParentShardId"][-1]) == ("0", "1")
    summary = kinesis.describe_stream_summary(StreamName="payments")["StreamDescriptionSummary"]
    assert summary["OpenShardCount"] == 3


def test_filters_tell_which_shards_were_open_when(sandbox: Sandbox, kinesis: Any) -> None:
    now = sandbox.company.streams.now()

    def listed(**narrowed: Any) -> str:
        shards = kinesis.list_shards(StreamName="clicks", ShardFilter=narrowed)["Shards"]
        return "".join(shard["ShardId"][-1] for shard in shards)

    before, after = now - timedelta(hours=2), now - timedelta(minutes=30)
    assert listed(Type="AT_TIMESTAMP", Timestamp=before) == "01"
    assert listed(Type="AT_TIMESTAMP", Timestamp=after) == "023"
    assert listed(Type="FROM_TIMESTAMP", Timestamp=before) == "0123"
    assert listed(Type="FROM_TIMESTAMP", Timestamp=after) == "023"
    assert listed(Type="AT_TRIM_HORIZON") == "01"
    assert listed(Type="FROM_TRIM_HORIZON") == "0123"
    assert listed(Type="AFTER_SHARD_ID", ShardId="shardId-000000000001") == "23"
    assert refusal(listed, Type="AT_TIMESTAMP")[0] == "InvalidArgumentException"
    assert refusal(listed, Type="AT_LATEST", ShardId="shardId-000000000001")[0] == "InvalidArgumentException"


def test_a_closed_shard_is_listed_until_its_records_are_gone(sandbox: Sandbox, kinesis: Any) -> None:
    now = sandbox.company.streams.now()
    sandbox.company.streams.now = lambda: now + timedelta(hours=48)
    assert [shard["ShardId"][-1] for shard in kinesis.list_shards(StreamName="clicks")["Shards"]] == ["0", "2", "3"]


def test_shards_go_on_with_the_token_alone(wide: Sandbox, kinesis: Any) -> None:
    first = kinesis.list_shards(StreamName="wide", MaxResults=10000)
    assert len(first["Shards"]) == 1000
    token = first["NextToken"]
    assert refusal(kinesis.list_shards, StreamName="wide", NextToken=token) == (
        "InvalidArgumentException",
        "NextToken and StreamName cannot be provided together.",
    )
    for params in (
        {"ExclusiveStartShardId": "shardId-000000000001"},
        {"StreamCreationTimestamp": datetime.now(timezone.utc)},
        {"ShardFilter": {"Type": "AT_LATEST"}},
        {"StreamARN": CLICKS},
    ):
        assert refusal(kinesis.list_shards, NextToken=token, **params)[0] == "InvalidArgumentException"
    assert refusal(kinesis.list_shards)[0] == "InvalidArgumentException"
    second = kinesis.list_shards(NextToken=token, StreamARN=CLICKS.replace("clicks", "wide"))
    ids = [shard["ShardId"] for shard in first["Shards"] + second["Shards"]]
    assert len(set(ids)) == 1200
    assert "NextToken" not in second


def test_the_token_of_shards_knows_the_filter_and_expires(sandbox: Sandbox, kinesis: Any) -> None:
    first = kinesis.list_shards(StreamName="clicks", ShardFilter={"Type": "AT_LATEST"}, MaxResults=1)
    rest = kinesis.list_shards(NextToken=first["NextToken"])["Shards"]
    assert [shard["ShardId"][-1] for shard in rest] == ["2", "3"]
    now = sandbox.company.streams.now()
    sandbox.company.streams.now = lambda: now + timedelta(seconds=305)
    assert refusal(kinesis.list_shards, NextToken=first["NextToken"])[0] == "ExpiredNextTokenException"
    assert refusal(kinesis.list_shards, NextToken="AAAA")[0] == "InvalidArgumentException"


def test_a_stream_that_is_described_pages_its_shards_by_id(wide: Sandbox, kinesis: Any) -> None:
    pages = list(kinesis.get_paginator("describe_stream").paginate(StreamName="wide"))
    assert len(pages) == 12
    assert len({s["ShardId"] for page in pages for s in page["StreamDescription"]["Shards"]}) == 1200


@pytest.mark.parametrize("time", ['"2026-11-21T10:00:00Z"', "1e300", "-1e300"])
def test_a_time_that_is_no_epoch_number_is_refused(sandbox: Sandbox, time: str) -> None:
    body = f'{{"StreamName": "clicks", "ShardFilter": {{"Type": "FROM_TIMESTAMP", "Timestamp": {time}}}}}'
    headers = {"X-Amz-Target": "Kinesis_20131202.ListShards", "Content-Type": "application/x-amz-json-1.1"}
    signed = AWSRequest("POST", sandbox.url + "/", headers=headers, data=body)
    keys = Credentials(sandbox.reader.access_key_id, sandbox.reader.secret_access_key)
    SigV4Auth(keys, "kinesis", "eu-north-1").add_auth(signed)
    answer = requests.post(sandbox.url, body.encode(), headers=dict(signed.headers), timeout=5)
    assert (answer.status_code, answer.json()["__type"]) == (400, "SerializationException")


def test_names_and_arns_are_checked(kinesis: Any) -> None:
    describe = kinesis.describe_stream_summary
    assert describe(StreamARN=CLICKS, StreamName="clicks")["StreamDescriptionSummary"]["StreamName"] == "clicks"
    gone = ("ResourceNotFoundException", f"Stream nope under account {ACCOUNT} not found.")
    assert refusal(describe, StreamName="nope") == gone
    assert refusal(describe, StreamARN=CLICKS.replace("clicks", "nope")) == gone
    for params in (
        {},
        {"StreamARN": CLICKS, "StreamName": "orders"},
        {"StreamARN": CLICKS.replace("eu-north-1", "eu-west-1")},
    ):
        assert refusal(describe, **params)[0] == "InvalidArgumentException"
    code, message = refusal(describe, StreamARN=CLICKS.replace(ACCOUNT, "210987654321"))
    assert code == "AccessDeniedException"
    assert "no resource-based policy" in message
    for params in ({"StreamName": "no spaces"}, {"StreamARN": "arn:aws:sqs:eu-north-1:123456789012:clicks"}):
        assert refusal(describe, **params)[0] == "ValidationException"


def test_another_region_and_another_account_have_no_streams(sandbox: Sandbox, client: ClientMaker) -> None:
    other = client("kinesis", region="us-east-2")
    assert other.list_streams()["StreamNames"] == []
    assert refusal(other.list_shards, StreamName="clicks")[0] == "ResourceNotFoundException"
    stranger = sandbox.aws.identities.add_principal("stranger", ["kinesis:*"], account="210987654321")
    assert client("kinesis", stranger).list_streams()["StreamNames"] == []


@pytest.mark.parametrize("status", ["CREATING", "DELETING"])
def test_shards_of_a_stream_that_is_not_ready_are_refused(sandbox: Sandbox, kinesis: Any, status: Any) -> None:
    sandbox.company.streams.add("coming", status=status)
    assert refusal(kinesis.list_shards, StreamName="coming") == (
        "ResourceInUseException",
        f"Stream coming under account {ACCOUNT} not ACTIVE, instead in state {status}",
    )
    described = kinesis.describe_stream_summary(StreamName="coming")["StreamDescriptionSummary"]
    assert described["StreamStatus"] == status
    assert described["OpenShardCount"] == (0 if status == "CREATING" else 1)


def test_tags_go_on_from_the_last_key(sandbox: Sandbox, kinesis: Any) -> None:
    first = kinesis.list_tags_for_stream(StreamName="clicks", Limit=2)
    assert (first["Tags"], first["HasMoreTags"]) == (
        [{"Key": "cost-centre", "Value": "4711"}, {"Key": "env", "Value": "prod"}],
        True,
    )
    rest = kinesis.list_tags_for_stream(StreamName="clicks", ExclusiveStartTagKey="env")
    assert (rest["Tags"], rest["HasMoreTags"]) == ([{"Key": "team", "Value": "web"}], False)
    assert kinesis.list_tags_for_resource(ResourceARN=CLICKS)["Tags"] == first["Tags"] + rest["Tags"]
    sandbox.company.streams.stream("orders").tags = {f"k{number:02}": "" for number in range(50)}
    assert not kinesis.list_tags_for_stream(StreamName="orders")["HasMoreTags"]


def test_consumers_are_paged_within_their_stream(sandbox: Sandbox, kinesis: Any) -> None:
    first = kinesis.list_stream_consumers(StreamARN=CLICKS, MaxResults=1)
    second = kinesis.list_stream_consumers(StreamARN=CLICKS, NextToken=first["NextToken"])
    names = [consumer["ConsumerName"] for page in (first, second) for consumer in page["Consumers"]]
    assert names == ["fraud-watch", "recommendations"]
    assert first["Consumers"][0]["ConsumerARN"].startswith(f"{CLICKS}/consumer/fraud-watch:")
    orders = CLICKS.replace("clicks", "orders")
    assert kinesis.list_stream_consumers(StreamARN=orders)["Consumers"] == []
    assert refusal(kinesis.list_stream_consumers, StreamARN=orders, NextToken=first["NextToken"])[0] == (
        "InvalidArgumentException"
    )


def test_a_stream_is_told_from_its_namesake_by_when_it_was_made(sandbox: Sandbox, kinesis: Any) -> None:
    created = sandbox.company.streams.stream("clicks").created
    assert kinesis.list_shards(StreamName="clicks", StreamCreationTimestamp=created)["Shards"]
    earlier = created - timedelta(days=1)
    assert refusal(kinesis.list_shards, StreamName="clicks", StreamCreationTimestamp=earlier)[0] == (
        "ResourceNotFoundException"
    )


def test_the_documented_policy_reads_streams_and_nothing_else(sandbox: Sandbox, client: ClientMaker) -> None:
    who = sandbox.aws.identities.add_principal("kinesis", KINESIS_ACTIONS, account=ACCOUNT)
    kinesis = client("kinesis", who)
    assert kinesis.list_streams()["StreamNames"]
    assert kinesis.describe_stream_summary(StreamName="clicks")
    assert kinesis.list_shards(StreamName="clicks")["Shards"]
    code, message = refusal(kinesis.list_tags_for_stream, StreamName="clicks")
    assert code == "AccessDeniedException"
    assert message == (
        "User: arn:aws:iam::123456789012:user/kinesis is not authorized to perform: kinesis:ListTagsForStream on "
        f"resource: {CLICKS} because no identity-based policy allows the kinesis:ListTagsForStream action"
    )
    assert refusal(kinesis.list_stream_consumers, StreamARN=CLICKS)[0] == "AccessDeniedException"
    assert refusal(kinesis.list_tags_for_stream, StreamName="nope")[0] == "AccessDeniedException"


def test_an_action_can_be_granted_for_some_streams(sandbox: Sandbox, client: ClientMaker) -> None:
    grants = ["kinesis:ListStreams", f"kinesis:ListShards on {CLICKS}"]
    kinesis = client("kinesis", sandbox.aws.identities.add_principal("some", grants, account=ACCOUNT))
    assert kinesis.list_shards(StreamName="clicks")["Shards"]
    assert refusal(kinesis.list_shards, StreamName="orders")[0] == "AccessDeniedException"


def test_limits_are_kept_only_when_asked_for(sandbox: Sandbox, kinesis: Any) -> None:
    now = sandbox.company.streams.now()
    sandbox.company.streams.now = lambda: now
    for _ in range(8):
        kinesis.list_streams()
    sandbox.company.streams.limits = dict(DOCUMENTED_LIMITS)
    for _ in range(5):
        kinesis.list_streams()
    assert refusal(kinesis.list_streams) == ("LimitExceededException", f"Rate exceeded for account {ACCOUNT}.")
    sandbox.company.streams.now = lambda: now + timedelta(seconds=1)
    assert kinesis.list_streams()["StreamNames"]


def test_a_stream_can_vanish_between_listing_and_reading(sandbox: Sandbox, kinesis: Any) -> None:
    sandbox.faults.add("vanish", service="kinesis", operation="ListShards", match="orders", after=1)
    assert kinesis.list_shards(StreamName="clicks")["Shards"]
    assert kinesis.list_shards(StreamName="orders")["Shards"]
    assert refusal(kinesis.list_shards, StreamName="orders")[0] == "ResourceNotFoundException"
    assert "orders" not in kinesis.list_streams()["StreamNames"]


def test_a_listing_can_hide_streams(sandbox: Sandbox, kinesis: Any) -> None:
    sandbox.faults.add("hidden", service="kinesis", operation="ListStreams", match="orders")
    assert "orders" not in kinesis.list_streams()["StreamNames"]
    assert "orders" in kinesis.list_streams()["StreamNames"]


def test_faults_are_planned_by_stream_however_it_is_named(wide: Sandbox, kinesis: Any) -> None:
    token = kinesis.list_shards(StreamName="wide")["NextToken"]
    for params in ({"StreamName": "wide"}, {"StreamARN": CLICKS.replace("clicks", "wide")}, {"NextToken": token}):
        wide.faults.add("throttle", service="kinesis", operation="ListShards", match="wide")
        assert kinesis.list_shards(StreamName="clicks")["Shards"]
        assert refusal(kinesis.list_shards, **params)[0] == "LimitExceededException"


def test_generated_streams_are_listed_with_the_others() -> None:
    assert len(Sandbox(streams=150).company.streams.names()) == 155
