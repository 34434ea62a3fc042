from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.sources.looker.lookml.fields import Field, FieldKind
from ingest_assets.sources.looker.lookml.liquid import MOST_WAYS, LiquidValues, Renderer, Rendering
from ingest_assets.sources.looker.lookml.templating import of_production, references, tables_of, without_liquid

GRAIN = Field("grain", FieldKind.PARAMETER, "unquoted", (), default_value="day", allowed_values=("week", "day"))
WORD = Field("word", FieldKind.PARAMETER, "string", (), default_value="it's")
OPEN = Field("open", FieldKind.PARAMETER, "string", ())
PARAMETERS = {field.name: field for field in (GRAIN, WORD, OPEN)}
VALUES = LiquidValues(
    model="shop",
    view="orders",
    explores=("sales",),
    user_attributes={"schema": "mart", "empty": ""},
    localization={"hello": "hallo"},
    parameter=lambda path: PARAMETERS.get(path[-1]),
)


def render(text: str, values: LiquidValues = VALUES) -> Rendering:
    return Renderer().render(text, values)


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("{{ _user_attributes['schema'] }}.orders", "mart.orders"),
        ("{{ _user_attributes.schema | upcase }}", "MART"),
        ("{{ _user_attributes['empty'] }}x", "x"),
        ("{{ _localization['hello'] }}", "hallo"),
        ("{{ _model._name }}/{{ _view._name }}/{{ _explore._name }}", "shop/orders/sales"),
        ("{% if _model._name == 'shop' %}a{% else %}b{% endif %}", "a"),
        ("{% assign s = _user_attributes['schema'] %}{% if s contains 'ar' %}{{ s }}{% endif %}", "mart"),
        ("{% condition orders.day %} ${TABLE}.day {% endcondition %}", "1=1"),
        ("where {% incrementcondition %} made {% endincrementcondition %} and x", "where 1=1 and x"),
        ("{% date_start orders.day %} {% date_end orders.day %}", "NULL NULL"),
        ("{% parameter orders.word %}", "'it''s'"),
        ("{{ orders.word._parameter_value }}", "'it''s'"),
        ("{{ 'a' | sql_quote }}", "'a'"),
        ("{% comment %}{{ nothing }}{% endcomment %}x", "x"),
        ("no liquid at all {", "no liquid at all {"),
    ],
)
def test_liquid_is_rendered(text: str, rendered: str) -> None:
    assert render(text) == Rendering((rendered,))


@pytest.mark.parametrize(
    ("text", "ways"),
    [
        ("{% if a.day._in_query %}d{% elsif a.week._is_selected %}w{% else %}all{% endif %}", {"d", "w", "all"}),
        ("{% if a._in_query and b.x._is_filtered %}ab{% else %}c{% endif %}", {"ab", "c"}),
        ("{% parameter grain %}", {"day", "week"}),
        ("{% if a.grain._parameter_value == 'day' %}d{% else %}w{% endif %}{% parameter a.grain %}", {"dday", "wweek"}),
        ("{{ _explore._name }}", {"sales", "returns"}),
    ],
)
def test_what_the_query_decides_is_rendered_in_each_way(text: str, ways: set[str]) -> None:
    values = LiquidValues(explores=("sales", "returns"), parameter=VALUES.parameter)
    rendering = render(text, values)
    assert set(rendering.texts) == ways
    assert rendering.reasons == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{{ _user_attributes['gone'] }}.x", "the user attribute 'gone' has no value here"),
        ("{% if _user_attributes['gone'] == 'x' %}a{% else %}b{% endif %}", "the user attribute 'gone' has no value"),
        ("{{ _user_attributes['gone'] | default: 'x' }}", "the user attribute 'gone' has no value here"),
        ("{{ _localization['gone'] }}", "the localization 'gone' has no value here"),
        ("{% if value %}a{% endif %}", "the Liquid variable value is not known here"),
        ("{% if value == nil %}a{% endif %}", "the Liquid variable value is not known here"),
        ("{% if nil == value.x %}a{% endif %}", "the Liquid variable value.x is not known here"),
        ("{% if value contains 'x' %}a{% endif %}", "the Liquid variable value is not known here"),
        ("{% for x in values %}a{% endfor %}", "the Liquid variable values is not known here"),
        ("{{ _filters['a.b'] | sql_quote }}", "the Liquid variable _filters.a.b is not known here"),
        ("{{ now }}", "the Liquid variable now is not known here"),
        ("{{ _model.other }}", "the Liquid variable _model.other is not known here"),
        ("{% parameter open %}", "the Liquid parameter open has neither a default value nor allowed values"),
        ("{% parameter orders.none %}", "the Liquid parameter orders.none is not declared"),
        ("{{ 'x' | nothing }}", "its Liquid can't be rendered: unknown filter 'nothing'"),
        ("{% if x %}", "its Liquid can't be read: "),
        ("{% condition %}{% endcondition %}", "its Liquid can't be read: the tag 'condition' names no field"),
        ("{% include 'secrets' %}", "its Liquid can't be read: unexpected tag 'include'"),
        ("{% for i in (1..999999999) %}a{% endfor %}", "its Liquid can't be rendered: loop iteration limit reached"),
    ],
)
def test_what_is_not_known_is_told_and_never_empty(text: str, reason: str) -> None:
    rendering = render(text)
    assert rendering.texts == ()
    assert len(rendering.reasons) == 1
    assert rendering.reasons[0].startswith(reason)


