"""What people do where a merge is not simple: twins among columns, strangers as owners, edits in the midst of a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ingest_assets.catalog import EntityType, Schema
from ingest_assets.ingestion.ingestion import Ingestion
from ingest_assets_tests.ingestion.lakes import Lake, column
from ingest_assets_tests.ingestion.runs import RUN_IDS, Place

ORDERS = "lake.db.sales.orders"
KINDS = (EntityType.DATABASE, EntityType.SCHEMA, EntityType.TABLE)

Json = dict[str, Any]


def patch(here: Place, fqn: str, *operations: Json) -> None:
    here.admin.patch(f"/v1/tables/{here.table(fqn)['id']}", operations)


def add(path: str, value: object) -> Json:
    return {"op": "add", "path": path, "value": value}


def label(fqn: str) -> Json:
    return {"tagFQN": fqn, "source": "Classification", "labelType": "Manual", "state": "Confirmed"}


def owners(here: Place, fqn: str = ORDERS) -> list[str]:
    field = "owner" if here.version.startswith("1.0") else "owners"
    found = here.table(fqn, field).get(field, [])
    return [each["name"] for each in (found if isinstance(found, list) else [found])]


def run_with(ingestion: Ingestion, at: EntityType, act: Callable[[], None]) -> dict[str, str]:
    """A run in which a person acts between the plan and the publishing of a type; what failed."""
    run_id = next(RUN_IDS)
    failures: dict[str, str] = {}
    try:
        ingestion.snapshot(run_id, last_attempt=True)
        ingestion.plan(run_id)
        for kind in KINDS:
            if kind is at:
                act()
            failures |= {problem.fqn: problem.reason for problem in ingestion.publish(run_id, kind).problems}
        ingestion.lineage(run_id)
        ingestion.stale(run_id)
    finally:
        ingestion.close()
    return failures


def twins(number: int) -> Lake:
    made = Lake()
    inner = (column("zip"), column("ZIP", description=f"ZIP {number}"))
    columns = (
        column("ID", description=f"ID {number}"),
        column("id", description=f"id {number}"),
        column("home", "STRUCT", children=inner),
        column(f"added_{number}"),
    )
    made.put("sales", "orders", description=f"Orders {number}", columns=columns, file_format="csv")
    return made


def test_columns_that_differ_by_case_only_keep_what_is_theirs(anywhere: Place) -> None:
    """A server that is put such columns gives the second the first one's words and labels."""
    anywhere.sandbox.openmetadata.add_tag("Team", "mine")
    anywhere.run(twins(0))
    patch(anywhere, ORDERS, add("/columns/0/description", "Mine"), add("/columns/0/tags", [label("Team.mine")]))
    patch(anywhere, ORDERS, add("/columns/2/children/0/description", "My zip"), add("/displayName", "My orders"))
    for number in range(1, 4):
        report = anywhere.run(twins(number))
        assert (report.failures(), report.tables.updated) == ({}, 1)
        table = anywhere.table(ORDERS, "columns,tags")
        upper, lower, home, added = table["columns"]
        assert (upper["description"], [each["tagFQN"] for each in upper["tags"]]) == ("Mine", ["Team.mine"])
        assert (lower["description"], lower.get("tags", [])) == (f"id {number}", [])
        assert [each.get("description") for each in home["children"]] == ["My zip", f"ZIP {number}"]
        assert added["name"] == f"added_{number}"
        assert (table["description"], table["displayName"]) == (f"Orders {number}", "My orders")
        assert anywhere.run(twins(number)).written() == 0


def test_a_twin_that_comes_or_goes_takes_nothing_of_the_other(anywhere: Place) -> None:
    made = Lake()
    made.put("sales", "orders", columns=(column("ID"), column("id", description="ours")))
    alone = Lake()
    alone.put("sales", "orders", columns=(column("id", description="ours"),))
    anywhere.run(alone)
    patch(anywhere, ORDERS, add("/columns/0/displayName", "Mine"))
    anywhere.run(made)
    upper, lower = anywhere.table(ORDERS)["columns"]
    assert (upper.get("displayName"), lower["displayName"]) == (None, "Mine")
    assert (upper.get("description"), lower["description"]) == (None, "ours")
    patch(anywhere, ORDERS, add("/columns/0/description", "of the other"))
    anywhere.run(alone)
    (lower,) = anywhere.table(ORDERS)["columns"]
    assert (lower["name"], lower["displayName"], lower["description"]) == ("id", "Mine", "ours")


