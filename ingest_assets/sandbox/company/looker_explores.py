"""The company's models and explores, as Looker answers them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ingest_assets.sandbox.company.looker import LookerState, Row
from ingest_assets.sandbox.company.looker_fields import View, field_row, link
from ingest_assets.sandbox.company.looker_views import views

_KINDS = {"dimension": "dimensions", "measure": "measures", "filter": "filters", "parameter": "parameters"}


class Join(NamedTuple):
    """A join of an explore.

    Attributes:
        name: How the explore calls the view.
        sql_on: What joins it.
        view: The view, where it is not called by its own name.
        relationship: ``many_to_one`` and the like.
        view_label: How people see it.
    """

    name: str
    sql_on: str
    view: str = ""
    relationship: str = "many_to_one"
    view_label: str | None = None


class Explore(NamedTuple):
    """An explore.

    Attributes:
        model: Its model.
        name: Its name.
        view: The view that it is based on.
        file: Where it is written.
        joins: What is joined.
        from_alias: Whether fields are named by the explore (``from``) and not by the view (``view_name``).
        more: Members of the API that are said besides.
    """

    model: str
    name: str
    view: str
    file: str
    joins: tuple[Join, ...] = ()
    from_alias: bool = False
    more: Row = {}  # noqa: RUF012  # never changed


_SHOP, _FINANCE, _ORDERS = "models/shop.model.lkml", "models/finance.model.lkml", "explores/orders.explore.lkml"
_PROJECTS = {"shop": "norrpost", "finance": "norrpost", "parcels": "parcels"}
_CONNECTIONS = {"shop": "norrpost_athena", "finance": "norrpost_athena", "parcels": "norrpost_trino"}


def fill(looker: LookerState) -> None:
    """Add projects, models and explores."""
    _projects(looker)
    looker.add_model("shop", "norrpost", ["norrpost_athena"], label="Web shop")
    looker.add_model("finance", "norrpost", ["norrpost_athena"], label="Finance")
    looker.add_model("parcels", "parcels", ["norrpost_trino"], label="Parcels")
    known = views()
    for explore in (*_of_shop(), *_of_finance(), *_of_parcels()):
        looker.add_explore(explore_row(explore, known))
    looker.list_explore("shop", {"name": "order_base", "label": "Order Base"})  # extension: required
    looker.add_explore(_broken())
    _add_system(looker)


def explore_row(explore: Explore, known: Mapping[str, View]) -> Row:
    """An explore as ``lookml_model_explore`` gives it.

    Args:
        explore: What was written down.
        known: Views by name.
    """
    base = known[explore.view]
    alias = explore.name if explore.from_alias else explore.view
    project = _PROJECTS[explore.model]
    label = explore.more.get("label", explore.name.replace("_", " ").title())
    base_label: str = explore.more.get("view_label") or (label if explore.from_alias else _title(alias))
    fields: dict[str, list[Row]] = {kind: [] for kind in _KINDS.values()}
    _add_fields(fields, base, alias, base_label)
    for join in explore.joins:
        _add_fields(fields, known[join.view or join.name], join.name, join.view_label or _title(join.name))
    more = {name: value for name, value in explore.more.items() if name != "view_label"}
    return {
        **_frame(explore.model, explore.name),
        "label": label,
        "title": label,
        "view_name": explore.view,
        "scopes": [alias, *(join.name for join in explore.joins)],
        "sql_table_name": base.table,
        "source_file": explore.file,
        "files": sorted({explore.file, base.file}),
        "lookml_link": link(project, explore.file, "explore", explore.name),
        "fields": fields,
        "joins": [_join_row(join, known[join.view or join.name]) for join in explore.joins],
        **more,
    }


def _frame(model: str, name: str) -> Row:
    return {
        "id": f"{model}::{name}",
        "name": name,
        "model_name": model,
        "project_name": _PROJECTS[model],
        "connection_name": _CONNECTIONS[model],
        "dialect_name": _CONNECTIONS[model].partition("_")[2],
        "hidden": False,
        "can_total": True,
        "can_save": True,
        "can_explain": True,
        "can_pivot_in_db": False,
        "can_subtotal": True,
        "has_timezone_support": True,
        "supports_cost_estimate": False,
        "null_sort_treatment": "low",
        "access_filters": [],
        "aliases": [],
        "always_filter": [],
        "conditionally_filter": [],
        "index_fields": [],
        "sets": [],
        "tags": [],
        "joins": [],
        "always_join": [],
    }


def _add_fields(fields: dict[str, list[Row]], view: View, alias: str, view_label: str) -> None:
    for one in view.fields:
        fields[_KINDS[one.kind]].append(field_row(view, alias, one, view_label))


def _join_row(join: Join, view: View) -> Row:
    return {
        "name": join.name,
        "from": join.view or None,
        "type": "left_outer",
        "relationship": join.relationship,
        "sql_on": f"{join.sql_on} ",
        "sql_table_name": view.table,
        "view_label": join.view_label,
        "required_joins": [],
        "dependent_fields": [],
    }


def _title(name: str) -> str:
    return name.replace("_", " ").title()


def _on(left: str, right: str) -> str:
    return f"${{{left}}} = ${{{right}}}"


def _of_shop() -> list[Explore]:
    many = "one_to_many"
    orders = (
        Join("buyer", _on("orders.customer_id", "buyer.customer_id"), "customers", view_label="Buyer"),
        Join("order_lines", _on("orders.order_id", "order_lines.order_id"), relationship=many),
        Join("products", _on("order_lines.product_id", "products.product_id")),
        Join("returns", _on("orders.order_id", "returns.order_id"), relationship=many),
        Join("order_facts", _on("orders.order_id", "order_facts.order_id"), relationship="one_to_one"),
        Join("parcels", _on("orders.order_id", "parcels.order_id"), relationship=many),
    )
    said = {
        "label": "Orders",
        "description": "Orders with buyers, lines, products and returns",
        "tags": ["core", "certified"],
        "always_filter": [{"name": "orders.ordered_date", "value": "90 days"}],
        "sets": [
            {
                "name": "orders.detail",
                "value": ["orders.order_id", "orders.state", "orders.ordered_time", "orders.revenue"],
            }
        ],
    }
    facts = Join(
        "customer_facts", _on("customers.customer_id", "customer_facts.customer_id"), relationship="one_to_one"
    )
    customers = {"description": "Customers, each with what they have spent", "tags": ["personal data"]}
    spenders = {"label": "Big spenders", "group_label": "Marketing"}
    visits = {"view_label": "Visits", "description": "Visits of the web shop"}
    return [
        Explore("shop", "orders", "orders", _ORDERS, orders, more=said),
        Explore(
            "shop",
            "daily_orders",
            "daily_orders",
            _ORDERS,
            (Join("calendar", _on("daily_orders.day", "calendar.day")),),
        ),
        Explore("shop", "customers", "customers", _SHOP, (facts,), more=customers),
        Explore("shop", "big_spenders", "customer_facts", _SHOP, more=spenders),
        Explore("shop", "price_checks", "prices", _SHOP, from_alias=True, more={"hidden": True}),
        Explore("shop", "visits", "sessions", _SHOP, from_alias=True, more=visits),
    ]


def _of_finance() -> list[Explore]:
    debtor = Join("debtor", _on("invoices.customer_id", "debtor.customer_id"), "customers")
    return [
        Explore("finance", "payouts", "payouts", _FINANCE),
        Explore("finance", "invoices", "invoices", _FINANCE, (debtor,)),
        Explore("finance", "ledger", "ledger", _FINANCE, more={"label": "General ledger"}),
        Explore("finance", "refunds", "returns", _FINANCE, more={"sql_table_name": '"awsdatacatalog".sales.returns'}),
    ]


def _of_parcels() -> list[Explore]:
    many = "one_to_many"
    joins = (
        Join("scans", _on("parcels.parcel_id", "scans.parcel_id"), relationship=many),
        Join("first_hub", _on("scans.hub_id", "first_hub.hub_id"), "hubs"),
        Join("deliveries", _on("parcels.parcel_id", "deliveries.parcel_id"), relationship=many),
    )
    said = {"description": "Parcels with their scans and attempts to deliver them"}
    return [Explore("parcels", "parcels", "parcels", "models/parcels.model.lkml", joins, more=said)]


def _broken() -> Row:
    """An explore that Looker can't make: its fields are missing, and the reason stands in ``errors``."""
    here = link("norrpost", _SHOP, "explore", "old_campaigns")
    return {
        **_frame("shop", "old_campaigns"),
        "label": "Old Campaigns",
        "title": "Old Campaigns",
        "view_name": "campaigns",
        "lookml_link": here,
        "fields": {kind: [] for kind in _KINDS.values()},
        "errors": [
            {
                "message": 'Unknown or inaccessible view "campaigns"',
                "details": None,
                "error_pos": f"{_SHOP}:{here.rpartition('=')[2]}",
                "field_error": False,
            }
        ],
    }


