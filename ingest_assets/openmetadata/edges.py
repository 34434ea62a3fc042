"""Publishing lineage: edges whose two ends the server has acknowledged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ingest_assets.catalog import Edge, EntityKey, EntityType
from ingest_assets.errors import AuthenticationError, NotFoundError, RejectedError, RemoteError, UnavailableError
from ingest_assets.openmetadata import wire
from ingest_assets.openmetadata.bodies import Bodies
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.openmetadata.layout import collection_of, listed_by
from ingest_assets.openmetadata.listing import ServerListing
from ingest_assets.openmetadata.outcome import Failure, Outcome
from ingest_assets.openmetadata.plan import Action, Plan, PlannedEdge
from ingest_assets.openmetadata.state import ServerState
from ingest_assets.parallel import side_by_side
from ingest_assets.progress import Progress
from ingest_assets.snapshots.edge_rows import WrittenEdge
from ingest_assets.snapshots.ledger import Ledger
from ingest_assets.snapshots.repository import Snapshots

_FEW = 10
_ENTITIES_PER_LOOKUP = 50
"""One look-up costs a server about as much as listing three tables, one call as much as a page of a thousand."""

_MANUAL = "Manual"
_PUT = (Action.CREATE, Action.UPDATE)
_PUT_WORDS = frozenset(action.value for action in _PUT)

Json = dict[str, Any]


class _Work(NamedTuple):
    planned: PlannedEdge
    edge: Edge | None  # None: to be dropped
    met: bool  # whether both ends were there before this run, so that a person may have joined them


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
        state: Finds them by the server's change events.
        snapshots: Where the edges are.
        edges_file: Hash of the snapshot's edges file; None if it has none.
        plan: What is to be done.
        ledger: Knows ids and edges that the server has acknowledged, and is told of new ones.
        bodies: What is sent.
        progress: Told of edges planned and done.
        before_writing: Raises where this run may no longer write.
        threads: Requests under way at once.
    """

    client: OpenMetadataClient
    listing: ServerListing
    state: ServerState
    snapshots: Snapshots
    edges_file: str | None
    plan: Plan
    ledger: Ledger
    bodies: Bodies
    progress: Progress
    before_writing: Callable[[], None]
    threads: int = 8
    _elsewhere: dict[EntityKey, str] = field(default_factory=dict, init=False)

    def publish(self) -> Outcome:
        """Write edges that are new or have changed, and drop those of ours that the source no longer tells of.

        An edge that can't be written costs itself only, and is parked or failed with its reason.

        Raises:
            AuthenticationError: The token is refused.
            BusyError: Another run has taken over.
            DeadlineExceededError: The run's time is over.
        """
        outcome = Outcome(Counter(self.plan.edge_counts()))
        for parked in self.plan.parked():
            outcome.note(Failure(parked.target.fqn, "lineage", f"{parked.wanted}: {parked.why}".removeprefix(": ")))
        todo = sum(outcome.counts[action.value] for action in (*_PUT, Action.DROP))
        why_unknown = self._prepare() if todo else {}
        self.progress.found("write edges", todo)
        for judged in side_by_side(lambda work: self._apply(work, why_unknown), self._work(), self.threads):
            self.progress.done("write edges")
            outcome.counts[judged.planned.action] -= 1
            outcome.counts[judged.action.value] += 1
            if judged.action.value != judged.planned.action:
                outcome.leave(judged.planned.source, judged.planned.target)
            if judged.reason:
                reason = f"from {judged.planned.source.fqn}: {judged.reason}"
                outcome.note(Failure(judged.planned.target.fqn, "lineage", reason))
        return outcome

    def _prepare(self) -> dict[EntityKey, str]:
        """Note what is about to be written, and learn the ids of its ends; why some could not be learnt."""
        for action in _PUT:
            edges = self.plan.edges(action)
            self.ledger.edges.intend(
                WrittenEdge(edge.source, edge.target, None, edge.fingerprint or "", told_by=edge.told_by)
                for edge in edges
            )
        self.ledger.edges.intend_drops((edge.source, edge.target) for edge in self.plan.edges(Action.DROP))
        self.ledger.keep()
        return self._learn_ids()

    def _work(self) -> Iterator[_Work]:
        for dropped in self.plan.edges(Action.DROP):
            yield _Work(dropped, None, True)
        read = self.snapshots.findings(self.edges_file) if self.edges_file else iter(())
        for found in read:
            if isinstance(found, Edge):
                ours = self._work_of(found)
                # Composed ones come below; asked only of the few that are to be put.
                yield from (each for each in ours if self._is_single(each.planned))
        for composed in self.plan.composed_edges():
            yield from self._work_of(composed)

    def _is_single(self, planned: PlannedEdge) -> bool:
        return self.plan.composed_edge(planned.source, planned.target) is None

    def _work_of(self, edge: Edge) -> Iterator[_Work]:
        planned = self.plan.edge(self.bodies.key(edge.source), self.bodies.key(edge.target))
        if planned is not None and planned.action in _PUT_WORDS:
            yield _Work(planned, edge, not (self._is_new(planned.source) or self._is_new(planned.target)))

    def _is_new(self, key: EntityKey) -> bool:
        planned = self.plan.write(key)
        return planned is not None and planned.action == Action.CREATE.value

    def _apply(self, work: _Work, why_unknown: dict[EntityKey, str]) -> _Judged:
        planned = work.planned
        ids = self._id(planned.source), self._id(planned.target)
        if ids[0] is None or ids[1] is None:
            lost = planned.source if ids[0] is None else planned.target
            if lost in why_unknown:
                return _Judged(planned, Action.FAILED, f"{lost.fqn} could not be looked up: {why_unknown[lost]}")
            if work.edge is None:
                # The edge went with its end.
                self.ledger.edges.forget(planned.source, planned.target)
                return _Judged(planned, Action.DROP, "")
            return _Judged(planned, Action.PARKED, f"{lost.fqn} is not on the server")
        self.before_writing()
        try:
            return (
                self._drop(planned, ids[0], ids[1])
                if work.edge is None
                else self._put(work, work.edge, (ids[0], ids[1]))
            )
        except AuthenticationError:
            raise
        except NotFoundError as error:
            self.ledger.doubt(
                f"{planned.source.fqn} or {planned.target.fqn} is not what it was when it was last listed"
            )
            return _Judged(planned, Action.FAILED, str(error))
        except RemoteError as error:
            return _Judged(planned, Action.FAILED, str(error))

    def _put(self, work: _Work, edge: Edge, ids: tuple[str, str]) -> _Judged:
        planned, known = work.planned, self.ledger.edges.get(work.planned.source, work.planned.target)
        if known is not None and not known.joins(*ids):
            known = None  # it went with an end that was deleted for good, and made anew
        details = None
        if work.met:
            details = self._details(planned, *ids)
            if details is None and known is not None and known.standing is not None:
                self._check(planned.source, ids[0])
                return _Judged(planned, Action.PARKED, "a person took this edge away; it stays away")
            if details is not None and self._is_a_persons(planned, known, details):
                return _Judged(planned, Action.PARKED, "a person drew this edge; it stays as it is")
            if details is not None and planned.action == Action.CREATE.value and self._says_so(planned, details):
                self.ledger.edges.acknowledge(planned.source, planned.target, planned.fingerprint or "", ids)
                return _Judged(planned, Action.UNCHANGED, "")
            if details is not None and self._is_others(planned, known):
                return _Judged(planned, Action.PARKED, f"{details.get('source') or 'it'} is drawn there by others")
        reason, fingerprint = "", planned.fingerprint or ""
        try:
            self._send(edge, ids, details)
        except RejectedError as error:
            if not edge.columns:
                raise
            # A column may have gone since it was looked at. The edge is drawn, and tried whole by the next run.
            self.ledger.neighbours.forget()
            bare = edge.model_copy(update={"columns": ()})
            self._send(bare, ids, details)
            reason, fingerprint = f"drawn without columns: {error}", self.bodies.edge_fingerprint(bare)
        self.ledger.edges.acknowledge(planned.source, planned.target, fingerprint, ids)
        return _Judged(planned, Action(planned.action), reason)

    def _send(self, edge: Edge, ids: tuple[str, str], held: Json | None) -> None:
        try:
            self.client.put_lineage(wire.lineage_body(edge, ids, self.bodies.capabilities, held))
        except UnavailableError:
            # Seen on 1.5 with a search engine: an edge to a chart is stored, and answered with 500 all the same.
            kind = edge.target.type
            if kind is not EntityType.CHART or self.client.lineage_details(kind, *ids) is None:
                raise

    def _says_so(self, planned: PlannedEdge, details: Json) -> bool:
        """Whether the server holds of an edge what we would write, as it does when a ledger was lost."""
        return self._held(planned, details) == planned.fingerprint

    def _held(self, planned: PlannedEdge, details: Json) -> str:
        return wire.held_edge_fingerprint(planned.source, planned.target, details, self.bodies.capabilities)

    def _details(self, planned: PlannedEdge, source_id: str, target_id: str) -> Json | None:
        return self.client.lineage_details(planned.target.type, source_id, target_id)

    def _check(self, key: EntityKey, entity_id: str) -> None:
        """Make sure that an entity is the one that is known: what was made anew has none of its edges.

        Raises:
            NotFoundError: It is another, or gone.
        """
        found = self.client.get_by_name(collection_of(key.type), self.bodies.on_server(key), {"include": "all"})["id"]
        if found != entity_id:
            raise NotFoundError(f"{key.fqn} was made anew, as {found}.", where="a look at an end of lineage")

    def _drop(self, planned: PlannedEdge, source_id: str, target_id: str) -> _Judged:
        known = self.ledger.edges.get(planned.source, planned.target)
        details = self._details(planned, source_id, target_id)
        if details is not None and self._is_ours(planned, known, details):
            self.client.delete_lineage((planned.source.type, source_id), (planned.target.type, target_id))
        self.ledger.edges.forget(planned.source, planned.target)
        return _Judged(planned, Action.DROP, "")

    def _is_ours(self, planned: PlannedEdge, known: WrittenEdge | None, details: Json) -> bool:
        """Whether an edge was written by us and nobody has changed it since; what was only meant may be another's."""
        if known is None or self._is_a_persons(planned, known, details):
            return False
        return known.fingerprint is not None or known.ours(self._held(planned, details))

    def _is_others(self, planned: PlannedEdge, known: WrittenEdge | None) -> bool:
        """Whether an edge that stands between two things of others was never written by us: its maker keeps it."""
        ends = (planned.source, planned.target)
        is_unwritten = known is None or known.fingerprint is None
        return is_unwritten and all(self.plan.neighbour_id(end) is not None for end in ends)

    def _is_a_persons(self, planned: PlannedEdge, known: WrittenEdge | None, details: Json) -> bool:
        """Whether what the server holds of an edge is neither what we wrote nor what we would write."""
        held = self._held(planned, details)
        if held == planned.fingerprint or (known is not None and known.ours(held)):
            return False
        if known is not None and known.fingerprint is not None:
            return True
        # Before 1.2 nothing tells who drew it.
        return not self.bodies.capabilities.lineage_source or details.get("source", _MANUAL) == _MANUAL

    def _id(self, key: EntityKey) -> str | None:
        row = self.ledger.server.get(key)
        return row.id if row is not None else self._elsewhere.get(key) or self.plan.neighbour_id(key)

    def _learn_ids(self) -> dict[EntityKey, str]:
        """Learn the ids of ends that were made in bulk: a bulk answer doesn't tell them.

        Returns:
            Why some could not be learnt.
        """
        unknown: dict[EntityKey, str] = {}
        if len(wanted := self._without_id()) > _FEW:
            # What was made just now has made change events, each with its id.
            self.state.catch_up()
            wanted = self._without_id()
        planned = sum(sum(self.plan.counts(kind).values()) for kind in {key.type for key in wanted})
        if len(wanted) <= max(_FEW, planned // _ENTITIES_PER_LOOKUP):
            with ThreadPoolExecutor(self.threads, thread_name_prefix="look-up") as pool:
                found = pool.map(lambda key: self._look_up(key, unknown), sorted(wanted))
                self._note_ids(each for each in found if each)
            return unknown
        together = {(key.type, above) for key in wanted if (above := listed_by(key)) is not None}
        for kind, above in sorted(together):
            self._list_ids(kind, above, wanted, unknown)
        return unknown

    def _without_id(self) -> set[EntityKey]:
        planned = (edge for action in (*_PUT, Action.DROP) for edge in self.plan.edges(action))
        return {end for edge in planned for end in (edge.source, edge.target) if self._id(end) is None}

    def _note_ids(self, found: Iterable[tuple[EntityKey, str]]) -> None:
        for key, entity_id in found:
            row = self.ledger.server.get(key)
            if row is not None:
                self.ledger.server.put([row._replace(id=entity_id)])
            else:
                self._elsewhere[key] = entity_id

    def _list_ids(
        self, kind: EntityType, above: EntityKey, wanted: set[EntityKey], unknown: dict[EntityKey, str]
    ) -> None:
        try:
            self._note_ids((row.key, row.id) for row in self.listing.below(kind, above.fqn) if row.key in wanted)
        except AuthenticationError:
            raise
        except RemoteError as error:
            lost = (key for key in wanted if key.type is kind and listed_by(key) == above)
            unknown.update((key, str(error)) for key in lost)

    def _look_up(self, key: EntityKey, unknown: dict[EntityKey, str]) -> tuple[EntityKey, str] | None:
        try:
            # A deleted one too: its edges are still there, and come back with it.
            return key, self.client.get_by_name(
                collection_of(key.type), self.bodies.on_server(key), {"include": "all"}
            )["id"]
        except NotFoundError:
            return None
        except AuthenticationError:
            raise
        except RemoteError as error:
            unknown[key] = str(error)
            return None
