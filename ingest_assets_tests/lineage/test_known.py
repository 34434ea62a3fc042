"""Queries that were followed before: what is believed, and what is followed anew."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.lineage import known
from ingest_assets.lineage.flows import Name, Unread
from ingest_assets.lineage.known import KnownQueries
from ingest_assets.lineage.sql import parse_query

TABLES: Mapping[Name, Sequence[str] | None] = {("orders",): ["id", "Amount", "vat"], ("sales", "refunds"): ["id", "of"]}
SQL = "select o.id, Amount + vat as total, r.* from orders o join sales.refunds r on r.of = o.id"


class Texts(dict[str, str]):
    """What is kept, and how often something was put."""

    puts = 0

    def put(self, key: str, text: str) -> None:
        self.puts += 1
        self[key] = text


@pytest.fixture
def texts() -> Texts:
    return Texts()


def followed(texts: Texts, sql: str = SQL, tables: Mapping[Name, Sequence[str] | None] = TABLES) -> object:
    query = KnownQueries(texts).read(sql, "trino")
    return query if isinstance(query, Unread) else (query.references, query.flows(tables.get))


def parsed(sql: str, tables: Mapping[Name, Sequence[str] | None] = TABLES) -> object:
    query = parse_query(sql, "trino")
    return query if isinstance(query, Unread) else (query.references, query.flows(tables.get))


@pytest.mark.parametrize(
    "sql", [SQL, "select 1", "select * from nowhere", "select from where", "select a.x.y[1] from a", "drop table x"]
)
def test_what_was_followed_before_comes_to_the_same_and_is_not_parsed_again(
    texts: Texts, sql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert followed(texts, sql) == parsed(sql)
    puts = texts.puts
    monkeypatch.setattr(known, "_parse", None)
    assert followed(texts, sql) == parsed(sql)
    assert texts.puts == puts


@pytest.mark.parametrize(
    "changed",
    [
        {**TABLES, ("orders",): ["id", "amount", "vat"]},
        {**TABLES, ("orders",): ["id", "Amount", "vat", "of"]},
        {**TABLES, ("orders",): None},
        {**TABLES, ("sales", "refunds"): ["of", "id"]},
        {},
    ],
)
def test_other_columns_of_a_table_are_followed_anew_and_so_are_the_first_ones_again(
    texts: Texts, changed: Mapping[Name, Sequence[str] | None]
) -> None:
    for tables in (TABLES, changed, TABLES):
        assert followed(texts, tables=tables) == parsed(SQL, tables)


def test_the_same_words_over_tables_of_two_schemas_are_both_known_the_second_time(
    texts: Texts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They took each other's place: both were followed anew in each run, and both were put again."""
    schemas: list[Mapping[Name, Sequence[str] | None]] = [{("orders",): ["id"]}, {("orders",): ["day", "sum"]}]
    sql = "select * from orders"
    found = [followed(texts, sql, tables) for tables in schemas]
    assert found == [parsed(sql, tables) for tables in schemas]
    puts = texts.puts
    monkeypatch.setattr(known, "_parse", None)
    assert [followed(texts, sql, tables) for tables in schemas] == found
    assert texts.puts == puts


@pytest.mark.parametrize("sql", ["select * from orders", 'select * from "\ud800"'])
def test_half_a_character_in_a_name_ends_no_run(texts: Texts, sql: str) -> None:
    tables: Mapping[Name, Sequence[str] | None] = {("orders",): ["\ud800", "ü"], ("\ud800",): ["a"]}
    for _ in range(2):
        assert followed(texts, sql, tables) == parsed(sql, tables)
    assert all(text.encode() for text in texts.values())


def test_of_another_revision_or_dialect_nothing_is_believed(texts: Texts, monkeypatch: pytest.MonkeyPatch) -> None:
    followed(texts)
    KnownQueries(texts).read(SQL, "mysql")
    monkeypatch.setattr(known, "REVISION", 0)
    followed(texts)
    monkeypatch.setattr(known, "version", lambda _: "0.0.1")
    followed(texts)
    monkeypatch.setattr(known, "version_info", (3, 99))
    followed(texts)
    queries, ways_through_one = 5, 4
    assert len(texts) == queries + ways_through_one


@given(st.text() | st.sampled_from(["{}", "null", '{"flows": 7}', '{"references": [["a"]], "columns": "x"}']))
def test_what_is_kept_may_be_anything_and_costs_a_parse(text: str) -> None:
    texts = Texts()
    followed(texts)
    for key in list(texts):
        texts[key] = text
        assert followed(texts) == parsed(SQL)


def test_what_is_known_costs_no_import_of_the_parser() -> None:
    script = (
        "import sys\n"
        "from ingest_assets.lineage.known import Known, KnownQueries\n"
        "class Kept:\n"
        "    def get(self, key): return Known(references=(('t',),), unread='').model_dump_json()\n"
        "    def put(self, key, text): raise SystemExit('parsed')\n"
        "print(KnownQueries(Kept()).read('select 1 from t', None).references)\n"
        "assert 'sqlglot' not in sys.modules\n"
    )
    assert subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout  # noqa: S603
