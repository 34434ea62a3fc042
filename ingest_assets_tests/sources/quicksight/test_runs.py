"""QuickSight run after run: what arrives, what stays when something can't be read, and what goes when it is gone."""

from __future__ import annotations

from typing import Any

import pytest

from ingest_assets.catalog import EntityType
from ingest_assets.sandbox.company.boards_visuals import calculated, category, measure, sheet, visual
from ingest_assets.sandbox.company.scale import fill_boards
from ingest_assets.sandbox.server import QUICKSIGHT_ACTIONS
from ingest_assets_tests.sources.quicksight.scene import ACCOUNT, SERVICE, Runs

DASHBOARD, CHART, MODEL = EntityType.DASHBOARD, EntityType.CHART, EntityType.DATA_MODEL
SALES = [
    "Best buyers",
    "Buyers by year",
    "Orders <by status> & currency",
    "Pie chart",
    "Revenue",
    "Revenue by month",
    "Where buyers live",
]


def test_all_arrives_at_once_with_columns_and_a_second_run_writes_nothing(runs: Runs) -> None:
    runs.settings = {"include_owners": True, "include_analyses": True}
    first = runs()
    assert first.failures() == {}
    boards = runs.boards
    assert first.dashboards.created == len(boards.ids("dashboard")) + 2
    assert first.data_models.created == len(boards.ids("dataset"))
    assert runs.charts_of("sales-overview") == SALES
    shown = runs.get(DASHBOARD, "sales-overview", "dataModels,owners,tags")
    assert sorted(model["name"] for model in shown["dataModels"]) == ["orders", "orders-with-customers"]
    assert sorted(owner["name"] for owner in shown["owners"]) == ["lena.berg", "omar.haddad"]
    assert shown["project"] == "Management"
    columns = runs.upstream(DASHBOARD, "sales-overview")[f"{SERVICE}.model.orders"]
    assert columns[f"{SERVICE}.sales-overview:share-of-status"] == [
        f"{SERVICE}.model.orders.{name}" for name in ("currency", "status", "total")
    ]
    assert runs.writes_of_next() == []


def test_one_of_50_dashboards_that_is_denied_is_kept_as_it_was(runs: Runs) -> None:
    runs.boards.clear()
    fill_boards(runs.boards, 50)
    runs()
    for board in runs.boards.assets("dashboard").values():
        board.row["Name"] += ", revised"
    name = runs.boards.ids("dashboard")[17]
    before = runs.get(DASHBOARD, name, "charts")
    runs.sandbox.faults.add("access-denied", service="quicksight", operation="DescribeDashboard", match=name)
    second = runs()
    reports = second.dashboards
    assert (reports.updated, reports.failed, second.stale.removed, second.gone()) == (49, 1, 0, [])
    assert list(second.failures()) == [f"{SERVICE}.{name}"]
    assert runs.get(DASHBOARD, name, "charts") == before
    third = runs()
    assert (third.dashboards.updated, third.dashboards.failed) == (1, 0)


def test_a_list_that_breaks_off_proves_nothing_gone(runs: Runs) -> None:
    runs.keep("empty-shell", "product-lists", "sales-overview")
    runs.boards.page = 1
    runs()
    runs.boards.drop("dashboard", "empty-shell")
    runs.sandbox.faults.add("throttle", service="quicksight", operation="ListDashboards", after=1, count=None)
    second = runs(data_model_filter="".__eq__)  # botocore slows all further calls down
    assert second.gone() == []
    assert (second.dashboards.listed, second.dashboards.failed, second.charts.failed) == (0, 0, 0)
    assert second.failures().keys() == {SERVICE}
    assert not second.complete.passed
    for told in ("quicksight:ListDashboards of all dashboards", f"dashboards of {SERVICE}", f"charts of {SERVICE}"):
        assert told in second.complete.summary
    assert not runs.is_gone(DASHBOARD, "empty-shell")
    runs.sandbox.faults.clear()
    assert [fqn for fqn in runs().gone() if ":" not in fqn] == [f"{SERVICE}.empty-shell"]


def test_a_definition_that_can_not_be_read_this_time_leaves_the_known_visuals(runs: Runs) -> None:
    runs.keep("sales-overview")
    runs()
    board = runs.boards.asset("dashboard", "sales-overview")
    board.row["Name"] = "Sales, revised"
    runs.sandbox.faults.add("500", service="quicksight", operation="DescribeDashboardDefinition", count=3)
    second = runs(dashboard_filter=lambda title: title.startswith("Sales"), threads=1)
    assert list(second.failures()) == [f"{SERVICE}.sales-overview"]
    assert second.gone() == []
    assert runs.charts_of("sales-overview") == SALES
    runs.sandbox.faults.clear()
    assert runs().dashboards.updated == 1


