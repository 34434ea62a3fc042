"""Queues of SQS: their attributes, who may use them, and what may go wrong."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, HTTPClientError

from ingest_assets.sandbox.aws.identity import Principal
from ingest_assets.sandbox.company.queues import Queue
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.sandbox.conftest import ClientMaker, Clock
from ingest_assets_tests.sandbox.test_glue import code_of
from ingest_assets_tests.sandbox.test_sqs_messages import bodies, handle

NONEXISTENT = "AWS.SimpleQueueService.NonExistentQueue"
QUEUE_GONE = "http://127.0.0.1:1/123456789012/gone"


def test_what_was_received_too_often_moves_to_the_dead_letter_queue(
    sandbox: Sandbox, sqs: Any, queue_url: str, clock: Clock
) -> None:
    letters = sqs.create_queue(QueueName="letters")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=letters, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": "2"})
    sqs.set_queue_attributes(QueueUrl=queue_url, Attributes={"RedrivePolicy": policy})
    sent = sqs.send_message(QueueUrl=queue_url, MessageBody="poison")["MessageId"]
    for _ in range(2):
        assert bodies(sqs.receive_message(QueueUrl=queue_url)) == ["poison"]
        clock.forward(seconds=30)
    assert bodies(sqs.receive_message(QueueUrl=queue_url)) == []
    (letter,) = sqs.receive_message(QueueUrl=letters, MessageSystemAttributeNames=["All"])["Messages"]
    assert letter["MessageId"] == sent
    assert letter["Attributes"]["DeadLetterQueueSourceArn"] == sandbox.company.queues.queue("changes").arn


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ({"VisibilityTimeout": "43201"}, "InvalidAttributeValue"),
        ({"ReceiveMessageWaitTimeSeconds": "soon"}, "InvalidAttributeValue"),
        ({"QueueArn": "arn"}, "InvalidAttributeName"),
        ({"RedrivePolicy": "{"}, "InvalidParameterValue"),
        ({"RedrivePolicy": '{"maxReceiveCount": 3}'}, "InvalidParameterValue"),
        (
            {"RedrivePolicy": '{"maxReceiveCount": 3, "deadLetterTargetArn": "arn:aws:sqs:eu-north-1:1:no"}'},
            "InvalidParameterValue",
        ),
    ],
)
def test_attributes_beyond_their_limits_are_refused(
    sqs: Any, queue_url: str, attributes: dict[str, str], code: str
) -> None:
    with pytest.raises(ClientError) as error:
        sqs.set_queue_attributes(QueueUrl=queue_url, Attributes=attributes)
    assert code_of(error) == code


def test_a_queue_tells_how_many_messages_it_has_in_hand_and_out(sqs: Any, queue_url: str) -> None:
    for body in ("a", "b", "c"):
        sqs.send_message(QueueUrl=queue_url, MessageBody=body)
    sqs.send_message(QueueUrl=queue_url, MessageBody="later", DelaySeconds=60)
    sqs.receive_message(QueueUrl=queue_url)
    told = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["All"])["Attributes"]
    assert told["ApproximateNumberOfMessages"] == "2"
    assert told["ApproximateNumberOfMessagesNotVisible"] == "1"
    assert told["ApproximateNumberOfMessagesDelayed"] == "1"
    assert told["VisibilityTimeout"] == "30"


def test_messages_go_when_their_retention_ends_and_when_the_queue_is_purged(
    sqs: Any, queue_url: str, clock: Clock
) -> None:
    sqs.send_message(QueueUrl=queue_url, MessageBody="old")
    clock.forward(days=4)
    assert bodies(sqs.receive_message(QueueUrl=queue_url)) == []
    sqs.send_message(QueueUrl=queue_url, MessageBody="new")
    sqs.purge_queue(QueueUrl=queue_url)
    assert bodies(sqs.receive_message(QueueUrl=queue_url)) == []
    with pytest.raises(sqs.exceptions.PurgeQueueInProgress):
        sqs.purge_queue(QueueUrl=queue_url)
    clock.forward(seconds=60)
    sqs.purge_queue(QueueUrl=queue_url)


def test_a_queue_that_nobody_reads_holds_a_bounded_number_of_messages(sqs: Any, queue_url: str, queue: Queue) -> None:
    queue.most = 3
    for number in range(5):
        sqs.send_message(QueueUrl=queue_url, MessageBody=f"m{number}")
    assert bodies(sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10)) == ["m2", "m3", "m4"]
    assert queue.dropped == 2


def test_a_queue_is_made_once_and_its_name_is_free_a_minute_after_its_deletion(
    sqs: Any, queue_url: str, clock: Clock
) -> None:
    assert sqs.create_queue(QueueName="changes", Attributes={"VisibilityTimeout": "30"})["QueueUrl"] == queue_url
    with pytest.raises(ClientError, match="VisibilityTimeout") as error:
        sqs.create_queue(QueueName="changes", Attributes={"VisibilityTimeout": "31"})
    assert code_of(error) == "QueueAlreadyExists"
    sqs.delete_queue(QueueUrl=queue_url)
    with pytest.raises(sqs.exceptions.QueueDeletedRecently):
        sqs.create_queue(QueueName="changes")
    clock.forward(seconds=60)
    assert sqs.create_queue(QueueName="changes")["QueueUrl"] == queue_url


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("receive_message", {}),
        ("get_queue_attributes", {}),
        ("delete_message", {"ReceiptHandle": "r"}),
        ("purge_queue", {}),
    ],
)
def test_a_queue_that_is_not_there_has_the_code_of_the_query_protocol(
    sqs: Any, operation: str, members: dict[str, str]
) -> None:
    with pytest.raises(sqs.exceptions.QueueDoesNotExist) as error:
        getattr(sqs, operation)(QueueUrl=QUEUE_GONE, **members)
    assert code_of(error) == NONEXISTENT
    assert error.value.response["Error"]["QueryErrorCode"] == "QueueDoesNotExist"


def test_a_url_of_no_queue_is_an_invalid_address(sqs: Any) -> None:
    with pytest.raises(sqs.exceptions.InvalidAddress):
        sqs.receive_message(QueueUrl="http://127.0.0.1/changes")


def test_queues_are_of_one_region_and_one_account(
    sandbox: Sandbox, client: ClientMaker, sqs_owner: Principal, queue_url: str
) -> None:
    stranger = sandbox.aws.identities.add_principal("stranger", {"sqs:*"}, account="999999999999")
    for reader in (client("sqs", sqs_owner, region="us-east-1"), client("sqs", stranger)):
        with pytest.raises(ClientError) as error:
            reader.receive_message(QueueUrl=queue_url)
        assert code_of(error) == NONEXISTENT


def test_a_reader_receives_and_deletes_and_sends_nothing(client: ClientMaker, sqs: Any, queue_url: str) -> None:
    sqs.send_message(QueueUrl=queue_url, MessageBody="a")
    reader = client("sqs")
    reader.delete_message(QueueUrl=queue_url, ReceiptHandle=handle(reader.receive_message(QueueUrl=queue_url)))
    refused: list[tuple[str, dict[str, str]]] = [
        ("send_message", {"QueueUrl": queue_url, "MessageBody": "b"}),
        ("purge_queue", {"QueueUrl": queue_url}),
        ("create_queue", {"QueueName": "mine"}),
    ]
    for operation, members in refused:
        with pytest.raises(ClientError, match="is not authorized to perform: sqs:") as error:
            getattr(reader, operation)(**members)
        assert code_of(error) == "AccessDenied"


def test_a_batch_needs_the_permission_of_the_single_call(
    sandbox: Sandbox, client: ClientMaker, sqs: Any, queue_url: str
) -> None:
    arn = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    only = sandbox.aws.identities.add_principal("d", {f"sqs:DeleteMessage on {arn}"}, account=sandbox.company.account)
    entries = [{"Id": "a", "ReceiptHandle": "made-up"}]
    assert client("sqs", only).delete_message_batch(QueueUrl=queue_url, Entries=entries)["Failed"]
    with pytest.raises(ClientError, match="sqs:ReceiveMessage"):
        client("sqs", only).receive_message(QueueUrl=queue_url)


def test_faults_strike_sqs_by_the_queue_s_name(sandbox: Sandbox, sqs: Any, queue_url: str) -> None:
    sqs.send_message(QueueUrl=queue_url, MessageBody="a")
    sandbox.faults.add("throttle", service="sqs", operation="ReceiveMessage", match="changes")
    sandbox.faults.add("500", service="sqs", operation="ReceiveMessage", match="changes")
    sandbox.faults.add("expired-token", service="sqs", operation="ReceiveMessage", match="changes")
    codes = []
    for _ in range(3):
        with pytest.raises(ClientError) as error:
            sqs.receive_message(QueueUrl=queue_url)
        codes.append(code_of(error))
    assert codes == ["RequestThrottled", "InternalFailure", "ExpiredToken"]
    sandbox.faults.add("reset-after", service="sqs", operation="ReceiveMessage")
    with pytest.raises(HTTPClientError):
        sqs.receive_message(QueueUrl=queue_url)
    assert bodies(sqs.receive_message(QueueUrl=queue_url)) == [], "the lost answer has the message in hand"


def test_a_long_poll_ends_with_the_first_message(
    sandbox: Sandbox, client: ClientMaker, queue_url: str, queue: Queue
) -> None:
    got: list[str] = []
    patient = client("sqs", read_timeout=30)
    waiting = threading.Thread(
        target=lambda: got.extend(bodies(patient.receive_message(QueueUrl=queue_url, WaitTimeSeconds=20)))
    )
    waiting.start()
    sandbox.company.queues.send(queue, "at last", sender="test")
    waiting.join()
    assert got == ["at last"]


def test_a_sandbox_that_stops_does_not_wait_for_long_polls(session: Any) -> None:
    ended: list[object] = []
    with Sandbox() as running:
        running.company.queues.create("quiet")
        sqs = session.client(
            "sqs",
            region_name=running.company.region,
            endpoint_url=running.url,
            aws_access_key_id=running.reader.access_key_id,
            aws_secret_access_key=running.reader.secret_access_key,
        )
        queue_url = sqs.get_queue_url(QueueName="quiet")["QueueUrl"]

        def poll() -> None:
            try:
                ended.append(sqs.receive_message(QueueUrl=queue_url, WaitTimeSeconds=20).get("Messages"))
            except (HTTPClientError, EndpointConnectionError) as error:
                ended.append(error)

        waiting = threading.Thread(target=poll)
        waiting.start()
        while not running.aws.counts["sqs:ReceiveMessage"]:
            waiting.join(0.01)
        running.company.queues.close()
        waiting.join()
    assert ended == [None]
