"""Models, explores, projects and connections, as a caller may see them."""

from __future__ import annotations

from ingest_assets.sandbox.company.looker import LookerState, Row
from ingest_assets.sandbox.looker.clients import LookerClient
from ingest_assets.sandbox.looker.refusals import LookerRefusalError, not_found
from ingest_assets.sandbox.looker.routes import LookerCall, Route
from ingest_assets.sandbox.looker.searching import page

# What Looker leaves empty for those who may explore but not see LookML.
_HIDDEN_OF_FIELDS = ("sql", "sql_case", "lookml_link", "source_file", "source_file_path")
_HIDDEN_OF_JOINS = ("sql_on", "sql_table_name", "sql_foreign_key")
_HIDDEN_OF_EXPLORES = ("lookml_link", "source_file", "files", "sql_table_name")
_FIELD_KINDS = ("dimensions", "measures", "filters", "parameters")
_SYSTEM = "system__activity"


class Modelling:
    """Routes of what developers make.

    Args:
        looker: The instance.
    """

    def __init__(self, looker: LookerState) -> None:
        self._looker = looker

    def routes(self) -> list[Route]:
        """All of them."""
        paged = frozenset({"limit", "offset", "exclude_empty", "exclude_hidden", "include_internal"})
        return [
            Route("all_lookml_models", "/lookml_models", self._all_models, paged, _name),
            Route("lookml_model", "/lookml_models/{lookml_model_name}", self._model),
            Route(
                "lookml_model_explore",
                "/lookml_models/{lookml_model_name}/explores/{explore_name}",
                self._explore,
            ),
            Route("all_projects", "/projects", self._all_projects, subject=_id),
            Route("project", "/projects/{project_id}", self._project),
            Route("all_connections", "/connections", self._all_connections, subject=_name),
            Route("connection", "/connections/{connection_name}", self._connection),
        ]

    def _all_models(self, call: LookerCall) -> list[Row]:
        rows = [self._seen_model(call.client, row) for row in self._looker.models.all() if _sees(call.client, row)]
        if not call.params.get("include_internal", True):
            rows = [row for row in rows if row["name"] != _SYSTEM]
        if call.params.get("exclude_hidden"):
            rows = [{**row, "explores": [one for one in row["explores"] if not one["hidden"]]} for row in rows]
        if call.params.get("exclude_empty"):
            rows = [row for row in rows if row["explores"]]
        return page(rows, call.params)

    def _model(self, call: LookerCall) -> Row:
        row = self._looker.models.find(call.path["lookml_model_name"])
        if row is None or not _sees(call.client, row):
            raise not_found("get/lookml_models/:lookml_model_name")
        return self._seen_model(call.client, row)

    def _seen_model(self, client: LookerClient, row: Row) -> Row:
        return row if client.may("explore") else {**row, "explores": []}

    def _explore(self, call: LookerCall) -> Row:
        model, name = call.path["lookml_model_name"], call.path["explore_name"]
        row = self._looker.explores.find(f"{model}::{name}")
        if row is None or not call.client.may("explore") or not call.client.sees_model(model):
            raise not_found("get/lookml_models/:lookml_model_name/explores/:explore_name")
        sees = call.client.may("see_lookml")
        seen = {**row, "can_see_lookml": sees, "can_develop": call.client.may("develop")}
        return seen if sees else _without_lookml(seen)

    def _all_projects(self, call: LookerCall) -> list[Row]:
        return list(self._looker.projects.all()) if call.client.may("see_lookml") else []

    def _project(self, call: LookerCall) -> Row:
        row = self._looker.projects.find(call.path["project_id"])
        if row is None or not call.client.may("see_lookml"):
            raise not_found("get/projects/:project_id")
        return row

    def _all_connections(self, call: LookerCall) -> list[Row]:
        if not call.client.may("manage_models"):
            raise LookerRefusalError(403, "Forbidden", "get/connections")
        return list(self._looker.connections.all())

    def _connection(self, call: LookerCall) -> Row:
        if not call.client.may("manage_models"):
            raise LookerRefusalError(403, "Forbidden", "get/connections/:connection_name")
        row = self._looker.connections.find(call.path["connection_name"])
        if row is None:
            raise not_found("get/connections/:connection_name")
        return row


def _sees(client: LookerClient, row: Row) -> bool:
    return client.sees_model(row["name"])


def _without_lookml(row: Row) -> Row:
    fields = {
        kind: [{**field, **dict.fromkeys(_HIDDEN_OF_FIELDS)} for field in row["fields"][kind]]
        for kind in _FIELD_KINDS
        if row["fields"].get(kind) is not None
    }
    joins = [{**join, **dict.fromkeys(_HIDDEN_OF_JOINS)} for join in row["joins"]]
    return {**row, **dict.fromkeys(_HIDDEN_OF_EXPLORES), "fields": fields, "joins": joins}


def _name(row: Row) -> str:
    return str(row["name"])


def _id(row: Row) -> str:
    return str(row["id"])
