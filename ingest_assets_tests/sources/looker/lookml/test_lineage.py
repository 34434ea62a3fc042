from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.sources.looker.lookml.derived import ExploreSource, TableSource, ViewSource
from ingest_assets.sources.looker.lookml.lineage import Lineages, ViewLineage
from ingest_assets_tests.sources.looker.lookml.making import called, project


def lineages(text: str, dialect: str | None = "postgres", **attributes: str) -> Lineages:
    return Lineages(project({"m.model.lkml": text}).model("m"), dialect, attributes)


def flows(lineage: ViewLineage) -> dict[str, set[str]]:
    """What flows into each field, as ``source column``."""
    found: dict[str, set[str]] = {}
    for source, column, field in lineage.flows:
        found.setdefault(field, set()).add(f"{called(source)} {'/'.join(column)}")
    return found


def reasons(lineage: ViewLineage) -> list[str]:
    return [gap.reason if gap.field is None else f"{gap.field}: {gap.reason}" for gap in lineage.gaps]


def test_a_column_flows_into_the_dimension_that_is_called_otherwise_and_on_into_measures() -> None:
    found = lineages(
        """
        view: orders {
          sql_table_name: analytics.mart.orders ;;
          dimension: key { primary_key: yes sql: ${TABLE}.order_id ;; }
          dimension: amount {}
          dimension: net { sql: ${amount} - ${TABLE}."Tax Paid" ;; }
          dimension: double_net { sql: 2 * ${net} ;; }
          dimension_group: created { type: time timeframes: [raw, date] sql: ${TABLE}.created_at ;; }
          dimension_group: open { type: duration intervals: [hour] sql_start: ${created_raw} ;; sql_end: closed_at ;; }
          measure: revenue { type: sum sql: ${double_net} ;; }
          measure: count { type: count }
          measure: first { type: min sql: ${created_month} ;; }
        }
        """
    ).of("orders")
    table = "analytics.mart.orders"
    assert flows(found) == {
        "key": {f"{table} order_id"},
        "amount": {f"{table} amount"},
        "net": {f"{table} amount", f"{table} Tax Paid"},
        "double_net": {f"{table} amount", f"{table} Tax Paid"},
        "created_raw": {f"{table} created_at"},
        "created_date": {f"{table} created_at"},
        "hours_open": {f"{table} created_at", f"{table} closed_at"},
        "revenue": {f"{table} amount", f"{table} Tax Paid"},
        "first": {f"{table} created_at"},
    }
    assert found.sources == (TableSource(("analytics", "mart", "orders")),)
    assert reasons(found) == []
    assert not found.is_derived


@pytest.mark.parametrize(
    ("dialect", "written", "names"),
    [
        ("bigquery", "`proj-1.mart.orders`", ("proj-1", "mart", "orders")),
        ("bigquery", "proj-1.mart.events_*", ("proj-1", "mart", "events_*")),
        ("snowflake", 'DB."My Schema".T', ("DB", "My Schema", "T")),
        ("tsql", "[dbo].[My Orders]", ("dbo", "My Orders")),
        ("mysql", "`mart`.`orders`", ("mart", "orders")),
        ("athena", 'awsdatacatalog."mart".orders', ("awsdatacatalog", "mart", "orders")),
        (None, "mart.orders AS o", ("mart", "orders")),
    ],
)
def test_the_name_of_a_table_is_read_in_its_dialect(dialect: str | None, written: str, names: tuple[str, ...]) -> None:
    found = lineages(f"view: v {{ sql_table_name: {written} ;; dimension: x {{}} }}", dialect).of("v")
    assert found.sources == (TableSource(names),)


@pytest.mark.parametrize(
    ("dialect", "sql", "column"),
    [
        ("snowflake", '${TABLE}."Order Id"', "Order Id"),
        ("bigquery", "${TABLE}.`Order Id`", "Order Id"),
        ("tsql", "${TABLE}.[Order Id]", "Order Id"),
        ("bigquery", "${TABLE}.payload.customer.id", "payload/customer/id"),
        ("snowflake", "${TABLE}.payload:customer.id::string", "payload"),
        ("bigquery", "SAFE_CAST(${TABLE}.x AS INT64)", "x"),
        ("postgres", "((( broken ${TABLE}.x", "x"),
        ("postgres", '((( broken ${TABLE} . "X y"', "X y"),
        ("postgres", "v.x", "x"),
        ("postgres", "'{{ _filters['a.b'] }}' || ${TABLE}.x", "x"),
        ("bigquery", "(SELECT MAX(u) FROM UNNEST(${TABLE}.xs) AS u)", "xs"),
    ],
)
def test_columns_of_expressions_are_found_in_each_dialect(dialect: str, sql: str, column: str) -> None:
    found = lineages(f"view: v {{ dimension: f {{ sql: {sql} ;; }} }}", dialect).of("v")
    assert flows(found) == {"f": {f"v {column}"}}


