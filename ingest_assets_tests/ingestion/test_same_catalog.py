"""The same recipe on servers of every line: the same catalog, but for what ``words`` lists; no refusal on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ingest_assets.catalog import (
    Chart,
    ColumnPair,
    ColumnPaths,
    ColumnReference,
    Container,
    Dashboard,
    DashboardService,
    DataModel,
    Edge,
    Elsewhere,
    Entity,
    EntityType,
    ForeignEdge,
    Label,
    MessageSchema,
    MessagingService,
    Origin,
    PartitionColumn,
    Pipeline,
    PipelineService,
    Reference,
    Schema,
    SchemaField,
    StorageService,
    Task,
    Topic,
)
from ingest_assets.ingestion.ingestion import Ingestion
from ingest_assets.openmetadata.layout import collection_of, layout_of
from ingest_assets_tests.ingestion.estates import Estate, run_estate
from ingest_assets_tests.ingestion.lakes import Lake, column
from ingest_assets_tests.ingestion.recipes import GlueRecipe, hide_own_aws
from ingest_assets_tests.ingestion.runs import Place, place, run_steps
from ingest_assets_tests.ingestion.words import FIELDS, WORDS, Field, Json, Minor, Word, as_of, before

NEWEST = "2.0.0"
VERSIONS = ("1.0.3", "1.2.5", "1.5.7", "1.9.9", "1.12.4", "1.13.1", NEWEST)
OWNER = "lena.berg"
BOARD = ("looker", "12")
_SERVERS_OWN = frozenset(
    {
        "id",
        "href",
        "fullyQualifiedName",
        "version",
        "updatedAt",
        "updatedBy",
        "sourceHash",
        "changeDescription",
        "incrementalChangeDescription",
    }
)
_WITH_EDGES = (EntityType.TABLE, EntityType.DATA_MODEL, EntityType.DASHBOARD)
_LABEL = ("tagFQN", "source", "labelType", "state")

Catalog = dict[Reference, Json]


class World(NamedTuple):
    """What two runs of everything came to on one server.

    Attributes:
        catalog: What stands there.
        problems: What failed, by FQN.
        refusals: Requests that were answered with an error, but for look-ups of what is not there.
        again: Requests of the second runs that meant to change something.
    """

    catalog: Catalog
    problems: dict[str, str]
    refusals: list[str]
    again: list[str]


def lake() -> Lake:
    """All that a table can have, and a table for each word that some servers don't know."""
    made = Lake("words")
    made.schemas["db", "sales"] = Schema(path=("words", "db", "sales"), retention_period="P1Y", description="Sales")
    tags = (Label("PII.Sensitive"), Label("Tier.Tier1"))
    made.put(
        "sales",
        "orders",
        description="All orders",
        display_name="Orders",
        owners=(OWNER,),
        labels=tags,
        columns=(
            column("id", "BIGINT", description="Its number", labels=tags[:1]),
            column("home", "STRUCT", children=(column("zip::code", "VARCHAR", data_length=9),)),
            column("many", "ARRAY", array_data_type="INT"),
            column("total", "DECIMAL", precision=10, scale=2),
        ),
        partitions=(
            PartitionColumn(column="id", interval_type="INJECTED"),
            PartitionColumn(column="total", interval_type="COLUMN-VALUE"),
        ),
        location="s3://lake/orders/",
        retention_period="P30D",
        created=1_700_000_000_000,
        source_url="https://console.example/orders",
    )
    made.put("sales", "x" * 200, columns=(column("y" * 200),))
    for number, word in enumerate(WORDS):
        if word.name == "dataType":
            made.put("words", f"{number}", columns=(column("c", word.word),))
        elif word.name == "intervalType":
            made.put("words", f"{number}", partitions=(PartitionColumn(column="id", interval_type=word.word),))
        elif word.types == "table":
            attribute = {"tableType": "table_type", "fileFormat": "file_format"}[word.name]
            made.put("words", f"{number}", **{attribute: word.word})
    return made


