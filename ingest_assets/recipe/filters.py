"""Filter patterns with OpenMetadata's meaning."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Annotated

from pydantic import AfterValidator, Field

from ingest_assets.recipe.fields import WorkflowBlock

_MAX_PATTERN = 2_000
_MAX_PATTERNS = 1_000


def _regular_expression(text: str) -> str:
    if len(text) > _MAX_PATTERN:
        raise ValueError(f"a pattern of {len(text)} characters; at most {_MAX_PATTERN} are read")
    try:
        re.compile(text, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return text


Pattern = Annotated[str, AfterValidator(_regular_expression)]
_PatternList = Annotated[tuple[Pattern, ...], Field(max_length=_MAX_PATTERNS)]


class FilterPattern(WorkflowBlock):
    """Regular expressions that keep or drop names.

    Each is anchored at the start of the name but not at its end (``sales`` keeps ``sales_2024``), ignores case, and
    what ``excludes`` names is dropped even when ``includes`` names it too. Empty lists filter nothing.
    """

    includes: _PatternList = Field(default=(), description="Keep only names that one of these matches.")
    excludes: _PatternList = Field(
        default=(), description="Drop names that one of these matches, even if they are included."
    )

    def keeps(self, name: str) -> bool:
        """Whether a name passes. No name at all passes only where nothing is filtered."""
        if not self.includes and not self.excludes:
            return True
        if not name or any(pattern.match(name) for pattern in self._excluded):
            return False
        return not self.includes or any(pattern.match(name) for pattern in self._included)

    @cached_property
    def _included(self) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(text, re.IGNORECASE) for text in self.includes)

    @cached_property
    def _excluded(self) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(text, re.IGNORECASE) for text in self.excludes)
