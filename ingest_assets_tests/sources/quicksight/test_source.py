"""QuickSight as dashboards, charts and data models: what is read, in how many calls, and what a refusal costs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from ingest_assets.calls import Calls
from ingest_assets.catalog import Edge, Elsewhere, EntityType, Failed, Filtered, ForeignEdge, Reference, Unlisted
from ingest_assets.errors import InvalidAnswerError, PermissionDeniedError, RejectedError, UnavailableError
from ingest_assets.sandbox.aws.identity import Principal
from ingest_assets.sandbox.company.scale import fill_boards
from ingest_assets.sandbox.server import QUICKSIGHT_ACTIONS, Sandbox
from ingest_assets.sources.quicksight.source import QuickSightSettings, QuickSightSource
from ingest_assets_tests.sources.conftest import SessionMaker
from ingest_assets_tests.sources.quicksight.conftest import SourceMaker
from ingest_assets_tests.sources.quicksight.scene import (
    ACCOUNT,
    BOARDS,
    CHARTS,
    MODELS,
    SERVICE,
    charts,
    dashboards,
    everything,
    models,
    notes,
    of,
)

PAGES = "https://eu-north-1.quicksight.aws.amazon.com/sn"


def test_a_dashboard_becomes_one_with_all_that_quicksight_says(source_of: SourceMaker) -> None:
    found = everything(source_of(include_owners=True))
    sales = dashboards(found)["sales-overview"]
    assert sales.display_name == "Sales overview"
    assert sales.description == "v7 adds customers"
    assert sales.source_url == f"{PAGES}/dashboards/sales-overview"
    assert sales.owners == ("lena.berg@norrpost.example", "omar.haddad@norrpost.example")
    assert {label.fqn for label in sales.labels or ()} == {"env.prod", "team.shop"}
    assert sales.project == "Management"
    assert sales.published == 1_712_651_400_349
    assert (sales.dashboard_type, sales.data_models) == ("Dashboard", ("orders", "orders-with-customers"))
    assert sales.unknown == frozenset()
    shown = [charts(found)[name] for name in sales.charts]
    assert [(chart.display_name, chart.chart_type) for chart in shown] == [
        ("Revenue", "Other"),
        ("Revenue by month", "Line"),
        ("Orders <by status> & currency", "Bar"),
        ("Pie chart", "Pie"),
        ("Best buyers", "Table"),
        ("Buyers by year", "Table"),
        ("Where buyers live", "Map"),
    ]
    assert shown[0].source_url == f"{PAGES}/dashboards/sales-overview/sheets/sales-overview_revenue"
    assert shown[0].description == "KPI on the sheet Revenue."
    assert shown[4].description == "Table on the sheet Customers."


def test_charts_show_the_columns_of_data_models_through_calculated_fields(source_of: SourceMaker) -> None:
    found = everything(source_of())
    target = Reference(EntityType.DASHBOARD, (SERVICE, "sales-overview"))
    edges = {edge.source.name: edge for edge in of(Edge, found) if edge.target == target}
    assert edges.keys() == {"orders", "orders-with-customers"}
    behind = {pair.target.path[0]: {each.path[0] for each in pair.sources} for pair in edges["orders"].columns}
    assert behind == {
        "sales-overview:revenue-total": {"total", "ordered_at"},
        "sales-overview:revenue-by-month": {"total", "ordered_at"},
        "sales-overview:orders-by-status": {"status", "order_id", "currency"},
        "sales-overview:share-of-status": {"status", "currency", "total"},  # of a share of what is in euros
    }
    customers = {pair.target.path[0] for pair in edges["orders-with-customers"].columns}
    assert customers == {f"sales-overview:{name}" for name in ("best-buyers", "buyers-by-year", "buyers-on-map")}


def test_copies_of_a_dashboard_have_charts_of_their_own(source_of: SourceMaker) -> None:
    found = everything(source_of())
    first, second = (dashboards(found)[name] for name in ("sales-overview", "sales-overview-copy"))
    assert len(set(first.charts) | set(second.charts)) == len(first.charts) + len(second.charts)
    assert {*first.charts, *second.charts} <= charts(found).keys()


def test_a_dashboard_without_sheets_has_a_page_of_its_own(source_of: SourceMaker) -> None:
    shell = dashboards(everything(source_of()))["empty-shell"]
    assert (shell.charts, shell.source_url) == ((), f"{PAGES}/dashboards/empty-shell")


def test_20_dashboards_over_3_data_sets_and_12_sources_cost_one_call_for_each_page_and_thing(
    sandbox: Sandbox, source_of: SourceMaker
) -> None:
    boards = sandbox.company.boards
    boards.clear()
    fill_boards(boards, 20)
    calls = Calls()
    found = everything(source_of(calls=calls, include_owners=True))
    assert (len(dashboards(found)), len(models(found)), len(charts(found))) == (20, 3, 60)
    assert calls.counts() == {
        "quicksight:ListDashboards": 1,
        "quicksight:DescribeDashboard": 20,
        "quicksight:DescribeDashboardDefinition": 20,
        "quicksight:DescribeDashboardPermissions": 20,
        "quicksight:ListDataSets": 1,
        "quicksight:DescribeDataSet": 3,
        "quicksight:DescribeDataSetPermissions": 3,
        "quicksight:ListDataSources": 1,  # which shows all that DescribeDataSource would
        "quicksight:ListFolders": 1,
        "quicksight:ListIngestions": 3,
        "quicksight:ListTagsForResource": 23,
    }


def test_lists_of_several_pages_are_read_page_by_page_once(sandbox: Sandbox, source_of: SourceMaker) -> None:
    fill_boards(sandbox.company.boards, 150, data_sets=120, data_sources=250)
    calls = Calls()
    found = everything(source_of(calls=calls, dashboard_filter="".__eq__, data_model_filter="".__eq__))
    assert len(of(Filtered, found)) == len(sandbox.company.boards.ids("dashboard")) + len(
        sandbox.company.boards.ids("dataset")
    )
    counts = calls.counts()
    assert (counts["quicksight:ListDashboards"], counts["quicksight:ListDataSets"]) == (2, 2)
    assert counts["quicksight:ListDataSources"] == 3
    # What a filter drops costs no call of its own.
    assert not {name for name in counts if "Describe" in name} - {"quicksight:DescribeFolder"}


def test_sources_whose_names_begin_alike_are_told_apart(sandbox: Sandbox, source_of: SourceMaker) -> None:
    boards = sandbox.company.boards
    boards.clear()
    fill_boards(boards, 12, data_sets=12)
    found = everything(source_of(data_sources={"team-1": "one.db", "team-10": "ten.db"}))
    edges = {str(edge.target).rpartition(" ")[2]: edge for edge in of(ForeignEdge, found)}
    assert len(of(ForeignEdge, found)) == len(edges) == 12
    within = {name: edge.source.within for name, edge in edges.items() if isinstance(edge.source, Elsewhere)}
    assert {name: place for name, place in within.items() if place} == {"shared-1": "one.db", "shared-10": "ten.db"}


def test_what_the_page_permits_degrades_with_one_note_for_each_other_permission(
    documented: Principal, source_of: SourceMaker
) -> None:
    calls = Calls()
    found = everything(source_of(documented, calls, threads=1, include_owners=True, include_analyses=True))
    assert of(Failed, found) == []
    told = notes(found)
    actions = (
        "quicksight:DescribeDashboardDefinition",
        "quicksight:DescribeAnalysisDefinition",
        "quicksight:DescribeDashboardPermissions",
        "quicksight:DescribeDataSetPermissions",
        "quicksight:ListTagsForResource",
        "quicksight:ListFolders",
        "quicksight:ListIngestions",
    )
    assert [sum(action in note for note in told) for action in actions] == [1] * len(actions), told
    # A permission that is missing is not asked for thing by thing.
    assert max(count for name, count in calls.counts().items() if name in actions) <= 3
    sales = dashboards(found)["sales-overview"]
    assert sales.charts == ("sheet:sales-overview:revenue", "sheet:sales-overview:customers")
    assert {"owners", "labels", "project"} <= sales.unknown
    sheet = charts(found)["sheet:sales-overview:revenue"]
    assert (sheet.display_name, sheet.description, sheet.chart_type) == ("Revenue", "A sheet.", "Other")
    assert sheet.source_url == f"{PAGES}/dashboards/sales-overview/sheets/sales-overview_revenue"
    assert {edge.target.name for edge in of(Edge, found)} >= {"sales-overview", "analysis:sales-analysis"}


def test_listdashboards_denied_ends_the_listings_of_dashboards_and_charts_after_one_call(
    sandbox: Sandbox, source_of: SourceMaker
) -> None:
    who = sandbox.aws.identities.add_principal(
        "half", QUICKSIGHT_ACTIONS - {"quicksight:ListDashboards"}, account=ACCOUNT
    )
    calls = Calls()
    source = source_of(who, calls)
    for scope in (CHARTS, BOARDS):
        with pytest.raises(PermissionDeniedError, match="quicksight:ListDashboards"):
            list(source.read(scope))
    assert calls.counts() == {"quicksight:ListDashboards": 1}
    assert models(source.read(MODELS))


def test_a_dashboard_that_is_denied_costs_itself_and_its_charts_are_not_looked_into(
    sandbox: Sandbox, source_of: SourceMaker
) -> None:
    fill_boards(sandbox.company.boards, 50)
    name = "parcel-operations"
    sandbox.faults.add("access-denied", service="quicksight", operation="DescribeDashboard", match=name)
    source = source_of()
    found = everything(source)
    assert [failed.reference.name for failed in of(Failed, found)] == [name]
    assert "quicksight:DescribeDashboard" in of(Failed, found)[0].reason
    unlisted = {each.prefix for each in of(Unlisted, source.read(CHARTS))}
    assert unlisted == {f"{name}:", f"sheet:{name}:", "analysis:", "sheet:analysis:"}
    assert len(dashboards(found)) == 56
    assert not [chart for chart in charts(found) if chart.startswith(f"{name}:")]


def test_a_service_that_answers_nothing_about_dashboards_is_given_up(sandbox: Sandbox, source_of: SourceMaker) -> None:
    fill_boards(sandbox.company.boards, 60)
    calls = Calls()
    sandbox.faults.add("500", service="quicksight", operation="DescribeDashboard", count=None)
    source = source_of(calls=calls, threads=2)
    for scope in (CHARTS, BOARDS):
        with pytest.raises(UnavailableError, match="DescribeDashboard"):
            list(source.read(scope))
    assert calls.counts()["quicksight:DescribeDashboard"] < 20


@pytest.mark.parametrize("operation", ["ListDashboards", "ListDataSets", "ListDataSources", "ListAnalyses"])
def test_a_listing_that_goes_round_in_circles_ends(sandbox: Sandbox, source_of: SourceMaker, operation: str) -> None:
    boards = sandbox.company.boards
    fill_boards(boards, 150, data_sets=120, data_sources=150)
    for number in range(150):
        boards.add_analysis(f"a-{number:03}")
    calls = Calls()
    sandbox.faults.add("loop-token", service="quicksight", operation=operation, count=None)
    with pytest.raises(InvalidAnswerError, match="circles"):
        everything(source_of(calls=calls, include_analyses=True, data_model_filter="".__eq__))
    assert calls.counts()[f"quicksight:{operation}"] <= 3


@pytest.mark.parametrize("operation", ["ListDashboards", "ListDataSets", "ListDataSources", "ListAnalyses"])
def test_a_list_that_was_cut_is_none(sandbox: Sandbox, source_of: SourceMaker, operation: str) -> None:
    sandbox.faults.add("truncated", service="quicksight", operation=operation, count=None)
    with pytest.raises((InvalidAnswerError, UnavailableError), match=operation):
        everything(source_of(include_analyses=True))


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ("DescribeDashboard", EntityType.DASHBOARD),
        ("DescribeDashboardDefinition", EntityType.DASHBOARD),
        ("DescribeDataSet", EntityType.DATA_MODEL),
    ],
)
@pytest.mark.parametrize("fault", ["truncated", "cut", "reset-before", "502"])
def test_an_answer_that_is_not_whole_costs_what_it_is_about(
    sandbox: Sandbox, source_of: SourceMaker, operation: str, kind: EntityType, fault: str
) -> None:
    name = "orders" if kind is EntityType.DATA_MODEL else "sales-overview"
    arn = f"{'dataset' if kind is EntityType.DATA_MODEL else 'dashboard'}/{name}"
    sandbox.faults.add(fault, service="quicksight", operation=operation, match=name, count=None)
    found = everything(source_of(dashboard_filter="Sales overview".__eq__, data_model_filter="Orders".__eq__))
    assert [failed.reference.name for failed in of(Failed, found)] == [name], arn
    assert operation in of(Failed, found)[0].reason


@pytest.mark.parametrize("operation", ["ListTagsForResource", "DescribeDashboardPermissions"])
@pytest.mark.parametrize("fault", ["truncated", "500"])
def test_what_is_asked_for_besides_and_fails_leaves_what_is_known(
    sandbox: Sandbox, source_of: SourceMaker, operation: str, fault: str
) -> None:
    sandbox.faults.add(fault, service="quicksight", operation=operation, match="sales-overview-copy", count=None)
    found = everything(source_of(include_owners=True))
    attribute = "labels" if operation == "ListTagsForResource" else "owners"
    assert dashboards(found)["sales-overview-copy"].unknown == {attribute}
    assert dashboards(found)["sales-overview"].unknown == frozenset()
    (told,) = (note for note in notes(found) if "could not be read" in note)
    assert "sales-overview-copy" in told
    assert operation in told


def test_lists_that_quicksight_leaves_out_are_empty_and_not_unknown(sandbox: Sandbox, source_of: SourceMaker) -> None:
    boards = sandbox.company.boards
    boards.clear()
    boards.add_data_set("bare", {})
    boards.add_dashboard("bare", {})
    found = everything(source_of(include_owners=True))
    for entity in (dashboards(found)["bare"], models(found)["bare"]):
        assert (entity.owners, entity.labels) == ((), ())
        assert not {"owners", "labels"} & entity.unknown


@pytest.mark.parametrize("operation", ["DescribeDashboard", "DescribeDashboardDefinition"])
def test_a_dashboard_that_vanishes_between_list_and_description_is_left_out(
    sandbox: Sandbox, source_of: SourceMaker, operation: str
) -> None:
    name = "finance-quarter"
    sandbox.faults.add("vanish", service="quicksight", operation=operation, match=name)
    source = source_of()
    found = everything(source)
    assert of(Failed, found) == []
    assert name not in dashboards(found)
    assert not [chart for chart in charts(found) if chart.startswith(f"{name}:")]
    assert not source.exists(Reference(EntityType.DASHBOARD, (SERVICE, name)))
    assert not source.exists(Reference(EntityType.CHART, (SERVICE, f"{name}:accounts")))


def test_a_data_set_that_vanishes_between_list_and_description_is_left_out(
    sandbox: Sandbox, source_of: SourceMaker
) -> None:
    sandbox.faults.add("vanish", service="quicksight", operation="DescribeDataSet", match="vehicles")
    source = source_of()
    found = everything(source)
    assert of(Failed, found) == []
    assert "vehicles" not in models(found)
    assert not source.exists(Reference(EntityType.DATA_MODEL, (SERVICE, "vehicles")))


def test_existence_is_told_by_name_and_never_guessed(
    sandbox: Sandbox, documented: Principal, source_of: SourceMaker
) -> None:
    source = source_of()
    there = {
        EntityType.DASHBOARD: ("sales-overview", "analysis:sales-analysis"),
        EntityType.CHART: ("sales-overview:best-buyers", "analysis:sales-analysis:best-buyers"),
        EntityType.DATA_MODEL: ("orders", "courier-feedback"),
    }
    gone = {
        EntityType.DASHBOARD: ("gone", "analysis:gone", "analysis:old-experiments", "sales-analysis"),
        EntityType.CHART: ("sales-overview:gone", "gone:best-buyers", "sheet:sales-overview:revenue"),
        EntityType.DATA_MODEL: ("gone",),
    }
    for kinds, is_there in ((there, True), (gone, False)):
        for kind, names in kinds.items():
            for name in names:
                assert source.exists(Reference(kind, (SERVICE, name))) is is_there, name
    with pytest.raises(RejectedError):
        source.exists(Reference(EntityType.CHART, (SERVICE, "no name of ours")))
    # Who may not see definitions can't tell that a visual is gone.
    with pytest.raises(PermissionDeniedError):
        source_of(documented).exists(Reference(EntityType.CHART, (SERVICE, "sales-overview:gone")))
    nobody = sandbox.aws.identities.add_principal("nobody", ["sts:*"], account=ACCOUNT)
    for kind, names in gone.items():
        with pytest.raises(PermissionDeniedError):
            source_of(nobody).exists(Reference(kind, (SERVICE, names[0])))


def test_no_more_requests_are_under_way_than_threads_are_wanted_for_all_listings_together(
    sandbox: Sandbox, session_of: SessionMaker, caplog: pytest.LogCaptureFixture
) -> None:
    """urllib3 warns of each connection that its pool, which is as large as that, can't keep."""
    fill_boards(sandbox.company.boards, 30)
    settings = QuickSightSettings(SERVICE, ACCOUNT, include_owners=True, include_analyses=True, threads=3)
    source = QuickSightSource(settings, session_of(sandbox.reader, threads=3))
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda scope: list(source.read(scope)), source.roots()))
    assert len(dashboards(found[2])) == 39
    assert [record.message for record in caplog.records if "pool is full" in record.message] == []


@pytest.mark.parametrize("threads", [1, 16])
def test_however_many_threads_read_they_find_the_same(sandbox: Sandbox, source_of: SourceMaker, threads: int) -> None:
    fill_boards(sandbox.company.boards, 30)
    calls = Calls()
    found = everything(source_of(calls=calls, threads=threads, include_owners=True, include_analyses=True))
    expected = everything(source_of(threads=4, include_owners=True, include_analyses=True))
    assert [repr(each) for each in found] == [repr(each) for each in expected]
    assert calls.counts()["quicksight:DescribeDashboard"] == 37
