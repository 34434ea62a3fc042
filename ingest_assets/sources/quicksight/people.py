"""Who owns dashboards and data sets: those who may say what others may do with them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ingest_assets.errors import NotFoundError, PermissionDeniedError
from ingest_assets.sources.once import Once
from ingest_assets.sources.optional import Optional
from ingest_assets.sources.quicksight.account import Account, checked, listed_in
from ingest_assets.sources.quicksight.board_shapes import Permission, User

_PRINCIPAL = re.compile(
    r"arn:[^:]+:quicksight:[^:]*:(?P<account>\d*):(?P<kind>user|group)/(?P<namespace>[^/]+)/(?P<name>.+)"
)
_IDENTITY_REGION = re.compile(r"your identity region is ([a-z]{2,}(?:-[a-z]+)+-\d)\b")
_GRANTS = re.compile(r"quicksight:(\*|Update\w+Permissions)")


class People:
    """Finds the owners of things. Safe to share among threads.

    Args:
        account: Whose QuickSight.
        namespace: The only one whose users and groups count; None: any.
    """

    def __init__(self, account: Account, namespace: str | None) -> None:
        self._account = account
        self._namespace = namespace
        self._users: Once[str, Mapping[str, str]] = Once(self._list)
        self._listing = Optional("quicksight:ListUsers", "Mail addresses of owners", "Their names are looked up.")
        self._permissions: dict[str, Optional] = {
            operation: Optional(f"quicksight:{operation}", f"Owners of {things}")
            for operation, things in (
                ("DescribeDashboardPermissions", "dashboards"),
                ("DescribeAnalysisPermissions", "analyses"),
                ("DescribeDataSetPermissions", "data sets"),
            )
        }

    def forget_failures(self) -> None:
        """See ``Once``."""
        self._users.forget_failures()

    def owners(self, operation: str, subject: str, **named: str) -> tuple[str, ...] | None:
        """Mail addresses of the users, and names of the groups, that own something; None where it may not be seen.

        Args:
            operation: Describes permissions, e.g. ``DescribeDashboardPermissions``.
            subject: Id of the thing.
            **named: The same, as the operation wants it.

        Raises:
            RemoteError: They could not be read.
        """
        answer = self._permissions[operation].ask(lambda: self._account.call(operation, subject, **named))
        if answer is None:
            return None
        listed = listed_in(answer, "Permissions", where=f"quicksight:{operation} of {subject}")
        permissions = (checked(Permission, each, subject) for each in listed)
        owning = (each.principal for each in permissions if any(map(_GRANTS.fullmatch, each.actions)))
        return tuple(sorted({name for principal in owning if (name := self._name(principal))}))

    def notes(self) -> list[str | None]:
        """What people should know of what may not be seen."""
        return [*(each.note() for each in self._permissions.values()), self._listing.note()]

    def _name(self, principal: str) -> str | None:
        """A user's mail address, else the name; a group's name; None for what is neither, or not in the namespace."""
        match = _PRINCIPAL.fullmatch(principal)
        if match is None or self._namespace not in {None, match["namespace"]}:
            return None
        if match["kind"] == "group":
            return match["name"]
        # A user who signs in by a role is called role/session, and the session mostly by the mail address.
        return self._users.get(match["namespace"]).get(principal) or match["name"].rpartition("/")[2]

    def _in_identity_region(self, namespace: str) -> list[dict[str, Any]]:
        """Users, from the one region in which an account keeps them: a refusal elsewhere names it."""
        asked: dict[str, Any] = {"key": "UserList", "Namespace": namespace}
        try:
            return list(self._account.items("ListUsers", namespace, **asked))
        except PermissionDeniedError as error:
            elsewhere = _IDENTITY_REGION.search(error.what)
            if elsewhere is None:
                raise
        return list(self._account.at(elsewhere[1]).items("ListUsers", namespace, **asked))

    def _list(self, namespace: str) -> Mapping[str, str]:
        try:
            users = self._listing.ask(lambda: self._in_identity_region(namespace))
        except NotFoundError:
            # The last user of a namespace that is gone may still be named.
            return {}
        shapes: Sequence[User] = [checked(User, each, namespace) for each in users or ()]
        return {each.arn: each.email for each in shapes if each.email}
