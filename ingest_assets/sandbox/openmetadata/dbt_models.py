"""dbt models of tables: ``PUT /v1/tables/{id}/dataModel``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ingest_assets.sandbox.openmetadata.answers import Answer
from ingest_assets.sandbox.openmetadata.calls import Call
from ingest_assets.sandbox.openmetadata.entity_types import ENTITY_TYPES
from ingest_assets.sandbox.openmetadata.routes import Route
from ingest_assets.sandbox.openmetadata.server import Server


class DbtModelEndpoints:
    """Stores the model that a table was made by. It makes no version and no change event."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def routes(self) -> Iterator[Route]:
        """The route of every version."""
        yield Route("PUT", "tables/{id}/dataModel", self.put)

    def put(self, call: Call) -> Answer:
        """Replace the model; the columns of the table keep their own words."""
        model = call.request(self._server.validator, "DataModel")
        table = self._server.by_id(ENTITY_TYPES["table"], call.params["id"], (False,))
        state = replace(table.state, body={**table.state.body, "dataModel": model})
        self._server.store.replace(table, state, keep=False)
        return Answer(self._server.renderer.document(table, call.base, fields=frozenset({"dataModel"})))
