from __future__ import annotations

import base64
import json
from datetime import datetime, timezone
from typing import Any

import pytest

from ingest_assets.catalog import PartitionColumn, Schema, Table
from ingest_assets.sources.glue.console import GlueConsole
from ingest_assets.sources.glue.mapping import to_schema, to_table
from ingest_assets.sources.glue.shapes import GlueDatabase, GlueTable

CONSOLE = GlueConsole("eu-north-1.console.aws.amazon.com", "eu-north-1")
PLACEHOLDER = [{"Name": "col", "Type": "array<string>", "Comment": "from deserializer"}]


def _table(item: dict[str, Any], *, include_owners: bool = False) -> Table:
    item = {"Name": "t", **item}
    path = ("lake", "my lake", "a/b c", item["Name"])
    return to_table(GlueTable.model_validate(item), path, "123456789012", CONSOLE, include_owners=include_owners)


def _schema(item: dict[str, Any]) -> Schema:
    database = GlueDatabase.model_validate({"Name": "sales", **item})
    return to_schema(database, ("lake", "my lake", "sales"), "123456789012", CONSOLE)


def _stored(columns: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {"StorageDescriptor": {"Columns": columns}, **more}


def test_a_bare_table_is_kept() -> None:
    table = _table({"StorageDescriptor": None, "PartitionKeys": None, "Parameters": None})
    assert (table.table_type, table.columns, table.partitions) == ("Regular", (), ())
    assert (table.location, table.file_format, table.description, table.owners) == (None, None, None, None)


@pytest.mark.parametrize(
    ("item", "table_type"),
    [
        ({"TableType": "EXTERNAL_TABLE"}, "External"),
        ({"TableType": "external_table", "Parameters": {"table_type": "iceberg"}}, "Iceberg"),
        ({"TableType": "EXTERNAL_TABLE", "Parameters": {"table_type": "ICEBERG"}}, "Iceberg"),
        ({"TableType": "MANAGED_TABLE"}, "Regular"),
        ({"TableType": "GOVERNED"}, "Regular"),
        ({"TableType": "VIRTUAL_VIEW"}, "View"),
        ({"TableType": "MATERIALIZED_VIEW"}, "MaterializedView"),
        (
            {"TableType": "EXTERNAL_TABLE", "IsMaterializedView": True, "Parameters": {"table_type": "ICEBERG"}},
            "MaterializedView",
        ),
        ({"TableType": "EXTERNAL_TABLE", "Parameters": {"table_type": "DELTA"}}, "External"),
        ({"TargetTable": {"CatalogId": "210987654321", "DatabaseName": "d", "Name": "t"}}, "Foreign"),
        ({"FederatedTable": {"Identifier": "public.t"}}, "Foreign"),
    ],
)
def test_tables_are_what_glue_and_their_parameters_say(item: dict[str, Any], table_type: str) -> None:
    assert _table(item).table_type == table_type


@pytest.mark.parametrize(
    ("serde", "parameters", "file_format"),
    [
        ("org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe", {}, "parquet"),
        ("org.apache.hadoop.hive.serde2.OpenCSVSerde", {}, "csv"),
        ("org.apache.hadoop.hive.serde2.OpenCSVSerde", {"separatorChar": "\t"}, "tsv"),
        ("org.openx.data.jsonserde.JsonSerDe", {}, "json"),
        ("org.apache.hadoop.hive.serde2.avro.AvroSerDe", {}, "avro"),
        ("org.apache.hadoop.hive.ql.io.orc.OrcSerde", {}, None),
        ("com.amazon.ionhiveserde.IonHiveSerDe", {}, None),
        ("org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", {"field.delim": ","}, "csv"),
        ("org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", {"field.delim": "|"}, "csv"),
        (
            "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
            {"field.delim": "\t", "serialization.format": "1"},
            "tsv",
        ),
        ("org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", {"serialization.format": "9"}, "tsv"),
        ("org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", {"serialization.format": "1"}, None),
        ("org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", None, None),
    ],
)
def test_the_format_is_what_rows_are_read_with(
    serde: str, parameters: dict[str, str] | None, file_format: str | None
) -> None:
    info = {"SerializationLibrary": serde, "Parameters": parameters}
    assert _table({"StorageDescriptor": {"SerdeInfo": info}}).file_format == file_format


@pytest.mark.parametrize(
    ("item", "file_format"),
    [
        ({"StorageDescriptor": {"InputFormat": "org.apache.hudi.hadoop.HoodieParquetInputFormat"}}, "parquet"),
        ({"StorageDescriptor": {"InputFormat": "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat"}}, None),
        ({"Parameters": {"classification": "Parquet"}}, "parquet"),
        ({"Parameters": {"classification": "orc"}}, None),
        ({"Parameters": {"spark.sql.sources.provider": "delta"}}, "parquet"),
        ({"Parameters": {"table_type": "ICEBERG"}}, None),
        ({"Parameters": {"table_type": "ICEBERG", "write.format.default": "avro"}}, "avro"),
        ({"IcebergTableMetadata": {"Properties": {"write.format.default": "parquet"}}}, "parquet"),
        ({"TableType": "VIRTUAL_VIEW", "Parameters": {"classification": "csv"}}, None),
    ],
)
def test_the_format_is_told_where_something_says_it(item: dict[str, Any], file_format: str | None) -> None:
    assert _table(item).file_format == file_format


def test_a_partition_key_that_is_a_column_too_comes_once_with_the_keys_type() -> None:
    stored = [{"Name": "dt", "Type": "string", "Comment": "day of the event"}, {"Name": "id", "Type": "int"}]
    table = _table(_stored(stored, PartitionKeys=[{"Name": "DT", "Type": "date"}, {"Name": "hub", "Type": "int"}]))
    assert [(each.name, each.data_type) for each in table.columns] == [("DT", "DATE"), ("id", "INT"), ("hub", "INT")]
    assert table.columns[0].description == "day of the event"
    assert [each.column for each in table.partitions] == ["DT", "hub"]


def test_columns_without_a_type_and_repeated_ones_do_not_cost_the_table() -> None:
    stored = [
        {"Name": "a"},
        {"Name": "b", "Type": "int"},
        {"Name": "b", "Type": "int"},
        {"Name": "b", "Type": "string"},
    ]
    columns = _table(_stored(stored)).columns
    assert [(each.name, each.data_type) for each in columns] == [("a", "UNKNOWN"), ("b", "INT"), ("b_2", "STRING")]


def test_icebergs_dropped_columns_are_left_out() -> None:
    stored = [
        {"Name": "id", "Type": "int", "Parameters": {"iceberg.field.current": "true"}},
        {"Name": "old", "Type": "int", "Parameters": {"iceberg.field.current": "false"}},
    ]
    assert [each.name for each in _table(_stored(stored, Parameters={"table_type": "ICEBERG"})).columns] == ["id"]


SPARK = {
    "type": "struct",
    "fields": [
        {"name": "Id", "type": "long", "nullable": False, "metadata": {"comment": "of the parcel"}},
        {"name": "total", "type": "decimal(9,2)", "nullable": True, "metadata": {}},
        {
            "name": "stops",
            "type": {
                "type": "array",
                "elementType": {
                    "type": "struct",
                    "fields": [{"name": "hub id", "type": "string", "metadata": {"comment": "where"}}],
                },
                "containsNull": True,
            },
            "metadata": {},
        },
        {"name": "tags", "type": {"type": "map", "keyType": "string", "valueType": "integer"}, "metadata": {}},
    ],
}


@pytest.mark.parametrize("columns", [PLACEHOLDER, []])
def test_a_delta_tables_columns_are_those_of_sparks_schema(columns: list[dict[str, Any]]) -> None:
    text = json.dumps(SPARK)
    parts = {f"spark.sql.sources.schema.part.{n}": text[n * 100 : n * 100 + 100] for n in range(len(text) // 100 + 1)}
    keys = {"spark.sql.sources.schema.numPartCols": "1", "spark.sql.sources.schema.partCol.0": "Id"}
    parameters = {
        **parts,
        **keys,
        "spark.sql.sources.schema.numParts": str(len(parts)),
        "spark.sql.sources.provider": "delta",
    }
    table = _table(_stored(columns, Parameters=parameters))
    assert [(each.name, each.data_type_display) for each in table.columns] == [
        ("Id", "bigint"),
        ("total", "decimal(9,2)"),
        ("stops", "array<struct<`hub id`:string>>"),
        ("tags", "map<string,int>"),
    ]
    assert table.columns[0].description == "of the parcel"
    assert [(each.name, each.description) for each in table.columns[2].children] == [("hub id", "where")]
    assert table.partitions == (PartitionColumn(column="Id", interval_type="COLUMN-VALUE"),)


@pytest.mark.parametrize(
    "parameters",
    [
        {"spark.sql.sources.schema": "no json"},
        {"spark.sql.sources.schema": "[]"},
        {"spark.sql.sources.schema": "[" * 100_000},
        {"spark.sql.sources.schema": '{"fields": [{"name": 1, "type": "int"}]}'},
        {"spark.sql.sources.schema.numParts": "2", "spark.sql.sources.schema.part.0": json.dumps(SPARK)},
        {"spark.sql.sources.schema.numParts": "-1"},
    ],
)
def test_a_spark_schema_that_cannot_be_read_leaves_glues_own_columns(parameters: dict[str, str]) -> None:
    assert [each.name for each in _table(_stored(PLACEHOLDER, Parameters=parameters)).columns] == ["col"]


def test_partition_projection_tells_how_a_table_is_partitioned() -> None:
    parameters = {
        "projection.enabled": "TRUE",
        "projection.day.type": "date",
        "projection.day.format": "yyyy-MM-dd",
        "projection.Hour.type": "Date",
        "projection.hour.interval.unit": "HOURS",
        "projection.shard.type": "integer",
        "projection.device.type": "injected",
        "projection.country.type": "enum",
    }
    keys = [{"Name": name, "Type": "string"} for name in ("day", "hour", "shard", "device", "country", "other")]
    found = _table({"Parameters": parameters, "PartitionKeys": keys}).partitions
    assert [(each.column, each.interval_type, each.interval) for each in found] == [
        ("day", "TIME-UNIT", "day"),
        ("hour", "TIME-UNIT", "hour"),
        ("shard", "INTEGER-RANGE", None),
        ("device", "INJECTED", None),
        ("country", "ENUM", None),
        ("other", "COLUMN-VALUE", None),
    ]
    assert {
        each.interval_type
        for each in _table(
            {"Parameters": {**parameters, "projection.enabled": "false"}, "PartitionKeys": keys}
        ).partitions
    } == {"COLUMN-VALUE"}


def test_icebergs_current_partition_spec_is_taken() -> None:
    fields = [{"Id": n, "Name": name, "Type": "string", "Required": True} for n, name in enumerate(["at", "id", "hub"])]
    spec = [
        {"SourceId": 0, "Transform": "day", "Name": "at_day"},
        {"SourceId": 1, "Transform": "bucket[16]", "Name": "id_bucket"},
        {"SourceId": 2, "Transform": "void", "Name": "hub"},
        {"SourceId": 99, "Transform": "identity", "Name": "nested"},
    ]
    metadata = {
        "Schemas": [{"SchemaId": 1, "Fields": fields}],
        "CurrentSchemaId": 1,
        "PartitionSpecs": [{"SpecId": 0, "Fields": []}, {"SpecId": 1, "Fields": spec}],
        "DefaultSpecId": 1,
    }
    assert _table({"IcebergTableMetadata": metadata}).partitions == (
        PartitionColumn(column="at", interval_type="TIME-UNIT", interval="day"),
        PartitionColumn(column="id", interval_type="OTHER", interval="bucket[16]"),
    )


def test_descriptions_fall_back_on_the_comment_parameter() -> None:
    assert _table({"Description": " ", "Parameters": {"comment": "from Athena"}}).description == "from Athena"
    assert _table({"Description": "own", "Parameters": {"comment": "other"}}).description == "own"
    assert _schema({"Parameters": {"comment": "from Spark"}}).description == "from Spark"


@pytest.mark.parametrize(("days", "period"), [(30, "P30D"), (0, None), (None, None), (2**31 - 1, None)])
def test_retention_is_a_duration_in_days(days: int | None, period: str | None) -> None:
    assert _table({"Retention": days}).retention_period == period


def test_owner_and_creation_are_kept() -> None:
    created = datetime(2023, 3, 6, 8, 30, tzinfo=timezone.utc)
    table = _table({"Owner": "hadoop", "CreateTime": created}, include_owners=True)
    assert table.owners == ("hadoop",)
    assert table.created == 1678091400000
    assert _table({"Owner": "hadoop"}).owners is None
    assert _table({}, include_owners=True).owners == ()


def test_addresses_are_encoded_and_name_the_real_catalog() -> None:
    base = "https://eu-north-1.console.aws.amazon.com/glue/home?region=eu-north-1#/v2/data-catalog"
    assert _table({"Name": "a b&c/d"}).source_url == (
        f"{base}/tables/view/a%20b%26c%2Fd?database=a%2Fb%20c&catalogId=123456789012&versionId=latest"
    )
    assert _schema({}).source_url == f"{base}/databases/view/sales?catalogId=123456789012"
    assert GlueConsole(None, "us-isox-1").table("t", "d", "1") is None


def _presto(**view: Any) -> str:
    return f"/* Presto View: {base64.b64encode(json.dumps(view).encode()).decode()} */"


VIEW = {"TableType": "VIRTUAL_VIEW"}


@pytest.mark.parametrize(
    ("item", "sql", "dialect"),
    [
        (
            {"ViewOriginalText": _presto(originalSql="SELECT 1"), "ViewExpandedText": "/* Presto View */"},
            "SELECT 1",
            "trino",
        ),
        (
            {"ViewOriginalText": "select a from t", "ViewExpandedText": "select `t`.`a` from `d`.`t`"},
            "select `t`.`a` from `d`.`t`",
            "hive",
        ),
        (
            {"ViewOriginalText": "select a from t", "Parameters": {"spark.sql.create.version": "3.5.0"}},
            "select a from t",
            "spark",
        ),
        ({"ViewOriginalText": "select a from t", "IsMaterializedView": True}, "select a from t", "spark"),
        ({"ViewOriginalText": "/* Presto View: not base64! */", "ViewExpandedText": "/* Presto View */"}, None, None),
        ({"ViewOriginalText": _presto(other=1)}, None, None),
        ({"ViewOriginalText": "/* Presto View: MTIz */"}, None, None),
        ({}, None, None),
    ],
)
def test_a_views_sql_is_decoded(item: dict[str, Any], sql: str | None, dialect: str | None) -> None:
    table = _table({**VIEW, **item})
    assert (table.sql, table.dialect) == (sql, dialect)
    assert ("sql" in table.unknown) == (sql is None)


@pytest.mark.parametrize(
    ("item", "namespace"),
    [
        (
            {"ViewOriginalText": _presto(originalSql="SELECT 1", catalog="awsdatacatalog", schema="crm")},
            ("awsdatacatalog", "crm"),
        ),
        ({"ViewOriginalText": _presto(originalSql="SELECT 1", catalog=None, schema=None)}, ()),
        ({"ViewOriginalText": _presto(originalSql="SELECT 1", catalog="lake")}, ()),
        (
            {
                "ViewOriginalText": "select 1",
                "Parameters": {
                    "view.catalogAndNamespace.numParts": "2",
                    "view.catalogAndNamespace.part.0": "spark_catalog",
                    "view.catalogAndNamespace.part.1": "crm",
                },
            },
            ("spark_catalog", "crm"),
        ),
        (
            {
                "ViewOriginalText": "select 1",
                "Parameters": {"view.catalogAndNamespace.numParts": "0", "view.default.database": "crm"},
            },
            (),
        ),
        ({"ViewOriginalText": "select 1", "Parameters": {"view.default.database": "crm"}}, ("crm",)),
        ({"ViewOriginalText": "select 1", "ViewExpandedText": "select 2"}, ()),
    ],
)
def test_the_place_in_which_a_view_was_made_is_kept(item: dict[str, Any], namespace: tuple[str, ...]) -> None:
    assert _table({**VIEW, **item}).sql_namespace == namespace


def test_a_multi_dialect_view_is_taken_in_the_dialect_that_is_known_best() -> None:
    shown = [
        {"Dialect": "REDSHIFT", "ViewOriginalText": "select 1"},
        {"Dialect": "SPARK", "ViewOriginalText": "select 2", "ViewExpandedText": "select 2 from d.t"},
    ]
    table = _table({**VIEW, "ViewDefinition": {"Representations": shown}})
    assert (table.sql, table.dialect) == ("select 2 from d.t", "spark")


def test_a_trino_view_has_the_columns_of_its_own_text() -> None:
    columns = [{"name": "id", "type": "integer"}, {"name": "stops", "type": "array(row(hub varchar))"}]
    text = _presto(originalSql="SELECT id, stops FROM t", columns=columns)
    table = _table({**VIEW, **_stored([{"Name": "dummy", "Type": "string"}]), "ViewOriginalText": text})
    assert [(each.name, each.data_type) for each in table.columns] == [("id", "INT"), ("stops", "ARRAY")]
    assert table.columns[1].children[0].name == "hub"


def test_a_table_is_no_view_for_having_a_view_text() -> None:
    assert _table({"TableType": "EXTERNAL_TABLE", "ViewOriginalText": "select 1"}).sql is None
