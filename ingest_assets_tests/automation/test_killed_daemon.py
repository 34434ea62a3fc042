"""Dagster's own daemon, killed in the middle of ticks: a change in Glue arrives all the same, and is read once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
import dagster as dg
import pytest
from dagster._core.scheduler.instigation import SensorInstigatorData  # there is no public way to set time back

from ingest_assets.calls import Calls
from ingest_assets.openmetadata.auth import BotToken
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.recipe import load_recipe
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.automation.ticks import included
from ingest_assets_tests.recipe_runs import RECIPE, run

QUEUE = "  source:\n    events_queue: ${METADATA_EVENTS_QUEUE_URL}\n"
MODULE = ("-m", "ingest_assets.definitions")
_PATIENCE = 120.0  # seconds; a busy machine is no fault


def until(what: Callable[[], object], daemon: subprocess.Popen[bytes] | None = None) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + _PATIENCE
    while not what():
        assert daemon is None or daemon.poll() is None, "the daemon ended by itself"
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)  # nothing tells us when it does


@contextmanager
def daemon(log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Dagster's daemon with its code server, which at the end are killed without a word."""
    command = [sys.executable, "-m", "dagster._daemon", "run", *MODULE]
    with log.open("ab") as told:
        process = subprocess.Popen(command, stdout=told, stderr=told, start_new_session=True)  # noqa: S603
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def home(services: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Dagster home, a folder with one recipe, and variables that lead there."""
    recipes, made = tmp_path / "recipes", tmp_path / "home"
    for folder in (recipes, made):
        folder.mkdir()
    (recipes / "glue.yaml").write_text(RECIPE + QUEUE, encoding="utf-8")
    (made / "dagster.yaml").write_text("telemetry:\n  enabled: false\n", encoding="utf-8")
    monkeypatch.setenv("INGEST_ASSETS_RECIPES", str(recipes))
    monkeypatch.setenv("DAGSTER_HOME", str(made))
    services.company.queues.queue("metadata-events").messages.clear()
    return made


def let_a_minute_pass(instance: dg.DagsterInstance) -> None:
    """For Dagster, which ticks no sensor earlier than its interval says."""
    for state in instance.all_instigator_state():
        data = state.instigator_data
        if isinstance(data, SensorInstigatorData):
            instance.update_instigator_state(
                state.with_data(data._replace(last_tick_timestamp=0.0, last_tick_start_timestamp=0.0))
            )


def describe_orders(sandbox: Sandbox, text: str) -> None:
    """Change a table as people do: by Glue's API."""
    who = sandbox.writer
    glue = boto3.client(
        "glue",
        region_name=sandbox.company.region,
        endpoint_url=sandbox.aws_endpoint_url,
        aws_access_key_id=who.access_key_id,
        aws_secret_access_key=who.secret_access_key,
    )
    glue.update_table(DatabaseName="sales", TableInput={**_input_of(glue, "sales", "orders"), "Description": text})


def _input_of(glue: object, database: str, table: str) -> dict[str, object]:
    told = glue.get_table(DatabaseName=database, Name=table)["Table"]  # type: ignore[attr-defined]  # made by name
    kept = (
        "Name",
        "Description",
        "Owner",
        "Retention",
        "StorageDescriptor",
        "PartitionKeys",
        "TableType",
        "Parameters",
    )
    return {name: told[name] for name in kept if name in told}


def test_a_changed_table_arrives_though_the_daemon_is_killed_before_the_run_and_before_the_acknowledgement(
    services: Sandbox, home: Path, tmp_path: Path
) -> None:
    log, queue = tmp_path / "daemon.log", services.company.queues.queue("metadata-events")
    assert run(load_recipe(tmp_path / "recipes" / "glue.yaml")).success
    with dg.DagsterInstance.from_config(str(home)) as instance:
        subprocess.run(  # noqa: S603  # Dagster's own command
            [sys.executable, "-m", "dagster", "sensor", "start", "events", *MODULE], check=True, capture_output=True
        )
        describe_orders(services, "Told by an event")
        assert len(queue.messages) == 1
        services.aws.reset_counts()

        # Between event and run: the message is out, and the tick that has it never ends.
        services.faults.add("hang:8", service="sqs", operation="ReceiveMessage", after=1)
        with daemon(log) as process:
            until(lambda: services.aws.counts["sqs:ReceiveMessage"] == 2, process)
        services.settle()
        assert instance.get_runs() == []
        assert len(queue.messages) == 1
        for message in queue.messages.values():
            message.visible = message.sent  # its visibility timeout is over

        # Between run and acknowledgement.
        let_a_minute_pass(instance)
        services.faults.add("503", service="sqs", operation="DeleteMessageBatch", count=None)
        with daemon(log) as process:
            until(lambda: [each for each in instance.get_runs() if each.is_finished], process)
            let_a_minute_pass(instance)
            until(lambda: services.aws.counts["sqs:DeleteMessageBatch"], process)
        services.faults.clear()
        assert len(queue.messages) == 1

        let_a_minute_pass(instance)
        with daemon(log) as process:
            until(lambda: not queue.messages, process)
        [only] = instance.get_runs()
    assert only.status is dg.DagsterRunStatus.SUCCESS
    assert included(only.run_config) == [f"{services.company.account}.sales"]
    assert services.aws.counts["glue:GetTables"] == 1
    client = OpenMetadataClient(services.openmetadata_host_port, BotToken(services.admin_token), Calls())
    table = client.get_by_name("tables", f"lake.{services.company.account}.sales.orders")
    assert table["description"] == "Told by an event"
