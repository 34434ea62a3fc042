"""An Atlas small enough to be read some hundred times, what changes there, and what is on the server besides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ingest_assets.openmetadata.client import OpenMetadataClient, name_path
from ingest_assets.sandbox.company.atlas import AtlasState
from ingest_assets.sandbox.company.atlas_flows import Flows
from ingest_assets.sandbox.company.atlas_hive import Hive
from ingest_assets.sandbox.company.atlas_words import Glossary
from ingest_assets.sandbox.company.company import Company

SERVICE, TABLES, TOPICS = "atlas", "hive", "kafka"
DATABASE = f"{TABLES}.db"
SALES = f"{DATABASE}.sales"

_COLUMNS = {
    "orders": ("id", "email", "amount"),
    "daily": ("day", "amount"),
    "customers": ("id", "name"),
    "retired": ("id",),
    "fresh": ("id",),
}
_TOPICS = ("clicks", "carts")


class SmallAtlas:
    """The company's Atlas, emptied and filled anew.

    Args:
        company: Whose Atlas it is.
    """

    def __init__(self, company: Company) -> None:
        self.atlas: AtlasState = company.atlas
        self.atlas._shelves.clear()
        for guid in list(self.atlas._entities):
            self.atlas.purge(guid)
        self._hive = Hive(self.atlas)
        self._flows = Flows(self.atlas)
        self._named: dict[str, str] = {}

    def fill(self) -> None:
        """What the first run finds."""
        self._hive.add_database("sales", description="What is sold")
        for name in ("orders", "daily", "customers", "retired"):
            self._table(name, description=f"About {name}", owner="lena.berg")
        self.atlas.classify(self._column("orders", "email"), "PII")
        self.atlas.classify(
            self._at("customers"), "CONFIDENTIAL", {"level": "high", "retention_days": 7}, propagate=False
        )
        self.atlas.tell(self._at("orders"), labels=("nightly",))
        for name in _TOPICS:
            self._named[name] = self.atlas.add(
                "kafka_topic", {"qualifiedName": f"{name}@c", "name": name, "topic": name, "description": f"Our {name}"}
            )
        glossary = Glossary(self.atlas, "Words", shortDescription="Of the shop")
        self._named["Order"] = glossary.term("Order", [self._at("orders")], shortDescription="What is ordered")
        pair = {self._column("daily", "amount"): [self._column("orders", "amount")]}
        self._flow("daily", "insert into daily select sum(amount) from orders", ["orders"], pair)
        self._flow("customers", "insert into customers select * from clicks", ["clicks"])

    def change(self) -> None:
        """What the source does between two runs: something of everything."""
        atlas = self.atlas
        atlas.change(self._at("orders"), description="All that was ordered", owner="omar.haddad")
        atlas.change(self._at("clicks"), description="Whatever is clicked")
        atlas.change(self._column("orders", "id"), comment="Number of the order")
        atlas.change(self._hive.databases["sales"], description="All that is sold")
        atlas.declassify(self._column("orders", "email"), "PII")
        atlas.classify(self._column("orders", "amount"), "PII")
        atlas.declassify(self._at("customers"), "CONFIDENTIAL")
        atlas.classify(self._at("daily"), "OBSOLETE", propagate=False)
        atlas.tell(self._at("orders"), labels=("hourly",))
        atlas.relate("AtlasGlossarySemanticAssignment", self._named["Order"], self._at("daily"))
        atlas.delete(self._named["customers from clicks"])
        self._table("fresh", description="Only just made", owner="lena.berg")
        self._flow("fresh", "insert into fresh select id from customers", ["customers"])
        atlas.delete(self._at("retired"))

    def drop(self, service: str, name: str) -> None:
        """Take a table away for good."""
        assert service == "atlas"
        self.atlas.purge(self._at(name))

    def _table(self, name: str, **attributes: Any) -> None:
        columns = [{"Name": each, "Type": "string"} for each in _COLUMNS[name]]
        self._named[name] = self._hive.add_table("sales", name, columns, **attributes)

    def _flow(self, into: str, query: str, names: Sequence[str], columns: dict[str, list[str]] | None = None) -> None:
        inputs = [self._at(name) for name in names]
        made = self._flows.hive_query(f"sales.{into}", query, inputs, [self._at(into)], columns)
        self._named[f"{into} from {names[0]}"] = made

    def _at(self, name: str) -> str:
        return self._named[name]

    def _column(self, table: str, name: str) -> str:
        return self._hive.columns[f"sales.{table}.{name}"]


class AtlasPeople:
    """What is on the server before the first run, and what people do there between two.

    Args:
        admin: In whose name.
    """

    def __init__(self, admin: OpenMetadataClient) -> None:
        self._admin = admin

    def furnish(self) -> None:
        """The tables and topics of other recipes."""
        self._serve("databaseServices", TABLES, "Hive")
        self._admin.put("/v1/databases", {"name": "db", "service": TABLES})
        self._admin.put("/v1/databaseSchemas", {"name": "sales", "database": DATABASE})
        for name, columns in _COLUMNS.items():
            body = {"name": name, "databaseSchema": SALES, "columns": list(_plain(columns))}
            self._admin.put("/v1/tables", body)
        self._serve("messagingServices", TOPICS, "Kafka")
        for name in _TOPICS:
            self._admin.put("/v1/topics", {"name": name, "service": TOPICS, "partitions": 1})

    def edit(self) -> None:
        """Write words and labels."""
        label = {"tagFQN": "PII.Sensitive", "source": "Classification", "labelType": "Manual", "state": "Confirmed"}
        self._patch("tables", f"{SALES}.customers", ("description", "By hand"), ("tags/0", label))
        self._patch("tables", f"{SALES}.orders", ("columns/1/description", "Where to write to"))
        self._patch("topics", f"{TOPICS}.carts", ("displayName", "What is in carts"))

    def delete(self, fqn: str) -> None:
        """Delete a table or a topic for good."""
        collection = "topics" if fqn.startswith(f"{TOPICS}.") else "tables"
        entity = self._admin.get_by_name(collection, fqn, {"include": "all"})
        self._admin.delete(f"/v1/{collection}/{entity['id']}", {"recursive": "true", "hardDelete": "true"})

    def _serve(self, collection: str, name: str, kind: str) -> None:
        body = {"name": name, "serviceType": kind, "connection": {"config": {"type": kind}}}
        self._admin.put(f"/v1/services/{collection}", body)

    def _patch(self, collection: str, fqn: str, *changes: tuple[str, Any]) -> None:
        stored = self._admin.get(f"{name_path(collection, fqn)}?fields=tags")
        operations = [{"op": "add", "path": f"/{path}", "value": value} for path, value in changes]
        self._admin.patch(f"/v1/{collection}/{stored['id']}", operations)


def _plain(columns: Iterable[str]) -> Iterable[dict[str, str]]:
    return ({"name": name, "dataType": "STRING"} for name in columns)
