"""Asking Glue for one thing by its name: only a definite "not found" is a no."""

from __future__ import annotations

import pytest

from ingest_assets.calls import Calls
from ingest_assets.catalog import EntityType, Reference, Schema, Table
from ingest_assets.errors import (
    AuthenticationError,
    InvalidAnswerError,
    PermissionDeniedError,
    RejectedError,
    RemoteError,
    UnavailableError,
)
from ingest_assets.sandbox.aws.identity import Principal
from ingest_assets.sandbox.company.glue import GlueCatalog
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.sources.glue.source import GlueSettings, GlueSource
from ingest_assets_tests.sources.conftest import SessionMaker
from ingest_assets_tests.sources.glue.reading import read_all

OPERATIONS = {EntityType.TABLE: "GetTable", EntityType.SCHEMA: "GetDatabase", EntityType.DATABASE: "GetDatabases"}


@pytest.fixture
def account(sandbox: Sandbox) -> str:
    return sandbox.company.account


@pytest.fixture
def source(sandbox: Sandbox, session_of: SessionMaker) -> GlueSource:
    return GlueSource(GlueSettings("lake"), session_of(sandbox.reader))


def reference(*names: str) -> Reference:
    return Reference(list(EntityType)[len(names)], ("lake", *names))


def catalog_of(sandbox: Sandbox) -> GlueCatalog:
    catalog = sandbox.company.glue.catalog(sandbox.company.account)
    assert catalog is not None
    return catalog


def who(sandbox: Sandbox, *actions: str, hidden: tuple[str, ...] = ()) -> Principal:
    return sandbox.aws.identities.add_principal("who", actions, account=sandbox.company.account, hidden=hidden)


@pytest.mark.parametrize("names", [(), ("sales",), ("sales", "orders")])
def test_what_is_there_is_found_with_one_call(
    sandbox: Sandbox, session_of: SessionMaker, account: str, names: tuple[str, ...]
) -> None:
    calls = Calls()
    asked = reference(account, *names)
    assert GlueSource(GlueSettings("lake"), session_of(sandbox.reader, calls)).exists(asked)
    assert calls.counts() == {f"glue:{OPERATIONS[asked.type]}": 1}


def test_what_was_dropped_is_not_there(sandbox: Sandbox, source: GlueSource, account: str) -> None:
    catalog_of(sandbox).databases["sales"].tables.drop("orders")
    del catalog_of(sandbox).databases["finance"]
    assert not source.exists(reference(account, "sales", "orders"))
    assert source.exists(reference(account, "sales", "customers"))
    assert not source.exists(reference(account, "finance"))


def test_a_table_whose_database_is_gone_is_not_there(sandbox: Sandbox, source: GlueSource, account: str) -> None:
    del catalog_of(sandbox).databases["sales"]
    assert not source.exists(reference(account, "sales", "orders"))


def test_a_catalog_of_ones_own_account_that_is_gone_is_not_there(source: GlueSource, account: str) -> None:
    gone = f"{account}:s3tablescatalog/gone"
    assert not source.exists(reference(gone))
    assert not source.exists(reference(gone, "sales"))
    assert not source.exists(reference(gone, "sales", "orders"))


def test_a_catalog_is_asked_for_by_its_own_id_though_the_recipe_no_longer_reads_it(
    sandbox: Sandbox, source: GlueSource, account: str
) -> None:
    """Asked of the account's own catalog instead, all that was read of the other one would seem to be gone."""
    mounted = next(each for each in sandbox.company.glue.catalogs() if "/" in each.catalog_id)
    schema = next(name for name, each in mounted.databases.items() if list(each.tables.after(None)))
    table = next(iter(mounted.databases[schema].tables.after(None)))["Name"]
    for names in ((), (schema,), (schema, table)):
        assert source.exists(reference(mounted.catalog_id, *names))
    assert not source.exists(reference(account, schema, table))


def test_another_accounts_catalog_that_is_not_shared_can_not_be_told(source: GlueSource) -> None:
    for names in ((), ("sales",), ("sales", "orders")):
        with pytest.raises(PermissionDeniedError):
            source.exists(reference("999999999999", *names))


def test_the_accounts_own_catalog_is_asked_for_under_its_label(
    sandbox: Sandbox, session_of: SessionMaker, account: str
) -> None:
    labelled = GlueSource(GlueSettings("lake", database_name="company lake"), session_of(sandbox.reader))
    for catalog in ("company lake", account):
        assert labelled.exists(reference(catalog))
        assert labelled.exists(reference(catalog, "sales", "orders"))
        assert not labelled.exists(reference(catalog, "sales", "gone"))


