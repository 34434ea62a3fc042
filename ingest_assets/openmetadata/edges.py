"""Publishing lineage: edges whose two ends the server has acknowledged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

from ingest_assets.catalog import Edge, EntityType, parent_fqn
from ingest_assets.errors import AuthenticationError, NotFoundError, RemoteError
from ingest_assets.openmetadata import wire
from ingest_assets.openmetadata.bodies import Bodies
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.openmetadata.listing import ServerListing
from ingest_assets.openmetadata.plan import Action, Plan, PlannedEdge
from ingest_assets.openmetadata.publisher import Failure, Outcome, side_by_side
from ingest_assets.progress import Progress
from ingest_assets.snapshots.ledger import Acknowledged, Ledger
from ingest_assets.snapshots.repository import Snapshots

_FEW = 10
_TABLES_PER_LOOKUP = 50
"""One look-up costs a server about as much as listing three tables, one call as much as a page of a thousand."""

_MANUAL = "Manual"


class _Judged(NamedTuple):
    planned: PlannedEdge
    action: Action
    reason: str


@dataclass
class EdgePublisher:
    """Writes the edges of a plan.

    Attributes:
        client: The server.
        listing: Finds ids in bulk.
        snapshots: Where the edges are.
        edges_file: Hash of the snapshot's edges file; None if it has none.
        plan: What is to be done.
        ledger: Knows ids and edges that the server has acknowledged, and is told of new ones.
        bodies: What is sent.
        progress: Told of edges planned and done.
        threads: Requests under way at once.
    """

    client: OpenMetadataClient
    listing: ServerListing
    snapshots: Snapshots
    edges_file: str | None
    plan: Plan
    ledger: Ledger
    bodies: Bodies
    progress: Progress
    threads: int = 8

    def publish(self) -> Outcome:
        """Write edges that are new or have changed.

        An edge that can't be written costs itself only, and is parked or failed with its reason.

        Raises:
            AuthenticationError: The token is refused.
            DeadlineExceededError: The run's time is over.
        """
        outcome = Outcome(Counter(self.plan.edge_counts()))
        for parked in self.plan.edges(Action.PARKED):
            outcome.note(Failure(parked.target, "lineage", f"{parked.source}: {parked.why}".removeprefix(": ")))
        why_unknown = self._learn_ids()
        todo = outcome.counts[Action.CREATE.value] + outcome.counts[Action.UPDATE.value]
        self.progress.found("write edges", todo)
        for judged in side_by_side(lambda work: self._write(*work, why_unknown), self._writes(), self.threads):
            self.progress.done("write edges")
            if judged.action.value == judged.planned.action:
                continue
            outcome.counts[judged.planned.action] -= 1
            outcome.counts[judged.action.value] += 1
            outcome.note(Failure(judged.planned.target, "lineage", f"from {judged.planned.source}: {judged.reason}"))
        return outcome

    def _writes(self) -> Iterator[tuple[PlannedEdge, Edge]]:
        if self.edges_file is None:
            return
        for found in self.snapshots.findings(self.edges_file):
            if isinstance(found, Edge):
                planned = self.plan.edge(self.bodies.fqn(found.source), self.bodies.fqn(found.target))
                if planned is not None and planned.action in (Action.CREATE.value, Action.UPDATE.value):
                    yield planned, found

    def _write(self, planned: PlannedEdge, edge: Edge, why_unknown: dict[str, str]) -> _Judged:
        source, target = self._id(planned.source), self._id(planned.target)
        if source is None or target is None:
            lost = planned.source if source is None else planned.target
            if lost in why_unknown:
                return _Judged(planned, Action.FAILED, f"{lost} could not be looked up: {why_unknown[lost]}")
            return _Judged(planned, Action.PARKED, f"{lost} is not on the server")
        try:
            if self._is_a_persons(planned, edge, (source, target)):
                return _Judged(planned, Action.PARKED, "a person drew this edge; it stays as it is")
            self.client.put_lineage(wire.lineage_body(edge, (source, target), self.bodies.capabilities))
        except AuthenticationError:
            raise
        except RemoteError as error:
            return _Judged(planned, Action.FAILED, str(error))
        self.ledger.acknowledge_edge(planned.source, planned.target, planned.fingerprint or "")
        return _Judged(planned, Action(planned.action), "")

    def _is_a_persons(self, planned: PlannedEdge, edge: Edge, ids: tuple[str, str]) -> bool:
        """Whether an edge that we never wrote stands between two entities that were there before this run."""
        if planned.action != Action.CREATE.value:
            return False
        if self.plan.server_row(planned.source) is None or self.plan.server_row(planned.target) is None:
            return False
        details = self.client.lineage_details(EntityType.TABLE, *ids)
        if details is None:
            return False
        if self.bodies.capabilities.lineage_source:
            return bool(details.get("source", _MANUAL) == _MANUAL)
        # Before 1.2 nothing tells who drew it: one that says what we would say is ours.
        ours = wire.edge_details(edge, self.bodies.capabilities)
        return any((details.get(name) or None) != (value or None) for name, value in ours.items())

    def _id(self, fqn: str) -> str | None:
        row = self.plan.server_row(fqn)
        if row is not None:
            return row.id
        known = self.ledger.entity(fqn)
        return known.id if known else None

    def _learn_ids(self) -> dict[str, str]:
        """Learn the ids of ends that were made in bulk: a bulk answer doesn't tell them.

        Returns:
            Why some could not be learnt, by FQN.
        """
        unknown: dict[str, str] = {}
        wanted = {
            end
            for action in (Action.CREATE, Action.UPDATE)
            for edge in self.plan.edges(action)
            for end in (edge.source, edge.target)
            if self._id(end) is None
        }
        tables = sum(self.plan.counts(EntityType.TABLE).values())
        if len(wanted) <= max(_FEW, tables // _TABLES_PER_LOOKUP):
            with ThreadPoolExecutor(self.threads, thread_name_prefix="look-up") as pool:
                found = pool.map(lambda fqn: self._look_up(fqn, unknown), sorted(wanted))
                self.ledger.acknowledge(each for each in found if each)
            return unknown
        for database in sorted({parent_fqn(parent_fqn(end)) for end in wanted}):
            self._list_ids(database, wanted, unknown)
        return unknown

    def _list_ids(self, database: str, wanted: set[str], unknown: dict[str, str]) -> None:
        listed = self.listing.below_database(EntityType.TABLE, database)
        try:
            self.ledger.acknowledge(_acknowledged(row.fqn, row.id) for row in listed if row.fqn in wanted)
        except AuthenticationError:
            raise
        except RemoteError as error:
            unknown.update((fqn, str(error)) for fqn in wanted if parent_fqn(parent_fqn(fqn)) == database)

    def _look_up(self, fqn: str, unknown: dict[str, str]) -> Acknowledged | None:
        try:
            return _acknowledged(fqn, self.client.get_by_name(wire.collection_of(EntityType.TABLE), fqn)["id"])
        except NotFoundError:
            return None
        except AuthenticationError:
            raise
        except RemoteError as error:
            unknown[fqn] = str(error)
            return None


def _acknowledged(fqn: str, entity_id: str) -> Acknowledged:
    return Acknowledged(fqn, EntityType.TABLE.value, entity_id, None)
