"""The web shop: stamps, labels and boxes."""

from __future__ import annotations

from ingest_assets.sandbox.company.formats import CSV, DELIMITED, TSV
from ingest_assets.sandbox.company.glue import GlueCatalogs
from ingest_assets.sandbox.company.shelf import LAKE, Shelf


def fill(glue: GlueCatalogs) -> None:
    """Add the database ``sales``."""
    glue.add_database(
        "sales",
        Description="Orders, customers and products of the web shop",
        LocationUri=f"{LAKE}/sales/",
        Parameters={"team": "shop", "contains_personal_data": "true"},
    )
    shelf = Shelf(glue, "sales")
    _orders(shelf)
    _masters(shelf)
    _small_files(shelf)
    _views(shelf)


def _orders(shelf: Shelf) -> None:
    shelf.table(
        "orders",
        """
            order_id      bigint         -- Number on the receipt
            customer_id   bigint         -- Who ordered
            ordered_at    timestamp      -- When, UTC
            status        string         -- placed, paid, packed, sent, returned or cancelled
            currency      char(3)        -- ISO 4217
            total         decimal(12,2)  -- With VAT, in currency
            ship_to       struct<Name:string,Street:string,Postal Code:string,country:string>  -- Address on the label
            promotion_id  int            -- Promotion that was applied
        """,
        partitions="order_month string -- yyyy-MM of ordered_at",
        parameters={"recordCount": "5120934", "sizeKey": "812345678", "comment": "One row an order"},
        Owner="shop",
        LastAccessTime=1763700000,
    )
    shelf.table(
        "order_lines",
        """
            order_id    bigint         -- Order
            line        smallint       -- From 1
            product_id  int            -- Product
            quantity    int            -- Pieces
            unit_price  decimal(10,2)  -- Without VAT, in the order's currency
            vat_rate    decimal(4,3)   -- As a fraction
            options     map<string,struct<value:string,surcharge:decimal(8,2)>>  -- Engraving, colour and the like
        """,
        partitions="order_month string -- yyyy-MM of the order",
        Description="Products within orders",
        Owner="shop",
    )
    shelf.iceberg(
        "returns",
        """
            return_id    bigint         -- Number on the return label
            order_id     bigint         -- Order
            line         int            -- Line of the order
            reason       string         -- In the customer's words
            refunded     decimal(12,2)  -- With VAT
            received_at  timestamp      -- When the parcel came back, UTC
          ~ reason_code  int            -- No longer asked for
          ~ handled_by   string         -- Removed on request of the works council
        """,
        Description="What customers sent back",
    )
    shelf.table(
        "carts",
        """
            cart_id      string                                     -- Id in the shop
            visitor_id   string                                     -- Cookie
            changed_at   timestamp                                  -- Last change, UTC
            items        array<struct<product_id:int,quantity:int>> -- What lies in it
        """,
    )


def _masters(shelf: Shelf) -> None:
    shelf.iceberg(
        "customers",
        """
            customer_id   bigint     -- Id in the shop
            email         string     -- Login
            name          string     -- First and last name
            phone         string     -- As typed
            born_on       date       -- Day of birth, asked for age-restricted goods
            country       char(2)    -- ISO 3166
            consent       struct<newsletter:boolean,profiling:boolean,given_at:timestamp>  -- What they agreed to
            created_at    timestamp  -- First order or registration, UTC
        """,
        Description="Customers of the web shop; personal data",
        Owner="shop",
    )
    shelf.table(
        "products",
        """
            product_id   int                 -- Id in the shop
            sku          varchar(32)         -- Article number
            name         string              -- In English
            names        map<string,string>  -- By language
            category     string              -- Path, parts divided by >
            weight_g     int                 -- With packing
            dimensions   struct<length:int,width:int,height:int>  -- Millimetres
            retired      boolean             -- No longer sold
        """,
        Description="Everything the shop sells or once sold",
        parameters={"recordCount": "1874"},
        Owner="shop",
    )
    shelf.table("stores", "store_id int -- Number on the door\ncity string\nopened_on date", form=CSV)


def _small_files(shelf: Shelf) -> None:
    shelf.table(
        "prices",
        """
            product_id  int            -- Product
            currency    char(3)        -- ISO 4217
            price       decimal(10,2)  -- Without VAT
            valid_from  date           -- First day
        """,
        form=CSV,
        parameters={"skip.header.line.count": "1"},
        Description="Price list, from the merchandising team's export",
        Owner="lena.berg",
    )
    shelf.table(
        "promotions",
        """
            promotion_id  int     -- Id
            code          string  -- What customers type
            percent_off   tinyint
            `Valid until` date    -- Last day
        """,
        form=TSV,
    )
    shelf.table(
        "newsletter_opens",
        "email string -- Reader\nissue string\nopened_at string",
        form=DELIMITED,
        location="s3a://norrpost-marketing/mailtool/opens",
        Description="Export of the mail tool, semicolons between fields",
    )


def _views(shelf: Shelf) -> None:
    shelf.presto_view(
        "revenue_by_day",
        """
            day       date
            currency  string
            orders    bigint
            revenue   decimal(38,2)
        """,
        "SELECT date(o.ordered_at) AS day, o.currency, count(DISTINCT o.order_id) AS orders,\n"
        "       sum(l.quantity * l.unit_price) AS revenue\n"
        'FROM "awsdatacatalog"."sales"."orders" o\n'
        "JOIN sales.order_lines l ON l.order_id = o.order_id AND l.order_month = o.order_month\n"
        "WHERE o.status <> 'cancelled'\nGROUP BY 1, 2",
        Description="Revenue without VAT",
        Owner="analytics",
    )
    shelf.presto_view(
        "customer_orders",
        """
            order_id      bigint
            customer_id   bigint
            ordered_at    timestamp
            status        string
            currency      char(3)
            total         decimal(12,2)
            ship_to       struct<name:string,street:string,postal code:string,country:string>
            promotion_id  int
            order_month   string
            email         string
        """,
        "SELECT o.*, c.email FROM orders o INNER JOIN customers c USING (customer_id)",
        Description="Orders with who ordered, every column of orders",
    )
    shelf.presto_view(
        "best_customers",
        "customer_id bigint\nemail string\nspent decimal(38,2)",
        "SELECT customer_id, email, sum(total) AS spent FROM sales.customer_orders\n"
        "GROUP BY customer_id, email HAVING sum(total) > 1000",
    )
