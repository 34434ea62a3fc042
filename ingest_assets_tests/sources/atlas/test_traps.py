"""What running Atlas servers answer that a reader can fall into."""

from __future__ import annotations

from typing import Any

import pytest

from ingest_assets.calls import Calls
from ingest_assets.catalog import Elsewhere, Enrichment, EntityType, Failed, Filtered, Finding, Note
from ingest_assets.errors import InvalidAnswerError, PermissionDeniedError, RejectedError, UnavailableError
from ingest_assets.sources.atlas.mapping import Placing
from ingest_assets.sources.atlas.searching import Query, bulk, pages
from ingest_assets_tests.sources.atlas.company import SALES, column, company, table
from ingest_assets_tests.sources.atlas.estate import Estate, classified, entity, hidden, ref
from ingest_assets_tests.sources.atlas.odd_server import Asked, Reply, odd_server
from ingest_assets_tests.sources.atlas.scene import (
    SCHEMAS,
    TABLES,
    TOPICS,
    client_at,
    enriched,
    read_all,
    source_at,
)

MANY = [table(f"t{number}", f"t{number}") for number in range(610)]


def targets(findings: list[Finding]) -> set[object]:
    return {each.target for each in findings if isinstance(each, Enrichment)}


def notes(findings: list[Finding]) -> list[str]:
    return [each.text for each in findings if isinstance(each, Note)]


def changed(estate: Estate, **told: Any) -> Any:
    """An Atlas whose searches tell something else beside their rows."""

    def answer(asked: Asked) -> Reply:
        reply = estate(asked)
        return reply._replace(body={**reply.body, **told}) if asked.path.endswith("/search/basic") else reply

    return answer


@pytest.mark.parametrize("count", [0, -1, 81, 100])
def test_no_count_ends_a_listing(count: int) -> None:
    with odd_server(changed(Estate(MANY), approximateCount=count)) as server:
        found = [
            row["guid"] for page in pages(client_at(server.url), Query("hive_table", size=100)) for row in page.rows
        ]
    assert len(set(found)) == 610


def test_a_limit_that_the_server_cuts_without_a_word_ends_no_listing() -> None:
    with odd_server(Estate(MANY, most=1_000)) as server:
        found = [row["guid"] for page in pages(client_at(server.url), Query("hive_table")) for row in page.rows]
        limits = [each["limit"] for each in server.searches("hive_table")]
    assert len(set(found)) == 610
    assert limits == [2_000] * 8


def test_a_marker_is_neither_sent_nor_believed() -> None:
    with odd_server(changed(Estate(MANY[:3]), nextMarker="LTU3MzQ4NzM0MDoz")) as server:
        found = {row["guid"] for page in pages(client_at(server.url), Query("hive_table", size=2)) for row in page.rows}
        assert len(found) == 3
        assert all("marker" not in each for each in server.searches("hive_table"))


def test_a_server_that_gives_the_same_page_for_ever_is_found_out() -> None:
    estate = Estate(MANY[:4])

    def stuck(asked: Asked) -> Reply:
        return estate(asked._replace(body={**asked.body, "offset": 0}))

    with odd_server(stuck) as server, pytest.raises(InvalidAnswerError, match="round in circles"):
        list(pages(client_at(server.url), Query("hive_table", size=2)))


def test_pages_that_go_round_after_a_while_are_found_out() -> None:
    estate = Estate(MANY[:200])

    def round_and_round(asked: Asked) -> Reply:
        offset = asked.body["offset"] if asked.body["offset"] < 100 else 20 + asked.body["offset"] % 60
        return estate(asked._replace(body={**asked.body, "offset": offset}))

    with odd_server(round_and_round) as server, pytest.raises((InvalidAnswerError, UnavailableError)):
        list(pages(client_at(server.url), Query("hive_table", size=40)))


