"""Every place where a run of a QuickSight recipe asks what no other run does."""

from __future__ import annotations

from typing import Any

from ingest_assets_tests.faults.cells import CallSite, Estate, openmetadata_site
from ingest_assets_tests.faults.scene import Variant

_WORDS = ("env.*", "tier.*", "team.*", "zone.*")
_MODELS = ("quicksight.model.*",)
_MODEL, _REPAID = ("quicksight.model.orders",), ("quicksight.model.repaid",)
_SALES = tuple(f"quicksight.sales{below}" for below in ("", ":bars", ":buyers", ":gone", ":new"))
_FINANCE = ("quicksight.finance", "quicksight.finance:bars")
_AUDIT = ("quicksight.audit", "quicksight.audit:audit")
_REFUNDS = ("quicksight.refunds", "quicksight.refunds:refunds")
_OLD = ("quicksight.old", "quicksight.old:old")
_DRAFTS = ("quicksight.analysis:drafts", "quicksight.analysis:drafts:drafts")
_LEAVING = ("quicksight.analysis:sales", "quicksight.analysis:sales:sales")
_ANALYSES = (*_DRAFTS, *_LEAVING)
_BOARDS = (*_SALES, *_FINANCE, *_AUDIT, *_REFUNDS, *_OLD, *_ANALYSES)
_CHARTS = tuple(name for name in _BOARDS if name.count(":") > ("analysis:" in name))
_DASHBOARDS = tuple(name for name in _BOARDS if name not in _CHARTS)
_ORDERS = "dashboardDataModel orders"
_SHOWING_ORDERS = ("quicksight.sales", "quicksight.finance", "quicksight.audit", "quicksight.analysis:drafts")
_FOLDERS = ("quicksight.finance", "quicksight.refunds", *_REPAID)
_OWNED = ("quicksight.finance", "quicksight.refunds", "quicksight.analysis:drafts", *_MODEL, *_REPAID)
_INTO_MODELS = tuple(f"->quicksight.model.{name}" for name in ("orders", "customers", "prices", "repaid"))
_INTO_BOARDS = tuple(f"->quicksight.{name}" for name in ("sales", "finance", "refunds", "analysis:drafts"))
_FIRST: dict[str, Any] = {"variant": Variant.FIRST_RUN}
_BEFORE_BULK: dict[str, Any] = {"variant": Variant.OLD_SERVER}
_LISTED: dict[str, Any] = {"variant": Variant.LISTING}
_FORGOTTEN: dict[str, Any] = {"variant": Variant.NO_LEDGER}


def _aws(name: str, **more: Any) -> CallSite:
    service, _, operation = name.partition(",")[0].partition(" of ")[0].partition(":")
    return CallSite(name, service, operation, estate=Estate.BOARDS, **more)


def _om(name: str, operation: str, **more: Any) -> CallSite:
    return openmetadata_site(name, operation, estate=Estate.BOARDS, **more)


def _optional(name: str, told_as: str, **more: Any) -> CallSite:
    """What is asked of one asset and can be done without: where it is refused, its permission is named.

    Args:
        name: Of the site.
        told_as: How a note calls the asset, by its type and its name in the catalog.
        more: As of ``CallSite``.
    """
    asset_id = told_as.rpartition(" ")[2].rpartition(":")[2]
    permission, vanish = name.partition(" of ")[0], {"vanish": asset_id}
    return _aws(name, match=asset_id, told_as=told_as, denied_as=permission, special=vanish, **more)


