"""Enumerations of request properties, and how they grew.

Each entry maps a server version to the members it added; a leading ``-`` is a member it took away.
"""

from __future__ import annotations

from ingest_assets.sandbox.openmetadata.versions import Version, parse_version

_GROWTH: dict[str, dict[str, str]] = {
    "DatabaseServiceType": {
        "1.0": "BigQuery Mysql Redshift Snowflake Postgres Mssql Oracle Athena Hive Impala Presto Trino Vertica "
        "Glue MariaDB Druid Db2 Clickhouse Databricks AzureSQL DynamoDB SingleStore SQLite DeltaLake Salesforce "
        "PinotDB Datalake DomoDatabase QueryLog CustomDatabase Dbt",
        "1.1": "SapHana MongoDB",
        "1.2": "Couchbase Greenplum",
        "1.3": "BigTable Doris UnityCatalog SAS Iceberg",
        "1.4": "Teradata",
        "1.5": "SapErp Synapse",
        "1.6": "Exasol",
        "1.7": "Cassandra Cockroach",
        "1.8": "SSAS",
        "1.9": "Epic ServiceNow",
        "1.10": "Timescale",
        "1.11": "BurstIQ",
        "1.12": "MicrosoftAccess StarRocks Dremio MicrosoftFabric Informix",
        "1.13": "SapSuccessFactors Iomete QuestDB -Iceberg",
        "2.0": "SapBw4Hana",
    },
    "MessagingServiceType": {"1.0": "Kafka Redpanda Kinesis CustomMessaging", "1.13": "PubSub"},
    "DashboardServiceType": {
        "1.0": "Superset Looker Tableau Redash Metabase PowerBI Mode CustomDashboard DomoDashboard QuickSight",
        "1.1": "QlikSense",
        "1.2": "Lightdash",
        "1.3": "Mstr",
        "1.4": "QlikCloud",
        "1.5": "PowerBIReportServer",
        "1.6": "MicroStrategy Sigma -Mstr",
        "1.8": "ThoughtSpot",
        "1.9": "Grafana",
        "1.10": "Hex",
        "1.12": "Ssrs",
        "1.13": "SapS4Hana",
        "2.0": "Omni",
    },
    "StorageServiceType": {"1.0": "S3 CustomStorage", "1.1": "ADLS", "1.3": "GCS"},
    "MetadataServiceType": {
        "1.0": "Amundsen MetadataES OpenMetadata Atlas",
        "1.2": "Alation",
        "1.5": "AlationSink",
        "1.10": "Collibra",
    },
    "PipelineServiceType": {
        "1.0": "Airflow GluePipeline Airbyte Fivetran Dagster Nifi DomoPipeline CustomPipeline DatabricksPipeline",
        "1.1": "Spline",
        "1.3": "Spark",
        "1.4": "OpenLineage KafkaConnect",
        "1.5": "Flink DBTCloud",
        "1.6": "Matillion Stitch DataFactory Wherescape",
        "1.7": "SSIS",
        "1.9": "KinesisFirehose",
        "1.10": "Snowplow",
        "1.11": "Mulesoft",
        "1.12": "MicrosoftFabricPipeline",
        "2.0": "Prefect SapBw4HanaPipeline",
    },
    "DataModelType": {
        "1.0": "TableauDataModel SupersetDataModel MetabaseDataModel LookMlView LookMlExplore",
        "1.1": "PowerBIDataModel QlikSenseDataModel",
        "1.4": "QlikDataModel -QlikSenseDataModel",
        # Both lines of 1.5 are in use; the early one refuses what came with a late patch.
        "1.5.15": "TableauPublishedDatasource TableauEmbeddedDatasource QuickSightDataModel",
        "1.6": "SigmaDataModel",
        "1.7": "PowerBIDataFlow MicroStrategyDataset",
        "1.8": "ThoughtSpotDataModel",
        "1.13": "SapS4HanaCdsView SsrsDataModel",
        "1.13.4": "PowerBIDatamart",
        "2.0": "ModeDataModel OmniDataModel",
    },
    "ChartType": {
        "1.0": "Line Table Bar Area Pie Histogram Scatter Text BoxPlot Other",
        "1.9": "Gauge Map Graph Heatmap Timeline",
        "1.10": "SanKey",
    },
    "DashboardType": {"1.1": "Dashboard Report"},
    "TableType": {
        "1.0": "Regular External View SecureView MaterializedView Iceberg Local Partitioned Foreign",
        "1.1": "Transient",
        "1.4": "Dynamic",
        "1.7": "Stream",
        "1.11": "Stage",
        "2.0": "SemanticView",
    },
    "ConstraintType": {"1.0": "UNIQUE PRIMARY_KEY FOREIGN_KEY SORT_KEY DIST_KEY", "1.6": "CLUSTER_KEY"},
    "RelationshipType": {"1.0": "ONE_TO_ONE ONE_TO_MANY MANY_TO_ONE MANY_TO_MANY"},
    "ColumnConstraint": {"1.0": "NULL NOT_NULL UNIQUE PRIMARY_KEY"},
    "ColumnDataType": {
        "1.0": "NUMBER TINYINT SMALLINT INT BIGINT BYTEINT BYTES FLOAT DOUBLE DECIMAL NUMERIC TIMESTAMP "
        "TIMESTAMPZ TIME DATE DATETIME INTERVAL STRING MEDIUMTEXT TEXT CHAR LONG VARCHAR BOOLEAN BINARY VARBINARY "
        "ARRAY BLOB LONGBLOB MEDIUMBLOB MAP STRUCT UNION SET GEOGRAPHY ENUM JSON UUID VARIANT GEOMETRY BYTEA "
        "AGGREGATEFUNCTION ERROR FIXED RECORD NULL SUPER HLLSKETCH PG_LSN PG_SNAPSHOT TSQUERY TXID_SNAPSHOT XML "
        "MACADDR TSVECTOR UNKNOWN CIDR INET CLOB ROWID LOWCARDINALITY YEAR POINT POLYGON TUPLE SPATIAL TABLE",
        "1.1": "NTEXT IMAGE IPV4 IPV6 DATETIMERANGE",
        "1.3": "HLL LARGEINT QUANTILE_STATE AGG_STATE BITMAP UINT",
        "1.5": "BIT MONEY",
        "1.6": "MEASURE_HIDDEN MEASURE_VISIBLE",
        "1.8": "MEASURE KPI HEIRARCHY",
        "1.10": "HIERARCHYID",
    },
    "SchemaFieldDataType": {
        "1.0": "RECORD NULL BOOLEAN INT LONG BYTES FLOAT DOUBLE TIMESTAMP TIMESTAMPZ TIME DATE STRING ARRAY MAP "
        "ENUM UNION FIXED ERROR UNKNOWN"
    },
    "SchemaType": {"1.0": "Avro Protobuf JSON Other None"},
    "CleanupPolicy": {"1.0": "delete compact"},
    "TableFileFormat": {
        "1.1": "csv tsv avro parquet json json.gz json.zip",
        "1.5": "jsonl jsonl.gz jsonl.zip",
        "1.8": "csv.gz pq pqt parq parquet.snappy",
        "1.9": "MF4",
        "1.10": "-MF4",
        "1.11": "MF4",
    },
    "ContainerFileFormat": {"1.0": "zip gz zstd csv tsv json parquet avro", "1.8": "MF4"},
    "PartitionInterval": {
        "1.0": "TIME-UNIT INTEGER-RANGE INGESTION-TIME COLUMN-VALUE OTHER",
        "1.4": "INJECTED ENUM",
    },
    "TagSource": {"1.0": "Classification Glossary"},
    "LabelType": {"1.0": "Manual Propagated Automated Derived", "1.7": "Generated"},
    "LabelState": {"1.0": "Suggested Confirmed"},
    "TeamType": {"1.0": "Group Department Division BusinessUnit Organization"},
    "DomainType": {"1.2": "Source-aligned Consumer-aligned Aggregate"},
    "Provider": {"1.0": "system user"},
    "TypeCategory": {"1.0": "field entity"},
    "ExecutionStatus": {"1.0": "Successful Failed Pending", "1.4": "Skipped"},
    "LineageSource": {
        "1.2": "Manual ViewLineage QueryLineage PipelineLineage DashboardLineage DbtLineage",
        "1.3": "SparkLineage",
        "1.4": "OpenLineage ExternalTableLineage",
        "1.7": "CrossDatabaseLineage ChildAssets",
    },
    "StoredProcedureLanguage": {"1.2": "SQL Java JavaScript Python External"},
    "StoredProcedureType": {"1.5": "StoredProcedure UDF"},
    "ModelType": {"1.0": "DBT", "1.4": "DDL"},
}

_SPACED = {"MEASURE_HIDDEN": "MEASURE HIDDEN", "MEASURE_VISIBLE": "MEASURE VISIBLE"}


def members(enumeration: str, version: Version) -> frozenset[str]:
    """The members that a server of this version accepts."""
    known: set[str] = set()
    for since, words in _GROWTH[enumeration].items():
        if parse_version(since) > version:
            continue
        for word in words.split():
            if word.startswith("-"):
                known.discard(word[1:])
            else:
                known.add(_SPACED.get(word, word))
    return frozenset(known)
