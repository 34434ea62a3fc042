"""Entities of every type with all that a source can say of them, odd names and every word of the enumerations."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ingest_assets.catalog import (
    Chart,
    Classification,
    Column,
    ColumnPair,
    ColumnReference,
    Container,
    Dashboard,
    DashboardService,
    DatabaseService,
    DataModel,
    Edge,
    Entity,
    EntityType,
    Glossary,
    GlossaryTerm,
    Label,
    MessageSchema,
    MessagingService,
    Origin,
    PartitionColumn,
    Pipeline,
    PipelineService,
    Reference,
    SchemaField,
    Service,
    StorageService,
    Table,
    Tag,
    Task,
    Topic,
)
from ingest_assets.openmetadata.capabilities import Capabilities
from ingest_assets_tests.ingestion.estates import Estate
from ingest_assets_tests.ingestion.lakes import Lake, column

PERSON, TEAM = ("lena.berg",), ("data-platform",)
LABELS = (Label("Audit.Secret"), Label("Trade.Order", "Glossary"))
ODD = "größe::of \"it\"/a.b & 'c' > 100%"
ORDERS = Reference(EntityType.TABLE, ("lake", "db", "sales", "orders"))
UNKNOWN_WORD = "NoSuchWord"
CONNECTION = {"awsConfig": {"awsRegion": "eu-north-1"}}

_FIELD_TYPES = (
    "RECORD NULL BOOLEAN INT LONG BYTES FLOAT DOUBLE TIMESTAMP TIMESTAMPZ TIME DATE STRING ARRAY MAP ENUM UNION FIXED"
    " ERROR UNKNOWN"
)
_SERVICES: dict[EntityType, Callable[..., Service]] = {
    EntityType.DATABASE_SERVICE: DatabaseService,
    EntityType.MESSAGING_SERVICE: MessagingService,
    EntityType.DASHBOARD_SERVICE: DashboardService,
    EntityType.PIPELINE_SERVICE: PipelineService,
    EntityType.STORAGE_SERVICE: StorageService,
}


def columns() -> tuple[Column, ...]:
    """One of each shape: nested, with a length, a precision, labels, and a name that no server takes."""
    item = column("item", "STRUCT", children=(column("id", "BIGINT"), column(ODD, "VARCHAR", data_length=20)))
    return (
        column("id", "BIGINT", description="Its **number**", labels=LABELS),
        column("price", "DECIMAL", precision=10, scale=2, display_name="Price, with VAT"),
        column("code", "CHAR"),
        column("items", "ARRAY", array_data_type="STRUCT", children=(item,)),
        column("more", "MAP", children=(column("key", "STRING"), column("value", UNKNOWN_WORD))),
        column("empty", "STRUCT"),
        column(ODD, "INT"),
        column("day", "DATE", labels=()),
    )


def vocabulary() -> list[Entity]:
    """What labels are made of; parents before children."""
    return [
        Classification(path=("Audit",), description="Who may see it", mutually_exclusive=True, display_name="To audit"),
        Tag(path=("Audit", "Secret"), description="Few", display_name="Very secret"),
        Tag(path=("Audit", "Secret", "Key"), description="Fewer"),
        Classification(path=("Plain",)),
        Tag(path=("Plain", "Tag")),
        Glossary(path=("Trade",), description="How we sell", owners=PERSON),
        GlossaryTerm(path=("Trade", "Order"), description="What is sold", synonyms=("Sale",), owners=PERSON),
        GlossaryTerm(path=("Trade", "Order", "Line"), description="A part of it", labels=(Label("Plain.Tag"),)),
        Glossary(path=("Bare",)),
        GlossaryTerm(path=("Bare", "Term")),
    ]


def lake() -> Lake:
    """Tables, and views of them whose lineage goes down to columns."""
    made = Lake(connection=dict(CONNECTION))
    made.put(
        "sales",
        "orders",
        columns=columns(),
        partitions=(
            PartitionColumn(column="day", interval_type="TIME-UNIT", interval="day"),
            PartitionColumn(column="code", interval_type="INJECTED"),
        ),
        description="All orders",
        display_name="Orders",
        labels=LABELS,
        owners=PERSON,
        file_format="parquet",
        location="s3://lake/orders/",
        retention_period="P30D",
        created=1_700_000_000_000,
        ddl="create table orders (id bigint)",
        source_url="https://console.example/orders?region=eu-north-1#top",
    )
    made.put("sales", ODD, table_type="Iceberg", owners=TEAM)
    made.put("sales", "x" * 300)
    made.view("sales", "top", "select id, price as total, items.item.id as item from sales.orders", columns=columns())
    schema = made.schemas["db", "sales"]
    assert not hasattr(schema, "reason")
    facets = {"retention_period": "P1Y", "labels": LABELS, "owners": TEAM, "source_url": "https://console.example/db"}
    made.schemas["db", "sales"] = schema.model_copy(update=facets)
    return made


def topics() -> Estate:
    """Topics with fields of every type, one in another."""
    fields = tuple(
        SchemaField(name=word.lower(), data_type=word, data_type_display=word, labels=LABELS[:1])
        for word in _FIELD_TYPES.split()
    )
    record = SchemaField(name=ODD, data_type="RECORD", description="A record", children=fields)
    made = Estate(MessagingService(path=("kinesis",), service_type="Kinesis", connection=dict(CONNECTION)))
    for word in ("Avro", "Protobuf", "JSON", "Other", "None"):
        schema = MessageSchema(text="{}", type=word, fields=(record,) if word == "Avro" else ())
        made.put(Topic(path=("kinesis", word), partitions=1, message_schema=schema))
    made.put(
        Topic(
            path=("kinesis", ODD),
            partitions=4,
            description="All orders",
            display_name="Orders",
            message_schema=MessageSchema(text="{}", type="Avro", fields=(record,)),
            cleanup_policies=("delete", "compact"),
            replication_factor=3,
            retention_time=86_400_000,
            retention_size=-1,
            maximum_message_size=1_048_576,
            minimum_in_sync_replicas=2,
            config={"mode": "ON_DEMAND"},
            source_url="https://console.example/orders",
            owners=PERSON,
            labels=LABELS,
        )
    )
    return made


def dashboards() -> Estate:
    made = Estate(
        DashboardService(path=("looker",), service_type="Looker", connection={"hostPort": "https://l.example"})
    )
    model = DataModel(
        path=("looker", "shop.orders"),
        data_model_type="LookMlExplore",
        columns=columns(),
        sql="select 1",
        project="shop/weekly",
        description="Orders",
        display_name="All orders",
        owners=PERSON,
        labels=LABELS,
        source_url="https://looker.example/explore/shop/orders",
    )
    chart = Chart(
        path=("looker", "12"),
        display_name="Total",
        description="In euro",
        chart_type="Bar",
        owners=PERSON,
        labels=LABELS,
        source_url="https://looker.example/x",
    )
    board = Dashboard(
        path=("looker", "12"),
        display_name="Sales",
        description="How we sell",
        dashboard_type="Report",
        project="Shared/Sales",
        charts=("12", ODD),
        data_models=("shop.orders",),
        owners=TEAM,
        labels=LABELS,
        source_url="https://looker.example/dashboards/12",
    )
    made.put(model, chart, Chart(path=("looker", ODD), chart_type=UNKNOWN_WORD), board)
    made.put(Dashboard(path=("looker", "bare")))
    return made


def pipelines() -> Estate:
    made = Estate(PipelineService(path=("firehose",), service_type="KinesisFirehose"))
    told = {"description": "To S3", "display_name": "Deliver", "task_type": "S3", "sql": "select 1"}
    made.put(
        Pipeline(
            path=("firehose", ODD),
            tasks=(
                Task(name="deliver", downstream=("convert",), source_url="https://console.example/t", **told),
                Task(name="convert"),
            ),
            concurrency=2,
            location="arn:aws:firehose:eu-north-1:1:deliverystream/x",
            start_date="2026-01-31T10:00:00Z",
            schedule_interval="*/5 * * * *",
            description="Into the lake",
            display_name="To the lake",
            owners=PERSON,
            labels=LABELS,
            source_url="https://console.example/p",
        ),
        Pipeline(path=("firehose", "bare")),
    )
    return made


def containers() -> Estate:
    made = Estate(StorageService(path=("s3",), service_type="S3", connection=dict(CONNECTION)))
    made.put(
        Container(path=("s3", "lake"), full_path="s3://lake", description="The lake", owners=TEAM, labels=LABELS),
        Container(
            path=("s3", "lake", ODD),
            prefix="/orders/",
            full_path="s3://lake/orders",
            size=1000.5,
            number_of_objects=10,
            file_formats=("parquet", UNKNOWN_WORD),
            columns=columns(),
            is_partitioned=True,
            display_name="Orders",
            source_url="https://console.example/lake/orders",
        ),
    )
    return made


ESTATES: list[Callable[[], Estate]] = [topics, dashboards, pipelines, containers]


def edges() -> Iterator[Edge]:
    """Lineage between entities of ``lake`` and ``ESTATES``; between tables, models and dashboards with columns."""
    top = Reference(EntityType.TABLE, ("lake", "db", "sales", "top"))
    model = Reference(EntityType.DATA_MODEL, ("looker", "shop.orders"))
    board = Reference(EntityType.DASHBOARD, ("looker", "12"))
    files = Reference(EntityType.CONTAINER, ("s3", "lake", ODD))
    stream = Reference(EntityType.TOPIC, ("kinesis", ODD))
    delivery = Reference(EntityType.PIPELINE, ("firehose", ODD))
    nested = ("items", "item", "id")
    for source, target in ((ORDERS, top), (ORDERS, model), (files, ORDERS)):
        pairs = (
            _pair(source, target, ("id",)),
            _pair(source, target, nested),
            ColumnPair(
                (ColumnReference(source, (ODD,)), ColumnReference(source, ("price",))), ColumnReference(target, (ODD,))
            ),
        )
        yield Edge(source=source, target=target, origin=Origin.QUERY, columns=pairs, sql="select 1")
    chart = ColumnPair((ColumnReference(model, ("id",)),), ColumnReference(board, (ODD,)))
    yield Edge(source=model, target=board, origin=Origin.DASHBOARD, columns=(chart,))
    for source, target in ((stream, delivery), (delivery, files), (stream, ORDERS), (files, board), (stream, files)):
        yield Edge(source=source, target=target, origin=Origin.PIPELINE)


def _pair(source: Reference, target: Reference, path: tuple[str, ...]) -> ColumnPair:
    return ColumnPair((ColumnReference(source, path),), ColumnReference(target, path))


def words(known: Capabilities) -> Iterator[Entity]:
    """Entities that use every word which a version knows, of services, schemas and models that ``ESTATES`` make."""
    for kind, names in known.services.items():
        yield from (_SERVICES[kind](path=(f"{name} service",), service_type=name) for name in sorted(names))
    typed = tuple(column(word, word, array_data_type="INT") for word in sorted(known.data_types))
    yield _table("types", columns=typed)
    yield from (_table(word, table_type=word) for word in sorted(known.table_types))
    yield from (_table(word, file_format=word) for word in sorted(known.file_formats))
    for word in sorted(known.partition_intervals):
        yield _table(word, columns=typed, partitions=(PartitionColumn(column="DATE", interval_type=word),))
    yield from (Chart(path=("looker", word), chart_type=word) for word in sorted(known.chart_types))
    for word in sorted(known.data_model_types):
        yield DataModel(path=("looker", word), data_model_type=word, columns=typed)
    formats = tuple(sorted(known.container_formats))
    yield Container(path=("s3", "formats"), file_formats=formats, columns=typed)


def _table(name: str, **facets: object) -> Table:
    facets = {"table_type": "Regular", "columns": (column("id"),)} | facets
    return Table.model_validate({"path": ("lake", "db", "sales", name), **facets})
