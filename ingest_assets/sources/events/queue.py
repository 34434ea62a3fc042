"""An SQS queue: messages are taken without being removed, and removed once what they ask for is under way.

Least permissions: ``sqs:ReceiveMessage`` and ``sqs:DeleteMessage`` on the queue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import urlsplit

from ingest_assets.calls import Calls
from ingest_assets.sources.aws import AwsCredentials, AwsSession, required
from ingest_assets.sources.aws_probing import try_call
from ingest_assets.sources.probing import ProbeStep

_AT_ONCE = 10  # SQS's most, for receiving and for deleting
_HOST = re.compile(r"(?:[a-z0-9-]+\.)?(?:sqs(?:-fips)?\.([a-z]+(?:-[a-z]+)+-\d{1,2})\.[a-z0-9.-]+)")
_OLDER_HOST = re.compile(r"(?:([a-z0-9-]+)\.)?queue\.amazonaws\.com(?:\.cn)?")
_FIRST_REGION = "us-east-1"  # the one that older addresses leave out
_NOBODYS = "of-no-message"
_READ_TIMEOUT = 5.0  # seconds; a sensor's tick has sixty


class Message(NamedTuple):
    """One message, as it was received this time.

    Attributes:
        id: SQS's, the same however often it is received.
        receipt: By which it is deleted; another one each time.
        body: As it was sent.
    """

    id: str
    receipt: str
    body: str


class EventQueue:
    """One queue.

    Args:
        url: Its address.
        credentials: Who asks. Their region is that of the queue where its address tells none.
        calls: Counts what is asked.

    Attributes:
        url: The same.
        session: Of the queue's region.
    """

    def __init__(self, url: str, credentials: AwsCredentials, calls: Calls) -> None:
        self.url = url
        # The recipe's endPointURL is that of the service that it reads, never of SQS.
        who = replace(credentials, endpoint_url=None, region=_region_of(url) or credentials.region)
        self.session = AwsSession(who, calls, service="sqs", read_timeout=_READ_TIMEOUT, attempts=3)

    def receive(self, most: int, hidden_for: int) -> Iterator[Message]:
        """Messages that are there, until the queue shows none.

        SQS may show none although there are some; those come the next time.

        Args:
            most: How many at most.
            hidden_for: Seconds for which nobody else is given them.

        Raises:
            RemoteError: The queue can't be read.
        """
        where = f"sqs:ReceiveMessage of {self.url}"
        left = most
        while left > 0:
            answer = self.session.call(
                "sqs",
                "ReceiveMessage",
                self.url,
                QueueUrl=self.url,
                MaxNumberOfMessages=min(_AT_ONCE, left),
                VisibilityTimeout=hidden_for,
            )
            found = answer.get("Messages") or []  # SQS leaves the key out where there is none
            if not found:
                return
            for each in found:
                names = ("MessageId", "ReceiptHandle", "Body")
                yield Message(*(required(each, name, str, where=where) for name in names))
            left -= len(found)

    def delete(self, receipts: Sequence[str]) -> int:
        """Delete messages by what they were received with.

        Returns:
            How many SQS did not delete: it gives them out again.

        Raises:
            RemoteError: The queue can't be asked.
        """
        refused = 0
        for start in range(0, len(receipts), _AT_ONCE):
            entries = [
                {"Id": str(at), "ReceiptHandle": receipt}
                for at, receipt in enumerate(receipts[start : start + _AT_ONCE])
            ]
            answer = self.session.call("sqs", "DeleteMessageBatch", self.url, QueueUrl=self.url, Entries=entries)
            refused += len(answer.get("Failed") or [])
        return refused


def probe(queue: EventQueue) -> Iterator[ProbeStep]:
    """Try what the sensor of events needs: one message is shown and hidden from nobody, and none is removed.

    Raises:
        AuthenticationError: The credentials are refused.
    """
    seen = {"QueueUrl": queue.url, "MaxNumberOfMessages": 1, "VisibilityTimeout": 0}
    entries = [{"Id": "0", "ReceiptHandle": _NOBODYS}]
    for operation, parameters in (
        ("ReceiveMessage", seen),
        ("DeleteMessageBatch", {"QueueUrl": queue.url, "Entries": entries}),
    ):
        step, _ = try_call(queue.session, "sqs", operation, queue.url, parameters)
        yield step._replace(
            required=False, detail=f"{step.detail}; for the sensor events, which hears of changes at once"
        )


def _region_of(url: str) -> str | None:
    """The region in ``https://sqs.eu-central-1.amazonaws.com/123456789012/name``, in any spelling."""
    host = urlsplit(url).hostname or ""
    if (match := _HOST.fullmatch(host)) is not None:
        return match[1]
    older = _OLDER_HOST.fullmatch(host)
    return (older[1] or _FIRST_REGION) if older else None