def test_definitions_that_are_never_to_be_seen_have_sheets_for_charts_until_they_are(runs: Runs) -> None:
    runs.keep("sales-overview")
    who = runs.sandbox.aws.identities.add_principal("page", QUICKSIGHT_ACTIONS, account=ACCOUNT)
    first = runs(who)
    assert sum("quicksight:DescribeDashboardDefinition" in note for note in first.snapshot.notes) == 1
    assert runs.charts_of("sales-overview") == ["Customers", "Revenue"]
    second = runs()
    assert runs.charts_of("sales-overview") == SALES
    # Its visuals are seen now: sheets stand for nothing any more.
    assert f"{SERVICE}.sheet:sales-overview:revenue" in second.gone()
    third = runs(who)
    assert third.gone() == []
    assert not runs.is_gone(CHART, "sales-overview:best-buyers")


def test_a_visual_that_is_taken_off_is_removed_once_asked_for(runs: Runs) -> None:
    runs.keep("sales-overview", "sales-overview-copy")
    runs()
    board = runs.boards.asset("dashboard", "sales-overview")
    assert board.definition is not None
    removed = board.definition["Sheets"][1]["Visuals"].pop(0)
    assert removed["TableVisual"]["VisualId"] == "best-buyers"
    second = runs()
    assert second.gone() == [f"{SERVICE}.sales-overview:best-buyers"]
    assert runs.is_gone(CHART, "sales-overview:best-buyers")
    assert not runs.is_gone(CHART, "sales-overview-copy:best-buyers")
    assert runs.charts_of("sales-overview") == [title for title in SALES if title != "Best buyers"]
    assert runs.writes_of_next() == []


def test_a_dashboard_that_is_deleted_takes_its_charts_along(runs: Runs) -> None:
    runs.keep("parcel-operations", "product-lists")
    runs()
    runs.boards.drop("dashboard", "parcel-operations")
    second = runs()
    names = [fqn.removeprefix(f"{SERVICE}.") for fqn in second.gone()]
    assert names[0] == "parcel-operations"
    assert len(names) == 9
    assert all(name.startswith("parcel-operations:") for name in names[1:])
    assert runs.is_gone(DASHBOARD, "parcel-operations")
    assert runs.writes_of_next() == []


@pytest.mark.parametrize("kind", [DASHBOARD, CHART, MODEL])
def test_only_what_is_marked_is_removed(runs: Runs, kind: EntityType) -> None:
    runs.keep("parcel-operations")
    runs()
    runs.boards.drop("dashboard", "parcel-operations")
    runs.boards.drop("dataset", "vehicles")
    second = runs(mark_deleted=frozenset({kind}))
    kinds = {change.type for change in second.stale.changes}
    assert kinds == {kind.value}
    assert runs.is_gone(DASHBOARD, "parcel-operations") is (kind is DASHBOARD)
    assert runs.is_gone(CHART, "parcel-operations:kinds") is (kind is CHART)
    assert runs.is_gone(MODEL, "vehicles") is (kind is MODEL)


def test_an_analysis_that_is_in_the_bin_is_gone_and_comes_back(runs: Runs) -> None:
    runs.keep("sales-overview")
    runs.settings = {"include_analyses": True}
    runs()
    analysis = runs.boards.asset("analysis", "sales-analysis")
    analysis.row["Status"] = "DELETED"
    second = runs()
    assert f"{SERVICE}.analysis:sales-analysis" in second.gone()
    assert runs.is_gone(DASHBOARD, "analysis:sales-analysis")
    assert not runs.is_gone(DASHBOARD, "sales-overview")
    analysis.row["Status"] = "UPDATE_SUCCESSFUL"
    third = runs()
    assert third.dashboards.restored == 1
    assert not runs.is_gone(DASHBOARD, "analysis:sales-analysis")
    assert runs.charts_of("analysis:sales-analysis") == SALES


def test_a_data_set_that_quicksight_stops_to_describe_keeps_its_columns(runs: Runs) -> None:
    runs.keep("parcel-operations")
    runs()
    before = runs.get(MODEL, "vehicles", "columns")
    assert len(before["columns"]) == 5
    runs.boards.asset("dataset", "vehicles").undescribed = "new-preparation"
    second = runs()
    assert list(second.failures()) == [f"{SERVICE}.model.vehicles"]
    assert "those that are known stay" in str(second.failures())
    assert runs.get(MODEL, "vehicles", "columns")["columns"] == before["columns"]
    assert any("vehicles" in note for note in second.snapshot.notes)


