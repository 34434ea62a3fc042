"""Lineage: the graph around a data set or a process, one edge for each half."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from ingest_assets.sandbox.atlas.calls import AtlasCall, Route
from ingest_assets.sandbox.atlas.entities import Entities
from ingest_assets.sandbox.atlas.refusals import AtlasCrashError, AtlasRefusalError
from ingest_assets.sandbox.atlas.releases import Release
from ingest_assets.sandbox.atlas.rendering import Row
from ingest_assets.sandbox.company.atlas import AtlasEntity, AtlasState, Relationship

_DEPTH = 3
_DIRECTIONS = ("INPUT", "OUTPUT", "BOTH")
_INPUTS, _OUTPUTS = "dataset_process_inputs", "process_dataset_outputs"


class Lineage:
    """Routes of lineage.

    Args:
        atlas: The company's.
        release: The server's ways.
        entities: Finds the entity that is asked about.
    """

    def __init__(self, atlas: AtlasState, release: Release, entities: Entities) -> None:
        self._atlas = atlas
        self._release = release
        self._entities = entities

    def routes(self) -> list[Route]:
        """By name and by guid; a POST is lineage on demand, which nobody has switched on."""
        named = "/v2/lineage/uniqueAttribute/type/{type_name}"
        methods = ("GET", "POST") if self._release.has_markers else ("GET",)
        return [
            Route("lineage.uniqueAttribute", named, self._named),
            Route("lineage", "/v2/lineage/{guid}", self._one, methods),
        ]

    def _one(self, call: AtlasCall) -> Row:
        if call.posted:
            words = "Lineage on demand config: atlas.lineage.on.demand.enabled is not enabled"
            raise AtlasRefusalError("ATLAS-400-00-100", words)
        return self._around(call, self._entities.readable(call, call.path["guid"], "read entity lineage"))

    def _named(self, call: AtlasCall) -> Row:
        found = self._atlas.named(call.path["type_name"], call.unique_name())
        if found is not None:
            return self._around(call, self._entities.readable(call, found.guid, "read entity lineage"))
        return self._around(call, self._entities.find_named(call, call.unique_name()))

    def _around(self, call: AtlasCall, entity: AtlasEntity) -> Row:
        depth, direction = call.number("depth", _DEPTH), call.args.get("direction") or "BOTH"
        if direction not in _DIRECTIONS:
            raise AtlasCrashError
        above = self._atlas.types.lineage(entity.type_name)
        if "DataSet" not in above and "Process" not in above:
            words = (
                f"Given instance guid {entity.guid} with type {entity.type_name} is not a valid lineage entity type."
            )
            raise AtlasRefusalError("ATLAS-404-00-011", words)
        found: dict[str, Relationship] = {}
        if direction != "OUTPUT":
            found |= self._walk(entity, depth, (_OUTPUTS, _INPUTS))
        if direction != "INPUT":
            found |= self._walk(entity, depth, (_INPUTS, _OUTPUTS))
        guids = {guid: None for one in found.values() for guid in one.ends}
        row: Row = {
            "baseEntityGuid": entity.guid,
            "lineageDirection": direction,
            "lineageDepth": depth,
            "guidEntityMap": {guid: call.showing.header(self._atlas.get(guid)) for guid in guids},
            "relations": [_edge(one) for one in found.values()],
        }
        if self._release.has_markers:
            row["relationsOnDemand"] = {}
        return row

    def _walk(self, start: AtlasEntity, depth: int, steps: tuple[str, str]) -> dict[str, Relationship]:
        """Follow a data set to processes and on to data sets; a depth of 1 is both steps, 0 is the whole graph."""
        found: dict[str, Relationship] = {}
        seen: set[str] = set()
        at_process = "Process" in self._atlas.types.lineage(start.type_name)
        waiting = deque([(start.guid, 0)])
        while waiting:
            guid, walked = waiting.popleft()
            if guid in seen or 0 < depth <= walked:
                continue
            seen.add(guid)
            first = at_process and guid == start.guid
            for one in self._step(guid, steps[1] if first else steps[0]):
                found[one.guid] = one
                for next_one in [one] if first else list(self._step(_process(one), steps[1])):
                    found[next_one.guid] = next_one
                    waiting.append((next_one.ends[1], walked + 1))
        return found

    def _step(self, guid: str, kind: str) -> Iterator[Relationship]:
        return (one for one in self._atlas.relations(guid) if one.type_name == kind)


def _process(one: Relationship) -> str:
    return one.ends[0]  # both types have the process first


def _edge(one: Relationship) -> Row:
    process, data_set = one.ends
    ends = (data_set, process) if one.type_name == _INPUTS else (process, data_set)
    return {"fromEntityId": ends[0], "toEntityId": ends[1], "relationshipId": one.guid}
