from __future__ import annotations

from typing import Any

import pytest

from ingest_assets.catalog import EntityType, Reference
from ingest_assets.errors import IncompatibleServerError, InvalidAnswerError, PermissionDeniedError
from ingest_assets.openmetadata.capabilities import Version, capabilities_of
from ingest_assets.openmetadata.listing import ServerListing
from ingest_assets.openmetadata.marks import Marks
from ingest_assets_tests.openmetadata.misbehaving import Reply, client_of, routed, scripted, serving


def row(fqn: str, *, service: str, database: str = "", schema: str = "", **rest: Any) -> dict[str, Any]:
    above = {"service": service, "database": database, "databaseSchema": schema}
    references = {name: {"fullyQualifiedName": parent} for name, parent in above.items() if parent}
    return {"id": f"id of {fqn}", "fullyQualifiedName": fqn, "updatedAt": 1_700_000_000_000} | references | rest


def listing(url: str, version: str = "1.5.7") -> ServerListing:
    return ServerListing(client_of(url), capabilities_of(Version.parse(version)))


def page(*rows: dict[str, Any]) -> Reply:
    return Reply({"data": list(rows), "paging": {"total": len(rows)}})


def test_a_listed_table_tells_what_a_plan_needs() -> None:
    given = row(
        'svc.d."s.1".t',
        service="svc",
        database="svc.d",
        schema='svc.d."s.1"',
        sourceHash="h1",
        deleted=True,
        updatedBy="ann",
        displayName="T",
        owners=[{"id": "1", "type": "user", "name": "ann"}, {"id": "2", "type": "team", "inherited": True}],
    )
    with serving(routed({"/tables": page(given)})) as server:
        found = list(listing(server.url).below(EntityType.TABLE, "svc.d"))
    assert found[0]._asdict() == {
        "type": EntityType.TABLE,
        "fqn": 'svc.d."s.1".t',
        "id": 'id of svc.d."s.1".t',
        "source_hash": "h1",
        "service": "svc",
        "deleted": True,
        "updated_at": 1_700_000_000_000,
        "updated_by": "ann",
        "held": str(Marks.of([(("displayName",), "T"), (("owners",), "1")])),
    }
    assert "include=all" in server.paths()[0]


@pytest.mark.parametrize(
    ("version", "fields"),
    [("1.0.3", "owner%2Ctags"), ("1.2.5", "owner%2Ctags%2CsourceHash"), ("1.5.7", "owners%2Ctags%2CsourceHash")],
)
def test_only_fields_that_the_version_has_are_asked_for(version: str, fields: str) -> None:
    with serving(routed({"/databases": page()})) as server:
        assert list(listing(server.url, version).below(EntityType.DATABASE, "svc")) == []
    assert f"fields={fields}&" in server.paths()[0] + "&"


def test_rows_outside_of_what_was_asked_for_are_dropped_and_counted() -> None:
    rows = [
        row("svc.d.s.t", service="svc", database="svc.d", schema="svc.d.s"),
        row("svc.dd.s.t", service="svc", database="svc.dd", schema="svc.dd.s"),
        row("other.d.s.t", service="other", database="other.d", schema="other.d.s"),
        row("svc.d.s.u", service="other", database="other.d", schema="other.d.s"),
    ]
    with serving(routed({"/tables": page(*rows)})) as server:
        listed = listing(server.url, "1.0.3")
        assert [found.fqn for found in listed.below(EntityType.TABLE, "svc.d")] == ["svc.d.s.t"]
        assert listed.outside() == {EntityType.TABLE: 3}


def test_services_that_differ_by_a_dot_do_not_mix() -> None:
    rows = [row('"a.b".c', service="a.b"), row("a.d", service="a")]
    with serving(routed({"/databases": page(*rows)})) as server:
        listed = listing(server.url, "1.0.3")
        assert [found.fqn for found in listed.below(EntityType.DATABASE, "a")] == ["a.d"]
        assert [found.fqn for found in listed.below(EntityType.DATABASE, '"a.b"')] == ['"a.b".c']
    assert [path.partition("&")[0].rpartition("=")[2] for path in server.paths()] == ["a", "%22a.b%22"]


@pytest.mark.parametrize("lost", ["id", "fullyQualifiedName", "updatedAt", "database", "databaseSchema"])
def test_a_row_without_a_key_fails_the_listing(lost: str) -> None:
    cut = {
        key: value
        for key, value in row("svc.d.s.t", service="svc", database="svc.d", schema="svc.d.s").items()
        if key != lost
    }
    with serving(routed({"/tables": page(cut)})) as server, pytest.raises(InvalidAnswerError, match=lost):
        list(listing(server.url).below(EntityType.TABLE, "svc.d"))


def test_schemas_and_tables_are_asked_for_by_database() -> None:
    with serving(routed({"/databaseSchemas": page(), "/tables": page()})) as server:
        listed = listing(server.url)
        assert [*listed.below(EntityType.SCHEMA, 'svc."1.2"'), *listed.below(EntityType.TABLE, 'svc."1.2"')] == []
    assert all("database=svc.%221.2%22&" in path for path in server.paths())


def test_a_service_is_found_by_the_name_of_the_recipe_or_definitely_not_there() -> None:
    there = {"id": "1", "fullyQualifiedName": '"a.b"', "updatedAt": 1, "deleted": True}
    with serving(routed({"/services/databaseServices/name/%22a.b%22": Reply(there)})) as server:
        found = listing(server.url).service(Reference(EntityType.DATABASE_SERVICE, ("a.b",)))
        assert found is not None
        assert (found.id, found.deleted) == ("1", True)
        assert listing(server.url).service(Reference(EntityType.DATABASE_SERVICE, ("none",))) is None


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply({"message": "operations [ViewBasic] not allowed"}, 403), PermissionDeniedError),
        (Reply({"responseMessage": "HTTP 404 Not Found"}, 500), IncompatibleServerError),
        (Reply(b"not found", 404), IncompatibleServerError),
    ],
)
def test_only_a_definite_answer_says_that_a_service_is_not_there(reply: Reply, error: type[Exception]) -> None:
    with serving(scripted(reply)) as server, pytest.raises(error):
        listing(server.url).service(Reference(EntityType.DATABASE_SERVICE, ("svc",)))
