"""Amazon SQS: standard queues, whose messages come at least once and in no promised order."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from ingest_assets.sandbox.aws.operations import Caller, Operation, Params, Tokens
from ingest_assets.sandbox.aws.query_compatible import query_code
from ingest_assets.sandbox.aws.refusal import Refusal
from ingest_assets.sandbox.aws.sealed import SealedTokens
from ingest_assets.sandbox.aws.sqs_attributes import MOST_SECONDS, checked_attributes, in_range, shown_attributes
from ingest_assets.sandbox.company.queues import Message, Queue, Queues, Receipt

_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}", re.ASCII)
_PATH = re.compile(r"/(\d{12})/([^/]+)", re.ASCII)
_ENTRY_ID = re.compile(r"[A-Za-z0-9_-]{1,80}", re.ASCII)
_ENTRIES = 10
_LISTED = 1000
_PAUSE = timedelta(seconds=60)  # between two purges, and before a deleted queue's name is free again
_BODY = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
_QUEUE = frozenset({"QueueUrl"})

Entry = Callable[[Queue, Params], Params]


class SqsService:
    """The SQS operations that are built: queues that are first in, first out (FIFO) are not.

    Args:
        queues: The state behind.
        tokens: Issues and checks page tokens.
    """

    name = "sqs"

    def __init__(self, queues: Queues, tokens: Tokens) -> None:
        self._queues = queues
        self._tokens = tokens
        self._receipts = SealedTokens()

    @property
    def operations(self) -> Mapping[str, Operation]:
        """See ``AwsService``."""
        entries = _QUEUE | {"Entries"}
        asked = frozenset({"AttributeNames", "MessageSystemAttributeNames", "MessageAttributeNames"})
        receiving = _QUEUE | asked | {"MaxNumberOfMessages", "VisibilityTimeout", "WaitTimeSeconds"}
        receipt = _QUEUE | {"ReceiptHandle"}
        built: dict[str, tuple[Callable[[Caller, Params], Params], frozenset[str]]] = {
            "CreateQueue": (self.create_queue, frozenset({"QueueName", "Attributes"})),
            "DeleteQueue": (self.delete_queue, _QUEUE),
            "GetQueueUrl": (self.get_queue_url, frozenset({"QueueName", "QueueOwnerAWSAccountId"})),
            "ListQueues": (self.list_queues, frozenset({"QueueNamePrefix", "MaxResults", "NextToken"})),
            "GetQueueAttributes": (self.get_queue_attributes, _QUEUE | {"AttributeNames"}),
            "SetQueueAttributes": (self.set_queue_attributes, _QUEUE | {"Attributes"}),
            "SendMessage": (self.send_message, _QUEUE | {"MessageBody", "DelaySeconds"}),
            "SendMessageBatch": (self.send_message_batch, entries),
            "ReceiveMessage": (self.receive_message, receiving),
            "DeleteMessage": (self.delete_message, receipt),
            "DeleteMessageBatch": (self.delete_message_batch, entries),
            "ChangeMessageVisibility": (self.change_message_visibility, receipt | {"VisibilityTimeout"}),
            "ChangeMessageVisibilityBatch": (self.change_message_visibility_batch, entries),
            "PurgeQueue": (self.purge_queue, _QUEUE),
        }
        return {name: Operation(handler, honours, _queue_name) for name, (handler, honours) in built.items()}

    def create_queue(self, caller: Caller, params: Params) -> Params:
        """``CreateQueue``: once more with the same attributes it only gives the URL."""
        name = params["QueueName"]
        caller.principal.require("sqs:CreateQueue", _arn(caller, name))
        if name.endswith(".fifo"):
            raise Refusal("NotImplemented", "The sandbox has no FIFO queues yet.", 501)
        if _NAME.fullmatch(name) is None:
            message = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
            raise Refusal("InvalidParameterValueException", message)
        with self._queues.changed:
            attributes = checked_attributes(params.get("Attributes", {}), self._queues)
            deleted = self._queues.deleted(name, account=caller.account, region=caller.region)
            queue = self._queues.find(name, account=caller.account, region=caller.region)
            if queue is None:
                if deleted is not None and self._queues.now() < deleted + _PAUSE:
                    message = "You must wait 60 seconds after deleting a queue before you can create another"
                    raise Refusal("QueueDeletedRecently", f"{message} with the same name.")
                queue = self._queues.create(name, attributes, account=caller.account, region=caller.region)
        for attribute, value in attributes.items():
            if queue.attributes.get(attribute) != value:
                message = "A queue already exists with the same name and a different value for attribute"
                raise Refusal("QueueNameExists", f"{message} {attribute}")
        return {"QueueUrl": self._queues.url_of(queue)}

    def delete_queue(self, caller: Caller, params: Params) -> Params:
        """``DeleteQueue``."""
        self._queues.delete(self._queue(caller, params, "DeleteQueue"))
        return {}

    def get_queue_url(self, caller: Caller, params: Params) -> Params:
        """``GetQueueUrl``."""
        name, account = params["QueueName"], params.get("QueueOwnerAWSAccountId", caller.account)
        caller.principal.require("sqs:GetQueueUrl", _arn(caller, name, account))
        return {"QueueUrl": self._queues.url_of(self._existing(caller, account, name))}

    def list_queues(self, caller: Caller, params: Params) -> Params:
        """``ListQueues``: without ``MaxResults`` the first thousand, and no token."""
        caller.principal.require("sqs:ListQueues", "*")
        prefix, size = params.get("QueueNamePrefix", ""), params.get("MaxResults", _LISTED)
        in_range("MaxResults", size, 1, _LISTED)
        listing = f"ListQueues\0{prefix}"
        after = self._tokens.position(listing, params.get("NextToken"), "InvalidParameterValueException") or ""
        queues = self._queues.queues(account=caller.account, region=caller.region)
        left = [queue for queue in queues if queue.name.startswith(prefix) and queue.name > after]
        page: Params = {"QueueUrls": [self._queues.url_of(queue) for queue in left[:size]]} if left else {}
        if len(left) > size and "MaxResults" in params:
            page["NextToken"] = self._tokens.issue(listing, left[size - 1].name)
        return page

    def get_queue_attributes(self, caller: Caller, params: Params) -> Params:
        """``GetQueueAttributes``."""
        queue = self._queue(caller, params, "GetQueueAttributes")
        with self._queues.changed:
            shown = shown_attributes(queue, self._queues.now())
        asked = set(params.get("AttributeNames", ()))
        attributes = {name: value for name, value in shown.items() if name in asked or "All" in asked}
        return {"Attributes": attributes} if attributes else {}

    def set_queue_attributes(self, caller: Caller, params: Params) -> Params:
        """``SetQueueAttributes``: what is not named stays; an empty redrive policy takes it away."""
        queue = self._queue(caller, params, "SetQueueAttributes")
        with self._queues.changed:
            queue.attributes |= checked_attributes(params["Attributes"], self._queues)
            queue.changed = self._queues.now()
        return {}

    def send_message(self, caller: Caller, params: Params) -> Params:
        """``SendMessage``."""
        return self._sent(self._queue(caller, params, "SendMessage"), caller, params)

    def send_message_batch(self, caller: Caller, params: Params) -> Params:
        """``SendMessageBatch``: at most as many bytes in all as one message may have."""
        queue = self._queue(caller, params, "SendMessageBatch", "SendMessage")
        entries = _entries(params, frozenset({"Id", "MessageBody", "DelaySeconds"}))
        size = sum(len(entry["MessageBody"].encode()) for entry in entries)
        if size > int(queue.attributes["MaximumMessageSize"]):
            message = f"Batch requests cannot be longer than {queue.attributes['MaximumMessageSize']} bytes."
            raise Refusal("BatchRequestTooLong", f"{message} You have sent {size} bytes.")
        return _each(queue, entries, lambda where, entry: self._sent(where, caller, entry))

    def receive_message(self, caller: Caller, params: Params) -> Params:
        """``ReceiveMessage``: waits no longer than a message takes to come, and not at all once the server stops."""
        queue = self._queue(caller, params, "ReceiveMessage")
        most, wait = params.get("MaxNumberOfMessages", 1), params.get("WaitTimeSeconds")
        in_range("MaxNumberOfMessages", most, 1, 10)
        hidden = queue.seconds("VisibilityTimeout")
        if "VisibilityTimeout" in params:
            in_range("VisibilityTimeout", params["VisibilityTimeout"], 0, MOST_SECONDS)
            hidden = timedelta(seconds=params["VisibilityTimeout"])
        if wait is None:
            wait = int(queue.attributes["ReceiveMessageWaitTimeSeconds"])
        in_range("WaitTimeSeconds", wait, 0, 20)
        asked = {*params.get("AttributeNames", ()), *params.get("MessageSystemAttributeNames", ())}
        received = self._queues.receive(queue, most, hidden, wait)
        with self._queues.changed:
            rows = [self._row(queue, message, asked) for message in received]
        return {"Messages": rows} if rows else {}

    def delete_message(self, caller: Caller, params: Params) -> Params:
        """``DeleteMessage``: a message that is gone already is deleted once more without a word."""
        return self._deleted(self._queue(caller, params, "DeleteMessage"), params)

    def delete_message_batch(self, caller: Caller, params: Params) -> Params:
        """``DeleteMessageBatch``: each entry for itself."""
        queue = self._queue(caller, params, "DeleteMessageBatch", "DeleteMessage")
        return _each(queue, _entries(params), self._deleted)

    def change_message_visibility(self, caller: Caller, params: Params) -> Params:
        """``ChangeMessageVisibility``: counted from now, at most twelve hours since the message was received."""
        return self._changed(self._queue(caller, params, "ChangeMessageVisibility"), params)

    def change_message_visibility_batch(self, caller: Caller, params: Params) -> Params:
        """``ChangeMessageVisibilityBatch``: each entry for itself."""
        queue = self._queue(caller, params, "ChangeMessageVisibilityBatch", "ChangeMessageVisibility")
        return _each(queue, _entries(params), self._changed)

    def purge_queue(self, caller: Caller, params: Params) -> Params:
        """``PurgeQueue``: once a minute."""
        queue = self._queue(caller, params, "PurgeQueue")
        with self._queues.changed:
            if queue.purged is not None and self._queues.now() < queue.purged + _PAUSE:
                message = f"Only one PurgeQueue operation on {queue.name} is allowed every 60 seconds."
                raise Refusal("PurgeQueueInProgress", message)
            self._queues.purge(queue)
        return {}

    def _queue(self, caller: Caller, params: Params, operation: str, action: str | None = None) -> Queue:
        """The queue of a URL: by account and name, whatever host the caller knows the sandbox by.

        Args:
            caller: Who asks.
            params: With ``QueueUrl``.
            operation: What for.
            action: The permission that is needed, where it isn't the operation's name: batches have none of their own.

        Raises:
            Refusal: No URL of a queue, not allowed, or there is none.
        """
        match = _PATH.fullmatch(urlsplit(params["QueueUrl"]).path)
        if match is None:
            raise Refusal("InvalidAddress", f"The address {params['QueueUrl']} is not valid for this endpoint.")
        account, name = match.groups()
        caller.principal.require(f"sqs:{action or operation}", _arn(caller, name, account))
        return self._existing(caller, account, name)

    def _existing(self, caller: Caller, account: str, name: str) -> Queue:
        queue = self._queues.find(name, account=account, region=caller.region)
        if queue is None or account != caller.account:  # queue policies, which let others in, are not built
            raise Refusal("QueueDoesNotExist", "The specified queue does not exist.")
        return queue

    def _sent(self, queue: Queue, caller: Caller, params: Params) -> Params:
        body, delay = params["MessageBody"], params.get("DelaySeconds")
        if not body:
            raise Refusal("MissingParameter", "The request must contain the parameter MessageBody.")
        if _BODY.fullmatch(body) is None:
            raise Refusal("InvalidMessageContents", "Invalid characters found in the message body.")
        most = int(queue.attributes["MaximumMessageSize"])
        if len(body.encode()) > most:
            message = f"One or more parameters are invalid. Reason: Message must be shorter than {most} bytes."
            raise Refusal("InvalidParameterValueException", message)
        if delay is not None:
            in_range("DelaySeconds", delay, 0, 900)
        sent = self._queues.send(
            queue,
            body,
            sender=caller.principal.user_id,
            delay=None if delay is None else timedelta(seconds=delay),
        )
        return {"MessageId": sent.message_id, "MD5OfMessageBody": _md5(body)}

    def _row(self, queue: Queue, message: Message, asked: set[str]) -> Params:
        facts = {"queue": queue.queue_id, "message": message.message_id, "number": message.receives}
        row: Params = {
            "MessageId": message.message_id,
            "ReceiptHandle": self._receipts.issue("receipt", facts, self._queues.now()),
            "MD5OfBody": _md5(message.body),
            "Body": message.body,
        }
        attributes = {
            "SenderId": message.sender,
            "SentTimestamp": _milliseconds(message.sent),
            "ApproximateReceiveCount": str(message.receives),
            "ApproximateFirstReceiveTimestamp": _milliseconds(message.first_received or message.sent),
            **({"DeadLetterQueueSourceArn": message.dead_letter_source} if message.dead_letter_source else {}),
        }
        shown = {name: value for name, value in attributes.items() if name in asked or "All" in asked}
        return {**row, "Attributes": shown} if shown else row

    def _receipt(self, queue: Queue, handle: str) -> Receipt:
        sealed = self._receipts.open("receipt", handle)
        if sealed is None or sealed.facts["queue"] != queue.queue_id:
            raise Refusal(
                "ReceiptHandleIsInvalid", f'The input receipt handle "{handle}" is not a valid receipt handle.'
            )
        return Receipt(sealed.facts["message"], sealed.facts["number"])

    def _deleted(self, queue: Queue, params: Params) -> Params:
        self._queues.remove(queue, self._receipt(queue, params["ReceiptHandle"]))
        return {}

    def _changed(self, queue: Queue, params: Params) -> Params:
        if "VisibilityTimeout" not in params:
            raise Refusal("MissingParameter", "The request must contain the parameter VisibilityTimeout.")
        in_range("VisibilityTimeout", params["VisibilityTimeout"], 0, MOST_SECONDS)
        receipt, hidden = self._receipt(queue, params["ReceiptHandle"]), timedelta(seconds=params["VisibilityTimeout"])
        with self._queues.changed:
            now, message = self._queues.now(), self._queues.held(queue, receipt)
            if message is None:
                reason = "Message does not exist or is not available for visibility timeout change."
                value = f"Value {params['ReceiptHandle']} for parameter ReceiptHandle is invalid."
                raise Refusal("InvalidParameterValueException", f"{value} Reason: {reason}")
            if message.visible <= now or message.receives != receipt.number:
                raise Refusal("MessageNotInflight", "The message referred to isn't in flight.")
            first = message.first_received or now
            if now + hidden > first + timedelta(seconds=MOST_SECONDS):
                reason = f"Total VisibilityTimeout for the message is beyond the limit [{MOST_SECONDS} seconds]"
                value = f"Value {params['VisibilityTimeout']} for parameter VisibilityTimeout is invalid."
                raise Refusal("InvalidParameterValueException", f"{value} Reason: {reason}")
            self._queues.hide(message, hidden)
        return {}


def _entries(params: Params, honours: frozenset[str] | None = None) -> list[Params]:
    """The entries of a batch.

    Raises:
        Refusal: None or too many of them, an id twice or of a bad form, or a member that is not built.
    """
    entries: list[Params] = params["Entries"]
    if not entries:
        raise Refusal("EmptyBatchRequest", "There should be at least one entry in the request.")
    if len(entries) > _ENTRIES:
        message = f"Maximum number of entries per request are {_ENTRIES}. You have sent {len(entries)}."
        raise Refusal("TooManyEntriesInBatchRequest", message)
    ids = [entry["Id"] for entry in entries]
    for entry_id in ids:
        if _ENTRY_ID.fullmatch(entry_id) is None:
            message = "A batch entry id can only contain alphanumeric characters, hyphens and underscores."
            raise Refusal("InvalidBatchEntryId", f"{message} It can be at most 80 letters long.")
        if ids.count(entry_id) > 1:
            raise Refusal("BatchEntryIdsNotDistinct", f"Id {entry_id} repeated.")
    unhonoured = sorted({name for entry in entries for name in entry} - honours) if honours else []
    if unhonoured:
        raise Refusal("NotImplemented", f"The sandbox does not honour {unhonoured} of entries yet.", 501)
    return entries


def _each(queue: Queue, entries: list[Params], act: Entry) -> Params:
    """A batch's answer: what became of each entry."""
    became = [_outcome(queue, entry, act) for entry in entries]
    return {
        "Successful": [row for row in became if "Code" not in row],
        "Failed": [row for row in became if "Code" in row],
    }


def _outcome(queue: Queue, entry: Params, act: Entry) -> Params:
    try:
        return {"Id": entry["Id"], **act(queue, entry)}
    except Refusal as refusal:
        code = query_code(refusal.error)
        return {"Id": entry["Id"], "SenderFault": True, "Code": code, "Message": refusal.message}


def _arn(caller: Caller, name: str, account: str | None = None) -> str:
    return f"arn:aws:sqs:{caller.region}:{account or caller.account}:{name}"


def _queue_name(params: Params) -> str:
    """What a call is about for the fault plan: bodies and receipt handles are no names."""
    name: Any = params.get("QueueName", params.get("QueueNamePrefix", ""))
    return urlsplit(params["QueueUrl"]).path.rpartition("/")[2] if "QueueUrl" in params else str(name)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _milliseconds(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))
