"""Invoices, ledger and what controllers built on them."""

from __future__ import annotations

from ingest_assets.sandbox.company.formats import CSV, ORC
from ingest_assets.sandbox.company.glue import GlueCatalogs
from ingest_assets.sandbox.company.shelf import LAKE, Shelf


def fill(glue: GlueCatalogs) -> None:
    """Add the database ``finance``."""
    glue.add_database("finance", Description="Books of Norrpost AB", LocationUri=f"{LAKE}/finance/")
    shelf = Shelf(glue, "finance")
    _books(shelf)
    _small_files(shelf)
    _views(shelf)


def _books(shelf: Shelf) -> None:
    shelf.table(
        "invoices",
        """
            invoice_id   string         -- Number, with year
            order_id     bigint         -- Order of the web shop
            customer_id  bigint         -- Who owes
            issued_on    date
            due_on       date
            amount       decimal(14,2)  -- With VAT
            currency     char(3)        -- ISO 4217
            paid_on      date           -- Empty while open
        """,
        partitions="fiscal_year int -- Starts in May",
        form=ORC,
        Description="Invoices sent",
        Owner="finance",
    )
    shelf.table(
        "invoice_lines",
        "invoice_id string\nline int\ntext string\namount decimal(14,2) -- Without VAT\nvat decimal(14,2)",
        partitions="fiscal_year int -- Starts in May",
        form=ORC,
        Owner="finance",
    )
    shelf.table(
        "ledger_entries",
        """
            entry_id    bigint         -- Never reused
            booked_at   timestamp      -- UTC
            account_no  int            -- See chart_of_accounts
            debit       decimal(18,2)  -- SEK
            credit      decimal(18,2)  -- SEK
            document    struct<kind:string,`Document No`:string,pages:array<struct<no:int,sha256:binary>>>
        """,
        partitions="period string -- yyyy-MM",
        form=ORC,
        Description="Double entries; must balance within a document",
        Owner="finance",
        IsRegisteredWithLakeFormation=True,
    )
    shelf.put(
        {
            "Name": "chart_of_accounts",
            "Description": "Kept in the ERP system; only registered here",
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"classification": "jdbc", "connectionName": "erp"},
        }
    )


def _small_files(shelf: Shelf) -> None:
    shelf.table(
        "exchange_rates",
        "day date -- Of the central bank\ncurrency char(3) -- ISO 4217\nrate decimal(18,8) -- SEK for one unit",
        form=CSV,
        parameters={"skip.header.line.count": "1", "recordCount": "98112"},
        Description="Riksbanken, working days only",
    )
    shelf.table("vat_rates", "country char(2)\nkind string\nrate decimal(4,3)\nfrom_day date", form=CSV)
    shelf.table(
        "payouts",
        "payout_id string\nprovider string -- Card acquirer\narrived_on date\ngross decimal(14,2)\nfees decimal(14,2)",
        partitions="provider string -- Card acquirer",
    )


def _views(shelf: Shelf) -> None:
    shelf.hive_view(
        "receivables",
        "invoice_id string\ncustomer_id bigint\ndue_on date\namount decimal(14,2)\nemail string",
        "select i.invoice_id, i.customer_id, i.due_on, i.amount, c.email\n"
        "from invoices i left outer join sales.customers c on (i.customer_id = c.customer_id)\n"
        "where i.paid_on is null",
        "select `i`.`invoice_id`, `i`.`customer_id`, `i`.`due_on`, `i`.`amount`, `c`.`email`\n"
        "from `finance`.`invoices` `i` left outer join `sales`.`customers` `c`"
        " on (`i`.`customer_id` = `c`.`customer_id`)\nwhere `i`.`paid_on` is null",
        Description="Invoices that are still open",
        Owner="finance",
    )
    shelf.presto_view(
        "margin_by_day",
        "day date\nrevenue_sek decimal(38,2)\nrefunds_sek decimal(38,2)",
        "SELECT r.day, sum(r.revenue * x.rate) AS revenue_sek, sum(b.refunded) AS refunds_sek\n"
        "FROM sales.revenue_by_day r\n"
        "JOIN finance.exchange_rates x ON x.day = r.day AND x.currency = r.currency\n"
        "LEFT JOIN (SELECT date(received_at) AS day, sum(refunded) AS refunded FROM sales.returns GROUP BY 1) b\n"
        "  ON b.day = r.day\nGROUP BY r.day",
        Description="What the shop earns, in SEK",
        Owner="finance",
    )
    shelf.spark_view(
        "vat_report",
        "country string\nperiod string\nvat decimal(38,2)",
        "SELECT country, ${period} AS period, sum(vat FROM invoice_lines JOIN WHERE ;;",
        Description="Copied out of a notebook; its SQL has never been valid",
    )
    shelf.presto_view(
        "old_balance",
        "account_no int\nbalance decimal(38,2)",
        "SELECT account_no, sum(debit) - sum(credit) AS balance FROM ledger_entries GROUP BY account_no",
        broken=True,
        Description="Moved from another account by a tool that cut long texts",
    )