def test_the_text_of_a_view_that_is_not_shown_to_us_any_more_stays(anywhere: Place) -> None:
    text = "viewDefinition" if anywhere.version.startswith("1.0") else "schemaDefinition"
    made = Lake()
    made.put("sales", "orders")
    made.view("sales", "top", "select id from sales.orders")
    anywhere.run(made)
    for columns in ((column("id"), column("new")), (column("id"), column("newer"))):
        made.put("sales", "top", table_type="View", columns=columns, unknown=frozenset({"sql"}))
        report = anywhere.run(made)
        assert report.tables.updated == 1
        assert anywhere.table("lake.db.sales.top", text)[text] == "select id from sales.orders"
        assert len(anywhere.edges_to("lake.db.sales.top")) == 1
    made.put("sales", "top", table_type="View", columns=columns)
    anywhere.run(made)
    assert text not in anywhere.table("lake.db.sales.top", text)
    assert anywhere.edges_to("lake.db.sales.top") == []


def test_owners_that_are_strangers_or_no_longer_asked_for_change_nothing(anywhere: Place) -> None:
    ann = anywhere.sandbox.openmetadata.add_user("ann")
    eve = anywhere.sandbox.openmetadata.add_user("eve")
    made = Lake()

    def run(*, owned_by: tuple[str, ...] | None, text: str) -> list[str]:
        made.put("sales", "orders", owners=owned_by, description=text)
        assert not anywhere.run(made).failures()
        assert anywhere.run(made).written() == 0
        return owners(anywhere)

    assert run(owned_by=("stranger",), text="0") == []
    assert run(owned_by=("ann",), text="1") == ["ann"]
    assert run(owned_by=("stranger",), text="2") == ["ann"]
    assert run(owned_by=None, text="3") == ["ann"]
    assert run(owned_by=("eve",), text="4") == ["eve"]
    assert run(owned_by=None, text="5") == ["eve"]
    assert run(owned_by=(), text="6") == []
    reference = {"id": ann, "type": "user"}
    one = anywhere.version.startswith("1.0")
    patch(anywhere, ORDERS, add("/owner", reference) if one else add("/owners", [reference]))
    assert run(owned_by=None, text="7") == ["ann"]
    assert run(owned_by=("eve",), text="8") == ["ann"]
    patch(anywhere, ORDERS, {"op": "remove", "path": "/owner" if one else "/owners"})
    assert run(owned_by=("eve",), text="9") == []
    assert eve


def test_owners_of_a_schema_are_not_taken_for_its_tables(here: Place) -> None:
    ann = here.sandbox.openmetadata.add_user("ann")
    here.sandbox.openmetadata.add_user("eve")
    made = Lake()
    made.put("sales", "orders", owners=())
    here.run(made)
    schema = here.get(EntityType.SCHEMA, "lake.db.sales")
    here.admin.patch(f"/v1/databaseSchemas/{schema['id']}", [add("/owners", [{"id": ann, "type": "user"}])])
    made.put("sales", "orders", owners=(), description="new")
    assert not here.run(made).failures()
    (owner,) = here.table(ORDERS, "owners")["owners"]
    assert (owner["name"], owner["inherited"]) == ("ann", True)
    made.put("sales", "orders", owners=("eve",), description="new")
    here.run(made)
    assert owners(here) == ["eve"]


def test_an_altered_name_shows_the_sources_spelling_until_a_person_names_it(anywhere: Place) -> None:
    fqn = "lake.db.sales.a__reserved__arrow__b"
    made = Lake()
    for number in range(4):
        made.put("sales", "a>b", description=str(number), columns=(column("x>y", description=str(number)),))
        anywhere.run(made)
        table = anywhere.table(fqn)
        named = ("Mine", "My column") if number > 1 else ("a>b", "x>y")
        assert (table["displayName"], table["columns"][0]["displayName"]) == named
        assert (table["description"], table["columns"][0]["description"]) == (str(number), str(number))
        if number == 1:
            patch(anywhere, fqn, add("/displayName", "Mine"), add("/columns/0/displayName", "My column"))


