"""The company's SQS as state: standard queues, what lies in them, and until when a received message stays hidden."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from ingest_assets.errors import NotFoundError

DEFAULTS: Mapping[str, str] = {
    "VisibilityTimeout": "30",
    "ReceiveMessageWaitTimeSeconds": "0",
    "DelaySeconds": "0",
    "MessageRetentionPeriod": "345600",
    "MaximumMessageSize": "1048576",
}
"""What AWS gives a queue that its maker says nothing of: seconds, and bytes."""

MOST_MESSAGES = 10_000
_SHORTEST_WAIT = 0.01  # seconds; a message that falls due within a wait is looked for no more often


@dataclass
class Message:
    """One message.

    Attributes:
        message_id: As AWS gives it; it stays when the message moves to a dead-letter queue.
        body: Text.
        sent: When it was sent in the first place.
        visible: From when on it may be received.
        sender: ``SenderId``.
        receives: How often it was received, in all queues.
        first_received: When that was first.
        dead_letter_source: ARN of the queue that it was taken out of as undeliverable.
    """

    message_id: str
    body: str
    sent: datetime
    visible: datetime
    sender: str
    receives: int = 0
    first_received: datetime | None = None
    dead_letter_source: str | None = None


@dataclass
class Queue:
    """One standard queue.

    Attributes:
        name: Its name.
        account: Its owner's twelve digits.
        region: Where it is.
        created: When it was made.
        attributes: Those that may be set, as AWS writes them: all are texts.
        changed: When ``attributes`` were last set.
        messages: By id, the oldest first.
        purged: When it was last purged.
        old_receipts_delete: Whether a receipt handle still deletes after its message was received anew. AWS promises
            it of the newest handle only: an older one is accepted and "the message might not be deleted".
        most: Messages that are kept; AWS has no limit, but a demo that nobody reads must not fill the memory.
        dropped: How many were taken away for that, the oldest first.
        queue_id: Tells it from an earlier queue of that name.
    """

    name: str
    account: str
    region: str
    created: datetime
    attributes: dict[str, str]
    changed: datetime
    messages: OrderedDict[str, Message] = field(default_factory=OrderedDict)
    purged: datetime | None = None
    old_receipts_delete: bool = True
    most: int = MOST_MESSAGES
    dropped: int = 0
    queue_id: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def arn(self) -> str:
        """As policies and redrive policies name it."""
        return f"arn:aws:sqs:{self.region}:{self.account}:{self.name}"

    def seconds(self, attribute: str) -> timedelta:
        """The time that an attribute says."""
        return timedelta(seconds=int(self.attributes[attribute]))

    def expire(self, now: datetime) -> None:
        """Forget what is older than the retention period; a dead letter's age counts from its first queue."""
        oldest = now - self.seconds("MessageRetentionPeriod")
        for message in [message for message in self.messages.values() if message.sent <= oldest]:
            del self.messages[message.message_id]

    def add(self, message: Message) -> None:
        """Take a message in, and let the oldest go when there are too many."""
        self.messages[message.message_id] = message
        while len(self.messages) > self.most:
            self.messages.popitem(last=False)  # a plain dict would walk past all that went before
            self.dropped += 1


@dataclass(frozen=True)
class Receipt:
    """The one receive of a message that a receipt handle stands for."""

    message_id: str
    number: int


