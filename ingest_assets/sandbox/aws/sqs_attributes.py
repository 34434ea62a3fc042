"""What may be set of a queue, within AWS's limits, and what may be asked of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ingest_assets.sandbox.aws.refusal import Refusal
from ingest_assets.sandbox.company.queues import Queue, Queues

MOST_SECONDS = 43_200  # that a message may stay hidden: twelve hours
_MOST_RECEIVES = 1000
_RANGES: Mapping[str, tuple[int, int]] = {
    "VisibilityTimeout": (0, MOST_SECONDS),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "DelaySeconds": (0, 900),
    "MessageRetentionPeriod": (60, 1_209_600),
    "MaximumMessageSize": (1024, 1_048_576),
}
_READ_ONLY = frozenset(
    {
        "QueueArn",
        "CreatedTimestamp",
        "LastModifiedTimestamp",
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesDelayed",
    }
)


def in_range(parameter: str, value: int, least: int, most: int) -> None:
    """Refuse a number beyond its limits.

    Raises:
        Refusal: ``InvalidParameterValue``.
    """
    if not least <= value <= most:
        reason = f"Must be between {least} and {most}, if provided."
        message = f"Value {value} for parameter {parameter} is invalid. Reason: {reason}"
        raise Refusal("InvalidParameterValueException", message)


def checked_attributes(attributes: Mapping[str, str], queues: Queues) -> dict[str, str]:
    """Attributes that somebody sets.

    Raises:
        Refusal: One that can't be set, or not so.
    """
    for name, value in attributes.items():
        if name in _READ_ONLY or name == "All":
            raise Refusal("InvalidAttributeName", f"Unknown Attribute {name}.")
        if name == "RedrivePolicy":
            _check_redrive(value, queues)
        elif name not in _RANGES:
            raise Refusal("NotImplemented", f"The sandbox does not honour the attribute {name} yet.", 501)
        elif not _fits(value, *_RANGES[name]):
            raise Refusal("InvalidAttributeValue", f"Invalid value for the parameter {name}.")
    return dict(attributes)


def shown_attributes(queue: Queue, now: datetime) -> dict[str, str]:
    """All attributes of a queue: those that were set, and what it tells of itself."""
    queue.expire(now)
    visible = sum(message.visible <= now for message in queue.messages.values())
    delayed = sum(message.visible > now and not message.receives for message in queue.messages.values())
    told = {
        "QueueArn": queue.arn,
        "ApproximateNumberOfMessages": str(visible),
        "ApproximateNumberOfMessagesNotVisible": str(len(queue.messages) - visible - delayed),
        "ApproximateNumberOfMessagesDelayed": str(delayed),
        "CreatedTimestamp": str(int(queue.created.timestamp())),
        "LastModifiedTimestamp": str(int(queue.changed.timestamp())),
    }
    return {name: value for name, value in queue.attributes.items() if value} | told


def _fits(value: str, least: int, most: int) -> bool:
    return value.isdecimal() and value.isascii() and least <= int(value) <= most


def _check_redrive(value: str, queues: Queues) -> None:
    if not value:
        return
    try:
        policy: Any = json.loads(value)
    except ValueError:
        raise _redrive_refused(value, "Redrive policy is not a valid JSON map.") from None
    if not isinstance(policy, dict):
        raise _redrive_refused(value, "Redrive policy is not a valid JSON map.")
    for wanted in ("maxReceiveCount", "deadLetterTargetArn"):
        if wanted not in policy:
            raise _redrive_refused(value, f"Redrive policy does not contain mandatory attribute: {wanted}.")
    if not _fits(str(policy["maxReceiveCount"]), 1, _MOST_RECEIVES):
        raise _redrive_refused(value, f"Invalid value for maxReceiveCount: {policy['maxReceiveCount']}.")
    *start, region, account, name = ["", "", "", *str(policy["deadLetterTargetArn"]).split(":")]
    known = start[3:] == ["arn", "aws", "sqs"] and queues.find(name, account=account, region=region)
    if not known:
        raise _redrive_refused(value, "Dead letter target does not exist.")


def _redrive_refused(value: str, reason: str) -> Refusal:
    message = f"Value {value} for parameter RedrivePolicy is invalid. Reason: {reason}"
    return Refusal("InvalidParameterValueException", message)
