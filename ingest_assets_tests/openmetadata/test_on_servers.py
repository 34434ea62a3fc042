"""Client, wire, owners and listing against servers of three lines."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest_assets.catalog import (
    Column,
    ColumnPair,
    ColumnReference,
    Database,
    DatabaseService,
    Edge,
    Entity,
    EntityType,
    Origin,
    PartitionColumn,
    Reference,
    Schema,
    Table,
)
from ingest_assets.errors import RejectedError
from ingest_assets.openmetadata import wire
from ingest_assets.openmetadata.client import OpenMetadataClient, Put
from ingest_assets.openmetadata.layout import collection_of
from ingest_assets.openmetadata.listing import ServerListing
from ingest_assets.openmetadata.marks import owners_of
from ingest_assets.openmetadata.owners import OwnerLookup
from ingest_assets.sandbox.openmetadata import OpenMetadataApp
from ingest_assets_tests.openmetadata.real import VERSIONS, real_server

NUMBERS = itertools.count()


class Real(NamedTuple):
    app: OpenMetadataApp
    client: OpenMetadataClient

    def put(self, entity: Entity) -> Put:
        body = wire.body(entity, self.client.capabilities)
        return self.client.put_entity(collection_of(EntityType(entity.type)), body)

    def fqn(self, entity: Entity) -> str:
        return self.client.capabilities.names.fqn(entity.reference)

    def listing(self) -> ServerListing:
        return ServerListing(self.client, self.client.capabilities)


@pytest.fixture(scope="module", params=VERSIONS)
def real(request: pytest.FixtureRequest) -> Iterator[Real]:
    with real_server(request.param) as (app, client):
        yield Real(app, client)


def lake(*names: str) -> list[Entity]:
    """A service, a database, a schema and a table of these names, and a table with every kind of column."""
    service, database, schema, table = names
    return [
        DatabaseService(path=(service,), service_type="Glue", description="lake"),
        Database(path=(service, database), source_url="https://console/d"),
        Schema(path=(service, database, schema), retention_period="P30D"),
        Table(
            path=(service, database, schema, table),
            table_type="Transient",
            columns=(
                column(names[3], "VARCHAR"),
                column("amount", "DECIMAL", precision=10, scale=12),
                column("tags", "ARRAY", children=(column(names[0], "BIT"),)),
                column("st", "STRUCT", children=(column("x::y", "CHAR"), column("x::y", "MAP"))),
                column("empty", "STRUCT"),
                column("odd", "NO SUCH TYPE"),
            ),
            partitions=(PartitionColumn(column=names[3], interval_type="INJECTED"),),
            file_format="parquet",
            location="s3://lake/x/",
            created=1700000000000,
            sql="select 1",
            source_url="https://console/t",
            retention_period="P1D",
        ),
    ]


def column(name: str, data_type: str, **rest: object) -> Column:
    return Column.model_validate({"name": name, "data_type": data_type, "data_type_display": data_type.lower(), **rest})


def test_everything_that_a_source_can_say_is_taken(real: Real) -> None:
    entities = lake("plain", "db", "s", "t")
    changes = [real.put(entity).change for entity in entities]
    assert changes == ["entityCreated"] * 4
    assert [real.put(entity).change for entity in entities] == ["entityNoChange"] * 4


@pytest.mark.parametrize("version", [*(f"1.{minor}" for minor in range(14)), "2.0"])
def test_no_minor_refuses_a_word_that_we_take_for_known(version: str) -> None:
    with real_server(version) as (app, client):
        real, known = Real(app, client), client.capabilities
        for entity in lake("svc", "db", "s", "t"):
            real.put(entity)
        columns = tuple(column(word, word, array_data_type="INT") for word in sorted(known.data_types))
        tables = [table(columns=columns)]
        tables += [table(table_type=word) for word in known.table_types]
        tables += [table(file_format=word) for word in known.file_formats]
        for word in known.partition_intervals:
            partitions = (PartitionColumn(column="INT", interval_type=word),)
            tables.append(table(columns=columns, partitions=partitions))
        services = [
            DatabaseService(path=(word,), service_type=word) for word in known.services[EntityType.DATABASE_SERVICE]
        ]
        for entity in [*tables, *services]:
            assert real.put(entity).entity["id"]
        assert client.notes == []


def table(**rest: object) -> Table:
    return Table.model_validate({"path": ("svc", "db", "s", "w"), "table_type": "Regular", "columns": ()} | rest)


ODD = [
    "a.b",
    "a::b",
    "a>b",
    'a"b',
    "a/b",
    "a%20b#c?d",
    " a ",
    "größe 表",
    "a\nb",
    "a\tb",
    "..",
    "",
    "'",
    "x" * 300,
    "a&b=c",
]


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_our_fqn_of_an_odd_name_is_the_servers_at_every_level(real: Real, odd: str) -> None:
    assert_same_fqns(real, odd, odd, odd, odd)


NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
LONG = st.text("aé.表: >", min_size=100, max_size=300)


@settings(max_examples=40, deadline=None)
@given(names=st.tuples(*[NAMES | LONG] * 4))
def test_our_fqn_is_the_servers_for_any_names(real: Real, names: tuple[str, str, str, str]) -> None:
    assert_same_fqns(real, *names)


def assert_same_fqns(real: Real, service: str, database: str, schema: str, table: str) -> None:
    entities = lake(f"{next(NUMBERS)}{service}", database, schema, table)
    rules = real.client.capabilities.names
    for entity in entities:
        made = real.put(entity).entity
        assert made["fullyQualifiedName"] == real.fqn(entity)
        assert made["name"] == rules.entity_name(entity.reference)
        assert made.get("displayName") == rules.display_name(entity.reference)
        found = real.client.get_by_name(collection_of(EntityType(entity.type)), real.fqn(entity))
        assert found["id"] == made["id"]
    columns = found["columns"]
    reference = entities[-1].reference
    assert columns[0]["fullyQualifiedName"] == rules.column_fqn(ColumnReference(reference, (table,)))
    nested = ColumnReference(reference, ("tags", entities[0].path[0]))
    assert columns[2]["children"][0]["fullyQualifiedName"] == rules.column_fqn(nested)


def test_the_state_of_a_service_is_listed_level_by_level(real: Real) -> None:
    name = "svc.1"
    first, second = lake(name, "db", "s.1", "t"), lake(name, "db2", "s", "u")
    other = lake("svc", "1", "db", "t")
    for entity in [*first, *second[1:], *other]:
        made = real.put(entity).entity
    real.client.delete(f"/v1/tables/{made['id']}")
    listing = real.listing()
    service = listing.service(first[0].reference)
    assert service is not None
    assert real.client.capabilities.names.on_server(service.key) == real.fqn(first[0])
    assert listing.service(Reference(EntityType.DATABASE_SERVICE, ("none",))) is None
    assert {row.fqn for row in listing.below(EntityType.DATABASE, service.fqn)} == {
        real.fqn(first[1]),
        real.fqn(second[1]),
    }
    assert [row.fqn for row in listing.below(EntityType.SCHEMA, real.fqn(first[1]))] == [real.fqn(first[2])]
    table = next(listing.below(EntityType.TABLE, real.fqn(first[1])))
    assert (table.fqn, table.deleted) == (real.fqn(first[3]), False)
    body = wire.body(first[3], real.client.capabilities)
    assert table.source_hash == (wire.fingerprint(body) if real.client.capabilities.source_hash else None)
    assert [row.deleted for row in listing.below(EntityType.TABLE, real.fqn(other[1]))] == [True]


def test_a_listing_of_many_pages_is_complete(real: Real) -> None:
    entities = lake("pages", "db", "s", "t0")
    for entity in entities:
        real.put(entity)
    for number in range(1, 8):
        real.put(entities[3].model_copy(update={"path": ("pages", "db", "s", f"t{number}")}))
    rows = real.client.list("tables", {"database": "pages.db"}, limit=3)
    assert sorted(row["name"] for row in rows) == [f"t{number}" for number in range(8)]


def test_edges_with_columns_are_drawn_and_found(real: Real) -> None:
    entities = lake("edges", "db", "s", "a.1")
    ids = [real.put(entity).entity["id"] for entity in entities]
    source = entities[3].reference
    view = Table(path=("edges", "db", "s", "v"), table_type="View", columns=(column("y", "INT"),))
    target = Reference(EntityType.TABLE, view.path)
    ends = (ids[3], real.put(view).entity["id"])
    y = ColumnReference(target, ("y",))
    pairs = (
        ColumnPair((ColumnReference(source, ("a.1",)), ColumnReference(source, ("st", "x::y"))), y),
        ColumnPair((y,), ColumnReference(Reference(EntityType.TABLE, ("edges", "db", "s", "w")), ("y",))),
    )
    edge = Edge(source=source, target=target, origin=Origin.VIEW, columns=pairs, sql="select 1")
    capabilities = real.client.capabilities
    assert real.client.lineage_details(EntityType.TABLE, *ends) is None
    real.client.put_lineage(wire.lineage_body(edge, ends, capabilities))
    found = real.client.lineage_details(EntityType.TABLE, *ends)
    assert found is not None
    assert (
        found["columnsLineage"]
        == wire.lineage_body(edge, ends, capabilities)["edge"]["lineageDetails"]["columnsLineage"]
    )
    assert found.get("source", "ViewLineage") == "ViewLineage"
    assert len(wire.left_out(edge, capabilities)) == (1 if capabilities.lineage_nested_columns else 2)


def test_owners_of_a_real_server(real: Real) -> None:
    number = next(NUMBERS)
    user = real.client.put("/v1/users", {"name": f"Ann.{number}", "email": f"Ann.{number}@Example.com"})
    team = real.client.put("/v1/teams", {"name": f"team.{number}", "teamType": "Group"})
    lookup = OwnerLookup(real.client, real.client.capabilities)
    assert [owner["id"] for owner in lookup.resolve([f"Ann.{number}"]).found] == [user["id"]]
    assert [owner["id"] for owner in lookup.resolve([f"ann.{number}@example.com"]).found] == [user["id"]]
    assert [owner["id"] for owner in lookup.resolve([f"team.{number}"]).found] == [team["id"]]
    assert set(lookup.resolve([f"nobody.{number}"]).missing) == {f"nobody.{number}"}
    entities = lake(f"owned{number}", "db", "s", "t")
    body = wire.body(entities[0], real.client.capabilities, lookup.resolve([f"Ann.{number}"]).found)
    real.client.put_entity("services/databaseServices", body)
    field = real.client.capabilities.owners
    stored = real.client.get_by_name("services/databaseServices", f"owned{number}", {"fields": field})
    assert owners_of(stored) == user["id"]


def test_bulk_where_the_line_has_it() -> None:
    with real_server("1.12.4") as (app, client):
        real = Real(app, client)
        entities = lake("bulk", "db", "s", "t.1")
        for entity in entities[:3]:
            real.put(entity)
        good = [wire.body(entities[3], client.capabilities)]
        for number in range(6):
            named = entities[3].model_copy(update={"path": ("bulk", "db", "s", f"t{number}")})
            good.append(wire.body(named, client.capabilities))
        orphan = {**good[0], "databaseSchema": "bulk.db.none"}
        malformed = {**good[0], "name": "m", "tableType": "No Such Type"}
        unruly = {**good[0], "name": "u", "columns": [{"name": "c", "dataType": "VARCHAR"}]}
        result = client.bulk_put("tables", [*good, orphan, malformed, unruly])
        assert set(result.succeeded) == {'bulk.db.s."t.1"', *(f"bulk.db.s.t{number}" for number in range(6))}
        assert sorted((failure.fqn, failure.place) for failure in result.failed) == [
            ('bulk.db.none."t.1"', 7),
            ("bulk.db.s.m", 8),
            ("bulk.db.s.u", 9),
        ]


@pytest.mark.parametrize("version", ["1.0.3", "1.5.7"])
def test_a_line_without_bulk_is_known_by_its_version(version: str) -> None:
    with real_server(version) as (_, client):
        assert not client.has_bulk("tables")


def test_what_a_server_refuses_is_told_in_its_words(real: Real) -> None:
    with pytest.raises(RejectedError, match="name"):
        real.client.put_entity("databases", {"name": "a::b", "service": "x"})
