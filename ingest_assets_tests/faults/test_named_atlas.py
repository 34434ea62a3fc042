"""What went wrong with Atlas, or nearly: each case by its name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest_assets.assets.steps import steps_of
from ingest_assets.ingestion.report import Report
from ingest_assets.openmetadata.client import name_path
from ingest_assets_tests.faults.atlas_scene import AtlasScene, atlas_scene
from ingest_assets_tests.faults.atlases import SALES, TABLES, TOPICS


@pytest.fixture
def on(tmp_path: Path) -> Iterator[AtlasScene]:
    with atlas_scene(tmp_path) as made:
        yield made


def run(on: AtlasScene) -> dict[str, Report]:
    ran = on.run()
    assert ran.steps is not None, repr(ran)
    return dict(zip((step.name for step in steps_of("atlas")), ran.steps, strict=True))


def table(on: AtlasScene, fqn: str) -> dict[str, Any]:
    return on.admin.get(f"{name_path('tables', fqn)}?fields=tags,columns")


def tags(on: AtlasScene, fqn: str) -> set[str]:
    return {label["tagFQN"] for label in table(on, fqn)["tags"]}


def upstream(on: AtlasScene, fqn: str) -> dict[str, dict[str, Any]]:
    graph = on.admin.get(f"/v1/lineage/table/{table(on, fqn)['id']}?upstreamDepth=1&downstreamDepth=0")
    names = {node["id"]: node["fullyQualifiedName"] for node in graph["nodes"]}
    return {names[edge["fromEntity"]]: edge["lineageDetails"] for edge in graph["upstreamEdges"]}


def draw(on: AtlasScene, begin: str, end: str, details: dict[str, Any]) -> None:
    ends = [{"id": table(on, fqn)["id"], "type": "table"} for fqn in (begin, end)]
    edge = {"fromEntity": ends[0], "toEntity": ends[1], "lineageDetails": details}
    on.admin.put("/v1/lineage", {"edge": edge})


def test_a_recipe_that_names_no_database_service_any_more_enriches_none(on: AtlasScene) -> None:
    run(on)
    on.recipe.connection = {"databaseServiceName": []}
    on.admin.put("/v1/services/databaseServices", {"name": "other", "serviceType": "Hive"})
    on.admin.put("/v1/databases", {"name": "db", "service": "other"})
    on.admin.put("/v1/databaseSchemas", {"name": "sales", "database": "other.db"})
    columns = [{"name": "email", "dataType": "STRING"}]
    on.admin.put("/v1/tables", {"name": "orders", "databaseSchema": "other.db.sales", "columns": columns})
    on.people.delete(f"{SALES}.orders")
    run(on)
    assert tags(on, "other.db.sales.orders") == set()


def test_lineage_that_others_drew_is_neither_replaced_nor_dropped(on: AtlasScene) -> None:
    told = {"source": "ViewLineage", "sqlQuery": "create view daily as select 1"}
    draw(on, f"{SALES}.orders", f"{SALES}.daily", told)
    first = run(on)["lineage"]
    assert (first.created, first.parked) == (1, 1)
    assert any("drawn there by others" in problem.reason for problem in first.problems)
    on.company.change()
    on.company.atlas.delete(on.company._at("daily from orders"))
    run(on)
    held = upstream(on, f"{SALES}.daily")[f"{SALES}.orders"]
    assert {name: held[name] for name in told} == told


def test_a_filter_keeps_the_lineage_of_what_it_leaves_out_and_no_other(on: AtlasScene) -> None:
    run(on)
    on.recipe.config = {**on.recipe.config, "tableFilterPattern": {"excludes": ["customers"]}}
    for name in ("daily from orders", "customers from clicks"):
        on.company.atlas.delete(on.company._at(name))
    run(on)
    assert upstream(on, f"{SALES}.daily") == {}
    assert set(upstream(on, f"{SALES}.customers")) == {f"{TOPICS}.clicks"}


def test_lineage_of_a_service_that_is_named_no_more_stays(on: AtlasScene) -> None:
    run(on)
    on.recipe.connection = {"messagingServiceName": []}
    run(on)
    assert set(upstream(on, f"{SALES}.customers")) == {f"{TOPICS}.clicks"}


def test_the_order_of_services_is_nothing_to_the_ledger(on: AtlasScene) -> None:
    on.admin.put("/v1/services/databaseServices", {"name": "another", "serviceType": "Hive"})
    on.recipe.connection = {"databaseServiceName": [TABLES, "another"]}
    run(on)
    on.recipe.connection = {"databaseServiceName": ["another", TABLES]}
    on.company.change()
    run(on)
    assert table(on, f"{SALES}.orders")["description"] == "All that was ordered"
    assert "AtlasLabels.nightly" not in tags(on, f"{SALES}.orders")


def test_what_people_set_is_replaced_where_the_recipe_says_so(on: AtlasScene) -> None:
    on.recipe.config = {**on.recipe.config, "overrideMetadata": True}
    run(on)
    on.people.edit()
    run(on)
    assert table(on, f"{SALES}.customers")["description"] == "About customers"
    assert sum(report.created + report.updated for report in run(on).values()) == 0


def test_values_of_classifications_arrive_though_a_server_spells_them_otherwise(tmp_path: Path) -> None:
    with atlas_scene(tmp_path, version="1.0.4") as on:
        run(on)
        found = tags(on, f"{SALES}.customers")
        assert any(tag.startswith("AtlasMetadata.CONFIDENTIAL.level") for tag in found), found
        assert sum(report.created + report.updated for report in run(on).values()) == 0
