"""Where a queue is, by its address."""

from __future__ import annotations

import pytest

from ingest_assets.calls import Calls
from ingest_assets.sources.aws import AwsCredentials
from ingest_assets.sources.events.queue import EventQueue


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("sqs.eu-central-1.amazonaws.com", "eu-central-1"),
        ("sqs.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ("sqs-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
        ("sqs.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"),
        ("sqs.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"),
        ("sqs.us-east-2.api.aws", "us-east-2"),
        ("vpce-1a-2b.sqs.us-east-2.vpce.amazonaws.com", "us-east-2"),
        ("eu-west-1.queue.amazonaws.com", "eu-west-1"),
        ("queue.amazonaws.com", "us-east-1"),
        ("127.0.0.1:4566", "ap-south-1"),
    ],
)
def test_a_queue_is_asked_in_the_region_of_its_address(host: str, region: str) -> None:
    who = AwsCredentials(access_key_id="AKIA", secret_access_key="secret", region="ap-south-1")
    queue = EventQueue(f"https://{host}/123456789012/events.fifo", who, Calls())
    assert queue.session.region == region
