"""A Looker and its LookML, small enough to be read some hundred times, what changes there, and what people wrote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ingest_assets.openmetadata.client import OpenMetadataClient, name_path
from ingest_assets.sandbox.company.company import Company
from ingest_assets.sandbox.company.looker import LOOKML, SHARED, LookerState, Row, Rows
from ingest_assets.sandbox.company.looker_repositories import Repositories
from ingest_assets.sandbox.company.looker_tiles import field_filter, look_tile, merged_tile, query_tile, text_tile

SERVICE = "looker"
MODELS = f"{SERVICE}.model"
NEIGHBOUR = "lake"
"""A service of another recipe, with the tables that views show."""
OWNER, REPOSITORY = "norrpost", "looker-shop"
OVERVIEW = "shop::overview"

_DATABASE = f"{NEIGHBOUR}.catalog"
_SCHEMA = f"{_DATABASE}.shop"
_COLUMNS = ("id", "customer", "name", "amount")
_TABLES = ("orders", "orders_2", "customers", "returns", "ledger", "repaid")
_CONNECTION = "shop_db"
_REVENUE = "  derived_table: { sql: select customer, sum(amount) as amount from shop.orders group by 1 ;; }\n"


class SmallLooker:
    """The company's Looker in place of the usual one, and one repository more.

    Args:
        company: Whose dashboards, looks, models and people are taken away first, but for the API key's user.
    """

    def __init__(self, company: Company) -> None:
        self.looker: LookerState = company.looker
        self.repositories: Repositories = company.repositories
        self.repository = company.repositories.add(OWNER, REPOSITORY)
        for rows in _of_people_and_models(self.looker):
            _clear(rows)
        for user in self.looker.users.keys()[1:]:
            self.looker.users.drop(user)
        for folder in self.looker.folders.keys()[3:]:
            self.looker.folders.drop(folder)
        self._lena, self._omar, self._mei = (
            self.looker.add_user(first, last, f"{first}.{last}@norrpost.example".lower())
            for first, last in (("Lena", "Berg"), ("Omar", "Haddad"), ("Mei", "Tanaka"))
        )

    def fill(self) -> None:
        """What the first run finds."""
        looker = self.looker
        shop = looker.add_folder("Shop", folder_id="shop")
        looker.add_folder("Weekly", shop, folder_id="weekly")
        looker.add_folder("People", folder_id="people")
        looker.connections.put(_CONNECTION, {"name": _CONNECTION, "dialect_name": "athena", "schema": "shop"})
        for model in ("shop", "finance"):
            looker.add_model(model, "shop", [_CONNECTION])
        self._explore("shop", "orders", "id customer", "amount", tags=["core"])
        self._explore("shop", "customers", "id name")
        self._explore("shop", "revenue", "customer", "amount")
        self._explore("shop", "returns", "id")
        self._explore("finance", "ledger", "id", "amount", tags=["core"])
        self.repository.commit(_project("orders", ("customers", "revenue", "returns"), ("ledger",)), "Begin")
        self._sales("Sales", "amount", "gone")
        self._finances("Finance", "amount", self._omar, "people")
        country = looker.add_query("shop", "customers", ["customers.name"])
        _rename(looker.looks, looker.add_look("Who buys", "weekly", self._lena, country), "buyers")
        self._show("audit", "Audit", [look_tile(looker, "Look", "buyers", id="look")])
        for name, explore in (("retired", "returns"), ("purged", "orders")):
            self._show(name, name.title(), [self._tile(name, "shop", explore, "id")])
        self._overview("amount")

    def change(self) -> None:
        """What the source does between two runs: something of everything."""
        looker = self.looker
        looker.drop_explore("shop", "returns")
        self._explore("shop", "orders", "id customer", "amount", tags=["live"], description="Orders of the shop")
        self._explore("finance", "ledger", "id", "amount", tags=["live"], label="The ledger")
        self._explore("finance", "repaid", "id", "amount")
        changed = _project("orders_2", ("customers", "revenue"), ("ledger", "repaid"))
        self.repository.commit({**changed, "views/returns.view.lkml": None}, "Orders are elsewhere now")
        self._sales("Sales of the shop", "id", "new")
        self._finances("Finance, each quarter", "id", self._mei, "weekly")
        audit = looker.dashboards.get("audit")
        looker.dashboards.change("audit", description="For the audit", view_count=audit["view_count"] + 5)
        looker.looks.change("buyers", title="Who buys what")
        tile = self._tile("refunds", "finance", "repaid", "amount")
        self._show("refunds", "Refunds", [tile], folder="people", user=self._mei)
        self._overview("id")
        looker.trash_dashboard("retired")
        looker.dashboards.drop("purged")

    def drop(self, service: str, name: str) -> None:
        """Take away for good what has an id, an explore as ``shop/orders``, or the repository."""
        model, slash, explore = name.partition("/")
        if service == "github":
            self.repositories.drop(OWNER, name)
        elif slash:
            self.looker.drop_explore(model, explore)
        else:
            rows = self.looker.dashboards if self.looker.dashboards.find(name) else self.looker.looks
            rows.drop(name)

    def _explore(self, model: str, name: str, dimensions: str, *measures: str, **facts: Any) -> None:
        self.looker.add_explore(
            {
                "id": f"{model}::{name}",
                "name": name,
                "model_name": model,
                "project_name": "shop",
                "connection_name": _CONNECTION,
                "dialect_name": "athena",
                "label": name.title(),
                "view_name": name,
                "hidden": False,
                "tags": [],
                "joins": [],
                "fields": {
                    "dimensions": [_field(name, each, "string") for each in dimensions.split()],
                    "measures": [_field(name, each, "sum") for each in measures],
                    "filters": [],
                    "parameters": [],
                },
                **facts,
            }
        )

    def _sales(self, title: str, field: str, last: str) -> None:
        """Its last tile goes, a new one comes, and one shows another field, once the field is not the amount."""
        looker = self.looker
        for model, explore in (("shop", "revenue"), ("finance", "ledger")):
            query = looker.add_query(model, explore, [f"{explore}.amount"])
            _rename(looker.queries, query, f"merged-{explore}")
        _rename(looker.merge_queries, looker.add_merge_query(["merged-revenue", "merged-ledger"]), "merge-sales")
        tiles = [
            self._tile("bars", "shop", "orders", field),
            merged_tile(looker, "Both", "merge-sales", id="both"),
            text_tile(looker, "Read this", title, id="words"),
            self._tile(last, "shop", "customers", "name"),
        ]
        amount = field_filter("Amount", "shop", "orders", "orders.amount")
        self._show("sales", title, tiles, folder="weekly", user=self._lena, filters=[amount])

    def _finances(self, title: str, field: str, user: str, folder: str) -> None:
        tile = self._tile("bars", "finance", "ledger", field)
        self._show("finance", title, [tile], folder=folder, user=user)

    def _overview(self, field: str) -> None:
        """A dashboard of LookML."""
        tile = self._tile(f"{OVERVIEW}::orders", "shop", "orders", field)
        self.looker.add_dashboard("Overview", LOOKML, None, [tile], dashboard_id=OVERVIEW)

    def _tile(self, tile_id: str, model: str, explore: str, field: str) -> Row:
        query = self.looker.add_query(model, explore, [f"{explore}.{field}"])
        return query_tile(self.looker, tile_id.title(), query, id=tile_id)

    def _show(
        self, name: str, title: str, tiles: Sequence[Row], *, folder: str = SHARED, user: str = "", **facts: Any
    ) -> None:
        self.looker.add_dashboard(title, folder, user or self._lena, list(tiles), dashboard_id=name, **facts)


class LookerPeople:
    """What others did on the server before the first run, and people do between two.

    Args:
        admin: In whose name.
    """

    def __init__(self, admin: OpenMetadataClient) -> None:
        self._admin = admin

    def furnish(self) -> None:
        """The neighbour's tables that views show."""
        self._admin.put("/v1/services/databaseServices", {"name": NEIGHBOUR, "serviceType": "Glue"})
        self._admin.put("/v1/databases", {"name": "catalog", "service": NEIGHBOUR})
        self._admin.put("/v1/databaseSchemas", {"name": "shop", "database": _DATABASE})
        columns = [{"name": column, "dataType": "STRING"} for column in _COLUMNS]
        for name in _TABLES:
            self._admin.put("/v1/tables", {"name": name, "databaseSchema": _SCHEMA, "columns": columns})

    def edit(self) -> None:
        """Write words, labels and an edge, and delete what the source still has."""
        label = {"tagFQN": "PII.Sensitive", "source": "Classification", "labelType": "Manual", "state": "Confirmed"}
        self._patch(f"{SERVICE}.finance", ("description", "Not for everybody"), ("tags/0", label))
        self._patch(f"{SERVICE}.sales", ("displayName", "What we sell"))
        self._patch(f"{SERVICE}.sales~bars", ("description", "By hand"))
        self._patch(f"{MODELS}.shop_orders", ("columns/0/description", "Number of the order"))
        self._patch(f"{MODELS}.shop_orders_view", ("description", "By hand"))
        ends = {"fromEntity": self._board("sales"), "toEntity": self._board("finance")}
        self._admin.put("/v1/lineage", {"edge": {**ends, "lineageDetails": {"sqlQuery": "by hand"}}})
        for name in (f"{SERVICE}.audit", f"{SERVICE}.audit~look"):
            self.delete(name, hard=False)
        for name in ("shop_customers", "shop_customers_view"):
            self.delete(f"{MODELS}.{name}", hard=False)

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


