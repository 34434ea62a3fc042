"""Properties of requests that refer to other entities: owners, domains, charts and the like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ingest_assets.sandbox.openmetadata.answers import bad_request, not_found
from ingest_assets.sandbox.openmetadata.names import canonical
from ingest_assets.sandbox.openmetadata.store import Pointer, Store
from ingest_assets.sandbox.openmetadata.versions import Line

_MOST_OWNERS = 5


@dataclass(frozen=True)
class ReferenceRule:
    """How a property names what it refers to.

    Attributes:
        type: Entity type; empty where an EntityReference says it.
        spelling: ``fqn``, ``id``, or ``reference`` (an EntityReference).
        many: Whether the property is a list.
        live: Whether a soft-deleted entity counts as missing, and disappears from answers.
        on_missing: What a PUT without the property does: ``keep`` or ``clear``.
    """

    type: str
    spelling: str
    many: bool = True
    live: bool = False
    on_missing: str = "clear"


REFERENCES: Mapping[str, ReferenceRule] = {
    "owner": ReferenceRule("", "reference", many=False, on_missing="keep"),
    "owners": ReferenceRule("", "reference", on_missing="keep"),
    "reviewers": ReferenceRule("user", "reference"),
    "domain": ReferenceRule("domain", "fqn", many=False, on_missing="keep"),
    "domains": ReferenceRule("domain", "fqn", on_missing="keep"),
    "dataProducts": ReferenceRule("dataProduct", "fqn"),
    "experts": ReferenceRule("user", "fqn"),
    "charts": ReferenceRule("chart", "fqn", live=True),
    "dataModels": ReferenceRule("dashboardDataModel", "fqn", live=True),
    "dashboards": ReferenceRule("dashboard", "fqn", live=True),
    "relatedTerms": ReferenceRule("glossaryTerm", "fqn"),
    "teams": ReferenceRule("team", "id"),
    "roles": ReferenceRule("role", "id"),
    "users": ReferenceRule("user", "id"),
    "parents": ReferenceRule("team", "id"),
    "children": ReferenceRule("team", "id"),
    "defaultRoles": ReferenceRule("role", "id"),
    "policies": ReferenceRule("policy", "id"),
}


class References:
    """Resolves what requests refer to."""

    def __init__(self, line: Line, store: Store) -> None:
        self._line = line
        self._store = store

    def resolve(self, name: str, value: Any, *, references: bool = False) -> tuple[Pointer, ...]:
        """The entities that a property refers to.

        Args:
            name: The property, a key of ``REFERENCES``.
            value: Its checked value.
            references: Whether the value holds EntityReferences whatever the rule says, as in a patched document.

        Raises:
            Refused: One of them does not exist (404), or may not be referred to (400).
        """
        rule = REFERENCES[name]
        items = value if isinstance(value, list) else [value]
        if name in ("owner", "owners"):
            return self._owners(items)
        if references:
            return tuple(self._by_reference(item) for item in items)
        found = {self._one(rule, item): None for item in items}
        return tuple(found)

    def _one(self, rule: ReferenceRule, item: Any) -> Pointer:
        if isinstance(item, dict):
            return self._by_reference(item)
        if rule.spelling == "id":
            entity = self._store.by_id(rule.type, item)
        else:
            entity = self._store.by_fqn(rule.type, canonical(item))
        if entity is None or (rule.live and entity.state.deleted):
            raise not_found(rule.type, item)
        return Pointer(entity.type, entity.id)

    def _by_reference(self, item: Mapping[str, Any]) -> Pointer:
        entity = self._store.by_id(item["type"], item["id"])
        if entity is None:
            raise not_found(item["type"], item["id"])
        return Pointer(entity.type, entity.id)

    def _owners(self, items: list[Mapping[str, Any]]) -> tuple[Pointer, ...]:
        if self._line.has("many owners"):
            self._check_owner_types(items)
        owners = tuple(self._by_reference(item) for item in items)
        for owner in owners:
            if owner.type == "team":
                self._check_team(owner)
        return owners

    def _check_owner_types(self, items: list[Mapping[str, Any]]) -> None:
        types = [item["type"] for item in items]
        for kind in types:
            if kind not in ("user", "team"):
                raise bad_request(
                    f"Entity of type {kind} can't be the owner. Only Team of type Group or a User can own entities."
                )
        if len(types) > _MOST_OWNERS or ("team" in types and len(types) > 1):
            raise bad_request("Data Assets can have up to 5 users or a Team but not both as owners.")

    def _check_team(self, owner: Pointer) -> None:
        kind = self._store.at(owner).state.body["teamType"]
        if kind != "Group":
            raise bad_request(f"Team of type {kind} can't own entities. Only Team of type Group can own entities.")
