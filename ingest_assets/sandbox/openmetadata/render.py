"""Entities as answers show them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ingest_assets.sandbox.openmetadata.columns import with_labels, with_own_labels, without_labels
from ingest_assets.sandbox.openmetadata.connections import masked
from ingest_assets.sandbox.openmetadata.entity_types import ENTITY_TYPES, SHOWN_SINCE, EntityType
from ingest_assets.sandbox.openmetadata.labels import Labels
from ingest_assets.sandbox.openmetadata.properties import Property
from ingest_assets.sandbox.openmetadata.references import REFERENCES
from ingest_assets.sandbox.openmetadata.request_classes import properties
from ingest_assets.sandbox.openmetadata.store import Entity, State, Store
from ingest_assets.sandbox.openmetadata.versions import FIRST, Line

Document = dict[str, Any]

# Shown by a GET only when asked for, whatever the type.
_HIDDEN = frozenset({"tags", "extension", "lifeCycle"})
_SET_OTHERWISE = {"table": {"dataModel", "profile", "testSuite", "service", "database", "certification"}}
# Type and property to the other end of the same membership.
_MEMBERS = {("team", "users"): ("user", "teams"), ("user", "teams"): ("team", "users")}
_READ_ONLY = ("id", "href", "version", "updatedAt", "updatedBy", "fullyQualifiedName", "changeDescription", "deleted")


class Renderer:
    """Renders entities; ``base`` is the address up to ``/api`` that links start with.

    Attributes:
        extras: Entity type and field to what a GET shows there of something that is kept beside the entity.
    """

    def __init__(self, line: Line, store: Store, labels: Labels) -> None:
        self._line = line
        self._store = store
        self._labels = labels
        self._domain = "domains" if line.has("many domains") else "domain"
        self.extras: dict[tuple[str, str], Callable[[Entity], Any]] = {}
        self._properties: dict[str, Mapping[str, Property]] = {
            kind.type: properties(kind.create, line.version) for kind in ENTITY_TYPES.values()
        }
        self._shown_empty: dict[str, Mapping[str, Any]] = {
            kind.type: {
                name: value for name, value in kind.shown_empty.items() if line.version >= SHOWN_SINCE.get(name, FIRST)
            }
            for kind in ENTITY_TYPES.values()
        }

    def reference(self, entity: Entity, base: str) -> Document:
        """The EntityReference of an entity."""
        body = entity.state.body
        shown: Document = {
            "id": entity.id,
            "type": entity.type,
            "name": entity.name,
            "fullyQualifiedName": entity.fqn,
            "displayName": body.get("displayName") or entity.name,
            "deleted": entity.state.deleted,
            "href": _href(base, entity),
        }
        if body.get("description"):
            shown["description"] = body["description"]
        return shown

    def known_fields(self, kind: EntityType) -> frozenset[str]:
        """What ``fields`` may ask of a type: the properties of the entity in this version."""
        others = {*self._shown_empty[kind.type], *(parent.property for parent in kind.parents), *_READ_ONLY}
        others.update(name for entity_type, name in self.extras if entity_type == kind.type)
        return frozenset(others | self._properties[kind.type].keys() | _SET_OTHERWISE.get(kind.type, set()))

    def document(self, entity: Entity, base: str, *, fields: frozenset[str], state: State | None = None) -> Document:
        """An entity as a GET shows it, with what ``fields`` asks for."""
        state = state or entity.state
        kind = ENTITY_TYPES[entity.type]
        hidden = _HIDDEN | kind.hidden
        shown = self._frame(entity, state, base)
        for name, value in state.body.items():
            if name not in hidden or name in fields:
                shown[name] = value
        self._dress(shown, with_labels if "tags" in fields else without_labels)
        if "tags" in fields and "tags" in self._properties[entity.type]:
            shown["tags"] = self._labels.shown(state.body.get("tags", ()))
        for name in fields:
            self._field(shown, name, kind, entity, state, base)
        return shown

    def written(self, entity: Entity, state: State, base: str) -> Document:
        """An entity as the answer to a PUT or POST shows it: everything that the request or the server set."""
        kind = ENTITY_TYPES[entity.type]
        shown = {**self._frame(entity, state, base), **state.body}
        self._dress(shown, with_own_labels)
        if "tags" in shown:
            shown["tags"] = self._labels.shown(shown["tags"])
        for name in state.pointers:
            self._pointers(shown, name, state, base)
        if kind.owners_from_parent:
            self._owners(shown, entity, state, base)
        if self._domain in self._properties[entity.type]:
            self._inherited_domain(shown, entity, base)
        if kind.type == "chart" and self._line.has("many owners"):
            shown.setdefault("dashboards", [])
        return shown

    def patched_fields(self, entity: Entity) -> frozenset[str]:
        """What the document that a patch is applied to, and its answer, contain."""
        kind = ENTITY_TYPES[entity.type]
        known = self._properties[entity.type]
        return frozenset(_HIDDEN | kind.hidden | {name for name in known if name in REFERENCES}) & known.keys()

    def masked(self, document: Document) -> Document:
        """A service as people see it, where the version masks secrets."""
        if "connection" in document and self._line.has("masked secrets"):
            return {**document, "connection": masked(document["connection"])}
        return document

    def _frame(self, entity: Entity, state: State, base: str) -> Document:
        shown: Document = {
            "id": entity.id,
            "name": entity.name,
            "fullyQualifiedName": entity.fqn,
            "version": state.version,
            "updatedAt": state.updated_at,
            "updatedBy": state.updated_by,
            "href": _href(base, entity),
            "deleted": state.deleted,
        }
        if state.change is not None:
            shown["changeDescription"] = state.change
        for name, ancestor in self._store.ancestors(entity):
            key = name if name in entity.parents else ENTITY_TYPES[ancestor.type].reference_key
            if key and key not in shown:
                shown[key] = self.reference(ancestor, base)
            if key == "service":
                shown["serviceType"] = ancestor.state.body["serviceType"]
        return shown

    def _dress(self, shown: Document, dress: Callable[[list[Any], Labels], list[Any]]) -> None:
        """Show columns and fields with or without their labels, wherever the type keeps them."""
        if "columns" in shown:
            shown["columns"] = dress(shown["columns"], self._labels)
        if "tasks" in shown:
            shown["tasks"] = dress(shown["tasks"], self._labels)
        for name, inner in (("dataModel", "columns"), ("messageSchema", "schemaFields")):
            if inner in shown.get(name, ()):
                shown[name] = {**shown[name], inner: dress(shown[name][inner], self._labels)}

    def _field(self, shown: Document, name: str, kind: EntityType, entity: Entity, state: State, base: str) -> None:
        extra = self.extras.get((kind.type, name))
        if extra is not None:
            self._extra(shown, name, extra(entity))
        elif name in ("owners", "owner"):
            self._owners(shown, entity, state, base)
        elif name == self._domain:
            self._pointers(shown, name, state, base)
            self._inherited_domain(shown, entity, base)
        elif name == "dashboards" and kind.type == "chart":
            shown[name] = self._dashboards(entity, base)
        elif (kind.type, name) in _MEMBERS:
            shown[name] = [self.reference(one, base) for one in self._members(entity, name)]
        elif kind.shown_empty.get(name) == "children":
            shown[name] = [
                self.reference(child, base) for child in self._store.children(entity) if not child.state.deleted
            ]
        elif name in self._shown_empty[kind.type]:
            shown.setdefault(name, kind.shown_empty[name])
        elif name in REFERENCES:
            self._pointers(shown, name, state, base)

    def _pointers(self, shown: Document, name: str, state: State, base: str) -> None:
        rule = REFERENCES[name]
        found = [self._store.find(pointer) for pointer in state.pointers.get(name, ())]
        hides = rule.live and self._line.has("deleted charts hidden")
        listed = [entity for entity in found if entity and not (hides and entity.state.deleted)]
        references = [self.reference(one, base) for one in sorted(listed, key=lambda one: one.name)]
        if rule.many:
            shown[name] = references
        elif references:
            shown[name] = references[0]

    def _owners(self, shown: Document, entity: Entity, state: State, base: str) -> None:
        name = "owners" if self._line.has("many owners") else "owner"
        self._pointers(shown, name, state, base)
        if not shown.get(name) and ENTITY_TYPES[entity.type].owners_from_parent:
            self._inherited_owners(shown, name, entity, base)

    def _inherited_owners(self, shown: Document, name: str, entity: Entity, base: str) -> None:
        parent = self._store.find(entity.container) if entity.container else None
        if parent is None:
            return
        self._owners(shown, parent, parent.state, base)
        if name == "owners" and self._line.has("inherited flag"):
            shown[name] = [{**owner, "inherited": True} for owner in shown[name]]

    @staticmethod
    def _extra(shown: Document, name: str, value: Any) -> None:
        if value is not None:
            shown[name] = value

    def _inherited_domain(self, shown: Document, entity: Entity, base: str) -> None:
        """Show the nearest domain above an entity that has none of its own [read in the source]."""
        name, above = self._domain, entity.container
        while above is not None and not shown.get(name) and self._line.has("inherited domain"):
            parent = self._store.find(above)
            if parent is None:
                return
            found: Document = {}
            self._pointers(found, name, parent.state, base)
            match found.get(name):
                case [*domains] if domains:
                    shown[name] = [{**domain, "inherited": True} for domain in domains]
                case {**domain} if domain:
                    shown[name] = {**domain, "inherited": True}
            above = parent.container

    def _members(self, entity: Entity, name: str) -> list[Entity]:
        """Users of a team or teams of a user, whichever of the two names the other."""
        other_type, other_name = _MEMBERS[entity.type, name]
        own = filter(None, map(self._store.find, entity.state.pointers.get(name, ())))
        both = {one.id: one for one in (*own, *self._store.referring(entity, other_type, other_name))}
        return sorted(both.values(), key=lambda one: one.name)

    def _dashboards(self, chart: Entity, base: str) -> list[Document]:
        boards = self._store.referring(chart, "dashboard", "charts")
        return [self.reference(one, base) for one in boards if not one.state.deleted]


def _href(base: str, entity: Entity) -> str:
    return f"{base}/v1/{ENTITY_TYPES[entity.type].path}/{entity.id}"