def _projects(looker: LookerState) -> None:
    for name in ("norrpost", "parcels"):
        looker.projects.put(
            name,
            {
                "id": name,
                "name": name,
                "uses_git": True,
                "is_git_dev_locked": False,
                "git_remote_url": f"git@github.com:norrpost/looker-{name}.git",
                "git_production_branch_name": "main",
                "git_service_name": "github",
                "pull_request_mode": "required",
                "validation_required": True,
                "git_release_mgmt_enabled": False,
                "allow_warnings": True,
                "is_example": False,
                "has_production_counterpart": True,
                "dependency_status": "lock_optional",
            },
        )


def _add_system(looker: LookerState) -> None:
    """What every instance has on itself, written by nobody and kept in no repository."""
    model = "system__activity"
    looker.add_model(model, model, ["looker"], label="System Activity", has_content=False)
    for name in ("dashboard", "history"):
        looker.add_explore(
            {
                "id": f"{model}::{name}",
                "name": name,
                "model_name": model,
                "project_name": model,
                "connection_name": "looker",
                "dialect_name": "mysql",
                "label": _title(name),
                "title": _title(name),
                "view_name": name,
                "hidden": False,
                "tags": [],
                "joins": [],
                "fields": {kind: [] for kind in _KINDS.values()},
            }
        )
