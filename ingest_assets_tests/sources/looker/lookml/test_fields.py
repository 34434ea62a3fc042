from __future__ import annotations

import pytest

from ingest_assets.sources.looker.lookml.fields import INTERVALS, TIMEFRAMES, fields_of, titled
from ingest_assets.sources.looker.lookml.models import Explore
from ingest_assets.sources.looker.lookml.parsing import parse
from ingest_assets_tests.sources.looker.lookml.making import project, reasons


def names(text: str) -> list[str]:
    return [field.name for field in fields_of(parse(f"view: v {{ {text} }}".encode()).document["views"][0])]


def test_a_group_is_a_field_for_each_of_its_timeframes_or_intervals() -> None:
    assert names("dimension_group: created { type: time timeframes: [raw, date, week] }") == [
        "created_raw",
        "created_date",
        "created_week",
    ]
    assert names("dimension_group: created {}") == [f"created_{timeframe}" for timeframe in TIMEFRAMES]
    assert names("dimension_group: open { type: duration intervals: [hour, day] }") == ["hours_open", "days_open"]
    assert names("dimension_group: open { type: duration }") == [f"{interval}s_open" for interval in INTERVALS]


def test_fields_have_what_people_wrote_of_them() -> None:
    text = """view: v {
      dimension: id { primary_key: yes hidden: yes type: number label: "Key" group_label: "Keys" tags: ["pii", "x"]
        description: "The \\"key\\"" view_label: "Orders" }
      dimension_group: created { label: "Made" timeframes: [day_of_week] description: "When" }
      measure: total { type: sum sql: ${TABLE}.a ;; }
      filter: f { type: date }
      parameter: p { type: unquoted default_value: "a" allowed_value: { label: "A" value: "a" } }
    }"""
    key, created, total, filter_, parameter = fields_of(parse(text.encode()).document["views"][0])
    assert key[1:] == (
        *(
            "dimension",
            "number",
            ("${TABLE}.id",),
            None,
            "Key",
            "Keys",
            "Orders",
            'The "key"',
            ("pii", "x"),
            True,
            True,
        ),
        *(None, ()),
    )
    assert (created.type, created.group, created.label) == ("date_day_of_week", "created", "Made Day Of Week")
    assert (created.sql, created.description) == (("${TABLE}.created",), "When")
    assert (total.kind, total.type, total.sql, total.label) == ("measure", "sum", ("${TABLE}.a",), None)
    assert (filter_.kind, filter_.sql) == ("filter", ())
    assert (parameter.default_value, parameter.allowed_values, parameter.sql) == ("a", ("a",), ())


@pytest.mark.parametrize(
    ("field", "sql"),
    [
        ("dimension: x {}", ("${TABLE}.x",)),
        ("measure: x { type: count }", ()),
        ("measure: x { type: sum }", ("${TABLE}.x",)),
        ("dimension: x { type: location sql_latitude: a ;; sql_longitude: b ;; }", ("a", "b")),
        ("dimension: x { type: distance start_location_field: a.b end_location_field: c }", ("${a.b}", "${c}")),
        ('dimension: x { case: { when: { sql: a ;; label: "A" } when: { sql: b ;; } else: "C" } }', ("a", "b")),
        ("dimension: x { type: duration_day sql_start: a ;; sql_end: b ;; }", ("a", "b")),
        ("measure: x { type: list list_field: a }", ("${a}",)),
    ],
)
def test_the_expressions_of_a_field(field: str, sql: tuple[str, ...]) -> None:
    (found,) = fields_of(parse(f"view: v {{ {field} }}".encode()).document["views"][0])
    assert found.sql == sql


def test_views_may_hide_their_fields_by_default() -> None:
    text = "view: v { fields_hidden_by_default: yes dimension: a {} dimension: b { hidden: no } }"
    assert [field.is_hidden for field in fields_of(parse(text.encode()).document["views"][0])] == [True, False]


def test_bodies_of_any_shape_do_no_harm() -> None:
    text = 'view: v { dimension: { sql: x ;; } dimension: a { label: ["x"] tags: "one" type: { x: y } } measure: "b" }'
    (found,) = fields_of(parse(text.encode()).document["views"][0])
    assert (found.name, found.label, found.tags, found.type) == ("a", None, ("one",), "string")


def test_names_are_titled_as_looker_does() -> None:
    assert titled("order_id") == "Order ID"
    assert titled("created__at_") == "Created At"


