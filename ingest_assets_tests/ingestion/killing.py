"""Runs in processes of their own that are killed at one of their writes, before it is sent or when it is answered."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from pathlib import Path
from typing import Any, NamedTuple

import requests
from requests.adapters import HTTPAdapter

from ingest_assets.calls import Calls
from ingest_assets.ingestion.enrichment import enrich
from ingest_assets.ingestion.ingestion import Ingestion
from ingest_assets.openmetadata.auth import BotToken
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.openmetadata.planner import PlanRules
from ingest_assets.openmetadata.server import Server
from ingest_assets.progress import SilentProgress
from ingest_assets.snapshots.repository import Snapshots
from ingest_assets.snapshots.store import FolderStore
from ingest_assets_tests.ingestion.knowledge import Knowledge
from ingest_assets_tests.ingestion.lakes import Lake
from ingest_assets_tests.ingestion.runs import ALL_KINDS, Place, run_steps
from ingest_assets_tests.openmetadata.misbehaving import patient

_PROCESSES = multiprocessing.get_context("forkserver")
# Whatever each process would else import for itself, which takes longer than its run.
_PROCESSES.set_forkserver_preload([__name__, "ingest_assets.lineage.statements", "pytest"])
_READS = frozenset({"GET", "HEAD"})
_LONG = 30.0  # seconds after which a process that does not end is a failure
KILLED = -signal.SIGKILL


class Blow(NamedTuple):
    """Where a run is killed.

    Attributes:
        write: At its n-th write, from one on.
        answered: Whether the server has done it and said so, and nobody has noted it yet; else nothing was sent.
    """

    write: int
    answered: bool


class KillingAdapter(HTTPAdapter):
    """Sends requests until the blow falls."""

    def __init__(self, blow: Blow, **settings: Any) -> None:
        super().__init__(**settings)
        self._blow = blow
        self._writes = 0

    def send(self, request: requests.PreparedRequest, *args: Any, **settings: Any) -> requests.Response:
        self._writes += request.method not in _READS
        falls = request.method not in _READS and self._writes == self._blow.write
        if falls and not self._blow.answered:
            os.kill(os.getpid(), signal.SIGKILL)
        response = super().send(request, *args, **settings)
        if falls:
            os.kill(os.getpid(), signal.SIGKILL)
        return response


def run_killed(here: Place, source: Lake | Knowledge, run_id: str, blow: Blow) -> bool:
    """Run in a process of its own, one request at a time; whether the blow fell before the run's end."""
    told = (here.sandbox.openmetadata_host_port, here.sandbox.bot_token, str(here.folder), source, run_id, blow)
    process = _PROCESSES.Process(target=_run, args=told)
    process.start()
    process.join(_LONG)
    assert process.exitcode in (0, KILLED), process.exitcode
    return process.exitcode == KILLED


def _run(host_port: str, token: str, folder: str, source: Lake | Knowledge, run_id: str, blow: Blow) -> None:
    calls = Calls()
    client = OpenMetadataClient(host_port, BotToken(token), calls, patience=patient())
    client._transport._session.mount("http://", KillingAdapter(blow))
    ingestion = Ingestion(
        source=source,
        source_calls=Calls(),
        server=Server(client, 1),
        server_calls=calls,
        snapshots=Snapshots(FolderStore(Path(folder) / "store"), "glue", source.services()[0].path[0]),
        rules=PlanRules(ALL_KINDS, 1),
        threads=1,
        progress=SilentProgress(),
        stale_percent=100,
    )
    if isinstance(source, Knowledge):
        ingestion.snapshot(run_id, last_attempt=True)
        enrich(ingestion, run_id)
    else:
        run_steps(ingestion, run_id)
    ingestion.close()


def let_the_lease_end(here: Place) -> None:
    """As if its lifetime had passed since the run died that held it."""
    for file in (here.folder / "store").rglob("leases/*/*.json"):
        record = json.loads(file.read_bytes())
        file.write_text(json.dumps({**record, "expires": record["taken"]}), encoding="utf-8")
