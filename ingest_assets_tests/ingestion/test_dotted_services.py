"""Services with a dot in their names, which servers spell in three ways."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingest_assets.catalog import (
    Container,
    DashboardService,
    DataModel,
    Elsewhere,
    EntityType,
    ForeignEdge,
    Origin,
    Reference,
    StorageService,
)
from ingest_assets_tests.ingestion.estates import Estate, run_estate
from ingest_assets_tests.ingestion.lakes import Lake, column
from ingest_assets_tests.ingestion.runs import Place

MODEL = Reference(EntityType.DATA_MODEL, ("bi.eu", "orders"))


def models() -> Estate:
    made = Estate(DashboardService(path=("bi.eu",), service_type="Looker"))
    for name in ("orders", "customers"):
        made.put(DataModel(path=("bi.eu", name), data_model_type="LookMlView", columns=(column("id"),)))
    return made


def containers() -> Estate:
    made = Estate(StorageService(path=("s3.eu",), service_type="S3"))
    made.put(Container(path=("s3.eu", "lake")), Container(path=("s3.eu", "lake", "orders"), columns=(column("id"),)))
    return made


@pytest.mark.parametrize("make", [models, containers])
def test_all_of_it_arrives_is_followed_and_listed_and_removed(anywhere: Place, make: Callable[[], Estate]) -> None:
    estate = make()
    first = run_estate(anywhere, estate)
    assert (first.failures(), first.written()) == ({}, 2)
    listed = run_estate(anywhere, estate, full_listing="always")
    assert listed.written() == 0
    assert not any("otherwise" in note or "changed on the server" in note for note in listed.plan.notes)
    anywhere.sandbox.openmetadata.reset_counts()
    assert run_estate(anywhere, estate).written() == 0
    assert sum(anywhere.sandbox.openmetadata.counts.values()) <= 10
    gone = max(estate.entities)
    entity = estate.entities.pop(gone)
    assert run_estate(anywhere, estate, stale_percent=100).stale.removed == 1
    assert run_estate(anywhere, estate, stale_percent=100).stale.stale == 0
    estate.put(entity)
    assert run_estate(anywhere, estate).written() == 1
    assert run_estate(anywhere, estate).written() == 0


def test_a_person_restores_the_service_and_all_below_is_known_to_be_back(anywhere: Place) -> None:
    estate = models()
    run_estate(anywhere, estate)
    anywhere.soft_delete(EntityType.DASHBOARD_SERVICE, anywhere.admin.capabilities.names.fqn(estate.owner.reference))
    assert run_estate(anywhere, estate).failures() == {}
    assert run_estate(anywhere, estate).written() == 0
    fqn = anywhere.admin.capabilities.names.fqn(MODEL)
    assert not anywhere.get(EntityType.DATA_MODEL, fqn)["deleted"]


def test_lineage_into_a_data_model_is_drawn_and_dropped(anywhere: Place) -> None:
    lake = Lake("lake.eu")
    lake.put("sales", "orders")
    anywhere.run(lake)
    estate = models()
    wanted = Elsewhere(type=EntityType.TABLE, names=("sales", "orders"))
    estate.lineage = [ForeignEdge(source=wanted, target=MODEL, origin=Origin.DASHBOARD)]
    assert run_estate(anywhere, estate).lineage.created == 1
    assert run_estate(anywhere, estate).written() == 0
    estate.lineage.clear()
    assert run_estate(anywhere, estate).lineage.removed == 1
