"""Types of Looker's fields in OpenMetadata's words: of LookML's and of those that its API tells.

A timeframe of a dimension group is ``date_week`` or the like in both. What a timeframe cuts a time down to stays a date
or a time; what it takes out of one, such as the day of the week, is a number or a text.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_NUMBERS = (
    "number int sum average count min max median percentile percent_of_previous percent_of_total running_total"
    " sum_distinct average_distinct count_distinct median_distinct percentile_distinct period_over_period"
    " distance duration"
)
_TEXTS = "string zipcode unquoted"
_WHOLE_NUMBERS = (
    "day_of_month day_of_year day_of_week_index hour_of_day week_of_year month_num fiscal_month_num minute_of_hour"
)
_NAMES = "day_of_week month_name quarter_of_year fiscal_quarter_of_year"
_DAYS = "date week month quarter fiscal_quarter"
_TIMES = "time second minute hour millisecond microsecond raw"
_YEARS = "year fiscal_year"
_TIMEFRAME = "date_"
_INTERVAL = "duration_"
_UNKNOWN = "UNKNOWN"
_EVERY_FEW = re.compile(r"(hour|minute|second|millisecond)\d+")

_TYPES = {
    **dict.fromkeys(_NUMBERS.split(), "NUMBER"),
    **dict.fromkeys(_TEXTS.split(), "STRING"),
    "yesno": "BOOLEAN",
    "date": "DATE",
    "time": "DATETIME",
    "date_time": "DATETIME",
    "tier": "ENUM",
    "bin": "ENUM",
    "list": "ARRAY",
    "location": "GEOGRAPHY",
}
_TIMEFRAMES = {
    **dict.fromkeys(_WHOLE_NUMBERS.split(), "INT"),
    **dict.fromkeys(_NAMES.split(), "STRING"),
    **dict.fromkeys(_DAYS.split(), "DATE"),
    **dict.fromkeys(_TIMES.split(), "DATETIME"),
    **dict.fromkeys(_YEARS.split(), "YEAR"),
    "time_of_day": "TIME",
    "yesno": "BOOLEAN",
}


class FieldType(NamedTuple):
    """The type of a column that is a field.

    Attributes:
        data_type: OpenMetadata's word; ``UNKNOWN`` where it has none, as for a type that is newer than this.
        display: Looker's word.
        array_data_type: Of a list: the data type of its items.
    """

    data_type: str
    display: str
    array_data_type: str | None = None


def field_type(word: str) -> FieldType:
    """The type of a field.

    Args:
        word: Looker's, e.g. ``count_distinct``, or ``date_week`` of a timeframe.
    """
    data_type = _TYPES.get(word)
    if data_type is None and word.startswith(_INTERVAL):
        data_type = "NUMBER"
    elif data_type is None and word.startswith(_TIMEFRAME):
        timeframe = _EVERY_FEW.sub(r"\1", word.removeprefix(_TIMEFRAME))
        data_type = _TIMEFRAMES.get(timeframe)
    return FieldType(data_type or _UNKNOWN, word, "STRING" if data_type == "ARRAY" else None)
