"""Owners: names and mail addresses of the source, looked up among the server's users and teams. Makes no users."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from ingest_assets.catalog import quote
from ingest_assets.errors import NotFoundError, PermissionDeniedError, RejectedError
from ingest_assets.openmetadata.capabilities import Capabilities
from ingest_assets.openmetadata.client import PAGE, OpenMetadataClient

_MOST_USERS = 5
"""Users that own one entity at most (1.5 and later: "up to 5 users or a Team but not both")."""

_FEW = 4
"""Look-ups by name before it is cheaper to list: one page holds the people of most servers."""

_MOST_REMEMBERED = 10_000
_MOST_USERS_READ = 100_000

_NOBODY = "no user or team of that name or mail address on the server"
_NO_GROUP = "a team of type {}; only teams of type Group can own"
_TOO_MANY_USERS = f"an entity can have {_MOST_USERS} users as owners"
_BOTH = "an entity can be owned by users or by one team, not both"
_ONE_ONLY = "servers before 1.5 hold one owner"

Json = dict[str, Any]


class OwnerReference(NamedTuple):
    """A user or team of the server."""

    id: str
    type: str


class Owners(NamedTuple):
    """What a look-up found.

    Attributes:
        found: References that can be sent together.
        missing: Names that are no owners, each with its reason.
    """

    found: tuple[Json, ...]
    missing: Mapping[str, str]


class OwnerLookup:
    """Finds owners, each once a run. Safe to share among threads.

    Args:
        client: The server.
        capabilities: What it understands.
    """

    def __init__(self, client: OpenMetadataClient, capabilities: Capabilities) -> None:
        self._client = client
        self._capabilities = capabilities
        self._known: dict[str, OwnerReference | str] = {}
        self._by_mail: dict[str, OwnerReference] | None = None
        self._looked_up = 0
        self._listed: dict[str, dict[str, Json] | None] = {}
        # One look-up at a time: tables of a lake share a handful of owners, and each is to be asked for once.
        self._lock = threading.Lock()

    def resolve(self, names: Sequence[str]) -> Owners:
        """References of owners, as far as the server has them and allows them together.

        Args:
            names: Names of users or teams, or mail addresses of users.

        Raises:
            RemoteError: The server can't be asked; who is there is unknown.
        """
        found: list[OwnerReference] = []
        missing: dict[str, str] = {}
        for name in dict.fromkeys(names):
            owner = self._one(name)
            reason = owner if isinstance(owner, str) else self._refusal(owner, found)
            if reason:
                missing[name] = reason
            elif isinstance(owner, OwnerReference) and owner not in found:
                found.append(owner)
        return Owners(tuple(owner._asdict() for owner in found), missing)

    def _refusal(self, owner: OwnerReference, beside: Sequence[OwnerReference]) -> str | None:
        """Why an owner can't be added to others: the rule of the server, where the first one decides."""
        if not beside or owner in beside:
            return None
        if self._capabilities.owners == "owner":
            return _ONE_ONLY
        if owner.type == "team" or beside[0].type == "team":
            return _BOTH
        return _TOO_MANY_USERS if len(beside) >= _MOST_USERS else None

    def _one(self, name: str) -> OwnerReference | str:
        """The owner, or why there is none."""
        with self._lock:
            if name not in self._known:
                if len(self._known) >= _MOST_REMEMBERED:
                    del self._known[next(iter(self._known))]
                self._known[name] = self._look_up(name.strip())
            return self._known[name]

    def _look_up(self, name: str) -> OwnerReference | str:
        if not name:
            return "an empty name"
        try:
            return self._by_address(name) if "@" in name else self._user(name) or self._team(name)
        except PermissionDeniedError as error:
            return f"the bot may not look it up: {error.what}"

    def _by_address(self, mail: str) -> OwnerReference | str:
        wanted = mail.casefold()
        for fqn in self._user_fqns(mail.partition("@")[0]):
            user = self._get("users", fqn)
            if user and str(user.get("email", "")).casefold() == wanted:
                return OwnerReference(user["id"], "user")
        if self._by_mail is None:
            self._by_mail = dict(self._all_users())
        return self._by_mail.get(wanted, _NOBODY)

    def _user(self, name: str) -> OwnerReference | None:
        for fqn in self._user_fqns(name):
            user = self._get("users", fqn)
            if user:
                return OwnerReference(user["id"], "user")
        return None

    def _team(self, name: str) -> OwnerReference | str:
        team = self._get("teams", quote(name)) or (self._get("teams", name) if "." in name else None)
        if team is None:
            return _NOBODY
        kind = team.get("teamType")
        return OwnerReference(team["id"], "team") if kind == "Group" else _NO_GROUP.format(kind)

    def _user_fqns(self, name: str) -> Iterator[str]:
        """Spellings under which a user may be found: current servers store names in lower case, quoted with a dot."""
        spellings = [name.lower()] if self._capabilities.lower_cases_users else [name, name.lower()]
        for spelling in dict.fromkeys(spellings):
            yield spelling
            if quote(spelling) != spelling:
                yield quote(spelling)

    def _get(self, collection: str, fqn: str) -> Json | None:
        listed = self._listing(collection)
        if listed is not None:
            return listed.get(fqn)
        self._looked_up += 1
        try:
            return self._client.get_by_name(collection, fqn)
        except (NotFoundError, RejectedError):
            # Refused: a name that the server can't have, such as one with a quote in it.
            return None

    def _listing(self, collection: str) -> dict[str, Json] | None:
        """All of a collection by FQN; None while few were looked up, or where one page does not hold them."""
        if self._looked_up < _FEW:
            return None
        if collection not in self._listed:
            self._listed[collection] = self._list(collection)
        return self._listed[collection]

    def _list(self, collection: str) -> dict[str, Json] | None:
        try:
            rows = list(islice(self._client.list(collection), PAGE + 1))
        except PermissionDeniedError:
            return None
        if len(rows) > PAGE or not all("fullyQualifiedName" in row for row in rows):
            return None
        return {row["fullyQualifiedName"]: row for row in rows}

    def _all_users(self) -> Iterator[tuple[str, OwnerReference]]:
        for number, user in enumerate(self._client.list("users")):
            if number >= _MOST_USERS_READ:
                return
            if user.get("email"):
                yield str(user["email"]).casefold(), OwnerReference(user["id"], "user")
