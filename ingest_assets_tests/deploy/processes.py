"""The containers of ``compose.yaml`` as processes of this machine: the same commands, files and variables."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg
from dagster_graphql import DagsterGraphQLClient

from ingest_assets_tests.deploy.files import DEPLOY, ROOT, command_of, health_check_of
from ingest_assets_tests.deploy.waiting import free_port, listens, wait_until

_BY_THE_IMAGE = ("dagster.yaml", "workspace.yaml", "purge.py")
_PORTS = {"code": "4000", "webserver": "3000"}
_SECONDS_TO_STOP = 60


@dataclass
class Deployment:
    """A deployment's processes.

    Attributes:
        home: Their working folder and ``DAGSTER_HOME``.
        variables: Their environment.
    """

    home: Path
    variables: dict[str, str]
    _ports: dict[str, str] = field(default_factory=lambda: {port: str(free_port()) for port in _PORTS.values()})
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, service: str) -> None:
        """Start what a container runs."""
        command = self._here(command_of(service))
        environment = self.variables | {"CODE_SERVER_HOST": "127.0.0.1", "CODE_SERVER_PORT": self._ports["4000"]}
        self._running.append(
            subprocess.Popen(command, cwd=self.home, env=environment, start_new_session=True)  # noqa: S603
        )

    def wait_for(self, service: str) -> None:
        """Wait until a container would count as healthy."""
        check = self._here(health_check_of(service))
        if service in _PORTS:  # before that a check, which takes seconds, would only be in the way
            wait_until(lambda: listens(int(self._ports[_PORTS[service]])), f"{service} listens")
        wait_until(lambda: self._succeeds(check), f"{service} is healthy")

    def run(self, *command: str) -> str:
        """What a command prints that is run in a container."""
        done = subprocess.run(  # noqa: S603
            self._here(command), cwd=self.home, env=self.variables, capture_output=True, text=True, check=True
        )
        return done.stdout

    def client(self) -> DagsterGraphQLClient:
        """A client of the webserver."""
        return DagsterGraphQLClient("127.0.0.1", port_number=int(self._ports["3000"]))

    def stop(self) -> None:
        """End all processes as Docker does; what is left of them then is killed."""
        for process in self._running:
            process.terminate()
        for process in self._running:
            try:
                process.wait(_SECONDS_TO_STOP)
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)

    def _succeeds(self, command: Sequence[str]) -> bool:
        done = subprocess.run(command, cwd=self.home, env=self.variables, capture_output=True, check=False)  # noqa: S603
        return done.returncode == 0

    def _here(self, command: Sequence[str]) -> list[str]:
        """A container's command with ports of this machine that are free, and programs of this environment."""
        changes = {**self._ports, "0.0.0.0": "127.0.0.1"}  # noqa: S104
        words = [_replaced(word, changes) for word in command]
        return [str(Path(sys.executable).with_name(words[0])), *words[1:]]


@contextmanager
def deployed(home: Path, variables: Mapping[str, str]) -> Iterator[Deployment]:
    """All services of ours, started in the order in which compose starts them, and healthy."""
    for name in _BY_THE_IMAGE:
        shutil.copy(DEPLOY / name, home / name)
    usual = {"PATH": os.environ["PATH"], "HOME": str(home), "DAGSTER_HOME": str(home)}
    ours = {
        "INGEST_ASSETS_RECIPES": str(ROOT / "recipes"),
        "DAGSTER_DISABLE_TELEMETRY": "yes",
        "PYTHONPATH": str(ROOT),  # the image holds the package that is built with it, and no other
    }
    deployment = Deployment(home, {**usual, **ours, **variables})
    try:
        deployment.start("code")
        deployment.wait_for("code")
        deployment.start("webserver")
        deployment.start("daemon")
        deployment.wait_for("webserver")
        yield deployment
    finally:
        deployment.stop()


def submit(client: DagsterGraphQLClient, *jobs: str) -> list[str]:
    """Put runs of jobs into the queue, as the launchpad does."""
    return [client.submit_job_execution(job, repository_location_name="ingest_assets") for job in jobs]


def outcome(instance: dg.DagsterInstance, runs: Sequence[str]) -> list[dg.DagsterRunStatus]:
    """How runs end."""
    which = dg.RunsFilter(run_ids=list(runs))
    wait_until(lambda: all(run.is_finished for run in instance.get_runs(which)), "all runs have ended")
    found = {run.run_id: run.status for run in instance.get_runs(which)}
    return [found[run] for run in runs]


def _replaced(word: str, changes: Mapping[str, str]) -> str:
    for old, new in changes.items():
        word = word.replace(old, new)
    return word
