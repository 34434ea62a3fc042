"""Several regions and accounts in one recipe: what is read by whom, what it is called, and what one refusal costs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.calls import Calls
from ingest_assets.catalog import Database, EntityType, Reference, Schema, Scope, Table
from ingest_assets.errors import NotFoundError, PermissionDeniedError, RecipeError, RejectedError
from ingest_assets.sandbox.aws.identity import Role
from ingest_assets.sandbox.server import READER_ACTIONS, Sandbox
from ingest_assets.sources.aws import AwsCredentials, AwsSession
from ingest_assets.sources.glue.places import OtherAccount, Places
from ingest_assets.sources.glue.probe import probe
from ingest_assets.sources.glue.source import GlueSettings, GlueSource
from ingest_assets_tests.sources.conftest import SessionMaker
from ingest_assets_tests.sources.glue.reading import Reading, read_all

OTHER = "210987654321"
WEST = "eu-west-1"


class Lake:
    """A lake in two regions and two accounts."""

    def __init__(self, sandbox: Sandbox, session_of: SessionMaker) -> None:
        self.sandbox = sandbox
        self.account = sandbox.company.account
        self.calls = Calls()
        actions = frozenset({*READER_ACTIONS, "sts:AssumeRole"})
        who = sandbox.aws.identities.add_principal("worker", actions, account=self.account)
        self.session = session_of(who, calls=self.calls, attempts=1)
        west = sandbox.company.glue.at(WEST)
        west.add_database("returns")
        west.put_table("returns", {"Name": "parcels", "TableType": "EXTERNAL_TABLE"})
        west.add_database("storms", catalog_id=OTHER)
        self.role()

    def role(self, **trust: object) -> None:
        role = Role(OTHER, "catalog-reader", frozenset(READER_ACTIONS), **trust)  # type: ignore[arg-type]
        self.other = OtherAccount(OTHER, self.sandbox.aws.identities.add_role(role).arn)

    def source(self, **settings: object) -> GlueSource:
        return GlueSource(GlueSettings("lake", **settings), self.session)  # type: ignore[arg-type]

    def read(self, **settings: object) -> Reading:
        return read_all(self.source(**settings))


@pytest.fixture
def lake(sandbox: Sandbox, session_of: SessionMaker) -> Lake:
    return Lake(sandbox, session_of)


def test_regions_and_accounts_are_databases_whose_names_tell_them_apart(lake: Lake) -> None:
    reading = lake.read(regions=(WEST,), accounts=(lake.other,))
    assert reading.errors == {}
    names = {path[0] for path in reading.entities(Database)}
    assert names == {lake.account, f"{lake.account}_{WEST}", OTHER, f"{OTHER}_{WEST}"}
    schemas = set(reading.entities(Schema))
    assert {(lake.account, "sales"), (f"{lake.account}_{WEST}", "returns"), (OTHER, "weather")} <= schemas
    assert [path for path in schemas if path[0] == f"{OTHER}_{WEST}"] == [(f"{OTHER}_{WEST}", "storms")]
    parcels = reading.entities(Table)[f"{lake.account}_{WEST}", "returns", "parcels"]
    assert f"region={WEST}#" in (parcels.source_url or "")
    assert f"catalogId={lake.account}&" in (parcels.source_url or "")
    assert lake.calls.counts()["sts:AssumeRole"] == 1


def test_what_is_read_besides_changes_neither_names_at_home_nor_who_the_source_is(lake: Lake) -> None:
    alone, besides = lake.source(), lake.source(regions=(WEST,), accounts=(lake.other,))
    before, after = read_all(alone), read_all(besides)
    assert set(before.entities(Table)) <= set(after.entities(Table))
    assert alone.identity() == besides.identity() == f"AWS account {lake.account} in {lake.sandbox.company.region}"


def test_an_account_may_have_regions_of_its_own(lake: Lake) -> None:
    other = OtherAccount(OTHER, lake.other.role_arn, regions=(WEST,))
    reading = lake.read(accounts=(other,))
    assert {path[0] for path in reading.entities(Database)} == {lake.account, f"{OTHER}_{WEST}"}
    assert (f"{OTHER}_{WEST}", "storms") in reading.entities(Schema)


def test_a_label_names_the_own_account_in_all_regions(lake: Lake) -> None:
    reading = lake.read(database_name="lake", regions=(WEST,))
    assert {path[0] for path in reading.entities(Database)} == {"lake", f"lake_{WEST}"}
    parcels = reading.entities(Table)[f"lake_{WEST}", "returns", "parcels"]
    assert f"catalogId={lake.account}&" in (parcels.source_url or "")


def test_a_role_that_is_refused_costs_its_account_alone(lake: Lake) -> None:
    lake.role(trusted=())
    reading = lake.read(accounts=(lake.other,))
    assert set(reading.failed) == {(OTHER,)}
    assert "trust policy" in reading.failed[(OTHER,)]
    assert list(reading.errors) == [Scope(EntityType.SCHEMA, ("lake", OTHER))]
    assert reading.entities(Table)
    assert lake.calls.counts()["sts:AssumeRole"] == 1


def test_a_region_in_which_no_key_is_known_costs_itself_alone(lake: Lake) -> None:
    lake.sandbox.faults.add("expired-token", service="glue", operation="GetDatabases", after=1, count=None)
    reading = lake.read(regions=(WEST,))
    west = f"{lake.account}_{WEST}"
    assert set(reading.failed) == {(west,)}
    assert isinstance(reading.errors[Scope(EntityType.SCHEMA, ("lake", west))], PermissionDeniedError)
    assert reading.entities(Table)


def test_the_own_account_needs_no_role(lake: Lake) -> None:
    twice = OtherAccount(lake.account, f"arn:aws:iam::{lake.account}:role/reader")
    with pytest.raises(RecipeError, match=r"accounts: 123456789012 is the account.*regions names its regions"):
        lake.read(accounts=(twice,))
    with pytest.raises(RecipeError, match="databaseName"):
        lake.read(accounts=(lake.other,), database_name=OTHER)


def test_each_place_is_asked_by_name_where_it_is(lake: Lake) -> None:
    source = lake.source(regions=(WEST,), accounts=(lake.other,))
    read_all(source)
    west = f"{lake.account}_{WEST}"
    there = [
        (west, "returns", "parcels"),
        (west, "returns"),
        (west,),
        (f"{OTHER}_{WEST}", "storms"),
        (OTHER, "weather"),
    ]
    gone = [(lake.account, "returns"), (west, "sales"), (west, "returns", "orders"), (OTHER, "storms")]
    kinds = [EntityType.DATABASE, EntityType.SCHEMA, EntityType.TABLE]
    for path in there:
        assert source.exists(Reference(kinds[len(path) - 1], ("lake", *path))), path
    for path in gone:
        assert not source.exists(Reference(kinds[len(path) - 1], ("lake", *path))), path


def test_a_region_that_is_no_longer_read_is_still_asked_where_it_is(lake: Lake) -> None:
    source = lake.source()
    read_all(source)
    west = f"{lake.account}_{WEST}"
    assert source.exists(Reference(EntityType.TABLE, ("lake", west, "returns", "parcels")))
    assert not source.exists(Reference(EntityType.SCHEMA, ("lake", west, "sales")))
    with pytest.raises(PermissionDeniedError):
        source.exists(Reference(EntityType.SCHEMA, ("lake", f"345678901234_{WEST}", "weather")))
    with pytest.raises(RejectedError, match="no id of a catalog"):
        source.exists(Reference(EntityType.SCHEMA, ("lake", f"label_{WEST}", "sales")))


def test_a_table_that_vanished_from_another_region_raises_there(lake: Lake) -> None:
    source = lake.source(regions=(WEST,))
    with pytest.raises(NotFoundError, match=f"gone in {lake.account}_{WEST}"):
        list(source.read(Scope(EntityType.TABLE, ("lake", f"{lake.account}_{WEST}", "gone"))))


def test_tags_are_asked_for_in_each_region_and_account_until_iam_says_no(lake: Lake) -> None:
    reading = lake.read(regions=(WEST,), accounts=(lake.other,))
    assert lake.calls.counts()["lakeformation:ListLFTags"] == 4
    west = reading.entities(Table)[f"{lake.account}_{WEST}", "returns", "parcels"]
    assert west.labels is None  # there are no LF-tags in that region
    assert reading.entities(Table)[lake.account, "finance", "invoices"].labels == ()


def test_a_link_into_an_account_that_is_read_asks_for_its_tags_with_its_role(lake: Lake) -> None:
    lake.sandbox.company.glue.add_database(
        "weather_link", TargetDatabase={"CatalogId": OTHER, "DatabaseName": "weather"}
    )
    lake.read(accounts=(lake.other,))
    asked = [each for each in lake.sandbox.aws.requests if each.operation == "lakeformation:ListLFTags"]
    assert len(asked) == 2
    assert not any("CatalogId" in each.params for each in asked)


def test_a_denial_at_home_is_not_asked_for_again_in_other_regions(sandbox: Sandbox, session_of: SessionMaker) -> None:
    calls = Calls()
    source = GlueSource(GlueSettings("lake", regions=(WEST, "us-east-1")), session_of(calls=calls))
    reading = read_all(source)
    assert calls.counts()["lakeformation:ListLFTags"] == 1
    assert len([note for note in reading.notes if "Lake Formation's tags" in note]) == 1


def test_a_probe_tells_each_region_and_account_apart(lake: Lake) -> None:
    settings = GlueSettings("lake", regions=(WEST,), accounts=(lake.other,))
    steps = {step.name: step for step in probe(lake.session, settings)}
    for name in (WEST, f"{OTHER} in {lake.sandbox.company.region}", f"{OTHER} in {WEST}"):
        assert steps[f"glue:GetDatabases of the catalog of {name}"].granted
        assert steps[f"lakeformation:ListLFTags of the catalog of {name}"].granted


def test_a_probe_does_not_end_at_a_role_that_is_refused(lake: Lake) -> None:
    lake.role(trusted=())
    denied = {step.name: step for step in probe(lake.session, GlueSettings("lake", accounts=(lake.other,)))}
    step = denied[f"glue:GetDatabases of the catalog of {OTHER} in {lake.sandbox.company.region}"]
    assert (step.granted, step.required) == (False, True)


REGIONS = ("eu-north-1", "eu-west-1", "us-gov-west-1")
LABELS = st.one_of(st.none(), st.text(min_size=1, max_size=8), st.sampled_from([f"a_{REGIONS[1]}", "lake"]))


@given(LABELS, st.sets(st.sampled_from(REGIONS)), st.sets(st.sampled_from(["111111111111", "222222222222"])))
def test_every_name_leads_back_to_its_place(label: str | None, regions: set[str], others: set[str]) -> None:
    session = AwsSession(AwsCredentials(REGIONS[0], "AKIA", "secret"), Calls(), service="glue")
    accounts = tuple(OtherAccount(each, f"arn:aws:iam::{each}:role/r") for each in sorted(others))
    places = Places(session, label, ("333333333333:lake/a",), tuple(sorted(regions)), accounts)
    names = places.names("123456789012")
    assert len(set(names)) == 1 + len({*regions, REGIONS[0]}) * (1 + len(others))
    for name in names:
        place, asked = places.of(name), places.asked(Reference(EntityType.DATABASE, ("s", name)))
        assert (place.session.region, place.where, place.role) == (asked.session.region, asked.where, asked.role)
        catalog_id = places.catalog_id(name)
        found = places.find(catalog_id, place.session.region)
        assert found is not None
        assert found.name == name
