"""Cron expressions that say the same as one of Airflow's intervals."""

from __future__ import annotations

import datetime as dt

_MINUTE, _HOUR, _DAY, _WEEK = 60, 3600, 86_400, 604_800


def cron_of(interval: dt.timedelta, time: dt.time | None = None, weekday: int | None = None) -> str | None:
    """The cron expression of an interval that begins at a time of the day; None where none says the same.

    Airflow counts intervals from ``start_date``. Cron begins anew with each hour or day, so only what divides these
    evenly is the same: every 45 minutes is not.

    Args:
        interval: From one run to the next.
        time: When it begins; midnight, if nothing is known.
        weekday: On which day a week begins, Monday being 0; Sunday, if nothing is known.
    """
    seconds = interval.total_seconds()
    start = time or dt.time()
    minute, hour = start.minute, start.hour
    if seconds == _WEEK:
        return f"{minute} {hour} * * {0 if weekday is None else (weekday + 1) % 7}"
    if seconds == _DAY:
        return f"{minute} {hour} * * *"
    if seconds >= _HOUR and seconds % _HOUR == 0 and _DAY % seconds == 0:
        return f"{minute} {_each(int(seconds) // _HOUR, hour, 24)} * * *"
    if seconds >= _MINUTE and seconds % _MINUTE == 0 and _HOUR % seconds == 0:
        return f"{_each(int(seconds) // _MINUTE, minute, 60)} * * * *"
    return None


def _each(step: int, first: int, end: int) -> str:
    if step == 1:
        return "*"
    if first % step == 0:
        return f"*/{step}"
    return ",".join(str(number) for number in range(first % step, end, step))
