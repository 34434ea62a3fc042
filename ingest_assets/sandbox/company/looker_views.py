"""The views of the company's LookML, as Looker merges them."""

from __future__ import annotations

from collections.abc import Mapping

from ingest_assets.sandbox.company.looker import Row
from ingest_assets.sandbox.company.looker_fields import Field, View, changed, dimension, durations, measure, times

_PII: Row = {"tags": ["pii"]}
_KEY: Row = {"primary_key": True}
_HIDDEN: Row = {"hidden": True}
_REFINED = dict.fromkeys(("promotion_id", "cancelled"), ("refinements/orders.lkml", "orders"))
_EXTENDED = dict.fromkeys(("email", "initial"), ("views/person_base.view.lkml", "person_base"))
_ORDERED = "${TABLE}.ordered_at"


def views() -> Mapping[str, View]:
    """All that an explore shows, by name."""
    made = [*_shop(), *_derived(), *_finance(), *_parcels()]
    return {view.name: view for view in made}


def _shop() -> list[View]:
    person = (
        dimension("email", "string", **_PII),
        dimension("name", "string", label="Full name", **_PII),
        dimension("initial", "string", "substr(${name}, 1, 1)"),
    )
    customers = (
        dimension("customer_id", "number", **_KEY),
        dimension("country", "string"),
        *times("created", "date month", "${TABLE}.created_at"),
        dimension("wants_newsletter", "yesno", "${TABLE}.consent.newsletter"),
        measure("count", "count"),
    )
    return [
        View("orders", "norrpost", "views/orders.view.lkml", '"awsdatacatalog"."sales"."orders"', _orders(), _REFINED),
        View("customers", "norrpost", "views/customers.view.lkml", "sales.customers", (*person, *customers), _EXTENDED),
        View("order_lines", "norrpost", "views/order_lines.view.lkml", "sales.order_lines", _order_lines()),
        View("products", "norrpost", "views/plain/products.lkml", "products", _products()),
        View("returns", "norrpost", "views/returns.view.lkml", "sales.returns", _returns()),
    ]


def _orders() -> tuple[Field, ...]:
    status = "placed, paid, packed, sent, returned or cancelled"
    fields = (
        dimension("order_id", "number", description="Number on the receipt", **_KEY),
        dimension("customer_id", "number", **_HIDDEN),
        dimension("state", "string", "${TABLE}.status", label="Status", description=status, tags=["lifecycle"]),
        *times("ordered", "raw time date week month quarter year", _ORDERED, description="When it was placed"),
        dimension(
            "chosen_grain",
            "string",
            "{% if grain._parameter_value == 'day' %} ${ordered_date} {% else %} ${ordered_month} {% endif %}",
        ),
        dimension("currency", "string", '${TABLE}."currency"'),
        dimension("total", "number", **_HIDDEN),
        dimension("is_large", "yesno", "${total} > 1000"),
        dimension("size", "tier", "${total}"),
        *durations("until_return", "day week", "${ordered_raw}", "${returns.received_raw}"),
        dimension("promotion_id", "number"),
        measure(
            "count", "count", drill_fields=["orders.order_id", "orders.state", "orders.ordered_time", "orders.revenue"]
        ),
        measure("revenue", "sum", "${total}", description="With VAT", value_format_name="decimal_2"),
        measure("average_order", "number", "1.0 * ${revenue} / nullif(${count}, 0)"),
        measure("buyers", "count_distinct", "${customer_id}"),
        measure(
            "cancelled",
            "count",
            label="Cancelled orders",
            description="Orders that never left",
            filters=[{"field": "orders.state", "condition": "cancelled"}],
        ),
        Field("grain", "unquoted", None, "parameter", more={"default_filter_value": "month"}),
    )
    refined = changed(fields, "state", label="Order status")
    return changed(refined, "state", field_group_label="Lifecycle", description="Where the order is")


def _order_lines() -> tuple[Field, ...]:
    key = "concat(cast(${TABLE}.order_id as varchar), '-', cast(${TABLE}.line as varchar))"
    return (
        dimension("key", "string", key, **_KEY, **_HIDDEN),
        dimension("order_id", "number", **_HIDDEN),
        dimension("product_id", "number", **_HIDDEN),
        dimension("quantity", "number"),
        dimension("unit_price", "number"),
        dimension("weight_g", "number", "${quantity} * ${products.weight_g}"),
        measure("net", "sum", "${quantity} * ${unit_price}", description="Without VAT"),
    )


def _products() -> tuple[Field, ...]:
    shop = {"label": "Shop", "url": "https://shop.norrpost.example/p/{{ sku._value }}"}
    return (
        dimension("product_id", "number", **_KEY),
        dimension("sku", "string", label="Article number"),
        dimension("name", "string", links=[shop]),
        dimension("category", "string"),
        dimension("weight_g", "number"),
    )


