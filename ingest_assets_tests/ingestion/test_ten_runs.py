"""What a person did once survives ten runs, in each of which the source says something new; all else follows it."""

from __future__ import annotations

from typing import Any

from ingest_assets.catalog import EntityType
from ingest_assets_tests.ingestion.acts import ACTS, State, Words, expected, facets, said, state
from ingest_assets_tests.ingestion.lakes import Lake
from ingest_assets_tests.ingestion.runs import Place

RUNS = 10


def lake(number: int, words: Words) -> Lake:
    made = Lake()
    for name in ACTS:
        made.put("sales", name, **facets(number, words))
    made.view("sales", "report", "select id from sales.untouched")
    return made


def stored(here: Place, name: str) -> dict[str, Any]:
    owners = "owner" if here.version.startswith("1.0") else "owners"
    return here.table(f"lake.db.sales.{name}", f"{owners},tags,columns")


def state_of(here: Place, name: str) -> State:
    return state(stored(here, name))


def prepare(here: Place) -> Words:
    ours, inner, mine = (here.sandbox.openmetadata.add_tag("Team", name) for name in ("aa", "bb", "mine"))
    tiers = {here.sandbox.openmetadata.add_tag("Tier", f"Tier{number}") for number in (1, 2, 3)}
    assert len(tiers) == 3
    return Words(ours, inner, mine, {name: here.sandbox.openmetadata.add_user(name) for name in ("ann", "bob", "eve")})


def draw_by_hand(here: Place) -> None:
    ends = {
        end: {"id": here.table(f"lake.db.sales.{name}")["id"], "type": "table"}
        for end, name in (("fromEntity", "owner_changed"), ("toEntity", "report"))
    }
    here.admin.put("/v1/lineage", {"edge": {**ends, "lineageDetails": {"sqlQuery": "by hand", "columnsLineage": []}}})


def test_what_a_person_did_survives_ten_runs_and_all_else_follows_the_source(anywhere: Place) -> None:
    words = prepare(anywhere)
    first = anywhere.run(lake(0, words))
    assert not first.failures()
    for name, act in ACTS.items():
        assert state_of(anywhere, name) == said(0, words), name
        operations = act.operations(stored(anywhere, name), words)
        if operations:
            anywhere.admin.patch(f"/v1/tables/{stored(anywhere, name)['id']}", operations)
    draw_by_hand(anywhere)
    anywhere.soft_delete(EntityType.TABLE, "lake.db.sales.name_edited")

    for number in range(1, RUNS + 1):
        report = anywhere.run(lake(number, words), keep_deleted=True)
        assert not report.failures(), number
        for name, act in ACTS.items():
            if name == "name_edited":
                continue
            assert state_of(anywhere, name) == expected(number, act, words), (number, name)
        assert anywhere.table("lake.db.sales.name_edited")["deleted"]
        by_hand = [edge for edge in anywhere.edges_to("lake.db.sales.report") if edge["lineageDetails"]["sqlQuery"]]
        assert "by hand" in {edge["lineageDetails"]["sqlQuery"] for edge in by_hand}

    restored = anywhere.run(lake(RUNS + 1, words))
    assert restored.tables.restored == 1
    assert state_of(anywhere, "name_edited") == expected(RUNS + 1, ACTS["name_edited"], words)
    assert anywhere.run(lake(RUNS + 1, words)).written() == 0
