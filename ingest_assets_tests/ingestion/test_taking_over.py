"""A service that another tool has filled is taken over: nothing twice, nothing lost, people's words stay people's."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from ingest_assets.catalog import EntityType
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets_tests.ingestion.lakes import Lake, column
from ingest_assets_tests.ingestion.runs import RUN_IDS, Place, Steps

ORDERS = "lake.db.sales.orders"
ODD = "lake.db.sales.a__reserved__colon__b"
TOP = "lake.db.sales.top"

Json = dict[str, Any]


def label(fqn: str, kind: str = "Automated") -> Json:
    return {"tagFQN": fqn, "source": "Classification", "labelType": kind, "state": "Confirmed"}


def add(path: str, value: object) -> Json:
    return {"op": "add", "path": path, "value": value}


@dataclass
class OtherTool:
    """Writes as openmetadata-ingestion does: an MD5 as sourceHash, a display name with each column."""

    here: Place
    client: OpenMetadataClient
    owner: Json | None = None
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def old(self) -> bool:
        return self.here.version.startswith("1.0")

    def put(self, collection: str, body: Json) -> None:
        if not self.old and not collection.startswith("services"):
            text = json.dumps(body, sort_keys=True)
            body = {**body, "sourceHash": hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()}
        made = self.client.put_entity(collection, body).entity
        self.ids[made["fullyQualifiedName"]] = made["id"]

    def column(self, name: str, **rest: object) -> Json:
        return {"name": name, "displayName": name, "dataType": "INT", "dataTypeDisplay": "int", **rest}

    def table(self, name: str, *columns: Json, **rest: object) -> None:
        owner = [] if self.owner is None else [("owner", self.owner) if self.old else ("owners", [self.owner])]
        body = {"name": name, "databaseSchema": "lake.db.sales", "tableType": "External", "columns": columns}
        self.put("tables", {**body, **rest, **dict(owner)})

    def fill(self) -> None:
        config = {"type": "Glue", "awsConfig": {"awsRegion": "eu-north-1"}}
        service = {"name": "lake", "serviceType": "Glue", "connection": {"config": config}}
        self.put("services/databaseServices", service)
        self.put("databases", {"name": "db", "displayName": "db", "service": "lake"})
        self.put("databaseSchemas", {"name": "sales", "displayName": "sales", "database": "lake.db"})
        inner = self.column("zip", description="old")
        home = {**self.column("home", children=[inner]), "dataType": "STRUCT", "dataTypeDisplay": "struct<zip:int>"}
        self.table("orders", self.column("id", description="same"), home, description="old", tags=[label("Team.aa")])
        odd = {**self.column("x__reserved__arrow__y"), "displayName": "x>y"}
        self.table("a__reserved__colon__b", odd, displayName="a::b", description="same")
        sql = {"viewDefinition" if self.old else "schemaDefinition": "select id from sales.orders"}
        self.table("top", self.column("id"), tableType="View", **sql)
        self.draw("orders", "top", sqlQuery="select id from sales.orders", source="ViewLineage")
        self.draw("a__reserved__colon__b", "top", sqlQuery="by hand", source="Manual")

    def draw(self, start: str, end: str, **details: object) -> None:
        if self.old:
            del details["source"]
        ends = {
            key: {"id": self.ids[f"lake.db.sales.{name}"], "type": "table"}
            for key, name in (("fromEntity", start), ("toEntity", end))
        }
        self.client.put_lineage({"edge": {**ends, "lineageDetails": {"columnsLineage": [], **details}}})


def lake() -> Lake:
    made = Lake()
    home = column("home", "STRUCT", children=(column("zip", description="new"),))
    home = home.model_copy(update={"data_type_display": "struct<zip:int>"})
    columns = (column("id", description="same"), home)
    labels = (("Team.aa",), ("Team.bb",), ("Tier.Tier1",))
    made.put("sales", "orders", columns=columns, description="new", labels=labels, owners=("ann",))
    made.put("sales", "a::b", columns=(column("x>y"),), description="same")
    made.view("sales", "top", "select id from sales.orders")
    return made


@pytest.fixture
def filled(anywhere: Place) -> OtherTool:
    """The bot has filled the service, and owns nothing of it."""
    for name in ("aa", "bb"):
        anywhere.sandbox.openmetadata.add_tag("Team", name)
    ann = anywhere.sandbox.openmetadata.add_user("ann")
    made = OtherTool(anywhere, anywhere.client(anywhere.sandbox.bot_token), {"id": ann, "type": "user"})
    made.fill()
    return made


def texts(here: Place, fqn: str) -> list[str | None]:
    """Descriptions of a table and of all its columns."""
    table = here.table(fqn)
    inner = [column for outer in table["columns"] for column in (outer, *outer.get("children", ()))]
    return [each.get("description") for each in (table, *inner)]


def tags(here: Place, fqn: str) -> set[str]:
    return {each["tagFQN"] for each in here.table(fqn, "tags")["tags"]}


def owners(here: Place) -> list[str]:
    field_name = "owner" if here.version.startswith("1.0") else "owners"
    found = here.table(ORDERS, field_name).get(field_name, [])
    return [each["name"] for each in (found if isinstance(found, list) else [found])]


def assert_all_arrived(filled: OtherTool, first: Steps) -> None:
    """Before 1.2 nothing tells who drew an edge: what differs from ours stays."""
    failures = first.failures()
    if filled.old:
        assert "a person drew this edge" in failures.pop(TOP)
    assert failures == {}


def assert_nothing_twice(filled: OtherTool) -> None:
    here = filled.here
    listed = [row["fullyQualifiedName"] for row in here.admin.list("tables", {"include": "all"})]
    assert sorted(listed) == sorted([ORDERS, ODD, TOP])
    for fqn in listed:
        assert here.table(fqn)["id"] == filled.ids[fqn]
    assert here.table(ODD)["displayName"] == "a::b"
    assert here.table(ODD)["columns"][0]["displayName"] == "x>y"
    sources = {edge["fromEntity"]: edge["lineageDetails"] for edge in here.edges_to(TOP)}
    assert sources.keys() == {filled.ids[ORDERS], filled.ids[ODD]}
    assert sources[filled.ids[ODD]]["sqlQuery"] == "by hand"


def test_what_the_same_bot_wrote_follows_the_source(filled: OtherTool) -> None:
    here = filled.here
    first = here.run(lake())
    assert_all_arrived(filled, first)
    assert (first.plan.created, first.stale.removed) == (0, 0)
    assert_nothing_twice(filled)
    assert texts(here, ORDERS) == ["new", "same", None, "new"]
    assert tags(here, ORDERS) == {"Team.aa", "Team.bb", "Tier.Tier1"}
    assert owners(here) == ["ann"]
    assert here.run(lake()).written() == 0


def test_what_people_wrote_and_removed_stays(filled: OtherTool) -> None:
    here = filled.here
    eve = {"id": here.sandbox.openmetadata.add_user("eve"), "type": "user"}
    path = f"/v1/tables/{filled.ids[ORDERS]}"
    here.admin.patch(path, [add("/tags", [label("Team.bb", "Manual")]), add("/columns/0/description", "Mine")])
    here.admin.patch(path, [add("/tags", []), add("/columns/1/children/0/description", "My zip")])
    here.admin.patch(path, [add("/owner", eve) if filled.old else add("/owners", [eve])])
    here.admin.patch(f"/v1/tables/{filled.ids[ODD]}", [{"op": "remove", "path": "/description"}])
    first = here.run(lake())
    assert_all_arrived(filled, first)
    assert_nothing_twice(filled)
    assert texts(here, ORDERS) == ["new", "Mine", None, "My zip"]
    assert texts(here, ODD) == [None, None]
    # What one person set and removed within ten minutes has left no trace from 1.2 on.
    assert tags(here, ORDERS) == ({"Tier.Tier1"} if filled.old else {"Team.bb", "Tier.Tier1"})
    assert owners(here) == ["eve"]
    assert here.run(lake()).written() == 0


def test_what_an_admin_wrote_is_a_persons_whatever_tool_he_used(filled: OtherTool) -> None:
    here = filled.here
    OtherTool(here, here.admin, filled.owner).table(
        "orders", filled.column("id", description="of an admin"), description="of an admin", tags=[label("Tier.Tier2")]
    )
    first = here.run(lake())
    assert_all_arrived(filled, first)
    table = here.table(ORDERS)
    assert (table["description"], table["columns"][0]["description"]) == ("of an admin", "of an admin")
    assert [each["name"] for each in table["columns"]] == ["id", "home"]
    assert tags(here, ORDERS) == {"Team.aa", "Team.bb", "Tier.Tier2"}
    assert any("are people's and stay" in note for note in first.plan.notes)
    assert here.run(lake()).written() == 0


def test_a_plan_alone_says_what_would_change_and_writes_nothing(filled: OtherTool) -> None:
    here = filled.here
    here.admin.patch(f"/v1/tables/{filled.ids[ORDERS]}", [add("/columns/0/description", "Mine")])
    here.sandbox.openmetadata.reset_counts()
    ingestion, run_id = here.ingestion(lake()), next(RUN_IDS)
    try:
        ingestion.snapshot(run_id, last_attempt=True)
        report = ingestion.plan(run_id)
    finally:
        ingestion.close()
    assert here.writes() == []
    assert (report.created, report.updated, report.stale) == (0, 5, 0)
    (change,) = [change for change in report.changes if change.fqn == ORDERS]
    assert change.why == (
        "changed: description, home.zip.description, tags.Team.bb, tags.Tier.Tier1; "
        "stays as people set it: id.description"
    )
    assert any("2 were written by this bot and follow the source; 1 are people's" in note for note in report.notes)


def test_a_table_that_needs_no_history_is_taken_over_without_it(filled: OtherTool) -> None:
    """Where the other tool said the same, its display names of columns cost no request a table."""
    here = filled.here
    made = Lake()
    made.put("sales", "a::b", columns=(column("x>y"),), description="same")
    here.sandbox.openmetadata.reset_counts()
    here.run(made)
    assert here.sandbox.openmetadata.counts["GET /v1/tables/{id}/versions"] == 0


def test_what_the_history_does_not_tell_brings_no_labels(here: Place) -> None:
    """An undone session leaves a version that tells of no author."""
    here.sandbox.openmetadata.add_tag("Team", "aa")
    made = Lake()
    made.put("sales", "orders", labels=())
    here.run(made)
    path = f"/v1/tables/{here.table(ORDERS)['id']}"
    for name in ("one", None):
        here.admin.patch(path, [add("/displayName", "0")])
        here.admin.patch(path, [add("/displayName", name)])
    here.forget_ledger()
    made.put("sales", "orders", labels=(("Team.aa",),), columns=(column("id"), column("new")))
    here.run(made)
    assert [each["name"] for each in here.table(ORDERS)["columns"]] == ["id", "new"]
    assert tags(here, ORDERS) == set()


@pytest.mark.parametrize("removed_by_us", [True, False])
def test_a_deleted_table_that_the_ledger_does_not_know_is_taken_over_too(anywhere: Place, removed_by_us: bool) -> None:
    made = Lake()
    made.put("sales", "orders", description="old", columns=(column("id", description="old"),))
    made.put("sales", "other")
    anywhere.run(made)
    anywhere.admin.patch(f"/v1/tables/{anywhere.table(ORDERS)['id']}", [add("/columns/0/description", "Mine")])
    if removed_by_us:
        gone = Lake()
        gone.put("sales", "other")
        anywhere.run(gone)
    else:
        anywhere.soft_delete(EntityType.TABLE, ORDERS)
    anywhere.forget_ledger()
    made.put("sales", "orders", description="new", columns=(column("id", description="new"),))
    report = anywhere.run(made)
    assert (report.failures(), report.tables.restored) == ({}, 1)
    assert texts(anywhere, ORDERS) == ["new", "Mine"]
