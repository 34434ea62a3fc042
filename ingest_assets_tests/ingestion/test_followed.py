"""The server's state without a listing: ledger and change events, and every reason not to trust them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest_assets.catalog import EntityType
from ingest_assets.openmetadata import state
from ingest_assets_tests.ingestion.beliefs import changed_by_others, listed_because, undated, without_events
from ingest_assets_tests.ingestion.lakes import Lake
from ingest_assets_tests.ingestion.recipes import GlueRecipe
from ingest_assets_tests.ingestion.runs import Place, Steps, place, run_once

TABLES = 200
ORDERS, OLD = "lake.db.sales.orders", "lake.db.sales.old"
SALES = "lake.db.sales"
DAY = 86_400.0


def lake() -> Lake:
    made = Lake()
    made.put("sales", "orders", description="Orders")
    made.put("sales", "old")
    made.put("hr", "people")
    made.view("sales", "top", "select id from sales.orders")
    return made


def listings(here: Place) -> list[str]:
    """Listings of a service's entities since the counts were reset."""
    collections = ("databases", "databaseSchemas", "tables")
    return [name for name in (f"GET /v1/{each}" for each in collections) if here.sandbox.openmetadata.counts[name]]


def edit(here: Place, fqn: str, words: str = "Mine") -> None:
    operations = [{"op": "add", "path": "/description", "value": words}]
    here.admin.patch(f"/v1/tables/{here.table(fqn)['id']}", operations)


def quiet(here: Place, made: Lake | None = None, **settings: object) -> Steps:
    """A run that is told of by events alone, and finds what the one before left."""
    steps = here.run(made or lake(), **settings)
    assert (listed_because(steps), changed_by_others(steps)) == (None, set())
    assert (steps.written(), steps.stale_fqns()) == (0, [])
    return steps


@pytest.mark.parametrize("version", ["1.0.3", "1.5.7", "1.12.4", "2.0.0"])
def test_unchanged_tables_cost_a_handful_of_calls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    """None for each table: these are ten times the calls that are allowed."""
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    with place(tmp_path, version, tables=TABLES) as here:
        recipe = GlueRecipe(here.sandbox, tmp_path, config={"includeOwners": True})
        first = recipe.run()
        assert first.tables.created > TABLES
        fqns = [change.fqn for change in first.tables.changes[:3]]
        here.soft_delete(EntityType.TABLE, fqns[2])
        here.run(lake())  # another service's changes
        here.sandbox.openmetadata.reset_counts()
        second = recipe.run()
        assert (second.tables.restored, second.written()) == (1, 1)
        assert changed_by_others(second) == {f"{fqns[2]} (deleted)"}
        here.soft_delete(EntityType.TABLE, fqns[0])
        edit(here, fqns[1])
        here.soft_delete(EntityType.TABLE, fqns[2])
        table = here.table(fqns[2])
        here.admin.restore("tables", table["id"])
        edit(here, fqns[2])
        here.sandbox.openmetadata.reset_counts()
        third = recipe.run()
        assert sum(here.sandbox.openmetadata.counts.values()) <= 20
        assert listings(here) == []
        assert changed_by_others(third) == {f"{fqns[0]} (deleted)", f"{fqns[1]} (edited)", f"{fqns[2]} (edited)"}
        assert (third.tables.restored, third.written()) == (1, 1)
        here.sandbox.openmetadata.reset_counts()
        assert recipe.run().written() == 0
        assert sum(here.sandbox.openmetadata.counts.values()) <= 10
        assert listings(here) == []


def test_what_we_did_ourselves_is_no_news(anywhere: Place) -> None:
    made = lake()
    anywhere.run(made)
    quiet(anywhere, made)
    made.put("sales", "orders", description="All orders", owners=("lena.berg",))
    made.put("sales", "new")
    del made.tables["db", "sales", "old"]
    made.drop_schema("hr")
    second = anywhere.run(made, stale_percent=100)
    assert (second.tables.updated, second.tables.created, second.stale.removed) == (1, 1, 2)
    quiet(anywhere, made)
    made.put("sales", "old")
    made.put("hr", "people")
    third = anywhere.run(made)
    assert (third.schemas.restored, third.tables.restored) == (1, 2)
    quiet(anywhere, made)


