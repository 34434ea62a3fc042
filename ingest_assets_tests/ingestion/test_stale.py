"""What is shown as stale, and what never is."""

from __future__ import annotations

from collections import Counter

import pytest

from ingest_assets.catalog import EntityType, Failed, Reference
from ingest_assets.errors import PermissionDeniedError, UnavailableError
from ingest_assets_tests.ingestion.lakes import Lake
from ingest_assets_tests.ingestion.runs import Place

TABLES_ONLY = frozenset({EntityType.TABLE})


def lake() -> Lake:
    made = Lake()
    for schema in ("sales", "hr"):
        for name in ("a", "b"):
            made.put(schema, name)
    return made


def test_a_dropped_table_is_removed_softly_and_nothing_else(anywhere: Place) -> None:
    made = lake()
    anywhere.run(made)
    del made.tables["db", "sales", "a"]
    anywhere.sandbox.openmetadata.reset_counts()
    second = anywhere.run(made)
    assert second.stale_fqns() == ["lake.db.sales.a"]
    assert (second.tables.stale, second.stale.removed) == (1, 1)
    assert second.written() == 0
    assert anywhere.table("lake.db.sales.a")["deleted"]
    assert anywhere.writes() == ["DELETE /v1/tables/{id}"]
    assert made.asked == Counter({made.reference("db", "sales", "a"): 1})
    third = anywhere.run(made)
    assert (third.stale_fqns(), third.written()) == ([], 0)


def test_nothing_is_stale_beside_something_whose_name_is_not_known(here: Place) -> None:
    """It may be the very table that seems to be gone."""
    made = lake()
    here.run(made)
    for schema in ("sales", "hr"):
        del made.tables["db", schema, "a"]
    reference = Reference(EntityType.TABLE, (made.name, "db", "sales", "(without a name)"))
    made.tables["db", "sales", "?"] = Failed(reference=reference, step="read", reason="no Name", named=False)
    assert here.run(made).stale_fqns() == ["lake.db.hr.a"]


def test_a_dropped_schema_is_stale_if_schemas_are_to_be_marked(anywhere: Place) -> None:
    made = lake()
    anywhere.run(made)
    made.drop_schema("sales")
    tables = ["lake.db.sales.a", "lake.db.sales.b"]
    assert anywhere.run(made, mark_deleted=TABLES_ONLY, dry_run=True).stale_fqns() == tables
    assert anywhere.run(made).stale_fqns() == ["lake.db.sales"]
    assert anywhere.get(EntityType.SCHEMA, "lake.db.sales")["deleted"]
    assert anywhere.table("lake.db.sales.a")["deleted"]


def test_a_database_that_is_not_listed_any_more_is_stale_if_asked_for(here: Place) -> None:
    made = lake()
    made.put("s", "t", database="other")
    here.run(made)
    del made.databases["other"]
    assert here.run(made, mark_deleted=frozenset(), dry_run=True).stale_fqns() == []
    # What was in it is gone as well.
    assert here.run(made, mark_deleted=TABLES_ONLY, dry_run=True).stale_fqns() == ["lake.other.s.t"]
    assert here.run(made).stale_fqns() == ["lake.other"]


def test_nothing_is_stale_that_markdeleted_does_not_name(here: Place) -> None:
    made = lake()
    here.run(made)
    del made.tables["db", "sales", "a"]
    assert here.run(made, mark_deleted=frozenset()).stale_fqns() == []


def test_what_is_filtered_or_failed_is_not_stale(here: Place) -> None:
    made = lake()
    here.run(made)
    made.filter("sales", "a")
    made.fail("hr", "b")
    second = here.run(made)
    assert (second.tables.filtered, second.tables.failed, second.tables.unchanged) == (1, 1, 2)
    assert second.stale_fqns() == []
    assert second.failures() == {"lake.db.hr.b": "read: no columns"}


