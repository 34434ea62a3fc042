from __future__ import annotations

from datetime import date

import pytest

from ingest_assets.catalog import (
    Classification,
    Dashboard,
    DashboardService,
    Entity,
    EntityType,
    Glossary,
    GlossaryTerm,
    MessagingService,
    Tag,
    Topic,
)
from ingest_assets.errors import RejectedError
from ingest_assets.openmetadata import wire
from ingest_assets.openmetadata.beside import put_messages, put_rows, put_usage
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.openmetadata.layout import collection_of
from ingest_assets_tests.openmetadata.real import real_server

VERSIONS = ("1.0.3", "1.2.5", "1.5.7", "1.9.2", "1.12.4", "1.13.1", "2.0.3")
DAY = date(2026, 11, 20)


def put(client: OpenMetadataClient, entity: Entity) -> str:
    """Put an entity; its id."""
    body = wire.body(entity, client.capabilities)
    return str(client.put_entity(collection_of(entity.reference.type), body).entity["id"])


@pytest.mark.parametrize("version", VERSIONS)
def test_messages_of_a_topic_are_replaced_and_make_no_version(version: str) -> None:
    with real_server(version) as (_, client), client:
        put(client, MessagingService(path=("kinesis",), service_type="Kinesis"))
        topic = put(client, Topic(path=("kinesis", "orders"), partitions=1))
        put_messages(client, topic, ["one", "two"])
        put_messages(client, topic, ['{"three": 3}'])
        if not version.startswith("1.0"):  # which has no GET for them
            assert client.get(f"/v1/topics/{topic}/sampleData")["sampleData"]["messages"] == ['{"three": 3}']
        assert client.get(f"/v1/topics/{topic}")["version"] == 0.1


def test_rows_of_a_table_need_its_columns() -> None:
    with real_server("1.12.4") as (_, client), client:
        client.put("/v1/services/databaseServices", {"name": "lake", "serviceType": "Glue"})
        client.put("/v1/databases", {"name": "d", "service": "lake"})
        client.put("/v1/databaseSchemas", {"name": "s", "database": "lake.d"})
        columns = [{"name": "id", "dataType": "INT"}]
        table = client.put("/v1/tables", {"name": "t", "databaseSchema": "lake.d.s", "columns": columns})["id"]
        put_rows(client, table, ["id"], [[1], [None]])
        assert client.get(f"/v1/tables/{table}/sampleData")["sampleData"]["rows"] == [[1], [None]]
        with pytest.raises(RejectedError):
            put_rows(client, table, ["nowhere"], [[1]])


@pytest.mark.parametrize("version", VERSIONS)
def test_usage_of_a_dashboard_sent_twice_counts_once(version: str) -> None:
    with real_server(version) as (_, client), client:
        put(client, DashboardService(path=("looker",), service_type="Looker"))
        board = put(client, Dashboard(path=("looker", "sales")))
        for _ in range(2):
            put_usage(client, EntityType.DASHBOARD, board, DAY, 12)
        usage = client.get(f"/v1/usage/dashboard/{board}", {"date": DAY.isoformat()})["usage"]
        assert usage[0]["dailyStats"]["count"] == 12


WORDS = (
    Classification(path=("Quality",), description="How good it is", mutually_exclusive=True),
    Tag(path=("Quality", "Gold")),
    Tag(path=("Quality", "Gold", "Audited"), description="By people"),
    Glossary(path=("Shop",), description="Words of the shop"),
    GlossaryTerm(path=("Shop", "Order"), synonyms=("Purchase",)),
    GlossaryTerm(path=("Shop", "Order", "Return"), description="An order that comes back"),
)


@pytest.mark.parametrize("version", VERSIONS)
def test_tags_and_terms_are_made_below_what_holds_them_and_put_again_unchanged(version: str) -> None:
    with real_server(version) as (_, client), client:
        for entity in WORDS:
            put(client, entity)
        for entity in WORDS:
            kind, fqn = entity.reference.type, client.capabilities.names.fqn(entity.reference)
            stored = client.get_by_name(collection_of(kind), fqn)
            assert stored["description"] == (entity.description or "")
            again = client.put_entity(collection_of(kind), wire.body(entity, client.capabilities))
            assert again.change == "entityNoChange"
        term = client.get_by_name("glossaryTerms", "Shop.Order")
        assert term["synonyms"] == ["Purchase"]