def words(kind: str, name: str) -> list[str]:
    """What some servers don't know, and one word that all of them do."""
    known = {"chartType": "Bar", "dataModelType": "LookMlView"}
    return [known[name], *(word.word for word in WORDS if (word.types, word.name) == (kind, name))]


def topics() -> Estate:
    made = Estate(MessagingService(path=("kinesis.eu",), service_type="Kinesis"))
    fields = (SchemaField(name="Order", data_type="RECORD", children=(SchemaField(name="id", data_type="LONG"),)),)
    made.put(
        Topic(
            path=("kinesis.eu", "orders"),
            partitions=4,
            description="All orders",
            message_schema=MessageSchema(text='{"type": "record"}', type="Avro", fields=fields),
            cleanup_policies=("delete",),
            retention_time=86_400_000,
            maximum_message_size=1_048_576,
            config={"mode": "ON_DEMAND"},
            source_url="https://console.example/orders",
            owners=(OWNER,),
            labels=(Label("Tier.Tier1"),),
        )
    )
    return made


def dashboards() -> Estate:
    made = Estate(DashboardService(path=("looker",), service_type="Looker"))
    charts, models = words("chart", "chartType"), words("dashboardDataModel", "dataModelType")
    made.put(*(Chart(path=("looker", f"on {word}"), chart_type=word, source_url="https://l/x") for word in charts))
    made.put(
        *(
            DataModel(
                path=("looker", f"of {word}"),
                data_model_type=word,
                columns=(column("orders.id", description="Its number"),),
                sql="select 1",
                project="shop",
                source_url="https://l/y",
            )
            for word in models
        )
    )
    made.put(
        Dashboard(
            path=BOARD,
            display_name="Sales",
            description="How we sell",
            project="Shared/Sales",
            charts=tuple(f"on {word}" for word in charts),
            data_models=tuple(f"of {word}" for word in models),
            source_url="https://l/12",
            owners=(OWNER,),
        )
    )
    model, board = Reference(EntityType.DATA_MODEL, ("looker", "of LookMlView")), Reference(EntityType.DASHBOARD, BOARD)
    drawn = ColumnPair((ColumnReference(model, ("orders.id",)),), ColumnReference(board, ("on Bar",)))
    made.lineage = [
        Edge(source=model, target=board, origin=Origin.DASHBOARD, columns=(drawn,)),
        ForeignEdge(
            source=Elsewhere(type=EntityType.TABLE, names=("db", "sales", "orders"), system="glue"),
            target=model,
            origin=Origin.DASHBOARD,
            columns=(ColumnPaths((("id",),), ("orders.id",)),),
        ),
    ]
    return made


def pipelines() -> Estate:
    made = Estate(PipelineService(path=("firehose",), service_type="KinesisFirehose"))
    task = Task(name="deliver", task_type="S3", downstream=("convert",), source_url="https://console.example/deliver")
    made.put(
        Pipeline(
            path=("firehose", "orders"),
            tasks=(task, Task(name="convert", description="To parquet", sql="select 1")),
            description="Delivers",
            concurrency=2,
            start_date="2024-01-01T00:00:00Z",
            schedule_interval="0 3 * * *",
            source_url="https://console.example/firehose",
            labels=(Label("Tier.Tier1"),),
        )
    )
    return made


def containers() -> Estate:
    made = Estate(StorageService(path=("s3",), service_type="S3"))
    inner = {"columns": (column("id"),), "is_partitioned": True, "file_formats": ("parquet", "MF4"), "size": 1000}
    made.put(
        Container(path=("s3", "my.lake"), full_path="s3://my.lake", number_of_objects=12, description="The lake"),
        Container(path=("s3", "my.lake", "orders"), prefix="/orders/", source_url="https://s3.example", **inner),
    )
    return made


