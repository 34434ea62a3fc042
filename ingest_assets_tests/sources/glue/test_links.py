"""Resource links: columns of their owners, edges from them, and what a refusal costs."""

from __future__ import annotations

import pytest

from ingest_assets.calls import Calls
from ingest_assets.catalog import Edge, ForeignEdge, Table
from ingest_assets.sandbox.aws.identity import Role
from ingest_assets.sandbox.server import DOCUMENTED_ACTIONS, READER_ACTIONS, Sandbox
from ingest_assets.sources.glue.places import OtherAccount
from ingest_assets.sources.glue.source import GlueSettings, GlueSource
from ingest_assets_tests.sources.conftest import SessionMaker
from ingest_assets_tests.sources.glue.reading import Reading, read_all

PARTNER, STRANGER = "210987654321", "345678901234"
COLUMNS = {"Columns": [{"Name": "id", "Type": "bigint"}, {"Name": "road", "Type": "string"}]}


class Lake:
    """Readings of the sandbox, and what they called."""

    def __init__(self, sandbox: Sandbox, session_of: SessionMaker) -> None:
        self.sandbox = sandbox
        self.glue = sandbox.company.glue
        self.account = sandbox.company.account
        self.session_of = session_of
        self.calls = Calls()

    def read(self, *actions: str, **settings: object) -> Reading:
        actions = actions or (*READER_ACTIONS, "sts:AssumeRole")
        who = self.sandbox.aws.identities.add_principal("links", actions, account=self.account)
        self.calls = Calls()
        session = self.session_of(who, calls=self.calls, attempts=1)
        return read_all(GlueSource(GlueSettings("lake", include_tags=False, **settings), session))  # type: ignore[arg-type]

    def link(self, name: str, target: str, database: str = "weather", owner: str = STRANGER, **more: str) -> None:
        where = {"CatalogId": owner, "DatabaseName": database, "Name": target, **more}
        self.glue.put_table("sales", {"Name": name, "TargetTable": where})

    def role(self) -> OtherAccount:
        role = Role(STRANGER, "reader", frozenset(READER_ACTIONS))
        return OtherAccount(STRANGER, self.sandbox.aws.identities.add_role(role).arn)


@pytest.fixture
def lake(sandbox: Sandbox, session_of: SessionMaker) -> Lake:
    return Lake(sandbox, session_of)


def edges(reading: Reading) -> dict[tuple[str, ...], tuple[str, ...]]:
    """The owner of each link, below the service."""
    return {each.target.path[1:]: each.source.path[1:] for each in reading.found if isinstance(each, Edge)}


