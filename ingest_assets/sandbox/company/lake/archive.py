"""What grew over the years: odd names, raw webhooks, and a database that nobody filled."""

from __future__ import annotations

from ingest_assets.sandbox.company.formats import AVRO, JSON
from ingest_assets.sandbox.company.glue import GlueCatalogs
from ingest_assets.sandbox.company.shelf import LAKE, Shelf


def fill(glue: GlueCatalogs) -> None:
    """Add ``orders.raw``, the service desk's archive and an empty database."""
    _raw_orders(glue)
    _service_desk(glue)
    glue.add_database("scratch", Description="For experiments; emptied every Sunday", LocationUri=f"{LAKE}/scratch/")


def _raw_orders(glue: GlueCatalogs) -> None:
    glue.add_database("orders.raw", Description="Orders as partners send them, untouched")
    shelf = Shelf(glue, "orders.raw", location="s3://norrpost-raw/orders")
    shelf.table(
        "shipments",
        """
            parcel_id  bigint                              -- Carrier parcel number
            weight_kg  decimal(9,3)
            stops      array<struct<Hub:string,at:timestamp>>
            ship_day   date                                -- Also the partition
        """,
        partitions="ship_day date -- Day of hand-over",
        parameters={"classification": "parquet"},
        Owner="carrier-team",
    )
    shelf.table("Webhook Events", "id string\nbody string -- JSON\n`received at` timestamp", form=JSON)
    shelf.table(
        "partner.orders:v2",
        "partner string\norder_ref string\nlines array<struct<sku:string,qty:int>>\nreceived_at bigint -- Epoch ms",
        form=AVRO,
        parameters={"avro.schema.url": "s3://norrpost-raw/schemas/partner-orders-v2.avsc"},
    )
    long_name = "partner_orders_" + "_".join(f"with_reference_{number}" for number in range(1, 15))
    shelf.table(long_name[:250], "order_ref string\nnote string", form=JSON)
    shelf.table('quoted "orders"', "order_ref string -- In quotes, as the export tool named it", form=JSON)


def _service_desk(glue: GlueCatalogs) -> None:
    glue.add_database("客服 archive", Description="Service desk until 2022; kept for ten years")
    shelf = Shelf(glue, "客服 archive", location="s3://norrpost-archive/客服")
    shelf.table(
        "tickets",
        """
            ticket_id    bigint
            opened_at    timestamp
            `ärende typ` string    -- Kind of issue, in Swedish
            顧客          string    -- Customer's name
            text         string    -- Personal data
            parcel_id    bigint    -- Parcel, if there is one
        """,
        partitions="år int -- Year",
        Description="Ärenden från kundtjänst",
        Owner="service-desk",
    )
    shelf.table("chat_logs", "chat_id string\nturns array<struct<who:string,said:string,at:timestamp>>", form=JSON)
    shelf.spark_view(
        "parcels_with_tickets",
        "parcel_id bigint\ntickets bigint",
        "SELECT t.parcel_id, count(1) AS tickets FROM `客服 archive`.tickets t\n"
        "LEFT SEMI JOIN logistics.parcels p ON p.parcel_id = t.parcel_id GROUP BY t.parcel_id",
    )
