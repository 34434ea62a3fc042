"""The judge itself: a suite that finds nothing must be able to find something."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ingest_assets.errors import UnavailableError
from ingest_assets.ingestion.report import Problem, Report
from ingest_assets_tests.faults.cells import CallSite, Cell
from ingest_assets_tests.faults.judging import Played, Verdict, judge
from ingest_assets_tests.faults.portrait import Key, Portrait, Shown
from ingest_assets_tests.faults.scene import Ran
from ingest_assets_tests.ingestion.runs import Steps

ROOT = "glue.1"
ORDERS, ITEMS, JOBS = (Key(f"{ROOT}.{name}") for name in ("sales.orders", "sales.items", "hr.jobs"))
EDGE = Key(ITEMS.fqn, ORDERS.fqn)
SITE = CallSite("site", "openmetadata", "PUT /v1/tables", costs=("sales.orders",))
CELL = Cell(SITE, "access-denied", lasts=False)


def holds(**words: str | None) -> Portrait:
    """Orders, items, jobs and an edge; None: soft-deleted."""
    texts: dict[str, Any] = {"orders": "new", "items": "new", "jobs": "new", "edge": "new", **words}
    keys = {"orders": ORDERS, "items": ITEMS, "jobs": JOBS, "edge": EDGE}
    return {keys[name]: Shown(text is not None, json.dumps({"description": text})) for name, text in texts.items()}


def ran(*problems: Problem, notes: tuple[str, ...] = ()) -> Ran:
    tables = Report(problems=list(problems), notes=list(notes))
    return Ran(steps=Steps(Report(), Report(), Report(), Report(), tables, Report(), Report()))


GOAL = Played(holds(orders="old"), ran(), holds(), ran(), holds(), False, ROOT)


def verdict_on(after: Portrait, faulty: Ran, end: Portrait | None = None, cell: Cell = CELL, **more: Any) -> Verdict:
    played = Played(
        GOAL.before, faulty, after, more.get("mended", ran()), end or holds(), more.get("struck", True), ROOT
    )
    return judge(cell, played, GOAL)


def test_what_the_fault_costs_and_the_run_tells_is_well() -> None:
    assert verdict_on(holds(orders="old"), ran(Problem(ORDERS.fqn, "write", "denied"))) == Verdict()
    assert verdict_on(holds(orders="old"), ran(notes=(f"{ORDERS.fqn} stays",))) == Verdict()


@pytest.mark.parametrize("named", ["glue / 1 / sales", "glue.1.sales", "glue.1"])
def test_a_scope_that_is_told_covers_what_is_below_it(named: str) -> None:
    assert verdict_on(holds(orders="old"), ran(Problem(named, "list", "throttled"))) == Verdict()


def test_what_is_behind_and_not_told_is_unreported() -> None:
    assert verdict_on(holds(orders="old"), ran()) == Verdict(unreported=[ORDERS.fqn])
    neighbour = ran(Problem(f"{ROOT}.sales.orders_2", "write", "denied"))
    assert verdict_on(holds(orders="old"), neighbour) == Verdict(unreported=[ORDERS.fqn])
    as_always = ran(notes=(f"Others changed {ORDERS.fqn}",))
    clean = GOAL._replace(faulty=as_always)
    played = Played(GOAL.before, as_always, holds(orders="old"), ran(), holds(), True, ROOT)
    assert judge(CELL, played, clean) == Verdict(unreported=[ORDERS.fqn])


def test_what_the_fault_does_not_touch_is_lost_even_if_it_is_told() -> None:
    faulty = ran(Problem(ITEMS.fqn, "write", "also denied"))
    assert verdict_on(holds(items="old"), faulty) == Verdict(lost=[ITEMS.fqn])


def test_an_error_that_ends_the_run_tells_all_and_excuses_nothing() -> None:
    error = Ran(error=UnavailableError("down", where="GET /v1/tables"))
    assert verdict_on(holds(orders="old", jobs="old"), error) == Verdict(lost=[JOBS.fqn])


def test_what_was_live_and_should_be_is_a_wrong_delete() -> None:
    told = ran(Problem(JOBS.fqn, "remove", "gone"), Problem(ITEMS.fqn, "lineage", "gone"))
    assert verdict_on(holds(jobs=None, edge=None), told) == Verdict(wrong_deletes=[JOBS.fqn, str(EDGE)])


def test_what_never_arrives_is_lost_at_the_end() -> None:
    told = ran(Problem(ORDERS.fqn, "write", "denied"))
    assert verdict_on(holds(orders="old"), told, holds(orders="old")) == Verdict(lost=[f"{ORDERS.fqn} at the end"])
    assert verdict_on(holds(), ran(), holds(jobs=None)) == Verdict(wrong_deletes=[f"{JOBS.fqn} at the end"])


def test_what_the_fault_itself_deletes_is_no_wrong_delete_until_the_end() -> None:
    cell = Cell(CallSite("site", "openmetadata", "PATCH /v1/tables", special={"vanish": "hr.jobs"}), "vanish", False)
    told = ran(Problem(JOBS.fqn, "write", "not found"))
    assert verdict_on(holds(jobs=None), told, cell=cell) == Verdict()
    assert verdict_on(holds(jobs=None), told, holds(jobs=None), cell).wrong_deletes == [f"{JOBS.fqn} at the end"]


def test_a_hiccup_that_a_retry_mends_may_cost_nothing() -> None:
    told = ran(Problem(ORDERS.fqn, "write", "failed"))
    assert verdict_on(holds(orders="old"), told, cell=Cell(SITE, "503", lasts=False)) == Verdict(lost=[ORDERS.fqn])
    assert verdict_on(holds(orders="old"), told, cell=Cell(SITE, "503", lasts=True)) == Verdict()


def test_a_fault_that_is_never_met_sums_that_do_not_balance_and_crashes_are_told() -> None:
    assert "never met" in verdict_on(holds(), ran(), struck=False).unreported[0]
    crash = Ran(wrong="KeyError: 'x'")
    assert verdict_on(holds(), crash).unreported == ["KeyError: 'x'"]
    error = Ran(error=UnavailableError("down", where="GET /v1/tables"))
    assert "the next run failed" in verdict_on(holds(), ran(), mended=error).lost[0]


def tagged(*tags: str) -> Portrait:
    """As ``holds``, with labels on the orders."""
    text = json.dumps({"description": "new", "tags": [{"tagFQN": tag} for tag in tags]})
    return {**holds(), ORDERS: Shown(True, text)}


def verdict_on_labels(after: Portrait, *notes: str) -> Verdict:
    goal = GOAL._replace(after=tagged("tier.gold", "pii.none"), end=holds())
    return judge(CELL, Played(GOAL.before, ran(notes=notes), after, ran(), holds(), True, ROOT), goal)


def test_a_label_that_is_missing_is_told_by_its_own_name() -> None:
    assert verdict_on_labels(tagged("pii.none"), "Label tier.gold is left out in 1 places") == Verdict()
    assert verdict_on_labels(tagged("pii.none"), "Label tier.silver is left out").unreported == [ORDERS.fqn]
    assert verdict_on_labels(tagged(), "Label tier.gold is left out").unreported == [ORDERS.fqn]
    also_behind = {
        **tagged("pii.none"),
        ORDERS: Shown(True, '{"description": "old", "tags": [{"tagFQN": "pii.none"}]}'),
    }
    assert verdict_on_labels(also_behind, "Label tier.gold is left out").unreported == [ORDERS.fqn]


def test_a_permission_that_is_named_tells_of_what_the_site_costs_and_of_nothing_else() -> None:
    site = CallSite("site", "glue", "GetTables", costs=("sales.orders",), denied_as="glue:GetTables")
    denied, broken = Cell(site, "access-denied", lasts=False), Cell(site, "500", lasts=False)
    note = ran(notes=("Not shown: glue:GetTables is not granted.",))
    assert verdict_on(holds(orders="old"), note, cell=denied) == Verdict()
    assert verdict_on(holds(orders="old"), note, cell=broken).unreported == [ORDERS.fqn]
    both = verdict_on(holds(orders="old", items="old"), note, cell=denied)
    assert (both.unreported, both.lost) == ([ITEMS.fqn], [ITEMS.fqn])


def test_what_cells_name_by_fqn_is_held_against_fqns() -> None:
    topic = Key("kinesis.orders")
    site = CallSite("site", "kinesis", "ListStreams", costs=("kinesis.*",), vanishing=("firehose.*",))
    before, after = {topic: Shown(True, "{}")}, {topic: Shown(False, "{}")}
    clean = Played(before, ran(), before, ran(), before, False, "")

    def verdict(cell: Cell, *problems: Problem) -> Verdict:
        return judge(cell, Played(before, ran(*problems), after, ran(), before, True, ""), clean)

    told = verdict(Cell(site, "500", lasts=False), Problem("kinesis", "list", "failed"))
    assert (told.wrong_deletes, told.unreported) == ([topic.fqn], [])
    assert verdict(Cell(site, "500", lasts=False), Problem("firehose", "list", "failed")).unreported == [topic.fqn]
    assert Cell(site, "vanish", lasts=False).costs == ("kinesis.*", "firehose.*")
