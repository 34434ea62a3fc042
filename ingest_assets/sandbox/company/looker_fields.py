"""Fields of LookML views, written down as Looker answers them.

They are not read from the LookML, so that neither hides the other's mistakes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from ingest_assets.sandbox.company.looker import Row

LOOKML = Path(__file__).parent / "lookml"
"""The files of the projects."""

_NUMBERS = frozenset({"number", "sum", "average", "count", "count_distinct", "max", "min", "tier"})
_LONG_WORDS = {"id": "ID", "sku": "SKU", "pct": "Pct"}


@dataclass(frozen=True)
class Field:
    """A field of a view.

    Attributes:
        name: Without the view.
        type: As Looker's API has it, e.g. ``date_month`` of a timeframe.
        sql: As written in LookML; what Looker sends is followed by a blank.
        kind: ``dimension``, ``measure``, ``filter`` or ``parameter``.
        block: Name of the LookML block; of a dimension group it is another one than the field's.
        label: Without the view's.
        more: Members of the API that are said besides.
    """

    name: str
    type: str
    sql: str | None
    kind: str = "dimension"
    block: str = ""
    label: str = ""
    more: Row = field(default_factory=dict)


@dataclass(frozen=True)
class View:
    """A view with all its fields, those of refinements and of views that it extends, too.

    Attributes:
        name: In LookML.
        project: Where it is written.
        file: Where in the project.
        table: ``sql_table_name`` as Looker sends it; None for a derived table.
        fields: In the order of Looker's answer.
        blocks: File and view of fields that are written elsewhere, by the name of the block.
        label: What fields' labels begin with.
    """

    name: str
    project: str
    file: str
    table: str | None
    fields: tuple[Field, ...]
    blocks: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    label: str = ""


def dimension(name: str, type_: str, sql: str | None = None, **more: Any) -> Field:
    """A dimension; its SQL is the column of its name when None."""
    return Field(name, type_, sql or f"${{TABLE}}.{name}", label=more.pop("label", ""), more=more)


def measure(name: str, type_: str, sql: str | None = None, **more: Any) -> Field:
    """A measure."""
    return Field(name, type_, sql, "measure", label=more.pop("label", ""), more=more)


def times(name: str, timeframes: str, sql: str, **more: Any) -> tuple[Field, ...]:
    """The fields of a dimension group of type time, one for each timeframe."""
    return tuple(
        Field(
            f"{name}_{frame}",
            f"date_{frame}",
            sql,
            block=name,
            label=f"{_words(name)} {_words(frame)}",
            more={**more, "field_group_label": f"{_words(name)} Date", "field_group_variant": _words(frame)},
        )
        for frame in timeframes.split()
    )


def durations(name: str, intervals: str, start: str, end: str) -> tuple[Field, ...]:
    """The fields of a dimension group of type duration, one for each interval."""
    return tuple(
        Field(
            f"{interval}s_{name}",
            f"duration_{interval}",
            f"date_diff('{interval}', {start}, {end})",
            block=name,
            label=f"{_words(interval)}s {_words(name)}",
            more={"field_group_label": f"Duration {_words(name)}", "field_group_variant": f"{_words(interval)}s"},
        )
        for interval in intervals.split()
    )


def field_row(view: View, alias: str, one: Field, view_label: str) -> Row:
    """A field as ``lookml_model_explore`` gives it.

    Args:
        view: Where it is defined.
        alias: The join's or explore's name of the view.
        one: The field.
        view_label: What the explore calls the view.
    """
    short = one.label or _words(one.name)
    block = one.block or one.name
    path, written_in = view.blocks.get(block, (view.file, view.name))
    is_time = one.type.startswith("date_")
    is_number = one.type in _NUMBERS or one.type.startswith("duration_")
    return {
        "name": f"{alias}.{one.name}",
        "type": one.type,
        "category": one.kind,
        "measure": one.kind == "measure",
        "is_filter": one.kind == "filter",
        "parameter": one.kind == "parameter",
        "dimension_group": f"{alias}.{one.block}" if one.block else None,
        "label": f"{view_label} {short}",
        "label_short": short,
        "view": alias,
        "view_label": view_label,
        "original_view": view.name,
        "scope": alias,
        "sql": None if one.sql is None else f"{one.sql} ",
        "description": "",
        "hidden": False,
        "primary_key": False,
        "align": "right" if is_number else "left",
        "can_filter": True,
        "is_numeric": is_number,
        "is_timeframe": is_time,
        "sortable": True,
        "suggestable": one.type == "string",
        "suggest_dimension": f"{alias}.{one.name}",
        "tags": [],
        "week_start_day": "monday",
        "fiscal_month_offset": 0,
        "dynamic": False,
        "times_used": 0,
        "drill_fields": [],
        "fill_style": "range" if is_time else None,
        "project_name": view.project,
        "source_file": path,
        "source_file_path": f"{view.project}/{path}",
        "lookml_link": link(view.project, path, "view", written_in, block),
        **one.more,
    }


@lru_cache(maxsize=4096)
def link(project: str, path: str, kind: str, name: str, block: str = "") -> str:
    """Where Looker's editor shows a block.

    Args:
        project: LookML project.
        path: File in it.
        kind: ``view`` or ``explore``.
        name: Its name; it may be a refinement of it.
        block: Name of a field's block within it.

    Raises:
        ValueError: The project's LookML has no such block, so that a field written down here would be none.
    """
    text = lookml_file(project, path)
    start = re.search(rf"^{kind}: \+?{name} {{", text, re.MULTILINE)
    if start is None:
        raise ValueError(f"{project}/{path} has no {kind} {name}")
    position = start.start()
    if block:
        words = "dimension|dimension_group|measure|filter|parameter"
        found = re.compile(rf"^  (?:{words}): {block} {{", re.MULTILINE).search(text, position)
        if found is None:
            raise ValueError(f"{project}/{path} has no {block} in {kind} {name}")
        position = found.start()
    line = text.count("\n", 0, position) + 1
    quoted = path.replace("/", "%2F")
    return f"/projects/{project}/files/{quoted}?line={line}"


@lru_cache(maxsize=256)
def lookml_file(project: str, path: str) -> str:
    """The text of a file of a project."""
    return (LOOKML / project / path).read_text(encoding="utf-8")


def changed(fields: tuple[Field, ...], name: str, *, label: str = "", **more: Any) -> tuple[Field, ...]:
    """Fields of which one is said to be otherwise, as a refinement or an extending view does."""
    return tuple(
        replace(one, label=label or one.label, more={**one.more, **more}) if one.name == name else one for one in fields
    )


def _words(name: str) -> str:
    return " ".join(_LONG_WORDS.get(word, word.capitalize()) for word in name.split("_"))
