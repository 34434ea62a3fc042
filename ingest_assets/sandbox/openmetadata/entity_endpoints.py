"""The endpoints that every collection has."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from ingest_assets.sandbox.openmetadata.answers import Answer, Unrecognized, bad_request, not_found, not_provided
from ingest_assets.sandbox.openmetadata.calls import Call
from ingest_assets.sandbox.openmetadata.drafts import Draft
from ingest_assets.sandbox.openmetadata.entity_types import EntityType
from ingest_assets.sandbox.openmetadata.json_patch import apply_patch
from ingest_assets.sandbox.openmetadata.references import REFERENCES
from ingest_assets.sandbox.openmetadata.repository import CREATED, Outcome
from ingest_assets.sandbox.openmetadata.routes import Route
from ingest_assets.sandbox.openmetadata.server import Server
from ingest_assets.sandbox.openmetadata.store import Entity

Find = Callable[[Call, tuple[bool, ...]], Entity]

_EVERY = (False, True)


class EntityEndpoints:
    """Reads and writes of one entity type."""

    def __init__(self, server: Server, kind: EntityType) -> None:
        self._server = server
        self._kind = kind

    def routes(self) -> Iterator[Route]:
        """The collection's routes."""
        path, line = self._kind.path, self._server.line
        by_id, by_name = f"{path}/{{id}}", f"{path}/name/{{fqn}}"
        yield Route("GET", path, self.page)
        yield Route("GET", by_id, self._found(self.get, self._by_id))
        yield Route("GET", by_name, self._found(self.get, self._by_name))
        yield Route("GET", f"{path}/{{id}}/versions", self.versions)
        yield Route("GET", f"{path}/{{id}}/versions/{{version}}", self.version)
        if self._kind.read_only:
            return
        yield Route("POST", path, self.post)
        yield Route("PUT", path, self.put)
        yield Route("PUT", f"{path}/restore", self.restore)
        yield Route("DELETE", by_id, self._found(self.delete, self._by_id))
        yield Route("DELETE", by_name, self._found(self.delete, self._by_name))
        yield Route("PATCH", by_id, self._found(self.patch, self._by_id))
        if line.has("patch by name"):
            yield Route("PATCH", by_name, self._found(self.patch, self._by_name))

    def page(self, call: Call) -> Answer:
        """One page of the collection."""
        self._server.allow(call.user, "ViewAll", self._kind)
        fields = self._fields(call)
        entities, paging = self._server.listing.page(self._kind, call)
        return Answer({"data": [self._document(one, call, fields) for one in entities], "paging": paging})

    def get(self, call: Call, find: Find) -> Answer:
        """One entity."""
        self._server.allow(call.user, "ViewAll", self._kind)
        fields = self._fields(call)
        return Answer(self._document(find(call, call.includes()), call, fields))

    def post(self, call: Call) -> Answer:
        """Create an entity."""
        self._server.allow(call.user, "Create", self._kind)
        request = call.request(self._server.validator, self._kind.create)
        outcome = self._server.repository.post(self._kind, request, call.user)
        return replace(self._written(outcome, call, HTTPStatus.CREATED), change="")

    def put(self, call: Call) -> Answer:
        """Create or update an entity."""
        self._server.allow(call.user, "Create", self._kind)
        request = call.request(self._server.validator, self._kind.create)
        outcome = self._server.repository.put(self._kind, request, call.user)
        status = HTTPStatus.CREATED if outcome.change == CREATED else HTTPStatus.OK
        return self._written(outcome, call, status)

    def delete(self, call: Call, find: Find) -> Answer:
        """Delete an entity, softly unless ``hardDelete``."""
        self._server.allow(call.user, "Delete", self._kind)
        recursive, hard = call.flag("recursive"), call.flag("hardDelete")
        if recursive and self._kind.type == "container" and self._server.line.version < (1, 1, 0):
            raise bad_request("Recursive deletion of containers is not supported")
        outcome = self._server.repository.delete(find(call, _EVERY), call.user, recursive=recursive, hard=hard)
        return self._written(outcome, call)

    def restore(self, call: Call) -> Answer:
        """Restore a soft-deleted entity."""
        if call.flag("async"):
            raise not_provided("restore?async=true")
        self._server.allow(call.user, "EditAll", self._kind)
        request = call.request(self._server.validator, "RestoreEntity")
        outcome = self._server.repository.restore(self._kind, request["id"], call.user)
        return self._written(outcome, call)

    def patch(self, call: Call, find: Find) -> Answer:
        """Apply a JSON Patch."""
        self._server.allow(call.user, "EditAll", self._kind)
        entity = find(call, (False,))
        fields = self._server.renderer.patched_fields(entity)
        document = self._server.renderer.document(entity, call.base, fields=fields)
        patched = apply_patch(document, call.json())
        if not isinstance(patched, dict):
            raise bad_request(f"The patched document is no {self._kind.type}")
        draft = self._patched_draft(entity, patched, known=document.keys() | self._known() | self._kind.patched)
        outcome = self._server.repository.patch(self._kind, entity, draft, call.user)
        shown = self._server.renderer.document(entity, call.base, fields=fields, state=outcome.state)
        return Answer(self._server.shown(shown, call), change=outcome.change)

    def versions(self, call: Call) -> Answer:
        """All versions, the newest first, each as JSON text."""
        entity = self._by_id(call, _EVERY)
        states = [entity.state, *reversed(entity.history)]
        written = self._server.renderer.written
        texts = [json.dumps(self._server.shown(written(entity, state, call.base), call)) for state in states]
        return Answer({"entityType": self._kind.type, "versions": texts})

    def version(self, call: Call) -> Answer:
        """One version."""
        entity = self._by_id(call, _EVERY)
        asked = call.params["version"]
        for state in (entity.state, *entity.history):
            if str(state.version) == asked:
                return Answer(self._server.shown(self._server.renderer.written(entity, state, call.base), call))
        raise not_found(self._kind.type, f"{entity.id} version {asked}")

    def _found(self, act: Callable[[Call, Find], Answer], find: Find) -> Callable[[Call], Answer]:
        return lambda call: act(call, find)

    def _by_id(self, call: Call, included: tuple[bool, ...]) -> Entity:
        return self._server.by_id(self._kind, call.params["id"], included)

    def _by_name(self, call: Call, included: tuple[bool, ...]) -> Entity:
        return self._server.by_name(self._kind, call.params["fqn"], included)

    def _known(self) -> frozenset[str]:
        return self._server.renderer.known_fields(self._kind)

    def _fields(self, call: Call) -> frozenset[str]:
        asked = call.query.get("fields", "")
        if asked == "*":
            return self._known()
        fields = frozenset(name.strip() for name in asked.split(",") if name.strip())
        unknown = sorted(fields - self._known())
        if unknown:
            raise bad_request(f"Invalid field name {unknown[0]}")
        return fields

    def _document(self, entity: Entity, call: Call, fields: frozenset[str]) -> Any:
        return self._server.shown(self._server.renderer.document(entity, call.base, fields=fields), call)

    def _written(self, outcome: Outcome, call: Call, status: int = HTTPStatus.OK) -> Answer:
        document = self._server.renderer.written(outcome.entity, outcome.state, call.base)
        headers = {"Location": document["href"]} if status == HTTPStatus.CREATED else {}
        return Answer(self._server.shown(document, call), status, outcome.change, headers)

    def _patched_draft(self, entity: Entity, patched: Any, known: frozenset[str] | set[str]) -> Draft:
        """What a patched document means for what is stored; changes of read-only properties are dropped."""
        validator, create = self._server.validator, self._kind.create
        fixed = {"name", *(parent.property for parent in self._kind.parents)}
        draft = Draft(entity.name, entity.fqn, dict(entity.parents), {"name": entity.name}, {})
        for name, value in patched.items():
            if name not in known:
                raise Unrecognized(f"org.openmetadata.schema.entity.{entity.type}", name, tuple(sorted(known)))
            if name in fixed or value is None:
                continue
            if not validator.knows(create, name):
                if name in entity.state.body or name in self._kind.patched:
                    draft.body[name] = value
            elif name in REFERENCES:
                draft.pointers[name] = self._owned(name, value)
            else:
                draft.body[name] = validator.property(create, name, value)
        draft.pointers = {name: found for name, found in draft.pointers.items() if found}
        self._server.drafts.shape(self._kind, draft)
        return draft

    def _owned(self, name: str, value: Any) -> Any:
        """The entities that a reference property of a patched document means; inherited ones stay the parent's."""
        items = value if isinstance(value, list) else [value]
        own = [self._server.validator.require("EntityReference", item) for item in items]
        return self._server.references.resolve(
            name, [item for item in own if not item.get("inherited")], references=True
        )
