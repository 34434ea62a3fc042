"""``fields=id,title,folder(id,name)``: which members of an answer are asked for."""

from __future__ import annotations

import re
from collections import deque

from ingest_assets.sandbox.looker.refusals import invalid

FieldTree = dict[str, "FieldTree"]
"""What is asked for, by name; empty for all."""

_WORD = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*|\S)\s*")


def read_fields(text: str | None) -> FieldTree:
    """Read the parameter.

    Raises:
        LookerRefusalError: Its brackets don't match, or something else than a name stands in it.
    """
    words = deque(_WORD.findall(text or ""))
    tree = _read_names(words, text) if words else {}
    if words:
        raise _unreadable(text)
    return tree


def _read_names(words: deque[str], text: str | None) -> FieldTree:
    tree: FieldTree = {}
    while True:
        name = words.popleft() if words else ""
        if not name.isidentifier():
            raise _unreadable(text)
        below = tree.setdefault(name, {})
        if words and words[0] == "(":
            words.popleft()
            below.update(_read_names(words, text))
            if not words or words.popleft() != ")":
                raise _unreadable(text)
        if not words or words[0] != ",":
            return tree
        words.popleft()


def _unreadable(text: str | None) -> Exception:
    return invalid("fields", f"cannot be read: {text}")
