"""Lineage between services of two recipes, down to the charts of a dashboard."""

from __future__ import annotations

from typing import Any

import pytest

from ingest_assets.catalog import (
    Chart,
    ColumnPair,
    ColumnPaths,
    ColumnReference,
    Dashboard,
    DashboardService,
    DataModel,
    Edge,
    Elsewhere,
    EntityType,
    ForeignEdge,
    Origin,
    Reference,
)
from ingest_assets_tests.contract.openmetadata.ground import Ground, Run
from ingest_assets_tests.ingestion.estates import Estate
from ingest_assets_tests.ingestion.lakes import Lake, column

Json = dict[str, Any]


class Company:
    """A lake, and dashboards made from it."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.lake = Lake(ground.service(EntityType.DATABASE_SERVICE, "lake"))
        self.table = self.lake.put("sales", "orders", columns=(column("ID"), column("total"))).reference
        bi = ground.service(EntityType.DASHBOARD_SERVICE, "bi")
        self.model = Reference(EntityType.DATA_MODEL, (bi, "orders"))
        self.board = Reference(EntityType.DASHBOARD, (bi, "sales"))
        self.bi = Estate(DashboardService(path=(bi,), service_type="Looker"))
        self.bi.put(
            DataModel(path=self.model.path, data_model_type="LookMlView", columns=(column("id"), column("sum"))),
            Chart(path=(bi, "by_day")),
            Dashboard(path=self.board.path, charts=("by_day",), data_models=("orders",)),
        )
        chart = ColumnPair((ColumnReference(self.model, ("id",)),), ColumnReference(self.board, ("by_day",)))
        self.bi.lineage = [
            Edge(source=self.model, target=self.board, origin=Origin.DASHBOARD, columns=(chart,)),
            self.reads("sales", "orders"),
        ]

    def reads(self, *names: str) -> ForeignEdge:
        return ForeignEdge(
            source=Elsewhere(type=EntityType.TABLE, names=names, system="glue"),
            target=self.model,
            origin=Origin.DASHBOARD,
            columns=(ColumnPaths((("id",),), ("id",)), ColumnPaths((("total",),), ("sum",))),
        )

    def run(self) -> Run:
        """The dashboards alone; which services they may be made from, the recipe says."""
        return self.ground.run(self.bi, lineage_services={EntityType.DATABASE_SERVICE: (self.lake.name,)})

    def pairs(self, details: Json) -> list[tuple[str, str]]:
        """Column pairs by their last names."""
        pairs = details.get("columnsLineage") or []
        return sorted((each["fromColumns"][0].split(".")[-1], each["toColumn"].split(".")[-1]) for each in pairs)


@pytest.fixture
def company(ground: Ground) -> Company:
    return Company(ground)


def test_columns_of_a_table_reach_the_charts_of_a_dashboard_where_the_server_can(
    ground: Ground, company: Company
) -> None:
    assert ground.run(company.lake).failures() == {}
    first = company.run()
    assert (first.failures(), first.lineage.created) == ({}, 2)
    into_model, into_board = ground.edges_to(company.model), ground.edges_to(company.board)
    assert list(into_model) == [ground.get(company.table)["id"]]
    assert list(into_board) == [ground.get(company.model)["id"]]
    told = [company.pairs(details) for edges in (into_model, into_board) for details in edges.values()]
    if EntityType.DASHBOARD in ground.capabilities.lineage_columns:
        assert told == [[("ID", "id"), ("total", "sum")], [("id", "by_day")]]
    else:
        assert told == [[], []]
        assert any("column pairs" in note for note in first.plan.notes)
    assert company.run().requests == {}


def test_what_is_not_there_yet_is_drawn_when_it_comes_and_goes_with_its_origin(
    ground: Ground, company: Company
) -> None:
    company.bi.lineage[-1] = company.reads("db", "sales", "orders")
    first = company.run()
    assert (first.lineage.created, first.lineage.parked) == (1, 1)
    assert "not on the server" in first.lineage.problems[0].reason
    ground.run(company.lake)
    second = company.run()
    assert (second.failures(), second.lineage.created) == ({}, 1)
    by_hand = company.lake.put("sales", "by_hand").reference
    ground.run(company.lake)
    ground.draw(ground.admin, by_hand, company.model, sqlQuery="mine", source="Manual")
    company.bi.lineage.pop()
    third = company.run()
    assert (third.failures(), third.lineage.removed) == ({}, 1)
    assert list(ground.edges_to(company.model)) == [ground.get(by_hand)["id"]]
    assert company.run().requests == {}
