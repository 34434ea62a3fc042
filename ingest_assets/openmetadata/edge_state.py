"""What people did to edges of ours: it makes no change event, so it is learnt where everything is listed anyway.

The search index tells of many targets at once, and is only a hint: what it calls missing or different is asked of the
graph, a target at a time, before it is believed. Without an index the graph is asked of every target.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple

from ingest_assets.catalog import EntityKey, EntityType
from ingest_assets.errors import AuthenticationError, InvalidAnswerError, NotFoundError, RemoteError
from ingest_assets.openmetadata.capabilities import Capabilities
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.openmetadata.layout import collection_of
from ingest_assets.openmetadata.search_index import Edges, LineageIndex
from ingest_assets.openmetadata.wire import held_edge_fingerprint
from ingest_assets.progress import Progress
from ingest_assets.snapshots.edge_rows import WrittenEdge
from ingest_assets.snapshots.ledger import Ledger

TAKEN_AWAY = "taken away"
CHANGED = "changed"
_WENT = "went with an end"
WHY_LEFT = {
    TAKEN_AWAY: "a person took this edge away; it stays away",
    CHANGED: "a person changed this edge; it stays as it is",
}
"""Why an edge is not written again, by what a person did to it."""

GRAPH_CALLS = 2_000
"""Targets that the graph is asked of in one plan at most; each costs a server about as much as a table's listing."""

_TARGETS_AT_ONCE = 50
"""Ids in one search: with them a URL stays below half of the 8 KiB that servers take with all headers."""

_FAILURES = 10
_SHOWN = 20
_STAGE = "look at edges"


class _Edge(NamedTuple):
    written: WrittenEdge
    source_id: str
    is_from_elsewhere: bool


class _Target(NamedTuple):
    type: EntityType
    id: str
    edges: tuple[_Edge, ...]


