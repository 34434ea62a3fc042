"""Runs killed at each of their writes in turn: what comes after loses nothing, and takes nothing for a person's."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from ingest_assets.catalog import EntityType
from ingest_assets.errors import RecipeError
from ingest_assets_tests.ingestion.killing import Blow, let_the_lease_end, run_killed
from ingest_assets_tests.ingestion.lakes import Lake, column
from ingest_assets_tests.ingestion.runs import Place, Steps, run_once

SALES = "lake.db.sales"
MOST = 60  # writes that no run here comes to


def lake(state: int) -> Lake:
    """The source's state of a number: in each everything is said anew, some things come and others go."""
    joined = joined_in(state)
    made = Lake()
    made.describe("sales", f"Sales {state}")
    columns = (column("id", description=f"Id {state}"), column("day"))
    made.put("sales", "orders", description=f"Orders {state}", columns=columns)
    made.put("sales", "deleted", description=f"Restored {state}")
    made.put("sales", f"new{state}", description="New")
    made.view("sales", "top", f"select id + {state} from sales.orders")  # noqa: S608  # never run
    made.view("sales", "other", f"select id from sales.{joined}")  # noqa: S608
    return made


def joined_in(state: int) -> str:
    return ("orders", "deleted")[state % 2]


def prove_state(here: Place, state: int) -> None:
    """That the server says what the source says."""
    source = lake(state)
    assert here.get(EntityType.SCHEMA, SALES)["description"] == f"Sales {state}"
    for (_, _, name), said in source.tables.items():
        table = here.table(f"{SALES}.{name}", "columns")
        assert not table["deleted"], name
        assert table.get("description") == said.description, name  # type: ignore[union-attr]
    assert here.table(f"{SALES}.orders", "columns")["columns"][0]["description"] == f"Id {state}"
    (top,) = here.edges_to(f"{SALES}.top")
    assert top["lineageDetails"]["sqlQuery"].startswith(f"select id + {state} ")
    (other,) = here.edges_to(f"{SALES}.other")
    assert other["fromEntity"] == here.table(f"{SALES}.{joined_in(state)}")["id"]


def nobodys(steps: Steps) -> None:
    """That nothing was taken for a person's, or for another's change."""
    assert not steps.failures()
    assert not [change for change in steps.plan.changes if "people" in change.why or "person" in change.why]
    assert not [note for note in steps.plan.notes if "Others" in note or "people" in note]
    assert (steps.lineage.parked, steps.lineage.failed) == (0, 0)


def blows(here: Place) -> Iterator[Blow]:
    """Each write's answer, and before each write: that differs by what was kept in between, as on any server."""
    moments = (False, True) if here.version.startswith("1.12") else (True,)
    return (Blow(write, answered) for write in range(1, MOST) for answered in moments)


def test_a_run_killed_at_any_write_leaves_nothing_that_counts_as_a_persons(anywhere: Place) -> None:
    anywhere.run(lake(0), stale_percent=100)
    for state, blow in zip(itertools.count(2, 2), blows(anywhere)):
        anywhere.soft_delete(EntityType.TABLE, f"{SALES}.deleted")
        if not run_killed(anywhere, lake(state), f"killed-{state}", blow):
            break
        let_the_lease_end(anywhere)
        after = anywhere.run(lake(state + 1), stale_percent=100)
        nobodys(after)
        prove_state(anywhere, state + 1)
        if blow.answered:
            third = anywhere.run(lake(state + 1), stale_percent=100)
            nobodys(third)
            assert (third.written(), third.stale_fqns(), third.stale.removed) == (0, [], 0), blow
    assert blow.write > 10


def test_a_run_that_goes_on_as_itself_needs_not_wait_for_its_own_lease(here: Place) -> None:
    here.run(lake(0), stale_percent=100)
    for state, blow in zip(itertools.count(2, 2), (Blow(write, answered=True) for write in range(1, MOST, 3))):
        here.soft_delete(EntityType.TABLE, f"{SALES}.deleted")
        if not run_killed(here, lake(state), f"killed-{state}", blow):
            break
        again = here.ingestion(lake(state), stale_percent=100)
        nobodys(run_once(again, f"killed-{state}"))
        prove_state(here, state)
        assert here.run(lake(state), stale_percent=100).written() == 0


