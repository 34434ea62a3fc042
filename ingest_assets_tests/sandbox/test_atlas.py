"""Atlas's API: how two versions let in, answer and fail."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import requests

from ingest_assets.errors import RejectedError
from ingest_assets.sandbox.fault_sites import ATLAS_OPERATIONS
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.sandbox.atlas_clients import Raw, code

_NAMED = "/v2/entity/uniqueAttribute/type"
_NOWHERE = "00000000-0000-0000-0000-000000000000"


# signing on


def test_status_is_free_and_version_is_not(sandbox: Sandbox, raw: Raw) -> None:
    assert requests.get(f"{raw.base}/admin/status", timeout=5).json() == {"Status": "ACTIVE"}
    assert requests.get(f"{raw.base}/admin/version", timeout=5).status_code == 401
    assert raw.get("/admin/version").json()["Version"] == "2.4.0"


@pytest.mark.parametrize(
    ("name", "password", "words"),
    [("catalog", "wrong", "Wrong password"), ("nobody", "x", "Username not found.nobody")],
)
def test_the_newer_version_tells_why_nobody_is_signed_on(raw: Raw, name: str, password: str, words: str) -> None:
    answer = requests.get(f"{raw.base}/admin/version", auth=(name, password), timeout=5)
    assert answer.json() == {
        "servlet": "jersey-servlet",
        "message": words,
        "url": "/api/atlas/admin/version",
        "status": "401",
    }
    assert "WWW-Authenticate" not in answer.headers


def test_the_older_version_tells_nothing_of_a_401(older: Sandbox) -> None:
    answer = requests.get(f"{Raw(older).base}/admin/version", auth=("catalog", "wrong"), timeout=5)
    assert (answer.status_code, answer.text) == (401, "")


def test_a_session_cookie_beats_a_wrong_password(raw: Raw) -> None:
    cookies = raw.get("/admin/version").cookies
    assert "ATLASSESSIONID" in cookies
    answer = requests.get(f"{raw.base}/admin/version", auth=("catalog", "wrong"), cookies=cookies, timeout=5)
    assert answer.status_code == 200


def test_in_the_older_version_a_wrong_password_is_wrong(older: Sandbox) -> None:
    raw = Raw(older)
    cookies = raw.get("/admin/version").cookies
    answer = requests.get(f"{raw.base}/admin/version", auth=("catalog", "wrong"), cookies=cookies, timeout=5)
    assert answer.status_code == 401


def test_a_gateway_adds_a_path_and_takes_tokens(sandbox: Sandbox) -> None:
    sandbox.atlas.gateway = "/gateway/cdp-proxy-api/atlas"
    url = f"{sandbox.atlas_host_port}/api/atlas/admin/version"
    token = sandbox.atlas.users.add_token("catalog")
    assert requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=5).json()["Version"] == "2.4.0"
    assert requests.get(url, headers={"Authorization": "Bearer other"}, timeout=5).status_code == 401
    assert requests.get(f"{sandbox.url}/api/atlas/admin/version", timeout=5).status_code == 404
    sandbox.atlas.users.revoke()
    assert requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=5).status_code == 401


def test_what_looks_like_a_browser_may_not_search_by_post(raw: Raw) -> None:
    headers = {"User-Agent": "Mozilla/5.0", "X-XSRF-HEADER": "valid"}
    url, wanted = f"{raw.base}/v2/search/basic", {"typeName": "hive_table"}
    answer = requests.post(url, json=wanted, headers=headers, auth=raw.auth, timeout=5)
    assert (answer.status_code, list(answer.json())) == (400, ["msgDesc"])


# entities, lineage, types


@pytest.mark.parametrize(
    ("path", "status", "error"),
    [
        (f"/v2/entity/guid/{_NOWHERE}", 404, "ATLAS-404-00-005"),
        ("/v2/entity/guid/not-a-guid", 404, "ATLAS-404-00-005"),
        ("/v2/entity/bulk", 404, "ATLAS-404-00-005"),
        (f"/v2/lineage/{_NOWHERE}", 404, "ATLAS-404-00-005"),
        (f"/v2/glossary/{_NOWHERE}", 404, "ATLAS-404-00-005"),
        ("/v2/types/typedef/name/no_such_type", 404, "ATLAS-404-00-001"),
        (f"{_NAMED}/no_such?attr:qualifiedName=x", 400, "ATLAS-400-00-014"),
        (f"{_NAMED}/hive_table?attr:qualifiedName=sales.old_orders@norrpost", 404, "ATLAS-404-00-009"),
        ("/v2/search/basic?typeName=no_such_type", 400, "ATLAS-400-00-00A"),
        ("/v2/search/basic?classification=NO_SUCH", 400, "ATLAS-400-00-046"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_told_by_a_code(raw: Raw, path: str, status: int, error: str) -> None:
    assert code(raw.get(path)) == (status, error)


def test_one_unknown_guid_fails_a_bulk_request_whole(raw: Raw) -> None:
    guid = raw.named("hive_table", "sales.orders@norrpost")["entity"]["guid"]
    assert len(raw.get("/v2/entity/bulk", guid=[guid, guid]).json()["entities"]) == 2
    assert code(raw.get("/v2/entity/bulk", guid=[guid, _NOWHERE])) == (404, "ATLAS-404-00-005")


def test_an_address_may_have_some_15_500_characters(raw: Raw) -> None:
    guid = raw.named("hive_table", "sales.orders@norrpost")["entity"]["guid"]
    assert raw.get("/v2/entity/bulk", guid=[guid] * 300, ignoreRelationships="true").status_code == 200
    assert raw.get("/v2/entity/bulk", guid=[guid] * 400).status_code == 414


def test_a_short_answer_keeps_what_columns_are(raw: Raw) -> None:
    short = raw.named("hive_table", "sales.orders@norrpost", minExtInfo="true")
    columns = [one for one in short["referredEntities"].values() if one["typeName"] == "hive_column"]
    assert {"type", "position", "name"} <= columns[0]["attributes"].keys()
    assert "relationshipAttributes" not in columns[0]
    bare = raw.named("hive_table", "sales.orders@norrpost", ignoreRelationships="true")
    assert (bare["referredEntities"], "columns" in bare["entity"]["attributes"]) == ({}, False)


def test_classifications_go_along_lineage_and_tell_where_they_were_put(raw: Raw) -> None:
    orders = raw.named("hive_table", "sales.orders@norrpost")["entity"]
    view = raw.named("hive_table", "sales.customer_orders@norrpost")["entity"]
    reached = {one["typeName"]: one["entityGuid"] for one in view["classifications"]}
    assert reached["CONFIDENTIAL"] == orders["guid"] != view["guid"]
    column = raw.named("hive_column", "sales.customer_orders.email@norrpost")["entity"]
    assert [one["typeName"] for one in column["classifications"]] == ["PII_CONTACT"]
    below = {row["displayText"] for row in raw.found(classification="PII", typeName="hive_column", limit=99)}
    assert {"email", "phone", "ship_to", "顧客"} <= below
    only = raw.found(classification="PII", typeName="hive_column", includeSubClassifications=False, limit=99)
    assert {row["displayText"] for row in only} == {"顧客"}


def test_lineage_goes_by_both_halves_and_by_depth(raw: Raw) -> None:
    guid = raw.named("hive_table", "clickstream.clicks@norrpost")["entity"]["guid"]
    one = raw.get(f"/v2/lineage/{guid}", depth=1, direction="INPUT").json()
    names = {entity["displayText"] for entity in one["guidEntityMap"].values()}
    assert names == {"clicks_raw", "clickstream.clicks", "clicks"}
    assert len(one["relations"]) == 2
    whole = raw.get(f"/v2/lineage/{guid}", depth=0).json()
    assert {"kafka_topic", "hive_table", "hive_process"} == {row["typeName"] for row in whole["guidEntityMap"].values()}
    alone = raw.named("hive_table", "sales.carts@norrpost")["entity"]["guid"]
    assert raw.get(f"/v2/lineage/{alone}").json()["guidEntityMap"] == {}
    database = raw.named("hive_db", "sales@norrpost")["entity"]["guid"]
    assert code(raw.get(f"/v2/lineage/{database}")) == (404, "ATLAS-404-00-011")
    assert raw.get(f"/v2/lineage/{guid}", direction="SIDEWAYS").status_code == 500


def test_a_databases_tables_are_paged_by_their_relationship(raw: Raw) -> None:
    guid = raw.named("hive_db", "sales@norrpost")["entity"]["guid"]
    path = "/v2/search/relationship"
    pages = [raw.get(path, guid=guid, relation="tables", limit=6, offset=at).json()["entities"] for at in (0, 6, 12)]
    names = [row["displayText"] for page in pages for row in page]
    assert names == sorted(names)
    assert {"orders", "old_orders"} <= set(names)
    assert raw.get(path, guid=guid, relation="nope").json()["entities"] == []


def test_subtypes_of_data_sets_are_many(raw: Raw) -> None:
    found = raw.found(typeName="DataSet", limit=10_000)
    assert {"hive_table", "hive_column", "kafka_topic", "rdbms_table", "aws_s3_v2_directory"} <= {
        row["typeName"] for row in found
    }
    assert raw.found(typeName="DataSet", includeSubTypes=False) == []
    headers = raw.get("/v2/types/typedefs/headers").json()
    assert {"ENTITY", "CLASSIFICATION", "BUSINESS_METADATA", "ENUM", "STRUCT", "RELATIONSHIP"} == {
        row["category"] for row in headers
    }


def test_several_types_at_once_are_for_the_newer_version(raw: Raw, older: Sandbox) -> None:
    found = raw.found(typeName="hive_db,kafka_topic", limit=99)
    assert {row["typeName"] for row in found} == {"hive_db", "kafka_topic"}
    assert code(Raw(older).search(typeName="hive_db,kafka_topic")) == (400, "ATLAS-400-00-00A")


def test_conditions_are_joined(raw: Raw) -> None:
    def names(condition: dict[str, Any]) -> set[str]:
        return {row["displayText"] for row in raw.found(typeName="hive_table", limit=999, entityFilters=condition)}

    view = {"attributeName": "tableType", "operator": "eq", "attributeValue": "VIRTUAL_VIEW"}
    sales = {"attributeName": "qualifiedName", "operator": "startsWith", "attributeValue": "sales."}
    gold = {"attributeName": "DataQuality.tier", "operator": "=", "attributeValue": "GOLD"}
    assert names({"condition": "AND", "criterion": [view, sales]}) == {
        "best_customers",
        "customer_orders",
        "revenue_by_day",
    }
    assert {"orders", "daily_sessions"} <= names({"condition": "OR", "criterion": [view, sales]})
    assert names(gold) == {"orders"}
    assert code(raw.search(typeName="hive_table", entityFilters={**view, "attributeName": "db"})) == (
        400,
        "ATLAS-400-00-023",
    )


# faults


@pytest.mark.parametrize(
    ("kind", "status"),
    [("throttle", 429), ("500", 500), ("502", 502), ("503", 503), ("expired-token", 401), ("access-denied", 403)],
)
def test_calls_fail_on_demand_in_atlas_words(sandbox: Sandbox, raw: Raw, kind: str, status: int) -> None:
    sandbox.faults.add(kind, service="atlas", operation="search.basic", match="hive_db")
    assert raw.search(typeName="hive_table").status_code == 200
    answer = raw.search(typeName="hive_db")
    assert answer.status_code == status
    assert ("Retry-After" in answer.headers) is (status == 429)
    assert raw.search(typeName="hive_db").status_code == 200


def test_answers_are_cut_and_connections_reset_on_demand(sandbox: Sandbox, raw: Raw) -> None:
    sandbox.faults.add("truncated", service="atlas", operation="search.basic")
    with pytest.raises(requests.JSONDecodeError):
        raw.search(typeName="hive_table").json()
    sandbox.faults.add("reset-before", service="atlas", operation="entity.*")
    with pytest.raises(requests.ConnectionError):
        raw.get(f"/v2/entity/guid/{_NOWHERE}")


def test_rows_are_left_out_and_markers_loop_on_demand(sandbox: Sandbox, raw: Raw) -> None:
    sandbox.faults.add("hidden", service="atlas", operation="search.basic", match="sales.orders@*")
    hidden, shown = raw.found(typeName="hive_table", limit=999), raw.found(typeName="hive_table", limit=999)
    assert len(hidden) == len(shown) - 1
    sandbox.faults.add("loop-token", service="atlas", operation="search.basic")
    first = raw.search(typeName="hive_table", limit=3, marker="*").json()
    assert first["nextMarker"] == "*"


def test_what_vanishes_is_gone_for_good(sandbox: Sandbox, raw: Raw) -> None:
    sandbox.faults.add("vanish", service="atlas", operation="entity.uniqueAttribute", match="sales.carts@*")
    path, name = "/v2/entity/uniqueAttribute/type/hive_table", {"attr:qualifiedName": "sales.carts@norrpost"}
    assert raw.get(path, **name).status_code == 404
    assert "carts" not in {row["displayText"] for row in raw.found(typeName="hive_table", limit=999)}


def test_every_route_can_fail(sandbox: Sandbox) -> None:
    assert sandbox.atlas.operations == set(ATLAS_OPERATIONS)
    for wrong in (
        ("vanish", "search.basic"),
        ("hidden", "entity.guid"),
        ("access-denied", "admin.status"),
        ("500", "no"),
    ):
        with pytest.raises(RejectedError):
            sandbox.faults.add(wrong[0], service="atlas", operation=wrong[1])


def test_calls_are_counted_and_kept(sandbox: Sandbox, raw: Raw) -> None:
    raw.search(typeName="hive_table", limit=1)
    raw.get("/v2/glossary")
    assert sandbox.atlas.counts == {"search.basic": 1, "glossary": 1}
    assert '"hive_table"' in sandbox.atlas.requests[0].body
    assert requests.get(f"{sandbox.url}/__requests", timeout=5).json()["atlas"]["glossary"] == 1


def test_the_environment_leads_to_atlas(sandbox: Sandbox) -> None:
    variables = sandbox.environment()
    pair = f"{variables['ATLAS_USERNAME']}:{variables['ATLAS_PASSWORD']}".encode()
    headers = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    url = f"{variables['ATLAS_HOST_PORT']}/api/atlas/admin/version"
    assert requests.get(url, headers=headers, timeout=5).status_code == 200


def test_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match=r"3\.0\.0"):
        Sandbox(atlas_version="3.0.0")
