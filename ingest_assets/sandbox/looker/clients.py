"""Who may call Looker's API: API keys of users, what these users may do, and the tokens that they were given."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

DOCUMENTED_PERMISSIONS = frozenset(
    {"access_data", "explore", "see_lookml", "see_lookml_dashboards", "see_looks", "see_user_dashboards"}
)
"""What a user needs to read dashboards, looks and explores."""

READER_PERMISSIONS = DOCUMENTED_PERMISSIONS | {"see_users", "manage_models"}
"""Besides: other users' mail addresses, and which database a connection leads to."""


@dataclass
class LookerClient:
    """An API key, and what its user may do.

    Attributes:
        client_id: Twenty characters.
        client_secret: Twenty-four characters.
        user_id: Whose key it is.
        permissions: What the user's roles hold.
        models: Names of the models in the roles' model sets; None for all.
        hidden_folders: Ids of folders whose content the user may not see.
    """

    client_id: str
    client_secret: str = field(repr=False)
    user_id: str
    permissions: frozenset[str] = READER_PERMISSIONS
    models: frozenset[str] | None = None
    hidden_folders: frozenset[str] = frozenset()

    def may(self, permission: str) -> bool:
        """Whether the user's roles hold a permission; an admin's hold all."""
        return permission in self.permissions or "administer" in self.permissions

    def sees_model(self, model: str) -> bool:
        """Whether a model's data may be read."""
        return self.may("access_data") and (self.models is None or model in self.models)


class LookerSessions:
    """API keys and access tokens.

    Args:
        clock: Seconds that never go back.

    Attributes:
        lifetime: Seconds that a new token is good for.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.lifetime = 3600
        self._clock = clock
        self._lock = threading.Lock()
        self._clients: dict[str, LookerClient] = {}
        self._tokens: dict[str, tuple[str, float]] = {}

    def add_client(self, user_id: str, permissions: frozenset[str] = READER_PERMISSIONS) -> LookerClient:
        """Make an API key; what its user may do can be changed later on."""
        client = LookerClient(secrets.token_hex(10), secrets.token_hex(12), user_id, permissions)
        with self._lock:
            self._clients[client.client_id] = client
        return client

    def log_in(self, client_id: str, client_secret: str) -> str | None:
        """A new token; None for keys that are not right."""
        with self._lock:
            client = self._clients.get(client_id)
            if client is None or not secrets.compare_digest(client.client_secret.encode(), client_secret.encode()):
                return None
            token = secrets.token_urlsafe(30)
            self._tokens[token] = (client_id, self._clock() + self.lifetime)
            return token

    def client(self, token: str) -> LookerClient | None:
        """Whose token it is; None if it is nobody's, was revoked or has run out."""
        with self._lock:
            client_id, until = self._tokens.get(token, ("", 0.0))
            return self._clients.get(client_id) if self._clock() < until else None

    def log_out(self, token: str) -> None:
        """Forget a token."""
        with self._lock:
            self._tokens.pop(token, None)

    def revoke_tokens(self) -> None:
        """Forget all tokens, as Looker does when it is restarted or a role is changed."""
        with self._lock:
            self._tokens.clear()