_LISTING_SITES = (
    _aws(
        "quicksight:ListDashboards",
        costs=(*_BOARDS, *_WORDS),
        told_as="quicksight:ListDashboards",
        special={"hidden": "finance"},
    ),
    _aws(
        "quicksight:ListDashboards, page 2",
        after=1,
        costs=(*_BOARDS, *_WORDS),
        told_as="quicksight:ListDashboards",
        special={"loop-token": "*"},
    ),
    _aws(
        "quicksight:ListAnalyses",
        costs=(*_BOARDS, *_WORDS),
        told_as="quicksight:ListAnalyses",
        special={"hidden": "drafts"},
    ),
    _aws(
        "quicksight:ListDataSets",
        costs=(*_MODELS, *_WORDS, "quicksight.refunds"),
        told_as="quicksight:ListDataSets",
        special={"hidden": "prices"},
    ),
    _aws(
        "quicksight:ListDataSets, page 2",
        after=1,
        costs=(*_MODELS, *_WORDS, "quicksight.refunds"),
        told_as="quicksight:ListDataSets",
        special={"loop-token": "*"},
    ),
    _aws(
        "quicksight:ListDataSources",
        costs=(*_MODELS, *_WORDS, "quicksight.refunds"),
        told_as="quicksight:ListDataSources",
        special={"hidden": "files"},
    ),
    _aws(
        "quicksight:ListDataSources, page 2",
        after=1,
        costs=(*_MODELS, *_WORDS, "quicksight.refunds"),
        told_as="quicksight:ListDataSources",
        special={"loop-token": "*"},
    ),
    _aws("quicksight:ListFolders", costs=_FOLDERS, told_as="quicksight:ListFolders"),
    _aws(
        "quicksight:ListFolders, page 2",
        after=1,
        costs=_FOLDERS,
        told_as="quicksight:ListFolders",
        special={"loop-token": "*"},
    ),
    _aws(
        "quicksight:DescribeFolder",
        match="weekly",
        costs=_FOLDERS,
        told_as="quicksight:DescribeFolder",
        special={"vanish": "weekly"},
    ),
    _aws(
        "quicksight:ListFolderMembers",
        match="weekly",
        costs=_FOLDERS,
        told_as="quicksight:ListFolderMembers",
        special={"vanish": "weekly"},
    ),
    _aws(
        "quicksight:ListFolderMembers, page 2",
        match="weekly",
        after=1,
        costs=_FOLDERS,
        told_as="quicksight:ListFolderMembers",
        special={"loop-token": "weekly"},
    ),
    _aws("quicksight:ListUsers", costs=_OWNED, told_as="quicksight:ListUsers"),
    _aws(
        "quicksight:ListUsers, page 2",
        after=1,
        costs=_OWNED,
        told_as="quicksight:ListUsers",
        special={"loop-token": "*"},
    ),
)
_BOARD_SITES = (
    _aws(
        "quicksight:DescribeDashboard",
        match="sales",
        costs=(*_SALES, *_WORDS),
        told_as="quicksight.sales",
        special={"vanish": "sales"},
    ),
    _aws("quicksight:DescribeDashboard of what goes", match="old", costs=_OLD, told_as="quicksight.old"),
    _aws(
        "quicksight:DescribeDashboardDefinition",
        match="sales",
        costs=(*_SALES, "quicksight.sheet:sales:main", *_WORDS),
        told_as="quicksight.sales",
        denied_as="quicksight:DescribeDashboardDefinition",
        special={"vanish": "sales"},
    ),
    _optional("quicksight:DescribeDashboardPermissions", "dashboard finance", costs=_FINANCE[:1], vanishing=_FINANCE),
    _aws(
        "quicksight:DescribeAnalysis",
        match="drafts",
        costs=_DRAFTS,
        told_as="quicksight.analysis:drafts",
        special={"vanish": "drafts"},
    ),
    _aws(
        "quicksight:DescribeAnalysis of what goes",
        match="sales",
        costs=_LEAVING,
        told_as="quicksight.analysis:sales",
    ),
    _aws(
        "quicksight:DescribeAnalysisDefinition",
        match="drafts",
        costs=(*_DRAFTS, "quicksight.sheet:analysis:drafts:main"),
        told_as="quicksight.analysis:drafts",
        denied_as="quicksight:DescribeAnalysisDefinition",
        special={"vanish": "drafts"},
    ),
    _optional(
        "quicksight:DescribeAnalysisPermissions", "dashboard analysis:drafts", costs=_DRAFTS[:1], vanishing=_DRAFTS
    ),
    _optional("quicksight:ListTagsForResource", "dashboard sales", costs=_SALES[:1], vanishing=_SALES),
    _aws(
        "quicksight:ListTagsForResource of all",
        costs=(*_DASHBOARDS, *_MODELS, *_WORDS),
        told_as="stays as it was",
        kinds=("500",),
        lasting=("500",),
    ),
)
_DATA_SET_SITES = (
    _aws("quicksight:DescribeDataSet", match="orders", costs=_MODEL, special={"vanish": "orders"}),
    _aws("quicksight:DescribeDataSet of what goes", match="returns", costs=("quicksight.model.returns",)),
    _optional("quicksight:DescribeDataSetPermissions", _ORDERS, costs=_MODEL, vanishing=_SHOWING_ORDERS),
    _optional("quicksight:ListIngestions", _ORDERS, costs=(), vanishing=(*_MODEL, *_SHOWING_ORDERS)),
    _aws(
        "quicksight:DescribeDataSource",
        match="lake",
        costs=_INTO_MODELS,
        special={"vanish": "lake"},
        denied_as="quicksight:DescribeDataSource",
        variant=Variant.NARROW,
    ),
    _aws(
        "s3:GetObject of a manifest",
        match="prices.manifest.json",
        costs=("->quicksight.model.prices",),
        denied_as="s3:GetObject",
    ),
)
_BESIDE_SITES = (
    _om("PUT tags of dashboards", "PUT /v1/tags", match='"live"', costs=("env.live", *_SALES, *_AUDIT, *_MODEL)),
    _om("GET database service of data sets", "GET /v1/services", match="databaseServices/name", costs=_INTO_MODELS),
    _om("GET table of a data set", "GET /v1/tables", match="lake.catalog.shop.orders_2", costs=_INTO_MODELS),
)


