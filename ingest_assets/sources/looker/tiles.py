"""From the tiles of a dashboard to charts: each tile's kind, title, and the fields of explores that it shows. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "looker_area": "Area",
        "looker_bar": "Bar",
        "looker_boxplot": "BoxPlot",
        "looker_column": "Bar",
        "looker_donut_multiples": "Pie",
        "looker_geo_choropleth": "Map",
        "looker_geo_coordinates": "Map",
        "looker_google_map": "Map",
        "looker_grid": "Table",
        "looker_histogram": "Histogram",
        "looker_line": "Line",
        "looker_map": "Map",
        "looker_pie": "Pie",
        "looker_scatter": "Scatter",
        "looker_single_record": "Table",
        "looker_timeline": "Timeline",
        "looker_waterfall": "Bar",
        "table": "Table",
        "text": "Text",
    }
)
"""OpenMetadata's word for each of Looker's own visualizations; those that are added to an instance have any name."""

_ADDED = (("gauge", "Gauge"), ("sankey", "SanKey"), ("heatmap", "Heatmap"), ("histogram", "Histogram"), ("map", "Map"))
_REFERENCE = re.compile(r"\$\{([A-Za-z0-9_.]+)\}")
_TEXT = "text"


class Shown(NamedTuple):
    """What one query of a tile shows.

    Attributes:
        model: The model.
        explore: The explore in it.
        fields: Names of the explore's fields, each once.
    """

    model: str
    explore: str
    fields: tuple[str, ...]


class Tile(NamedTuple):
    """A tile.

    Attributes:
        id: Unique in the instance.
        chart_type: OpenMetadata's word.
        kind: Looker's word.
        title: As people see it; may be empty.
        description: What stands beside it.
        shown: What its queries show; several for merged results, none for text.
        url: Address of what it shows, where Looker tells one.
        is_unshown: Whether it shows something that the API user may not see.
    """

    id: str
    chart_type: str
    kind: str
    title: str
    description: str
    shown: tuple[Shown, ...]
    url: str | None = None
    is_unshown: bool = False


def read_tile(element: Any, queries: Iterable[Any], vis_config: Mapping[str, Any] | None) -> Tile:
    """A tile of a dashboard.

    Args:
        element: looker-sdk's ``DashboardElement``.
        queries: All queries that it shows, looker-sdk's ``Query``.
        vis_config: Of the tile as a whole, where that is not its one query's.
    """
    found = list(queries)
    told = vis_config or next((query.vis_config for query in found if query.vis_config), None) or {}
    kind = _TEXT if element.type == _TEXT else str(told.get("type") or element.type or "")
    words = (element.subtitle_text, element.note_text, element.body_text)
    return Tile(
        id=str(element.id),
        chart_type=chart_type(kind),
        kind=kind,
        title=element.title or element.title_text or (element.look.title if element.look is not None else None) or "",
        description="\n\n".join(text.strip() for text in words if text and text.strip()),
        shown=tuple(shown for query in found if (shown := shown_by(query)) is not None),
        url=next((query.share_url for query in found if query.share_url), None),
    )


def chart_type(kind: str) -> str:
    """OpenMetadata's word for a visualization."""
    added = (word for part, word in _ADDED if part in kind.lower())
    return _KINDS.get(kind) or next(added, "Other")


def shown_by(query: Any) -> Shown | None:
    """What a query shows; None for one of no explore, as SQL Runner has them.

    A calculation or a custom field stands for the fields that its expression names.
    """
    if not query.model or not query.view:
        return None
    made = {name: expression for each in _dynamic(query.dynamic_fields) for name, expression in [each]}
    names: dict[str, None] = {}
    for name in filter(None, query.fields or ()):
        names |= dict.fromkeys(_behind(name, made))
    for expression in made.values():
        names |= dict.fromkeys(name for name in expression if name not in made)
    return Shown(query.model, query.view, tuple(names))


def _behind(name: str, made: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """The explore's fields behind a field of a query."""
    waiting, met = [name], set[str]()
    while waiting:
        each = waiting.pop(0)
        if each in made and each not in met:
            met.add(each)
            waiting += made[each]
        elif each not in made:
            yield each


def _dynamic(text: str | None) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Names of the fields that a query makes itself, with those that each is made of."""
    try:
        rows = json.loads(text) if text else []
    except ValueError:
        rows = []
    for row in rows if isinstance(rows, list) else ():
        if not isinstance(row, dict):
            continue
        name = row.get("table_calculation") or row.get("measure") or row.get("dimension")
        if isinstance(name, str):
            based, args = row.get("based_on"), row.get("args")
            named = [based, *(each for each in (args if isinstance(args, list) else ()) if "." in str(each))]
            expression = str(row.get("expression") or "")
            yield name, (*(each for each in named if each and isinstance(each, str)), *_REFERENCE.findall(expression))
