"""Relations that a request has to tell, though no source does: what others drew, and what lies in what."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from ingest_assets.catalog import Dashboard, Entity, EntityKey, EntityType, Reference
from ingest_assets.openmetadata.capabilities import Capabilities
from ingest_assets.openmetadata.layout import layout_of
from ingest_assets.snapshots.server_rows import ServerRow

Json = dict[str, Any]

_BOARDS = "dashboards"
_SCHEMA = "messageSchema"
_REFERENCES = frozenset({"charts", "dataModels", _BOARDS})
_ASKED_FOR = frozenset({"schemaDefinition", "viewDefinition", "tablePartition"})
"""Properties that a server shows only when asked for them, and that a source may not have been able to read."""


def asked_fields(kind: EntityType, capabilities: Capabilities, unknown: Collection[str]) -> str:
    """Fields of an entity that must be seen before it is put again."""
    fields = {capabilities.owners, "tags", *layout_of(kind).fields, *(_ASKED_FOR & set(unknown))}
    if kind is EntityType.CHART and capabilities.chart_dashboards:
        fields.add(_BOARDS)
    return ",".join(sorted(fields))


def as_sent(name: str, value: Any) -> Any:
    """A stored value as a request spells it: others are referred to by their FQNs."""
    if name in _REFERENCES and value:
        return [each["fullyQualifiedName"] for each in value]
    return value


def kept_relations(kind: EntityType, stored: Json) -> Json:
    """Properties of a request without which a PUT would cut what others drew to the entity.

    From 1.5 on a chart that is put without its dashboards is taken off all of them (read in the server's source), and
    dashboards that have not changed are not put again.
    """
    boards = stored.get(_BOARDS) if kind is EntityType.CHART else None
    return {_BOARDS: as_sent(_BOARDS, boards)} if boards else {}


def named_in(entity: Entity, key: Callable[[Reference], EntityKey]) -> Iterator[EntityKey]:
    """What an entity is sent with references to: a dashboard's charts and data models."""
    if isinstance(entity, Dashboard):
        service = entity.path[:1]
        for kind, names in ((EntityType.CHART, entity.charts), (EntityType.DATA_MODEL, entity.data_models)):
            yield from (key(Reference(kind, (*service, name))) for name in names)


def with_known(entity: Entity, is_known: Callable[[EntityKey], bool], key: Callable[[Reference], EntityKey]) -> Entity:
    """An entity without references to what is not there: a server refuses a dashboard for one chart that it lacks.

    Args:
        entity: As the source tells it.
        is_known: Whether something is on the server, or about to be.
        key: What it is known by.
    """
    if not isinstance(entity, Dashboard):
        return entity
    service = entity.path[:1]
    charts, models = (
        tuple(name for name in names if is_known(key(Reference(kind, (*service, name)))))
        for kind, names in ((EntityType.CHART, entity.charts), (EntityType.DATA_MODEL, entity.data_models))
    )
    return entity.model_copy(update={"charts": charts, "data_models": models})


def left_behind(entity: Entity, fitting: Entity, key: Callable[[Reference], EntityKey]) -> Iterator[EntityKey]:
    """What an entity refers to, and does not any more now that it was made to fit; see ``with_known``."""
    kept = frozenset(named_in(fitting, key))
    yield from (each for each in named_in(entity, key) if each not in kept)


def without_new_schema(request: Json, stored: Json, capabilities: Capabilities) -> Json:
    """A request without the schema that its topic lacks, where the server can't add one."""
    if capabilities.adds_schemas or stored.get(_SCHEMA):
        return request
    return {name: value for name, value in request.items() if name != _SCHEMA}


def holder_in(above: EntityKey | None, holder: ServerRow | None) -> Json:
    """Properties of a request that name the container in which one lies; its service is named anyway."""
    if above is None or above.type is not EntityType.CONTAINER or holder is None or holder.id is None:
        return {}
    return {"parent": {"id": holder.id, "type": above.type.value}}
