"""A check of cron expressions: five fields, or a name such as ``@daily``.

It accepts what every cron knows (``*``, numbers, names of months and days, lists, ranges, steps), and none of the
extensions (``L``, ``#``, ``?``, seconds) in which schedulers differ.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_NAMES = ("@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually")
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_DAYS = {"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
_LONGEST = dict(zip(range(1, 13), (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), strict=True))
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
    chosen = [
        set().union(*(_values(field, item) for item in part.split(",")))
        for field, part in zip(_FIELDS, parts, strict=True)
    ]
    days, months = chosen[2], chosen[3]
    # Cron itself would run on the weekday beside such a date. Dagster refuses the code location, or fails at each tick.
    if all(min(days) > _LONGEST[month] for month in months):
        raise ValueError(f"that date never comes: no month of {parts[3]} has a day {min(days)}")
    return text


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
