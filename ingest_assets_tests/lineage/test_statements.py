from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ingest_assets.catalog import ColumnPaths, Elsewhere, EntityType, ForeignEdge, Reads, Reference, Statement
from ingest_assets.lineage.flows import Unread
from ingest_assets.lineage.sql import parse_query
from ingest_assets.lineage.statements import ReadStatement, bare_edges, read_statement

MODEL = Reference(EntityType.DATA_MODEL, ("qs", "ds"))
COLUMNS = {
    ("sales", "orders"): ["Id", "total", "cust"],
    ("dwh", "mart", "orders"): ["id", "total", "cust"],
    ("a", "b", "c"): ["id", "total"],
    ("crm", "customers"): ["id", "name"],
}


def statement(sql: str, *columns: str, **rest: Any) -> Statement:
    defaults: dict[str, Any] = {"dialect": "trino", "system": "athena"}
    return Statement(target=MODEL, columns=columns, sql=sql, **{**defaults, **rest})


def into(**flows: str) -> tuple[ColumnPaths, ...]:
    """Target columns, and the query's that flow into each."""
    return tuple(ColumnPaths(tuple((name,) for name in names.split()), (to,)) for to, names in flows.items())


def edges(made: Statement) -> dict[tuple[str, ...], ForeignEdge]:
    read = read_statement(made, parse_query)
    assert isinstance(read, ReadStatement), read
    known: dict[Elsewhere, Sequence[str]] = {
        each: COLUMNS[each.names] for each in read.tables() if each.names in COLUMNS
    }
    found = list(read.edges(known))
    assert all(isinstance(edge.source, Elsewhere) and edge.target == MODEL for edge in found)
    return {edge.source.names: edge for edge in found if isinstance(edge.source, Elsewhere)}


def pairs(made: Statement) -> dict[tuple[str, ...], dict[str, list[str]]]:
    return {
        names: {target[0]: [path[0] for path in paths] for paths, target in edge.columns}
        for names, edge in edges(made).items()
    }


FLOWS = into(shown="total", both="total cust", key="id")
QUERIES = [
    ("select id, total, cust from sales.orders", {"shown": ["total"], "both": ["total", "cust"], "key": ["Id"]}),
    ("select * from sales.orders", {"shown": ["total"], "both": ["total", "cust"], "key": ["Id"]}),
    ("select ID, sum(cust) total from sales.orders", {"shown": ["cust"], "both": ["cust"], "key": ["Id"]}),
    ("with o as (select cust x from sales.orders) select x as cust from o", {"both": ["cust"]}),
    ("select cust as other from sales.orders", {}),
]


@pytest.mark.parametrize(("sql", "expected"), QUERIES)
def test_the_query_s_columns_flow_where_the_statement_says(sql: str, expected: dict[str, list[str]]) -> None:
    assert pairs(statement(sql, flows=FLOWS)) == {("sales", "orders"): expected}


def test_columns_that_others_call_otherwise_are_told_by_their_place() -> None:
    made = statement("select id, max(total) from sales.orders", "id", "_col1", flows=into(key="id", top="_col1"))
    assert pairs(made) == {("sales", "orders"): {"key": ["Id"], "top": ["total"]}}
    # Not where they know of more or fewer: which is which then?
    made = statement("select id, max(total) from sales.orders", "id", "x", "_col1", flows=into(top="_col1"))
    assert pairs(made) == {("sales", "orders"): {}}


def test_nothing_flows_where_nothing_is_said_to() -> None:
    assert pairs(statement("select id from sales.orders", "id", flows=())) == {("sales", "orders"): {}}
    assert pairs(statement("select id from sales.orders", "id")) == {("sales", "orders"): {"id": ["Id"]}}


def test_two_columns_of_a_query_that_flow_into_one_are_one_pair() -> None:
    made = statement("select id, id + total as total from sales.orders", flows=into(sum="id total"))
    (edge,) = edges(made).values()
    assert edge.columns == (ColumnPaths((("Id",), ("total",)), ("sum",)),)


