"""The sixteen traps of the observed Atlas servers, by their numbers."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.sandbox.atlas_clients import Raw, code


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
