"""A browser before a Dagster with the shipped recipes, one that is broken, and the sandbox below them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.recipe_runs import write_recipe
from ingest_assets_tests.ui.deployment import ROOT, deployed

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, ViewportSize

ARTIFACTS = ROOT / ".ui"
_CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
_HOW_TO_GET_ONE = (
    "No Chromium is installed. On Debian: apt-get install chromium; elsewhere put chromium, or google-chrome, on PATH."
)
_WAIT = 25_000  # milliseconds: nothing that is waited for takes that long, unless it never comes
_SCREEN: ViewportSize = {"width": 1600, "height": 1100}


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """The company, its AWS, Looker and Atlas, and an OpenMetadata."""
    with Sandbox() as running:
        yield running
        assert not list(running.crashes)


@pytest.fixture(scope="session")
def ui(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the UI of a Dagster with the shipped recipes and a broken one."""
    folder = tmp_path_factory.mktemp("dagster")
    recipes = folder / "recipes"
    shutil.copytree(ROOT / "recipes", recipes)
    write_recipe(recipes, {"awsRegion": "awsRegoin", "serviceName: lake": "serviceName: broken"}, "broken.yaml")
    with deployed(folder, recipes, sandbox.environment(sandbox.reader)) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, as the system has it: nothing is downloaded."""
    api = pytest.importorskip("playwright.sync_api", reason="pip install 'ingest_assets[ui]'")
    found = next((path for name in _CHROMIUMS if (path := shutil.which(name))), None)
    assert found is not None, _HOW_TO_GET_ONE
    with api.sync_playwright() as playwright:
        # Its own sandbox needs rights that containers and root don't have; it sees nothing but our own pages.
        started = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser, ui: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A tab; what it shows in the end is kept as a picture, whether the test passes or fails."""
    context = browser.new_context(base_url=ui, viewport=_SCREEN)
    context.set_default_timeout(_WAIT)
    opened = context.new_page()
    yield opened
    keep(opened, re.sub(r"\W+", "_", request.node.name.removeprefix("test_")).strip("_"))
    context.close()


def keep(page: Page, name: str) -> Path:
    """Keep a picture of a page."""
    ARTIFACTS.mkdir(exist_ok=True)
    path = ARTIFACTS / f"{name}.png"
    page.screenshot(path=path)
    return path
