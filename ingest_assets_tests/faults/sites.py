"""Every place where a run asks something of somebody: what may go wrong there, and how much it may cost.

A new source adds its rows here.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

from ingest_assets_tests.faults.atlas_sites import ATLAS_SITES
from ingest_assets_tests.faults.board_sites import BOARD_SITES, BOARD_TWINS
from ingest_assets_tests.faults.cells import HICCUPS, TOKEN, CallSite, Cell, Estate, cells_of
from ingest_assets_tests.faults.cells import openmetadata_site as _om
from ingest_assets_tests.faults.dbt_sites import DBT_SITES
from ingest_assets_tests.faults.looker_sites import LOOKER_SITES
from ingest_assets_tests.faults.scene import HANG, Variant
from ingest_assets_tests.faults.stream_sites import STREAM_SITES

_WRITTEN = (
    "sales.orders",
    "sales.items",
    "sales.recent",
    "sales.returns",
    "sales.latest",
    "hr.jobs",
    "hr.people",
    "hr.closures",
    "archive.*",
)
_EDGES = ("->sales.recent", "->sales.latest")
_OWNED = ("sales.orders", "sales.items", "sales.customers", "sales.returns", "hr.jobs")
_LABELLED = ("hr.people", "hr.closures", "archive.*")
_PATCHED = ("sales.orders", "sales.items", "hr.jobs", *_LABELLED)
_TAGGED = ("sales.items", "sales.returns", "sales.latest", *_LABELLED)
_RETURNS = "name/glue.123456789012.sales.returns"
_WORDS = ("hr", "archive", *_PATCHED)


def _s3(operation: str, what: str, *kinds: str) -> CallSite:
    name = f"s3:{operation} {what}"
    return CallSite(name, "s3", operation, match=f"/{what}", kinds=kinds, lasting=(), variant=Variant.IN_S3)


def _lf(operation: str, *costs: str, after: int = 0) -> CallSite:
    name = f"lakeformation:{operation}" + (f", call {after + 1}" if after else "")
    told_as = "Lake Formation's tags can't be told"
    return CallSite(name, "lakeformation", operation, after=after, costs=costs, told_as=told_as)


_OPEN_CALLS = (*HICCUPS, "403")
_FIRST: dict[str, Any] = {"variant": Variant.FIRST_RUN}
_OLD: dict[str, Any] = {"variant": Variant.OLD_SERVER}
_LISTED: dict[str, Any] = {"variant": Variant.LISTING}
_FORGOTTEN: dict[str, Any] = {"variant": Variant.NO_LEDGER}

AWS_SITES = (
    CallSite(
        "sts:GetCallerIdentity",
        "sts",
        "GetCallerIdentity",
        kinds=(*HICCUPS, "403", TOKEN),
        variant=Variant.EMPTY_ACCOUNT,
    ),
    CallSite("glue:GetDatabases", "glue", "GetDatabases", special={"hidden": "sales"}),
    CallSite("glue:GetDatabases, page 2", "glue", "GetDatabases", after=1, special={"loop-token": "*"}),
    CallSite(
        "glue:GetTables",
        "glue",
        "GetTables",
        match="sales",
        costs=("sales.*",),
        special={"hidden": "sales/customers", "vanish": "sales"},
    ),
    CallSite(
        "glue:GetTables, page 2",
        "glue",
        "GetTables",
        match="sales",
        after=1,
        costs=("sales.*",),
        special={"loop-token": "sales", "vanish": "sales"},
    ),
    CallSite("glue:GetDatabase", "glue", "GetDatabase", costs=("attic.*",)),
    CallSite("glue:GetTable", "glue", "GetTable", match="sales/invoices", costs=("sales.invoices",)),
    CallSite("glue:GetTable of a link", "glue", "GetTable", match="weather/road_closures", costs=("hr.closures",)),
    _lf("ListLFTags", "archive", *_TAGGED),
    _lf("SearchDatabasesByLFTags", "archive"),
    _lf("SearchTablesByLFTags", *_TAGGED),
    _lf("SearchTablesByLFTags", *_TAGGED, after=2),
)
READING_SITES = (
    _om("GET version", "GET /v1/system", kinds=_OPEN_CALLS),
    _om("GET service", "GET /v1/services", special={"vanish": "glue"}),
    _om("GET events", "GET /v1/events", costs=()),
    _om("list databases", "GET /v1/databases", special={"hidden": "glue.123456789012"}, **_LISTED),
    _om(
        "list schemas",
        "GET /v1/databaseSchemas",
        match="databaseSchemas?",
        special={"hidden": "sales", "ignore-filter": "*"},
        **_LISTED,
    ),
    _om(
        "list schemas, page 2",
        "GET /v1/databaseSchemas",
        match="after=",
        special={"loop-token": "*"},
        **_LISTED,
    ),
    _om(
        "list tables",
        "GET /v1/tables",
        match="tables?",
        special={"hidden": "sales.items", "ignore-filter": "*"},
        **_LISTED,
    ),
    _om("list tables, page 2", "GET /v1/tables", match="after=", special={"loop-token": "*"}, **_LISTED),
    _om("search edges", "GET /v1/search", costs=(), **_LISTED),
    _om("GET edges of the graph", "GET /v1/lineage", costs=_EDGES, **_LISTED),
    _om("GET versions of a schema", "GET /v1/databaseSchemas", match="/versions", costs=_WORDS, **_FORGOTTEN),
    _om("GET versions of a table", "GET /v1/tables", match="/versions", costs=_WORDS, **_FORGOTTEN),
    _om("GET who we are", "GET /v1/users", match="loggedInUser", **_FORGOTTEN),
    _om("GET user", "GET /v1/users", match="users/name/", costs=_OWNED),
    _om("GET team", "GET /v1/teams", match="teams/name/", costs=_OWNED),
    _om("list users", "GET /v1/users", match="users?", costs=_OWNED),
    _om("list teams", "GET /v1/teams", match="teams?", costs=_OWNED),
)
WRITING_SITES = (
    _om("PUT service", "PUT /v1/services", **_FIRST),
    _om("PUT databases/bulk", "PUT /v1/databases", special={"element:400": "*", "element:500": "*"}, **_FIRST),
    _om("PUT databaseSchemas/bulk", "PUT /v1/databaseSchemas", special={"element:429": "hr"}, **_FIRST),
    _om("PUT tables/bulk, first", "PUT /v1/tables", special={"element:500": "sales.orders"}, **_FIRST),
    _om("PUT lineage, first", "PUT /v1/lineage", costs=("->sales.recent",), **_FIRST),
    _om("GET schema before its words", "GET /v1/databaseSchemas", match="name/glue.123456789012.hr", costs=("hr",)),
    _om("PATCH databaseSchemas", "PATCH /v1/databaseSchemas", costs=("hr", "archive")),
    _om("PUT databaseSchemas/bulk, changed", "PUT /v1/databaseSchemas", match="bulk", costs=("hr", "archive")),
    _om(
        "GET table before its words",
        "GET /v1/tables",
        match="sales.orders",
        costs=("sales.orders",),
        special={"vanish": "sales.orders"},
    ),
    _om("PATCH tables", "PATCH /v1/tables", costs=_PATCHED, special={"vanish": "sales.orders"}),
    _om("PUT tables/restore", "PUT /v1/tables", match="restore", costs=("hr.jobs",), special={"vanish": "hr.jobs"}),
    _om(
        "PUT tables/bulk",
        "PUT /v1/tables",
        match="bulk",
        costs=(*_WRITTEN, *_EDGES),
        special={"element:400": "sales.items", "element:429": "sales.items", "element:500": "sales.items"},
    ),
    _om("GET table before it is made", "GET /v1/tables", match=_RETURNS, costs=("sales.returns", *_EDGES)),
    _om("GET table for its id", "GET /v1/tables", match=_RETURNS, after=1, costs=_EDGES),
    _om("PUT tables, one", "PUT /v1/tables", match='"name":"items"', costs=("sales.items",), **_OLD),
    _om("PUT databaseSchemas, one", "PUT /v1/databaseSchemas", costs=("hr", "archive"), **_OLD),
    _om("GET lineage", "GET /v1/lineage", costs=_EDGES, special={"vanish": "sales.recent"}),
    _om("PUT lineage", "PUT /v1/lineage", costs=_EDGES, special={"vanish": "sales.latest"}),
    _om("DELETE lineage", "DELETE /v1/lineage", costs=_EDGES, special={"vanish": "sales.items"}),
    _om(
        "GET table before it goes",
        "GET /v1/tables",
        match="sales.invoices",
        costs=("sales.invoices",),
        special={"vanish": "sales.invoices"},
    ),
    _om("DELETE tables", "DELETE /v1/tables", costs=("sales.invoices",), special={"vanish": "sales.invoices"}),
    _om("GET schema before it goes", "GET /v1/databaseSchemas", match="attic", costs=("attic.*",)),
    _om("DELETE databaseSchemas", "DELETE /v1/databaseSchemas", costs=("attic.*",), special={"vanish": "attic"}),
)
_PUTS = ("503", "reset-before", "reset-after", "access-denied", HANG)
_GETS = ("503", "cut", "truncated", "access-denied")
STORE_SITES = (
    *(
        _s3("PutObject", what, *_PUTS)
        for what in ("scopes", "manifests", "latest", "plans", "ledgers", "published", "leases")
    ),
    *(_s3("GetObject", what, *_GETS) for what in ("scopes", "manifests", "latest", "plans", "ledgers", "leases")),
    *(_s3("HeadObject", what, "503", "access-denied") for what in ("attempts", "ledgers", "leases")),
    *(_s3("ListObjectsV2", what, *_GETS) for what in ("published", "leases")),
)
CALL_SITES = (
    *AWS_SITES,
    *READING_SITES,
    *WRITING_SITES,
    *STORE_SITES,
    *STREAM_SITES,
    *BOARD_SITES,
    *LOOKER_SITES,
    *ATLAS_SITES,
    *DBT_SITES,
)


def quick_cells() -> Iterator[Cell]:
    """One of each site but for twins, the same ones whatever sites there are: what every test run has time for.

    Besides, each kind that was not drawn in a scene, once; and of the lake all that need a place of their own.
    """
    for estate in Estate:
        sites = [site for site in CALL_SITES if site.estate is estate and site.name not in BOARD_TWINS]
        drawn = [_drawn(site) for site in sites if not site.pending]
        first, rest = [cells[0] for cells in drawn], [cell for cells in drawn for cell in cells[1:]]
        yield from first
        met = {cell.kind for cell in first}
        for cell in rest:
            if cell.kind not in met or (estate is Estate.LAKE and cell.kind in cell.site.special):
                yield cell
                met.add(cell.kind)


def _drawn(site: CallSite) -> list[Cell]:
    return sorted(cells_of(site), key=lambda cell: zlib.crc32(str(cell).encode()))