@pytest.mark.parametrize("displayed", [None, "Mine"])
def test_what_a_server_does_not_compare_arrives_and_leaves_names_alone(anywhere: Place, displayed: str | None) -> None:
    """1.0 stores a change of these with another change only; 1.2 and later have the sourceHash."""
    text = "viewDefinition" if anywhere.version.startswith("1.0") else "schemaDefinition"
    made = Lake()

    def say(sql: str, by: str, display: str) -> None:
        columns = (column("id"), column("day"), column("home", "STRUCT", children=(column("zip"),)))
        home = columns[2].model_copy(update={"data_type_display": display})
        partitions = ({"column": by, "interval_type": "COLUMN-VALUE"},)
        made.view("sales", "top", sql, columns=(*columns[:2], home), partitions=partitions)

    say("select 1", "id", "struct<zip:int>")
    anywhere.run(made)
    if displayed:
        patch(anywhere, "lake.db.sales.top", add("/displayName", displayed))
    for sql, by, display in [
        ("select 2", "id", "struct<zip:int>"),
        ("select 2", "day", "struct<zip:int>"),
        ("select 2", "day", "STRUCT<zip: int>"),
        ("select 3", "id", "struct<zip:int>"),
    ]:
        say(sql, by, display)
        report = anywhere.run(made)
        assert (report.failures(), report.tables.updated) == ({}, 1)
        table = anywhere.table("lake.db.sales.top", f"{text},tablePartition,columns")
        partition = table["tablePartition"]["columns"][0]
        assert (table[text], table["columns"][2]["dataTypeDisplay"]) == (sql, display.lower())
        assert (partition["columnName"] if isinstance(partition, dict) else partition) == by
        assert (table["tableType"], table.get("displayName")) == ("View", displayed)
        assert anywhere.run(made).written() == 0


def test_a_patch_that_changes_nothing_else_is_not_made(anywhere: Place) -> None:
    made = Lake()
    made.put("sales", "orders", columns=(column("home", "STRUCT", children=(column("Zip", "VARCHAR"),)),))
    anywhere.run(made)
    made.put("sales", "orders", description="new", columns=made.tables["db", "sales", "orders"].columns)  # type: ignore[union-attr]
    anywhere.sandbox.openmetadata.reset_counts()
    anywhere.run(made)
    assert not [name for name in anywhere.writes() if name.startswith("PATCH")]


@pytest.mark.parametrize("keep_deleted", [True, False])
@pytest.mark.parametrize("hard", [True, False])
def test_a_table_that_a_person_deletes_while_a_run_is_under_way_is_left_to_the_next(
    anywhere: Place, *, hard: bool, keep_deleted: bool
) -> None:
    made = Lake()
    made.put("sales", "orders", description="old")
    anywhere.run(made)
    made.put("sales", "orders", description="new")
    failures = run_with(
        anywhere.ingestion(made, keep_deleted=keep_deleted),
        EntityType.TABLE,
        lambda: anywhere.soft_delete(EntityType.TABLE, ORDERS, hard=hard),
    )
    assert "deleted in OpenMetadata after this was planned" in failures[ORDERS]
    report = anywhere.run(made, keep_deleted=keep_deleted)
    assert not report.failures()
    if keep_deleted:
        assert report.tables.filtered == 1
    else:
        assert report.written() == 1
        assert anywhere.table(ORDERS)["description"] == "new"


def test_what_a_person_writes_between_two_steps_stays(anywhere: Place) -> None:
    made = Lake()
    made.put("sales", "orders", description="old", columns=(column("id", description="old"),))
    made.describe("sales", "old")
    anywhere.run(made)
    made.put("sales", "orders", description="new", columns=(column("id", description="new"),))
    made.schemas["db", "sales"] = Schema(path=("lake", "db", "sales"), description="new")

    def act() -> None:
        patch(anywhere, ORDERS, add("/columns/0/description", "Mine"), {"op": "remove", "path": "/description"})
        schema = anywhere.get(EntityType.SCHEMA, "lake.db.sales")
        anywhere.admin.patch(f"/v1/databaseSchemas/{schema['id']}", [add("/description", "Mine")])

    assert run_with(anywhere.ingestion(made), EntityType.SCHEMA, act) == {}
    table = anywhere.table(ORDERS)
    assert (table.get("description"), table["columns"][0]["description"]) == (None, "Mine")
    assert anywhere.get(EntityType.SCHEMA, "lake.db.sales")["description"] == "Mine"
    assert anywhere.run(made).written() == 0


def test_a_tag_that_excludes_ours_does_not_refuse_the_table(anywhere: Place) -> None:
    level = {"name": "Level", "description": "x", "mutuallyExclusive": True}
    anywhere.admin.put("/v1/classifications", level)
    for name in ("high", "low"):
        anywhere.admin.put("/v1/tags", {"classification": "Level", "name": name, "description": "x"})
    made = Lake()
    made.put("sales", "orders", labels=(("Level.low",),))
    anywhere.run(made)
    patch(anywhere, ORDERS, add("/tags", [label("Level.high")]))
    made.put("sales", "orders", labels=(("Level.low",),), description="new")
    assert not anywhere.run(made).failures()
    table = anywhere.table(ORDERS, "tags")
    assert ([each["tagFQN"] for each in table["tags"]], table["description"]) == (["Level.high"], "new")
