"""Faults at every call about every type: nothing that exists goes, what failed is named, the next run mends it."""

from __future__ import annotations

import pytest

from ingest_assets.catalog import Entity, EntityType
from ingest_assets.errors import IngestError
from ingest_assets.openmetadata.layout import collection_of
from ingest_assets_tests.ingestion.estates import Estate, EstateRun, run_estate
from ingest_assets_tests.ingestion.runs import Place
from ingest_assets_tests.ingestion.test_every_type import MakeEstate, containers, dashboards, pipelines, topics

KINDS = ("500", "truncated", "reset-after", "access-denied")
VERBS = ("GET", "PUT", "PATCH", "DELETE")
CASES = [
    (make, kind) for make in (topics, dashboards, pipelines, containers) for kind in make().owner.reference.type.held
]


def fqn(place: Place, entity: Entity) -> str:
    return place.admin.capabilities.names.fqn(entity.reference)


def stored(place: Place, entity: Entity) -> dict[str, object]:
    return place.get(EntityType(entity.type), fqn(place, entity))


def changed(estate: Estate) -> None:
    """Other words on all that there is, and one thing less."""
    estate.entities.pop(max(reference for reference in estate.entities))
    estate.put(*(each.model_copy(update={"description": "New"}) for each in list(estate.entities.values())))


def run_or_none(place: Place, estate: Estate) -> EstateRun | None:
    try:
        return run_estate(place, estate, stale_percent=100)
    except IngestError:
        return None


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("fault", KINDS)
@pytest.mark.parametrize(("make", "kind"), CASES, ids=lambda each: each.__name__ if callable(each) else str(each))
def test_a_fault_costs_what_it_touches_and_the_next_run_mends_it(
    here: Place, make: MakeEstate, kind: EntityType, fault: str, verb: str
) -> None:
    estate = make()
    run_estate(here, estate)
    changed(estate)
    here.sandbox.faults.add(
        fault, service="openmetadata", operation=f"{verb} /v1/{collection_of(kind).partition('/')[0]}", count=None
    )
    faulty = run_or_none(here, estate)
    struck = len(here.sandbox.faults.struck())
    here.sandbox.faults.clear()
    for entity in estate.entities.values():
        assert not stored(here, entity)["deleted"]
        if faulty is not None and fqn(here, entity) not in faulty.failures():
            assert stored(here, entity)["description"] == "New"
    assert run_estate(here, estate, stale_percent=100).failures() == {}
    for entity in estate.entities.values():
        assert stored(here, entity)["description"] == "New"
    run_estate(here, estate, stale_percent=100)  # takes what went a moment ago off the dashboard that still names it
    last = run_estate(here, estate, stale_percent=100)
    assert (last.written(), last.stale.stale) == (0, 0)
    if struck and faulty is not None:
        assert faulty.failures()
