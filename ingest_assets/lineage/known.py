"""Queries that were followed before: a run parses only those that are new, or whose tables have other columns.

To follow a query of twenty columns takes some ten milliseconds; thousands of models that nobody has touched would take
most of the time of each run.
"""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from importlib.metadata import version
from sys import version_info
from typing import Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from ingest_assets.lineage.flows import ColumnsOf, Flow, Name, Readable, Unread

REVISION = 1
"""Of how queries are followed here: what was kept by another one, or by another sqlglot, is not believed."""

_Told = TypeVar("_Told", bound=BaseModel)


class Kept(Protocol):
    """Where texts are kept from one run to the next; it may lose any."""

    def get(self, key: str) -> str | None:
        """What was put there last."""

    def put(self, key: str, text: str) -> None:
        """Keep a text."""


class Known(BaseModel):
    """What is known of a query, whatever columns its tables have; a text that lacks a part of it is none.

    Attributes:
        references: Tables that it reads.
        unread: Why it can't be parsed; empty: it can.
    """

    model_config = ConfigDict(frozen=True)

    references: tuple[Name, ...]
    unread: str


class Followed(BaseModel):
    """What following a query through tables of certain columns came to; a text that lacks a part of it is none.

    Attributes:
        flows: Which columns flow into which.
        not_followed: Why they can't be followed; empty: they can.
    """

    model_config = ConfigDict(frozen=True)

    flows: tuple[Flow, ...]
    not_followed: str


class KnownQueries:
    """Queries of this run and of those before it.

    Args:
        kept: Where they are kept.
    """

    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    def read(self, sql: str, dialect: str | None) -> Readable | Unread:
        """What is known of a query, else what parsing it tells; see ``parse_query``."""
        key = _digest([REVISION, self._parser, dialect, sql])
        known = _told(Known, self._kept.get(key))
        query: Readable | None = None
        if known is None:
            parsed = _parse(sql, dialect)
            if isinstance(parsed, Unread):
                known = Known(references=(), unread=parsed.reason)
            else:
                known, query = Known(references=parsed.references, unread=""), parsed
            self._kept.put(key, _text(known))
        if known.unread:
            return Unread(known.unread)
        return _Query(sql, dialect, self._kept, key, known.references, query)

    @cached_property
    def _parser(self) -> list[object]:
        # How deep a query may be nested is Python's to say.
        return [version("sqlglot"), *version_info[:2]]


class _Query:
    """A query that was parsed in this run or in an earlier one."""

    def __init__(
        self,
        sql: str,
        dialect: str | None,
        kept: Kept,
        key: str,
        references: tuple[Name, ...],
        parsed: Readable | None,
    ) -> None:
        self._sql = sql
        self._dialect = dialect
        self._kept = kept
        self._key = key
        self._references = references
        self._parsed = parsed

    @property
    def references(self) -> tuple[Name, ...]:
        return self._references

    def flows(self, columns_of: ColumnsOf) -> list[Flow] | Unread:
        columns = {reference: columns_of(reference) for reference in self._references}
        # By the columns, too: the same words may be those of two queries, each of which means tables of its own schema.
        key = _digest([self._key, [[reference, names and list(names)] for reference, names in columns.items()]])
        known = _told(Followed, self._kept.get(key))
        if known is None:
            query = self._parsed or _parse(self._sql, self._dialect)
            found = query if isinstance(query, Unread) else query.flows(columns.__getitem__)
            if isinstance(found, Unread):
                known = Followed(flows=(), not_followed=found.reason)
            else:
                known = Followed(flows=tuple(found), not_followed="")
            self._kept.put(key, _text(known))
        return Unread(known.not_followed) if known.not_followed else list(known.flows)


def _parse(sql: str, dialect: str | None) -> Readable | Unread:
    # sqlglot takes a third of a second to import: only what is new pays for it.
    from ingest_assets.lineage.sql import parse_query  # noqa: PLC0415

    return parse_query(sql, dialect)


def _told(kind: type[_Told], text: str | None) -> _Told | None:
    try:
        return None if text is None else kind.model_validate_json(text)
    except ValidationError:
        return None


def _text(told: BaseModel) -> str:
    # In ASCII: JSON of others may hold half a character, which is no text in any encoding, and nothing to stop for.
    return json.dumps(told.model_dump(), ensure_ascii=True)


def _digest(told: object) -> str:
    text = json.dumps(told, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
