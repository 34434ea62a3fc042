"""The sensors of services and of LookML, with the recipes that are shipped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import dagster as dg
import pytest

from ingest_assets.assets.factory import RecipeAssets
from ingest_assets.automation.sensors import lookml_sensor, source_sensor
from ingest_assets.recipe import load_recipe
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.automation.ticks import made_of, reason, requested, tick

RECIPES = Path(__file__).parents[2] / "recipes"
SERVICES = ("kinesis", "quicksight", "looker", "atlas")


def shipped(*names: str) -> list[RecipeAssets]:
    return [made_of(load_recipe(RECIPES / f"{name}.yaml")) for name in names]


def add_stream(sandbox: Sandbox) -> None:
    sandbox.company.streams.add("late-arrivals")


def publish_dashboard(sandbox: Sandbox) -> None:
    sandbox.company.boards.add_dashboard("late", {}, [])


def save_dashboard(sandbox: Sandbox) -> None:
    dashboards = sandbox.company.looker.dashboards
    dashboards.change(dashboards.keys()[0], updated_at=datetime.now(timezone.utc))


def touch_entity(sandbox: Sandbox) -> None:
    atlas = sandbox.company.atlas
    atlas.change(atlas.guids(["hive_table"])[0], description="Told anew")


def delete_entity(sandbox: Sandbox) -> None:
    atlas = sandbox.company.atlas
    atlas.delete(atlas.guids(["hive_table"])[-1])


@pytest.mark.parametrize(
    ("service", "calls", "happen"),
    [
        ("kinesis", {"kinesis:ListStreams": 1}, add_stream),
        ("quicksight", {"quicksight:ListDashboards": 1, "quicksight:ListDataSets": 1}, publish_dashboard),
        ("looker", {}, save_dashboard),
        ("atlas", {}, touch_entity),
        ("atlas", {}, delete_entity),
    ],
)
def test_a_change_of_a_service_is_seen_by_a_listing_and_asks_for_one_run(
    services: Sandbox, service: str, calls: dict[str, int], happen: Callable[[Sandbox], None]
) -> None:
    [made] = shipped(service)
    sensor = source_sensor([made])
    with dg.DagsterInstance.ephemeral() as instance:
        cursor = tick(sensor, instance).cursor
        services.aws.reset_counts()
        before = tick(sensor, instance, cursor)
        assert reason(before) == "All services are as before."
        assert dict(services.aws.counts) == calls
        happen(services)
        after = tick(sensor, instance, before.cursor)
        assert [each.job_name for each in requested(after)] == [made.job.name]
        assert reason(tick(sensor, instance, after.cursor)) == "All services are as before."


def test_artifacts_that_dbt_wrote_anew_ask_for_a_run(
    services: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBT_TARGET", str(tmp_path))
    (tmp_path / "manifest.json").write_text("{}", encoding="utf-8")
    [made] = shipped("dbt")
    sensor = source_sensor([made])
    with dg.DagsterInstance.ephemeral() as instance:
        before = tick(sensor, instance, tick(sensor, instance).cursor)
        assert reason(before) == "All services are as before."
        (tmp_path / "run_results.json").write_text("{}", encoding="utf-8")
        after = tick(sensor, instance, before.cursor)
        assert [each.job_name for each in requested(after)] == [made.job.name]
        (tmp_path / "manifest.json").unlink()
        assert "no such file" in reason(tick(sensor, instance, after.cursor))


def test_one_service_that_can_not_be_asked_costs_the_others_nothing(services: Sandbox) -> None:
    watched = shipped(*SERVICES)
    sensor = source_sensor(watched)
    with dg.DagsterInstance.ephemeral() as instance:
        cursor = tick(sensor, instance).cursor
        services.faults.add("access-denied", service="kinesis", operation="ListStreams", count=None)
        save_dashboard(services)
        result = tick(sensor, instance, cursor)
        assert [str(each.job_name).partition("__")[0] for each in requested(result)] == ["looker"]
        services.faults.clear()
        # What could not be asked is where it was, not taken for a change.
        assert reason(tick(sensor, instance, result.cursor)) == "All services are as before."


def test_a_variable_that_is_not_set_is_told_by_its_name(services: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOOKER_CLIENT_ID")
    services.looker.reset_counts()
    with dg.DagsterInstance.ephemeral() as instance:
        assert "LOOKER_CLIENT_ID is not set" in reason(tick(source_sensor(shipped("looker")), instance))
    assert not services.looker.counts


def test_glue_is_not_asked_for_its_tables_by_a_sensor() -> None:
    assert source_sensor(shipped("glue")) is None


def test_a_commit_of_lookml_asks_for_a_run_and_the_question_is_conditional(services: Sandbox) -> None:
    [made] = shipped("looker")
    sensor = lookml_sensor([made])
    repositories = services.company.repositories
    with dg.DagsterInstance.ephemeral() as instance:
        cursor = tick(sensor, instance).cursor
        before = tick(sensor, instance, cursor)
        assert reason(before) == "All LookML is as before."
        repositories.get(*repositories.names()[0].split("/")).commit({"README.md": "Told anew"}, "Tell more")
        after = tick(sensor, instance, before.cursor)
        assert [each.job_name for each in requested(after)] == [made.job.name]
        assert reason(tick(sensor, instance, after.cursor)) == "All LookML is as before."


def test_a_recipe_without_repository_has_nothing_to_watch(tmp_path: Path, services: Sandbox) -> None:
    text = (RECIPES / "looker.yaml").read_text(encoding="utf-8")
    start, end = text.index("      githubCredentials:"), text.index("  sourceConfig:")
    (tmp_path / "looker.yaml").write_text(text[:start] + text[end:], encoding="utf-8")
    made = made_of(load_recipe(tmp_path / "looker.yaml"))
    services.github.reset_counts()
    with dg.DagsterInstance.ephemeral() as instance:
        assert reason(tick(lookml_sensor([made]), instance)) == "All LookML is as before."
    assert not services.github.counts


def test_no_sensor_is_made_that_nobody_has_a_use_for() -> None:
    assert lookml_sensor(shipped("glue", "kinesis", "quicksight", "atlas")) is None


def test_a_service_that_does_not_answer_leaves_the_tick_time_for_the_others(
    services: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dagster ends a tick after sixty seconds, cursor and all: the next one would begin with the same service."""
    monkeypatch.setattr("ingest_assets.automation.sensors._PATIENCE", 1.0)
    sensor = source_sensor(shipped("kinesis"))
    with dg.DagsterInstance.ephemeral() as instance:
        cursor = tick(sensor, instance).cursor
        services.faults.add("hang:20", service="kinesis", operation="ListStreams", count=None)
        # Who waits for it, as runs do, has its answer after twenty seconds.
        assert "could not be looked at: kinesis:ListStreams" in reason(tick(sensor, instance, cursor))
        services.faults.clear()
