"""Bulk PUT of 1.11 and later."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from ingest_assets.sandbox.faults import Fault, Faults
from ingest_assets.sandbox.openmetadata_faults import StepFaults
from ingest_assets_tests.sandbox.openmetadata.api import Api, table
from ingest_assets_tests.sandbox.openmetadata.conftest import ServerMaker


@pytest.fixture
def api(serve: ServerMaker) -> Api:
    api = serve("1.12.4")
    api.make_schema()
    return api


def test_created_updated_and_unchanged_look_alike(api: Api) -> None:
    api.make("tables", table("same"))
    api.make("tables", table("other"))
    result = api.put("tables/bulk", [table("same"), table("other", sourceHash="h"), table("new")]).json()
    assert (result["status"], result["numberOfRowsProcessed"], result["numberOfRowsPassed"]) == ("success", 3, 3)
    assert result["successRequest"] == [
        {"request": f"lake.d.s.{name}", "status": 200} for name in ("same", "other", "new")
    ]
    assert [api.named("tables", f"lake.d.s.{name}").json()["version"] for name in ("same", "other", "new")] == [
        0.1,
        0.2,
        0.1,
    ]


@pytest.mark.parametrize(
    "bad",
    [
        table("b", schema="lake.d.none"),
        table(""),
        table("b", tags=[{"tagFQN": "No.pe", "source": "Classification", "labelType": "Manual", "state": "Confirmed"}]),
        table("b", columns=[{"name": "a", "dataType": "VARCHAR"}]),
    ],
    ids=["parent", "name", "tag", "column"],
)
def test_an_element_that_is_wrong_fails_alone_and_comes_back_whole(api: Api, bad: dict[str, object]) -> None:
    answer = api.put("tables/bulk", [bad, table("good")])
    result = answer.json()
    assert (answer.status_code, result["status"]) == (200, "partialSuccess")
    (failed,) = result["failedRequest"]
    assert (failed["status"], failed["request"]) == (400, bad)
    assert failed["message"]
    assert api.named("tables", "lake.d.s.good").status_code == 200


@pytest.mark.parametrize(("kind", "whole"), [("400", True), ("429", False), ("500", False)])
def test_an_element_that_fails_on_demand_is_not_stored(serve: ServerMaker, kind: str, whole: bool) -> None:
    api = serve("1.12.4", faults=StepFaults(Faults([Fault(f"element:{kind}", match="lake.d.s.t")])))
    api.make_schema()
    result = api.put("tables/bulk", [table("t")]).json()
    (failed,) = result["failedRequest"]
    assert (result["status"], failed["status"]) == ("failure", int(kind))
    assert failed["request"] == (table("t") if whole else "lake.d.s.t")
    assert api.named("tables", "lake.d.s.t").status_code == 404


@pytest.mark.parametrize("bad", [table("b", nope=1), table("b", tableType="Nope"), table("b", columns={}), "text"])
def test_one_element_that_can_t_be_read_refuses_all(api: Api, bad: object) -> None:
    assert api.put("tables/bulk", [table("good"), bad]).status_code == 400
    assert api.named("tables", "lake.d.s.good").status_code == 404


def test_a_soft_deleted_element_is_restored_and_updated(api: Api) -> None:
    made = api.make("tables", table("t"))
    api.delete(f"tables/{made['id']}")
    api.put("tables/bulk", [table("t", sourceHash="h")])
    stored = api.get(f"tables/{made['id']}").json()
    assert (stored["deleted"], stored["sourceHash"], stored["version"]) == (False, "h", 0.3)


def test_doubles_in_one_batch_create_and_then_update(api: Api) -> None:
    result = api.put("tables/bulk", [table("t", sourceHash="1"), table("t", sourceHash="2")]).json()
    assert result["numberOfRowsPassed"] == 2
    stored = api.named("tables", "lake.d.s.t").json()
    assert (stored["sourceHash"], stored["version"]) == ("2", 0.2)


def test_from_2_0_on_an_equal_hash_skips_the_element_unseen(serve: ServerMaker) -> None:
    for version, stored in (("1.13.6", "External"), ("2.0.0", "Regular")):
        api = serve(version)
        api.make_schema()
        api.make("tables", table("t", sourceHash="h", tableType="Regular"))
        api.put("tables/bulk", [table("t", sourceHash="h", tableType="External")])
        assert api.named("tables", "lake.d.s.t").json()["tableType"] == stored


@pytest.mark.parametrize("collection", ["services/databaseServices", "containers", "pipelines", "teams", "glossaries"])
def test_collections_without_bulk_say_so_as_an_unknown_verb(api: Api, collection: str) -> None:
    answer = api.put(f"{collection}/bulk", [])
    assert answer.status_code == 500
    assert "HTTP 40" in answer.json()["responseMessage"]


def test_asynchronous_bulk_is_refused_not_pretended(api: Api) -> None:
    assert api.put("tables/bulk", [table("t")], **{"async": "true"}).status_code == 501


def test_an_object_is_no_batch(api: Api) -> None:
    assert api.put("tables/bulk", table("t")).status_code == 400


def test_many_writers_at_once_lose_nothing(api: Api) -> None:
    def write(batch: int) -> int:
        with Api(api.app, api.address) as own:
            elements = [table(f"t{batch}_{number}") for number in range(20)]
            passed: int = own.put("tables/bulk", elements).json()["numberOfRowsPassed"]
            return passed + (own.put("tables", table("shared", sourceHash=str(batch))).status_code in (200, 201))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(write, range(8))) == [21] * 8
    assert api.get("tables", limit=0).json()["paging"]["total"] == 161
    assert api.named("tables", "lake.d.s.shared").json()["version"] == 0.8
    assert api.app.counts["PUT /v1/tables/bulk"] == 8
