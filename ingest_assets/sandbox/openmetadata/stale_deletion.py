"""``PUT /v1/{collection}/deleteStale`` of 2.0: whatever in a scope was not seen is deleted [read in the source].

The reference page calls the verb DELETE; the server's own tests and its users' logs say PUT.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingest_assets.sandbox.openmetadata.answers import Answer, Refused
from ingest_assets.sandbox.openmetadata.bulk import BulkResult
from ingest_assets.sandbox.openmetadata.calls import Call
from ingest_assets.sandbox.openmetadata.entity_types import ENTITY_TYPES, EntityType
from ingest_assets.sandbox.openmetadata.names import canonical
from ingest_assets.sandbox.openmetadata.routes import Route
from ingest_assets.sandbox.openmetadata.server import Server
from ingest_assets.sandbox.openmetadata.store import Entity

_SERVICE = "service"
_OK, _BAD_REQUEST = 200, 400
_TYPES = "databaseSchema table storedProcedure topic dashboard chart dashboardDataModel container pipeline"


class StaleDeletionEndpoint:
    """Deletes what a client no longer sees in one collection."""

    def __init__(self, server: Server, kind: EntityType) -> None:
        self._server = server
        self._kind = kind

    def routes(self) -> Iterator[Route]:
        """The route, where the version and the type have one."""
        if self._server.line.has("stale deletion") and self._kind.type in _TYPES.split():
            yield Route("PUT", f"{self._kind.path}/deleteStale", self.put)

    def put(self, call: Call) -> Answer:
        """Delete the live entities below a scope that are not among those seen.

        An unknown scope holds nothing; when nothing was seen at all nothing is deleted either.
        """
        self._server.allow(call.user, "Delete", self._kind)
        asked = call.request(self._server.validator, "BulkDeleteStaleRequest")
        result = BulkResult(dry_run=asked.get("dryRun", False))
        seen = {canonical(fqn) for fqn in asked["seenFqns"]}
        scope = self._scope(asked["scopeEntityType"], asked["scopeFqn"])
        for entity in self._below(scope) if scope and seen else []:
            if entity.fqn in seen or self._is_gone(entity):
                continue
            try:
                if not result.dry_run:
                    recursive, hard = asked.get("recursive", True), asked.get("hardDelete", False)
                    self._server.repository.delete(entity, call.user, recursive=recursive, hard=hard)
            except Refused as error:
                result.fail(entity.fqn, error.code or _BAD_REQUEST, error.message)
            else:
                result.passed.append({"request": entity.fqn, "status": _OK})
        return Answer(result.body())

    def _scope(self, scope_type: str, fqn: str) -> Entity | None:
        above = [parent.type for parent in self._kind.parents if ENTITY_TYPES[parent.type].reference_key == _SERVICE]
        wanted = (above or ["databaseService"])[0] if scope_type == _SERVICE else scope_type
        return self._server.store.by_fqn(self._server.kind(wanted).type, canonical(fqn))

    def _is_gone(self, entity: Entity) -> bool:
        """Whether it went with a parent that was deleted just before."""
        return entity.state.deleted or self._server.store.by_id(entity.type, entity.id) is None

    def _below(self, scope: Entity) -> list[Entity]:
        prefix = f"{scope.fqn}."
        found = [
            entity
            for entity in self._server.store.of_type(self._kind.type)
            if not entity.state.deleted and entity.fqn.startswith(prefix)
        ]
        return sorted(found, key=lambda entity: entity.fqn)
