"""dbt as a source: what its artifacts tell of tables that other recipes made, and the lineage between them."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from ingest_assets.catalog import EntityType, Filtered, Finding, Note, Reference, Scope, Service
from ingest_assets.errors import RejectedError
from ingest_assets.sources.dbt.lineage import DASHBOARD, exposed, lineage_of
from ingest_assets.sources.dbt.mapping import to_said, to_target
from ingest_assets.sources.dbt.project import Project, parents
from ingest_assets.sources.dbt.settings import DbtSettings
from ingest_assets.sources.dbt.shapes import SOURCE, Node
from ingest_assets.sources.dbt.ways import Way

_WITHOUT_SQL = (
    "{} models have no SQL as it runs, so their lineage is without columns: `dbt compile`, `run` or `docs generate` "
    "writes it, `dbt parse` and `ls` don't."
)
_UNKNOWN_ABOVE = "{} dependencies lead to what the manifest lacks, as models of other projects do, and are not drawn."
_NO_BOARD = "{} exposures are no dashboards, or tell no url of one, and are not shown."


class DbtSource:
    """Reads the artifacts of one recipe.

    Args:
        settings: From the recipe.
        way: To the artifacts.

    Attributes:
        settings: The same.
    """

    def __init__(self, settings: DbtSettings, way: Way) -> None:
        self.settings = settings
        self._way = way
        self._projects: tuple[str, ...] = ()
        self._lock = threading.Lock()

    def services(self) -> Sequence[Service]:
        """None: what it knows is about tables of other recipes' services."""
        return ()

    def roots(self) -> Sequence[Scope]:
        """One listing: a manifest is whole, or tells nothing; no remote call."""
        return [Scope(EntityType.TABLE, (self.settings.service,))]

    def identity(self) -> str | None:
        """The projects that were read."""
        with self._lock:
            return f"dbt project {', '.join(self._projects)}" if self._projects else None

    def read(self, scope: Scope) -> Iterator[Finding]:
        """Read the artifacts.

        Raises:
            RemoteError: They can't be had, or are broken.
            DeadlineExceededError: The run's time is over.
        """
        with TemporaryDirectory(prefix="ingest_assets_dbt_") as folder:
            # All are read before anything is told: a listing of some projects only would look whole.
            projects = [Project(artifacts) for artifacts in self._way.fetch(Path(folder))]
        with self._lock:
            self._projects = tuple(sorted({each.project for each in projects if each.project}))
        told: set[tuple[str, ...]] = set()
        tellings = [_Telling(project, self.settings, scope, told) for project in projects]
        # Who makes a table knows its SQL: another project that only reads it must not speak first.
        for telling in tellings:
            yield from telling.makers()
        for telling in tellings:
            yield from telling.sources()
            yield from telling.rest()

    def exists(self, reference: Reference) -> bool:
        """Nothing is told of what others own.

        Raises:
            RejectedError: Always.
        """
        raise RejectedError("dbt owns no entities.", where=f"dbt: {reference}")


class _Telling:
    """What one project tells."""

    def __init__(self, project: Project, settings: DbtSettings, scope: Scope, told: set[tuple[str, ...]]) -> None:
        self._project = project
        self._settings = settings
        self._scope = scope
        self._told = told  # names of tables elsewhere, in lower case
        self._counts: Counter[str] = Counter()
        self._words: set[Reference] = set()

    def makers(self) -> Iterator[Finding]:
        """What models, seeds and snapshots tell."""
        yield from self._nodes(self._project.nodes.makers())

    def sources(self) -> Iterator[Finding]:
        """What sources tell of tables that nothing makes."""
        yield from self._nodes(self._project.nodes.sources())

    def rest(self) -> Iterator[Finding]:
        """Exposures and notes."""
        for exposure in self._project.nodes.exposures():
            above = (each for each in self._tables(exposure.depends_on) if self._why_not(each) is None)
            edges = list(exposed(exposure, above, self._settings))
            self._counts[_NO_BOARD] += exposure.kind != DASHBOARD or not edges
            yield from edges
        notes = [*self._project.notes, *(text.format(count) for text, count in self._counts.items() if count)]
        yield from (Note(text=text) for text in notes)

    def _nodes(self, ids: Iterable[str]) -> Iterator[Finding]:
        for node_id in ids:
            node = self._project.nodes.node(node_id)
            if node is None or node.is_ephemeral:
                continue
            # Databases that are words for Glue itself are left out: two of them may mean one table.
            place = tuple(name.lower() for name in to_target(node, self._settings).names)
            reason = self._why_not(node)
            if reason is None and place in self._told:
                reason = "another one of its table is told: who makes it, else who comes first"
            if reason is not None:
                path = (*self._scope.path, node.id)
                yield Filtered(reference=Reference(self._scope.of, path), reason=reason, called=_called(node))
                continue
            self._told.add(place)
            yield from self._node(node)

    def _node(self, node: Node) -> Iterator[Finding]:
        above = [each for each in self._above(node) if self._why_not(each) is None]
        said = to_said(node, [to_target(each, self._settings) for each in above], self._settings)
        new = [word for word in said.words if word.reference not in self._words]
        self._words.update(word.reference for word in new)
        yield from new
        yield said.enrichment
        if node.kind == SOURCE:
            return
        self._counts[_WITHOUT_SQL] += bool(above) and node.sql is None
        yield from lineage_of(node, above, self._project.heading.adapter, self._settings)

    def _above(self, node: Node) -> Iterator[Node]:
        for each in parents(self._project.nodes, node):
            if isinstance(each, Node):
                yield each
            else:
                self._counts[_UNKNOWN_ABOVE] += 1

    def _tables(self, ids: Sequence[str]) -> Iterator[Node]:
        for node_id in ids:
            node = self._project.nodes.brief(node_id)
            if node is None:
                self._counts[_UNKNOWN_ABOVE] += 1
            elif node.is_ephemeral:
                yield from self._above(node)
            else:
                yield node

    def _why_not(self, node: Node) -> str | None:
        """Why the recipe leaves a table out; None where it does not."""
        settings = self._settings
        if node.database and not settings.database_filter(node.database):
            return "databaseFilterPattern"
        if not settings.schema_filter(node.schema):
            return "schemaFilterPattern"
        return None if settings.table_filter(node.name) else "tableFilterPattern"


def _called(node: Node) -> str:
    return ".".join(node.names)
