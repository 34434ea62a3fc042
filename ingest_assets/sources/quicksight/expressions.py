"""Which columns an expression of a calculated field mentions. Nothing else of it is understood.

A column is written in braces, ``{Order Date}``, or by its bare name. Text is in single or double quotes, in which a
backslash escapes; ``${name}`` is a parameter; a name before a parenthesis is a function's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKENS = re.compile(
    r"""
    '(?:\\.|[^'\\])*(?:'|\\?\Z)                              # text; what is not closed reaches to the end
    | "(?:\\.|[^"\\])*(?:"|\\?\Z)
    | /\*.*?(?:\*/|\Z) | //[^\n]*                           # comments
    | \$\s*\{[^}]*\}?                                       # a parameter
    | \{(?P<braced>[^}]*)(?:\}|\Z)
    | (?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\w*               # a number
    | (?P<bare>[^\W\d]\w*)(?!\w)(?!\s*\()
    | \w+                                                   # a function
    """,
    re.VERBOSE | re.DOTALL,
)
_KEYWORDS = frozenset(
    {"and", "or", "not", "in", "is", "like", "between", "true", "false", "null", "asc", "desc"}
    | {"pre_filter", "pre_agg", "post_agg_filter"}
)


class Mention(NamedTuple):
    """A column that an expression mentions.

    Attributes:
        name: As it is written there.
        is_keyword: Whether the language has a word of that spelling, so that it is a column only if there is one.
    """

    name: str
    is_keyword: bool = False


def mentions(expression: str) -> Iterator[Mention]:
    """The columns that an expression mentions, each as often as it does."""
    for token in _TOKENS.finditer(expression):
        if token["braced"]:
            yield Mention(token["braced"])
        elif token["bare"]:
            yield Mention(token["bare"], token["bare"].lower() in _KEYWORDS)
