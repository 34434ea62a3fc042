"""``python -m ingest_assets_tests.bench.edges make|plan FOLDER EDGES COLUMNS``: edges planned against a ledger."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from ingest_assets.catalog import ColumnPair, ColumnReference, Edge, EntityType, Origin, Reference
from ingest_assets.openmetadata import wire
from ingest_assets.openmetadata.bodies import Bodies
from ingest_assets.openmetadata.capabilities import Version, capabilities_of
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.openmetadata.edge_plan import EdgePlan
from ingest_assets.openmetadata.elsewhere import Neighbours
from ingest_assets.openmetadata.exclusive import ExclusiveKinds
from ingest_assets.openmetadata.owners import OwnerLookup
from ingest_assets.openmetadata.plan import Action, Plan, PlannedEntity
from ingest_assets.snapshots.ledger import Ledger
from ingest_assets.snapshots.manifest import FORMAT, Manifest
from ingest_assets.snapshots.repository import Snapshots
from ingest_assets.snapshots.store import FolderStore

_HOST = "http://localhost:8585/api"
_CAPABILITIES = capabilities_of(Version(1, 12, 4))
_RUN = "bench"


def table(number: int) -> Reference:
    return Reference(EntityType.TABLE, ("lake", "db", "schema", f"table_{number:06d}"))


def edges(count: int, columns: int) -> Iterator[Edge]:
    """Views, each of which reads as many tables as there are views."""
    side = math.isqrt(count - 1) + 1
    for number in range(count):
        source, target = table(number % side), table(side + number // side)
        pairs = (
            ColumnPair((ColumnReference(source, (f"column_{at}",)),), ColumnReference(target, (f"column_{at}",)))
            for at in range(columns)
        )
        yield Edge(source=source, target=target, origin=Origin.VIEW, columns=tuple(pairs))


def make(folder: Path, count: int, columns: int) -> None:
    """Keep a snapshot of edges, the plan of their tables, and the ledger that has all of them."""
    snapshots = Snapshots(FolderStore(folder), "glue", "lake")
    with (
        snapshots.new_findings() as service,
        snapshots.new_findings() as writer,
        Ledger(snapshots.store, snapshots.ledger_key(_HOST), _HOST) as ledger,
    ):
        for edge in edges(count, columns):
            writer.write(edge)
            source, target = (_CAPABILITIES.names.key(end) for end in (edge.source, edge.target))
            ledger.edges.acknowledge(source, target, wire.edge_fingerprint(edge, _CAPABILITIES))
    snapshots.publish(
        Manifest(
            format=FORMAT, run_id=_RUN, source_type="glue", service="lake", started=0, ended=0,
            service_file=service.digest, edges_file=writer.digest, scopes=(),
        )
    )  # fmt: skip
    with Plan(_plan_file(folder)) as plan:
        for number in range(2 * (math.isqrt(count - 1) + 1)):
            fqn = _CAPABILITIES.names.fqn(table(number))
            plan.add(PlannedEntity(fqn, "table", "", Action.UNCHANGED.value, None, ""))


def plan_edges(folder: Path, report: Path) -> None:
    """Plan them; all are unchanged."""
    snapshots = Snapshots(FolderStore(folder), "glue", "lake")
    client = OpenMetadataClient.__new__(OpenMetadataClient)  # never asked: edges have no owners
    bodies = Bodies(_CAPABILITIES, OwnerLookup(client, _CAPABILITIES), ExclusiveKinds(client))
    started = time.monotonic()
    with Plan(_plan_file(folder)) as plan, Ledger(snapshots.store, snapshots.ledger_key(_HOST), _HOST) as ledger:
        neighbours = Neighbours(client, _CAPABILITIES)
        EdgePlan(plan, snapshots, snapshots.manifest(_RUN), ledger, bodies, neighbours, rewrite=False).fill()
        counts = plan.edge_counts()
    report.write_text(json.dumps({"seconds": time.monotonic() - started, "counts": counts}), encoding="utf-8")


def _plan_file(folder: Path) -> Path:
    file = folder / "plan.sqlite"
    file.touch()
    return file


if __name__ == "__main__":
    verb, place, *rest = sys.argv[1:]
    if verb == "make":
        make(Path(place), *map(int, rest))
    else:
        plan_edges(Path(place), Path(*rest))
