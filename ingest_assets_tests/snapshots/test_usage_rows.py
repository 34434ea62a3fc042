"""Counts by day of totals: their sum is what was seen to come, on whichever days, in whatever order."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.snapshots.usage_rows import Views

FIRST = date(2026, 2, 27)
TOTALS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 50)), max_size=20)


@given(TOTALS, st.integers(0, 50))
def test_the_counts_of_all_days_are_what_came_after_the_first_total(totals: list[tuple[int, int]], begin: int) -> None:
    views, today, shown, came = Views(begin, 0.0), FIRST, {}, 0
    for moment, (days, total) in enumerate(totals, start=1):
        today += timedelta(days=days)
        came += max(0, total - views.total)
        views = views.after(total, float(moment), today)
        assert views.total == total
        if views.day is not None:
            shown[views.day] = views.counted
    assert sum(shown.values()) == came
    assert all(FIRST <= day <= today for day in shown)


@given(st.integers(0, 50), st.integers(0, 50))
def test_an_older_snapshot_and_the_same_total_change_nothing(known: int, told: int) -> None:
    views = Views(known, 5.0, FIRST, 3)
    assert views.after(told, 4.0, FIRST) == views
    assert views.after(known, 6.0, FIRST + timedelta(days=1)) == views


def test_a_clock_that_runs_behind_adds_to_the_last_day() -> None:
    views = Views(10, 1.0, FIRST, 3)
    assert views.after(14, 2.0, FIRST - timedelta(days=1)) == Views(14, 2.0, FIRST, 7, told=False)