def test_what_may_be_in_a_part_that_was_not_looked_into_is_not_stale(anywhere: Place) -> None:
    made = lake()
    for name in ("x:1", "x:2", "y:1", "xylophone", 'x:"quoted".dot'):
        made.put("sales", name)
    made.put("hr", "x:1")
    anywhere.run(made)
    for schema, name in [key[1:] for key in made.tables if key[2] not in {"a", "b"}]:
        del made.tables["db", schema, name]
    made.unlisted[made.scope("db", "sales")] = ("x:", "z:")
    second = anywhere.run(made, stale_percent=100)
    assert [fqn.replace("::", ":") for fqn in second.stale_fqns()] == [
        "lake.db.hr.x:1",
        "lake.db.sales.xylophone",
        "lake.db.sales.y:1",
    ]
    assert second.tables.listed == 4
    made.unlisted.clear()
    third = anywhere.run(made, stale_percent=100)
    assert len(third.stale_fqns()) == 3


@pytest.mark.parametrize("error", [PermissionDeniedError, UnavailableError])
def test_nothing_of_a_listing_that_failed_is_stale(here: Place, error: type[UnavailableError]) -> None:
    made = lake()
    here.run(made)
    del made.tables["db", "sales", "a"]
    del made.tables["db", "hr", "a"]
    made.failing[made.scope("db", "sales")] = error("broke off", where="sales")
    second = here.run(made)
    assert second.stale_fqns() == ["lake.db.hr.a"]
    assert second.failures() == {"lake / db / sales": "sales: broke off."}
    assert second.tables.listed == 1


def test_schemas_of_a_listing_that_failed_stay_and_their_tables_are_still_read(here: Place) -> None:
    made = lake()
    here.run(made)
    made.drop_schema("hr")
    made.failing[made.scope("db")] = UnavailableError("broke off", where="schemas")
    second = here.run(made)
    assert second.stale_fqns() == []
    assert second.written() == 0


def test_a_scope_that_never_was_read_whole_is_not_written(here: Place) -> None:
    made = lake()
    made.failing[made.scope("db", "sales")] = PermissionDeniedError("denied", where="sales")
    first = here.run(made)
    assert (first.schemas.created, first.tables.created) == (2, 2)
    del made.failing[made.scope("db", "sales")]
    assert here.run(made).tables.created == 2


def test_edges_of_what_could_not_be_read_are_left_alone(here: Place) -> None:
    made = lake()
    made.view("hr", "v", "select id from sales.a")
    here.run(made)
    made.failing[made.scope("db", "sales")] = PermissionDeniedError("denied", where="sales")
    second = here.run(made)
    assert second.lineage.created == second.lineage.updated == 0
    assert len(here.edges_to("lake.db.hr.v")) == 1
    del made.failing[made.scope("db", "sales")]
    assert here.run(made).written() == 0


def test_another_services_tables_are_none_of_ours(here: Place) -> None:
    """A 1.0 server answers a listing of one schema with every table that it has."""
    here.run(Lake("other", databases={}))
    neighbour = Lake("lake2")
    neighbour.put("sales", "x")
    here.run(neighbour)
    made = lake()
    here.run(made)
    here.sandbox.faults.add("ignore-filter", service="openmetadata", operation="GET *", count=None)
    second = here.run(made, full_listing="always")
    assert second.stale_fqns() == []
    assert [note for note in second.plan.notes if "tables that were listed lie outside" in note]


def test_what_others_put_into_our_schema_is_stale(here: Place) -> None:
    made = lake()
    here.run(made)
    body = {"name": "by_hand", "databaseSchema": "lake.db.sales", "columns": []}
    here.admin.put_entity("tables", body)
    assert here.run(made).stale_fqns() == ["lake.db.sales.by_hand"]


@pytest.mark.parametrize("name", ["lake.of.records", "größe", "a b"])
def test_stale_under_names_that_are_quoted(anywhere: Place, name: str) -> None:
    made = Lake(name)
    made.put("sales.eu", "t.1", database="d.b")
    made.put("sales.eu", "t.2", database="d.b")
    made.put("s", "t", database="gone.db")
    anywhere.run(made)
    del made.tables["d.b", "sales.eu", "t.2"]
    del made.databases["gone.db"]
    quoted = f'"{name}"' if "." in name else name
    stale = anywhere.run(made).stale_fqns()
    assert stale == sorted([f'{quoted}."d.b"."sales.eu"."t.2"', f'{quoted}."gone.db"'])
