"""``deploy/`` at work: its commands as processes, PostgreSQL, and store and logs in S3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import dagster as dg
import pytest
from dagster_aws.s3 import S3ComputeLogManager
from dagster_postgres import DagsterPostgresStorage

from ingest_assets.calls import Calls
from ingest_assets.ingestion.report import COUNTS
from ingest_assets.openmetadata.auth import BotToken
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.snapshots.lease import Lease
from ingest_assets.snapshots.repository import Snapshots
from ingest_assets.snapshots.store import open_store
from ingest_assets_tests.deploy.postgres import postgres
from ingest_assets_tests.deploy.processes import Deployment, deployed, outcome, submit

SUCCESS, FAILURE = dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE
GLUE, KINESIS, ATLAS = (f"{kind}__local_{kind}" for kind in ("glue", "kinesis", "atlas"))
LOGS, STORE = "norrpost-dagster", "norrpost-store"
ADDRESS = f"s3://{STORE}/ingest_assets"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        for bucket in (LOGS, STORE):
            running.company.buckets.create(bucket)
        yield running
        assert running.crashes == []


@pytest.fixture
def variables(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """What the two files of variables give, in this process too."""
    with postgres() as place:
        buckets = {"DAGSTER_LOGS_BUCKET": LOGS, "INGEST_ASSETS_STORE": ADDRESS}
        found = {**sandbox.environment(sandbox.reader), **place, **buckets}
        for name, value in found.items():
            monkeypatch.setenv(name, value)
        yield found


# One test, for its processes take longer to start than all that they are asked.
@pytest.mark.filterwarnings("ignore:Using variable_values:DeprecationWarning:gql")  # by Dagster's own client
def test_recipes_run_in_processes_of_their_own_with_one_store_and_no_two_of_one_recipe_at_once(
    sandbox: Sandbox, variables: Mapping[str, str], tmp_path: Path
) -> None:
    with deployed(tmp_path, variables) as deployment, dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        client = deployment.client()
        first = submit(client, GLUE, KINESIS)
        assert outcome(instance, first) == [SUCCESS] * 2
        deployment.wait_for("daemon")
        with held(KINESIS, sandbox.openmetadata_host_port, "command-line"):
            *second, refused = submit(client, ATLAS, GLUE, GLUE, KINESIS)
            assert outcome(instance, [*second, refused]) == [SUCCESS, SUCCESS, SUCCESS, FAILURE]
        assert "Run command-line on " in why(instance, refused)

        everything = [*first, *second, refused]
        assert len({process_of(instance, run) for run in everything}) == len(everything)
        assert_one_after_the_other(instance, second[1:])
        assert_all_is_there_once(instance, sandbox)
        assert_kept_where_it_belongs(instance, sandbox, everything)
        assert_purged(deployment, instance, everything, {*first[1:], second[0], second[2]})


def held(job: str, server: str, holder: str) -> Lease:
    """The lease of a recipe, for another that runs it: the command line, or a second deployment."""
    kind, service = job.split("__")
    store = open_store(ADDRESS)
    return Lease(store, Snapshots(store, kind, service).lease_key(server), holder)


def why(instance: dg.DagsterInstance, run: str) -> str:
    """What the first step that failed says."""
    failed = instance.all_logs(run, of_type=dg.DagsterEventType.STEP_FAILURE)[0].get_dagster_event()
    shown = failed.step_failure_data.user_failure_data
    return (shown and shown.description) or ""


def process_of(instance: dg.DagsterInstance, run: str) -> str:
    """Id of the process that a run was."""
    events = instance.all_logs(run, of_type=dg.DagsterEventType.ENGINE_EVENT)
    told = (event.get_dagster_event().engine_event_data.metadata.get("pid") for event in events)
    return next(str(pid.value) for pid in told if pid is not None)


def assert_one_after_the_other(instance: dg.DagsterInstance, runs: Sequence[str]) -> None:
    records = [instance.get_run_record_by_id(run) for run in runs]
    times = sorted((record.start_time or 0, record.end_time or 0) for record in records if record)
    assert len(times) == len(runs)
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(times))


def assert_all_is_there_once(instance: dg.DagsterInstance, sandbox: Sandbox) -> None:
    """What each service listed is on the server; of Glue, whose recipe ran again, nothing more than that."""
    with OpenMetadataClient(sandbox.openmetadata_host_port, BotToken(sandbox.bot_token), Calls()) as client:
        for kind, name in (("glue", "tables"), ("kinesis", "topics")):
            counts = latest(instance, kind, name)
            there = [row for row in client.list(name) if row["service"]["name"] == f"local_{kind}"]
            assert counts["failed"] == 0
            assert len(there) == counts["listed"] - counts["filtered"] > 0
            assert counts["unchanged"] == (len(there) if kind == "glue" else 0)
    assert latest(instance, "atlas", "enrichment")["updated"] > 0


def latest(instance: dg.DagsterInstance, kind: str, name: str) -> dict[str, int]:
    """The counts that an asset's newest materialization tells."""
    event = instance.get_latest_materialization_event(dg.AssetKey([kind, f"local_{kind}", name]))
    assert event is not None
    assert event.asset_materialization is not None
    metadata = event.asset_materialization.metadata
    return {name: int(str(metadata[name].value)) for name in COUNTS}


def assert_kept_where_it_belongs(instance: dg.DagsterInstance, sandbox: Sandbox, runs: Sequence[str]) -> None:
    """History in PostgreSQL, what was printed and what we keep in their buckets; nothing on this machine."""
    assert isinstance(instance.get_ref().storage, DagsterPostgresStorage)
    assert isinstance(instance.compute_log_manager, S3ComputeLogManager)
    logs, store = (sandbox.company.buckets.objects(bucket) or {} for bucket in (LOGS, STORE))
    for run in runs:
        assert any(key.startswith(f"dagster/storage/{run}/compute_logs/") for key in logs)
    assert {key.split("/")[1] for key in store} == {"glue", "kinesis", "atlas"}


def assert_purged(deployment: Deployment, instance: dg.DagsterInstance, runs: Sequence[str], kept: set[str]) -> None:
    """The newest success of each job stays."""
    assert deployment.run("python", "purge.py", "--days", "0") == f"Deleted {len(runs) - len(kept)} runs.\n"
    assert {run.run_id for run in instance.get_runs()} == kept
    assert all(instance.all_logs(run) == [] for run in set(runs) - kept)
