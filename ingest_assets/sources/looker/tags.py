"""LookML's tags as tags of OpenMetadata. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable

from ingest_assets.catalog import Classification, Label, Tag

CLASSIFICATION = "LookerTags"
"""As openmetadata-ingestion has it, so that its tags are met and not made twice."""

_DESCRIPTION = "Tags of explores, views and fields in LookML."


def tags_of(texts: Iterable[str]) -> tuple[Tag, ...]:
    """Tags by what LookML says, each once, in its order."""
    return tuple(Tag(path=(CLASSIFICATION, text)) for text in dict.fromkeys(each.strip() for each in texts) if text)


def labels_of(texts: Iterable[str]) -> tuple[Label, ...]:
    """The same tags on something."""
    return tuple(tag.label() for tag in tags_of(texts))


def words_of(texts: Iterable[str]) -> tuple[Classification | Tag, ...]:
    """The classification with its tags, before anything has them on; nothing where there are none."""
    tags = tags_of(texts)
    return (Classification(path=(CLASSIFICATION,), description=_DESCRIPTION), *tags) if tags else ()
