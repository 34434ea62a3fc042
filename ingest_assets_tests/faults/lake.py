"""A lake small enough to be read some hundred times: four databases, what changes in them, and what people wrote."""

from __future__ import annotations

from typing import Any

from ingest_assets.openmetadata.client import OpenMetadataClient, name_path
from ingest_assets.sandbox.company.company import Company
from ingest_assets.sandbox.company.shelf import Shelf, columns

SERVICE = "glue"
PARTNER, STRANGER = "210987654321", "345678901234"

_RECENT = "id bigint\nday date"
_FIRST_SQL = "select o.id, o.day from orders o join items i on o.id = i.order_id"
_NEXT_SQL = "select o.id, o.day from orders o join customers c on o.customer_id = c.id"


class SmallLake:
    """The company's lake in place of the usual one.

    Args:
        company: Whose catalog is emptied first.
        catalog_id: The catalog that is filled; the company's own when None, which stays empty else.
    """

    def __init__(self, company: Company, catalog_id: str | None = None) -> None:
        self.glue = company.glue
        self.tags = company.lf_tags
        self.catalog_id = catalog_id
        own = self.glue.catalog()
        assert own is not None
        own.databases.clear()
        if catalog_id:
            self.glue.add_catalog(catalog_id, shared_with=(company.account,))
        self.root = f"{SERVICE}.{catalog_id or company.account}"

    def fqn(self, name: str) -> str:
        """FQN of ``sales`` or ``sales.orders`` on the server."""
        return f"{self.root}.{name}"

    def fill(self) -> None:
        """What the first run finds."""
        words = {"sales": "The web shop", "hr": "People", "archive": "What is over", "attic": "Soon gone"}
        for name, text in words.items():
            self.glue.add_database(name, Description=text, catalog_id=self.catalog_id)
        sales, people, archive = self._shelf("sales"), self._shelf("hr"), self._shelf("archive")
        self.put_orders("Orders")
        sales.table("items", "order_id bigint\nproduct string -- What was ordered", Owner="lena.berg")
        sales.table("customers", "id bigint\nname string", Owner="shop")
        sales.table("invoices", "id bigint\ndue date", Description="Invoices")
        sales.spark_view("recent", _RECENT, _FIRST_SQL)
        people.table("people", "id bigint\nname string")
        people.table("payroll", "id bigint\nsalary decimal(10,2)")
        people.table("absences", "id bigint\nday date")
        self._put_link("Closed roads")
        if not self.catalog_id:
            self.tags.assign({"pii": "yes"}, "hr", "absences")
        self.put_jobs("Open positions")
        archive.table("old_orders", "id bigint")
        archive.table("old_people", "id bigint")
        self._shelf("attic").table("boxes", "id bigint")

    def change(self) -> None:
        """What the source does between two runs: something of everything."""
        sales = self._shelf("sales")
        sales.table("returns", "id bigint\nreason string", Description="Sent back", Owner="finance")
        sales.spark_view("latest", "id bigint", "select id from returns")
        sales.table("items", "order_id bigint\nproduct string -- Name of it\nquantity int", Owner="lena.berg")
        self.put_orders("Orders of the web shop")
        sales.spark_view("recent", _RECENT, _NEXT_SQL)
        self.glue.drop_table("sales", "invoices", catalog_id=self.catalog_id)
        self.glue.drop_database("attic", catalog_id=self.catalog_id)
        self.put_jobs("Open positions of all sites")
        self._put_link("Roads that are closed")
        if not self.catalog_id:
            self.tags.assign({"pii": "yes"}, "hr", "people", "name")
            self.tags.assign({"domain": "shop"}, "archive")
        database = self.glue.database("hr", catalog_id=self.catalog_id)
        database.row["Description"] = "People and pay"

    def put_orders(self, description: str) -> None:
        """Orders, with a description."""
        text = "id bigint -- Number\ncustomer_id bigint\nday date\namount decimal(12,2)"
        self._shelf("sales").table("orders", text, Description=description, Owner="shop")

    def put_jobs(self, description: str) -> None:
        """Jobs, with a description."""
        self._shelf("hr").table("jobs", "id bigint\ntitle string", Description=description, Owner="omar.haddad")

    def _put_link(self, description: str) -> None:
        """A link to a table of somebody who shows it to nobody."""
        target = {"CatalogId": STRANGER, "DatabaseName": "weather", "Name": "road_closures"}
        row = {"Name": "closures", "Description": description, "TargetTable": target}
        self.glue.put_table("hr", row, catalog_id=self.catalog_id)

    def alter_columns(self, database: str, table: str, text: str) -> None:
        """Other columns for a table; see ``shelf.columns``."""
        storage = self.glue.table(database, table, catalog_id=self.catalog_id)["StorageDescriptor"]
        changed = {**storage, "Columns": columns(text)}
        self.glue.alter_table(database, table, catalog_id=self.catalog_id, StorageDescriptor=changed)

    def _shelf(self, database: str) -> Shelf:
        return Shelf(self.glue, database, catalog_id=self.catalog_id)


class People:
    """What people do on the server between two runs.

    Args:
        admin: In whose name.
        lake: Whose tables they work on.
    """

    def __init__(self, admin: OpenMetadataClient, lake: SmallLake) -> None:
        self._admin = admin
        self._lake = lake

    def edit(self) -> None:
        """Write words, labels and an edge, and delete a table that the source still has."""
        owner = self._admin.get_by_name("users", "mei.tanaka")["id"]
        owners = self._owners({"id": owner, "type": "user"})
        label = {"tagFQN": "PII.Sensitive", "source": "Classification", "labelType": "Manual", "state": "Confirmed"}
        self._patch("hr.payroll", ("description", "Not for everybody"), ("displayName", "Pay"), owners)
        self._patch("hr.payroll", ("columns/1/tags", [label]))
        self._patch("sales.items", ("displayName", "Order lines"), ("columns/0/description", "Belongs to"))
        self._patch("sales.customers", ("description", "Who buys"))
        ends = {"fromEntity": self._end("hr.people"), "toEntity": self._end("hr.payroll")}
        self._admin.put("/v1/lineage", {"edge": {**ends, "lineageDetails": {"sqlQuery": "by hand"}}})
        self.delete("hr.jobs", hard=False)

    def delete(self, name: str, *, hard: bool) -> None:
        """Delete a table, a database with all below it, or the service."""
        if name == SERVICE:
            collection, fqn = "services/databaseServices", name
        else:
            collection, fqn = "tables" if "." in name else "databaseSchemas", self._lake.fqn(name)
        entity = self._admin.get_by_name(collection, fqn, {"include": "all"})
        params = {"recursive": "true", "hardDelete": str(hard).lower()}
        self._admin.delete(f"/v1/{collection}/{entity['id']}", params)

    def _owners(self, owner: dict[str, str]) -> tuple[str, Any]:
        many = self._admin.capabilities.owners == "owners"
        return ("owners", [owner]) if many else ("owner", owner)

    def _patch(self, name: str, *changes: tuple[str, Any]) -> None:
        operations = [{"op": "add", "path": f"/{path}", "value": value} for path, value in changes]
        self._admin.patch(f"/v1/tables/{self._table(name)['id']}", operations)

    def _end(self, name: str) -> dict[str, str]:
        return {"id": self._table(name)["id"], "type": "table"}

    def _table(self, name: str) -> dict[str, Any]:
        return self._admin.get(name_path("tables", self._lake.fqn(name)))
