"""Who may use the company's QuickSight as state: namespaces with their users and groups."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable
from typing import Any

from ingest_assets.errors import NotFoundError
from ingest_assets.sandbox.company.glue import Row

DEFAULT_NAMESPACE = "default"


class Namespaces:
    """Users and groups, each in one namespace; safe to read and change from several threads.

    Args:
        account: Twelve digits.
        region: Where identities are kept; AWS tells of them nowhere else.
    """

    def __init__(self, account: str, region: str) -> None:
        self.account = account
        self.region = region
        self.lock = threading.RLock()
        self._users: dict[str, dict[str, Row]] = {}
        self._groups: dict[str, dict[str, Row]] = {}
        self._members: dict[tuple[str, str], list[str]] = {}
        self.add(DEFAULT_NAMESPACE)

    def arn(self, kind: str, name: str, namespace: str = DEFAULT_NAMESPACE) -> str:
        """The ARN of a ``user`` or ``group`` of this name, whether there is one or not."""
        return f"arn:aws:quicksight:{self.region}:{self.account}:{kind}/{namespace}/{name}"

    def add(self, namespace: str) -> None:
        """Make a namespace, if there is none of that name."""
        with self.lock:
            self._users.setdefault(namespace, {})
            self._groups.setdefault(namespace, {})

    def has(self, namespace: str) -> bool:
        """Whether there is such a namespace."""
        with self.lock:
            return namespace in self._users

    def add_user(self, name: str, email: str, *, namespace: str = DEFAULT_NAMESPACE, **members: Any) -> str:
        """Add or replace a user.

        Args:
            name: As QuickSight knows it: an address, or ``role/session`` of those who come by an IAM role.
            email: Address.
            namespace: Where.
            members: Others of AWS's description, e.g. ``Role`` or ``IdentityType``.

        Returns:
            The user's ARN, as permissions name it.
        """
        arn = self.arn("user", name, namespace)
        row = {
            "Arn": arn,
            "UserName": name,
            "Email": email,
            "Role": "AUTHOR",
            "IdentityType": "QUICKSIGHT",
            "Active": True,
            "PrincipalId": f"federated/quicksight/{hashlib.sha256(arn.encode()).hexdigest()[:32]}",
        }
        with self.lock:
            self._in(self._users, namespace)[name] = row | members
        return arn

    def add_group(
        self, name: str, members: Iterable[str] = (), *, namespace: str = DEFAULT_NAMESPACE, description: str = ""
    ) -> str:
        """Add or replace a group.

        Args:
            name: Its name.
            members: Names of users of the namespace.
            namespace: Where.
            description: What it is for; not sent when empty.

        Returns:
            The group's ARN, as permissions name it.
        """
        arn = self.arn("group", name, namespace)
        row: Row = {"Arn": arn, "GroupName": name, "PrincipalId": f"group/{name}"}
        with self.lock:
            self._in(self._groups, namespace)[name] = row | ({"Description": description} if description else {})
            self._members[namespace, name] = [self.user(member, namespace)["UserName"] for member in members]
        return arn

    def user(self, name: str, namespace: str = DEFAULT_NAMESPACE) -> Row:
        """One user.

        Raises:
            NotFoundError: There is none of that name.
        """
        with self.lock:
            row = self._in(self._users, namespace).get(name)
        if row is None:
            raise NotFoundError(f"namespace {namespace!r} has no user {name!r}", where="sandbox company")
        return row

    def users(self, namespace: str = DEFAULT_NAMESPACE) -> list[Row]:
        """All users of a namespace, by name."""
        with self.lock:
            found = self._in(self._users, namespace)
            return [found[name] for name in sorted(found)]

    def groups(self, namespace: str = DEFAULT_NAMESPACE) -> list[Row]:
        """All groups of a namespace, by name."""
        with self.lock:
            found = self._in(self._groups, namespace)
            return [found[name] for name in sorted(found)]

    def members(self, group: str, namespace: str = DEFAULT_NAMESPACE) -> list[str] | None:
        """Names of a group's members, sorted; None when there is no such group."""
        with self.lock:
            found = self._members.get((namespace, group))
            return None if found is None else sorted(found)

    def drop_user(self, name: str, namespace: str = DEFAULT_NAMESPACE) -> None:
        """Take a user away, out of its groups too; permissions go on naming it, as AWS's do."""
        with self.lock:
            self.user(name, namespace)
            del self._users[namespace][name]
            for (where, _), members in self._members.items():
                if where == namespace and name in members:
                    members.remove(name)

    def drop_group(self, name: str, namespace: str = DEFAULT_NAMESPACE) -> None:
        """Take a group away; its members stay."""
        with self.lock:
            del self._in(self._groups, namespace)[name]
            del self._members[namespace, name]

    def _in(self, rows: dict[str, dict[str, Row]], namespace: str) -> dict[str, Row]:
        if namespace not in rows:
            raise NotFoundError(f"QuickSight has no namespace {namespace!r}", where="sandbox company")
        return rows[namespace]
