"""The calls of DAG files whose results are plain to read: dates, intervals, variables, paths."""

from __future__ import annotations

import datetime as dt
import re
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from ingest_assets.recipe.airflow.values import (
    Call,
    Config,
    Imported,
    Moment,
    Table,
    Timetable,
    Unknown,
    Value,
    Zone,
    zone_of,
)
from ingest_assets.recipe.variables import parse_template

_RUN_TIME = "only known when the DAG runs"
LONGEST = 1 << 20
"""Characters that a text of a DAG file may have."""

MOST = 10_000
"""Items that a list of a DAG file may have."""

CHANGING = frozenset(
    {"update", "append", "extend", "insert", "remove", "pop", "setdefault", "clear", "sort", "reverse"}
)
"""Methods that change what they belong to."""

_INTERVAL = ("days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks")
_MOMENT = ("year", "month", "day", "hour", "minute", "second", "microsecond")
# Which argument of a timetable holds its schedule, and under which names.
_TIMETABLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "CronDataIntervalTimetable": ("cron",),
        "CronTriggerTimetable": ("cron",),
        "DeltaDataIntervalTimetable": ("delta",),
        "DeltaTriggerTimetable": ("delta",),
    }
)


def result_of(call: Call) -> Value:
    """What a call gives, as far as it can be known."""
    reader = _METHODS.get(call.method) if call.method else _reader_of(call.target)
    changes_config = isinstance(call.target, Config) and call.method in CHANGING
    if reader is None or changes_config:
        return _forgotten(call)
    unknown = call.unknown() if call.method not in CHANGING else None
    if unknown is not None:
        return unknown
    try:
        return reader(call)
    except (TypeError, ValueError, OverflowError, IndexError) as error:
        return Unknown(f"refused by Python ({error})", call.line)


def _forgotten(call: Call) -> Unknown:
    """A result that can't be known, nor what the call has changed."""
    unknown = Unknown(_RUN_TIME, call.line)
    if call.method in CHANGING:
        if isinstance(call.target, Config):
            call.target.held = Unknown("changed in place", call.line)
        elif isinstance(call.target, Table):
            call.target.put("**", unknown, call.line)
        elif isinstance(call.target, list):
            call.target[:] = [unknown]
    return unknown


def variable(name: Value, default: Value, line: int) -> Value:
    """A variable of Airflow or of the environment as a recipe refers to it."""
    if not isinstance(name, str) or not (default is None or isinstance(default, str)):
        return Unknown(_RUN_TIME, line)
    word = re.sub(r"\W", "_", name, flags=re.ASCII)
    word = f"_{word}" if word[:1].isdigit() or not word else word
    text = f"${{{word}}}" if default is None else f"${{{word}:-{default}}}"
    # A recipe has no way to write a } into a default: the first one would end it, and the rest be added to any value.
    is_whole = [str(part) for part in parse_template(text).parts] == [f"${{{word}}}"]
    return text if is_whole else Unknown("a variable with a default that no recipe can hold", line)


def _reader_of(target: Value) -> Callable[[Call], Value] | None:
    if not isinstance(target, Imported):
        return None
    parts = target.name.split(".")
    return _FUNCTIONS.get(".".join(parts[-2:])) or _FUNCTIONS.get(parts[-1])


def _number(value: Value) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("expected a number")
    return value


def _interval(call: Call) -> Value:
    given = dict(zip(_INTERVAL, call.positional, strict=False))
    given |= {name: argument.value for name, argument in call.keywords.items()}
    return dt.timedelta(**{name: _number(value) for name, value in given.items()})


def _moment(call: Call) -> Value:
    given = dict(zip(_MOMENT, call.positional, strict=False))
    given |= {name: argument.value for name, argument in call.keywords.items() if name in _MOMENT}
    numbers = {name: int(_number(value)) for name, value in given.items()}
    day = dt.date(numbers.get("year", 0), numbers.get("month", 0), numbers.get("day", 0))
    time = dt.time(numbers.get("hour", 0), numbers.get("minute", 0), numbers.get("second", 0))
    zone = call.get(len(_MOMENT), "tzinfo", "tz", "timezone")
    if zone is None or zone_of(zone) is not None:
        return Moment(time, day.weekday(), zone_of(zone))
    return Unknown("a time zone that can't be read", call.line)


def _now(call: Call) -> Value:
    return Moment(None, zone=zone_of(call.get(0, "tz", "timezone")))


def _today(call: Call) -> Value:
    return Moment(dt.time(), zone=zone_of(call.get(0, "tz", "timezone")))


def _days_ago(call: Call) -> Value:
    hour, minute = (int(_number(call.get(place, name, default=0))) for place, name in ((1, "hour"), (2, "minute")))
    return Moment(dt.time(hour, minute))


def _zone(call: Call) -> Value:
    name = call.get(0, "name", "key", "zone")
    return Zone(name) if isinstance(name, str) else Unknown("a time zone that can't be read", call.line)


def _timetable(call: Call) -> Value:
    target = call.target
    name = target.name.split(".")[-1] if isinstance(target, Imported) else ""
    schedule = call.get(0, *_TIMETABLES[name])
    zone = zone_of(call.get(1, "timezone")) if _TIMETABLES[name] == ("cron",) else None
    if isinstance(schedule, str | dt.timedelta):
        return Timetable(schedule, zone)
    return Unknown("a timetable that can't be read", call.line)


def _airflow_variable(call: Call) -> Value:
    if "deserialize_json" in call.keywords:
        return Unknown("a variable that holds JSON", call.line)
    return variable(call.get(0, "key"), call.get(1, "default_var", "default"), call.line)


