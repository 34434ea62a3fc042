"""Runs of Norrpost's dbt project in dbt Cloud, and what lies on the web server of its documentation."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

from ingest_assets.sandbox.company.objects import Buckets

GOOD, FAILED, CANCELLED = 10, 20, 30
ACCOUNT, PROJECT, JOB = "70471", "91022", "5150"
BUCKET = "norrpost-dbt"
_ARTIFACTS = ("manifest.json", "catalog.json", "run_results.json", "sources.json")


@dataclass
class DbtRun:
    """One run of a job.

    Attributes:
        id: Of the run.
        job: Of its job.
        project: Of that one's project.
        status: As dbt Cloud counts: 10 is good, 20 failed, 30 cancelled.
        finished_at: In ISO 8601.
        artifacts: Content by name; empty: they were not kept.
    """

    id: int
    job: str
    project: str
    status: int
    finished_at: str
    artifacts: dict[str, bytes] = field(default_factory=dict)


class DbtRuns:
    """What dbt Cloud knows of an account, and a web server of a project.

    Args:
        target: Folder of a project's artifacts.

    Attributes:
        account: Id of the account.
        runs: Of the account.
        published: Files of the web server, by name.
    """

    def __init__(self, target: Path) -> None:
        self.lock = threading.Lock()
        self.account = ACCOUNT
        self.published = {name: (target / name).read_bytes() for name in _ARTIFACTS}
        self.runs = [
            DbtRun(801, JOB, PROJECT, GOOD, "2026-11-01 03:04:11.000000+00:00", {"manifest.json": b"{}"}),
            DbtRun(802, JOB, PROJECT, GOOD, "2026-11-02 03:04:09.000000+00:00", dict(self.published)),
            DbtRun(803, JOB, PROJECT, FAILED, "2026-11-03 03:01:00.000000+00:00", {"manifest.json": b"{"}),
            DbtRun(804, "5151", PROJECT, GOOD, "2026-11-03 04:00:00.000000+00:00"),
        ]

    def store(self, buckets: Buckets) -> None:
        """Put the artifacts into S3 as well, as a job does after each run."""
        buckets.create(BUCKET)
        for name, content in self.published.items():
            buckets.put(BUCKET, f"prod/norrpost/{name}", content)
