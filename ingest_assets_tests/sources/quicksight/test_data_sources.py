from __future__ import annotations

from typing import Any

import botocore.session
import pytest
import sqlglot

from ingest_assets.openmetadata.words import DATABASE_SERVICES
from ingest_assets.sources.quicksight.data_sources import TYPES, NotRead, System, kind_of, namespace_of, table_of
from ingest_assets.sources.quicksight.shapes import Parameters, RelationalTable
from ingest_assets_tests.sources.quicksight.data_sets import ACCOUNT, SOURCE, source


def _shapes() -> dict[str, Any]:
    loader = botocore.session.get_session().get_component("data_loader")
    return dict(loader.load_service_model("quicksight", "service-2")["shapes"])


def test_every_type_that_aws_names_is_known() -> None:
    assert set(_shapes()["DataSourceType"]["enum"]) - TYPES.keys() == set()


def test_every_parameter_that_names_a_place_is_one_of_aws() -> None:
    shapes = _shapes()
    kinds = [each["shape"] for each in shapes["DataSourceParameters"]["members"].values()]
    told = {name for kind in kinds for name in shapes[kind]["members"]}
    assert {str(field.alias) for field in Parameters.model_fields.values()} <= told


def _systems() -> list[System]:
    return list(dict.fromkeys(kind for kind in TYPES.values() if isinstance(kind, System)))


@pytest.mark.parametrize("system", _systems(), ids=lambda each: each.name)
def test_the_sql_of_every_system_is_one_that_is_parsed(system: System) -> None:
    assert sqlglot.parse_one("select a from b.c where d = NULL limit 1", dialect=system.dialect)
    assert {system.database, system.schema} - {None} <= Parameters.model_fields.keys()


def test_services_of_every_system_are_known_to_openmetadata_but_for_timestream() -> None:
    known = {word.lower() for words in DATABASE_SERVICES.values() for word in words.split()}
    # Spark's tables are in services of other names, see ``openmetadata.elsewhere``.
    assert {system.name for system in _systems()} - known == {"spark", "timestream"}


def named(kind: str, table: dict[str, str], **parameters: Any) -> tuple[str, tuple[str, ...]]:
    made = source(kind, **parameters)
    system = kind_of(made)
    assert isinstance(system, System)
    found = table_of(RelationalTable.model_validate({"DataSourceArn": SOURCE, "Name": "orders", **table}), made, system)
    return found.system or "", found.names


