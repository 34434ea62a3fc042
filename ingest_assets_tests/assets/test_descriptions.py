"""What assets say of themselves before anything runs: descriptions, kinds, the recipe's file, how old they may get."""

from __future__ import annotations

import re
import warnings
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.freshness import TimeWindowFreshnessPolicy

from ingest_assets.location import build_definitions, load_recipes
from ingest_assets_tests.recipe_runs import make_recipe

SHIPPED = Path(__file__).parent.parent.parent / "recipes"
SECRETS = "hunter2"


def specs() -> dict[str, dg.AssetSpec]:
    recipes, problems = load_recipes(SHIPPED)
    assert problems == []
    return {"/".join(spec.key.path): spec for spec in build_definitions(recipes).resolve_all_asset_specs()}


@pytest.mark.parametrize(
    ("asset", "origin", "target"),
    [
        (
            "glue/local_glue/tables",
            "AWS Glue Data Catalog, region `${AWS_REGION}`",
            "`databaseServices/local_glue` of OpenMetadata at `${OPENMETADATA_HOST_PORT}`",
        ),
        (
            "kinesis/local_kinesis/topics",
            "Amazon Kinesis, region `${AWS_REGION}`",
            "`messagingServices/local_kinesis` of OpenMetadata at `${OPENMETADATA_HOST_PORT}`",
        ),
        (
            "quicksight/local_quicksight/charts",
            "Amazon QuickSight, account `${AWS_ACCOUNT_ID}`, region `${AWS_REGION}`",
            "`dashboardServices/local_quicksight` of OpenMetadata at `${OPENMETADATA_HOST_PORT}`",
        ),
        (
            "looker/local_looker/lookml",
            "LookML in `${GITHUB_REPOSITORY_OWNER}/${GITHUB_REPOSITORY_NAME}`",
            "`dashboardServices/local_looker` of OpenMetadata at `${OPENMETADATA_HOST_PORT}`",
        ),
        (
            "atlas/local_atlas/enrichment",
            "Apache Atlas, at `${ATLAS_HOST_PORT}`",
            "what other recipes brought of `local_glue`, `local_kinesis`, OpenMetadata at `${OPENMETADATA_HOST_PORT}`",
        ),
    ],
)
def test_a_description_says_from_where_and_to_where_without_looking_anything_up(
    asset: str, origin: str, target: str
) -> None:
    text = specs()[asset].description or ""
    assert f"| from | {origin} |" in text
    assert f"| to | {target} |" in text
    assert "off until it is switched on" in text


def test_no_default_and_no_password_of_an_address_is_shown(tmp_path: Path) -> None:
    changes = {
        "hostPort: ${OPENMETADATA_HOST_PORT}": "hostPort: https://catalog.example/api",
        "awsRegion: ${AWS_REGION}": f"awsRegion: ${{AWS_REGION:-{SECRETS}}}",
    }
    for spec in build_definitions([make_recipe(tmp_path, "lake", changes)]).resolve_all_asset_specs():
        text = spec.description or ""
        assert SECRETS not in text
        assert "`https://catalog.example/api`" in text
        assert "`${AWS_REGION}`" in text


@pytest.mark.parametrize(
    "address",
    [
        "https://catalog:${PASSWORD}:hunter2@catalog.example/api",
        "https://catalog:${PASSWORD}hunt/er2@hunter2@catalog.example/api",
        "https://${HOST}/api?token=hunter2",
    ],
)
def test_nothing_but_its_place_is_shown_of_an_address_that_a_variable_keeps_from_being_judged(
    tmp_path: Path, address: str
) -> None:
    changes = {"hostPort: ${OPENMETADATA_HOST_PORT}": f"hostPort: {address}"}
    for spec in build_definitions([make_recipe(tmp_path, "lake", changes)]).resolve_all_asset_specs():
        assert not {SECRETS, "hunt", "token"} & set(re.findall(r"\w+", spec.description or ""))


