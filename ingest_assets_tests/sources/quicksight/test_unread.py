"""What was read before and can't be read any more: lineage by columns, and definitions that are not found."""

from __future__ import annotations

import pytest

from ingest_assets.catalog import EntityType, Reference
from ingest_assets.errors import RejectedError
from ingest_assets.sandbox.aws.operations import Caller
from ingest_assets.sandbox.aws.quicksight_places import Places
from ingest_assets.sandbox.aws.refusal import Refusal
from ingest_assets.sandbox.company.boards_assets import Asset, Kind
from ingest_assets.sandbox.server import QUICKSIGHT_ACTIONS
from ingest_assets_tests.sources.quicksight.scene import ACCOUNT, SERVICE, Runs

DASHBOARD, CHART, MODEL = EntityType.DASHBOARD, EntityType.CHART, EntityType.DATA_MODEL
VEHICLES = f"{SERVICE}.model.vehicles"


@pytest.mark.parametrize("match", ["sales-overview", "*"])
def test_a_definition_that_is_denied_after_it_was_granted_takes_no_column_out_of_lineage(
    runs: Runs, match: str
) -> None:
    runs.keep("sales-overview", "product-lists")
    runs()
    before = runs.upstream(DASHBOARD, "sales-overview")
    assert all(before.values())
    runs.sandbox.faults.add(
        "access-denied", service="quicksight", operation="DescribeDashboardDefinition", match=match, count=None
    )
    second = runs()
    assert (second.gone(), second.failures()) == ([], {})
    assert runs.upstream(DASHBOARD, "sales-overview") == before
    told = [each for each in second.lineage.problems if each.fqn == f"{SERVICE}.sales-overview"]
    assert len(told) == len(before)
    assert all("those that are known stay" in each.reason for each in told)
    assert runs.writes_of_next() == []
    runs.sandbox.faults.clear()
    runs()
    assert runs.upstream(DASHBOARD, "sales-overview") == before
    assert runs.writes_of_next() == []


def test_what_is_denied_from_the_beginning_has_its_lineage_without_columns_until_it_is_granted(runs: Runs) -> None:
    runs.keep("sales-overview")
    who = runs.sandbox.aws.identities.add_principal("page", QUICKSIGHT_ACTIONS, account=ACCOUNT)
    runs(who)
    assert [*runs.upstream(DASHBOARD, "sales-overview").values()] == [{}, {}]
    assert not [each for each in runs(who).lineage.problems if each.fqn == f"{SERVICE}.sales-overview"]
    runs()
    assert all(runs.upstream(DASHBOARD, "sales-overview").values())


def test_a_data_set_that_quicksight_stops_to_describe_takes_no_column_out_of_lineage(runs: Runs) -> None:
    """Neither of its dashboards' nor of that of the data sets that read it."""
    runs()
    before = runs.upstream(DASHBOARD, "parcel-operations"), runs.upstream(MODEL, "key-accounts")
    assert before[0][VEHICLES]
    assert all(before[1].values())
    for name in ("vehicles", "orders-with-customers"):
        runs.boards.asset("dataset", name).undescribed = "new-preparation"
    second = runs()
    assert (second.gone(), second.lineage.failed) == ([], 0)
    assert (runs.upstream(DASHBOARD, "parcel-operations"), runs.upstream(MODEL, "key-accounts")) == before
    assert runs.writes_of_next() == []


@pytest.mark.parametrize("name", ["sales-overview", "analysis:sales-analysis"])
def test_what_is_there_without_its_definition_is_not_taken_for_deleted(
    runs: Runs, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    runs.keep("sales-overview")
    runs.settings = {"include_analyses": True}
    runs()
    charts = runs.charts_of(name)
    assert charts
    found = Places.found

    def without_definitions(self: Places, caller: Caller, kind: Kind, asset_id: str, operation: str) -> Asset:
        if operation.endswith("Definition"):
            raise Refusal("ResourceNotFoundException", f"{asset_id} is not found")
        return found(self, caller, kind, asset_id, operation)

    monkeypatch.setattr(Places, "found", without_definitions)
    second = runs()
    assert (second.gone(), second.stale.removed) == ([], 0)
    assert "It is there, and not its definition" in second.failures()[f"{SERVICE}.{name}"]
    with pytest.raises(RejectedError, match="not its definition"):
        runs.source(runs.sandbox.reader).exists(Reference(CHART, (SERVICE, f"{name}:best-buyers")))
    assert runs.charts_of(name) == charts
    assert not runs.is_gone(CHART, f"{name}:best-buyers")
