"""Processes as pipelines, for recipes that ask for it: of a service of their own, which the recipe names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ingest_assets.catalog import (
    EntityType,
    Failed,
    Finding,
    ForeignEdge,
    Origin,
    Pipeline,
    PipelineService,
    Reference,
    Scope,
    Task,
)
from ingest_assets.sources.atlas.lineage import sql_of
from ingest_assets.sources.atlas.mapping import DESCRIBED_BY
from ingest_assets.sources.atlas.reading import Reading
from ingest_assets.sources.atlas.searching import Query, pages
from ingest_assets.sources.atlas.settings import AtlasSettings
from ingest_assets.sources.atlas.shapes import AtlasEntity

_KEPT = frozenset({"owners", "labels"})


class Pipelines:
    """Tells of processes as pipelines; any number of threads may read.

    Args:
        settings: From the recipe.
        reading: Of the server.
    """

    def __init__(self, settings: AtlasSettings, reading: Reading) -> None:
        self._service = settings.pipelines
        self._reading = reading

    def services(self) -> tuple[PipelineService, ...]:
        """The service, if the recipe names one; no remote call."""
        if not self._service:
            return ()
        return (PipelineService(path=(self._service,), service_type="CustomPipeline"),)

    def roots(self) -> tuple[Scope, ...]:
        """The listing of processes; no remote call."""
        return (Scope(EntityType.PIPELINE, (self._service,)),) if self._service else ()

    def read(self) -> Iterator[Finding]:
        """All processes.

        Raises:
            RemoteError: They could not be read whole.
        """
        met: set[str] = set()
        for processes in self._reading.processes():
            for process in processes:
                name = process.entity.qualified_name
                if name in met:
                    reason = "Atlas knows processes of several types by that name"
                    yield Failed(reference=self.reference(process.entity), step="match", reason=reason)
                    continue
                met.add(name)
                yield to_pipeline(self.reference(process.entity), process.entity)

    def reference(self, process: AtlasEntity) -> Reference:
        """The pipeline that a process is: by its qualified name, which its own name often is not alone with."""
        return Reference(EntityType.PIPELINE, (self._service, process.qualified_name))

    def exists(self, name: str) -> bool:
        """Whether Atlas has a process that is not deleted, by its qualified name.

        Raises:
            RemoteError: It can't be told.
        """
        criterion = {"attributeName": "qualifiedName", "operator": "eq", "attributeValue": name}
        filters = {"condition": "AND", "criterion": [criterion]}
        return any(
            page.rows or page.scrubbed
            for kind in self._reading.types().processes()
            for page in pages(self._reading.client, Query(kind, filters=filters))
        )

    def edges(self, process: AtlasEntity, direct: Iterable[ForeignEdge]) -> Iterator[ForeignEdge]:
        """The edges of a process by way of its pipeline, where the recipe asks for that.

        Columns can't be led through a pipeline: where they are known, the edge between their tables stands as well.

        Args:
            process: The process.
            direct: The edges that it stands for.
        """
        if not self._service:
            yield from direct
            return
        pipeline, between = self.reference(process), list(direct)
        yield from (edge.model_copy(update={"told_by": (pipeline,)}) for edge in between if edge.columns)
        sources = dict.fromkeys(edge.source for edge in between)
        targets = dict.fromkeys(edge.target for edge in between)
        for source in sources:
            yield ForeignEdge(source=source, target=pipeline, origin=Origin.PIPELINE, told_by=(pipeline,))
        for target in targets:
            yield ForeignEdge(source=pipeline, target=target, origin=Origin.PIPELINE, told_by=(pipeline,))


def to_pipeline(reference: Reference, process: AtlasEntity) -> Pipeline:
    """A process as a pipeline of one task, which holds its SQL."""
    task = Task(name=process.name, task_type=process.type, sql=sql_of(process))
    return Pipeline(
        path=reference.path,
        display_name=process.name,
        description=process.text(*DESCRIBED_BY) or None,
        tasks=(task,),
        unknown=_KEPT,
    )
