"""``deploy/purge.py``: what goes and what stays."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest

from ingest_assets_tests.deploy.files import DEPLOY


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral(settings={"telemetry": {"enabled": False}}) as found:
        yield found


@pytest.fixture
def purge(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The script as a module, with pages so small that there are several."""
    spec = importlib.util.spec_from_file_location("purge", DEPLOY / "purge.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "PAGE", 2)
    return module.purge


def ran(instance: dg.DagsterInstance, job: str, *, fails: bool = False) -> str:
    @dg.op
    def act() -> None:
        if fails:
            raise dg.Failure("as it should")

    @dg.job(name=job)
    def made() -> None:
        act()

    return made.execute_in_process(instance=instance, raise_on_error=False).run_id


def test_old_runs_go_but_for_the_newest_success_of_each_job(instance: dg.DagsterInstance, purge: Any) -> None:
    gone = [ran(instance, "lake"), ran(instance, "lake", fails=True)]
    kept = [ran(instance, "lake"), ran(instance, "boards")]
    gone += [ran(instance, "lake", fails=True), ran(instance, "streams", fails=True)]
    assert purge(instance, 0) == len(gone)
    assert {run.run_id for run in instance.get_runs()} == set(kept)
    assert all(instance.all_logs(run) == [] for run in gone)
    assert all(instance.all_logs(run) for run in kept)


def test_what_is_young_or_has_not_ended_stays(instance: dg.DagsterInstance, purge: Any) -> None:
    young = [ran(instance, "lake"), ran(instance, "lake")]
    assert purge(instance, 1) == 0
    waiting = instance.create_run_for_job(dg.GraphDefinition(name="later").to_job(), status=dg.DagsterRunStatus.STARTED)
    assert purge(instance, 0) == 1
    assert {run.run_id for run in instance.get_runs()} == {young[1], waiting.run_id}