@pytest.mark.parametrize("deleted", [1, 15])
def test_what_is_deleted_between_two_pages_costs_no_other_row(deleted: int) -> None:
    estate = Estate(list(MANY))

    def shrinking(asked: Asked) -> Reply:
        if asked.body["offset"]:
            del estate.entities[:deleted]
        return estate(asked)

    with odd_server(shrinking) as server:
        found = {
            row["guid"] for page in pages(client_at(server.url), Query("hive_table", size=305)) for row in page.rows
        }
    assert found == {row["guid"] for row in MANY}


def test_a_listing_that_changes_too_much_between_two_pages_is_none() -> None:
    estate = Estate(list(MANY))

    def shrinking(asked: Asked) -> Reply:
        if asked.body["offset"]:
            del estate.entities[:30]
        return estate(asked)

    with odd_server(shrinking) as server, pytest.raises(UnavailableError, match="changed while it was read"):
        list(pages(client_at(server.url), Query("hive_table", size=305)))


def test_rows_without_any_hit_are_none() -> None:
    with odd_server(Estate([])) as server:
        assert enriched(read_all(source_at(server.url))[TABLES]) == {}


def test_an_answer_without_its_parameters_is_no_empty_listing() -> None:
    with (
        odd_server(lambda _: Reply({"queryType": "BASIC"})) as server,
        pytest.raises(InvalidAnswerError, match="lacks 'searchParameters'"),
    ):
        list(pages(client_at(server.url), Query("hive_table")))


def test_columns_come_by_position_and_those_without_one_last() -> None:
    held = table("t", "t")
    columns = [column(held, "z", None), column(held, "b", 1), column(held, "a", 2), column(held, "c", 0)]
    with odd_server(Estate([SALES, held, *columns])) as server:
        found = enriched(read_all(source_at(server.url))[TABLES])["sales.t"]
    assert [each.path[0] for each in found.columns] == ["c", "b", "a", "z"]


def test_a_deleted_column_of_a_live_table_is_none() -> None:
    held = table("t", "t")
    gone = {**column(held, "gone", 1), "status": "DELETED"}
    with odd_server(Estate([SALES, held, column(held, "a", 0), gone])) as server:
        found = enriched(read_all(source_at(server.url))[TABLES])["sales.t"]
    assert [each.path for each in found.columns] == [("a",)]


def test_a_listing_that_shows_deleted_rows_all_the_same_takes_none_for_live() -> None:
    estate = company()

    def shows(asked: Asked) -> Reply:
        return estate(asked._replace(body={**asked.body, "excludeDeletedEntities": False}) if asked.body else asked)

    with odd_server(shows) as server:
        assert set(enriched(read_all(source_at(server.url))[TABLES])) == {"sales.orders", "sales.orders_daily"}


@pytest.mark.parametrize("type_name", ["hive_table", "hive_column"])
def test_hidden_rows_make_a_listing_incomplete(type_name: str) -> None:
    estate = company()
    estate.entities.append(hidden(type_name, "secrets"))
    with odd_server(estate) as server:
        source = source_at(server.url)
        with pytest.raises(PermissionDeniedError, match=r"hides 1 of its rows.*Let the user read"):
            list(source.read(TABLES))
        assert enriched(list(source.read(TOPICS)))


def test_types_are_asked_only_for_what_they_know() -> None:
    with odd_server(company()) as server:
        read_all(source_at(server.url))
        (asked,) = server.searches("rdbms_table")
    assert set(asked["attributes"]) == {"db", "name_path", "userDescription", "description", "comment", "displayName"}


def test_names_with_dots_and_quotes_are_taken_as_they_are() -> None:
    odd = table("odd", 'orders.v2 "new"')
    with odd_server(Estate([SALES, odd])) as server:
        found = read_all(source_at(server.url))[TABLES]
    assert targets(found) == {Elsewhere(type=EntityType.TABLE, names=("sales", 'orders.v2 "new"'))}


def test_temporary_tables_are_left_out_though_their_names_do_not_say_so() -> None:
    temporary = entity("tmp", "hive_table", "sales.load_temp-7f1c2a@cm", "load", db=ref(SALES))
    with odd_server(Estate([SALES, temporary, table("flagged", "flagged", temporary=True)])) as server:
        found = read_all(source_at(server.url))[TABLES]
    assert not enriched(found)
    assert "Tables that are left out: 2 temporary, of a session of Hive." in notes(found)