@pytest.mark.parametrize("kind", [EntityType.DATABASE_SERVICE, EntityType.DATABASE, EntityType.SCHEMA])
def test_what_is_done_to_a_parent_is_done_to_all_below_it(anywhere: Place, kind: EntityType) -> None:
    """One event, for the parent only."""
    anywhere.run(lake())
    fqn = {EntityType.DATABASE_SERVICE: "lake", EntityType.DATABASE: "lake.db", EntityType.SCHEMA: SALES}[kind]
    anywhere.soft_delete(kind, fqn)
    second = anywhere.run(lake(), dry_run=True)
    below = {f"{each} (deleted)" for each in (SALES, ORDERS, OLD, "lake.db.sales.top")}
    assert below <= changed_by_others(second)
    assert (listed_because(second), second.tables.restored) == (None, 3 if kind is EntityType.SCHEMA else 4)
    collection = {EntityType.DATABASE_SERVICE: "services/databaseServices", EntityType.DATABASE: "databases"}
    anywhere.admin.restore(collection.get(kind, "databaseSchemas"), anywhere.get(kind, fqn)["id"])
    third = anywhere.run(lake())
    if anywhere.version.startswith("1.0"):
        # That it was restored goes unseen there. What is written for it changes nothing.
        assert (third.tables.restored, anywhere.table(ORDERS)["version"]) == (second.tables.restored, 0.2)
    else:
        assert (
            third.written(),
            {each.replace("deleted", "restored") for each in below} <= changed_by_others(third),
        ) == (
            0,
            True,
        )
    quiet(anywhere)


def test_a_parent_that_a_put_restores_brings_back_its_children(anywhere: Place) -> None:
    made = lake()
    del made.tables["db", "sales", "old"]
    anywhere.run(lake())
    anywhere.soft_delete(EntityType.TABLE, OLD)
    anywhere.soft_delete(EntityType.SCHEMA, SALES)
    assert anywhere.run(made, dry_run=True).stale_fqns() == [OLD]
    source_hash = (
        {}
        if anywhere.version.startswith("1.0")
        else {"sourceHash": anywhere.get(EntityType.SCHEMA, SALES)["sourceHash"]}
    )
    anywhere.admin.put_entity("databaseSchemas", {"name": "sales", "database": "lake.db", **source_hash})
    second = anywhere.run(made)
    assert (listed_because(second), second.written()) == (None, 0)
    assert changed_by_others(second) == {f"{each} (restored)" for each in (SALES, ORDERS, OLD, "lake.db.sales.top")}
    assert (second.stale_fqns(), second.stale.removed) == ([OLD], 1)
    quiet(anywhere, made)


def test_what_is_deleted_for_good_takes_with_it_all_that_was_below(anywhere: Place) -> None:
    anywhere.run(lake())
    anywhere.soft_delete(EntityType.SCHEMA, SALES, hard=True)
    second = anywhere.run(lake())
    assert f"{ORDERS} (deleted for good)" in changed_by_others(second)
    assert (second.schemas.created, second.tables.created, second.lineage.created) == (1, 3, 1)
    assert listed_because(second) is None
    quiet(anywhere)


def test_other_services_are_not_ours(anywhere: Place) -> None:
    anywhere.run(lake())
    for name in ("lake2", "la"):
        other = Lake(name)
        other.put("sales", "orders")
        anywhere.run(other)
        anywhere.soft_delete(EntityType.TABLE, f"{name}.db.sales.orders")
        anywhere.soft_delete(EntityType.DATABASE_SERVICE, name, hard=name == "la")
    quiet(anywhere)


def pruned(here: Place) -> None:
    here.sandbox.openmetadata.prune_events()


def lost(here: Place) -> None:
    here.forget_ledger()


def ledger_file(here: Place) -> Path:
    (file,) = (here.folder / "store").rglob("ledgers/*.sqlite")
    return file


def cut(here: Place) -> None:
    file = ledger_file(here)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def of_another_format(here: Place) -> None:
    ledger_file(here).write_text("something else altogether", encoding="utf-8")


def many_changes(here: Place) -> None:
    for number in range(4):
        edit(here, "lake.db.hr.people", f"Words {number}")


def broken(kind: str) -> Callable[[Place], None]:
    def breaks(here: Place) -> None:
        here.sandbox.faults.add(kind, service="openmetadata", operation="GET /v1/events", count=None)

    return breaks


REASONS: list[tuple[Callable[[Place], None], str]] = [
    (pruned, "the server no longer has the change events since the last look"),
    (lost, "there is no ledger yet"),
    (cut, "the ledger is damaged"),
    (of_another_format, "the ledger is damaged"),
    (many_changes, "there are more than 12 change events since the last look"),
    (broken("cut"), "the server's change events could not be read (GET"),
    (broken("truncated"), "the server's change events could not be read (GET"),
    (broken("503"), "the server's change events could not be read (GET"),
    (broken("403"), "the server's change events could not be read (GET"),
    (broken("reset-after"), "the server's change events could not be read (GET"),
]


