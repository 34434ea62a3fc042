"""The keys that requests are signed with: found, or given for a role, and renewed while a run lasts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from botocore.credentials import Credentials, ReadOnlyCredentials, RefreshableCredentials
from botocore.exceptions import NoCredentialsError

from ingest_assets.errors import RemoteError

DEFAULT_SESSION_NAME = "OpenMetadataSession"

_LONGEST_WINDOW = 900.0
_SHORTEST_USE = 60.0
_PAUSE_AFTER_REFUSAL = 60.0
# botocore asks for new credentials from 15 minutes before the end on, and again with each request until it has some
# that last longer: with a role's shortest session, 15 minutes, that is each request of the run. Seconds.
_PROFILE_ADVISORY, _PROFILE_MANDATORY = 300, 60
_ROLE_METHODS = frozenset({"assume-role", "assume-role-with-web-identity"})


@dataclass(frozen=True)
class AwsCredentials:
    """Who we are to AWS, and where.

    Without keys and profile boto3's own chain applies: environment, shared files, SSO, web identity, container,
    instance. A role is assumed with what was found.

    Attributes:
        region: E.g. ``eu-central-1``.
        access_key_id: Goes with the secret; a profile is not looked at then.
        endpoint_url: In place of the service's own endpoint; a path in it is kept.
        sts_endpoint_url: In place of that of STS.
        profile_name: Of the shared files.
        role_arn: A role to assume.
        role_session_name: As CloudTrail shows it.
        role_source_identity: As CloudTrail shows it, also of roles that this one assumes.
        role_external_id: What the role's trust policy asks for.
        role_duration_seconds: 900 to the role's own maximum; AWS's default is 3600.
    """

    region: str
    access_key_id: str | None = None
    secret_access_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    endpoint_url: str | None = None
    sts_endpoint_url: str | None = None
    profile_name: str | None = None
    role_arn: str | None = None
    role_session_name: str = DEFAULT_SESSION_NAME
    role_source_identity: str | None = None
    role_external_id: str | None = field(default=None, repr=False)
    role_duration_seconds: int | None = None


class SessionKeys(Protocol):
    """Keys that botocore signs with, and that can be replaced when AWS says that they are over."""

    @property
    def advice(self) -> str:
        """What a person does when they are over for good."""

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        """The keys to sign a request with."""

    def renew(self, refused: ReadOnlyCredentials) -> bool:
        """Replace keys that AWS refused as expired; False: there are no others to be had."""


class FoundKeys(Credentials):
    """Keys of the recipe, or those that boto3's chain finds, which keeps those up to date that can be.

    Args:
        find: Asks the chain.
        advice: See ``SessionKeys``.
    """

    def __init__(self, find: Callable[[], Credentials | None], advice: str) -> None:
        super().__init__("", "", method="found")
        self.advice = advice
        self._find = find
        self._lock = threading.Lock()
        self._found: Credentials | None = None
        self._searched = False

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        """See ``SessionKeys``.

        Raises:
            NoCredentialsError: The chain has none. It was asked once: an instance that is none takes seconds to say so.
        """
        with self._lock:
            if not self._searched:
                self._found = _unhurried(self._find())
                self._searched = True
            found = self._found
        if found is None:
            raise NoCredentialsError
        return found.get_frozen_credentials()

    def renew(self, refused: ReadOnlyCredentials) -> bool:
        """See ``SessionKeys``: the chain is asked anew, since another process may have renewed its files."""
        with self._lock:
            if self._found is not None and self._found.get_frozen_credentials() != refused:
                return True
            found = _unhurried(self._find())
            if found is None or found.get_frozen_credentials() == refused:
                return False
            self._found = found
            return True


@dataclass(frozen=True)
class Lease:
    """Keys for a time.

    Attributes:
        keys: What to sign with.
        taken: Epoch seconds, by our clock.
        expires: Epoch seconds, by AWS's clock or by ours, whichever says that they end earlier.
    """

    keys: ReadOnlyCredentials = field(repr=False)
    taken: float
    expires: float

    @property
    def renew_at(self) -> float:
        """When one thread should ask for others: a third before the end, a quarter of an hour at most."""
        window = min(self._lifetime / 3, _LONGEST_WINDOW)
        return max(self.expires - window, self.taken + _SHORTEST_USE)

    @property
    def renew_by(self) -> float:
        """When nobody may go on without others."""
        return max(self.expires - self._lifetime / 10, self.renew_at)

    @property
    def _lifetime(self) -> float:
        # Our clock may be ahead of AWS's. Without a lower limit each request would ask for other keys then.
        return max(self.expires - self.taken, _SHORTEST_USE)


class RoleKeys(Credentials):
    """Keys of an assumed role, renewed while they last.

    Args:
        assume: Asks STS; raises ``RemoteError``.
        advice: See ``SessionKeys``.
        clock: Epoch seconds.
    """

    def __init__(self, assume: Callable[[], Lease], advice: str, clock: Callable[[], float] = time.time) -> None:
        super().__init__("", "", method="assumed")
        self.advice = advice
        self._assume = assume
        self._clock = clock
        self._lock = threading.Lock()
        self._lease: Lease | None = None
        self._refusal: tuple[RemoteError, float] | None = None
        self._forced: float | None = None

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        """See ``SessionKeys``.

        Raises:
            RemoteError: The role can't be assumed. For a minute that is not asked again: each scope of a run would.
        """
        lease, now = self._lease, self._clock()
        if lease is not None and now < lease.renew_at:
            return lease.keys
        if lease is not None and now < lease.renew_by and self._lock.locked():
            return lease.keys
        with self._lock:
            return self._current().keys

    def renew(self, refused: ReadOnlyCredentials) -> bool:
        """See ``SessionKeys``: at most once a minute, however many requests are refused.

        Raises:
            RemoteError: The role can't be assumed any more.
        """
        with self._lock:
            if self._lease is None or self._lease.keys != refused:
                return True
            now = self._clock()
            if self._forced is not None and now < self._forced + _PAUSE_AFTER_REFUSAL:
                return False
            self._forced = now
            self._lease = self._assume()
            return True

    def _current(self) -> Lease:
        lease, now = self._lease, self._clock()
        if lease is not None and now < lease.renew_at:
            return lease
        usable = lease if lease is not None and now < lease.renew_by else None
        if self._refusal is not None and now < self._refusal[1]:
            if usable is None:
                raise _again(self._refusal[0])
            return usable
        try:
            self._lease = lease = self._assume()
        except RemoteError as error:
            self._refusal = (error, now + _PAUSE_AFTER_REFUSAL)
            if usable is None:
                raise
            # They are good for a while: it is tried again in a minute, and the last refusal counts when they are over.
            return usable
        return lease


def _again(error: RemoteError) -> RemoteError:
    """The same for another caller; an exception holds the stack of the one who got it."""
    return type(error)(error.what, where=error.where, advice=error.advice, status=error.status)


def _unhurried(found: Credentials | None) -> Credentials | None:
    """Credentials of a profile's role, with windows that fit a session of 15 minutes."""
    if isinstance(found, RefreshableCredentials) and found.method in _ROLE_METHODS:
        # botocore takes the windows when it makes the object, which only its own chain does here.
        found._advisory_refresh_timeout = _PROFILE_ADVISORY  # type: ignore[attr-defined]  # noqa: SLF001
        found._mandatory_refresh_timeout = _PROFILE_MANDATORY  # type: ignore[attr-defined]  # noqa: SLF001
    return found
