"""What is known finds its entity, its columns and its labels on the server, or is told with the reason."""

from __future__ import annotations

from ingest_assets.catalog import (
    Enrichment,
    EntityType,
    Failed,
    Filtered,
    Label,
    Reference,
)
from ingest_assets_tests.ingestion.knowledge import (
    KNOWN,
    ORDERS,
    SCOPE,
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
    run_knowledge,
    state,
    table,
)
from ingest_assets_tests.ingestion.lakes import Lake, column
from ingest_assets_tests.ingestion.runs import Place

OF_LAKE = {EntityType.DATABASE_SERVICE: ("lake",)}


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
    assert figures(run_knowledge(here, known(), lineage_services=OF_LAKE)) == (
        1,
        0,
        0,
        0,
    )


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


def test_what_is_told_twice_is_written_once(here: Place) -> None:
    here.run(lake())
    target = Reference(EntityType.TABLE, ("lake", "db", "sales", "orders"))
    report = run_knowledge(here, Knowledge([known(), changed(known(description="Else"), target=target)]))
    assert figures(report) == (1, 0, 0, 1)
    assert problems(report) == [f"{ORDERS}: the source tells of it twice; the first is taken"]
    assert state(here) == KNOWN


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
