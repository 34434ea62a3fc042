"""What the docs leave to fill in, such as ``{bot_jwt_token}`` and ``<aws-account-id>``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest_assets.recipe.document import Document, KeyPath

# Whole values, and hosts or beginnings as in https://{your-server}/api; a brace inside a password is none.
_PLACEHOLDER = re.compile(r"(?:https?://)?(\{[A-Za-z][^{}\"':]*\}|<[A-Za-z][^<>]*>)(?:[/:].*)?", re.DOTALL)
_PATTERN_LISTS = frozenset({"includes", "excludes"})


def placeholder_in(value: object) -> str | None:
    """The placeholder that a value is or begins with."""
    match = _PLACEHOLDER.fullmatch(value.strip()) if isinstance(value, str) else None
    return match.group(1) if match else None


def find_placeholders(document: Document) -> Iterator[tuple[KeyPath, str]]:
    """Each key that still holds a placeholder; filter patterns, where braces are repeats, are left out."""
    for key, text in document.scalars():
        placeholder = None if _PATTERN_LISTS.intersection(key) else placeholder_in(text)
        if placeholder is not None:
            yield key, placeholder