def test_names_that_are_not_known_without_a_model_are_told() -> None:
    assert render("{{ _model._name }}", LiquidValues()).reasons == (
        "the Liquid variable _model._name is not known here",
    )
    assert render("{{ _explore._name }}", LiquidValues()).texts == ()


def test_texts_that_go_too_many_ways_are_bounded() -> None:
    text = "".join(f"{{% if a.f{n}._in_query %}}{n}{{% endif %}}" for n in range(40))
    rendering = render(text)
    assert len(rendering.texts) <= MOST_WAYS
    assert rendering.reasons == (f"its Liquid can go more than {MOST_WAYS} ways",)


@given(st.text(st.sampled_from("{}%_abif end.'[]| \n"), max_size=30))
def test_no_text_raises(text: str) -> None:
    rendering = render(text)
    assert rendering.texts or rendering.reasons


PLAIN = st.text(st.characters(codec="utf-8", exclude_characters="{\r"), max_size=40)


@given(PLAIN)
def test_text_without_liquid_stays_as_it_is(text: str) -> None:
    assert render(text) == Rendering((text,))
    assert without_liquid(text) == text


@given(PLAIN, PLAIN)
def test_what_stands_around_liquid_stays_as_it_is(before: str, after: str) -> None:
    assert render(before + "{{ _model._name }}" + after).texts == (before + "shop" + after,)


@pytest.mark.parametrize(
    ("written", "run"),
    [
        ("-- if prod -- mart.orders\n-- if dev -- dev.orders", " mart.orders\n"),
        ("a -- if dev -- b\nc", "a \nc"),
        ("a -- if prod -- b -- if dev -- c\nd", "a  b \nd"),
        ("--IF PROD-- x", " x"),
        ("a -- a comment\nb", "a -- a comment\nb"),
        ("a - - if dev - b", "a - - if dev - b"),
    ],
)
def test_production_wins(written: str, run: str) -> None:
    assert of_production(written) == run


LINES = st.lists(st.tuples(st.sampled_from(["", "prod", "dev"]), st.text("ab ", max_size=5)), max_size=6)


@given(LINES)
def test_lines_of_development_are_gone_and_all_others_stay(lines: list[tuple[str, str]]) -> None:
    written = "\n".join(f"-- if {word} --{text}" if word else text for word, text in lines)
    assert of_production(written) == "\n".join("" if word == "dev" else text for word, text in lines)


def test_references_are_read() -> None:
    sql = "${TABLE}.a + ${ b } + ${v.c} from ${v.SQL_TABLE_NAME}, ${w.SQL_TABLE_NAME}, ${v.SQL_TABLE_NAME}"
    assert list(references(sql))[:3] == [(None, "TABLE"), (None, "b"), ("v", "c")]
    assert tables_of(sql) == ["v", "w"]
