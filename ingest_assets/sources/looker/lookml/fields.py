"""A view's fields: dimensions, those of dimension groups, measures, filters and parameters."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from ingest_assets.sources.looker.lookml import bodies
from ingest_assets.sources.looker.lookml.merging import EXTENDED
from ingest_assets.sources.looker.lookml.parsing import Body

TIMEFRAMES = (
    *("raw", "time", "time_of_day", "millisecond", "microsecond", "second", "minute", "hour", "hour_of_day"),
    *("date", "day_of_week", "day_of_week_index", "day_of_month", "day_of_year", "week", "week_of_year"),
    *("month", "month_num", "month_name", "quarter", "quarter_of_year", "year"),
)
"""Those of a group that names none."""

INTERVALS = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
"""Those of a duration that names none."""

_SQL_KEYS = ("sql", "sql_start", "sql_end", "sql_latitude", "sql_longitude")
_FIELD_KEYS = ("start_location_field", "end_location_field", "list_field", "based_on")  # name a field, without ${}
_COUNTS_ROWS = frozenset({"count"})


class FieldKind(str, Enum):
    """What a field is."""

    DIMENSION = "dimension"
    MEASURE = "measure"
    FILTER = "filter"
    PARAMETER = "parameter"

    def __str__(self) -> str:
        """LookML's word."""
        return self.value


class Field(NamedTuple):
    """A field, as people pick it in an explore.

    Attributes:
        name: Without the view; of a group with its timeframe, ``created_date``, or interval, ``hours_open``.
        kind: What it is.
        type: In Looker's words: ``string``, ``sum``; of a group ``date_week`` or ``duration_hour``, as its API says.
        sql: Its expressions, with constants filled in and Liquid as written; a duration and a location have two.
        group: The dimension group that it is of; None if it is of none.
        label: None where neither it nor its group has one of its own.
        group_label: Under which label it is shown with others.
        view_label: Under which view's label it is shown.
        description: None where it has none.
        tags: LookML's.
        is_hidden: Whether people don't see it.
        is_primary_key: Whether it is the key of its view.
        default_value: Of a parameter.
        allowed_values: Of a parameter.
    """

    name: str
    kind: FieldKind
    type: str
    sql: tuple[str, ...]
    group: str | None = None
    label: str | None = None
    group_label: str | None = None
    view_label: str | None = None
    description: str | None = None
    tags: tuple[str, ...] = ()
    is_hidden: bool = False
    is_primary_key: bool = False
    default_value: str | None = None
    allowed_values: tuple[str, ...] = ()


def fields_of(view: Body) -> tuple[Field, ...]:
    """The fields of a view's merged body: dimensions with groups, measures, filters, parameters.

    Of two of one name the first counts.
    """
    found: dict[str, Field] = {}
    for field in _fields(view):
        found.setdefault(field.name, field)
    return tuple(found.values())


def _fields(view: Body) -> Iterator[Field]:
    hidden = bodies.is_yes(view, "fields_hidden_by_default")
    for name, body in bodies.named(view, "dimensions"):
        yield _field(name, FieldKind.DIMENSION, body, hidden)
    for name, body in bodies.named(view, "dimension_groups"):
        yield from _group(name, body, hidden)
    for name, body in bodies.named(view, "measures"):
        yield _field(name, FieldKind.MEASURE, body, hidden)
    for name, body in bodies.named(view, "filters"):
        yield _field(name, FieldKind.FILTER, body, hidden)
    for name, body in bodies.named(view, "parameters"):
        yield _field(name, FieldKind.PARAMETER, body, hidden)


def _field(name: str, kind: FieldKind, body: Body, hidden: bool) -> Field:
    kept = bodies.words(body, "hidden")
    type_ = bodies.words(body, "type") or "string"
    return Field(
        name=name,
        kind=kind,
        type=type_,
        sql=_sql(name, kind, type_, body),
        label=bodies.words(body, "label"),
        group_label=bodies.words(body, "group_label"),
        view_label=bodies.words(body, "view_label"),
        description=bodies.words(body, "description"),
        tags=bodies.texts(body, "tags"),
        is_hidden=hidden if kept is None else bodies.is_yes(body, "hidden"),
        is_primary_key=bodies.is_yes(body, "primary_key"),
        default_value=bodies.text(body, "default_value"),
        allowed_values=_allowed_values(body),
    )


def _group(name: str, body: Body, hidden: bool) -> Iterator[Field]:
    whole = _field(name, FieldKind.DIMENSION, body, hidden)
    if (bodies.words(body, "type") or "time") == "duration":
        for interval in bodies.texts(body, "intervals") or INTERVALS:
            yield whole._replace(
                name=f"{interval}s_{name}",
                type=f"duration_{interval}",
                group=name,
                label=whole.label and f"{titled(interval)}s {whole.label}",
                is_primary_key=False,
            )
        return
    for timeframe in bodies.texts(body, "timeframes") or TIMEFRAMES:
        yield whole._replace(
            name=f"{name}_{timeframe}",
            type=f"date_{timeframe}",
            group=name,
            label=whole.label and f"{whole.label} {titled(timeframe)}",
        )


def titled(name: str) -> str:
    """What Looker makes of a name for people: ``order_id`` is ``Order ID`` there, ``day_of_week`` ``Day Of Week``."""
    words = (word for word in name.split("_") if word)
    return " ".join("ID" if word.lower() == "id" else word[:1].upper() + word[1:] for word in words)


def _sql(name: str, kind: FieldKind, type_: str, body: Body) -> tuple[str, ...]:
    written = [text for key in _SQL_KEYS if (text := bodies.words(body, key))]
    written += [f"${{{text}}}" for key in _FIELD_KEYS if (text := bodies.words(body, key))]
    for case in (bodies.block(body, "case"), body):
        written += [text for when in bodies.blocks(case, "whens") if (text := bodies.words(when, "sql"))]
    if written:
        return tuple(text.replace(EXTENDED, f"${{TABLE}}.{name}") for text in written)
    # A filter and a parameter stand for what people type, and a count counts rows.
    if kind in (FieldKind.FILTER, FieldKind.PARAMETER) or (kind is FieldKind.MEASURE and type_ in _COUNTS_ROWS):
        return ()
    return (f"${{TABLE}}.{name}",)


def _allowed_values(body: Body) -> tuple[str, ...]:
    values = (bodies.text(item, "value") for item in bodies.blocks(body, "allowed_values"))
    return tuple(value for value in values if value is not None)
