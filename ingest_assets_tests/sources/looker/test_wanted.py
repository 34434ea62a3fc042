"""Every filter and switch: what arrives with it, and that turning it on takes nothing away that is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ingest_assets.calls import Calls
from ingest_assets.catalog import Elsewhere, EntityType, Filtered, ForeignEdge, Parked, Reference, Unlisted
from ingest_assets_tests.sources.looker.conftest import SourceMaker
from ingest_assets_tests.sources.looker.scene import (
    KINDS,
    SERVICE,
    VIEWS,
    Runs,
    charts,
    dashboards,
    everything,
    models,
    of,
)

DASHBOARD, CHART, MODEL = EntityType.DASHBOARD, EntityType.CHART, EntityType.DATA_MODEL


def in_finance(paths: Sequence[str] | None) -> bool:
    return any(path.startswith("Finance") for path in paths or ())


TURNED_ON: list[dict[str, Any]] = [
    {"lookml": False},
    {"dashboard_filter": lambda title: title != "Finance KPIs", "include_tags": False, "threads": 1},
    {"chart_filter": lambda title: title != "Revenue", "include_owners": False, "include_looks": False},
    {"project_filter": in_finance, "include_drafts": False, "data_model_filter": lambda name: "orders" not in name},
    {"include_data_models": False, "threads": 16},
]


def test_what_is_turned_on_later_takes_nothing_away(runs: Runs) -> None:
    runs.settings = {"include_owners": True, "include_looks": True}
    runs()
    edges, tags = runs.upstream(MODEL, "shop_orders"), runs.get(MODEL, "shop_orders", "tags")["tags"]
    assert tags
    for setting in TURNED_ON:
        later = runs(**setting)
        assert (later.gone(), later.stale.removed) == ([], 0), setting
        assert runs.upstream(MODEL, "shop_orders") == edges, setting
        assert runs.get(MODEL, "shop_orders", "tags")["tags"] == tags, setting
    assert runs().gone() == []
    assert runs.writes_of_next() == []


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_is_gone_stays_where_its_kind_is_not_to_be_marked(runs: Runs, kind: EntityType) -> None:
    runs()
    runs.looker.drop_tile("1", runs.looker.dashboards.get("1")["dashboard_elements"][0]["id"])
    runs.looker.trash_dashboard("2")
    runs.looker.drop_explore("shop", "visits")
    runs(mark_deleted=KINDS - {kind})
    gone = {DASHBOARD: ("2",), CHART: ("1~301",), MODEL: ("shop_visits",)}
    for other, names in gone.items():
        assert {runs.is_gone(other, name) for name in names} == {other is not kind}


def test_dashboards_are_filtered_by_title_and_cost_no_further_call(source_of: SourceMaker) -> None:
    calls = Calls()
    found = everything(source_of(calls=calls, lookml=False, dashboard_filter="Visits".__eq__))
    assert dashboards(found).keys() == {"4"}
    assert {name.partition("~")[0] for name in charts(found)} == {"4"}
    assert calls.counts()["looker:dashboard"] == 1
    assert Unlisted(prefix="1~") in found


def test_charts_are_filtered_by_title_and_leave_their_dashboards(source_of: SourceMaker) -> None:
    found = everything(source_of(lookml=False, chart_filter=lambda title: title.startswith("Revenue")))
    assert dashboards(found)["1"].charts == ("1~301", "1~302")
    assert dashboards(found)["2"].charts == ()
    assert {"chartFilterPattern"} <= {each.reason for each in of(Filtered, found)}


def test_data_models_are_filtered_by_name_and_cost_no_further_call(source_of: SourceMaker) -> None:
    calls = Calls()
    found = everything(source_of(calls=calls, lookml=False, data_model_filter="shop_orders".__eq__))
    assert models(found).keys() == {"shop_orders"}
    assert calls.counts()["looker:lookml_model_explore"] == 1
    assert len(dashboards(found)) == 8


def test_projects_are_the_paths_of_folders(source_of: SourceMaker) -> None:
    found = everything(source_of(lookml=False, project_filter=in_finance))
    assert {board.project for board in dashboards(found).values()} == {
        "Finance/Month end",
        "Finance/Month end/Closing / checks",
    }


def test_nothing_is_said_of_owners_and_tags_that_nobody_asks_for(source_of: SourceMaker) -> None:
    calls = Calls()
    found = everything(source_of(calls=calls, include_tags=False))
    assert {board.owners for board in dashboards(found).values()} == {None}
    assert {model.labels for model in models(found).values()} == {None}
    assert "looker:all_users" not in calls.counts()


def test_without_data_models_dashboards_have_no_lineage_and_say_why(source_of: SourceMaker) -> None:
    calls = Calls()
    found = everything(source_of(calls=calls, include_data_models=False))
    assert not models(found)
    assert not {name for name in calls.counts() if "lookml" in name or name.startswith("github:")}
    assert "data_models" in dashboards(found)["1"].unknown
    assert {parked.reason for parked in of(Parked, found)} == {"data models are not read (includeDataModels)"}


def test_drafts_are_hidden_dashboards_and_those_in_peoples_own_folders(source_of: SourceMaker) -> None:
    found = everything(source_of(lookml=False, include_drafts=False))
    assert [each.reference.name for each in of(Filtered, found) if each.reason == "includeDraftDashboard"] == ["6"]


def test_connections_say_where_tables_are(source_of: SourceMaker) -> None:
    source = source_of(places={"norrpost_athena": "lake.db"})
    ends = [edge.source for edge in of(ForeignEdge, source.read(VIEWS))]
    within = {end.within for end in ends if isinstance(end, Elsewhere)}
    assert "lake.db" in within


def test_user_attributes_are_what_liquid_asks_for(source_of: SourceMaker) -> None:
    without = [parked for parked in of(Parked, source_of().read(VIEWS)) if "ledger_schema" in parked.reason]
    assert len(without) == 1
    given = list(source_of(user_attributes={"ledger_schema": "finance"}).read(VIEWS))
    assert not [parked for parked in of(Parked, given) if "ledger_schema" in parked.reason]
    ledger = Reference(MODEL, (SERVICE, "finance_ledger_view"))
    assert any(edge.target == ledger for edge in of(ForeignEdge, given))
