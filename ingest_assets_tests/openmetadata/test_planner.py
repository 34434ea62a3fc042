"""Plans of names that a server can't tell apart, and of servers that answer oddly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest_assets.errors import InvalidAnswerError, UnavailableError
from ingest_assets_tests.ingestion.lakes import Lake
from ingest_assets_tests.ingestion.runs import Place, place


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with place(tmp_path) as made:
        yield made


def test_of_two_names_that_are_one_on_the_server_the_second_fails_and_says_so(here: Place) -> None:
    lake = Lake()
    lake.put("s", "a::b", description="first")
    lake.put("s", "a__reserved__colon__b", description="second")
    first = here.run(lake)
    assert (first.tables.created, first.tables.failed) == (1, 1)
    assert "same name on the server" in next(iter(first.failures().values()))
    assert here.table("lake.db.s.a__reserved__colon__b")["description"] == "first"
    second = here.run(lake)
    assert (second.tables.unchanged, second.tables.failed, second.written()) == (1, 1, 0)


def test_of_two_schemas_that_are_one_on_the_server_the_second_keeps_its_tables_out_of_the_first(here: Place) -> None:
    lake = Lake()
    lake.put("a::b", "orders", description="first")
    lake.put("a__reserved__colon__b", "orders", description="second")
    lake.put("a__reserved__colon__b", "returns")
    first = here.run(lake)
    assert (first.schemas.created, first.schemas.failed) == (1, 1)
    assert (first.tables.created, first.tables.failed) == (1, 2)
    assert here.table("lake.db.a__reserved__colon__b.orders")["description"] == "first"


@pytest.mark.parametrize("names", [("a::b", "a__reserved__colon__b"), ("a__reserved__colon__b", "a::b")])
def test_a_filter_ends_the_quarrel_over_a_name(here: Place, names: tuple[str, str]) -> None:
    lake = Lake()
    for name in names:
        lake.put("s", name)
    lake.filter("s", "a::b")
    first = here.run(lake)
    assert (first.tables.created, first.tables.filtered, first.tables.failed) == (1, 1, 0)


def test_what_is_left_out_under_one_name_is_each_counted(here: Place) -> None:
    lake = Lake()
    lake.put("s", "t")
    lake.fail("s", "a::b")
    lake.fail("s", "a__reserved__colon__b")
    lake.filter("s", "c>d")
    lake.filter("s", "c__reserved__arrow__d")
    first = here.run(lake)
    assert (first.tables.created, first.tables.failed, first.tables.filtered) == (1, 2, 2)


@pytest.mark.parametrize(("fault", "error"), [("cut", InvalidAnswerError), ("503", UnavailableError)])
def test_a_server_that_can_not_be_listed_is_not_planned_against(
    here: Place, fault: str, error: type[Exception]
) -> None:
    """Half a listing would make everything in the other half look new."""
    lake = Lake()
    lake.put("s", "t")
    here.run(lake)
    here.sandbox.faults.add(fault, service="openmetadata", operation="GET /v1/tables", count=None)
    # Without the events that would tell the same.
    ingestion = here.ingestion(lake, full_listing="always")
    ingestion.snapshot("broken", last_attempt=True)
    with pytest.raises(error):
        ingestion.plan("broken")
    here.sandbox.faults.clear()
    assert ingestion.plan("broken").unchanged == 3
