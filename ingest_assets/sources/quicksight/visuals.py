"""From a definition to charts: each visual's kind, title and the columns that it shows. Pure functions."""

from __future__ import annotations

import html
import re
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from ingest_assets.errors import InvalidAnswerError
from ingest_assets.sources.quicksight.board_shapes import CalculatedField, Definition, SheetDefinition
from ingest_assets.sources.quicksight.expressions import mentions

_KINDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "BarChartVisual": ("Bar", "Bar chart"),
        "BoxPlotVisual": ("BoxPlot", "Box plot"),
        "ComboChartVisual": ("Bar", "Combo chart"),
        "CustomContentVisual": ("Other", "Custom content"),
        "EmptyVisual": ("Other", "Empty visual"),
        "FilledMapVisual": ("Map", "Filled map"),
        "FunnelChartVisual": ("Other", "Funnel chart"),
        "GaugeChartVisual": ("Gauge", "Gauge"),
        "GeospatialMapVisual": ("Map", "Points on a map"),
        "HeatMapVisual": ("Heatmap", "Heat map"),
        "HistogramVisual": ("Histogram", "Histogram"),
        "InsightVisual": ("Text", "Insight"),
        "KPIVisual": ("Other", "KPI"),
        "LayerMapVisual": ("Map", "Map of layers"),
        "LineChartVisual": ("Line", "Line chart"),
        "PieChartVisual": ("Pie", "Pie chart"),
        "PivotTableVisual": ("Table", "Pivot table"),
        "PluginVisual": ("Other", "Plugin visual"),
        "RadarChartVisual": ("Other", "Radar chart"),
        "SankeyDiagramVisual": ("SanKey", "Sankey diagram"),
        "ScatterPlotVisual": ("Scatter", "Scatter plot"),
        "TableVisual": ("Table", "Table"),
        "TreeMapVisual": ("Other", "Tree map"),
        "WaterfallVisual": ("Bar", "Waterfall chart"),
        "WordCloudVisual": ("Other", "Word cloud"),
    }
)
"""OpenMetadata's word for each kind of visual, and QuickSight's own name of it."""

_AREAS = frozenset({"AREA", "STACKED_AREA"})
_BREAK = re.compile(r"<(?:br|/?(?:block|li|ol|p|ul|visual-title|visual-subtitle))\b[^<>]*>")
_MARKUP = re.compile(r"<[^<>]*>")  # such as that of bold letters within a word
_MOST_STEPS = 1_000  # calculated fields behind one field

_Field = tuple[str, str]  # identifier of a data set, and a column


class Visual(NamedTuple):
    """A visual of a sheet.

    Attributes:
        id: Unique within its dashboard.
        chart_type: OpenMetadata's word.
        kind: QuickSight's name of its kind.
        title: As people see it; empty where QuickSight makes one up of its fields.
        subtitle: As people see it.
        sheet_id: The sheet that it is on.
        sheet: Name of the sheet.
        columns: The columns that it shows: ARN of the data set, and the name there; each once.
    """

    id: str
    chart_type: str
    kind: str
    title: str
    subtitle: str
    sheet_id: str
    sheet: str
    columns: tuple[tuple[str, str], ...] = ()


def visuals_of(definition: Definition, *, where: str) -> list[Visual]:
    """All visuals of a definition, sheet by sheet, each id once.

    A visual without a kind is of one that botocore does not know, and is left out.

    Args:
        definition: Of a dashboard or an analysis.
        where: Names it in errors.

    Raises:
        InvalidAnswerError: A visual has no id.
    """
    arns = {each.identifier: each.data_set_arn for each in definition.data_set_identifier_declarations}
    fields = _Fields(arns, definition.calculated_fields)
    found: dict[str, Visual] = {}
    for sheet in definition.sheets:
        for name, content in (item for visual in sheet.visuals for item in visual.items()):
            visual = _visual(name, content, sheet, fields, where)
            found.setdefault(visual.id, visual)
    return list(found.values())


