"""Edges with column pairs: drawn, followed, dropped; those that people drew, changed or took away stay so."""

from __future__ import annotations

from typing import Any

import pytest

from ingest_assets.catalog import EntityType
from ingest_assets_tests.contract.openmetadata.ground import Ground
from ingest_assets_tests.ingestion.lakes import Lake, column

Json = dict[str, Any]
ONE, TWO = "select id from sales.orders", "select id, amount from sales.orders"


class Views:
    """Two tables and a view whose text a test changes."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.lake = Lake(ground.service(EntityType.DATABASE_SERVICE, "lake"))
        self.lake.put("sales", "orders", columns=(column("id"), column("amount")))
        self.lake.put("sales", "returns")
        self.say(ONE, "id")

    def say(self, sql: str, *columns: str) -> None:
        self.lake.view("sales", "top", sql, columns=tuple(map(column, columns)))

    def reference(self, name: str) -> Any:
        return self.lake.reference("db", "sales", name)

    def edges(self) -> dict[str, Json]:
        """Details of the edges into the view by the names of their sources."""
        names = {self.ground.get(self.reference(name))["id"]: name for name in ("orders", "returns")}
        return {names[each]: details for each, details in self.ground.edges_to(self.reference("top")).items()}

    def draw(self, start: str, **details: Any) -> None:
        """A person draws an edge into the view, or changes one."""
        self.ground.draw(self.ground.admin, self.reference(start), self.reference("top"), **details)

    def pair(self, name: str) -> Json:
        source, target = (self.ground.fqn(self.reference(table)) for table in ("orders", "top"))
        return {"fromColumns": [f"{source}.{name}"], "toColumn": f"{target}.{name}"}


@pytest.fixture
def views(ground: Ground) -> Views:
    return Views(ground)


def test_an_edge_with_its_columns_follows_the_view(ground: Ground, views: Views) -> None:
    first = ground.run(views.lake)
    assert (first.failures(), first.lineage.created) == ({}, 1)
    (details,) = views.edges().values()
    assert (details["sqlQuery"], details["columnsLineage"]) == (ONE, [views.pair("id")])
    if ground.capabilities.lineage_source:
        assert details["source"] == "ViewLineage"
    assert ground.run(views.lake).requests == {}

    views.say(TWO, "id", "amount")
    assert ground.run(views.lake).failures() == {}
    (details,) = views.edges().values()
    assert details["sqlQuery"] == TWO
    assert sorted(details["columnsLineage"], key=str) == [views.pair("amount"), views.pair("id")]
    assert ground.run(views.lake).requests == {}

    views.say("select id from sales.returns", "id")
    moved = ground.run(views.lake)
    assert (moved.failures(), moved.lineage.created, moved.lineage.removed) == ({}, 1, 1)
    assert list(views.edges()) == ["returns"]
    assert ground.run(views.lake).requests == {}


def test_an_edge_that_a_person_drew_stays_as_it_is(ground: Ground, views: Views) -> None:
    ground.run(views.lake)
    views.draw("returns", sqlQuery="by hand", source="Manual")
    views.say("select o.id from sales.orders o join sales.returns r on o.id = r.id", "id")
    for _ in range(2):
        report = ground.run(views.lake).lineage
        assert (report.parked, report.created) == (1, 0)
        assert "a person drew this edge" in report.problems[0].reason
        assert views.edges()["returns"]["sqlQuery"] == "by hand"
    views.say(ONE, "id")
    ground.run(views.lake)
    assert set(views.edges()) == {"orders", "returns"}


def test_an_edge_of_ours_that_a_person_changed_is_hers(ground: Ground, views: Views) -> None:
    ground.run(views.lake)
    views.draw("orders", sqlQuery="by hand", source="Manual")
    views.say(TWO, "id", "amount")
    assert ground.run(views.lake).lineage.parked == 1
    views.say("select id from sales.returns", "id")
    assert ground.run(views.lake).failures() == {}
    assert views.edges()["orders"]["sqlQuery"] == "by hand"
    assert set(views.edges()) == {"orders", "returns"}


def test_an_edge_that_a_person_took_away_stays_away(ground: Ground, views: Views) -> None:
    ground.run(views.lake)
    orders, top = (ground.get(views.reference(name))["id"] for name in ("orders", "top"))
    ground.admin.delete(f"/v1/lineage/table/{orders}/table/{top}")
    views.say(TWO, "id", "amount")
    for _ in range(2):
        assert "took this edge away" in ground.run(views.lake).failures()[ground.fqn(views.reference("top"))]
        assert views.edges() == {}


def test_a_field_of_a_struct_flows_from_its_column(ground: Ground, views: Views) -> None:
    nested = column("customer", "STRUCT", children=(column("name", "STRING"),))
    views.lake.put("sales", "orders", columns=(column("id"), nested))
    views.say("select id, customer.name as buyer from sales.orders", "id", "buyer")
    assert ground.run(views.lake).lineage.created == 1
    pairs = views.edges()["orders"]["columnsLineage"]
    columns = [(pair["fromColumns"][0].rpartition(".")[2], pair["toColumn"].rpartition(".")[2]) for pair in pairs]
    assert sorted(columns) == [("customer", "buyer"), ("id", "id")]
    assert ground.run(views.lake).requests == {}
