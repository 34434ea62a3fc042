"""Faults that people have met with QuickSight, each told as a story of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from ingest_assets.ingestion.verdicts import Verdict, complete
from ingest_assets.snapshots.repository import Snapshots
from ingest_assets.snapshots.store import FolderStore
from ingest_assets_tests.faults.board_scene import BoardScene, BoardSteps, board_scene
from ingest_assets_tests.faults.boards import SERVICE
from ingest_assets_tests.faults.portrait import Key, Portrait
from ingest_assets_tests.faults.rewound import Rewound, rewound

GONE_BOARDS = {"quicksight.old", "quicksight.analysis:sales"}
GONE_CHARTS = {"quicksight.old:old", "quicksight.analysis:sales:sales", "quicksight.sales:gone"}
GONE = {*GONE_BOARDS, *GONE_CHARTS, "quicksight.model.returns"}
COME = {"quicksight.refunds", "quicksight.refunds:refunds", "quicksight.sales:new", "quicksight.model.repaid"}
OF_SALES = {"quicksight.sales", *(f"quicksight.sales:{name}" for name in ("bars", "buyers", "gone"))}


@pytest.fixture(scope="module")
def rewound_boards(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rewound[BoardScene]]:
    folder = tmp_path_factory.mktemp("boards")
    with rewound(board_scene(folder), folder) as made:
        yield made


@pytest.fixture
def on(rewound_boards: Rewound[BoardScene]) -> BoardScene:
    """A QuickSight that was read once."""
    return rewound_boards.again()


def steps_of(on: BoardScene) -> BoardSteps:
    ran = on.run()
    assert isinstance(ran.steps, BoardSteps), repr(ran)
    return ran.steps


def healed(on: BoardScene) -> BoardSteps:
    """A run once the fault is over."""
    on.sandbox.faults.clear()
    return steps_of(on)


def break_(on: BoardScene, kind: str, operation: str, match: str = "*", *, after: int = 0) -> None:
    """A fault that lasts."""
    on.sandbox.faults.add(kind, service="quicksight", operation=operation, match=match, count=None, after=after)


def verdict(on: BoardScene) -> Verdict:
    """What the check ``complete`` says of the last run."""
    manifest = Snapshots(FolderStore(on.store_folder), "quicksight", SERVICE).latest()
    assert manifest is not None
    return complete(manifest)


def live(shown: Portrait) -> set[str]:
    """Dashboards, charts and data models that are live."""
    entities = {key.fqn for key, each in shown.items() if each.live and not key.source}
    return {fqn for fqn in entities if fqn.startswith(f"{SERVICE}.")}


def told(steps: BoardSteps) -> str:
    """All that a run says of what did not arrive or stays."""
    problems = [f"{each.fqn} {each.step} {each.reason}" for report in steps for each in report.problems]
    return "\n".join([*problems, *(note for report in steps for note in report.notes)])


def failed(steps: BoardSteps) -> set[str]:
    """What could not be read."""
    return {problem.fqn for report in steps for problem in report.problems if problem.step in ("read", "list")}


def test_the_second_page_of_dashboards_throttled_to_the_end_deletes_nothing_and_the_check_names_the_list(
    on: BoardScene,
) -> None:
    before = live(on.portrait())
    on.change()
    break_(on, "throttle", "ListDashboards", after=1)
    steps = steps_of(on)
    assert live(on.portrait()) == before - {"quicksight.model.returns"} | {"quicksight.model.repaid"}
    assert (steps.dashboards.listed, steps.charts.listed, steps.stale.removed) == (0, 0, 1)
    passed, summary, figures = verdict(on)
    assert not passed
    assert "quicksight:ListDashboards" in summary
    assert figures == {"listings": 3, "listings_failed": 2}
    healed(on)
    assert live(on.portrait()) == before - GONE | COME
    assert verdict(on).passed


def test_a_dashboard_that_is_denied_costs_itself(on: BoardScene) -> None:
    before = on.portrait()
    on.change()
    break_(on, "access-denied", "DescribeDashboard", "sales")
    steps = steps_of(on)
    shown = on.portrait()
    assert {fqn: shown[Key(fqn)] for fqn in OF_SALES} == {fqn: before[Key(fqn)] for fqn in OF_SALES}
    assert failed(steps) == {"quicksight.sales"}
    assert "quicksight:DescribeDashboard" in told(steps)
    assert live(shown) == live(before) - GONE | COME - {"quicksight.sales:new"} | {"quicksight.sales:gone"}
    assert "Finance, each quarter" in shown[Key("quicksight.finance")].text
    assert verdict(on).passed


def test_a_definition_that_fails_to_the_end_keeps_the_charts_of_its_dashboard(on: BoardScene) -> None:
    before = on.portrait()
    on.change()
    break_(on, "500", "DescribeDashboardDefinition", "sales")
    for _ in range(2):
        steps = steps_of(on)
        shown = on.portrait()
        assert {fqn: shown[Key(fqn)] for fqn in OF_SALES} == {fqn: before[Key(fqn)] for fqn in OF_SALES}
        assert failed(steps) == {"quicksight.sales"}
        assert "quicksight:DescribeDashboardDefinition" in told(steps)
    assert not [fqn for fqn in live(shown) if "sheet:" in fqn]
    healed(on)
    assert live(on.portrait()) == live(before) - GONE | COME


def test_members_of_a_folder_that_are_cut_leave_all_projects_as_they_were(on: BoardScene) -> None:
    on.change()
    break_(on, "cut", "ListFolderMembers", "weekly")
    steps = steps_of(on)
    shown = on.portrait()
    assert '"project": "Shop/Weekly"' in shown[Key("quicksight.sales")].text
    assert '"project": "People"' in shown[Key("quicksight.finance")].text
    assert "Finance, each quarter" in shown[Key("quicksight.finance")].text
    assert "project" not in shown[Key("quicksight.refunds")].text
    assert failed(steps) == set()
    assert "Folders could not be read" in told(steps)
    assert "quicksight:ListFolderMembers" in told(steps)
    healed(on)
    assert '"project": "Shop/Weekly"' in on.portrait()[Key("quicksight.finance")].text
    assert '"project": "People"' in on.portrait()[Key("quicksight.refunds")].text


def test_data_sources_that_may_not_be_listed_are_asked_for_one_by_one(on: BoardScene) -> None:
    on.change()
    break_(on, "access-denied", "ListDataSources")
    steps = steps_of(on)
    counts = on.sandbox.aws.counts
    assert (counts["quicksight:ListDataSources"], counts["quicksight:DescribeDataSource"]) == (1, 3)
    assert failed(steps) == set()
    edges = {str(key) for key in on.portrait() if key.source}
    assert "lake.catalog.shop.orders_2 -> quicksight.model.orders" in edges
    assert "raw.norrpost-exports.archive -> quicksight.model.prices" in edges
    assert healed(on).written() == 0


def test_data_sets_whose_pages_never_end_delete_no_data_model_and_cost_dashboards_nothing(on: BoardScene) -> None:
    before = live(on.portrait())
    on.change()
    break_(on, "loop-token", "ListDataSets")
    steps = steps_of(on)
    assert (steps.data_models.listed, steps.stale.removed) == (0, len(GONE) - 1)
    arrived = COME - {"quicksight.model.repaid"}
    assert live(on.portrait()) == before - GONE | arrived | {"quicksight.model.returns"}
    assert not verdict(on).passed
    assert "quicksight:ListDataSets" in verdict(on).summary
    healed(on)
    assert live(on.portrait()) == before - GONE | COME


def test_a_dashboard_that_vanishes_between_its_listing_and_its_description_is_gone_and_no_failure(
    on: BoardScene,
) -> None:
    before = live(on.portrait())
    on.sandbox.faults.add("vanish", service="quicksight", operation="DescribeDashboard", match="finance")
    steps = steps_of(on)
    assert failed(steps) == set()
    assert live(on.portrait()) == before - {"quicksight.finance", "quicksight.finance:bars"}
    assert verdict(on).passed


def test_refreshes_that_may_not_be_listed_are_one_note(on: BoardScene) -> None:
    assert "SQL_TABLE_NOT_FOUND" in told(steps_of(on))
    break_(on, "access-denied", "ListIngestions")
    steps = steps_of(on)
    assert (failed(steps), steps.written()) == (set(), 0)
    assert told(steps).count("quicksight:ListIngestions is not granted") == 1
    assert "SQL_TABLE_NOT_FOUND" not in told(steps)


def test_an_account_that_goes_back_to_the_standard_edition_keeps_what_that_edition_does_not_show(
    on: BoardScene,
) -> None:
    before = on.portrait()
    on.sandbox.company.boards.edition = "STANDARD"
    steps = steps_of(on)
    assert live(on.portrait()) >= live(before)
    assert steps.stale.removed == 0
    assert "Standard edition" in told(steps)
    sales = json.loads(on.portrait()[Key("quicksight.sales")].text)
    assert (sales["project"], sales["owners"]) == ("Shop/Weekly", ['"lena.berg"'])
    on.sandbox.company.boards.edition = "ENTERPRISE"
    steps_of(on)
    assert live(on.portrait()) == live(before)


def test_a_tightened_filter_deletes_nothing(on: BoardScene) -> None:
    before = on.portrait()
    excluded = {"dashboardFilterPattern": {"excludes": ["S.*"]}, "dataModelFilterPattern": {"excludes": ["prices"]}}
    on.recipe.config = {**on.recipe.config, **excluded, "chartFilterPattern": {"excludes": ["audit"]}}
    steps = steps_of(on)
    assert live(on.portrait()) == live(before)
    assert (steps.stale.stale, steps.stale.removed) == (0, 0)