def _of_people_and_models(looker: LookerState) -> tuple[Rows, ...]:
    modelled = (looker.models, looker.explores, looker.projects, looker.connections)
    return (looker.dashboards, looker.looks, looker.queries, looker.merge_queries, *modelled)


def _clear(rows: Rows) -> None:
    keys = rows.keys()
    for key in keys:
        rows.drop(key)


def _rename(rows: Rows, key: str, new: str) -> None:
    """Give a row an id that cells can name."""
    rows.put(new, {**rows.get(key), "id": new})
    rows.drop(key)


def _field(view: str, name: str, type_: str) -> Row:
    return {
        "name": f"{view}.{name}",
        "type": type_,
        "category": "dimension" if type_ == "string" else "measure",
        "measure": type_ != "string",
        "label": f"{view} {name}",
        "label_short": name.title(),
        "view": view,
        "original_view": view,
        "sql": f"${{TABLE}}.{name} ",
        "hidden": False,
        "tags": [],
    }


def _project(orders: str, others: Sequence[str], of_finance: Sequence[str]) -> dict[str, str]:
    """The files of a LookML project.

    Args:
        orders: The table of the orders.
        others: Views, and explores, of the model ``shop`` besides.
        of_finance: Views, and explores, of the model ``finance``.
    """
    derived = _REVENUE.replace("orders", orders)
    files = {
        "manifest.lkml": 'project_name: "shop"\n',
        "models/shop.model.lkml": _model("orders", *others),
        "models/finance.model.lkml": _model(*of_finance),
        "views/orders.view.lkml": _view("orders", f"  sql_table_name: shop.{orders} ;;\n", "id customer"),
    }
    for name in (*others, *of_finance):
        source = derived if name == "revenue" else f"  sql_table_name: shop.{name} ;;\n"
        dimensions = {"customers": "id name", "revenue": "customer"}.get(name, "id")
        files[f"views/{name}.view.lkml"] = _view(name, source, dimensions)
    return files


def _model(*explores: str) -> str:
    shown = "".join(f"explore: {name} {{}}\n" for name in explores)
    return f'connection: "{_CONNECTION}"\ninclude: "/views/*.view.lkml"\n{shown}'


def _view(name: str, source: str, dimensions: str) -> str:
    fields = "".join(
        f"  dimension: {each} {{ type: string sql: ${{TABLE}}.{each} ;; }}\n" for each in dimensions.split()
    )
    return f"view: {name} {{\n{source}{fields}  measure: amount {{ type: sum sql: ${{TABLE}}.amount ;; }}\n}}\n"


def _collection(fqn: str) -> str:
    """Where something of ours lies; what is in no service of ours is a classification or a tag."""
    service, *below = fqn.split(".")
    if service != SERVICE:
        return ("classifications", "tags")[len(below)]
    if not below:
        return "services/dashboardServices"
    if len(below) > 1:
        return "dashboard/datamodels"
    return "charts" if "~" in below[0] else "dashboards"
