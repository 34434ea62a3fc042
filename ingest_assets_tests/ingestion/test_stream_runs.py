"""Streams from Kinesis to the server, run after run, where permissions and names are not what one would wish."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest

from ingest_assets.calls import Calls
from ingest_assets.catalog import EntityType
from ingest_assets.ingestion.report import Report
from ingest_assets.ingestion.samples import publish_samples
from ingest_assets.ingestion.vocabulary import publish_words
from ingest_assets.sandbox.aws.identity import Principal
from ingest_assets.sandbox.server import KINESIS_ACTIONS
from ingest_assets.sources.aws import AwsCredentials, AwsSession
from ingest_assets.sources.kinesis.source import KinesisSettings, KinesisSource
from ingest_assets_tests.ingestion.recipes import hide_own_aws
from ingest_assets_tests.ingestion.runs import RUN_IDS, Place

TOPICS = frozenset({EntityType.TOPIC})


@dataclass
class Streams:
    """Runs of one Kinesis recipe; their sums are proven on the way."""

    place: Place

    def run(
        self, who: Principal | None = None, source: dict[str, Any] | None = None, **settings: Any
    ) -> dict[str, Report]:
        run_id = next(RUN_IDS)
        made = self.source(who or self.place.sandbox.reader, **(source or {}))
        with closing(self.place.ingestion(made, mark_deleted=TOPICS, **settings)) as ingestion:
            reports = {
                "snapshot": ingestion.snapshot(run_id, last_attempt=True),
                "plan": ingestion.plan(run_id),
                "tags": publish_words(ingestion, run_id, EntityType.CLASSIFICATION),
                "topics": ingestion.publish(run_id, EntityType.TOPIC),
                "samples": publish_samples(ingestion, run_id),
                "lineage": ingestion.lineage(run_id),
                "stale": ingestion.stale(run_id),
            }
        assert all(report.balances() for report in reports.values())
        return reports

    def source(self, who: Principal, **more: Any) -> KinesisSource:
        keys = (who.access_key_id, who.secret_access_key, who.session_token)
        session = AwsSession(
            AwsCredentials(self.place.sandbox.company.region, *keys), Calls(), service="kinesis", attempts=1
        )
        return KinesisSource(KinesisSettings("streams", **more), session)

    def topic(self, name: str) -> dict[str, Any]:
        return self.place.get(EntityType.TOPIC, f"streams.{name}", "tags")

    def labels(self, name: str) -> set[str]:
        return {label["tagFQN"] for label in self.topic(name).get("tags", [])}


@pytest.fixture
def streams(anywhere: Place, monkeypatch: pytest.MonkeyPatch) -> Streams:
    hide_own_aws(monkeypatch)
    monkeypatch.setenv("AWS_ENDPOINT_URL", anywhere.sandbox.aws_endpoint_url)
    return Streams(anywhere)


def test_what_may_not_be_read_any_more_stays_on_the_server(streams: Streams) -> None:
    sandbox = streams.place.sandbox
    assert streams.run()["topics"].problems == []
    before = streams.topic("orders")
    assert before["messageSchema"]["schemaFields"]
    documented = sandbox.aws.identities.add_principal("kinesis", KINESIS_ACTIONS, account="123456789012")
    reports = streams.run(documented)
    after = streams.topic("orders")
    for name in ("messageSchema", "tags"):
        assert after[name] == before[name]
    assert sum("glue:ListSchemas" in note for note in reports["snapshot"].notes) == 1
    again = streams.run(documented)
    assert again["topics"].updated == 0
    assert streams.run()["topics"].problems == []
    assert streams.topic("orders")["messageSchema"] == before["messageSchema"]


def test_tags_of_any_spelling_are_labels_and_are_found_again(streams: Streams) -> None:
    company = streams.place.sandbox.company.streams
    odd = {"Env": "prod", "env": "Prod", "a.b": "c.d", "x::y": "q", "PII": "yes", "long": "v" * 250, "k" * 128: "1"}
    company.stream("orders").tags.update(odd)
    company.stream("clicks").tags.update({"ENV": "PROD", "env": "prod", "empty": ""})
    first = streams.run()
    assert (first["tags"].problems, first["topics"].problems) == ([], [])
    assert len(streams.labels("orders")) > len(odd)
    streams.place.sandbox.openmetadata.reset_counts()
    streams.run()
    assert streams.place.writes() == []
