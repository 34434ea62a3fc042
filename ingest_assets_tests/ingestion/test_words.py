"""Tags and terms that a source brings along: made before what bears them, described, and never taken away."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from ingest_assets.catalog import (
    Classification,
    EntityType,
    Glossary,
    GlossaryTerm,
    MessagingService,
    Tag,
    Topic,
    Word,
)
from ingest_assets_tests.ingestion.estates import Estate, run_estate
from ingest_assets_tests.ingestion.runs import RUN_IDS, Place

WORDS: tuple[Word, ...] = (
    Tag(path=("Purpose", "any.thing"), description="Of use for all"),
    Tag(path=("Purpose", "Billing", "Invoices")),
    Tag(path=("Purpose", "Billing"), description="To be paid"),
    Classification(path=("Purpose",), description="What it is for"),
    GlossaryTerm(path=("Shop", "Order"), synonyms=("Purchase",), description="What somebody buys"),
    Glossary(path=("Shop",)),
)
BILLING, ANY, ORDER = WORDS[2], WORDS[0], WORDS[4]
TOPIC = "kinesis.orders"


def estate(*labels: Word, words: tuple[Word, ...] = WORDS, **facets: Any) -> Estate:
    made = Estate(MessagingService(path=("kinesis",), service_type="Kinesis"), words=list(words))
    made.put(Topic(path=("kinesis", "orders"), partitions=1, labels=tuple(each.label() for each in labels), **facets))
    return made


def labels(place: Place) -> set[str]:
    stored = place.get(EntityType.TOPIC, TOPIC, "tags")
    return {label["tagFQN"] for label in stored.get("tags", [])}


def tag(place: Place, fqn: str = "Purpose.Billing") -> dict[str, Any]:
    return place.get(EntityType.TAG, fqn)


def patch(place: Place, fqn: str, words: str) -> None:
    path = f"/v1/tags/{tag(place, fqn)['id']}"
    place.admin.patch(path, [{"op": "replace", "path": "/description", "value": words}])


def test_words_are_made_before_what_bears_them_and_a_second_run_writes_nothing(anywhere: Place) -> None:
    made = estate(BILLING, ANY, ORDER)
    first = run_estate(anywhere, made)
    assert first.failures() == {}
    assert {kind: report.created for kind, report in first.words.items()} == {
        EntityType.CLASSIFICATION: 4,
        EntityType.GLOSSARY: 2,
    }
    assert labels(anywhere) == {"Purpose.Billing", 'Purpose."any.thing"', "Shop.Order"}
    assert tag(anywhere, "Purpose.Billing.Invoices")["description"] == ""
    anywhere.sandbox.openmetadata.reset_counts()
    second = run_estate(anywhere, made)
    assert second.written() == 0
    assert second.words[EntityType.CLASSIFICATION].unchanged == 4
    assert anywhere.writes() == []
    counts = anywhere.sandbox.openmetadata.counts
    assert (counts["GET /v1/tags"], counts["GET /v1/glossaryTerms"]) == (1, 1)


def test_a_source_that_describes_a_word_otherwise_is_followed_and_a_person_is_not_overruled(anywhere: Place) -> None:
    run_estate(anywhere, estate(BILLING))
    patch(anywhere, 'Purpose."any.thing"', "A person's")
    told = tuple(word.model_copy(update={"description": "New words"}) for word in WORDS)
    second = run_estate(anywhere, estate(BILLING, words=told))
    assert second.failures() == {}
    assert tag(anywhere)["description"] == "New words"
    assert anywhere.get(EntityType.CLASSIFICATION, "Purpose")["description"] == "New words"
    assert tag(anywhere, 'Purpose."any.thing"')["description"] == "A person's"
    assert run_estate(anywhere, estate(BILLING, words=told)).written() == 0


def test_words_of_others_are_described_where_nobody_has_and_else_left_alone(anywhere: Place) -> None:
    anywhere.sandbox.openmetadata.add_tag("Purpose", "Billing", description="By the steward")
    first = run_estate(anywhere, estate(BILLING))
    assert first.failures() == {}
    assert tag(anywhere)["description"] == "By the steward"
    assert labels(anywhere) == {"Purpose.Billing"}
    assert anywhere.get(EntityType.CLASSIFICATION, "Purpose")["description"] == "Purpose"
    overridden = run_estate(anywhere, estate(BILLING), override=frozenset({"description"}))
    assert overridden.words[EntityType.CLASSIFICATION].updated == 2
    assert tag(anywhere)["description"] == "To be paid"


def test_a_word_that_the_source_forgets_stays_and_the_label_goes(anywhere: Place) -> None:
    run_estate(anywhere, estate(BILLING, ANY))
    second = run_estate(anywhere, estate(ANY, words=(WORDS[0], WORDS[3])), stale_percent=100)
    assert second.stale.removed == 0
    assert not tag(anywhere)["deleted"]
    assert labels(anywhere) == {'Purpose."any.thing"'}


def test_a_word_that_a_person_deleted_for_good_comes_back_unless_it_is_to_stay_away(anywhere: Place) -> None:
    made = estate(BILLING)
    run_estate(anywhere, made)
    anywhere.soft_delete(EntityType.TAG, "Purpose.Billing", hard=True)
    kept = run_estate(anywhere, made, keep_deleted=True)
    assert kept.failures() == {}
    assert labels(anywhere) == set()
    back = run_estate(anywhere, made)
    assert back.failures() == {}
    assert back.words[EntityType.CLASSIFICATION].created >= 1
    again = run_estate(anywhere, made)
    assert again.failures() == {}
    assert run_estate(anywhere, made).written() == 0


def test_a_classification_that_a_person_deleted_softly_comes_back_with_all_in_it(anywhere: Place) -> None:
    made = estate(BILLING)
    run_estate(anywhere, made)
    anywhere.soft_delete(EntityType.CLASSIFICATION, "Purpose")
    assert tag(anywhere)["deleted"]
    back = run_estate(anywhere, made)
    assert back.failures() == {}
    assert not anywhere.get(EntityType.CLASSIFICATION, "Purpose")["deleted"]
    assert not tag(anywhere)["deleted"]


def test_a_word_that_the_server_refuses_costs_itself_and_its_label_only(anywhere: Place) -> None:
    orphan = Tag(path=("Elsewhere", "lost"))
    made = estate(BILLING, orphan, words=(*WORDS, orphan))
    first = run_estate(anywhere, made)
    assert list(first.failures()) == ["Elsewhere.lost"]
    assert labels(anywhere) == {"Purpose.Billing"}
    assert any("Elsewhere.lost is left out in 1 places" in note for note in first.published[EntityType.TOPIC].notes)
    second = run_estate(anywhere, made)
    assert (list(second.failures()), second.written()) == (["Elsewhere.lost"], 0)
    healed = estate(BILLING, orphan, words=(*WORDS, orphan, Classification(path=("Elsewhere",))))
    assert run_estate(anywhere, healed).failures() == {}
    assert labels(anywhere) == {"Purpose.Billing", "Elsewhere.lost"}
    assert run_estate(anywhere, healed).written() == 0


def test_a_label_that_a_person_takes_off_stays_off(anywhere: Place) -> None:
    made = estate(BILLING, ANY)
    run_estate(anywhere, made)
    stored = anywhere.get(EntityType.TOPIC, TOPIC, "tags")
    at = [label["tagFQN"] for label in stored["tags"]].index("Purpose.Billing")
    anywhere.admin.patch(f"/v1/topics/{stored['id']}", [{"op": "remove", "path": f"/tags/{at}"}])
    made.put(Topic(path=("kinesis", "orders"), partitions=2, labels=(BILLING.label(), ANY.label())))
    run_estate(anywhere, made)
    assert labels(anywhere) == {'Purpose."any.thing"'}


def test_a_dry_run_makes_no_words(here: Place) -> None:
    dry = run_estate(here, estate(BILLING), dry_run=True)
    assert dry.words[EntityType.CLASSIFICATION].created == 4
    assert here.writes() == []


@pytest.mark.parametrize("name", ['a"b', "a::b", "a>b", "x" * 300, "1", "tab\there"])
def test_a_word_that_no_server_can_spell_is_met_again_by_its_label(anywhere: Place, name: str) -> None:
    odd = Tag(path=("Purpose", name))
    made = estate(odd, words=(odd, WORDS[3]))
    first = run_estate(anywhere, made)
    assert first.failures() == {}
    assert len(labels(anywhere)) == 1
    assert run_estate(anywhere, made).written() == 0


def test_without_a_ledger_no_word_is_made_twice(anywhere: Place) -> None:
    made = estate(BILLING, ANY, ORDER)
    run_estate(anywhere, made)
    version = tag(anywhere)["version"]
    anywhere.forget_ledger()
    assert run_estate(anywhere, made).failures() == {}
    assert tag(anywhere)["version"] == version


def test_who_leaves_the_tags_out_has_entities_written_once_and_labelled_when_they_come(anywhere: Place) -> None:
    made = estate(BILLING)

    def without_tags() -> int:
        run_id = next(RUN_IDS)
        with closing(anywhere.ingestion(made)) as ingestion:
            ingestion.snapshot(run_id, last_attempt=True)
            ingestion.plan(run_id)
            reports = [ingestion.publish(run_id, kind) for kind in ingestion.kinds]
        return sum(report.created + report.updated for report in reports)

    assert (without_tags(), labels(anywhere)) == (1, set())
    assert without_tags() == 0
    assert run_estate(anywhere, made).failures() == {}
    assert labels(anywhere) == {"Purpose.Billing"}
    assert run_estate(anywhere, made).written() == 0
