"""What LookML's SQL holds that is no SQL: ``${references}``, and comments that tell production from development."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

_WHEN = re.compile(r"--[ \t]*if[ \t]+(prod|dev)[ \t]*--", re.IGNORECASE)
_REFERENCE = re.compile(r"\$\{\s*([^{}]*?)\s*\}")
_LIQUID = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_TABLE_NAME = ".SQL_TABLE_NAME"


def of_production(sql: str) -> str:
    """SQL as it runs in production.

    ``-- if prod --`` keeps the rest of its line there, ``-- if dev --`` drops it; up to the next such comment where a
    line holds both.
    """
    if "--" not in sql:
        return sql
    return "\n".join(_line(line) for line in sql.split("\n"))


def _line(line: str) -> str:
    first, *rest = _WHEN.split(line)
    kept = [text for word, text in zip(rest[::2], rest[1::2], strict=True) if word.lower() == "prod"]
    return first + "".join(kept)


class Reference(NamedTuple):
    """A ``${reference}``.

    Attributes:
        view: As written before the dot; None where there is none.
        name: ``TABLE``, ``SQL_TABLE_NAME``, or a field.
    """

    view: str | None
    name: str


def reference_of(words: str) -> Reference:
    """What stands between the braces."""
    view, _, name = words.rpartition(".")
    return Reference(view or None, name)


def references(sql: str) -> Iterator[Reference]:
    """The references in a text, in order."""
    return (reference_of(match[1]) for match in _REFERENCE.finditer(sql))


def replaced(sql: str, by: Callable[[Reference], str]) -> str:
    """A text with each reference replaced."""
    return _REFERENCE.sub(lambda match: by(reference_of(match[1])), sql)


def without_liquid(sql: str) -> str:
    """A text with a blank for each tag and output of Liquid; what stands between tags stays, of all branches."""
    return _LIQUID.sub(" ", sql)


def tables_of(sql: str) -> list[str]:
    """Views whose ``${view.SQL_TABLE_NAME}`` a text uses, each once."""
    found = (reference.view for reference in references(sql) if reference.name == _TABLE_NAME[1:])
    return list(dict.fromkeys(view for view in found if view))