def _returns() -> tuple[Field, ...]:
    return (
        dimension("return_id", "number", **_KEY),
        dimension("order_id", "number"),
        dimension("reason", "string"),
        *times("received", "raw date month", "${TABLE}.received_at"),
        measure("refunded", "sum", "${TABLE}.refunded"),
    )


def _derived() -> list[View]:
    sessions = (
        dimension("session_id", "string", **_KEY),
        dimension("customer_id", "number"),
        dimension("campaign", "string"),
        *times("begun", "time date", "${TABLE}.started_at"),
        measure("count", "count"),
        Field("started", "date", None, "filter"),
        Field("campaign_filter", "string", None, "filter", more={"suggest_dimension": "sessions.campaign"}),
    )
    customer_facts = (
        dimension("customer_id", "number", **_KEY),
        dimension("spent", "number"),
        measure("total_spent", "sum", "${spent}"),
    )
    order_facts = (
        dimension("order_id", "number", **_KEY, **_HIDDEN),
        dimension("customer_id", "number", **_HIDDEN),
        dimension("line_count", "number"),
    )
    daily = (
        dimension("day", "date"),
        dimension("status", "string"),
        dimension("running", "number"),
        measure("revenue", "sum", "${TABLE}.revenue"),
    )
    prices = tuple(
        dimension(name, kind)
        for name, kind in (
            ("product_id", "number"),
            ("currency", "string"),
            ("price", "number"),
            ("valid_from", "date"),
        )
    )
    calendar = (dimension("day", "date", **_KEY), dimension("rate", "number"))
    return [
        View("sessions", "norrpost", "views/sessions.view.lkml", None, sessions),
        View("customer_facts", "norrpost", "views/facts/customer_facts.view.lkml", None, customer_facts),
        View("order_facts", "norrpost", "views/facts/order_facts.view.lkml", None, order_facts),
        View("daily_orders", "norrpost", "views/facts/daily_orders.view.lkml", None, daily),
        View("prices", "norrpost", "views/prices.view.lkml", None, prices),
        View("calendar", "blocks", "views/calendar.view.lkml", None, calendar),
    ]


def _finance() -> list[View]:
    payouts = (
        dimension("payout_id", "string", **_KEY),
        dimension("provider", "string", description="Card acquirer"),
        dimension("arrived_on", "date"),
        measure("net", "sum", "${TABLE}.gross - ${TABLE}.fees", value_format_name="decimal_2"),
    )
    invoices = (
        dimension("invoice_id", "string", **_KEY),
        dimension("customer_id", "number"),
        dimension("due_on", "date"),
        dimension("is_open", "yesno", "${TABLE}.paid_on IS NULL"),
        measure("amount", "sum", "${TABLE}.amount"),
    )
    ledger = (
        dimension("entry_id", "number", **_KEY),
        dimension("account_no", "number"),
        *times("booked", "date month", "${TABLE}.booked_at"),
        measure("balance", "sum", "${TABLE}.debit - ${TABLE}.credit"),
    )
    attribute = "{{ _user_attributes['ledger_schema'] }}.ledger_entries"
    return [
        View("payouts", "norrpost", "models/finance.model.lkml", "finance.payouts", payouts),
        View("invoices", "norrpost", "views/invoices.view.lkml", "finance.invoices", invoices),
        View("ledger", "norrpost", "views/ledger.view.lkml", attribute, ledger),
    ]


def _parcels() -> list[View]:
    parcels = (
        dimension("parcel_id", "number", description="Number in the barcode", **_KEY),
        dimension("order_id", "number"),
        dimension("service", "string"),
        *times("labelled", "date hour_of_day", "${TABLE}.created_at"),
        measure("weight", "average", "${TABLE}.weight_kg"),
    )
    scans = (
        dimension("scan_id", "string", **_KEY),
        dimension("parcel_id", "number"),
        dimension("hub_id", "number"),
        *times("scanned", "time date", "${TABLE}.scanned_at"),
        measure("count", "count"),
    )
    hubs = (
        dimension("hub_id", "number", **_KEY),
        dimension("town", "string", "${TABLE}.name"),
        Field("place", "location", None),
    )
    cases = [
        {"value": "At the door", "condition": "${TABLE}.outcome = 'delivered' "},
        {"value": "Elsewhere", "condition": "else"},
    ]
    deliveries = (
        dimension("parcel_id", "number"),
        Field("outcome", "string", None, more={"sql_case": cases}),
        measure("attempts", "max", "${TABLE}.attempt"),
    )
    network = "views/network.view.lkml"
    return [
        View("parcels", "parcels", "views/parcels.view.lkml", "logistics.parcels", parcels),
        View("scans", "parcels", network, "lake.logistics.scans", scans),
        View("hubs", "parcels", network, "lake.logistics.hubs", hubs),
        View("deliveries", "parcels", network, "lake.logistics.deliveries", deliveries),
    ]
