"""What Norrpost looks at in QuickSight: dashboards, the analyses behind them, and their folders."""

from __future__ import annotations

from ingest_assets.sandbox.company import boards_sets
from ingest_assets.sandbox.company.boards import Boards
from ingest_assets.sandbox.company.boards_visuals import category, count, day, measure, sheet, visual
from ingest_assets.sandbox.company.objects import Buckets
from ingest_assets.sandbox.company.people import TEAMS, USERS


def fill(boards: Boards, buckets: Buckets) -> None:
    """Add people, data sources, data sets, dashboards, analyses and folders.

    Args:
        boards: QuickSight.
        buckets: Where manifests of files lie.
    """
    users = {name: f"{name}@norrpost.example" for name in USERS}
    arns = {name: boards.people.add_user(email, email) for name, email in users.items()}
    groups = {name: boards.people.add_group(name, [users["mei.tanaka"]]) for name in TEAMS}
    boards_sets.fill(boards, buckets, arns["piotr.nowak"])
    boards.add_dashboard(
        "sales-overview",
        {"Orders": "orders"},
        [
            sheet(
                "revenue",
                "Revenue",
                visual("KPIVisual", "revenue-total", "Revenue", Values=[measure("Orders", "total")]),
                visual(
                    "LineChartVisual",
                    "revenue-by-month",
                    "Revenue by month",
                    rich=True,
                    Category=[day("Orders", "ordered_at", "MONTH")],
                    Values=[measure("Orders", "total")],
                ),
            ),
            sheet(
                "states",
                "States",
                visual(
                    "BarChartVisual",
                    "orders-by-status",
                    "Orders by status",
                    Category=[category("Orders", "status")],
                    Values=[count("Orders", "order_id")],
                ),
            ),
        ],
        name="Sales overview",
        description="How the web shop is doing",
        owners=[arns["lena.berg"]],
        viewers=[groups["analytics"]],
        tags={"team": "shop", "env": "prod"},
    )
    boards.add_analysis("sales-analysis", {"Orders": "orders"}, name="Sales, work in progress")
    boards.add_folder("shop", [boards.arn("dashboard", "sales-overview")], name="Web shop")