def test_a_view_that_names_no_table_is_the_table_of_its_name() -> None:
    found = lineages("view: orders { dimension: id {} }").of("orders")
    assert flows(found) == {"id": {"orders id"}}


def test_expressions_that_do_not_parse_are_read_by_tokens_and_told() -> None:
    found = lineages("view: v { dimension: f { sql: ((( ${TABLE}.x + ${g} ;; } dimension: g {} }").of("v")
    assert flows(found)["f"] == {"v x", "v g"}
    assert "f: its SQL could not be parsed as postgres" in reasons(found)[0]


def test_fields_that_refer_in_circles_or_to_nothing_are_told() -> None:
    found = lineages(
        """view: v {
          dimension: a { sql: ${b} + ${TABLE}.x ;; } dimension: b { sql: ${a} ;; }
          dimension: c { sql: ${gone} ;; } dimension: d { sql: ${other.gone} ;; }
          dimension: e { sql: (select max(z) from w where w.id = ${TABLE}.id) ;; }
        }
        view: other {}"""
    ).of("v")
    assert flows(found) == {"a": {"v x"}, "b": {"v x"}, "e": {"v id"}}
    assert reasons(found) == [
        "c: the view has no field 'gone'",
        "d: other.gone, which it refers to, is of no view that has it",
        "e: tables that it reads in a subquery are not followed",
    ]


def test_fields_of_other_views_flow_in_by_the_view_or_by_its_alias() -> None:
    found = lineages(
        """
        view: orders { dimension: id {}
          dimension: late { sql: ${users.vip} and ${buyers.vip} and ${orders.id} > 1 ;; } }
        view: users { dimension: vip {} }
        explore: orders { join: buyers { from: users } }
        """
    ).of("orders")
    assert flows(found) == {"id": {"orders id"}, "late": {"view users vip", "orders id"}}
    assert found.sources == (TableSource(("orders",)), ViewSource("users"))
    assert reasons(found) == []


DERIVED = """
view: big_orders {
  derived_table: { sql: select o.order_id, u.name as buyer, o.amount * 2 as twice
    from mart.orders o join mart.users u on u.id = o.user_id
    where {% condition big_orders.day %} o.day {% endcondition %} ;; }
  dimension: key { sql: ${TABLE}.order_id ;; }
  dimension: buyer {}
  measure: sum { type: sum sql: ${TABLE}.twice ;; }
  filter: day {}
}
"""


def test_a_derived_table_is_followed_through_its_query() -> None:
    found = lineages(DERIVED).of("big_orders")
    assert flows(found) == {
        "key": {"mart.orders order_id"},
        "buyer": {"mart.users name"},
        "sum": {"mart.orders amount"},
    }
    assert (found.is_derived, found.is_persistent) == (True, False)
    assert str(found.sql).endswith("where 1=1")
    assert reasons(found) == []


def test_the_statement_of_a_derived_table_has_the_fields_as_its_columns() -> None:
    # What knows the tables' columns can tell from it what stars and bare names of joins are.
    from ingest_assets.lineage.flows import Flow  # noqa: PLC0415
    from ingest_assets.lineage.sql import Query, parse_query  # noqa: PLC0415

    found = lineages(
        """view: v { derived_table: { sql: select *, x.k as kk from a.t as x join b.u as y on x.i = y.i ;; }
             dimension: left { sql: ${TABLE}.Lll ;; } dimension: both { sql: ${TABLE}.rrr || ${TABLE}.lll ;; }
             dimension: kk {} measure: n { type: count } }"""
    ).of("v")
    query = parse_query(found.statements[0], "postgres")
    assert isinstance(query, Query)
    columns: dict[tuple[str, ...], list[str]] = {("a", "t"): ["i", "k", "lll"], ("b", "u"): ["i", "rrr"]}
    assert query.flows(lambda table: columns[table]) == [
        Flow(0, "left", ((("a", "t"), "lll"),)),
        Flow(1, "both", ((("a", "t"), "lll"), (("b", "u"), "rrr"))),
        Flow(2, "kk", ((("a", "t"), "k"),)),
    ]
    assert flows(found) == {"kk": {"a.t k"}}
    assert "left: the column 'Lll' can't be told in the query of its view" in reasons(found)