@pytest.mark.parametrize("nothing", [{"description": ""}, {"description": None}, {}])
def test_no_text_is_no_text_in_each_of_its_spellings(nothing: dict[str, Any]) -> None:
    with odd_server(Estate([SALES, table("t", "t", **nothing)])) as server:
        assert enriched(read_all(source_at(server.url))[TABLES])["sales.t"].description == ""


def test_tables_of_a_deleted_database_are_left_out() -> None:
    gone = {**entity("db-old", "hive_db", "old@cm", "old"), "status": "DELETED"}
    orphan = entity("orphan", "hive_table", "old.t@cm", "t", db=ref(gone))
    with odd_server(Estate([gone, orphan])) as server:
        found = read_all(source_at(server.url))[TABLES]
    assert "Tables that are left out: 1 of a database that is deleted in Atlas." in notes(found)


def test_a_name_that_was_made_anew_is_told_once() -> None:
    old = {**table("old", "t", description="old words"), "status": "DELETED"}
    with odd_server(Estate([SALES, old, table("new", "t", description="new words")])) as server:
        assert enriched(read_all(source_at(server.url))[TABLES])["sales.t"].description == "new words"


def test_one_guid_that_is_not_there_costs_its_batch_nothing() -> None:
    calls = Calls()
    with odd_server(Estate(MANY)) as server:
        guids = [f"t{number}" for number in range(250)]
        guids[120] = "no-such"
        found = list(bulk(client_at(server.url, calls), guids, "a test"))
    assert {each["guid"] for each in found} == set(guids) - {"no-such"}
    assert calls.counts()["atlas:bulk"] < 20


def test_a_table_of_two_clusters_is_not_guessed() -> None:
    elsewhere = entity("db-dr", "hive_db", "sales@dr", "sales")
    twice = [table("one", "t"), entity("two", "hive_table", "sales.t@dr", "t", db=ref(elsewhere))]
    with odd_server(Estate([SALES, elsewhere, *twice])) as server:
        found = read_all(source_at(server.url))
    assert not enriched(found[TABLES])
    assert not enriched(found[SCHEMAS])
    failed = [each for each in found[TABLES] if isinstance(each, Failed)]
    assert len(failed) == 2
    assert "sales.t@cm (hive_table), sales.t@dr (hive_table)" in failed[0].reason


def test_clusters_tell_which_service_holds_what() -> None:
    elsewhere = entity("db-dr", "hive_db", "sales@dr", "sales")
    tables = [
        table("one", "t"),
        entity("two", "hive_table", "sales.t@dr", "t", db=ref(elsewhere)),
        entity("three", "hive_table", "sales.t@test", "t", db=ref(SALES)),
    ]
    placing = Placing(("hive", "hive.dr"), (), {"cm": ("hive",), "dr": ("hive.dr",)})
    with odd_server(Estate([SALES, elsewhere, *tables])) as server:
        found = read_all(source_at(server.url, placing=placing))[TABLES]
    assert targets(found) == {
        Elsewhere(type=EntityType.TABLE, names=("sales", "t"), within="hive"),
        Elsewhere(type=EntityType.TABLE, names=("sales", "t"), within='"hive.dr"'),
    }
    assert [each.reason for each in found if isinstance(each, Filtered)] == ["dagster.source.clusters"]


def test_a_propagated_classification_may_be_left_out() -> None:
    with odd_server(company()) as server:
        with_it = enriched(read_all(source_at(server.url))[TABLES])["sales.orders_daily"]
        without = enriched(read_all(source_at(server.url, include_propagated=False))[TABLES])["sales.orders_daily"]
    assert [label.fqn for label in with_it.labels or ()] == [
        "AtlasMetadata.CONFIDENTIAL",
        "AtlasMetadata.CONFIDENTIAL.level=high",
    ]
    assert without.labels == ()


