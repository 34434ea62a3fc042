"""The recipe of OpenMetadata's page about Looker, run as printed against local services."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest_assets.calls import Calls
from ingest_assets.cli.execution import RunResult, execute
from ingest_assets.openmetadata.auth import BotToken
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.progress import SilentProgress
from ingest_assets.recipe import load_recipe
from ingest_assets.resources.ingestion import OptionsResource
from ingest_assets.sandbox.company.looker_instance import LOOKML_OWNER, LOOKML_REPOSITORY
from ingest_assets.sandbox.looker.clients import DOCUMENTED_PERMISSIONS, LookerClient
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.recipe.texts import LAKE_OF_THE_COMPANY, PAGES, recipe_of, with_comments_on

SERVICE, LAKE = "local_looker", "service1"
ACCOUNT = "123456789012"
PAGE = next((page for page in PAGES.glob("*.txt") if "/looker/airflow" in page.read_text(encoding="utf-8")), None)
needs_page = pytest.mark.skipif(PAGE is None, reason="the documentation page is not here")
GLUE = LAKE_OF_THE_COMPANY.replace("serviceName: lake", "serviceName: service1")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Services whose catalog has the lake's tables already."""
    with Sandbox() as running, pytest.MonkeyPatch.context() as patch:
        for name, value in running.environment(running.reader).items():
            patch.setenv(name, value)
        patch.setenv("INGEST_ASSETS_STORE", str(tmp_path_factory.mktemp("store")))
        patch.delenv("DAGSTER_HOME", raising=False)
        assert run(running, running.looker_client, tmp_path_factory.mktemp("recipe"), GLUE).success
        yield running
        assert not list(running.crashes)
        assert not list(running.looker.unsound)
        assert not list(running.looker.unknown_fields)


