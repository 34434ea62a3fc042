from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from ingest_assets.calls import Calls
from ingest_assets.catalog import Database, EntityType, Schema, Scope, Table
from ingest_assets.errors import AuthenticationError, NotFoundError, PermissionDeniedError, RecipeError
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.sources.aws import AwsCredentials, AwsSession
from ingest_assets.sources.glue.probe import probe
from ingest_assets.sources.glue.source import GlueSettings, GlueSource
from ingest_assets_tests.sources.conftest import SessionMaker
from ingest_assets_tests.sources.glue.reading import read_all

DATABASES = Scope(EntityType.DATABASE, ("lake",))


@pytest.fixture
def account(sandbox: Sandbox) -> str:
    return sandbox.company.account


def test_everything_arrives_with_the_documented_permissions_and_one_call_a_page(
    sandbox: Sandbox, session_of: SessionMaker, account: str
) -> None:
    calls = Calls()
    reading = read_all(GlueSource(GlueSettings("lake"), session_of(calls=calls)))
    catalog = sandbox.company.glue.catalog(account)
    assert catalog is not None
    assert reading.errors == {}
    assert set(reading.entities(Database)) == {(account,)}
    assert set(reading.entities(Schema)) == {(account, name) for name in catalog.databases}
    owned = {name: database for name, database in catalog.databases.items() if "TargetDatabase" not in database.row}
    expected = {(account, name, row["Name"]) for name, each in owned.items() for row in each.tables.after(None)}
    assert expected <= set(reading.entities(Table))
    assert calls.counts() == {
        "glue:GetDatabases": 1,
        "glue:GetTables": len(catalog.databases),
        "glue:GetTable": 1,  # of the one link that shows no columns
        "lakeformation:ListLFTags": 1,
    }


def test_a_resource_link_is_read_through_its_own_name(session_of: SessionMaker, account: str) -> None:
    reading = read_all(GlueSource(GlueSettings("lake"), session_of()))
    links = [path for path in reading.entities(Table) if path[1] == "partner_weather"]
    assert (account, "partner_weather", "observations") in links
    table = reading.entities(Table)[(account, "partner_weather", "observations")]
    assert f"database=partner_weather&catalogId={account}" in (table.source_url or "")


def test_a_label_names_the_accounts_own_catalog_and_hides_nothing(
    sandbox: Sandbox, session_of: SessionMaker, account: str
) -> None:
    calls = Calls()
    settings = GlueSettings("lake", database_name="company lake", catalog_ids=(account,))
    reading = read_all(GlueSource(settings, session_of(calls=calls)))
    assert set(reading.entities(Database)) == {("company lake",)}
    assert ("company lake", "sales", "orders") in reading.entities(Table)
    views = [each for each in reading.entities(Table).values() if each.sql is not None]
    assert {each.sql_databases for each in views} == {((account, "company lake"),)}
    urls = [each.source_url or "" for each in reading.entities(Table).values()]
    assert all(f"catalogId={account}&" in url for url in urls)
    assert "sts:GetCallerIdentity" not in calls.counts()


def test_other_catalogs_are_read_by_their_id(sandbox: Sandbox, session_of: SessionMaker, account: str) -> None:
    others = [each.catalog_id for each in sandbox.company.glue.catalogs() if each.catalog_id != account]
    readable = [each for each in others if each.startswith(account)]
    assert readable
    reading = read_all(GlueSource(GlueSettings("lake", catalog_ids=tuple(readable)), session_of()))
    assert set(reading.entities(Database)) == {(each,) for each in (account, *readable)}
    mounted = next(each for each in readable if "/" in each)
    assert {account, mounted} <= {path[0] for path in reading.entities(Table)}


def test_a_catalog_that_does_not_exist_costs_itself_and_leaves_its_scope_unproven(
    session_of: SessionMaker, account: str
) -> None:
    typo = f"{account}:s3tablescatalog/tpyo"
    reading = read_all(GlueSource(GlueSettings("lake", catalog_ids=(typo,)), session_of()))
    assert (typo,) in reading.failed
    assert set(reading.entities(Database)) == {(account,)}
    assert isinstance(reading.errors[Scope(EntityType.SCHEMA, ("lake", typo))], NotFoundError)
    assert reading.entities(Table)


