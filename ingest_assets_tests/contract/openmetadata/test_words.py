"""Tags and terms that a source brings along, and two services in one recipe, on any server."""

from __future__ import annotations

from typing import Any

import pytest

from ingest_assets.catalog import (
    Classification,
    Edge,
    EntityType,
    Glossary,
    GlossaryTerm,
    MessagingService,
    Origin,
    Pipeline,
    PipelineService,
    Reference,
    Tag,
    Topic,
    Word,
)
from ingest_assets_tests.contract.openmetadata.ground import Ground
from ingest_assets_tests.ingestion.estates import Estate


class Worded:
    """A topic with labels, and the words that these are made of."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        purpose, shop = ground.group(EntityType.CLASSIFICATION, "Purpose"), ground.group(EntityType.GLOSSARY, "Shop")
        self.group = Classification(path=(purpose,), description="What it is for")
        self.billing = Tag(path=(purpose, "Billing"), description="To be paid")
        self.dotted = Tag(path=(purpose, "any.thing"))
        self.nested = Tag(path=(purpose, "Billing", "Invoices"))
        self.order = GlossaryTerm(path=(shop, "Order"), synonyms=("Purchase",), description="What somebody buys")
        self.words: list[Word] = [
            self.nested,
            self.billing,
            self.dotted,
            self.group,
            self.order,
            Glossary(path=(shop,)),
        ]
        self.topic = Reference(EntityType.TOPIC, (ground.service(EntityType.MESSAGING_SERVICE, "streams"), "orders"))

    def estate(self, *labels: Word) -> Estate:
        made = Estate(MessagingService(path=self.topic.path[:1], service_type="Kinesis"), words=self.words)
        made.put(Topic(path=self.topic.path, partitions=1, labels=tuple(word.label() for word in labels)))
        return made

    def labels(self) -> set[str]:
        return {label["tagFQN"] for label in self.ground.get(self.topic, "tags").get("tags", [])}

    def fqns(self, *words: Word) -> set[str]:
        return {self.ground.fqn(word) for word in words}


@pytest.fixture
def worded(ground: Ground) -> Worded:
    return Worded(ground)


def test_words_are_made_before_what_bears_them_and_a_second_run_sends_nothing(worded: Worded) -> None:
    estate = worded.estate(worded.billing, worded.dotted, worded.order)
    first = worded.ground.run(estate)
    assert first.failures() == {}
    assert [report.created for report in first.words.values()] == [4, 2]
    assert worded.labels() == worded.fqns(worded.billing, worded.dotted, worded.order)
    second = worded.ground.run(estate)
    assert (second.failures(), second.requests) == ({}, {})


def test_words_follow_the_source_where_no_person_has_written(worded: Worded) -> None:
    worded.ground.run(worded.estate(worded.billing))
    worded.ground.patch(worded.order, {"op": "replace", "path": "/description", "value": "A person's"})
    new: dict[str, Any] = {"description": "New words"}
    worded.words[:] = [word.model_copy(update=new) for word in worded.words]
    second = worded.ground.run(worded.estate(worded.billing))
    assert second.failures() == {}
    assert worded.ground.get(worded.billing)["description"] == "New words"
    assert worded.ground.get(worded.group)["description"] == "New words"
    assert worded.ground.get(worded.order)["description"] == "A person's"
    assert worded.ground.run(worded.estate(worded.billing)).requests == {}


def test_no_word_is_taken_away_and_what_people_delete_comes_back(worded: Worded) -> None:
    worded.ground.run(worded.estate(worded.billing, worded.dotted))
    worded.ground.delete(worded.nested, hardDelete="true")
    second = worded.ground.run(worded.estate(worded.dotted))
    assert second.failures() == {}
    assert worded.labels() == worded.fqns(worded.dotted)
    assert not worded.ground.get(worded.billing).get("deleted", False)
    assert not worded.ground.get(worded.nested).get("deleted", False)


def test_without_a_ledger_no_word_is_written_again(worded: Worded) -> None:
    estate = worded.estate(worded.billing)
    worded.ground.run(estate)
    versions = [worded.ground.get(word)["version"] for word in worded.words]
    worded.ground.forget_ledger()
    assert worded.ground.run(estate).failures() == {}
    assert [worded.ground.get(word)["version"] for word in worded.words] == versions


def test_two_services_of_one_recipe_live_and_go_each_for_itself(ground: Ground) -> None:
    streams = ground.service(EntityType.MESSAGING_SERVICE, "streams")
    deliveries = ground.service(EntityType.PIPELINE_SERVICE, "deliveries")
    estate = Estate(MessagingService(path=(streams,), service_type="Kinesis"))
    estate.beside.append(PipelineService(path=(deliveries,), service_type="KinesisFirehose"))
    topic, pipeline = Topic(path=(streams, "orders"), partitions=1), Pipeline(path=(deliveries, "to-lake"))
    estate.put(topic, pipeline, Pipeline(path=(deliveries, "old")))
    estate.lineage.append(Edge(source=topic.reference, target=pipeline.reference, origin=Origin.PIPELINE))
    first = ground.run(estate)
    assert (first.failures(), first.lineage.created) == ({}, 1)
    assert set(ground.edges_to(pipeline)) == {ground.get(topic)["id"]}
    assert ground.run(estate).requests == {}
    gone = Reference(EntityType.PIPELINE, (deliveries, "old"))
    del estate.entities[gone]
    assert ground.run(estate).removed() == [ground.fqn(gone)]
    assert not ground.get(topic).get("deleted", False)
