"""Visuals of definitions: every kind that AWS knows, their titles, and the columns that they show."""

from __future__ import annotations

import string
from typing import Any

import botocore.session
import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.errors import InvalidAnswerError
from ingest_assets.sandbox.company.boards_visuals import (
    calculated,
    category,
    count,
    day,
    expression,
    insight,
    measure,
    number,
    raw_table,
    sheet,
    visual,
)
from ingest_assets.sources.quicksight.board_shapes import Definition
from ingest_assets.sources.quicksight.mapping import chart_name, split_chart_name, title_of
from ingest_assets.sources.quicksight.visuals import Visual, visuals_of

Json = dict[str, Any]
ARNS = {name: f"arn:aws:quicksight:eu-west-1:111122223333:dataset/{name.lower()}" for name in ("Orders", "Buyers")}
CHART_TYPES = {
    *("Line", "Table", "Bar", "Area", "Pie", "Histogram", "Scatter", "Text", "BoxPlot", "SanKey", "Gauge", "Map"),
    *("Graph", "Heatmap", "Timeline", "Other"),
}
IDS = st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=40)
MODEL = botocore.session.get_session().get_service_model("quicksight")


def kinds() -> dict[str, Shape]:
    shape = MODEL.shape_for("Visual")
    assert isinstance(shape, StructureShape)
    return dict(shape.members)


def visuals(*shown: Json, fields: tuple[Json, ...] = (), arns: dict[str, str] | None = None) -> list[Visual]:
    declared = [{"Identifier": name, "DataSetArn": arn} for name, arn in (ARNS if arns is None else arns).items()]
    definition = {
        "DataSetIdentifierDeclarations": declared,
        "Sheets": [sheet("s1", "First", *shown)],
        "CalculatedFields": list(fields),
    }
    return visuals_of(Definition.model_validate(definition), where="here")


def columns(*shown: Json, fields: tuple[Json, ...] = ()) -> set[tuple[str, str]]:
    names = {arn: name for name, arn in ARNS.items()}
    (found,) = visuals(*shown, fields=fields)
    return {(names[arn], column) for arn, column in found.columns}


def example(shape: Shape, around: tuple[str, ...] = ()) -> Any:
    """A value of a shape with all its members, each column another one; a shape within itself is left out."""
    if shape.name == "ColumnIdentifier":
        return {"DataSetIdentifier": "Orders", "ColumnName": "/".join(around[-8:])}
    if isinstance(shape, StructureShape):
        members = {
            name: example(member, (*around, name))
            for name, member in shape.members.items()
            if around.count(name) < 2 and len(around) < 14
        }
        return {name: value for name, value in members.items() if value is not None}
    if isinstance(shape, ListShape):
        item = example(shape.member, around)
        return None if item is None else [item]
    return None if isinstance(shape, MapShape) else "x" if shape.type_name == "string" else None


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_that_aws_knows_has_a_word(kind: str) -> None:
    (found,) = visuals({kind: {"VisualId": "v"}})
    assert found.chart_type in CHART_TYPES
    assert found.kind
    assert "Visual" not in found.kind
    assert title_of(found) == found.kind


def test_kinds_that_openmetadata_has_a_word_for_get_it() -> None:
    found = {kind: visuals({kind: {"VisualId": "v"}})[0].chart_type for kind in kinds()}
    assert found.pop("KPIVisual") == "Other"
    words = {"LineChart": "Line", "BarChart": "Bar", "PieChart": "Pie", "HeatMap": "Heatmap", "SankeyDiagram": "SanKey"}
    words |= {"Table": "Table", "PivotTable": "Table", "ScatterPlot": "Scatter", "Histogram": "Histogram"}
    words |= {"BoxPlot": "BoxPlot", "GaugeChart": "Gauge", "FilledMap": "Map", "GeospatialMap": "Map"}
    assert {f"{kind}Visual": word for kind, word in words.items()}.items() <= found.items()


@pytest.mark.parametrize("kind", [kind for kind, shape in kinds().items() if "ChartConfiguration" in shape.members])  # type: ignore[attr-defined]  # structures
def test_the_wells_of_every_kind_are_looked_into(kind: str) -> None:
    """Whatever AWS's model lets stand in them."""
    shape = kinds()[kind]
    assert isinstance(shape, StructureShape)
    configuration = shape.members["ChartConfiguration"]
    assert isinstance(configuration, StructureShape)
    wells = [name for name in configuration.members if "Wells" in name or name == "MapLayers"]
    if not wells:
        assert kind == "CustomContentVisual"
    for well in wells:
        content = {well: example(configuration.members[well])}
        assert columns({kind: {"VisualId": "v", "ChartConfiguration": content}}), well


