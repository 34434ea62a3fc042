from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from ingest_assets.catalog import Edge, Elsewhere, EntityType, Finding, ForeignEdge, Note, Origin, Parked, Statement
from ingest_assets.lineage.sql import parse_query
from ingest_assets.lineage.statements import ReadStatement, read_statement
from ingest_assets.sources.looker.connections import Connection
from ingest_assets_tests.sources.looker.projects import edges, findings, model, models, of


def parked(found: Sequence[Finding]) -> dict[str, list[tuple[str, str]]]:
    told: dict[str, list[tuple[str, str]]] = {}
    for each in of(Parked, found):
        told.setdefault(each.target.name, []).append((each.wanted, each.reason))
    return told


def notes(found: Sequence[Finding]) -> list[str]:
    return [each.text for each in of(Note, found)]


def planned(statement: Statement, columns: Mapping[str, Sequence[str]]) -> dict[str, dict[str, set[str]]]:
    """What a statement comes to, by table, once the columns of its tables are known."""
    read = read_statement(statement, parse_query)
    assert isinstance(read, ReadStatement)
    made = read.edges({table: columns[str(table)] for table in read.tables() if str(table) in columns})
    return {
        str(edge.source): {pair.target[0]: {path[0] for path in pair.sources} for pair in edge.columns} for edge in made
    }


def test_a_dimension_that_is_called_otherwise_than_its_column_comes_from_that_column() -> None:
    found = findings(
        """view: orders { sql_table_name: mart.orders ;;
          dimension: key { sql: ${TABLE}.order_id ;; } dimension: amount {}
          dimension_group: created { type: time timeframes: [date, week] sql: ${TABLE}.created_at ;; }
          measure: revenue { type: sum sql: ${amount} ;; } measure: n { type: count } }
        explore: orders {}"""
    )
    (edge,) = of(ForeignEdge, found)
    assert edge.source == Elsewhere(
        type=EntityType.TABLE, names=("analytics", "mart", "orders"), system="postgres", within=""
    )
    assert (edge.target, edge.origin, edge.optional, edge.sql) == (
        model("m_orders_view"),
        Origin.DASHBOARD,
        False,
        None,
    )
    assert edges(found)["analytics.mart.orders", "m_orders_view"] == {
        "key": {"order_id"},
        "amount": {"amount"},
        "created_date": {"created_at"},
        "created_week": {"created_at"},
        "revenue": {"amount"},
    }
    assert not notes(found)


def test_persistent_tables_that_read_later_ones_and_native_ones_have_their_edges() -> None:
    found = findings(
        """
        view: first { derived_table: { datagroup_trigger: d
            sql: select s.k, s.total from ${second.SQL_TABLE_NAME} s ;; }
          dimension: k {} dimension: all_of_it { sql: ${TABLE}.total ;; } }
        view: second { derived_table: { persist_for: "1 hour"
            sql: select k, sum(x) as total from ${base.SQL_TABLE_NAME} group by 1 ;; }
          dimension: k {} dimension: total {} }
        view: base { sql_table_name: raw.base ;; dimension: k {} dimension: x {} }
        view: native { derived_table: { explore_source: sales { column: key { field: sales.k } column: total {} } }
          dimension: key {} measure: sum { type: sum sql: ${TABLE}.total ;; } }
        explore: sales { from: second } explore: first {} explore: native {}
        """,
        explores={("m", "sales"): frozenset({"sales.k", "sales.total"})},
    )
    assert edges(found) == {
        ("m_second_view", "m_first_view"): {"k": {"k"}, "all_of_it": {"total"}},
        ("analytics.raw.base", "m_second_view"): {"k": {"k"}, "total": {"x"}},
        ("m_sales", "m_native_view"): {"key": {"sales.k"}, "sum": {"sales.total"}},
        ("m_second_view", "m_sales"): {"sales.k": {"k"}, "sales.total": {"total"}},
        ("analytics.raw.base", "shop_base_view"): {"k": {"k"}, "x": {"x"}},
    }
    (edge,) = (each for each in of(Edge, found) if each.target == model("m_first_view"))
    assert edge.sql == "select s.k, s.total from ${second.SQL_TABLE_NAME} s"


def test_views_that_extend_have_no_edge_to_what_they_extend() -> None:
    found = findings(
        """view: base { sql_table_name: mart.base ;; dimension: id {} }
           view: child { extends: [base] sql_table_name: mart.child ;; }
           explore: base {} explore: child {}"""
    )
    assert sorted(edges(found)) == [
        ("analytics.mart.base", "m_base_view"),
        ("analytics.mart.child", "m_child_view"),
    ]