VIEWS = """
view: orders { dimension: id {} dimension: cost {} dimension_group: made { timeframes: [date, week] } measure: n {}
  set: small { fields: [id, made_date, users.name] } set: rest { fields: [ALL_FIELDS*, -small*] } }
view: users { dimension: id {} dimension: name {} dimension: mail {} set: who { fields: [id, name] } }
"""
ORDERS = ["orders.id", "orders.cost", "orders.made_date", "orders.made_week", "orders.n"]


def shown(explore: str) -> list[str]:
    return [field.name for field in made(explore).fields]


def made(text: str) -> Explore:
    read = project({"m.model.lkml": VIEWS + text})
    found = read.model("m").explore("e")
    assert found is not None
    assert reasons(read) == []
    return found


@pytest.mark.parametrize(
    ("parameters", "fields"),
    [
        ("", [*ORDERS, "buyers.id", "buyers.name", "buyers.mail"]),
        ("fields: [ALL_FIELDS*, -orders.cost, -orders.made, -buyers.who*]", ["orders.id", "orders.n", "buyers.mail"]),
        ("fields: [orders.id, buyers.who*]", ["orders.id", "buyers.id", "buyers.name"]),
        ("fields: [orders.small*]", ["orders.id", "orders.made_date"]),
        ("fields: [orders.rest*]", ["orders.cost", "orders.made_week", "orders.n"]),
        ("fields: [orders.ALL_FIELDS*]", ORDERS),
        (
            "fields: [-orders.cost, ALL_FIELDS*]",
            [f for f in [*ORDERS, "buyers.id", "buyers.name", "buyers.mail"] if f != "orders.cost"],
        ),
        ("fields: []", []),
    ],
)
def test_the_fields_of_an_explore_are_chosen_by_its_list(parameters: str, fields: list[str]) -> None:
    text = f"explore: e {{ view_name: orders join: buyers {{ from: users }} {parameters} }}"
    assert shown(text) == fields


def test_a_join_chooses_from_the_fields_of_its_own_view() -> None:
    text = (
        "explore: e { view_name: orders join: buyers { from: users fields: [who*, -buyers.id] } fields: [ALL_FIELDS*] }"
    )
    assert shown(text) == [*ORDERS, "buyers.name"]
    assert shown("explore: e { view_name: orders join: users { fields: [] } }") == ORDERS


@pytest.mark.parametrize(
    ("parameters", "views"),
    [
        ("", [("e", "e")]),
        ("from: orders", [("e", "orders")]),
        ("view_name: orders", [("orders", "orders")]),
        ("view_name: o from: orders", [("o", "orders")]),
        (
            "from: orders join: b { from: users } join: c { view_name: users } join: users {}",
            [("e", "orders"), ("b", "users"), ("c", "users"), ("users", "users")],
        ),
    ],
)
def test_views_go_by_their_aliases(parameters: str, views: list[tuple[str, str]]) -> None:
    read = project({"m.model.lkml": f"view: e {{}} {VIEWS} explore: e {{ {parameters} }}"})
    found = read.model("m").explore("e")
    assert found is not None
    assert list(found.views) == views


def test_an_explore_that_names_tables_of_its_own_is_told() -> None:
    text = "view: v {} explore: v { sql_table_name: a ;; join: w { from: v sql_table_name: b ;; } }"
    read = project({"m.model.lkml": text})
    assert read.model("m").explore("v") is not None
    assert reasons(read) == [
        "the explore 'v' reads 'v' from another table than its view does",
        "the explore 'v' reads 'w' from another table than its view does",
    ]


def test_fields_of_an_explore_know_their_view() -> None:
    found = made("explore: e { from: orders join: buyers { from: users } }").fields
    assert {(field.alias, field.view) for field in found} == {("e", "orders"), ("buyers", "users")}


def test_sets_within_sets_come_to_an_end() -> None:
    text = (
        "view: v { dimension: a {} set: s { fields: [a, t*] } set: t { fields: [s*] } } explore: v { fields: [v.s*] }"
    )
    read = project({"m.model.lkml": text})
    found = read.model("m").explore("v")
    assert found is not None
    assert [field.name for field in found.fields] == ["v.a"]


def test_the_text_of_a_view_is_its_own_block() -> None:
    text = '# all\nview: a {\n  # mine } \n  label: "}"\n}\n\nexplore: a {}\nview: b {}\n'
    read = project({"m.model.lkml": text})
    model = read.model("m")
    view, explore = model.view("a"), model.explore("a")
    assert view is not None
    assert explore is not None
    assert read.text(view.place) == 'view: a {\n  # mine } \n  label: "}"\n}'
    assert (view.place.line, explore.place.line) == (2, 7)
    assert read.text(explore.place) == "explore: a {}"
