"""A QuickSight that is small enough to be read some hundred times, what changes in it, and what people wrote."""

from __future__ import annotations

import json
from typing import Any

from ingest_assets.openmetadata.client import OpenMetadataClient, name_path
from ingest_assets.sandbox.company.boards import Boards
from ingest_assets.sandbox.company.boards_assets import Kind
from ingest_assets.sandbox.company.boards_tables import columns, custom_sql, lake, relational
from ingest_assets.sandbox.company.boards_visuals import category, day, measure, sheet, visual
from ingest_assets.sandbox.company.company import Company
from ingest_assets.sandbox.company.glue import FOUNDED, Row

SERVICE = "quicksight"
MODELS = f"{SERVICE}.model"
NEIGHBOUR = "lake"
"""A service of another recipe, with the tables that data sets show."""

_DATABASE = f"{NEIGHBOUR}.catalog"
_SCHEMA = f"{_DATABASE}.shop"
_TABLES = ("orders", "customers", "returns", "orders_2")
_BUCKET = "norrpost-exports"
_MANIFEST = "prices.manifest.json"
_KINDS: tuple[Kind, ...] = ("dashboard", "dataset", "datasource", "folder", "analysis")
_ORDERS = "id INTEGER\ncustomer INTEGER\nday DATETIME\namount DECIMAL"
_CUSTOMERS = "id INTEGER\nname STRING"


