"""Norrpost's data sources in QuickSight, and words to describe the tables that data sets read from them."""

from __future__ import annotations

import json

from ingest_assets.sandbox.company.boards import Boards
from ingest_assets.sandbox.company.glue import Row
from ingest_assets.sandbox.company.objects import Buckets
from ingest_assets.sandbox.company.shelf import LAKE

MANIFEST_BUCKET = "norrpost-exports"
MANIFEST_KEY = "quicksight/prices.manifest.json"


def fill(boards: Boards, buckets: Buckets, owner: str) -> None:
    """Add the data sources.

    Args:
        boards: QuickSight.
        buckets: Where the manifest of the price lists lies.
        owner: ARN of who may change them.
    """
    manifest = {
        "fileLocations": [{"URIPrefixes": [f"{LAKE}/sales/prices/"]}],
        "globalUploadSettings": {"format": "CSV", "delimiter": ",", "containsHeader": "true"},
    }
    buckets.put(MANIFEST_BUCKET, MANIFEST_KEY, json.dumps(manifest, indent=1).encode())
    boards.add_data_source(
        "lake", "ATHENA", {"AthenaParameters": {"WorkGroup": "primary"}}, name="Data lake", owners=[owner]
    )
    host = f"analytics.cx1example.{boards.region}.redshift.amazonaws.com"
    redshift = {"Host": host, "Port": 5439, "Database": "finance", "ClusterId": "analytics"}
    boards.add_data_source(
        "src1",
        "REDSHIFT",
        {"RedshiftParameters": redshift},
        name="Warehouse",
        owners=[owner],
        SslProperties={"DisableSsl": False},
    )
    boards.add_data_source(
        "src10", "ATHENA", {"AthenaParameters": {"WorkGroup": "analysts"}}, name="Lake, for analysts", owners=[owner]
    )
    location = {"ManifestFileLocation": {"Bucket": MANIFEST_BUCKET, "Key": MANIFEST_KEY}}
    boards.add_data_source("price-files", "S3", {"S3Parameters": location}, name="Price lists", owners=[owner])
    boards.add_data_source("crm", "SALESFORCE", name="CRM", owners=[owner])


def columns(text: str) -> list[Row]:
    """Output columns, one a line: ``name TYPE -- description``; names may hold spaces."""
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        head, _, description = line.partition(" -- ")
        name, _, kind = head.strip().rpartition(" ")
        column = {"Name": name.strip(), "Type": kind}
        found.append({**column, "Description": description} if description else column)
    return found


def described(text: str, **descriptions: str) -> list[Row]:
    """Output columns as of ``columns``, some with a description."""
    return [
        {**column, "Description": descriptions[column["Name"]]} if column["Name"] in descriptions else column
        for column in columns(text)
    ]


def relational(boards: Boards, source: str, name: str, text: str, *, within: tuple[str, ...] = ()) -> Row:
    """A physical table that is a table of a data source.

    Args:
        boards: QuickSight.
        source: Id of the data source.
        name: Of the table.
        text: Its columns, as of ``columns``.
        within: Catalog and schema; the schema alone; or nothing, since AWS requires neither.
    """
    places: Row = dict(zip(("Schema", "Catalog"), reversed(within), strict=False))
    inputs = _inputs(text)
    return {
        "RelationalTable": {
            "DataSourceArn": boards.arn("datasource", source),
            **places,
            "Name": name,
            "InputColumns": inputs,
        }
    }


def lake(boards: Boards, database: str, name: str, text: str) -> Row:
    """A table of the Data Catalog, through Athena."""
    return relational(boards, "lake", name, text, within=("AwsDataCatalog", database))


def custom_sql(boards: Boards, source: str, name: str, query: str, text: str | None = None) -> Row:
    """A query as physical table; without ``text`` nobody has kept what columns it has."""
    table = {"DataSourceArn": boards.arn("datasource", source), "Name": name, "SqlQuery": query}
    return {"CustomSql": table if text is None else {**table, "Columns": _inputs(text)}}


def _inputs(text: str) -> list[Row]:
    return [{"Name": column["Name"], "Type": column["Type"]} for column in columns(text)]
