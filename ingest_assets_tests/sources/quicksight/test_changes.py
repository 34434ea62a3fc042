"""What changes in QuickSight from one run to the next, and what only seems to."""

from __future__ import annotations

from ingest_assets.catalog import EntityType
from ingest_assets.sandbox.company.boards_assets import owning
from ingest_assets_tests.sources.quicksight.scene import ACCOUNT, SERVICE, Runs

DASHBOARD, CHART, MODEL = EntityType.DASHBOARD, EntityType.CHART, EntityType.DATA_MODEL
ARN = f"arn:aws:quicksight:eu-north-1:{ACCOUNT}"


def test_what_a_listing_hides_is_asked_for_by_name_and_stays(runs: Runs) -> None:
    runs.keep("sales-overview", "parcel-operations")
    runs()
    for operation, match in (("ListDashboards", "parcel-operations"), ("ListDataSets", "vehicles")):
        runs.sandbox.faults.add("hidden", service="quicksight", operation=operation, match=match)
    second = runs()
    assert {f"{SERVICE}.parcel-operations", f"{SERVICE}.model.vehicles"} <= set(second.gone())
    assert second.stale.removed == 0
    for kind, name in ((DASHBOARD, "parcel-operations"), (CHART, "parcel-operations:kinds"), (MODEL, "vehicles")):
        assert not runs.is_gone(kind, name)


def test_what_is_taken_off_a_dashboard_in_quicksight_is_taken_off_on_the_server(runs: Runs) -> None:
    runs.keep("sales-overview")
    runs.settings = {"include_owners": True}
    runs()
    before = runs.get(DASHBOARD, "sales-overview", "tags,owners,dataModels")
    assert before["description"] == "v7 adds customers"
    assert (before["project"], len(before["tags"]), len(before["dataModels"])) == ("Management", 2, 2)
    board = runs.boards.asset("dashboard", "sales-overview")
    del board.row["Version"]["Description"]
    board.tags.clear()
    board.permissions = [owning("dashboard", f"{ARN}:user/default/mei.tanaka@norrpost.example")]
    for folder in ("management", "web-shop-weekly"):
        runs.boards.drop("folder", folder)
    board.row["Version"]["DataSetArns"].pop(1)
    second = runs()
    assert (second.dashboards.updated, second.failures()) == (1, {})
    after = runs.get(DASHBOARD, "sales-overview", "tags,owners,dataModels")
    assert not after.get("description")
    assert not after.get("project")
    assert after["tags"] == []
    assert [owner["name"] for owner in after["owners"]] == ["mei.tanaka"]
    assert [model["name"] for model in after["dataModels"]] == ["orders"]
    assert set(runs.upstream(DASHBOARD, "sales-overview")) == {f"{SERVICE}.model.orders"}
    assert runs.writes_of_next() == []


def test_what_people_wrote_on_the_server_stays(runs: Runs) -> None:
    runs.keep("sales-overview")
    runs()
    shown = runs.get(DASHBOARD, "sales-overview")
    words = [{"op": "replace", "path": "/description", "value": "Read this on Mondays"}]
    runs.place.admin.patch(f"/v1/dashboards/{shown['id']}", words)
    chart = runs.get(CHART, "sales-overview:best-buyers")
    runs.place.admin.patch(f"/v1/charts/{chart['id']}", [{**words[0], "value": "Top ten"}])
    runs.boards.asset("dashboard", "sales-overview").row["Version"]["Description"] = "v8"
    runs()
    assert runs.get(DASHBOARD, "sales-overview")["description"] == "Read this on Mondays"
    assert runs.get(CHART, "sales-overview:best-buyers")["description"] == "Top ten"


def test_a_visual_that_becomes_another_kind_is_the_same_chart(runs: Runs) -> None:
    runs.keep("sales-overview")
    runs()
    before = runs.get(CHART, "sales-overview:best-buyers")
    board = runs.boards.asset("dashboard", "sales-overview")
    assert board.definition is not None
    shown = board.definition["Sheets"][1]["Visuals"]
    shown[0] = {"PivotTableVisual": {"VisualId": "best-buyers", "Title": shown[0]["TableVisual"]["Title"]}}
    shown[1] = {"BarChartVisual": {"VisualId": "buyers-by-year"}}
    second = runs()
    assert (second.charts.updated, second.charts.created, second.gone()) == (2, 0, [])
    after = runs.get(CHART, "sales-overview:best-buyers")
    assert (after["id"], after["description"]) == (before["id"], "Pivot table on the sheet Customers.")
    assert runs.get(CHART, "sales-overview:buyers-by-year")["chartType"] == "Bar"
    edge = runs.upstream(DASHBOARD, "sales-overview")[f"{SERVICE}.model.orders-with-customers"]
    assert set(edge) == {f"{SERVICE}.sales-overview:buyers-on-map"}


def test_a_dashboard_that_is_deleted_and_made_again_comes_back_with_its_charts(runs: Runs) -> None:
    runs.keep("sales-overview", "empty-shell")
    runs()
    kept = runs.boards.asset("dashboard", "sales-overview")
    before = runs.get(DASHBOARD, "sales-overview")
    runs.boards.drop("dashboard", "sales-overview")
    assert runs().stale.removed == 8
    assert runs.is_gone(DASHBOARD, "sales-overview")
    assert kept.definition is not None
    again = runs.boards.add_dashboard(
        "sales-overview",
        {},
        name="Sales overview",
        definition={name: kept.definition[name] for name in kept.definition},
    )
    again.row["Version"]["DataSetArns"] = kept.row["Version"]["DataSetArns"]
    third = runs()
    assert (third.dashboards.restored, third.charts.restored, third.failures()) == (1, 7, {})
    after = runs.get(DASHBOARD, "sales-overview")
    assert (after["id"], after.get("deleted", False)) == (before["id"], False)
    assert len(runs.charts_of("sales-overview")) == 7
    assert runs.writes_of_next() == []