class SmallBoards:
    """The company's QuickSight in place of the usual one.

    Args:
        company: Whose dashboards, data sets, data sources and folders are taken away first.
        page: Most rows in a page.
    """

    def __init__(self, company: Company, page: int) -> None:
        self.boards: Boards = company.boards
        self._buckets = company.buckets
        self.boards.clear()
        self.boards.page = page
        people = self.boards.people
        self._lena, self._mei = people.arn("user", "lena.berg"), people.arn("user", "mei.tanaka")
        self._shop, self._finance = people.add_group("shop"), people.add_group("finance")

    def fill(self) -> None:
        """What the first run finds."""
        self._sources()
        self._orders("orders")
        query = "select id, name from shop.customers"
        self._set("customers", {"t": custom_sql(self.boards, "lake", "customers", query, _CUSTOMERS)}, _CUSTOMERS)
        self._set("prices", {"t": self._files("product STRING")}, "product STRING", tags={"zone": "north"})
        self._set("returns", {"t": self._table("returns", "id INTEGER")}, "id INTEGER")
        self._buyers()
        self._sales("Sales", {"env": "prod", "team": "web"}, "amount")
        self._finances("Finance", "amount")
        self._show("audit", {"Orders": "orders"}, self._bars("audit", "Orders", "amount"), tags={"env": "prod"})
        self._show("old", {"Returns": "returns"}, self._pie("old", "Returns", "id"))
        for name in ("drafts", "sales"):
            self._analyse(name, name, self._lena)
        self.boards.add_analysis("trash", {"Orders": "orders"}, Status="DELETED")
        self._folders()

    def change(self) -> None:
        """What the source does between two runs: something of everything."""
        boards = self.boards
        self._sources(database="archive")
        self._orders("orders_2", tags={"env": "live"})
        self._set("repaid", {"t": self._table("returns", "id INTEGER")}, "id INTEGER", owners=[self._finance])
        self._sales("Sales of the shop", {"env": "live", "team": "web"}, "id")
        self._finances("Finance, each quarter", "customer", "Orders by day")
        self._show("audit", {"Orders": "orders"}, self._bars("audit", "Orders", "amount"), tags={"env": "live"})
        self._show(
            "refunds",
            {"Repaid": "repaid"},
            self._pie("refunds", "Repaid", "id"),
            tags={"env": "prod", "tier": "gold::1"},
            owners=[self._mei],
        )
        self._analyse("drafts", "Drafts of Mei", self._mei)
        boards.drop("analysis", "sales")
        boards.drop("dashboard", "old")
        boards.drop("dataset", "returns")
        boards.asset("folder", "people").members.remove(boards.arn("dashboard", "finance"))
        boards.put_in("weekly", boards.asset("dashboard", "finance"))
        boards.put_in("people", boards.asset("dashboard", "refunds"))
        boards.put_in("people", boards.asset("dataset", "repaid"))

    def drop(self, service: str, name: str) -> None:
        """Take away what has an id; an analysis only if nothing else has it."""
        kind = next(kind for kind in _KINDS if self.boards.find(kind, name))
        self.boards.drop(kind, name)

    def _sources(self, database: str = "finance") -> None:
        boards = self.boards
        manifest = {"fileLocations": [{"URIPrefixes": [f"s3://{_BUCKET}/{database}/"]}]}
        self._buckets.put(_BUCKET, _MANIFEST, json.dumps(manifest).encode())
        location = {"ManifestFileLocation": {"Bucket": _BUCKET, "Key": _MANIFEST}}
        boards.add_data_source("files", "S3", {"S3Parameters": location}, name="Price lists")
        boards.add_data_source("lake", "ATHENA", {"AthenaParameters": {"WorkGroup": "primary"}}, name="Lake")
        boards.add_data_source("shop", "ATHENA", {"AthenaParameters": {"WorkGroup": "shop"}}, name="Shop")

    def _orders(self, table: str, tags: dict[str, str] | None = None) -> None:
        self._set(
            "orders",
            {"t": lake(self.boards, "shop", table, _ORDERS)},
            _ORDERS,
            owners=[self._lena if table == "orders" else self._shop],
            tags=tags or {"env": "prod"},
            ImportMode="SPICE",
        )
        failed = {"Type": "SQL_TABLE_NOT_FOUND", "Message": "Table shop.orders does not exist"}
        self.boards.add_ingestion("orders", "night-1", "FAILED", ErrorInfo=failed)

    def _buyers(self) -> None:
        """A data set on two others."""
        key = "id[customers]"
        renamed = {"RenameColumnOperation": {"ColumnName": "id", "NewColumnName": key}}
        operands = {
            "orders-in": {"Alias": "o", "Source": {"DataSetArn": self.boards.arn("dataset", "orders")}},
            "customers-in": {
                "Alias": "c",
                "Source": {"DataSetArn": self.boards.arn("dataset", "customers")},
                "DataTransforms": [renamed],
            },
        }
        join = {
            "LeftOperand": "orders-in",
            "RightOperand": "customers-in",
            "Type": "INNER",
            "OnClause": f"{{customer}} = {{{key}}}",
        }
        kept = {"ProjectOperation": {"ProjectedColumns": ["name", "amount"]}}
        joined = {"Alias": "joined", "Source": {"JoinInstruction": join}, "DataTransforms": [kept]}
        self.boards.add_data_set(
            "buyers",
            {},
            logical={**operands, "joined": joined},
            columns=columns("name STRING\namount DECIMAL"),
            name="buyers",
            owners=[self._lena],
            ImportMode="DIRECT_QUERY",
        )

    def _set(self, name: str, physical: Row, text: str, **facts: Any) -> Any:
        return self.boards.add_data_set(
            name, physical, columns=columns(text), **{"ImportMode": "DIRECT_QUERY", "name": name, **facts}
        )

    def _table(self, name: str, text: str) -> Row:
        return relational(self.boards, "shop", name, text, within=("AwsDataCatalog", "shop"))

    def _files(self, text: str) -> Row:
        return {"S3Source": {"DataSourceArn": self.boards.arn("datasource", "files"), "InputColumns": columns(text)}}

    def _sales(self, title: str, tags: dict[str, str], shown: str) -> None:
        """Its last visual goes, a new one comes, and one shows another column, once the field is not the amount."""
        last = self._pie("gone", "Orders", "id") if shown == "amount" else self._pie("new", "Buyers", "name")
        used = {"Orders": "orders", "Buyers": "buyers"}
        visuals = (self._bars("bars", "Orders", shown), self._pie("buyers", "Buyers", "name"), last)
        self._show("sales", used, *visuals, name=title, tags=tags, owners=[self._lena])

    def _finances(self, title: str, shown: str, heading: str = "Orders") -> None:
        used, bars = {"Orders": "orders"}, self._bars("bars", "Orders", shown, heading)
        self._show("finance", used, bars, name=title, owners=[self._finance if shown == "amount" else self._mei])

    def _analyse(self, name: str, title: str, owner: str) -> None:
        sheets = [self._sheet(self._bars(name, "Orders", "amount"))]
        self.boards.add_analysis(name, {"Orders": "orders"}, sheets, name=title, owners=[owner])

    def _show(self, board_id: str, used: dict[str, str], *visuals: Row, **facts: Any) -> None:
        self.boards.add_dashboard(board_id, used, [self._sheet(*visuals)], LastPublishedTime=FOUNDED, **facts)

    def _sheet(self, *visuals: Row) -> Row:
        return sheet("main", "Main", *visuals)

    def _bars(self, name: str, identifier: str, column: str, title: str = "") -> Row:
        when, how_much = day(identifier, "day"), measure(identifier, column)
        return visual("BarChartVisual", name, title or name, Category=[when], Values=[how_much])

    def _pie(self, name: str, identifier: str, column: str) -> Row:
        return visual("PieChartVisual", name, name, Category=[category(identifier, column)])

    def _folders(self) -> None:
        boards = self.boards
        boards.add_folder("shop", [boards.arn("dataset", "orders")], name="Shop")
        weekly = [boards.arn("analysis", "drafts"), boards.arn("dashboard", "sales"), boards.arn("dataset", "prices")]
        boards.add_folder("weekly", weekly, parent="shop", name="Weekly")
        boards.add_folder("people", [boards.arn("dashboard", "finance")], name="People")


