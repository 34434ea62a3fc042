"""Several services in one recipe: each is made, followed and bereft for itself."""

from __future__ import annotations

from ingest_assets.catalog import (
    Edge,
    EntityType,
    MessagingService,
    Origin,
    Pipeline,
    PipelineService,
    Reference,
    Topic,
)
from ingest_assets_tests.ingestion.estates import Estate, run_estate
from ingest_assets_tests.ingestion.runs import Place
from ingest_assets_tests.ingestion.test_every_type import pipelines, topics, topics_and_pipelines

STREAM = Reference(EntityType.TOPIC, ("kinesis.eu", "orders"))
DELIVERY = Reference(EntityType.PIPELINE, ("firehose", "orders-to-lake"))


def test_a_type_of_service_that_the_server_lacks_is_told_and_costs_nothing(anywhere: Place) -> None:
    first = run_estate(anywhere, topics_and_pipelines())
    assert first.failures() == {}
    told = [note for note in first.plan.notes if "knows no KinesisFirehose" in note]
    assert len(told) == (0 if anywhere.version.startswith("1.12") else 1)


def test_an_edge_between_two_services_of_one_recipe_is_drawn_and_goes_with_its_origin(anywhere: Place) -> None:
    estate = topics_and_pipelines()
    estate.lineage.append(Edge(source=STREAM, target=DELIVERY, origin=Origin.PIPELINE))
    first = run_estate(anywhere, estate)
    if anywhere.version.startswith("1.0"):
        assert (first.lineage.created, first.failures()) == (1, {})
        return
    assert first.lineage.created == 1
    assert run_estate(anywhere, estate).written() == 0
    estate.lineage.clear()
    assert run_estate(anywhere, estate).lineage.removed == 1


def test_a_service_that_the_recipe_names_newly_is_listed_once_and_loses_nothing(anywhere: Place) -> None:
    made_by_others = pipelines()
    made_by_others.put(Pipeline(path=("firehose", "old")))
    run_estate(anywhere, made_by_others)
    estate = topics()
    run_estate(anywhere, estate)
    both = topics_and_pipelines()
    joined = run_estate(anywhere, both, stale_percent=100)
    assert joined.failures() == {}
    assert any("nothing is known of firehose yet" in note for note in joined.plan.notes)
    # What the source does not have is gone, as in a service of its own: the first one is no longer asked for it.
    assert joined.stale.removed == 1
    assert anywhere.get(EntityType.PIPELINE, "firehose.old")["deleted"]
    again = run_estate(anywhere, both)
    assert (again.written(), [note for note in again.plan.notes if "listed" in note]) == (0, [])


def test_a_second_service_that_a_person_deletes_for_good_is_made_anew_with_all_in_it(anywhere: Place) -> None:
    estate = topics_and_pipelines()
    run_estate(anywhere, estate)
    anywhere.soft_delete(EntityType.PIPELINE_SERVICE, "firehose", hard=True)
    second = run_estate(anywhere, estate)
    assert second.failures() == {}
    assert not anywhere.get(EntityType.PIPELINE, "firehose.orders-to-lake")["deleted"]
    assert run_estate(anywhere, estate).written() == 0


def test_a_listing_of_one_service_that_fails_costs_the_other_nothing(anywhere: Place) -> None:
    estate = topics_and_pipelines()
    run_estate(anywhere, estate)
    estate.failing.add(EntityType.PIPELINE)
    del estate.entities[DELIVERY]
    del estate.entities[STREAM]
    second = run_estate(anywhere, estate, stale_percent=100)
    assert (second.stale.removed, second.snapshot.problems[0].fqn) == (1, "firehose")
    assert anywhere.get(EntityType.TOPIC, '"kinesis.eu".orders' if not _is_bare(anywhere) else "kinesis.eu.orders")[
        "deleted"
    ]
    assert not anywhere.get(EntityType.PIPELINE, "firehose.orders-to-lake")["deleted"]


def test_a_person_who_edits_in_the_second_service_is_heard(anywhere: Place) -> None:
    estate = topics_and_pipelines()
    run_estate(anywhere, estate)
    stored = anywhere.get(EntityType.PIPELINE, "firehose.orders-to-lake")
    anywhere.admin.patch(
        f"/v1/pipelines/{stored['id']}", [{"op": "replace", "path": "/description", "value": "A person's"}]
    )
    second = run_estate(anywhere, estate)
    assert second.written() == 0
    if not anywhere.version.startswith("1.0"):
        assert any("firehose.orders-to-lake (edited)" in note for note in second.plan.notes)
    estate.put(Pipeline(path=DELIVERY.path, description="New words"))
    run_estate(anywhere, estate)
    assert anywhere.get(EntityType.PIPELINE, "firehose.orders-to-lake")["description"] == "A person's"


def _is_bare(place: Place) -> bool:
    return place.version.startswith("1.0")


def test_services_of_one_name_are_two(anywhere: Place) -> None:
    both = Estate(
        MessagingService(path=("aws",), service_type="Kinesis"),
        beside=[PipelineService(path=("aws",), service_type="CustomPipeline")],
    )
    both.put(Topic(path=("aws", "orders"), partitions=1), Pipeline(path=("aws", "orders")))
    assert run_estate(anywhere, both).failures() == {}
    assert run_estate(anywhere, both).written() == 0

    anywhere.soft_delete(EntityType.PIPELINE_SERVICE, "aws")
    both.put(Topic(path=("aws", "clicks"), partitions=1), Pipeline(path=("aws", "clicks")))
    kept = run_estate(anywhere, both, keep_deleted=True)
    assert {kind: report.created for kind, report in kept.published.items()} == {
        EntityType.TOPIC: 1,
        EntityType.PIPELINE: 0,
    }

    anywhere.soft_delete(EntityType.MESSAGING_SERVICE, "aws", hard=True)
    assert run_estate(anywhere, both).failures() == {}
    assert run_estate(anywhere, both).written() == 0
    del both.entities[Reference(EntityType.TOPIC, ("aws", "orders"))]
    assert run_estate(anywhere, both, stale_percent=100).stale.removed == 1
    assert anywhere.get(EntityType.TOPIC, "aws.orders")["deleted"]
    assert not anywhere.get(EntityType.PIPELINE, "aws.orders").get("deleted", False)
