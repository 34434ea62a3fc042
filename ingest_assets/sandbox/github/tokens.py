"""Who may read which repository, how often, and what was handed out to download one."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

_HOUR = 3600
_DOWNLOAD_SECONDS = 300

SELECTED_LIMIT = 5_000
ANONYMOUS_LIMIT = 60


@dataclass
class GitHubToken:
    """A fine-grained personal access token.

    Attributes:
        value: What is sent.
        repositories: ``owner/name`` of the repositories that were selected, in lower case; empty for public ones only.
        permissions: Of these repositories, besides ``metadata: read`` that every token has.
    """

    value: str = field(repr=False)
    repositories: frozenset[str]
    permissions: frozenset[str] = frozenset({"contents=read"})


@dataclass(frozen=True)
class Budget:
    """What is left to a caller, as the headers say it.

    Attributes:
        limit: Requests an hour.
        used: Of them.
        reset: When the hour ends, in seconds since 1970.
    """

    limit: int
    used: int
    reset: int

    @property
    def remaining(self) -> int:
        """Requests still allowed."""
        return max(self.limit - self.used, 0)


class GitHubAccess:
    """Tokens, limits and downloads.

    Args:
        clock: Seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens: dict[str, GitHubToken] = {}
        self._budgets: dict[str, Budget] = {}
        self._limits: dict[str, int] = {}
        self._downloads: dict[str, tuple[str, float]] = {}

    def add_token(self, *repositories: str, permissions: frozenset[str] = frozenset({"contents=read"})) -> GitHubToken:
        """Make a token for some repositories, each as ``owner/name``."""
        selected = frozenset(repository.lower() for repository in repositories)
        token = GitHubToken(f"github_pat_{secrets.token_hex(11)}_{secrets.token_hex(29)}", selected, permissions)
        with self._lock:
            self._tokens[token.value] = token
        return token

    def token(self, value: str) -> GitHubToken | None:
        """A token that was made and not revoked."""
        with self._lock:
            return self._tokens.get(value)

    def revoke(self, token: GitHubToken) -> None:
        """Make a token worthless."""
        with self._lock:
            self._tokens.pop(token.value, None)

    def limit(self, token: GitHubToken | None, requests: int) -> None:
        """Allow only so many requests an hour, beginning now; of callers without a token when None."""
        key = _key(token)
        with self._lock:
            self._limits[key] = requests
            self._budgets.pop(key, None)

    def end_hour(self) -> None:
        """Let the hour of all callers end."""
        with self._lock:
            self._budgets.clear()

    def budget(self, token: GitHubToken | None) -> Budget:
        """What is left to a caller."""
        with self._lock:
            return self._budget(token)

    def spend(self, token: GitHubToken | None) -> Budget:
        """Count one request."""
        with self._lock:
            budget = self._budget(token)
            spent = Budget(budget.limit, min(budget.used + 1, budget.limit), budget.reset)
            self._budgets[_key(token)] = spent
            return spent

    def download(self, archive: str) -> str:
        """A key to download an archive of a private repository, good for five minutes."""
        key = secrets.token_hex(15).upper()
        with self._lock:
            self._downloads[key] = (archive, self._clock() + _DOWNLOAD_SECONDS)
        return key

    def may_download(self, archive: str, key: str) -> bool:
        """Whether a key is that archive's, and still good."""
        with self._lock:
            meant, until = self._downloads.get(key, ("", 0.0))
            return meant == archive and self._clock() < until

    def expire_downloads(self) -> None:
        """Let all keys of downloads run out."""
        with self._lock:
            self._downloads.clear()

    def _budget(self, token: GitHubToken | None) -> Budget:
        key, now = _key(token), int(self._clock())
        known = self._budgets.get(key)
        if known is None or known.reset <= now:
            limit = self._limits.get(key, ANONYMOUS_LIMIT if token is None else SELECTED_LIMIT)
            known = Budget(limit, 0, now + _HOUR)
            self._budgets[key] = known
        return known


def _key(token: GitHubToken | None) -> str:
    return "" if token is None else token.value
