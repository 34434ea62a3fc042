"""What one update changed: the change description and the version that follows from it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Changes:
    """Changed fields of an update; ``major`` when it broke compatibility (a column dropped, a length reduced)."""

    added: list[dict[str, Any]] = field(default_factory=list)
    updated: list[dict[str, Any]] = field(default_factory=list)
    deleted: list[dict[str, Any]] = field(default_factory=list)
    major: bool = False

    def __bool__(self) -> bool:
        return bool(self.added or self.updated or self.deleted)

    def record(self, name: str, old: Any, new: Any) -> bool:
        """Note a field whose value differs; whether it does."""
        if old == new:
            return False
        if old is None:
            self.added.append({"name": name, "newValue": _value(new)})
        elif new is None:
            self.deleted.append({"name": name, "oldValue": _value(old)})
        else:
            self.updated.append({"name": name, "oldValue": _value(old), "newValue": _value(new)})
        return True

    def record_list(self, name: str, old: Iterable[Any], new: Iterable[Any]) -> bool:
        """Note the members of a list that came and went, whatever their order; whether any did."""
        before = {_key(item): item for item in old}
        after = {_key(item): item for item in new}
        came = [item for key, item in after.items() if key not in before]
        went = [item for key, item in before.items() if key not in after]
        if came:
            self.added.append({"name": name, "newValue": _value(came)})
        if went:
            self.deleted.append({"name": name, "oldValue": _value(went)})
        return bool(came or went)

    def version_after(self, version: float) -> float:
        """The entity's version when this is applied to ``version``."""
        step = 1.0 if self.major else 0.1 if self else 0.0
        return round(version + step, 1)

    def description(self, previous: float) -> Mapping[str, Any]:
        """The ``changeDescription`` of an answer."""
        return {
            "fieldsAdded": self.added,
            "fieldsUpdated": self.updated,
            "fieldsDeleted": self.deleted,
            "previousVersion": previous,
        }


def _key(item: Any) -> Any:
    return item if isinstance(item, str) else json.dumps(item, sort_keys=True)


def _value(value: Any) -> Any:
    """Lists and objects are JSON text in a change description."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
