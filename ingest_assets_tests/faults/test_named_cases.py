"""Faults that people have met, each told as a story of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest_assets.calls import Calls
from ingest_assets.openmetadata.auth import BotToken
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.sandbox.server import READER_ACTIONS
from ingest_assets_tests.faults.lake_scene import LakeScene, lake_scene
from ingest_assets_tests.faults.portrait import Key, Portrait
from ingest_assets_tests.faults.rewound import Rewound, rewound
from ingest_assets_tests.faults.scene import Variant
from ingest_assets_tests.ingestion.runs import Steps
from ingest_assets_tests.openmetadata.misbehaving import patient

SALES = ["sales.orders", "sales.items", "sales.customers", "sales.invoices", "sales.recent"]


@pytest.fixture(scope="module")
def rewound_lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rewound[LakeScene]]:
    folder = tmp_path_factory.mktemp("lake")
    with rewound(lake_scene(folder), folder) as made:
        yield made


@pytest.fixture
def on(rewound_lake: Rewound[LakeScene]) -> LakeScene:
    """A lake that was read once."""
    return rewound_lake.again()


def steps_of(on: LakeScene) -> Steps:
    ran = on.run()
    assert isinstance(ran.steps, Steps), repr(ran)
    return ran.steps


def live(shown: Portrait, on: LakeScene) -> set[str]:
    """What is live below the catalog, edges aside."""
    prefix = f"{on.lake.root}."
    entities = {key.fqn for key, each in shown.items() if each.live and not key.source}
    return {fqn.removeprefix(prefix) for fqn in entities if fqn.startswith(prefix)}


def told(steps: Steps) -> str:
    """All that a run says of what did not arrive or stays."""
    problems = [f"{each.fqn} {each.step} {each.reason}" for report in steps for each in report.problems]
    return "\n".join([*problems, *(note for report in steps for note in report.notes)])


def test_one_of_several_databases_that_is_throttled_for_good_costs_itself(on: LakeScene) -> None:
    before = live(on.portrait(), on)
    on.lake.change()
    on.sandbox.faults.add("throttle", service="glue", operation="GetTables", match="sales", count=None)
    steps = steps_of(on)
    shown = live(on.portrait(), on)
    assert [problem.fqn for problem in steps.snapshot.problems] == ["glue / 123456789012 / sales"]
    assert shown == before - {"attic", "attic.boxes"}
    assert '"People and pay"' in on.portrait()[Key(on.lake.fqn("hr"))].text
    on.sandbox.faults.clear()
    steps_of(on)
    assert live(on.portrait(), on) == shown - {"sales.invoices"} | {"sales.returns", "sales.latest"}


def test_a_listing_that_is_denied_on_its_second_page_proves_nothing(on: LakeScene) -> None:
    """What the first page showed is no more than a part: whatever is not on it is not gone."""
    for name in SALES[2:]:
        on.lake.glue.drop_table(*name.split("."))
    on.sandbox.faults.add("access-denied", service="glue", operation="GetTables", match="sales", after=1)
    on.lake.glue.put_table("sales", {**on.lake.glue.table("sales", "orders"), "Name": "zebras"})
    steps = steps_of(on)
    assert on.sandbox.faults.struck()
    assert live(on.portrait(), on) >= set(SALES)
    assert "glue / 123456789012 / sales list" in told(steps)
    steps_of(on)
    assert live(on.portrait(), on).isdisjoint(SALES[2:])
    assert "sales.zebras" in live(on.portrait(), on)


def test_what_lake_formation_hides_stays_and_is_told(on: LakeScene) -> None:
    hidden = ("sales.customers", "archive")
    identities = on.sandbox.aws.identities
    account = on.sandbox.company.account
    on.recipe.principal = identities.add_principal("blind", READER_ACTIONS, account=account, hidden=hidden)
    before = live(on.portrait(), on)
    steps = steps_of(on)
    assert live(on.portrait(), on) == before
    for name in hidden:
        assert f"{on.lake.fqn(name)} " in told(steps)
    assert steps.stale.removed == 0


def test_what_only_the_listing_hides_stays_and_is_told(on: LakeScene) -> None:
    """Asked for by its name, the service still has it."""
    on.sandbox.faults.add("hidden", service="glue", operation="GetTables", match="sales/customers", count=None)
    on.sandbox.faults.add("hidden", service="glue", operation="GetDatabases", match="archive", count=None)
    before = live(on.portrait(), on)
    steps = steps_of(on)
    assert live(on.portrait(), on) == before
    for name in ("sales.customers", "archive"):
        assert f"{on.lake.fqn(name)} " in told(steps)


def test_what_is_hidden_from_the_listing_and_dropped_before_it_is_asked_for_goes(on: LakeScene) -> None:
    on.sandbox.faults.add("hidden", service="glue", operation="GetTables", match="sales/customers")
    on.sandbox.faults.add("vanish", service="glue", operation="GetTable", match="sales/customers")
    steps_of(on)
    assert len(on.sandbox.faults.struck()) == 2
    assert "sales.customers" not in live(on.portrait(), on)


def test_a_column_without_type_arrives_without_one(on: LakeScene) -> None:
    on.people.edit()
    on.lake.alter_columns("sales", "items", "order_id bigint\nproduct\nquantity int")
    steps = steps_of(on)
    assert (steps.tables.updated, steps.tables.failed) == (1, 0)
    items = on.portrait()[Key(on.lake.fqn("sales.items"))].text
    for word in ('"dataType": "UNKNOWN"', '"quantity"', '"Belongs to"', '"Order lines"'):
        assert word in items
    assert steps_of(on).written() == 0


def test_elements_of_a_bulk_request_that_are_refused_cost_themselves(on: LakeScene) -> None:
    refused = {"sales.orders": "element:500", "sales.items": "element:429", "hr.jobs": "element:400"}
    for name, kind in refused.items():
        on.sandbox.faults.add(kind, service="openmetadata", match=on.lake.fqn(name))
    before = on.portrait()
    on.lake.change()
    steps = steps_of(on)
    shown = on.portrait()
    failed = {problem.fqn for problem in steps.tables.problems}
    assert {on.lake.fqn(name) for name in refused} >= failed
    for name in refused:
        key = Key(on.lake.fqn(name))
        assert shown[key] != before[key] or key.fqn in failed
    assert "customers c" in shown[Key(on.lake.fqn("sales.recent"))].text
    assert steps_of(on).tables.updated == len(failed)


def test_a_tightened_filter_deletes_nothing(on: LakeScene) -> None:
    before = live(on.portrait(), on)
    excluded = {"tableFilterPattern": {"excludes": ["o.*"]}, "schemaFilterPattern": {"excludes": ["archive"]}}
    on.recipe.config = {**on.recipe.config, **excluded}
    steps = steps_of(on)
    assert live(on.portrait(), on) == before
    assert (steps.schemas.filtered, steps.tables.filtered) == (1, 1)
    assert (steps.stale.stale, steps.stale.removed, steps.written()) == (0, 0, 0)


@pytest.mark.parametrize("what", ["tables", "databases"])
def test_an_emptied_service_is_not_emptied_on_the_server(on: LakeScene, what: str) -> None:
    """The listings are complete, and every table is definitely not found: only the ceiling is in the way."""
    before = live(on.portrait(), on)
    on.recipe.dagster = {}
    catalog = on.lake.glue.catalog()
    assert catalog is not None
    for name, database in list(catalog.databases.items()):
        if what == "databases":
            on.lake.glue.drop_database(name)
            continue
        for row in list(database.tables.after(None)):
            on.lake.glue.drop_table(name, row["Name"])
    steps = steps_of(on)
    assert live(on.portrait(), on) == before
    assert steps.stale.removed == 0
    assert steps.stale.stale > 0
    assert "without approval" in told(steps)


@pytest.mark.parametrize("version", ["1.0.3", "1.12.4"])
def test_a_filter_that_the_server_ignores_touches_nobody_elses_tables(tmp_path: Path, version: str) -> None:
    """A 1.0 server answers a listing of one schema with every table that it has."""
    with lake_scene(tmp_path, Variant.LISTING, version) as on:
        steps_of(on)
        admin = OpenMetadataClient(
            on.sandbox.openmetadata_host_port, BotToken(on.sandbox.admin_token), Calls(), patience=patient()
        )
        with admin:
            make_neighbour(admin, on.lake.root.partition(".")[2])
        on.sandbox.faults.add("ignore-filter", service="openmetadata", count=None)
        on.lake.change()
        before = on.portrait()
        steps = steps_of(on)
        shown = on.portrait()
    theirs = {key for key in before if key.fqn.startswith("neighbour")}
    assert len(theirs) == 5
    assert {key: shown[key] for key in theirs} == {key: before[key] for key in theirs}
    assert steps.stale.removed == 2
    assert "lie outside" in told(steps)


def make_neighbour(admin: OpenMetadataClient, catalog: str) -> None:
    """Another service whose schema and tables have the names of ours, and one that we have dropped."""
    service = {"name": "neighbour", "serviceType": "Glue", "connection": {"config": {"type": "Glue"}}}
    admin.put("/v1/services/databaseServices", service)
    admin.put("/v1/databases", {"name": catalog, "service": "neighbour"})
    admin.put("/v1/databaseSchemas", {"name": "sales", "database": f"neighbour.{catalog}"})
    for name in ("orders", "invoices"):
        columns = [{"name": "id", "dataType": "INT"}]
        admin.put("/v1/tables", {"name": name, "databaseSchema": f"neighbour.{catalog}.sales", "columns": columns})
