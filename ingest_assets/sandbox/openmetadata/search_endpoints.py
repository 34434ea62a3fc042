"""``GET /v1/search/query``, where the server has a search engine."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from ingest_assets.sandbox.openmetadata.answers import Answer, Unhandled, not_provided
from ingest_assets.sandbox.openmetadata.calls import Call
from ingest_assets.sandbox.openmetadata.routes import Route
from ingest_assets.sandbox.openmetadata.search import DEFAULT_INDEX, Search, SearchIndexes
from ingest_assets.sandbox.openmetadata.server import Server
from ingest_assets.sandbox.openmetadata.store import Entity

_MOST = 2**31 - 1
_UNREACHABLE = "Connection refused"
_FAILS_AT_CHARTS = ((1, 5, 0), (1, 6, 0))
_NO_CHARTS = "The search document of the chart can't be written"
_PARAMETERS = """
q index from size search_after sort_field sort_order query_filter include_source_fields deleted track_total_hits
fetch_source
"""


class Engine(Enum):
    """What the server has in the way of a search engine."""

    NONE = "none"  # the sandbox plays none: 501
    RUNNING = "running"
    DOWN = "down"  # known from reading only: the engine's client fails, and nothing maps that


class SearchEndpoints:
    """Search.

    Attributes:
        engine: What answers it.
    """

    def __init__(self, server: Server) -> None:
        self.engine = Engine.NONE
        self._line = server.line
        self._indexes = SearchIndexes(server)

    def index_edge(self, end: Entity) -> None:
        """Index an edge that was stored, which fails for an edge to a chart on the line where that was seen.

        Raises:
            Unhandled: The engine fails.
        """
        if (
            self.engine is Engine.RUNNING
            and end.type == "chart"
            and _FAILS_AT_CHARTS[0] <= self._line.version < _FAILS_AT_CHARTS[1]
        ):
            raise Unhandled(_NO_CHARTS)

    def routes(self) -> Iterator[Route]:
        """The routes of this version."""
        yield Route("GET", "search/query", self.query)

    def query(self, call: Call) -> Answer:
        """Entities that a query finds."""
        if self.engine is Engine.NONE:
            raise not_provided("/v1/search")
        if self.engine is Engine.DOWN:
            raise Unhandled(_UNREACHABLE)
        if unknown := sorted(call.query.keys() - set(_PARAMETERS.split())):
            raise not_provided(f"a search with {', '.join(unknown)}")
        return Answer(self._indexes.find(_search(call), call.base))


def _search(call: Call) -> Search:
    if call.query.get("fetch_source", "true").lower() != "true":
        raise not_provided("a search with fetch_source")
    return Search(
        index=call.query.get("index", DEFAULT_INDEX),
        text=call.query.get("q", "*"),
        filter=call.query.get("query_filter", ""),
        start=call.number("from", 0, 0, _MOST),
        size=call.number("size", 10, 0, _MOST),
        after=call.query.get("search_after"),
        sort=call.query.get("sort_field", "_score"),
        ascending=call.query.get("sort_order", "desc") == "asc",
        deleted=call.flag("deleted"),
        fields=call.repeated.get("include_source_fields", ()),
        counts_all=call.flag("track_total_hits"),
    )
