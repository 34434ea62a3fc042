"""Whole runs: what Atlas knows arrives at what another recipe made, and a second run writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ingest_assets.calls import Calls
from ingest_assets.catalog import EntityType, Reference
from ingest_assets.errors import RecipeError
from ingest_assets.ingestion.enrichment import enrich
from ingest_assets.ingestion.ingestion import Ingestion
from ingest_assets.ingestion.report import Report
from ingest_assets.ingestion.requirements import Required, require_services
from ingest_assets.ingestion.vocabulary import publish_words
from ingest_assets.openmetadata.planner import PlanRules
from ingest_assets.openmetadata.server import Server
from ingest_assets.progress import SilentProgress
from ingest_assets.snapshots.repository import Snapshots
from ingest_assets.snapshots.store import FolderStore
from ingest_assets_tests.ingestion.lakes import Lake, column
from ingest_assets_tests.ingestion.runs import RUN_IDS, Place, place
from ingest_assets_tests.sources.atlas.company import SALES, company, process
from ingest_assets_tests.sources.atlas.estate import Estate, Json
from ingest_assets_tests.sources.atlas.odd_server import odd_server
from ingest_assets_tests.sources.atlas.scene import SERVICE, source_at


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Place]:
    """A server that has the tables of the service ``hive``."""
    with place(tmp_path) as made:
        lake = Lake(name="hive")
        names = ("id", "email", "amount", "order_date")
        lake.put("sales", "orders", columns=tuple(map(column, names)))
        lake.put("sales", "orders_daily", columns=(column("total"),))
        made.run(lake)
        yield made


def ingestion_of(server: Place, url: str, databases: tuple[str, ...] = ("hive",)) -> Ingestion:
    calls = Calls()
    return Ingestion(
        source=source_at(url),
        source_calls=Calls(),
        server=Server(server.client(server.sandbox.bot_token, calls), 4),
        server_calls=calls,
        snapshots=Snapshots(FolderStore(server.folder / "store"), "atlas", SERVICE),
        rules=PlanRules(frozenset(), 4),
        threads=4,
        progress=SilentProgress(),
        lineage_services={
            EntityType.DATABASE_SERVICE: databases,
            EntityType.MESSAGING_SERVICE: ("kafka",),
        },
        required=(Required(Reference(EntityType.DATABASE_SERVICE, ("hive",)), "databaseServiceName"),),
    )


def run(server: Place, url: str) -> dict[str, Report]:
    """A run of its own, as a new process would make it."""
    run_id = next(RUN_IDS)
    ingestion = ingestion_of(server, url)
    with closing(ingestion):
        return {
            "snapshot": ingestion.snapshot(run_id, last_attempt=True),
            "plan": ingestion.plan(run_id),
            "tags": publish_words(ingestion, run_id, EntityType.CLASSIFICATION),
            "terms": publish_words(ingestion, run_id, EntityType.GLOSSARY),
            "enrichment": enrich(ingestion, run_id),
            "lineage": ingestion.lineage(run_id),
            "stale": ingestion.stale(run_id),
        }


def with_lineage() -> Estate:
    estate = company()
    tables = {each["guid"]: each for each in estate.entities}
    estate.entities.append(process("P", [tables["orders"]], [tables["daily"]], queryText="insert into orders_daily"))
    return estate


def labels(held: Json) -> set[str]:
    return {label["tagFQN"] for label in held["tags"]}


def test_what_atlas_knows_arrives_and_a_second_run_writes_nothing(server: Place) -> None:
    with odd_server(with_lineage()) as atlas:
        first = run(server, atlas.url)
        assert all(report.balances() for report in first.values())
        orders = server.table("hive.db.sales.orders", "columns,tags")
        assert orders["description"] == "Orders by day"
        assert labels(orders) == {
            "AtlasLabels.nightly",
            "AtlasMetadata.CONFIDENTIAL",
            "AtlasMetadata.CONFIDENTIAL.level=high",
            "Business.Order",
        }
        by_name = {each["name"]: each for each in orders["columns"]}
        assert by_name["id"]["description"] == "order key"
        assert labels(by_name["email"]) == {"AtlasMetadata.PII", "AtlasMetadata.PII_CONTACT"}
        assert server.get(EntityType.SCHEMA, "hive.db.sales")["description"] == SALES["attributes"]["description"]
        assert len(server.edges_to("hive.db.sales.orders_daily")) == 1
        server.sandbox.openmetadata.reset_counts()
        run(server, atlas.url)
        assert server.writes() == []


def test_a_tag_that_atlas_dropped_is_dropped(server: Place) -> None:
    estate = with_lineage()
    with odd_server(estate) as atlas:
        run(server, atlas.url)
        (orders,) = [each for each in estate.entities if each["guid"] == "orders"]
        changed = {**orders, "classifications": [], "classificationNames": [], "labels": []}
        estate.entities[estate.entities.index(orders)] = changed
        run(server, atlas.url)
    assert labels(server.table("hive.db.sales.orders", "tags")) == {"Business.Order"}


def test_an_edge_whose_process_is_gone_is_dropped(server: Place) -> None:
    estate = with_lineage()
    with odd_server(estate) as atlas:
        run(server, atlas.url)
        estate.entities.pop()
        run(server, atlas.url)
    assert server.edges_to("hive.db.sales.orders_daily") == []


def test_what_has_no_match_is_listed(server: Place) -> None:
    with odd_server(with_lineage()) as atlas:
        found = run(server, atlas.url)["enrichment"]
    assert found.unmatched == 1
    assert any("orders_events" in problem.fqn for problem in found.problems)


def test_a_named_service_that_the_server_lacks_is_refused_at_once(server: Place) -> None:
    named = [Required(Reference(EntityType.DATABASE_SERVICE, (name,)), "key") for name in ("hive", "elsewhere")]
    with (
        closing(ingestion_of(server, "http://localhost:1")) as ingestion,
        pytest.raises(RecipeError, match=r"key: .* no database service 'elsewhere'.*serviceName: elsewhere"),
    ):
        require_services(named, ingestion.server.listing)