BUCKET = f"arn:aws:s3tables:eu-west-1:{ACCOUNT}:bucket/lake"
TABLES: list[tuple[str, dict[str, str], dict[str, Any], str, tuple[str, ...]]] = [
    ("ATHENA", {"Catalog": "AwsDataCatalog", "Schema": "sales"}, {}, "athena", ("sales", "orders")),
    ("ATHENA", {"Schema": "sales"}, {"WorkGroup": "primary"}, "athena", ("sales", "orders")),
    ("ATHENA", {"Catalog": "crm", "Schema": "sales"}, {}, "athena", ("crm", "sales", "orders")),
    (
        "ATHENA",
        {"Catalog": "s3tablescatalog/lake", "Schema": "sales"},
        {},
        "athena",
        (f"{ACCOUNT}:s3tablescatalog/lake", "sales", "orders"),
    ),
    ("ATHENA", {}, {}, "athena", ("orders",)),
    ("REDSHIFT", {"Schema": "mart"}, {"Database": "dwh"}, "redshift", ("dwh", "mart", "orders")),
    (
        "REDSHIFT",
        {"Schema": "mart", "Catalog": "shared"},
        {"Database": "dwh"},
        "redshift",
        ("shared", "mart", "orders"),
    ),
    ("REDSHIFT", {}, {"Database": "dwh"}, "redshift", ("dwh", "public", "orders")),
    ("POSTGRESQL", {"Schema": "s"}, {"Database": "d"}, "postgres", ("d", "s", "orders")),
    ("AURORA_POSTGRESQL", {"Schema": "s"}, {}, "postgres", ("s", "orders")),
    ("MYSQL", {"Schema": "s"}, {"Database": "d"}, "mysql", ("s", "orders")),
    ("AURORA", {}, {"Database": "d"}, "mysql", ("d", "orders")),
    ("MARIADB", {"Catalog": "def"}, {"Database": "d"}, "mariadb", ("d", "orders")),
    ("TERADATA", {}, {"Database": "d"}, "teradata", ("d", "orders")),
    ("SNOWFLAKE", {"Schema": "S"}, {"Database": "D"}, "snowflake", ("D", "S", "orders")),
    ("SNOWFLAKE", {"Schema": "S", "Catalog": "C"}, {"Database": "D"}, "snowflake", ("C", "S", "orders")),
    ("SQLSERVER", {}, {"Database": "d"}, "mssql", ("d", "dbo", "orders")),
    ("ORACLE", {"Schema": "HR"}, {"Database": "ORCL"}, "oracle", ("HR", "orders")),
    ("PRESTO", {"Schema": "s"}, {"Catalog": "hive"}, "presto", ("hive", "s", "orders")),
    ("TRINO", {"Schema": "s", "Catalog": "ice"}, {"Catalog": "hive"}, "trino", ("ice", "s", "orders")),
    ("TRINO", {}, {"Catalog": "hive"}, "trino", ("orders",)),  # in a schema that nobody tells
    ("STARBURST", {"Schema": "s"}, {"Catalog": "hive"}, "trino", ("hive", "s", "orders")),
    ("BIGQUERY", {"Schema": "set"}, {"ProjectId": "p-1"}, "bigquery", ("p-1", "set", "orders")),
    ("DATABRICKS", {"Schema": "s", "Catalog": "main"}, {}, "databricks", ("main", "s", "orders")),
    ("DATABRICKS", {"Schema": "s"}, {}, "databricks", ("s", "orders")),
    ("SPARK", {"Schema": "s"}, {}, "spark", ("s", "orders")),
    ("EXASOL", {"Schema": "s"}, {}, "exasol", ("s", "orders")),
    ("TIMESTREAM", {"Schema": "s"}, {}, "timestream", ("s", "orders")),
    ("IMPALA", {}, {"Database": "d"}, "impala", ("d", "orders")),
    (
        "S3_TABLES",
        {"Schema": "s"},
        {"TableBucketArn": BUCKET},
        "glue",
        (f"{ACCOUNT}:s3tablescatalog/lake", "s", "orders"),
    ),
]


@pytest.mark.parametrize(("kind", "table", "parameters", "system", "names"), TABLES)
def test_a_table_is_told_by_all_the_names_that_are_known(
    kind: str, table: dict[str, str], parameters: dict[str, Any], system: str, names: tuple[str, ...]
) -> None:
    assert named(kind, table, **parameters) == (system, names)


def test_every_kind_of_system_has_an_example_above() -> None:
    assert {row[3] for row in TABLES} == {system.name for system in _systems()}


def test_a_query_s_names_belong_to_the_connection_s_database() -> None:
    def namespace(kind: str, **parameters: str) -> tuple[str, ...]:
        made = source(kind, **parameters)
        system = kind_of(made)
        assert isinstance(system, System)
        return namespace_of(made, system)

    assert namespace("REDSHIFT", Database="dwh") == ("dwh", "public")
    assert namespace("TRINO", Catalog="hive") == ("hive", "")
    assert namespace("MYSQL", Database="shop") == ("shop",)
    assert namespace("ATHENA", WorkGroup="primary") == ()
    assert namespace("REDSHIFT") == ()


def test_a_type_that_is_newer_than_this_is_a_reason() -> None:
    assert kind_of(source("HOLOGRAM", "h")) == NotRead("its data source H (h) is of type HOLOGRAM, which is new")
