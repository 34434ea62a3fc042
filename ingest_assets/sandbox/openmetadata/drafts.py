"""From a checked request to what would be stored: parents found, FQNs derived, defaults filled in, rules applied."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ingest_assets.sandbox.openmetadata.answers import Refused, bad_request, not_found
from ingest_assets.sandbox.openmetadata.columns import check_columns, fill_type_texts, name_columns
from ingest_assets.sandbox.openmetadata.connections import stored_connection
from ingest_assets.sandbox.openmetadata.custom_properties import CustomProperties
from ingest_assets.sandbox.openmetadata.entity_types import EntityType, Parent
from ingest_assets.sandbox.openmetadata.labels import Labels
from ingest_assets.sandbox.openmetadata.merge import Pointers
from ingest_assets.sandbox.openmetadata.names import canonical, join, quote
from ingest_assets.sandbox.openmetadata.references import REFERENCES, References
from ingest_assets.sandbox.openmetadata.store import Entity, Pointer, Store
from ingest_assets.sandbox.openmetadata.versions import Line

# Never stored: they would come back in answers.
_SECRET = frozenset({"password", "confirmPassword", "createPasswordType", "authenticationMechanism"})


@dataclass
class Draft:
    """An entity as a request describes it.

    Attributes:
        refused: Why its custom properties are refused, by an old server that finds out when the rest is stored.
    """

    name: str
    fqn: str
    parents: dict[str, Pointer]
    body: dict[str, Any]
    pointers: Pointers
    refused: Refused | None = None


class Drafts:
    """Makes drafts of requests."""

    def __init__(self, line: Line, store: Store, labels: Labels, references: References) -> None:
        self._line = line
        self._store = store
        self._labels = labels
        self._references = references
        self._custom_properties = CustomProperties(store)
        self._shapers: Mapping[str, Callable[[Draft], None]] = {
            "table": self._shape_table,
            "dashboardDataModel": self._shape_data_model,
            "container": self._shape_container,
            "topic": self._shape_topic,
            "pipeline": self._shape_pipeline,
            "user": self._shape_user,
        }

    def of_request(self, kind: EntityType, request: Mapping[str, Any]) -> Draft:
        """The draft of a checked ``Create`` request.

        Raises:
            Refused: A parent or another entity it refers to is missing, or a rule of the type is broken.
        """
        parents = self._parents(kind, request)
        name = self._name(kind, request)
        fqn = self._fqn(kind, name, parents)
        names = {parent.property for parent in kind.parents}
        body = {key: value for key, value in request.items() if key not in names and key not in _SECRET}
        body["name"] = name
        for default in kind.defaults:
            if default.since <= self._line.version < default.until:
                body.setdefault(default.property, default.value)
        pointers = {key: self._references.resolve(key, body.pop(key)) for key in list(body) if self._refers(kind, key)}
        draft = Draft(name, fqn, parents, body, {key: found for key, found in pointers.items() if found})
        self.shape(kind, draft)
        return draft

    def shape(self, kind: EntityType, draft: Draft) -> None:
        """Apply the rules of the entity type to a draft, in place.

        Raises:
            Refused: A rule is broken.
        """
        body = draft.body
        if "tags" in body:
            body["tags"] = self._labels.checked(body["tags"])
        if "extension" in body:
            self._check_extension(kind, draft)
        if kind.type in self._shapers:
            self._shapers[kind.type](draft)
        elif kind.reference_key == "service":
            self._shape_service(kind, draft)

    @staticmethod
    def _refers(kind: EntityType, key: str) -> bool:
        # "children" of a team are teams, of a tag nothing that a request could carry.
        return key in REFERENCES and (kind.type == "team" or key not in ("children", "parents", "policies"))

    def _parents(self, kind: EntityType, request: Mapping[str, Any]) -> dict[str, Pointer]:
        found = {}
        for parent in kind.parents:
            if parent.property in request:
                entity = self._parent(parent, request[parent.property])
                found[parent.property] = Pointer(entity.type, entity.id)
        if kind.parents and not found and not kind.root_allowed:
            raise bad_request("Either parent or container of the entity must be given")
        return found

    def _parent(self, parent: Parent, value: Any) -> Entity:
        if parent.reference:
            key = value["id"]
            entity = self._store.by_id(parent.type, key)
        else:
            key = value
            entity = self._store.by_fqn(parent.type, canonical(value))
        if entity is None or (parent.live and entity.state.deleted):
            raise not_found(parent.type, key)
        return entity

    def _name(self, kind: EntityType, request: Mapping[str, Any]) -> str:
        name: str = request["name"]
        return name.lower() if kind.type == "user" and self._line.has("lower case users") else name

    def _fqn(self, kind: EntityType, name: str, parents: Mapping[str, Pointer]) -> str:
        quoted = quote(name)
        container = next(iter(parents.values()), None)
        if container is None:
            return quoted if kind.parents or self._line.has("quoted top level") else name
        parent = self._store.at(container)
        if kind.infix:
            return join(f"{parent.name}.{kind.infix}", name)
        # Before 1.2 the FQN of a service is its bare name, but a database quotes it in its own.
        above = quote(parent.name) if kind.quotes_parent else parent.fqn
        return join(above, name)

    def _check_extension(self, kind: EntityType, draft: Draft) -> None:
        try:
            self._custom_properties.check(kind.type, draft.body["extension"])
        except Refused as error:
            if self._line.has("extension checked first"):
                raise
            draft.refused = error

    def _shape_table(self, draft: Draft) -> None:
        body = draft.body
        columns = body["columns"]
        check_columns(columns)
        name_columns(columns, draft.fqn, self._labels)
        fill_type_texts(columns)
        known = {column["name"] for column in columns}
        for column in self._partition_columns(body.get("tablePartition", {})):
            if column not in known:
                raise bad_request("Invalid column name found in table partition")
        for constraint in body.get("tableConstraints", ()):
            if not known.issuperset(constraint.get("columns", ())):
                raise bad_request("Invalid column name found in table constraint")

    @staticmethod
    def _partition_columns(partition: Mapping[str, Any]) -> list[str]:
        columns = partition.get("columns", ())
        return [column["columnName"] if isinstance(column, dict) else column for column in columns]

    def _shape_data_model(self, draft: Draft) -> None:
        name_columns(draft.body["columns"], draft.fqn, self._labels)
        fill_type_texts(draft.body["columns"])

    def _shape_container(self, draft: Draft) -> None:
        if "dataModel" in draft.body:
            name_columns(draft.body["dataModel"]["columns"], draft.fqn, self._labels)

    def _shape_topic(self, draft: Draft) -> None:
        fields = draft.body.get("messageSchema", {}).get("schemaFields", [])
        name_columns(fields, draft.fqn, self._labels)

    def _shape_pipeline(self, draft: Draft) -> None:
        name_columns(draft.body.get("tasks", []), draft.fqn, self._labels)

    def _shape_user(self, draft: Draft) -> None:
        if self._line.has("lower case users"):
            draft.body["email"] = draft.body["email"].lower()

    def _shape_service(self, kind: EntityType, draft: Draft) -> None:
        if "connection" in draft.body:
            existing = self._store.by_fqn(kind.type, draft.fqn)
            stored = existing.state.body.get("connection") if existing else None
            draft.body["connection"] = stored_connection(self._line, draft.body, stored)
