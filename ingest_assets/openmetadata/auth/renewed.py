"""A token that somebody gives for a while: asked for once however many threads wait, and renewed before it expires."""

from __future__ import annotations

import itertools
import math
import threading
import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

from ingest_assets.calls import Calls
from ingest_assets.errors import RemoteError, UnavailableError
from ingest_assets.openmetadata.auth.tokens import expires_at
from ingest_assets.openmetadata.patience import Patience

EARLY = 120.0
"""Seconds before its expiry at which a token is renewed; of one that lives shorter than 480 seconds, a quarter."""

HOLD = 30.0
"""Seconds for which nobody asks again after the provider was asked in vain, and could not be reached."""

SETTLED = 60.0
"""Seconds after a 401 was answered with a new token within which a 401 on that one is not; or half its life."""

_PATIENCE = Patience(retries=2)


class Granted(NamedTuple):
    """What was given.

    Attributes:
        token: The token.
        lifetime: Seconds from now for which it is good; None if nobody says.
    """

    token: str
    lifetime: float | None


class SignOn(Protocol):
    """One way to get a token. ``RenewedToken`` sees to it that one thread at a time asks."""

    @property
    def provider(self) -> str:
        """The recipe's ``authProvider``."""
        ...

    def grant(self) -> Granted:
        """Ask for a token: one request, or a second one where the first is refused for its form.

        Raises:
            AuthenticationError: The provider refuses; the message names it and the recipe's key.
            RemoteError: It can't be reached, or answers what can't be used.
            DeadlineExceededError: The run's time is over.
        """
        ...

    def advice(self) -> str:
        """What to do when OpenMetadata refuses a token that the provider has just given."""
        ...


class _Held(NamedTuple):
    """A token, and when to part with it, by ``clock``."""

    token: str
    due: float
    ends: float
    settled: float
    answers_refusal: bool


class _Failure(NamedTuple):
    error: RemoteError
    until: float


class RenewedToken:
    """A ``TokenSource`` on top of a way to sign on. Safe to share among threads.

    A refusal is final: it is told to everybody from then on, and the provider is not asked again, because a wrong
    secret that is sent once for each table locks accounts. A provider that can't be reached is left alone for ``HOLD``
    seconds, and a token that is still good is used as long as it is.

    Args:
        sign_on: How a token is got.
        calls: Counts retries, and knows the run's deadline.
        patience: How often, and after which pauses, a provider that can't be reached is asked again.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        sign_on: SignOn,
        calls: Calls,
        patience: Patience = _PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sign_on = sign_on
        self._calls = calls
        self._patience = patience
        self._clock = clock
        self._lock = threading.Lock()
        self._held: _Held | None = None
        self._failure: _Failure | None = None

    def __repr__(self) -> str:
        """Without the token."""
        return f"RenewedToken({self._sign_on.provider})"

    def token(self) -> str:
        """The token to send now, a new one if need be.

        Raises:
            RemoteError: There is none, as ``SignOn.grant`` says.
            DeadlineExceededError: The run's time is over.
        """
        held = self._held
        now = self._clock()
        if held is not None and now < held.due:
            return held.token
        # While it is still good, one thread renews it and the others go on with it.
        still_good = held is not None and now < held.ends
        if not self._lock.acquire(blocking=not still_good):
            return held.token if held is not None else self.token()
        try:
            return self._renewed_when_due()
        finally:
            self._lock.release()

    def renew(self, refused: str) -> bool:
        """After a 401: get a new token, unless another thread has, or the last new one was refused just as well.

        Raises:
            RemoteError: There is none, as ``SignOn.grant`` says.
            DeadlineExceededError: The run's time is over.
        """
        with self._lock:
            held = self._held
            if held is not None and held.token != refused:
                return True
            now = self._clock()
            if held is not None and held.answers_refusal and now < held.settled:
                return False
            granted = self._granted(now)
            self._hold(granted, now, answers_refusal=True)
            return granted.token != refused

    def explain(self, refused: str) -> str:
        """Expired before its time, or not accepted for what it is."""
        provider = self._sign_on.provider
        expiry = expires_at(refused)
        if expiry is not None and expiry <= time.time():
            return f"The token that {provider} gave has expired: do the clocks of the machines agree?"
        return self._sign_on.advice()

    def _renewed_when_due(self) -> str:
        held, now = self._held, self._clock()
        if held is not None and now < held.due:
            return held.token
        try:
            granted = self._granted(now)
        except RemoteError:
            if held is None or self._clock() >= held.ends:
                raise
            self._held = held._replace(due=min(self._clock() + HOLD, held.ends))
            return held.token
        return self._hold(granted, now, answers_refusal=False)

    def _hold(self, granted: Granted, now: float, *, answers_refusal: bool) -> str:
        # Zero and less is what some servers say of tokens without an end.
        life = granted.lifetime if granted.lifetime is not None and granted.lifetime > 0 else math.inf
        early = min(EARLY, life / 4)
        self._held = _Held(granted.token, now + life - early, now + life, now + min(SETTLED, life / 2), answers_refusal)
        return granted.token

    def _granted(self, now: float) -> Granted:
        if self._failure is not None and now < self._failure.until:
            raise _again(self._failure.error)
        for attempt in itertools.count():
            try:
                granted = self._sign_on.grant()
            except RemoteError as error:
                wished = error.wait if isinstance(error, UnavailableError) else None
                if error.retryable and attempt < self._patience.retries:
                    self._wait(self._patience.pause(attempt, wished))
                    continue
                hold = max(HOLD, wished or 0) if error.retryable else math.inf
                self._failure = _Failure(error, self._clock() + hold)
                raise
            self._failure = None
            return granted
        raise AssertionError  # pragma: no cover - count() has no end

    def _wait(self, seconds: float) -> None:
        remaining = self._calls.remaining()
        self._patience.sleep(seconds if remaining is None else min(seconds, remaining))
        self._calls.retry(f"sign-on {self._sign_on.provider}")


def _again(error: RemoteError) -> RemoteError:
    """The same error for another thread: one object raised by several would mix up their tracebacks."""
    return type(error)(error.what, where=error.where, advice=error.advice, status=error.status)
