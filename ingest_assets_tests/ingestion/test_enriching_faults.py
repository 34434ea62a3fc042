"""Enriching while things go wrong: what is refused, lost, cut off or meddled with costs itself and is mended."""

from __future__ import annotations

import itertools

import pytest

from ingest_assets.catalog import EntityType
from ingest_assets.errors import UnavailableError
from ingest_assets_tests.ingestion.killing import Blow, let_the_lease_end, run_killed
from ingest_assets_tests.ingestion.knowledge import (
    KNOWN,
    ORDERS,
    Knowledge,
    about,
    add,
    edit,
    figures,
    known,
    labels,
    lake,
    of_column,
    problems,
    run_knowledge,
    state,
)
from ingest_assets_tests.ingestion.runs import Place


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


def test_a_patch_whose_answer_is_lost_has_arrived(anywhere: Place) -> None:
    anywhere.run(lake())
    anywhere.sandbox.faults.add("reset-after", service="openmetadata", operation="PATCH /v1/tables")
    anywhere.sandbox.openmetadata.reset_counts()
    assert figures(run_knowledge(anywhere, known())) == (1, 0, 0, 0)
    assert len(anywhere.writes()) == 1
    assert state(anywhere) == KNOWN
    # It is ours, and no person's.
    run_knowledge(anywhere, known(description="New", labels=()))
    assert (state(anywhere)["description"], state(anywhere)["tags"]) == ("New", [])


def test_a_patch_that_never_arrived_is_sent_again_by_the_next_run(anywhere: Place) -> None:
    anywhere.run(lake())
    anywhere.sandbox.faults.add("500", service="openmetadata", operation="PATCH /v1/tables")
    assert figures(run_knowledge(anywhere, known())) == (0, 0, 0, 1)
    assert figures(run_knowledge(anywhere, known())) == (1, 0, 0, 0)
    assert state(anywhere) == KNOWN


def test_what_a_person_writes_between_look_and_patch_stays(anywhere: Place) -> None:
    anywhere.run(lake())

    def meddle() -> None:
        edit(anywhere, add("/description", "Hers"), add("/columns/0/description", "Hers"))

    report = run_knowledge(anywhere, known(), before_patch=meddle)
    assert figures(report) == (1, 0, 0, 0)
    assert state(anywhere) == {**KNOWN, "description": "Hers", "ID": ("Hers", ["PII.None"])}
    assert "1 entities keep what others set or took away where the source says otherwise." in report.notes


def test_what_somebody_deletes_between_look_and_patch_costs_itself(here: Place) -> None:
    here.run(lake())
    report = run_knowledge(here, known(), before_patch=lambda: here.soft_delete(EntityType.TABLE, ORDERS))
    assert figures(report) == (0, 0, 0, 1)
    here.run(lake())
    assert figures(run_knowledge(here, known())) == (1, 0, 0, 0)


def test_where_the_ledger_is_lost_what_stands_there_stays(anywhere: Place) -> None:
    anywhere.run(lake())
    run_knowledge(anywhere, known())
    anywhere.forget_ledger()
    anywhere.sandbox.openmetadata.reset_counts()
    assert figures(run_knowledge(anywhere, known())) == (0, 1, 0, 0)
    run_knowledge(anywhere, known(description="", display_name="Other", owners=(), labels=(), columns=()))
    assert (anywhere.writes(), state(anywhere)) == ([], KNOWN)


def test_a_server_that_answers_nothing_ends_the_run(here: Place) -> None:
    made = lake()
    for number in range(20):
        made.put("sales", f"t{number}")
    here.run(made)
    here.sandbox.faults.add("503", service="openmetadata", operation="GET /v1/tables*", count=None)
    found = [about("sales", f"t{number}", description="x") for number in range(20)]
    with pytest.raises(UnavailableError):
        run_knowledge(here, Knowledge([*found]), lineage_services={EntityType.DATABASE_SERVICE: ("lake",)})
    here.sandbox.faults.clear()
    assert figures(run_knowledge(here, Knowledge([*found]))) == (20, 0, 0, 0)


def knowledge_of(number: int) -> Knowledge:
    """In each state everything is said anew, some things come and others go."""
    turn = number % 2
    orders = known(
        description=f"Orders {number}",
        display_name=("", "Orders")[turn],
        labels=labels(f"Tier.Tier{1 + turn}", ("PII.None", "PII.Sensitive")[turn]),
        columns=(of_column("ID", description=f"Id {number}", labels=labels("PII.None") if turn else ()),),
    )
    other = about("sales", "other", description=f"Others {number}" if turn else "", owners=("lena.berg",) * turn)
    return Knowledge([orders, other])


def prove(place: Place, number: int) -> None:
    turn, stands = number % 2, state(place)
    assert stands["description"] == f"Orders {number}"
    assert stands["displayName"] == (None, "Orders")[turn]
    assert stands["tags"] == (["PII.None", "Tier.Tier1"], ["PII.Sensitive", "Tier.Tier2"])[turn]
    assert stands["ID"] == (f"Id {number}", ["PII.None"] * turn)
    other = place.table("lake.db.sales.other", place.admin.capabilities.owners)
    assert other.get("description") == (f"Others {number}" if turn else None)
    assert bool(other.get("owners") or other.get("owner")) == bool(turn)


def test_a_run_killed_at_any_write_leaves_nothing_that_counts_as_a_persons(anywhere: Place) -> None:
    made = lake()
    made.put("sales", "other")
    anywhere.run(made)
    blows = [Blow(write, answered) for write in (1, 2) for answered in (False, True)]
    for number, blow in zip(itertools.count(1, 3), blows):
        assert run_killed(anywhere, knowledge_of(number), f"killed-{number}", blow)
        let_the_lease_end(anywhere)
        # The next run says the same of what comes and goes, or the contrary: either way all is ours.
        after = run_knowledge(anywhere, knowledge_of(number + 1 + number % 2))
        assert (problems(after), [note for note in after.notes if "others set" in note]) == ([], [])
        prove(anywhere, number + 1 + number % 2)
        assert run_knowledge(anywhere, knowledge_of(number + 1 + number % 2)).unchanged == 2
    assert anywhere.run(made).written() == 0