def test_a_first_run_killed_at_any_write_is_completed_by_the_next(anywhere: Place) -> None:
    for number, blow in enumerate(blows(anywhere)):
        made = small_lake(f"lake{number}")
        if not run_killed(anywhere, made, "first", blow):
            break
        let_the_lease_end(anywhere)
        made.put("s", "a", description="New words")
        second = anywhere.run(made)
        assert not second.failures()
        assert not [change for change in second.plan.changes if "people" in change.why]
        assert anywhere.table(f"lake{number}.db.s.a")["description"] == "New words"
        third = anywhere.run(made)
        nobodys(third)
        assert third.written() == 0, blow
    assert blow.write > 4


def test_a_service_that_a_killed_run_restored_was_restored_by_us(here: Place) -> None:
    made = small_lake("lake")
    here.run(made)
    for blow in (Blow(1, answered=False), Blow(1, answered=True)):
        here.soft_delete(EntityType.DATABASE_SERVICE, "lake")
        assert run_killed(here, made, f"killed-{blow.answered}", blow)
        let_the_lease_end(here)
        second = here.run(made)
        nobodys(second)
        assert not here.table("lake.db.s.a")["deleted"]
        assert here.run(made).written() == 0


def small_lake(name: str) -> Lake:
    made = Lake(name)
    made.put("s", "a", description="Words")
    made.view("s", "v", "select id from s.a")
    return made


GONE = [f"lake.db.s.gone{number}" for number in range(3)]


def dropping(here: Place) -> Lake:
    """A lake of which the server has three tables and a schema more."""
    made = small_lake("lake")
    for number in range(3):
        made.put("s", f"gone{number}", description="Words")
    made.put("whole", "t")
    here.run(made)
    for number in range(3):
        del made.tables["db", "s", f"gone{number}"]
    made.drop_schema("whole")
    return made


@pytest.mark.parametrize("blow", [Blow(write, answered) for write in (1, 2, 4) for answered in (False, True)])
def test_what_a_run_killed_amid_its_removals_removed_can_be_brought_back(anywhere: Place, blow: Blow) -> None:
    made = dropping(anywhere)
    assert run_killed(anywhere, made, "killed", blow)
    let_the_lease_end(anywhere)
    # The first is what was on its way when the run was killed.
    removed = blow.write - 1 + blow.answered
    assert sum(anywhere.table(fqn)["deleted"] for fqn in [*GONE, "lake.db.whole.t"]) == removed
    ingestion = anywhere.ingestion(made)
    if removed:
        report = ingestion.restore("undo", "killed")
        assert (report.listed, report.restored, report.problems) == (removed, removed, [])
    else:
        with pytest.raises(RecipeError, match="No removal of run killed"):
            ingestion.restore("undo", "killed")
    ingestion.close()
    assert not any(anywhere.table(fqn)["deleted"] for fqn in [*GONE, "lake.db.whole.t"])
    after = anywhere.run(made)
    nobodys(after)
    # What was brought back stays; what had never gone goes.
    assert after.stale.removed == 4 - removed
    assert sum(anywhere.table(fqn)["deleted"] for fqn in [*GONE, "lake.db.whole.t"]) == 4 - removed
    told = [note for note in after.plan.notes if "they stay since they were brought back" in note]
    assert len(told) == bool(removed)


@pytest.mark.parametrize("blow", [Blow(write, answered) for write in (1, 3) for answered in (False, True)])
def test_the_next_run_goes_on_with_the_removals_of_one_that_was_killed(anywhere: Place, blow: Blow) -> None:
    made = dropping(anywhere)
    assert run_killed(anywhere, made, "killed", blow)
    let_the_lease_end(anywhere)
    removed = blow.write - 1 + blow.answered
    second = anywhere.run(made)
    nobodys(second)
    assert second.stale.removed == 4 - removed
    assert all(anywhere.table(fqn)["deleted"] for fqn in [*GONE, "lake.db.whole.t"])
    if removed:
        ingestion = anywhere.ingestion(made)
        assert ingestion.restore("undo", "killed").restored == removed
        ingestion.close()
