"""Dashboards, their tiles and filters, looks and folders, as a caller may see them."""

from __future__ import annotations

from collections.abc import Iterator

from looker_sdk.sdk.api40 import models

from ingest_assets.sandbox.company.looker import LookerState, Row
from ingest_assets.sandbox.looker.clients import LookerClient
from ingest_assets.sandbox.looker.queries import Queries
from ingest_assets.sandbox.looker.refusals import not_found
from ingest_assets.sandbox.looker.rendering import members
from ingest_assets.sandbox.looker.routes import LookerCall, Route
from ingest_assets.sandbox.looker.searching import PAGING, search

_ONE = "/dashboards/{dashboard_id}"
_DASHBOARD_SEARCH = ("id", "slug", "title", "description", "folder_id", "deleted", "user_id", "view_count")
_LOOK_SEARCH = ("id", "title", "description", "folder_id", "user_id", "view_count", "deleted", "query_id")
_FOLDER_SEARCH = ("name", "id", "parent_id", "creator_id", "is_shared_root", "is_users_root")


class Content:
    """Routes of what users make.

    Args:
        looker: The instance.
        queries: Its queries.
    """

    def __init__(self, looker: LookerState, queries: Queries) -> None:
        self._looker = looker
        self._queries = queries

    def routes(self) -> list[Route]:
        """All of them, those with a fixed path before those with a name in it."""
        search_dashboards = PAGING | set(_DASHBOARD_SEARCH)
        return [
            Route("all_dashboards", "/dashboards", self._all_dashboards, subject=_id),
            Route("search_dashboards", "/dashboards/search", self._search_dashboards, search_dashboards, _id),
            Route("dashboard", _ONE, self._dashboard),
            Route(
                "dashboard_dashboard_elements",
                "/dashboards/{dashboard_id}/dashboard_elements",
                self._elements,
                subject=_id,
            ),
            Route(
                "dashboard_dashboard_filters",
                "/dashboards/{dashboard_id}/dashboard_filters",
                self._filters,
                subject=_id,
            ),
            Route("dashboard_element", "/dashboard_elements/{dashboard_element_id}", self._element),
            Route("all_looks", "/looks", self._all_looks, subject=_id),
            Route("search_looks", "/looks/search", self._search_looks, PAGING | set(_LOOK_SEARCH), _id),
            Route("look", "/looks/{look_id}", self._look),
            Route("all_folders", "/folders", self._all_folders, subject=_id),
            Route("search_folders", "/folders/search", self._search_folders, PAGING | set(_FOLDER_SEARCH), _id),
            Route("folder", "/folders/{folder_id}", self._folder),
        ]

    def _all_dashboards(self, call: LookerCall) -> list[Row]:
        base = members(models.DashboardBase).keys()
        seen = self._seen_dashboards(call.client)
        return [
            {name: value for name, value in self._placed(row).items() if name in base}
            for row in seen
            if not row["deleted"]
        ]

    def _search_dashboards(self, call: LookerCall) -> list[Row]:
        """Users' own only: Looker's search doesn't find dashboards of LookML."""
        params = {"deleted": "false", **call.params}
        rows = (row for row in self._seen_dashboards(call.client) if not _is_lookml(row))
        return [self._whole(call, row) for row in search(rows, params, _DASHBOARD_SEARCH)]

    def _dashboard(self, call: LookerCall) -> Row:
        return self._whole(call, self._seen_dashboard(call))

    def _elements(self, call: LookerCall) -> list[Row]:
        return [self._tile(call, tile) for tile in self._seen_dashboard(call)["dashboard_elements"]]

    def _filters(self, call: LookerCall) -> list[Row]:
        filters: list[Row] = self._seen_dashboard(call)["dashboard_filters"]
        return filters

    def _element(self, call: LookerCall) -> Row:
        for row in self._seen_dashboards(call.client):
            for tile in row["dashboard_elements"]:
                if tile["id"] == call.path["dashboard_element_id"]:
                    return self._tile(call, tile)
        raise not_found("get/dashboard_elements/:dashboard_element_id")

    def _all_looks(self, call: LookerCall) -> list[Row]:
        return [self._placed(row) for row in self._seen_looks(call.client) if not row["deleted"]]

    def _search_looks(self, call: LookerCall) -> list[Row]:
        params = {"deleted": False, **call.params}
        return [self._placed(row) for row in search(self._seen_looks(call.client), params, _LOOK_SEARCH)]

    def _look(self, call: LookerCall) -> Row:
        for row in self._seen_looks(call.client):
            if row["id"] == call.path["look_id"]:
                return self._whole_look(call, row)
        raise not_found("get/looks/:look_id")

    def _all_folders(self, call: LookerCall) -> list[Row]:
        return [row for row in self._looker.folders.all() if row["id"] not in call.client.hidden_folders]

    def _search_folders(self, call: LookerCall) -> list[Row]:
        return search(self._all_folders(call), call.params, _FOLDER_SEARCH)

    def _folder(self, call: LookerCall) -> Row:
        row = self._looker.folders.find(call.path["folder_id"])
        if row is None or row["id"] in call.client.hidden_folders:
            raise not_found("get/folders/:folder_id")
        return row

    def _seen_dashboards(self, client: LookerClient) -> Iterator[Row]:
        for row in self._looker.dashboards.all():
            if self._sees_dashboard(client, row):
                yield row

    def _seen_dashboard(self, call: LookerCall) -> Row:
        row = self._looker.dashboards.find(call.path["dashboard_id"])
        if row is None or not self._sees_dashboard(call.client, row):
            raise not_found("get/dashboards/:dashboard_id")
        return row

    def _sees_dashboard(self, client: LookerClient, row: Row) -> bool:
        if row["folder_id"] in client.hidden_folders:
            return False
        if _is_lookml(row):
            return client.may("see_lookml_dashboards") and client.sees_model(row["id"].partition("::")[0])
        return client.may("see_user_dashboards")

    def _seen_looks(self, client: LookerClient) -> Iterator[Row]:
        for row in self._looker.looks.all():
            if client.may("see_looks") and row["folder_id"] not in client.hidden_folders:
                yield row

    def _placed(self, row: Row) -> Row:
        """With what Looker knows of the folder and the owner."""
        owner = self._looker.users.find(row["user_id"]) if row["user_id"] is not None else None
        return {
            **row,
            "folder": self._looker.folders.find(row["folder_id"]),
            "user_name": None if owner is None else owner["display_name"],
        }

    def _whole(self, call: LookerCall, row: Row) -> Row:
        tiles = [self._tile(call, tile) for tile in row["dashboard_elements"]]
        placed = {**self._placed(row), "dashboard_elements": tiles, "url": f"/dashboards/{row['id']}"}
        return {name: value for name, value in placed.items() if name != "model_name"}

    def _whole_look(self, call: LookerCall, row: Row) -> Row:
        return {
            **self._placed(row),
            "query": self._queries.find(call, row["query_id"]),
            "url": f"/looks/{row['id']}",
        }

    def _tile(self, call: LookerCall, tile: Row) -> Row:
        maker = tile.get("result_maker")
        whole = dict(tile)
        if maker is not None:
            whole["result_maker"] = {**maker, "query": self._queries.find(call, maker.get("query_id"))}
        if tile.get("query_id") is not None:
            whole["query"] = self._queries.find(call, tile["query_id"])
        look = self._looker.looks.find(tile["look_id"]) if tile.get("look_id") is not None else None
        if look is not None and look["folder_id"] not in call.client.hidden_folders:
            whole["look"] = self._whole_look(call, look)
        return whole


def _id(row: Row) -> str:
    return str(row["id"])


def _is_lookml(row: Row) -> bool:
    return "::" in row["id"]
