"""Whole runs of a part of a service: what they write, what they leave, and what counts as gone."""

from __future__ import annotations

from ingest_assets.catalog import Filtered, Scope
from ingest_assets.errors import PermissionDeniedError, UnavailableError
from ingest_assets.ingestion.verdicts import shrinkage
from ingest_assets.snapshots.manifest import Manifest
from ingest_assets.snapshots.selection import Selection
from ingest_assets_tests.ingestion.lakes import Lake
from ingest_assets_tests.ingestion.runs import Place, Steps, run_once

SALES = Selection(include=("db.sales",))


def lake() -> Lake:
    made = Lake()
    for schema in ("sales", "hr", "reports"):
        for name in ("a", "b"):
            made.put(schema, name)
    made.view("reports", "top", "select id from sales.a")
    made.put("raw", "events", database="archive")
    return made


def run(here: Place, made: Lake, run_id: str, selection: Selection = SALES) -> tuple[Steps, Manifest]:
    made.reads.clear()
    ingestion = here.ingestion(made, selection=selection)
    return run_once(ingestion, run_id), ingestion.manifest(run_id)


def runs_of(manifest: Manifest) -> dict[Scope, str]:
    return {result.scope: result.run_id for result in manifest.scopes}


def test_a_run_of_one_schema_writes_that_schema_alone(anywhere: Place) -> None:
    made = lake()
    anywhere.run(made)
    for schema in ("sales", "hr"):
        made.put(schema, "a", description="New words")
    anywhere.sandbox.openmetadata.reset_counts()
    second, manifest = run(anywhere, made, "part")
    assert set(made.reads) == {made.scope(), made.scope("db"), made.scope("db", "sales")}
    assert second.tables.updated == second.written() == 1
    assert (second.tables.unchanged, second.lineage.unchanged) == (7, 1)
    assert second.stale_fqns() == []
    assert anywhere.table("lake.db.hr.a").get("description") is None
    assert runs_of(manifest)[made.scope("db", "sales")] == "part"
    assert runs_of(manifest)[made.scope("db", "hr")] != "part"
    assert runs_of(manifest)[made.scope("archive", "raw")] != "part"


def test_a_run_of_a_part_in_which_nothing_changed_writes_nothing(here: Place) -> None:
    made = lake()
    here.run(made)
    here.sandbox.openmetadata.reset_counts()
    second, _ = run(here, made, "part")
    assert (second.written(), here.writes()) == (0, [])


def test_only_what_was_read_is_gone(here: Place) -> None:
    made = lake()
    here.run(made)
    for schema in ("sales", "hr"):
        del made.tables["db", schema, "a"]
    assert run(here, made, "part")[0].stale_fqns() == ["lake.db.sales.a"]
    assert run(here, made, "other part", Selection(include=("db.hr",)))[0].stale_fqns() == ["lake.db.hr.a"]


def test_nothing_of_a_database_that_is_left_out_is_gone(here: Place) -> None:
    made = lake()
    here.run(made)
    del made.tables["archive", "raw", "events"]
    del made.schemas["archive", "raw"]
    second, manifest = run(here, made, "part", Selection(exclude=("archive",)))
    assert second.stale_fqns() == []
    assert second.tables.unchanged == 8
    assert runs_of(manifest)[made.scope("archive", "raw")] != "part"
    assert run(here, made, "whole", Selection())[0].stale_fqns() == ["lake.archive.raw"]


def test_a_schema_that_its_listing_no_longer_shows_is_gone_whatever_was_asked_for(here: Place) -> None:
    """The listing of schemas leads to the one that was asked for, so it was read whole."""
    made = lake()
    here.run(made)
    made.drop_schema("hr")
    second, manifest = run(here, made, "part")
    assert second.stale_fqns() == ["lake.db.hr"]
    assert made.scope("db", "hr") not in runs_of(manifest)


