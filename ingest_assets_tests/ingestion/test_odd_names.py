"""Odd names at every level, on every line of versions: they land, are told apart, and carry lineage."""

from __future__ import annotations

import pytest

from ingest_assets.catalog import EntityType, NameRules, Reference
from ingest_assets_tests.ingestion.lakes import Lake, column
from ingest_assets_tests.ingestion.runs import Place

ODD = [
    "a.b",
    "a::b",
    "a>b",
    " a b ",
    "a/b",
    "50%25",
    'say "hi"',
    "größe 表 مخزن",
    "x" * 300,
    "表" * 300,
    "a#b?c&d=e",
    "'",
]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: ascii(odd)[:20])
def test_an_odd_name_lands_at_every_level_with_its_lineage(anywhere: Place, odd: str) -> None:
    lake = Lake(odd)
    columns = (column(odd, "STRING"), column("address", "STRUCT", children=(column(odd, "STRING"),)))
    orders = lake.put(odd, odd, database=odd, columns=columns)
    quoted = '"' + odd.replace('"', '""') + '"'
    sql = " ".join(("select", quoted, "from", quoted))
    view = lake.view(odd, f"{odd[:200]} view", sql, database=odd, columns=(column(odd, "STRING"),))

    first = anywhere.run(lake)

    assert not first.failures()
    assert (first.databases.created, first.schemas.created, first.tables.created) == (1, 1, 2)
    rules = anywhere.ingestion(lake).server.capabilities.names
    service = EntityType.DATABASE_SERVICE
    for length, kind in enumerate((service, *service.held), start=1):
        check_entity(anywhere, rules, Reference(kind, orders.path[:length]))
    stored = anywhere.table(rules.fqn(orders.reference))["columns"]
    for each in (stored[0], stored[1]["children"][0]):
        assert each["name"] == rules.name(odd)
        assert each.get("displayName", each["name"]) == odd
    (edge,) = anywhere.edges_to(rules.fqn(view.reference))
    (pair,) = edge["lineageDetails"]["columnsLineage"]
    assert pair["fromColumns"] == [stored[0]["fullyQualifiedName"]]
    second = anywhere.run(lake)
    assert second.written() == 0
    assert second.stale_fqns() == []


def check_entity(here: Place, rules: NameRules, reference: Reference) -> None:
    found = here.get(reference.type, rules.fqn(reference))
    assert found["fullyQualifiedName"] == rules.fqn(reference)
    assert found["name"] == rules.entity_name(reference)
    assert found.get("displayName", found["name"]) == reference.name


def test_names_that_differ_in_case_or_far_behind_are_two_tables(anywhere: Place) -> None:
    lake = Lake()
    names = ["Orders", "orders", "x" * 300 + "1", "x" * 300 + "2", "a.b", "a_b"]
    for name in names:
        lake.put("s", name)
    assert anywhere.run(lake).tables.created == len(names)
    assert anywhere.run(lake).tables.unchanged == len(names)
