"""A check of cron expressions: five fields, or a name such as ``@daily``.

It accepts what every cron knows (``*``, numbers, names of months and days, lists, ranges, steps), and none of the
extensions (``L``, ``#``, ``?``, seconds) in which schedulers differ.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

_NAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_DAYS = {"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
_LONGEST = dict(zip(range(1, 13), (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), strict=True))
_MINUTES_OF_A_DAY = 24 * 60
_TWO_WEEKS = 14
# Dates fall on the same weekdays again after 28 years; once more, so that the gap around the turn is among them.
_FIRST_DAY = date(2001, 1, 1).toordinal()
_LEAP_YEARS = date(2057, 1, 1).toordinal() - _FIRST_DAY
_ITEM = re.compile(r"(?P<first>\*|\w+)(?:-(?P<last>\w+))?(?:/(?P<step>\d+))?")


class _Field(NamedTuple):
    name: str
    low: int
    high: int
    words: dict[str, int]


_FIELDS = (
    _Field("minute", 0, 59, {}),
    _Field("hour", 0, 23, {}),
    _Field("day of month", 1, 31, {}),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of week", 0, 7, _DAYS),
)


def check_cron(text: str) -> str:
    """Gives a cron expression back.

    Raises:
        ValueError: It is none; the message names the field.
    """
    if text.startswith("@"):
        if text not in _NAMES:
            raise ValueError(f"expected five cron fields or one of {', '.join(_NAMES)}")
        return text
    parts = text.split()
    if len(parts) != len(_FIELDS):
        raise ValueError(
            f"expected five cron fields (minute, hour, day, month, weekday), such as 0 3 * * *; there are {len(parts)}"
        )
    _, _, days, months, _ = _chosen(parts)
    # Cron itself would run on the weekday beside such a date. Dagster refuses the code location, or fails at each tick.
    if all(min(days) > _LONGEST[month] for month in months):
        raise ValueError(f"that date never comes: no month of {parts[3]} has a day {min(days)}")
    return text


def longest_gap(text: str) -> timedelta:
    """The longest time from one tick to the next, by a clock that is never put forward or back.

    Args:
        text: An expression that ``check_cron`` gave back.
    """
    parts = _NAMES.get(text, text).split()
    minutes, hours, *_ = _chosen(parts)
    times = sorted(60 * hour + minute for hour in hours for minute in minutes)
    within = max((later - earlier for earlier, later in pairwise(times)), default=0)
    between = max(later - earlier for earlier, later in pairwise(_days(parts)))
    over_night = between * _MINUTES_OF_A_DAY - times[-1] + times[0]
    return timedelta(minutes=max(within, over_night))


def _days(parts: list[str]) -> Iterator[int]:
    """The days on which there are ticks, as far as it takes until they repeat, each by its number."""
    _, _, days, months, weekdays = _chosen(parts)
    # As cron does it: where both say something, either of them is enough.
    either = not parts[2].startswith("*") and not parts[4].startswith("*")
    every_month = len(days) == _FIELDS[2].high and len(months) == _FIELDS[3].high
    last = _FIRST_DAY + (_TWO_WEEKS if every_month and not either else _LEAP_YEARS)
    for number in range(_FIRST_DAY, last + 1):
        day = date.fromordinal(number)
        if day.month in months:
            on_date, on_weekday = day.day in days, bool({day.isoweekday(), day.isoweekday() % 7} & weekdays)
            if (on_date or on_weekday) if either else (on_date and on_weekday):
                yield number


def _chosen(parts: list[str]) -> list[set[int]]:
    """The values of each field."""
    return [
        set().union(*(_values(field, item) for item in part.split(",")))
        for field, part in zip(_FIELDS, parts, strict=True)
    ]


def _values(field: _Field, item: str) -> set[int]:
    match = _ITEM.fullmatch(item)
    if match is None or (match["first"] == "*" and match["last"]):
        raise ValueError(f"the cron field {field.name} can't be {item!r}")
    first = field.low if match["first"] == "*" else _number(field, match["first"])
    last = _number(field, match["last"]) if match["last"] else first
    if last < first:
        raise ValueError(f"the cron field {field.name} counts backwards in {item!r}")
    if match["step"] is not None and not 1 <= int(match["step"]) <= field.high:
        raise ValueError(f"the cron field {field.name} has a step that is out of range in {item!r}")
    end = field.high if match["first"] == "*" or (match["step"] and not match["last"]) else last
    return set(range(first, end + 1, int(match["step"] or 1)))


def _number(field: _Field, word: str) -> int:
    number = field.words.get(word.lower(), int(word) if word.isdecimal() else -1)
    if not field.low <= number <= field.high:
        raise ValueError(f"the cron field {field.name} goes from {field.low} to {field.high}; got {word!r}")
    return number
