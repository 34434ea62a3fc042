from __future__ import annotations

import sqlglot

from ingest_assets.sources.glue.ddl import create_statement
from ingest_assets.sources.glue.shapes import GlueTable

SHIPMENTS = {
    "Name": "shipments",
    "Description": "It's a\nparcel",
    "TableType": "EXTERNAL_TABLE",
    "Parameters": {"classification": "parquet", "connection.password": "hunter2"},
    "PartitionKeys": [{"Name": "ship_day", "Type": "date"}],
    "StorageDescriptor": {
        "Location": "s3://lake/shipments/",
        "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        "SerdeInfo": {
            "SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
            "Parameters": {"serialization.format": "1"},
        },
        "Columns": [
            {"Name": "parcel id", "Type": "bigint", "Comment": "number's owner"},
            {"Name": "stops", "Type": "array<struct<hub:string,at:timestamp>>"},
        ],
    },
}


def test_the_statement_holds_what_glue_tells_and_can_be_parsed() -> None:
    text = create_statement(GlueTable.model_validate(SHIPMENTS), "orders.raw") or ""
    assert text == (
        "CREATE EXTERNAL TABLE `orders.raw`.`shipments` (\n"
        "  `parcel id` bigint COMMENT 'number\\'s owner',\n"
        "  `stops` array<struct<hub:string,at:timestamp>>\n"
        ")\n"
        "COMMENT 'It\\'s a\\nparcel'\n"
        "PARTITIONED BY (\n"
        "  `ship_day` date\n"
        ")\n"
        "ROW FORMAT SERDE 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'\n"
        "WITH SERDEPROPERTIES (\n"
        "  'serialization.format' = '1'\n"
        ")\n"
        "STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat'\n"
        "OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat'\n"
        "LOCATION 's3://lake/shipments/'\n"
        "TBLPROPERTIES (\n"
        "  'classification' = 'parquet'\n"
        ")"
    )
    assert sqlglot.parse_one(text, dialect="hive").find(sqlglot.exp.Schema)


def test_properties_that_may_hold_credentials_are_not_told() -> None:
    assert "hunter2" not in (create_statement(GlueTable.model_validate(SHIPMENTS), "d") or "")


def test_what_has_no_columns_of_its_own_has_no_statement() -> None:
    assert create_statement(GlueTable.model_validate({"Name": "link", "TargetTable": {"Name": "t"}}), "d") is None
    assert create_statement(GlueTable.model_validate({"Name": "bare", "StorageDescriptor": {}}), "d") is None