@pytest.mark.parametrize("names", [(), ("sales",), ("sales", "gone")])
def test_an_earlier_label_can_not_be_asked_for(source: GlueSource, names: tuple[str, ...]) -> None:
    with pytest.raises(RejectedError, match=r"company lake is no id of a catalog.*is kept"):
        source.exists(reference("company lake", *names))


def test_names_are_folded_to_lower_case_as_glue_stores_them(source: GlueSource, account: str) -> None:
    assert source.exists(reference(account, "Sales", "ORDERS"))
    assert source.exists(reference(account, "SALES"))
    assert not source.exists(reference(account, "Sales", "Gone"))


@pytest.mark.parametrize(
    "name", ["a__reserved__colon__b", "__reserved__empty__", f"{'x' * 247}_0a1b2c3d", f"{'x' * 119}_0a1b2c3d"]
)
def test_a_name_that_may_stand_for_another_is_not_asked_for(
    sandbox: Sandbox, session_of: SessionMaker, account: str, name: str
) -> None:
    calls = Calls()
    source = GlueSource(GlueSettings("lake"), session_of(sandbox.reader, calls))
    for names in ((name,), (name, "orders"), ("sales", name)):
        with pytest.raises(RejectedError, match="is kept"):
            source.exists(reference(account, *names))
    assert not calls.counts()


def test_a_table_with_a_date_in_its_name_is_asked_for(source: GlueSource, account: str) -> None:
    assert not source.exists(reference(account, "sales", "orders_20240131"))


@pytest.mark.parametrize("hidden", ["sales.orders", "sales"])
def test_what_lake_formation_hides_is_in_no_listing_and_can_not_be_told(
    sandbox: Sandbox, session_of: SessionMaker, account: str, hidden: str
) -> None:
    source = GlueSource(GlueSettings("lake"), session_of(who(sandbox, "glue:Get*", hidden=(hidden,))))
    reading = read_all(source)
    assert not reading.errors
    assert (account, *hidden.split(".")) not in {*reading.entities(Schema), *reading.entities(Table)}
    with pytest.raises(PermissionDeniedError, match=r"Lake Formation.*is kept"):
        source.exists(reference(account, *hidden.split(".")))


@pytest.mark.parametrize("names", [("sales",), ("sales", "orders"), ("sales", "gone")])
def test_with_the_permissions_of_listings_alone_nothing_can_be_told(
    session_of: SessionMaker, account: str, names: tuple[str, ...]
) -> None:
    asked = reference(account, *names)
    source = GlueSource(GlueSettings("lake"), session_of())
    with pytest.raises(PermissionDeniedError, match=f"Allow glue:{OPERATIONS[asked.type]} in IAM.*is kept"):
        source.exists(asked)
    assert source.exists(reference(account))


@pytest.mark.parametrize("names", [(), ("sales",), ("sales", "orders")])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("throttle", UnavailableError),
        ("500", UnavailableError),
        ("502", UnavailableError),
        ("403", PermissionDeniedError),
        ("access-denied", PermissionDeniedError),
        ("truncated", InvalidAnswerError),
        ("cut", InvalidAnswerError),
        ("reset-before", UnavailableError),
        ("expired-token", AuthenticationError),
    ],
)
def test_whatever_goes_wrong_is_no_not_found(
    sandbox: Sandbox,
    session_of: SessionMaker,
    account: str,
    fault: str,
    error: type[RemoteError],
    names: tuple[str, ...],
) -> None:
    asked = reference(account, *names)
    sandbox.faults.add(fault, service="glue", operation=OPERATIONS[asked.type], count=None)
    with pytest.raises(error):
        GlueSource(GlueSettings("lake"), session_of(sandbox.reader, attempts=1)).exists(asked)


def test_a_request_that_is_throttled_once_is_sent_again(sandbox: Sandbox, source: GlueSource, account: str) -> None:
    sandbox.faults.add("throttle", service="glue", operation="GetTable")
    assert not source.exists(reference(account, "sales", "gone"))


@pytest.mark.parametrize("name", ["", "x" * 300])
def test_a_name_that_glue_refuses_can_not_be_told(source: GlueSource, account: str, name: str) -> None:
    with pytest.raises(RejectedError):
        source.exists(reference(account, "sales", name))
