"""Words to describe QuickSight's sheets with: visuals of all kinds, their titles and their field wells."""

from __future__ import annotations

from xml.sax.saxutils import escape

from ingest_assets.sandbox.company.glue import Row

_WELLS = {
    "BarChartVisual": "BarChartAggregatedFieldWells",
    "BoxPlotVisual": "BoxPlotAggregatedFieldWells",
    "ComboChartVisual": "ComboChartAggregatedFieldWells",
    "FilledMapVisual": "FilledMapAggregatedFieldWells",
    "FunnelChartVisual": "FunnelChartAggregatedFieldWells",
    "GaugeChartVisual": None,
    "GeospatialMapVisual": "GeospatialMapAggregatedFieldWells",
    "HeatMapVisual": "HeatMapAggregatedFieldWells",
    "HistogramVisual": "HistogramAggregatedFieldWells",
    "KPIVisual": None,
    "LineChartVisual": "LineChartAggregatedFieldWells",
    "PieChartVisual": "PieChartAggregatedFieldWells",
    "PivotTableVisual": "PivotTableAggregatedFieldWells",
    "RadarChartVisual": "RadarChartAggregatedFieldWells",
    "SankeyDiagramVisual": "SankeyDiagramAggregatedFieldWells",
    "ScatterPlotVisual": "ScatterPlotCategoricallyAggregatedFieldWells",
    "TableVisual": "TableAggregatedFieldWells",
    "TreeMapVisual": "TreeMapAggregatedFieldWells",
    "WaterfallVisual": "WaterfallChartAggregatedFieldWells",
    "WordCloudVisual": "WordCloudAggregatedFieldWells",
}


def category(identifier: str, column: str) -> Row:
    """A dimension of text."""
    return {"CategoricalDimensionField": _field(identifier, column)}


def day(identifier: str, column: str, granularity: str = "DAY") -> Row:
    """A dimension of time."""
    return {"DateDimensionField": {**_field(identifier, column), "DateGranularity": granularity}}


def number(identifier: str, column: str) -> Row:
    """A dimension of numbers, e.g. a latitude."""
    return {"NumericalDimensionField": _field(identifier, column)}


def measure(identifier: str, column: str, function: str = "SUM") -> Row:
    """A measure over numbers."""
    aggregation = {"SimpleNumericalAggregation": function}
    return {"NumericalMeasureField": {**_field(identifier, column, function), "AggregationFunction": aggregation}}


def count(identifier: str, column: str, function: str = "DISTINCT_COUNT") -> Row:
    """A count of texts."""
    return {"CategoricalMeasureField": {**_field(identifier, column, function), "AggregationFunction": function}}


def latest(identifier: str, column: str) -> Row:
    """The last moment of a column."""
    return {"DateMeasureField": {**_field(identifier, column, "MAX"), "AggregationFunction": "MAX"}}


def expression(field_id: str, text: str) -> Row:
    """A measure in QuickSight's own words, which names its columns in braces and no data set."""
    return {"CalculatedMeasureField": {"FieldId": field_id, "Expression": text}}


def visual(kind: str, visual_id: str, title: str | None, *, rich: bool = False, **wells: list[Row]) -> Row:
    """A visual with its field wells.

    Args:
        kind: AWS's name of it, e.g. ``BarChartVisual``.
        visual_id: Unique on the dashboard.
        title: What stands above it; QuickSight makes one up of the fields when None, and tells nobody.
        rich: Whether the title is kept as XML, as QuickSight does once somebody has formatted it.
        wells: Fields by the name of their well.
    """
    aggregated = _WELLS[kind]
    fields = wells if aggregated is None else {aggregated: wells}
    return {kind: {**_head(visual_id, title, rich=rich), "ChartConfiguration": {"FieldWells": fields}}}


def raw_table(visual_id: str, title: str, identifier: str, *columns: str) -> Row:
    """A table that shows rows as they are."""
    values = [_field(identifier, column) for column in columns]
    wells = {"TableUnaggregatedFieldWells": {"Values": values}}
    return {"TableVisual": {**_head(visual_id, title), "ChartConfiguration": {"FieldWells": wells}}}


def insight(visual_id: str, title: str, identifier: str, when: Row, value: Row) -> Row:
    """A sentence that QuickSight writes about a computation."""
    computation = {"ComputationId": f"{visual_id}-1", "Name": "PeriodOverPeriod", "Time": when, "Value": value}
    configuration = {"Computations": [{"PeriodOverPeriod": computation}]}
    head = _head(visual_id, title)
    return {"InsightVisual": {**head, "DataSetIdentifier": identifier, "InsightConfiguration": configuration}}


def web_page(visual_id: str, title: str, identifier: str, url: str) -> Row:
    """A picture or page from elsewhere, which shows no data."""
    configuration = {"ContentUrl": url, "ContentType": "OTHER_EMBEDDED_CONTENT"}
    head = {**_head(visual_id, title), "DataSetIdentifier": identifier}
    return {"CustomContentVisual": {**head, "ChartConfiguration": configuration}}


def placeholder(visual_id: str, identifier: str) -> Row:
    """A visual that nobody has chosen a kind for."""
    return {"EmptyVisual": {"VisualId": visual_id, "DataSetIdentifier": identifier, "Actions": []}}


def sheet(sheet_id: str, name: str | None, *visuals: Row, **members: str) -> Row:
    """A sheet; QuickSight names it by its number when nobody has."""
    named = {} if name is None else {"Name": name}
    return {"SheetId": sheet_id, **named, "Visuals": list(visuals), "ContentType": "INTERACTIVE", **members}


def calculated(identifier: str, name: str, text: str) -> Row:
    """A calculated field of a dashboard or analysis."""
    return {"DataSetIdentifier": identifier, "Name": name, "Expression": text}


def _field(identifier: str, column: str, function: str = "") -> Row:
    field_id = ".".join(filter(None, (identifier, column, function.lower())))
    return {"FieldId": field_id, "Column": {"DataSetIdentifier": identifier, "ColumnName": column}}


def _head(visual_id: str, title: str | None, *, rich: bool = False) -> Row:
    if title is None:
        return {"VisualId": visual_id, "Title": {"Visibility": "VISIBLE"}}
    text = {"RichText": f"<visual-title>{escape(title)}</visual-title>"} if rich else {"PlainText": title}
    return {"VisualId": visual_id, "Title": {"Visibility": "VISIBLE", "FormatText": text}}
