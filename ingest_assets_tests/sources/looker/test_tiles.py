"""Tiles: kinds, titles and the fields behind them, whatever Looker leaves out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from looker_sdk.sdk.api40.models import DashboardElement, LookWithQuery, Query

from ingest_assets.sources.looker.tiles import Shown, chart_type, read_tile, shown_by

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(["a", "b", "c", "orders.id", "orders.total", "x.y"])


def query(fields: list[str], made: Any = None, **members: Any) -> Query:
    text = json.dumps(made) if made is not None else None
    return Query(**{"model": "shop", "view": "orders", "fields": fields, "dynamic_fields": text, **members})


def fields(fields_: list[str], made: Any = None) -> tuple[str, ...]:
    shown = shown_by(query(fields_, made))
    assert shown is not None
    return shown.fields


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("looker_line", "Line"),
        ("looker_column", "Bar"),
        ("looker_google_map", "Map"),
        ("looker_donut_multiples", "Pie"),
        ("text", "Text"),
        ("marketplace_viz_radial_gauge::radial_gauge-marketplace", "Gauge"),
        ("SANKEY", "SanKey"),
        ("single_value", "Other"),
        ("", "Other"),
    ],
)
def test_a_visualization_has_openmetadatas_word(kind: str, word: str) -> None:
    assert chart_type(kind) == word


def test_a_table_calculation_stands_for_what_its_expression_names() -> None:
    made = [{"table_calculation": "twice", "expression": "${orders.total} * 2 + ${orders.total}"}]
    assert fields(["orders.id", "twice"], made) == ("orders.id", "orders.total")


def test_calculations_on_calculations_lead_to_the_explores_fields() -> None:
    made = [
        {"table_calculation": "b", "expression": "${a} + ${orders.tax}"},
        {"table_calculation": "a", "expression": "${orders.total}"},
    ]
    assert fields(["b"], made) == ("orders.tax", "orders.total")


def test_custom_measures_and_dimensions_stand_for_what_they_are_based_on() -> None:
    made = [
        {"measure": "sum_of_total", "based_on": "orders.total", "type": "sum"},
        {"dimension": "bin", "category": "dimension", "args": ["orders.weight", 10, None, "plain"]},
    ]
    assert fields(["sum_of_total", "bin"], made) == ("orders.total", "orders.weight")


def test_calculations_that_name_each_other_end() -> None:
    made = [
        {"table_calculation": "a", "expression": "${b}"},
        {"table_calculation": "b", "expression": "${a} + ${orders.id}"},
    ]
    assert fields(["a"], made) == ("orders.id",)


@pytest.mark.parametrize("members", [{"model": ""}, {"view": ""}, {"model": None}, {"view": None}])
def test_a_query_of_no_explore_shows_none(members: dict[str, Any]) -> None:
    assert shown_by(query(["a"], **members)) is None


@pytest.mark.parametrize("text", ["", "null", "{", "3", '"x"', "[1, null, []]", '[{"args": 7}]', '[{"measure": "m"}]'])
def test_dynamic_fields_that_are_none_leave_the_others(text: str) -> None:
    found = shown_by(query(["orders.id"], dynamic_fields=text))
    assert found == Shown("shop", "orders", ("orders.id",))


@given(
    st.lists(NAMES | st.none(), max_size=5) | st.none(),
    JSON_VALUES
    | st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "table_calculation": NAMES | JSON_VALUES,
                "measure": NAMES | JSON_VALUES,
                "expression": st.text("${}abc.", max_size=20) | JSON_VALUES,
                "based_on": NAMES | JSON_VALUES,
                "args": JSON_VALUES | st.lists(NAMES, max_size=3),
            },
        ),
        max_size=4,
    ),
)
def test_whatever_a_query_holds_its_fields_are_told_each_once(names: Any, made: Any) -> None:
    found = shown_by(query(names, made))
    assert found is not None
    assert len(set(found.fields)) == len(found.fields)
    assert all(isinstance(name, str) and name for name in found.fields)


def test_a_tile_of_which_looker_tells_nothing_is_one_all_the_same() -> None:
    tile = read_tile(DashboardElement(id="1"), [], None)
    assert tile == ("1", "Other", "", "", "", (), None, False)


@given(st.lists(st.text(max_size=5) | st.none(), min_size=6, max_size=6))
def test_titles_and_texts_may_be_missing(texts: list[str | None]) -> None:
    title, title_text, look, *told = texts
    element = DashboardElement(
        id="1",
        title=title,
        title_text=title_text,
        look=LookWithQuery(title=look),
        subtitle_text=told[0],
        note_text=told[1],
        body_text=told[2],
    )
    tile = read_tile(element, [], None)
    assert tile.title == (title or title_text or look or "")
    assert tile.description == "\n\n".join(text.strip() for text in told if text and text.strip())


def test_a_tiles_own_visualization_counts_before_its_querys() -> None:
    both = query(["a"], vis_config={"type": "looker_pie"}, share_url="https://looker.example/x")
    element = DashboardElement(id="1", type="vis")
    assert read_tile(element, [both], {"type": "looker_line"}).chart_type == "Line"
    tile = read_tile(element, [both], None)
    assert (tile.chart_type, tile.url) == ("Pie", "https://looker.example/x")
    assert read_tile(DashboardElement(id="1", type="text"), [both], None).chart_type == "Text"
