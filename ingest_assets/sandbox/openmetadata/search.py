"""The search indexes: their documents, and the queries that they answer in the search engine's own JSON.

Seen on 1.5 with OpenSearch: ``GET /v1/search/query`` answers with the engine's hits, whose ``_source`` holds a
table's ``lineage``. All else is known only from reading the server's source: ``_id`` is the entity's id, queries are
those of the engine, ``query_filter`` that is no JSON is ignored, documents of other types hold their lineage too, and
from 1.7 on a document holds ``upstreamLineage``, the edges into the entity only. A real index lags behind the server
by up to some seconds, and more while it is made anew; this one never does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ingest_assets.sandbox.openmetadata.answers import Unhandled, not_provided
from ingest_assets.sandbox.openmetadata.lineage import Edge
from ingest_assets.sandbox.openmetadata.server import Server
from ingest_assets.sandbox.openmetadata.store import Entity, Pointer
from ingest_assets.sandbox.openmetadata.versions import parse_version

DEFAULT_INDEX = "table_search_index"

# Entity type to the name of its index, and the version that brought it.
_INDEXES = {
    "table": ("table", "1.0"),
    "topic": ("topic", "1.0"),
    "dashboard": ("dashboard", "1.0"),
    "pipeline": ("pipeline", "1.0"),
    "container": ("container", "1.0"),
    "user": ("user", "1.0"),
    "team": ("team", "1.0"),
    "chart": ("chart", "1.2"),
    "dashboardDataModel": ("dashboard_data_model", "1.2"),
    "storedProcedure": ("stored_procedure", "1.2"),
}
_PEOPLE = frozenset({"user", "team"})
_MAIL = "email.keyword"
_BY_MAIL = re.compile(rf"{re.escape(_MAIL)}:(?P<mail>\S+)")

_WINDOW = 10_000
"""Hits that an engine pages through by ``from`` and ``size``; those behind are reached by ``search_after`` only."""

_FAILED = "Elasticsearch exception [type=search_phase_execution_exception, reason=all shards failed]"
_SCORE = "_score"
_FQN = "fullyQualifiedName"

Json = dict[str, Any]
Matches = Callable[[Entity], bool]


@dataclass(frozen=True)
class Search:
    """One query.

    Attributes:
        index: ``index``.
        text: ``q``.
        filter: ``query_filter``; empty for none.
        start: ``from``.
        size: Hits at most.
        after: ``search_after``; None for none.
        sort: Field to sort by.
        ascending: Whether to sort upwards.
        deleted: Whether deleted entities are looked for, or live ones.
        fields: Of ``_source``; all when empty.
        counts_all: Whether more than the window are counted (``track_total_hits``).
    """

    index: str
    text: str
    filter: str
    start: int
    size: int
    after: str | None
    sort: str
    ascending: bool
    deleted: bool
    fields: Sequence[str]
    counts_all: bool


class SearchIndexes:
    """Finds entities as a search engine does; callers hold the application's lock."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._types = {
            f"{name}_search_index": entity_type
            for entity_type, (name, since) in _INDEXES.items()
            if parse_version(since) <= server.line.version
        }

    def find(self, search: Search, base: str) -> Json:
        """The engine's answer.

        Raises:
            Refused: The engine refuses the query (an unhandled 500), or the sandbox has no such query (501).
        """
        if search.start + search.size > _WINDOW or (search.after is not None and search.start):
            raise Unhandled(_FAILED)
        if search.index not in self._types:
            raise not_provided(f"the search index {search.index}")
        if any(set(name) & set("*.") for name in search.fields):
            raise not_provided("a search for fields by pattern or path")
        found = self._sorted(list(self._candidates(search)), search)
        total = {"value": len(found), "relation": "eq"}
        if len(found) > _WINDOW and not search.counts_all:
            total = {"value": _WINDOW, "relation": "gte"}
        page = [one for one in found if _is_after(one, search)][search.start :][: search.size]
        return {
            "took": 1,
            "timed_out": False,
            "_shards": {"total": 1, "successful": 1, "skipped": 0, "failed": 0},
            "hits": {"total": total, "max_score": None, "hits": [self._hit(one, search, base) for one in page]},
        }

    def _candidates(self, search: Search) -> Iterator[Entity]:
        matches = _all_of([_text(search.text), _matcher(search.filter)])
        entities = self._server.store.of_type(self._types[search.index])
        return (one for one in entities if one.state.deleted == search.deleted and matches(one))

    def _sorted(self, entities: list[Entity], search: Search) -> list[Entity]:
        if search.sort == _SCORE:
            return entities
        if search.sort != _FQN:
            raise not_provided(f"a search sorted by {search.sort}")
        return sorted(entities, key=_sort_value, reverse=not search.ascending)

    def _hit(self, entity: Entity, search: Search, base: str) -> Json:
        source = self._document(entity, base)
        if search.fields:
            source = {name: value for name, value in source.items() if name in search.fields}
        hit = {"_index": search.index, "_id": entity.id, "_score": None, "_source": source}
        return hit if search.sort == _SCORE else {**hit, "sort": [_sort_value(entity)]}

    def _document(self, entity: Entity, base: str) -> Json:
        document = self._server.renderer.document(entity, base, fields=frozenset({"tags"}))
        document["entityType"] = entity.type
        if entity.type in _PEOPLE:
            return document
        line, lineage = self._server.line, self._server.lineage
        above = lineage.upstream(entity, 1)
        if line.has("upstream lineage in search"):
            document["upstreamLineage"] = [self._upstream(edge) for edge in above]
        elif line.has("lineage in search"):
            document["lineage"] = [self._edge(edge) for edge in (*lineage.downstream(entity, 1), *above)]
        return document

    def _edge(self, edge: Edge) -> Json:
        details = edge.details or {}
        columns = {"columns": details["columnsLineage"]} if details.get("columnsLineage") else {}
        return {
            "doc_id": f"{edge.start.id}-{edge.end.id}",
            "fromEntity": self._end(edge.start, "fqn"),
            "toEntity": self._end(edge.end, "fqn"),
            **columns,
            **{name: details.get(name) for name in ("pipeline", "description", "sqlQuery", "source")},
        }

    def _upstream(self, edge: Edge) -> Json:
        """The edge as 1.7 and later keep it; its end is the document's own entity, and not told."""
        details = edge.details or {}
        told = {
            "columns": details.get("columnsLineage"),
            **{name: details.get(name) for name in ("pipeline", "description", "sqlQuery", "source")},
        }
        return {
            "docUniqueId": f"{edge.start.id}--->{edge.end.id}",
            "fromEntity": self._end(edge.start, _FQN),
            **{name: value for name, value in told.items() if value},
        }

    def _end(self, pointer: Pointer, fqn: str) -> Json:
        return {"id": pointer.id, "type": pointer.type, fqn: self._server.store.at(pointer).fqn}


