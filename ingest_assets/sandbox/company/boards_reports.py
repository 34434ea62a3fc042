"""What Norrpost looks at in QuickSight: dashboards, the analyses behind them, their folders and who may see them."""

from __future__ import annotations

from datetime import timedelta

from ingest_assets.sandbox.company import boards_sets, boards_sheets, boards_tables
from ingest_assets.sandbox.company.boards import Boards
from ingest_assets.sandbox.company.boards_people import DEFAULT_NAMESPACE
from ingest_assets.sandbox.company.glue import FOUNDED
from ingest_assets.sandbox.company.objects import Buckets
from ingest_assets.sandbox.company.people import USERS

PARTNERS = "partners"
_ROLE = "QuickSightAuthor"  # whom QuickSight knows by an IAM role has a name with a slash in it
_CHANGED = FOUNDED + timedelta(days=400, milliseconds=349)


def fill(boards: Boards, buckets: Buckets) -> None:
    """Add people, data sources, data sets, dashboards, analyses and folders.

    Args:
        boards: QuickSight.
        buckets: Where the manifest of the price lists lies.
    """
    owners = _people(boards)
    analysts = boards.people.arn("group", "analytics")
    boards_tables.fill(boards, buckets, owners["piotr.nowak"])
    boards_sets.fill(boards, owners["piotr.nowak"], boards.people.arn("group", "operations"))
    _analyses(boards, owners)
    _sales(boards, owners, analysts)
    _others(boards, owners, analysts)
    _drafts(boards, owners)
    _folders(boards)


def _people(boards: Boards) -> dict[str, str]:
    people = boards.people
    mails = {name: f"{name}@norrpost.example" for name in USERS}
    names = {**mails, "omar.haddad": f"{_ROLE}/{mails['omar.haddad']}"}
    arns = {
        name: people.add_user(names[name], mail, **({"IdentityType": "IAM"} if "/" in names[name] else {}))
        for name, mail in mails.items()
    }
    people.add_user(names["piotr.nowak"], mails["piotr.nowak"], Role="ADMIN")
    people.add_group("analytics", [names["mei.tanaka"], names["omar.haddad"]], description="Who reads all reports")
    people.add_group("operations", [names["piotr.nowak"]])
    people.add(PARTNERS)
    people.add_user(mails["mei.tanaka"], mails["mei.tanaka"], namespace=PARTNERS, Role="READER")
    people.add_group("carriers", [mails["mei.tanaka"]], namespace=PARTNERS)
    return arns


def _analyses(boards: Boards, owners: dict[str, str]) -> None:
    boards.add_analysis(
        "sales-analysis",
        {"Orders": "orders", "Orders with customers": "orders-with-customers"},
        boards_sheets.sales(),
        name="Sales, work in progress",
        owners=[owners["lena.berg"]],
        tags={"team": "shop"},
        definition={"CalculatedFields": boards_sheets.sales_fields()},
    )
    boards.add_analysis("parcel-analysis", {"Delays": "parcel-delays"}, name="Parcels", owners=[owners["omar.haddad"]])
    boards.add_analysis("old-experiments", {"Orders": "orders"}, name="Old experiments", Status="DELETED")


def _sales(boards: Boards, owners: dict[str, str], analysts: str) -> None:
    used = {"Orders": "orders", "Orders with customers": "orders-with-customers"}
    for dashboard_id, name in (("sales-overview", "Sales overview"), ("sales-overview-copy", "Copy of Sales overview")):
        boards.add_dashboard(  # a copy has the ids of the original's sheets and visuals
            dashboard_id,
            used,
            boards_sheets.sales(),
            version=7 if dashboard_id == "sales-overview" else 1,
            description="v7 adds customers" if dashboard_id == "sales-overview" else None,
            source=boards.arn("analysis", "sales-analysis"),
            name=name,
            owners=[owners["lena.berg"], owners["omar.haddad"]],
            viewers=[analysts],
            tags={"team": "shop", "env": "prod"} if dashboard_id == "sales-overview" else None,
            definition={"CalculatedFields": boards_sheets.sales_fields()},
            LastUpdatedTime=_CHANGED,
            LinkEntities=[boards.arn("analysis", "sales-analysis")],
        )


def _others(boards: Boards, owners: dict[str, str], analysts: str) -> None:
    boards.add_dashboard(
        "parcel-operations",
        {"Delays": "parcel-delays", "Fleet": "vehicles"},
        boards_sheets.parcels(),
        version=3,
        source=boards.arn("analysis", "parcel-analysis"),
        name='Paket "i dag" \u2013 översikt',
        owners=[boards.people.arn("group", "operations")],
        viewers=[f"arn:aws:quicksight:{boards.region}:{boards.account}:namespace/{DEFAULT_NAMESPACE}"],
        tags={"team": "operations"},
    )
    finance = {
        "Payments": "payments",
        "Invoices": "invoiced-orders",
        "Key accounts": "key-accounts",
        "Returns": "return-reasons",
    }
    boards.add_dashboard(
        "finance-quarter",
        finance,
        boards_sheets.finance(),
        name="Finance: the quarter's money (internal)",
        owners=[owners["mei.tanaka"]],
        viewers=[analysts],
    )
    products = {"Prices": "price-list", "CRM": "crm-accounts", "Feedback": "courier-feedback"}
    boards.add_dashboard(
        "product-lists", products, boards_sheets.products(), name="Products", owners=[owners["piotr.nowak"]]
    )


def _drafts(boards: Boards, owners: dict[str, str]) -> None:
    boards.add_dashboard("empty-shell", {"Values": "order-values"}, name="Empty shell", owners=[owners["lena.berg"]])
    draft = boards.add_dashboard(
        "promotion-draft",
        {"Effects": "promotion-effects"},
        published=False,
        name="Promotions (draft)",
        owners=[owners["omar.haddad"]],
    )
    path = "dashboard/promotion-draft/sheet/effects"
    missing = {"Type": "DATA_SET_NOT_FOUND", "Message": "Data set not found", "ViolatedEntities": [{"Path": path}]}
    draft.row["Version"]["Errors"] = [missing]


def _folders(boards: Boards) -> None:
    boards.add_folder("norrpost", name="Norrpost")
    boards.add_folder("web-shop", [boards.arn("dataset", "orders")], parent="norrpost", name="Web shop")
    weekly = [boards.arn("dashboard", "sales-overview"), boards.arn("analysis", "sales-analysis")]
    boards.add_folder("web-shop-weekly", weekly, parent="web-shop", name="Weekly / Veckovis")
    boards.add_folder("management", [boards.arn("dashboard", "finance-quarter")], name="Management")
    boards.put_in("management", boards.asset("dashboard", "sales-overview"))
    boards.add_folder("operations", [boards.arn("dashboard", "parcel-operations")], name="Operations")
