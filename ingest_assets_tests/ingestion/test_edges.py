"""Edges of ours that people changed or removed, and edges that the source no longer tells of, or can't tell of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ingest_assets.catalog import EntityType
from ingest_assets.errors import UnavailableError
from ingest_assets_tests.ingestion.lakes import Lake, column
from ingest_assets_tests.ingestion.runs import Place

ORDERS, RETURNS, TOP = (f"lake.db.sales.{name}" for name in ("orders", "returns", "top"))
RUNS = 10
QUERIES = (
    "select id from sales.orders",
    "select id, amount from sales.orders",
    "select id, amount, vat from sales.orders",
)

Json = dict[str, Any]


def lake(sql: str = QUERIES[0], columns: int = 1) -> Lake:
    made = Lake()
    wide = tuple(column(name) for name in ("id", "amount", "vat")[:columns])
    made.put("sales", "orders", columns=tuple(column(name) for name in ("id", "amount", "vat")))
    made.put("sales", "returns")
    made.view("sales", "top", sql, columns=wide)
    return made


def sources(here: Place) -> dict[str, Json]:
    """Details of the edges into the view, by the names of the tables that they come from."""
    names = {here.table(fqn)["id"]: fqn.rpartition(".")[2] for fqn in (ORDERS, RETURNS)}
    return {names[edge["fromEntity"]]: edge.get("lineageDetails", {}) for edge in here.edges_to(TOP)}


def draw(here: Place, start: str, details: Json) -> None:
    ends = {
        end: {"id": here.table(fqn)["id"], "type": "table"} for end, fqn in (("fromEntity", start), ("toEntity", TOP))
    }
    here.admin.put("/v1/lineage", {"edge": {**ends, "lineageDetails": details}})


def remove(here: Place, start: str) -> None:
    here.admin.delete(f"/v1/lineage/table/{here.table(start)['id']}/table/{here.table(TOP)['id']}")


def test_an_edge_that_a_person_removed_stays_away_whatever_the_view_says_next(anywhere: Place) -> None:
    anywhere.run(lake())
    remove(anywhere, ORDERS)
    for number in range(1, RUNS + 1):
        width = 1 + number % len(QUERIES)
        report = anywhere.run(lake(QUERIES[width - 1], width))
        assert "took this edge away" in report.failures().get(TOP, "") or width == 1
        assert sources(anywhere) == {}
    anywhere.run(lake("select id from sales.returns"))
    assert list(sources(anywhere)) == ["returns"]


def test_an_edge_that_a_person_changed_stays_and_is_not_dropped_with_its_view(anywhere: Place) -> None:
    anywhere.run(lake())
    draw(anywhere, ORDERS, {"sqlQuery": "by hand", "columnsLineage": []})
    for number in range(1, RUNS + 1):
        width = 2 + number % 2
        report = anywhere.run(lake(QUERIES[width - 1], width))
        assert report.lineage.parked == 1
        assert sources(anywhere)["orders"]["sqlQuery"] == "by hand"
    anywhere.run(lake("select id from sales.returns"))
    assert sources(anywhere)["orders"]["sqlQuery"] == "by hand"
    anywhere.run(lake())
    assert sources(anywhere)["orders"]["sqlQuery"] == "by hand"


def test_what_a_person_wrote_on_an_edge_of_ours_goes_along_with_what_is_new(anywhere: Place) -> None:
    anywhere.run(lake())
    draw(anywhere, ORDERS, {**sources(anywhere)["orders"], "description": "Mine"})
    report = anywhere.run(lake(QUERIES[1], 2))
    assert (report.failures(), report.lineage.updated) == ({}, 1)
    details = sources(anywhere)["orders"]
    assert (details["description"], len(details["columnsLineage"])) == ("Mine", 2)
    assert anywhere.run(lake(QUERIES[1], 2)).written() == 0


def test_a_function_that_a_person_noted_on_a_column_makes_the_edge_hers(anywhere: Place) -> None:
    anywhere.run(lake())
    details = sources(anywhere)["orders"]
    pair = {**details["columnsLineage"][0], "function": "cast"}
    draw(anywhere, ORDERS, {**details, "columnsLineage": [pair]})
    assert anywhere.run(lake(QUERIES[1], 2)).lineage.parked == 1
    assert sources(anywhere)["orders"]["columnsLineage"] == [pair]


def hide(made: Lake) -> None:
    del made.tables["db", "sales", "top"]


def leave_out(made: Lake) -> None:
    made.filter("sales", "top")


def fail(made: Lake) -> None:
    made.fail("sales", "top")


def fail_the_listing(made: Lake) -> None:
    made.failing[made.scope("db", "sales")] = UnavailableError("down", where="a listing")
    del made.tables["db", "sales", "top"]


def garble(made: Lake) -> None:
    made.view("sales", "top", "select from ((")


def withhold(made: Lake) -> None:
    made.put("sales", "top", table_type="View", unknown=frozenset({"sql"}))


def name_another_catalog(made: Lake) -> None:
    made.view("sales", "top", "select id from strange.sales.ORDERS")


def leave_out_its_table(made: Lake) -> None:
    made.filter("sales", "orders")


UNTOLD: dict[str, Callable[[Lake], None]] = {
    "hidden": hide,
    "filtered": leave_out,
    "failed": fail,
    "listing failed": fail_the_listing,
    "not parsed": garble,
    "not shown": withhold,
    "unknown catalog": name_another_catalog,
    "table filtered": leave_out_its_table,
}


@pytest.mark.parametrize("how", UNTOLD)
def test_an_edge_into_a_view_that_was_not_read_and_parsed_whole_is_kept(here: Place, how: str) -> None:
    here.run(lake())
    before = sources(here)
    untold = lake()
    UNTOLD[how](untold)
    untold.denied.add(untold.reference("db", "sales", "top"))
    for _ in range(2):
        assert here.run(untold).lineage.removed == 0
        assert sources(here) == before
    told = here.run(lake()).lineage
    assert (told.created, told.updated, told.unchanged, sources(here)) == (0, 0, 1, before)
    assert here.run(lake("select id from sales.returns")).lineage.removed == 1
    assert list(sources(here)) == ["returns"]


@pytest.mark.parametrize("stranger", ["sales.not_there", "hr.orders", "not_there"])
def test_a_table_that_never_comes_does_not_keep_what_it_can_not_be(here: Place, stranger: str) -> None:
    here.run(lake())
    query = f"select id from sales.returns, {stranger}"  # noqa: S608
    second = here.run(lake(query))
    assert (second.lineage.created, second.lineage.removed, second.lineage.parked) == (1, 1, 1)
    assert list(sources(here)) == ["returns"]


def test_a_view_that_became_a_table_has_no_edges_of_ours(anywhere: Place) -> None:
    anywhere.run(lake())
    draw(anywhere, RETURNS, {"sqlQuery": "by hand", "columnsLineage": []})
    made = lake()
    made.put("sales", "top")
    assert anywhere.run(made).lineage.removed == 1
    assert list(sources(anywhere)) == ["returns"]


@pytest.mark.parametrize("end", [ORDERS, TOP])
def test_edges_of_an_end_that_a_person_restored_are_as_they_were(anywhere: Place, end: str) -> None:
    anywhere.run(lake())
    anywhere.soft_delete(EntityType.TABLE, end)
    anywhere.admin.put("/v1/tables/restore", {"id": anywhere.table(end)["id"]})
    remove(anywhere, ORDERS)
    report = anywhere.run(lake(QUERIES[1], 2))
    assert sources(anywhere) == {}
    assert report.lineage.parked == 1


@pytest.mark.parametrize("end", [ORDERS, TOP])
def test_an_edge_that_a_person_draws_again_between_what_was_made_anew_is_hers(anywhere: Place, end: str) -> None:
    anywhere.run(lake())
    anywhere.soft_delete(EntityType.TABLE, end, hard=True)
    anywhere.run(lake())
    assert list(sources(anywhere)) == ["orders"]
    draw(anywhere, ORDERS, {"sqlQuery": "by hand", "columnsLineage": []})
    assert anywhere.run(lake(QUERIES[1], 2)).lineage.parked == 1
    assert sources(anywhere)["orders"]["sqlQuery"] == "by hand"
