"""What is gone between a listing and a look, and what a listing keeps to itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import PaginationError

from ingest_assets.calls import Calls
from ingest_assets.errors import InvalidAnswerError, NotFoundError, RemoteError
from ingest_assets.openmetadata.auth import BotToken
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.openmetadata.misbehaving import patient
from ingest_assets_tests.sandbox.conftest import ClientMaker

TABLE = "lake.d.s.orders"
VIEW = "lake.d.s.view"


def names(rows: list[dict[str, Any]]) -> list[str]:
    return [row["Name"] for row in rows]


def test_a_table_that_vanishes_is_not_found_by_its_name(sandbox: Sandbox, client: ClientMaker) -> None:
    glue = client("glue")
    sandbox.faults.add("vanish", service="glue", operation="GetTable", match="sales/orders")
    assert glue.get_table(DatabaseName="sales", Name="customers")
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.get_table(DatabaseName="sales", Name="orders")
    assert "orders" not in names(glue.get_tables(DatabaseName="sales")["TableList"])


@pytest.mark.parametrize("operation", ["GetTables", "GetDatabase"])
def test_a_database_that_vanishes_is_not_found_by_its_name(
    sandbox: Sandbox, client: ClientMaker, operation: str
) -> None:
    glue = client("glue")
    sandbox.faults.add("vanish", service="glue", operation=operation, match="sales")
    ask: dict[str, Callable[[], Any]] = {
        "GetTables": lambda: glue.get_tables(DatabaseName="sales"),
        "GetDatabase": lambda: glue.get_database(Name="sales"),
    }
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        ask[operation]()
    assert "sales" not in names(glue.get_databases()["DatabaseList"])


def test_hidden_rows_are_left_out_and_found_by_their_names(sandbox: Sandbox, client: ClientMaker) -> None:
    glue = client("glue")
    tables = names(glue.get_tables(DatabaseName="sales")["TableList"])
    databases = names(glue.get_databases()["DatabaseList"])
    sandbox.faults.add("hidden", service="glue", operation="GetTables", match="sales/orders")
    sandbox.faults.add("hidden", service="glue", operation="GetDatabases", match="finance")
    assert set(tables) - set(names(glue.get_tables(DatabaseName="sales")["TableList"])) == {"orders"}
    assert set(databases) - set(names(glue.get_databases()["DatabaseList"])) == {"finance"}
    assert glue.get_table(DatabaseName="sales", Name="orders")["Table"]
    assert names(glue.get_tables(DatabaseName="sales")["TableList"]) == tables


def test_aws_may_give_fewer_rows_than_it_is_asked_for(client: ClientMaker, sandbox: Sandbox) -> None:
    whole = names(client("glue").get_tables(DatabaseName="sales")["TableList"])
    with Sandbox(aws_page=2) as small:
        glue = client("glue", served_by=small)
        pages = list(glue.get_paginator("get_tables").paginate(DatabaseName="sales"))
    assert [len(page["TableList"]) for page in pages[:-1]] == [2] * (len(pages) - 1)
    assert [name for page in pages for name in names(page["TableList"])] == whole


def test_a_bucket_can_be_listed_for_ever(client: ClientMaker) -> None:
    with Sandbox(aws_page=2) as small:
        for number in range(5):
            small.company.buckets.put("b", f"k{number}", b"1")
        small.faults.add("loop-token", service="s3", count=None)
        s3 = client("s3", served_by=small)
        with pytest.raises(PaginationError):
            list(s3.get_paginator("list_objects_v2").paginate(Bucket="b"))


@pytest.fixture
def server(sandbox: Sandbox) -> OpenMetadataClient:
    """A client of a server with two tables and an edge between them."""
    made = OpenMetadataClient(
        sandbox.openmetadata_host_port, BotToken(sandbox.bot_token), Calls(), patience=patient(retries=0)
    )
    made.put("/v1/services/databaseServices", {"name": "lake", "serviceType": "Glue"})
    made.put("/v1/databases", {"name": "d", "service": "lake"})
    made.put("/v1/databaseSchemas", {"name": "s", "database": "lake.d"})
    for fqn in (TABLE, VIEW):
        columns = [{"name": "id", "dataType": "INT"}]
        made.put("/v1/tables", {"name": fqn.rpartition(".")[2], "databaseSchema": "lake.d.s", "columns": columns})
    made.put("/v1/lineage", edge(made))
    return made


def edge(server: OpenMetadataClient) -> dict[str, Any]:
    ends = {
        end: {"type": "table", "id": server.get_by_name("tables", fqn)["id"]}
        for end, fqn in (("fromEntity", TABLE), ("toEntity", VIEW))
    }
    return {"edge": ends}


@pytest.mark.parametrize("site", ["by name", "by id", "versions", "patch", "delete", "restore"])
def test_an_entity_that_vanishes_is_not_found(sandbox: Sandbox, server: OpenMetadataClient, site: str) -> None:
    known = server.get_by_name("tables", TABLE)["id"]
    if site == "restore":
        server.delete(f"/v1/tables/{known}")
    verb = {"patch": "PATCH", "delete": "DELETE", "restore": "PUT"}.get(site, "GET")
    sandbox.faults.add("vanish", service="openmetadata", operation=f"{verb} /v1/tables", match=TABLE)
    acts = {
        "by name": lambda: server.get_by_name("tables", TABLE),
        "by id": lambda: server.get(f"/v1/tables/{known}"),
        "versions": lambda: server.get(f"/v1/tables/{known}/versions"),
        "patch": lambda: server.patch(f"/v1/tables/{known}", [{"op": "add", "path": "/description", "value": "x"}]),
        "delete": lambda: server.delete(f"/v1/tables/{known}"),
        "restore": lambda: server.put("/v1/tables/restore", {"id": known}),
    }
    with pytest.raises(RemoteError) as raised:
        acts[site]()
    # a server of this version wraps what it can't restore into a 500
    assert raised.value.status == (500 if site == "restore" else 404)
    with pytest.raises(NotFoundError):
        server.get_by_name("tables", TABLE, {"include": "all"})
    assert server.get_by_name("tables", VIEW)


@pytest.mark.parametrize("verb", ["PUT", "GET", "DELETE"])
def test_an_end_of_an_edge_that_vanishes_is_not_found(sandbox: Sandbox, server: OpenMetadataClient, verb: str) -> None:
    body = edge(server)
    start, end = (body["edge"][each]["id"] for each in ("fromEntity", "toEntity"))
    sandbox.faults.add("vanish", service="openmetadata", operation=f"{verb} /v1/lineage", match=VIEW)
    acts = {
        "PUT": lambda: server.put("/v1/lineage", body),
        "GET": lambda: server.get(f"/v1/lineage/table/{end}"),
        "DELETE": lambda: server.delete(f"/v1/lineage/table/{start}/table/{end}"),
    }
    with pytest.raises(NotFoundError):
        acts[verb]()
    assert server.get(f"/v1/lineage/table/{start}")["downstreamEdges"] == []


def test_a_parent_takes_along_what_is_below_it(sandbox: Sandbox, server: OpenMetadataClient) -> None:
    sandbox.faults.add("vanish", service="openmetadata", operation="GET /v1/databaseSchemas")
    with pytest.raises(NotFoundError):
        server.get_by_name("databaseSchemas", "lake.d.s")
    assert list(server.list("tables")) == []


def test_a_body_of_another_shape_names_nothing(sandbox: Sandbox, server: OpenMetadataClient) -> None:
    sandbox.faults.add("vanish", service="openmetadata", count=None)
    for path, body in (("/v1/lineage", [1]), ("/v1/tables/restore", {"id": 3}), ("/v1/tables/restore", "x")):
        with pytest.raises(RemoteError):
            server.put(path, body)
    assert len(sandbox.faults.struck()) == 0


def test_rows_of_a_servers_listing_can_be_hidden(sandbox: Sandbox, server: OpenMetadataClient) -> None:
    sandbox.faults.add("hidden", service="openmetadata", operation="GET /v1/tables", match=VIEW)
    assert [row["fullyQualifiedName"] for row in server.list("tables")] == [TABLE]
    assert len(list(server.list("tables"))) == 2
    assert server.get_by_name("tables", VIEW)


def test_a_servers_cursor_can_lead_in_a_circle(sandbox: Sandbox, server: OpenMetadataClient) -> None:
    sandbox.faults.add("loop-token", service="openmetadata", operation="GET /v1/users", count=None)
    assert len(list(server.list("users"))) > 3
    with pytest.raises(InvalidAnswerError, match="does not end"):
        list(server.list("users", limit=2))
