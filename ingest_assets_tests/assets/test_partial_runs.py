"""Runs of a part of a recipe, asked for in the launchpad as people type it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from ingest_assets.assets.names import asset_key, job_name
from ingest_assets.location import build_definitions
from ingest_assets.recipe import Recipe
from ingest_assets.resources.ingestion import OptionsResource
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.recipe_runs import QUIET, STEPS, failures, make_recipe, reported, run, verdicts


def launch(recipe: Recipe, options: dict[str, Any]) -> dg.ExecuteInProcessResult:
    """A run of the whole job, its run config as the launchpad holds it."""
    job = build_definitions([recipe]).resolve_job_def(job_name(recipe))
    return job.execute_in_process(
        raise_on_error=False,
        asset_selection=[asset_key(recipe, step) for step in STEPS],
        run_config={"resources": {"options": {"config": options}}, "loggers": QUIET},
    )


def test_a_part_is_read_and_all_else_stays_as_it_was(services: Sandbox, tmp_path: Path) -> None:
    recipe = make_recipe(tmp_path, "part")
    first = reported(run(recipe))
    services.aws.reset_counts()
    services.openmetadata.reset_counts()

    result = launch(recipe, {"include": ["*.sales", "*.logistics"], "exclude": ["*.logistics"]})

    assert result.success, failures(result)
    assert dict(services.aws.counts) == {"glue:GetDatabases": 1, "glue:GetTables": 1, "lakeformation:ListLFTags": 1}
    assert services.openmetadata.writes() == 0
    second = reported(result)
    assert "listings that include and exclude leave out stay" in second["snapshot"]["notes"]
    assert "include '*.logistics' matched nothing" in second["snapshot"]["notes"]
    assert second["tables"]["unchanged"] == first["tables"]["created"]
    assert second["stale"]["stale"] == 0
    assert verdicts(result)["shrink_guard"]


def test_a_first_run_of_a_part_brings_that_part_and_a_whole_one_the_rest(services: Sandbox, tmp_path: Path) -> None:
    recipe = make_recipe(tmp_path, "grows")
    first = reported(launch(recipe, {"include": ["*.sales"]}))
    assert 0 < first["tables"]["created"] == first["tables"]["listed"] < 20
    second = run(recipe)
    assert second.success, failures(second)
    assert reported(second)["tables"]["unchanged"] == first["tables"]["created"]
    assert reported(second)["tables"]["created"] > 30


@pytest.mark.usefixtures("services")
def test_an_include_that_is_no_list_is_refused_before_the_run(tmp_path: Path) -> None:
    recipe = make_recipe(tmp_path, "listless")
    with pytest.raises(dg.DagsterInvalidConfigError):
        launch(recipe, {"include": "*.sales"})


def test_every_option_has_a_description_for_the_launchpad() -> None:
    for name, field in OptionsResource.model_fields.items():
        assert field.description, name
