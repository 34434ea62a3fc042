"""What a source knows of entities that other recipes made arrives there, and nothing of theirs is lost or undone."""

from __future__ import annotations

from typing import Any

import pytest

from ingest_assets.catalog import (
    Elsewhere,
    Enrichment,
    EntityType,
    Failed,
    Filtered,
    Label,
    MessageSchema,
    MessagingService,
    Reference,
    SchemaField,
    Topic,
)
from ingest_assets.ingestion.report import Report
from ingest_assets_tests.ingestion.estates import Estate, run_estate
from ingest_assets_tests.ingestion.knowledge import (
    SCOPE,
    Knowledge,
    about,
    changed,
    labels,
    of_column,
    problems,
    run_knowledge,
)
from ingest_assets_tests.ingestion.lakes import Lake, column
from ingest_assets_tests.ingestion.runs import Place

ORDERS = "lake.db.sales.orders"
OTHER = "omar.haddad"


def lake(**facets: Any) -> Lake:
    made = Lake()
    address = column("address", "STRUCT", children=(column("zip"),))
    made.put("sales", "orders", **{"columns": (column("ID"), column("total"), address), **facets})
    return made


def known(**facets: Any) -> Enrichment:
    told = {
        "description": "All orders",
        "display_name": "Orders",
        "owners": ("lena.berg",),
        "labels": labels("PII.Sensitive", "Tier.Tier2"),
        "columns": (
            of_column("id", description="Its number", labels=labels("PII.None")),
            of_column("Address", "ZIP", description="Where to", labels=labels("PersonalData.Personal")),
        ),
    }
    return about("sales", "orders", **{**told, **facets})


def table(place: Place) -> dict[str, Any]:
    return place.table(ORDERS, f"columns,tags,{place.admin.capabilities.owners}")


def owners(place: Place) -> list[str]:
    stored = table(place)
    found = stored.get("owners") or [stored.get("owner")]
    return [owner["name"] for owner in found if owner]


def state(place: Place) -> dict[str, Any]:
    """Words, owners and labels of the table and its columns."""
    stored = table(place)
    (address,) = (each for each in stored["columns"] if each["name"] == "address")
    columns = {each["name"]: each for each in (*stored["columns"], *address["children"])}
    return {
        "description": stored.get("description"),
        "displayName": stored.get("displayName"),
        "owners": owners(place),
        "tags": sorted(tag["tagFQN"] for tag in stored.get("tags") or ()),
        **{name: (each.get("description"), tags(each)) for name, each in columns.items()},
    }


def tags(holder: dict[str, Any]) -> list[str]:
    return sorted(tag["tagFQN"] for tag in holder.get("tags") or ())


def edit(place: Place, *operations: dict[str, Any]) -> None:
    place.admin.patch(f"/v1/tables/{place.table(ORDERS)['id']}", list(operations))


def add(path: str, value: object) -> dict[str, Any]:
    return {"op": "add", "path": path, "value": value}


def remove(path: str) -> dict[str, Any]:
    return {"op": "remove", "path": path}


def label(fqn: str) -> dict[str, str]:
    return {"tagFQN": fqn, "source": "Classification", "labelType": "Manual", "state": "Confirmed"}


def figures(report: Report) -> tuple[int, int, int, int]:
    return report.updated, report.unchanged, report.unmatched, report.failed


KNOWN = {
    "description": "All orders",
    "displayName": "Orders",
    "owners": ["lena.berg"],
    "tags": ["PII.Sensitive", "Tier.Tier2"],
    "ID": ("Its number", ["PII.None"]),
    "total": (None, []),
    "address": (None, []),
    "zip": ("Where to", ["PersonalData.Personal"]),
}


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
    for _ in range(2):
        assert anywhere.run(second).written() == 0
        assert figures(run_knowledge(anywhere, known())) == (0, 1, 0, 0)
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


def test_what_has_no_match_is_told_with_its_reason_and_found_when_it_comes(here: Place) -> None:
    here.run(lake())
    there = Reference(EntityType.TABLE, ("lake", "db", "sales", "none"))
    nowhere = Reference(EntityType.TOPIC, ("stream", "clicks"))
    knowledge = Knowledge(
        [
            known(),
            about("sales", "missing", description="None"),
            Enrichment(target=there, description="None"),
            Enrichment(target=nowhere, description="None"),
            Filtered(reference=Reference(EntityType.TABLE, (*SCOPE.path, "left out")), reason="a filter"),
            Failed(reference=Reference(EntityType.TABLE, (*SCOPE.path, "broken")), step="read", reason="no name"),
        ]
    )
    report = run_knowledge(here, knowledge)
    assert (figures(report), report.filtered) == ((1, 0, 3, 1), 1)
    assert problems(report) == [
        "sales.missing: not on the server; asked for lake.db.sales.missing",
        "lake.db.sales.none: not on the server; asked for lake.db.sales.none",
        "topic stream / clicks: the server has no messagingService stream",
        "atlas / broken: read: no name",
    ]
    late = lake()
    late.put("sales", "missing")
    here.run(late)
    assert figures(run_knowledge(here, knowledge)) == (1, 1, 2, 1)


