from __future__ import annotations

import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.lineage.flows import Flow, Unread
from ingest_assets.lineage.sql import LONGEST_SQL, Query, parse_query

COLUMNS = {
    ("orders",): ["Id", "total", "cust", "items", "addr"],
    ("sales", "orders"): ["Id", "total", "cust"],
    ("awsdatacatalog", "crm", "customers"): ["id", "name", "Region"],
    ("crm", "customers"): ["id", "name", "Region"],
}

_DOUBLED = ", ".join("a{0} as (select x.*, y.* from a{1} x, a{1} y)".format(n, n - 1) for n in range(1, 40))  # noqa: S608  # runs nowhere
STARS = " ".join(["with a0 as (select * from orders),", _DOUBLED, "select * from a39"])


def _columns_of(reference: tuple[str, ...]) -> list[str] | None:
    return COLUMNS.get(tuple(part.lower() for part in reference))


def _parsed(sql: str, dialect: str = "trino") -> Query:
    query = parse_query(sql, dialect)
    assert isinstance(query, Query), query
    return query


def _flows(sql: str, dialect: str = "trino") -> dict[str, set[str]]:
    flows = _parsed(sql, dialect).flows(_columns_of)
    assert not isinstance(flows, Unread), flows
    return {flow.name: {".".join((*reference, column)) for reference, column in flow.sources} for flow in flows}


@pytest.mark.parametrize(
    ("sql", "references"),
    [
        ("select 1", []),
        ("select * from T", [("T",)]),
        ('select * from "a.b"."c d"', [("a.b", "c d")]),
        (
            "select * from awsdatacatalog.sales.orders, sales.orders",
            [("awsdatacatalog", "sales", "orders"), ("sales", "orders")],
        ),
        ("with t as (select * from u) select * from t", [("u",)]),
        ("with t as (select * from s.t) select * from t", [("s", "t")]),
        ("select * from a where exists (select 1 from b) and x in (select y from c)", [("a",), ("b",), ("c",)]),
        ("select (select max(x) from b) from a", [("a",), ("b",)]),
        ("select * from a union all (select * from b except select * from c)", [("a",), ("b",), ("c",)]),
        ("select * from a cross join unnest(items) as u(item)", [("a",)]),
        ("select * from (values (1, 2)) as t(a, b)", []),
        ("with recursive r(n) as (select 1 union all select n + 1 from r) select n from r", []),
        ("create view v as select * from a", [("a",)]),
        ("select * from a join a b on a.x = b.x", [("a",)]),
    ],
)
def test_the_tables_that_a_query_reads_are_found(sql: str, references: list[tuple[str, ...]]) -> None:
    assert sorted(_parsed(sql).references) == sorted(references)


@pytest.mark.parametrize(
    ("sql", "flows"),
    [
        ("select ID, total + 1 as more from orders", {"id": {"orders.Id"}, "more": {"orders.total"}}),
        (
            "select * from sales.orders",
            {"id": {"sales.orders.Id"}, "total": {"sales.orders.total"}, "cust": {"sales.orders.cust"}},
        ),
        (
            "select o.id, c.* from orders o join crm.customers c on c.id = o.cust",
            {
                "id": {"orders.Id"},
                "name": {"crm.customers.name"},
                "region": {"crm.customers.Region"},
            },
        ),
        (
            "select case when total > 0 then name else region end as k from orders join crm.customers on true",
            {"k": {"orders.total", "crm.customers.name", "crm.customers.Region"}},
        ),
        (
            """
            with p as (select id, total t from orders),
                 q as (select p.*, upper(c.name) n from p join awsdatacatalog.crm.customers c on true)
            select q.id, q.t * 2 as t, q.n from q
            """,
            {"id": {"orders.Id"}, "t": {"orders.total"}, "n": {"awsdatacatalog.crm.customers.name"}},
        ),
        ("select id from orders union all select id from crm.customers", {"id": {"orders.Id", "crm.customers.id"}}),
        ("select sum(total) over (partition by cust) as s from orders", {"s": {"orders.total", "orders.cust"}}),
        ("select x.i from (select id as i from orders) x", {"i": {"orders.Id"}}),
        ("select t.item from orders cross join unnest(items) as t(item)", {"item": {"orders.items"}}),
        ("select addr.city as city from orders", {"city": {"orders.addr"}}),
        ("select (select max(name) from crm.customers) as m from orders", {"m": {"crm.customers.name"}}),
        (
            "select orders.id, count(*) as c, 1 as one from sales.orders group by 1",
            {"id": {"sales.orders.Id"}, "c": set(), "one": set()},
        ),
        ("select no_such, id from orders", {"no_such": set(), "id": {"orders.Id"}}),
        ("select a.id as a, b.id as b from orders a, orders b", {"a": {"orders.Id"}, "b": {"orders.Id"}}),
        ("create view v (x, y) as select id, total from orders", {"x": {"orders.Id"}, "y": {"orders.total"}}),
        ("(select id from orders)", {"id": {"orders.Id"}}),
    ],
)
def test_columns_are_followed_to_their_tables(sql: str, flows: dict[str, set[str]]) -> None:
    found = _flows(sql)
    assert {name: found[name] for name in flows} == flows


