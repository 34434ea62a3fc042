"""Queries that were followed before: a run parses only those that are new, or whose tables have other columns.

To follow a query of twenty columns takes some ten milliseconds; thousands of models that nobody has touched would take
most of the time of each run.
"""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from importlib.metadata import version
from typing import Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from ingest_assets.lineage.flows import ColumnsOf, Flow, Name, Readable, Unread

REVISION = 1
"""Of how queries are followed here: what was kept by another one, or by another sqlglot, is not believed."""


class Kept(Protocol):
    """Where texts are kept from one run to the next; it may lose any."""

    def get(self, key: str) -> str | None:
        """What was put there last."""

    def put(self, key: str, text: str) -> None:
        """Keep a text."""


class Known(BaseModel):
    """What is known of a query; a text that lacks a part of it is none.

    Attributes:
        references: Tables that it reads.
        unread: Why it can't be parsed; empty: it can.
        columns: Digest of the columns of its tables with which it was followed; empty: it was not yet.
        flows: Which columns flow into which.
        not_followed: Why they can't be followed; empty: they can.
    """

    model_config = ConfigDict(frozen=True)

    references: tuple[Name, ...]
    unread: str
    columns: str
    flows: tuple[Flow, ...]
    not_followed: str


_UNKNOWN = Known(references=(), unread="", columns="", flows=(), not_followed="")


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
        known = _known(self._kept.get(key))
        query: Readable | None = None
        if known is None:
            parsed = _parse(sql, dialect)
            if isinstance(parsed, Unread):
                known = _UNKNOWN.model_copy(update={"unread": parsed.reason})
            else:
                known, query = _UNKNOWN.model_copy(update={"references": parsed.references}), parsed
            self._kept.put(key, known.model_dump_json())
        if known.unread:
            return Unread(known.unread)
        return _Query(sql, dialect, self._kept, key, known, query)

    @cached_property
    def _parser(self) -> str:
        return version("sqlglot")


class _Query:
    """A query that was parsed in this run or in an earlier one."""

    def __init__(  # a query, and where it is known from
        self, sql: str, dialect: str | None, kept: Kept, key: str, known: Known, parsed: Readable | None
    ) -> None:
        self._sql = sql
        self._dialect = dialect
        self._kept = kept
        self._key = key
        self._known = known
        self._parsed = parsed

    @property
    def references(self) -> tuple[Name, ...]:
        return self._known.references

    def flows(self, columns_of: ColumnsOf) -> list[Flow] | Unread:
        columns = {reference: columns_of(reference) for reference in self.references}
        digest = _digest([[reference, names and list(names)] for reference, names in columns.items()])
        if self._known.columns != digest:
            query = self._parsed or _parse(self._sql, self._dialect)
            found = query if isinstance(query, Unread) else query.flows(columns.__getitem__)
            told = {"not_followed": found.reason} if isinstance(found, Unread) else {"flows": tuple(found)}
            self._known = _UNKNOWN.model_copy(update={"references": self.references, "columns": digest, **told})
            self._kept.put(self._key, self._known.model_dump_json())
        return Unread(self._known.not_followed) if self._known.not_followed else list(self._known.flows)


def _parse(sql: str, dialect: str | None) -> Readable | Unread:
    # sqlglot takes a third of a second to import: only what is new pays for it.
    from ingest_assets.lineage.sql import parse_query  # noqa: PLC0415

    return parse_query(sql, dialect)


def _known(text: str | None) -> Known | None:
    try:
        return None if text is None else Known.model_validate_json(text)
    except ValidationError:
        return None


def _digest(told: object) -> str:
    text = json.dumps(told, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