def test_what_a_second_run_of_a_part_leaves_out_keeps_its_age(here: Place) -> None:
    made = lake()
    here.run(made)
    run(here, made, "one")
    second, manifest = run(here, made, "two", Selection(include=("db.hr",)))
    assert runs_of(manifest)[made.scope("db", "sales")] == "one"
    assert runs_of(manifest)[made.scope("db", "hr")] == "two"
    assert (second.written(), second.stale_fqns()) == (0, [])
    assert second.tables.unchanged == 8


def test_a_first_run_of_a_part_brings_that_part_and_the_next_whole_one_the_rest(anywhere: Place) -> None:
    made = lake()
    first, _ = run(anywhere, made, "part")
    assert (first.databases.created, first.schemas.created, first.tables.created) == (2, 3, 2)
    assert first.stale_fqns() == []
    second, _ = run(anywhere, made, "whole", Selection())
    assert (second.schemas.created, second.tables.created, second.lineage.created) == (1, 6, 1)
    assert second.stale_fqns() == []
    assert anywhere.run(made).written() == 0


def test_lineage_into_what_was_left_out_stays_and_is_drawn_anew_where_it_was_read(here: Place) -> None:
    made = lake()
    here.run(made)
    made.view("reports", "top", "select id from sales.b")
    assert run(here, made, "part")[0].written() == 0
    second, _ = run(here, made, "reports", Selection(include=("*.reports",)))
    assert second.lineage.created == 1
    assert "lake.db.sales.b" in str(here.edges_to("lake.db.reports.top"))


def test_a_listing_that_fails_in_a_run_of_a_part_costs_itself(here: Place) -> None:
    made = lake()
    here.run(made)
    del made.tables["db", "sales", "a"]
    made.failing[made.scope("db", "sales")] = PermissionDeniedError("denied", where="sales")
    made.failing[made.scope("db", "hr")] = UnavailableError("never asked", where="hr")
    second, _ = run(here, made, "part")
    assert second.failures()["lake / db / sales"] == "sales: denied."
    assert "lake / db / hr" not in second.failures()
    assert second.stale_fqns() == []


def test_what_the_recipe_filters_stays_filtered_in_what_was_left_out(here: Place) -> None:
    made = lake()
    here.run(made)
    made.filter("hr", "b")
    here.run(made)
    second, _ = run(here, made, "part")
    assert second.tables.filtered == 1
    assert second.stale_fqns() == []


def test_a_schema_that_is_filtered_since_is_not_gone_though_it_was_left_out_before(here: Place) -> None:
    made = lake()
    here.run(made)
    run(here, made, "part")
    made.schemas["db", "hr"] = Filtered(reference=made.reference("db", "hr"), reason="schemaFilterPattern")
    second, manifest = run(here, made, "part again")
    assert second.stale_fqns() == []
    assert made.scope("db", "hr") not in runs_of(manifest)


def test_what_a_run_leaves_out_is_no_shrinkage(here: Place) -> None:
    made = lake()
    for number in range(30):
        made.put("hr", f"t{number}")
        made.put("sales", f"t{number}")
    here.run(made)
    snapshots = here.ingestion(made).snapshots
    first = snapshots.latest()
    _, manifest = run(here, made, "part")
    assert shrinkage(manifest, first, 20).passed
    for number in range(20):
        del made.tables["db", "sales", f"t{number}"]
    _, second = run(here, made, "less")
    verdict = shrinkage(second, manifest, 20)
    assert not verdict.passed
    assert verdict.figures["before"] - verdict.figures["now"] == 20


def test_a_pattern_that_matches_nothing_is_told_and_the_part_is_named(here: Place) -> None:
    made = lake()
    first, _ = run(here, made, "part", Selection(include=("db.sales", "db.slaes")))
    (told,) = [note for note in first.snapshot.notes if "matched nothing" in note]
    assert "'db.slaes'" in told
    assert [note for note in first.snapshot.notes if note.startswith("A part was read: 3 listings")]
