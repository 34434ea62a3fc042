"""Words that are put on other entities: tags in classifications, terms in glossaries."""

from __future__ import annotations

from typing import Literal

from ingest_assets.catalog.entities import Entity


class Classification(Entity):
    """A group of tags.

    Attributes:
        mutually_exclusive: Whether an entity can have one of its tags only.
    """

    type: Literal["classification"] = "classification"
    mutually_exclusive: bool = False


class Tag(Entity):
    """A tag, by the path of its classification, the tags above, and its own name."""

    type: Literal["tag"] = "tag"


class Glossary(Entity):
    """A group of terms.

    Attributes:
        mutually_exclusive: Whether an entity can have one of its terms only.
    """

    type: Literal["glossary"] = "glossary"
    mutually_exclusive: bool = False


class GlossaryTerm(Entity):
    """A term, by the path of its glossary, the terms above, and its own name.

    Attributes:
        synonyms: Other words for it.
    """

    type: Literal["glossaryTerm"] = "glossaryTerm"
    synonyms: tuple[str, ...] = ()