@given(st.permutations(range(3)), st.permutations(["first", "second", "base"]))
def test_persistent_tables_are_followed_in_whatever_order_they_stand_and_are_read(
    order: list[int], asked: list[str]
) -> None:
    views = [
        """view: first { derived_table: { sql: select s.k, s.total from ${second.SQL_TABLE_NAME} as s ;;
             datagroup_trigger: nightly } dimension: k {} dimension: sum_of { sql: ${TABLE}.total ;; } }""",
        """view: second { derived_table: { persist_for: "1 hour" sql: select k, sum(x) as total
             from ${base.SQL_TABLE_NAME} group by 1 ;; }
             dimension: key { sql: ${TABLE}.k ;; } dimension: total {} }""",
        "view: base { sql_table_name: raw.base ;; dimension: k {} }",
    ]
    found = lineages("\n".join(views[number] for number in order))
    for name in asked:
        found.of(name)
    assert flows(found.of("first")) == {"k": {"view second key"}, "sum_of": {"view second total"}}
    assert flows(found.of("second")) == {"key": {"raw.base k"}, "total": {"raw.base x"}}
    assert found.of("first").is_persistent
    assert found.of("first").sql == "select s.k, s.total from ${second.SQL_TABLE_NAME} as s"
    assert found.of("first").sources == (ViewSource("second"),)
    assert reasons(found.of("first")) == reasons(found.of("second")) == []


def test_a_star_over_a_derived_table_brings_its_columns() -> None:
    found = lineages(
        """view: a { derived_table: { sql: select x, y from t ;; } dimension: x {}
             dimension: why { sql: ${TABLE}.y ;; } }
           view: b { derived_table: { sql: select * from ${a.SQL_TABLE_NAME} ;; } dimension: x {} dimension: y {} }
           view: c { derived_table: { sql: select * from raw.t ;; } dimension: z {} }"""
    )
    assert flows(found.of("b")) == {"x": {"view a x"}, "y": {"view a why"}}
    assert flows(found.of("c")) == {"z": {"raw.t z"}}


def test_columns_that_no_field_is_are_looked_through() -> None:
    found = lineages(
        """view: a { derived_table: { sql: select x, y from raw.t ;; } dimension: x {} }
           view: b { derived_table: { sql: select x, y as why from ${a.SQL_TABLE_NAME} ;; } }
           view: c { derived_table: { sql: select x, why, gone from ${b.SQL_TABLE_NAME} ;; }
             dimension: x {} dimension: y { sql: ${TABLE}.why ;; } dimension: gone {} }"""
    ).of("c")
    assert flows(found) == {"x": {"view a x"}, "y": {"raw.t y"}}
    assert found.sources == (ViewSource("b"), ViewSource("a"), TableSource(("raw", "t")))
    assert reasons(found) == ["gone: the column 'gone' can't be told in the query of the view 'b'"]


def test_the_statement_over_another_derived_table_keeps_only_real_tables() -> None:
    from ingest_assets.lineage.flows import Flow  # noqa: PLC0415
    from ingest_assets.lineage.sql import Query, parse_query  # noqa: PLC0415

    found = lineages(
        """view: a { derived_table: { sql: select x, i from t ;; } dimension: x {} }
           view: base { sql_table_name: raw.base ;; }
           view: b { derived_table: { sql: select * from ${a.SQL_TABLE_NAME}
               join ${base.SQL_TABLE_NAME} u using (i) ;; }
             dimension: x {} dimension: z {} }"""
    ).of("b")
    query = parse_query(found.statements[0], "postgres")
    assert isinstance(query, Query)
    assert query.references == (("raw", "base"),)
    told = query.flows(lambda _: ["i", "z"])
    assert told == [Flow(0, "x", ()), Flow(1, "z", ((("raw", "base"), "z"),))]
    assert found.sources == (ViewSource("a"), TableSource(("raw", "base")))