class Queues:
    """SQS, safe to use from several threads.

    Args:
        account: The company's own account.
        region: Where its queues are.
        now: Tells the time by which messages are hidden, kept and counted.

    Attributes:
        now: Set it to let time pass: what was received turns visible, what is old goes. How long a long poll lasts
            is the caller's own time and not told by it.
        url: Where the sandbox serves; queues' URLs begin so.
        changed: Held while queues are read or changed, and notified of each change.
    """

    def __init__(self, account: str, region: str, now: Callable[[], datetime] | None = None) -> None:
        self.account = account
        self.region = region
        self.now = now or (lambda: datetime.now(timezone.utc))
        self.url = ""
        self.changed = threading.Condition(threading.RLock())
        self._queues: dict[tuple[str, str, str], Queue] = {}
        self._deleted: dict[tuple[str, str, str], datetime] = {}
        self._closed = False

    def open(self) -> None:
        """Let receivers wait for messages."""
        with self.changed:
            self._closed = False

    def close(self) -> None:
        """End all waiting, and let nobody wait any more: a server that stops has no time for long polls."""
        with self.changed:
            self._closed = True
            self.changed.notify_all()

    def create(
        self,
        name: str,
        attributes: Mapping[str, str] | None = None,
        *,
        account: str | None = None,
        region: str | None = None,
    ) -> Queue:
        """Add a queue, or replace it by an empty one.

        Args:
            name: Its name.
            attributes: Those that are not AWS's defaults.
            account: Its owner; the company when None.
            region: The company's when None.
        """
        now = self.now()
        owner, place = account or self.account, region or self.region
        queue = Queue(name, owner, place, now, {**DEFAULTS, **(attributes or {})}, now)
        with self.changed:
            self._queues[region or self.region, queue.account, name] = queue
            self.changed.notify_all()
        return queue

    def delete(self, queue: Queue) -> None:
        """Take a queue and its messages away."""
        with self.changed:
            key = (queue.region, queue.account, queue.name)
            self._queues.pop(key, None)
            self._deleted[key] = self.now()
            self.changed.notify_all()

    def deleted(self, name: str, *, account: str, region: str) -> datetime | None:
        """When a queue of that name was last deleted."""
        with self.changed:
            return self._deleted.get((region, account, name))

    def find(self, name: str, *, account: str | None = None, region: str | None = None) -> Queue | None:
        """One queue; None when there is none of that name."""
        with self.changed:
            return self._queues.get((region or self.region, account or self.account, name))

    def queue(self, name: str) -> Queue:
        """One of the company's own queues.

        Raises:
            NotFoundError: There is none of that name.
        """
        queue = self.find(name)
        if queue is None:
            raise NotFoundError(f"the company has no queue {name!r}", where="sandbox company")
        return queue

    def queues(self, *, account: str | None = None, region: str | None = None) -> list[Queue]:
        """All queues of an account in a region, by name."""
        place = (region or self.region, account or self.account)
        with self.changed:
            return [self._queues[key] for key in sorted(self._queues) if key[:2] == place]

    def url_of(self, queue: Queue) -> str:
        """A queue's URL, by which its users name it."""
        return f"{self.url}/{queue.account}/{queue.name}"

    def send(self, queue: Queue, body: str, *, sender: str, delay: timedelta | None = None) -> Message:
        """Put a message into a queue; without a delay of its own it has the queue's."""
        with self.changed:
            now = self.now()
            visible = now + (queue.seconds("DelaySeconds") if delay is None else delay)
            message = Message(str(uuid.uuid4()), body, now, visible, sender)
            queue.add(message)
            self.changed.notify_all()
            return message

    def receive(self, queue: Queue, most: int, hidden: timedelta, wait: float) -> list[Message]:
        """Messages that nobody else has in hand, as many as there are: one is enough to end the wait.

        Args:
            queue: Where from.
            most: How many at most.
            hidden: For how long nobody else receives them.
            wait: Seconds to wait for the first.
        """
        ends = time.monotonic() + wait
        with self.changed:
            while True:
                taken = self._take(queue, most, hidden)
                left = ends - time.monotonic()
                if taken or left <= 0 or self._closed or not self._exists(queue):
                    return taken
                self.changed.wait(max(_SHORTEST_WAIT, min(left, self._next_due(queue))))

    def held(self, queue: Queue, receipt: Receipt) -> Message | None:
        """The message of a receipt; None when it is gone by now."""
        with self.changed:
            return queue.messages.get(receipt.message_id)

    def remove(self, queue: Queue, receipt: Receipt) -> None:
        """Delete a message for good; one that is gone already is no matter."""
        with self.changed:
            message = queue.messages.get(receipt.message_id)
            if message is not None and (message.receives == receipt.number or queue.old_receipts_delete):
                del queue.messages[receipt.message_id]

    def hide(self, message: Message, hidden: timedelta) -> None:
        """Hide a message from now on for some time; no time makes it visible at once."""
        with self.changed:
            message.visible = self.now() + hidden
            self.changed.notify_all()

    def purge(self, queue: Queue) -> None:
        """Delete all messages of a queue."""
        with self.changed:
            queue.messages.clear()
            queue.purged = self.now()

    def _exists(self, queue: Queue) -> bool:
        return self._queues.get((queue.region, queue.account, queue.name)) is queue

    def _take(self, queue: Queue, most: int, hidden: timedelta) -> list[Message]:
        now = self.now()
        queue.expire(now)
        taken: list[Message] = []
        for message in self._deliverable(queue, now):
            message.receives += 1
            message.first_received = message.first_received or now
            message.visible = now + hidden
            taken.append(message)
            if len(taken) == most:
                break
        return taken

    def _deliverable(self, queue: Queue, now: datetime) -> Iterator[Message]:
        """Visible messages; those that were received too often move to the dead-letter queue in place of that."""
        dead_letters, limit = self._redrive(queue)
        for message in [message for message in queue.messages.values() if message.visible <= now]:
            if dead_letters is None or message.receives < limit:
                yield message
                continue
            del queue.messages[message.message_id]
            message.dead_letter_source = queue.arn
            dead_letters.add(message)
            self.changed.notify_all()

    def _redrive(self, queue: Queue) -> tuple[Queue | None, int]:
        policy = json.loads(queue.attributes.get("RedrivePolicy") or "{}")
        if not policy:
            return None, 0
        *_, region, account, name = policy["deadLetterTargetArn"].split(":")
        return self.find(name, account=account, region=region), int(policy["maxReceiveCount"])

    def _next_due(self, queue: Queue) -> float:
        now = self.now()
        due = [(message.visible - now).total_seconds() for message in queue.messages.values()]
        return min(due, default=float("inf"))
