"""What people did stays, whatever the source says next; all else follows it."""

from __future__ import annotations

from typing import Any

from ingest_assets.catalog import EntityType
from ingest_assets_tests.contract.openmetadata.ground import Ground
from ingest_assets_tests.ingestion.acts import ACTS, Words, expected, facets, said, state
from ingest_assets_tests.ingestion.lakes import Lake

ROUNDS = 2


def words_on(ground: Ground) -> Words:
    ours, inner, mine = ground.tags("ours", "inner", "mine")
    return Words(ours, inner, mine, dict(ground.user(word) for word in ("ann", "bob", "eve")))


def lake(name: str, number: int, words: Words) -> Lake:
    made = Lake(name)
    for act in ACTS:
        made.put("sales", act, **facets(number, words))
    return made


def stored(ground: Ground, name: str, act: str) -> dict[str, Any]:
    return ground.get(Lake(name).reference("db", "sales", act), "columns", "tags", ground.owners)


def test_what_a_person_did_to_a_table_stays(ground: Ground) -> None:
    name, words = ground.service(EntityType.DATABASE_SERVICE, "lake"), words_on(ground)
    first = ground.run(lake(name, 0, words))
    assert first.failures() == {}
    for each, act in ACTS.items():
        table = stored(ground, name, each)
        assert state(table) == said(0, words), each
        if operations := act.operations(table, words):
            ground.admin.patch(f"/v1/tables/{table['id']}", operations)
    for number in range(1, 1 + ROUNDS):
        assert ground.run(lake(name, number, words)).failures() == {}
        for each, act in ACTS.items():
            assert state(stored(ground, name, each)) == expected(number, act, words), (number, each)
    assert ground.run(lake(name, ROUNDS, words)).requests == {}


def test_without_a_ledger_the_servers_history_tells_whose_words_they_are(ground: Ground) -> None:
    name, words = ground.service(EntityType.DATABASE_SERVICE, "lake"), words_on(ground)
    names = ("description_edited", "column_edited", "column_named", "column_name_removed", "owner_changed", "untouched")
    acts = {each: ACTS[each] for each in names}
    ground.run(lake(name, 0, words))
    for each, act in acts.items():
        table = stored(ground, name, each)
        if operations := act.operations(table, words):
            ground.admin.patch(f"/v1/tables/{table['id']}", operations)
    ground.forget_ledger()
    assert ground.run(lake(name, 1, words)).failures() == {}
    for each, act in acts.items():
        assert state(stored(ground, name, each)) == expected(1, act, words), each
    assert ground.run(lake(name, 1, words)).requests == {}


def test_a_persons_words_on_what_holds_tables_stay(ground: Ground) -> None:
    made = Lake(ground.service(EntityType.DATABASE_SERVICE, "lake"))
    made.put("sales", "orders")
    made.describe("sales", "What is sold")
    ground.run(made)
    database, schema = made.reference("db"), made.reference("db", "sales")
    for holder in (database, schema):
        ground.patch(holder, {"op": "add", "path": "/displayName", "value": "Mine"})
    ground.patch(schema, {"op": "add", "path": "/description", "value": "Mine too"})
    made.describe("sales", "What was sold")
    made.put("sales", "orders", description="New words")
    assert ground.run(made).failures() == {}
    assert [ground.get(holder)["displayName"] for holder in (database, schema)] == ["Mine", "Mine"]
    assert ground.get(schema)["description"] == "Mine too"
    assert ground.get(made.reference("db", "sales", "orders"))["description"] == "New words"
    assert ground.run(made).requests == {}
