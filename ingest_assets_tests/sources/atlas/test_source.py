"""What a source yields of a small Atlas, over HTTP."""

from __future__ import annotations

from ingest_assets.calls import Calls
from ingest_assets.catalog import Elsewhere, EntityType, Filtered, Label, Note, Word
from ingest_assets_tests.sources.atlas.company import company
from ingest_assets_tests.sources.atlas.odd_server import odd_server
from ingest_assets_tests.sources.atlas.scene import SCHEMAS, TABLES, TOPICS, enriched, read_all, source_at


def test_a_table_arrives_with_its_words_its_owner_its_labels_and_its_columns() -> None:
    with odd_server(company()) as server:
        found = enriched(read_all(source_at(server.url))[TABLES])
    orders = found["sales.orders"]
    assert orders.target == Elsewhere(type=EntityType.TABLE, names=("sales", "orders"))
    assert (orders.description, orders.owners) == ("Orders by day", ("bob",))
    assert orders.labels == (
        Label("AtlasLabels.nightly"),
        Label("AtlasMetadata.CONFIDENTIAL"),
        Label("AtlasMetadata.CONFIDENTIAL.level=high"),
        Label("Business.Order", "Glossary"),
    )
    assert [(each.path, each.description) for each in orders.columns] == [
        (("id",), "order key"),
        (("email",), ""),
        (("amount",), ""),
        (("order_date",), ""),
    ]
    email = orders.columns[1]
    assert email.labels == (Label("AtlasMetadata.PII"), Label("AtlasMetadata.PII_CONTACT"))
    assert orders.columns[0].labels == ()


def test_topics_and_tables_and_databases_are_enriched_in_one_run() -> None:
    with odd_server(company()) as server:
        found = read_all(source_at(server.url))
    assert enriched(found[SCHEMAS])["sales"].description == "Sales data"
    assert set(enriched(found[TABLES])) == {"sales.orders", "sales.orders_daily"}
    topic = enriched(found[TOPICS])["orders_events"]
    assert (topic.target, topic.owners) == (Elsewhere(type=EntityType.TOPIC, names=("orders_events",)), ("ops",))


def test_no_entity_has_a_call_of_its_own() -> None:
    calls = Calls()
    with odd_server(company()) as server:
        read_all(source_at(server.url, calls))
    assert calls.counts() == {
        "atlas:glossary": 1,
        "atlas:search": 9,
        "atlas:terms": 1,
        "atlas:typedefs": 3,
        "atlas:version": 1,
    }


def test_each_label_brings_the_words_that_it_is_made_of() -> None:
    with odd_server(company()) as server:
        found = read_all(source_at(server.url))
    words = {each.label() for findings in found.values() for each in findings if isinstance(each, Word)}
    labels = {
        label
        for findings in found.values()
        for each in enriched(findings).values()
        for told in (each.labels, *(column.labels for column in each.columns))
        for label in told or ()
    }
    assert labels <= words


def test_what_has_no_place_is_told_in_a_note() -> None:
    with odd_server(company()) as server:
        found = read_all(source_at(server.url))
    notes = [each.text for findings in found.values() for each in findings if isinstance(each, Note)]
    assert any("DataQuality" in text for text in notes)
    assert any("CONFIDENTIAL.score" in text for text in notes)


def test_what_is_filtered_is_counted() -> None:
    with odd_server(company()) as server:
        source = source_at(server.url, table_filter=lambda name: name != "orders")
        found = read_all(source)[TABLES]
    assert set(enriched(found)) == {"sales.orders_daily"}
    assert [each.reason for each in found if isinstance(each, Filtered)] == ["tableFilterPattern"]
