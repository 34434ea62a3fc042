"""What a recipe that asks for it makes of what OpenMetadata lacks."""

from __future__ import annotations

from typing import Any

from ingest_assets.catalog import Database, Entity, Finding, Schema, Scope, Table, Topic, Word
from ingest_assets.sources.atlas.mapping import Placing
from ingest_assets.sources.atlas.source import AtlasSource
from ingest_assets_tests.sources.atlas.company import SALES, column, company, table
from ingest_assets_tests.sources.atlas.estate import Estate, entity, ref
from ingest_assets_tests.sources.atlas.odd_server import odd_server
from ingest_assets_tests.sources.atlas.scene import source_at


def crawled(source: AtlasSource) -> list[Finding]:
    """All that a source yields, scopes below scopes included."""
    waiting, found = list(source.roots()), []
    while waiting:
        for finding in source.read(scope := waiting.pop(0)):
            found.append(finding)
            if isinstance(finding, Scope):
                waiting.append(finding)
            elif isinstance(finding, Entity) and not isinstance(finding, Word):
                assert scope.holds(finding.reference)
    return found


def made(estate: Estate, **settings: Any) -> dict[tuple[str, ...], Entity]:
    with odd_server(estate) as server:
        found = crawled(source_at(server.url, create=True, **settings))
    return {each.path: each for each in found if isinstance(each, Database | Schema | Table | Topic)}


def test_tables_and_topics_are_made_in_the_named_services() -> None:
    found = made(company(), database_name="lake")
    assert set(found) == {
        ("hive", "lake"),
        ("hive", "lake", "sales"),
        ("hive", "lake", "sales", "orders"),
        ("hive", "lake", "sales", "orders_daily"),
        ("kafka", "orders_events"),
    }
    orders = found["hive", "lake", "sales", "orders"]
    assert isinstance(orders, Table)
    assert [(each.name, each.data_type) for each in orders.columns] == [
        ("id", "STRING"),
        ("email", "STRING"),
        ("amount", "STRING"),
        ("order_date", "STRING"),
    ]
    assert [each.column for each in orders.partitions] == ["order_date"]


def test_words_are_left_to_the_enrichment() -> None:
    for each in made(company()).values():
        assert each.unknown >= {"description", "owners", "labels"}
        assert each.description is None


def test_a_view_keeps_its_sql_and_a_column_its_type() -> None:
    view = table("v", "v", tableType="VIRTUAL_VIEW", viewOriginalText="select 1 as a")
    typed = column(view, "a", 0, type="decimal(10,2)")
    estate = Estate([SALES, view, typed])
    (hive_table,) = [each for each in estate.entity_defs if each["name"] == "hive_table"]
    names = [*hive_table["attributeDefs"], {"name": "viewOriginalText", "typeName": "string"}]
    estate.entity_defs[estate.entity_defs.index(hive_table)] = {**hive_table, "attributeDefs": names}
    found = made(estate)["hive", "default", "sales", "v"]
    assert isinstance(found, Table)
    assert (found.table_type, found.sql, found.dialect) == ("View", "select 1 as a", "hive")
    assert (found.columns[0].precision, found.columns[0].scale) == (10, 2)


def test_relational_databases_are_databases() -> None:
    shops = entity("shops", "rdbms_db", "shops@pg", "shops")
    till = entity("till", "rdbms_table", "shops.public.till@pg", "till", db=ref(shops), name_path="public")
    assert ("hive", "shops", "public", "till") in made(Estate([shops, till]))


def test_of_several_services_each_gets_what_is_of_its_cluster() -> None:
    elsewhere = entity("db-dr", "hive_db", "sales@dr", "sales")
    tables = [table("one", "t"), entity("two", "hive_table", "sales.u@dr", "u", db=ref(elsewhere))]
    placing = Placing(("hive", "backup"), (), {"cm": ("hive",), "dr": ("backup",)})
    found = made(Estate([SALES, elsewhere, *tables]), placing=placing)
    assert {path for path in found if len(path) == 4} == {
        ("hive", "default", "sales", "t"),
        ("backup", "default", "sales", "u"),
    }


def test_nothing_is_made_where_the_recipe_does_not_ask_for_it() -> None:
    with odd_server(company()) as server:
        source = source_at(server.url)
        assert not source.services()
        assert not [each for each in crawled(source) if isinstance(each, Database | Schema | Table | Topic)]
