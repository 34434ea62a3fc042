"""Looker run after run: what arrives, what stays when something can't be read, and what goes when it is gone."""

from __future__ import annotations

import pytest

from ingest_assets.catalog import EntityType
from ingest_assets.sandbox.looker.clients import READER_PERMISSIONS
from ingest_assets_tests.sources.looker.scene import SERVICE, Runs

DASHBOARD, CHART, MODEL = EntityType.DASHBOARD, EntityType.CHART, EntityType.DATA_MODEL
BROKEN = "shop_old_campaigns"


def test_all_arrives_at_once_with_columns_and_a_second_run_writes_nothing(runs: Runs) -> None:
    runs.settings = {"include_owners": True, "include_looks": True}
    first = runs()
    assert first.failures().keys() == {f"{SERVICE}.model.{BROKEN}"}
    assert (first.dashboards.created, first.charts.failed) == (10, 0)
    assert runs.charts_of("1") == ["How to read this", "Open invoices", "Revenue", "Revenue and refunds"]
    shown = runs.get(DASHBOARD, "1", "dataModels,owners")
    assert sorted(each["name"] for each in shown["dataModels"]) == [
        "finance_invoices",
        "finance_refunds",
        "shop_orders",
    ]
    assert [owner["name"] for owner in shown["owners"]] == ["omar.haddad"]
    orders = runs.fqn(MODEL, "shop_orders")
    columns = runs.upstream(MODEL, "shop_orders")[f"{orders}_view"]
    assert columns[f'{orders}."orders.revenue"'] == [f"{orders}_view.revenue"]
    columns = runs.upstream(DASHBOARD, "1")[orders]
    assert sorted(columns[f"{SERVICE}.1~302"]) == [f'{orders}."orders.ordered_month"', f'{orders}."orders.revenue"']
    assert runs.writes_of_next() == []


def test_what_is_gone_goes_and_nothing_else(runs: Runs) -> None:
    runs.settings = {"include_looks": True}
    runs()
    looker = runs.looker
    tile = looker.dashboards.get("1")["dashboard_elements"][1]["id"]
    looker.drop_tile("1", tile)
    looker.trash_dashboard("4")
    looker.trash_look("1")
    looker.drop_explore("shop", "visits")
    stores = runs.repository.head.entries
    assert "archive/stores.view.lkml" in stores
    runs.repository.commit({"archive/stores.view.lkml": None}, "Stores are gone")
    second = runs()
    charts = [f"{SERVICE}.4~{number}" for number in (310, 311, 312)]
    gone = [f"{SERVICE}.1~{tile}", f"{SERVICE}.4", *charts, f"{SERVICE}.look:1", f"{SERVICE}.look:1~1"]
    gone += [f"{SERVICE}.model.{name}" for name in ("norrpost_stores_view", "shop_visits")]
    assert second.gone() == sorted(gone)
    assert all(runs.is_gone(DASHBOARD, name) for name in ("4", "look:1"))
    assert all(runs.is_gone(MODEL, name) for name in ("norrpost_stores_view", "shop_visits"))
    assert runs.writes_of_next() == []


def test_what_comes_back_is_there_again(runs: Runs) -> None:
    runs()
    runs.looker.trash_dashboard("2")
    assert runs().gone()
    runs.looker.dashboards.change("2", deleted=False, deleted_at=None, deleter_id=None)
    third = runs()
    assert (third.dashboards.restored, runs.is_gone(DASHBOARD, "2"), runs.charts_of("2")) == (
        1,
        False,
        ["Ledger balance"],
    )


def test_a_dashboard_that_is_renamed_keeps_what_people_wrote(runs: Runs) -> None:
    runs()
    board = runs.get(DASHBOARD, "2")
    path = f"/v1/dashboards/{board['id']}"
    runs.place.admin.patch(path, [{"op": "add", "path": "/description", "value": "Ours"}])
    runs.looker.dashboards.change("2", title="Checks before closing")
    second = runs()
    assert (second.dashboards.updated, second.gone()) == (1, [])
    now = runs.get(DASHBOARD, "2")
    assert (now["id"], now["displayName"], now["description"]) == (board["id"], "Checks before closing", "Ours")