def _reading(what: str, operation: str, path: str, hidden: str) -> tuple[CallSite, ...]:
    """Listings of the server, which runs are made to need, and the versions that tell whose a change is."""
    return (
        _om(f"list {what}", operation, match=f"{path}?", special={"hidden": hidden}, **_LISTED),
        _om(f"list {what}, page 2", operation, match="after=", special={"loop-token": "*"}, **_LISTED),
        _om(f"GET versions of {what}", operation, match="/versions", costs=(*_BOARDS, *_MODELS, *_WORDS), **_FORGOTTEN),
    )


def _writing(
    what: str, collection: str, costs: tuple[str, ...], *, gone: str, back: str, changed: str
) -> tuple[CallSite, ...]:
    """Writes of one type, and the reads that come before them."""
    get, put, patch, delete = (f"{verb} /v1/{collection}" for verb in ("GET", "PUT", "PATCH", "DELETE"))
    return (
        _om(f"PUT {what}, first", put, match="bulk", special={"element:500": changed}, **_FIRST),
        _om(f"GET {what} before their words", get, match=f"name/{back}", costs=costs),
        _om(f"PATCH {what}", patch, costs=costs, special={"vanish": changed}, vanishing=_SHOWING_ORDERS),
        _om(
            f"PUT {what}",
            put,
            match="bulk",
            costs=costs,
            special={f"element:{status}": changed for status in ("400", "429", "500")},
        ),
        _om(f"GET {what} before they go", get, match=f"name/{gone}", costs=costs),
        _om(f"DELETE {what}", delete, costs=costs, special={"vanish": gone}),
    )


_TWINS = (
    *_reading("data models", "GET /v1/dashboard", "datamodels", "quicksight.model.prices"),
    *_reading("charts", "GET /v1/charts", "charts", "quicksight.sales:buyers"),
    *_writing(
        "data models",
        "dashboard",
        (*_MODELS, "quicksight.refunds"),
        gone="quicksight.model.returns",
        back="quicksight.model.customers",
        changed="quicksight.model.orders",
    ),
    *_writing(
        "charts",
        "charts",
        _BOARDS,
        gone="quicksight.sales:gone",
        back="quicksight.audit:audit",
        changed="quicksight.finance:bars",
    ),
)
BOARD_SITES = (
    *_LISTING_SITES,
    *_BOARD_SITES,
    *_DATA_SET_SITES,
    *_BESIDE_SITES,
    *_TWINS,
    _om("GET dashboard service", "GET /v1/services", match="dashboardServices/name", special={"vanish": "quicksight"}),
    _om("PUT dashboard service", "PUT /v1/services", match="dashboardServices", **_FIRST),
    *_reading("dashboards", "GET /v1/dashboards", "dashboards", "quicksight.sales"),
    *_writing(
        "dashboards",
        "dashboards",
        _DASHBOARDS,
        gone="quicksight.old",
        back="quicksight.audit",
        changed="quicksight.finance",
    ),
    _om(
        "PUT dashboards/restore",
        "PUT /v1/dashboards",
        match="restore",
        costs=_AUDIT,
        special={"vanish": "quicksight.audit"},
    ),
    _om("PUT data models, one", "PUT /v1/dashboard", match='"name":"orders"', costs=_MODEL, **_BEFORE_BULK),
    _om("PUT dashboards, one", "PUT /v1/dashboards", match='"name":"finance"', costs=_FINANCE, **_BEFORE_BULK),
    _om("PUT lineage of dashboards, first", "PUT /v1/lineage", costs=("*",), **_FIRST),
    _om("GET lineage of dashboards", "GET /v1/lineage", costs=(*_INTO_BOARDS, *_INTO_MODELS)),
    _om("PUT lineage of dashboards", "PUT /v1/lineage", costs=(*_INTO_BOARDS, *_INTO_MODELS)),
    _om("DELETE lineage of data models", "DELETE /v1/lineage", costs=_INTO_MODELS),
)
BOARD_TWINS = frozenset(site.name for site in _TWINS)
"""Sites that dashboards have just so; every type of entity has a test of its own, of fewer faults."""