class BoardPeople:
    """What others did on the server before the first run, and people do between two.

    Args:
        admin: In whose name.
    """

    def __init__(self, admin: OpenMetadataClient) -> None:
        self._admin = admin

    def furnish(self) -> None:
        """The neighbours: tables that data sets show, and the containers that a manifest names."""
        self._admin.put("/v1/services/databaseServices", {"name": NEIGHBOUR, "serviceType": "Glue"})
        self._admin.put("/v1/databases", {"name": "catalog", "service": NEIGHBOUR})
        self._admin.put("/v1/databaseSchemas", {"name": "shop", "database": _DATABASE})
        names = sorted({column["Name"] for column in (*columns(_ORDERS), *columns(_CUSTOMERS))})
        for name in _TABLES:
            told = [{"name": column, "dataType": "STRING"} for column in names]
            self._admin.put("/v1/tables", {"name": name, "databaseSchema": _SCHEMA, "columns": told})
        self._admin.put("/v1/services/storageServices", {"name": "raw", "serviceType": "S3"})
        bucket = {"name": _BUCKET, "service": "raw", "fullPath": f"s3://{_BUCKET}", "prefix": "/"}
        above = self._admin.put("/v1/containers", bucket)
        for name in ("finance", "archive"):
            parent = {"id": above["id"], "type": "container"}
            path = {"fullPath": f"s3://{_BUCKET}/{name}", "prefix": f"/{name}"}
            self._admin.put("/v1/containers", {"name": name, "service": "raw", "parent": parent, **path})

    def edit(self) -> None:
        """Write words, labels and an edge, and delete what the source still has."""
        label = {"tagFQN": "PII.Sensitive", "source": "Classification", "labelType": "Manual", "state": "Confirmed"}
        self._patch(f"{SERVICE}.finance", ("description", "Not for everybody"), ("tags/0", label))
        self._patch(f"{SERVICE}.sales", ("displayName", "What we sell"))
        self._patch(f"{SERVICE}.sales:bars", ("description", "By hand"))
        self._patch(f"{MODELS}.orders", ("columns/0/description", "Number of the order"))
        ends = {"fromEntity": self._board("sales"), "toEntity": self._board("finance")}
        self._admin.put("/v1/lineage", {"edge": {**ends, "lineageDetails": {"sqlQuery": "by hand"}}})
        self.delete(f"{SERVICE}.audit", hard=False)
        self.delete(f"{SERVICE}.audit:audit", hard=False)
        self.delete(f"{MODELS}.customers", hard=False)

    def delete(self, fqn: str, *, hard: bool) -> None:
        """Delete the service, a dashboard, a chart or a data model, with all below it."""
        collection = _collection(fqn)
        entity = self._admin.get_by_name(collection, fqn, {"include": "all"})
        params = {"recursive": "true", "hardDelete": str(hard).lower()}
        self._admin.delete(f"/v1/{collection}/{entity['id']}", params)

    def _patch(self, fqn: str, *changes: tuple[str, Any]) -> None:
        collection = _collection(fqn)
        stored = self._admin.get(name_path(collection, fqn))
        operations = [{"op": "add", "path": f"/{path}", "value": value} for path, value in changes]
        self._admin.patch(f"/v1/{collection}/{stored['id']}", operations)

    def _board(self, name: str) -> dict[str, str]:
        return {"id": self._admin.get(name_path("dashboards", f"{SERVICE}.{name}"))["id"], "type": "dashboard"}


def _collection(fqn: str) -> str:
    """Where something of ours lies; what is in no service of ours is a classification or a tag."""
    service, *below = fqn.split(".")
    if service != SERVICE:
        return ("classifications", "tags")[len(below)]
    if not below:
        return "services/dashboardServices"
    if len(below) > 1:
        return "dashboard/datamodels"
    return "charts" if below[0].rpartition(":")[0] not in ("", "analysis") else "dashboards"