@dataclass
class EdgeState:
    """Learns into the ledger which of its edges people have taken away or changed, and which are as we wrote them.

    Attributes:
        client: The server.
        ledger: Has the edges, and the ids of their ends.
        capabilities: What the server understands.
        progress: Told of targets.
        threads: Requests under way at once.
        graph_calls: Targets that the graph is asked of at most.
    """

    client: OpenMetadataClient
    ledger: Ledger
    capabilities: Capabilities
    progress: Progress
    threads: int = 8
    graph_calls: int = GRAPH_CALLS
    _index: LineageIndex | None = field(default=None, init=False)
    _no_index: str = field(default="", init=False)
    _calls_left: int = field(default=0, init=False)
    _failures: Counter[str] = field(default_factory=Counter, init=False)
    _unknown: int = field(default=0, init=False)
    _news: Counter[str] = field(default_factory=Counter, init=False)
    _first: list[str] = field(default_factory=list, init=False)
    _back: int = field(default=0, init=False)
    _there: dict[str, bool] = field(default_factory=dict, init=False)

    def learn(self) -> None:
        """Look at all edges that the ledger has; what can't be learnt stays as it was known.

        Raises:
            AuthenticationError: The token is refused.
            DeadlineExceededError: The run's time is over.
        """
        self._calls_left, remaining = self.graph_calls, self.ledger.edges.count_targets()
        self.progress.found(_STAGE, remaining)
        self._index = LineageIndex(self.client) if self.capabilities.lineage_index else None
        with ThreadPoolExecutor(self.threads, thread_name_prefix="edges") as pool:
            for targets, count in self._pages():
                doubtful = self._doubtful(targets)
                if self._gave_up or (self._index is None and remaining > self._calls_left):
                    self._unknown += remaining
                    return
                self._ask_graph(pool, doubtful)
                remaining -= count
                self.progress.done(_STAGE, count)

    def notes(self) -> list[str]:
        """What people should know of it."""
        notes = []
        if number := self._news.total():
            more = f", and {number - len(self._first)} more" if number > len(self._first) else ""
            what = f"{_count(number, 'edge')} found otherwise than written, and left as people have it"
            notes.append(f"{what}: {', '.join(self._first)}{more}.")
        if self._back:
            notes.append(f"{_count(self._back, 'edge')} that people had taken away or changed: as written again.")
        if self._no_index:
            notes.append(f"The search index could not be asked for edges, the graph was instead: {self._no_index}")
        if self._unknown:
            why = next(iter(self._failures), f"the graph is asked of {self.graph_calls} at most.")
            what = f"What people did to the edges into {_count(self._unknown, 'target')} could not be learnt"
            notes.append(f"{what}: {why}")
        return notes

    @property
    def _gave_up(self) -> bool:
        return self._failures.total() >= _FAILURES

    def _pages(self) -> Iterator[tuple[list[_Target], int]]:
        """Targets page by page, and how many the page has with those that can't be looked at."""
        after: EntityKey | None = None
        while edges := self.ledger.edges.of_targets(after, _TARGETS_AT_ONCE):
            after = edges[-1].target
            grouped = [(key, tuple(group)) for key, group in groupby(edges, lambda edge: edge.target)]
            yield [target for key, group in grouped if (target := self._target(key, group)) is not None], len(grouped)

    def _target(self, key: EntityKey, edges: Iterable[WrittenEdge]) -> _Target | None:
        target_id = self._id(key)
        if target_id is None:
            return None
        met = [
            _Edge(edge, source_id, self.ledger.server.get(edge.source) is None)
            for edge in edges
            if (source_id := self._id(edge.source)) is not None
        ]
        for edge in met:
            if not edge.written.joins(edge.source_id, target_id):
                # It went with an end that was deleted for good, and that somebody has made anew.
                self.ledger.edges.forget(edge.written.source, key)
        ours = tuple(edge for edge in met if edge.written.joins(edge.source_id, target_id))
        return _Target(key.type, target_id, ours) if ours else None

    def _id(self, key: EntityKey) -> str | None:
        row = self.ledger.server.get(key)
        return row.id if row is not None else self.ledger.neighbours.id_of(key)

    def _doubtful(self, targets: list[_Target]) -> list[_Target]:
        """Targets of which the index does not say that all is as it was written and known."""
        # The edges of other types are few, and each has an index of its own.
        tables = [target for target in targets if target.type is EntityType.TABLE]
        told = self._ask_index(tables) if tables else {}
        return [target for target in targets if not self._is_well(target, told.get(target.id))]

    def _is_well(self, target: _Target, held: Edges | None) -> bool:
        return held is not None and all(
            edge.written.persons is None and self._done_to(edge, held) is None for edge in target.edges
        )

    def _ask_index(self, targets: list[_Target]) -> dict[str, Edges]:
        if self._index is None:
            return {}
        try:
            return self._index.edges_into([target.id for target in targets])
        except AuthenticationError:
            raise
        except RemoteError as error:
            self._index, self._no_index = None, str(error)
            return {}

    def _ask_graph(self, pool: ThreadPoolExecutor, targets: list[_Target]) -> None:
        asked = targets[: self._calls_left]
        self._calls_left -= len(asked)
        self._unknown += len(targets) - len(asked)
        for target, found in zip(asked, pool.map(self._look, asked), strict=True):
            if isinstance(found, RemoteError):
                self._failures[str(found)] += 1
                self._unknown += 1
                continue
            for edge, what in zip(target.edges, found, strict=True):
                self._note(edge.written, what)

    def _look(self, target: _Target) -> list[str | None] | RemoteError:
        """What was done to each edge into a target; of one that is gone, what was known."""
        try:
            held = self.client.upstream_edges(target.type, target.id)
            return [self._done_or_went(edge, held) for edge in target.edges]
        except NotFoundError:
            return [edge.written.persons for edge in target.edges]
        except AuthenticationError:
            raise
        except RemoteError as error:
            return error
        except (AttributeError, KeyError, TypeError) as error:
            where = f"GET /v1/lineage/{target.type}/{target.id}"
            return InvalidAnswerError(f"an edge of the answer lacks {error}.", where=where)

    def _done_or_went(self, edge: _Edge, held: Mapping[str, dict[str, Any]]) -> str | None:
        """What was done to an edge; what lies elsewhere may be gone without a word, and the edge with it."""
        what = self._done_to(edge, held)
        if what != TAKEN_AWAY or not edge.is_from_elsewhere:
            return what
        if edge.source_id not in self._there:
            self._there[edge.source_id] = self._is_there(edge.written.source.type, edge.source_id)
        return what if self._there[edge.source_id] else _WENT

    def _is_there(self, kind: EntityType, entity_id: str) -> bool:
        try:
            self.client.get(f"/v1/{collection_of(kind)}/{entity_id}", {"include": "all"})
        except NotFoundError:
            return False
        return True

    def _done_to(self, edge: _Edge, held: Mapping[str, dict[str, Any]]) -> str | None:
        details, written = held.get(edge.source_id), edge.written
        if details is None:
            return TAKEN_AWAY
        fingerprint = held_edge_fingerprint(written.source, written.target, details, self.capabilities)
        return None if written.ours(fingerprint) else CHANGED

    def _note(self, edge: WrittenEdge, what: str | None) -> None:
        if what == edge.persons:
            return
        if what == _WENT:
            self.ledger.edges.forget(edge.source, edge.target)
            return
        self.ledger.edges.note_persons(edge.source, edge.target, what)
        if what is None:
            self._back += 1
            return
        self._news[what] += 1
        if len(self._first) < _SHOWN:
            self._first.append(f"{edge.source.fqn} -> {edge.target.fqn} ({what})")


def _count(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number} {what}s"