def test_a_kind_that_is_new_is_shown_by_its_name() -> None:
    (found,) = visuals({"HologramVisual": {"VisualId": "v"}})
    assert (found.chart_type, found.kind) == ("Other", "Hologram")


def test_lines_that_are_filled_are_areas() -> None:
    shown = visual("LineChartVisual", "v", "V", Category=[day("Orders", "d")])
    for kind, word in (("LINE", "Line"), ("AREA", "Area"), ("STACKED_AREA", "Area")):
        shown["LineChartVisual"]["ChartConfiguration"]["Type"] = kind
        assert visuals(shown)[0].chart_type == word


@pytest.mark.parametrize("content", [{}, {"VisualId": ""}, {"VisualId": None}, {"VisualId": 7}])
def test_a_visual_without_an_id_is_no_answer(content: Json) -> None:
    with pytest.raises(InvalidAnswerError, match="no VisualId"):
        visuals({"TableVisual": content})


def test_a_visual_whose_kind_botocore_does_not_know_is_left_out() -> None:
    assert [each.id for each in visuals({}, visual("TableVisual", "v", "V"))] == ["v"]


def test_a_data_set_that_is_declared_twice_has_each_column_shown_once() -> None:
    arns = {"Orders": ARNS["Orders"], "Orders again": ARNS["Orders"]}
    twice = [category("Orders", "status"), category("Orders again", "status"), category("Orders again", "total")]
    (found,) = visuals(visual("BarChartVisual", "v", "T", Category=twice), arns=arns)
    assert found.columns == ((ARNS["Orders"], "status"), (ARNS["Orders"], "total"))


def test_an_id_that_comes_twice_is_one_visual() -> None:
    found = visuals(visual("TableVisual", "v", "A"), visual("TableVisual", "w", "B"), visual("TableVisual", "v", "C"))
    assert [(each.id, each.title) for each in found] == [("v", "A"), ("w", "B")]


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        (None, ""),
        ({"Visibility": "VISIBLE"}, ""),
        ({"FormatText": {"PlainText": "  Sales\n by month "}}, "Sales by month"),
        (
            {"FormatText": {"RichText": "<visual-title>Sales &lt;net&gt; &amp; more</visual-title>"}},
            "Sales <net> & more",
        ),
        ({"FormatText": {"RichText": "<visual-title>Re<b>ven</b>ue<br/>2026</visual-title>"}}, "Revenue 2026"),
        ({"FormatText": {"RichText": "<visual-title><inline color='#f00'>Red</inline> box</visual-title>"}}, "Red box"),
        ({"FormatText": {"RichText": "<visual-title>\n  <parameter>${Year}</parameter>\n</visual-title>"}}, "${Year}"),
        ({"FormatText": {"RichText": "<visual-title></visual-title>"}}, ""),
        ({"FormatText": {"RichText": "<visual-title></visual-title>", "PlainText": "Plain"}}, "Plain"),
        ({"FormatText": None}, ""),
        ({"FormatText": "odd"}, ""),
        ("odd", ""),
    ],
)
def test_titles_are_the_words_that_people_see(title: object, shown: str) -> None:
    (found,) = visuals({"TableVisual": {"VisualId": "v", "Title": title, "Subtitle": title}})
    assert (found.title, found.subtitle) == (shown, shown)
    assert title_of(found) == (shown or "Table")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])))
