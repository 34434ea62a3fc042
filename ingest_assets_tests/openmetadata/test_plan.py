"""The plan's file, shared by the threads that publish it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ingest_assets.catalog import EntityKey, EntityType
from ingest_assets.openmetadata.plan import Plan

KEYS = [EntityKey(EntityType.TABLE, f"lake.db.sales.t{number}") for number in range(200)]


def test_threads_that_ask_at_once_are_all_answered(tmp_path: Path) -> None:
    """Python 3.13 told "bad parameter or other API misuse" where two got one prepared statement."""
    file = tmp_path / "plan.sqlite"
    file.touch()
    with Plan(file) as plan, ThreadPoolExecutor(8) as pool:
        for number, key in enumerate(KEYS):
            plan.note_neighbour(key, f"id{number}")
        for _ in range(20):
            found = pool.map(plan.neighbour_id, KEYS)
            assert list(found) == [f"id{number}" for number in range(len(KEYS))]


def test_what_is_asked_for_one_by_one_is_read_on_while_threads_ask_and_write(tmp_path: Path) -> None:
    file = tmp_path / "plan.sqlite"
    file.touch()
    with Plan(file) as plan, ThreadPoolExecutor(8) as pool:
        plan.note(**{f"fact{number}": str(number) for number in range(2_000)})
        asked = [pool.submit(plan.note_neighbour, key, "id") for key in KEYS]
        assert plan.facts() == {f"fact{number}": str(number) for number in range(2_000)}
        assert [each.result() for each in asked] == [None] * len(KEYS)
        assert {plan.neighbour_id(key) for key in KEYS} == {"id"}
