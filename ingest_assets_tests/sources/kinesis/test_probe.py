"""Probing: each permission is named, and what the recipe can do without does not fail it."""

from __future__ import annotations

from ingest_assets.sandbox.aws.identity import Principal
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.sources.kinesis.probe import probe
from ingest_assets.sources.kinesis.source import KinesisSettings
from ingest_assets_tests.sources.conftest import SessionMaker
from ingest_assets_tests.sources.kinesis.conftest import ACCOUNT, hurried


def steps(session_of: SessionMaker, who: Principal, settings: KinesisSettings) -> dict[str, tuple[bool | None, bool]]:
    found = probe(session_of(who, pace=hurried()), settings, samples=True)
    return {step.name.partition(" of ")[0]: (step.granted, step.required) for step in found}


def test_the_policy_of_the_page_grants_all_that_is_required(session_of: SessionMaker, documented: Principal) -> None:
    found = steps(session_of, documented, KinesisSettings("streams", topic_filter="clicks".__eq__))
    assert found == {
        "kinesis:ListStreams": (True, True),
        "kinesis:DescribeStreamSummary": (True, True),
        "kinesis:ListShards": (True, True),
        "kinesis:GetShardIterator": (True, True),
        "kinesis:GetRecords": (True, True),
        "kinesis:ListTagsForStream": (False, False),
        "kinesis:ListStreamConsumers": (False, False),
        "glue:ListSchemas": (False, False),
    }


def test_firehose_is_probed_where_the_recipe_reads_it(sandbox: Sandbox, session_of: SessionMaker) -> None:
    found = steps(session_of, sandbox.reader, KinesisSettings("streams", firehose_service="deliveries"))
    assert found["firehose:ListDeliveryStreams"] == found["firehose:DescribeDeliveryStream"] == (True, True)
    assert found["firehose:ListTagsForDeliveryStream"] == (True, False)


def test_what_is_missing_is_named(sandbox: Sandbox, session_of: SessionMaker) -> None:
    nobody = sandbox.aws.identities.add_principal("nobody", ["sts:*"], account=ACCOUNT)
    found = steps(session_of, nobody, KinesisSettings("streams"))
    assert found["kinesis:ListStreams"] == (False, True)
    assert found["kinesis:DescribeStreamSummary"] == (None, True)
