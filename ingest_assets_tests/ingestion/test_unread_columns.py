"""Tables whose columns the source may not show: made with what is known, and never bereft of what is there."""

from __future__ import annotations

from typing import Any

from ingest_assets.catalog import EntityType
from ingest_assets_tests.ingestion.lakes import Lake, column
from ingest_assets_tests.ingestion.runs import Place

LINK = "lake.db.sales.link"
UNREAD: dict[str, Any] = {"columns": (), "unknown": frozenset({"columns"})}


def test_a_table_whose_columns_were_never_seen_arrives_without_them_and_gets_them_later(anywhere: Place) -> None:
    made = Lake("lake")
    made.put("sales", "link", **UNREAD)
    first = anywhere.run(made)
    assert (first.failures(), first.tables.created) == ({}, 1)
    assert anywhere.run(made).written() == 0
    made.put("sales", "link", description="New words", **UNREAD)
    assert anywhere.run(made).failures() == {}
    assert anywhere.table(LINK)["description"] == "New words"
    made.put("sales", "link", columns=(column("id"),))
    later = anywhere.run(made)
    assert (later.failures(), later.tables.updated) == ({}, 1)
    assert [each["name"] for each in anywhere.table(LINK, "columns")["columns"]] == ["id"]
    assert anywhere.run(made).written() == 0


def test_columns_that_may_no_longer_be_seen_stay_with_what_people_wrote_on_them(anywhere: Place) -> None:
    made = Lake("lake")
    made.put("sales", "link", columns=(column("id"),))
    anywhere.run(made)
    path = f"/v1/tables/{anywhere.table(LINK)['id']}"
    anywhere.admin.patch(path, [{"op": "add", "path": "/columns/0/description", "value": "A person's"}])
    made.put("sales", "link", **UNREAD)
    blind = anywhere.run(made, stale_percent=100)
    assert "its columns could not be read" in blind.failures()[LINK]
    assert (blind.written(), blind.stale.removed) == (0, 0)
    stored = anywhere.table(LINK, "columns")["columns"]
    assert [(each["name"], each["description"]) for each in stored] == [("id", "A person's")]
    made.put("sales", "link", columns=(column("id"), column("total")))
    seen = anywhere.run(made)
    assert (seen.failures(), seen.tables.updated) == ({}, 1)
    stored = anywhere.table(LINK, "columns")["columns"]
    assert [(each["name"], each.get("description")) for each in stored] == [("id", "A person's"), ("total", None)]


def test_a_table_that_is_there_unknown_to_us_is_not_emptied(anywhere: Place) -> None:
    made = Lake("lake")
    made.put("sales", "link", columns=(column("id"),))
    anywhere.run(made)
    anywhere.forget_ledger()
    made.put("sales", "link", **UNREAD)
    blind = anywhere.run(made)
    assert LINK in blind.failures()
    assert len(anywhere.get(EntityType.TABLE, LINK, "columns")["columns"]) == 1
