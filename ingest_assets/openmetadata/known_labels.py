"""Labels of entities, held against the words that the snapshot brings along.

A server refuses an entity for one label that it doesn't know, and spells words by the rules of its version.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from ingest_assets.catalog import Column, Entity, EntityKey, Label, MessageSchema, SchemaField, Word
from ingest_assets.openmetadata.bodies import Bodies
from ingest_assets.snapshots.ledger import Ledger

EntityT = TypeVar("EntityT", bound=Entity)
HolderT = TypeVar("HolderT", Column, SchemaField)


class KnownLabels:
    """Fits the labels of entities. Not safe to share among threads.

    Labels that are none of the snapshot's own words are left as they are; the server is to say whether it has them.

    Args:
        words: Of the snapshot.
        bodies: Know how the server spells a word.
        is_known: Whether the server has a word, or will.

    Attributes:
        left_out: How many entities and columns lack a label, by its FQN.
    """

    def __init__(
        self,
        words: Iterable[Word],
        bodies: Bodies,
        is_known: Callable[[EntityKey], bool],
    ) -> None:
        self.left_out: Counter[str] = Counter()
        self._bodies = bodies
        self._keys = {word.label(): bodies.key(word.reference) for word in words}
        self._is_known = is_known
        self._fitting: dict[Label, Label | None] = {}

    def fit(self, entity: EntityT) -> EntityT:
        """An entity with those of its labels that the server can hold."""
        if not self._keys:
            return entity
        changes: dict[str, Any] = {}
        if (labels := self._labels(entity.labels)) != entity.labels:
            changes["labels"] = labels
        columns = getattr(entity, "columns", None)
        if columns and (fitted := self._holders(columns)) is not None:
            changes["columns"] = fitted
        schema = getattr(entity, "message_schema", None)
        if isinstance(schema, MessageSchema) and (fields := self._holders(schema.fields)) is not None:
            changes["message_schema"] = schema.model_copy(update={"fields": fields})
        return entity.model_copy(update=changes) if changes else entity

    def notes(self) -> list[str]:
        """What people should know of it."""
        return [
            f"Label {fqn} is left out in {count} places: the server lacks it, or has it disabled, or this run could "
            "not make it."
            for fqn, count in sorted(self.left_out.items())
        ]

    def _labels(self, labels: tuple[Label, ...] | None) -> tuple[Label, ...] | None:
        if not labels:
            return labels
        fitting = tuple(self._fitted(label) for label in labels)
        self.left_out.update(label.fqn for label, fits in zip(labels, fitting, strict=True) if fits is None)
        return tuple(label for label in fitting if label is not None)

    def _fitted(self, label: Label) -> Label | None:
        if label not in self._fitting:
            key = self._keys.get(label)
            spelled = label if key is None else Label(self._bodies.on_server(key), label.source)
            self._fitting[label] = spelled if key is None or self._is_known(key) else None
        return self._fitting[label]

    def _holders(self, holders: Sequence[HolderT]) -> tuple[HolderT, ...] | None:
        """Columns, or fields, with what fits; None where all of it does already."""
        fitted = tuple(self._holder(each) for each in holders)
        return None if all(one is other for one, other in zip(holders, fitted, strict=True)) else fitted

    def _holder(self, holder: HolderT) -> HolderT:
        changes: dict[str, Any] = {}
        if (labels := self._labels(holder.labels)) != holder.labels:
            changes["labels"] = labels
        if holder.children and (children := self._holders(holder.children)) is not None:
            changes["children"] = children
        return holder.model_copy(update=changes) if changes else holder


def known_labels(words: Iterable[Word], bodies: Bodies, ledger: Ledger) -> KnownLabels:
    """Fits labels for writing: the server was seen to have the words that stay.

    Of a word that no run has published it is noted that it lacks: who leaves out the tags has entities written once
    without these labels, and not in each run anew.
    """

    def is_held(key: EntityKey) -> bool:
        is_live = ledger.words.is_live(key)
        if is_live is None:
            ledger.words.note(key, live=False)
        return is_live is True

    return KnownLabels(words, bodies, is_held)


def foreseen_labels(words: Iterable[Word], bodies: Bodies, ledger: Ledger) -> KnownLabels:
    """Fits labels for a plan: of words that no run has asked for yet it is not known that the server refuses them."""
    return KnownLabels(words, bodies, lambda key: ledger.words.is_live(key) is not False)
