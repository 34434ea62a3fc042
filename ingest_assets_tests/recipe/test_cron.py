from datetime import timedelta
from itertools import islice, pairwise

import pytest
from dagster._utils.schedules import cron_string_iterator, is_valid_cron_string
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.recipe.cron import check_cron, longest_gap

numbers = st.integers(0, 60).map(str)
items = st.builds(
    lambda first, last, step: first + (f"-{last}" if last else "") + (f"/{step}" if step else ""),
    numbers | st.sampled_from(["*", "mon", "jan", "SUN", "dec"]),
    st.none() | numbers,
    st.none() | numbers,
)
fields = st.lists(items, min_size=1, max_size=2).map(",".join)


@pytest.mark.parametrize(
    "text", ["0 3 * * *", "*/5 * * * *", "0 0 1 jan mon-fri", "15,45 8-18/2 * * 7", "@daily", "@hourly", "0  3 * * *"]
)
def test_what_every_cron_knows_is_accepted(text: str) -> None:
    assert check_cron(text) == text
    assert is_valid_cron_string(text)


@given(
    st.tuples(
        st.sampled_from(["*", "1", "29", "30", "31", "030", "30,31", "31,28", "29-31/2", "31/3", "*/31"]),
        st.sampled_from(["*", "2", "FEB", "02", "2,2", "2-2", "2/12", "2,4", "4,6,9,11", "9/2", "*/12"]),
        st.sampled_from(["*", "mon", "*/2", "0-7", "7", "sat-7", "6/1"]),
    )
)
def test_whatever_is_accepted_comes_in_dagster(date: tuple[str, str, str]) -> None:
    text = " ".join(("0", "3", *date))
    try:
        check_cron(text)
    except ValueError:
        return
    assert is_valid_cron_string(text), text
    ticks = cron_string_iterator(1_700_000_000, text, "Europe/Berlin")
    assert next(ticks) < next(ticks)


@given(st.lists(fields, min_size=5, max_size=5).map(" ".join))
def test_what_is_accepted_dagster_accepts_too(text: str) -> None:
    try:
        check_cron(text)
    except ValueError:
        return
    assert is_valid_cron_string(text), text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0 3 * *", "expected five cron fields .* there are 4"),
        ("nightly", "expected five cron fields"),
        ("60 3 * * *", "minute goes from 0 to 59; got '60'"),
        ("0 24 * * *", "hour goes from 0 to 23"),
        ("0 0 0 * *", "day of month goes from 1 to 31"),
        ("0 0 * foo *", "month goes from 1 to 12; got 'foo'"),
        ("0 0 * * 5-1", "day of week counts backwards"),
        ("*/0 * * * *", "minute has a step"),
        ("*-3 * * * *", "minute can't be"),
        ("0 0 L * *", "day of month goes"),
        ("0 0 * * mon#1", "day of week can't be"),
        ("@reboot", "@hourly, @daily"),
    ],
)
def test_what_is_no_schedule_is_refused_with_its_field(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_cron(text)


@pytest.mark.parametrize("text", ["0 3 31 2 *", "0 3 30 feb *", "0 3 31 2,4,6 *", "0 0 31 9/2 */1", "0 3 31 2 mon"])
def test_a_date_that_never_comes_is_refused_even_beside_a_weekday(text: str) -> None:
    with pytest.raises(ValueError, match=r"never comes: no month of \S+ has a day 3"):
        check_cron(text)


@pytest.mark.parametrize("text", ["0 3 29 2 *", "0 3 31 1,2 *", "0 3 */31 2 *", "0 3 28-31 2 mon"])
def test_a_date_that_comes_is_accepted(text: str) -> None:
    assert check_cron(text) == text


@pytest.mark.parametrize(
    ("text", "gap"),
    [
        ("*/5 * * * *", timedelta(minutes=5)),
        ("@hourly", timedelta(hours=1)),
        ("0 3 * * *", timedelta(days=1)),
        ("0 9-17 * * 1-5", timedelta(days=2, hours=16)),
        ("@weekly", timedelta(days=7)),
        ("0 0 31 * *", timedelta(days=61)),
        ("30 4 13 * 5", timedelta(days=7)),
        ("0 0 29 2 *", timedelta(days=1461)),
    ],
)
def test_the_longest_gap_is_that_of_the_ticks(text: str, gap: timedelta) -> None:
    assert longest_gap(text) == gap


@given(st.lists(fields, min_size=5, max_size=5).map(" ".join))
def test_no_two_ticks_of_dagster_lie_farther_apart_than_the_longest_gap(text: str) -> None:
    try:
        check_cron(text)
    except ValueError:
        return
    ticks = list(islice(cron_string_iterator(1_700_000_000, text, "UTC"), 20))
    assert max(later - earlier for earlier, later in pairwise(ticks)) <= longest_gap(text)
