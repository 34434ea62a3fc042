"""Tag labels: they must exist, exclude each other where their classification says so, and only grow by PUT."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ingest_assets.sandbox.openmetadata.answers import bad_request, not_found
from ingest_assets.sandbox.openmetadata.names import canonical
from ingest_assets.sandbox.openmetadata.store import Entity, Store
from ingest_assets.sandbox.openmetadata.versions import Line

Label = Mapping[str, Any]

_STORED = ("tagFQN", "source", "labelType", "state")


class Labels:
    """Checks, merges and shows labels."""

    def __init__(self, line: Line, store: Store) -> None:
        self._line = line
        self._store = store

    def checked(self, labels: Iterable[Label]) -> list[Label]:
        """What is stored of a request's labels: each once, sorted by FQN.

        Raises:
            Refused: A label's tag or term does not exist (404), is disabled, or two exclude each other (400).
        """
        once: dict[str, Label] = {}
        for label in labels:
            self._check_enabled(label, self._entity(label))
            once.setdefault(label["tagFQN"], {key: label[key] for key in _STORED})
        self._check_exclusive(once.values())
        return sorted(once.values(), key=_fqn)

    def merged(self, asked: list[Label], stored: list[Label]) -> list[Label]:
        """The labels after a PUT: those asked for and those that were there.

        Raises:
            Refused: Two of them exclude each other.
        """
        known = {label["tagFQN"] for label in asked}
        both = [*asked, *(label for label in stored if label["tagFQN"] not in known)]
        if self._line.has("merged labels checked"):
            self._check_exclusive(both)
        return sorted(both, key=_fqn)

    def shown(self, labels: Iterable[Label]) -> list[dict[str, Any]]:
        """Labels as an answer carries them, with the tag's own words."""
        return [self._shown(label) for label in labels]

    def _shown(self, label: Label) -> dict[str, Any]:
        entity = self._find(label)
        if entity is None:
            return dict(label)
        words = {"description": entity.state.body.get("description")}
        if self._line.has("label names"):
            words |= {"name": entity.name, "displayName": entity.state.body.get("displayName")}
        return {**label, **{key: value for key, value in words.items() if value is not None}}

    def _find(self, label: Label) -> Entity | None:
        return self._store.by_fqn(_entity_type(label), canonical(label["tagFQN"]))

    def _entity(self, label: Label) -> Entity:
        entity = self._find(label)
        if entity is None:
            raise not_found(_entity_type(label), label["tagFQN"])
        return entity

    def _check_enabled(self, label: Label, entity: Entity) -> None:
        """Known from reports of people: a tag is disabled with its classification, too."""
        above: Entity | None = entity
        while above is not None and self._line.has("disabled tags refused"):
            if above.state.body.get("disabled"):
                raise bad_request(f"Tag label {label['tagFQN']} is disabled and can't be assigned to a data asset.")
            above = self._store.at(above.container) if above.container else None

    def _check_exclusive(self, labels: Iterable[Label]) -> None:
        seen: dict[str, Label] = {}
        for label in labels:
            entity = self._find(label)
            container = entity.container if entity else None
            if not container or not self._store.at(container).state.body.get("mutuallyExclusive"):
                continue
            other = seen.get(container.id)
            if other:
                raise bad_request(
                    f"Tag labels {label['tagFQN']} and {other['tagFQN']} are mutually exclusive "
                    "and can't be assigned together"
                )
            seen[container.id] = label


def _entity_type(label: Label) -> str:
    return "glossaryTerm" if label["source"] == "Glossary" else "tag"


def _fqn(label: Label) -> str:
    return str(label["tagFQN"])
