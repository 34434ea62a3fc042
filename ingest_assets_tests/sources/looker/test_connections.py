from __future__ import annotations

import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.sources.looker.connections import UNKNOWN, Connection, Tables, system_of


def tables(dialect: str | None, database: str | None = None, schema: str | None = None, within: str = "") -> Tables:
    return Tables(Connection("c", dialect, database, schema), system_of(dialect), within)


@pytest.mark.parametrize(
    ("word", "system", "dialect"),
    [
        ("athena", "athena", "athena"),
        ("bigquery_standard_sql", "bigquery", "bigquery"),
        ("bigquery_legacy_sql", "bigquery", "bigquery"),
        ("snowflake", "snowflake", "snowflake"),
        ("redshift", "redshift", "redshift"),
        ("trino", "trino", "trino"),
        ("presto", "presto", "presto"),
        ("prestodb", "presto", "presto"),
        ("postgres", "postgres", "postgres"),
        ("postgres_cloud_sql", "postgres", "postgres"),
        ("mssql", "mssql", "tsql"),
        ("mssql_2017", "mssql", "tsql"),
        ("databricks", "databricks", "databricks"),
        ("mysql_8", "mysql", "mysql"),
        ("aurora_mysql", "mysql", "mysql"),
        ("Oracle", "oracle", "oracle"),
    ],
)
def test_the_words_of_looker_for_one_dialect_mean_one_system(word: str, system: str, dialect: str) -> None:
    found = system_of(word)
    assert (found.name, found.dialect) == (system, dialect)


@pytest.mark.parametrize("word", [None, "", "filemaker", "my_snowflake"])
def test_a_word_that_is_new_means_no_system(word: str | None) -> None:
    assert system_of(word) is UNKNOWN


@given(
    st.sampled_from(["athena", "bigquery", "databricks", "hive", "impala", "mssql", "spark", "starburst", "vertica"])
)
def test_sqlglot_knows_each_dialect(word: str) -> None:
    assert sqlglot.parse_one("SELECT 1", dialect=system_of(word).dialect)


@pytest.mark.parametrize(
    ("made", "names", "told"),
    [
        # Database and schema complete what is written; what is written stands.
        (tables("postgres", "db", "public"), ("t",), "db.public.t"),
        (tables("postgres", "db", "public"), ("s", "t"), "db.s.t"),
        (tables("postgres", "db", "public"), ("x", "s", "t"), "x.s.t"),
        (tables("snowflake", "DB", None), ("S", "T"), "DB.S.T"),
        (tables("mssql", "db", "dbo"), ("db", "", "t"), "db.dbo.t"),
        # A schema that no one tells is not guessed, and the database says nothing without it.
        (tables("postgres", "db", None), ("t",), "t"),
        (tables("mssql", "db", None), ("other", "", "t"), "t"),
        (tables("postgres", None, "public"), ("t",), "public.t"),
        (tables("postgres"), ("s", "t"), "s.t"),
        # What Looker has as the database is a schema in OpenMetadata.
        (tables("mysql", "shop", None), ("t",), "shop.t"),
        (tables("bigquery_standard_sql", "mart", None), ("t",), "mart.t"),
        (tables("bigquery_standard_sql", "mart", None), ("proj-1", "mart", "t"), "proj-1.mart.t"),
        (tables("databricks", "default", None), ("t",), "default.t"),
        (tables("databricks", "default", "silver"), ("t",), "silver.t"),
        (tables("oracle", "ORCL", "SALES"), ("T",), "SALES.T"),
        # Glue's own catalog has another name in OpenMetadata; others have theirs.
        (tables("athena", "awsdatacatalog", "sales"), ("t",), "sales.t"),
        (tables("athena", "AwsDataCatalog", "sales"), ("AwsDataCatalog", "hr", "t"), "hr.t"),
        (tables("athena", "awsdatacatalog", "sales"), ("mysql_catalog", "hr", "t"), "mysql_catalog.hr.t"),
        (tables(None), ("awsdatacatalog", "hr", "t"), "hr.t"),
        (tables(None), ("hive", "t"), "hive.t"),
        (tables("trino", "lake", "logistics"), ("t",), "lake.logistics.t"),
        # The recipe says which database the connection's own is.
        (tables("trino", "lake", "logistics", "glue_prod.123456789012"), ("t",), "logistics.t"),
        (tables("trino", "lake", "logistics", "glue_prod.123456789012"), ("Lake", "hr", "t"), "hr.t"),
        (tables("trino", "lake", "logistics", "glue_prod.123456789012"), ("other", "hr", "t"), "other.hr.t"),
        (tables("trino", "lake", "logistics", '"glue.prod"'), ("t",), "lake.logistics.t"),
    ],
)
def test_a_table_is_told_by_the_names_that_are_known_for_certain(
    made: Tables, names: tuple[str, ...], told: str
) -> None:
    found = made.named(names)
    assert str(found) == told
    assert (found.system, found.within) == (made.system.name, made.within)


@pytest.mark.parametrize(
    ("made", "namespace"),
    [
        (tables("postgres", "db", "public"), ("db", "public")),
        (tables("postgres", "db", None), ("db", "")),
        (tables("athena", "awsdatacatalog", "sales"), ("sales",)),
        (tables("trino", "lake", "logistics", "glue_prod.123456789012"), ("logistics",)),
        (tables("mysql", "shop"), ("shop",)),
        (tables(None, "db", " "), ()),
    ],
)
def test_names_that_a_query_does_not_qualify_belong_where_the_connection_says(
    made: Tables, namespace: tuple[str, ...]
) -> None:
    assert made.namespace == namespace


def test_a_query_loses_the_database_that_the_recipe_calls_otherwise() -> None:
    query = 'SELECT a.x FROM "Lake".hr.t AS a JOIN other.hr.u ON TRUE JOIN hr.v ON TRUE'
    found = tables("trino", "lake", "hr", "glue_prod.123456789012").unqualified(query)
    assert found == "SELECT a.x FROM hr.t AS a JOIN other.hr.u ON TRUE JOIN hr.v ON TRUE"
    assert tables("trino", "lake", "hr", "glue_prod").unqualified(query) == query


@given(
    st.sampled_from([None, "athena", "bigquery", "mssql", "mysql", "oracle", "postgres", "trino"]),
    st.sampled_from([None, "", "db", "awsdatacatalog"]),
    st.sampled_from([None, "", "s"]),
    st.sampled_from(["", "svc", "svc.db"]),
    st.lists(st.sampled_from(["db", "awsdatacatalog", "s", "", "x"]), max_size=3),
)
def test_whatever_is_known_a_name_ends_as_it_is_written_and_holds_nothing_empty(
    dialect: str | None, database: str | None, schema: str | None, within: str, above: list[str]
) -> None:
    found = tables(dialect, database, schema, within).named((*above, "t"))
    assert found.names[-1] == "t"
    assert "" not in found.names
