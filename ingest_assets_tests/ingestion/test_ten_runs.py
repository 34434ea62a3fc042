"""What a person did once survives ten runs, in each of which the source says something new; all else follows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ingest_assets.catalog import EntityType
from ingest_assets_tests.ingestion.lakes import Lake, column
from ingest_assets_tests.ingestion.runs import Place

RUNS = 10
USERS = ("ann", "bob", "eve")

Json = dict[str, Any]
State = dict[str, Any]


class Act(NamedTuple):
    """What a person does to one facet: the operations, and what must stand there from then on."""

    facet: str
    operations: Callable[[Json, dict[str, str]], list[Json]]
    stays: Any


def at(path: str, value: object) -> Callable[[Json, dict[str, str]], list[Json]]:
    return lambda _stored, _users: [{"op": "add", "path": path, "value": value}]


def without(path: str) -> Callable[[Json, dict[str, str]], list[Json]]:
    return lambda _stored, _users: [{"op": "remove", "path": path}]


def label(fqn: str) -> Json:
    return {"tagFQN": fqn, "source": "Classification", "labelType": "Manual", "state": "Confirmed"}


def labelled(holder: str, *fqns: str) -> Callable[[Json, dict[str, str]], list[Json]]:
    return lambda _stored, _users: [{"op": "add", "path": f"{holder}/tags", "value": list(map(label, fqns))}]


def owned_by(name: str | None) -> Callable[[Json, dict[str, str]], list[Json]]:
    def operations(stored: Json, users: dict[str, str]) -> list[Json]:
        one = "owner" in stored
        if name is None:
            return [{"op": "remove", "path": "/owner" if one else "/owners"}]
        reference = {"id": users[name], "type": "user"}
        return [{"op": "add", "path": "/owner", "value": reference}] if one else [
            {"op": "add", "path": "/owners", "value": [reference]}
        ]  # fmt: skip

    return operations


ACTS = {
    "description_edited": Act("description", at("/description", "Mine"), "Mine"),
    "description_removed": Act("description", without("/description"), None),
    "name_edited": Act("displayName", at("/displayName", "My name"), "My name"),
    "name_removed": Act("displayName", without("/displayName"), None),
    "column_edited": Act("id.description", at("/columns/0/description", "My column"), "My column"),
    "column_removed": Act("id.description", without("/columns/0/description"), None),
    "column_named": Act("id.displayName", at("/columns/0/displayName", "Number"), "Number"),
    "tag_added": Act("tags", labelled("", "Team.aa", "Team.mine", "Tier.Tier1"), {"Team.aa", "Team.mine"}),
    "tag_removed": Act("tags", labelled("", "Tier.Tier1"), set()),
    "column_tag_added": Act("id.tags", labelled("/columns/0", "Team.bb", "Team.mine"), {"Team.bb", "Team.mine"}),
    "column_tag_removed": Act("id.tags", labelled("/columns/0"), set()),
    "tier_changed": Act("tier", labelled("", "Team.aa", "Tier.Tier3"), "Tier.Tier3"),
    "tier_removed": Act("tier", labelled("", "Team.aa"), None),
    "owner_changed": Act("owner", owned_by("eve"), "eve"),
    "owner_removed": Act("owner", owned_by(None), None),
    "untouched": Act("", lambda _stored, _users: [], None),
}


def lake(number: int) -> Lake:
    made = Lake()
    for name in ACTS:
        made.put(
            "sales",
            name,
            description=f"Text {number}",
            display_name=f"Name {number}",
            owners=(USERS[number % 2],),
            labels=(("Team.aa",), ("Tier.Tier1",)),
            columns=(
                column("id", description=f"Column {number}", labels=(("Team.bb",),)),
                column("amount", description=f"Amount {number}"),
                column(f"added_{number}"),
            ),
        )
    made.view("sales", "report", "select id from sales.untouched")
    return made


def said(number: int) -> State:
    """What the source says of each table in a run."""
    return {
        "description": f"Text {number}",
        "displayName": f"Name {number}",
        "owner": USERS[number % 2],
        "tags": {"Team.aa"},
        "tier": "Tier.Tier1",
        "id.description": f"Column {number}",
        "id.displayName": None,
        "id.tags": {"Team.bb"},
        "amount.description": f"Amount {number}",
        "columns": ["id", "amount", f"added_{number}"],
    }


def stored(here: Place, name: str) -> Json:
    owners = "owner" if here.version.startswith("1.0") else "owners"
    return here.table(f"lake.db.sales.{name}", f"{owners},tags,columns")


def state(here: Place, name: str) -> State:
    found = stored(here, name)
    tags = {each["tagFQN"] for each in found["tags"]}
    owners = found["owners"] if "owners" in found else [found["owner"]] if "owner" in found else []
    columns = {each["name"]: each for each in found["columns"]}
    return {
        "description": found.get("description"),
        "displayName": found.get("displayName"),
        "owner": owners[0]["name"] if owners else None,
        "tags": {tag for tag in tags if tag.startswith("Team.")},
        "tier": next((tag for tag in tags if tag.startswith("Tier.")), None),
        "id.description": columns["id"].get("description"),
        "id.displayName": columns["id"].get("displayName"),
        "id.tags": {each["tagFQN"] for each in columns["id"].get("tags", ())},
        "amount.description": columns["amount"].get("description"),
        "columns": list(columns),
    }


def prepare(here: Place) -> dict[str, str]:
    known = {here.sandbox.openmetadata.add_tag("Team", name) for name in ("aa", "bb", "mine")}
    known |= {here.sandbox.openmetadata.add_tag("Tier", f"Tier{number}") for number in (1, 2, 3)}
    assert len(known) == 6
    return {name: here.sandbox.openmetadata.add_user(name) for name in USERS}


def draw_by_hand(here: Place) -> None:
    ends = {
        end: {"id": here.table(f"lake.db.sales.{name}")["id"], "type": "table"}
        for end, name in (("fromEntity", "owner_changed"), ("toEntity", "report"))
    }
    here.admin.put("/v1/lineage", {"edge": {**ends, "lineageDetails": {"sqlQuery": "by hand", "columnsLineage": []}}})


def test_what_a_person_did_survives_ten_runs_and_all_else_follows_the_source(anywhere: Place) -> None:
    users = prepare(anywhere)
    first = anywhere.run(lake(0))
    assert not first.failures()
    for name, act in ACTS.items():
        assert state(anywhere, name) == said(0), name
        operations = act.operations(stored(anywhere, name), users)
        if operations:
            anywhere.admin.patch(f"/v1/tables/{stored(anywhere, name)['id']}", operations)
    draw_by_hand(anywhere)
    anywhere.soft_delete(EntityType.TABLE, "lake.db.sales.name_edited")

    for number in range(1, RUNS + 1):
        report = anywhere.run(lake(number), keep_deleted=True)
        assert not report.failures(), number
        for name, act in ACTS.items():
            if name == "name_edited":
                continue
            expected = said(number) | ({act.facet: act.stays} if act.facet else {})
            assert state(anywhere, name) == expected, (number, name)
        assert anywhere.table("lake.db.sales.name_edited")["deleted"]
        by_hand = [edge for edge in anywhere.edges_to("lake.db.sales.report") if edge["lineageDetails"]["sqlQuery"]]
        assert "by hand" in {edge["lineageDetails"]["sqlQuery"] for edge in by_hand}

    restored = anywhere.run(lake(RUNS + 1))
    assert restored.tables.restored == 1
    assert state(anywhere, "name_edited") == said(RUNS + 1) | {"displayName": "My name"}
    assert anywhere.run(lake(RUNS + 1)).written() == 0