def _environment_variable(call: Call) -> Value:
    return variable(call.get(0, "key"), call.get(1, "default"), call.line)


def _path(call: Call) -> Value:
    parts = [part for part in call.positional if isinstance(part, str | Path)]
    if len(parts) != len(call.positional):
        raise TypeError("expected a path")
    return Path(*parts)


def _folder(call: Call) -> Value:
    (path,) = call.positional
    return Path(str(path)).parent


def _parsed(call: Call) -> Value:
    held = call.get(0, "stream", "s", "fp")
    if isinstance(held, Config):
        return held
    return Config(held, call.line) if isinstance(held, str | Path) else Unknown(_RUN_TIME, call.line)


def _loaded_file(call: Call) -> Value:
    held = call.get(0, "config_file", "file")
    return Config(Path(str(held)), call.line) if isinstance(held, str | Path) else Unknown(_RUN_TIME, call.line)


def _opened(call: Call) -> Value:
    name = call.target if isinstance(call.target, Path) else call.get(0, "file")
    return Path(str(name)) if isinstance(name, str | Path) else Unknown(_RUN_TIME, call.line)


def _table(call: Call) -> Value:
    table = Table()
    for given in call.positional:
        if not isinstance(given, Table):
            return Unknown(_RUN_TIME, call.line)
        table.take_all(given)
    for name, argument in call.keywords.items():
        table.put(name, argument.value, argument.line)
    return table


def _text(call: Call) -> Value:
    (value,) = call.positional
    return value if isinstance(value, str | Path) else Unknown(_RUN_TIME, call.line)


def _dedented(call: Call) -> Value:
    (text,) = call.positional
    return textwrap.dedent(text) if isinstance(text, str) else Unknown(_RUN_TIME, call.line)


_FUNCTIONS: Mapping[str, Callable[[Call], Value]] = MappingProxyType(
    {
        "timedelta": _interval,
        "duration": _interval,
        "datetime": _moment,
        "datetime.now": _now,
        "datetime.utcnow": _now,
        "datetime.today": _now,
        "timezone.utcnow": _now,
        "pendulum.now": _now,
        "pendulum.today": _today,
        "pendulum.yesterday": _today,
        "days_ago": _days_ago,
        "pendulum.timezone": _zone,
        "pendulum.Timezone": _zone,
        "pytz.timezone": _zone,
        "tz.gettz": _zone,
        "ZoneInfo": _zone,
        **dict.fromkeys(_TIMETABLES, _timetable),
        "Variable.get": _airflow_variable,
        "os.getenv": _environment_variable,
        "environ.get": _environment_variable,
        "Path": _path,
        "PurePath": _path,
        "path.join": _path,
        "path.dirname": _folder,
        "path.abspath": _path,
        "path.realpath": _path,
        "open": _opened,
        "yaml.safe_load": _parsed,
        "yaml.full_load": _parsed,
        "yaml.load": _parsed,
        "json.loads": _parsed,
        "json.load": _parsed,
        "load_config_file": _loaded_file,
        "dict": _table,
        "str": _text,
        "dedent": _dedented,
    }
)


def _copied(call: Call) -> Value:
    if isinstance(call.target, Table):
        table = Table()
        table.take_all(call.target)
        return table
    return Unknown(_RUN_TIME, call.line)


def _got(call: Call) -> Value:
    if not isinstance(call.target, Table):
        return Unknown(_RUN_TIME, call.line)
    return _held(call.target, call)


def _updated(call: Call) -> Value:
    if isinstance(call.target, Table):
        more = _table(call)
        if isinstance(more, Table):
            call.target.take_all(more)
            return None
    return _forgotten(call)


def _popped(call: Call) -> Value:
    if not isinstance(call.target, Table):
        return _forgotten(call)
    value = _held(call.target, call)
    call.target.pop(call.positional[0], None)
    return value


def _held(table: Table, call: Call) -> Value:
    key = call.positional[0]
    if key not in table and "**" in table:
        return Unknown(_RUN_TIME, call.line)  # What can't be read of the table may hold it.
    return table.get(key, call.get(1))


def _items(call: Call) -> Value:
    return list(call.target.items()) if isinstance(call.target, Table) else Unknown(_RUN_TIME, call.line)


def _appended(call: Call) -> Value:
    if isinstance(call.target, list) and len(call.target) < MOST:
        call.target.append(*call.positional)
        return None
    return _forgotten(call)


def _stripped(call: Call) -> Value:
    if not isinstance(call.target, str) or call.positional:
        return Unknown(_RUN_TIME, call.line)
    return {"strip": str.strip, "lstrip": str.lstrip, "rstrip": str.rstrip}[call.method](call.target)


def _same(call: Call) -> Value:
    return call.target if isinstance(call.target, Path) else Unknown(_RUN_TIME, call.line)


def _moved(call: Call) -> Value:
    target = call.target
    return Moment(None, zone=target.zone) if isinstance(target, Moment) else Unknown(_RUN_TIME, call.line)


def _read(call: Call) -> Value:
    return Config(call.target, call.line) if isinstance(call.target, Path) else Unknown(_RUN_TIME, call.line)


_METHODS: Mapping[str, Callable[[Call], Value]] = MappingProxyType(
    {
        "copy": _copied,
        "get": _got,
        "update": _updated,
        "pop": _popped,
        "items": _items,
        "append": _appended,
        "strip": _stripped,
        "lstrip": _stripped,
        "rstrip": _stripped,
        "resolve": _same,
        "absolute": _same,
        "as_posix": _same,
        "open": _opened,
        "read": _read,
        "read_text": _read,
        "add": _moved,
        "subtract": _moved,
        "replace": _moved,
    }
)
