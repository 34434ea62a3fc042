"""Lineage from and to containers that are named by their address in S3."""

from __future__ import annotations

from typing import Any

import pytest

from ingest_assets.catalog import (
    ColumnPaths,
    Container,
    Elsewhere,
    EntityType,
    ForeignEdge,
    Origin,
    Pipeline,
    PipelineService,
    Reference,
    StorageService,
)
from ingest_assets_tests.ingestion.estates import Estate, EstateRun, run_estate
from ingest_assets_tests.ingestion.lakes import Lake, column
from ingest_assets_tests.ingestion.runs import Place

DELIVERY = Reference(EntityType.PIPELINE, ("hose", "clicks"))


def storage(*paths: tuple[str, ...], service: str = "s3") -> Estate:
    """Containers with their addresses, of which servers before 1.4 keep the prefix only."""
    estate = Estate(StorageService(path=(service,), service_type="S3"))
    for path in paths:
        address = "s3://" + "/".join(path)
        made = Container(path=(service, *path), prefix="/" + "/".join(path[1:]), full_path=address)
        estate.put(made.model_copy(update={"columns": (column("ID"),)}) if len(path) > 1 else made)
    return estate


def hose(*addresses: tuple[str, ...]) -> Estate:
    estate = Estate(PipelineService(path=DELIVERY.path[:1], service_type="CustomPipeline"))
    estate.put(Pipeline(path=DELIVERY.path))
    estate.lineage = [
        ForeignEdge(
            source=DELIVERY,
            target=Elsewhere(type=EntityType.CONTAINER, names=names, system="s3"),
            origin=Origin.PIPELINE,
            told_by=(DELIVERY,),
        )
        for names in addresses
    ]
    return estate


def into(place: Place, fqn: str) -> list[str]:
    """Ids of what flows into a container."""
    return list(place.admin.upstream_edges(EntityType.CONTAINER, place.get(EntityType.CONTAINER, fqn)["id"]))


def delivery(place: Place) -> list[str]:
    return [place.get(EntityType.PIPELINE, "hose.clicks")["id"]]


def parked(run: EstateRun) -> list[str]:
    return [problem.reason for problem in run.lineage.problems]


def asked(place: Place) -> dict[str, int]:
    """Requests for containers and their services since the counts were reset."""
    counts = place.sandbox.openmetadata.counts
    return {name: number for name, number in counts.items() if "ontainers" in name or "storageServices" in name}


def test_an_address_leads_to_the_container_that_holds_it_and_a_second_run_asks_nothing(anywhere: Place) -> None:
    run_estate(anywhere, storage(("lake",), ("lake", "orders"), ("lake", "orders2")))
    estate = hose(("s3a://lake//orders/",))
    first = run_estate(anywhere, estate)
    assert (parked(first), first.lineage.created) == ([], 1)
    assert into(anywhere, "s3.lake.orders") == delivery(anywhere)
    anywhere.sandbox.openmetadata.reset_counts()
    second = run_estate(anywhere, estate)
    assert (second.lineage.unchanged, second.written(), anywhere.writes(), asked(anywhere)) == (1, 0, [], {})


def test_a_container_above_is_found_again_by_one_listing_and_a_closer_one_takes_the_edge(anywhere: Place) -> None:
    made = storage(("lake",), ("lake", "orders"))
    run_estate(anywhere, made)
    estate = hose(("s3://lake/orders/2024/05",))
    assert run_estate(anywhere, estate).lineage.created == 1
    anywhere.sandbox.openmetadata.reset_counts()
    second = run_estate(anywhere, estate)
    assert (second.written(), anywhere.writes()) == (0, [])
    assert asked(anywhere) == {"GET /v1/containers": 1, "GET /v1/services/storageServices": 1}

    run_estate(anywhere, storage(("lake",), ("lake", "orders"), ("lake", "orders", "2024")))
    third = run_estate(anywhere, estate)
    assert (third.lineage.created, third.lineage.removed, parked(third)) == (1, 1, [])
    assert into(anywhere, "s3.lake.orders.2024") == delivery(anywhere)
    assert into(anywhere, "s3.lake.orders") == []


def test_a_container_that_is_made_later_gets_its_edge_then(anywhere: Place) -> None:
    estate = hose(("s3://lake/orders/",))
    (reason,) = parked(run_estate(anywhere, estate))
    assert reason == "s3://lake/orders/: the server has no container for it, nor for anything above"
    run_estate(anywhere, storage(("lake",), ("lake", "orders")))
    assert run_estate(anywhere, estate).lineage.created == 1
    assert into(anywhere, "s3.lake.orders") == delivery(anywhere)


def test_a_bucket_counts_where_it_is_named_itself(here: Place) -> None:
    run_estate(here, storage(("lake",), ("raw",), ("raw", "orders")))
    first = run_estate(here, hose(("s3://lake/orders/",)))
    assert parked(first) == ["s3://lake/orders/: no container holds it but the whole bucket, s3.lake"]
    assert into(here, "s3.lake") == []
    named = hose(("s3://lake", "orders/"), ("s3://raw", "orders/2024"), ("s3://raw/",))
    run = run_estate(here, named)
    assert (run.lineage.created, parked(run)) == (3, [])
    assert into(here, "s3.lake") == into(here, "s3.raw.orders") == into(here, "s3.raw") == delivery(here)
    assert run_estate(here, named).written() == 0


