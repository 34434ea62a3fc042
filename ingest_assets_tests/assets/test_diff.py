"""Plans as Dagster's page shows them."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.assets.diff import INLINE, NOTHING, diff, diff_lines
from ingest_assets.ingestion.report import Change, Report

STALE = Change("stale", "table", "lake.db.sales.gone", "the source no longer has it")
UPDATE = Change("update", "table", "lake.db.sales.orders", "changed: columns.amount.description, description")
CREATE = Change("create", "databaseSchema", "lake.db.hr", "not on the server")
EDGE = Change("drop", "edge", "lake.db.sales.orders -> lake.db.sales.gone", "")


def test_a_plan_reads_like_a_diff() -> None:
    report = Report(updated=1, created=1, stale=1, changes=[STALE, UPDATE, CREATE])
    assert diff_lines(diff(report)) == [
        "- table           lake.db.sales.gone",
        "      the source no longer has it",
        "~ table           lake.db.sales.orders",
        "      changed: columns.amount.description, description",
        "+ databaseSchema  lake.db.hr",
    ]


def test_above_it_stands_how_much_of_each_type_with_the_columns_that_say_something() -> None:
    planned = {"table": {"create": 2, "unchanged": 60}, "chart": {}, "edge": {"drop": 1}}
    text = diff(Report(created=2, changes=[CREATE], planned=planned))
    table, _, _ = text.partition("\n\n")
    assert table.splitlines() == [
        "| type | + new | - gone | unchanged |",
        "|---|--:|--:|--:|",
        "| table | 2 | 0 | 60 |",
        "| edge | 0 | 1 | 0 |",
    ]


def test_a_long_plan_is_cut_and_says_by_how_much() -> None:
    many = [replace(CREATE, fqn=f"lake.db.s{number}") for number in range(50)]
    report = Report(created=100, changes=many, planned={"edge": {"create": 7}})
    text = diff(report, INLINE)
    assert len(text) <= INLINE
    lines = diff_lines(text)
    assert 20 < len(lines) < 50
    assert lines[-1] == f"  and {107 - len(lines) + 1} more"
    assert diff_lines(diff(report))[-1] == "  and 57 more"


def test_a_service_counts_though_no_sum_of_the_report_holds_it() -> None:
    service = Change("create", "databaseService", "lake", "not on the server")
    assert diff_lines(diff(Report(created=1, changes=[service, CREATE]))) == [
        "+ databaseService  lake",
        "+ databaseSchema   lake.db.hr",
    ]


def test_nothing_to_change_is_said() -> None:
    assert diff(Report(unchanged=3)) == NOTHING
    assert diff_lines(diff(Report(unchanged=3))) == []
    assert diff(Report(created=3)) != NOTHING


@given(st.text(), st.text())
def test_no_name_and_no_reason_can_end_the_block_or_forge_a_line(fqn: str, why: str) -> None:
    lines = diff_lines(diff(Report(updated=1, changes=[Change("update", "table", fqn, why)])))
    assert lines[0].startswith("~ table")
    assert all(line.startswith("      ") for line in lines[1:])


def test_what_goes_through_a_run_of_edges_is_shown() -> None:
    assert diff_lines(diff(Report(removed=1, changes=[EDGE]))) == ["- edge  lake.db.sales.orders -> lake.db.sales.gone"]
