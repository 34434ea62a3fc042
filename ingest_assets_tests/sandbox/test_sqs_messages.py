"""Messages of SQS, from sender to receiver, with a clock that tests move."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ingest_assets.sandbox.company.queues import Queue
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.sandbox.conftest import Clock
from ingest_assets_tests.sandbox.test_glue import code_of


def bodies(answer: dict[str, Any]) -> list[str]:
    return [message["Body"] for message in answer.get("Messages", [])]


def handle(answer: dict[str, Any]) -> str:
    return str(answer["Messages"][0]["ReceiptHandle"])


def test_a_queue_is_named_by_account_and_name_at_the_sandbox_s_own_port(
    sandbox: Sandbox, sqs: Any, queue_url: str
) -> None:
    assert queue_url == f"{sandbox.url}/{sandbox.company.account}/changes"
    assert sqs.get_queue_url(QueueName="changes")["QueueUrl"] == queue_url
    assert sqs.list_queues(QueueNamePrefix="chan")["QueueUrls"] == [queue_url]


def test_a_message_arrives_with_its_digest_and_what_was_asked_of_it(sqs: Any, queue_url: str, clock: Clock) -> None:
    sent = sqs.send_message(QueueUrl=queue_url, MessageBody="grüezi")
    answer = sqs.receive_message(
        QueueUrl=queue_url, MessageSystemAttributeNames=["ApproximateReceiveCount", "SentTimestamp"]
    )
    (message,) = answer["Messages"]
    assert message["MessageId"] == sent["MessageId"]
    assert message["MD5OfBody"] == sent["MD5OfMessageBody"] == hashlib.md5("grüezi".encode()).hexdigest()  # noqa: S324
    sent_at = str(int(clock().timestamp() * 1000))
    assert message["Attributes"] == {"ApproximateReceiveCount": "1", "SentTimestamp": sent_at}


def test_an_empty_queue_answers_without_messages(sqs: Any, queue_url: str) -> None:
    assert "Messages" not in sqs.receive_message(QueueUrl=queue_url)


def test_a_received_message_is_hidden_for_the_queue_s_timeout_and_then_comes_with_a_new_handle(
    sqs: Any, queue_url: str, clock: Clock
) -> None:
    sqs.send_message(QueueUrl=queue_url, MessageBody="a")
    first = sqs.receive_message(QueueUrl=queue_url)
    clock.forward(seconds=29)
    assert bodies(sqs.receive_message(QueueUrl=queue_url)) == []
    clock.forward(seconds=1)
    again = sqs.receive_message(QueueUrl=queue_url, MessageSystemAttributeNames=["All"])
    assert bodies(again) == ["a"]
    assert handle(again) != handle(first)
    assert again["Messages"][0]["Attributes"]["ApproximateReceiveCount"] == "2"


def test_a_receiver_chooses_how_long_a_message_is_hidden(sqs: Any, queue_url: str, clock: Clock) -> None:
    sqs.send_message(QueueUrl=queue_url, MessageBody="a")
    sqs.receive_message(QueueUrl=queue_url, VisibilityTimeout=600)
    clock.forward(seconds=599)
    assert bodies(sqs.receive_message(QueueUrl=queue_url)) == []
    clock.forward(seconds=1)
    assert bodies(sqs.receive_message(QueueUrl=queue_url)) == ["a"]


def test_a_deleted_message_never_comes_back_and_is_deleted_twice_without_a_word(
    sqs: Any, queue_url: str, clock: Clock
) -> None:
    sqs.send_message(QueueUrl=queue_url, MessageBody="a")
    receipt = handle(sqs.receive_message(QueueUrl=queue_url))
    sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=receipt)
    sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=receipt)
    clock.forward(hours=1)
    assert bodies(sqs.receive_message(QueueUrl=queue_url)) == []


@pytest.mark.parametrize(("old_receipts_delete", "left"), [(True, []), (False, ["a"])])
def test_an_old_handle_is_accepted_and_may_or_may_not_delete(
    sqs: Any, queue_url: str, queue: Queue, clock: Clock, old_receipts_delete: bool, left: list[str]
) -> None:
    queue.old_receipts_delete = old_receipts_delete
    sqs.send_message(QueueUrl=queue_url, MessageBody="a")
    old = handle(sqs.receive_message(QueueUrl=queue_url))
    clock.forward(minutes=1)
    sqs.receive_message(QueueUrl=queue_url)
    sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=old)
    clock.forward(minutes=1)
    assert bodies(sqs.receive_message(QueueUrl=queue_url)) == left


def test_a_handle_whose_timeout_ran_out_still_deletes(sqs: Any, queue_url: str, clock: Clock) -> None:
    sqs.send_message(QueueUrl=queue_url, MessageBody="a")
    receipt = handle(sqs.receive_message(QueueUrl=queue_url))
    clock.forward(hours=2)
    sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=receipt)
    assert bodies(sqs.receive_message(QueueUrl=queue_url)) == []


def test_a_handle_of_another_queue_or_of_none_is_invalid(sqs: Any, queue_url: str) -> None:
    other = sqs.create_queue(QueueName="other")["QueueUrl"]
    sqs.send_message(QueueUrl=other, MessageBody="a")
    for made_up in ("made-up", handle(sqs.receive_message(QueueUrl=other))):
        with pytest.raises(sqs.exceptions.ReceiptHandleIsInvalid) as error:
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=made_up)
        assert code_of(error) == "ReceiptHandleIsInvalid"


def test_at_most_ten_messages_come_at_once_and_nobody_gets_them_twice(sqs: Any, queue_url: str) -> None:
    entries = [{"Id": str(number), "MessageBody": f"m{number}"} for number in range(10)]
    sent = sqs.send_message_batch(QueueUrl=queue_url, Entries=entries)
    assert [row["Id"] for row in sent["Successful"]] == [entry["Id"] for entry in entries]
    sqs.send_message(QueueUrl=queue_url, MessageBody="m10")
    first, second = (bodies(sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10)) for _ in range(2))
    assert len(first) == 10
    assert {*first, *second} == {f"m{number}" for number in range(11)}
    with pytest.raises(ClientError, match="Must be between 1 and 10") as error:
        sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=11)
    assert code_of(error) == "InvalidParameterValue"


def test_each_entry_of_a_batch_fails_for_itself(sqs: Any, queue_url: str) -> None:
    sqs.send_message(QueueUrl=queue_url, MessageBody="a")
    receipt = handle(sqs.receive_message(QueueUrl=queue_url))
    entries = [{"Id": "good", "ReceiptHandle": receipt}, {"Id": "bad", "ReceiptHandle": "made-up"}]
    hidden = [{**entry, "VisibilityTimeout": 60} for entry in entries]
    changed = sqs.change_message_visibility_batch(QueueUrl=queue_url, Entries=hidden)
    deleted = sqs.delete_message_batch(QueueUrl=queue_url, Entries=entries)
    for answer in (changed, deleted):
        assert answer["Successful"] == [{"Id": "good"}]
        (failure,) = answer["Failed"]
        assert (failure["Id"], failure["Code"], failure["SenderFault"]) == ("bad", "ReceiptHandleIsInvalid", True)


@pytest.mark.parametrize(
    ("ids", "code"),
    [
        ([], "AWS.SimpleQueueService.EmptyBatchRequest"),
        (["a", "a"], "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"),
        ([str(number) for number in range(11)], "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"),
        (["not an id"], "AWS.SimpleQueueService.InvalidBatchEntryId"),
    ],
)
def test_a_batch_of_a_bad_form_is_refused_as_a_whole(sqs: Any, queue_url: str, ids: list[str], code: str) -> None:
    with pytest.raises(ClientError) as error:
        sqs.delete_message_batch(QueueUrl=queue_url, Entries=[{"Id": one, "ReceiptHandle": "r"} for one in ids])
    assert code_of(error) == code


def test_a_batch_that_is_too_long_is_refused(sqs: Any, queue_url: str) -> None:
    sqs.set_queue_attributes(QueueUrl=queue_url, Attributes={"MaximumMessageSize": "1024"})
    entries = [{"Id": str(number), "MessageBody": "x" * 600} for number in range(2)]
    with pytest.raises(sqs.exceptions.BatchRequestTooLong):
        sqs.send_message_batch(QueueUrl=queue_url, Entries=entries)
    with pytest.raises(ClientError, match="shorter than 1024 bytes"):
        sqs.send_message(QueueUrl=queue_url, MessageBody="x" * 1025)


def test_visibility_is_changed_from_now_on_and_zero_gives_the_message_back(
    sqs: Any, queue_url: str, clock: Clock
) -> None:
    sqs.send_message(QueueUrl=queue_url, MessageBody="a")
    receipt = handle(sqs.receive_message(QueueUrl=queue_url))
    clock.forward(seconds=20)
    sqs.change_message_visibility(QueueUrl=queue_url, ReceiptHandle=receipt, VisibilityTimeout=30)
    clock.forward(seconds=29)
    assert bodies(sqs.receive_message(QueueUrl=queue_url)) == []
    sqs.change_message_visibility(QueueUrl=queue_url, ReceiptHandle=receipt, VisibilityTimeout=0)
    assert bodies(sqs.receive_message(QueueUrl=queue_url)) == ["a"]


def test_the_visibility_of_what_is_not_in_flight_can_t_be_changed(sqs: Any, queue_url: str, clock: Clock) -> None:
    sqs.send_message(QueueUrl=queue_url, MessageBody="a")
    receipt = handle(sqs.receive_message(QueueUrl=queue_url))
    clock.forward(seconds=10)
    with pytest.raises(ClientError, match="beyond the limit"):
        sqs.change_message_visibility(QueueUrl=queue_url, ReceiptHandle=receipt, VisibilityTimeout=43_200)
    clock.forward(seconds=30)
    with pytest.raises(sqs.exceptions.MessageNotInflight):
        sqs.change_message_visibility(QueueUrl=queue_url, ReceiptHandle=receipt, VisibilityTimeout=10)
    sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=receipt)
    with pytest.raises(ClientError, match="does not exist") as error:
        sqs.change_message_visibility(QueueUrl=queue_url, ReceiptHandle=receipt, VisibilityTimeout=10)
    assert code_of(error) == "InvalidParameterValue"


def test_what_can_t_be_sent_is_refused(sqs: Any, queue_url: str) -> None:
    with pytest.raises(sqs.exceptions.InvalidMessageContents):
        sqs.send_message(QueueUrl=queue_url, MessageBody="\x01")
    with pytest.raises(ClientError) as error:
        sqs.send_message(QueueUrl=queue_url, MessageBody="")
    assert code_of(error) == "MissingParameter"
