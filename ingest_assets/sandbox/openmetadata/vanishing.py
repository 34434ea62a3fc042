"""Entities that somebody deletes for good just before a request that names them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from ingest_assets.sandbox.openmetadata.answers import Refused
from ingest_assets.sandbox.openmetadata.repository import Principal
from ingest_assets.sandbox.openmetadata.server import Server
from ingest_assets.sandbox.openmetadata.store import Entity

_LINEAGE = "lineage"
_RESTORE = "/restore"

Key = tuple[str, str]  # an entity's type, and its id or FQN


class Vanishing:
    """Acts out planned deletions.

    Args:
        server: Where the entities are.
        admin: In whose name they are deleted.
    """

    def __init__(self, server: Server, admin: Principal) -> None:
        self._server = server
        self._admin = admin
        self._types = {kind.path: kind.type for kind in server.kinds()}

    def before(self, verb: str, template: str, params: Mapping[str, str], body: bytes) -> None:
        """Delete what a request names, by id or FQN, in path or body, where that is planned."""
        faults, path = self._server.faults, _collection(template)
        if faults is None:
            return
        for entity_type, key in (*self._in_path(path, params), *_in_body(template, self._types.get(path, ""), body)):
            entity = self._found(entity_type, key)
            if entity is not None and faults.take("vanish", verb, path, entity.fqn) is not None:
                self._server.repository.delete(entity, self._admin, recursive=True, hard=True)

    def _in_path(self, path: str, params: Mapping[str, str]) -> Iterator[Key]:
        for suffix in ("", "2"):
            entity_type = params.get(f"type{suffix}", self._types.get(path, ""))
            yield from (
                (entity_type, params[name + suffix]) for name in ("id", "key", "fqn") if name + suffix in params
            )

    def _found(self, entity_type: str, key: str) -> Entity | None:
        by_id = self._server.store.by_id(entity_type, key)
        try:
            return by_id or self._server.by_name(self._server.kind(entity_type), key)
        except Refused:
            return None


def _collection(template: str) -> str:
    if template.startswith(_LINEAGE):
        return _LINEAGE
    return template.partition("/{")[0].removesuffix("/name").removesuffix(_RESTORE)


def _in_body(template: str, entity_type: str, body: bytes) -> Iterator[Key]:
    """Ends of an edge, or what is to be restored; the handler refuses bodies of another shape."""
    if template not in (_LINEAGE, f"{_collection(template)}{_RESTORE}"):
        return
    try:
        asked = json.loads(body)
    except ValueError:
        return
    match asked:
        case {
            "edge": {
                "fromEntity": {"type": str(start_type), "id": str(start)},
                "toEntity": {"type": str(end_type), "id": str(end)},
            }
        }:
            yield start_type, start
            yield end_type, end
        case {"id": str(entity_id)}:
            yield entity_type, entity_id