def test_accounts_and_regions_that_glue_reads_besides_are_told(tmp_path: Path) -> None:
    role = "arn:aws:iam::345678901234:role/catalog-reader"
    source = f"  source: {{regions: [eu-west-1], accounts: [{{assumeRoleArn: '{role}'}}]}}\n"
    recipe = make_recipe(tmp_path, "lake", {"dagster:\n": f"dagster:\n{source}"})
    (spec, *_) = build_definitions([recipe]).resolve_all_asset_specs()
    assert f"region `${{AWS_REGION}}`, `eu-west-1`, account of `{role}`" in (spec.description or "")


def test_a_name_can_not_break_the_table_of_a_description(tmp_path: Path) -> None:
    recipe = make_recipe(tmp_path, '"a|b`c"')
    rows = {
        line
        for spec in build_definitions([recipe]).resolve_all_asset_specs()
        for line in (spec.description or "").splitlines()
        if line.startswith("| to ")
    }
    assert rows == {"| to | `databaseServices/a\\|b'c` of OpenMetadata at `${OPENMETADATA_HOST_PORT}` |"}


def test_only_looker_from_github_shows_its_icon() -> None:
    kinds = {name: spec.kinds for name, spec in specs().items()}
    assert kinds["looker/local_looker/lookml"] == {"looker", "github", "openmetadata"}
    assert kinds["looker/local_looker/dashboards"] == {"looker", "dashboard", "openmetadata"}
    assert kinds["quicksight/local_quicksight/data_models"] == {"quicksight", "aws", "semanticmodel", "openmetadata"}
    assert [name for name, of in kinds.items() if "github" in of] == ["looker/local_looker/lookml"]


def test_the_ui_links_the_recipes_file(tmp_path: Path) -> None:
    recipe = make_recipe(tmp_path, "lake")
    with warnings.catch_warnings():
        # Two hundred recipes would otherwise say two thousand times that Dagster's interface may yet change.
        warnings.simplefilter("error", dg.BetaWarning)
        definitions = build_definitions([recipe])
    for spec in definitions.resolve_all_asset_specs():
        references = spec.metadata["dagster/code_references"]
        assert isinstance(references, dg.CodeReferencesMetadataValue)
        (file,) = references.code_references
        assert isinstance(file, dg.LocalFileCodeReference)
        assert (file.file_path, file.label) == (str(recipe.path), "glue.yaml")


def freshness(folder: Path, settings: str) -> set[dg.FreshnessPolicy | None]:
    changes = {"dagster:\n": f"dagster:\n{settings}"}
    specs = build_definitions([make_recipe(folder, "lake", changes)]).resolve_all_asset_specs()
    return {spec.freshness_policy for spec in specs}


@pytest.mark.parametrize(
    ("settings", "window"),
    [
        ('  schedule: "0 3 * * *"\n  started: true\n', timedelta(hours=24 + 1)),
        ('  schedule: "0 3 * * 1-5"\n  started: true\n  timeout: 1800\n', timedelta(hours=72.5)),
        ('  schedule: "0 3 * * *"\n  started: true\n  timezone: Europe/Berlin\n', timedelta(hours=24 + 1 + 1)),
    ],
)
def test_assets_may_be_as_old_as_the_schedule_lets_them_become_and_a_run_takes(
    tmp_path: Path, settings: str, window: timedelta
) -> None:
    (policy,) = freshness(tmp_path, settings)
    assert isinstance(policy, TimeWindowFreshnessPolicy)
    assert policy.fail_window.to_timedelta() == window


@pytest.mark.parametrize("settings", ["", '  schedule: "0 3 * * *"\n', "  started: true\n"])
def test_nothing_gets_old_of_which_nobody_asked_regular_runs(tmp_path: Path, settings: str) -> None:
    assert freshness(tmp_path, settings) == {None}
