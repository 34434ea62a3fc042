"""Runs from end to end: what arrives, and what a second run costs."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest

from ingest_assets.catalog import EntityType
from ingest_assets.snapshots.repository import Snapshots
from ingest_assets.snapshots.store import open_store
from ingest_assets_tests.ingestion.lakes import Lake, column
from ingest_assets_tests.ingestion.runs import Place, Steps, run_once


def lake_with_a_view() -> Lake:
    lake = Lake()
    lake.put("sales", "orders", description="All orders", columns=(column("id"), column("amount", "DOUBLE")))
    lake.put("sales", "customers")
    lake.view("reports", "top", "select o.id from sales.orders o join sales.customers c on o.id = c.id")
    return lake


def test_a_first_run_brings_everything_and_its_lineage(anywhere: Place) -> None:
    first = anywhere.run(lake_with_a_view())
    created = [report.created for report in first[2:6]]
    assert created == [1, 2, 3, 2]
    assert not first.failures()
    assert anywhere.table("lake.db.sales.orders")["description"] == "All orders"
    assert len(anywhere.edges_to("lake.db.reports.top")) == 2


def test_a_second_run_writes_nothing(anywhere: Place) -> None:
    anywhere.run(lake_with_a_view())
    anywhere.sandbox.openmetadata.reset_counts()
    second = anywhere.run(lake_with_a_view())
    assert [report.unchanged for report in second[2:6]] == [1, 2, 3, 2]
    assert second.written() == 0
    assert anywhere.writes() == []


def test_a_full_refresh_writes_everything_and_changes_nothing(here: Place) -> None:
    here.run(lake_with_a_view())
    version = here.table("lake.db.sales.orders")["version"]
    again = here.run(lake_with_a_view(), rewrite=True)
    assert [report.updated for report in again[2:5]] == [1, 2, 3]
    assert here.table("lake.db.sales.orders")["version"] == version


def test_a_dry_run_writes_nothing_and_says_what_it_would(here: Place) -> None:
    dry = here.run(lake_with_a_view(), dry_run=True)
    assert [report.created for report in dry[2:6]] == [1, 2, 3, 2]
    assert all(report.dry_run for report in dry[2:])
    assert here.writes() == []
    assert here.run(lake_with_a_view()).tables.created == 3


def test_a_service_without_anything_is_made(here: Place) -> None:
    first = here.run(Lake())
    assert first.written() == 0
    assert here.get(EntityType.DATABASE_SERVICE, "lake")["serviceType"] == "Glue"
    here.sandbox.openmetadata.reset_counts()
    assert here.run(Lake()).plan.listed == 0
    assert here.writes() == []


def test_steps_can_run_alone_on_what_the_store_holds(here: Place) -> None:
    """Each asset may be materialized by itself, in another process and another run."""
    lake = lake_with_a_view()
    here.run(lake, dry_run=True)
    lake.reads.clear()
    for kind in (EntityType.DATABASE, EntityType.SCHEMA, EntityType.TABLE):
        with closing(here.ingestion(lake)) as alone:
            alone.publish("another run", kind)
    with closing(here.ingestion(lake)) as alone:
        report = alone.lineage("a third run")
    assert report.created == 2
    assert not lake.reads
    assert len(here.edges_to("lake.db.reports.top")) == 2


def test_a_store_in_s3_does_what_a_folder_does(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    here.sandbox.company.buckets.create("ingest")
    for name, value in here.sandbox.environment(here.sandbox.reader).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")

    def run() -> Steps:
        snapshots = Snapshots(open_store("s3://ingest/metadata"), "glue", "lake")
        return run_once(replace(here.ingestion(lake_with_a_view()), snapshots=snapshots))

    assert run().written() == 8
    assert run().written() == 0
    assert not (here.folder / "store").exists()