@pytest.fixture(autouse=True)
def environment(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INGEST_ASSETS_STORE", str(tmp_path / "store"))
    sandbox.openmetadata.reset_counts()


@pytest.fixture
def documented(sandbox: Sandbox) -> LookerClient:
    """Who may do what the page asks for: see dashboards and explores."""
    return sandbox.looker.sessions.add_client(sandbox.looker_client.user_id, DOCUMENTED_PERMISSIONS)


def run(sandbox: Sandbox, who: LookerClient, folder: Path, text: str) -> RunResult:
    """Run a recipe with the values that the page has a reader fill in."""
    filled = {
        "clientId: Client ID": f"clientId: {who.client_id}",
        "clientSecret: Client Secret": f"clientSecret: {who.client_secret}",
        "http://hostPort": sandbox.url,
        "repositoryOwner: open-metadata": f"repositoryOwner: {LOOKML_OWNER}",
        # What its manifest imports from the same Looker lies in a repository of its own.
        "repositoryName: OpenMetadata": f"repositoryName: {LOOKML_REPOSITORY}, looker-parcels\n"
        f"        gitHostURL: {sandbox.url}",
        "token: XYZ": f"token: {sandbox.github_token.value}",
        "http://localhost:8585/api": sandbox.openmetadata_host_port,
        "{bot_jwt_token}": sandbox.bot_token,
    }
    for printed, value in filled.items():
        text = text.replace(printed, value)
    path = folder / "recipe.yaml"
    path.write_text(text, encoding="utf-8")
    return execute(load_recipe(path), SilentProgress(), OptionsResource())


def page() -> str:
    return recipe_of(PAGE.read_text(encoding="utf-8")) if PAGE else ""


def counts(result: RunResult, name: str) -> dict[str, int]:
    return next(step.counts for step in result.steps if step.name == name)


def notes(result: RunResult) -> str:
    return "\n".join(str(step.metadata.get("notes", "")) for step in result.steps)


def get(sandbox: Sandbox, path: str) -> dict[str, Any]:
    with OpenMetadataClient(sandbox.openmetadata_host_port, BotToken(sandbox.admin_token), Calls()) as client:
        return client.get(path)


def upstream(sandbox: Sandbox, kind: str, fqn: str) -> dict[str, dict[str, list[str]]]:
    """Edges into something: from where, and the columns behind each column."""
    path = {"dashboard": "dashboards", "dashboardDataModel": "dashboard/datamodels"}[kind]
    entity = get(sandbox, f"/v1/{path}/name/{fqn}")
    graph = get(sandbox, f"/v1/lineage/{kind}/{entity['id']}?upstreamDepth=1&downstreamDepth=0")
    names = {node["id"]: node["fullyQualifiedName"] for node in graph["nodes"]}
    return {
        names[edge["fromEntity"]]: {
            pair["toColumn"]: pair["fromColumns"] for pair in edge["lineageDetails"].get("columnsLineage") or ()
        }
        for edge in graph["upstreamEdges"]
    }


@needs_page
def test_as_printed_everything_arrives_from_tables_to_charts_in_one_run(
    sandbox: Sandbox, documented: LookerClient, tmp_path: Path
) -> None:
    result = run(sandbox, documented, tmp_path, page())
    assert {check.name: check.passed for check in result.checks}["complete"]
    # What Looker itself can't compile is the one thing that does not arrive.
    assert [error for error in result.errors if "old_campaigns" not in error] == []
    shown = [row for row in sandbox.company.looker.dashboards.all() if not row["deleted"]]
    assert (counts(result, "dashboards")["created"], counts(result, "dashboards")["failed"]) == (len(shown), 0)
    tiles = sum(len(row["dashboard_elements"]) for row in shown)
    assert (counts(result, "charts")["created"], counts(result, "charts")["failed"]) == (tiles, 0)

    model, orders = f"{SERVICE}.model", f"{LAKE}.{ACCOUNT}.sales.orders"
    finance = get(sandbox, f"/v1/dashboards/name/{SERVICE}.1?fields=charts,dataModels")
    assert (finance["displayName"], finance["sourceUrl"]) == ("Finance KPIs", f"{sandbox.url}/dashboards/1")
    assert sorted(chart["displayName"] for chart in finance["charts"]) == [
        "How to read this",
        "Open invoices",
        "Revenue",
        "Revenue and refunds",
    ]
    chart = next(each["fullyQualifiedName"] for each in finance["charts"] if each["displayName"] == "Revenue")
    shows = upstream(sandbox, "dashboard", finance["fullyQualifiedName"])[f"{model}.shop_orders"]
    assert f'{model}.shop_orders."orders.revenue"' in shows[chart]
    explored = upstream(sandbox, "dashboardDataModel", f"{model}.shop_orders")[f"{model}.shop_orders_view"]
    assert explored[f'{model}.shop_orders."orders.revenue"'] == [f"{model}.shop_orders_view.revenue"]
    viewed = upstream(sandbox, "dashboardDataModel", f"{model}.shop_orders_view")[orders]
    assert viewed[f"{model}.shop_orders_view.revenue"] == [f"{orders}.total"]
    assert viewed[f"{model}.shop_orders_view.state"] == [f"{orders}.status"]

    told = notes(result)
    assert "see_lookml" in told or "manage_models" in told  # for connections
    sandbox.openmetadata.reset_counts()
    run(sandbox, documented, tmp_path, page())
    assert sandbox.openmetadata.writes() == 0


@needs_page
def test_with_every_line_on_what_the_patterns_keep_arrives(sandbox: Sandbox, tmp_path: Path) -> None:
    text = with_comments_on(page()).replace(SERVICE, "all_lines")
    for printed, value in {
        "dashboard1": "Finance KPIs",
        "dashboard3": "Visits",
        "chart1": "Revenue",
        "chart3": "Revenue and",
    }.items():
        assert f"- {printed}\n" in text
        text = text.replace(f"- {printed}\n", f"- {value}\n")
    result = run(sandbox, sandbox.looker_client, tmp_path, text)
    assert (counts(result, "dashboards")["created"], counts(result, "charts")["created"]) == (1, 1)
    shown = get(sandbox, "/v1/dashboards/name/all_lines.1?fields=charts,owners")
    assert [chart["displayName"] for chart in shown["charts"]] == ["Revenue"]
    assert [owner["name"] for owner in shown["owners"]] == ["omar.haddad"]  # overrideOwner
    tables = upstream(sandbox, "dashboardDataModel", "all_lines.model.shop_orders_view")
    assert set(tables) == {f"{LAKE}.{ACCOUNT}.sales.orders", "all_lines.model.shop_returns_view"}
    sandbox.openmetadata.reset_counts()
    run(sandbox, sandbox.looker_client, tmp_path, text)
    assert sandbox.openmetadata.writes() == 0


@needs_page
def test_without_github_credentials_all_but_views_arrives_and_is_told(
    sandbox: Sandbox, documented: LookerClient, tmp_path: Path
) -> None:
    text = page().replace(SERVICE, "no_github")
    begin, rest = text.split("      githubCredentials:\n")
    text = begin + rest[rest.index("  sourceConfig:") :]
    sandbox.github.counts.clear()
    result = run(sandbox, documented, tmp_path, text)
    assert {check.name: check.passed for check in result.checks}["complete"]
    assert sandbox.github.counts.total() == 0
    explores = [row for row in sandbox.company.looker.explores.all() if not row["model_name"].startswith("system__")]
    assert counts(result, "data_models")["created"] == len(explores) - 1  # old_campaigns
    assert "githubCredentials" in notes(result)
    dashboards = upstream(sandbox, "dashboard", "no_github.2")
    assert dashboards["no_github.model.finance_ledger"]