def test_a_title_that_is_escaped_is_shown_as_it_is(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    words = {"FormatText": {"RichText": f"<visual-title>{escaped}</visual-title>"}}
    (found,) = visuals({"TableVisual": {"VisualId": "v", "Title": words}})
    assert found.title == " ".join(text.split())


def test_columns_are_those_of_the_wells() -> None:
    shown = visual("BarChartVisual", "v", "V", Category=[category("Orders", "a")], Values=[measure("Orders", "b")])
    assert columns(shown) == {("Orders", "a"), ("Orders", "b")}
    wide = visual(
        "PivotTableVisual",
        "v",
        "V",
        Rows=[category("Orders", "a"), day("Orders", "b")],
        Columns=[number("Buyers", "c")],
        Values=[count("Buyers", "d")],
    )
    assert columns(wide) == {("Orders", "a"), ("Orders", "b"), ("Buyers", "c"), ("Buyers", "d")}
    assert columns(raw_table("v", "V", "Orders", "a", "b")) == {("Orders", "a"), ("Orders", "b")}
    told = insight("v", "V", "Orders", day("Orders", "a"), measure("Orders", "b"))
    assert columns(told) == {("Orders", "a"), ("Orders", "b")}


def test_columns_that_only_sort_or_filter_or_colour_are_not_shown() -> None:
    shown = visual("BarChartVisual", "v", "V", Category=[category("Orders", "a")])
    shown["BarChartVisual"]["ChartConfiguration"]["SortConfiguration"] = {
        "CategorySort": [{"ColumnSort": {"SortBy": {"DataSetIdentifier": "Orders", "ColumnName": "hidden"}}}]
    }
    assert columns(shown) == {("Orders", "a")}


def test_calculated_fields_are_followed_to_what_they_are_made_of() -> None:
    fields = (
        calculated("Orders", "Share", "sum({Euro}) / sumOver(sum({Euro}), [status])"),
        calculated("Orders", "Euro", "ifelse({currency} = 'EUR', total, {total} / 11.3)"),
        calculated("Buyers", "Euro", "{spent}"),
    )
    shown = visual("KPIVisual", "v", "V", Values=[measure("Orders", "Share")])
    assert columns(shown, fields=fields) == {("Orders", name) for name in ("currency", "total", "status")}


def test_calculated_fields_that_go_round_in_circles_end() -> None:
    fields = (calculated("Orders", "a", "{b} + {x}"), calculated("Orders", "b", "{a} + {y}"))
    shown = visual("KPIVisual", "v", "V", Values=[measure("Orders", "a")])
    assert columns(shown, fields=fields) == {("Orders", "x"), ("Orders", "y")}


def test_a_long_chain_of_calculated_fields_ends() -> None:
    fields = tuple(calculated("Orders", f"f{at}", f"{{f{at + 1}}} + {{f{at + 2}}}") for at in range(3_000))
    shown = visual("KPIVisual", "v", "V", Values=[measure("Orders", "f0")])
    assert columns(shown, fields=fields) == set()


def test_a_measure_in_quicksights_own_words_shows_columns_of_the_visuals_one_data_set() -> None:
    text = expression("f", "countIf({id}, {hours} <= 48)")
    assert columns(visual("KPIVisual", "v", "V", Values=[text, measure("Orders", "b")])) == {
        ("Orders", "id"),
        ("Orders", "hours"),
        ("Orders", "b"),
    }
    # Of two data sets it can't be told which one is meant.
    mixed = visual("KPIVisual", "v", "V", Values=[text], TargetValues=[measure("Orders", "b"), measure("Buyers", "c")])
    assert columns(mixed) == {("Orders", "b"), ("Buyers", "c")}
    (alone,) = visuals(visual("KPIVisual", "v", "V", Values=[text]), arns={"Orders": ARNS["Orders"]})
    assert [column for _, column in alone.columns] == ["id", "hours"]


def test_columns_of_data_sets_that_nobody_declares_are_none() -> None:
    shown = visual("KPIVisual", "v", "V", Values=[measure("Elsewhere", "a"), measure("Orders", "b")])
    assert columns(shown) == {("Orders", "b")}


@given(st.booleans(), IDS, st.booleans(), IDS)
def test_names_of_charts_lead_back_to_what_they_are(
    is_report: bool, board: str, is_sheet: bool, visual_id: str
) -> None:
    parts = (f"analysis:{board}" if is_report else board, f"sheet:{visual_id}" if is_sheet else visual_id)
    assert split_chart_name(chart_name(*parts)) == parts


@given(st.text(max_size=40))
def test_names_that_we_never_gave_are_told(name: str) -> None:
    board, visual_id = split_chart_name(name)
    assert not board or chart_name(board, visual_id) == name


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["DataSetIdentifier", "ColumnName", "Column", "FieldId", "Expression", "Values", "x"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=20,
    )
)
def test_wells_of_any_shape_are_read(wells: Any) -> None:
    content = {"VisualId": "v", "ChartConfiguration": {"FieldWells": wells}}
    (found,) = visuals({"BarChartVisual": content})
    assert len(set(found.columns)) == len(found.columns)
