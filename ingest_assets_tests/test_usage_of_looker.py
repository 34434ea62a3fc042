"""How often Looker's dashboards are looked at, from the recipe to the server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest_assets.calls import Calls
from ingest_assets.cli.execution import RunResult, execute
from ingest_assets.openmetadata.auth import BotToken
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.progress import SilentProgress
from ingest_assets.recipe import load_recipe
from ingest_assets.resources.ingestion import OptionsResource
from ingest_assets.sandbox.server import Sandbox

RECIPE = """\
source:
  type: looker
  serviceName: viewed
  serviceConnection:
    config:
      type: Looker
      clientId: {client_id}
      clientSecret: {client_secret}
      hostPort: {url}
  sourceConfig:
    config:
      type: DashboardMetadata
{more}
workflowConfig:
  openMetadataServerConfig:
    hostPort: {host_port}
    securityConfig:
      jwtToken: {token}
dagster:
  source:
    include_looks: true
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running
        assert not list(running.crashes)


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INGEST_ASSETS_STORE", str(tmp_path / "store"))
    monkeypatch.delenv("DAGSTER_HOME", raising=False)


def run(sandbox: Sandbox, folder: Path, more: str = "", *, dry_run: bool = False) -> RunResult:
    who = sandbox.looker_client
    text = RECIPE.format(
        client_id=who.client_id,
        client_secret=who.client_secret,
        url=sandbox.url,
        host_port=sandbox.openmetadata_host_port,
        token=sandbox.bot_token,
        more=more,
    )
    path = folder / "looker.yaml"
    path.write_text(text, encoding="utf-8")
    return execute(load_recipe(path), SilentProgress(), OptionsResource(dry_run=dry_run))


def counts(result: RunResult) -> dict[str, int]:
    return next(step.counts for step in result.steps if step.name == "usage")


def notes(result: RunResult) -> str:
    return next(str(step.metadata.get("notes", "")) for step in result.steps if step.name == "usage")


def daily(sandbox: Sandbox, name: str) -> int:
    with OpenMetadataClient(sandbox.openmetadata_host_port, BotToken(sandbox.admin_token), Calls()) as client:
        shown = client.get_by_name("dashboards", f"viewed.{name}", {"fields": "usageSummary"})
    return int(shown["usageSummary"]["dailyStats"]["count"])


def look_at(sandbox: Sandbox, title: str, times: int) -> str:
    """Look at a dashboard or a look so many times more; its name in the catalog."""
    looker = sandbox.company.looker
    board = next((row for row in looker.dashboards.all() if row["title"] == title), None)
    row = board or next(row for row in looker.looks.all() if row["title"] == title)
    row["view_count"] += times
    return f"{row['id']}" if board else f"look:{row['id']}"


def test_dashboards_and_looks_are_told_to_have_been_looked_at_as_often_as_since_the_run_before(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    first = run(sandbox, tmp_path)
    told = [
        *(row for row in sandbox.company.looker.dashboards.all() if not row["deleted"]),
        *(row for row in sandbox.company.looker.looks.all() if not row["deleted"]),
    ]
    known = sum(row["view_count"] is not None for row in told)
    assert 0 < known < len(told)
    assert (counts(first)["listed"], counts(first)["unchanged"]) == (known, known)
    board, look = look_at(sandbox, "Finance KPIs", 12), look_at(sandbox, "Open invoices", 3)
    sandbox.openmetadata.reset_counts()
    second = run(sandbox, tmp_path)
    assert (counts(second)["updated"], counts(second)["unchanged"]) == (2, known - 2)
    assert (daily(sandbox, board), daily(sandbox, look)) == (12, 3)
    assert sandbox.openmetadata.writes() == 2 + 1  # with the ranking

    assert counts(run(sandbox, tmp_path, dry_run=True))["listed"] == 0
    sandbox.openmetadata.reset_counts()
    assert counts(run(sandbox, tmp_path))["unchanged"] == known
    assert sandbox.openmetadata.writes() == 0


def test_a_recipe_without_usage_tells_nothing_and_says_so(sandbox: Sandbox, tmp_path: Path) -> None:
    without = "      includeUsage: false"
    run(sandbox, tmp_path, without)
    look_at(sandbox, "Finance KPIs", 5)
    sandbox.openmetadata.reset_counts()
    second = run(sandbox, tmp_path, without)
    assert (counts(second)["listed"], sandbox.openmetadata.writes()) == (0, 0)
    assert "includeUsage" in notes(second)