def test_classifications_without_their_attributes_are_known_by_name() -> None:
    held = table("t", "t", _classificationNames=["PII"])
    with odd_server(Estate([SALES, held])) as server:
        found = enriched(read_all(source_at(server.url))[TABLES])["sales.t"]
    assert [label.fqn for label in found.labels or ()] == ["AtlasMetadata.PII"]


def test_a_classification_that_holds_for_a_time_is_told_in_a_note() -> None:
    held = table("t", "t", _classifications=[classified("PII", "t", limited=True)])
    with odd_server(Estate([SALES, held])) as server:
        found = read_all(source_at(server.url))[TABLES]
    assert any("hold for a time only" in each.text for each in found if isinstance(each, Note))


def test_glossaries_that_may_not_be_seen_cost_the_labels_of_what_has_terms_only() -> None:
    estate = company()

    def denies(asked: Asked) -> Reply:
        if "/glossary" in asked.path:
            return Reply({"errorCode": "ATLAS-403-00-001", "errorMessage": "limited is not authorized"}, 403)
        return estate(asked)

    with odd_server(denies) as server:
        found = read_all(source_at(server.url))[TABLES]
    tables = enriched(found)
    assert tables["sales.orders"].labels is None
    assert tables["sales.orders_daily"].labels
    notes = [each.text for each in found if isinstance(each, Note)]
    assert any("Glossary terms are assigned that the user may not see (Order)" in text for text in notes)


@pytest.mark.parametrize(
    ("entity_type", "types"),
    [
        ("Table", {"hive_table", "rdbms_table"}),
        ("table", {"hive_table", "rdbms_table"}),
        ("DataSet", {"hive_table", "rdbms_table"}),
        ("Asset", {"hive_table", "rdbms_table"}),
        ("hive_table", {"hive_table"}),
        ("company_table", {"company_table"}),
        ("kafka_topic", set()),
    ],
)
def test_the_entity_type_says_which_tables_are_searched_for(entity_type: str, types: set[str]) -> None:
    with odd_server(company()) as server:
        found = read_all(source_at(server.url, entity_type=entity_type))
        searched = {each.body["typeName"] for each in server.received if each.method == "POST"}
    assert {each for each in searched if each.endswith("_table")} == types
    assert enriched(found[TOPICS])


@pytest.mark.parametrize(("entity_type", "near"), [("hive_tabel", "hive_table"), ("Kafka_topics", "kafka_topic")])
def test_an_unknown_type_is_refused_with_the_nearest_names(entity_type: str, near: str) -> None:
    with odd_server(company()) as server, pytest.raises(RejectedError, match=f"no type '{entity_type}'.*{near}"):
        list(source_at(server.url, entity_type=entity_type).read(TABLES))


@pytest.mark.parametrize("entity_type", ["hive_process", "hive_column"])
def test_a_type_of_no_tables_is_refused(entity_type: str) -> None:
    with odd_server(company()) as server, pytest.raises(RejectedError, match="are no tables and no topics"):
        list(source_at(server.url, entity_type=entity_type).read(TABLES))


def test_a_type_that_is_called_table_is_taken_by_its_name() -> None:
    estate = company()
    estate.entity_defs.append({"name": "Table", "superTypes": ["hive_table"], "attributeDefs": []} | NO_RELATIONS)
    with odd_server(estate) as server:
        read_all(source_at(server.url))
        assert server.searches("Table")
        assert not server.searches("hive_table")


NO_RELATIONS: dict[str, Any] = {"relationshipAttributeDefs": []}


def test_a_second_attempt_asks_again_for_what_failed_and_for_nothing_else() -> None:
    estate, failing = company(), {"hive_column"}

    def falters(asked: Asked) -> Reply:
        if asked.body and asked.body["typeName"] in failing:
            return Reply({"errorCode": "ATLAS-500-00-001", "errorMessage": "no index"}, 500)
        return estate(asked)

    with odd_server(falters) as server:
        source = source_at(server.url)
        with pytest.raises(Exception, match="no index"):
            read_all(source)
        failing.clear()
        before = len(server.searches("hive_table"))
        assert enriched(read_all(source)[TABLES])
        assert len(server.searches("hive_table")) == before
