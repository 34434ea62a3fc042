"""How much may go without a person's approval, and how what went is brought back."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from ingest_assets.catalog import EntityType
from ingest_assets.errors import RecipeError, StoreError
from ingest_assets.ingestion.report import Report
from ingest_assets_tests.ingestion.lakes import Lake
from ingest_assets_tests.ingestion.runs import Place, Steps, run_once

TABLES = 20


def lake(tables: int = TABLES) -> Lake:
    made = Lake()
    for number in range(tables):
        made.put("sales", f"t{number:02}")
    return made


def drop(made: Lake, *numbers: int) -> list[str]:
    for number in numbers:
        del made.tables["db", "sales", f"t{number:02}"]
    return [f"lake.db.sales.t{number:02}" for number in numbers]


def run(place: Place, made: Lake, run_id: str, **settings: Any) -> Steps:
    return run_once(place.ingestion(made, **settings), run_id)


def restore(place: Place, made: Lake, removed_by: str) -> Report:
    with closing(place.ingestion(made)) as ingestion:
        return ingestion.restore("restoring", removed_by)


def live(place: Place, made: Lake) -> list[str]:
    return [fqn for fqn in drop(lake(), *range(TABLES)) if not place.table(fqn)["deleted"]]


def test_what_is_more_than_the_ceiling_waits_for_approval_and_can_be_brought_back(anywhere: Place) -> None:
    made = lake()
    anywhere.run(made)
    gone = drop(made, *range(5))
    second = run(anywhere, made, "two", stale_percent=20)
    assert second.stale_fqns() == gone
    assert second.stale.notes == [
        (
            "Nothing was removed: 5 of 22 entities would go, 22.7 %; 20 % may without approval. "
            "To approve what was planned, set approve_stale to two."
        )
    ]
    third = run(anywhere, made, "three", stale_percent=20, approve_stale="two")
    assert (third.stale.removed, third.stale.notes) == (5, [])
    assert not set(live(anywhere, made)) & set(gone)
    assert restore(anywhere, made, "three").restored == 5
    assert len(live(anywhere, made)) == TABLES
    fourth = run(anywhere, made, "four")
    assert (fourth.stale_fqns(), fourth.written()) == ([], 0)


def test_an_approval_covers_what_was_shown_and_no_more(here: Place) -> None:
    made = lake()
    here.run(made)
    drop(made, *range(5))
    run(here, made, "two", stale_percent=20)
    drop(made, 5)
    third = run(here, made, "three", stale_percent=20, approve_stale="two")
    assert third.stale.removed == 0
    assert "6 of 22" in third.stale.notes[0]
    assert len(live(here, made)) == TABLES


def test_approving_a_run_that_never_planned_is_told_though_nothing_is_stale(here: Place) -> None:
    made = lake()
    here.run(made)
    with pytest.raises(StoreError, match="no plan of run nonsense"):
        run(here, made, "two", approve_stale="nonsense")


def test_a_number_of_entities_is_a_ceiling_too_and_counts_what_is_below(here: Place) -> None:
    made = lake()
    made.put("hr", "people")
    here.run(made)
    made.drop_schema("hr")
    second = run(here, made, "two", stale_percent=100, stale_count=1)
    assert second.stale.notes[0].startswith("Nothing was removed: 2 entities would go; 1 may without approval.")
    assert run(here, made, "three", stale_percent=100, stale_count=2).stale.removed == 1


def test_a_look_alike_from_elsewhere_removes_nothing_without_approval(here: Place) -> None:
    """The same names in another region: what is missing there was never there, and asked by name it is not found."""
    made = lake()
    made.account = "one account"
    here.run(made)
    gone = drop(made, 0)
    made.account = "another account"
    for name in ("two", "three"):
        again = run(here, made, name)
        assert again.stale.removed == 0
        assert again.stale.notes == [
            (
                "Nothing was removed: this was read from another account, and what is on the server from one account. "
                f"To approve what was planned, set approve_stale to {name}."
            )
        ]
    assert run(here, made, "four", approve_stale="three").stale.removed == len(gone)
    drop(made, 1)
    assert run(here, made, "five").stale.removed == 1


def test_a_service_that_moved_whole_needs_no_approval_later(here: Place) -> None:
    made = lake()
    made.account = "one account"
    here.run(made)
    made.account = None  # an answer that did not tell
    here.run(made)
    made.account = "another account"
    here.run(made)
    drop(made, 0)
    assert here.run(made).stale.removed == 1


def test_what_comes_back_below_something_deleted_is_told(here: Place) -> None:
    made = lake()
    made.put("hr", "people")
    made.put("hr", "jobs")
    here.run(made)
    del made.tables["db", "hr", "jobs"]
    run(here, made, "two")
    made.drop_schema("hr")
    run(here, made, "three")
    report = restore(here, made, "two")
    assert report.restored == 1
    assert report.notes == [
        "lake.db.hr is still deleted, and with it 1 of what came back: restore the run that removed it."
    ]
    assert restore(here, made, "three").notes == []
    assert not here.get(EntityType.SCHEMA, "lake.db.hr")["deleted"]


def test_a_run_that_removed_nothing_can_not_be_undone(here: Place) -> None:
    made = lake()
    run(here, made, "one")
    with pytest.raises(RecipeError, match="No removal of run one is known"):
        restore(here, made, "one")
