"""Runs killed at each of their writes in turn: what comes after loses nothing, and takes nothing for a person's."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from ingest_assets.catalog import EntityType
from ingest_assets_tests.ingestion.killing import Blow, let_the_lease_end, run_killed
from ingest_assets_tests.ingestion.lakes import Lake, column
from ingest_assets_tests.ingestion.runs import Place, Steps

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


def blows() -> Iterator[Blow]:
    return (Blow(write, answered) for write in range(1, MOST) for answered in (False, True))


def test_a_run_killed_at_any_write_leaves_nothing_that_counts_as_a_persons(anywhere: Place) -> None:
    anywhere.run(lake(0), stale_percent=100)
    for state, blow in zip(itertools.count(2, 2), blows()):
        anywhere.soft_delete(EntityType.TABLE, f"{SALES}.deleted")
        if not run_killed(anywhere, lake(state), f"killed-{state}", blow):
            break
        let_the_lease_end(anywhere)
        after = anywhere.run(lake(state + 1), stale_percent=100)
        nobodys(after)
        prove_state(anywhere, state + 1)
        third = anywhere.run(lake(state + 1), stale_percent=100)
        nobodys(third)
        assert (third.written(), third.stale_fqns(), third.stale.removed) == (0, [], 0), blow
    assert blow.write > 10
