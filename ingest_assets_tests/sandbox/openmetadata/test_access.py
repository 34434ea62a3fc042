from __future__ import annotations

import pytest
import requests

from ingest_assets.sandbox.openmetadata import OpenMetadataApp
from ingest_assets_tests.sandbox.openmetadata.api import ADMIN, table
from ingest_assets_tests.sandbox.openmetadata.conftest import ServerMaker


@pytest.mark.parametrize("token", [None, "another"])
def test_a_missing_or_wrong_token_is_401_in_the_mapped_shape(serve: ServerMaker, token: str | None) -> None:
    answer = serve().get("tables", token=token)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "om-auth"
    assert answer.json().keys() == {"code", "message"}


def test_the_version_needs_no_token(serve: ServerMaker) -> None:
    assert serve("1.9.3").get("system/version", token=None).json()["version"] == "1.9.3"


def test_what_the_bot_is_denied_is_403_and_an_admin_still_may(serve: ServerMaker) -> None:
    api = serve()
    api.make_schema()
    api.app.deny("Create", "table")
    refused = api.put("tables", table("t"))
    assert refused.status_code == 403
    assert refused.json() == {
        "code": 403,
        "message": "Principal: CatalogPrincipal{name='ingestion-bot'} operations [Create] not allowed",
    }
    assert api.put("tables", table("t"), token=ADMIN).status_code == 201


def test_a_denied_bulk_element_fails_with_403_inside_a_200(serve: ServerMaker) -> None:
    api = serve()
    api.make_schema()
    api.app.deny("Create", "table")
    result = api.put("tables/bulk", [table("t")])
    assert result.status_code == 200
    assert result.json()["failedRequest"][0]["status"] == 403


@pytest.mark.parametrize("path", ["/", "/v1/tables", "/dashboard"])
def test_outside_api_the_user_interface_answers(serve: ServerMaker, path: str) -> None:
    answer = requests.get(serve().address + path, timeout=5)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("version", "method", "path", "hint"),
    [
        ("1.5.8", "GET", "nope", "HTTP 404 Not Found"),
        ("1.10.2", "PUT", "tables/bulk", "HTTP 405 Method Not Allowed"),
        ("1.13.1", "DELETE", "tables/deleteStale", "HTTP 404 Not Found"),
        ("1.3.0", "GET", "lineage/getLineageEdge/a/b", "HTTP 404 Not Found"),
        ("1.12.4", "GET", "tables/no-uuid", "HTTP 404 Not Found"),
    ],
)
def test_what_a_version_lacks_is_a_wrapped_500(
    serve: ServerMaker, version: str, method: str, path: str, hint: str
) -> None:
    answer = serve(version).call(method, path, {})
    assert answer.status_code == 500
    assert answer.json()["errorType"] == "UNHANDLED_SERVER_EXCEPTION"
    assert hint in answer.json()["responseMessage"]


@pytest.mark.parametrize(
    ("version", "path"),
    [("1.12.4", "search/query"), ("1.12.4", "lineage/getLineage"), ("1.12.4", "tables/history")],
)
def test_what_only_the_real_server_has_is_501(serve: ServerMaker, version: str, path: str) -> None:
    answer = serve(version).get(path)
    assert answer.status_code == 501
    assert "sandbox" in answer.json()["message"]


def test_requests_are_counted_by_template_and_recorded_with_their_bodies(serve: ServerMaker) -> None:
    api = serve()
    api.make_schema()
    api.app.reset_counts()
    made = api.make("tables", table("a/b"))
    api.named("tables", "lake.d.s.a/b")
    api.get(f"tables/{made['id']}", fields="tags")
    api.get("nowhere")
    assert dict(api.app.counts) == {
        "PUT /v1/tables": 1,
        "GET /v1/tables/name/{fqn}": 1,
        "GET /v1/tables/{id}": 1,
        "GET unknown path": 1,
    }
    assert api.app.writes() == 1
    put, _, by_id, _ = api.app.requests
    assert (put.method, put.path, put.status) == ("PUT", "/api/v1/tables", 201)
    assert b'"a/b"' in put.body
    assert put.headers["authorization"] == "Bearer bot-token"
    assert by_id.query == "fields=tags"


@pytest.mark.parametrize("version", ["0.13.2", "2.1.0", "new"])
def test_versions_beyond_the_tables_are_refused(version: str) -> None:
    with pytest.raises(ValueError, match=version):
        OpenMetadataApp(version, bot_token="b", admin_token="a")
