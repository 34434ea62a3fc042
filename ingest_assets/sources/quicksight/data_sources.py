"""What QuickSight's data sources are outside of it: the kind of system, its SQL, and where its tables have their names.

A table is told by as many names as are known for certain: what is told too little is looked for in every database of
the service, and taken only where one alone fits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ingest_assets.catalog import Elsewhere, EntityType
from ingest_assets.sources.quicksight.shapes import DataSource, Parameters, RelationalTable

_OWN_CATALOGS = frozenset({"awsdatacatalog", "glue_catalog", "spark_catalog"})
"""What engines on Glue call its own catalog, in lower case; in OpenMetadata it has the number of an account."""

_TABLE_BUCKET = re.compile(r"arn:[^:]+:s3tables:[^:]*:(\d{12}):bucket/(.+)")
_ACCOUNT = re.compile(r"arn:[^:]+:quicksight:[^:]+:(\d{12}):.+")
_MOUNTED = "s3tablescatalog/"


class NotRead(NamedTuple):
    """Why something could not be read."""

    reason: str


class System(NamedTuple):
    """A kind of data source that has tables and takes SQL.

    Attributes:
        name: What kind of system it is, in the words of ``Elsewhere.system``.
        dialect: sqlglot's name of its SQL.
        database: The parameter that names the database; None: none does.
        schema: The parameter that names the schema: of systems whose databases are OpenMetadata's schemas.
        default_schema: Where a name without a schema belongs, unless somebody set that otherwise.
    """

    name: str
    dialect: str | None = None
    database: str | None = None
    schema: str | None = None
    default_schema: str = ""


class Service(NamedTuple):
    """A kind of data source whose tables OpenMetadata does not have as tables of a database.

    Attributes:
        what: What it is, for people.
    """

    what: str


@dataclass(frozen=True)
class Files:
    """A kind of data source that is files in S3, which a manifest lists."""


_MYSQL = System("mysql", "mysql", schema="database")
_POSTGRES = System("postgres", "postgres", "database", default_schema="public")
_TRINO = System("trino", "trino", "catalog")

TYPES: Mapping[str, System | Service | Files] = {
    "ADOBE_ANALYTICS": Service("Adobe Analytics"),
    "AMAZON_ELASTICSEARCH": Service("OpenSearch"),
    "AMAZON_OPENSEARCH": Service("OpenSearch"),
    "ATHENA": System("athena", "athena"),
    "AURORA": _MYSQL,
    "AURORA_POSTGRESQL": _POSTGRES,
    "AWS_IOT_ANALYTICS": Service("IoT Analytics"),
    "BIGQUERY": System("bigquery", "bigquery", "project_id"),
    "CONFLUENCE": Service("Confluence"),
    "DATABRICKS": System("databricks", "databricks"),
    "EXASOL": System("exasol", "exasol"),
    "GITHUB": Service("GitHub"),
    "GOOGLESHEETS": Service("Google Sheets"),
    "GOOGLE_DRIVE": Service("Google Drive"),
    "IMPALA": System("impala", "hive", schema="database"),
    "JIRA": Service("Jira"),
    "MARIADB": System("mariadb", "mysql", schema="database"),
    "MYSQL": _MYSQL,
    "ONE_DRIVE": Service("OneDrive"),
    # Its database is an instance or a service: in OpenMetadata it has whatever name its recipe gives it.
    "ORACLE": System("oracle", "oracle"),
    "POSTGRESQL": _POSTGRES,
    "PRESTO": System("presto", "presto", "catalog"),
    "QBUSINESS": Service("Amazon Q Business"),
    "REDSHIFT": System("redshift", "redshift", "database", default_schema="public"),
    "S3": Files(),
    "S3_KNOWLEDGE_BASE": Service("a knowledge base"),
    "S3_TABLES": System("glue", "athena", "table_bucket_arn"),
    "SALESFORCE": Service("Salesforce"),
    "SERVICENOW": Service("ServiceNow"),
    "SHAREPOINT": Service("SharePoint"),
    "SNOWFLAKE": System("snowflake", "snowflake", "database", default_schema="PUBLIC"),
    "SPARK": System("spark", "spark"),
    "SQLSERVER": System("mssql", "tsql", "database", default_schema="dbo"),
    "STARBURST": _TRINO,
    "TERADATA": System("teradata", "teradata", schema="database"),
    "TIMESTREAM": System("timestream", "trino"),
    "TRINO": _TRINO,
    "TWITTER": Service("Twitter"),
    "WEB_CRAWLER": Service("a web crawler"),
}
"""Every type of data source, in QuickSight's words."""


def kind_of(source: DataSource) -> System | Service | Files | NotRead:
    """What a data source is outside of QuickSight; a reason for a type that is newer than this."""
    if source.type not in TYPES:
        return NotRead(f"its data source {shown(source)} is of type {source.type}, which is new")
    return TYPES[source.type]


def namespace_of(source: DataSource, system: System) -> tuple[str, ...]:
    """Where names belong that a query does not qualify: database and schema, or the schema alone; empty: not known."""
    if system.schema is not None:
        schema = _parameter(source.parameters, system.schema)
        return (schema,) if schema else ()
    database = _parameter(source.parameters, system.database) if system.database else ""
    return (database, system.default_schema) if database else ()


def table_of(table: RelationalTable, source: DataSource, system: System) -> Elsewhere:
    """A table as its system calls it: all names that are known, from the last one up."""
    if system.schema is not None:
        names = [table.schema_ or _parameter(source.parameters, system.schema), table.name]
    else:
        database, schema = (*namespace_of(source, system), "", "")[:2]
        names = [_catalog(table.catalog, source) or database, table.schema_ or schema, table.name]
    while "" in names:
        names = names[names.index("") + 1 :]
    return Elsewhere(type=EntityType.TABLE, names=tuple(names), system=system.name)


def shown(source: DataSource) -> str:
    """A data source for people."""
    return f"{source.name} ({source.data_source_id})" if source.name else source.data_source_id


def _parameter(parameters: Parameters, name: str) -> str:
    value = str(getattr(parameters, name) or "")
    bucket = _TABLE_BUCKET.fullmatch(value)
    return f"{bucket[1]}:{_MOUNTED}{bucket[2]}" if bucket else value


def _catalog(catalog: str | None, source: DataSource) -> str:
    """The database that a catalog is; empty if it is Glue's own, or none is told.

    One that is mounted in Glue has the account's id in its name there.
    """
    if catalog is None or catalog.lower() in _OWN_CATALOGS:
        return ""
    account = _ACCOUNT.fullmatch(source.arn)
    return f"{account[1]}:{catalog}" if account and catalog.startswith(_MOUNTED) else catalog
