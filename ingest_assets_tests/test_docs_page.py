"""The recipe of OpenMetadata's page about Glue, run as printed against local services."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest_assets.cli.execution import RunResult, execute
from ingest_assets.progress import SilentProgress
from ingest_assets.recipe import load_recipe
from ingest_assets.resources.ingestion import OptionsResource
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.recipe.texts import EVERY_KEY_OF_THE_PAGE, PAGES, recipe_of, with_comments_on

PAGE = next((page for page in PAGES.glob("*.txt") if "/glue/airflow" in page.read_text(encoding="utf-8")), None)
needs_page = pytest.mark.skipif(PAGE is None, reason="the documentation page is not here")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(region="us-east-2") as running:
        yield running


@pytest.fixture(autouse=True)
def environment(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INGEST_ASSETS_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", sandbox.aws_endpoint_url)
    monkeypatch.delenv("DAGSTER_HOME", raising=False)


def run(sandbox: Sandbox, folder: Path, text: str) -> RunResult:
    """Run a recipe with the values that the page has a reader fill in."""
    filled = {
        "awsAccessKeyId: KEY": f"awsAccessKeyId: {sandbox.principal.access_key_id}",
        "awsSecretAccessKey: SECRET": f"awsSecretAccessKey: {sandbox.principal.secret_access_key}",
        "https://glue.us-east-2.amazonaws.com/": sandbox.aws_endpoint_url,
        "awsSessionToken: TOKEN": "awsSessionToken:",
        "http://localhost:8585/api": sandbox.openmetadata_host_port,
        "{bot_jwt_token}": sandbox.bot_token,
    }
    for printed, value in filled.items():
        text = text.replace(printed, value)
    path = folder / "glue.yaml"
    path.write_text(text, encoding="utf-8")
    return execute(load_recipe(path), SilentProgress(), OptionsResource())


def page() -> str:
    return recipe_of(PAGE.read_text(encoding="utf-8")) if PAGE else ""


@needs_page
def test_as_printed_everything_arrives_with_the_permissions_of_the_page(sandbox: Sandbox, tmp_path: Path) -> None:
    granted = {action for action in sandbox.principal.actions if action.startswith("glue:")}
    assert granted == {"glue:GetDatabases", "glue:GetTables"}
    result = run(sandbox, tmp_path, page())
    assert result.success, result.errors
    counts = {step.name: step.counts for step in result.steps}
    assert counts["tables"]["created"] == counts["tables"]["listed"] > 50
    assert counts["lineage"]["created"] > 10
    assert {check.name: check.passed for check in result.checks}["complete"]


@needs_page
def test_with_every_line_on_the_filters_of_the_page_leave_all_out(sandbox: Sandbox, tmp_path: Path) -> None:
    result = run(sandbox, tmp_path, with_comments_on(page()).replace("local_glue", "filtered_glue"))
    assert result.success, result.errors
    databases = next(step.counts for step in result.steps if step.name == "databases")
    assert (databases["listed"], databases["filtered"]) == (1, 1)


def test_every_key_of_the_page_runs(sandbox: Sandbox, tmp_path: Path) -> None:
    text = EVERY_KEY_OF_THE_PAGE.replace("local_glue", "every_key").replace("[database1, database2]", "[database_name]")
    text = text.replace("[schema1]", "[sales]").replace("[users]", "[cust]")
    result = run(sandbox, tmp_path, text)
    assert result.success, result.errors
    counts = {step.name: step.counts for step in result.steps}
    assert counts["schemas"]["created"] == 1
    assert counts["tables"]["created"] > 1
    assert counts["tables"]["filtered"] > 5
