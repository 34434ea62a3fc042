"""The part of a plan about lineage: edges to draw, to change and to drop."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from ingest_assets.catalog import (
    ColumnPair,
    ColumnReference,
    Edge,
    Elsewhere,
    EntityKey,
    EntityType,
    Filtered,
    Finding,
    ForeignEdge,
    Parked,
    Reference,
    Statement,
    may_be_altered,
    path_of,
)
from ingest_assets.errors import AuthenticationError, RemoteError
from ingest_assets.lineage.flows import Unread
from ingest_assets.lineage.known import KnownQueries
from ingest_assets.lineage.statements import bare_edges, read_statement
from ingest_assets.openmetadata.arns import stream_name
from ingest_assets.openmetadata.bodies import Bodies
from ingest_assets.openmetadata.edge_state import WHY_LEFT
from ingest_assets.openmetadata.elsewhere import Found, Missing, Neighbours
from ingest_assets.openmetadata.locations import is_address, may_hold
from ingest_assets.openmetadata.plan import Action, ParkedEdge, Plan, PlannedEdge
from ingest_assets.openmetadata.wire import COLUMNS_UNREAD, left_out
from ingest_assets.snapshots.edge_rows import WrittenEdge
from ingest_assets.snapshots.ledger import Ledger
from ingest_assets.snapshots.manifest import Manifest
from ingest_assets.snapshots.repository import Snapshots

REWRITE = "full_refresh writes everything"
_NAMES_COMPARED = 2
_NOTED_AT_ONCE = 10_000
_AT_ONCE = 500
"""Edges to other services whose ends are looked up together."""

End = Reference | Found | Missing


@dataclass
class EdgePlan:
    """Plans the edges of a manifest.

    Attributes:
        plan: Has the manifest's entities already.
        snapshots: Where the edges are.
        manifest: Whose edges.
        ledger: Edges that we have written.
        bodies: Makes FQNs and fingerprints.
        neighbours: Finds what lies in other services.
        rewrite: Whether what is unchanged is written all the same.
        drop_nothing_because: Why no edge is dropped, whatever the source says; empty: those that are gone are.
        threads: Look-ups under way at once.
    """

    plan: Plan
    snapshots: Snapshots
    manifest: Manifest
    ledger: Ledger
    bodies: Bodies
    neighbours: Neighbours
    rewrite: bool
    threads: int = 8
    drop_nothing_because: str = ""
    _left_out: int = field(default=0, init=False)
    _without_them: int = field(default=0, init=False)
    _not_there: int = field(default=0, init=False)
    _why_not_there: str = field(default="", init=False)
    _kept: int = field(default=0, init=False)
    _unread: list[str] = field(default_factory=list, init=False)

    def fill(self) -> None:
        """Add all edges to the plan.

        Raises:
            AuthenticationError: The token is refused.
        """
        if self.rewrite:
            self.ledger.queries.clear()
        self._add_own()
        foreign = self._foreign()
        with ThreadPoolExecutor(self.threads, thread_name_prefix="neighbours") as pool:
            while batch := list(islice(foreign, _AT_ONCE)):
                wanted = {end for edge in batch for end in (edge.source, edge.target) if isinstance(end, Elsewhere)}
                ends = dict(zip(wanted, pool.map(self._look, wanted), strict=True))
                self._add_foreign(batch, ends)
        self.ledger.queries.prune()
        self._drop()
        if self._not_there:
            self.plan.note(not_there=f"{self._not_there}", not_there_first=self._why_not_there)
        if self._kept:
            self.plan.note(edges_kept=f"{self._kept}", edges_kept_because=self.drop_nothing_because)
        if self._unread:
            self.plan.note(without_columns=f"{len(self._unread)}", without_columns_first=self._unread[0])
        if self._left_out:
            self.plan.note(columns_left_out=f"{self._left_out} column pairs of {self._without_them} edges")

    def _drop(self) -> None:
        unread = {result.of.root for result in self.manifest.scopes if result.file is None}
        # Of a listing that was never read nobody knows what it tells; one of a database tells of what it lists only.
        is_told = unread <= {EntityType.DATABASE_SERVICE}
        told_otherwise: list[WrittenEdge] = []
        for edge in self.ledger.edges:
            planned = self.plan.edge(edge.source, edge.target)
            if planned is None and is_told and self._is_gone(edge):
                if self.drop_nothing_because:
                    self._kept += 1
                    continue
                why = "the source no longer says so"
                self.plan.add_edge(PlannedEdge(edge.source, edge.target, Action.DROP.value, None, why, edge.told_by))
            elif planned is not None and planned.told_by != edge.told_by and len(told_otherwise) < _NOTED_AT_ONCE:
                told_otherwise.append(edge._replace(told_by=planned.told_by))
        self.ledger.edges.note_told_by(told_otherwise)

    def _add_own(self) -> None:
        doubles: dict[tuple[EntityKey, EntityKey], Edge | None] = {}
        for found in self._found():
            if isinstance(found, Parked):
                self.plan.park(ParkedEdge(self.bodies.key(found.target), found.wanted, found.reason))
            elif isinstance(found, Edge):
                edge = self._without_absent_charts(found)
                planned = self._judged(edge, edge.told_by or (edge.target,))
                if self.plan.edge(planned.source, planned.target) is not None:
                    doubles[planned.source, planned.target] = None
                elif edge is found:
                    self.plan.add_edge(planned)
                else:
                    self.plan.add_composed_edge(planned, edge)
        for found in self._found() if doubles else ():
            if (
                isinstance(found, Edge)
                and (ends := (self.bodies.key(found.source), self.bodies.key(found.target))) in doubles
            ):
                told = found.model_copy(update={"told_by": found.told_by or (found.target,)})
                edge, known = self._without_absent_charts(told), doubles[ends]
                doubles[ends] = united(known, edge) if known else edge
        for edge in filter(None, doubles.values()):
            self.plan.add_composed_edge(self._judged(edge, edge.told_by), edge)

    def _without_absent_charts(self, edge: Edge) -> Edge:
        """An edge without columns of charts that the server does not have: it would refuse the edge for them."""
        if edge.target.type is not EntityType.DASHBOARD:
            return edge
        service = edge.target.path[:1]
        charts = {pair.target.path for pair in edge.columns}
        absent = {path for path in charts if not self._is_there(Reference(EntityType.CHART, (*service, *path)))}
        if not absent:
            return edge
        return edge.model_copy(
            update={"columns": tuple(each for each in edge.columns if each.target.path not in absent)}
        )

    def _is_there(self, reference: Reference) -> bool:
        key = self.bodies.key(reference)
        return self.plan.has_entity(key) or self.ledger.server.is_live(key)

    def _found(self) -> Iterator[Finding]:
        return self.snapshots.findings(self.manifest.edges_file) if self.manifest.edges_file else iter(())

    def _foreign(self) -> Iterator[ForeignEdge]:
        """Edges to other services: those that the source tells, and those that its queries come to."""
        for found in self._found():
            if isinstance(found, ForeignEdge):
                yield found
            elif isinstance(found, Statement):
                yield from self._read(found)

    def _read(self, statement: Statement) -> Iterator[ForeignEdge]:
        read = read_statement(statement, self._queries.read)
        if isinstance(read, Unread):
            yield from bare_edges(statement)
            self._tell_unread(statement, read.reason)
            return
        found = {wanted: self._look(wanted) for wanted in read.tables()}
        yield from read.edges({key: each.names() for key, each in found.items() if isinstance(each, Found)})

    @cached_property
    def _queries(self) -> KnownQueries:
        return KnownQueries(self.ledger.queries)

    def _tell_unread(self, statement: Statement, reason: str) -> None:
        """What reads it is known all the same, or all of its lineage is missing."""
        if statement.reads:
            self._unread.append(f"{statement.target}: {reason}")
        elif isinstance(statement.target, Reference):
            self.plan.park(ParkedEdge(self.bodies.key(statement.target), "", reason))

    def _look(self, wanted: Elsewhere) -> Found | Missing:
        try:
            return self.neighbours.find(wanted)
        except AuthenticationError:
            raise
        except RemoteError as error:
            return Missing(f"{wanted} could not be looked up: {error}", certain=False)

    def _add_foreign(self, edges: Iterable[ForeignEdge], found: dict[Elsewhere, Found | Missing]) -> None:
        for edge in edges:
            source, target = (found[end] if isinstance(end, Elsewhere) else end for end in (edge.source, edge.target))
            missing = [end for end in (source, target) if isinstance(end, Missing)]
            if missing and edge.optional and all(end.is_absent for end in missing):
                self._not_there += 1
                self._why_not_there = self._why_not_there or missing[0].reason
                continue
            if isinstance(source, Missing) or isinstance(target, Missing):
                self._park(edge, source, target)
                continue
            for end in (source, target):
                if isinstance(end, Found):
                    self.plan.note_neighbour(end.key, end.id)
            made = self._made(edge, source, target)
            known = self.plan.composed_edge(self.bodies.key(made.source), self.bodies.key(made.target))
            made = united(known, made) if known else made
            self.plan.add_composed_edge(self._judged(made, made.told_by), made)

    def _park(self, edge: ForeignEdge, source: End, target: End) -> None:
        """Park an edge as the lineage of the end that is ours, else of what tells of it, else of the one found."""
        own = [self.bodies.key(end) for end in (target, source, *edge.told_by) if isinstance(end, Reference)]
        known = [*own, *(end.key for end in (target, source) if isinstance(end, Found))]
        shown = known[0] if known else EntityKey(edge.target.type, str(edge.target))
        for end, named in ((source, edge.source), (target, edge.target)):
            if isinstance(end, Missing):
                # Which container an address means, its name does not tell: where nobody could look, it may be any.
                wanted = str(named) if end.certain or not is_address(str(named)) else ""
                self.plan.park(ParkedEdge(shown, wanted, end.reason), known)

    def _made(self, edge: ForeignEdge, source: Reference | Found, target: Reference | Found) -> Edge:
        """An edge with its ends as the server spells them, and those of its columns that are there."""
        pairs = []
        for pair in edge.columns:
            sources = [column for path in pair.sources if (column := _column(source, path)) is not None]
            column = _column(target, pair.target)
            if sources and column is not None:
                pairs.append(ColumnPair(tuple(sources), column))
        ends = (end.reference if isinstance(end, Found) else end for end in (source, target))
        return Edge(
            source=next(ends),
            target=next(ends),
            origin=edge.origin,
            columns=tuple(pairs),
            sql=edge.sql,
            told_by=_tellers(edge),
        )

    def _judged(self, edge: Edge, told_by: Iterable[Reference]) -> PlannedEdge:
        return self._judge(edge)._replace(told_by=tuple(map(self.bodies.key, told_by)))

    def _judge(self, edge: Edge) -> PlannedEdge:
        source, target = self.bodies.key(edge.source), self.bodies.key(edge.target)
        for end in (source, target):
            if self.plan.neighbour_id(end) is None and not self.plan.has_entity(end):
                return PlannedEdge(source, target, Action.PARKED.value, None, f"{end.fqn} is not part of this snapshot")
        self._count_left_out(edge)
        fingerprint = self.bodies.edge_fingerprint(edge)
        written = self.ledger.edges.get(source, target)
        last = written.standing if written and self._joins(written) else None
        if last == fingerprint and self.rewrite:
            return PlannedEdge(source, target, Action.UPDATE.value, fingerprint, REWRITE)
        if last is not None and (why := _why_left(edge, written, is_same=last == fingerprint)):
            return PlannedEdge(source, target, Action.PARKED.value, last, why)
        if last == fingerprint:
            return PlannedEdge(source, target, Action.UNCHANGED.value, fingerprint, "")
        if last is None:
            return PlannedEdge(source, target, Action.CREATE.value, fingerprint, "not yet written")
        return PlannedEdge(source, target, Action.UPDATE.value, fingerprint, "what the source says has changed")

    def _joins(self, written: WrittenEdge) -> bool:
        """Whether an edge is still between the same two: what was made anew elsewhere makes no event of ours."""
        if self.plan.neighbour_id(written.source) is None and self.plan.neighbour_id(written.target) is None:
            return True
        source_id, target_id = (self._id(end) for end in (written.source, written.target))
        return source_id is None or target_id is None or written.joins(source_id, target_id)

    def _id(self, key: EntityKey) -> str | None:
        row = self.ledger.server.get(key)
        return row.id if row is not None else self.plan.neighbour_id(key)

    def _count_left_out(self, edge: Edge) -> None:
        if not self.bodies.capabilities.lineage_nested_columns and (pairs := left_out(edge, self.bodies.capabilities)):
            self._left_out += len(pairs)
            self._without_them += 1

    def _is_gone(self, edge: WrittenEdge) -> bool:
        """Whether the lineage that an edge belongs to is known whole: it was read, and nothing parked may be it."""
        if not all(map(self.plan.has_entity, edge.told_by)):
            return False
        if not edge.told_by:
            left_out = self._left_out_names
            return left_out is not None and not self._may_be_any(edge, (*self.plan.wanted(None), *left_out))
        if any(self._may_be_any(edge, self.plan.wanted(teller)) for teller in edge.told_by):
            return False
        # What tells of it may be another now. Of its ends' own lineage, where nothing is known, it is no part.
        wanted = (each for end in (edge.source, edge.target) for each in self.plan.wanted(end) if each)
        return not self._may_be_any(edge, wanted)

    def _may_be_any(self, edge: WrittenEdge, parked: Iterable[str]) -> bool:
        """Whether something that could not be told may be an end of an edge."""
        limited = self.bodies.capabilities.names.above_tables is not None
        return any(may_mean(wanted, end, limited=limited) for wanted in parked for end in (edge.source, edge.target))

    @cached_property
    def _left_out_names(self) -> frozenset[str] | None:
        """What the recipe leaves out, as lineage calls it; None where not all else of the source was read, or known."""
        names: set[str] = set()
        for result in self.manifest.scopes:
            if not result.complete or result.failed:
                return None
            if result.filtered and result.file:
                found = self.snapshots.findings(result.file)
                names.update(each.called for each in found if isinstance(each, Filtered))
        return None if "" in names else frozenset(names)


def united(one: Edge, other: Edge) -> Edge:
    """Two findings of one edge as one: all of their column pairs, and the SQL of the first that has any.

    Where one does not say what tells of it, the source as a whole does of both.
    """
    sources: dict[ColumnReference, dict[ColumnReference, None]] = {}
    for pair in (*one.columns, *other.columns):
        sources.setdefault(pair.target, {}).update(dict.fromkeys(pair.sources))
    pairs = tuple(ColumnPair(tuple(found), target) for target, found in sources.items())
    told_by = tuple(dict.fromkeys((*one.told_by, *other.told_by))) if one.told_by and other.told_by else ()
    lacks = one.lacks_columns or other.lacks_columns
    told = {"columns": pairs, "lacks_columns": lacks, "sql": one.sql or other.sql, "told_by": told_by}
    return one.model_copy(update=told)


def may_mean(wanted: str, key: EntityKey, *, limited: bool) -> bool:
    """Whether what a source calls something by may be an entity: by its name, and the one above if it is given.

    Args:
        wanted: Names joined with dots, as the source writes them, or an address; none at all where nothing is known.
        key: The entity.
        limited: Whether the server limits the characters of names, so that it may have altered one.
    """
    names = path_of(key)[1:][-_NAMES_COMPARED:]
    if not wanted or any(may_be_altered(name, limited=limited) for name in names):
        return True
    if is_address(wanted):
        return may_hold(wanted, key)
    words, last, both = (text.casefold() for text in (stream_name(wanted), names[-1], ".".join(names)))
    return words in (last, both) or words.endswith(f".{both}")


def _why_left(edge: Edge, written: WrittenEdge | None, *, is_same: bool) -> str:
    """Why an edge that was written stays as it stands, whatever the source says now; empty: it need not."""
    if is_same:
        return WHY_LEFT[written.persons] if written is not None and written.persons is not None else ""
    return COLUMNS_UNREAD if edge.lacks_columns else ""


def _tellers(edge: ForeignEdge) -> tuple[Reference, ...]:
    """What of the source tells of an edge: what it says, else the end that is its own."""
    own = (end for end in (edge.target, edge.source) if isinstance(end, Reference))
    return edge.told_by or tuple(own)[:1]


def _column(end: Reference | Found, path: tuple[str, ...]) -> ColumnReference | None:
    if isinstance(end, Reference):
        return ColumnReference(end, path)
    spelled = end.column(path)
    return ColumnReference(end.reference, spelled) if spelled is not None else None
