"""Delivery streams from Firehose to the server, with the streams, containers and tables that they join."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest

from ingest_assets.calls import Calls
from ingest_assets.catalog import Container, EntityType, StorageService
from ingest_assets.ingestion.report import Report
from ingest_assets.ingestion.vocabulary import publish_words
from ingest_assets.sources.aws import AwsCredentials, AwsSession
from ingest_assets.sources.kinesis.source import KinesisSettings, KinesisSource
from ingest_assets_tests.ingestion.estates import GROUPS, Estate, run_estate
from ingest_assets_tests.ingestion.lakes import Lake, column
from ingest_assets_tests.ingestion.recipes import hide_own_aws
from ingest_assets_tests.ingestion.runs import RUN_IDS, Place

KINDS = frozenset({EntityType.TOPIC, EntityType.PIPELINE})
HOSES = ("clicks-to-lake", "consent-to-partner", "device-logs", "orders-to-raw", "payments-to-warehouse")


@dataclass
class Runs:
    """Runs of one Kinesis recipe with Firehose; their sums are proven on the way."""

    place: Place

    def run(self, **settings: Any) -> dict[str, Report]:
        run_id = next(RUN_IDS)
        with closing(self.place.ingestion(self.source(), mark_deleted=KINDS, **settings)) as ingestion:
            reports = {
                "snapshot": ingestion.snapshot(run_id, last_attempt=True),
                "plan": ingestion.plan(run_id),
                **{root.value: publish_words(ingestion, run_id, root) for root in GROUPS},
                **{kind.value: ingestion.publish(run_id, kind) for kind in ingestion.kinds},
                "lineage": ingestion.lineage(run_id),
                "stale": ingestion.stale(run_id),
            }
        assert all(report.balances() for report in reports.values())
        return reports

    def source(self) -> KinesisSource:
        who, region = self.place.sandbox.reader, self.place.sandbox.company.region
        keys = (who.access_key_id, who.secret_access_key, who.session_token)
        session = AwsSession(AwsCredentials(region, *keys), Calls(), service="kinesis", attempts=1)
        return KinesisSource(KinesisSettings("streams", firehose_service="hoses"), session)

    def edges(self) -> set[tuple[str, str]]:
        """Edges from and to each delivery stream."""
        found = set()
        for name in HOSES:
            fqn = f"hoses.{name}"
            entity = self.place.get(EntityType.PIPELINE, fqn)
            path = f"/v1/lineage/pipeline/{entity['id']}"
            graph = self.place.admin.get(path, {"upstreamDepth": "1", "downstreamDepth": "1"})
            nodes = {node["id"]: node["fullyQualifiedName"] for node in graph["nodes"]}
            found |= {(nodes[edge["fromEntity"]], fqn) for edge in graph["upstreamEdges"]}
            found |= {(fqn, nodes[edge["toEntity"]]) for edge in graph["downstreamEdges"]}
        return found


@pytest.fixture
def kinesis(anywhere: Place, monkeypatch: pytest.MonkeyPatch) -> Runs:
    hide_own_aws(monkeypatch)
    monkeypatch.setenv("AWS_ENDPOINT_URL", anywhere.sandbox.aws_endpoint_url)
    return Runs(anywhere)


def lake_and_store(place: Place) -> None:
    made = Lake("lake")
    made.put("clickstream", "clicks", columns=(column("id"),))
    place.run(made)
    store = Estate(StorageService(path=("s3",), service_type="S3"))
    for path in (("norrpost-lake",), ("norrpost-lake", "clickstream"), ("norrpost-raw",)):
        store.put(Container(path=("s3", *path), prefix="/" + "/".join(path[1:]), full_path="s3://" + "/".join(path)))
    run_estate(place, store)


OWN = {
    ("streams.clicks", "hoses.clicks-to-lake"),
    ("streams.orders", "hoses.orders-to-raw"),
    ("streams.payments", "hoses.payments-to-warehouse"),
}


def test_streams_flow_through_firehose_to_what_the_server_has(kinesis: Runs) -> None:
    first = kinesis.run()
    assert (first["pipeline"].created, first["pipeline"].failed) == (5, 0)
    assert (first["lineage"].created, kinesis.edges()) == (3, OWN)
    missing = {problem.reason.partition(": ")[0] for problem in first["lineage"].problems}
    assert "s3://norrpost-lake/clickstream/clicks/" in missing
    assert "clickstream.clicks" in missing

    lake_and_store(kinesis.place)
    second = kinesis.run()
    assert kinesis.edges() == OWN | {
        ("hoses.clicks-to-lake", "lake.db.clickstream.clicks"),
        ("hoses.clicks-to-lake", "s3.norrpost-lake.clickstream"),
        ("hoses.device-logs", "s3.norrpost-raw"),
        ("hoses.orders-to-raw", "s3.norrpost-raw"),
        ("hoses.payments-to-warehouse", "s3.norrpost-raw"),
    }
    assert second["lineage"].created == 5
    assert [problem.reason.partition(": ")[0] for problem in second["lineage"].problems] == ["finance.staging.payments"]

    kinesis.place.sandbox.openmetadata.reset_counts()
    third = kinesis.run()
    assert (third["lineage"].unchanged, kinesis.place.writes()) == (8, [])


def test_a_delivery_stream_that_delivers_elsewhere_or_is_denied(kinesis: Runs) -> None:
    lake_and_store(kinesis.place)
    kinesis.run()
    delivery = kinesis.place.sandbox.company.delivery
    delivery.add("device-logs", delivery.to_s3("norrpost-lake", "clickstream/logs/"))
    faults = kinesis.place.sandbox.faults
    faults.add("access-denied", service="firehose", operation="DescribeDeliveryStream", match="orders-to-raw")
    second = kinesis.run()
    assert (second["lineage"].removed, second["lineage"].created) == (1, 1)
    edges = kinesis.edges()
    assert ("hoses.device-logs", "s3.norrpost-lake.clickstream") in edges
    assert ("hoses.device-logs", "s3.norrpost-raw") not in edges
    # Of what was denied nothing is known, so nothing of it is taken away.
    assert ("hoses.orders-to-raw", "s3.norrpost-raw") in edges
    assert second["stale"].removed == 0


def test_a_delivery_stream_that_is_gone_goes_with_its_edges(kinesis: Runs) -> None:
    kinesis.run()
    kinesis.place.sandbox.company.delivery.drop("orders-to-raw")
    second = kinesis.run(stale_percent=100)
    assert second["stale"].removed == 1
    assert kinesis.place.get(EntityType.PIPELINE, "hoses.orders-to-raw")["deleted"] is True
