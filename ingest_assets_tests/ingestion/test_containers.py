"""Containers lie in each other, and 1.0 deletes none that holds, or held, another."""

from __future__ import annotations

from pathlib import Path

from ingest_assets.catalog import Container, EntityType, Reference, StorageService
from ingest_assets_tests.ingestion.estates import Estate, run_estate
from ingest_assets_tests.ingestion.runs import Place, place


def nested() -> Estate:
    """A bucket with a folder, which holds two more, beside another bucket."""
    estate = Estate(StorageService(path=("s3",), service_type="S3"))
    for path in (("lake",), ("lake", "orders"), ("lake", "orders", "2023"), ("lake", "orders", "2024"), ("other",)):
        estate.put(Container(path=("s3", *path)))
    return estate


def live_containers(here: Place) -> set[str]:
    rows = here.admin.list("containers", {"service": "s3"})
    return {row["fullyQualifiedName"] for row in rows}


def test_what_lies_in_a_container_goes_though_the_container_can_not(tmp_path: Path) -> None:
    with place(tmp_path, "1.0.3") as old:
        run_estate(old, nested(), stale_percent=100)
        estate = Estate(nested().owner)
        estate.put(Container(path=("s3", "other")))
        second = run_estate(old, estate, stale_percent=100)
        assert second.stale.removed == 0
        told = "OpenMetadata 1.0.3 deletes no container that holds others, or did; 2 in it were removed"
        assert second.failures() == {"s3.lake": told}
        assert live_containers(old) == {"s3.lake", "s3.lake.orders", "s3.other"}
        old.sandbox.openmetadata.reset_counts()
        third = run_estate(old, estate, stale_percent=100)
        assert third.failures() == {"s3.lake": told.partition(";")[0]}
        assert old.writes() == []

        # What is back in the source is brought back, and what a person brought back stays.
        leaf = old.get(EntityType.CONTAINER, "s3.lake.orders.2023")["id"]
        old.admin.put("/v1/containers/restore", {"id": leaf})
        run_estate(old, estate, stale_percent=100, full_listing="always")
        assert live_containers(old) == {"s3.lake", "s3.lake.orders", "s3.lake.orders.2023", "s3.other"}
        assert run_estate(old, nested()).published[EntityType.CONTAINER].restored == 1
        assert len(live_containers(old)) == 5
        assert run_estate(old, nested()).written() == 0


def test_what_lies_in_a_container_and_can_be_asked_for_stays(tmp_path: Path) -> None:
    with place(tmp_path, "1.0.3") as old:
        run_estate(old, nested(), stale_percent=100)
        estate = nested()
        del estate.entities[Reference(EntityType.CONTAINER, ("s3", "lake"))]
        estate.hidden |= {reference for reference in estate.entities if reference.path[1] == "lake"}
        second = run_estate(old, estate, stale_percent=100)
        assert "2 were not: asked for by its name, the service still has it" in second.failures()["s3.lake"]
        assert len(live_containers(old)) == 5


def test_a_container_of_which_all_was_deleted_before_goes(here: Place) -> None:
    run_estate(here, nested(), stale_percent=100)
    for path in ("s3.lake.orders",):
        here.soft_delete(EntityType.CONTAINER, path)
    estate = Estate(nested().owner)
    estate.put(Container(path=("s3", "other")))
    assert run_estate(here, estate, stale_percent=100).stale.removed == 1
    assert live_containers(here) == {"s3.other"}
