"""Users, and who is calling."""

from __future__ import annotations

from ingest_assets.sandbox.company.looker import LookerState, Row
from ingest_assets.sandbox.looker.clients import LookerClient
from ingest_assets.sandbox.looker.refusals import not_found
from ingest_assets.sandbox.looker.routes import LookerCall, Route
from ingest_assets.sandbox.looker.searching import PAGING, page, search, sort

_SEARCH = ("id", "first_name", "last_name", "email", "is_disabled", "verified_looker_employee", "is_service_account")
# What everybody may know of everybody: documentation of "Get User by Id" says so.
_PUBLIC = ("id", "first_name", "last_name", "display_name", "avatar_url", "avatar_url_without_sizing")
_VERSION = "26.4.12"


class People:
    """Routes of users, and of the instance itself.

    Args:
        looker: The instance.
    """

    def __init__(self, looker: LookerState) -> None:
        self._looker = looker

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            Route("me", "/user", self._me),
            Route("all_users", "/users", self._all_users, PAGING | {"ids"}, _id),
            Route("search_users", "/users/search", self._search_users, PAGING | set(_SEARCH), _id),
            Route("user", "/users/{user_id}", self._user),
            Route("user_roles", "/users/{user_id}/roles", self._roles),
            Route("versions", "/versions", self._versions),
        ]

    def _me(self, call: LookerCall) -> Row:
        return self._looker.users.get(call.client.user_id)

    def _all_users(self, call: LookerCall) -> list[Row]:
        ids = call.params.get("ids")
        rows = [self._seen(call.client, row) for row in self._looker.users.all() if ids is None or row["id"] in ids]
        return page(sort(rows, call.params.get("sorts")), call.params)

    def _search_users(self, call: LookerCall) -> list[Row]:
        rows = [self._seen(call.client, row) for row in self._looker.users.all()]
        return search(rows, call.params, _SEARCH)

    def _user(self, call: LookerCall) -> Row:
        row = self._looker.users.find(call.path["user_id"])
        if row is None:
            raise not_found("get/users/:user_id")
        return self._seen(call.client, row)

    def _roles(self, call: LookerCall) -> list[Row]:
        """The one role of whose key it is; others' roles are nobody's business here."""
        client = call.client
        if call.path["user_id"] != client.user_id:
            raise not_found("get/users/:user_id/roles")
        is_admin = client.may("administer")
        permissions = {"id": "1", "name": "Admin" if is_admin else "Reader", "all_access": is_admin}
        models = {"id": "1", "name": "All" if client.models is None else "Some", "all_access": client.models is None}
        return [
            {
                "id": "2" if is_admin else "5",
                "name": permissions["name"],
                "permission_set": {**permissions, "permissions": sorted(client.permissions)},
                "model_set": {**models, "models": sorted(client.models or ())},
            }
        ]

    def _seen(self, client: LookerClient, row: Row) -> Row:
        if client.may("see_users") or row["id"] == client.user_id:
            return row
        return {name: row[name] for name in _PUBLIC}

    def _versions(self, call: LookerCall) -> Row:
        current = {"version": "4.0", "full_version": f"4.0.{_VERSION}", "status": "current"}
        current["swagger_url"] = f"{call.base}/api/4.0/swagger.json"
        return {
            "looker_release_version": _VERSION,
            "current_version": current,
            "supported_versions": [current],
            "api_server_url": call.base,
            "web_server_url": call.base,
        }


def _id(row: Row) -> str:
    return str(row["id"])