def test_a_name_of_three_parts_is_that_table_whatever_the_connection_s_database_is() -> None:
    made = statement("select id from a.b.c", "id", dialect="redshift", system="redshift", namespace=("dwh", "public"))
    assert pairs(made) == {("a", "b", "c"): {"id": ["id"]}}


NAMESPACES = [
    (("dwh", "public"), "redshift", "orders", ("dwh", "public", "orders")),
    (("dwh", "public"), "redshift", "mart.orders", ("dwh", "mart", "orders")),
    (("hive", ""), "trino", "sales.orders", ("hive", "sales", "orders")),
    (("hive", ""), "trino", "orders", ("orders",)),
    (("hive", ""), "trino", "ice.sales.orders", ("ice", "sales", "orders")),
    (("shop",), "mysql", "orders", ("shop", "orders")),
    (("shop",), "mysql", "crm.orders", ("crm", "orders")),
    ((), "athena", "orders", ("orders",)),
    ((), "athena", "AwsDataCatalog.sales.orders", ("sales", "orders")),
    ((), None, "hive.sales.orders", ("sales", "orders")),
    # A catalog of that name is one like any other where the engine is not Glue's.
    ((), "trino", "hive.sales.orders", ("hive", "sales", "orders")),
    ((), "databricks", "hive_metastore.sales.orders", ("hive_metastore", "sales", "orders")),
]


@pytest.mark.parametrize(("namespace", "system", "name", "wanted"), NAMESPACES)
def test_a_name_is_completed_by_where_it_belongs(
    namespace: tuple[str, ...], system: str | None, name: str, wanted: tuple[str, ...]
) -> None:
    read = read_statement(statement(f"select 1 from {name}", namespace=namespace, system=system), parse_query)  # noqa: S608
    assert isinstance(read, ReadStatement)
    assert [(each.names, each.system) for each in read.tables()] == [(wanted, system)]


def test_the_query_is_shown_as_it_was_written() -> None:
    sql = "select id from sales.orders where total = NULL"
    (edge,) = edges(statement(sql, "id", written="select id from sales.orders where total = <<$p>>")).values()
    assert edge.sql == "select id from sales.orders where total = <<$p>>"
    (edge,) = edges(statement(sql, "id")).values()
    assert edge.sql == sql


def test_a_table_that_is_not_known_has_an_edge_without_columns_and_leaves_those_of_others() -> None:
    made = statement("select o.id, c.name from sales.orders o join crm.people c on c.id = o.cust", "id", "name")
    assert pairs(made) == {("sales", "orders"): {"id": ["Id"]}, ("crm", "people"): {}}


def test_what_can_t_be_parsed_tells_the_reason() -> None:
    read = read_statement(statement("select from where"), parse_query)
    assert isinstance(read, Unread)
    assert "could not be parsed as trino" in read.reason


ORDERS, DAILY, RATES = (
    Elsewhere(type=EntityType.TABLE, names=("sales", name), within="lake") for name in ("orders", "daily", "rates")
)
READS = (
    Reads(("awsdatacatalog", "sales", "orders"), ORDERS),
    Reads(("sales", "daily"), DAILY),
    Reads(("sales", "rates"), RATES),
)


def filled(sql: str) -> Statement:
    return Statement(target=DAILY, columns=(), sql=sql, dialect="duckdb", reads=READS)


def test_what_lies_elsewhere_is_filled_by_the_query_s_own_names_and_never_by_itself() -> None:
    sql = 'select o.total as amount, d.id from "AwsDataCatalog"."sales"."orders" o join sales.daily d on d.id = o.id'
    read = read_statement(filled(sql), parse_query)
    assert isinstance(read, ReadStatement)
    found = {edge.source: edge.columns for edge in read.edges({ORDERS: ["id", "total"], DAILY: ["id", "amount"]})}
    assert found == {ORDERS: (ColumnPaths((("total",),), ("amount",)),), RATES: ()}


def test_tables_that_are_known_to_be_read_have_their_edges_though_the_query_can_t_be_read() -> None:
    assert isinstance(read_statement(filled("select from where"), parse_query), Unread)
    assert [(edge.source, edge.target) for edge in bare_edges(filled("select from where"))] == [
        (ORDERS, DAILY),
        (RATES, DAILY),
    ]
