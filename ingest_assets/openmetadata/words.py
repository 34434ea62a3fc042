"""The words of enumerations that servers know, and since when: each row adds some, or takes away those with a minus.

From the published JSON schemas and models of each minor from 1.0 to 2.0. Where an earlier patch of a minor was seen to
refuse a word that its last one knows, the next minor counts.
"""

from __future__ import annotations

from collections.abc import Mapping

from ingest_assets.catalog import EntityType

Minor = tuple[int, int]
Growth = Mapping[Minor, str | tuple[str, ...]]

BULK: dict[Minor, str] = {
    # Services, containers and pipelines have none.
    (1, 11): "databases databaseSchemas tables storedProcedures topics dashboards charts dashboard/datamodels queries",
}
LINEAGE_SOURCES: dict[Minor, str] = {
    (1, 2): "Manual ViewLineage QueryLineage PipelineLineage DashboardLineage DbtLineage",
    (1, 3): "SparkLineage",
    (1, 4): "OpenLineage ExternalTableLineage",
    (1, 7): "CrossDatabaseLineage ChildAssets",
}
DATABASE_SERVICES: dict[Minor, str] = {
    (1, 0): "BigQuery Mysql Redshift Snowflake Postgres Mssql Oracle Athena Hive Impala Presto Trino Vertica Glue"
    " MariaDB Druid Db2 Clickhouse Databricks AzureSQL DynamoDB SingleStore SQLite DeltaLake Salesforce PinotDB"
    " Datalake DomoDatabase QueryLog CustomDatabase Dbt",
    (1, 1): "SapHana MongoDB",
    (1, 2): "Couchbase Greenplum",
    (1, 3): "BigTable Doris UnityCatalog SAS Iceberg",
    (1, 4): "Teradata",
    (1, 5): "SapErp Synapse",
    (1, 6): "Exasol",
    (1, 7): "Cassandra Cockroach",
    (1, 8): "SSAS",
    (1, 9): "Epic ServiceNow",
    (1, 10): "Timescale",
    (1, 11): "BurstIQ",
    (1, 12): "MicrosoftAccess StarRocks Dremio MicrosoftFabric Informix",
    (1, 13): "SapSuccessFactors Iomete QuestDB -Iceberg",
    (2, 0): "SapBw4Hana",
}
TABLE_TYPES: dict[Minor, str] = {
    (1, 0): "Regular External View SecureView MaterializedView Iceberg Local Partitioned Foreign",
    (1, 1): "Transient",
    (1, 4): "Dynamic",
    (1, 7): "Stream",
    (1, 11): "Stage",
    (2, 0): "SemanticView",
}
DATA_TYPES: dict[Minor, str | tuple[str, ...]] = {
    (1, 0): "NUMBER TINYINT SMALLINT INT BIGINT BYTEINT BYTES FLOAT DOUBLE DECIMAL NUMERIC TIMESTAMP TIMESTAMPZ TIME"
    " DATE DATETIME INTERVAL STRING MEDIUMTEXT TEXT CHAR LONG VARCHAR BOOLEAN BINARY VARBINARY ARRAY BLOB LONGBLOB"
    " MEDIUMBLOB MAP STRUCT UNION SET GEOGRAPHY ENUM JSON UUID VARIANT GEOMETRY BYTEA AGGREGATEFUNCTION ERROR FIXED"
    " RECORD NULL SUPER HLLSKETCH PG_LSN PG_SNAPSHOT TSQUERY TXID_SNAPSHOT XML MACADDR TSVECTOR UNKNOWN CIDR INET"
    " CLOB ROWID LOWCARDINALITY YEAR POINT POLYGON TUPLE SPATIAL TABLE",
    (1, 1): "NTEXT IMAGE IPV4 IPV6 DATETIMERANGE",
    (1, 3): "HLL LARGEINT QUANTILE_STATE AGG_STATE BITMAP UINT",
    (1, 5): "BIT MONEY",
    (1, 6): ("MEASURE HIDDEN", "MEASURE VISIBLE"),
    (1, 8): "MEASURE KPI HEIRARCHY",  # the server's own spelling
    (1, 10): "HIERARCHYID",
}
FILE_FORMATS: dict[Minor, str] = {
    (1, 1): "csv tsv avro parquet json json.gz json.zip",
    (1, 5): "jsonl jsonl.gz jsonl.zip",
    (1, 8): "csv.gz pq pqt parq parquet.snappy",
    (1, 9): "MF4",
    (1, 10): "-MF4",
    (1, 11): "MF4",
}
PARTITION_INTERVALS: dict[Minor, str] = {
    (1, 0): "TIME-UNIT INTEGER-RANGE INGESTION-TIME COLUMN-VALUE OTHER",
    (1, 4): "INJECTED ENUM",
}
DATA_MODEL_TYPES: Growth = {
    (1, 0): "TableauDataModel SupersetDataModel MetabaseDataModel LookMlView LookMlExplore",
    (1, 1): "PowerBIDataModel QlikSenseDataModel",
    (1, 4): "QlikDataModel -QlikSenseDataModel",
    (1, 6): "TableauPublishedDatasource TableauEmbeddedDatasource QuickSightDataModel SigmaDataModel",
    (1, 7): "PowerBIDataFlow MicroStrategyDataset",
    (1, 8): "ThoughtSpotDataModel",
    (2, 0): "SapS4HanaCdsView SsrsDataModel PowerBIDatamart ModeDataModel OmniDataModel",
}
CHART_TYPES: Growth = {
    (1, 0): "Line Table Bar Area Pie Histogram Scatter Text BoxPlot Other",
    (1, 9): "Gauge Map Graph Heatmap Timeline",
    (1, 10): "SanKey",
}
CONTAINER_FORMATS: Growth = {(1, 0): "zip gz zstd csv tsv json parquet avro", (1, 8): "MF4"}
SERVICES: Mapping[EntityType, Growth] = {
    EntityType.DATABASE_SERVICE: DATABASE_SERVICES,
    EntityType.MESSAGING_SERVICE: {(1, 0): "Kafka Redpanda Kinesis CustomMessaging", (2, 0): "PubSub"},
    EntityType.DASHBOARD_SERVICE: {
        (1, 0): "Superset Looker Tableau Redash Metabase PowerBI Mode CustomDashboard DomoDashboard QuickSight",
    },
    EntityType.PIPELINE_SERVICE: {
        (1, 0): "Airflow GluePipeline Airbyte Fivetran Dagster Nifi DomoPipeline CustomPipeline DatabricksPipeline",
        (1, 1): "Spline",
        (1, 3): "Spark",
        (1, 4): "OpenLineage KafkaConnect",
        (1, 5): "Flink DBTCloud",
        (1, 9): "KinesisFirehose",
    },
    EntityType.STORAGE_SERVICE: {(1, 0): "S3 CustomStorage", (1, 1): "ADLS", (1, 3): "GCS"},
}
"""Words of ``serviceType``, as far as sources of ours need them."""


def known_words(growth: Growth, minor: Minor) -> frozenset[str]:
    """Words known at a minor."""
    known: set[str] = set()
    for since, row in growth.items():
        if minor >= since:
            words = row.split() if isinstance(row, str) else row
            known.update(word for word in words if not word.startswith("-"))
            known.difference_update(word[1:] for word in words if word.startswith("-"))
    return frozenset(known)