def test_labels_of_fields_are_display_names_until_a_person_names_the_column(runs: Runs) -> None:
    runs()
    explore, view = (runs.columns(MODEL, name) for name in ("shop_orders", "shop_orders_view"))
    assert (explore["buyer.country"]["displayName"], view["state"]["displayName"]) == ("Buyer Country", "Order status")
    assert "displayName" not in view["revenue"]
    for model, column in (("shop_orders", "buyer.country"), ("shop_orders_view", "state")):
        at = list(runs.columns(MODEL, model)).index(column)
        path = f"/v1/dashboard/datamodels/{runs.get(MODEL, model)['id']}"
        runs.place.admin.patch(path, [{"op": "add", "path": f"/columns/{at}/displayName", "value": "Hers"}])
    path = "refinements/orders.lkml"
    text = runs.repository.head.entries[path].content
    changed = text.replace(b'"Order status"', b'"State" } measure: revenue { label: "Turnover"')
    assert changed != text
    runs.repository.commit({path: changed}, "Other labels")
    assert runs().gone() == []
    explore, view = (runs.columns(MODEL, name) for name in ("shop_orders", "shop_orders_view"))
    assert (explore["buyer.country"]["displayName"], view["state"]["displayName"]) == ("Hers", "Hers")
    assert view["revenue"]["displayName"] == "Turnover"
    assert runs.writes_of_next() == []


@pytest.mark.parametrize(
    ("operation", "match", "fault"),
    [
        ("dashboard", "3", "truncated"),
        ("dashboard", "3", "access-denied"),
        ("lookml_model_explore", "shop/orders", "500"),
        ("merge_query", "mrg", "429"),
    ],
)
def test_what_fails_in_the_middle_stays_as_it_was_and_all_else_arrives(
    runs: Runs, operation: str, match: str, fault: str
) -> None:
    runs()
    runs.looker.dashboards.change("2", title="Changed meanwhile")
    before = (runs.upstream(MODEL, "shop_orders"), runs.upstream(DASHBOARD, "1"), runs.upstream(DASHBOARD, "3"))
    runs.sandbox.faults.add(fault, service="looker", operation=operation, match=match, count=None)
    second = runs()
    assert len(second.failures()) == 2
    assert (second.gone(), second.stale.removed) == ([], 0)
    assert runs.get(DASHBOARD, "2")["displayName"] == "Changed meanwhile"
    assert (runs.upstream(MODEL, "shop_orders"), runs.upstream(DASHBOARD, "1"), runs.upstream(DASHBOARD, "3")) == before
    runs.sandbox.faults.clear()
    assert runs.writes_of_next() == []


def test_a_token_revoked_in_the_middle_costs_nothing(runs: Runs) -> None:
    runs.sandbox.faults.add("expired-token", service="looker", operation="dashboard", after=3)
    assert runs().failures().keys() == {f"{SERVICE}.model.{BROKEN}"}
    assert runs.sandbox.looker.counts["login"] == 2


def test_a_dashboard_that_vanishes_in_the_middle_is_told_and_kept_until_it_is_known_to_be_gone(runs: Runs) -> None:
    runs()
    runs.sandbox.faults.add("vanish", service="looker", operation="dashboard", match="5")
    second = runs()
    assert f"{SERVICE}.5" in second.failures()
    assert second.gone() == []
    # It is neither listed nor in the trash: Looker answers alike for what it hides.
    third = runs()
    assert third.stale.removed == 0
    assert not runs.is_gone(DASHBOARD, "5")


@pytest.mark.parametrize(("operation", "fault"), [("all_dashboards", "truncated"), ("all_lookml_models", "429")])
def test_a_listing_that_fails_proves_nothing_gone(runs: Runs, operation: str, fault: str) -> None:
    runs()
    runs.looker.trash_dashboard("2")
    runs.looker.drop_explore("shop", "visits")
    runs.repository.commit({"archive/stores.view.lkml": None}, "Stores are gone")
    runs.sandbox.faults.add(fault, service="looker", operation=operation, count=None)
    second = runs()
    assert not second.complete.passed
    assert f"looker:{operation}" in second.complete.summary
    gone = second.gone()
    if operation == "all_dashboards":
        assert not [fqn for fqn in gone if ".model." not in fqn]
    else:
        assert not [fqn for fqn in gone if ".model." in fqn]
    runs.sandbox.faults.clear()
    assert {f"{SERVICE}.2", f"{SERVICE}.model.shop_visits", f"{SERVICE}.model.norrpost_stores_view"} <= {
        *gone,
        *runs().gone(),
    }


