"""What of Atlas a recipe keeps, and under which names that is looked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ingest_assets.catalog import Elsewhere, EntityType, Failed, Filtered, Finding, Reference, Scope
from ingest_assets.sources.atlas.mapping import is_temporary
from ingest_assets.sources.atlas.reading import KeptTable
from ingest_assets.sources.atlas.settings import AtlasSettings
from ingest_assets.sources.atlas.shapes import AtlasEntity

_SHOWN = 5


class Named(NamedTuple):
    """An entity, and by which names it is looked for."""

    entity: AtlasEntity
    kind: EntityType
    names: tuple[str, ...]


class SortedOut(NamedTuple):
    """What is kept, each with where it is looked for, and what is told of all else."""

    findings: list[Finding]
    kept: list[tuple[AtlasEntity, Elsewhere]]


class Selecting:
    """Tells what a recipe keeps.

    Args:
        settings: From the recipe.
    """

    def __init__(self, settings: AtlasSettings) -> None:
        self._settings = settings

    def sort_out(self, scope: Scope, named: Iterable[Named], why_not: Callable[[Named], str | None]) -> SortedOut:
        """What of entities of one name is kept: it may be one only, for nothing else tells them apart."""
        findings: list[Finding] = []
        kept: dict[Elsewhere, list[AtlasEntity]] = {}
        for each in named:
            within = self._settings.placing.within(each.kind, each.entity.cluster)
            if reason := "dagster.source.clusters" if within is None else why_not(each):
                reference = _reference(scope, each.entity)
                findings.append(Filtered(reference=reference, reason=reason, called=".".join(each.names)))
            else:
                target = Elsewhere(type=each.kind, names=each.names, within=within or "")
                kept.setdefault(target, []).append(each.entity)
        for entities in kept.values():
            findings += _told_twice(scope, entities) if len(entities) > 1 else ()
        return SortedOut(findings, [(found[0], target) for target, found in kept.items() if len(found) == 1])

    def why_no_table(self, tables: Mapping[str, KeptTable], named: Named) -> str | None:
        """Why a table is left out; None if it isn't."""
        if why := why_no_ones(tables[named.entity.guid]):
            return why
        *above, name = named.names
        left_out = self.why_not_above(above)
        return left_out or (None if self._settings.table_filter(name) else "tableFilterPattern")

    def why_not_above(self, names: Sequence[str]) -> str | None:
        """Why databases and schemas are left out; the lowest of them is the schema."""
        if names and not self._settings.database_filter(names[0]):
            return "databaseFilterPattern"
        return "schemaFilterPattern" if names and not self._settings.schema_filter(names[-1]) else None

    def why_no_topic(self, named: Named) -> str | None:
        """Why a topic is left out; None if it isn't."""
        return None if self._settings.topic_filter(named.names[-1]) else "topicFilterPattern"


def why_no_ones(table: KeptTable) -> str | None:
    """Why a table is none that a catalog shows, whatever the recipe says; None if it is one."""
    if is_temporary(table.entity):
        return "temporary, of a session of Hive"
    if table.entity.is_incomplete:
        return "known by name only (isIncomplete)"
    return "of a database that is deleted in Atlas" if table.is_orphan else None


def _told_twice(scope: Scope, entities: Sequence[AtlasEntity]) -> Iterator[Failed]:
    """Two clusters may have a database of the same name, and two hooks may tell of one table: none is guessed."""
    among = ", ".join(f"{each.qualified_name} ({each.type})" for each in entities[:_SHOWN])
    reason = (
        f"Atlas knows several of that name: {among}. Say by dagster.source.clusters which service is of which cluster, "
        "or name one type by entity_type"
    )
    for each in entities:
        yield Failed(reference=_reference(scope, each), step="match", reason=reason)


def _reference(scope: Scope, entity: AtlasEntity) -> Reference:
    """What people call it; types and qualified names together are unique in Atlas."""
    return Reference(scope.of, (*scope.path, f"{entity.qualified_name} ({entity.type})"))
