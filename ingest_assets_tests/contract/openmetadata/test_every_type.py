"""Topics, dashboards with charts and data models, pipelines and containers: what holds for tables holds for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ingest_assets.catalog import (
    Chart,
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
from ingest_assets_tests.contract.openmetadata.ground import Ground
from ingest_assets_tests.ingestion.estates import Estate
from ingest_assets_tests.ingestion.lakes import column

Make = Callable[[Ground], Estate]


def topics(ground: Ground) -> Estate:
    name = ground.service(EntityType.MESSAGING_SERVICE, "streams")
    fields = (SchemaField(name="Order", data_type="RECORD", children=(SchemaField(name="id", data_type="LONG"),)),)
    made = Estate(MessagingService(path=(name,), service_type="Kinesis"))
    made.put(
        Topic(
            path=(name, "orders.v1"),
            partitions=4,
            description="All orders",
            message_schema=MessageSchema(text='{"type": "record"}', type="Avro", fields=fields),
            retention_time=86_400_000,
            config={"mode": "ON_DEMAND"},
            source_url="https://console.example/orders",
        ),
        Topic(path=(name, "click stream"), partitions=1),
    )
    return made


def dashboards(ground: Ground) -> Estate:
    """A chart and a dashboard of one name, as Looker has them."""
    name = ground.service(EntityType.DASHBOARD_SERVICE, "looker")
    made = Estate(DashboardService(path=(name,), service_type="Looker"))
    made.put(
        DataModel(
            path=(name, "shop.orders"),
            data_model_type="LookMlView",
            columns=(column("orders.id"), column("total", "DOUBLE", description="In euro")),
            sql="select 1",
            description="Orders",
        ),
        Chart(path=(name, "12"), display_name="Total", chart_type="Bar", source_url="https://looker.example/x"),
        Chart(path=(name, "13"), display_name="Orders", chart_type="Table", description="Orders by day"),
        Dashboard(
            path=(name, "12"),
            display_name="Sales",
            description="How we sell",
            project="Shared/Sales",
            charts=("12", "13"),
            data_models=("shop.orders",),
            source_url="https://looker.example/dashboards/12",
        ),
    )
    return made


def pipelines(ground: Ground) -> Estate:
    name = ground.service(EntityType.PIPELINE_SERVICE, "jobs")
    made = Estate(PipelineService(path=(name,), service_type="GluePipeline"))
    task = Task(name="deliver", description="To S3", task_type="GLUE", downstream=("convert",))
    made.put(
        Pipeline(path=(name, "orders"), tasks=(task, Task(name="convert")), description="Delivers"),
        Pipeline(path=(name, "other"), source_url="https://console.example/other"),
    )
    return made


def containers(ground: Ground) -> Estate:
    name = ground.service(EntityType.STORAGE_SERVICE, "files")
    made = Estate(StorageService(path=(name,), service_type="S3"))
    made.put(
        Container(path=(name, "my.lake"), prefix="/", full_path="s3://my.lake", description="The lake"),
        Container(
            path=(name, "my.lake", "orders"),
            prefix="/orders/",
            size=1000,
            file_formats=("parquet",),
            columns=(column("id"),),
            is_partitioned=True,
        ),
    )
    return made


@pytest.fixture(params=[topics, dashboards, pipelines, containers], ids=lambda make: make.__name__)
def estate(request: pytest.FixtureRequest, ground: Ground) -> Estate:
    """A service of each kind in turn."""
    make: Make = request.param
    return make(ground)


def change(estate: Estate, **what: Any) -> None:
    estate.put(*(entity.model_copy(update=what) for entity in list(estate.entities.values())))


def fields(ground: Ground, entity: Entity) -> dict[str, Any]:
    return ground.get(entity, "tags", ground.owners)


def test_all_arrives_a_second_run_sends_nothing_and_nothing_is_made_twice(ground: Ground, estate: Estate) -> None:
    first = ground.run(estate)
    assert first.failures() == {}
    assert first.written() == len(estate.entities)
    before = {}
    for entity in estate.entities.values():
        stored = before[entity.reference] = ground.get(entity)
        assert stored.get("description", "") == (entity.description or "")
        assert entity.reference.name in (stored["name"], stored.get("displayName"))
    assert ground.run(estate).requests == {}
    ground.forget_ledger()
    assert ground.run(estate).failures() == {}
    for entity in estate.entities.values():
        found = ground.get(entity)
        assert [found[key] for key in ("id", "version")] == [before[entity.reference][key] for key in ("id", "version")]


def test_changes_of_the_source_arrive_and_what_people_set_stays(ground: Ground, estate: Estate) -> None:
    ann, bob = ground.user("ann"), ground.user("bob")
    ours, mine = ground.tags("ours", "mine")
    change(estate, owners=(ann[0],), labels=(Label(ours), Label("Tier.Tier1")), description="Words")
    first = ground.run(estate)
    assert first.failures() == {}
    hers, *others = estate.entities.values()
    owner = {"id": bob[1], "type": "user"}
    labels = [
        {"tagFQN": fqn, "source": "Classification", "labelType": "Manual", "state": "Confirmed"}
        for fqn in (ours, mine, "Tier.Tier1")
    ]
    ground.patch(
        hers,
        {"op": "add", "path": "/displayName", "value": "Mine"},
        {"op": "add", "path": "/tags", "value": labels},
        {"op": "add", "path": f"/{ground.owners}", "value": [owner] if ground.owners == "owners" else owner},
    )
    change(estate, description="New words", labels=(Label(ours), Label("Tier.Tier2")))
    assert ground.run(estate).failures() == {}
    stored = fields(ground, hers)
    assert (stored["displayName"], stored["description"]) == ("Mine", "New words")
    assert {each["tagFQN"] for each in stored["tags"]} == {ours, mine, "Tier.Tier2"}
    assert owner_names(ground, stored) == [bob[0]]
    for other in others:
        stored = fields(ground, other)
        assert stored["description"] == "New words"
        assert {each["tagFQN"] for each in stored["tags"]} == {ours, "Tier.Tier2"}
        assert owner_names(ground, stored) == [ann[0]]
    assert ground.run(estate).requests == {}


def owner_names(ground: Ground, stored: dict[str, Any]) -> list[str]:
    owners = stored.get(ground.owners) or []
    return [each["name"] for each in (owners if isinstance(owners, list) else [owners])]


def test_what_is_gone_goes_and_comes_back_and_what_people_delete_comes_back(ground: Ground, estate: Estate) -> None:
    ground.run(estate)
    gone = max(estate.entities)
    entity = estate.entities.pop(gone)
    second = ground.run(estate)
    assert (second.failures(), second.removed()) == ({}, [ground.fqn(gone)])
    assert ground.get(gone)["deleted"]
    estate.put(entity)
    third = ground.run(estate)
    # Not all that is written: a dashboard is sent again when what is on it has come.
    assert (third.failures(), third.published[gone.type].restored) == ({}, 1)
    assert not ground.get(gone)["deleted"]
    ground.delete(gone)
    fourth = ground.run(estate)
    assert (fourth.failures(), fourth.published[gone.type].restored) == ({}, 1)
    assert not ground.get(gone)["deleted"]
    assert ground.run(estate).requests == {}


def test_a_dashboard_has_the_charts_that_the_source_says(ground: Ground) -> None:
    """From 1.5 on a chart that is put without its dashboards is taken off them."""
    estate = dashboards(ground)
    ground.run(estate)
    (service,) = estate.owner.path
    board, chart = Reference(EntityType.DASHBOARD, (service, "12")), Reference(EntityType.CHART, (service, "12"))
    assert charts(ground, board) == {"12", "13"}
    estate.put(estate.entities[chart].model_copy(update={"description": "Sum"}))
    assert ground.run(estate).written() == 1
    assert charts(ground, board) == {"12", "13"}
    estate.put(estate.entities[board].model_copy(update={"charts": ("13",)}))
    del estate.entities[chart]
    last = ground.run(estate)
    assert (last.failures(), last.stale.removed) == ({}, 1)
    assert charts(ground, board) == {"13"}
    assert ground.get(chart)["deleted"]


def charts(ground: Ground, board: Reference) -> set[str]:
    return {chart["name"] for chart in ground.get(board, "charts")["charts"]}
