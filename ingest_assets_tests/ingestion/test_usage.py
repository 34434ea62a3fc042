"""How often dashboards were looked at, told day by day from totals: whatever breaks, no view is counted twice."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from ingest_assets.catalog import Dashboard, DashboardService, EntityType
from ingest_assets.ingestion.report import Report
from ingest_assets.ingestion.usage import publish_usage
from ingest_assets.progress import SilentProgress
from ingest_assets_tests.ingestion.estates import Estate
from ingest_assets_tests.ingestion.runs import RUN_IDS, Place, place

DAY = 86_400


@dataclass
class OnTelling(SilentProgress):
    """Does something once, when the server has answered to a count and nobody has noted it yet."""

    act: Callable[[], object]

    def done(self, stage: str, count: int = 1) -> None:
        if stage == "usage":
            self.act()
            self.act = lambda: None


@dataclass
class Viewed:
    """Runs of a service whose dashboards tell how often they were looked at; their sums are proven on the way."""

    place: Place
    estate: Estate = field(default_factory=lambda: Estate(DashboardService(path=("looker",), service_type="Looker")))
    began: float = field(default_factory=time.time)

    def run(
        self,
        day: float,
        *,
        before_usage: Callable[[], object] = lambda: None,
        run_id: str | None = None,
        settings: dict[str, Any] | None = None,
        **totals: int | None,
    ) -> dict[str, Report]:
        """A run so many days after the first; totals by the names of dashboards, the others stay."""
        self.estate.put(*(Dashboard(path=("looker", name), views=total) for name, total in totals.items()))
        run_id = run_id or next(RUN_IDS)
        moment = self.began + day * DAY
        kinds = frozenset({EntityType.DASHBOARD})
        made = self.place.ingestion(self.estate, mark_deleted=kinds, clock=lambda: moment, **(settings or {}))
        with closing(made) as ingestion:
            reports = {
                "snapshot": ingestion.snapshot(run_id, last_attempt=True),
                "plan": ingestion.plan(run_id),
            }
            published = {kind: ingestion.publish(run_id, kind) for kind in ingestion.kinds}
            reports["dashboards"] = published[EntityType.DASHBOARD]
            before_usage()
            reports["usage"] = publish_usage(ingestion, run_id)
        assert all(report.balances() for report in reports.values())
        return reports

    def usage(self, day: float, *, run_id: str) -> Report:
        """The one step again, of an earlier run."""
        moment = self.began + day * DAY
        with closing(self.place.ingestion(self.estate, clock=lambda: moment)) as ingestion:
            return publish_usage(ingestion, run_id)

    def date(self, day: float) -> date:
        return datetime.fromtimestamp(self.began + day * DAY, timezone.utc).date()

    def id(self, name: str) -> str:
        return str(self.place.get(EntityType.DASHBOARD, f"looker.{name}")["id"])

    def counts(self, name: str, last: int = 20) -> dict[int, int]:
        """What the server shows, by days after the first run."""
        params = {"date": self.date(last).isoformat(), "days": "30"}
        told = self.place.admin.get(f"/v1/usage/dashboard/{self.id(name)}", params)["usage"]
        found = {date.fromisoformat(each["date"]): each["dailyStats"]["count"] for each in told}
        return {(day - self.date(0)) // timedelta(days=1): count for day, count in sorted(found.items())}

    def rank(self, name: str) -> float:
        shown = self.place.get(EntityType.DASHBOARD, f"looker.{name}", "usageSummary")
        return float(shown["usageSummary"]["dailyStats"]["percentileRank"])


@pytest.fixture
def viewed(here: Place) -> Viewed:
    return Viewed(here)


def figures(report: Report) -> tuple[int, int, int]:
    return report.updated, report.unchanged, report.failed


def test_the_first_total_is_remembered_and_each_day_is_told_what_came_to_it(anywhere: Place) -> None:
    viewed = Viewed(anywhere)
    first = viewed.run(0, sales=100, stock=7)["usage"]
    assert (figures(first), viewed.counts("sales")) == ((0, 2, 0), {})
    assert any("2 dashboards are counted from now on" in note for note in first.notes)
    version = anywhere.get(EntityType.DASHBOARD, "looker.sales")["version"]

    second = viewed.run(1, sales=130)
    assert (figures(second["usage"]), second["usage"].notes) == ((1, 1, 0), [])
    assert (second["dashboards"].unchanged, viewed.counts("sales")) == (2, {1: 30})
    anywhere.sandbox.openmetadata.reset_counts()
    assert figures(viewed.run(1, sales=130)["usage"]) == (0, 2, 0)
    assert anywhere.writes() == []
    viewed.run(1, sales=135)
    assert viewed.counts("sales") == {1: 35}

    viewed.run(2)
    viewed.run(3, sales=140, stock=8)
    assert (viewed.counts("sales"), viewed.counts("stock")) == ({1: 35, 3: 5}, {3: 1})
    assert anywhere.get(EntityType.DASHBOARD, "looker.sales")["version"] == version


def test_dashboards_are_ranked_once_when_anything_was_told(viewed: Viewed) -> None:
    viewed.run(0, sales=0, stock=0, other=0)
    viewed.place.sandbox.openmetadata.reset_counts()
    viewed.run(1, sales=9, stock=2, other=1)
    told = ["POST /v1/usage/{type}/{id}"] * 3
    assert viewed.place.writes() == ["POST /v1/usage/compute.percentile/{type}/{date}", *told]
    assert [viewed.rank(name) for name in ("sales", "stock", "other")] == [100.0, 50.0, 0.0]


def test_a_ranking_that_fails_is_told_and_made_by_the_next_run(viewed: Viewed) -> None:
    viewed.run(0, sales=0, stock=0)
    faults = viewed.place.sandbox.faults
    faults.add("500", service="openmetadata", operation="POST /v1/usage", match="compute.percentile", count=None)
    failing = viewed.run(1, sales=3, stock=1)["usage"]
    assert figures(failing) == (2, 0, 0)
    assert any("the next run tries again" in note for note in failing.notes)
    faults.clear()
    assert viewed.run(2)["usage"].notes == []
    assert viewed.rank("sales") == 100.0
    viewed.place.sandbox.openmetadata.reset_counts()
    viewed.run(2)
    assert viewed.place.writes() == []


def test_a_day_that_can_not_be_ranked_is_given_up_after_a_week(viewed: Viewed) -> None:
    viewed.run(0, sales=0, stock=0)
    faults = viewed.place.sandbox.faults
    faults.add("500", service="openmetadata", operation="POST /v1/usage", match="compute.percentile", count=None)
    viewed.run(1, sales=3)
    assert len(viewed.run(8)["usage"].notes) == 1
    assert viewed.run(9)["usage"].notes == []


def test_a_total_that_shrank_is_a_new_beginning(viewed: Viewed) -> None:
    viewed.run(0, sales=100)
    viewed.run(1, sales=110)
    shrunk = viewed.run(1, sales=4)["usage"]
    assert (figures(shrunk), viewed.counts("sales")) == ((0, 1, 0), {1: 10})
    assert any("counted anew" in note for note in shrunk.notes)
    viewed.run(1, sales=6)
    viewed.run(2, sales=7)
    assert viewed.counts("sales") == {1: 12, 2: 1}


@pytest.mark.parametrize("version", ["1.0.3", "1.12.4"])
@pytest.mark.parametrize("fault", ["500", "403", "reset-before", "reset-after", "truncated"])
def test_one_that_fails_costs_itself_and_its_day_is_told_by_the_next_run(
    tmp_path: Path, fault: str, version: str
) -> None:
    with place(tmp_path, version) as made:
        viewed = Viewed(made)
        viewed.run(0, sales=10, stock=10)
        faults = made.sandbox.faults
        match = viewed.id("sales")
        faults.add(fault, service="openmetadata", operation="POST /v1/usage", match=match, count=None)
        failing = viewed.run(1, sales=13, stock=14)["usage"]
        assert figures(failing) == (1, 0, 1)
        assert [(problem.fqn, problem.step) for problem in failing.problems] == [("looker.sales", "usage")]
        assert viewed.run(2, sales=14)["usage"].failed == 1
        faults.clear()
        mended = viewed.run(3, sales=18)["usage"]
        assert figures(mended) == (1, 1, 0)
        # Looker told a total only: what came while the server could not be told is the day's that it can.
        assert (viewed.counts("sales"), viewed.counts("stock")) == ({1: 3, 3: 5}, {1: 4})


@pytest.mark.parametrize("later", [1.01, 2])
def test_a_run_that_is_killed_between_the_servers_answer_and_the_ledger_counts_nothing_twice(
    viewed: Viewed, later: float
) -> None:
    viewed.began -= viewed.began % DAY
    viewed.run(0, sales=10, stock=10)
    store, kept = viewed.place.folder / "store", viewed.place.folder / "as it was"
    progress = OnTelling(lambda: shutil.copytree(store, kept))
    ingestion = viewed.place.ingestion
    viewed.place.ingestion = lambda *args, **more: _with(ingestion(*args, **more), progress)  # type: ignore[method-assign]
    viewed.run(1, sales=13, stock=14)
    viewed.place.ingestion = ingestion  # type: ignore[method-assign]
    shutil.rmtree(store)
    kept.rename(store)
    viewed.run(later, sales=18, stock=14)
    expected = {1: 8} if later < 2 else {1: 3, 2: 5}
    assert (viewed.counts("sales"), viewed.counts("stock")) == (expected, {1: 4})
    viewed.place.sandbox.openmetadata.reset_counts()
    viewed.run(later)
    assert viewed.place.writes() == []


def _with(ingestion: Any, progress: SilentProgress) -> Any:
    ingestion.progress = progress
    return ingestion


def test_what_was_deleted_meanwhile_or_never_arrived_is_skipped(viewed: Viewed) -> None:
    viewed.run(0, sales=1, stock=1)
    place = viewed.place
    gone = viewed.run(
        1, sales=5, stock=5, before_usage=lambda: place.soft_delete(EntityType.DASHBOARD, "looker.sales", hard=True)
    )["usage"]
    assert (figures(gone), gone.problems, gone.listed) == ((1, 0, 0), [], 1)
    place.sandbox.faults.add("500", service="openmetadata", operation="PUT /v1/dashboards", count=None)
    unwritten = viewed.run(2, sales=6, stock=6)
    place.sandbox.faults.clear()
    assert (unwritten["dashboards"].failed, figures(unwritten["usage"])) == (1, (1, 0, 0))
    assert figures(viewed.run(3, sales=8)["usage"]) == (1, 1, 0)
    assert viewed.counts("stock") == {1: 4, 2: 1}


def test_a_dry_run_tells_and_remembers_nothing(viewed: Viewed) -> None:
    viewed.run(0, sales=1)
    viewed.place.sandbox.openmetadata.reset_counts()
    dry = viewed.run(1, sales=5, settings={"dry_run": True})["usage"]
    assert (dry.listed, dry.dry_run, viewed.place.writes()) == (0, True, [])
    viewed.run(2, sales=6)
    assert viewed.counts("sales") == {2: 5}


def test_a_dashboard_that_tells_no_total_is_no_part_of_it(viewed: Viewed) -> None:
    none = viewed.run(0, sales=None)["usage"]
    assert (none.listed, len(none.notes)) == (0, 1)
    assert "includeUsage" in none.notes[0]
    viewed.run(1, sales=4, stock=None)
    assert figures(viewed.run(2, sales=6)["usage"]) == (1, 0, 0)
    # What could not be told this once goes on from where it was.
    viewed.run(3, sales=None)
    viewed.run(4, sales=7)
    assert viewed.counts("sales") == {2: 2, 4: 1}


def test_the_step_of_an_earlier_run_made_again_tells_nothing_of_an_older_total(viewed: Viewed) -> None:
    viewed.run(0, sales=10, run_id="early")
    viewed.run(1, sales=15)
    again = viewed.usage(1, run_id="early")
    assert figures(again) == (0, 1, 0)
    viewed.run(2, sales=16)
    assert viewed.counts("sales") == {1: 5, 2: 1}


def test_everything_written_anew_is_told_the_same_count_again(viewed: Viewed) -> None:
    viewed.run(0, sales=10)
    viewed.run(1, sales=15)
    assert figures(viewed.run(1, settings={"rewrite": True})["usage"]) == (1, 0, 0)
    assert viewed.counts("sales") == {1: 5}


def test_a_ledger_from_before_there_was_usage_is_believed_and_gets_the_table(viewed: Viewed) -> None:
    viewed.run(0, sales=10)
    (file,) = (viewed.place.folder / "store").rglob("ledgers/*.sqlite")
    with closing(sqlite3.connect(file)) as db:
        db.execute("DROP TABLE usage")
        db.commit()
    after = viewed.run(1, sales=15)
    assert (after["dashboards"].unchanged, figures(after["usage"])) == (1, (0, 1, 0))
    assert not any("was listed" in note for note in after["plan"].notes)
    viewed.run(2, sales=16)
    assert viewed.counts("sales") == {2: 1}


def test_another_service_under_the_same_name_begins_anew(viewed: Viewed) -> None:
    viewed.run(0, sales=10)
    viewed.place.soft_delete(EntityType.DASHBOARD_SERVICE, "looker", hard=True)
    assert any("counted from now on" in note for note in viewed.run(1, sales=15)["usage"].notes)
    assert viewed.counts("sales") == {}