STARS = """
view: v { derived_table: { sql: select *, o.k as kk from orders o join mart.users u on o.i = u.i ;; }
  dimension: name { sql: ${TABLE}.user_name ;; } dimension: both { sql: ${TABLE}.user_name || ${TABLE}.total ;; }
  dimension: kk {} measure: n { type: count } filter: total { sql: {% condition total %} x {% endcondition %} ;; } }
explore: v {}
"""


def test_stars_of_joins_are_told_by_the_columns_that_the_tables_have() -> None:
    found = findings(STARS, places={"warehouse": "svc"})
    assert edges(found) == {
        ("analytics.mart.orders", "m_v_view"): {"kk": {"k"}},
        ("analytics.mart.users", "m_v_view"): {},
    }
    (statement,) = of(Statement, found)
    assert (statement.dialect, statement.system, statement.within) == ("postgres", "postgres", "svc")
    assert statement.namespace == ("analytics", "mart")
    assert statement.written == "select *, o.k as kk from orders o join mart.users u on o.i = u.i"
    columns = {"analytics.mart.orders": ["i", "k", "total"], "analytics.mart.users": ["i", "user_name"]}
    assert planned(statement, columns) == {
        "analytics.mart.orders": {"both": {"total"}, "kk": {"k"}},
        "analytics.mart.users": {"name": {"user_name"}, "both": {"user_name"}},
    }
    assert not parked(found)
    assert not notes(found)


@pytest.mark.parametrize(
    "sql",
    [
        "select a from mart.x join mart.y using (i)",
        "select * from mart.x join mart.y using (i)",
        "with j as (select * from mart.x join mart.y using (i)) select * from j",
    ],
)
def test_what_a_query_does_not_say_of_its_tables_is_no_gap(sql: str) -> None:
    found = findings(f"view: v {{ derived_table: {{ sql: {sql} ;; }} dimension: a {{}} }} explore: v {{}}")
    (statement,) = of(Statement, found)
    known = {"analytics.mart.x": ["i"], "analytics.mart.y": ["i", "a"]}
    assert planned(statement, known)["analytics.mart.y"] == {"a": {"a"}}
    assert not parked(found)
    assert not notes(found)


def test_a_query_whose_columns_are_all_said_needs_no_one_to_read_it_again() -> None:
    found = findings("view: v { derived_table: { sql: select t.a from mart.t ;; } dimension: a {} } explore: v {}")
    assert edges(found) == {("analytics.mart.t", "m_v_view"): {"a": {"a"}}}
    assert not of(Statement, found)


def test_tables_of_a_place_in_another_service_are_told_without_the_connections_own_database() -> None:
    found = findings(
        """view: v { derived_table: { sql: select * from lake.hr.x join other.hr.y using (i) ;; } dimension: a {} }
           explore: v {}""",
        connections={"warehouse": Connection("warehouse", "trino", "lake", "hr")},
        places={"warehouse": "glue_prod.123456789012"},
    )
    assert sorted(ends[0] for ends in edges(found)) == ["hr.x", "other.hr.y"]
    (statement,) = of(Statement, found)
    assert sorted(planned(statement, {})) == ["hr.x", "other.hr.y"]
    assert {each.within for each in (statement, *(e.source for e in of(ForeignEdge, found)))} == {  # type: ignore[union-attr]  # tables
        "glue_prod.123456789012"
    }


@pytest.mark.parametrize(
    ("view", "reason"),
    [
        ("sql_table_name: {{ _user_attributes['s'] }}.t ;;", "the user attribute 's' has no value here"),
        ("derived_table: { sql: select (( ;; }", "could not be parsed as postgres"),
        ("derived_table: { sql: select x from ${gone.SQL_TABLE_NAME} ;; }", "the view 'gone' whose table it reads"),
        ("derived_table: { explore_source: gone { column: x {} } }", "the explore 'gone' that it is made from"),
        ("derived_table: { sql: select x from {{ _user_attributes['s'] }}.t ;; }", "?.t"),
    ],
)
def test_a_view_whose_tables_can_t_be_told_keeps_the_lineage_that_it_had(view: str, reason: str) -> None:
    found = findings(f"view: v {{ {view} dimension: x {{}} }} explore: v {{}}")
    assert not edges(found)
    assert not of(Statement, found)
    told = parked(found)["m_v_view"]
    assert {wanted for wanted, _ in told} == {""}
    assert reason in " ".join(why for _, why in told)


def test_a_query_with_a_table_that_liquid_hides_is_not_read_again() -> None:
    found = findings(
        """view: v { derived_table: { sql: select * from {{ _user_attributes['s'] }}.t join mart.u using (i) ;; }
             dimension: x {} } explore: v {}"""
    )
    assert edges(found) == {("analytics.mart.u", "m_v_view"): {}}
    assert not of(Statement, found)
    assert len(parked(found)["m_v_view"]) == 2
    assert "selects all columns of tables that are not known here" in notes(found)[0]


