"""Amazon Data Firehose: delivery streams, what they read and where they deliver."""

from __future__ import annotations

from collections.abc import Mapping

from ingest_assets.sandbox.aws.operations import Caller, Operation, Params
from ingest_assets.sandbox.aws.refusal import Refusal
from ingest_assets.sandbox.company.delivery import DeliveryStream, DeliveryStreams
from ingest_assets.sandbox.fault_sites import FaultKind
from ingest_assets.sandbox.faults import Faults

_STREAMS = 10  # AWS gives as many when Limit is not set
_TAGS = 50


class FirehoseService:
    """The Firehose operations that are built.

    Args:
        delivery: The state behind.
        faults: For the kinds that only a listing or a look-up can act out.
    """

    name = "firehose"

    def __init__(self, delivery: DeliveryStreams, faults: Faults) -> None:
        self._delivery = delivery
        self._faults = faults

    @property
    def operations(self) -> Mapping[str, Operation]:
        """See ``AwsService``."""
        listing = frozenset({"Limit", "DeliveryStreamType", "ExclusiveStartDeliveryStreamName"})
        described = frozenset({"DeliveryStreamName", "Limit", "ExclusiveStartDestinationId"})
        tags = frozenset({"DeliveryStreamName", "ExclusiveStartTagKey", "Limit"})
        return {
            "ListDeliveryStreams": Operation(self.list_delivery_streams, listing, lambda _: ""),
            "DescribeDeliveryStream": Operation(self.describe_delivery_stream, described, _name),
            "ListTagsForDeliveryStream": Operation(self.list_tags_for_delivery_stream, tags, _name),
        }

    def list_delivery_streams(self, caller: Caller, params: Params) -> Params:
        """``ListDeliveryStreams``: ten a page unless asked for more, by name; goes on by the last name alone."""
        caller.principal.require("firehose:ListDeliveryStreams", "*")
        start = params.get("ExclusiveStartDeliveryStreamName", "")
        if start and self._faults.take(self.name, "ListDeliveryStreams", "", [FaultKind.LOOP_TOKEN]):
            return {"DeliveryStreamNames": [start], "HasMoreDeliveryStreams": True}
        hides = self._faults.hiding(self.name, "ListDeliveryStreams")
        wanted, size = params.get("DeliveryStreamType"), params.get("Limit", _STREAMS)
        with self._delivery.lock:
            names = self._delivery.names() if self._is_here(caller) else []
            left = [name for name in names if name > start and not hides(name)]
            if wanted is not None:
                left = [name for name in left if self._delivery.stream(name).row["DeliveryStreamType"] == wanted]
        return {"DeliveryStreamNames": left[:size], "HasMoreDeliveryStreams": len(left) > size}

    def describe_delivery_stream(self, caller: Caller, params: Params) -> Params:
        """``DescribeDeliveryStream``: a delivery stream has one destination, so that there is never a second page."""
        stream = self._named(caller, params, "DescribeDeliveryStream")
        with self._delivery.lock:
            row = dict(stream.row)
        after = params.get("ExclusiveStartDestinationId", "")
        return {
            "DeliveryStreamDescription": {
                **row,
                "Destinations": [there for there in row["Destinations"] if there["DestinationId"] > after],
            }
        }

    def list_tags_for_delivery_stream(self, caller: Caller, params: Params) -> Params:
        """``ListTagsForDeliveryStream``: at most 50 a page, sorted by key."""
        stream = self._named(caller, params, "ListTagsForDeliveryStream")
        start, size = params.get("ExclusiveStartTagKey", ""), params.get("Limit", _TAGS)
        with self._delivery.lock:
            left = [{"Key": key, "Value": value} for key, value in sorted(stream.tags.items()) if key > start]
        return {"Tags": left[:size], "HasMoreTags": len(left) > size}

    def _named(self, caller: Caller, params: Params, operation: str) -> DeliveryStream:
        name = params["DeliveryStreamName"]
        arn = f"arn:aws:firehose:{caller.region}:{caller.account}:deliverystream/{name}"
        caller.principal.require(f"firehose:{operation}", arn)
        with self._delivery.lock:
            stream = self._delivery.find(name) if self._is_here(caller) else None
            if stream is not None and self._faults.take(self.name, operation, name, [FaultKind.VANISH]):
                self._delivery.drop(name)
                stream = None
        if stream is None:
            message = f"Firehose {name} under account {caller.account} not found."
            raise Refusal("ResourceNotFoundException", message)
        return stream

    def _is_here(self, caller: Caller) -> bool:
        return (caller.account, caller.region) == (self._delivery.account, self._delivery.region)


def _name(params: Params) -> str:
    return str(params["DeliveryStreamName"])
