"""Parcels on their way: hubs, vehicles, scans and deliveries."""

from __future__ import annotations

from ingest_assets.sandbox.company.formats import CSV, JSON, ORC
from ingest_assets.sandbox.company.glue import GlueCatalogs
from ingest_assets.sandbox.company.shelf import LAKE, Shelf


def fill(glue: GlueCatalogs) -> None:
    """Add the database ``logistics``."""
    glue.add_database(
        "logistics",
        Description="Parcels, from label to doorstep",
        LocationUri=f"{LAKE}/logistics/",
        Parameters={"team": "operations"},
    )
    shelf = Shelf(glue, "logistics")
    _parcels(shelf)
    _network(shelf)
    _views(shelf)


def _parcels(shelf: Shelf) -> None:
    shelf.crawled_delta(
        "parcels",
        """
            parcel_id    bigint        -- Number in the barcode
            order_id     bigint        -- Order of the web shop, empty for other senders
            sender       struct<Account No:string,name:string>  -- Who pays
            weight_kg    decimal(9,3)  -- On the scales of the first hub
            service      string        -- standard, express or locker
            created_at   timestamp     -- When the label was made, UTC
        """,
        Description="One row a parcel",
        Owner="operations",
    )
    shelf.spark_delta(
        "scans",
        {
            "scan_id": "string",
            "parcel_id": "long",
            "hub_id": "integer",
            "scanned_at": "timestamp",
            "kind": "string",
            "temperature": "decimal(5,2)",
        },
        Description="Each time a parcel passed a scanner",
        Owner="operations",
    )
    shelf.hudi(
        "deliveries",
        """
            parcel_id     bigint     -- Parcel
            attempt       int        -- From 1
            courier_id    int        -- Who drove
            outcome       string     -- delivered, neighbour, locker, refused or nobody_home
            delivered_at  timestamp  -- UTC
            signature     binary     -- PNG
        """,
        partitions="delivery_day string -- yyyy-MM-dd, local time",
        Description="Attempts to hand a parcel over",
    )
    shelf.table(
        "parcel_events",
        """
            parcel_id  bigint                                                   -- Parcel
            history    array<array<struct<hub:string,at:timestamp>>>            -- Legs, each with its stops
            details    struct<code:int,payload:uniontype<string,struct<reason:string>>>  -- In the scanner's own form
        """,
        partitions="day date -- UTC\nhub_id int -- Where",
        form=JSON,
    )


def _network(shelf: Shelf) -> None:
    shelf.table(
        "hubs",
        """
            hub_id    int     -- Id
            name      string  -- Town
            lat       double
            lon       double
            capacity  int     -- Parcels a day
        """,
        form=CSV,
        parameters={"skip.header.line.count": "1", "recordCount": "57"},
        Description="Sorting centres",
        Owner="operations",
    )
    shelf.table(
        "vehicles",
        """
            plate       varchar(10)  -- Licence plate
            kind        string       -- van, truck or cargo_bike
            electric    boolean
            hub_id      int          -- Home
            mileage_km  int
            payload_kg  float
        """,
        form=ORC,
        Description="Own and rented vehicles",
    )
    shelf.table(
        "couriers",
        "courier_id int -- Id\nname string -- Personal data\nhub_id int -- Home\nhired_on date",
        form=ORC,
        TableType="MANAGED_TABLE",
        Owner="hr",
    )
    shelf.table(
        "delivery_zones",
        "zone_id string\nhub_id int -- Served from\narea string -- GeoJSON polygon\npostal_codes array<string>",
        form=JSON,
        location="s3://norrpost-gis/zones",
    )
    for name, account in (("forecasts", "210987654321"), ("road_closures", "345678901234")):
        shelf.put(
            {
                "Name": f"partner_{name}",
                "TargetTable": {"CatalogId": account, "DatabaseName": "weather", "Name": name},
            }
        )


def _views(shelf: Shelf) -> None:
    shelf.spark_view(
        "late_parcels",
        """
            parcel_id   bigint
            service     string
            hours_late  double
        """,
        "SELECT p.parcel_id, p.service,\n"
        "       (unix_timestamp(d.delivered_at) - unix_timestamp(p.created_at)) / 3600 - 48 AS hours_late\n"
        "FROM parcels p JOIN deliveries d ON d.parcel_id = p.parcel_id\n"
        "WHERE d.outcome = 'delivered'\n  AND d.delivered_at > p.created_at + INTERVAL 48 HOURS",
        Description="Delivered later than promised",
        Owner="operations",
    )
    shelf.put(
        {
            "Name": "hub_load",
            "Description": "Scans an hour and hub, refreshed every hour",
            "StorageDescriptor": {
                "Columns": [
                    {"Name": "hub_id", "Type": "int"},
                    {"Name": "hour", "Type": "timestamp"},
                    {"Name": "scans", "Type": "bigint"},
                ],
                "Location": f"{LAKE}/logistics/hub_load",
            },
            "TableType": "MATERIALIZED_VIEW",
            "IsMaterializedView": True,
            "ViewOriginalText": "SELECT hub_id, date_trunc('hour', scanned_at) AS hour, count(*) AS scans\n"
            "FROM logistics.scans GROUP BY 1, 2",
            "Parameters": {"table_type": "ICEBERG"},
        }
    )