@pytest.mark.parametrize(
    ("sql", "dialect"),
    [
        ("select `o`.`id` as `id` from `sales`.`orders` `o` lateral view explode(array(1)) t as x", "hive"),
        ("SELECT id FROM sales.orders o LEFT SEMI JOIN crm.customers c ON c.id = o.cust", "spark"),
        ('SELECT o."id" FROM "sales"."orders" o', "redshift"),
        ("SELECT sales.orders.id FROM sales.orders", "spark"),
    ],
)
def test_each_engines_own_words_are_read(sql: str, dialect: str) -> None:
    assert _flows(sql, dialect)["id"] == {"sales.orders.Id"}


def test_nothing_is_guessed_where_a_tables_columns_are_not_known() -> None:
    flows = _parsed("select secret, o.id, u.* from orders o, unknown u").flows(_columns_of)
    assert flows == [Flow(None, "secret", ()), Flow(None, "id", ((("orders",), "Id"),))]


def test_a_star_follows_the_tables_own_order() -> None:
    flows = _parsed("select * from orders").flows(_columns_of)
    assert isinstance(flows, list)
    assert [(flow.position, flow.name) for flow in flows] == list(enumerate(["id", "total", "cust", "items", "addr"]))


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("selec id", "not a query"),
        ("selec id from", "could not be parsed"),
        ("select from where ((", "could not be parsed"),
        ("select 1; select 2", "2 statements"),
        ("", "0 statements"),
        ("insert into t select 1", "not a query"),
        ("drop table t", "not a query"),
        ("select " + "(" * 300 + "1" + ")" * 300, "nested too deeply"),
        ("select 1 -- " + "x" * LONGEST_SQL, "longer than"),
        ("SELECT country, ${period} AS period, sum(vat FROM invoice_lines JOIN WHERE ;;", "could not be parsed"),
    ],
)
def test_what_is_no_query_says_why(sql: str, reason: str) -> None:
    query = parse_query(sql, "trino")
    assert isinstance(query, Unread)
    assert reason in query.reason
    assert len(query.reason) < 400


@given(
    st.lists(st.sampled_from([*"t,.*()'x'\"`;ab1", "select", "from", "with", "as", "join", "on", "union", "unnest"]))
)
def test_no_text_raises(words: list[str]) -> None:
    query = parse_query(" ".join(words), "trino")
    if isinstance(query, Query):
        assert isinstance(query.flows(_columns_of), (list, Unread))


def test_stars_over_stars_are_not_multiplied_out() -> None:
    query = _parsed(STARS)
    started = time.process_time()
    assert isinstance(query.flows(_columns_of), Unread)
    assert time.process_time() - started < 1


def test_columns_come_in_the_same_order_in_every_process() -> None:
    code = (
        "from ingest_assets.lineage.sql import parse_query;"
        "print(parse_query('select a + b + c + d + e as x from t', 'trino').flows(lambda _: list('edcba')))"
    )
    answers = {
        subprocess.run(  # noqa: S603  # our own code
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    (answer,) = answers
    flow = Flow(0, "x", tuple((("t",), column) for column in "abcde"))
    assert answer.strip() == str([flow])


NAMED = [
    # In quotes, a name keeps its case; it is the column's all the same.
    ('select o."ID" as x, O."Total" from orders o', "trino", {"x": {"orders.Id"}, "Total": {"orders.total"}}),
    ("select [o].[ID] as x from [orders] as [o]", "tsql", {"x": {"orders.Id"}}),
    # One that the table is not known to have costs itself, and no other.
    ("select o.id, o.newer from orders o where o.other = 1", "trino", {"id": {"orders.Id"}, "newer": set()}),
    ('select o.total, o."$path" as file from orders o', "athena", {"total": {"orders.total"}, "file": set()}),
    (
        "select x.id, x.n from (select o.id, o.newer as n from orders o) x",
        "redshift",
        {"id": {"orders.Id"}, "n": set()},
    ),
]


@pytest.mark.parametrize(("sql", "dialect", "flows"), NAMED)
def test_a_name_that_says_whose_it_is_may_be_in_quotes_or_unknown(
    sql: str, dialect: str, flows: dict[str, set[str]]
) -> None:
    assert _flows(sql, dialect) == flows


def test_a_star_beside_a_name_that_is_not_known_has_the_table_s_columns() -> None:
    found = _flows('select o.*, o."$path" as file from sales.orders o')
    assert found["total"] == {"sales.orders.total"}
    assert found["file"] == set()
