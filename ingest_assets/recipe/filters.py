"""Filter patterns with OpenMetadata's meaning.

OpenMetadata matches with Python's ``re``, which nothing can interrupt: a pattern with a repetition within a repetition
holds the whole process, SIGINT included. The package ``regex`` knows a timeout and the same language, but for what is
escaped here, and for half a dozen characters (a dotless i, ``²`` as part of a word).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import cached_property
from typing import Annotated

import regex
from pydantic import AfterValidator, Field

from ingest_assets.errors import RecipeError
from ingest_assets.recipe.fields import WorkflowBlock

_MAX_PATTERN = 2_000
_MAX_PATTERNS = 1_000
_MAX_REPEATS = 100_000
_LONGEST_MATCH = 1.0  # seconds
_SLOW_ADVICE = "Write it without a repetition within a repetition, such as (a+)+."
_ESCAPED = {"{": r"\{", "[:": r"[\:"}
# What makes most patterns that don't end not end: names that match for long, and then don't.
_HARD_NAMES = tuple(f"{part * (80 // len(part))}!" for part in ("a", "0", "_", "a_", "a.", "ab0_"))
_COUNTED = re.compile(r"\\.|(\))?\{(\d+)(?:,\d*)?\}", re.DOTALL)
# POSIX classes, and braces that are no count: regex's own, which Python takes for the characters themselves.
_OF_REGEX = re.compile(r"\\N\{[^}]*\}|\\.|\[:|\{(?!\d*,?\d*\})", re.DOTALL)


def _regular_expression(text: str) -> str:
    if len(text) > _MAX_PATTERN:
        raise ValueError(f"a pattern of {len(text)} characters; at most {_MAX_PATTERN} are read")
    if _repeats(text) > _MAX_REPEATS:
        # regex writes counted repetitions out: {99999999} would take gigabytes.
        raise ValueError("counts to more characters than any name has")
    try:
        re.compile(text, re.IGNORECASE)
        pattern = _compiled(text)
    except (re.error, regex.error, OverflowError, RecursionError) as error:
        raise ValueError(f"not a regular expression: {error}") from error
    slow = next((name for name in _HARD_NAMES if _takes_too_long(pattern, name)), None)
    if slow is not None:
        raise ValueError(f"takes over {_LONGEST_MATCH:g} s to look at the name {slow!r}. {_SLOW_ADVICE}")
    return text


def _repeats(text: str) -> int:
    """How often a pattern's parts are repeated by count, at most."""
    counts = [(match[1], int(match[2])) for match in _COUNTED.finditer(text) if match[2]]
    groups = math.prod(max(1, count) for group, count in counts if group)
    return groups * max(1, sum(count for group, count in counts if not group))


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

    def keeps_one_of(self, names: Sequence[str] | None) -> bool:
        """Whether something passes that has several names, as what lies in several folders.

        Args:
            names: Empty: it has none, and passes where none is asked for. None: they are not known, and it passes only
                where nothing is filtered.
        """
        if not self.includes and not self.excludes:
            return True
        if names is None:
            return False
        return any(map(self.keeps, names)) if names else not self.includes

    @cached_property
    def _included(self) -> tuple[regex.Pattern[str], ...]:
        return tuple(map(_compiled, self.includes))

    @cached_property
    def _excluded(self) -> tuple[regex.Pattern[str], ...]:
        return tuple(map(_compiled, self.excludes))


def _compiled(text: str) -> regex.Pattern[str]:
    as_python_reads = _OF_REGEX.sub(lambda match: _ESCAPED.get(match[0], match[0]), text)
    return regex.compile(as_python_reads, regex.IGNORECASE | regex.VERSION0)


def _matches(pattern: regex.Pattern[str], name: str) -> bool:
    try:
        return pattern.match(name, timeout=_LONGEST_MATCH) is not None
    except TimeoutError:
        raise RecipeError(
            f"The filter pattern {pattern.pattern!r} takes over {_LONGEST_MATCH:g} s to look at the name {name!r}. "
            f"{_SLOW_ADVICE}"
        ) from None


def _takes_too_long(pattern: regex.Pattern[str], name: str) -> bool:
    try:
        pattern.match(name, timeout=_LONGEST_MATCH)
    except TimeoutError:
        return True
    return False
