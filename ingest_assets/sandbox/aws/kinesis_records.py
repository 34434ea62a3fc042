"""Reading a shard of a Kinesis stream: iterators and the records that they lead to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ingest_assets.errors import NotFoundError
from ingest_assets.sandbox.aws.identity import access_denied
from ingest_assets.sandbox.aws.kinesis_places import Places, moment_of
from ingest_assets.sandbox.aws.operations import Caller, Params
from ingest_assets.sandbox.aws.refusal import Refusal
from ingest_assets.sandbox.aws.sealed import Sealed, SealedTokens
from ingest_assets.sandbox.company.streams import AWS_MANAGED_KEY, Record, Shard, Stream

MOST_RECORDS = 10_000
MOST_BYTES = 10 * 1024 * 1024
_ITERATOR_SECONDS = 300
_BY_NUMBER = ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER")


class RecordReader:
    """``GetShardIterator`` and ``GetRecords``.

    Args:
        places: Finds the streams.
        tokens: Issues iterators, each of which knows its stream, shard and position.
    """

    def __init__(self, places: Places, tokens: SealedTokens) -> None:
        self._places = places
        self._streams = places.streams
        self._tokens = tokens

    def subject(self, params: Params) -> str:
        """``stream/shard``, for the words of fault plans."""
        sealed = self._tokens.open("iterator", params["ShardIterator"]) if "ShardIterator" in params else None
        if sealed is not None:
            return f"{sealed.facts['stream']}/{sealed.facts['shard']}"
        return f"{self._places.name_in(params)}/{params.get('ShardId', '')}"

    def get_shard_iterator(self, caller: Caller, params: Params) -> Params:
        """``GetShardIterator``: of all types; a closed shard gives one, too."""
        _check_start(params)
        stream = self._places.named(caller, params, "GetShardIterator")
        shard = _shard(caller, stream, params["ShardId"])
        where = f"shard {shard.shard_id} in stream {stream.name} under account {caller.account}"
        self._places.pace("GetShardIterator", where, "ProvisionedThroughputExceededException")
        with self._streams.lock:
            after = self._position(stream, shard, params, where)
        return {"ShardIterator": self._iterator(stream, shard, after, 0)}

    def get_records(self, caller: Caller, params: Params) -> Params:
        """``GetRecords``: up to 10,000 records or 10 MiB; no next iterator at the end of a closed shard.

        Records that aged out since the iterator was made are passed over, as the real service does.
        """
        facts = self._open(params["ShardIterator"])
        if "StreamARN" in params and self._places.name_of(caller, params, "GetRecords") != facts["stream"]:
            raise Refusal("InvalidArgumentException", "ShardIterator is of another stream.")
        stream = self._places.of_name(caller, facts["stream"], "GetRecords")
        if facts["created"] != stream.created.timestamp():
            message = f"Stream {stream.name} under account {caller.account} not found."
            raise Refusal("ResourceNotFoundException", message)
        shard = _shard(caller, stream, facts["shard"])
        where = f"shard {shard.shard_id} in stream {stream.name} under account {caller.account}"
        self._places.pace("GetRecords", where, "ProvisionedThroughputExceededException")
        _require_key(caller, stream)
        with self._streams.lock:
            return self._page(stream, shard, facts, params.get("Limit", MOST_RECORDS))

    def _page(self, stream: Stream, shard: Shard, facts: Mapping[str, Any], limit: int) -> Params:
        after, steps, now = int(facts["after"]), int(facts["steps"]), self._streams.now()
        kept = [record for record in shard.records if record.arrived >= stream.horizon(now)]
        left = [record for record in kept if record.sequence_number > after]
        if left and left[0] is kept[0] and steps < shard.empty_pages:
            behind = _millis_behind(now, kept[0].arrived)
            return {
                "Records": [],
                "NextShardIterator": self._iterator(stream, shard, after, steps + 1),
                "MillisBehindLatest": behind,
            }
        taken = _fitting(left[:limit])
        more = len(left) > len(taken)
        page: Params = {
            "Records": [_record_row(stream, record) for record in taken],
            "MillisBehindLatest": _millis_behind(now, taken[-1].arrived) if more else 0,
        }
        if more or shard.closed is None:
            position = taken[-1].sequence_number if taken else after
            page["NextShardIterator"] = self._iterator(stream, shard, position, steps)
        else:
            page["ChildShards"] = _children(stream, shard)
        return page

    def _position(self, stream: Stream, shard: Shard, params: Params, where: str) -> int:
        """The sequence number after which reading starts."""
        kind = params["ShardIteratorType"]
        if kind in _BY_NUMBER:
            number = int(params["StartingSequenceNumber"])
            if number < shard.starting or (shard.ending is not None and number > shard.ending):
                message = (
                    f"StartingSequenceNumber {number} used in GetShardIterator on {where} is invalid because it did "
                    "not come from this stream."
                )
                raise Refusal("InvalidArgumentException", message)
            return number - 1 if kind == "AT_SEQUENCE_NUMBER" else number
        if kind == "TRIM_HORIZON":
            return shard.starting
        if kind == "LATEST":
            return shard.records[-1].sequence_number if shard.records else shard.starting
        return _before(shard, moment_of(params["Timestamp"]), self._streams.now())

    def _iterator(self, stream: Stream, shard: Shard, after: int, steps: int) -> str:
        facts = {
            "stream": stream.name,
            "created": stream.created.timestamp(),
            "shard": shard.shard_id,
            "after": str(after),
            "steps": steps,
        }
        return self._tokens.issue("iterator", facts, self._streams.now())

    def _open(self, iterator: str) -> Mapping[str, Any]:
        sealed = self._tokens.open("iterator", iterator)
        if sealed is None:
            raise Refusal("InvalidArgumentException", "Invalid ShardIterator.")
        now = self._streams.now()
        if sealed.age(now) > _ITERATOR_SECONDS:
            raise Refusal("ExpiredIteratorException", _expired(sealed, now))
        return sealed.facts


def _check_start(params: Params) -> None:
    """Each type takes its own starting point and no other."""
    kind = params["ShardIteratorType"]
    wanted = {"StartingSequenceNumber"} if kind in _BY_NUMBER else {"Timestamp"} if kind == "AT_TIMESTAMP" else set()
    given = params.keys() & {"StartingSequenceNumber", "Timestamp"}
    if given != wanted:
        message = (
            "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) "
            "TRIM_HORIZON or LATEST and no StartingSequenceNumber or (3) AT_TIMESTAMP and Timestamp. "
            f"Request specified {kind} and {' and '.join(sorted(given)) or 'neither'}."
        )
        raise Refusal("InvalidArgumentException", message)


def _shard(caller: Caller, stream: Stream, shard_id: str) -> Shard:
    try:
        return stream.shard(shard_id)
    except NotFoundError:
        message = f"Shard {shard_id} in stream {stream.name} under account {caller.account} does not exist"
        raise Refusal("ResourceNotFoundException", message) from None


def _require_key(caller: Caller, stream: Stream) -> None:
    """A key of the customer's own asks each reader for ``kms:Decrypt``; AWS's own key does not."""
    if stream.key_id in (None, AWS_MANAGED_KEY) or caller.principal.may("kms:Decrypt", str(stream.key_id)):
        return
    denial = access_denied(caller.principal, "kms:Decrypt", str(stream.key_id))
    raise Refusal("KMSAccessDeniedException", denial.message)


def _before(shard: Shard, at: datetime, now: datetime) -> int:
    if at > now:
        millis = [int(moment.timestamp() * 1000) for moment in (at, now)]
        message = (
            "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. "
            f"timestampInMillis: {millis[0]}, currentTimestampInMillis: {millis[1]}"
        )
        raise Refusal("InvalidArgumentException", message)
    found = next((record.sequence_number - 1 for record in shard.records if record.arrived >= at), None)
    if found is not None:
        return found
    return shard.records[-1].sequence_number if shard.records else shard.starting


def _fitting(records: list[Record]) -> list[Record]:
    """As many as 10 MiB hold, one at least."""
    size = 0
    for at, record in enumerate(records):
        size += len(record.data)
        if at and size > MOST_BYTES:
            return records[:at]
    return records


def _millis_behind(now: datetime, moment: datetime) -> int:
    return max(0, int((now - moment).total_seconds() * 1000))


def _record_row(stream: Stream, record: Record) -> Params:
    row: Params = {
        "SequenceNumber": str(record.sequence_number),
        "ApproximateArrivalTimestamp": record.arrived,
        "Data": record.data,
        "PartitionKey": record.partition_key,
    }
    return row if stream.key_id is None else {**row, "EncryptionType": "KMS"}


def _children(stream: Stream, shard: Shard) -> list[Params]:
    return [
        {
            "ShardId": child.shard_id,
            "ParentShards": [parent for parent in (child.parent, child.adjacent) if parent is not None],
            "HashKeyRange": {"StartingHashKey": str(child.first_hash), "EndingHashKey": str(child.last_hash)},
        }
        for child in stream.shards
        if shard.shard_id in (child.parent, child.adjacent)
    ]


def _expired(sealed: Sealed, now: datetime) -> str:
    return (
        f"Iterator expired. The iterator was created at time {sealed.issued:%a %b %d %H:%M:%S UTC %Y} while right now "
        f"it is {now:%a %b %d %H:%M:%S UTC %Y} which is further in the future than the tolerated delay of "
        f"{_ITERATOR_SECONDS * 1000} milliseconds."
    )
