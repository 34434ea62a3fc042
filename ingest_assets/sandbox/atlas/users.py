"""Who may read Atlas: users of its file, what their policies hide, sessions, and a gateway's tokens."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from werkzeug.wrappers import Request

from ingest_assets.sandbox.atlas.refusals import SignOnError
from ingest_assets.sandbox.atlas.releases import Release
from ingest_assets.sandbox.company.atlas import AtlasEntity, AtlasState

COOKIE = "ATLASSESSIONID"
_NOBODY = "Full authentication is required to access this resource"
_MOST_SESSIONS = 10_000


@dataclass
class AtlasUser:
    """A user, and what may be read; change it to change what is answered.

    Attributes:
        name: To sign on with.
        password: As well.
        entities: Patterns (fnmatch) of qualified names, one of which an entity must match to be read.
        hidden_types: Entity types that may not be read, with those below them.
        hidden_classifications: Who bears one of these, or one below it, may not be read; propagated ones count.
    """

    name: str
    password: str = field(repr=False)
    entities: tuple[str, ...] = ("*",)
    hidden_types: frozenset[str] = frozenset()
    hidden_classifications: frozenset[str] = frozenset()

    def may_read(self, atlas: AtlasState, entity: AtlasEntity) -> bool:
        """Whether an entity may be read."""
        if self.entities != ("*",) and not self._is_named(str(entity.attributes["qualifiedName"])):
            return False
        if self.hidden_types and self.hidden_types & set(atlas.types.lineage(entity.type_name)):
            return False
        if not self.hidden_classifications:
            return True
        hidden = {below for one in self.hidden_classifications for below in atlas.types.classifications_below(one)}
        return not any(one.type_name in hidden for one in atlas.classifications(entity))

    def _is_named(self, name: str) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in self.entities)


class AtlasUsers:
    """Users by name, sessions by cookie, users by a gateway's token."""

    def __init__(self, release: Release, users: Iterable[AtlasUser] = ()) -> None:
        self._release = release
        self._lock = threading.Lock()
        self._users = {user.name: user for user in users}
        self._sessions: dict[str, str] = {}
        self._tokens: dict[str, str] = {}

    def add(self, name: str, password: str = "", **policy: object) -> AtlasUser:
        """Add or replace a user; a password is made where none is given."""
        user = AtlasUser(name, password or secrets.token_urlsafe(12), **policy)  # type: ignore[arg-type]  # AtlasUser's own words
        with self._lock:
            self._users[name] = user
        return user

    def add_token(self, name: str) -> str:
        """A token with which a gateway lets a user through."""
        token = secrets.token_urlsafe(40)
        with self._lock:
            self._tokens[token] = name
        return token

    def revoke(self) -> None:
        """Forget all sessions and tokens."""
        with self._lock:
            self._sessions.clear()
            self._tokens.clear()

    def sign_on(self, request: Request) -> AtlasUser:
        """Whose request it is.

        Raises:
            SignOnError: It is nobody's.
        """
        session = self._users.get(self._sessions.get(request.cookies.get(COOKIE, ""), ""))
        if session is not None and (self._release.cookie_wins or request.authorization is None):
            return session
        authorization = request.authorization
        if authorization is None:
            raise SignOnError(_NOBODY)
        if authorization.type == "bearer":
            user = self._users.get(self._tokens.get(authorization.token or "", ""))
            if user is None:
                raise SignOnError(_NOBODY)
            return user
        return self._by_password(authorization.username or "", authorization.password or "")

    def open_session(self, user: AtlasUser) -> str:
        """The cookie of a new session."""
        session = secrets.token_hex(16)
        with self._lock:
            if len(self._sessions) >= _MOST_SESSIONS:
                self._sessions.pop(next(iter(self._sessions)))
            self._sessions[session] = user.name
        return session

    def _by_password(self, name: str, password: str) -> AtlasUser:
        user = self._users.get(name)
        if user is None:
            raise SignOnError(f"Username not found.{name}")
        if not secrets.compare_digest(user.password.encode(), password.encode()):
            raise SignOnError("Wrong password")
        return user
