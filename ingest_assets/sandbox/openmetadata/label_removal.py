"""What happens to labels when their tag or term is deleted for good: they go with it, without a change of anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ingest_assets.sandbox.openmetadata.store import Entity, Store

_SOURCES = {"tag": "Classification", "glossaryTerm": "Glossary"}


class LabelRemoval:
    """Takes the labels of removed tags and terms off all entities [read in the source]."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def forget(self, entity: Entity) -> None:
        """Drop every label of an entity, if it is one that labels name."""
        source = _SOURCES.get(entity.type)
        if source is None:
            return
        for other in list(self._store.all()):
            body = _without(other.state.body, entity.fqn, source)
            if body is not other.state.body:
                self._store.replace(other, replace(other.state, body=body), keep=False)


def _without(value: Any, fqn: str, source: str) -> Any:
    """A value without the labels in it; the same object where there are none."""
    if isinstance(value, Mapping):
        kept = {key: _without(item, fqn, source) for key, item in value.items()}
        return kept if any(kept[key] is not item for key, item in value.items()) else value
    if isinstance(value, list):
        items = [_without(item, fqn, source) for item in value if not _is_label(item, fqn, source)]
        changed = len(items) != len(value) or any(new is not old for new, old in zip(items, value, strict=True))
        return items if changed else value
    return value


def _is_label(item: Any, fqn: str, source: str) -> bool:
    return isinstance(item, Mapping) and item.get("tagFQN") == fqn and item.get("source") == source
