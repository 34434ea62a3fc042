"""Looker as dashboards, charts and data models: what is read, in how many calls, and what a refusal costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from looker_sdk.rtl import model

from ingest_assets.calls import Calls
from ingest_assets.catalog import Edge, EntityType, Failed, Filtered, Health, Reference, Unlisted
from ingest_assets.errors import AuthenticationError, InvalidAnswerError, RejectedError, RemoteError, UnavailableError
from ingest_assets.sandbox.company.looker_instance import LOOKML_OWNER, LOOKML_REPOSITORY
from ingest_assets.sandbox.company.looker_scale import add_dashboards, add_explores
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.sources.looker.conftest import SourceMaker
from ingest_assets_tests.sources.looker.scene import (
    BOARDS,
    CHARTS,
    MODELS,
    SERVICE,
    VIEWS,
    charts,
    dashboards,
    everything,
    models,
    notes,
    of,
)

LOOKML_BOARD = "shop::sales_overview"


@pytest.fixture
def found(source_of: SourceMaker) -> list[Any]:
    return everything(source_of(include_owners=True, include_looks=True))


@pytest.fixture(autouse=True)
def all_is_asked_for_by_its_name(sandbox: Sandbox) -> Iterator[None]:
    yield
    assert not list(sandbox.looker.unknown_fields)
    assert not list(sandbox.looker.unsound)


def behind(found: list[Any], board: str, model: str) -> dict[str, set[str]]:
    """Fields of an explore that each chart of a dashboard shows."""
    edges = [edge for edge in of(Edge, found) if (edge.target.name, edge.source.name) == (board, model)]
    return {pair.target.path[0]: {each.path[0] for each in pair.sources} for edge in edges for pair in edge.columns}


def test_a_dashboard_becomes_one_with_all_that_looker_says(sandbox: Sandbox, found: list[Any]) -> None:
    finance = dashboards(found)["1"]
    assert finance.display_name == "Finance KPIs"
    assert finance.description == "What the board looks at, every month\n\nFilters: Month."
    assert finance.source_url == f"{sandbox.url}/dashboards/1"
    assert finance.owners == ("omar.haddad@norrpost.example",)
    assert finance.project == "Finance/Month end"
    assert finance.published == 1_707_124_530_412
    assert finance.data_models == ("shop_orders", "finance_refunds", "finance_invoices")
    assert (finance.dashboard_type, finance.unknown) == ("Dashboard", frozenset())
    shown = [charts(found)[name] for name in finance.charts]
    assert [(chart.display_name, chart.chart_type, chart.description) for chart in shown] == [
        ("Revenue", "Line", "with VAT\n\nIn SEK"),
        ("Revenue and refunds", "Bar", None),
        ("Open invoices", "Table", None),
        ("How to read this", "Text", "Numbers are final on the third working day."),
    ]
    assert shown[3].source_url == f"{sandbox.url}/dashboards/1"


def test_a_tile_without_a_title_is_called_by_its_look_or_its_kind(found: list[Any]) -> None:
    titles = [charts(found)[name].display_name for name in dashboards(found)["3"].charts]
    assert titles == ["Revenue by country", "Orders by status", "single_value", "Categories"]


def test_merged_results_have_lineage_from_all_their_queries(found: list[Any]) -> None:
    merged = dashboards(found)["1"].charts[1]
    assert behind(found, "1", "shop_orders")[merged] == {"orders.ordered_month", "orders.revenue"}
    assert behind(found, "1", "finance_refunds")[merged] == {"returns.received_month", "returns.refunded"}


def test_a_tile_of_a_look_has_lineage_from_the_looks_query(found: list[Any]) -> None:
    look = dashboards(found)["1"].charts[2]
    assert behind(found, "1", "finance_invoices")[look] == {"debtor.name", "invoices.due_on", "invoices.amount"}


def test_a_calculated_field_stands_for_the_fields_behind_it(found: list[Any]) -> None:
    categories = dashboards(found)["3"].charts[3]
    assert behind(found, "3", "shop_orders")[categories] == {"products.category", "order_lines.net"}


def test_text_has_no_lineage(found: list[Any]) -> None:
    text = dashboards(found)["1"].charts[3]
    assert not [edge for edge in of(Edge, found) for pair in edge.columns if pair.target.path == (text,)]


def test_a_dashboard_of_lookml_is_one_by_its_own_id(sandbox: Sandbox, found: list[Any]) -> None:
    board = dashboards(found)[LOOKML_BOARD]
    assert board.source_url == f"{sandbox.url}/dashboards/{LOOKML_BOARD}"
    assert (board.owners, board.project) == ((), "LookML Dashboards")
    assert board.charts == tuple(
        f"{LOOKML_BOARD}~{LOOKML_BOARD}::{name}" for name in ("revenue_by_month", "orders_by_status")
    )
    assert behind(found, LOOKML_BOARD, "shop_orders")[board.charts[1]] == {"orders.state", "orders.count"}


def test_a_look_is_a_report_with_one_chart_and_its_lineage(sandbox: Sandbox, found: list[Any]) -> None:
    reports = {name: each for name, each in dashboards(found).items() if each.dashboard_type == "Report"}
    assert reports.keys() == {"look:1", "look:2"}  # the third is in the trash
    look = reports["look:1"]
    assert (look.display_name, look.description) == ("Revenue by country", "Revenue of the last 90 days")
    assert (look.source_url, look.owners) == (f"{sandbox.url}/looks/1", ("Lena.Berg@norrpost.example",))
    (chart,) = look.charts
    assert (charts(found)[chart].display_name, charts(found)[chart].chart_type) == ("Revenue by country", "Map")
    assert behind(found, "look:1", "shop_orders")[chart] == {"buyer.country", "orders.revenue"}


def test_explores_are_data_models_with_columns_for_all_that_they_show(sandbox: Sandbox, found: list[Any]) -> None:
    orders = models(found)["shop_orders"]
    assert (orders.display_name, orders.data_model_type, orders.project) == ("Orders", "LookMlExplore", "norrpost")
    assert orders.source_url == f"{sandbox.url}/explore/shop/orders"
    assert {label.fqn for label in orders.labels or ()} == {"LookerTags.core", "LookerTags.certified"}
    columns = {column.name: column for column in orders.columns}
    assert columns["orders.ordered_date"].data_type == "DATE"
    assert columns["buyer.country"].data_type == "STRING"
    assert columns["orders.revenue"].description == "With VAT"
    assert columns["buyer.country"].display_name == "Buyer Country"
    hidden = columns["orders.total"]
    assert hidden.description
    assert hidden.description.endswith("Hidden in Looker.")
    assert models(found)["shop_price_checks"].description == "Hidden in Looker."


def test_what_looker_lists_and_can_not_show_is_told_and_what_it_can_not_compile_failed(found: list[Any]) -> None:
    left_out = {each.reference.name: each.reason for each in of(Filtered, found)}
    assert left_out["shop_order_base"] == "Looker lists it, and does not show it to the API user"
    assert left_out["system__activity_dashboard"] == "it is of a model by which Looker watches itself"
    (failed,) = of(Failed, found)
    assert failed.reference.name == "shop_old_campaigns"
    assert 'Unknown or inaccessible view "campaigns"' in failed.reason


def test_each_list_is_asked_for_once_and_each_thing_once(sandbox: Sandbox, source_of: SourceMaker) -> None:
    looker = sandbox.company.looker
    boards = [row["id"] for row in looker.dashboards.all() if not row["deleted"]]
    listed = [row for row in looker.models.all() if not row["name"].startswith("system__")]
    calls = Calls()
    everything(source_of(calls=calls, include_owners=True, include_looks=True))
    assert {name: count for name, count in calls.counts().items() if name.startswith("looker:")} == {
        "looker:login": 1,
        "looker:all_connections": 1,
        "looker:all_dashboards": 1,
        "looker:all_folders": 1,
        "looker:all_lookml_models": 1,
        "looker:all_looks": 1,
        "looker:all_users": 1,
        "looker:dashboard": len(boards),
        "looker:look": 2,
        "looker:lookml_model_explore": sum(len(row["explores"]) for row in listed),
        "looker:merge_query": 1,
        "looker:query": 2,
    }
    assert calls.retries() == 0
    asked = [(each.operation, each.subject) for each in sandbox.looker.requests]
    assert len(asked) == len(set(asked))


def test_100_dashboards_cost_one_call_each(sandbox: Sandbox, source_of: SourceMaker) -> None:
    add_explores(sandbox.company.looker, 20)
    add_dashboards(sandbox.company.looker, 100, tiles=3, explores=20)
    calls = Calls()
    found = everything(source_of(calls=calls, lookml=False, include_owners=True))
    assert len(dashboards(found)) == 108
    counts = calls.counts()
    assert counts["looker:dashboard"] == 108
    assert {counts[f"looker:all_{name}"] for name in ("dashboards", "folders", "lookml_models", "users")} == {1}
    assert "looker:all_connections" not in counts


def test_no_object_of_the_sdk_is_asked_whether_it_is_true(
    source_of: SourceMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """looker-sdk writes the whole of it as JSON for that: a millisecond, hundreds of thousands of times."""
    expected = len(everything(source_of(include_owners=True, include_looks=True)))

    def refuse(_: object) -> int:
        raise AssertionError

    monkeypatch.setattr(model.Model, "__len__", refuse)
    assert len(everything(source_of(include_owners=True, include_looks=True))) == expected


def test_users_are_read_page_by_page(sandbox: Sandbox, source_of: SourceMaker) -> None:
    looker = sandbox.company.looker
    for number in range(600):
        last = looker.add_user("User", str(number), f"user-{number}@norrpost.example")
    looker.dashboards.change("1", user_id=last)
    calls = Calls()
    found = everything(source_of(calls=calls, lookml=False, include_owners=True))
    assert dashboards(found)["1"].owners == ("user-599@norrpost.example",)
    assert calls.counts()["looker:all_users"] == 2


@pytest.mark.parametrize("threads", [1, 16])
def test_however_many_threads_read_they_find_the_same(source_of: SourceMaker, threads: int) -> None:
    found = everything(source_of(threads=threads, include_owners=True, include_looks=True))
    expected = everything(source_of(threads=4, include_owners=True, include_looks=True))
    assert [repr(each) for each in found] == [repr(each) for each in expected]


@pytest.mark.parametrize("fault", ["500", "429", "truncated", "cut", "reset-before", "502", "access-denied"])
@pytest.mark.parametrize(
    ("operation", "match", "failed"),
    [("dashboard", "3", "3"), ("lookml_model_explore", "shop/orders", "shop_orders"), ("merge_query", "mrg", "1")],
)
def test_an_answer_that_fails_costs_what_it_is_about(
    sandbox: Sandbox, source_of: SourceMaker, operation: str, match: str, failed: str, fault: str
) -> None:
    sandbox.faults.add(fault, service="looker", operation=operation, match=match, count=None)
    source = source_of(lookml=False)
    found = everything(source)
    problems = {each.reference.name: each.reason for each in of(Failed, found)}
    assert problems.keys() == {failed, "shop_old_campaigns"}
    assert f"looker:{operation}" in problems[failed]
    assert len(dashboards(found)) == 8 - (operation != "lookml_model_explore")
    unlisted = {each.prefix for each in of(Unlisted, source.read(CHARTS))}
    assert unlisted == {"look:"} | ({f"{failed}~"} if operation != "lookml_model_explore" else set())


@pytest.mark.parametrize("fault", ["500", "truncated", "502", "access-denied", "cut"])
@pytest.mark.parametrize(
    ("operation", "scopes"),
    [
        ("all_dashboards", (BOARDS, CHARTS)),
        ("all_looks", (BOARDS, CHARTS)),
        ("all_lookml_models", (MODELS, VIEWS)),
    ],
)
def test_a_listing_that_fails_fails_the_scopes_that_need_it_after_one_call(
    sandbox: Sandbox, source_of: SourceMaker, operation: str, scopes: tuple[Any, ...], fault: str
) -> None:
    sandbox.faults.add(fault, service="looker", operation=operation, count=None)
    source = source_of(include_looks=True)
    for scope in source.roots():
        if scope in scopes:
            with pytest.raises(RemoteError, match=f"looker:{operation}"):
                list(source.read(scope))
        else:
            list(source.read(scope))
    assert sandbox.looker.counts[operation] == 1


@pytest.mark.parametrize("fault", ["500", "truncated", "502", "cut"])
def test_without_a_log_in_nothing_is_read(sandbox: Sandbox, source_of: SourceMaker, fault: str) -> None:
    sandbox.faults.add(fault, service="looker", operation="login", count=None)
    source = source_of(include_looks=True)
    for scope in source.roots():
        with pytest.raises(RemoteError, match="looker:"):
            list(source.read(scope))
    assert sandbox.looker.counts.keys() == {"login"}


def test_a_looker_that_answers_nothing_about_dashboards_is_given_up(sandbox: Sandbox, source_of: SourceMaker) -> None:
    add_dashboards(sandbox.company.looker, 60, tiles=1)
    sandbox.faults.add("500", service="looker", operation="dashboard", count=None)
    calls = Calls()
    source = source_of(calls=calls, lookml=False, threads=2)
    for scope in (CHARTS, BOARDS):
        with pytest.raises(UnavailableError, match="looker:dashboard"):
            list(source.read(scope))
    assert calls.counts()["looker:dashboard"] < 20


def test_a_token_that_is_refused_for_good_ends_the_reading(sandbox: Sandbox, source_of: SourceMaker) -> None:
    sandbox.faults.add("expired-token", service="looker", operation="dashboard", count=None)
    with pytest.raises(AuthenticationError, match="Check clientId and clientSecret"):
        list(source_of(lookml=False, threads=1).read(BOARDS))


def test_a_dashboard_that_vanishes_after_it_was_listed_is_told(sandbox: Sandbox, source_of: SourceMaker) -> None:
    sandbox.faults.add("vanish", service="looker", operation="dashboard", match="5")
    source = source_of(lookml=False)
    found = everything(source)
    assert [each.reference.name for each in of(Failed, found)] == ["shop_old_campaigns", "5"]
    assert Unlisted(prefix="5~") in found
    assert len(dashboards(found)) == 7


@pytest.mark.parametrize("operation", ["all_users", "all_folders"])
@pytest.mark.parametrize("fault", ["500", "truncated", "access-denied"])
def test_what_is_asked_for_besides_and_fails_leaves_what_is_known(
    sandbox: Sandbox, source_of: SourceMaker, operation: str, fault: str
) -> None:
    sandbox.faults.add(fault, service="looker", operation=operation, count=None)
    found = everything(source_of(lookml=False, include_owners=True))
    unknown = {"all_users": "owners", "all_folders": "project"}[operation]
    assert {board.unknown for board in dashboards(found).values()} == {frozenset({unknown})}
    assert sandbox.looker.counts[operation] == 1
    assert sum("Owners" in note or "owners" in note or "Folders" in note for note in notes(found)) == 1


def test_existence_is_told_by_name_and_never_guessed(sandbox: Sandbox, source_of: SourceMaker) -> None:
    looker = sandbox.company.looker
    old = next(row["id"] for row in looker.dashboards.all() if row["title"] == "Old KPIs")
    looker.drop_explore("shop", "visits")
    source = source_of()
    board, chart, model = EntityType.DASHBOARD, EntityType.CHART, EntityType.DATA_MODEL
    tile = looker.dashboards.get("1")["dashboard_elements"][0]["id"]
    there = [(board, "1"), (board, LOOKML_BOARD), (board, "look:1"), (chart, f"1~{tile}")]
    there += [(model, "shop_orders"), (model, "shop_big_spenders")]
    gone = [(board, old), (board, "look:3"), (chart, "1~999"), (chart, f"{old}~301")]
    gone += [(model, "shop_visits")]
    for kind, name in there:
        assert source.exists(Reference(kind, (SERVICE, name))), name
    for kind, name in gone:
        assert not source.exists(Reference(kind, (SERVICE, name))), name
    untold = [(board, "999"), (board, "look:999"), (chart, "999~1"), (chart, "no name of ours")]
    untold += [(model, "hidden_orders"), (model, "nothing")]
    for kind, name in untold:
        with pytest.raises(RejectedError):
            source.exists(Reference(kind, (SERVICE, name)))
    with pytest.raises(RejectedError, match="names no repository"):
        source_of(lookml=False).exists(Reference(model, (SERVICE, "shop_orders_view")))


def test_what_is_not_even_in_the_trash_is_gone_for_who_may_see_everything(
    sandbox: Sandbox, source_of: SourceMaker
) -> None:
    purged = Reference(EntityType.DASHBOARD, (SERVICE, "999"))
    sandbox.looker_client.permissions |= {"administer"}
    assert not source_of().exists(purged)
    sandbox.looker_client.models = frozenset({"shop"})
    with pytest.raises(RejectedError, match="may be hidden"):
        source_of().exists(purged)


def test_the_charts_of_what_is_gone_for_good_cost_no_call_each(sandbox: Sandbox, source_of: SourceMaker) -> None:
    calls = Calls()
    source = source_of(calls=calls)
    for tile in ("1", "2", "3"):
        with pytest.raises(RejectedError):
            source.exists(Reference(EntityType.CHART, (SERVICE, f"999~{tile}")))
    assert calls.counts()["looker:search_dashboards"] == 1
    assert calls.counts()["looker:dashboard"] == 2


def test_a_dashboard_of_lookml_is_gone_when_its_project_was_read_whole_and_holds_none(
    sandbox: Sandbox, source_of: SourceMaker
) -> None:
    gone = Reference(EntityType.DASHBOARD, (SERVICE, "shop::of_last_year"))
    assert not source_of().exists(gone)
    for name in ("shop::of_last_year", "other::of_last_year", "999"):
        with pytest.raises(RejectedError, match="may be hidden"):
            source_of(lookml=name != "shop::of_last_year").exists(Reference(EntityType.DASHBOARD, (SERVICE, name)))
    repository = sandbox.company.repositories.get(LOOKML_OWNER, LOOKML_REPOSITORY)
    repository.commit({"dashboards/old.dashboard.lookml": "- dashboard: of_last_year\n  title: [\n"}, "An old one")
    with pytest.raises(RejectedError, match="may be hidden"):
        source_of().exists(gone)


def test_a_folder_that_is_not_listed_is_known_by_its_own_name(sandbox: Sandbox, source_of: SourceMaker) -> None:
    folder = sandbox.company.looker.dashboards.get("1")["folder_id"]
    sandbox.company.looker.folders.change(folder, name="Elsewhere")
    listed = sandbox.faults.add("hidden", service="looker", operation="all_folders", match=folder, count=None)
    assert dashboards(everything(source_of(lookml=False)))["1"].project == "Elsewhere"
    assert any(strike.fault is listed for strike in sandbox.faults.struck())


def test_without_folders_people_are_told_that_drafts_can_not_be_known(sandbox: Sandbox, source_of: SourceMaker) -> None:
    sandbox.faults.add("403", service="looker", operation="all_folders", count=None)
    told = [note for note in notes(source_of(lookml=False, include_drafts=False).read(BOARDS)) if "own folders" in note]
    assert len(told) == 1


def test_explores_that_looker_can_not_make_are_told(found: list[Any]) -> None:
    (told,) = of(Health, found)
    assert (told.about, told.unwell, told.unknown) == ("explores_compile", 1, 0)
    assert (
        told.known
        == len([name for name in models(found) if models(found)[name].data_model_type == "LookMlExplore"]) + 1
    )
    assert told.examples == ('shop/old_campaigns (Unknown or inaccessible view "campaigns")',)


def test_an_explore_is_not_gone_while_it_may_be_of_a_model_that_is_hidden(source_of: SourceMaker) -> None:
    """``shop_eu_orders`` is no explore of the model ``shop``, and may be one of ``shop_eu``."""
    other = Reference(EntityType.DATA_MODEL, (SERVICE, "shop_eu_orders"))
    with pytest.raises(RejectedError, match="shop_eu"):
        source_of(lookml=False).exists(other)
    # LookML tells that there is no such model.
    assert not source_of().exists(other)


def test_a_view_is_not_gone_while_lookml_can_not_be_read(sandbox: Sandbox, source_of: SourceMaker) -> None:
    sandbox.faults.add("500", service="github", operation="repos/*", count=None)
    source = source_of()
    with pytest.raises(RemoteError, match="github"):
        source.exists(Reference(EntityType.DATA_MODEL, (SERVICE, "shop_nothing_view")))


def test_an_answer_that_holds_another_thing_is_none(sandbox: Sandbox, source_of: SourceMaker) -> None:
    sandbox.faults.add("truncated", service="looker", operation="search_dashboards", count=None)
    with pytest.raises(InvalidAnswerError):
        source_of().exists(Reference(EntityType.DASHBOARD, (SERVICE, "999")))
