"""What following a query comes to. Imports no parser: what was followed before needs none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

Name = tuple[str, ...]
"""A table as a query writes it, with as many parts as were written."""

ColumnsOf = Callable[[Name], Sequence[str] | None]
"""The columns of a table of a query, in their real spelling; None where they are not known."""


class Flow(NamedTuple):
    """Columns that flow into one column of a query.

    Attributes:
        position: Of the column in the query, from zero; None where a star before it could not be counted.
        name: Of the column.
        sources: Reference and column, each pair once.
    """

    position: int | None
    name: str
    sources: tuple[tuple[Name, str], ...]


class Unread(NamedTuple):
    """SQL that could not be understood."""

    reason: str


class Readable(Protocol):
    """A query whose tables are known."""

    @property
    def references(self) -> tuple[Name, ...]:
        """Tables that it reads, each once."""

    def flows(self, columns_of: ColumnsOf) -> Sequence[Flow] | Unread:
        """Which columns flow into which."""


Parse = Callable[[str, str | None], Readable | Unread]
"""Reads SQL in a dialect, by sqlglot's name of it."""
