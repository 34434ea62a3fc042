"""Deletes finished runs that are older than some days, with their event logs: Dagster itself keeps both for ever.

Of each job the newest run that succeeded stays, so that its assets stay materialized. Needs ``DAGSTER_HOME``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import dagster as dg

FINISHED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
PAGE = 100


def old_runs(instance: dg.DagsterInstance, before: datetime) -> Iterator[dg.DagsterRun]:
    """Finished runs that were created before a moment, the newest first; those that were read may be deleted."""
    runs, cursor = dg.RunsFilter(statuses=FINISHED, created_before=before), None
    while page := instance.get_runs(runs, cursor=cursor, limit=PAGE):
        cursor = page[-1].run_id
        yield from page


def newest_success(instance: dg.DagsterInstance, job: str) -> str | None:
    """Id of the newest run of a job that succeeded."""
    runs = dg.RunsFilter(job_name=job, statuses=[dg.DagsterRunStatus.SUCCESS])
    return next((run.run_id for run in instance.get_runs(runs, limit=1)), None)


def purge(instance: dg.DagsterInstance, days: int) -> int:
    """Delete what is older; tells how many runs went."""
    old = list(old_runs(instance, datetime.now(timezone.utc) - timedelta(days=days)))
    kept = {newest_success(instance, job) for job in {run.job_name for run in old}}
    gone = [run.run_id for run in old if run.run_id not in kept]
    for run_id in gone:
        instance.delete_run(run_id)
    return len(gone)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=90, help="age from which runs go (%(default)s)")
    arguments = parser.parse_args()
    with dg.DagsterInstance.get() as instance:
        print(f"Deleted {purge(instance, arguments.days)} runs.")  # noqa: T201
