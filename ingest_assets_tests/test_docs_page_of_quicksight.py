"""The recipe of OpenMetadata's page about QuickSight, run as printed against local services."""

from __future__ import annotations

import re
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
from ingest_assets.sandbox.aws.identity import Principal
from ingest_assets.sandbox.server import QUICKSIGHT_ACTIONS, Sandbox
from ingest_assets_tests.recipe.texts import PAGES, recipe_of, with_comments_on

ACCOUNT, SERVICE = "123456789012", "local_quicksight"
PAGE = next((page for page in PAGES.glob("*.txt") if "/quicksight/airflow" in page.read_text(encoding="utf-8")), None)
needs_page = pytest.mark.skipif(PAGE is None, reason="the documentation page is not here")
BESIDES = (
    "quicksight:DescribeDashboardDefinition",
    "quicksight:ListTagsForResource",
    "quicksight:ListFolders",
    "quicksight:ListIngestions",
    "s3:GetObject",
)
GLUE = """\
source:
  type: glue
  serviceName: service1
  serviceConnection:
    config:
      type: Glue
      awsConfig:
        awsAccessKeyId: KEY
        awsSecretAccessKey: SECRET
        awsRegion: us-east-2
  sourceConfig:
    config:
      type: DatabaseMetadata
workflowConfig:
  openMetadataServerConfig:
    hostPort: "http://localhost:8585/api"
    securityConfig:
      jwtToken: "{bot_jwt_token}"
"""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Services whose catalog has the lake's tables already."""
    with Sandbox(region="us-east-2") as running, pytest.MonkeyPatch.context() as patch:
        patch.setenv("INGEST_ASSETS_STORE", str(tmp_path_factory.mktemp("store")))
        patch.setenv("AWS_ENDPOINT_URL", running.aws_endpoint_url)
        patch.delenv("DAGSTER_HOME", raising=False)
        assert run(running, running.reader, tmp_path_factory.mktemp("recipe"), GLUE).success
        yield running
        assert not list(running.crashes)


@pytest.fixture
def documented(sandbox: Sandbox) -> Principal:
    """Who has exactly the policy that the page prints."""
    printed = set(re.findall(r'"(quicksight:\w+)"', PAGE.read_text(encoding="utf-8"))) if PAGE else set()
    assert printed == QUICKSIGHT_ACTIONS
    return sandbox.aws.identities.add_principal("page", printed, account=ACCOUNT)


@pytest.fixture(autouse=True)
def environment(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INGEST_ASSETS_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", sandbox.aws_endpoint_url)
    monkeypatch.delenv("DAGSTER_HOME", raising=False)


def run(sandbox: Sandbox, who: Principal, folder: Path, text: str) -> RunResult:
    """Run a recipe with the values that the page has a reader fill in."""
    filled = {
        "awsAccessKeyId: KEY": f"awsAccessKeyId: {who.access_key_id}",
        "awsSecretAccessKey: SECRET": f"awsSecretAccessKey: {who.secret_access_key}",
        "awsSessionToken: Token": "awsSessionToken:",
        "<aws-account-id>": ACCOUNT,
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


def notes(result: RunResult) -> list[str]:
    return [str(note) for step in result.steps for note in str(step.metadata.get("notes", "")).splitlines()]


def get(sandbox: Sandbox, path: str) -> dict[str, Any]:
    with OpenMetadataClient(sandbox.openmetadata_host_port, BotToken(sandbox.admin_token), Calls()) as client:
        return client.get(path)


def upstream(sandbox: Sandbox, path: str, fqn: str) -> set[str]:
    entity = get(sandbox, f"/v1/{path}/name/{fqn}")
    kind = {"dashboards": "dashboard", "dashboard/datamodels": "dashboardDataModel"}[path]
    graph = get(sandbox, f"/v1/lineage/{kind}/{entity['id']}?upstreamDepth=1&downstreamDepth=0")
    names = {node["id"]: node["fullyQualifiedName"] for node in graph["nodes"]}
    return {names[edge["fromEntity"]] for edge in graph["upstreamEdges"]}


@needs_page
def test_as_printed_everything_arrives_with_the_permissions_of_the_page(
    sandbox: Sandbox, documented: Principal, tmp_path: Path
) -> None:
    result = run(sandbox, documented, tmp_path, page())
    assert result.success, result.errors
    assert {check.name: check.passed for check in result.checks}["complete"]
    boards = sandbox.company.boards
    for step, kind in (("dashboards", "dashboard"), ("data_models", "dataset")):
        assert (counts(result, step)["created"], counts(result, step)["failed"]) == (len(boards.ids(kind)), 0)  # type: ignore[arg-type]  # one of its words
    sheets = sum(len(board.row["Version"]["Sheets"]) for board in boards.assets("dashboard").values())
    assert (counts(result, "charts")["created"], counts(result, "charts")["failed"]) == (sheets, 0)

    sales = get(sandbox, f"/v1/dashboards/name/{SERVICE}.sales-overview?fields=charts,dataModels")
    assert sorted(chart["displayName"] for chart in sales["charts"]) == ["Customers", "Revenue"]
    assert sales["sourceUrl"] == "https://us-east-2.quicksight.aws.amazon.com/sn/dashboards/sales-overview"
    models = {model["fullyQualifiedName"] for model in sales["dataModels"]}
    assert models == {f"{SERVICE}.model.orders", f"{SERVICE}.model.orders-with-customers"}
    assert upstream(sandbox, "dashboards", sales["fullyQualifiedName"]) == models
    assert upstream(sandbox, "dashboard/datamodels", f"{SERVICE}.model.orders") == {f"service1.{ACCOUNT}.sales.orders"}

    told = notes(result)
    assert [sum(action in note for note in told) for action in BESIDES] == [1] * len(BESIDES), told

    sandbox.openmetadata.reset_counts()
    assert run(sandbox, documented, tmp_path, page()).success
    assert sandbox.openmetadata.writes() == 0


@needs_page
def test_with_every_line_on_what_the_patterns_keep_arrives(sandbox: Sandbox, tmp_path: Path) -> None:
    text = with_comments_on(page()).replace(SERVICE, "all_lines")
    for printed, value in {
        "dashboard1": "Sales overview",
        "dashboard3": "Copy",
        "chart1": "Revenue",
        "chart3": "Revenue by",
    }.items():
        assert f"- {printed}\n" in text
        text = text.replace(f"- {printed}\n", f"- {value}\n")
    result = run(sandbox, sandbox.reader, tmp_path, text)
    assert result.success, result.errors
    assert counts(result, "dashboards")["created"] == 1
    charts = counts(result, "charts")
    assert (charts["created"], charts["failed"]) == (1, 0)
    shown = get(sandbox, "/v1/dashboards/name/all_lines.sales-overview?fields=charts,dataModels")
    assert [chart["displayName"] for chart in shown["charts"]] == ["Revenue"]
    assert upstream(sandbox, "dashboard/datamodels", "all_lines.model.orders") == {f"service1.{ACCOUNT}.sales.orders"}


@needs_page
@pytest.mark.parametrize("namespace", ["", "default"])
def test_anonymous_readers_need_a_namespace(
    sandbox: Sandbox, documented: Principal, tmp_path: Path, namespace: str
) -> None:
    text = page().replace("identityType: IAM", "identityType: ANONYMOUS").replace(SERVICE, "anonymous")
    text = text.replace("namespace: #", f"namespace: {namespace} #")
    if not namespace:
        with pytest.raises(Exception, match=r"namespace.*ANONYMOUS"):
            run(sandbox, documented, tmp_path, text)
        return
    assert run(sandbox, documented, tmp_path, text).success
