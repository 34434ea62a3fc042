"""Whole runs over HTTP: the steps of an ingestion in order, every sum checked against what the source listed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ingest_assets.calls import Calls
from ingest_assets.catalog import EntityType
from ingest_assets.ingestion.ingestion import Ingestion
from ingest_assets.ingestion.report import Report
from ingest_assets.ingestion.vocabulary import publish_words
from ingest_assets.openmetadata.auth import BotToken
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.openmetadata.layout import collection_of
from ingest_assets.openmetadata.planner import PlanRules
from ingest_assets.openmetadata.server import Server
from ingest_assets.progress import SilentProgress
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.snapshots.crawler import Source
from ingest_assets.snapshots.manifest import Manifest
from ingest_assets.snapshots.repository import Snapshots
from ingest_assets.snapshots.store import FolderStore
from ingest_assets_tests.ingestion.lakes import Lake
from ingest_assets_tests.openmetadata.misbehaving import patient

ALL_KINDS = frozenset({EntityType.DATABASE, EntityType.SCHEMA, EntityType.TABLE})
THREADS = 8

_RULES = ("rewrite", "keep_deleted", "full_listing", "override")

RUN_IDS = (f"run-{number}" for number in itertools.count())


class Steps(NamedTuple):
    """The reports of one run's steps."""

    snapshot: Report
    plan: Report
    databases: Report
    schemas: Report
    tables: Report
    lineage: Report
    stale: Report

    def written(self) -> int:
        return sum(report.created + report.updated + report.restored for report in self[2:6])

    def failures(self) -> dict[str, str]:
        return {problem.fqn: problem.reason for report in self for problem in report.problems}

    def stale_fqns(self) -> list[str]:
        assert self.stale.stale == len(self.stale.changes)
        return sorted(change.fqn for change in self.stale.changes)


def run_steps(ingestion: Ingestion, run_id: str | None = None, *, last_attempt: bool = True) -> Steps:
    """One run from end to end; its sums are proven on the way."""
    run_id = run_id or next(RUN_IDS)
    snapshot = ingestion.snapshot(run_id, last_attempt=last_attempt)
    if ingestion.manifest(run_id).words_file:
        assert publish_words(ingestion, run_id, EntityType.CLASSIFICATION).balances()
    steps = Steps(
        snapshot,
        ingestion.plan(run_id),
        ingestion.publish(run_id, EntityType.DATABASE),
        ingestion.publish(run_id, EntityType.SCHEMA),
        ingestion.publish(run_id, EntityType.TABLE),
        ingestion.lineage(run_id),
        ingestion.stale(run_id),
    )
    _assert_sums(steps, ingestion.manifest(run_id))
    return steps


def run_once(ingestion: Ingestion, run_id: str | None = None, *, last_attempt: bool = True) -> Steps:
    """One run as a process of its own makes it: at its end the lease is free again."""
    try:
        return run_steps(ingestion, run_id, last_attempt=last_attempt)
    finally:
        ingestion.close()


def _assert_sums(steps: Steps, manifest: Manifest) -> None:
    """What each step accounts for is what the listings showed: a report alone would balance whatever it lost."""
    assert all(report.balances() for report in steps)
    by_kind = zip((EntityType.DATABASE, EntityType.SCHEMA, EntityType.TABLE), steps[2:5], strict=True)
    for kind, report in by_kind:
        assert report.listed == sum(result.listed for result in manifest.listing(kind)), kind
    assert steps.plan.listed == sum(report.listed for report in steps[2:5])


@dataclass
class Place:
    """A server, a store, and what a test does with them."""

    sandbox: Sandbox
    folder: Path
    version: str
    clients: list[OpenMetadataClient] = field(default_factory=list)

    def ingestion(self, source: Source, *, mark_deleted: frozenset[EntityType] = ALL_KINDS, **more: Any) -> Ingestion:
        calls = Calls()
        return Ingestion(
            source=source,
            source_calls=Calls(),
            server=Server(self.client(self.sandbox.bot_token, calls), THREADS),
            server_calls=calls,
            snapshots=Snapshots(FolderStore(self.folder / "store"), "glue", source.services()[0].path[0]),
            rules=PlanRules(mark_deleted, THREADS, **{name: more.pop(name) for name in _RULES if name in more}),
            threads=4,
            progress=SilentProgress(),
            **more,
        )

    def run(self, lake: Lake, **settings: Any) -> Steps:
        """A run of its own, as a new process would make it."""
        return run_once(self.ingestion(lake, **settings))

    def client(self, token: str, calls: Calls | None = None) -> OpenMetadataClient:
        """A client that doesn't wait between its retries."""
        host_port = self.sandbox.openmetadata_host_port
        made = OpenMetadataClient(host_port, BotToken(token), calls or Calls(), patience=patient())
        self.clients.append(made)
        return made

    @property
    def admin(self) -> OpenMetadataClient:
        """A person with all rights."""
        return self.client(self.sandbox.admin_token)

    def get(self, kind: EntityType, fqn: str, fields: str = "") -> dict[str, Any]:
        """An entity as it is stored, soft-deleted or not."""
        params = {"include": "all"} | ({"fields": fields} if fields else {})
        return self.admin.get_by_name(collection_of(kind), fqn, params)

    def table(self, fqn: str, fields: str = "") -> dict[str, Any]:
        return self.get(EntityType.TABLE, fqn, fields)

    def soft_delete(self, kind: EntityType, fqn: str, *, hard: bool = False) -> None:
        entity = self.get(kind, fqn)
        params = {"recursive": "true", "hardDelete": str(hard).lower()}
        self.admin.delete(f"/v1/{collection_of(kind)}/{entity['id']}", params)

    def writes(self) -> list[str]:
        """Requests since the counts were reset that meant to change something."""
        counts = self.sandbox.openmetadata.counts
        return sorted(name for name in counts.elements() if not name.startswith("GET"))

    def forget_ledger(self) -> None:
        for file in (self.folder / "store").rglob("ledgers/*.sqlite"):
            file.unlink()

    def edges_to(self, fqn: str) -> list[dict[str, Any]]:
        """Edges that the server's graph shows into a table."""
        path = f"/v1/lineage/table/{self.table(fqn)['id']}"
        graph = self.admin.get(path, {"upstreamDepth": "1", "downstreamDepth": "0"})
        return list(graph["upstreamEdges"])


@contextmanager
def place(folder: Path, version: str = "1.12.4", tables: int = 0) -> Iterator[Place]:
    """A fresh sandbox, which must not have crashed by the end."""
    with Sandbox(version, tables=tables) as sandbox:
        made = Place(sandbox, folder, version)
        try:
            yield made
        finally:
            for client in made.clients:
                client.close()
        assert not list(sandbox.crashes)