@pytest.mark.parametrize(
    ("operation", "fault"),
    [("repos/get-commit", "vanish"), ("repos/get-commit", "500"), ("repos/download-tarball-archive", "500")],
)
def test_lookml_that_can_not_be_read_is_named_and_no_data_model_is_gone(runs: Runs, operation: str, fault: str) -> None:
    runs()
    runs.looker.drop_explore("shop", "visits")
    runs.looker.dashboards.change("2", title="Changed meanwhile")
    before = runs.upstream(MODEL, "shop_orders")
    count = None if fault != "vanish" else 1
    runs.sandbox.faults.add(fault, service="github", operation=operation, count=count)
    second = runs()
    assert not second.complete.passed
    assert "(lookml)" in second.complete.summary
    assert "github:" in second.complete.summary
    assert second.gone() == []
    assert runs.get(DASHBOARD, "2")["displayName"] == "Changed meanwhile"
    assert runs.upstream(MODEL, "shop_orders") == before


def test_a_bad_file_of_lookml_costs_itself_and_no_data_model_is_gone(runs: Runs) -> None:
    runs()
    runs.looker.drop_explore("shop", "visits")
    orders = runs.repository.head.entries["views/returns.view.lkml"].content
    changed = orders.replace(b"dimension: reason {", b'dimension: reason { description: "Why it came back"')
    assert changed != orders
    runs.repository.commit(
        {"views/ledger.view.lkml": "view: ledger {", "views/returns.view.lkml": changed}, "Half a file"
    )
    second = runs()
    assert any("ledger.view.lkml" in name for name in second.failures())
    assert second.gone() == []
    columns = runs.columns(MODEL, "shop_returns_view")
    assert columns["reason"]["description"] == "Why it came back"
    runs.repository.commit({"views/ledger.view.lkml": None}, "And gone")
    assert f"{SERVICE}.model.shop_visits" in runs().gone()


def test_without_a_repository_views_known_from_before_stay(runs: Runs) -> None:
    runs()
    before = runs.upstream(MODEL, "shop_orders")
    second = runs(lookml=False)
    assert (second.gone(), second.complete.passed) == ([], True)
    assert any("githubCredentials" in note for note in second.snapshot.notes)
    assert runs.upstream(MODEL, "shop_orders") == before
    runs.place.forget_ledger()
    assert runs(lookml=False).stale.removed == 0
    assert not runs.is_gone(MODEL, "shop_orders_view")
    assert runs.writes_of_next() == []


def test_a_folder_that_is_hidden_from_the_api_user_is_not_gone(runs: Runs) -> None:
    runs()
    folder = runs.looker.dashboards.get("2")["folder_id"]
    runs.sandbox.looker_client.hidden_folders = frozenset({folder})
    second = runs()
    assert second.stale.removed == 0
    assert not runs.is_gone(DASHBOARD, "2")
    assert not runs.is_gone(CHART, "2~305")
    assert any("may be hidden" in problem.reason for problem in second.stale.problems)


def test_a_model_that_is_taken_out_of_the_model_set_is_not_gone(runs: Runs) -> None:
    runs()
    runs.sandbox.looker_client.models = frozenset({"shop", "parcels"})
    second = runs()
    assert second.stale.removed == 0
    assert not any(runs.is_gone(MODEL, name) for name in ("finance_invoices", "finance_invoices_view"))


@pytest.mark.parametrize("permission", sorted(READER_PERMISSIONS))
def test_a_permission_that_is_taken_away_takes_nothing_away(runs: Runs, permission: str) -> None:
    runs.settings = {"include_owners": True, "include_looks": True}
    runs()
    runs.sandbox.looker_client.permissions = READER_PERMISSIONS - {permission}
    second = runs()
    assert (second.stale.removed, runs.is_gone(DASHBOARD, "1"), runs.is_gone(MODEL, "shop_orders")) == (0, False, False)
    assert runs.get(DASHBOARD, "1", "owners")["owners"]


def test_two_recipes_side_by_side_do_not_touch_each_other(runs: Runs) -> None:
    other = Runs(runs.place, service="bi_two", settings={"dashboard_filter": "Visits".__eq__})
    runs()
    assert other().dashboards.created == 1
    runs.looker.trash_dashboard("1")
    assert other().gone() == []
    assert not runs.is_gone(DASHBOARD, "1")
    assert f"{SERVICE}.1" in runs().gone()
    assert other.charts_of("4") == ["Campaigns", "Running revenue", "Visits a day"]
