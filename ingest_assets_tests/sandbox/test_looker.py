"""Looker's API, as looker-sdk speaks it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import requests
from looker_sdk import error
from looker_sdk.rtl import serialize
from looker_sdk.sdk.api40.methods import Looker40SDK

from ingest_assets.errors import RejectedError
from ingest_assets.sandbox.company.looker_tiles import query_tile
from ingest_assets.sandbox.fault_sites import LOOKER_OPERATIONS
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.sandbox.looker_clients import Raw, connect, connect_with


@pytest.fixture(autouse=True)
def no_documentation(monkeypatch: pytest.MonkeyPatch) -> None:
    """looker-sdk looks each error up on the internet, without a time limit."""

    def offline(*_args: object, **_words: object) -> None:
        raise requests.ConnectionError("no internet here")

    monkeypatch.setattr(error.ErrorDocHelper, "get_index", offline)


@pytest.fixture
def looker(sandbox: Sandbox) -> Iterator[Looker40SDK]:
    yield connect(sandbox)
    assert not list(sandbox.looker.unsound)


def test_the_sdk_logs_in_once_and_reads_who_it_is(sandbox: Sandbox, looker: Looker40SDK) -> None:
    assert looker.me(fields="id,display_name").display_name == "Catalog Service"
    versions = looker.versions()
    assert versions.current_version
    assert versions.current_version.version == "4.0"
    assert sandbox.looker.counts == {"login": 1, "me": 1, "versions": 1}


def test_a_wrong_secret_is_answered_with_404_as_lookers_specification_says(sandbox: Sandbox) -> None:
    form = {"client_id": sandbox.looker_client.client_id, "client_secret": "wrong"}
    answer = requests.post(f"{sandbox.url}/api/4.0/login", form, timeout=5)
    assert (answer.status_code, answer.json()["message"]) == (404, "Not found")
    assert answer.json()["documentation_url"].endswith("/4.0/404/post/login")
    assert requests.post(f"{sandbox.url}/api/4.0/login", json=form, timeout=5).status_code == 400


def test_without_a_token_nothing_is_answered(sandbox: Sandbox) -> None:
    answer = requests.get(f"{sandbox.url}/api/4.0/dashboards", timeout=5)
    assert (answer.status_code, answer.json()["message"]) == (401, "Requires authentication.")


def test_a_token_ends_with_log_out(sandbox: Sandbox, looker: Looker40SDK) -> None:
    looker.me()
    token = looker.auth.token.access_token
    looker.auth.logout()
    signed = {"Authorization": f"token {token}"}
    assert requests.get(f"{sandbox.url}/api/4.0/user", headers=signed, timeout=5).status_code == 401
    assert looker.me().id


def test_a_revoked_token_stays_in_the_sdk_until_it_is_made_to_forget_it(sandbox: Sandbox, looker: Looker40SDK) -> None:
    looker.me()
    sandbox.looker.sessions.revoke_tokens()
    for _ in range(2):
        with pytest.raises(error.SDKError, match="Requires authentication"):
            looker.me()
    with pytest.raises(error.SDKError):
        looker.auth.logout()
    assert looker.me().id
    assert sandbox.looker.counts["login"] == 2


def test_a_token_runs_out(sandbox: Sandbox) -> None:
    sandbox.looker.sessions.lifetime = 0
    raw = Raw(sandbox)
    assert raw.get("/user").status_code == 401


def test_times_have_fractions_and_ids_are_text(sandbox: Sandbox, looker: Looker40SDK) -> None:
    folders = {folder.name: folder for folder in looker.all_folders()}
    assert isinstance(folders["Month end"].created_at, datetime)
    assert folders["Month end"].parent_id == folders["Finance"].id
    raw: Any = Raw(sandbox).get("/folders/1", fields="id,created_at").json()
    assert raw == {"id": "1", "created_at": "2024-02-05T09:15:30.412+00:00"}


def test_only_the_fields_that_are_asked_for_are_sent(sandbox: Sandbox) -> None:
    raw = Raw(sandbox)
    fields = "id,folder(id,name),dashboard_elements(id,query(model,view,fields),result_maker(query(id)))"
    board: Any = raw.get("/dashboards/1", fields=fields).json()
    assert set(board) == {"id", "folder", "dashboard_elements"}
    assert board["folder"] == {"id": "11", "name": "Month end"}
    assert set(board["dashboard_elements"][0]) == {"id", "query", "result_maker"}
    assert board["dashboard_elements"][0]["query"]["fields"] == ["orders.ordered_month", "orders.revenue"]
    assert set(raw.get("/dashboards").json()[0]) == {
        "can", "content_favorite_id", "content_metadata_id", "description", "hidden", "id", "model", "query_timezone",
        "readonly", "refresh_interval", "refresh_interval_to_i", "folder", "title", "user_id", "slug",
        "preferred_viewer", "certification_metadata",
    }  # fmt: skip


def test_fields_that_do_not_exist_are_left_out_without_a_word_and_remembered(sandbox: Sandbox) -> None:
    answer = Raw(sandbox).get("/dashboards/1", fields="id,titel,folder(nmae)").json()
    assert answer == {"id": "1", "folder": {}}
    assert list(sandbox.looker.unknown_fields) == ["dashboard: titel", "dashboard: folder.nmae"]


@pytest.mark.parametrize("fields", ["id,", "folder(id", "folder(id))", "(id)", "id name", "folder()", "a,,b", "a b(c)"])
def test_fields_that_cannot_be_read_are_refused(sandbox: Sandbox, fields: str) -> None:
    answer = Raw(sandbox).get("/dashboards/1", fields=fields)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "fields")


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        ("/dashboards", {"limit": 5}, 400),  # only the search has pages
        ("/dashboards", {"colour": "red"}, 400),
        ("/dashboards/search", {"limit": "some"}, 422),
        ("/dashboards/search", {"limit": -1}, 422),
        ("/looks/search", {"deleted": "maybe"}, 422),
        ("/dashboards/search", {"sorts": "id sideways"}, 422),
        ("/dashboards/search", {"filter_or": "true"}, 501),
        ("/dashboards/search", {"fields": ["id", "title"]}, 400),
        ("/nothing", {}, 501),
        ("/dashboards/12345", {}, 404),
        ("/lookml_models/shop/explores/none", {}, 404),
        ("/lookml_models/none", {}, 404),
        ("/folders/none", {}, 404),
        ("/looks/12345", {}, 404),
        ("/users/12345", {}, 404),
        ("/queries/1", {}, 404),
        ("/merge_queries/none", {}, 404),
        ("/projects/none", {}, 404),
        ("/connections/none", {}, 404),
        ("/dashboard_elements/none", {}, 404),
    ],
)
def test_what_looker_would_refuse_is_refused(
    sandbox: Sandbox, path: str, params: dict[str, object], status: int
) -> None:
    answer = Raw(sandbox).get(path, **params)
    assert answer.status_code == status
    assert {"message", "documentation_url"} <= answer.json().keys()


def test_what_is_not_built_says_so(sandbox: Sandbox, looker: Looker40SDK) -> None:
    with pytest.raises(error.SDKError, match="has not built DELETE"):
        looker.delete_dashboard("1")
    with pytest.raises(error.SDKError, match="has not built GET /roles"):
        looker.all_roles()
    assert sandbox.looker.counts["unknown"] == 2


def test_a_search_has_pages_and_an_order(sandbox: Sandbox, looker: Looker40SDK) -> None:
    ids = [board.id for board in looker.search_dashboards(sorts="id", fields="id")]
    paged = []
    for offset in range(0, len(ids) + 3, 3):
        paged += [board.id for board in looker.search_dashboards(sorts="id", fields="id", limit=3, offset=offset)]
    assert paged == ids == [str(number) for number in range(1, 8)]
    assert [board.id for board in looker.search_dashboards(sorts="id desc", fields="id", limit=2)] == ["7", "6"]
    assert sandbox.looker.requests[-1].params["sorts"] == "id desc"


def test_a_search_knows_wildcards_lists_and_null(looker: Looker40SDK) -> None:
    def titles(**params: Any) -> list[str | None]:
        return [board.title for board in looker.search_dashboards(**params)]

    assert titles(title="%kpi%") == ["Finance KPIs"]
    assert titles(title="finance") == []
    assert titles(id="1,2") == ["Finance KPIs", "Closing checks"]
    assert "Nothing yet" not in titles(description="NOT NULL")
    assert titles(deleted="true") == ["Old KPIs"]


def test_what_lies_in_the_trash_is_told_only_on_request(looker: Looker40SDK) -> None:
    assert "Old KPIs" not in {board.title for board in looker.all_dashboards()}
    (trashed,) = looker.search_dashboards(deleted="true")
    assert trashed.id
    assert (trashed.deleted, looker.dashboard(trashed.id).deleted) == (True, True)
    assert trashed.deleted_at
    assert [look.title for look in looker.search_looks(deleted=True)] == ["Open invoices (copy)"]
    assert "Open invoices (copy)" not in {look.title for look in looker.all_looks()}


def test_dashboards_of_lookml_are_listed_and_not_searched(looker: Looker40SDK) -> None:
    name = "shop::sales_overview"
    assert name in {board.id for board in looker.all_dashboards(fields="id")}
    assert name not in {board.id for board in looker.search_dashboards(fields="id")}
    board = looker.dashboard(name)
    assert (board.readonly, board.user_id, board.folder.name if board.folder else "") == (
        True,
        None,
        "LookML Dashboards",
    )


def test_models_have_pages_and_may_leave_out_what_is_hidden(looker: Looker40SDK) -> None:
    names = [model.name for model in looker.all_lookml_models(fields="name")]
    assert names == ["shop", "finance", "parcels", "system__activity"]
    assert [model.name for model in looker.all_lookml_models(limit=2, offset=1)] == names[1:3]
    assert [model.name for model in looker.all_lookml_models(include_internal=False)] == names[:3]
    (shop, *_) = looker.all_lookml_models(exclude_hidden=True)
    assert "price_checks" not in {explore.name for explore in shop.explores or []}


def test_without_see_lookml_an_explore_has_no_sql_and_no_links(sandbox: Sandbox) -> None:
    blind = connect_with(sandbox, "access_data", "explore", "see_user_dashboards")
    explore = blind.lookml_model_explore("shop", "orders")
    assert explore.fields
    fields = [*(explore.fields.dimensions or []), *(explore.fields.measures or [])]
    assert fields
    assert {(field.sql, field.lookml_link, field.source_file) for field in fields} == {(None, None, None)}
    assert (explore.lookml_link, explore.sql_table_name, explore.can_see_lookml) == (None, None, False)
    assert {join.sql_on for join in explore.joins or []} == {None}
    assert blind.all_projects() == []


@pytest.mark.parametrize(
    ("permission", "paths"),
    [
        ("see_user_dashboards", ["/dashboards/1", "/dashboards/1/dashboard_elements"]),
        ("see_lookml_dashboards", ["/dashboards/shop%3A%3Asales_overview"]),
        ("see_looks", ["/looks/1"]),
        ("explore", ["/lookml_models/shop/explores/orders"]),
        ("access_data", ["/lookml_models/shop", "/lookml_models/shop/explores/orders", "/queries/1001"]),
        ("see_lookml", ["/projects/norrpost"]),
        ("manage_models", ["/connections", "/connections/norrpost_athena"]),
    ],
)
def test_what_a_role_may_not_see_is_not_there(sandbox: Sandbox, permission: str, paths: list[str]) -> None:
    client = sandbox.looker_client
    raw = Raw(sandbox)
    assert {raw.get(path).status_code for path in paths} == {200}
    client.permissions -= {permission}
    assert {raw.get(path).status_code for path in paths} == {403 if permission == "manage_models" else 404}


def test_of_other_users_only_the_name_is_told_without_see_users(sandbox: Sandbox, looker: Looker40SDK) -> None:
    lena = looker.search_users(email="lena.berg%")[0]
    assert lena.id
    public = connect_with(sandbox, "access_data").user(lena.id)
    assert (lena.email, public.email, public.display_name) == ("Lena.Berg@norrpost.example", None, "Lena Berg")


def test_models_and_folders_may_be_hidden_from_a_role(sandbox: Sandbox, looker: Looker40SDK) -> None:
    client = sandbox.looker_client
    client.models, client.hidden_folders = frozenset({"finance"}), frozenset({"11"})
    assert [model.name for model in looker.all_lookml_models()] == ["finance"]
    titles = {board.title for board in looker.all_dashboards()}
    assert "Sales today" in titles
    assert not titles & {"Finance KPIs", "Sales overview"}
    tiles = looker.dashboard("3").dashboard_elements or []
    assert {tile.query for tile in tiles} == {None}


@pytest.mark.parametrize(
    ("kind", "status"),
    [("throttle", 429), ("429", 429), ("500", 500), ("503", 503), ("expired-token", 401), ("access-denied", 403)],
)
def test_calls_fail_on_demand_in_lookers_words(sandbox: Sandbox, kind: str, status: int) -> None:
    raw = Raw(sandbox)
    sandbox.faults.add(kind, service="looker", operation="lookml_model_explore", match="shop/orders")
    assert raw.get("/lookml_models/shop/explores/customers").status_code == 200
    answer = raw.get("/lookml_models/shop/explores/orders")
    assert answer.status_code == status
    assert answer.json().keys() == {"message", "documentation_url"}
    assert ("Retry-After" in answer.headers) is (status == 429)


def test_a_load_balancer_answers_with_a_page_that_the_sdk_cannot_read(sandbox: Sandbox, looker: Looker40SDK) -> None:
    looker.me()
    sandbox.faults.add("502", service="looker", operation="all_dashboards")
    with pytest.raises(error.SDKError, match="<html>"):
        looker.all_dashboards()
    sandbox.faults.add("truncated", service="looker", operation="all_dashboards")
    with pytest.raises(serialize.DeserializeError):
        looker.all_dashboards()


def test_what_vanishes_is_gone_for_good(sandbox: Sandbox, looker: Looker40SDK) -> None:
    sandbox.faults.add("vanish", service="looker", operation="dashboard", match="1")
    with pytest.raises(error.SDKError, match="Not found"):
        looker.dashboard("1")
    sandbox.faults.add("vanish", service="looker", operation="lookml_model_explore")
    with pytest.raises(error.SDKError, match="Not found"):
        looker.lookml_model_explore("shop", "visits")
    assert "visits" not in {explore.name for explore in looker.lookml_model("shop").explores or []}
    assert "Finance KPIs" not in {board.title for board in looker.all_dashboards()}


def test_a_listing_may_leave_rows_out_without_a_word(sandbox: Sandbox, looker: Looker40SDK) -> None:
    sandbox.faults.add("hidden", service="looker", operation="all_lookml_models", match="finance")
    assert "finance" not in {model.name for model in looker.all_lookml_models()}
    assert "finance" in {model.name for model in looker.all_lookml_models()}


def test_every_route_can_fail(sandbox: Sandbox) -> None:
    assert sandbox.looker.operations == set(LOOKER_OPERATIONS)
    for wrong in (("vanish", "all_dashboards"), ("hidden", "dashboard"), ("expired-token", "login"), ("500", "titles")):
        with pytest.raises(RejectedError):
            sandbox.faults.add(wrong[0], service="looker", operation=wrong[1])


@pytest.mark.parametrize(
    ("member", "value"),
    [("colour", "red"), ("title", 7), ("view_count", "many"), ("created_at", "2024-01-01"), ("hidden", 1)],
)
def test_an_answer_of_another_shape_never_leaves(sandbox: Sandbox, member: str, value: object) -> None:
    sandbox.company.looker.dashboards.change("1", **{member: value})
    answer = Raw(sandbox).get("/dashboards/1")
    assert answer.status_code == 500
    assert "unsound" in answer.json()["message"]
    assert sandbox.looker.unsound


def test_a_query_without_its_explore_never_leaves(sandbox: Sandbox) -> None:
    company = sandbox.company.looker
    query = company.add_query("shop", "orders", [])
    made = company.add_dashboard("Broken", "1", None, [query_tile(company, "Tile", query)])
    company.queries.change(query, view=None)
    assert Raw(sandbox).get(f"/dashboards/{made}").status_code == 500
    assert "needs view" in sandbox.looker.unsound[-1]


def test_two_instances_know_nothing_of_each_other(sandbox: Sandbox, looker: Looker40SDK) -> None:
    with Sandbox() as other:
        other.company.looker.dashboards.drop("1")
        assert "1" not in {board.id for board in connect(other).all_dashboards()}
        assert "1" in {board.id for board in looker.all_dashboards()}
        with pytest.raises(error.SDKError):
            connect(other, sandbox.looker_client).me()