def test_a_column_that_a_data_set_lost_is_left_out_of_the_lineage_and_told(runs: Runs) -> None:
    runs.keep("parcel-operations")
    runs()
    edge = runs.upstream(DASHBOARD, "parcel-operations")[f"{SERVICE}.model.vehicles"]
    assert edge == {f"{SERVICE}.parcel-operations:kinds": [f"{SERVICE}.model.vehicles.kind"]}
    row = runs.boards.asset("dataset", "vehicles").row
    row["OutputColumns"] = [column for column in row["OutputColumns"] if column["Name"] != "kind"]
    second = runs()
    assert second.lineage.failed == 0
    assert any("vehicles" in note and "kind" in note for note in second.plan.notes + second.lineage.notes)
    assert runs.upstream(DASHBOARD, "parcel-operations")[f"{SERVICE}.model.vehicles"] == {}


def test_a_data_set_that_is_gone_leaves_its_dashboards(runs: Runs) -> None:
    """A dashboard goes on naming it."""
    runs.keep("parcel-operations")
    runs()
    runs.boards.drop("dataset", "vehicles")
    second = runs()
    assert second.failures() == {}
    assert second.gone() == [f"{SERVICE}.model.vehicles"]
    shown = runs.get(DASHBOARD, "parcel-operations", "dataModels")
    assert [model["name"] for model in shown["dataModels"]] == ["parcel-delays"]
    runs()
    assert runs.writes_of_next() == []


def test_a_dashboard_may_name_data_sets_that_never_were_there(runs: Runs) -> None:
    runs.keep("sales-overview")
    elsewhere = "arn:aws:quicksight:us-east-1:210987654321:dataset/theirs"
    sheets = [sheet("s", "S", visual("BarChartVisual", "v", "Bars", Category=[category("Gone", "a")]))]
    runs.boards.add_dashboard("hopeful", {"Gone": "gone", "Theirs": elsewhere, "Orders": "orders"}, sheets)
    first = runs()
    assert first.failures() == {}
    reasons = " ".join(f"{each.fqn} {each.reason}" for each in first.lineage.problems if "hopeful" in each.fqn)
    assert elsewhere in reasons
    shown = runs.get(DASHBOARD, "hopeful", "dataModels")
    assert [model["name"] for model in shown["dataModels"]] == ["orders"]
    assert runs.charts_of("hopeful") == ["Bars"]
    assert runs.writes_of_next() == []


def test_two_services_in_one_process_know_nothing_of_each_other(runs: Runs) -> None:
    runs.keep("product-lists", "finance-quarter")
    other = Runs(runs.place, "other", {"dashboard_filter": "Products".__eq__})
    runs()
    second = other()
    assert (second.dashboards.created, second.dashboards.filtered) == (1, len(runs.boards.ids("dashboard")) - 1)
    runs.boards.drop("dashboard", "finance-quarter")
    runs.boards.drop("dataset", "payments")
    assert f"{SERVICE}.finance-quarter" in runs().gone()
    assert other().gone() == ["other.model.payments"]
    assert other.charts_of("product-lists") == runs.charts_of("product-lists")
    assert set(runs.upstream(DASHBOARD, "product-lists")) == {
        f"{SERVICE}.model.{name}" for name in ("price-list", "crm-accounts", "courier-feedback")
    }


def test_what_changed_between_two_runs_is_all_that_is_written(runs: Runs) -> None:
    runs.keep("sales-overview", "product-lists", "empty-shell", "parcel-operations")
    runs()
    boards = runs.boards
    sales = boards.asset("dashboard", "sales-overview")
    assert sales.definition is not None
    sales.definition["CalculatedFields"] = [
        calculated("Orders", "Order share", "sum({customer_id})"),
    ]
    boards.asset("dashboard", "product-lists").row["Name"] = "Products, all of them"
    boards.add_dashboard(
        "new",
        {"Fleet": "vehicles"},
        [sheet("s", None, visual("KPIVisual", "k", None, Values=[measure("Fleet", "hub_id")]))],
    )
    boards.drop("dashboard", "empty-shell")
    second = runs()
    assert (second.dashboards.created, second.dashboards.updated) == (1, 1)
    assert (second.charts.created, second.charts.updated) == (1, 0)
    assert second.gone() == [f"{SERVICE}.empty-shell"]
    columns = runs.upstream(DASHBOARD, "sales-overview")[f"{SERVICE}.model.orders"]
    share: Any = columns[f"{SERVICE}.sales-overview:share-of-status"]
    assert share == [f"{SERVICE}.model.orders.{name}" for name in ("customer_id", "status")]
    assert runs.writes_of_next() == []