def test_of_several_that_fit_none_is_enriched(here: Place) -> None:
    here.run(lake())
    other = Lake("other")
    other.put("sales", "orders")
    here.run(other)
    report = run_knowledge(here, known())
    told = "sales.orders: several fit, and none is guessed: lake.db.sales.orders, other.db.sales.orders"
    assert (figures(report), problems(report)) == ((0, 0, 1, 0), [told])
    assert figures(run_knowledge(here, known(), lineage_services=("lake",))) == (1, 0, 0, 0)


def test_a_deleted_entity_is_unmatched_and_enriched_when_it_is_back(here: Place) -> None:
    here.run(lake())
    here.soft_delete(EntityType.TABLE, ORDERS)
    target = Reference(EntityType.TABLE, ("lake", "db", "sales", "orders"))
    report = run_knowledge(here, changed(known(), target=target))
    assert problems(report) == [f"{ORDERS}: it is deleted in OpenMetadata"]
    here.run(lake())
    assert figures(run_knowledge(here, changed(known(), target=target))) == (1, 0, 0, 0)
    assert state(here) == KNOWN


def test_a_label_that_the_server_lacks_costs_itself_and_comes_when_it_is_there(anywhere: Place) -> None:
    anywhere.run(lake())
    enrichment = known(
        labels=labels("Finance.Revenue", "PII.Sensitive"), columns=(of_column("id", labels=labels("Finance.Revenue")),)
    )
    first = run_knowledge(anywhere, enrichment)
    assert figures(first) == (1, 0, 0, 0)
    assert "Label Finance.Revenue is left out in 2 places: it is not on the server." in first.notes
    assert state(anywhere)["tags"] == ["PII.Sensitive"]
    anywhere.admin.put("/v1/classifications", {"name": "Finance", "description": "Money"})
    anywhere.admin.put("/v1/tags", {"name": "Revenue", "description": "In", "classification": "Finance"})
    assert figures(run_knowledge(anywhere, enrichment)) == (1, 0, 0, 0)
    assert state(anywhere)["tags"] == ["Finance.Revenue", "PII.Sensitive"]
    assert state(anywhere)["ID"] == (None, ["Finance.Revenue"])
    assert run_knowledge(anywhere, enrichment).unchanged == 1


def test_of_labels_that_exclude_each_other_one_stands(anywhere: Place) -> None:
    anywhere.admin.put("/v1/classifications", {"name": "Team", "description": "Whose", "mutuallyExclusive": True})
    for name in ("aa", "bb"):
        anywhere.admin.put("/v1/tags", {"name": name, "description": name, "classification": "Team"})
    anywhere.run(lake())
    first = run_knowledge(anywhere, known(labels=labels("Team.aa", "Team.bb", "Tier.Tier2")))
    assert figures(first) == (1, 0, 0, 0)
    assert any(note.startswith("Label Team.bb is left out") for note in first.notes)
    assert state(anywhere)["tags"] == ["Team.aa", "Tier.Tier2"]
    assert figures(run_knowledge(anywhere, known(labels=labels("Team.bb", "Tier.Tier2")))) == (1, 0, 0, 0)
    assert state(anywhere)["tags"] == ["Team.bb", "Tier.Tier2"]
    # A person's choice excludes ours.
    edit(anywhere, add("/tags", [label("Team.aa")]))
    second = run_knowledge(anywhere, known(description="New", labels=labels("Team.bb", "Tier.Tier1")))
    assert (figures(second), state(anywhere)["tags"]) == ((1, 0, 0, 0), ["Team.aa"])


def test_terms_of_glossaries_are_labels_too(anywhere: Place) -> None:
    anywhere.admin.put("/v1/glossaries", {"name": "Words", "displayName": "Words", "description": "Ours"})
    anywhere.admin.put("/v1/glossaryTerms", {"name": "Order", "glossary": "Words", "description": "A deal"})
    anywhere.run(lake())
    run_knowledge(anywhere, known(labels=(Label("Words.Order", "Glossary"),)))
    assert "Words.Order" in state(anywhere)["tags"]
    run_knowledge(anywhere, known(labels=()))
    assert state(anywhere)["tags"] == []