def test_a_label_that_is_another_catalogs_id_is_refused(session_of: SessionMaker) -> None:
    settings = GlueSettings("lake", database_name="999999999999", catalog_ids=("999999999999",))
    with pytest.raises(RecipeError, match="databaseName"):
        list(GlueSource(settings, session_of()).read(DATABASES))


def test_an_empty_catalog_is_named_by_sts(sandbox: Sandbox, session_of: SessionMaker, account: str) -> None:
    catalog = sandbox.company.glue.catalog(account)
    assert catalog is not None
    catalog.databases.clear()
    calls = Calls()
    reading = read_all(GlueSource(GlueSettings("lake"), session_of(calls=calls)))
    assert set(reading.entities(Database)) == {(account,)}
    assert calls.counts() == {"glue:GetDatabases": 1, "sts:GetCallerIdentity": 1}


def test_what_filters_leave_out_is_told_with_its_reason(session_of: SessionMaker, account: str) -> None:
    settings = GlueSettings(
        "lake",
        schema_filter=lambda name: name in {"sales", "finance"},
        table_filter=lambda name: not name.startswith("order"),
        include_views=False,
    )
    reading = read_all(GlueSource(settings, session_of()))
    assert reading.filtered[(account, "clickstream")] == "schemaFilterPattern"
    assert reading.filtered[(account, "sales", "orders")] == "tableFilterPattern"
    assert reading.filtered[(account, "sales", "revenue_by_day")] == "includeViews is off"
    assert {path[1] for path in reading.entities(Table)} == {"sales", "finance"}
    assert not any(table.table_type == "View" for table in reading.entities(Table).values())


def test_a_catalog_that_is_left_out_is_not_listed_further(session_of: SessionMaker, account: str) -> None:
    calls = Calls()
    reading = read_all(GlueSource(GlueSettings("lake", database_filter=lambda _: False), session_of(calls=calls)))
    assert reading.filtered == {(account,): "databaseFilterPattern"}
    assert calls.counts() == {"glue:GetDatabases": 1}


def test_tables_that_are_not_wanted_are_filtered_and_views_stay(session_of: SessionMaker, account: str) -> None:
    reading = read_all(GlueSource(GlueSettings("lake", include_tables=False), session_of()))
    assert reading.filtered[(account, "sales", "orders")] == "includeTables is off"
    assert {each.table_type for each in reading.entities(Table).values()} <= {"View", "MaterializedView"}


def test_filters_may_see_fully_qualified_names(session_of: SessionMaker, account: str) -> None:
    seen: list[str] = []

    def keep(name: str) -> bool:
        seen.append(name)
        return True

    read_all(GlueSource(GlueSettings("lake", use_fqn_for_filtering=True, table_filter=keep), session_of()))
    assert f'lake.{account}."orders.raw".shipments' in seen