def test_of_two_services_with_one_bucket_none_is_guessed_unless_the_recipe_names_one(anywhere: Place) -> None:
    for service in ("s3", "my.copy"):
        run_estate(anywhere, storage(("lake",), ("lake", "orders"), service=service))
    estate = hose(("s3://lake/orders/",))
    told = 's3://lake/orders/: several fit, and none is guessed: "my.copy".lake.orders, s3.lake.orders'
    assert parked(run_estate(anywhere, estate)) == [told]
    anywhere.run(Lake("warehouse"))
    # A service of databases says nothing of containers; one that is to come may be of containers.
    databases = {EntityType.DATABASE_SERVICE: ("warehouse",)}
    assert parked(run_estate(anywhere, estate, lineage_services=databases)) == [told]
    to_come = {EntityType.STORAGE_SERVICE: ("to_come",)}
    absent = "s3://lake/orders/: the server has no storage service to_come yet"
    assert parked(run_estate(anywhere, estate, lineage_services=to_come)) == [absent]
    both = {EntityType.STORAGE_SERVICE: ('"my.copy"', "to_come")}
    named = run_estate(anywhere, estate, lineage_services=both)
    assert (named.lineage.created, parked(named)) == (1, [])
    # The FQN of a service with a dot is not quoted on 1.0.
    copied = "my.copy" if anywhere.version.startswith("1.0") else '"my.copy"'
    assert into(anywhere, f"{copied}.lake.orders") == delivery(anywhere)
    assert into(anywhere, "s3.lake.orders") == []


def test_a_listing_that_fails_drops_no_edge_and_is_tried_once_a_run(here: Place) -> None:
    run_estate(here, storage(("lake",), ("lake", "orders"), ("lake", "clicks")))
    estate = hose(("s3://lake/orders/2023",), ("s3://lake/clicks/2024",))
    assert run_estate(here, estate).lineage.created == 2
    here.sandbox.openmetadata.reset_counts()
    here.sandbox.faults.add("403", service="openmetadata", operation="GET /v1/containers", count=None)
    second = run_estate(here, estate)
    here.sandbox.faults.clear()
    # What a fault answers is not counted; the services, which come before, would be asked for again.
    assert (second.lineage.removed, asked(here)) == (0, {"GET /v1/services/storageServices": 1})
    assert all("could not be looked up" in reason for reason in parked(second))
    assert into(here, "s3.lake.orders") == into(here, "s3.lake.clicks") == delivery(here)
    assert run_estate(here, estate).written() == 0


def test_an_edge_goes_when_its_place_moves_to_where_no_container_is(here: Place) -> None:
    run_estate(here, storage(("lake",), ("lake", "orders")))
    run_estate(here, hose(("s3://lake/orders/",)))
    moved = run_estate(here, hose(("s3://elsewhere/orders/",)))
    assert (moved.lineage.removed, moved.lineage.parked) == (1, 1)
    assert into(here, "s3.lake.orders") == []


@pytest.mark.parametrize("optional", [True, False])
def test_an_edge_stays_while_its_place_is_claimed_twice(here: Place, optional: bool) -> None:
    run_estate(here, storage(("lake",), ("lake", "orders")))
    estate = hose(("s3://lake/orders/2024",))
    estate.lineage = [edge.model_copy(update={"optional": optional}) for edge in estate.lineage]
    run_estate(here, estate)
    run_estate(here, storage(("lake",), ("lake", "orders"), service="other"))
    second = run_estate(here, estate)
    assert (second.lineage.removed, second.lineage.parked) == (0, 1)
    assert into(here, "s3.lake.orders") == delivery(here)


def test_an_edge_that_may_be_missing_is_not_told_of_where_no_container_is(here: Place) -> None:
    run_estate(here, storage(("lake",), ("lake", "orders")))
    estate = hose(("s3://lake/clicks/",), ("s3://elsewhere/",))
    estate.lineage = [edge.model_copy(update={"optional": True}) for edge in estate.lineage]
    assert run_estate(here, estate).lineage.parked == 0
    here.sandbox.faults.add("403", service="openmetadata", operation="GET /v1/containers", count=None)
    assert run_estate(here, estate).lineage.parked == 1


def test_a_container_that_was_made_anew_gets_its_edge_again(here: Place) -> None:
    made = storage(("lake",), ("lake", "orders"))
    run_estate(here, made)
    for address in ("s3://lake/orders", "s3://lake/orders/2024"):
        estate = hose((address,))
        run_estate(here, estate)
        here.soft_delete(EntityType.CONTAINER, "s3.lake", hard=True)
        run_estate(here, made, full_listing="always")
        again = run_estate(here, estate, full_listing="always")
        assert (again.lineage.created, parked(again)) == (1, [])
        assert into(here, "s3.lake.orders") == delivery(here)


def test_columns_of_a_container_are_found_in_any_case(here: Place) -> None:
    run_estate(here, storage(("lake",), ("lake", "orders")))
    estate = Estate(StorageService(path=("copy",), service_type="CustomStorage"))
    target = Container(path=("copy", "orders"), columns=(column("id"),))
    estate.put(target)
    estate.lineage = [
        ForeignEdge(
            source=Elsewhere(type=EntityType.CONTAINER, names=("s3n://lake/orders/",), system="s3"),
            target=target.reference,
            origin=Origin.EXTERNAL_TABLE,
            columns=(ColumnPaths((("id",),), ("id",)),),
        )
    ]
    assert run_estate(here, estate).lineage.created == 1
    details: dict[str, Any] = here.admin.upstream_edges(
        EntityType.CONTAINER, here.get(EntityType.CONTAINER, "copy.orders")["id"]
    )
    (edge,) = details.values()
    assert [(pair["fromColumns"], pair["toColumn"]) for pair in edge["columnsLineage"]] == [
        (["s3.lake.orders.ID"], "copy.orders.id")
    ]
