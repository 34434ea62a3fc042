"""What all repositories are read with: counted calls, a cache, patience and limits."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from ingest_assets.calls import Calls
from ingest_assets.errors import RecipeError, RemoteError, UnavailableError
from ingest_assets.sources.git.caching import Cache, NoCache
from ingest_assets.sources.git.files import Limits

Outcome = TypeVar("Outcome")


@dataclass(frozen=True)
class Patience:
    """How long another system is waited for.

    Attributes:
        timeouts: Seconds to connect, and between two bytes of an answer.
        retries: Times that a call is repeated at most.
        shortest: Seconds of the first pause at most; each further one may be twice as long.
        longest: Seconds of any pause at most; who asks for a longer one is not waited for.
        whole: Seconds that one call of another program may take.
        sleep: Waits for so many seconds.
    """

    timeouts: tuple[float, float] = (10.0, 60.0)
    retries: int = 5
    shortest: float = 0.5
    longest: float = 60.0
    whole: float = 600.0
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def persevere(self, operation: str, calls: Calls, attempt: Callable[[], Outcome]) -> Outcome:
        """What the first attempt that succeeds brings.

        Raises:
            RemoteError: No attempt succeeded, or none can, or the wait that was asked for is too long.
            DeadlineExceededError: The run's time is over.
        """
        for number in itertools.count():
            try:
                return attempt()
            except RemoteError as error:
                pause = self._pause(error, number, calls.remaining())
                if pause is None:
                    if number == 0:
                        raise
                    raise _after(error, number + 1) from error
            self.sleep(pause)
            calls.retry(operation)
        raise AssertionError  # pragma: no cover - count() has no end

    def _pause(self, error: RemoteError, attempt: int, remaining: float | None) -> float | None:
        """Seconds to wait before the next attempt: full jitter, never less than was asked for; None: there is none."""
        if not error.retryable or attempt >= self.retries:
            return None
        wished = error.wait if isinstance(error, UnavailableError) else None
        if wished is not None and wished > self.longest:
            return None
        pause = max(random.uniform(0, min(self.longest, self.shortest * 2**attempt)), wished or 0.0)  # noqa: S311
        return pause if remaining is None or pause < remaining else None


class Reading(NamedTuple):
    """What repositories are read with.

    Attributes:
        calls: Counts calls, and knows the deadline.
        cache: What earlier runs read.
        patience: Timeouts and retries.
        limits: What a repository may hold.
    """

    calls: Calls
    cache: Cache = NoCache()
    patience: Patience = Patience()
    limits: Limits = Limits()


def checked_secret(secret: str | None, of: str) -> str | None:
    """A token or password that can be sent.

    Args:
        secret: Or none.
        of: The repository, for the message.

    Raises:
        RecipeError: It can't.
    """
    if secret is not None and not (secret and secret.isascii() and secret.isprintable() and " " not in secret):
        raise RecipeError(f"the token for {of} is empty or holds what no token has, such as a line break or a blank.")
    return secret


def _after(error: RemoteError, attempts: int) -> RemoteError:
    """The error, saying how often it was tried."""
    what = f"{error.what.rstrip('.')} (tried {attempts} times)."
    told = type(error)(what, where=error.where, advice=error.advice, status=error.status)
    if isinstance(told, UnavailableError) and isinstance(error, UnavailableError):
        told.wait = error.wait
    return told
