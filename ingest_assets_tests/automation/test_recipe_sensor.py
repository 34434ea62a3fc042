"""The sensor of recipes' files."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import dagster as dg
import pytest

from ingest_assets.automation.sensors import recipe_sensor
from ingest_assets_tests.automation.ticks import end, enter, made_of, reason, requested, tick
from ingest_assets_tests.recipe_runs import make_recipe, write_recipe


def change(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_a_file_is_watched_from_the_first_tick_on_and_run_once_for_each_change(tmp_path: Path) -> None:
    recipe = make_recipe(tmp_path, "lake")
    sensor = recipe_sensor([made_of(recipe)])
    with dg.DagsterInstance.ephemeral() as instance:
        first = tick(sensor, instance)
        assert reason(first) == "glue__lake is watched from now on."
        second = tick(sensor, instance, first.cursor)
        assert reason(second) == "The files of all recipes are as before."
        change(recipe.path, "# another owner now\n")
        third = tick(sensor, instance, second.cursor)
        assert [request.job_name for request in requested(third)] == ["glue__lake"]
        assert reason(tick(sensor, instance, third.cursor)) == "The files of all recipes are as before."


def test_a_text_that_comes_back_runs_again(tmp_path: Path) -> None:
    """Dagster never runs a key twice, and a digest of the text alone would be one that it knows."""
    recipe = make_recipe(tmp_path, "lake")
    before = recipe.path.read_text(encoding="utf-8")
    sensor = recipe_sensor([made_of(recipe)])
    with dg.DagsterInstance.ephemeral() as instance:
        cursor, keys = tick(sensor, instance).cursor, []
        for text in (before + "#\n", before, before + "#\n"):
            recipe.path.write_text(text, encoding="utf-8")
            result = tick(sensor, instance, cursor)
            cursor = result.cursor
            keys += [request.run_key for request in requested(result)]
    assert len(set(keys)) == 3


def test_a_file_that_is_broken_is_told_and_run_once_it_is_mended(tmp_path: Path) -> None:
    recipe, other = make_recipe(tmp_path, "lake"), tmp_path / "other"
    other.mkdir()
    sensor = recipe_sensor([made_of(recipe), made_of(make_recipe(other, "pond"))])
    good = recipe.path.read_text(encoding="utf-8")
    with dg.DagsterInstance.ephemeral() as instance:
        cursor = tick(sensor, instance).cursor
        recipe.path.write_text(good.replace("type: glue", "type: glu"), encoding="utf-8")
        broken = tick(sensor, instance, cursor)
        assert "glue.yaml:2" in reason(broken)
        recipe.path.write_text(good + "# mended\n", encoding="utf-8")
        assert [each.job_name for each in requested(tick(sensor, instance, broken.cursor))] == ["glue__lake"]


def test_a_file_that_is_gone_or_about_another_service_or_new_asks_for_a_reload(tmp_path: Path) -> None:
    recipe = make_recipe(tmp_path, "lake")
    good = recipe.path.read_text(encoding="utf-8")
    sensor = recipe_sensor([made_of(recipe)])
    with dg.DagsterInstance.ephemeral() as instance:
        cursor = tick(sensor, instance).cursor
        recipe.path.write_text(good.replace("serviceName: lake", "serviceName: sea"), encoding="utf-8")
        assert "reload the code location" in reason(tick(sensor, instance, cursor))
        recipe.path.unlink()
        assert "Reload the code location, or bring the file back" in reason(tick(sensor, instance, cursor))
        recipe.path.write_text(good, encoding="utf-8")
        write_recipe(tmp_path, {"serviceName: lake": "serviceName: pond"}, "pond.yaml")
        assert reason(tick(sensor, instance, cursor)) == "Not loaded: pond.yaml. Reload the code location."


def test_no_second_run_is_asked_for_while_one_waits_that_will_read_the_new_text(tmp_path: Path) -> None:
    recipe = make_recipe(tmp_path, "lake")
    made = made_of(recipe)
    sensor = recipe_sensor([made])
    with dg.DagsterInstance.ephemeral() as instance:
        cursor = tick(sensor, instance).cursor
        enter(instance, made, dg.DagsterRunStatus.QUEUED)
        change(recipe.path, "# more\n")
        assert "a run of it waits already" in reason(tick(sensor, instance, cursor))


class Waited(NamedTuple):
    """A change of a recipe's file for which a run in the queue is waited for."""

    sensor: dg.SensorDefinition
    run: dg.DagsterRun
    cursor: str | None


@pytest.fixture
def waited(tmp_path: Path, instance: dg.DagsterInstance) -> Waited:
    recipe = make_recipe(tmp_path, "lake")
    made = made_of(recipe)
    sensor = recipe_sensor([made])
    cursor = tick(sensor, instance).cursor
    run = enter(instance, made, dg.DagsterRunStatus.QUEUED)
    change(recipe.path, "# more\n")
    return Waited(sensor, run, tick(sensor, instance, cursor).cursor)


@pytest.mark.parametrize("status", [dg.DagsterRunStatus.CANCELED, dg.DagsterRunStatus.FAILURE])
def test_a_change_that_a_run_was_to_read_which_never_begins_is_read_by_another_one(
    waited: Waited, instance: dg.DagsterInstance, status: dg.DagsterRunStatus
) -> None:
    cursor = tick(waited.sensor, instance, waited.cursor).cursor
    end(instance, waited.run, status)
    after = tick(waited.sensor, instance, cursor)
    assert [request.job_name for request in requested(after)] == ["glue__lake"]
    assert reason(tick(waited.sensor, instance, after.cursor)) == "The files of all recipes are as before."


def test_a_change_that_a_run_has_begun_to_read_is_not_read_again_whatever_becomes_of_it(
    waited: Waited, instance: dg.DagsterInstance
) -> None:
    instance.report_dagster_event(dg.DagsterEvent("PIPELINE_START", waited.run.job_name), waited.run.run_id)
    cursor = tick(waited.sensor, instance, waited.cursor).cursor
    end(instance, waited.run, dg.DagsterRunStatus.FAILURE)
    assert reason(tick(waited.sensor, instance, cursor)) == "The files of all recipes are as before."


def test_a_cursor_that_can_not_be_read_begins_anew(tmp_path: Path) -> None:
    sensor = recipe_sensor([made_of(make_recipe(tmp_path, "lake"))])
    with dg.DagsterInstance.ephemeral() as instance:
        for cursor in ("", "{", '{"seen": 7}', "null"):
            assert reason(tick(sensor, instance, cursor)) == "glue__lake is watched from now on."
