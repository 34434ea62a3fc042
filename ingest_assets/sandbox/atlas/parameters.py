"""The parameters of a basic search: how they are read, and how the answer repeats them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ingest_assets.sandbox.atlas.calls import AtlasCall
from ingest_assets.sandbox.atlas.filters import Condition
from ingest_assets.sandbox.atlas.refusals import AtlasCrashError, BrokenJsonError

Row = dict[str, Any]

MOST = 10_000
USUAL = 100
"""The limit when none is given, or one that is out of bounds: nobody is told."""

_TEXTS = ("query", "typeName", "classification", "termName", "sortBy", "sortOrder", "marker")
_FLAGS = {
    "excludeDeletedEntities": False,
    "includeClassificationAttributes": False,
    "includeSubTypes": True,
    "includeSubClassifications": True,
    "excludeHeaderAttributes": False,
}


@dataclass(frozen=True)
class SearchParameters:
    """What is searched for.

    Attributes:
        texts: ``typeName`` and the like; empty for none.
        flags: ``excludeDeletedEntities`` and the like.
        limit: Rows at most.
        offset: Rows that are passed over.
        entity_filters: Conditions on entities' attributes.
        tag_filters: Conditions on the attributes of their classifications.
        attributes: Asked for besides those of every header.
    """

    texts: Mapping[str, str]
    flags: Mapping[str, bool]
    limit: int
    offset: int
    entity_filters: Condition | None = None
    tag_filters: Condition | None = None
    attributes: tuple[str, ...] = field(default=())

    @classmethod
    def of_query(cls, call: AtlasCall) -> SearchParameters:
        """Those of a GET."""
        texts = {name: call.args.get(name, "") for name in _TEXTS}
        flags = {name: call.flag(name, default=default) for name, default in _FLAGS.items()}
        return cls(texts, flags, page_size(call.number("limit", 0)), max(0, call.number("offset", 0)))

    @classmethod
    def of_body(cls, call: AtlasCall) -> SearchParameters:
        """Those of a POST; members that Atlas doesn't know are passed over.

        Raises:
            BrokenJsonError: A member is of another type.
        """
        body = call.json()
        if not isinstance(body, dict):
            raise BrokenJsonError
        texts = {name: _read(body, name, str, "") for name in _TEXTS}
        flags = {name: _read(body, name, bool, default) for name, default in _FLAGS.items()}
        attributes = _read(body, "attributes", list, [])
        if not all(isinstance(one, str) for one in attributes):
            raise BrokenJsonError
        return cls(
            texts,
            flags,
            page_size(_read(body, "limit", int, 0)),
            max(0, _read(body, "offset", int, 0)),
            Condition.read(body["entityFilters"]) if body.get("entityFilters") else None,
            Condition.read(body["tagFilters"]) if body.get("tagFilters") else None,
            tuple(dict.fromkeys(attributes)),
        )

    def __post_init__(self) -> None:
        """Fail at what names nothing to search for.

        Raises:
            AtlasCrashError: Neither type nor classification, term or text.
        """
        if not any(self.texts[name] for name in ("query", "typeName", "classification", "termName")):
            raise AtlasCrashError

    @property
    def names(self) -> tuple[str, ...]:
        """Attributes that rows show: those asked for, and those of the conditions."""
        of_filters = [name for name in self.entity_filters.names() if name[:2] != "__"] if self.entity_filters else []
        return tuple(dict.fromkeys((*self.attributes, *of_filters)))

    def key(self) -> str:
        """What a page belongs to: all but where it begins."""
        texts = sorted((name, value) for name, value in self.texts.items() if name != "marker")
        return repr((texts, sorted(self.flags.items()), self.entity_filters, self.tag_filters))

    def echo(self, *, newer: bool) -> Row:
        """As the answer repeats them."""
        texts = {name: value for name, value in self.texts.items() if value and (newer or name != "marker")}
        flags = {name: value for name, value in self.flags.items() if newer or name != "excludeHeaderAttributes"}
        row: Row = {**texts, **flags, "limit": self.limit, "offset": self.offset}
        if self.entity_filters:
            row["entityFilters"] = self.entity_filters.echo()
        if self.tag_filters:
            row["tagFilters"] = self.tag_filters.echo()
        if self.attributes:
            row["attributes"] = list(self.attributes)
        return row


def page_size(limit: int) -> int:
    """The limit that Atlas takes for the one that it was given."""
    return limit if 0 < limit <= MOST else USUAL


def _read(body: Row, name: str, kind: type, default: Any) -> Any:
    value = body.get(name)
    if value is None:
        return default
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise BrokenJsonError
    return value
