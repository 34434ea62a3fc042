"""Norrpost's QuickSight below its dashboards: data sources over lake, warehouse and files, and data sets on them."""

from __future__ import annotations

import json
from collections.abc import Iterable

from ingest_assets.sandbox.company.boards import Boards
from ingest_assets.sandbox.company.glue import Row
from ingest_assets.sandbox.company.objects import Buckets
from ingest_assets.sandbox.company.shelf import LAKE

MANIFEST_BUCKET = "norrpost-exports"
MANIFEST_KEY = "quicksight/prices.manifest.json"

_ORDERS = """
    order_id     INTEGER
    customer_id  INTEGER
    ordered_at   DATETIME
    status       STRING
    currency     STRING
    total        DECIMAL
    promotion_id INTEGER
    order_month  STRING
"""
_CUSTOMERS = "customer_id INTEGER\nemail STRING\nname STRING\ncountry STRING\ncreated_at DATETIME"


def columns(text: str) -> list[Row]:
    """Columns, one a line: ``name TYPE -- description``; names may hold spaces."""
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        head, _, description = line.partition(" -- ")
        name, _, kind = head.strip().rpartition(" ")
        column = {"Name": name.strip(), "Type": kind}
        found.append({**column, "Description": description} if description else column)
    return found


def fill(boards: Boards, buckets: Buckets, owner: str) -> None:
    """Add data sources and data sets.

    Args:
        boards: QuickSight.
        buckets: Where the manifest of files lies.
        owner: ARN of who may change them.
    """
    _sources(boards, owner)
    manifest = {
        "fileLocations": [{"URIPrefixes": [f"{LAKE}/sales/prices/"]}],
        "globalUploadSettings": {"format": "CSV", "delimiter": ",", "containsHeader": "true"},
    }
    buckets.put(MANIFEST_BUCKET, MANIFEST_KEY, json.dumps(manifest, indent=1).encode())
    _orders(boards, owner)


def relational(boards: Boards, source: str, name: str, text: str, *, within: tuple[str, ...] = ()) -> Row:
    """A physical table that is a table of a data source.

    Args:
        boards: QuickSight.
        source: Id of the data source.
        name: Of the table.
        text: Its columns, as of ``columns``.
        within: Catalog and schema; the schema alone; or nothing, as QuickSight leaves out what it takes for the
            data source's own.
    """
    places: Row = dict(zip(("Schema", "Catalog"), reversed(within), strict=False))
    table = {"DataSourceArn": boards.arn("datasource", source), **places, "Name": name, "InputColumns": columns(text)}
    return {"RelationalTable": table}


def lake(boards: Boards, database: str, name: str, text: str) -> Row:
    """A table of the Data Catalog, through Athena."""
    return relational(boards, "lake", name, text, within=("AwsDataCatalog", database))


def _sources(boards: Boards, owner: str) -> None:
    boards.add_data_source(
        "lake", "ATHENA", {"AthenaParameters": {"WorkGroup": "primary"}}, name="Data lake", owners=[owner]
    )
    host = f"analytics.cx1example.{boards.region}.redshift.amazonaws.com"
    redshift = {"Host": host, "Port": 5439, "Database": "finance", "ClusterId": "analytics"}
    boards.add_data_source("src1", "REDSHIFT", {"RedshiftParameters": redshift}, name="Warehouse", owners=[owner])
    boards.add_data_source(
        "src10", "ATHENA", {"AthenaParameters": {"WorkGroup": "analysts"}}, name="Lake, for analysts", owners=[owner]
    )
    location = {"ManifestFileLocation": {"Bucket": MANIFEST_BUCKET, "Key": MANIFEST_KEY}}
    boards.add_data_source("price-files", "S3", {"S3Parameters": location}, name="Price lists", owners=[owner])
    boards.add_data_source("crm", "SALESFORCE", name="CRM", owners=[owner])


def _orders(boards: Boards, owner: str) -> None:
    boards.add_data_set(
        "orders",
        {"orders": lake(boards, "sales", "orders", _ORDERS)},
        columns=_described(_ORDERS, order_id="Number on the receipt", total="With VAT, in currency"),
        name="Orders",
        owners=[owner],
    )


def _described(text: str, **descriptions: str) -> Iterable[Row]:
    return [
        {**column, "Description": descriptions[column["Name"]]} if column["Name"] in descriptions else column
        for column in columns(text)
    ]
