"""Lineage from streams that a source names by their ARN, and that have the name of others."""

from __future__ import annotations

from ingest_assets.catalog import (
    Elsewhere,
    EntityType,
    ForeignEdge,
    MessagingService,
    Origin,
    Pipeline,
    PipelineService,
    Reference,
    Topic,
)
from ingest_assets_tests.ingestion.estates import Estate, run_estate
from ingest_assets_tests.ingestion.runs import Place

HOSE = Reference(EntityType.PIPELINE, ("hoses", "clicks"))


def arn(region: str = "eu-north-1", account: str = "123456789012", name: str = "Clicks") -> str:
    return f"arn:aws:kinesis:{region}:{account}:stream/{name}"


def streams(service: str, told: str | None) -> Estate:
    estate = Estate(MessagingService(path=(service,), service_type="Kinesis"))
    config: dict[str, object] = {} if told is None else {"streamARN": told}
    estate.put(Topic(path=(service, "Clicks"), partitions=1, config=config))
    return estate


def reading(name: str) -> Estate:
    estate = Estate(PipelineService(path=("hoses",), service_type="KinesisFirehose"))
    estate.put(Pipeline(path=HOSE.path))
    source = Elsewhere(type=EntityType.TOPIC, names=(name,), system="kinesis")
    estate.lineage = [ForeignEdge(source=source, target=HOSE, origin=Origin.PIPELINE, told_by=(HOSE,))]
    return estate


def upstream(place: Place) -> list[str]:
    return list(place.admin.upstream_edges(EntityType.PIPELINE, place.get(EntityType.PIPELINE, "hoses.clicks")["id"]))


def test_a_stream_is_told_from_others_of_its_name_by_its_arn(anywhere: Place) -> None:
    there = arn("us-east-1")
    for service, told in (("near", arn()), ("far", there), ("other", arn(account="999999999999"))):
        run_estate(anywhere, streams(service, told))
    run = run_estate(anywhere, reading(there))
    assert (run.lineage.created, run.lineage.problems) == (1, [])
    assert upstream(anywhere) == [anywhere.get(EntityType.TOPIC, "far.Clicks")["id"]]
    anywhere.sandbox.openmetadata.reset_counts()
    assert run_estate(anywhere, reading(there)).written() == 0
    assert not any("/topics" in name for name in anywhere.sandbox.openmetadata.counts)


def test_a_stream_of_that_name_and_another_arn_or_none_is_not_taken_for_it(here: Place) -> None:
    run_estate(here, streams("near", arn()))
    run_estate(here, streams("unknown", None))
    wanted = arn("us-east-1")
    run = run_estate(here, reading(wanted))
    (problem,) = run.lineage.problems
    assert problem.reason == (
        f"{wanted}: not on the server; asked for near.Clicks, unknown.Clicks with that ARN as its streamARN"
    )
    assert upstream(here) == []
    run_estate(here, streams("near", wanted))
    assert run_estate(here, reading(wanted)).lineage.created == 1


def test_a_stream_that_can_not_be_looked_up_keeps_its_edge(here: Place) -> None:
    run_estate(here, streams("far", arn()))
    run_estate(here, reading(arn()))
    here.sandbox.faults.add("403", service="openmetadata", operation="GET /v1/topics*", count=None)
    second = run_estate(here, reading(arn()), full_listing="always")
    here.sandbox.faults.clear()
    assert (second.lineage.removed, second.lineage.parked) == (0, 1)
    assert upstream(here) == [here.get(EntityType.TOPIC, "far.Clicks")["id"]]


def test_a_topic_may_still_be_called_by_its_name(here: Place) -> None:
    run_estate(here, streams("far", arn()))
    assert run_estate(here, reading("Clicks")).lineage.created == 1