def test_derived_tables_that_read_each_other_are_told() -> None:
    found = lineages(
        """view: a { derived_table: { sql: select x from ${b.SQL_TABLE_NAME} ;; } dimension: x {} }
           view: b { derived_table: { sql: select x from ${a.SQL_TABLE_NAME} ;; } dimension: x {} }
           view: c { derived_table: { sql: select x from ${c.SQL_TABLE_NAME} ;; } dimension: x {} }
           view: d { derived_table: { sql: select x from ${gone.SQL_TABLE_NAME} ;; } dimension: x {} }"""
    )
    for name, other in (("a", "b"), ("b", "a"), ("c", "c")):
        assert flows(found.of(name)) == {}
        assert reasons(found.of(name)) == [f"it and the view {other!r} read each other's tables"]
    assert reasons(found.of("d")) == ["the view 'gone' whose table it reads is not in the model"]


def test_a_chain_of_a_thousand_derived_tables_is_followed() -> None:
    one = "view: v@ { derived_table: { sql: select x from ${v!.SQL_TABLE_NAME} ;; } dimension: x {} }"
    views = (one.replace("@", str(n)).replace("!", str(n + 1)) for n in range(1000))
    found = lineages("\n".join(views) + "view: v1000 { dimension: x {} }")
    assert flows(found.of("v0")) == {"x": {"view v1 x"}}
    assert flows(found.of("v999")) == {"x": {"v1000 x"}}


def test_a_native_derived_table_comes_from_the_fields_of_its_explore() -> None:
    found = lineages(
        """
        view: orders { dimension: id {} dimension_group: created { timeframes: [date] } measure: n { type: count } }
        view: users { dimension: name {} }
        explore: sales { from: orders join: buyers { from: users } }
        view: by_day {
          derived_table: { explore_source: sales {
            column: day { field: sales.created_date }
            column: buyer { field: buyers.name }
            column: n {}
            column: gone { field: buyers.gone }
            derived_column: rank { sql: rank() over (partition by day order by n) ;; }
          } }
          dimension: day {} dimension: who { sql: upper(${TABLE}.buyer) ;; } dimension: rank {}
          measure: m { sql: ${TABLE}.n ;; } dimension: gone {} dimension: other {}
        }
        """
    ).of("by_day")
    assert flows(found) == {
        "day": {"explore sales sales.created_date"},
        "who": {"explore sales buyers.name"},
        "rank": {"explore sales sales.created_date", "explore sales sales.n"},
        "m": {"explore sales sales.n"},
    }
    assert found.sources == (ExploreSource("sales"),)
    assert reasons(found) == [
        "gone: the explore 'sales' has no field 'buyers.gone'",
        "other: the derived table has no column 'other'",
    ]


def test_tables_that_statements_make_are_followed() -> None:
    found = lineages(
        """
        view: filled { derived_table: { create_process: {
            sql_step: create table ${SQL_TABLE_NAME} (x int) ;;
            sql_step: insert into ${SQL_TABLE_NAME} select a.q as x from s.d a ;; } } dimension: x {} }
        view: made { derived_table: { sql_create: create table ${SQL_TABLE_NAME} as select a.x as y from s.a ;; }
          dimension: y {} }
        view: steps { derived_table: { create_process: {
            sql_step: create temp table step as select x from s.b ;;
            sql_step: create table ${SQL_TABLE_NAME} as select t.x, c.z from step t join s.c c on true ;; } }
          dimension: x {} dimension: z {} }
        """
    )
    assert flows(found.of("made")) == {"y": {"s.a x"}}
    assert found.of("made").is_persistent
    assert flows(found.of("filled")) == {"x": {"s.d q"}}
    assert reasons(found.of("filled")) == ["a statement that is no query is not followed"]
    assert flows(found.of("steps")) == {"z": {"s.c z"}}
    assert set(found.of("steps").sources) == {TableSource(("s", "b")), TableSource(("s", "c"))}
    assert "columns that pass through tables of other steps are not followed" in reasons(found.of("steps"))