def _is_after(entity: Entity, search: Search) -> bool:
    if search.after is None:
        return True
    if search.sort == _SCORE:
        raise not_provided("search_after by score")
    value = _sort_value(entity)
    return value > search.after if search.ascending else value < search.after


def _sort_value(entity: Entity) -> str:
    """The FQN as it is indexed: in lower case, so that two entities may share it."""
    return entity.fqn.lower()


def _text(text: str) -> Matches:
    if text in ("", "*"):
        return lambda _: True
    found = _BY_MAIL.fullmatch(text)
    if not found:
        raise not_provided(f"the search for {text!r}")
    return _one_of(_MAIL, [found["mail"].replace("\\", "")])


def _matcher(text: str) -> Matches:
    if not text:
        return lambda _: True
    try:
        query = json.loads(text)["query"]
    except (ValueError, KeyError, TypeError):
        return lambda _: True
    return _query(query)


def _query(query: Mapping[str, Any]) -> Matches:
    match query:
        case {"ids": {"values": [*ids]}} if len(query) == 1:
            return _one_of("_id", ids)
        case {"term": dict(term)} if len(query) == len(term) == 1:
            ((name, value),) = term.items()
            return _one_of(name, [value["value"] if isinstance(value, dict) else value])
        case {"terms": dict(terms)} if len(query) == len(terms) == 1:
            ((name, values),) = terms.items()
            return _one_of(name, values)
        case {"bool": {"must": [*parts]}} | {"bool": {"filter": [*parts]}} if len(query) == len(query["bool"]) == 1:
            return _all_of([_query(part) for part in parts])
        case _:
            raise not_provided(f"the search query {json.dumps(query)[:200]}")


def _all_of(parts: Sequence[Matches]) -> Matches:
    return lambda entity: all(part(entity) for part in parts)


def _one_of(name: str, values: Sequence[Any]) -> Matches:
    wanted = {str(value) for value in values}
    if name == "_id":
        return lambda entity: entity.id in wanted
    if name == _FQN:
        lowered = {value.lower() for value in wanted}
        return lambda entity: _sort_value(entity) in lowered
    if name == _MAIL:
        return lambda entity: entity.state.body.get("email") in wanted
    raise not_provided(f"a search by {name}")