class _Misshapen(BaseHTTPRequestHandler):
    """A Glue of which two of three tables are no tables."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        items: list[object] = [{"Retention": 1}, {"Name": "odd", "Retention": "for ever"}, {"Name": "good"}, None]
        body = json.dumps({"TableList": items}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the base class's
        """Keep test output clean."""


def test_an_item_of_another_shape_costs_itself() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Misshapen)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        credentials = AwsCredentials(
            "eu-north-1", "AKIA", "secret", endpoint_url=f"http://127.0.0.1:{server.server_port}"
        )
        source = GlueSource(GlueSettings("lake"), AwsSession(credentials, Calls(), service="glue"))
        found = list(source.read(Scope(EntityType.TABLE, ("lake", "123456789012", "sales"))))
    finally:
        server.shutdown()
        server.server_close()
    assert [type(each).__name__ for each in found] == ["Failed", "Failed", "Table", "Failed", "Note"]
    assert "Retention" in getattr(found[1], "reason", "")


def test_a_listing_that_breaks_off_raises(sandbox: Sandbox, session_of: SessionMaker, account: str) -> None:
    sandbox.faults.add("access-denied", operation="GetTables", match="sales")
    reading = read_all(GlueSource(GlueSettings("lake"), session_of()))
    (scope,) = reading.errors
    assert scope == Scope(EntityType.TABLE, ("lake", account, "sales"))
    assert isinstance(reading.errors[scope], PermissionDeniedError)
    assert "Lake Formation" in str(reading.errors[scope])
    assert (account, "sales") in reading.entities(Schema)


def test_a_database_that_vanished_after_it_was_listed_raises(
    sandbox: Sandbox, session_of: SessionMaker, account: str
) -> None:
    source = GlueSource(GlueSettings("lake"), session_of())
    with pytest.raises(NotFoundError):
        list(source.read(Scope(EntityType.TABLE, ("lake", account, "gone"))))


def test_a_refused_key_ends_the_reading(sandbox: Sandbox, session_of: SessionMaker) -> None:
    sandbox.faults.add("expired-token", operation="GetDatabases")
    with pytest.raises(AuthenticationError):
        list(GlueSource(GlueSettings("lake"), session_of()).read(DATABASES))


def test_a_scope_read_again_by_itself_is_asked_for_afresh(session_of: SessionMaker, account: str) -> None:
    calls = Calls()
    source = GlueSource(GlueSettings("lake", include_tags=False), session_of(calls=calls))
    scope = Scope(EntityType.SCHEMA, ("lake", account))
    first, again = list(source.read(scope)), list(source.read(scope))
    assert first == again
    assert calls.counts() == {"glue:GetDatabases": 2}


def test_owners_are_told_only_when_asked_for(session_of: SessionMaker, account: str) -> None:
    without = read_all(GlueSource(GlueSettings("lake"), session_of())).entities(Table)
    with_owners = read_all(GlueSource(GlueSettings("lake", include_owners=True), session_of())).entities(Table)
    path = (account, "finance", "invoices")
    assert without[path].owners is None
    assert with_owners[path].owners == ("finance",)


def test_the_service_says_no_secret(session_of: SessionMaker, sandbox: Sandbox) -> None:
    text = GlueSource(GlueSettings("lake"), session_of()).services()[0].model_dump_json()
    assert sandbox.principal.secret_access_key not in text
    assert sandbox.principal.access_key_id not in text


def test_a_probe_tells_each_permission(sandbox: Sandbox, session_of: SessionMaker) -> None:
    steps = {step.name.split(" ")[0]: step for step in probe(session_of(), GlueSettings("lake"))}
    assert {name: (step.granted, step.required) for name, step in steps.items()} == {
        "glue:GetDatabases": (True, True),
        "glue:GetTables": (True, True),
        "glue:GetDatabase": (False, False),
        "glue:GetTable": (False, False),
        "glue:GetCatalogs": (False, False),
        "lakeformation:ListLFTags": (False, False),
        "lakeformation:SearchDatabasesByLFTags": (None, False),
        "lakeformation:SearchTablesByLFTags": (None, False),
    }
    for name in ("glue:GetDatabase", "glue:GetTable"):
        assert "needed to remove what is gone" in steps[name].detail
        assert f"Allow {name} in IAM" in steps[name].detail


def test_a_probe_finds_what_removals_ask_for(sandbox: Sandbox, session_of: SessionMaker) -> None:
    steps = {step.name.split(" ")[0]: step for step in probe(session_of(sandbox.reader), GlueSettings("lake"))}
    for name in ("glue:GetDatabase", "glue:GetTable"):
        assert (steps[name].granted, steps[name].required, steps[name].detail) == (True, False, "granted")


def test_a_probe_tries_searches_with_a_tag_that_there_is(sandbox: Sandbox, session_of: SessionMaker) -> None:
    steps = {step.name.split(" ")[0]: step for step in probe(session_of(sandbox.reader), GlueSettings("lake"))}
    for name in ("ListLFTags", "SearchDatabasesByLFTags", "SearchTablesByLFTags"):
        assert steps[f"lakeformation:{name}"][1:] == (True, "granted", False)
    without = probe(session_of(sandbox.reader), GlueSettings("lake", include_tags=False))
    assert not [step for step in without if "lakeformation" in step.name]


def test_a_probe_goes_on_after_a_refusal(sandbox: Sandbox, session_of: SessionMaker) -> None:
    sandbox.faults.add("access-denied", operation="GetTables")
    granted = {step.name.split(" ")[0]: step.granted for step in probe(session_of(), GlueSettings("lake"))}
    assert granted["glue:GetTables"] is False
