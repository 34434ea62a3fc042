"""What a person sees who runs a recipe by clicking: in a browser, with Dagster's own pages.

The tests of this file are one visit and run in their order: the first ones materialize what the others look at.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.recipe_runs import STEPS
from ingest_assets_tests.ui.conftest import keep

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

api = pytest.importorskip("playwright.sync_api", reason="pip install 'ingest_assets[ui]'")
expect = api.expect
expect.set_options(timeout=25_000)

pytestmark = pytest.mark.ui

JOBS = (
    "glue__local_glue",
    "kinesis__local_kinesis",
    "quicksight__local_quicksight",
    "looker__local_looker",
    "atlas__local_atlas",
    "dbt__local_glue",
)
RUN_SECONDS = 180_000  # milliseconds


def open_job(page: Page, job: str) -> None:
    page.goto("/jobs")
    page.get_by_text(job, exact=True).first.click()
    expect(page.get_by_role("button", name="Materialize all")).to_be_visible()


def materialize(page: Page, job: str) -> None:
    """Click the button of a job, follow the link to its run, and stay until that has succeeded."""
    open_job(page, job)
    page.get_by_role("button", name="Materialize all").click()
    page.get_by_role("link", name="View", exact=True).click()
    expect(page.get_by_text("Success", exact=True).first).to_be_visible(timeout=RUN_SECONDS)


def open_asset(page: Page, *key: str) -> None:
    page.goto(f"/assets/{'/'.join(key)}")
    expect(page.get_by_text("Latest materialization")).to_be_visible()


def value(page: Page, name: str) -> Locator:
    """What the table of metadata says."""
    return page.locator(f"xpath=//tr[td[1][normalize-space()='{name}']]/td[last()]").first


def number(page: Page, name: str) -> int:
    return int(value(page, name).inner_text().replace(",", ""))


@pytest.mark.parametrize("job", JOBS)
def test_a_job_is_materialized_by_one_click(page: Page, job: str) -> None:
    materialize(page, job)


def test_the_graph_names_every_step(page: Page) -> None:
    page.goto("/locations/ingest_assets/asset-groups/local_glue")
    for step in STEPS:
        expect(page.get_by_text(step, exact=True).first).to_be_visible()


def test_an_asset_says_what_it_is_and_where_it_comes_from_and_goes_to(page: Page) -> None:
    open_asset(page, "glue", "local_glue", "tables")
    for text in (
        "Tables and views in OpenMetadata, with their columns.",
        "AWS Glue Data Catalog, region ${AWS_REGION}",
        "databaseServices/local_glue of OpenMetadata at ${OPENMETADATA_HOST_PORT}",
    ):
        expect(page.get_by_text(text)).to_be_visible()
    recipe = page.get_by_role("link", name="in editor")
    expect(recipe).to_have_attribute("href", re.compile("/recipes/glue.yaml:1$"))
    for icon in ("aws", "openmetadata"):
        expect(page.get_by_role("img", name=icon, exact=True).first).to_be_visible()


def test_the_numbers_and_links_of_a_run_are_on_its_assets(page: Page, sandbox: Sandbox) -> None:
    open_asset(page, "glue", "local_glue", "tables")
    expect(value(page, "created")).to_have_text(re.compile("[1-9][0-9]+"))
    assert number(page, "listed") == number(page, "created") + number(page, "filtered")
    assert number(page, "failed") == 0
    catalog = value(page, "openmetadata").get_by_role("link").first
    expect(catalog).to_have_attribute("href", f"{sandbox.url}/service/databaseServices/local_glue")
    expect(value(page, "console").get_by_role("link").first).to_have_attribute(
        "href", re.compile("console.aws.amazon.com")
    )


def test_what_dbt_has_no_table_for_is_listed_with_what_was_asked_for(page: Page) -> None:
    open_asset(page, "dbt", "local_glue", "enrichment")
    parts = ("updated", "unchanged", "unmatched")
    assert number(page, "listed") == sum(number(page, part) for part in parts) > number(page, "unmatched") > 0
    expect(value(page, "failures")).to_contain_text("finance.refund_forecast")


def test_the_first_plan_shows_what_is_new(page: Page) -> None:
    open_asset(page, "glue", "local_glue", "plan")
    expect(value(page, "changes")).to_contain_text(re.compile(r"\+ databaseService +local_glue"))
    expect(value(page, "changes")).to_contain_text(re.compile(r"\+ table +local_glue\."))
    expect(value(page, "changes")).to_contain_text(re.compile("and [0-9]+ more"))


def test_what_changes_in_the_source_reads_like_a_diff_in_the_next_plan(page: Page, sandbox: Sandbox) -> None:
    glue = sandbox.company.glue
    orders = glue.table("sales", "orders")
    columns = orders["StorageDescriptor"]["Columns"]
    more = {**orders["StorageDescriptor"], "Columns": [*columns, {"Name": "vat", "Type": "decimal(10,2)"}]}
    glue.put_table("sales", {**orders, "Description": "All orders, VAT included", "StorageDescriptor": more})
    glue.put_table("sales", {**orders, "Name": "refunds"})
    glue.drop_table("finance", "vat_report")
    materialize(page, JOBS[0])
    open_asset(page, "glue", "local_glue", "plan")
    changes = value(page, "changes")
    expect(changes).to_contain_text(re.compile(r"- table\s+local_glue\.[0-9]+\.finance\.vat_report"))
    expect(changes).to_contain_text(re.compile(r"~ table\s+local_glue\.[0-9]+\.sales\.orders\s+changed: "))
    expect(changes).to_contain_text(re.compile(r"\+ table\s+local_glue\.[0-9]+\.sales\.refunds"))
    changes.get_by_text("sales.refunds").last.scroll_into_view_if_needed()
    keep(page, "plan_as_a_diff")


def test_the_counts_of_the_runs_are_plotted(page: Page) -> None:
    open_asset(page, "glue", "local_glue", "tables")
    page.get_by_text("Plots", exact=True).click()
    for name in ("created", "listed", "unchanged"):
        expect(page.get_by_text(name, exact=True).first).to_be_visible()
    expect(page.locator("canvas").first).to_be_visible()


def test_checks_are_green_and_show_their_figures(page: Page) -> None:
    page.goto("/assets/glue/local_glue/stale?view=checks")
    for name in ("complete", "failed_ratio", "removals"):
        page.get_by_text(name, exact=True).first.click()
        expect(page.get_by_text("Passed", exact=True)).to_be_visible()
        expect(page.locator("canvas").first).to_be_visible()
        keep(page, f"check_{name}")


def test_the_schedule_of_a_recipe_can_be_switched_on_and_off(page: Page) -> None:
    page.goto("/automation")
    row = page.get_by_text("glue__local_glue__schedule").first
    expect(row).to_be_visible()
    keep(page, "schedules")
    row.click()
    switch = page.get_by_role("switch").or_(page.locator("label:has(input[type=checkbox])")).first
    expect(page.get_by_text("0 3 * * *").or_(page.get_by_text("At 03:00 AM UTC")).first).to_be_visible()
    switch.click()
    expect(page.get_by_text("Running", exact=True).first).to_be_visible()
    keep(page, "schedule_on")
    switch.click()


def test_a_broken_recipe_is_an_asset_that_says_what_is_wrong(page: Page) -> None:
    page.goto("/assets/recipe_status")
    expect(page.get_by_text("Did you mean awsRegion?").first).to_be_visible()
    page.get_by_role("button", name="Materialize").first.click()
    page.get_by_role("link", name="View", exact=True).click()
    expect(page.get_by_text("Failure", exact=True).first).to_be_visible(timeout=RUN_SECONDS)
    expect(page.get_by_text("Did you mean awsRegion?").first).to_be_visible()