def test_columns_go_by_their_names_in_any_case_where_that_is_unambiguous(here: Place) -> None:
    here.run(
        lake(
            columns=(column("ID"), column("Day"), column("day"), column("address", "STRUCT", children=(column("zip"),)))
        )
    )
    columns = [
        of_column(*path, description="/".join(path))
        for path in (("id",), ("DAY",), ("day",), ("gone",), ("address", "x"))
    ]
    report = run_knowledge(here, about("sales", "orders", columns=tuple(columns)))
    stored = {each["name"]: each.get("description") for each in table(here)["columns"]}
    assert figures(report) == (1, 0, 0, 0)
    assert stored == {"ID": "id", "Day": "DAY", "day": "day", "address": None}
    told = f"2 columns are not on the server, or can't be told from others there: {ORDERS}.gone, {ORDERS}.address.x."
    assert told in report.notes


def test_a_column_that_comes_late_gets_its_words(anywhere: Place) -> None:
    anywhere.run(lake())
    enrichment = known(columns=(*known().columns, of_column("new", description="New", labels=labels("PII.None"))))
    run_knowledge(anywhere, enrichment)
    assert figures(run_knowledge(anywhere, enrichment)) == (0, 1, 0, 0)
    anywhere.run(lake(columns=(*lake().tables["db", "sales", "orders"].columns, column("new"))))  # type: ignore[union-attr]
    assert figures(run_knowledge(anywhere, enrichment)) == (1, 0, 0, 0)
    assert state(anywhere)["new"] == ("New", ["PII.None"])
    anywhere.sandbox.openmetadata.reset_counts()
    run_knowledge(anywhere, enrichment)
    assert not any("/tables" in name for name in anywhere.sandbox.openmetadata.counts)


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


def test_a_refused_entity_costs_itself_and_is_tried_again(anywhere: Place) -> None:
    made = lake()
    made.put("sales", "other")
    anywhere.run(made)
    knowledge = Knowledge([known(), about("sales", "other", description="Others")])
    anywhere.sandbox.faults.add("403", service="openmetadata", operation="PATCH /v1/tables", count=1)
    first = run_knowledge(anywhere, knowledge)
    assert figures(first) == (1, 0, 0, 1)
    assert "403" in problems(first)[0] or "refuses" in problems(first)[0]
    assert figures(run_knowledge(anywhere, knowledge)) == (1, 1, 0, 0)
    assert state(anywhere) == KNOWN


def test_what_is_told_twice_is_written_once(here: Place) -> None:
    here.run(lake())
    target = Reference(EntityType.TABLE, ("lake", "db", "sales", "orders"))
    report = run_knowledge(here, Knowledge([known(), changed(known(description="Else"), target=target)]))
    assert figures(report) == (1, 0, 0, 1)
    assert problems(report) == [f"{ORDERS}: the source tells of it twice; the first is taken"]
    assert state(here) == KNOWN


def test_a_dry_run_tells_and_writes_nothing(here: Place) -> None:
    here.run(lake())
    here.sandbox.openmetadata.reset_counts()
    report = run_knowledge(here, known(), dry_run=True)
    assert (figures(report), len(report.changes), here.writes()) == ((1, 0, 0, 0), 1, [])
    assert figures(run_knowledge(here, known())) == (1, 0, 0, 0)


def test_a_table_that_was_made_anew_is_enriched_when_everything_is_looked_at_again(anywhere: Place) -> None:
    anywhere.run(lake())
    run_knowledge(anywhere, known())
    anywhere.soft_delete(EntityType.TABLE, ORDERS, hard=True)
    anywhere.run(lake(), full_listing="always")
    assert figures(run_knowledge(anywhere, known(), full_listing="always")) == (1, 0, 0, 0)
    assert state(anywhere) == KNOWN


def test_a_service_that_was_made_anew_is_enriched_at_once(anywhere: Place) -> None:
    anywhere.run(lake())
    run_knowledge(anywhere, known())
    anywhere.soft_delete(EntityType.DATABASE_SERVICE, "lake", hard=True)
    anywhere.run(lake())
    assert figures(run_knowledge(anywhere, known())) == (1, 0, 0, 0)
    assert state(anywhere) == KNOWN


def test_a_table_that_moved_is_found_at_its_new_place(here: Place) -> None:
    here.run(lake())
    run_knowledge(here, known())
    here.soft_delete(EntityType.TABLE, ORDERS, hard=True)
    here.soft_delete(EntityType.DATABASE, "lake.db", hard=True)
    moved = Lake()
    moved.put("sales", "orders", "new", columns=lake().tables["db", "sales", "orders"].columns)  # type: ignore[union-attr]
    here.run(moved, full_listing="always")
    assert figures(run_knowledge(here, known(description="Moved"))) == (1, 0, 0, 0)
    assert here.table("lake.new.sales.orders")["description"] == "Moved"
