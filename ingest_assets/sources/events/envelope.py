"""What EventBridge's events say of a catalog.

Shapes: https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html, and QuickSight's page
on events. AWS sends them at its best effort, in any order, perhaps not at all: they hasten what a schedule does anyway.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from ingest_assets.errors import InvalidAnswerError

_GLUE, _QUICKSIGHT = "aws.glue", "aws.quicksight"
_CATALOG = "Glue Data Catalog "
_BESIDE_IT = ("Partition", "ColumnStatistics")  # of no property that a catalog in OpenMetadata has
_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_REGION = re.compile(r"[a-z]+(-[a-z]+)+-\d{1,2}")
# Glue's own pattern for names: no control characters, which databases refuse, and no halves of surrogate pairs.
_NAME = re.compile(r"[\t\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]{1,255}")


class Change(NamedTuple):
    """What one event is about.

    Attributes:
        service: ``glue`` or ``quicksight``.
        account: Twelve digits, whose catalog has changed.
        region: Where.
        database: Of Glue: the database, or that of the table; None: all.
    """

    service: str
    account: str
    region: str
    database: str | None = None


def change_of(body: str) -> Change | None:
    """What a message tells.

    Returns:
        None for an event about something else: a crawler, a partition, a job.

    Raises:
        InvalidAnswerError: It is no event of EventBridge.
    """
    event = _event(body)
    try:
        source, kind, detail = event["source"], event["detail-type"], event["detail"]
        account, region = _fitting(event, "account", _ACCOUNT), _fitting(event, "region", _REGION)
        if source == _GLUE and str(kind).startswith(_CATALOG):
            if any(beside in str(detail["typeOfChange"]) for beside in _BESIDE_IT):
                return None
            return Change("glue", account, region, _fitting(detail, "databaseName", _NAME))
    except (KeyError, TypeError) as error:
        raise InvalidAnswerError(f"It is no event of EventBridge: it lacks {error}.", where="sqs: a message") from error
    return Change("quicksight", account, region) if source == _QUICKSIGHT else None


def _fitting(told: dict[str, Any], key: str, pattern: re.Pattern[str]) -> str:
    """A value that can be what it is called: any other would be taken for a name that nothing has."""
    value = told[key]
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise InvalidAnswerError(f"It is no event of EventBridge: its {key} is none.", where="sqs: a message")
    return value


def _event(body: str) -> dict[str, Any]:
    """The event; one that came by an SNS topic lies in a text of its notification."""
    try:
        event = json.loads(body)
        if isinstance(event, dict) and event.get("Type") == "Notification":
            event = json.loads(event["Message"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InvalidAnswerError("It is no event of EventBridge: it is no JSON.", where="sqs: a message") from error
    if not isinstance(event, dict):
        raise InvalidAnswerError("It is no event of EventBridge: it is no object.", where="sqs: a message")
    return event
