"""From classifications, labels and terms to OpenMetadata's tags and terms. Pure functions, but for what they count.

Each classification is a tag of ``AtlasMetadata``, as OpenMetadata's own connector has it, so that tags which that made
are met, not made twice. Whatever a classification is a kind of goes along, as Atlas finds an entity by that too. OM's
labels have no values: that of a classification's attribute is a tag below it. Labels are tags of ``AtlasLabels``.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import NamedTuple

from ingest_assets.catalog import Classification, Label, Tag, Word
from ingest_assets.sources.atlas.glossary import Terms
from ingest_assets.sources.atlas.shapes import AtlasEntity, Classified
from ingest_assets.sources.atlas.typedefs import Types

CLASSIFICATIONS = Classification(path=("AtlasMetadata",), description="Classifications of Apache Atlas.")
LABELS = Classification(path=("AtlasLabels",), description="Labels of Apache Atlas.")

_UNBOUNDED = frozenset({"float", "double", "date"})
"""Types of attributes whose values are as many as the entities: no words."""

_LONGEST = 64


class Worded(NamedTuple):
    """What an entity is labelled with.

    Attributes:
        words: What the labels are made of.
        labels: None: a term can't be told, and what is there stays.
    """

    words: tuple[Word, ...] = ()
    labels: tuple[Label, ...] | None = None


class Wording:
    """Tells the labels of entities. Safe to share among threads.

    Args:
        types: Of Atlas.
        terms: Of all glossaries; None: they may not be seen.
        include_propagated: Whether classifications count that Atlas propagated from other entities.
    """

    def __init__(self, types: Types, terms: Terms | None, *, include_propagated: bool = True) -> None:
        self._types = types
        self._terms = terms
        self._include_propagated = include_propagated
        self._lock = threading.Lock()
        self._unsaid: set[str] = set()
        self._limited: set[str] = set()
        self._unknown_terms: set[str] = set()

    def of(self, entity: AtlasEntity) -> Worded:
        """The words and labels of one entity."""
        tags: dict[tuple[str, ...], Word] = {}
        for each in entity.classifications:
            if self._include_propagated or not each.is_propagated:
                tags |= {word.path: word for word in self._classified(each)}
        tags |= {(*LABELS.path, text): Tag(path=(*LABELS.path, text)) for text in entity.labels}
        words: list[Word] = []
        for path in sorted(tags):
            words += [CLASSIFICATIONS if path[0] == CLASSIFICATIONS.path[0] else LABELS, tags[path]]
        labels = [tags[path].label() for path in sorted(tags)]
        for meaning in entity.meanings:
            term = self._terms.term(meaning.guid) if self._terms is not None else None
            if term is None:
                with self._lock:
                    self._unknown_terms.add(meaning.name or meaning.guid)
                return Worded(tuple(words), None)
            labels.append(term.label())
        return Worded(tuple(words), tuple(dict.fromkeys(labels)))

    def notes(self) -> Iterator[str]:
        """What people should know of what is not shown."""
        with self._lock:
            unsaid, limited, unknown = (sorted(each) for each in (self._unsaid, self._limited, self._unknown_terms))
        if unsaid:
            yield f"Values of these attributes of classifications are no words, and not shown: {', '.join(unsaid)}."
        if limited:
            yield f"These classifications hold for a time only, and are shown at any time: {', '.join(limited)}."
        if unknown:
            yield (
                f"Glossary terms are assigned that the user may not see ({', '.join(unknown)}): labels of what has "
                "them stay as they are. Let the user read glossaries (type AtlasGlossaryTerm)."
            )

    def _classified(self, told: Classified) -> Iterator[Word]:
        for name in (told.name, *self._types.above(told.name)):
            yield self._tag(name)
        if told.is_limited:
            with self._lock:
                self._limited.add(told.name)
        for attribute, value in sorted(told.attributes.items()):
            kind = self._types.attribute_type(told.name, attribute)
            values = value if isinstance(value, list) else [value]
            texts = [_said(each) for each in values]
            if kind.removeprefix("array<").removesuffix(">") in _UNBOUNDED or None in texts:
                with self._lock:
                    self._unsaid.add(f"{told.name}.{attribute}")
                continue
            for text in texts:
                yield Tag(
                    path=(*CLASSIFICATIONS.path, told.name, f"{attribute}={text}"),
                    description=f"{attribute} of the classification {told.name} is {text}.",
                )

    def _tag(self, name: str) -> Tag:
        known = self._types.classifications.get(name)
        parents = f"A kind of {', '.join(known.parents)}." if known is not None and known.parents else ""
        described = "\n\n".join(filter(None, [known.description if known is not None else "", parents]))
        return Tag(path=(*CLASSIFICATIONS.path, name), description=described or None)


def _said(value: object) -> str | None:
    """A value as part of a tag's name; None where it is none."""
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value).strip() if isinstance(value, str | int) else ""
    return text if text and len(text) <= _LONGEST and text.isprintable() else None
