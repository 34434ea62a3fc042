"""How classifications go along lineage: from data sets to processes, from these to their outputs, terms to entities."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest_assets.sandbox.company.atlas import AtlasEntity, AtlasState, Classification

_DIRECTIONS = {"ONE_TO_TWO": (0,), "TWO_TO_ONE": (1,), "BOTH": (0, 1)}


def propagated(atlas: AtlasState, classified: Iterable[AtlasEntity]) -> dict[str, list[Classification]]:
    """The classifications that reach each entity.

    Args:
        atlas: The company's.
        classified: Entities with classifications of their own.
    """
    found: dict[str, list[Classification]] = {}
    for entity in classified:
        going = [one for one in entity.classifications if _goes(entity, one)]
        if going:
            for guid in _reached(atlas, entity.guid):
                found.setdefault(guid, []).extend(going)
    return found


def _goes(entity: AtlasEntity, classification: Classification) -> bool:
    return classification.propagate and (entity.status == "ACTIVE" or not classification.remove_on_delete)


def _reached(atlas: AtlasState, start: str) -> list[str]:
    seen, waiting = {start}, deque([start])
    while waiting:
        for guid in _next(atlas, waiting.popleft()):
            if guid not in seen:
                seen.add(guid)
                waiting.append(guid)
    return [guid for guid in seen if guid != start]


def _next(atlas: AtlasState, guid: str) -> Iterator[str]:
    for one in atlas.relations(guid):
        ways = _DIRECTIONS.get(atlas.types.relations[one.type_name].propagate, ())
        if one.status == "ACTIVE" and one.ends.index(guid) in ways:
            yield one.ends[1 - one.ends.index(guid)]
