"""Atlas's API: how two versions answer, refuse and fail; the sixteen traps of the observed servers by name."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from ingest_assets.errors import RejectedError
from ingest_assets.sandbox.fault_sites import ATLAS_OPERATIONS
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.sandbox.atlas_clients import Raw

_NAMED = "/v2/entity/uniqueAttribute/type"
_NOWHERE = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def older() -> Iterator[Sandbox]:
    with Sandbox(atlas_version="2.1.0") as running:
        yield running
        assert not list(running.crashes)


@pytest.fixture
def raw(sandbox: Sandbox) -> Raw:
    return Raw(sandbox)


def code(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errorCode"]


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


# the traps, in their order


def test_1_the_newer_version_counts_the_page_and_the_older_the_index(raw: Raw, older: Sandbox) -> None:
    assert raw.search(typeName="hive_table", limit=5).json()["approximateCount"] == 5
    assert raw.search(typeName="hive_table", limit=5, offset=9_000).json()["approximateCount"] == 0
    total = len(raw.found(typeName="hive_table", limit=1_000))
    assert Raw(older).search(typeName="hive_table", limit=5).json()["approximateCount"] == total > 50


@pytest.mark.parametrize("limit", [0, -1, 10_001, None])
def test_2_a_limit_out_of_bounds_is_100_without_a_word(raw: Raw, limit: int | None) -> None:
    answer = raw.search(typeName="hive_column", limit=limit).json()
    assert (len(answer["entities"]), answer["searchParameters"]["limit"]) == (100, 100)
    assert len(raw.found(typeName="hive_column", limit=10_000)) > 250


def test_3_no_hits_are_an_absent_key(raw: Raw) -> None:
    answer = raw.search(typeName="hbase_table").json()
    assert answer.keys() == {"queryType", "searchParameters", "approximateCount"}


def test_4_markers_go_from_a_star_to_minus_one(raw: Raw) -> None:
    marker, names = "*", []
    while marker != "-1":
        answer = raw.search(typeName="hive_table", limit=7, marker=marker).json()
        names += [row["attributes"]["qualifiedName"] for row in answer.get("entities", [])]
        marker = answer["nextMarker"]
    everything = [row["attributes"]["qualifiedName"] for row in raw.found(typeName="hive_table", limit=1_000)]
    assert names == everything
    assert [row["attributes"]["qualifiedName"] for row in raw.walk(7, typeName="hive_table")] == everything


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"marker": "rubbish"}, "Invalid marker!"),
        ({"marker": "*", "offset": 2}, "Marker can be used only if offset=0."),
    ],
)
def test_4_a_marker_that_is_none_is_refused(raw: Raw, more: dict[str, Any], words: str) -> None:
    answer = raw.search(typeName="hive_table", limit=3, **more)
    assert (*code(answer), answer.json()["errorMessage"]) == (400, "ATLAS-400-00-029", words)


def test_4_a_marker_is_bound_to_its_search(raw: Raw) -> None:
    marker = raw.search(typeName="hive_table", limit=3, marker="*").json()["nextMarker"]
    assert raw.search(typeName="hive_table", limit=3, marker=marker).status_code == 200
    for other in ({"typeName": "hive_db", "limit": 3}, {"typeName": "hive_table", "limit": 4}):
        assert code(raw.search(**other, marker=marker)) == (400, "ATLAS-400-00-029")


def test_4_the_older_version_gives_the_first_page_for_ever(older: Sandbox) -> None:
    raw = Raw(older)
    pages = [raw.search(typeName="hive_table", limit=3, marker=marker).json() for marker in ("*", "rubbish")]
    assert pages[0] == pages[1]
    assert "nextMarker" not in pages[0]


def test_5_some_orders_are_accepted_and_not_applied(raw: Raw) -> None:
    def names(**sort: str) -> list[str]:
        return [str(row["attributes"]["qualifiedName"]) for row in raw.found(typeName="hive_table", limit=99, **sort)]

    assert names(sortBy="qualifiedName") == names() != sorted(names())
    by_name = [row["attributes"]["name"] for row in raw.found(typeName="hive_table", limit=99, sortBy="name")]
    assert by_name == sorted(by_name)
    assert code(raw.search(typeName="hive_table", sortBy="nope")) == (400, "ATLAS-400-00-023")


def test_6_columns_come_in_another_order_each_time(raw: Raw) -> None:
    orders = [raw.named("hive_table", "sales.orders@norrpost")["entity"]["attributes"]["columns"] for _ in range(4)]
    assert len({tuple(one["guid"] for one in order) for order in orders}) > 1
    key = raw.named("hive_column", "sales.orders.order_month@norrpost")["entity"]["attributes"]
    first = raw.named("hive_column", "sales.orders.order_id@norrpost")["entity"]["attributes"]
    assert key["position"] == first["position"] == 0


def test_7_deleted_ones_are_found_and_stay_among_columns(raw: Raw) -> None:
    states = {row["attributes"]["qualifiedName"]: row["status"] for row in raw.found(typeName="hive_table", limit=999)}
    assert states["sales.old_orders@norrpost"] == "DELETED"
    rest = raw.found(typeName="hive_table", limit=999, excludeDeletedEntities=True)
    assert {row["status"] for row in rest} == {"ACTIVE"}
    table = raw.named("hive_table", "sales.orders@norrpost")
    by_name = {one["displayText"]: one for one in table["entity"]["relationshipAttributes"]["columns"]}
    legacy = by_name["legacy_code"]
    assert (legacy["entityStatus"], legacy["relationshipStatus"]) == ("DELETED", "DELETED")
    assert legacy["guid"] in {one["guid"] for one in table["entity"]["attributes"]["columns"]}
    assert table["referredEntities"][legacy["guid"]]["status"] == "DELETED"


def test_8_partition_keys_are_no_columns_and_have_no_table_in_a_search(raw: Raw) -> None:
    table = raw.named("hive_table", "sales.orders@norrpost")["entity"]["relationshipAttributes"]
    assert [one["displayText"] for one in table["partitionKeys"]] == ["order_month"]
    assert "order_month" not in {one["displayText"] for one in table["columns"]}
    rows = raw.found(typeName="hive_column", attributes=["table"], limit=10_000)
    without = {row["attributes"]["name"] for row in rows if "table" not in row["attributes"]}
    assert "order_month" in without
    assert "order_id" not in without


def test_9_what_may_not_be_read_is_scrubbed_and_counted(sandbox: Sandbox, raw: Raw) -> None:
    clerk = Raw(sandbox, sandbox.atlas_clerk)
    all_of_them, seen = raw.found(typeName="hive_table", limit=999), clerk.found(typeName="hive_table", limit=999)
    (hidden,) = (row for row in seen if row["guid"] == "-1")
    assert len(seen) == len(all_of_them)
    assert (hidden["attributes"], hidden["displayText"]) == ({}, "ledger_entries")
    guid = raw.named("hive_table", "finance.ledger_entries@norrpost")["entity"]["guid"]
    assert code(clerk.get(f"/v2/entity/guid/{guid}")) == (403, "ATLAS-403-00-001")
    assert code(clerk.get(f"/v2/lineage/{guid}")) == (403, "ATLAS-403-00-001")
    columns = clerk.search(typeName="hive_column", attributes=["table"], limit=10_000).json()
    assert columns["referredEntities"][guid]["guid"] == "-1"


@pytest.mark.parametrize(("version", "status", "body"), [("2.1.0", 200, []), ("2.4.0", 403, None)])
def test_9_a_glossary_that_may_not_be_read(version: str, status: int, body: object) -> None:
    with Sandbox(atlas_version=version) as sandbox:
        limited = sandbox.atlas.users.add("limited", entities=("sales.*",))
        answer = Raw(sandbox, limited).get("/v2/glossary")
        assert answer.status_code == status
        assert body is None or answer.json() == body


def test_10_an_unknown_attribute_is_refused_by_the_newer_version(raw: Raw, older: Sandbox) -> None:
    wanted: dict[str, Any] = {"typeName": "Process", "attributes": ["inputs", "query"]}
    assert code(raw.search(**wanted)) == (400, "ATLAS-400-00-023")
    assert Raw(older).search(**wanted).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/v2/nope", "/v2/search/basic?typeName=hive_table&limit=abc", "/v2/search/basic?limit=2", "/v2/glossary/terms"],
)
def test_11_what_nobody_foresaw_is_a_500_that_calls_itself_json(raw: Raw, path: str) -> None:
    answer = raw.get(path)
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (500, "application/json")
    assert answer.text.startswith("There was an error processing your request.")


def test_11_broken_json_is_another_error_in_each_version(raw: Raw, older: Sandbox) -> None:
    statuses = []
    for one in (raw, Raw(older)):
        url, broken = f"{one.base}/v2/search/basic", b'{"typeName": "hive_table", '
        statuses.append(requests.post(url, broken, auth=one.auth, timeout=5).status_code)
        assert requests.post(url, auth=one.auth, timeout=5).status_code == 500
        assert requests.put(url, b"{}", auth=one.auth, timeout=5).status_code == 500
    assert statuses == [400, 500]


def test_13_a_quotation_mark_in_a_condition(raw: Raw, older: Sandbox) -> None:
    name = 'посылки_荷物"quoted"'
    wanted = {"attributeName": "name", "operator": "eq", "attributeValue": name}
    assert raw.search(typeName="hive_table", entityFilters=wanted).status_code == 500
    assert [row["displayText"] for row in Raw(older).found(typeName="hive_table", entityFilters=wanted)] == [name]
    for one in (raw, Raw(older)):
        assert one.named("hive_table", f"default.{name}@norrpost")["entity"]["attributes"]["name"] == name


def test_14_dots_and_sessions_stand_in_qualified_names(raw: Raw) -> None:
    temporary = raw.named("hive_table", "default.tmp_load_temp-7f1c2a9e-51d4@norrpost")["entity"]["attributes"]
    assert (temporary["name"], temporary["temporary"]) == ("tmp_load", True)
    dotted = raw.named("hive_table", "orders.raw.partner.orders:v2@norrpost")
    assert dotted["entity"]["attributes"]["name"] == "partner.orders:v2"
    assert dotted["entity"]["relationshipAttributes"]["db"]["displayText"] == "orders.raw"


def test_15_no_text_is_told_in_three_ways(raw: Raw, older: Sandbox) -> None:
    name = "sales.carts@norrpost"
    assert raw.named("hive_table", name)["entity"]["attributes"]["description"] is None
    told = []
    for one in (raw, Raw(older)):
        rows = one.found(typeName="hive_table", limit=999)
        told += [row["attributes"].get("description") for row in rows if row["attributes"]["qualifiedName"] == name]
    assert told == ["", None]


def test_16_a_deleted_database_leaves_its_tables_and_a_name_may_be_made_anew(sandbox: Sandbox, raw: Raw) -> None:
    table = raw.named("hive_table", "retired.left_behind@norrpost")["entity"]
    assert (table["status"], table["relationshipAttributes"]["db"]["entityStatus"]) == ("ACTIVE", "DELETED")
    assert table["attributes"]["db"]["guid"] == table["relationshipAttributes"]["db"]["guid"]
    rows = [row for row in raw.found(typeName="hive_table", limit=999) if row["displayText"] == "promotions"]
    assert sorted(row["status"] for row in rows) == ["ACTIVE", "DELETED"]
    assert len({row["guid"] for row in rows}) == 2
    guid = table["guid"]
    sandbox.company.atlas.change(guid, name="moved", qualifiedName="retired.moved@norrpost")
    assert raw.named("hive_table", "retired.moved@norrpost")["entity"]["guid"] == guid
    gone = raw.get(
        "/v2/entity/uniqueAttribute/type/hive_table", **{"attr:qualifiedName": "retired.left_behind@norrpost"}
    )
    assert code(gone) == (404, "ATLAS-404-00-009")


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
