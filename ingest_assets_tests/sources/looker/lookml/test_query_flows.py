from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.sources.looker.lookml.query_flows import (
    LONGEST_SQL,
    QueryFlows,
    is_query,
    made_by,
    read_query,
    table_path,
)

T, U = ("s", "t"), ("s", "u")


@pytest.mark.parametrize(
    ("sql", "outputs", "flows"),
    [
        ("select A, b + c as d from s.t", ("A", "d"), {"A": ((T, "A"),), "d": ((T, "b"), (T, "c"))}),
        ("with x as (select k from s.t) select x.k as q from x", ("q",), {"q": ((T, "k"),)}),
        ("select a from s.t union all select b from s.u", ("a",), {"a": ((T, "a"), (U, "b"))}),
        ("select t.a, u.b from s.t t join s.u u on t.i = u.i", ("a", "b"), {"a": ((T, "a"),), "b": ((U, "b"),)}),
        ("select count(*) as n, max(x) m from s.t", ("n", "m"), {"n": (), "m": ((T, "x"),)}),
        ("select * from s.t", None, {}),
    ],
)
def test_columns_of_a_query_are_followed(sql: str, outputs: tuple[str, ...] | None, flows: object) -> None:
    found = read_query(sql, "postgres", {})
    assert (found.outputs, found.flows, found.reasons) == (outputs, flows, ())


@pytest.mark.parametrize(
    ("sql", "star"),
    [
        ("select * from s.t", T),
        ("select x.*, y.k from s.t x join s.u y on true", T),
        ("with w as (select * from s.t) select * from w", T),
        ("select * from s.t x join s.u y on true", None),
        ("select * from s.t union all select * from s.u", None),
    ],
)
def test_a_star_is_of_a_table_only_where_no_other_can_be_meant(sql: str, star: tuple[str, ...] | None) -> None:
    found = read_query(sql, "postgres", {})
    assert found.star == star
    assert found.into("Any") == (None if star is None else ((star, "Any"),))


def test_a_column_that_a_part_of_the_query_makes_is_not_the_tables() -> None:
    found = read_query("with w as (select *, 1 as made from s.t) select * from w", "postgres", {})
    assert found.into("made") is None
    assert found.into("other") == ((T, "other"),)


def test_columns_of_joins_without_their_table_are_told() -> None:
    found = read_query("select a, t.b from s.t t join s.u u on true", "postgres", {})
    assert found.flows == {"a": (), "b": ((T, "b"),)}
    assert found.reasons == ("the column a of its query is not followed: it does not say of which table it is",)
    known = read_query("select a, t.b from s.t t join s.u u on true", "postgres", {U: ["c"], T: ["a", "b"]})
    assert known.flows["a"] == ((T, "a"),)


def test_short_text_that_means_millions_of_columns_costs_no_time() -> None:
    parts = ["p0 as (select a.*, b.* from s.t a, s.t b)"]
    one = "p! as (select a.*, b.* from p@ a, p@ b)"
    parts += [one.replace("!", str(n + 1)).replace("@", str(n)) for n in range(24)]
    sql = " ".join(["with", ", ".join(parts), "select * from p24"])
    started = time.monotonic()
    found = read_query(sql, "postgres", {T: [f"c{n}" for n in range(20)]})
    assert time.monotonic() - started < 5
    assert found == QueryFlows((T,), reasons=("its columns were not followed: there are more than 30000",))


def test_text_that_is_too_long_or_no_query_is_told() -> None:
    assert "longer than" in read_query("x" * (LONGEST_SQL + 1), None, {}).reasons[0]
    assert "2 statements" in read_query("select 1; select 2", None, {}).reasons[0]
    assert "no query" in read_query("drop table x", "postgres", {}).reasons[0]
    assert "could not be parsed as postgres" in read_query("selec (", "postgres", {}).reasons[0]
    assert "could not be parsed as none" in read_query("select 1", "none", {}).reasons[0]
    nested = f"select {'(' * 5000}1{')' * 5000}"
    assert "nested too deeply" in read_query(nested, "postgres", {}).reasons[0]


def test_statements_that_make_tables_tell_which() -> None:
    assert made_by("create table a.b as select 1 as x", "postgres") == (("a", "b"), "SELECT 1 AS x")
    assert made_by("insert into b (x) select 1", "postgres") == (("b",), "SELECT 1")
    assert made_by("select 1", "postgres") is None
    assert made_by("create table (", "postgres") is None


NAMES = st.text(st.characters(codec="utf-8", exclude_characters='"\0', exclude_categories=["Cc", "Cs"]), min_size=1)


@given(st.lists(NAMES, min_size=1, max_size=3))
def test_any_name_in_quotes_is_a_tables(names: list[str]) -> None:
    assert table_path(".".join(f'"{name}"' for name in names), "postgres") == tuple(names)


@given(st.text(max_size=30))
def test_no_text_raises(text: str) -> None:
    path = table_path(text, "snowflake")
    assert path is None or all(isinstance(part, str) for part in path)
    assert is_query(text, "bigquery") in (True, False)
    assert isinstance(read_query(text, "postgres", {}), QueryFlows)