@pytest.mark.parametrize(
    ("anywhere", "harm", "reason"),
    [("1.12.4", *each) for each in REASONS] + [("1.0.3", *each) for each in REASONS[:2]],
    indirect=["anywhere"],
)
def test_what_can_not_be_followed_is_listed_and_said_why(
    anywhere: Place, monkeypatch: pytest.MonkeyPatch, harm: Callable[[Place], None], reason: str
) -> None:
    monkeypatch.setattr(state, "_EVENTS_AT_LEAST", 12)
    monkeypatch.setattr(state, "_EVENTS_PER_ENTITY", 1)
    made = lake()
    anywhere.run(made)
    edit(anywhere, ORDERS)
    quiet_version = anywhere.table(ORDERS)["version"]
    anywhere.soft_delete(EntityType.TABLE, OLD)
    del made.tables["db", "hr", "people"]
    harm(anywhere)
    second = anywhere.run(made)
    assert str(listed_because(second)).startswith(reason)
    assert not any("found otherwise than the" in note for note in second.plan.notes)
    assert second.tables.restored == 1
    assert (anywhere.table(ORDERS)["description"], anywhere.table(ORDERS)["version"]) == ("Mine", quiet_version)
    # What was known of the source's tables is known no more when the ledger is: nothing goes then.
    knows = "ledger" not in reason
    assert (second.stale_fqns(), second.stale.removed) == (["lake.db.hr.people"], int(knows))
    if not knows:
        assert reason in second.stale.notes[0]
    anywhere.sandbox.faults.clear()
    third = anywhere.run(made)
    assert (third.written(), third.stale.removed) == (0, int(not knows))
    quiet(anywhere, made)


def test_a_server_that_does_not_tell_the_time_is_listed_each_time(anywhere: Place) -> None:
    """Without its clock nobody knows which event came before a listing."""
    made = lake()
    anywhere.run(made)
    anywhere.forget_ledger()
    run_once(undated(anywhere.ingestion(made)))
    for _ in range(2):
        again = run_once(undated(anywhere.ingestion(made)))
        assert listed_because(again) == "no change event is known from which on the server could be followed"
        assert again.written() == 0
    assert listed_because(anywhere.run(made)) is not None
    quiet(anywhere)


def test_a_service_that_was_made_anew_voids_what_is_known(anywhere: Place) -> None:
    made = lake()
    anywhere.run(made)
    anywhere.soft_delete(EntityType.DATABASE_SERVICE, "lake", hard=True)
    made.tables.clear()
    made.schemas.clear()
    made.put("sales", "orders", description="Orders")
    other = lake()
    other.put("sales", "by_hand")
    others = anywhere.folder / "others"
    there = Place(anywhere.sandbox, others, anywhere.version, anywhere.clients)
    there.run(other)
    edit(anywhere, ORDERS)
    second = anywhere.run(made)
    assert "is not the one that the ledger was written for" in str(listed_because(second))
    assert (second.stale.removed, len(second.stale_fqns())) == (0, 4)
    assert "is not the one that the ledger was written for" in second.stale.notes[0]
    assert anywhere.table(ORDERS)["description"] == "Mine"
    assert anywhere.run(made, stale_percent=100).stale.removed == 4


def test_what_a_service_of_the_same_name_went_through_is_no_news_of_this_one(anywhere: Place) -> None:
    """Its deletion is an event of the minute before this one was made."""
    anywhere.run(lake())
    anywhere.soft_delete(EntityType.DATABASE_SERVICE, "lake", hard=True)
    anywhere.run(lake())
    quiet(anywhere)


@pytest.mark.parametrize(
    ("period", "after", "lists"),
    [
        ("always", 0.0, True),
        ("daily", 0.9 * DAY, False),
        ("daily", 1.1 * DAY, True),
        ("weekly", 6.9 * DAY, False),
        ("weekly", 7.1 * DAY, True),
        ("weekly", -8 * DAY, True),
        ("monthly", 29 * DAY, False),
        ("monthly", 31 * DAY, True),
        ("never", 4000 * DAY, False),
    ],
)
def test_everything_is_listed_now_and_then_all_the_same(here: Place, period: str, after: float, lists: bool) -> None:
    now = 1_800_000_000.0
    here.run(lake(), clock=lambda: now)
    with without_events(here):
        here.soft_delete(EntityType.TABLE, ORDERS)
    second = here.run(lake(), clock=lambda: now + after, full_listing=period)
    because = f"a full listing is due (full_listing: {period})" if lists else None
    assert (listed_because(second), second.tables.restored) == (because, int(lists))
    assert any(note.startswith("1 entities were found otherwise") for note in second.plan.notes) == lists
    if lists and period != "always":
        assert listed_because(here.run(lake(), clock=lambda: now + after, full_listing=period)) is None


def test_events_of_a_server_that_is_newer_than_known_are_asked_for_once(tmp_path: Path) -> None:
    with place(tmp_path, "2.0.0") as here:
        here.run(lake())
        quiet(here)
        here.sandbox.openmetadata.reset_counts()
        quiet(here)
        assert here.sandbox.openmetadata.counts["GET /v1/events"] == 2
        here.sandbox.faults.add("truncated", service="openmetadata", operation="GET /v1/events", count=None)
        second = here.run(lake())
        assert listed_because(second) == "this server is not known to tell change events"
        assert (second.written(), second.stale_fqns()) == (0, [])
