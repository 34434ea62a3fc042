"""Whole ingestions on every version that classes are published for: what they send is what is validated."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle

import pytest

from ingest_assets.catalog import Entity, Origin, Reference, Table
from ingest_assets.openmetadata import wire
from ingest_assets.openmetadata.layout import collection_of
from ingest_assets.openmetadata.server import Server
from ingest_assets_tests.conformance import everything
from ingest_assets_tests.ingestion.estates import Estate, run_estate
from ingest_assets_tests.ingestion.recipes import GlueRecipe
from ingest_assets_tests.ingestion.runs import THREADS, Place

PLAIN = {"tagFQN": "Plain.Tag", "source": "Classification", "labelType": "Manual", "state": "Confirmed"}


def put_all(place: Place, entities: list[Entity]) -> None:
    """Put entities as a run does, one by one."""
    server = Server(place.client(place.sandbox.bot_token), THREADS)
    for entity in entities:
        made = server.client.put_entity(collection_of(entity.reference.type), server.bodies.make(entity).json)
        assert made.entity["fullyQualifiedName"] == server.bodies.fqn(entity.reference)
    assert server.bodies.unmatched_owners() == {}
    assert list(server.client.notes) == []


def label_by_a_person(place: Place, reference: Reference, *, columns: bool = False) -> None:
    """A person puts a label on an entity, which the next request has to bring along, and on its first column."""
    names, collection = place.admin.capabilities.names, collection_of(reference.type)
    stored = place.get(reference.type, names.fqn(reference), "tags,columns" if columns else "tags")
    operations = [{"op": "add", "path": "/tags", "value": [*stored.get("tags", []), PLAIN]}]
    if columns:
        held = stored["columns"][0].get("tags", [])
        operations.append({"op": "add", "path": "/columns/0/tags", "value": [*held, PLAIN]})
    place.admin.patch(f"/v1/{collection}/{stored['id']}", operations)


def test_the_companys_glue_catalog(here: Place, recipe: GlueRecipe) -> None:
    recipe.config = {"includeOwners": True, "includeDDL": True}
    first = recipe.run()
    assert not first.snapshot.problems
    assert not first.tables.failed
    assert first.tables.created > 50
    assert first.lineage.created > 3
    assert recipe.run().written() == 0


def test_a_lake_with_all_that_can_be_said_of_tables(here: Place) -> None:
    put_all(here, everything.vocabulary())
    first = here.run(everything.lake())
    assert first.tables.created == 4
    assert first.lineage.created == 1
    assert here.run(everything.lake()).written() == 0
    label_by_a_person(here, everything.ORDERS, columns=True)
    changed = everything.lake()
    (key,) = (key for key in changed.tables if key[-1] == everything.ORDERS.name)
    table = changed.tables[key]
    assert isinstance(table, Table)
    changed.tables[key] = table.model_copy(update={"description": "New words", "location": "s3://lake/new/"})
    second = here.run(changed)
    assert (second.tables.updated, second.failures()) == (1, {})
    stored = here.table(here.admin.capabilities.names.fqn(everything.ORDERS), "tags,columns")
    for holder in (stored, stored["columns"][0]):
        assert PLAIN["tagFQN"] in [label["tagFQN"] for label in holder["tags"]]


@pytest.mark.parametrize("make", everything.ESTATES)
def test_a_service_with_all_that_can_be_said_of_its_entities(here: Place, make: Callable[[], Estate]) -> None:
    put_all(here, everything.vocabulary())
    first = run_estate(here, make())
    assert first.failures() == {}
    assert first.written() == len(make().entities)
    assert run_estate(here, make()).written() == 0
    changed = make()
    for reference, entity in list(changed.entities.items()):
        label_by_a_person(here, reference)
        changed.put(entity.model_copy(update={"description": "New words"}))
    second = run_estate(here, changed)
    assert (second.written(), second.failures()) == (len(changed.entities), {})


def make_all(place: Place) -> None:
    put_all(place, everything.vocabulary())
    place.run(everything.lake())
    for make in everything.ESTATES:
        assert run_estate(place, make()).failures() == {}


def test_every_word_that_the_version_knows(here: Place) -> None:
    make_all(here)
    put_all(here, list(everything.words(here.admin.capabilities)))


def test_lineage_between_entities_of_all_types(here: Place) -> None:
    make_all(here)
    client, origins = here.client(here.sandbox.bot_token), cycle(Origin)
    rules = client.capabilities.names
    for edge in everything.edges():
        source, target = (here.get(end.type, rules.fqn(end))["id"] for end in (edge.source, edge.target))
        for origin in (edge.origin, next(origins)):
            drawn = edge.model_copy(update={"origin": origin})
            client.put_lineage(wire.lineage_body(drawn, (source, target), client.capabilities))
        assert source in client.upstream_edges(edge.target.type, target)
