"""Amazon Kinesis Data Streams: streams, shards, tags and consumers in real pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingest_assets.sandbox.aws.kinesis_places import Places, moment_of
from ingest_assets.sandbox.aws.kinesis_records import RecordReader
from ingest_assets.sandbox.aws.operations import Caller, Operation, Params
from ingest_assets.sandbox.aws.refusal import Refusal
from ingest_assets.sandbox.aws.sealed import SealedTokens
from ingest_assets.sandbox.company.streams import METRICS, Shard, Stream, Streams
from ingest_assets.sandbox.fault_sites import FaultKind
from ingest_assets.sandbox.faults import Faults

DOCUMENTED_LIMITS: Mapping[str, int] = {
    "ListStreams": 5,
    "DescribeStream": 10,
    "DescribeStreamSummary": 20,
    "DescribeLimits": 1,
    "DescribeAccountSettings": 5,
    "ListShards": 1000,
    "ListTagsForStream": 5,
    "ListStreamConsumers": 5,
    "GetShardIterator": 5,
    "GetRecords": 5,
}
"""Calls a second that AWS serves: per account, ``ListShards`` and consumers per stream, the last two per shard."""

_SHARDS = 1000
_DESCRIBED_SHARDS = 100
_CONSUMERS = 100
_TAGS = 50
_SHARD_LIMIT = 200
_ON_DEMAND_LIMIT = 50
_PLACE = frozenset({"StreamName", "StreamARN"})


class KinesisService:
    """The Kinesis operations that are built.

    Args:
        streams: The state behind.
        faults: For the kinds that only a listing or a look-up can act out.
    """

    name = "kinesis"

    def __init__(self, streams: Streams, faults: Faults) -> None:
        self._streams = streams
        self._faults = faults
        self._tokens = SealedTokens()
        self._places = Places(streams, faults)
        self._records = RecordReader(self._places, self._tokens)

    @property
    def operations(self) -> Mapping[str, Operation]:
        """See ``AwsService``."""
        paged = frozenset({"NextToken", "MaxResults", "StreamCreationTimestamp", "StreamARN"})
        shards = paged | {"StreamName", "ExclusiveStartShardId", "ShardFilter"}
        name, shard = self._places.name_in, self._records.subject
        start = frozenset({"ShardId", "ShardIteratorType", "StartingSequenceNumber", "Timestamp"})
        reading = frozenset({"ShardIterator", "Limit", "StreamARN"})
        return {
            "ListStreams": Operation(
                self.list_streams, frozenset({"Limit", "ExclusiveStartStreamName", "NextToken"}), lambda _: ""
            ),
            "DescribeStreamSummary": Operation(self.describe_stream_summary, _PLACE, name),
            "DescribeStream": Operation(self.describe_stream, _PLACE | {"Limit", "ExclusiveStartShardId"}, name),
            "ListShards": Operation(self.list_shards, shards, self._listed_stream),
            "ListTagsForStream": Operation(self.list_tags_for_stream, _PLACE | {"ExclusiveStartTagKey", "Limit"}, name),
            "ListTagsForResource": Operation(self.list_tags_for_resource, frozenset({"ResourceARN"}), name),
            "ListStreamConsumers": Operation(self.list_stream_consumers, paged, name),
            "DescribeLimits": Operation(self.describe_limits, frozenset()),
            "DescribeAccountSettings": Operation(self.describe_account_settings, frozenset()),
            "GetShardIterator": Operation(self._records.get_shard_iterator, _PLACE | start, shard),
            "GetRecords": Operation(self._records.get_records, reading, shard),
        }

    def list_streams(self, caller: Caller, params: Params) -> Params:
        """``ListStreams``: at most 100 a page whatever ``Limit`` says; goes on by token or by the last name."""
        caller.principal.require("kinesis:ListStreams", "*")
        self._places.pace("ListStreams", f"account {caller.account}", "LimitExceededException")
        token, start = params.get("NextToken"), params.get("ExclusiveStartStreamName")
        if token is not None and start is not None:
            message = "NextToken and ExclusiveStartStreamName cannot be provided together."
            raise Refusal("InvalidArgumentException", message)
        after = start if token is None else self._places.fresh(self._tokens.open("ListStreams", token))["after"]
        hides = self._faults.hiding(self.name, "ListStreams")
        with self._streams.lock:
            names = self._streams.names() if self._places.is_here(caller) else []
            left = [name for name in names if (after is None or name > after) and not hides(name)]
            size = min(params.get("Limit", self._streams.page), self._streams.page)
            rows = [_listed(self._streams.stream(name)) for name in left[:size]]
        looping = after is not None and self._faults.take(self.name, "ListStreams", "", [FaultKind.LOOP_TOKEN])
        if looping:
            return self._looping_page(str(after), token)
        page: Params = {"StreamNames": left[:size], "HasMoreStreams": len(left) > size, "StreamSummaries": rows}
        if page["HasMoreStreams"] and self._streams.paging == "token":
            page["NextToken"] = self._tokens.issue("ListStreams", {"after": left[size - 1]}, self._streams.now())
        return page

    def _looping_page(self, after: str, token: str | None) -> Params:
        """A page that leads back to itself, by its token as by the last name on it."""
        stream = self._streams.find(after)
        page: Params = {
            "StreamNames": [after],
            "HasMoreStreams": True,
            "StreamSummaries": [] if stream is None else [_listed(stream)],
        }
        if self._streams.paging == "token":
            page["NextToken"] = token or self._tokens.issue("ListStreams", {"after": after}, self._streams.now())
        return page

    def describe_stream_summary(self, caller: Caller, params: Params) -> Params:
        """``DescribeStreamSummary``."""
        stream = self._places.named(caller, params, "DescribeStreamSummary")
        self._places.pace("DescribeStreamSummary", f"account {caller.account}", "LimitExceededException")
        with self._streams.lock:
            facts = {
                "OpenShardCount": len(stream.open_shards()),
                "ConsumerCount": len(stream.consumers),
                "MaxRecordSizeInKiB": stream.max_record_kib,
            }
            return {"StreamDescriptionSummary": _described(stream) | facts}

    def describe_stream(self, caller: Caller, params: Params) -> Params:
        """``DescribeStream``: at most 100 shards a page."""
        stream = self._places.named(caller, params, "DescribeStream")
        self._places.pace("DescribeStream", f"account {caller.account}", "LimitExceededException")
        start = params.get("ExclusiveStartShardId", "")
        size = min(params.get("Limit", _DESCRIBED_SHARDS), _DESCRIBED_SHARDS)
        with self._streams.lock:
            left = [shard for shard in stream.listed(self._streams.now()) if shard.shard_id > start]
            shards = {"Shards": [_shard_row(shard) for shard in left[:size]], "HasMoreShards": len(left) > size}
            return {"StreamDescription": _described(stream) | shards}

    def list_shards(self, caller: Caller, params: Params) -> Params:
        """``ListShards``: goes on with the token alone, which knows the stream and the filter."""
        token = params.get("NextToken")
        if token is None:
            facts = self._new_listing(caller, params)
        else:
            _alone(params, "StreamName", "StreamCreationTimestamp", "ExclusiveStartShardId", "ShardFilter")
            facts = dict(self._places.fresh(self._tokens.open("ListShards", token)))
            # AWS's own SDKs send the ARN along with the token, to find the endpoint
            if "StreamARN" in params and self._places.name_of(caller, params, "ListShards") != facts["stream"]:
                raise Refusal("InvalidArgumentException", "NextToken is of another stream.")
        stream = self._places.of_name(caller, facts["stream"], "ListShards")
        self._of_then(caller, stream, params)
        self._places.pace("ListShards", f"stream {stream.name}", "LimitExceededException")
        _require_ready(caller, stream)
        size = min(params.get("MaxResults", _SHARDS), _SHARDS)
        with self._streams.lock:
            wanted = [s for s in stream.listed(self._streams.now()) if self._fits(s, stream, facts["filter"])]
            left = [shard for shard in wanted if shard.shard_id > facts["after"]]
        page: Params = {"Shards": [_shard_row(shard) for shard in left[:size]]}
        if token and self._faults.take(self.name, "ListShards", stream.name, [FaultKind.LOOP_TOKEN]):
            page["NextToken"] = token
        elif len(left) > size:
            facts["after"] = left[size - 1].shard_id
            page["NextToken"] = self._tokens.issue("ListShards", facts, self._streams.now())
        return page

    def list_tags_for_stream(self, caller: Caller, params: Params) -> Params:
        """``ListTagsForStream``: at most 50 a page, sorted by key."""
        stream = self._places.named(caller, params, "ListTagsForStream")
        self._places.pace("ListTagsForStream", f"account {caller.account}", "LimitExceededException")
        start, size = params.get("ExclusiveStartTagKey", ""), params.get("Limit", _TAGS)
        with self._streams.lock:
            left = [(key, value) for key, value in sorted(stream.tags.items()) if key > start]
        return {"Tags": [_tag(*pair) for pair in left[:size]], "HasMoreTags": len(left) > size}

    def list_tags_for_resource(self, caller: Caller, params: Params) -> Params:
        """``ListTagsForResource``: all tags of a stream at once."""
        stream = self._places.named(caller, {"StreamARN": params["ResourceARN"]}, "ListTagsForResource")
        with self._streams.lock:
            return {"Tags": [_tag(*pair) for pair in sorted(stream.tags.items())]}

    def list_stream_consumers(self, caller: Caller, params: Params) -> Params:
        """``ListStreamConsumers``: the token belongs to one stream."""
        token = params.get("NextToken")
        stream = self._places.named(caller, params, "ListStreamConsumers")
        self._places.pace("ListStreamConsumers", f"stream {stream.name}", "LimitExceededException")
        after = ""
        if token is not None:
            _alone(params, "StreamCreationTimestamp")
            facts = self._places.fresh(self._tokens.open("ListStreamConsumers", token))
            if facts["stream"] != stream.name:
                raise Refusal("InvalidArgumentException", "NextToken is of another stream.")
            after = facts["after"]
        self._of_then(caller, stream, params)
        size = min(params.get("MaxResults", _CONSUMERS), _CONSUMERS)
        with self._streams.lock:
            left = [stream.consumers[name] for name in sorted(stream.consumers) if name > after]
        rows = [
            {
                "ConsumerName": consumer.name,
                "ConsumerARN": consumer.arn,
                "ConsumerStatus": consumer.status,
                "ConsumerCreationTimestamp": consumer.created,
            }
            for consumer in left[:size]
        ]
        page: Params = {"Consumers": rows}
        if token and self._faults.take(self.name, "ListStreamConsumers", stream.name, [FaultKind.LOOP_TOKEN]):
            page["NextToken"] = token
        elif len(left) > size:
            position = {"stream": stream.name, "after": left[size - 1].name}
            page["NextToken"] = self._tokens.issue("ListStreamConsumers", position, self._streams.now())
        return page

    def describe_limits(self, caller: Caller, _params: Params) -> Params:
        """``DescribeLimits``: of provisioned shards, and how many streams are on demand."""
        caller.principal.require("kinesis:DescribeLimits", "*")
        self._places.pace("DescribeLimits", f"account {caller.account}", "LimitExceededException")
        with self._streams.lock:
            streams = [self._streams.stream(name) for name in self._streams.names()]
        here = streams if self._places.is_here(caller) else []
        provisioned = [stream for stream in here if stream.mode == "PROVISIONED"]
        return {
            "ShardLimit": _SHARD_LIMIT,
            "OpenShardCount": sum(len(stream.open_shards()) for stream in provisioned),
            "OnDemandStreamCount": len(here) - len(provisioned),
            "OnDemandStreamCountLimit": _ON_DEMAND_LIMIT,
        }

    def describe_account_settings(self, caller: Caller, _params: Params) -> Params:
        """``DescribeAccountSettings``: the company has committed itself to nothing."""
        caller.principal.require("kinesis:DescribeAccountSettings", "*")
        self._places.pace("DescribeAccountSettings", f"account {caller.account}", "LimitExceededException")
        return {"MinimumThroughputBillingCommitment": {"Status": "DISABLED"}}

    def _new_listing(self, caller: Caller, params: Params) -> dict[str, Any]:
        if not params.keys() & _PLACE:
            raise Refusal("InvalidArgumentException", "Either NextToken or StreamName should be provided.")
        narrowed = params.get("ShardFilter", {"Type": "FROM_TRIM_HORIZON"})
        _check_filter(narrowed)
        after = max(params.get("ExclusiveStartShardId", ""), narrowed.get("ShardId", ""))
        return {"stream": self._places.name_of(caller, params, "ListShards"), "filter": narrowed, "after": after}

    def _of_then(self, caller: Caller, stream: Stream, params: Params) -> None:
        wanted = params.get("StreamCreationTimestamp")
        if wanted is not None and int(moment_of(wanted).timestamp()) != int(stream.created.timestamp()):
            message = f"Stream {stream.name} under account {caller.account} not found."
            raise Refusal("ResourceNotFoundException", message)

    def _fits(self, shard: Shard, stream: Stream, narrowed: Mapping[str, Any]) -> bool:
        if narrowed["Type"] in ("AFTER_SHARD_ID", "FROM_TRIM_HORIZON"):
            return True
        if narrowed["Type"] == "AT_LATEST":
            return shard.closed is None
        at = stream.horizon(self._streams.now())
        if "Timestamp" in narrowed:
            at = max(at, moment_of(narrowed["Timestamp"]))
        living = shard.closed is None or shard.closed >= at
        return living and (narrowed["Type"] == "FROM_TIMESTAMP" or shard.opened <= at)

    def _listed_stream(self, params: Params) -> str:
        sealed = self._tokens.open("ListShards", params["NextToken"]) if "NextToken" in params else None
        return self._places.name_in(params) if sealed is None else str(sealed.facts["stream"])


def _alone(params: Params, *members: str) -> None:
    for member in members:
        if member in params:
            message = f"NextToken and {member} cannot be provided together."
            raise Refusal("InvalidArgumentException", message)


def _check_filter(narrowed: Mapping[str, Any]) -> None:
    needs = {"AFTER_SHARD_ID": {"ShardId"}, "AT_TIMESTAMP": {"Timestamp"}, "FROM_TIMESTAMP": {"Timestamp"}}
    wanted = needs.get(narrowed["Type"], set())
    if narrowed.keys() - {"Type"} != wanted:
        message = f"ShardFilter of type {narrowed['Type']} takes {sorted(wanted) or 'nothing'} besides."
        raise Refusal("InvalidArgumentException", message)


def _require_ready(caller: Caller, stream: Stream) -> None:
    if stream.status not in ("ACTIVE", "UPDATING"):
        message = f"Stream {stream.name} under account {caller.account} not ACTIVE, instead in state {stream.status}"
        raise Refusal("ResourceInUseException", message)


def _listed(stream: Stream) -> Params:
    return {
        "StreamName": stream.name,
        "StreamARN": stream.arn,
        "StreamStatus": stream.status,
        "StreamModeDetails": {"StreamMode": stream.mode},
        "StreamCreationTimestamp": stream.created,
    }


def _described(stream: Stream) -> Params:
    key = {} if stream.key_id is None else {"KeyId": stream.key_id}
    metrics = METRICS if "ALL" in stream.metrics else stream.metrics
    return {
        **_listed(stream),
        "RetentionPeriodHours": stream.retention_hours,
        "EnhancedMonitoring": [{"ShardLevelMetrics": list(metrics)} if metrics else {}],
        "EncryptionType": "KMS" if key else "NONE",
        **key,
    }


def _shard_row(shard: Shard) -> Params:
    numbers = {"StartingSequenceNumber": str(shard.starting)}
    if shard.ending is not None:
        numbers["EndingSequenceNumber"] = str(shard.ending)
    row: Params = {
        "ShardId": shard.shard_id,
        "HashKeyRange": {"StartingHashKey": str(shard.first_hash), "EndingHashKey": str(shard.last_hash)},
        "SequenceNumberRange": numbers,
    }
    parents = {"ParentShardId": shard.parent, "AdjacentParentShardId": shard.adjacent}
    return row | {member: parent for member, parent in parents.items() if parent is not None}


def _tag(key: str, value: str) -> Params:
    return {"Key": key, "Value": value}
