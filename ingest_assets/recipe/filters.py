"""Filter patterns with OpenMetadata's meaning."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Annotated

import regex
from pydantic import AfterValidator, Field

from ingest_assets.errors import RecipeError
from ingest_assets.recipe.fields import WorkflowBlock

_MAX_PATTERN = 2_000
_MAX_PATTERNS = 1_000
_LONGEST_MATCH = 1.0  # seconds


def _regular_expression(text: str) -> str:
    if len(text) > _MAX_PATTERN:
        raise ValueError(f"a pattern of {len(text)} characters; at most {_MAX_PATTERN} are read")
    try:
        # Both: Python's own module says what a pattern means to OpenMetadata, the other one can be stopped.
        re.compile(text, re.IGNORECASE)
        _compiled(text)
    except (re.error, regex.error, OverflowError, RecursionError) as error:
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
        if not name or any(_matches(pattern, name) for pattern in self._excluded):
            return False
        return not self.includes or any(_matches(pattern, name) for pattern in self._included)

    @cached_property
    def _included(self) -> tuple[regex.Pattern[str], ...]:
        return tuple(map(_compiled, self.includes))

    @cached_property
    def _excluded(self) -> tuple[regex.Pattern[str], ...]:
        return tuple(map(_compiled, self.excludes))


def _compiled(text: str) -> regex.Pattern[str]:
    return regex.compile(text, regex.IGNORECASE | regex.VERSION0)


def _matches(pattern: regex.Pattern[str], name: str) -> bool:
    try:
        return pattern.match(name, timeout=_LONGEST_MATCH) is not None
    except TimeoutError:
        # Python's own matching can't be interrupted: a pattern with nested repetition would hold the whole process.
        raise RecipeError(
            f"The filter pattern {pattern.pattern!r} takes over {_LONGEST_MATCH} s to look at the name {name!r}. "
            "Write it without a repetition within a repetition, such as (a+)+."
        ) from None