def test_columns_that_no_one_can_tell_while_all_tables_are_known_park_nothing() -> None:
    found = findings(
        """view: v { derived_table: { sql: select * from mart.a join mart.b using (i) ;; } dimension: x {} }
           view: w { derived_table: { sql: select * from ${v.SQL_TABLE_NAME} join mart.c using (i) ;; }
              dimension: x {} }
           explore: w {}"""
    )
    assert ("m_v_view", "m_w_view") in edges(found)
    assert ("analytics.mart.c", "m_w_view") in edges(found)
    assert not parked(found)
    (note,) = notes(found)
    assert note.startswith(
        "dashboardDataModel lk / m_w_view has columns whose lineage is not known in full: its query "
    )


def test_what_people_type_is_no_column_of_an_edge() -> None:
    found = findings("view: v { dimension: x {} filter: f { type: string sql: ${TABLE}.y = 1 ;; } } explore: v {}")
    assert edges(found) == {("analytics.mart.v", "m_v_view"): {"x": {"x"}}}


def test_a_column_whose_lineage_is_not_known_in_full_is_told_once_a_view() -> None:
    bad = " ".join(f"dimension: d{n} {{ sql: ${{gone{n}}} ;; }}" for n in range(7))
    found = findings(f"view: v {{ {bad} filter: f {{ sql: ${{gone}} ;; }} }} explore: v {{}}")
    (note,) = notes(found)
    assert note.startswith("dashboardDataModel lk / m_v_view has columns whose lineage is not known in full: d0 (")
    assert "d4 (the view has no field 'gone4'), and 2 more." in note
    assert not parked(found)


def test_an_explore_that_looker_does_not_show_is_no_source() -> None:
    found = findings(
        """view: v { derived_table: { explore_source: e { column: id {} } } dimension: id {} }
           view: e { dimension: id {} } explore: e {} explore: v {}"""
    )
    why = "it is made from the explore 'e', which is not shown to us, or left out"
    assert parked(found) == {"m_v_view": [("m_e", why)]}
    assert sorted(edges(found)) == [("analytics.mart.e", "m_e_view")]


def test_views_flow_into_explores_by_their_aliases_and_only_columns_that_both_have() -> None:
    found = findings(
        """
        view: users { dimension: id {} dimension: name {} dimension: secret {} parameter: p {} }
        view: orders { dimension: id {} }
        explore: sales { from: orders
          join: buyers { from: users } join: sellers { from: users fields: [sellers.id] } join: gone {} }
        explore: unseen { from: users }
        """,
        explores={("m", "sales"): frozenset({"sales.id", "buyers.id", "buyers.name", "sellers.id", "buyers.p", "b.c"})},
    )
    told = {ends: pairs for ends, pairs in edges(found).items() if ends[1] == "m_sales"}
    assert told == {
        ("m_orders_view", "m_sales"): {"sales.id": {"id"}},
        ("m_users_view", "m_sales"): {"buyers.id": {"id"}, "buyers.name": {"name"}, "sellers.id": {"id"}},
    }
    assert parked(found) == {
        "m_sales": [("m_gone_view", "it uses the view 'gone' as 'gone', of which there is no data model")]
    }


def test_an_explore_of_which_the_lookml_does_not_tell_keeps_the_lineage_that_it_had() -> None:
    found = findings(
        "view: v {} explore: v {}", explores={("m", "newer"): frozenset({"v.id"}), ("x", "y"): frozenset()}
    )
    assert parked(found) == {"m_newer": [("", "its LookML is not in the project")]}


def test_a_view_that_no_explore_uses_and_another_one_reads_is_used_by_the_same_model() -> None:
    found = findings(
        """view: lines { dimension: weight { sql: ${TABLE}.n * ${products.weight} ;; } }
           view: products { derived_table: { sql: select kg as weight from ${raw.SQL_TABLE_NAME} ;; }
             dimension: weight {} }
           view: raw { derived_table: { sql: select kg from mart.raw ;; } dimension: kg {} }
           view: other { dimension: id {} }
           explore: lines {}"""
    )
    assert sorted(models(found)) == ["m_lines_view", "m_products_view", "m_raw_view", "shop_other_view"]
    assert edges(found)["m_products_view", "m_lines_view"] == {"weight": {"weight"}}
    assert edges(found)["m_raw_view", "m_products_view"] == {"weight": {"kg"}}


def test_a_query_in_place_of_a_table_s_name_is_the_sql_of_its_edges() -> None:
    found = findings("view: v { sql_table_name: (select t.id from mart.t) ;; dimension: id {} } explore: v {}")
    (edge,) = of(ForeignEdge, found)
    assert edge.sql == "(select t.id from mart.t)"
    assert edges(found) == {("analytics.mart.t", "m_v_view"): {"id": {"id"}}}
