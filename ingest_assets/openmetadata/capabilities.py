"""What a server of a version understands: one table, read by everything that builds a request.

Facts come from the published JSON schemas and models of each minor from 1.0 to 2.0 and from running 1.0 and 1.5
servers. Where a minor is only known by its last patch release and an earlier patch of it was seen to refuse a property
(``locationPath`` on 1.5), the next minor counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ingest_assets.catalog import NameRules
from ingest_assets.errors import IncompatibleServerError

_NUMBERS = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")
_WHERE = "GET /v1/system/version"


class Version(NamedTuple):
    """A server's version; compares as numbers do."""

    major: int
    minor: int
    patch: int = 0

    @classmethod
    def parse(cls, text: str) -> Version:
        """The version in a server's words, e.g. ``1.5.7-SNAPSHOT`` or ``1.12``.

        Raises:
            IncompatibleServerError: There is no version in it.
        """
        found = _NUMBERS.search(text)
        if not found:
            raise IncompatibleServerError(
                f"the server calls its version {text[:80]!r}, which is none.",
                where=_WHERE,
                advice="Is hostPort the address of an OpenMetadata server?",
            )
        return cls(*(int(number or 0) for number in found.groups()))

    def __str__(self) -> str:
        """As people write it: ``1.5.7``."""
        return ".".join(map(str, self))


@dataclass(frozen=True)
class Capabilities:
    """What the server of one version knows.

    Attributes:
        version: As the server says.
        note: What people should know about this version, else None.
        names: How it spells names and builds FQNs.
        owners: Property and field of owners: ``owner`` (one reference) or ``owners`` (a list).
        schema_definition: Property of a view's text: ``viewDefinition`` or ``schemaDefinition``.
        partition_objects: Partition columns are objects with an interval each, not names with one interval for all.
        source_hash: ``sourceHash`` on databases, schemas and tables.
        source_url: ``sourceUrl`` on databases, schemas and tables.
        retention_period: ``retentionPeriod`` on databases and schemas too.
        life_cycle: ``lifeCycle``.
        location_path: ``locationPath`` of tables.
        connection_required: A service can't be made without a connection.
        bulk: Collections with ``PUT /v1/{collection}/bulk``.
        change_events: Whether ``GET /v1/events`` is known to be there; where it is not, ask (``ChangeEvents``).
        lower_cases_users: User names are stored in lower case and found in any.
        lineage_source: ``lineageDetails.source``.
        lineage_nested_columns: Column pairs may name nested columns.
        lineage_index: The search index tells of edges, where the server has an engine for it.
        lineage_sources: Words of ``lineageDetails.source``.
        database_services: Words of a database service's ``serviceType``.
        table_types: Words of ``tableType``.
        data_types: Words of a column's ``dataType``.
        file_formats: Words of a table's ``fileFormat``; empty where it has none.
        partition_intervals: Words of a partition's ``intervalType``.
    """

    version: Version
    note: str | None
    names: NameRules
    owners: str
    schema_definition: str
    partition_objects: bool
    source_hash: bool
    source_url: bool
    retention_period: bool
    life_cycle: bool
    location_path: bool
    connection_required: bool
    bulk: frozenset[str]
    change_events: bool
    lower_cases_users: bool
    lineage_source: bool
    lineage_nested_columns: bool
    lineage_index: bool
    lineage_sources: frozenset[str]
    database_services: frozenset[str]
    table_types: frozenset[str]
    data_types: frozenset[str]
    file_formats: frozenset[str]
    partition_intervals: frozenset[str]


_Minor = tuple[int, int]
_OLDEST: _Minor = (1, 0)
_NEWEST: _Minor = (2, 0)
_LAST_OF_1: _Minor = (1, 13)

