"""What stands on the sheets of Norrpost's dashboards."""

from __future__ import annotations

from ingest_assets.sandbox.company.boards_visuals import (
    calculated,
    category,
    count,
    day,
    expression,
    insight,
    latest,
    measure,
    number,
    placeholder,
    raw_table,
    sheet,
    visual,
    web_page,
)
from ingest_assets.sandbox.company.glue import Row

_ORDERS, _BUYERS, _DELAYS = "Orders", "Orders with customers", "Delays"


def sales() -> list[Row]:
    """Revenue, and who brings it."""
    total, month = measure(_ORDERS, "total"), day(_ORDERS, "ordered_at", "MONTH")
    status = category(_ORDERS, "status")
    spent, land = measure(_BUYERS, "Total"), category(_BUYERS, "country")
    return [
        sheet(
            "revenue",
            "Revenue",
            visual("KPIVisual", "revenue-total", "Revenue", Values=[total], TrendGroups=[month]),
            visual(
                "LineChartVisual", "revenue-by-month", "Revenue by month", rich=True, Category=[month], Values=[total]
            ),
            visual(
                "BarChartVisual",
                "orders-by-status",
                "Orders <by status> & currency",
                rich=True,
                Category=[status],
                Values=[count(_ORDERS, "order_id")],
                Colors=[category(_ORDERS, "currency")],
            ),
            visual(
                "PieChartVisual", "share-of-status", None, Category=[status], Values=[measure(_ORDERS, "Order share")]
            ),
        ),
        sheet(
            "customers",
            "Customers",
            visual("TableVisual", "best-buyers", "Best buyers", GroupBy=[category(_BUYERS, "Buyer")], Values=[spent]),
            visual(
                "PivotTableVisual",
                "buyers-by-year",
                "Buyers by year",
                Rows=[land],
                Columns=[number(_BUYERS, "Order year")],
                Values=[count(_BUYERS, "email"), latest(_BUYERS, "Customer since")],
            ),
            visual("FilledMapVisual", "buyers-on-map", "Where buyers live", Geospatial=[land], Values=[spent]),
            Title="Customers of the web shop",
            Description="Personal data: only for the shop's team",
        ),
    ]


def sales_fields() -> list[Row]:
    """What the sales dashboard calculates itself, one from the other."""
    return [
        calculated(_ORDERS, "Euro", "ifelse({currency} = 'EUR', {total}, {total} / 11.3)"),
        calculated(_ORDERS, "Order share", "sum({Euro}) / sumOver(sum({Euro}), [])"),
    ]


def parcels() -> list[Row]:
    """How long parcels take, and where."""
    hub, outcome, hours = category(_DELAYS, "hub"), category(_DELAYS, "outcome"), measure(_DELAYS, "hours", "AVERAGE")
    service, parcels_ = category(_DELAYS, "service_level"), measure(_DELAYS, "parcel_id", "COUNT")
    where = [number(_DELAYS, "lat"), number(_DELAYS, "lon")]
    return [
        sheet(
            "delays",
            "Förseningar",
            visual(
                "HeatMapVisual", "hours-by-hub", "Timmar per terminal", Rows=[hub], Columns=[service], Values=[hours]
            ),
            visual("HistogramVisual", "hours-spread", "Hours, spread", Values=[measure(_DELAYS, "hours")]),
            visual("BoxPlotVisual", "hours-by-outcome", "Hours by outcome", GroupBy=[outcome], Values=[hours]),
            visual(
                "GaugeChartVisual",
                "on-time",
                "On time",
                Values=[expression("on-time", "countIf({parcel_id}, {hours} <= 48) / count({parcel_id})")],
            ),
        ),
        sheet(
            "network",
            "Nät",
            visual("SankeyDiagramVisual", "flow", "Flow", Source=[hub], Destination=[outcome], Weight=[parcels_]),
            visual(
                "ScatterPlotVisual",
                "weight-and-hours",
                "Weight and hours",
                XAxis=[measure(_DELAYS, "weight_kg", "AVERAGE")],
                YAxis=[hours],
                Category=[hub],
            ),
            visual(
                "GeospatialMapVisual", "hubs-on-map", "Terminals", Geospatial=where, Values=[parcels_], Colors=[hub]
            ),
        ),
        sheet("fleet", "Fordon", visual("BarChartVisual", "kinds", "Kinds", Category=[category("Fleet", "kind")])),
    ]


def finance() -> list[Row]:
    """What came in and what is owed."""
    paid, when = measure("Payments", "amount"), day("Payments", "paid_at", "QUARTER")
    owed, due = measure("Invoices", "amount"), day("Invoices", "due_on", "MONTH")
    buyer, land = category("Key accounts", "Buyer"), category("Key accounts", "country")
    spent, reason = measure("Key accounts", "Spent"), category("Returns", "Reason")
    return [
        sheet(
            "money",
            "Money",
            visual("WaterfallVisual", "owed-by-month", "Owed by month", Categories=[due], Values=[owed]),
            visual("ComboChartVisual", "in-and-count", "In", Category=[when], BarValues=[paid], LineValues=[paid]),
            visual("TreeMapVisual", "accounts", "Key accounts", Groups=[land, buyer], Sizes=[spent], Colors=[spent]),
            insight("quarter", "Against the quarter before", "Payments", when, paid),
        ),
        sheet(
            "returns",
            None,
            visual(
                "FunnelChartVisual", "reasons", "Reasons", Category=[reason], Values=[measure("Returns", "Refunds")]
            ),
            visual("WordCloudVisual", "reason-words", "In customers' words", GroupBy=[reason]),
            visual("RadarChartVisual", "by-country", "By country", Category=[land], Values=[spent]),
        ),
    ]


def products() -> list[Row]:
    """Prices, customers of the CRM and what couriers say."""
    return [
        sheet(
            "lists",
            "Lists",
            raw_table("prices", "Prices", "Prices", "product_id", "price", "valid_from"),
            visual("PieChartVisual", "industries", "Industries", Category=[category("CRM", "Industry")]),
            visual("TableVisual", "feedback", "What couriers say", GroupBy=[category("Feedback", "Comment")]),
            web_page("handbook", "Handbook", "Prices", "https://wiki.norrpost.example/pricing"),
            placeholder("later", "Prices"),
        )
    ]
