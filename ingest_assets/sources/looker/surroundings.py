"""What surrounds dashboards and explores: folders, users and connections, each listed once a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ingest_assets.errors import NotFoundError, PermissionDeniedError
from ingest_assets.sources.looker.api import LookerApi
from ingest_assets.sources.looker.boards import Folder
from ingest_assets.sources.looker.connections import Connection
from ingest_assets.sources.once import Once
from ingest_assets.sources.optional import Optional

_ADMINISTER = "administer"
_DEEPEST = 100
_SHARED = "Shared"
"""The folder at the top that all others lie in but people's own; no part of a path."""


class Surroundings:
    """Reads folders, users and connections. Safe to share among threads.

    Args:
        api: Of the instance.
    """

    def __init__(self, api: LookerApi) -> None:
        self._api = api
        self._once: Once[str, Mapping[str, Any] | None] = Once(self._read)
        self._roles: Once[str, bool] = Once(self._is_administrator)
        self._permissions = {
            "all_folders": Optional("Looker's permission to see folders", "Folders, as projects,"),
            "all_users": Optional("Looker's permission see_users", "Mail addresses of owners"),
            "all_connections": Optional(
                "Looker's permission see_lookml (or manage_models)",
                "Databases and dialects of connections",
                "Tables are found by the names that LookML writes.",
            ),
        }

    def forget_failures(self) -> None:
        """See ``Once``."""
        self._once.forget_failures()
        self._roles.forget_failures()

    def sees_all(self) -> bool:
        """Whether nothing of the instance is hidden from the API user, as from an administrator.

        Raises:
            RemoteError: It can't be told.
        """
        return self._roles.get("me")

    def sees_folders(self) -> bool:
        """Whether folders may be seen, as far as is known."""
        return self._once.known("all_folders") is not None

    def folder(self, folder: Folder) -> str | None:
        """Path of a folder, e.g. ``Finance/Month end``; empty for none; None where folders may not be seen.

        Of one that is not listed its name alone is known.

        Raises:
            RemoteError: They could not be listed.
        """
        folders = self._once.get("all_folders")
        if folders is None:
            return None
        if folder.id not in folders:
            return folder.name
        names: list[str] = []
        at = folder.id
        while at in folders and len(names) < _DEEPEST:
            names.insert(0, str(folders[at].name))
            at = str(folders[at].parent_id or "")
        return "/".join(names[1:] if len(names) > 1 and names[0] == _SHARED else names)

    def is_personal(self, folder_id: str) -> bool:
        """Whether a folder is somebody's own, or lies in one."""
        folder = (self._once.get("all_folders") or {}).get(folder_id)
        return folder is not None and bool(folder.is_personal or folder.is_personal_descendant)

    def mail(self, user_id: str) -> str | None:
        """Mail address of a user; empty for one without; None where users may not be seen.

        Raises:
            RemoteError: They could not be listed.
        """
        users = self._once.get("all_users")
        if users is None:
            return None
        return str(users[user_id].email or "") if user_id in users else ""

    def connections(self) -> Mapping[str, Connection]:
        """Connections by name; none where they may not be seen.

        Raises:
            RemoteError: They could not be listed.
        """
        return {
            name: Connection(name, each.dialect_name or None, each.database or None, each.schema or None)
            for name, each in (self._once.get("all_connections") or {}).items()
        }

    def notes(self, *operations: str) -> Iterator[str | None]:
        """What people should know of what these operations may not show."""
        yield from (self._permissions[each].note() for each in operations)

    def _is_administrator(self, _: str) -> bool:
        me = self._api.call("me", "the API user", fields="id")
        fields = "id,permission_set(all_access,permissions),model_set(all_access)"
        try:
            roles = self._api.call("user_roles", "the API user", me.id, fields=fields)
        except (PermissionDeniedError, NotFoundError):
            return False
        return any(_is_unlimited(role) for role in roles)

    def _read(self, operation: str) -> Mapping[str, Any] | None:
        return self._permissions[operation].ask(lambda: self._list(operation))

    def _list(self, operation: str) -> Mapping[str, Any]:
        if operation == "all_users":
            return _with_mail({str(each.id): each for each in self._api.all(operation, "all users", fields="id,email")})
        if operation == "all_folders":
            fields = "id,name,parent_id,is_personal,is_personal_descendant"
            return {str(each.id): each for each in self._api.call(operation, "all folders", fields=fields)}
        fields = "name,dialect_name,database,schema"
        return {str(each.name): each for each in self._api.call(operation, "all connections", fields=fields)}


def _is_unlimited(role: Any) -> bool:
    permissions, models = role.permission_set, role.model_set
    if permissions is None or models is None or not models.all_access:
        return False
    return bool(permissions.all_access) or _ADMINISTER in (permissions.permissions or ())


def _with_mail(users: Mapping[str, Any]) -> Mapping[str, Any]:
    """The users, unless their mail is hidden: without see_users Looker lists all of them, and shows one's own only.

    Raises:
        PermissionDeniedError: It is.
    """
    if len(users) > 1 and sum(bool(each.email) for each in users.values()) <= 1:
        raise PermissionDeniedError("It shows nobody else's mail address.", where="looker:all_users of all users")
    return users
