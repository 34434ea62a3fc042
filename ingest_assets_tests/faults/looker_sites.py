"""Every place where a run of a Looker recipe asks Looker and GitHub, and the server what no other run does."""

from __future__ import annotations

from typing import Any

from ingest_assets_tests.faults.cells import HICCUPS, CallSite, Estate, openmetadata_site
from ingest_assets_tests.faults.lookers import REPOSITORY

_WORDS = ("LookerTags.*",)
_OPEN_CALLS = (*HICCUPS, "403")
_SALES = tuple(f"looker.sales{below}" for below in ("", "~bars", "~both", "~words", "~gone", "~new"))
_FINANCE = ("looker.finance", "looker.finance~bars")
_AUDIT = ("looker.audit", "looker.audit~look")
_REFUNDS = ("looker.refunds", "looker.refunds~refunds")
_RETIRED = ("looker.retired", "looker.retired~retired")
_PURGED = ("looker.purged", "looker.purged~purged")
_LOOK = ("looker.look:buyers", "looker.look:buyers~buyers")
_COLONS = "__reserved__colon__"
_OVERVIEW = (
    f"looker.shop{_COLONS}overview",
    f"looker.shop{_COLONS}overview~shop{_COLONS}overview{_COLONS}orders",
)
_BOARDS = (*_SALES, *_FINANCE, *_AUDIT, *_REFUNDS, *_RETIRED, *_PURGED, *_LOOK, *_OVERVIEW)
_DASHBOARDS = tuple(name for name in _BOARDS if "~" not in name)
_EXPLORES = tuple(
    f"looker.model.{name}"
    for name in ("shop_orders", "shop_customers", "shop_revenue", "shop_returns", "finance_ledger", "finance_repaid")
)
_VIEWS = tuple(f"{name}_view" for name in _EXPLORES)
_INTO_EXPLORES = tuple(f"->{name}" for name in _EXPLORES)
_INTO_VIEWS = tuple(f"->{name}" for name in _VIEWS)
_INTO_BOARDS = tuple(f"->{name}" for name in _DASHBOARDS)
_LOOKML = (*_VIEWS, *_INTO_EXPLORES, "looker.model.shop_returns")
"""What the repository alone tells of; and no explore is gone before all data models are known."""
_ORDERS = "looker.model.shop_orders"


def _looker(name: str, **more: Any) -> CallSite:
    operation = name.removeprefix("looker:").partition(" of ")[0]
    return CallSite(name, "looker", operation, estate=Estate.LOOKER, **more)


def _github(name: str, operation: str, **more: Any) -> CallSite:
    return CallSite(name, "github", operation, estate=Estate.LOOKER, costs=_LOOKML, **more)


def _om(name: str, operation: str, **more: Any) -> CallSite:
    return openmetadata_site(name, operation, estate=Estate.LOOKER, **more)


_LISTING_SITES = (
    _looker("looker:login", kinds=_OPEN_CALLS, lasting=("throttle",), told_as="looker:"),
    _looker(
        "looker:all_dashboards",
        costs=(*_BOARDS, *_WORDS),
        told_as="looker:all_dashboards",
        special={"hidden": "finance"},
    ),
    _looker("looker:all_looks", costs=_BOARDS, told_as="looker:all_looks", special={"hidden": "buyers"}),
    _looker(
        "looker:all_folders",
        costs=_DASHBOARDS,
        told_as="looker:all_folders",
        denied_as="Looker's permission to see folders",
    ),
    _looker(
        "looker:all_users",
        costs=_DASHBOARDS,
        told_as="looker:all_users",
        denied_as="Looker's permission see_users",
    ),
    _looker(
        "looker:all_lookml_models",
        costs=(*_EXPLORES, *_VIEWS, *_DASHBOARDS, *_WORDS),
        told_as="looker:all_lookml_models",
        special={"hidden": "finance"},
    ),
    _looker(
        "looker:all_connections",
        costs=_LOOKML,
        told_as="looker:all_connections",
        denied_as="Looker's permission see_lookml (or manage_models)",
    ),
)
_ONE_BY_ONE_SITES = (
    _looker("looker:dashboard", match="sales", costs=_SALES, told_as="looker.sales", special={"vanish": "sales"}),
    _looker("looker:dashboard of LookML", match="shop::overview", costs=_OVERVIEW, told_as="shop::overview"),
    _looker("looker:dashboard of what goes", match="retired", costs=_RETIRED, told_as="looker.retired"),
    _looker("looker:search_dashboards", match="purged", costs=_PURGED, told_as="looker.purged"),
    _looker("looker:me", costs=_PURGED, told_as="looker.purged"),
    _looker("looker:user_roles", costs=_PURGED, told_as="looker.purged"),
    _looker("looker:look", match="buyers", costs=_LOOK, told_as="looker.look:buyers", special={"vanish": "buyers"}),
    _looker("looker:merge_query", match="merge-sales", costs=_SALES, told_as="looker.sales"),
    _looker("looker:query", match="merged-ledger", costs=_SALES, told_as="looker.sales"),
    _looker(
        "looker:lookml_model_explore",
        match="shop/orders",
        costs=(_ORDERS, *_INTO_BOARDS, *_WORDS),
        told_as="shop_orders",
        special={"vanish": "shop/orders"},
        vanishing=("looker.purged", "looker.sales", _OVERVIEW[0]),
    ),
    _looker(
        "looker:lookml_model_explore of what comes",
        match="finance/repaid",
        costs=("looker.model.finance_repaid", "looker.refunds"),
        told_as="looker.model.finance_repaid",
    ),
)
_GITHUB_SITES = (
    _github("github:GetCommit", "repos/get-commit", told_as="github:GetCommit", special={"vanish": REPOSITORY}),
    _github(
        "github:GetTarball",
        "repos/download-tarball-archive",
        told_as="github:GetTarball",
        special={"vanish": REPOSITORY},
    ),
    _github("github: download", "codeload/download", told_as="github:GetTarball", kinds=_OPEN_CALLS, lasting=("500",)),
)
_SERVER_SITES = (
    _om("GET table of a view", "GET /v1/tables", match="lake.catalog.shop.orders_2", costs=_INTO_VIEWS),
    _om(
        "PUT data models of explores and views",
        "PUT /v1/dashboard",
        match="bulk",
        costs=(*_EXPLORES, *_VIEWS, *_INTO_BOARDS, *_DASHBOARDS),
        special={"element:500": f"{_ORDERS}_view"},
    ),
)
LOOKER_SITES = (*_LISTING_SITES, *_ONE_BY_ONE_SITES, *_GITHUB_SITES, *_SERVER_SITES)
