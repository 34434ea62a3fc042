"""Words that are put on other entities: tags in classifications, terms in glossaries.

They are nobody's alone: people put them on what no source knows of. So a source tells of those that its labels need, in
whatever listing it meets them, and none of them is ever gone.
"""

from __future__ import annotations

from typing import Literal

from ingest_assets.catalog.entities import Entity, Label
from ingest_assets.catalog.names import source_fqn
from ingest_assets.catalog.references import EntityType


class Word(Entity):
    """What labels are made of, and the groups that hold them."""

    def label(self) -> Label:
        """This word on something; the server's own spelling of it is found when it is sent."""
        of_terms = self.reference.type.root is EntityType.GLOSSARY
        return Label(source_fqn(self.path), "Glossary" if of_terms else "Classification")


class Classification(Word):
    """A group of tags.

    Attributes:
        mutually_exclusive: Whether an entity can have one of its tags only.
    """

    type: Literal["classification"] = "classification"
    mutually_exclusive: bool = False


class Tag(Word):
    """A tag, by the path of its classification, the tags above, and its own name."""

    type: Literal["tag"] = "tag"


class Glossary(Word):
    """A group of terms.

    Attributes:
        mutually_exclusive: Whether an entity can have one of its terms only.
    """

    type: Literal["glossary"] = "glossary"
    mutually_exclusive: bool = False


class GlossaryTerm(Word):
    """A term, by the path of its glossary, the terms above, and its own name.

    Attributes:
        synonyms: Other words for it.
    """

    type: Literal["glossaryTerm"] = "glossaryTerm"
    synonyms: tuple[str, ...] = ()
