"""Queries and merged results of them."""

from __future__ import annotations

from ingest_assets.sandbox.company.looker import LookerState, Row
from ingest_assets.sandbox.looker.refusals import not_found
from ingest_assets.sandbox.looker.routes import LookerCall, Route


class Queries:
    """Routes of queries.

    Args:
        looker: The instance.
    """

    def __init__(self, looker: LookerState) -> None:
        self._looker = looker

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            Route("query", "/queries/{query_id}", self._query),
            Route("merge_query", "/merge_queries/{merge_query_id}", self._merge_query),
        ]

    def find(self, call: LookerCall, query_id: str | None) -> Row | None:
        """A query as it is sent within others; None where there is none, or where the caller may not see its model."""
        row = None if query_id is None else self._looker.queries.find(query_id)
        if row is None or not call.client.sees_model(row["model"]):
            return None
        shared = f"{call.base}/x/{row['client_id']}"
        return {**row, "share_url": shared, "url": f"/explore/{row['model']}/{row['view']}?qid={row['client_id']}"}

    def _query(self, call: LookerCall) -> Row:
        row = self.find(call, call.path["query_id"])
        if row is None:
            raise not_found("get/queries/:query_id")
        return row

    def _merge_query(self, call: LookerCall) -> Row:
        row = self._looker.merge_queries.find(call.path["merge_query_id"])
        if row is None:
            raise not_found("get/merge_queries/:merge_query_id")
        return row
