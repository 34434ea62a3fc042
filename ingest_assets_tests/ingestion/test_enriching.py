"""What a source knows of entities that other recipes made arrives there, and nothing of theirs is lost or undone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingest_assets.catalog import (
    Elsewhere,
    Enrichment,
    EntityType,
    MessageSchema,
    MessagingService,
    Reference,
    SchemaField,
    Topic,
)
from ingest_assets_tests.ingestion.estates import Estate, run_estate
from ingest_assets_tests.ingestion.knowledge import (
    KNOWN,
    ORDERS,
    OTHER,
    Knowledge,
    about,
    add,
    changed,
    edit,
    figures,
    known,
    label,
    labels,
    lake,
    of_column,
    problems,
    remove,
    run_knowledge,
    state,
    table,
    tags,
)
from ingest_assets_tests.ingestion.lakes import column
from ingest_assets_tests.ingestion.runs import Place, place


def test_a_first_run_brings_words_owners_and_labels_and_a_second_neither_writes_nor_looks(anywhere: Place) -> None:
    anywhere.run(lake())
    before = table(anywhere)
    first = run_knowledge(anywhere, known())
    assert (problems(first), figures(first)) == ([], (1, 0, 0, 0))
    assert state(anywhere) == KNOWN
    assert table(anywhere).get("sourceHash") == before.get("sourceHash")
    anywhere.sandbox.openmetadata.reset_counts()
    assert figures(run_knowledge(anywhere, known())) == (0, 1, 0, 0)
    assert anywhere.writes() == []
    assert not any("/tables" in name for name in anywhere.sandbox.openmetadata.counts)


@pytest.mark.parametrize("version", ["1.1.7", "1.2.5", "1.9.9", "2.0.0"])
def test_other_lines_of_servers_are_enriched_as_well(tmp_path: Path, version: str) -> None:
    with place(tmp_path, version) as there:
        there.run(lake())
        assert figures(run_knowledge(there, known())) == (1, 0, 0, 0)
        assert state(there) == KNOWN
        there.sandbox.openmetadata.reset_counts()
        assert (there.run(lake()).written(), figures(run_knowledge(there, known()))) == (0, (0, 1, 0, 0))
        assert there.writes() == []


def test_nothing_is_put_and_one_patch_brings_all(anywhere: Place) -> None:
    anywhere.run(lake())
    anywhere.sandbox.openmetadata.reset_counts()
    run_knowledge(anywhere, known())
    assert len(anywhere.writes()) == 1
    assert anywhere.writes()[0].startswith("PATCH /v1/tables")


@pytest.mark.parametrize("knows_first", [False, True])
def test_who_makes_and_who_enriches_end_in_no_writes(anywhere: Place, *, knows_first: bool) -> None:
    """Whichever of the two runs first, and though the maker changes what it made meanwhile."""
    if knows_first:
        early = run_knowledge(anywhere, known())
        assert (figures(early), problems(early)) == (
            (0, 0, 1, 0),
            ["sales.orders: the server has no service that may hold sales.orders"],
        )
    anywhere.run(lake(description="From the lake", owners=("omar.haddad",), labels=labels("PII.NonSensitive")))
    run_knowledge(anywhere, known())
    columns = (*lake().tables["db", "sales", "orders"].columns, column("new"))  # type: ignore[union-attr]
    second = lake(
        description="From the lake", owners=("omar.haddad",), labels=labels("PII.NonSensitive"), columns=columns
    )
    assert anywhere.run(second).tables.updated == 1
    run_knowledge(anywhere, known())
    stands = state(anywhere)
    anywhere.sandbox.openmetadata.reset_counts()
    for full_listing in ("weekly", "always"):
        assert anywhere.run(second, full_listing=full_listing).written() == 0
        assert figures(run_knowledge(anywhere, known(), full_listing=full_listing)) == (0, 1, 0, 0)
    assert anywhere.writes() == []
    assert state(anywhere) == stands
    assert (stands["description"], stands["owners"], stands["displayName"]) == ("From the lake", [OTHER], "Orders")
    assert stands["ID"] == KNOWN["ID"]
    assert stands["zip"] == KNOWN["zip"]


def test_the_sources_change_arrives_where_we_wrote(anywhere: Place) -> None:
    anywhere.run(lake())
    run_knowledge(anywhere, known())
    columns = (
        of_column("ID", description="The number", labels=labels("PII.Sensitive")),
        of_column("address", "zip", description="", labels=()),
    )
    second = changed(
        known(),
        description="Every order",
        display_name="",
        owners=(OTHER,),
        labels=labels("Tier.Tier3"),
        columns=columns,
    )
    report = run_knowledge(anywhere, second)
    assert figures(report) == (1, 0, 0, 0)
    assert state(anywhere) == {
        **KNOWN,
        "description": "Every order",
        "displayName": None,
        "owners": [OTHER],
        "tags": ["Tier.Tier3"],
        "ID": ("The number", ["PII.Sensitive"]),
        "zip": (None, []),
    }
    (change,) = report.changes
    assert (change.action, change.fqn) == ("update", ORDERS)
    assert "description" in change.why
    assert anywhere.run(lake()).written() == 0


def test_what_is_not_known_leaves_alone_what_we_wrote(anywhere: Place) -> None:
    anywhere.run(lake())
    run_knowledge(anywhere, known())
    assert figures(run_knowledge(anywhere, about("sales", "orders"))) == (0, 1, 0, 0)
    assert state(anywhere) == KNOWN
    # It stays known as ours: the source's next word replaces it.
    run_knowledge(anywhere, about("sales", "orders", description="", labels=(), columns=(of_column("ID", labels=()),)))
    assert state(anywhere) == {**KNOWN, "description": None, "tags": [], "ID": ("Its number", [])}


def test_what_people_changed_or_took_away_stays_in_runs_of_both(anywhere: Place) -> None:
    anywhere.run(lake())
    run_knowledge(anywhere, known())
    user = anywhere.admin.get_by_name("users", OTHER)
    reference = {"id": user["id"], "type": "user"}
    owner = add("/owners", [reference]) if not anywhere.version.startswith("1.0") else add("/owner", reference)
    edit(
        anywhere,
        add("/description", "A person's"),
        remove("/displayName"),
        owner,
        add("/tags", [label("PII.NonSensitive"), label("Tier.Tier1")]),
        remove("/columns/0/description"),
        add("/columns/0/tags", []),
    )
    hers = state(anywhere)
    columns = (of_column("ID", description="Number", labels=labels("PII.None")), *known().columns[1:])
    for words in ("Orders, all", "Orders, each"):
        run_knowledge(anywhere, changed(known(), description=words, display_name=words, columns=columns))
        anywhere.run(lake(table_type="Iceberg" if words.endswith("each") else "External"))
    assert state(anywhere) == hers
    assert (hers["description"], hers["owners"], hers["tags"]) == (
        "A person's",
        [OTHER],
        ["PII.NonSensitive", "Tier.Tier1"],
    )
    # Her own words gone, there is a blank that she wants.
    edit(anywhere, remove("/description"))
    run_knowledge(anywhere, known(description="Once more"))
    assert state(anywhere)["description"] is None


def test_names_of_columns_come_and_go_with_the_source_and_stay_as_people_set_them(anywhere: Place) -> None:
    def shown(names: str | None, **more: Any) -> list[str | None]:
        """The table's and its nested column's, after a run that tells of them."""
        told = (of_column("id", display_name=names), of_column("address", "zip", display_name=names, **more))
        assert problems(run_knowledge(anywhere, about("sales", "orders", columns=told))) == []
        stored = table(anywhere)["columns"]
        return [each.get("displayName") for each in (stored[0], stored[1], stored[2]["children"][0])]

    anywhere.run(lake())
    assert shown("Number") == ["Number", None, "Number"]
    assert shown(None) == ["Number", None, "Number"]
    edit(anywhere, add("/columns/0/displayName", "Hers"), add("/columns/1/displayName", "Her total"))
    assert shown("Other", description="Where to") == ["Hers", "Her total", "Other"]
    anywhere.run(lake(table_type="Iceberg"))
    assert shown("") == ["Hers", "Her total", None]
    shown("Once more")
    edit(anywhere, remove("/columns/2/children/0/displayName"))
    assert shown("Again") == ["Hers", "Her total", None]


def test_what_stood_there_before_is_not_ours_though_the_source_says_the_same(anywhere: Place) -> None:
    """What two sources have must not go because one of them drops it."""
    made = lake(description="All orders", labels=labels("PII.Sensitive"), owners=("lena.berg",))
    anywhere.run(made)
    report = run_knowledge(anywhere, known())
    assert figures(report) == (1, 0, 0, 0)
    run_knowledge(anywhere, known(description="", labels=(), owners=()))
    stands = state(anywhere)
    assert (stands["description"], stands["owners"], stands["tags"]) == ("All orders", ["lena.berg"], ["PII.Sensitive"])
    # Taken away by a person it stays away, as if it had been ours.
    run_knowledge(anywhere, known())
    edit(anywhere, remove("/tags"))
    run_knowledge(anywhere, known(display_name="Other"))
    assert state(anywhere)["tags"] == []
    assert anywhere.run(made).written() == 0


def test_what_the_recipe_overrides_is_replaced_and_what_the_source_does_not_say_stays(anywhere: Place) -> None:
    anywhere.run(lake(description="From the lake", owners=(OTHER,)))
    edit(anywhere, add("/displayName", "Hers"), add("/columns/1/description", "Her total"))
    override = frozenset({"description", "owners"})
    assert figures(run_knowledge(anywhere, known(), override=override)) == (1, 0, 0, 0)
    stands = state(anywhere)
    assert (stands["description"], stands["owners"]) == ("All orders", ["lena.berg"])
    assert (stands["displayName"], stands["total"]) == ("Hers", ("Her total", []))
    anywhere.sandbox.openmetadata.reset_counts()
    assert figures(run_knowledge(anywhere, known(), override=override)) == (0, 1, 0, 0)
    assert anywhere.writes() == []


def test_topics_and_the_fields_of_their_schemas_are_enriched(anywhere: Place) -> None:
    fields = (
        SchemaField(name="Click", data_type="RECORD", children=(SchemaField(name="user_id", data_type="STRING"),)),
    )
    estate = Estate(MessagingService(path=("stream",), service_type="Kinesis"))
    estate.put(
        Topic(
            path=("stream", "clicks"), partitions=1, message_schema=MessageSchema(text="{}", type="Avro", fields=fields)
        )
    )
    run_estate(anywhere, estate)
    enrichment = Enrichment(
        target=Elsewhere(type=EntityType.TOPIC, names=("clicks",), system="kinesis"),
        description="All clicks",
        labels=labels("PII.Sensitive"),
        columns=(of_column("click", "USER_ID", description="Who", labels=labels("PII.Sensitive")),),
    )
    assert (figures(run_knowledge(anywhere, enrichment))) == (1, 0, 0, 0)
    stored = anywhere.get(EntityType.TOPIC, "stream.clicks", "tags")
    assert (stored["description"], tags(stored)) == ("All clicks", ["PII.Sensitive"])
    (field,) = stored["messageSchema"]["schemaFields"][0]["children"]
    assert (field["description"], tags(field)) == ("Who", ["PII.Sensitive"])
    anywhere.sandbox.openmetadata.reset_counts()
    assert run_estate(anywhere, estate).written() == 0
    assert run_knowledge(anywhere, enrichment).unchanged == 1
    assert anywhere.writes() == []


def test_databases_and_schemas_are_enriched(anywhere: Place) -> None:
    anywhere.run(lake())
    knowledge = Knowledge(
        [
            Enrichment(target=Reference(EntityType.DATABASE, ("lake", "db")), description="The catalog"),
            Enrichment(target=Elsewhere(type=EntityType.SCHEMA, names=("db", "sales")), description="Sales"),
        ]
    )
    assert figures(run_knowledge(anywhere, knowledge)) == (2, 0, 0, 0)
    assert anywhere.get(EntityType.DATABASE, "lake.db")["description"] == "The catalog"
    assert anywhere.get(EntityType.SCHEMA, "lake.db.sales")["description"] == "Sales"


def test_a_dry_run_tells_and_writes_nothing(here: Place) -> None:
    here.run(lake())
    here.sandbox.openmetadata.reset_counts()
    report = run_knowledge(here, known(), dry_run=True)
    assert (figures(report), len(report.changes), here.writes()) == ((1, 0, 0, 0), 1, [])
    assert figures(run_knowledge(here, known())) == (1, 0, 0, 0)
