"""Edges as the server's search index tells of them: of many tables in one call, where the graph tells of one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ingest_assets.errors import InvalidAnswerError
from ingest_assets.openmetadata.client import OpenMetadataClient

_PATH = "/v1/search/query"
_UPSTREAM = "upstreamLineage"
_LINEAGE = "lineage"
_FIELDS = ("id", _LINEAGE, _UPSTREAM, "lineageSqlQueries")

Json = dict[str, Any]
Edges = dict[str, Json]
"""``lineageDetails`` of the edges into one table, by the id of their source."""


class LineageIndex:
    """The search index of a server's tables.

    It lags behind the server, is incomplete while it is made anew, and is there only with a search engine: what it
    says is a hint. Documents of 1.3 to 1.6 have ``lineage``, the edges at both ends (seen on 1.5); later ones have
    ``upstreamLineage``, those into the table, and the newest keep each SQL text once (both known from reading only).

    Args:
        client: The server.
    """

    def __init__(self, client: OpenMetadataClient) -> None:
        self._client = client

    def edges_into(self, ids: Sequence[str]) -> dict[str, Edges]:
        """Edges into tables, by the id of the table; one of which the index does not tell is not among them.

        Asked for by id, a page is never larger than the question: neither an engine's window of 10,000 hits nor the
        order of the hits matters.

        Args:
            ids: Of the tables; so few that they fit into a URL.

        Raises:
            RemoteError: There is no search engine, it fails, or it answers what can't be used.
        """
        query = {"query": {"ids": {"values": list(ids)}}}
        answer = self._client.get(
            _PATH,
            {
                "q": "*",
                "index": "table_search_index",
                "size": str(len(ids)),
                "deleted": "false",
                "query_filter": json.dumps(query, separators=(",", ":")),
                "include_source_fields": _FIELDS,
            },
        )
        try:
            documents = [hit["_source"] for hit in answer["hits"]["hits"]]
            found = {document["id"]: _edges(document) for document in documents if _tells_lineage(document)}
        except (AttributeError, KeyError, TypeError) as error:
            raise _unusable(f"it is not of the shape of a search's ({type(error).__name__}: {error})") from error
        if not found.keys() <= set(ids):
            # A filter that a server can't read is left out without a word.
            raise _unusable("it tells of tables that were not asked for")
        if documents and not found:
            raise _unusable("it tells of no lineage")
        return found


def _unusable(what: str) -> InvalidAnswerError:
    return InvalidAnswerError(f"the answer can't be used: {what}.", where=f"GET {_PATH}")


def _tells_lineage(document: Mapping[str, Any]) -> bool:
    return isinstance(document.get(_UPSTREAM, document.get(_LINEAGE)), list)


def _edges(document: Mapping[str, Any]) -> Edges:
    table, texts = document["id"], document.get("lineageSqlQueries") or {}
    edges = document[_UPSTREAM] if _UPSTREAM in document else document[_LINEAGE]
    return {edge["fromEntity"]["id"]: _details(edge, texts) for edge in edges if _leads_to(table, edge)}


def _leads_to(table: str, edge: Mapping[str, Any]) -> bool:
    end = edge.get("toEntity")
    return end is None or end["id"] == table


def _details(edge: Mapping[str, Any], texts: Mapping[str, str]) -> Json:
    pairs = [{"fromColumns": pair["fromColumns"], "toColumn": pair["toColumn"]} for pair in edge.get("columns") or ()]
    details: Json = {
        "columnsLineage": pairs,
        "sqlQuery": edge.get("sqlQuery") or texts.get(edge.get("sqlQueryKey", "")),
    }
    return details | ({"source": edge["source"]} if edge.get("source") else {})