LIQUID: Mapping[str, str] = {
    "model": "{% if _model._name == 'm' %} mart {% else %} other {% endif %}.orders",
    "attribute": "{{ _user_attributes['schema'] }}.orders",
    "both": "-- if prod -- mart.orders\n -- if dev -- dev.orders",
    "date": "{% if v.created_date._in_query %}mart.by_day{% else %}mart.orders{% endif %}",
    "choice": "mart.{% parameter grain %}",
    "other": "${base.SQL_TABLE_NAME}",
    "query": "(select * from mart.orders)",
}


@pytest.mark.parametrize(
    ("name", "tables"),
    [
        ("model", {"mart.orders"}),
        ("attribute", {"mart.orders"}),
        ("both", {"mart.orders"}),
        ("date", {"mart.by_day", "mart.orders"}),
        ("choice", {"mart.day", "mart.week"}),
        ("other", {"mart.base"}),
        ("query", {"mart.orders"}),
    ],
)
def test_the_name_of_a_table_is_rendered(name: str, tables: set[str]) -> None:
    text = f"""
    view: v {{ sql_table_name: {LIQUID[name]} ;; dimension: x {{}} dimension_group: created {{ timeframes: [date] }}
      parameter: grain {{ type: unquoted default_value: "day" allowed_value: {{ value: "day" }}
        allowed_value: {{ value: "week" }} }} }}
    view: base {{ sql_table_name: mart.base ;; }}
    """
    found = lineages(text, schema="mart").of("v")
    assert {called(source) for source in found.sources} == tables
    assert flows(found)["x"] == {f"{table} x" for table in tables}
    assert reasons(found) == []


def test_what_liquid_cannot_know_is_told_and_not_guessed() -> None:
    found = lineages(LIQUID["attribute"].join(("view: v { sql_table_name: ", ";; dimension: x {} }"))).of("v")
    assert (found.sources, found.flows) == ((), ())
    assert reasons(found) == ["the user attribute 'schema' has no value here"]
    query = lineages(
        """view: v { derived_table: { sql: select a.x, b.y, {{ _user_attributes['c'] }} as z
             from {{ _user_attributes['s'] }}.a join mart.b on a.i = b.i ;; }
           dimension: x {} dimension: y {} dimension: z {} }"""
    ).of("v")
    assert flows(query) == {"y": {"mart.b y"}}
    assert query.sources == (TableSource(("mart", "b")),)
    assert "the user attribute 's' has no value here" in reasons(query)
    assert "the name of a table that it reads is not known: ?.a" in reasons(query)


def test_what_names_no_table_is_told() -> None:
    for text, reason in (
        ("sql_table_name: ;;", "its sql_table_name is empty"),
        ("sql_table_name: a, b ;;", "its table 'a, b' is no name that postgres has"),
        ("derived_table: {}", "its derived table has neither sql"),
        ("derived_table: { sql: selec ( ;; }", "its SQL could not be parsed as postgres"),
        ("derived_table: { sql: select 1; select 2 ;; }", "its SQL has 2 statements"),
        ("derived_table: { explore_source: gone { column: x {} } }", "the explore 'gone' that it is made from"),
        ("derived_table: { sql: select x from ${y} ;; }", "its SQL names 'y', which is no table of a view"),
    ):
        found = lineages(f"view: v {{ {text} dimension: x {{}} }}").of("v")
        assert (found.sources, found.flows) == ((), ()), text
        assert any(told.startswith(reason) for told in reasons(found)), (text, reasons(found))


def test_a_query_that_cannot_be_read_is_told_once_and_not_for_each_field() -> None:
    fields = " ".join(f"dimension: d{n} {{}}" for n in range(50))
    found = lineages("view: v { derived_table: { sql: selec ( ;; } " + fields + " }").of("v")
    assert len(found.gaps) == 1
    assert found.gaps[0].field is None


def test_two_models_of_one_project_see_their_own_liquid() -> None:
    made = project(
        {
            "a.model.lkml": 'include: "v"',
            "b.model.lkml": 'include: "v"',
            "v.lkml": "view: v { sql_table_name: {{ _model._name }}.orders ;; dimension: x {} }",
        }
    )
    assert made.model("a").view("v") is made.model("b").view("v")
    for name in "ab":
        assert Lineages(made.model(name), None).of("v").sources == (TableSource((name, "orders")),)


def test_a_view_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        lineages("view: v {}").of("w")
