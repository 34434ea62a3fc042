"""Words whose names a server can't hold, or holds otherwise, and that stand between others' words."""

from __future__ import annotations

import pytest

from ingest_assets.catalog import Classification, EntityType, Tag, Topic
from ingest_assets.openmetadata.layout import collection_of
from ingest_assets_tests.ingestion.estates import run_estate
from ingest_assets_tests.ingestion.runs import Place
from ingest_assets_tests.ingestion.test_words import BILLING, ORDER, TOPIC, WORDS, estate, labels, patch, tag


@pytest.mark.parametrize("name", ["cost.centre", 'a"b', "a::b", "k" * 300, "1"])
def test_a_group_that_no_server_can_spell_is_met_again_by_its_tags_labels(anywhere: Place, name: str) -> None:
    group, odd = Classification(path=(name,)), Tag(path=(name, "a.b"))
    made = estate(odd, words=(group, odd))
    assert run_estate(anywhere, made).failures() == {}
    assert len(labels(anywhere)) == 1
    assert run_estate(anywhere, made).written() == 0


def disable(place: Place, kind: EntityType, fqn: str, *, disabled: bool) -> None:
    path = f"/v1/{collection_of(kind)}/{place.get(kind, fqn)['id']}"
    place.admin.patch(path, [{"op": "add", "path": "/disabled", "value": disabled}])


@pytest.mark.parametrize(("kind", "fqn"), [(EntityType.CLASSIFICATION, "Purpose"), (EntityType.TAG, "Purpose.Billing")])
def test_a_word_that_people_disabled_costs_its_label_and_not_what_bears_it(
    anywhere: Place, kind: EntityType, fqn: str
) -> None:
    run_estate(anywhere, estate(BILLING, ORDER))
    disable(anywhere, kind, fqn, disabled=True)
    made = estate(BILLING, ORDER)
    new = Topic(path=("kinesis", "new"), partitions=1, labels=(BILLING.label(), ORDER.label()))
    made.put(new)
    first = run_estate(anywhere, made)
    assert first.failures() == {}
    assert any("Purpose.Billing is left out" in note for note in first.published[EntityType.TOPIC].notes)
    shown = anywhere.get(EntityType.TOPIC, "kinesis.new", "tags")["tags"]
    assert [label["tagFQN"] for label in shown] == ["Shop.Order"]

    made.put(Topic(path=("kinesis", "orders"), partitions=7, labels=(BILLING.label(), ORDER.label())))
    assert run_estate(anywhere, made).failures() == {}
    assert anywhere.get(EntityType.TOPIC, TOPIC)["partitions"] == 7
    assert labels(anywhere) == {"Shop.Order"}
    assert run_estate(anywhere, made).written() == 0

    disable(anywhere, kind, fqn, disabled=False)
    assert run_estate(anywhere, made).failures() == {}
    run_estate(anywhere, made)
    assert labels(anywhere) == {"Shop.Order", "Purpose.Billing"}
    assert run_estate(anywhere, made).written() == 0


def test_a_word_that_a_listing_left_out_once_is_known_as_ours_and_a_persons_words_stay(anywhere: Place) -> None:
    run_estate(anywhere, estate(BILLING))
    patch(anywhere, 'Purpose."any.thing"', "A person's")
    faults = anywhere.sandbox.faults
    faults.add("hidden", service="openmetadata", operation="GET /v1/tags", match="Purpose.*", count=None)
    for told in ("New words", "Newest words"):
        words = tuple(word.model_copy(update={"description": told}) for word in WORDS)
        assert run_estate(anywhere, estate(BILLING, words=words)).failures() == {}
        assert tag(anywhere)["description"] == told
        assert tag(anywhere, 'Purpose."any.thing"')["description"] == "A person's"
        faults.clear()
    assert run_estate(anywhere, estate(BILLING, words=words)).written() == 0
