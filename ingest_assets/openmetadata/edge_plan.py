"""The part of a plan about lineage: edges to draw, to change and to drop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ingest_assets.catalog import Edge, EntityKey, Parked
from ingest_assets.openmetadata.bodies import Bodies
from ingest_assets.openmetadata.edge_state import WHY_LEFT
from ingest_assets.openmetadata.plan import Action, ParkedEdge, Plan, PlannedEdge
from ingest_assets.snapshots.ledger import Ledger
from ingest_assets.snapshots.manifest import Manifest
from ingest_assets.snapshots.repository import Snapshots

REWRITE = "full_refresh writes everything"


@dataclass
class EdgePlan:
    """Plans the edges of a manifest.

    Attributes:
        plan: Has the manifest's entities already.
        snapshots: Where the edges are.
        manifest: Whose edges.
        ledger: Edges that we have written.
        bodies: Makes FQNs and fingerprints.
        rewrite: Whether what is unchanged is written all the same.
    """

    plan: Plan
    snapshots: Snapshots
    manifest: Manifest
    ledger: Ledger
    bodies: Bodies
    rewrite: bool

    def fill(self) -> None:
        """Add all edges to the plan."""
        for found in self._found():
            if isinstance(found, Edge):
                self.plan.add_edge(self._judge(found))
            else:
                self.plan.park(ParkedEdge(self.bodies.key(found.target), found.wanted, found.reason))
        for edge in self.ledger.edges():
            if self.plan.edge(edge.source, edge.target) is None and self._is_gone(edge.target):
                why = "the source no longer says so"
                self.plan.add_edge(PlannedEdge(edge.source, edge.target, Action.DROP.value, None, why))

    def _found(self) -> Iterator[Edge | Parked]:
        if self.manifest.edges_file is not None:
            for found in self.snapshots.findings(self.manifest.edges_file):
                if isinstance(found, Edge | Parked):
                    yield found

    def _judge(self, edge: Edge) -> PlannedEdge:
        source, target = self.bodies.key(edge.source), self.bodies.key(edge.target)
        for end in (source, target):
            if not self.plan.has_entity(end):
                return PlannedEdge(source, target, Action.PARKED.value, None, f"{end.fqn} is not part of this snapshot")
        fingerprint = self.bodies.edge_fingerprint(edge)
        written = self.ledger.edge(source, target)
        last = written.standing if written else None
        if last == fingerprint and self.rewrite:
            return PlannedEdge(source, target, Action.UPDATE.value, fingerprint, REWRITE)
        if last == fingerprint and written is not None and written.persons is not None:
            why = WHY_LEFT[written.persons]
            return PlannedEdge(source, target, Action.PARKED.value, fingerprint, why)
        if last == fingerprint:
            return PlannedEdge(source, target, Action.UNCHANGED.value, fingerprint, "")
        if last is None:
            return PlannedEdge(source, target, Action.CREATE.value, fingerprint, "not yet written")
        return PlannedEdge(source, target, Action.UPDATE.value, fingerprint, "what the source says has changed")

    def _is_gone(self, target: EntityKey) -> bool:
        """Whether the lineage of a target is known whole: it was read, and nothing of it could not be told."""
        return self.plan.has_entity(target) and not self.plan.has_parked(target)
