"""A service that another tool has filled is taken over: nothing twice, nothing lost, people's words stay people's."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from ingest_assets.catalog import EntityType, Reference, Table
from ingest_assets_tests.contract.openmetadata.ground import Ground
from ingest_assets_tests.ingestion.lakes import Lake, column

Json = dict[str, Any]


class OtherTool:
    """Writes with the same bot as openmetadata-ingestion does: an MD5 as sourceHash, display names of columns."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.service = ground.service(EntityType.DATABASE_SERVICE, "lake")
        self.aa, self.bb = ground.tags("aa", "bb")
        self.ann, ann_id = ground.user("ann")
        owner = {"id": ann_id, "type": "user"}
        self.owned: Json = {ground.owners: [owner] if ground.owners == "owners" else owner}
        self.fill()

    def put(self, collection: str, body: Json) -> None:
        if self.ground.capabilities.source_hash and not collection.startswith("services"):
            text = json.dumps(body, sort_keys=True)
            body = {**body, "sourceHash": hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()}
        self.ground.bot.put_entity(collection, body)

    def column(self, name: str, **rest: object) -> Json:
        return {"name": name, "displayName": name, "dataType": "INT", "dataTypeDisplay": "int", **rest}

    def table(self, name: str, *columns: Json, **rest: object) -> None:
        body = {"name": name, "databaseSchema": f"{self.service}.db.sales", "tableType": "External"}
        self.put("tables", {**body, "columns": list(columns), **self.owned, **rest})

    def fill(self) -> None:
        config = {"type": "Glue", "awsConfig": {"awsRegion": "eu-north-1"}}
        service = {"name": self.service, "serviceType": "Glue", "connection": {"config": config}}
        self.put("services/databaseServices", service)
        self.put("databases", {"name": "db", "displayName": "db", "service": self.service})
        self.put("databaseSchemas", {"name": "sales", "displayName": "sales", "database": f"{self.service}.db"})
        home = {**self.column("home", children=[self.column("zip", description="old")]), "dataType": "STRUCT"}
        home["dataTypeDisplay"] = "struct<zip:int>"
        label = {"tagFQN": self.aa, "source": "Classification", "labelType": "Automated", "state": "Confirmed"}
        self.table("orders", self.column("id", description="same"), home, description="old", tags=[label])
        odd = {**self.column("x__reserved__arrow__y"), "displayName": "x>y"}
        self.table("a__reserved__colon__b", odd, displayName="a::b", description="same")
        text = {self.ground.capabilities.schema_definition: "select id from sales.orders"}
        self.table("top", self.column("id"), tableType="View", **text)
        start, end = self.reference("orders"), self.reference("top")
        self.ground.draw(self.ground.bot, start, end, sqlQuery="select id from sales.orders", source="ViewLineage")
        by_hand = self.reference("a::b")
        self.ground.draw(self.ground.bot, by_hand, end, sqlQuery="by hand", source="Manual")

    def reference(self, name: str) -> Reference:
        return Reference(EntityType.TABLE, (self.service, "db", "sales", name))

    def lake(self) -> Lake:
        """What the source says now."""
        made = Lake(self.service)
        home = column("home", "STRUCT", children=(column("zip", description="new"),))
        home = home.model_copy(update={"data_type_display": "struct<zip:int>"})
        columns = (column("id", description="same"), home)
        labels = ((self.aa,), (self.bb,), ("Tier.Tier1",))
        made.put("sales", "orders", columns=columns, description="new", labels=labels, owners=(self.ann,))
        made.put("sales", "a::b", columns=(column("x>y"),), description="same")
        made.view("sales", "top", "select id from sales.orders")
        return made

    def ids(self) -> dict[str, str]:
        return {name: self.ground.get(self.reference(name))["id"] for name in ("orders", "a::b", "top")}

    def texts(self, name: str) -> list[str | None]:
        """Descriptions of a table and of all its columns."""
        table = self.ground.get(self.reference(name), "columns")
        inner = [column for outer in table["columns"] for column in (outer, *outer.get("children", ()))]
        return [each.get("description") for each in (table, *inner)]

    def labels(self) -> set[str]:
        return {each["tagFQN"] for each in self.ground.get(self.reference("orders"), "tags")["tags"]}

    def owner(self) -> str:
        found = self.ground.get(self.reference("orders"), self.ground.owners)[self.ground.owners]
        (one,) = found if isinstance(found, list) else [found]
        return str(one["name"])

    def take_over(self) -> None:
        """A first run of ours, which must find all that is there, and write nothing twice."""
        before = self.ids()
        first = self.ground.run(self.lake())
        failures = first.failures()
        if not self.ground.capabilities.lineage_source:
            # Nothing tells who drew an edge: what differs from ours stays.
            assert "a person drew this edge" in failures.pop(self.ground.fqn(self.reference("top")))
        assert failures == {}
        assert (first.plan.created, first.stale.stale) == (0, 0)
        assert self.ids() == before
        odd = self.ground.get(self.reference("a::b"), "columns")
        assert (odd["displayName"], odd["columns"][0]["displayName"]) == ("a::b", "x>y")
        edges = self.ground.edges_to(self.reference("top"))
        assert edges.keys() == {before["orders"], before["a::b"]}
        assert edges[before["a::b"]]["sqlQuery"] == "by hand"


@pytest.fixture
def filled(ground: Ground) -> OtherTool:
    return OtherTool(ground)


def test_what_the_same_bot_wrote_follows_the_source(ground: Ground, filled: OtherTool) -> None:
    filled.take_over()
    assert filled.texts("orders") == ["new", "same", None, "new"]
    assert filled.labels() == {filled.aa, filled.bb, "Tier.Tier1"}
    assert filled.owner() == filled.ann
    assert ground.run(filled.lake()).requests == {}


def test_what_people_wrote_and_removed_stays(ground: Ground, filled: OtherTool) -> None:
    eve, eve_id = ground.user("eve")
    owner = {"id": eve_id, "type": "user"}
    ground.patch(
        filled.reference("orders"),
        {"op": "add", "path": "/columns/0/description", "value": "Mine"},
        {"op": "add", "path": "/columns/1/children/0/description", "value": "My zip"},
        {"op": "remove", "path": "/tags/0"},
        {"op": "add", "path": f"/{ground.owners}", "value": [owner] if ground.owners == "owners" else owner},
    )
    ground.patch(filled.reference("a::b"), {"op": "remove", "path": "/description"})
    filled.take_over()
    assert filled.texts("orders") == ["new", "Mine", None, "My zip"]
    assert filled.texts("a::b") == [None, None]
    assert filled.labels() == {filled.bb, "Tier.Tier1"}
    assert filled.owner() == eve
    assert ground.run(filled.lake()).requests == {}


def test_what_the_other_tool_knew_and_the_source_does_not_goes_with_the_second_run(
    ground: Ground, filled: OtherTool
) -> None:
    filled.table("gone", filled.column("id"))
    made, gone = filled.lake(), filled.reference("gone")
    assert (ground.run(made).stale.removed, ground.get(gone)["deleted"]) == (0, False)
    assert ground.run(made).removed() == [ground.fqn(gone)]
    assert ground.get(gone)["deleted"]
    assert not any(ground.get(each)["deleted"] for each in made.tables.values() if isinstance(each, Table))
    assert ground.run(made).requests == {}
