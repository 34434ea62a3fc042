"""The company's Looker and its LookML: what the API says and what the files say are the same."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import requests
from looker_sdk.sdk.api40 import models
from looker_sdk.sdk.api40.methods import Looker40SDK

from ingest_assets.sandbox.company.company import Company
from ingest_assets.sandbox.company.looker_instance import project_files
from ingest_assets.sandbox.company.looker_scale import MODEL, add_dashboards, add_explores, lookml_files, view_name
from ingest_assets.sandbox.company.looker_tiles import text_tile
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.sandbox.looker_clients import connect

PROJECTS = ("norrpost", "parcels", "blocks", "geo")
NOT_TO_BE_HAD = {"shop::order_base"}


@pytest.fixture
def looker(sandbox: Sandbox) -> Iterator[Looker40SDK]:
    yield connect(sandbox)
    assert not list(sandbox.looker.unsound)


def explores(looker: Looker40SDK) -> dict[str, models.LookmlModelExplore]:
    listed = [(str(model.name), str(one.name)) for model in looker.all_lookml_models() for one in model.explores or []]
    return {
        f"{model}::{name}": looker.lookml_model_explore(model, name)
        for model, name in listed
        if f"{model}::{name}" not in NOT_TO_BE_HAD
    }


def fields_of(explore: models.LookmlModelExplore) -> list[models.LookmlModelExploreField]:
    found = explore.fields
    assert found
    kinds = (found.dimensions, found.measures, found.filters, found.parameters)
    return [field for kind in kinds for field in kind or []]


def test_every_explore_is_read_by_the_sdk(looker: Looker40SDK) -> None:
    read = explores(looker)
    assert len(read) == 14
    assert {name for name, explore in read.items() if explore.errors} == {"shop::old_campaigns"}
    assert {name for name, explore in read.items() if explore.hidden} == {"shop::price_checks"}
    orders = read["shop::orders"]
    assert (orders.connection_name, orders.dialect_name, orders.project_name) == (
        "norrpost_athena",
        "athena",
        "norrpost",
    )
    assert [(join.name, join.from_) for join in orders.joins or []][:2] == [
        ("buyer", "customers"),
        ("order_lines", None),
    ]


def test_refinements_have_the_last_word_in_their_order(looker: Looker40SDK) -> None:
    fields = {field.name: field for field in fields_of(explores(looker)["shop::orders"])}
    state = fields["orders.state"]
    assert (state.label_short, state.description, state.field_group_label) == (
        "Order status",
        "Where the order is",
        "Lifecycle",
    )
    assert fields["orders.cancelled"].source_file == "refinements/orders.lkml"
    assert fields["buyer.email"].source_file == "views/person_base.view.lkml"
    assert (fields["orders.ordered_week"].type, fields["orders.days_until_return"].type) == (
        "date_week",
        "duration_day",
    )


def test_each_field_leads_to_its_block(looker: Looker40SDK) -> None:
    seen = 0
    for explore in explores(looker).values():
        for field in fields_of(explore):
            found = re.fullmatch(r"/projects/(\w+)/files/(.+)\?line=(\d+)", str(field.lookml_link))
            assert found
            text = project_files(found[1])[found[2].replace("%2F", "/")].decode()
            block = str(field.dimension_group or field.name).rpartition(".")[2]
            assert f" {block} {{" in text.splitlines()[int(found[3]) - 1]
            seen += 1
    assert seen == 142


def test_each_block_of_a_view_that_an_explore_shows_is_a_field(looker: Looker40SDK) -> None:
    """The other way round: nothing is written in LookML that the API does not know."""
    shown = {
        (str(field.original_view), str(field.dimension_group or field.name).rpartition(".")[2])
        for explore in explores(looker).values()
        for field in fields_of(explore)
    }
    views = {view for view, _ in shown}
    written = set()
    for project in PROJECTS:
        for text in project_files(project).values():
            for view, body in re.findall(r"^view: \+?(\w+) {\n(.*?)^}", text.decode(), re.MULTILINE | re.DOTALL):
                blocks = re.findall(
                    r"^  (?:dimension|dimension_group|measure|filter|parameter): (\w+) {", body, re.MULTILINE
                )
                written |= {(view, block) for block in blocks}
    assert {one for one in written if one[0] in views} <= shown
    assert {view for view, _ in written} - views == {"countries", "person_base", "stores"}


def test_the_tables_of_the_views_are_in_the_lake() -> None:
    company = Company()
    named = set()
    for project in PROJECTS:
        for text in project_files(project).values():
            named |= set(re.findall(r"\b(sales|finance|logistics|clickstream)\.([a-z_]+)\b", text.decode()))
    assert len(named) > 10
    for database, table in named:
        assert company.glue.table(database, table)


def test_every_dashboard_and_look_is_read_by_the_sdk(looker: Looker40SDK) -> None:
    boards = [looker.dashboard(str(board.id)) for board in looker.all_dashboards(fields="id")]
    tiles = {str(tile.title or tile.title_text): tile for board in boards for tile in board.dashboard_elements or []}
    assert len(boards) == 8
    merged = tiles["Revenue and refunds"]
    assert (merged.query, merged.look, merged.merge_result_id) == (None, None, "mrg" + "0" * 18 + "1")
    assert merged.result_maker
    assert [(one.model, one.view) for one in merged.result_maker.filterables or []] == [
        ("shop", "orders"),
        ("finance", "refunds"),
    ]
    sources = looker.merge_query(str(merged.merge_result_id)).source_queries or []
    assert [looker.query(str(source.query_id)).view for source in sources] == ["orders", "refunds"]
    look = tiles["Open invoices"]
    assert (look.query, look.type) == (None, "look")
    assert look.look
    assert look.look.query
    assert look.look.query.view == "invoices"
    assert tiles["How to read this"].type == "text"
    pie = tiles["Orders by status"].query
    assert pie
    assert pie.vis_config
    assert pie.vis_config["type"] == "looker_pie"
    assert str(pie.share_url).startswith("http://127.0.0.1:")
    assert [looker.look(str(one.id)).title for one in looker.all_looks()] == ["Revenue by country", "Open invoices"]


def test_folders_are_nested_and_people_have_mail_addresses(looker: Looker40SDK) -> None:
    folders = {str(folder.id): folder for folder in looker.search_folders()}
    path, at = [], next(folder for folder in folders.values() if folder.name == "Closing / checks")
    while at.parent_id:
        path.append(at.name)
        at = folders[at.parent_id]
    assert path == ["Closing / checks", "Month end", "Finance"]
    users = {user.display_name: user for user in looker.all_users()}
    assert users["Lena Berg"].email == "Lena.Berg@norrpost.example"
    assert users["Former Employee"].is_disabled
    assert users["Single Sign-On"].email is None
    assert {one.name: one.dialect_name for one in looker.all_connections()} == {
        "norrpost_athena": "athena",
        "norrpost_trino": "trino",
        "looker": "mysql",
    }
    assert [project.id for project in looker.all_projects()] == ["norrpost", "parcels"]


def test_the_repositories_hold_the_projects_and_a_tag_differs_from_the_branch(sandbox: Sandbox) -> None:
    repositories = sandbox.company.repositories
    main = repositories.get("norrpost", "looker-norrpost").commits[0].entries
    assert {path: entry.content for path, entry in main.items()} == project_files("norrpost")
    blocks = repositories.get("norrpost", "looker-blocks")
    released = blocks.resolve("v1.4.0")
    assert released
    assert b"exchange_rates" in released.entries["views/calendar.view.lkml"].content
    assert b"exchange_rates" not in blocks.head.entries["views/calendar.view.lkml"].content


def test_what_is_imported_is_imported_from_the_github_that_is_served(sandbox: Sandbox) -> None:
    manifest = sandbox.company.repositories.get("norrpost", "looker-norrpost").head.entries["manifest.lkml"].content
    urls = re.findall(r'url: "(.*)"', manifest.decode())
    assert urls == [f"{sandbox.url}/norrpost/looker-blocks", f"{sandbox.url}/norrpost/looker-geo.git"]
    assert requests.get(f"{sandbox.url}/repos/norrpost/looker-blocks/commits/v1.4.0", timeout=5).status_code == 200


def test_the_environment_leads_to_looker_and_to_its_lookml(sandbox: Sandbox) -> None:
    variables = sandbox.environment()
    form = {"client_id": variables["LOOKER_CLIENT_ID"], "client_secret": variables["LOOKER_CLIENT_SECRET"]}
    assert requests.post(f"{variables['LOOKER_HOST_PORT']}/api/4.0/login", form, timeout=5).status_code == 200
    signed = {"Authorization": f"Bearer {variables['GITHUB_TOKEN']}"}
    for name in variables["GITHUB_REPOSITORY_NAME"].split(", "):
        repository = f"{variables['GITHUB_REPOSITORY_OWNER']}/{name}"
        url = f"{variables['GITHUB_SERVER_URL']}/repos/{repository}/tarball/main"
        assert requests.get(url, headers=signed, timeout=5).content.startswith(b"\x1f\x8b")


def test_an_instance_may_be_of_any_size(sandbox: Sandbox, looker: Looker40SDK) -> None:
    company = sandbox.company.looker
    add_explores(company, 1_000)
    add_dashboards(company, 1_200, tiles=3, explores=1_000)
    assert len(looker.all_dashboards(fields="id")) == 1_208
    boards: list[str] = []
    while page := looker.search_dashboards(fields="id", limit=500, offset=len(boards), sorts="id"):
        boards += [str(board.id) for board in page]
    assert len(set(boards)) == len(boards) == 1_207
    explore = looker.lookml_model_explore(MODEL, view_name(999))
    assert len(fields_of(explore)) == 41


def test_a_project_may_be_of_any_size(sandbox: Sandbox) -> None:
    repository = sandbox.company.repositories.add("norrpost", "looker-mart")
    first = repository.commit(dict(lookml_files(1_000, columns=2)), "Begin")
    assert len(repository.head.entries) == 1_102
    assert repository.commit({f"views/000/{view_name(0)}.view.lkml": "# empty\n"}, "Change one") != first


def test_tiles_come_and_go(sandbox: Sandbox, looker: Looker40SDK) -> None:
    company = sandbox.company.looker
    tile = text_tile(company, "News", "Tomorrow")
    company.add_tile("1", tile)
    assert looker.dashboard_element(tile["id"]).body_text == "Tomorrow"
    assert [one.title_text for one in looker.dashboard_dashboard_elements("1")][-1] == "News"
    company.drop_tile("1", tile["id"])
    assert tile["id"] not in {one.id for one in looker.dashboard_dashboard_elements("1")}
    assert [one.dimension for one in looker.dashboard_dashboard_filters("1")] == ["orders.ordered_month"]
