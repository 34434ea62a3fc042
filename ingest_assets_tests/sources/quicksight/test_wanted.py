"""Every filter and switch: what arrives with it, and that turning it on takes nothing away that is there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from ingest_assets.calls import Calls
from ingest_assets.catalog import EntityType, Filtered, Finding, Health, Parked, Unlisted
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.sources.quicksight.conftest import SourceMaker
from ingest_assets_tests.sources.quicksight.scene import (
    SERVICE,
    Runs,
    charts,
    dashboards,
    everything,
    models,
    notes,
    of,
)

DASHBOARD, CHART, MODEL = EntityType.DASHBOARD, EntityType.CHART, EntityType.DATA_MODEL
COPY = "sales-overview-copy"


def in_norrpost(paths: Sequence[str] | None) -> bool:
    return any(path.startswith("Norrpost") for path in paths or ())


def nowhere(paths: Sequence[str] | None) -> bool:
    return not paths


TURNED_ON: list[dict[str, Any]] = [
    {"dashboard_filter": lambda title: title != "Copy of Sales overview", "include_tags": False, "threads": 1},
    {"dashboard_filter": lambda _: False, "data_model_filter": lambda name: name != "Orders"},
    {"chart_filter": lambda title: title != "Revenue", "include_owners": False, "include_refreshes": False},
    {"project_filter": in_norrpost, "include_analyses": False},
    {"project_filter": nowhere, "namespace": "partners", "include_drafts": False},
    {"include_data_models": False, "threads": 16},
]


def test_what_is_turned_on_later_takes_nothing_away(runs: Runs) -> None:
    runs.keep("sales-overview", COPY, "promotion-draft")
    runs.settings = {"include_owners": True, "include_analyses": True}
    runs()
    names = ("sales-overview", COPY, "promotion-draft", "analysis:sales-analysis")
    tags = [runs.get(DASHBOARD, name, "tags")["tags"] for name in names]
    edges = runs.upstream(MODEL, "orders-with-customers")
    for setting in TURNED_ON:
        later = runs(**setting)
        assert (later.gone(), later.stale.removed, later.failures()) == ([], 0, {}), setting
        assert [runs.get(DASHBOARD, name, "tags")["tags"] for name in names] == tags, setting
        assert runs.upstream(MODEL, "orders-with-customers") == edges, setting
    # And what goes on the way back is nothing either.
    assert runs().gone() == []
    kept = ((CHART, f"{COPY}:revenue-total"), (MODEL, "orders"), *((DASHBOARD, name) for name in names))
    assert not [name for kind, name in kept if runs.is_gone(kind, name)]
    assert runs.writes_of_next() == []


def test_dashboards_are_filtered_by_title_and_cost_no_further_call(source_of: SourceMaker) -> None:
    calls = Calls()
    found = everything(source_of(calls=calls, dashboard_filter="Products".__eq__))
    assert dashboards(found).keys() == {"product-lists"}
    assert {chart.partition(":")[0] for chart in charts(found)} == {"product-lists"}
    reasons = {each.reason for each in of(Filtered, found)}
    assert (len(of(Filtered, found)), reasons) == (6, {"dashboardFilterPattern"})
    assert calls.counts()["quicksight:DescribeDashboard"] == 1
    assert calls.counts()["quicksight:DescribeDashboardDefinition"] == 1
    assert Unlisted(prefix=f"{COPY}:") in found


def test_charts_are_filtered_by_title_and_leave_their_dashboards(source_of: SourceMaker) -> None:
    found = everything(source_of(chart_filter=lambda title: title.startswith("Revenue")))
    assert dashboards(found)["sales-overview"].charts == (
        "sales-overview:revenue-total",
        "sales-overview:revenue-by-month",
    )
    assert len(charts(found)) == 4
    assert {each.reason for each in of(Filtered, found)} == {"chartFilterPattern"}
    assert dashboards(found).keys() >= {"product-lists", "empty-shell"}


def test_data_models_are_filtered_by_name_and_dashboards_stay(sandbox: Sandbox, source_of: SourceMaker) -> None:
    calls = Calls()
    found = everything(source_of(calls=calls, data_model_filter="Orders".__eq__))
    assert models(found).keys() == {"orders"}
    assert calls.counts()["quicksight:DescribeDataSet"] == 1
    assert len(dashboards(found)) == len(sandbox.company.boards.ids("dashboard"))


def test_a_dashboard_whose_data_models_are_filtered_arrives_with_the_others(runs: Runs) -> None:
    runs.keep("sales-overview")
    first = runs(data_model_filter="Orders".__eq__)
    assert first.failures() == {}
    assert [model["name"] for model in runs.get(DASHBOARD, "sales-overview", "dataModels")["dataModels"]] == ["orders"]
    assert set(runs.upstream(DASHBOARD, "sales-overview")) == {f"{SERVICE}.model.orders"}


def test_projects_are_the_folders_that_something_lies_in(source_of: SourceMaker) -> None:
    found = everything(source_of(project_filter=in_norrpost))
    assert dashboards(found).keys() == {"sales-overview"}
    assert {each.reason for each in of(Filtered, found)} == {"projectFilterPattern"}


def test_without_folders_a_pattern_keeps_what_it_would_and_nothing_is_gone(runs: Runs) -> None:
    runs.keep("sales-overview", "product-lists")
    runs()
    for folder in runs.boards.ids("folder"):
        if runs.boards.find("folder", folder):
            runs.boards.drop("folder", folder)
    asked = runs(project_filter=in_norrpost)
    assert (asked.dashboards.filtered, asked.gone()) == (2, [])
    assert not runs.is_gone(DASHBOARD, "sales-overview")
    # What only leaves out leaves nothing out.
    assert runs(project_filter=nowhere).dashboards.filtered == 0


def test_folders_that_may_not_be_seen_filter_all_and_say_so(runs: Runs) -> None:
    runs.keep("sales-overview", "product-lists")
    runs()
    runs.sandbox.faults.add("access-denied", service="quicksight", operation="ListFolders", count=None)
    second = runs(project_filter=in_norrpost)
    assert (second.dashboards.filtered, second.gone()) == (2, [])
    assert any("quicksight:ListFolders" in note for note in second.snapshot.notes)
    assert runs.get(DASHBOARD, "sales-overview")["project"] == "Management"


@pytest.mark.parametrize("operation", ["ListFolders", "DescribeFolder", "ListFolderMembers"])
@pytest.mark.parametrize("fault", ["500", "access-denied", "truncated"])
def test_folders_that_can_not_be_read_leave_the_project_as_it_is(
    sandbox: Sandbox, source_of: SourceMaker, operation: str, fault: str
) -> None:
    sandbox.faults.add(fault, service="quicksight", operation=operation, count=None)
    found = everything(source_of(dashboard_filter="Sales overview".__eq__, data_model_filter="Orders".__eq__))
    (sales,) = dashboards(found).values()
    assert sales.project is None
    assert sales.unknown == {"project"}
    assert sum(operation in note for note in notes(found)) == 1


def test_nothing_is_said_of_owners_and_tags_that_nobody_asks_for(source_of: SourceMaker) -> None:
    calls = Calls()
    found = everything(source_of(calls=calls, include_tags=False))
    for entity in (*dashboards(found).values(), *models(found).values()):
        assert (entity.owners, entity.labels) == (None, None)
    assert not {name for name in calls.counts() if "Permissions" in name or "Tags" in name or "Users" in name}


def test_without_data_models_dashboards_have_no_lineage_and_say_why(source_of: SourceMaker) -> None:
    calls = Calls()
    found = everything(source_of(calls=calls, include_data_models=False))
    assert not models(found)
    assert not {name for name in calls.counts() if "DataSet" in name or "DataSource" in name}
    assert "data_models" in dashboards(found)["sales-overview"].unknown
    assert {parked.reason for parked in of(Parked, found)} == {"data models are not read (includeDataModels)"}


def test_drafts_are_left_out_where_they_are_not_wanted(source_of: SourceMaker) -> None:
    found = everything(source_of(include_drafts=False))
    assert "promotion-draft" not in dashboards(found)
    assert [(each.reference.name, each.reason) for each in of(Filtered, found)] == [
        ("promotion-draft", "includeDraftDashboard")
    ]
    assert "promotion-draft" in dashboards(everything(source_of()))


def test_analyses_are_reports_and_those_in_the_bin_are_none(source_of: SourceMaker) -> None:
    found = everything(source_of(include_analyses=True, include_owners=True))
    reports = {name: each for name, each in dashboards(found).items() if each.dashboard_type == "Report"}
    assert reports.keys() == {"analysis:sales-analysis", "analysis:parcel-analysis"}
    sales = reports["analysis:sales-analysis"]
    assert sales.source_url == "https://eu-north-1.quicksight.aws.amazon.com/sn/analyses/sales-analysis"
    assert sales.project == "Norrpost/Web shop/Weekly / Veckovis"
    assert (sales.owners, len(sales.charts)) == (("lena.berg@norrpost.example",), 7)
    assert Unlisted(prefix="analysis:") not in found


def test_analyses_that_may_not_be_listed_are_kept_and_told(runs: Runs) -> None:
    runs.keep("sales-overview")
    runs.settings = {"include_analyses": True}
    runs()
    runs.sandbox.faults.add("access-denied", service="quicksight", operation="ListAnalyses", count=None)
    second = runs()
    assert (second.gone(), second.failures()) == ([], {})
    assert sum("quicksight:ListAnalyses" in note for note in second.snapshot.notes) == 1
    assert not runs.is_gone(DASHBOARD, "analysis:sales-analysis")
    assert not runs.is_gone(CHART, "analysis:sales-analysis:best-buyers")


def test_a_dashboard_and_an_analysis_may_have_one_id(sandbox: Sandbox, source_of: SourceMaker) -> None:
    sandbox.company.boards.add_analysis("sales-overview", {"Orders": "orders"}, name="A namesake")
    found = dashboards(everything(source_of(include_analyses=True)))
    assert found["sales-overview"].display_name == "Sales overview"
    assert found["analysis:sales-overview"].display_name == "A namesake"
    assert not found["analysis:sales-overview"].charts


def test_refreshes_that_failed_are_told_where_they_are_asked_for(sandbox: Sandbox, source_of: SourceMaker) -> None:
    calls = Calls()
    told = [note for note in notes(everything(source_of(calls=calls))) if "last refresh" in note]
    assert len(told) == 1
    assert "Orders (2023-03-07" in told[0]
    assert "SQL_TABLE_NOT_FOUND" in told[0]
    spice = [each for each in sandbox.company.boards.assets("dataset").values() if each.row["ImportMode"] == "SPICE"]
    assert calls.counts()["quicksight:ListIngestions"] == len(spice)
    quiet = Calls()
    assert not [
        note for note in notes(everything(source_of(calls=quiet, include_refreshes=False))) if "refresh" in note
    ]
    assert "quicksight:ListIngestions" not in quiet.counts()


def health(findings: Iterable[Finding]) -> Health:
    (told,) = [found for found in findings if isinstance(found, Health)]
    return told


def test_refreshes_are_told_as_figures_that_add_up(sandbox: Sandbox, source_of: SourceMaker) -> None:
    told = health(everything(source_of()))
    spice = [each for each in sandbox.company.boards.assets("dataset").values() if each.row["ImportMode"] == "SPICE"]
    assert (told.about, told.known, told.unknown, told.unwell) == ("spice_refreshes", len(spice), 0, 1)
    assert told.examples[0].startswith("Orders (2023-03-07")
    sandbox.faults.add("500", service="quicksight", operation="ListIngestions", match="orders", count=None)
    unread = health(everything(source_of()))
    assert (unread.known + unread.unknown, unread.unwell) == (len(spice), 0)
    assert unread.unknown == sum("orders" in each.row["DataSetId"] for each in spice) > 0
    silent = health(everything(source_of(include_refreshes=False)))
    assert (silent.known, silent.unknown) == (0, 0)


def test_refreshes_that_can_not_be_read_cost_no_data_set(sandbox: Sandbox, source_of: SourceMaker) -> None:
    sandbox.faults.add("500", service="quicksight", operation="ListIngestions", match="orders", count=None)
    found = everything(source_of())
    assert "orders" in models(found)
    assert sum("not known whether their last refresh failed" in note for note in notes(found)) == 1


def test_two_data_sets_of_one_name_that_failed_are_two(sandbox: Sandbox, source_of: SourceMaker) -> None:
    sandbox.company.boards.add_data_set("orders-2", {}, name="Orders")
    sandbox.company.boards.add_ingestion("orders-2", "i", "FAILED")
    assert any("last refresh of 2 data sets failed" in note for note in notes(everything(source_of())))
