"""What people did to edges is learnt at a full listing, from the search index or the graph, and stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest_assets.catalog import EntityType
from ingest_assets.ingestion.report import Report
from ingest_assets.sandbox.openmetadata import Engine
from ingest_assets_tests.ingestion.lakes import Lake, column
from ingest_assets_tests.ingestion.runs import Place, Steps, place

ORDERS, RECENT, TOP = (f"lake.db.sales.{name}" for name in ("orders", "recent", "top"))
GRAPH, SEARCH = "GET /v1/lineage/{type}/{id}", "GET /v1/search/query"
SERVERS = [("1.0.3", False), ("1.5.7", False), ("1.5.7", True), ("1.12.4", False), ("1.12.4", True)]
AWAY, CHANGED = "a person took this edge away; it stays away", "a person changed this edge; it stays as it is"


def start(folder: Path, version: str, *, searches: bool) -> Iterator[Place]:
    with place(folder, version) as made:
        if searches:
            made.sandbox.openmetadata.use_search(Engine.RUNNING)
        yield made


@pytest.fixture(params=SERVERS, ids=str)
def there(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Each line of versions, with and without a search engine where its index tells of edges."""
    version, searches = request.param
    yield from start(tmp_path, version, searches=searches)


@pytest.fixture(params=[SERVERS[0], SERVERS[-1]], ids=str)
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A server that only the graph can be asked of, and one with a search engine."""
    version, searches = request.param
    yield from start(tmp_path, version, searches=searches)


@pytest.fixture
def searching(tmp_path: Path) -> Iterator[Place]:
    yield from start(tmp_path, "1.12.4", searches=True)


def lake() -> Lake:
    """A table, and two views that read it."""
    made = Lake()
    made.put("sales", "orders", columns=(column("id"), column("amount")))
    made.view("sales", "recent", "select id from sales.orders")
    made.view("sales", "top", "select amount as id from sales.orders")
    return made


def ends(here: Place, source: str, target: str) -> tuple[str, str]:
    return here.table(source)["id"], here.table(target)["id"]


def take_away(here: Place, source: str, target: str) -> None:
    here.admin.delete_lineage(*((EntityType.TABLE, end) for end in ends(here, source, target)))


def draw(here: Place, source: str, target: str, details: dict[str, Any]) -> None:
    references = ({"id": each, "type": "table"} for each in ends(here, source, target))
    edge = dict(zip(("fromEntity", "toEntity"), references, strict=True))
    here.admin.put_lineage({"edge": {**edge, "lineageDetails": details}})


def details(here: Place, target: str) -> dict[str, Any]:
    (edge,) = here.edges_to(target)
    found: dict[str, Any] = edge["lineageDetails"]
    return found


def listed(here: Place, made: Lake) -> Steps:
    """A run that lists everything."""
    here.sandbox.openmetadata.reset_counts()
    return here.run(made, full_listing="always")


def news(report: Report) -> list[str]:
    """What a plan says of edges that were found otherwise than written."""
    return [note for note in report.notes if "found otherwise than written" in note]


def asked(here: Place, what: str) -> int:
    return here.sandbox.openmetadata.counts[what]


def test_an_edge_that_a_person_took_away_stays_away(there: Place) -> None:
    made = lake()
    there.run(made)
    take_away(there, ORDERS, TOP)

    second = listed(there, made)
    (note,) = news(second.plan)
    assert note.startswith("1 edge found")
    assert f"{ORDERS} -> {TOP} (taken away)" in note
    assert (second.lineage.parked, second.lineage.unchanged) == (1, 1)
    assert second.failures()[TOP] == f"{ORDERS}: {AWAY}"

    third = there.run(made)
    assert (third.lineage.parked, third.lineage.unchanged, third.written()) == (1, 1, 0)
    assert not news(third.plan)
    fourth = listed(there, made)
    assert not news(fourth.plan)
    assert not there.edges_to(TOP)


def test_an_edge_that_a_person_changed_stays_as_it_is(there: Place) -> None:
    made = lake()
    there.run(made)
    changed = {**details(there, TOP), "sqlQuery": "by hand"}
    draw(there, ORDERS, TOP, changed)

    second = listed(there, made)
    assert any(f"{ORDERS} -> {TOP} (changed)" in note for note in second.plan.notes)
    assert second.failures()[TOP] == f"{ORDERS}: {CHANGED}"
    assert (second.lineage.parked, second.lineage.unchanged, second.written()) == (1, 1, 0)
    assert details(there, TOP) == changed


def test_an_edge_that_is_back_as_it_was_written_is_ours_again(there: Place) -> None:
    made = lake()
    there.run(made)
    as_written = details(there, TOP)
    take_away(there, ORDERS, TOP)
    assert listed(there, made).lineage.parked == 1
    draw(there, ORDERS, TOP, as_written)

    again = listed(there, made)
    assert any("as written again" in note for note in again.plan.notes)
    assert (again.lineage.parked, again.lineage.unchanged) == (0, 2)
    made.view("sales", "top", "select id from sales.orders")
    assert there.run(made).lineage.updated == 1


def test_an_edge_that_went_with_its_end_is_no_persons_doing(either: Place) -> None:
    made = lake()
    either.run(made)
    either.soft_delete(EntityType.TABLE, ORDERS, hard=True)
    second = listed(either, made)
    assert (second.tables.created, second.lineage.created, second.lineage.parked) == (1, 2, 0)
    assert not news(second.plan)
    assert len(either.edges_to(TOP)) == 1


def test_an_edge_whose_end_others_made_anew_is_drawn_again(either: Place) -> None:
    made = lake()
    either.run(made)
    either.soft_delete(EntityType.TABLE, ORDERS, hard=True)
    columns = [{"name": name, "dataType": "INT", "dataTypeDisplay": "int"} for name in ("id", "amount")]
    body = {"name": "orders", "tableType": "External", "columns": columns}
    either.admin.put_entity("tables", {**body, "databaseSchema": "lake.db.sales"})
    second = listed(either, made)
    assert (second.tables.created, second.lineage.created, second.lineage.parked) == (0, 2, 0)
    assert not news(second.plan)
    assert len(either.edges_to(TOP)) == 1
    assert listed(either, made).lineage.unchanged == 2


def test_a_change_of_the_source_does_not_bring_back_what_a_person_took_away(either: Place) -> None:
    made = lake()
    either.run(made)
    take_away(either, ORDERS, TOP)
    listed(either, made)
    made.view("sales", "top", "select id from sales.orders")
    second = either.run(made)
    assert second.failures()[TOP] == f"from {ORDERS}: {AWAY}"
    assert not either.edges_to(TOP)


def test_a_run_that_does_not_list_asks_nothing_about_edges(either: Place) -> None:
    made = lake()
    either.run(made)
    take_away(either, ORDERS, TOP)
    either.sandbox.openmetadata.reset_counts()
    assert either.run(made).lineage.unchanged == 2
    assert (asked(either, GRAPH), asked(either, SEARCH)) == (0, 0)


def many(views: int) -> Lake:
    made = Lake()
    made.put("sales", "orders")
    for number in range(views):
        made.view("sales", f"view_{number:03d}", "select id from sales.orders")
    return made


def plan(here: Place, made: Lake) -> tuple[Report, int, int]:
    """A plan of what was read before, and how often search and graph were asked for it."""
    here.sandbox.openmetadata.reset_counts()
    ingestion = here.ingestion(made, full_listing="always")
    try:
        return ingestion.plan("another"), asked(here, SEARCH), asked(here, GRAPH)
    finally:
        ingestion.close()


def test_what_500_edges_cost(searching: Place) -> None:
    made = many(500)
    searching.run(made)
    # Ten searches of fifty tables each; what is missing there is asked of the graph.
    assert plan(searching, made)[1:] == (10, 0)
    for number in (7, 250):
        take_away(searching, ORDERS, f"lake.db.sales.view_{number:03d}")
    report, *counts = plan(searching, made)
    assert counts == [10, 2]
    assert any(note.startswith("2 edges found otherwise") for note in report.notes)
    searching.sandbox.openmetadata.use_search(Engine.NONE)
    assert plan(searching, made)[1:] == (1, 500)


@pytest.mark.parametrize("fault", ["500", "503", "403", "cut", "truncated", "reset-before"])
def test_a_search_that_dies_half_way_is_gone_on_with_in_the_graph(searching: Place, fault: str) -> None:
    made = many(60)
    searching.run(made)
    for number in (7, 55):
        take_away(searching, ORDERS, f"lake.db.sales.view_{number:03d}")
    searching.sandbox.faults.add(fault, service="openmetadata", operation="GET /v1/search", count=None, after=1)
    report, _, graph = plan(searching, made)
    (note,) = (note for note in report.notes if "search index could not be asked" in note)
    assert "/v1/search/query" in note
    assert any(note.startswith("2 edges found otherwise") for note in report.notes)
    # One of the first page was doubtful, the second page was not told.
    assert graph == 1 + 10


def test_a_server_whose_engine_is_down_says_so_in_the_plan(searching: Place) -> None:
    made = lake()
    searching.run(made)
    searching.sandbox.openmetadata.use_search(Engine.DOWN)
    take_away(searching, ORDERS, TOP)
    second = listed(searching, made)
    assert any("Connection refused" in note for note in second.plan.notes)
    assert second.lineage.parked == 1


def test_a_graph_that_fails_leaves_what_was_known(either: Place) -> None:
    made = lake()
    either.run(made)
    take_away(either, ORDERS, TOP)
    assert listed(either, made).lineage.parked == 1
    take_away(either, ORDERS, RECENT)
    either.sandbox.faults.add("500", service="openmetadata", operation="GET /v1/lineage", count=None)
    second = listed(either, made)
    assert any("could not be learnt" in note for note in second.plan.notes)
    assert (second.lineage.parked, second.lineage.unchanged) == (1, 1)
    either.sandbox.faults.clear()
    assert listed(either, made).lineage.parked == 2