def _visual(name: str, content: dict[str, Any], sheet: SheetDefinition, fields: _Fields, where: str) -> Visual:
    visual_id = content.get("VisualId")
    if not isinstance(visual_id, str) or not visual_id:
        raise InvalidAnswerError(f"A {name} has no VisualId.", where=where)
    # AWS adds kinds every year.
    chart_type, kind = _KINDS.get(name, ("Other", name.removesuffix("Visual") or name))
    configuration = content.get("ChartConfiguration") or content.get("InsightConfiguration") or {}
    if name == "LineChartVisual" and configuration.get("Type") in _AREAS:
        chart_type, kind = "Area", "Area chart"
    return Visual(
        visual_id,
        chart_type,
        kind,
        _text(content.get("Title")),
        _text(content.get("Subtitle")),
        sheet.sheet_id,
        sheet.name or sheet.title or "",
        # Two identifiers may be one data set's.
        tuple(dict.fromkeys(fields.columns(_shown(content, configuration)))),
    )


def _shown(content: dict[str, Any], configuration: dict[str, Any]) -> Any:
    """Where a visual's fields are: field wells, the layers of a map, the computations of an insight."""
    wells = [configuration.get(each) for each in ("FieldWells", "MapLayers", "LayerMapFieldWells", "Computations")]
    return [each for each in wells if each] or [content.get("DataSetIdentifier")]


def _text(label: object) -> str:
    """A title's words, without the markup of rich text."""
    words = label.get("FormatText") if isinstance(label, dict) else None
    if not isinstance(words, dict):
        return ""
    plain, rich = words.get("PlainText"), words.get("RichText")
    shown = html.unescape(_MARKUP.sub("", _BREAK.sub(" ", str(rich or "")))).split()
    return " ".join(shown or str(plain or "").split())


class _Fields:
    """The columns of data sets behind the fields of a definition, calculated ones followed to what they are made of."""

    def __init__(self, arns: Mapping[str, str], calculated: list[CalculatedField]) -> None:
        self._arns = arns
        self._calculated = {(each.data_set_identifier or "", each.name): each.expression for each in calculated}
        self._known: dict[_Field, tuple[str, ...]] = {}

    def columns(self, wells: object) -> Iterator[tuple[str, str]]:
        # Hundreds of calculated fields may use each other, and stand behind each of hundreds of visuals.
        waiting = deque(dict.fromkeys(_fields_in(wells)))
        waiting += self._in_expressions(wells, {identifier for identifier, _ in waiting} or set(self._arns))
        met = set[_Field]()
        while waiting and len(met) < _MOST_STEPS:
            field = waiting.popleft()
            if field in met:
                continue
            met.add(field)
            identifier, name = field
            key = field if field in self._calculated else ("", name)
            if key in self._calculated:
                waiting += [each for column in self._mentioned(key) if (each := (identifier, column)) not in met]
            elif identifier in self._arns:
                yield self._arns[identifier], name

    def _mentioned(self, key: _Field) -> tuple[str, ...]:
        """Columns that a calculated field mentions, each once; of all visuals it is read once."""
        if key not in self._known:
            self._known[key] = tuple(dict.fromkeys(_columns_in(self._calculated[key])))
        return self._known[key]

    def _in_expressions(self, wells: object, identifiers: Collection[str]) -> list[_Field]:
        """Columns of measures that are written down right in the visual, where it can be told of which data set."""
        if len(identifiers) != 1:
            return []
        (identifier,) = identifiers
        return [(identifier, column) for text in _expressions_in(wells) for column in _columns_in(text)]


def _columns_in(expression: str) -> Iterator[str]:
    """Columns that an expression mentions; a bare word of the language is taken for just that."""
    return (each.name for each in mentions(expression) if not each.is_keyword)


def _expressions_in(node: object) -> Iterator[str]:
    """The expression of each calculated measure somewhere below."""
    if isinstance(node, list):
        for each in node:
            yield from _expressions_in(each)
    elif isinstance(node, dict):
        if isinstance(node.get("FieldId"), str) and isinstance(node.get("Expression"), str):
            yield node["Expression"]
        for each in node.values():
            yield from _expressions_in(each)


def _fields_in(node: object) -> Iterator[_Field]:
    """Each column that is named somewhere below, in the order in which it is."""
    if isinstance(node, list):
        for each in node:
            yield from _fields_in(each)
    elif isinstance(node, dict):
        identifier, name = node.get("DataSetIdentifier"), node.get("ColumnName")
        if isinstance(identifier, str) and isinstance(name, str):
            yield identifier, name
        for each in node.values():
            yield from _fields_in(each)
