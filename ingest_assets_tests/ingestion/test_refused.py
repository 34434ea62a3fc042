"""Writes that the server refuses: each costs itself only, and is told with FQN, status and the server's words."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_assets.catalog import EntityType
from ingest_assets.errors import AuthenticationError, PermissionDeniedError
from ingest_assets.openmetadata.capabilities import Version, capabilities_of
from ingest_assets_tests.ingestion.lakes import Lake
from ingest_assets_tests.ingestion.runs import Place, place, run_steps

BAD = "lake.db.sales.t3"


def lake(tables: int = 8) -> Lake:
    made = Lake()
    for number in range(tables):
        made.put("sales", f"t{number}")
    made.view("sales", "over_bad", "select id from sales.t3")
    made.view("sales", "over_good", "select id from sales.t1")
    return made


@pytest.mark.parametrize(
    ("status", "words"),
    [("400", "Refused on demand"), ("429", "Limits exceeded on demand"), ("500", "Failed on demand")],
)
def test_an_element_of_a_bulk_request_that_is_refused_costs_itself(here: Place, status: str, words: str) -> None:
    here.sandbox.faults.add(f"element:{status}", service="openmetadata", operation="PUT /v1/tables", match=BAD)
    first = here.run(lake())
    assert (first.tables.created, first.tables.failed) == (9, 1)
    failures = {problem.fqn: problem for problem in first.tables.problems}
    assert set(failures) == {BAD}
    assert failures[BAD].step == "write"
    assert status in failures[BAD].reason
    assert words in failures[BAD].reason
    assert (first.lineage.created, first.lineage.parked) == (1, 1)
    assert f"{BAD} is not on the server" in first.lineage.problems[0].reason
    second = here.run(lake())
    assert (second.tables.created, second.tables.unchanged, second.lineage.created) == (1, 9, 1)


def test_a_bulk_request_that_fails_for_good_costs_its_elements(here: Place) -> None:
    here.sandbox.faults.add("503", service="openmetadata", operation="PUT /v1/tables", match="bulk", count=None)
    first = here.run(lake())
    assert (first.tables.created, first.tables.failed) == (0, 10)
    assert all("(503)" in problem.reason for problem in first.tables.problems)
    assert (first.lineage.parked, first.lineage.created) == (2, 0)
    here.sandbox.faults.clear()
    assert here.run(lake()).tables.created == 10


@pytest.mark.parametrize("kind", ["throttle", "502", "reset-before", "reset-after", "cut"])
def test_what_a_retry_mends_is_no_failure(here: Place, kind: str) -> None:
    here.sandbox.faults.add(kind, service="openmetadata", operation="PUT /v1/tables", match="bulk")
    first = here.run(lake())
    assert not first.failures()
    assert first.tables.retries == 1


@pytest.mark.parametrize("version", ["1.0.3", "1.5.7"])
def test_servers_without_bulk_get_one_put_for_each(tmp_path: Path, version: str) -> None:
    with place(tmp_path, version) as here:
        here.sandbox.faults.add("500", service="openmetadata", operation="PUT /v1/tables", match='"t3"', count=None)
        first = here.run(lake())
        assert (first.tables.created, first.tables.failed) == (9, 1)
        assert "(500)" in first.failures()[BAD]
        assert here.writes().count("PUT /v1/tables") == 9
        here.sandbox.faults.clear()
        second = here.run(lake())
        assert (second.tables.created, second.written()) == (1, 2)


def test_a_bot_that_may_not_write_a_type_is_told_for_each(anywhere: Place) -> None:
    anywhere.sandbox.openmetadata.deny("Create", "table")
    first = anywhere.run(lake())
    assert (first.schemas.created, first.tables.failed, first.tables.created) == (1, 10, 0)
    assert all("not allowed" in problem.reason for problem in first.tables.problems)


def test_a_bot_that_may_not_make_the_service_ends_the_run(here: Place) -> None:
    here.sandbox.openmetadata.deny("Create", "databaseService")
    with pytest.raises(PermissionDeniedError, match="not allowed"):
        here.run(lake())
    assert here.sandbox.openmetadata.counts["PUT /v1/databases/bulk"] == 0


def test_a_token_that_is_refused_ends_the_run_at_once(here: Place) -> None:
    ingestion = here.ingestion(lake())
    ingestion.snapshot("one", last_attempt=True)
    ingestion.plan("one")
    ingestion.publish("one", EntityType.DATABASE)
    ingestion.publish("one", EntityType.SCHEMA)
    here.sandbox.faults.add("expired-token", service="openmetadata", operation="PUT *", count=None)
    before = here.sandbox.openmetadata.counts.total()
    with pytest.raises(AuthenticationError):
        ingestion.publish("one", EntityType.TABLE)
    assert here.sandbox.openmetadata.counts.total() == before


def test_what_was_acknowledged_before_a_run_broke_off_is_not_written_again(tmp_path: Path) -> None:
    with place(tmp_path, "1.0.3") as here:
        ingestion = here.ingestion(lake(200))
        ingestion.snapshot("one", last_attempt=True)
        ingestion.plan("one")
        ingestion.publish("one", EntityType.DATABASE)
        ingestion.publish("one", EntityType.SCHEMA)
        here.sandbox.faults.add("expired-token", service="openmetadata", operation="PUT /v1/tables", after=100)
        with pytest.raises(AuthenticationError):
            ingestion.publish("one", EntityType.TABLE)
        ingestion.close()
        here.sandbox.faults.clear()
        second = here.run(lake(200))
        assert second.tables.unchanged > 60
        assert here.run(lake(200)).written() == 0


def test_an_edge_that_is_refused_costs_itself_and_is_tried_again(anywhere: Place) -> None:
    anywhere.sandbox.faults.add("403", service="openmetadata", operation="PUT /v1/lineage")
    first = anywhere.run(lake())
    assert (first.lineage.created, first.lineage.failed) == (1, 1)
    second = anywhere.run(lake())
    assert (second.lineage.created, second.lineage.unchanged) == (1, 1)


def test_a_server_that_turns_out_to_have_no_bulk_gets_single_puts(tmp_path: Path) -> None:
    """Builds differ from what their version promises: an unknown path answers, wrapped, 404."""
    with place(tmp_path, "1.10.0") as here:
        ingestion = here.ingestion(lake())
        ingestion.server.client.capabilities = capabilities_of(Version(1, 12, 4))
        first = run_steps(ingestion)
        assert not first.failures()
        assert (first.tables.created, first.lineage.created) == (10, 2)
        assert here.writes().count("PUT /v1/tables") == 10
