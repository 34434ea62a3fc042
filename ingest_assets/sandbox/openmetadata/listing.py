"""Lists: filters, order, pages and cursors."""

from __future__ import annotations

import base64
import binascii
import json
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from ingest_assets.sandbox.openmetadata.answers import Refused, Unhandled, bad_request
from ingest_assets.sandbox.openmetadata.calls import Call
from ingest_assets.sandbox.openmetadata.entity_types import EntityType
from ingest_assets.sandbox.openmetadata.fault_source import FaultSource
from ingest_assets.sandbox.openmetadata.names import canonical, quote_once
from ingest_assets.sandbox.openmetadata.store import Entity, Pointer, Store
from ingest_assets.sandbox.openmetadata.versions import Line

_DEFAULT_LIMIT = 10
_MOST = 1_000_000
_REMEMBERED = 16
_FILTERED_BY = ("team", "domain")  # types whose entities say what a filter of another type lets through
_NAMES_A_SCHEMA_OR_DATABASE = ("prefix", "schema prefix")

SortKey = tuple[str, str]
Test = Callable[[Entity], bool]


class Listing:
    """Pages through a collection. Filtered and sorted rows are kept until the collection changes."""

    def __init__(self, line: Line, store: Store, faults: FaultSource | None) -> None:
        self._line = line
        self._store = store
        self._faults = faults
        self._kept: OrderedDict[Any, tuple[tuple[int, ...], list[tuple[SortKey, Entity]]]] = OrderedDict()

    def page(self, kind: EntityType, call: Call) -> tuple[list[Entity], dict[str, Any]]:
        """The entities of one page, and its ``paging``.

        Raises:
            Refused: A parameter is out of bounds, both cursors are given, or a cursor is none.
        """
        limit = call.number("limit", _DEFAULT_LIMIT, 0, _MOST)
        after, before = call.query.get("after"), call.query.get("before")
        if after is not None and before is not None:
            raise bad_request("Only one of before or after query parameter allowed")
        rows = self._visible(kind, self._rows(kind, call))
        paging: dict[str, Any] = {"total": len(rows)}
        if limit == 0:
            return [], paging
        keys = [key for key, _ in rows]
        if before is not None:
            end = bisect_left(keys, self._cursor(before))
            start = max(0, end - limit)
        else:
            start = bisect_right(keys, self._cursor(after)) if after is not None else 0
            end = min(len(rows), start + limit)
        if start < end:
            if start > 0:
                paging["before"] = self._spell(keys[start])
            if end < len(rows):
                paging["after"] = self._spell(keys[end - 1])
        if after is not None and self._take("loop-token", kind) is not None:
            paging["after"] = after
        return [entity for _, entity in rows[start:end]], paging

    def _rows(self, kind: EntityType, call: Call) -> list[tuple[SortKey, Entity]]:
        included = call.includes()
        filters = self._filters(kind, call)
        remembered = (kind.type, included, tuple(sorted(filters.items())))
        generation = tuple(self._store.generation[name] for name in (kind.type, *_FILTERED_BY))
        kept = self._kept.get(remembered)
        if kept is not None and kept[0] == generation:
            return kept[1]
        tests = [self._test(kind.filters[name], name, value) for name, value in filters.items()]
        rows = sorted(
            (
                (self._key(entity), entity)
                for entity in self._store.of_type(kind.type)
                if entity.state.deleted in included and all(test(entity) for test in tests)
            ),
            key=lambda row: row[0],
        )
        self._kept[remembered] = (generation, rows)
        while len(self._kept) > _REMEMBERED:
            self._kept.popitem(last=False)
        return rows

    def _visible(self, kind: EntityType, rows: list[tuple[SortKey, Entity]]) -> list[tuple[SortKey, Entity]]:
        if self._faults is None:
            return rows
        hides = self._faults.hiding(kind.path)
        return [row for row in rows if not hides(row[1].fqn)]

    def _take(self, fault: str, kind: EntityType) -> str | None:
        return self._faults.take(fault, "GET", kind.path, kind.path) if self._faults else None

    def _filters(self, kind: EntityType, call: Call) -> Mapping[str, str]:
        """The parameters that filter; unknown ones are ignored, as is one that a planned fault switches off."""
        asked = {name: call.query[name] for name in kind.filters if call.query.get(name)}
        narrowing = [name for name in asked if kind.filters[name] in _NAMES_A_SCHEMA_OR_DATABASE]
        if narrowing and self._take("ignore-filter", kind) is not None:
            asked = {name: value for name, value in asked.items() if name not in narrowing}
        if not self._line.has("schema filter"):
            asked = {name: value for name, value in asked.items() if kind.filters[name] != "schema prefix"}
        return asked

    def _test(self, filter_kind: str, name: str, value: str) -> Test:
        if filter_kind == "service":
            return _below(quote_once(value) if self._line.has("quoted top level") else value)
        tests: Mapping[str, Callable[[], Test]] = {
            "prefix": lambda: _below(canonical(value)),
            "schema prefix": lambda: _below(canonical(value)),
            "value": lambda: lambda entity: entity.state.body.get(name) == value,
            "name": lambda: lambda entity: entity.name == value,
            "root": lambda: lambda entity: value != "true" or "parent" not in entity.parents,
            "parent id": lambda: lambda entity: value in {one.id for one in entity.parents.values()},
            "flag": lambda: lambda entity: bool(entity.state.body.get(name)) == (value == "true"),
            "team": lambda: self._of_team(value),
            "parent team": lambda: self._below_team(value),
            "domain": lambda: self._of_domain(value),
        }
        return tests[filter_kind]()

    def _of_team(self, name: str) -> Test:
        team = self._team(name)
        named = team.state.pointers.get("users", ()) if team else ()
        return lambda user: _points(user, "teams", team) or Pointer(user.type, user.id) in named

    def _below_team(self, name: str) -> Test:
        team = self._team(name)
        named = team.state.pointers.get("children", ()) if team else ()
        return lambda child: _points(child, "parents", team) or Pointer(child.type, child.id) in named

    def _team(self, name: str) -> Entity | None:
        return self._store.by_fqn("team", quote_once(name)) or self._store.by_fqn("team", name)

    def _of_domain(self, fqn: str) -> Test:
        domain = self._store.by_fqn("domain", canonical(fqn))
        return lambda entity: _points(entity, "domain", domain) or _points(entity, "domains", domain)

    def _key(self, entity: Entity) -> SortKey:
        return (entity.name, entity.id) if self._line.has("order by name") else (entity.fqn, "")

    def _spell(self, key: SortKey) -> str:
        text = json.dumps({"name": key[0], "id": key[1]}) if self._line.has("order by name") else key[0]
        return base64.urlsafe_b64encode(text.encode()).decode()

    def _cursor(self, text: str) -> SortKey:
        try:
            plain = base64.urlsafe_b64decode(text.encode()).decode()
            if not self._line.has("order by name"):
                return (plain, "")
            at = json.loads(plain)
            return (str(at["name"]), str(at["id"]))
        except (binascii.Error, ValueError, KeyError, TypeError) as error:
            message = f"The cursor {text} can't be read: {error}"
            raise (Refused(500, message) if self._line.has("error type") else Unhandled(message)) from error


def _points(entity: Entity, name: str, other: Entity | None) -> bool:
    return other is not None and Pointer(other.type, other.id) in entity.state.pointers.get(name, ())


def _below(fqn: str) -> Test:
    prefix = f"{fqn}."
    return lambda entity: entity.fqn.startswith(prefix)
