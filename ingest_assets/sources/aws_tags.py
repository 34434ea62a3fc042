"""From the tags that AWS puts on its resources to ours. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ingest_assets.catalog import Classification, Label, Tag

_SYSTEM_TAGS = "aws:"
_DESCRIPTION = "Values of the AWS tag {}."


class AwsTags(NamedTuple):
    """What tags come to.

    Attributes:
        words: Classifications and tags, which the labels are made of.
        labels: One for each tag with a value, but for the owner's and for those of AWS itself.
        owners: The value of the owner's tag.
    """

    words: tuple[Classification | Tag, ...]
    labels: tuple[Label, ...]
    owners: tuple[str, ...]


def read_tags(tags: Mapping[str, str], owner_tag: str) -> AwsTags:
    """A tag's key is a classification and its value a tag in it, as openmetadata-ingestion has Lake Formation's.

    A tag without a value has its key twice.
    """
    words: list[Classification | Tag] = []
    labels, owners = [], []
    for key, value in sorted(tags.items()):
        if key.startswith(_SYSTEM_TAGS):
            continue
        if key.casefold() == owner_tag.casefold():
            owners += [part.strip() for part in value.split(",") if part.strip()]
            continue
        tag = Tag(path=(key, value.strip() or key))
        words += [Classification(path=(key,), description=_DESCRIPTION.format(key)), tag]
        labels.append(tag.label())
    return AwsTags(tuple(words), tuple(labels), tuple(owners))
