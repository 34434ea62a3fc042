"""Whole runs of services of every kind: what arrives, what a second run does, people's words, what goes and comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ingest_assets.catalog import (
    Chart,
    Column,
    Container,
    Dashboard,
    DashboardService,
    DataModel,
    Entity,
    EntityType,
    Label,
    MessageSchema,
    MessagingService,
    Pipeline,
    PipelineService,
    Reference,
    SchemaField,
    StorageService,
    Task,
    Topic,
)
from ingest_assets_tests.ingestion.estates import Estate, run_estate
from ingest_assets_tests.ingestion.lakes import column
from ingest_assets_tests.ingestion.runs import Place

AVRO = MessageSchema(
    text='{"type": "record"}',
    type="Avro",
    fields=(
        SchemaField(
            name="Order",
            data_type="RECORD",
            children=(SchemaField(name="id", data_type="LONG", description="Its number"),),
        ),
    ),
)


def topics() -> Estate:
    made = Estate(MessagingService(path=("kinesis.eu",), service_type="Kinesis"))
    made.put(
        Topic(
            path=("kinesis.eu", "orders"),
            partitions=4,
            description="All orders",
            message_schema=AVRO,
            retention_time=86_400_000,
            maximum_message_size=1_048_576,
            config={"mode": "ON_DEMAND"},
            source_url="https://console.example/orders",
            owners=("lena.berg",),
        ),
        Topic(path=("kinesis.eu", "click stream"), partitions=1),
    )
    return made


def dashboards() -> Estate:
    """A chart and a dashboard of one name, as Looker has them."""
    made = Estate(DashboardService(path=("looker",), service_type="Looker"))
    columns: tuple[Column, ...] = (column("orders.id"), column("orders.total", "DOUBLE", description="In euro"))
    made.put(
        DataModel(
            path=("looker", "shop.orders"),
            data_model_type="LookMlExplore",
            columns=columns,
            sql="select 1",
            project="shop",
            description="Orders",
        ),
        Chart(path=("looker", "12"), display_name="Total", chart_type="Bar", source_url="https://looker.example/x"),
        Chart(path=("looker", "13"), display_name="Orders", chart_type="Table", description="Orders by day"),
        Dashboard(
            path=("looker", "12"),
            display_name="Sales",
            description="How we sell",
            project="Shared/Sales",
            charts=("12", "13"),
            data_models=("shop.orders",),
            source_url="https://looker.example/dashboards/12",
        ),
    )
    return made


def pipelines() -> Estate:
    made = Estate(PipelineService(path=("firehose",), service_type="KinesisFirehose"))
    task = Task(name="deliver", description="To S3", task_type="S3", downstream=("convert",))
    made.put(
        Pipeline(
            path=("firehose", "orders-to-lake"),
            tasks=(task, Task(name="convert")),
            description="Delivers",
            schedule_interval="0 3 * * *",
            source_url="https://console.example/firehose",
        )
    )
    return made


def containers() -> Estate:
    made = Estate(StorageService(path=("s3",), service_type="S3"))
    made.put(
        Container(path=("s3", "lake"), full_path="s3://lake", number_of_objects=12, description="The lake"),
        Container(
            path=("s3", "lake", "orders"),
            prefix="/orders/",
            size=1000,
            file_formats=("parquet",),
            columns=(column("id"),),
            is_partitioned=True,
        ),
    )
    return made


def topics_and_pipelines() -> Estate:
    """Two services in one recipe, as Kinesis has them with Firehose."""
    made, beside = topics(), pipelines()
    made.beside.append(beside.owner)
    made.put(*beside.entities.values())
    return made


ESTATES = [topics, dashboards, pipelines, containers, topics_and_pipelines]
MakeEstate = Callable[[], Estate]


def key(entity: Entity, place: Place) -> tuple[EntityType, str]:
    return EntityType(entity.type), place.ingestion(Estate(_service_of(entity))).server.bodies.fqn(entity.reference)


def _service_of(entity: Entity) -> Any:
    makers: dict[EntityType, Any] = {
        EntityType.MESSAGING_SERVICE: MessagingService,
        EntityType.DASHBOARD_SERVICE: DashboardService,
        EntityType.PIPELINE_SERVICE: PipelineService,
        EntityType.STORAGE_SERVICE: StorageService,
    }
    return makers[entity.reference.type.root](path=entity.path[:1], service_type="x")


def described(estate: Estate) -> Entity:
    return next(entity for entity in estate.entities.values() if entity.description)


@pytest.mark.parametrize("make", ESTATES)
def test_all_of_a_service_arrives_and_a_second_run_writes_nothing(anywhere: Place, make: MakeEstate) -> None:
    estate = make()
    first = run_estate(anywhere, estate)
    assert first.failures() == {}
    assert first.written() == len(estate.entities)
    for entity in estate.entities.values():
        stored = anywhere.get(*key(entity, anywhere))
        assert stored.get("description", "") == (entity.description or "")
    anywhere.sandbox.openmetadata.reset_counts()
    assert run_estate(anywhere, estate).written() == 0
    # 1.0 has no sourceHash, but the ledger knows what was written.
    assert anywhere.writes() == []


@pytest.mark.parametrize("make", ESTATES)
def test_a_change_of_the_source_arrives_and_a_persons_words_stay(anywhere: Place, make: MakeEstate) -> None:
    estate = make()
    run_estate(anywhere, estate)
    ours, theirs = described(estate), next(entity for entity in estate.entities.values())
    path = f"/v1/{_collection(theirs)}/{anywhere.get(*key(theirs, anywhere))['id']}"
    anywhere.admin.patch(path, [{"op": "add", "path": "/displayName", "value": "A person's"}])
    estate.put(*(entity.model_copy(update={"description": "New words"}) for entity in list(estate.entities.values())))
    second = run_estate(anywhere, estate)
    assert second.failures() == {}
    assert anywhere.get(*key(ours, anywhere))["description"] == "New words"
    assert anywhere.get(*key(theirs, anywhere))["displayName"] == "A person's"
    assert run_estate(anywhere, estate).written() == 0


@pytest.mark.parametrize("make", ESTATES)
def test_what_is_gone_is_removed_and_comes_back(anywhere: Place, make: MakeEstate) -> None:
    estate = make()
    run_estate(anywhere, estate)
    gone = max(estate.entities)
    entity = estate.entities.pop(gone)
    second = run_estate(anywhere, estate, stale_percent=100)
    assert second.stale.removed == 1, second.stale.notes
    assert estate.asked[gone] == 1
    assert anywhere.get(*key(entity, anywhere))["deleted"]
    estate.put(entity)
    third = run_estate(anywhere, estate)
    assert third.failures() == {}
    assert third.written() == 1
    assert not anywhere.get(*key(entity, anywhere))["deleted"]
    assert run_estate(anywhere, estate).written() == 0


@pytest.mark.parametrize("make", ESTATES)
def test_without_a_ledger_nothing_is_made_twice(anywhere: Place, make: MakeEstate) -> None:
    estate = make()
    run_estate(anywhere, estate)
    versions = {
        entity.reference: anywhere.get(*key(entity, anywhere))["version"] for entity in estate.entities.values()
    }
    anywhere.forget_ledger()
    assert run_estate(anywhere, estate).failures() == {}
    found = {entity.reference: anywhere.get(*key(entity, anywhere))["version"] for entity in estate.entities.values()}
    assert found == versions


def test_a_dashboard_keeps_its_charts_whatever_becomes_of_them(anywhere: Place) -> None:
    """From 1.5 on a chart that is put without its dashboards is taken off them."""
    estate = dashboards()
    run_estate(anywhere, estate)
    chart = estate.entities[Reference(EntityType.CHART, ("looker", "12"))]
    estate.put(chart.model_copy(update={"display_name": "Sum", "source_url": "https://looker.example/y"}))
    assert run_estate(anywhere, estate).written() == 1
    assert _charts(anywhere) == {"looker.12", "looker.13"}
    board = estate.entities[Reference(EntityType.DASHBOARD, ("looker", "12"))]
    estate.put(board.model_copy(update={"charts": ("13",)}))
    run_estate(anywhere, estate)
    assert _charts(anywhere) == {"looker.13"}


def test_charts_that_could_not_be_read_this_time_stay_on_their_dashboard(anywhere: Place) -> None:
    estate = dashboards()
    run_estate(anywhere, estate)
    board = estate.entities[Reference(EntityType.DASHBOARD, ("looker", "12"))]
    unread = {"charts": (), "data_models": (), "unknown": frozenset({"charts", "data_models"}), "description": "Other"}
    estate.put(board.model_copy(update=unread))
    assert run_estate(anywhere, estate).written() == 1
    stored = anywhere.get(EntityType.DASHBOARD, "looker.12", "charts,dataModels")
    assert _charts(anywhere) == {"looker.12", "looker.13"}
    assert [model["fullyQualifiedName"] for model in stored["dataModels"]] == ['looker.model."shop.orders"']
    assert stored["description"] == "Other"
    estate.put(board)
    assert run_estate(anywhere, estate).failures() == {}
    assert run_estate(anywhere, estate).written() == 0


def test_a_schema_comes_to_a_topic_that_had_none_where_the_server_can_add_it(anywhere: Place) -> None:
    estate = topics()
    run_estate(anywhere, estate)
    bare = estate.entities[Reference(EntityType.TOPIC, ("kinesis.eu", "click stream"))]
    estate.put(bare.model_copy(update={"message_schema": AVRO, "description": "Clicks"}))
    second = run_estate(anywhere, estate)
    assert (second.failures(), second.written()) == ({}, 1)
    stored = anywhere.get(*key(bare, anywhere))
    assert stored["description"] == "Clicks"
    assert ("messageSchema" in stored) == (not anywhere.version.startswith("1.0"))
    assert run_estate(anywhere, estate).written() == 0


def test_a_dashboard_arrives_without_what_is_not_there_and_gets_it_when_it_comes(anywhere: Place) -> None:
    estate = dashboards()
    board = estate.entities[Reference(EntityType.DASHBOARD, ("looker", "12"))]
    estate.put(board.model_copy(update={"charts": ("12", "13", "14"), "data_models": ("shop.orders", "left out")}))
    assert run_estate(anywhere, estate).failures() == {}
    assert _charts(anywhere) == {"looker.12", "looker.13"}
    estate.put(Chart(path=("looker", "14")))
    assert run_estate(anywhere, estate).written() == 2
    assert _charts(anywhere) == {"looker.12", "looker.13", "looker.14"}
    assert run_estate(anywhere, estate).written() == 0


def test_a_chart_that_is_made_anew_comes_back_to_its_dashboard(anywhere: Place) -> None:
    estate = dashboards()
    run_estate(anywhere, estate)
    anywhere.soft_delete(EntityType.CHART, "looker.13", hard=True)
    assert _charts(anywhere) == {"looker.12"}
    assert run_estate(anywhere, estate).failures() == {}
    assert _charts(anywhere) == {"looker.12", "looker.13"}
    assert run_estate(anywhere, estate).written() == 0


def test_a_chart_that_is_refused_does_not_cost_its_dashboard(anywhere: Place) -> None:
    estate = dashboards()
    bad = Chart(path=("looker", "14"), labels=(Label("No.Such"),))
    board = estate.entities[Reference(EntityType.DASHBOARD, ("looker", "12"))]
    estate.put(bad, board.model_copy(update={"charts": ("12", "13", "14")}))
    first = run_estate(anywhere, estate)
    told = first.failures()
    assert set(told) == {"looker.14", "looker.12"}
    assert "shown without looker.14" in told["looker.12"]
    assert _charts(anywhere) == {"looker.12", "looker.13"}
    estate.put(bad.model_copy(update={"labels": ()}))
    assert run_estate(anywhere, estate).written() == 2
    assert _charts(anywhere) == {"looker.12", "looker.13", "looker.14"}


def test_a_chart_that_its_listing_hides_stays_on_its_dashboard(here: Place) -> None:
    estate = dashboards()
    run_estate(here, estate)
    hidden = Reference(EntityType.CHART, ("looker", "13"))
    estate.hidden.add(hidden)
    second = run_estate(here, estate, stale_percent=100)
    assert second.stale.removed == 0
    assert _charts(here) == {"looker.12", "looker.13"}


def _charts(place: Place) -> set[str]:
    stored = place.get(EntityType.DASHBOARD, "looker.12", "charts")
    return {chart["fullyQualifiedName"] for chart in stored["charts"]}


def _collection(entity: Entity) -> str:
    from ingest_assets.openmetadata.layout import collection_of  # noqa: PLC0415

    return collection_of(entity.reference.type)


def test_what_lay_in_a_container_that_is_gone_is_gone_with_its_listing(here: Place) -> None:
    estate = containers()
    estate.put(Container(path=("s3", "other")))
    run_estate(here, estate)
    for path in (("s3", "lake", "orders"), ("s3", "lake")):
        del estate.entities[Reference(EntityType.CONTAINER, path)]
    second = run_estate(here, estate, stale_percent=100)
    assert (second.stale.removed, second.plan.listed) == (1, 1)
    third = run_estate(here, estate, stale_percent=100)
    assert (third.written(), third.stale.stale, third.plan.listed) == (0, 0, 1)
    estate = containers()
    estate.put(Container(path=("s3", "other")))
    assert run_estate(here, estate).failures() == {}
    assert run_estate(here, estate).written() == 0