def names(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def test_a_link_whose_columns_come_along_costs_no_call_and_has_an_edge_from_its_owner(lake: Lake) -> None:
    reading = lake.read(catalog_ids=(PARTNER,))
    path = (lake.account, "logistics", "partner_forecasts")
    table, owner = reading.entities(Table)[path], reading.entities(Table)[PARTNER, "weather", "forecasts"]
    assert names(table) == names(owner)
    assert edges(reading)[path] == owner.path[1:]
    (edge,) = [each for each in reading.found if isinstance(each, Edge) and each.target == table.reference]
    assert [(pair.sources[0].path, pair.target.path) for pair in edge.columns] == [((n,), (n,)) for n in names(owner)]
    assert lake.calls.counts()["glue:GetTable"] == 1  # of the other one, which belongs to a stranger


def test_tables_of_a_linked_database_have_edges_from_their_owners(lake: Lake) -> None:
    reading = lake.read(catalog_ids=(PARTNER,))
    assert edges(reading)[lake.account, "partner_weather", "observations"] == (PARTNER, "weather", "observations")


def test_owners_that_are_not_read_or_left_out_have_no_edges(lake: Lake) -> None:
    assert edges(lake.read()) == {}
    assert edges(lake.read(catalog_ids=(PARTNER,), schema_filter=lambda name: name != "weather")) == {}


def test_a_link_without_columns_gets_those_of_its_owner_by_one_call(lake: Lake) -> None:
    reading = lake.read(accounts=(lake.role(),))
    path = (lake.account, "logistics", "partner_road_closures")
    table = reading.entities(Table)[path]
    assert names(table) == ["road", "from_km", "to_km", "since"]
    assert table.table_type == "Foreign"
    assert f"database=logistics&catalogId={lake.account}" in (table.source_url or "")
    assert edges(reading)[path] == (STRANGER, "weather", "road_closures")
    assert lake.calls.counts()["glue:GetTable"] == 1
    assert not any("without columns" in note for note in reading.notes)


def test_links_that_are_denied_stay_with_what_they_show_and_are_one_note_after_three_calls(lake: Lake) -> None:
    for number in range(20):
        lake.link(f"road_{number:02}", f"road_{number:02}")
    reading = lake.read()
    assert lake.calls.counts()["glue:GetTable"] <= 4  # two schemas are read side by side at most
    assert reading.failed == {}
    assert reading.entities(Table)[lake.account, "sales", "road_07"].columns == ()
    (note,) = [note for note in reading.notes if "of sales are shown without columns" in note]
    assert "20 resource links" in note
    assert f"in {STRANGER}" in note


def test_a_role_that_may_only_list_is_told_what_would_show_more(lake: Lake) -> None:
    reading = lake.read(*DOCUMENTED_ACTIONS)
    (note,) = [note for note in reading.notes if "without columns" in note]
    assert "Allow glue:GetTable" in note


def test_a_link_that_leads_nowhere_stays_and_does_not_silence_the_others(lake: Lake) -> None:
    for number in range(5):
        lake.link(f"gone_{number}", "gone", "finance", lake.account)
    lake.link("zones", "roads", "streets", STRANGER)
    lake.glue.add_database("streets", catalog_id=STRANGER)
    lake.glue.put_table("streets", {"Name": "roads", "StorageDescriptor": COLUMNS}, catalog_id=STRANGER)
    reading = lake.read(accounts=(lake.role(),))
    assert names(reading.entities(Table)[lake.account, "sales", "zones"]) == ["id", "road"]
    assert any("5 resource links of sales" in note for note in reading.notes)


def test_an_owner_that_can_not_be_asked_now_costs_its_link_this_time(lake: Lake) -> None:
    lake.sandbox.faults.add("throttle", service="glue", operation="GetTable", count=None)
    reading = lake.read(accounts=(lake.role(),))
    path = (lake.account, "logistics", "partner_road_closures")
    assert list(reading.failed) == [path]
    assert "Throttl" in reading.failed[path]


def test_a_link_to_another_region_is_followed_there(lake: Lake) -> None:
    west = lake.glue.at("eu-west-1")
    west.add_database("returns")
    west.put_table("returns", {"Name": "parcels", "StorageDescriptor": COLUMNS})
    lake.link("west_parcels", "parcels", "returns", lake.account, Region="eu-west-1")
    target = {"CatalogId": lake.account, "DatabaseName": "returns", "Region": "eu-west-1"}
    lake.glue.add_database("west_returns", TargetDatabase=target)
    reading = lake.read(regions=("eu-west-1",))
    there = (f"{lake.account}_eu-west-1", "returns", "parcels")
    found = edges(reading)
    assert found[lake.account, "sales", "west_parcels"] == there
    assert found[lake.account, "west_returns", "parcels"] == there
    assert names(reading.entities(Table)[lake.account, "sales", "west_parcels"]) == ["id", "road"]


def test_locations_are_lineage_only_if_wanted_and_never_of_views_or_links(lake: Lake) -> None:
    assert not [each for each in lake.read().found if isinstance(each, ForeignEdge)]
    reading = lake.read(locations=True, catalog_ids=(PARTNER,))
    told = {each.target.path[1:]: each for each in reading.found if isinstance(each, ForeignEdge)}  # type: ignore[union-attr]
    tables = reading.entities(Table)
    linked = {path for path, table in tables.items() if path in edges(reading) or not table.columns}
    in_s3 = {path for path, table in tables.items() if (table.location or "").startswith("s3")}
    views = {path for path, table in tables.items() if "View" in table.table_type}
    assert set(told) == in_s3 - linked - views
    assert len(told) > 10
    assert all(each.optional for each in told.values())
    orders = tables[lake.account, "sales", "orders"]
    edge = told[orders.path[1:]]
    assert getattr(edge.source, "names", None) == (orders.location,)
    assert [pair.target for pair in edge.columns] == [(name,) for name in names(orders)]