_BULK: dict[_Minor, str] = {
    # Services, containers and pipelines have none.
    (1, 11): "databases databaseSchemas tables storedProcedures topics dashboards charts dashboard/datamodels queries",
}
_LINEAGE_SOURCES: dict[_Minor, str] = {
    (1, 2): "Manual ViewLineage QueryLineage PipelineLineage DashboardLineage DbtLineage",
    (1, 3): "SparkLineage",
    (1, 4): "OpenLineage ExternalTableLineage",
    (1, 7): "CrossDatabaseLineage ChildAssets",
}
_DATABASE_SERVICES: dict[_Minor, str] = {
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
_TABLE_TYPES: dict[_Minor, str] = {
    (1, 0): "Regular External View SecureView MaterializedView Iceberg Local Partitioned Foreign",
    (1, 1): "Transient",
    (1, 4): "Dynamic",
    (1, 7): "Stream",
    (1, 11): "Stage",
    (2, 0): "SemanticView",
}
_DATA_TYPES: dict[_Minor, str | tuple[str, ...]] = {
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
_FILE_FORMATS: dict[_Minor, str] = {
    (1, 1): "csv tsv avro parquet json json.gz json.zip",
    (1, 5): "jsonl jsonl.gz jsonl.zip",
    (1, 8): "csv.gz pq pqt parq parquet.snappy",
    (1, 9): "MF4",
    (1, 10): "-MF4",
    (1, 11): "MF4",
}
_PARTITION_INTERVALS: dict[_Minor, str] = {
    (1, 0): "TIME-UNIT INTEGER-RANGE INGESTION-TIME COLUMN-VALUE OTHER",
    (1, 4): "INJECTED ENUM",
}


def capabilities_of(version: Version) -> Capabilities:
    """What a server of this version understands.

    A version newer than all known ones counts as the newest known one of its line, with a note.

    Raises:
        IncompatibleServerError: The version is below 1.0.
    """
    minor = _known(version)
    return Capabilities(
        version=version,
        note=_note(version),
        # Seen: 1.0 does not quote services, 1.5 does. What lies between is an assumption.
        names=_names(minor),
        owners="owners" if minor >= (1, 5) else "owner",
        schema_definition="schemaDefinition" if minor >= (1, 4) else "viewDefinition",
        partition_objects=minor >= (1, 4),
        source_hash=minor >= (1, 2),
        source_url=minor >= (1, 1),
        retention_period=minor >= (1, 1),
        life_cycle=minor >= (1, 2),
        location_path=minor >= (1, 6),
        connection_required=minor < (1, 2),
        bulk=_words(_BULK, minor),
        change_events=minor <= (1, 12),
        lower_cases_users=minor >= (1, 5),
        lineage_source=minor >= (1, 2),
        # Refused by 1.0, taken by 1.5; what lies between was not seen, and a refusal would cost the whole edge.
        lineage_nested_columns=minor >= (1, 5),
        # Seen on 1.5; the graph is made of it since 1.3.
        lineage_index=minor >= (1, 3),
        lineage_sources=_words(_LINEAGE_SOURCES, minor),
        database_services=_words(_DATABASE_SERVICES, minor),
        table_types=_words(_TABLE_TYPES, minor),
        data_types=_words(_DATA_TYPES, minor),
        file_formats=_words(_FILE_FORMATS, minor),
        partition_intervals=_words(_PARTITION_INTERVALS, minor),
    )


def _names(minor: _Minor) -> NameRules:
    if minor >= (1, 3):
        return NameRules()
    return NameRules(
        longest=128,
        above_tables=r"\w'\- .&()" + ("%" if minor >= (1, 1) else ""),
        quotes_services=minor >= (1, 2),
    )


def _known(version: Version) -> _Minor:
    minor = (version.major, version.minor)
    if minor < _OLDEST:
        raise IncompatibleServerError(
            f"the server is OpenMetadata {version}; the oldest that can be written to is 1.0.",
            where=_WHERE,
            advice="Upgrade the server.",
        )
    return min(minor, _LAST_OF_1 if version.major == 1 else _NEWEST)


def _note(version: Version) -> str | None:
    known = _known(version)
    if (version.major, version.minor) == known:
        return None
    return f"OpenMetadata {version} is newer than this package knows; it is treated as {known[0]}.{known[1]}."


def _words(table: Mapping[_Minor, str | tuple[str, ...]], minor: _Minor) -> frozenset[str]:
    """Words known at a minor: each row adds words, and takes away those that begin with a minus."""
    known: set[str] = set()
    for since, row in table.items():
        if minor >= since:
            words = row.split() if isinstance(row, str) else row
            known.update(word for word in words if not word.startswith("-"))
            known.difference_update(word[1:] for word in words if word.startswith("-"))
    return frozenset(known)
