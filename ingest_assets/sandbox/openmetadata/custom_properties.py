"""Custom properties: what ``extension`` may hold, by entity type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingest_assets.sandbox.openmetadata.answers import bad_request
from ingest_assets.sandbox.openmetadata.store import Store
from ingest_assets.sandbox.openmetadata.versions import Version, parse_version

# Type of a property to the JSON type of its values, and the version that brought it.
_FIELD_TYPES = {
    "duration": ("string", "1.0"),
    "email": ("string", "1.0"),
    "integer": ("integer", "1.0"),
    "markdown": ("string", "1.0"),
    "number": ("number", "1.0"),
    "string": ("string", "1.0"),
    "timeInterval": ("object", "1.0"),
    "timestamp": ("integer", "1.0"),
    "entityReference": ("object", "1.4"),
    "entityReferenceList": ("array", "1.4"),
    "enum": ("array", "1.4"),
    "sqlQuery": ("string", "1.4"),
}


def field_types(version: Version) -> list[str]:
    """The types that a custom property can have."""
    return [name for name, (_, since) in _FIELD_TYPES.items() if parse_version(since) <= version]


class CustomProperties:
    """Checks values against the properties that were added to the type of their entity."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def check(self, entity_type: str, extension: Mapping[str, Any]) -> None:
        """Refuse what the server refuses in an ``extension``.

        Raises:
            Refused: A property that the type does not have, or a value of another kind.
        """
        holder = self._store.by_fqn("type", entity_type)
        listed = holder.state.body.get("customProperties", []) if holder else []
        known = {prop["name"]: prop for prop in listed}
        for name, value in extension.items():
            if name not in known:
                raise bad_request(f"Unknown custom field {name}")
            self._check_value(known[name], value)

    @staticmethod
    def _check_value(prop: Mapping[str, Any], value: Any) -> None:
        expected, _ = _FIELD_TYPES[prop["propertyType"]["name"]]
        found = _json_type(value)
        if found != expected and (found, expected) != ("integer", "number"):
            raise bad_request(f"Custom field {prop['name']} has invalid JSON [$: {found} found, {expected} expected]")
        config = prop.get("customPropertyConfig", {}).get("config", {})
        if prop["propertyType"]["name"] == "enum" and not set(value) <= set(config.get("values", ())):
            raise bad_request(f"Values '{value}' not supported for property {prop['name']}")


def _json_type(value: Any) -> str:
    if value is None:
        return "null"
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return kinds[type(value)]