def run_all(here: Place, recipe: GlueRecipe) -> tuple[list[Entity], dict[str, str]]:
    """One run of everything: all entities that were read, and what failed."""
    with closing(recipe.ingestion()) as ingestion:
        problems = run_steps(ingestion).failures()
        found = [*ingestion.source.services(), *read(ingestion)]
    made = lake()
    problems |= here.run(made).failures()
    levels: list[Mapping[Any, object]] = [made.databases, made.schemas, made.tables]
    found += [*made.services(), *(each for level in levels for each in level.values() if isinstance(each, Entity))]
    for make in (topics, dashboards, pipelines, containers):
        estate = make()
        problems |= run_estate(here, estate).failures()
        found += [estate.owner, *estate.entities.values()]
    return found, problems


def read(ingestion: Ingestion) -> Iterator[Entity]:
    manifest = ingestion.manifest("")
    for kind in ingestion.kinds:
        for result in manifest.listing(kind):
            if result.file:
                yield from ingestion.snapshots.entities(result.file)


def world(folder: Path, version: str) -> World:
    """Run everything twice on a server of a version."""
    with place(folder, version) as here:
        recipe = GlueRecipe(here.sandbox, folder, principal=here.sandbox.reader, config={"includeOwners": True})
        entities, problems = run_all(here, recipe)
        refusals = [
            f"{each.status} {each.method} {each.path}"
            for each in here.sandbox.openmetadata.requests
            if each.status >= 400 and (each.method, each.status) != ("GET", 404)
        ]
        catalog = catalog_of(here, entities)
        here.sandbox.openmetadata.reset_counts()
        run_all(here, recipe)
        return World(catalog, problems, refusals, here.writes())


def catalog_of(here: Place, entities: list[Entity]) -> Catalog:
    """All that was read, as it stands on the server, with the edges into it."""
    found = {entity.reference: stored(here, entity.reference) for entity in entities}
    names = {document["id"]: str(reference) for reference, document in found.items()}
    catalog = {}
    for reference, document in found.items():
        catalog[reference] = plain(document)
        if reference.type in _WITH_EDGES:
            edges = here.admin.upstream_edges(reference.type, document["id"])
            catalog[reference]["edges"] = {names[source]: details for source, details in edges.items()}
    return catalog


def stored(here: Place, reference: Reference) -> Json:
    kind, known = reference.type, here.admin.capabilities
    fields = [known.owners, "tags", *layout_of(kind).fields]
    if kind is EntityType.TABLE:
        fields += ["tablePartition", known.schema_definition, *(["lifeCycle"] if known.life_cycle else [])]
    return here.admin.get_by_name(collection_of(kind), known.names.fqn(reference), {"fields": ",".join(fields)})


def plain(value: Any) -> Any:
    """Without what the server alone says.

    Names that a server takes none of are replaced, and shown as they are beside: one of the two is what it is called.
    """
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    if "tagFQN" in value:
        return {name: value[name] for name in _LABEL}
    kept = {name: plain(inner) for name, inner in value.items() if name not in _SERVERS_OWN}
    if "name" in kept:
        name = kept.pop("name")
        kept["called"] = kept.pop("displayName", name)
    return kept


@pytest.fixture(scope="module")
def newest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        hide_own_aws(monkeypatch)
        yield world(tmp_path_factory.mktemp("newest"), NEWEST)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_same_recipe_makes_the_same_catalog(
    version: str, newest: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide_own_aws(monkeypatch)
    found = newest if version == NEWEST else world(tmp_path, version)
    assert found.refusals == []
    assert found.again == []
    assert found.problems.keys() == newest.problems.keys()
    assert len(found.catalog) > 100
    minor = minor_of(version)
    for reference, document in newest.catalog.items():
        assert found.catalog[reference] == as_of(minor, reference.type.value, document), reference
    assert found.catalog.keys() == newest.catalog.keys()


def test_each_row_of_the_table_is_met(newest: World) -> None:
    """A difference that no entity has would prove nothing."""
    documents = [(reference.type.value, found) for reference, found in newest.catalog.items()]
    rows: list[Field | Word] = [*FIELDS, *WORDS]
    assert [row for row in rows if all(before(row, kind, found) == found for kind, found in documents)] == []


def minor_of(version: str) -> Minor:
    major, minor, *_ = map(int, version.split("."))
    return major, minor
