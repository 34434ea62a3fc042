"""The company's looks and dashboards."""

from __future__ import annotations

from typing import NamedTuple

from ingest_assets.sandbox.company.looker import LOOKML, SHARED, LookerState
from ingest_assets.sandbox.company.looker_people import Places
from ingest_assets.sandbox.company.looker_tiles import field_filter, look_tile, merged_tile, query_tile, text_tile


class Looks(NamedTuple):
    """Ids of looks that dashboards show."""

    by_country: str
    open_invoices: str


def fill(looker: LookerState, places: Places) -> None:
    """Add what people have saved."""
    looks = _looks(looker, places)
    _finance(looker, places, looks)
    _sales(looker, places, looks)
    _operations(looker, places)
    _odd_ones(looker, places)
    _of_lookml(looker)


def _vis(kind: str) -> dict[str, object]:
    return {"type": kind, "show_view_names": False}


def _looks(looker: LookerState, places: Places) -> Looks:
    sales, finance = places.folders["Sales"], places.folders["Finance"]
    by_country = looker.add_query(
        "shop",
        "orders",
        ["buyer.country", "orders.revenue"],
        sorts=["orders.revenue desc"],
        vis_config=_vis("looker_map"),
    )
    unpaid = looker.add_query(
        "finance",
        "invoices",
        ["debtor.name", "invoices.due_on", "invoices.amount"],
        filters={"invoices.is_open": "Yes"},
        vis_config=_vis("looker_grid"),
    )
    said = "Revenue of the last 90 days"
    lena, omar = places.users["lena.berg"], places.users["omar.haddad"]
    looks = Looks(
        looker.add_look("Revenue by country", sales, lena, by_country, description=said, view_count=311),
        looker.add_look("Open invoices", finance, omar, unpaid, view_count=54),
    )
    looker.trash_look(looker.add_look("Open invoices (copy)", finance, omar, unpaid))
    return looks


def _finance(looker: LookerState, places: Places, looks: Looks) -> None:
    revenue = looker.add_query(
        "shop", "orders", ["orders.ordered_month", "orders.revenue"], vis_config=_vis("looker_line")
    )
    refunds = looker.add_query("finance", "refunds", ["returns.received_month", "returns.refunded"])
    merged = looker.add_merge_query([revenue, refunds], vis_config=_vis("looker_column"))
    balance = looker.add_query(
        "finance", "ledger", ["ledger.booked_month", "ledger.balance"], vis_config=_vis("looker_area")
    )
    omar = places.users["omar.haddad"]
    looker.add_dashboard(
        "Finance KPIs",
        places.folders["Month end"],
        omar,
        [
            query_tile(looker, "Revenue", revenue, subtitle_text="with VAT", note_text="In SEK", note_display="hover"),
            merged_tile(looker, "Revenue and refunds", merged),
            look_tile(looker, "Open invoices", looks.open_invoices),
            text_tile(looker, "How to read this", "Numbers are final on the third working day."),
        ],
        filters=[field_filter("Month", "shop", "orders", "orders.ordered_month")],
        description="What the board looks at, every month",
        view_count=1240,
    )
    looker.add_dashboard(
        "Closing checks",
        places.folders["Closing / checks"],
        places.users["old.hand"],
        [query_tile(looker, "Ledger balance", balance)],
        view_count=None,
    )


def _sales(looker: LookerState, places: Places, looks: Looks) -> None:
    status = looker.add_query("shop", "orders", ["orders.state", "orders.count"], vis_config=_vis("looker_pie"))
    single = looker.add_query("shop", "orders", ["orders.average_order"], vis_config=_vis("single_value"))
    lines = looker.add_query(
        "shop",
        "orders",
        ["products.category", "order_lines.net", "calculation_1"],
        dynamic_fields='[{"category":"table_calculation","expression":"${order_lines.net} * 2","label":"Twice",'
        '"table_calculation":"calculation_1"}]',
        has_table_calculations=True,
        vis_config=_vis("looker_bar"),
    )
    visits = looker.add_query("shop", "visits", ["visits.begun_date", "visits.count"], vis_config=_vis("looker_line"))
    daily = looker.add_query("shop", "daily_orders", ["daily_orders.day", "daily_orders.running", "calendar.rate"])
    gone = looker.add_query("shop", "old_campaigns", ["campaigns.name"])
    lena = places.users["lena.berg"]
    looker.add_dashboard(
        "Sales today",
        places.folders["Sales"],
        lena,
        [
            look_tile(looker, None, looks.by_country),
            query_tile(looker, "Orders by status", status),
            query_tile(looker, None, single),  # nobody gave it a title
            query_tile(looker, "Categories", lines),
        ],
        description="Refreshed every hour",
        view_count=8803,
    )
    looker.add_dashboard(
        "Visits",
        places.folders["Sales"],
        places.users["consultant"],
        [
            query_tile(looker, "Visits a day", visits),
            query_tile(looker, "Running revenue", daily),
            query_tile(looker, "Campaigns", gone),
        ],
        view_count=17,
    )


def _operations(looker: LookerState, places: Places) -> None:
    hubs = looker.add_query(
        "parcels", "parcels", ["first_hub.town", "scans.count"], vis_config=_vis("looker_google_map")
    )
    doors = looker.add_query(
        "parcels", "parcels", ["deliveries.outcome", "parcels.weight"], vis_config=_vis("looker_donut_multiples")
    )
    looker.add_dashboard(
        "Parcels on their way",
        places.folders["Operations"],
        places.users["mei.tanaka"],
        [query_tile(looker, "Hubs", hubs), query_tile(looker, "Doors", doors)],
        filters=[field_filter("Service", "parcels", "parcels", "parcels.service")],
        view_count=402,
    )


def _odd_ones(looker: LookerState, places: Places) -> None:
    spent = looker.add_query("shop", "big_spenders", ["customer_facts.customer_id", "customer_facts.total_spent"])
    looker.add_dashboard(
        "Scratch", places.folders["Drafts"], places.users["lena.berg"], [query_tile(looker, "Spenders", spent)]
    )
    looker.add_dashboard("Nothing yet", SHARED, places.users["mailless"], [])
    old = looker.add_dashboard("Old KPIs", places.folders["Finance"], places.users["omar.haddad"], [])
    looker.trash_dashboard(old)


def _of_lookml(looker: LookerState) -> None:
    """What ``sales_overview.dashboard.lookml`` says: in the folder of such dashboards, and nobody's."""
    revenue = looker.add_query(
        "shop", "orders", ["orders.ordered_month", "orders.revenue"], vis_config=_vis("looker_line")
    )
    status = looker.add_query("shop", "orders", ["orders.state", "orders.count"], vis_config=_vis("looker_pie"))
    name = "shop::sales_overview"
    looker.add_dashboard(
        "Sales overview",
        LOOKML,
        None,
        [
            query_tile(looker, "Revenue by month", revenue, id=f"{name}::revenue_by_month"),
            query_tile(looker, "Orders by status", status, id=f"{name}::orders_by_status"),
        ],
        dashboard_id=name,
        filters=[field_filter("Status", "shop", "orders", "orders.state")],
        description="What the shop sold, kept with the code",
        model={"id": "shop", "label": "Web shop"},
        lookml_link_id=name,
        view_count=95,
    )
